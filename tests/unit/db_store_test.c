// SPDX-License-Identifier: Apache-2.0
/* The store's turn: rows and their bits, sequences, savepoints, what is written behind, recovery. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/reader.h"
#include "support/database.h"

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static void assert_rows_equal(const struct journal_row *a, const struct journal_row *b)
{
    assert_int_equal(a->seq, b->seq);
    assert_true(bits_of(a->value) == bits_of(b->value));
    assert_int_equal(a->time_ms, b->time_ms);
    assert_int_equal(a->received_ms, b->received_ms);
    assert_int_equal(a->station, b->station);
    assert_int_equal(a->index, b->index);
    assert_int_equal(a->doubt, b->doubt);
    assert_int_equal(a->type, b->type);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->time_quality, b->time_quality);
    assert_int_equal(a->origin, b->origin);
    assert_int_equal(a->marks, b->marks);
}

/* Gathers what a recovery gives. */
struct recovered {
    struct stored_station stations[8];
    uint8_t doubt[400000];
    size_t station_len;
    struct stored_value values[64];
    size_t value_len;
    struct journal_row rows[4096];
    size_t row_len;
    bool out_of_order;
};

static void take_station(void *context, const struct stored_station *state)
{
    struct recovered *r = context;
    r->out_of_order |= r->value_len > 0 || r->row_len > 0;
    r->stations[r->station_len++] = *state;
    assert_true(state->doubt_len <= sizeof r->doubt);
    if (state->doubt_len > 0)
        memcpy(r->doubt, state->doubt, state->doubt_len);
}

static void take_value(void *context, const struct stored_value *value)
{
    struct recovered *r = context;
    r->out_of_order |= r->row_len > 0;
    r->values[r->value_len++] = *value;
}

static void take_row(void *context, const struct journal_row *row)
{
    struct recovered *r = context;
    r->rows[r->row_len++] = *row;
}

static struct recovered *recover(struct store *s)
{
    static struct recovered r;
    memset(&r, 0, sizeof r);
    struct store_recovery sink = {
        .context = &r, .station = take_station, .value = take_value, .row = take_row};
    assert_int_equal(store_recover(s, &sink), STORE_OK);
    assert_false(r.out_of_order);
    return &r;
}

/* Strings of all lengths, as rows and as present values, to a reader and to a recovery. */
struct strings {
    uint8_t octets[256];
    unsigned values;
    unsigned points;
    unsigned rows;
};

static void check_string(const struct strings *s, unsigned len, const uint8_t *octets, uint8_t octets_len)
{
    assert_int_equal(octets_len, len);
    if (len)
        assert_memory_equal(octets, s->octets, len);
}

static void take_string_value(void *context, const struct stored_value *value)
{
    struct strings *s = context;
    assert_int_equal(value->type, ROW_OCTET_STRING);
    check_string(s, value->index, value->octets, value->octets_len);
    s->values++;
}

static void take_string_point(void *context, uint32_t station, uint8_t type, uint32_t index)
{
    struct strings *s = context;
    assert_int_equal(station, 1);
    assert_int_equal(type, ROW_OCTET_STRING);
    assert_int_equal(index, s->points);
    assert_int_equal(s->rows, 0);
    s->points++;
}

static void take_string_row(void *context, const struct journal_row *row)
{
    struct strings *s = context;
    check_string(s, row->index, row->octets, row->octets_len);
    s->rows++;
}

static void octet_strings_survive(void **state)
{
    struct database *db = *state;
    struct strings s = {0};
    for (unsigned i = 0; i < 256; i++)
        s.octets[i] = (uint8_t)(i * 37);
    assert_int_equal(store_begin(db->store), STORE_OK);
    for (uint32_t len = 0; len < 256; len++) {
        const struct journal_row row = {.seq = len + 1,
                                        .octets = len ? s.octets : NULL,
                                        .octets_len = (uint8_t)len,
                                        .station = 1,
                                        .index = len,
                                        .type = ROW_OCTET_STRING};
        const struct stored_value value = {.octets = len ? s.octets : NULL,
                                           .octets_len = (uint8_t)len,
                                           .station = 1,
                                           .index = len,
                                           .type = ROW_OCTET_STRING,
                                           .seq = len + 1};
        assert_int_equal(store_append(db->store, &row), STORE_OK);
        assert_int_equal(store_put_value(db->store, &value), STORE_OK);
    }
    assert_int_equal(store_commit(db->store), STORE_OK);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM event WHERE typeof(value) = 'blob'"), 256);
    static struct journal_row rows[256];
    size_t len = 256;
    int64_t to;
    struct journal_reader *reader = database_reader(db);
    assert_int_equal(reader_rows(reader, 0, NULL, rows, &len, &to), STORE_OK);
    assert_int_equal(len, 256);
    for (size_t i = 0; i < len; i++)
        check_string(&s, (unsigned)i, rows[i].octets, rows[i].octets_len);
    reader_close(reader);
    database_reopen(db);
    struct store_recovery sink = {&s, take_station, take_string_value, take_string_point, take_string_row};
    assert_int_equal(store_recover(db->store, &sink), STORE_OK);
    assert_int_equal(s.values, 256);
    assert_int_equal(s.points, 256);
    assert_int_equal(s.rows, 256);
}

static void every_bit_of_a_row_survives(void **state)
{
    struct database *db = *state;
    static const uint64_t odd[] = {
        0,
        0x8000000000000000u,
        0x7ff8000000000000u,
        0xfff8000000000000u,
        0x7ff0000000000001u,
        0xffffffffffffffffu,
        0x7ff4dead0000beefu,
        0x7ff0000000000000u,
        0xfff0000000000000u,
        0x0000000000000001u,
        0x800fffffffffffffu,
        0x3ff0000000000000u,
        0xbff0000000000000u,
        0x43e0000000000000u,
        0xc3e0000000000000u,
        0x4340000000000001u,
        0x7fefffffffffffffu,
        0x41efffffffe00000u,
        0x3fb999999999999au,
        0x42d6bcc41e900000u,
    };
    enum { ODD = sizeof odd / sizeof odd[0], RANDOM = 1000 };
    static struct journal_row rows[ODD + RANDOM];
    uint64_t random = 7;
    for (size_t i = 0; i < ODD + RANDOM; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        uint64_t bits = random ^ random >> 29;
        rows[i] = (struct journal_row){
            .seq = (int64_t)i + 1,
            .value = double_of(i < ODD ? odd[i] : bits),
            .time_ms = i % 2 == 0 ? 0 : 0xffffffffffff,
            .received_ms = (int64_t)(bits >> 16),
            .station = i % 2 == 0 ? 1 : UINT32_MAX,
            .index = i % 3 == 0 ? UINT32_MAX : (uint32_t)i,
            .doubt = i % 5 == 0 ? UINT32_MAX : 0,
            .type = (uint8_t)(i % 256 == ROW_OCTET_STRING ? 0 : i % 256),
            .flags = (uint8_t)(bits >> 8),
            .time_quality = (uint8_t)(i % 4),
            .origin = (uint8_t)(i % 5),
            .marks = (uint8_t)(i % 4),
        };
    }
    database_store_rows(db, rows, ODD + RANDOM);
    database_reopen(db);
    struct recovered *r = recover(db->store);
    assert_int_equal(r->row_len, ODD + RANDOM);
    for (size_t i = 0; i < r->row_len; i++)
        assert_rows_equal(&r->rows[i], &rows[i]);

    struct stored_value value = {.station = 1, .type = 6};
    assert_int_equal(store_begin(db->store), STORE_OK);
    for (uint32_t i = 0; i < ODD; i++) {
        value.index = i;
        value.value = double_of(odd[i]);
        assert_int_equal(store_put_value(db->store, &value), STORE_OK);
    }
    assert_int_equal(store_commit(db->store), STORE_OK);
    r = recover(db->store);
    assert_int_equal(r->value_len, ODD);
    for (uint32_t i = 0; i < ODD; i++)
        assert_true(bits_of(r->values[i].value) == odd[i]);
}

static void recovery_begins_after_as_of(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 10);
    static uint8_t doubt[300000];
    for (size_t i = 0; i < sizeof doubt; i++)
        doubt[i] = (uint8_t)(i * 7);
    struct stored_station put = {.station = 3,
                                 .online = true,
                                 .iin = 0x8102,
                                 .last_heard_ms = 1700000000123,
                                 .offline_since_ms = 12,
                                 .applied_seq = 9,
                                 .doubt = doubt,
                                 .doubt_len = sizeof doubt};
    struct stored_station bare = {.station = 4};
    struct stored_value value = {.station = 3,
                                 .type = 6,
                                 .index = 65535,
                                 .value = 1.5,
                                 .flags = 0x21,
                                 .time_ms = 5,
                                 .time_quality = 1,
                                 .received_ms = 6,
                                 .seq = 8};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_put_station(db->store, &bare), STORE_OK);
    assert_int_equal(store_put_station(db->store, &put), STORE_OK);
    assert_int_equal(store_put_value(db->store, &value), STORE_OK);
    value.value = 2.5; /* the later one holds */
    assert_int_equal(store_put_value(db->store, &value), STORE_OK);
    assert_int_equal(store_set_as_of(db->store, 8), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    database_reopen(db);

    struct recovered *r = recover(db->store);
    assert_int_equal(r->station_len, 2);
    assert_int_equal(r->stations[0].station, 3);
    assert_true(r->stations[0].online);
    assert_int_equal(r->stations[0].iin, 0x8102);
    assert_int_equal(r->stations[0].last_heard_ms, 1700000000123);
    assert_int_equal(r->stations[0].offline_since_ms, 12);
    assert_int_equal(r->stations[0].applied_seq, 9);
    assert_int_equal(r->stations[0].doubt_len, sizeof doubt);
    assert_memory_equal(r->doubt, doubt, sizeof doubt);
    assert_int_equal(r->stations[1].doubt_len, 0);
    assert_int_equal(r->value_len, 1);
    assert_true(r->values[0].value == 2.5);
    assert_int_equal(r->values[0].index, 65535);
    assert_int_equal(r->values[0].flags, 0x21);
    assert_int_equal(r->values[0].seq, 8);
    assert_int_equal(r->row_len, 2);
    assert_int_equal(r->rows[0].seq, 9);
    assert_int_equal(r->rows[1].seq, 10);
}

static void a_rollback_stores_nothing(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 5);
    struct journal_row row = {.seq = 6};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    assert_int_equal(store_set_as_of(db->store, 5), STORE_OK);
    assert_int_equal(store_next_seq(db->store), 7);
    store_rollback(db->store);
    store_rollback(db->store); /* harmless where there is nothing */
    assert_int_equal(store_next_seq(db->store), 6);
    assert_int_equal(recover(db->store)->row_len, 5);
}

static void a_savepoint_takes_back_one_fragment(void **state)
{
    struct database *db = *state;
    struct journal_row row = {.seq = 1, .value = 1};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    assert_int_equal(store_savepoint(db->store), STORE_OK);
    row.seq = 2;
    row.value = 2;
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    assert_int_equal(store_savepoint_undo(db->store), STORE_OK);
    assert_int_equal(store_next_seq(db->store), 2);
    row.seq = 5; /* a gap is harmless */
    row.value = 3;
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    assert_int_equal(store_savepoint_release(db->store), STORE_OK);
    assert_int_equal(store_savepoint(db->store), STORE_OK);
    row.seq = 6;
    row.value = 4;
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    assert_int_equal(store_savepoint_release(db->store), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    struct recovered *r = recover(db->store);
    assert_int_equal(r->row_len, 3);
    assert_true(r->rows[1].value == 3);
    assert_int_equal(r->rows[2].seq, 6);
    assert_int_equal(store_next_seq(db->store), 7);
}

/* A refusal is of the data, and the fragment can be undone alone; the rest commits. */
static void a_refused_row_can_be_set_aside(void **state)
{
    struct database *db = *state;
    database_sql(db, "CREATE TRIGGER refuse BEFORE INSERT ON event WHEN new.value = 666 "
                     "BEGIN SELECT raise(ABORT, 'not this one'); END");
    struct journal_row row = {.seq = 1, .value = 1};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    assert_int_equal(store_savepoint(db->store), STORE_OK);
    row = (struct journal_row){.seq = 2, .value = 666};
    assert_int_equal(store_append(db->store, &row), STORE_REFUSED);
    assert_non_null(strstr(store_error(db->store), "not this one"));
    assert_int_equal(store_savepoint_undo(db->store), STORE_OK);
    assert_int_equal(store_quarantine(db->store, 1, 5, 1, store_error(db->store), "\xc0", 1), STORE_OK);
    assert_int_equal(store_savepoint_release(db->store), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM event"), 1);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM quarantine"), 1);
}

/* A fault that is not of the data must never look like a refusal: the fragment would be set aside for it. */
static void a_missing_table_is_no_refusal(void **state)
{
    struct database *db = *state;
    database_sql(db, "DROP VIEW events; DROP VIEW holes; DROP TABLE event");
    struct journal_row row = {.seq = 1};
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_append(db->store, &row), STORE_IO);
    store_rollback(db->store);
}

static void somebody_elses_lock_is_busy(void **state)
{
    struct database *db = *state;
    sqlite3 *other = database_connect(db);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(store_begin(db->store), STORE_BUSY);
    assert_non_null(strstr(store_error(db->store), "locked by another process"));
    store_rollback(db->store);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    database_store_numbered(db, 1);
}

/* What is written behind the back of a file's name would be lost: it is not even begun. */
static void a_file_that_was_taken_away_is_an_error(void **state)
{
    static const char *const suffixes[] = {"", "-wal"};
    struct database *db = *state;
    database_store_numbered(db, 1);
    for (size_t i = 0; i < 2; i++) {
        char name[128], other[140];
        snprintf(name, sizeof name, "%s%s", db->path, suffixes[i]);
        snprintf(other, sizeof other, "%s.away", name);
        assert_int_equal(rename(name, other), 0);
        assert_int_equal(store_begin(db->store), STORE_IO);
        assert_non_null(strstr(store_error(db->store), name));
        FILE *copy = fopen(name, "wb"); /* something else in its place is no better */
        assert_non_null(copy);
        fclose(copy);
        assert_int_equal(store_begin(db->store), STORE_IO);
        store_rollback(db->store);
        assert_int_equal(rename(other, name), 0);
        database_store_numbered(db, 1); /* it is there again */
    }
    assert_int_equal(database_integer(db, "SELECT count(*) FROM event"), 3);
}

static void sequences_are_never_used_again(void **state)
{
    struct database *db = *state;
    int64_t id = store_journal_id(db->store);
    assert_in_range(id, 1, (1ll << 53) - 1);
    assert_int_equal(store_next_seq(db->store), 1);
    database_store_numbered(db, 50);
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_set_as_of(db->store, 50), STORE_OK);
    const struct store_limits limits = {.before_ms = INT64_MAX, .max_rows = 1000};
    uint32_t deleted = 0;
    assert_int_equal(store_retain(db->store, &limits, &deleted), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    assert_int_equal(deleted, 49);         /* all but the newest */
    database_sql(db, "DELETE FROM event"); /* by hand */
    database_reopen(db);
    assert_int_equal(store_next_seq(db->store), 51);
    assert_int_equal(store_journal_id(db->store), id);
}

static void two_journals_have_two_ids(void **state)
{
    struct database *db = *state;
    int64_t id = store_journal_id(db->store);
    struct database *other = database_new();
    assert_int_not_equal(store_journal_id(other->store), id);
    database_free(other);
}

static void consumers_are_kept_by_name(void **state)
{
    struct database *db = *state;
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_put_consumer(db->store, "scada", 10, 1000), STORE_OK);
    assert_int_equal(store_put_consumer(db->store, "historian", 7, 1001), STORE_OK);
    assert_int_equal(store_put_consumer(db->store, "scada", 12, 1002), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    struct journal_reader *reader = database_reader(db);
    struct reader_consumer list[4];
    size_t len = 4;
    assert_int_equal(reader_consumers(reader, list, &len), STORE_OK);
    assert_int_equal(len, 2);
    assert_string_equal(list[0].name, "historian");
    assert_int_equal(list[0].seq, 7);
    assert_string_equal(list[1].name, "scada");
    assert_int_equal(list[1].seq, 12);
    assert_int_equal(list[1].at_ms, 1002);
    len = 1;
    assert_int_equal(reader_consumers(reader, list, &len), STORE_OK);
    assert_int_equal(len, 1);
    reader_close(reader);
}

static void stations_keep_their_numbers(void **state)
{
    struct database *db = *state;
    uint32_t a = 0;
    uint32_t b = 0;
    uint32_t again = 0;
    assert_int_equal(store_register_station(db->store, "Nord", &a), STORE_OK);
    assert_int_equal(store_register_station(db->store,
                                            "S\xc3\xbc"
                                            "d",
                                            &b),
                     STORE_OK);
    assert_int_equal(store_register_station(db->store, "Nord", &again), STORE_OK);
    assert_true(a > 0 && b > 0 && a != b);
    assert_int_equal(a, again);
    /* Also after somebody has taken the newest out by hand. */
    database_sql(db, "DELETE FROM station WHERE name <> 'Nord'");
    database_reopen(db);
    uint32_t c = 0;
    assert_int_equal(store_register_station(db->store, "West", &c), STORE_OK);
    assert_true(c > b);
}

static void unchanged_points_cost_no_write(void **state)
{
    struct database *db = *state;
    struct stored_point points[] = {
        {.index = 1, .type = 6, .name = "voltage", .unit = "kV", .scale = 0.1, .offset = 2},
        {.index = 2, .type = 6, .name = "current", .unit = "A", .scale = 1},
    };
    uint32_t number = 0;
    assert_int_equal(store_register_station(db->store, "Nord", &number), STORE_OK);
    assert_int_equal(store_describe_points(db->store, number, points, 2), STORE_OK);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM point"), 2);
    database_reopen(db);
    uint32_t pages = store_wal_pages(db->store);
    assert_int_equal(store_describe_points(db->store, number, points, 2), STORE_OK);
    assert_int_equal(store_wal_pages(db->store), pages);
    points[1].unit = "kA";
    assert_int_equal(store_describe_points(db->store, number, points, 2), STORE_OK);
    assert_true(store_wal_pages(db->store) > pages);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM point WHERE unit = 'kA'"), 1);
    assert_int_equal(store_describe_points(db->store, number, points, 1), STORE_OK);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM point"), 1);
    assert_int_equal(store_describe_points(db->store, number, NULL, 0), STORE_OK);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM point"), 0);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM station"), 1);
}

static void put_fragments(struct database *db, uint32_t station, int len)
{
    assert_int_equal(store_begin(db->store), STORE_OK);
    for (int i = 0; i < len; i++)
        assert_int_equal(store_quarantine(db->store, station, i, 1, "odd", "\x01\x02", 2), STORE_OK);
    assert_int_equal(store_bound_quarantine(db->store, 3, 7), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
}

static void the_quarantine_is_bounded(void **state)
{
    struct database *db = *state;
    put_fragments(db, 1, 5);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM quarantine"), 3);
    assert_int_equal(database_integer(db, "SELECT min(received_ms) FROM quarantine"), 2);
    put_fragments(db, 2, 2);
    put_fragments(db, 2, 2);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM quarantine WHERE station = 2"), 3);
    put_fragments(db, 3, 3);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM quarantine"), 7);
    /* The oldest gave way, whose they were. */
    assert_int_equal(database_integer(db, "SELECT count(*) FROM quarantine WHERE station = 1"), 1);
    /* A bound that shrinks holds for all, also where nothing new came; and a rollback forgets nothing. */
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_bound_quarantine(db->store, 1, 7), STORE_OK);
    store_rollback(db->store);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM quarantine"), 7);
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_bound_quarantine(db->store, 1, 7), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    assert_int_equal(database_integer(db, "SELECT count(*) FROM quarantine"), 3);
}

#define WITH_DATABASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_DATABASE(every_bit_of_a_row_survives),
        WITH_DATABASE(recovery_begins_after_as_of),
        WITH_DATABASE(octet_strings_survive),
        WITH_DATABASE(a_rollback_stores_nothing),
        WITH_DATABASE(a_savepoint_takes_back_one_fragment),
        WITH_DATABASE(a_refused_row_can_be_set_aside),
        WITH_DATABASE(a_missing_table_is_no_refusal),
        WITH_DATABASE(somebody_elses_lock_is_busy),
        WITH_DATABASE(a_file_that_was_taken_away_is_an_error),
        WITH_DATABASE(sequences_are_never_used_again),
        WITH_DATABASE(two_journals_have_two_ids),
        WITH_DATABASE(consumers_are_kept_by_name),
        WITH_DATABASE(stations_keep_their_numbers),
        WITH_DATABASE(unchanged_points_cost_no_write),
        WITH_DATABASE(the_quarantine_is_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
