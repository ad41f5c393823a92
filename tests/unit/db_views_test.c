// SPDX-License-Identifier: Apache-2.0
/* The public views, as a person with a SQLite tool sees them. */
#include "support/database.h"

#include <math.h>

static void expect(struct database *db, const char *sql, const char *text)
{
    const char *found = database_text(db, sql);
    if (strcmp(found, text) != 0)
        fail_msg("%s gives '%s', not '%s'", sql, found, text);
}

/* Two stations, points of the first described, and one row of each kind that a view treats apart. */
static int fill(void **state)
{
    struct database *db = database_new();
    *state = db;
    uint32_t nord = 0;
    uint32_t west = 0;
    struct stored_point points[] = {
        {.index = 3, .type = 6, .name = "voltage", .unit = "kV", .scale = 0.1, .offset = 5},
        {.index = 0, .type = 1, .name = "breaker", .unit = "", .scale = 1},
    };
    assert_int_equal(store_register_station(db->store, "Nord", &nord), STORE_OK);
    assert_int_equal(store_register_station(db->store, "West", &west), STORE_OK);
    assert_int_equal(store_describe_points(db->store, nord, points, 2), STORE_OK);
    const struct journal_row rows[] = {
        {.seq = 1,
         .station = nord,
         .type = 6,
         .index = 3,
         .value = 1100,
         .flags = 0x21,
         .time_ms = 1700000000123,
         .time_quality = 1,
         .received_ms = 1700000000456,
         .origin = ORIGIN_UNSOLICITED},
        {.seq = 2,
         .station = nord,
         .type = 1,
         .index = 0,
         .value = 1,
         .flags = 0x07,
         .received_ms = 1700000001000,
         .origin = ORIGIN_EVENT,
         .marks = MARK_POSSIBLE_REPEAT},
        {.seq = 3,
         .station = west,
         .type = 8,
         .index = 9,
         .value = 1,
         .flags = 4,
         .time_ms = 0xffffffffffff,
         .time_quality = 2,
         .received_ms = 1700000001001,
         .origin = ORIGIN_EVENT,
         .marks = MARK_HIST},
        {.seq = 4,
         .station = west,
         .type = 6,
         .index = 0,
         .value = NAN,
         .flags = 0x41,
         .received_ms = 1700000001002,
         .origin = ORIGIN_STATIC},
        {.seq = 5,
         .station = west,
         .type = 6,
         .index = 0,
         .value = -0.0,
         .received_ms = 1700000001003,
         .origin = ORIGIN_STATIC},
        {.seq = 6,
         .station = west,
         .type = ROW_HOLE,
         .index = HOLE_COMM_LOST,
         .time_ms = 1700000002000,
         .origin = ORIGIN_FEP},
        {.seq = 7,
         .station = west,
         .type = ROW_HOLE,
         .index = HOLE_COMM_BACK,
         .time_ms = 1700000002000,
         .received_ms = 1700000003000,
         .origin = ORIGIN_FEP},
    };
    database_store_rows(db, rows, sizeof rows / sizeof rows[0]);
    return 0;
}

static void events_speak_in_names_and_units(void **state)
{
    struct database *db = *state;
    expect(db, "SELECT count(*) FROM events", "5");
    expect(db,
           "SELECT station || '/' || type || '/' || point_index || '/' || point FROM events WHERE seq = 1",
           "Nord/analog_input/3/voltage");
    expect(db, "SELECT value || ' ' || unit || ' of ' || raw_value FROM events WHERE seq = 1",
           "115.0 kV of 1100.0");
    expect(db, "SELECT flags FROM events WHERE seq = 1", "online over_range");
    expect(db, "SELECT time || ' ' || time_quality FROM events WHERE seq = 1",
           "2023-11-14T22:13:20.123Z synchronised");
    expect(db, "SELECT received || ' ' || origin FROM events WHERE seq = 1",
           "2023-11-14T22:13:20.456Z unsolicited");
    expect(db, "SELECT possible_repeat || hist FROM events WHERE seq = 1", "00");
    expect(db, "SELECT possible_repeat || hist FROM events WHERE seq = 2", "10");
    expect(db, "SELECT possible_repeat || hist FROM events WHERE seq = 3", "01");
}

static void events_keep_to_what_is_known(void **state)
{
    struct database *db = *state;
    expect(db, "SELECT time FROM events WHERE seq = 2", "NULL"); /* it has none */
    expect(db, "SELECT flags FROM events WHERE seq = 2", "online restart comm_lost");
    expect(db, "SELECT point FROM events WHERE seq = 3", "NULL");
    expect(db, "SELECT value FROM events WHERE seq = 3", "1.0");
    expect(db, "SELECT flags FROM events WHERE seq = 3", "status 4");
    expect(db, "SELECT time FROM events WHERE seq = 3", "281474976710655 ms"); /* the year 10889 */
    expect(db, "SELECT value FROM events WHERE seq = 4", "NULL");
    expect(db, "SELECT flags FROM events WHERE seq = 4", "online reference_err");
    expect(db, "SELECT value FROM events WHERE seq = 5", "0.0");
    expect(db, "SELECT flags FROM events WHERE seq = 5", "NULL");
}

static void holes_say_from_when_to_when(void **state)
{
    struct database *db = *state;
    expect(db, "SELECT count(*) FROM holes", "2");
    expect(db, "SELECT station || ' ' || reason || ' ' || \"from\" FROM holes WHERE seq = 6",
           "West comm_lost 2023-11-14T22:13:22.000Z");
    expect(db, "SELECT \"to\" FROM holes WHERE seq = 6", "NULL");
    expect(db, "SELECT reason || ' ' || \"to\" FROM holes WHERE seq = 7",
           "comm_back 2023-11-14T22:13:23.000Z");
}

static void store_string(struct database *db, int64_t seq, uint32_t index, const void *octets, uint8_t len)
{
    const struct journal_row row = {.seq = seq,
                                    .octets = octets,
                                    .octets_len = len,
                                    .station = 1,
                                    .index = index,
                                    .flags = 1,
                                    .type = ROW_OCTET_STRING,
                                    .received_ms = 1700000000000,
                                    .origin = ORIGIN_EVENT};
    const struct stored_value value = {.octets = octets,
                                       .octets_len = len,
                                       .station = 1,
                                       .index = index,
                                       .flags = 1,
                                       .type = ROW_OCTET_STRING,
                                       .seq = seq};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    assert_int_equal(store_put_value(db->store, &value), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
}

/* As text where it is printable, always in hexadecimal; never as a number. */
static void octet_strings_are_text_and_octets(void **state)
{
    struct database *db = *state;
    store_string(db, 8, 0, "Relay 7~", 8);
    store_string(db, 9, 1, "a\0b", 3);
    store_string(db, 10, 2, "\x80\0\0\0\0\0\0", 8); /* the octets of -0.0 */
    store_string(db, 11, 3, "", 0);
    store_string(db, 12, 4, "*?[", 3);
    static const char *const views[] = {"events", "current_values"};
    for (size_t i = 0; i < 2; i++) {
        char sql[256];
        static const struct {
            int seq;
            const char *text, *octets;
        } rows[] = {{8, "Relay 7~", "52656C617920377E"},
                    {9, "NULL", "610062"},
                    {10, "NULL", "8000000000000000"},
                    {11, "", ""},
                    {12, "*?[", "2A3F5B"}};
        for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
            snprintf(sql, sizeof sql, "SELECT text FROM %s WHERE seq = %d", views[i], rows[k].seq);
            expect(db, sql, rows[k].text);
            snprintf(sql, sizeof sql, "SELECT octets FROM %s WHERE seq = %d", views[i], rows[k].seq);
            expect(db, sql, rows[k].octets);
        }
        snprintf(sql, sizeof sql,
                 "SELECT count(value) + count(raw_value) FROM %s WHERE type = 'octet_string'", views[i]);
        expect(db, sql, "0");
        snprintf(sql, sizeof sql, "SELECT flags FROM %s WHERE seq = 8", views[i]);
        expect(db, sql, "online");
    }
    expect(db, "SELECT count(*) FROM events WHERE type <> 'octet_string' AND octets IS NOT NULL", "0");
}

static void present_values_follow_their_station(void **state)
{
    struct database *db = *state;
    struct stored_value value = {.station = 1,
                                 .type = 6,
                                 .index = 3,
                                 .value = 1000,
                                 .flags = 1,
                                 .time_ms = 1700000000123,
                                 .time_quality = 1,
                                 .received_ms = 1700000000456,
                                 .seq = 1};
    struct stored_station on = {.station = 1, .online = true, .iin = 0x8001, .last_heard_ms = 1700000000000};
    struct stored_station off = {.station = 1, .offline_since_ms = 1700000005000};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_put_value(db->store, &value), STORE_OK);
    assert_int_equal(store_put_station(db->store, &on), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    expect(db, "SELECT station || '/' || point || ' ' || value || ' ' || unit FROM current_values",
           "Nord/voltage 105.0 kV");
    expect(db, "SELECT flags || ' ' || time_quality || ' ' || seq FROM current_values",
           "online synchronised 1");
    expect(db,
           "SELECT online || ' ' || iin || ' ' || last_heard || ' ' || points FROM stations WHERE number = 1",
           "1 8001 2023-11-14T22:13:20.000Z 2");
    expect(db, "SELECT offline_since FROM stations WHERE number = 1", "NULL");
    expect(db,
           "SELECT coalesce(online, 'never') || coalesce(iin, '') || points FROM stations WHERE number = 2",
           "never0");

    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_put_station(db->store, &off), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    expect(db, "SELECT flags FROM current_values", "online comm_lost");
    expect(db, "SELECT offline_since FROM stations WHERE number = 1", "2023-11-14T22:13:25.000Z");
}

static void the_quarantine_shows_octets(void **state)
{
    struct database *db = *state;
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_quarantine(db->store, 2, 1700000000000, 7, "object 99", "\xc0\x01\xfe", 3),
                     STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    expect(db,
           "SELECT station || ' ' || received || ' ' || seq || ' ' || reason || ' ' || len || ' ' || octets "
           "FROM quarantined",
           "West 2023-11-14T22:13:20.000Z 7 object 99 3 C001FE");
}

/* Labels are there for every number that the code stores. */
static void every_number_has_a_label(void **state)
{
    struct database *db = *state;
    static const struct {
        const char *kind;
        int last;
    } kinds[] = {{"origin", ORIGIN_FEP}, {"hole", HOLE_QUARANTINE}, {"type", 11}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char sql[128];
        snprintf(sql, sizeof sql, "SELECT count(*) FROM label WHERE kind = '%s' AND number BETWEEN 1 AND %d",
                 kinds[i].kind, kinds[i].last);
        assert_int_equal(database_integer(db, sql), kinds[i].last);
    }
    expect(db, "SELECT count(*) FROM label WHERE kind = 'time_quality' AND number BETWEEN 0 AND 3", "4");
}

#define WITH_ROWS(test) cmocka_unit_test_setup_teardown(test, fill, database_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_ROWS(events_speak_in_names_and_units),
        WITH_ROWS(events_keep_to_what_is_known),
        WITH_ROWS(octet_strings_are_text_and_octets),
        WITH_ROWS(holes_say_from_when_to_when),
        WITH_ROWS(present_values_follow_their_station),
        WITH_ROWS(the_quarantine_shows_octets),
        WITH_ROWS(every_number_has_a_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
