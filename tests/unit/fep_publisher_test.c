// SPDX-License-Identifier: Apache-2.0
// The publisher's answers to single requests: events by cursor, snapshots, consumers, health, limits.
#include "tests/support/publisher_rig.h"

#include <inttypes.h>
#include <math.h>

#include <jansson.h>
#include <sqlite3.h>

/* The lines of an answer, each checked to be JSON. */
static json_t *line_of(const char *body, size_t number)
{
    for (size_t i = 0; i < number && body; i++) {
        body = strchr(body, '\n');
        body = body ? body + 1 : NULL;
    }
    if (body == NULL || *body == '\0')
        return NULL;
    json_t *line = json_loadb(body, strcspn(body, "\n"), 0, NULL);
    assert_non_null(line);
    return line;
}

static const char *string_in(json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "(none)";
}

/* One commit with a row; the object that tells of it. */
static json_t *event_of(struct rig *r, struct journal_row row)
{
    char target[128];
    snprintf(target, sizeof target, "/v1/events?after=%" PRId64 "-%" PRId64, r->journal_id, r->newest);
    rig_commit(r, &row, 1);
    struct answer a = ask(r, "GET", target, "");
    assert_int_equal(a.code, 200);
    assert_non_null(strstr(a.text, "Content-Type: application/x-ndjson\r\n"));
    json_t *event = line_of(a.body, 0), *next = line_of(a.body, 1);
    assert_string_equal(string_in(event, "cursor"), string_in(next, "next"));
    assert_int_equal(json_integer_value(json_object_get(event, "sequence")), r->newest);
    assert_non_null(strstr(a.text, "Fep-Next-Cursor: "));
    assert_non_null(strstr(strstr(a.text, "Fep-Next-Cursor: "), string_in(next, "next")));
    assert_null(line_of(a.body, 2));
    json_decref(next);
    free(a.text);
    return event;
}

static void test_event_fields(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    json_t *e = event_of(r, (struct journal_row){.value = 1,
                                                 .station = 2,
                                                 .index = 3,
                                                 .type = POINT_BINARY_INPUT,
                                                 .flags = FLAG_ONLINE | FLAG_CHATTER_FILTER,
                                                 .received_ms = 1700000000000,
                                                 .origin = ORIGIN_EVENT,
                                                 .marks = MARK_POSSIBLE_REPEAT});
    assert_string_equal(string_in(e, "station"), "s\"\xc3\xbc"
                                                 "d");
    assert_string_equal(string_in(e, "point"), "Breaker \"Q0\"");
    assert_string_equal(string_in(e, "type"), "binary_input");
    assert_string_equal(string_in(e, "state"), "closed");
    assert_string_equal(string_in(e, "origin"), "event_poll");
    assert_true(json_is_null(json_object_get(e, "time")));
    assert_string_equal(string_in(e, "time_quality"), "none");
    assert_true(json_is_true(json_object_get(e, "possible_repeat")));
    assert_true(json_is_false(json_object_get(e, "hist")));
    assert_string_equal(json_string_value(json_array_get(json_object_get(e, "quality"), 1)),
                        "chatter_filter");
    json_decref(e);

    e = event_of(r, (struct journal_row){.value = 11000,
                                         .station = 1,
                                         .index = 7,
                                         .type = POINT_ANALOG_INPUT,
                                         .time_quality = TIME_SYNCHRONISED,
                                         .time_ms = 1700000000123,
                                         .received_ms = 1700000000456,
                                         .origin = ORIGIN_UNSOLICITED,
                                         .marks = MARK_HIST});
    assert_true(json_number_value(json_object_get(e, "value")) == 111);
    assert_true(json_number_value(json_object_get(e, "raw")) == 11000);
    assert_string_equal(string_in(e, "unit"), "kV");
    assert_string_equal(string_in(e, "time"), "2023-11-14T22:13:20.123Z");
    assert_string_equal(string_in(e, "time_quality"), "synchronised");
    assert_string_equal(string_in(e, "received"), "2023-11-14T22:13:20.456Z");
    assert_string_equal(string_in(e, "origin"), "unsolicited");
    assert_true(json_is_true(json_object_get(e, "hist")));
    json_decref(e);
    rig_stop(r);
}

static void test_odd_event_fields(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    json_t *e = event_of(r, (struct journal_row){.value = (double)NAN,
                                                 .station = 99,
                                                 .index = 4000000000,
                                                 .type = POINT_ANALOG_INPUT,
                                                 .time_ms = 5,
                                                 .time_quality = TIME_INVALID,
                                                 .received_ms = 1,
                                                 .origin = ORIGIN_STATIC});
    assert_true(json_is_null(json_object_get(e, "station")));
    assert_true(json_is_null(json_object_get(e, "point")));
    assert_true(json_is_null(json_object_get(e, "time")));
    assert_string_equal(string_in(e, "value"), "NaN");
    assert_string_equal(string_in(e, "raw"), "NaN");
    assert_true(json_integer_value(json_object_get(e, "index")) == 4000000000);
    assert_string_equal(string_in(e, "time_quality"), "invalid");
    assert_string_equal(string_in(e, "origin"), "static");
    json_decref(e);

    e = event_of(r, (struct journal_row){.station = 1,
                                         .index = HOLE_COMM_BACK,
                                         .type = ROW_HOLE,
                                         .time_ms = 1700000000000,
                                         .received_ms = 1700000001000,
                                         .origin = ORIGIN_FEP});
    assert_string_equal(string_in(e, "type"), "hole");
    assert_string_equal(string_in(e, "reason"), "comm_back");
    assert_string_equal(string_in(e, "from"), "2023-11-14T22:13:20.000Z");
    assert_string_equal(string_in(e, "to"), "2023-11-14T22:13:21.000Z");
    assert_string_equal(string_in(e, "origin"), "fep");
    json_decref(e);

    e = event_of(r, (struct journal_row){
                        .station = 1, .type = POINT_BINARY_COMMAND, .flags = 7, .origin = ORIGIN_EVENT});
    assert_int_equal(json_integer_value(json_object_get(e, "status")), 7);
    assert_int_equal(json_array_size(json_object_get(e, "quality")), 0);
    json_decref(e);
    rig_stop(r);
}

static void test_octet_strings(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    static const struct {
        const char *octets;
        uint8_t len;
        const char *value, *raw, *encoding;
    } rows[] = {
        {"Feeder \"7\" \xc3\xbc", 13, "Feeder \"7\" \xc3\xbc", "4665656465722022372220c3bc", "utf-8"},
        {"", 0, "", "", "utf-8"},
        {"a\0b", 3, "610062", "610062", "hex"},
        {"line\n", 5, "6c696e650a", "6c696e650a", "hex"},
        {"\xff\xfe", 2, "fffe", "fffe", "hex"},
        {"\xc3", 1, "c3", "c3", "hex"},         /* a sequence cut off */
        {"\xc2\x85", 2, "c285", "c285", "hex"}, /* a control character of two octets */
        {"\x7f", 1, "7f", "7f", "hex"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *e = event_of(r, (struct journal_row){.octets = (const uint8_t *)rows[i].octets,
                                                     .octets_len = rows[i].len,
                                                     .station = 1,
                                                     .index = 4,
                                                     .type = POINT_OCTET_STRING,
                                                     .flags = FLAG_ONLINE,
                                                     .received_ms = 1700000000000,
                                                     .origin = ORIGIN_EVENT});
        assert_string_equal(string_in(e, "type"), "octet_string");
        assert_string_equal(string_in(e, "value"), rows[i].value);
        assert_string_equal(string_in(e, "encoding"), rows[i].encoding);
        assert_string_equal(string_in(e, "raw"), rows[i].raw);
        json_decref(e);
    }
    rig_stop(r);
}

/* Reads a whole answer of values that are their sequence; returns its next cursor's sequence. */
static int64_t check_run(const char *body, int64_t first, int64_t step, size_t *count)
{
    static const char word[] = "\"sequence\":";
    int64_t expected = first, next = -1;
    *count = 0;
    for (const char *end; *body; body = end + 1) {
        end = strchr(body, '\n');
        assert_non_null(end);
        assert_int_equal(next, -1); /* the cursor is the last line */
        if (strncmp(body, "{\"next\":", 8) == 0) {
            next = strtoll(strchr(body, '-') + 1, NULL, 10);
            continue;
        }
        const char *sequence = memmem(body, (size_t)(end - body), word, sizeof word - 1);
        assert_non_null(sequence);
        assert_int_equal(strtoll(sequence + sizeof word - 1, NULL, 10), expected);
        expected += step;
        (*count)++;
    }
    return next;
}

static void test_events_in_pages(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    size_t count;
    rig_events(r, 25000);
    struct answer a = get(r, "/v1/events");
    assert_int_equal(check_run(a.body, 1, 1, &count), 1000); /* the default limit */
    assert_int_equal(count, 1000);
    free(a.text);
    a = get(r, "/v1/events?limit=20000&after=%" PRId64 "-1000", r->journal_id);
    assert_int_equal(check_run(a.body, 1001, 1, &count), 21000);
    assert_int_equal(count, 20000);
    free(a.text);
    a = get(r, "/v1/events?limit=100000&after=%" PRId64 "-21000", r->journal_id);
    assert_int_equal(check_run(a.body, 21001, 1, &count), 25000);
    free(a.text);
    a = get(r, "/v1/events?after=%" PRId64 "-25000", r->journal_id); /* nothing more: the cursor stays */
    assert_int_equal(check_run(a.body, 0, 1, &count), 25000);
    assert_int_equal(count, 0);
    free(a.text);
    rig_stop(r);
}

static void test_events_filtered(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    size_t count;
    rig_events(r, 45000);
    struct answer a = get(r, "/v1/events?limit=100000&station=north"); /* the even ones */
    assert_int_equal(check_run(a.body, 2, 2, &count), 45000);
    assert_int_equal(count, 22500);
    free(a.text);
    a = get(r, "/v1/events?station=s%%22%%C3%%BCd&type=analog_input&limit=7");
    assert_int_equal(check_run(a.body, 1, 2, &count), 13);
    assert_int_equal(count, 7);
    free(a.text);
    /* Out of the database, where the next that passes lies beyond the end. */
    a = get(r, "/v1/events?station=north&before=%" PRId64 "-100", r->journal_id);
    assert_int_equal(check_run(a.body, 2, 2, &count), 99);
    assert_int_equal(count, 49);
    free(a.text);
    a = get(r, "/v1/events?type=hole"); /* none: the cursor tells that all was looked at */
    assert_int_equal(check_run(a.body, 0, 1, &count), 45000);
    assert_int_equal(count, 0);
    free(a.text);
    rig_stop(r);
}

static void test_cursors_that_cannot_be_served(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    rig_events(r, 3000);
    rig_forget(r, 2001);
    char bounds[128];
    snprintf(bounds, sizeof bounds, "\"oldest\":\"%" PRId64 "-2000\",\"newest\":\"%" PRId64 "-3000\"",
             r->journal_id, r->journal_id);
    expect(get(r, "/v1/events?after=%" PRId64 "-1999", r->journal_id), 410, bounds);
    expect(get(r, "/v1/events?after=%" PRId64 "-2000&limit=1", r->journal_id), 200, "\"sequence\":2001,");
    expect(get(r, "/v1/events?limit=1"), 200, "\"sequence\":2001,");
    expect(get(r, "/v1/events?after=%" PRId64 "-3001", r->journal_id), 410, "ahead of the newest");
    expect(get(r, "/v1/events?after=%" PRId64 "-2500", r->journal_id ^ 1), 410, "another journal");
    static const char *const malformed[] = {
        "", "5", "-", "1-", "-1", "1-1-1", "1-1x", "01-1", "1-9223372036854775808"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        expect(get(r, "/v1/events?after=%s", malformed[i]), 400, "\"parameter\":\"after\"");
    rig_stop(r);
}

static void test_parameters(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    static const char *const limits[] = {"0", "100001", "-1", "x", "", "99999999999999999999", "5x"};
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++)
        expect(get(r, "/v1/events?limit=%s", limits[i]), 400, "\"parameter\":\"limit\"");
    expect(get(r, "/v1/events?type=nonsense"), 400, "\"parameter\":\"type\"");
    expect(get(r, "/v1/events?station=nowhere"), 404, "\"parameter\":\"station\"");
    expect(get(r, "/v1/events?limt=5"), 400, "\"parameter\":\"limt\"");
    expect(get(r, "/v1/events?limit=5&limit=6"), 400, "twice");
    expect(get(r, "/v1/events?limit"), 400, "query");
    expect(get(r, "/v1/points"), 400, "\"parameter\":\"station\"");
    expect(get(r, "/v1/points?station=nowhere"), 404, "application/problem+json");
    expect(get(r, "/v1/stations/nowhere"), 404, "application/problem+json");
    expect(get(r, "/v1/stations/nor%%00th"), 400, "path");
    expect(get(r, "/v1/nothing"), 404, "application/problem+json");
    expect(get(r, "/page/none.js"), 404, "application/problem+json");
    expect(get(r, "/"), 200, "text/html");
    expect(ask(r, "POST", "/v1/events", "x"), 405, "Allow: GET, HEAD\r\n");
    expect(ask(r, "DELETE", "/v1/consumers/a", ""), 405, "Allow: GET, HEAD, PUT\r\n");
    expect(ask(r, "OPTIONS", "/v1/events", ""), 405, "Allow:");
    rig_stop(r);
}

static int64_t sequence_of(const char *body, size_t line)
{
    json_t *event = line_of(body, line);
    int64_t seq = json_integer_value(json_object_get(event, "sequence"));
    json_decref(event);
    return seq;
}

static void test_newest_first(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    char next[64];
    rig_events(r, 1000);
    struct answer a = get(r, "/v1/events?order=newest&limit=3&station=north");
    for (size_t i = 0; i < 3; i++) /* those of even sequence */
        assert_int_equal(sequence_of(a.body, i), 1000 - 2 * (int64_t)i);
    snprintf(next, sizeof next, "%" PRId64 "-996", r->journal_id);
    assert_non_null(strstr(a.text, next));
    free(a.text);
    a = get(r, "/v1/events?order=newest&before=%s&limit=1000", next);
    assert_int_equal(sequence_of(a.body, 0), 995);
    assert_int_equal(sequence_of(a.body, 994), 1);
    free(a.text);
    expect(get(r, "/v1/events?order=newest&before=7-1"), 400, "\"parameter\":\"before\"");
    expect(get(r, "/v1/events?order=upwards"), 400, "oldest or newest is expected");
    rig_stop(r);
}

static void test_events_by_time_and_point(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    rig_events(r, 20);
    /* The time of an event is 1700000000000 + its sequence: 2023-11-14T22:13:20. */
    struct answer a = get(r, "/v1/events?from=2023-11-14T22:13:20.005Z&to=1700000000007");
    assert_int_equal(sequence_of(a.body, 0), 5);
    assert_int_equal(sequence_of(a.body, 2), 7);
    assert_int_equal(sequence_of(a.body, 3), 0); /* the next cursor */
    free(a.text);
    a = get(r, "/v1/events?point=analog_input:7&limit=1");
    assert_int_equal(sequence_of(a.body, 0), 1);
    free(a.text);
    a = get(r, "/v1/events?point=Voltage&limit=1");
    assert_int_equal(sequence_of(a.body, 0), 1);
    free(a.text);
    a = get(r, "/v1/events?point=analog_input:8");
    assert_int_equal(sequence_of(a.body, 0), 0);
    free(a.text);
    expect(get(r, "/v1/events?from=yesterday"), 400, "\"parameter\":\"from\"");
    expect(get(r, "/v1/events?to=2023-11-14T22:13:20.0Z"), 400, "\"parameter\":\"to\"");
    expect(get(r, "/v1/stream?point="), 400, "\"parameter\":\"point\"");
    rig_stop(r);
}

static void test_events_as_csv(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    struct journal_row formula = {.time_ms = 1700000000001,
                                  .received_ms = 1700000000002,
                                  .station = 2,
                                  .index = 9,
                                  .type = ROW_OCTET_STRING,
                                  .octets = (const uint8_t *)"=1+\"1\"",
                                  .octets_len = 6,
                                  .time_quality = TIME_SYNCHRONISED,
                                  .origin = ORIGIN_EVENT};
    rig_events(r, 1);
    rig_commit(r, &formula, 1);
    char rows[600];
    snprintf(
        rows, sizeof rows,
        "time,station,point,type,index,value,state,unit,quality,time_quality,received,origin,mark,cursor\r\n"
        "\"2023-11-14T22:13:20.001Z\",\"s\"\"\xc3\xbc"
        "d\",\"Voltage\",\"analog_input\",7,1.01,\"\",\"kV\",\"online\",\"synchronised\","
        "\"2023-11-14T22:13:20.501Z\",\"unsolicited\",\"\",\"%" PRId64 "-1\"\r\n"
        "\"2023-11-14T22:13:20.001Z\",\"s\"\"\xc3\xbc"
        "d\",\"\",\"octet_string\",9,\"'=1+\"\"1\"\"\",\"\",\"\",\"\",\"synchronised\","
        "\"2023-11-14T22:13:20.002Z\",\"event_poll\",\"\",\"%" PRId64 "-2\"\r\n",
        r->journal_id, r->journal_id);
    struct answer a = get(r, "/v1/events?format=csv");
    assert_int_equal(a.code, 200);
    assert_string_equal(a.body, rows);
    assert_non_null(strstr(a.text, "Content-Type: text/csv"));
    free(a.text);
    rig_stop(r);
}

/* What a spreadsheet may take for a number stays one; what it would reckon does not. */
static void test_csv_of_what_looks_like_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *cell;
    } strings[] = {{"-2+3+cmd|' /C calc'!A0", ",\"'-2+3+cmd|' /C calc'!A0\","},
                   {"-1.5e-07", ",\"-1.5e-07\","},
                   {"-12.5", ",\"-12.5\","},
                   {"-", ",\"'-\","}};
    struct rig *r = rig_start();
    for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
        struct journal_row row = {.station = 2,
                                  .type = ROW_OCTET_STRING,
                                  .octets = (const uint8_t *)strings[i].text,
                                  .octets_len = (uint8_t)strlen(strings[i].text),
                                  .received_ms = 1700000000002,
                                  .origin = ORIGIN_EVENT};
        rig_commit(r, &row, 1);
        expect(get(r, "/v1/events?format=csv&order=newest&limit=1"), 200, strings[i].cell);
    }
    struct journal_row tiny = {.value = -1.5e-20,
                               .station = 2,
                               .index = 8,
                               .type = POINT_ANALOG_INPUT,
                               .received_ms = 1700000000002};
    rig_commit(r, &tiny, 1);
    expect(get(r, "/v1/events?format=csv&order=newest&limit=1"), 200, ",-1.5e-20,");
    rig_stop(r);
}

/* The journal can't be read any more while an answer is under way: it must not end as a whole one does. */
static void test_answers_that_fail_are_cut(void **state)
{
    (void)state;
    static const char *const formats[] = {"ndjson", "csv"};
    for (size_t i = 0; i < 2; i++) {
        struct rig *r = rig_start();
        char text[200];
        sqlite3 *other;
        rig_events(r, 45000);
        struct client c = client_open(r);
        snprintf(text, sizeof text,
                 "GET /v1/events?limit=100000&order=newest&format=%s HTTP/1.1\r\nHost: localhost\r\n"
                 "Connection: close\r\n\r\n",
                 formats[i]);
        client_send(&c, text);
        assert_true(client_until(&c, "200 OK"));
        pthread_mutex_lock(&r->lock);
        assert_int_equal(sqlite3_open(r->path, &other), SQLITE_OK);
        assert_int_equal(sqlite3_busy_timeout(other, 5000), SQLITE_OK);
        assert_int_equal(sqlite3_exec(other, "ALTER TABLE event RENAME TO lost", NULL, NULL, NULL),
                         SQLITE_OK);
        while (client_read(&c, PATIENCE_MS))
            ;
        assert_true(c.ended);
        assert_true(c.len > 1000);
        assert_string_not_equal(c.text + c.len - 5, "0\r\n\r\n");
        assert_int_equal(sqlite3_exec(other, "ALTER TABLE lost RENAME TO event", NULL, NULL, NULL),
                         SQLITE_OK);
        sqlite3_close(other);
        pthread_mutex_unlock(&r->lock);
        client_close(&c);
        rig_stop(r);
    }
}

static void test_snapshots(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    rig_events(r, 5);
    char cursor[64];
    snprintf(cursor, sizeof cursor, "{\"cursor\":\"%" PRId64 "-5\",", r->journal_id);
    struct answer a = get(r, "/v1/stations");
    assert_int_equal(a.code, 200);
    json_t *all = line_of(a.body, 0), *list = json_object_get(all, "stations");
    assert_int_equal(strncmp(a.body, cursor, strlen(cursor)), 0);
    assert_int_equal(json_array_size(list), 2);
    json_t *north = json_array_get(list, 0), *south = json_array_get(list, 1);
    assert_string_equal(string_in(north, "name"), "north");
    assert_true(json_is_true(json_object_get(north, "online")));
    assert_string_equal(string_in(north, "last_heard"), "2023-11-14T22:13:20.001Z");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(north, "counters"), "events")), 42);
    assert_string_equal(json_string_value(json_array_get(json_object_get(north, "quirks_used"), 1)),
                        "g52_count");
    assert_string_equal(json_string_value(json_array_get(json_object_get(north, "iin"), 0)),
                        "IIN1.7 DEVICE_RESTART");
    assert_true(json_is_false(json_object_get(south, "online"))); /* never heard of, but configured */
    assert_int_equal(json_integer_value(json_object_get(south, "port")), 20002);
    json_decref(all);
    free(a.text);
    expect(get(r, "/v1/stations/s%%22%%C3%%BCd"), 200, "\"number\":2,");
    expect(get(r, "/v1/stations/north"), 200, cursor);

    a = get(r, "/v1/points?station=north");
    all = line_of(a.body, 0);
    json_t *point = json_array_get(json_object_get(all, "points"), 1);
    assert_int_equal(strncmp(a.body, cursor, strlen(cursor)), 0);
    assert_string_equal(string_in(point, "point"), "Voltage");
    assert_true(json_number_value(json_object_get(point, "value")) == 111);
    assert_null(strstr(a.body, "comm_lost"));
    json_decref(all);
    free(a.text);
    /* Off line: so is each of its points. */
    expect(get(r, "/v1/points?station=s%%22%%C3%%BCd"), 200,
           "\"quality\":[\"online\",\"comm_lost\",\"over_range\"]");
    rig_stop(r);
}

static void test_consumers(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    char body[128], stored[128];
    rig_events(r, 10);
    snprintf(body, sizeof body, "{\"cursor\":\"%" PRId64 "-7\"}", r->journal_id);
    snprintf(stored, sizeof stored, "{\"name\":\"adms.1\",\"cursor\":\"%" PRId64 "-7\"", r->journal_id);
    expect(get(r, "/v1/consumers"), 200, "{\"consumers\":[]}");
    expect(get(r, "/v1/consumers/adms.1"), 404, "acknowledged");
    expect(ask(r, "PUT", "/v1/consumers/adms.1", body), 200, stored);
    expect(get(r, "/v1/consumers/adms.1"), 200, ",\"acknowledged\":\"2023-11-14T22:13:20.000Z\"}");
    expect(get(r, "/v1/consumers"), 200, stored);

    static const char *const malformed[] = {"",
                                            "{",
                                            "[]",
                                            "{}",
                                            "{\"cursor\":7}",
                                            "{\"cursor\":\"x\"}",
                                            "{\"cursor\":\"1-1\",\"more\":1}",
                                            "{\"cursor\":\"1-1\"}x"};
    for (size_t i = 0; i < sizeof malformed / sizeof malformed[0]; i++)
        expect(ask(r, "PUT", "/v1/consumers/a", malformed[i]), 400, "\"parameter\":\"cursor\"");
    snprintf(body, sizeof body, "{\"cursor\":\"%" PRId64 "-11\"}", r->journal_id);
    expect(ask(r, "PUT", "/v1/consumers/a", body), 410, "ahead");
    expect(ask(r, "PUT", "/v1/consumers/a", "{\"cursor\":\"1-1\"}"), 410, "another journal");
    expect(ask(r, "PUT", "/v1/consumers/a%20b", body), 400, "name");
    char target[128] = "/v1/consumers/";
    memset(target + strlen(target), 'a', 65);
    expect(ask(r, "PUT", target, body), 400, "name");
    rig_stop(r);
}

static void test_store_that_does_not_answer(void **state)
{
    (void)state;
    struct rig *r = rig_start_with(32, 3000);
    rig_events(r, 1);
    r->hold = true;
    expect(get(r, "/v1/stations"), 503, "does not answer");
    expect(get(r, "/v1/events"), 200, "\"sequence\":1,"); /* the journal is another matter */
    struct client gone = client_open(r);
    client_send(&gone, "GET /v1/stations HTTP/1.1\r\nHost: localhost\r\n\r\n");
    usleep(50000);
    client_close(&gone);
    r->hold = false; /* the late answers find nobody */
    expect(get(r, "/v1/stations/north"), 200, "\"online\":true");
    r->hold = true; /* one more, for the end */
    gone = client_open(r);
    client_send(&gone, "GET /v1/stations HTTP/1.1\r\nHost: localhost\r\n\r\n");
    usleep(50000);
    rig_stop(r);
    client_close(&gone);
}

static void test_health(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    expect(get(r, "/livez"), 200, "ok\n");
    expect(get(r, "/readyz"), 200, "ok\n");
    expect(get(r, "/healthz"), 200, "\"status\":\"ok\"");
    expect(get(r, "/metrics"), 200, "fep_");
    metric_set(&r->metrics.committer.failing, 1);
    expect(get(r, "/livez"), 200, "ok\n");
    expect(get(r, "/readyz"), 503, "the store is failing");
    expect(get(r, "/healthz"), 200, "\"status\":\"failing\"");
    rig_stop(r);
}

static void test_reload(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    assert_int_equal(publisher_catalog_generation(r->publisher), 1);
    pthread_mutex_lock(&r->lock);
    struct catalog *next = rig_catalog(r, 2), *old = r->catalog;
    pthread_mutex_unlock(&r->lock);
    publisher_set_catalog(r->publisher, next);
    for (int i = 0; i < PATIENCE_MS / 10 && publisher_catalog_generation(r->publisher) != 2; i++)
        usleep(10000);
    assert_int_equal(publisher_catalog_generation(r->publisher), 2);
    catalog_free(old);
    r->catalog = next;
    expect(get(r, "/v1/stations"), 200, "\"name\":\"north\"");
    rig_stop(r);
}

static void test_headers(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    rig_events(r, 10);
    expect(get(r, "/livez"), 200, "X-Content-Type-Options: nosniff\r\n");
    expect(get(r, "/livez"), 200, "Content-Security-Policy: default-src 'none'");
    struct answer a = get(r, "/v1/events");
    assert_null(strstr(a.text, "Access-Control"));
    free(a.text);
    static const char *const targets[] = {"/livez", "/v1/events", "/v1/stream", "/v1/stations", "/metrics"};
    for (size_t i = 0; i < sizeof targets / sizeof targets[0]; i++) {
        a = ask(r, "HEAD", targets[i], "");
        assert_int_equal(a.code, 200);
        assert_string_equal(a.body, "");
        free(a.text);
    }
    expect(ask_raw(r, "GET /livez HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"), 421, "Host");
    expect(ask_raw(r, "GET /livez HTTP/1.1\r\nHost: [::1]:80\r\nConnection: close\r\n\r\n"), 200, "ok");
    expect(ask_raw(r, "GET /livez HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"), 200, "ok");
    a = ask_raw(r, "GET /v1/events HTTP/1.0\r\n\r\n"); /* no chunks in those days */
    size_t count;
    assert_int_equal(check_run(a.body, 1, 1, &count), 10);
    free(a.text);
    rig_stop(r);
}

static void test_malformed_requests(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    char *big = malloc(100000);
    expect(ask_raw(r, "nonsense\r\n\r\n"), 400, "400");
    expect(ask_raw(r, "GET /livez HTTP/1.1\r\nno colon\r\n\r\n"), 400, "400");
    struct answer a = ask_raw(r, "BREW /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\ntea");
    assert_non_null(strstr(a.text, "Connection: close\r\n"));
    expect(a, 501, "application/problem+json");
    strcpy(big, "GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ");
    memset(big + strlen(big), 'x', 10000);
    strcpy(big + 10000, "\r\n\r\n");
    a = ask_raw(r, big);
    assert_true(a.code == 400 || a.code == 413 || a.code == 431);
    free(a.text);
    strcpy(big, "PUT /v1/consumers/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70000\r\n\r\n");
    a = ask_raw(r, big);
    assert_true(a.code == 400 || a.code == 413);
    free(a.text);
    /* Two requests in one go are answered one after the other. */
    a = ask_raw(r, "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
                   "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    const char *second = strstr(a.text + 1, "HTTP/1.1 200");
    assert_non_null(second);
    free(a.text);
    free(big);
    expect(get(r, "/livez"), 200, "ok\n");
    rig_stop(r);
}

static void test_too_many_connections(void **state)
{
    (void)state;
    struct rig *r = rig_start_with(3, 60000);
    struct client held[3];
    for (size_t i = 0; i < 3; i++) {
        held[i] = client_open(r);
        client_send(&held[i], "GET /v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n");
        assert_true(client_until(&held[i], "loopback"));
    }
    expect(get(r, "/livez"), 503, "too many connections");
    expect(get(r, "/livez"), 503, "too many connections");
    assert_int_equal(metric_get(&r->metrics.publisher.refused), 2);
    client_close(&held[0]); /* one leaves, one may come */
    int code = 503;
    for (int i = 0; i < PATIENCE_MS / 10 && code == 503; i++) {
        struct answer a = get(r, "/livez");
        code = a.code;
        free(a.text);
        usleep(10000);
    }
    assert_int_equal(code, 200);
    client_close(&held[1]);
    client_close(&held[2]);
    rig_stop(r);
}

/* Whoever holds all places without a question makes room for others, but those who have asked stay. */
static void test_silent_connections_make_room(void **state)
{
    (void)state;
    static const char question[] = "GET /v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n";
    struct rig *r = rig_start_with(3, 60000);
    struct client asked = client_open(r), silent[2];
    client_send(&asked, question);
    assert_true(client_until(&asked, "loopback"));
    for (size_t i = 0; i < 2; i++) {
        silent[i] = client_open(r);
        while (metric_get(&r->metrics.publisher.connections) < 2 + i) /* the first is the older one */
            usleep(2000);
        usleep(2000);
    }
    expect(get(r, "/livez"), 200, "ok\n");
    assert_int_equal(metric_get(&r->metrics.publisher.refused), 1);
    while (client_read(&silent[0], PATIENCE_MS))
        ;
    assert_true(silent[0].ended);
    assert_non_null(strstr(silent[0].text, "too many connections"));
    client_send(&silent[1], question);
    assert_true(client_until(&silent[1], "loopback"));
    asked.at = asked.len;
    client_send(&asked, question);
    assert_true(client_until(&asked, "loopback"));
    client_close(&asked);
    client_close(&silent[0]);
    client_close(&silent[1]);
    rig_stop(r);
}

/* Those that say nothing are closed in the end, and so are those that never finish. */
static void test_idle_connections(void **state)
{
    (void)state;
    static const char *const begun[] = {
        "", "GET /livez HT", "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "PUT /v1/consumers/a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nx"};
    struct rig *r = rig_start_with(8, 300);
    struct client held[4];
    for (size_t i = 0; i < 4; i++) {
        held[i] = client_open(r);
        client_send(&held[i], begun[i]);
    }
    for (size_t i = 0; i < 4; i++) {
        while (client_read(&held[i], PATIENCE_MS))
            ;
        assert_true(held[i].ended);
        client_close(&held[i]);
    }
    rig_stop(r);
}

static void test_listens_on_loopback_only(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    static const char *const hosts[] = {"0.0.0.0", "::", "192.0.2.1", "example.com", ""};
    char error[256];
    struct publisher_options o = {.database = r->path,
                                  .max_consumers = 1,
                                  .metrics = &r->metrics,
                                  .committed = &r->committed,
                                  .answers = &r->answers,
                                  .requests = &r->requests,
                                  .wake = &r->wake,
                                  .committer_wake = &r->committer_wake};
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        o.listen_host = hosts[i];
        assert_null(publisher_start(&o, error, sizeof error));
        assert_non_null(strstr(error, i < 3 ? "without TLS only loopback" : "no IP address"));
    }
    o.listen_host = "localhost";
    o.listen_port = publisher_port(r->publisher);
    assert_null(publisher_start(&o, error, sizeof error));
    assert_non_null(strstr(error, "in use"));
    o.database = "/nonexistent/fep.db";
    assert_null(publisher_start(&o, error, sizeof error));
    assert_non_null(strstr(error, "/nonexistent/fep.db"));
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_event_fields),
        cmocka_unit_test(test_odd_event_fields),
        cmocka_unit_test(test_octet_strings),
        cmocka_unit_test(test_events_in_pages),
        cmocka_unit_test(test_events_filtered),
        cmocka_unit_test(test_cursors_that_cannot_be_served),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_newest_first),
        cmocka_unit_test(test_events_by_time_and_point),
        cmocka_unit_test(test_events_as_csv),
        cmocka_unit_test(test_csv_of_what_looks_like_numbers),
        cmocka_unit_test(test_answers_that_fail_are_cut),
        cmocka_unit_test(test_snapshots),
        cmocka_unit_test(test_consumers),
        cmocka_unit_test(test_store_that_does_not_answer),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_reload),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_malformed_requests),
        cmocka_unit_test(test_too_many_connections),
        cmocka_unit_test(test_silent_connections_make_room),
        cmocka_unit_test(test_idle_connections),
        cmocka_unit_test(test_listens_on_loopback_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
