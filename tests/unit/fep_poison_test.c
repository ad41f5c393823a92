// SPDX-License-Identifier: Apache-2.0
/*
 * Fragments that mean harm by what they hold: values that are no numbers in every variation that can carry
 * them, times at the edge of 48 bits, the longest strings, the highest indexes. They are stored or go to
 * quarantine with the next commit, a healthy station's fragment beside them does too, and whoever reads the
 * store, by API or by view, can.
 */
#include "fep/committer.h"
#include "fep/ingest_points.h"
#include "fep/outbox.h"
#include "fep/publisher/feed.h"
#include "protocol/strings.h"
#include "support/cm.h"
#include "support/database.h"

#include <jansson.h>
#include <math.h>

enum { HOSTILE = 1, HEALTHY = 2, LARGE = 65535 };

static const uint64_t TIME_LAST = (UINT64_C(1) << 48) - 1;

struct rig {
    struct database *db;
    struct committer *committer;
    struct outbox box;
    struct instant at;
    uint64_t ticket;
    uint8_t octets[LARGE];
};

static void begin(struct rig *r)
{
    struct committer_options options = {.workers = 1,
                                        .commit_interval_ms = 2,
                                        .checkpoint_interval_ms = 100,
                                        .quarantine_per_station = 100,
                                        .quarantine_total = 100};
    r->committer = committer_new(r->db->store, &options, &r->at);
    assert_non_null(r->committer);
    outbox_init(&r->box, 0, 1 << 24);
}

static int setup(void **state)
{
    struct rig *r = calloc(1, sizeof *r);
    uint32_t number;
    r->db = database_new();
    r->at = (struct instant){.now_ms = 1000, .wall_ms = 1735689600000};
    assert_int_equal(store_register_station(r->db->store, "hostile", &number), STORE_OK);
    assert_int_equal(store_register_station(r->db->store, "healthy", &number), STORE_OK);
    begin(r);
    *state = r;
    return 0;
}

static void end(struct rig *r)
{
    committer_free(r->committer);
    outbox_free(&r->box);
}

static int teardown(void **state)
{
    struct rig *r = *state;
    end(r);
    database_free(r->db);
    free(r);
    return 0;
}

static void add(struct rig *r, uint32_t station, const uint8_t *octets, size_t len)
{
    struct master_news news = {.kind = MASTER_FRAGMENT,
                               .ticket = ++r->ticket,
                               .unsolicited = true,
                               .first = true,
                               .confirm_asked = true};
    assert_int_equal(app_parse(octets, len, &news.fragment), APP_OK);
    news.summary = measure_summarise(&news.fragment);
    assert_true(
        outbox_fragment(&r->box, NULL, &news, station, r->ticket, r->ticket, &r->at, r->at.now_ms * 1000));
}

/* Both in one batch, one step of the committer, both durable. Returns how many rows it made. */
static uint64_t hear(struct rig *r, const struct writer *w)
{
    static const uint8_t healthy[] = {0xF0, 0x82, 0, 0, 0x20, 0x01, 0x17, 0x01, 0x01, 0x01, 0, 0, 0, 0x02};
    const struct committer_status *status = committer_status(r->committer);
    uint64_t rows = status->rows, fragments = status->fragments;
    assert_false(w->failed);
    add(r, HOSTILE, w->begin, writer_len(w));
    add(r, HEALTHY, healthy, sizeof healthy);
    assert_true(r->box.waiting_octets < 256 * writer_len(w) + 4096);
    struct batch *b = outbox_close(&r->box);
    uint64_t number = b->number;
    committer_take(r->committer, b);
    r->at.now_ms += 10;
    committer_step(r->committer, &r->at);
    assert_true(committer_durable(r->committer, 0) == number);
    outbox_durable(&r->box, number);
    struct held held;
    size_t confirms = 0;
    while (outbox_next_held(&r->box, &held))
        confirms++;
    assert_int_equal(confirms, 0); /* those of this test belong to no session */
    assert_int_equal(status->fragments, fragments + 2);
    assert_int_equal(status->failing_since_ms, 0);
    return status->rows - rows - 1;
}

static struct writer response(struct rig *r)
{
    struct writer w = writer_over(r->octets, sizeof r->octets);
    app_write_response(&w, 0xF0, 0x82, 0);
    return w;
}

/* Header by two octets of index, from the highest one downwards. */
static void write_header(struct writer *w, uint8_t group, uint8_t variation, unsigned count)
{
    write_octets(w, (const uint8_t[]){group, variation, 0x28}, 3);
    write_uint(w, count, 2);
}

static const double poisons[] = {(double)NAN, -(double)NAN, (double)INFINITY,      -(double)INFINITY,
                                 -0.0,        5e-324,       1.7976931348623157e308};
enum { POISONS = sizeof poisons / sizeof poisons[0] };

static bool carries_a_float(const struct object_type *type)
{
    return object_is_measured(type) && (type->value == VALUE_F32 || type->value == VALUE_F64);
}

static void write_poisons(struct writer *w, const struct object_type *type)
{
    write_header(w, type->group, type->variation, POISONS);
    for (unsigned i = 0; i < POISONS; i++) {
        const struct measurement m = {.value = poisons[i],
                                      .time_ms = TIME_LAST,
                                      .index = UINT16_MAX - 16U * type->variation - i,
                                      .type = type->point,
                                      .flags = FLAG_ONLINE,
                                      .time_quality = TIME_SYNCHRONISED};
        write_uint(w, m.index, 2);
        object_encode(w, type, &m, TIME_LAST);
    }
}

static void expect_json(const struct json *j)
{
    json_error_t error;
    json_t *value = json_loadb(j->text, j->len, 0, &error);
    if (!value)
        fail_msg("%.*s: %s", (int)j->len, j->text, error.text);
    json_decref(value);
}

/* So are the present values. */
static void read_points_as_json(struct rig *r, struct feed *feed, struct json *j)
{
    size_t len;
    const struct point_image *p =
        ingest_points(ingest_station(committer_ingest(r->committer), HOSTILE), &len);
    for (size_t i = 0; i < len; i++) {
        json_clear(j);
        feed_point(feed, j, HOSTILE, &p[i], i % 2);
        json_end(j);
        expect_json(j);
    }
}

/* Each row of the journal as the API tells it is JSON. Returns how many there were. */
static size_t read_as_json(struct rig *r)
{
    struct journal_reader *reader = database_reader(r->db);
    struct feed feed = {.reader = reader, .journal_id = store_journal_id(r->db->store)};
    struct json j = {0};
    static struct journal_row rows[20000];
    size_t len = sizeof rows / sizeof rows[0];
    int64_t to;
    assert_int_equal(reader_rows(reader, 0, NULL, rows, &len, &to), STORE_OK);
    for (size_t i = 0; i < len; i++) {
        json_clear(&j);
        feed_row(&feed, &j, &rows[i]);
        expect_json(&j);
    }
    read_points_as_json(r, &feed, &j);
    json_free(&j);
    feed_free(&feed);
    reader_close(reader);
    return len;
}

/* Each column of the views that people read. */
static void read_views(struct rig *r)
{
    static const char *const columns = "total(length(value)) + total(length(raw_value)) + "
                                       "total(length(flags)) + total(length(time)) + total(length(received)) "
                                       "+ total(length(text)) + total(length(octets)) > 0";
    static const char *const views[] = {"events", "current_values"};
    for (size_t i = 0; i < 2; i++) {
        char sql[400];
        snprintf(sql, sizeof sql, "SELECT %s FROM %s", columns, views[i]);
        assert_int_equal(database_integer(r->db, sql), 1);
        snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM %s WHERE time_quality = 'synchronised' AND time IS NULL", views[i]);
        assert_int_equal(database_integer(r->db, sql), 0);
    }
}

/* What the process would know after a crash. */
static void recover(struct rig *r)
{
    size_t before, after;
    assert_true(committer_finish(r->committer, &r->at));
    ingest_points(ingest_station(committer_ingest(r->committer), HOSTILE), &before);
    end(r);
    database_reopen(r->db);
    begin(r);
    ingest_points(ingest_station(committer_ingest(r->committer), HOSTILE), &after);
    assert_int_equal(before, after);
}

static void no_number_in_every_variation_is_stored(void **state)
{
    struct rig *r = *state;
    size_t types, variations = 0;
    const struct object_type *type = object_types(&types);
    for (size_t i = 0; i < types; i++) {
        if (!carries_a_float(&type[i]))
            continue;
        struct writer w = response(r);
        write_poisons(&w, &type[i]);
        assert_int_equal(hear(r, &w), POISONS);
        variations++;
    }
    assert_true(variations >= 20);
    assert_int_equal(committer_status(r->committer)->quarantined, 0);
    assert_true(committer_finish(r->committer, &r->at));
    assert_true(read_as_json(r) > variations * POISONS);
    read_views(r);
    recover(r);
    const struct point_image *p = points_find(ingest_station(committer_ingest(r->committer), HOSTILE),
                                              POINT_ANALOG_INPUT, UINT16_MAX - 16U * 5);
    assert_non_null(p);
    assert_true(isnan(p->value));
}

static void times_at_the_edge_are_stored(void **state)
{
    struct rig *r = *state;
    struct writer w = response(r);
    write_header(&w, 2, 2, 2);
    for (uint32_t i = 0; i < 2; i++) {
        write_uint(&w, i, 2);
        write_uint(&w, 0x81, 1);
        write_uint(&w, i ? TIME_LAST : 1, 6);
    }
    write_octets(&w, (const uint8_t[]){51, 1, 0x07, 1}, 4);
    write_uint(&w, TIME_LAST, 6);
    write_header(&w, 2, 3, 1);
    write_uint(&w, 7, 2);
    write_uint(&w, 0x81, 1);
    write_uint(&w, UINT16_MAX, 2);
    assert_int_equal(hear(r, &w), 3);
    assert_int_equal(hear(r, &w), 0); /* all of them known again */
    assert_int_equal(database_integer(r->db, "SELECT max(time_ms) FROM event"),
                     (int64_t)(TIME_LAST + UINT16_MAX));
    assert_int_equal(committer_status(r->committer)->quarantined, 0);
    recover(r);
    assert_int_equal(hear(r, &w), 0);
    read_as_json(r);
    read_views(r);
}

static void the_longest_strings_are_stored(void **state)
{
    struct rig *r = *state;
    uint8_t octets[255];
    for (unsigned i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)i;
    struct writer w = response(r);
    for (uint32_t i = 0; i < 7; i++)
        string_write(&w, 111, UINT16_MAX - i, octets, sizeof octets);
    assert_int_equal(hear(r, &w), 7);
    assert_int_equal(committer_status(r->committer)->quarantined, 0);
    assert_int_equal(database_integer(r->db, "SELECT count(*) FROM event WHERE type = 11 AND length(value) "
                                             "= 255"),
                     7);
    recover(r);
    assert_int_equal(hear(r, &w), 7); /* they have no time: again, with the mark */
    assert_int_equal(
        database_integer(r->db, "SELECT sum(possible_repeat) FROM events WHERE station = 'hostile'"), 7);
    read_as_json(r);
    read_views(r);
}

static void a_fragment_of_65536_indexes_is_stored(void **state)
{
    struct rig *r = *state;
    struct writer w = response(r);
    object_write_range(&w, 1, 1, 0, UINT16_MAX);
    for (unsigned i = 0; i < 65536 / 8; i++)
        write_uint(&w, 0xA5, 1);
    assert_int_equal(hear(r, &w), 65536);
    assert_int_equal(hear(r, &w), 0);
    recover(r);
}

/* A few octets that claim as many cost nothing, and are kept for people to look at. */
static void a_claim_of_65536_values_is_quarantined(void **state)
{
    struct rig *r = *state;
    static const uint8_t groups[][2] = {{1, 1}, {30, 5}, {32, 7}, {111, 255}, {110, 255}, {10, 1}};
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        struct writer w = response(r);
        object_write_range(&w, groups[i][0], groups[i][1], 0, UINT16_MAX);
        write_uint(&w, 0, 1);
        assert_int_equal(hear(r, &w), 1); /* the record of it */
        assert_int_equal(committer_status(r->committer)->quarantined, i + 1);
    }
    read_as_json(r);
    assert_int_equal(database_integer(r->db, "SELECT count(*) FROM quarantined WHERE len > 4"), 6);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(no_number_in_every_variation_is_stored), TEST(times_at_the_edge_are_stored),
        TEST(the_longest_strings_are_stored),         TEST(a_fragment_of_65536_indexes_is_stored),
        TEST(a_claim_of_65536_values_is_quarantined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
