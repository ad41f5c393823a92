// SPDX-License-Identifier: Apache-2.0
/* Retention by age and by size: from the front, bounded, never beyond as_of, never the newest row. */
#include "support/database.h"

static uint32_t retain_within(struct database *db, struct store_limits limits)
{
    uint32_t deleted = 12345;
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_retain(db->store, &limits, &deleted), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
    return deleted;
}

static uint32_t retain(struct database *db, int64_t before_ms, uint64_t max_bytes, uint32_t max_rows)
{
    return retain_within(
        db, (struct store_limits){.before_ms = before_ms, .max_bytes = max_bytes, .max_rows = max_rows});
}

/* At 200,000 ms of the wall clock. */
static uint32_t retain_now(struct database *db, int64_t before_ms, uint32_t max_rows)
{
    return retain_within(
        db, (struct store_limits){.before_ms = before_ms, .clock_ms = 200000, .max_rows = max_rows});
}

static void set_as_of(struct database *db, int64_t seq)
{
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_set_as_of(db->store, seq), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
}

static int64_t oldest(struct database *db)
{
    return database_integer(db, "SELECT min(seq) FROM event");
}

static void no_limit_deletes_nothing(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 100);
    set_as_of(db, 100);
    assert_int_equal(retain(db, 0, 0, 1000), 0);
    assert_int_equal(retain(db, 0, UINT64_MAX, 1000), 0);
    assert_int_equal(oldest(db), 1);
}

static void age_ends_at_the_first_row_that_is_young(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 100);
    set_as_of(db, 100);
    assert_int_equal(retain(db, 20000, 0, 1000), 19); /* row 20 was received at 20,000: not older */
    assert_int_equal(oldest(db), 20);
    assert_int_equal(retain(db, 20000, 0, 1000), 0);
}

static void a_call_is_bounded(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 100);
    set_as_of(db, 100);
    assert_int_equal(retain(db, 50000, 0, 30), 30);
    assert_int_equal(retain(db, 50000, 0, 30), 19);
    assert_int_equal(retain(db, 50000, 0, 0), 0);
    assert_int_equal(oldest(db), 50);
}

static void as_of_holds_it_back(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 100);
    assert_int_equal(retain(db, INT64_MAX, 1, 1000), 0);
    set_as_of(db, 10);
    assert_int_equal(retain(db, INT64_MAX, 1, 1000), 10);
    assert_int_equal(oldest(db), 11);
    database_reopen(db);
    assert_int_equal(retain(db, INT64_MAX, 1, 1000), 0);
}

static void the_newest_row_stays(void **state)
{
    struct database *db = *state;
    assert_int_equal(retain(db, INT64_MAX, 1, 1000), 0);
    database_store_numbered(db, 100);
    set_as_of(db, 100);
    assert_int_equal(retain(db, INT64_MAX, 1, 1000), 99);
    assert_int_equal(oldest(db), 100);
    assert_int_equal(store_next_seq(db->store), 101);
}

static void rows_of_an_open_transaction_count(void **state)
{
    struct database *db = *state;
    database_store_numbered(db, 10);
    set_as_of(db, 10);
    struct journal_row row = {.seq = 11, .received_ms = 11000};
    uint32_t deleted = 0;
    assert_int_equal(store_begin(db->store), STORE_OK);
    assert_int_equal(store_append(db->store, &row), STORE_OK);
    const struct store_limits limits = {.before_ms = INT64_MAX, .max_rows = 1000};
    assert_int_equal(store_retain(db->store, &limits, &deleted), STORE_OK);
    store_rollback(db->store);
    assert_int_equal(deleted, 10);
    assert_int_equal(oldest(db), 1);
}

/* A hole that has no end yet is as old as its beginning. */
static void a_hole_without_an_end_is_not_ancient(void **state)
{
    struct database *db = *state;
    struct journal_row rows[] = {
        {.seq = 1, .type = ROW_HOLE, .index = HOLE_COMM_LOST, .time_ms = 5000, .received_ms = 0},
        {.seq = 2, .type = ROW_HOLE, .index = HOLE_COMM_BACK, .time_ms = 5000, .received_ms = 9000},
        {.seq = 3, .type = 1, .time_ms = 0, .received_ms = 9500},
    };
    database_store_rows(db, rows, 3);
    set_as_of(db, 3);
    assert_int_equal(retain(db, 5000, 0, 10), 0);
    assert_int_equal(retain(db, 9000, 0, 10), 1);
    assert_int_equal(retain(db, 9001, 0, 10), 1);
}

/* A hundred rows, of which those with 10 < seq <= 70 were received in another year: the clock was wrong. */
static void store_wrong_clock(struct database *db)
{
    struct journal_row rows[100];
    for (int i = 0; i < 100; i++) {
        int seq = i + 1;
        rows[i] = (struct journal_row){
            .seq = seq, .type = 1, .received_ms = seq * 1000 + (seq > 10 && seq <= 70 ? 1000000000 : 0)};
    }
    database_store_rows(db, rows, 100);
    set_as_of(db, 100);
}

static void rows_of_a_wrong_clock_are_as_old_as_the_next_one(void **state)
{
    struct database *db = *state;
    store_wrong_clock(db);
    assert_int_equal(retain(db, 90000, 0, 1000), 10); /* nobody says what time it is: they are young */
    assert_int_equal(retain_now(db, 71000, 1000), 0); /* row 71 was received at 71,000: not older */
    assert_int_equal(retain_now(db, 71001, 25), 25);
    assert_int_equal(oldest(db), 36);
    assert_int_equal(retain_now(db, 73000, 25), 25);
    assert_int_equal(retain_now(db, 73000, 25), 12); /* ten of them, and the first two behind */
    assert_int_equal(retain_now(db, 73000, 25), 0);
    assert_int_equal(oldest(db), 73);
}

static void rows_of_a_wrong_clock_stay_where_nothing_is_behind(void **state)
{
    struct database *db = *state;
    store_wrong_clock(db);
    database_sql(db, "DELETE FROM event WHERE seq > 40 AND seq < 100;"
                     "UPDATE event SET received_ms = 1000000000 WHERE seq = 100");
    assert_int_equal(retain_now(db, 200000, 1000), 10);
    assert_int_equal(retain_now(db, 200000, 1000), 0);
}

/* A station that went long ago, and was told of only now: the rows around are not as old. */
static void a_hole_is_no_witness(void **state)
{
    struct database *db = *state;
    struct journal_row rows[] = {
        {.seq = 1, .type = 1, .received_ms = 1000000000},
        {.seq = 2, .type = ROW_HOLE, .index = HOLE_COMM_LOST, .time_ms = 5000},
        {.seq = 3, .type = 1, .received_ms = 150000},
        {.seq = 4, .type = 1, .received_ms = 150001},
    };
    database_store_rows(db, rows, 4);
    set_as_of(db, 4);
    assert_int_equal(retain_now(db, 150000, 10), 0);
    assert_int_equal(retain_now(db, 150001, 10), 3);
}

/* What counts is the pages in use: an emptied page is used again and does not keep retention going. */
static void size_converges_and_stays(void **state)
{
    struct database *db = *state;
    for (int i = 0; i < 20; i++)
        database_store_numbered(db, 5000);
    set_as_of(db, 100000);
    uint64_t limit = 2u << 20;
    unsigned calls = 0;
    while (retain(db, 0, limit, 1000) > 0)
        assert_true(++calls < 200);
    assert_true(calls > 20);
    int64_t used = database_integer(db, "SELECT (SELECT page_count FROM pragma_page_count) - "
                                        "(SELECT freelist_count FROM pragma_freelist_count)") *
                   4096;
    assert_in_range(used, (int64_t)limit * 9 / 10, limit);
    /* As much again is stored, and as much goes: the file does not grow any more. */
    int64_t pages = database_integer(db, "PRAGMA page_count");
    for (int i = 0; i < 20; i++) {
        database_store_numbered(db, 5000);
        set_as_of(db, store_next_seq(db->store) - 1);
        while (retain(db, 0, limit, 1000) > 0)
            ;
    }
    assert_true(database_integer(db, "PRAGMA page_count") <= pages);
    assert_string_equal(database_text(db, "PRAGMA integrity_check"), "ok");
}

#define WITH_DATABASE(test) cmocka_unit_test_setup_teardown(test, database_setup, database_teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        WITH_DATABASE(no_limit_deletes_nothing),
        WITH_DATABASE(age_ends_at_the_first_row_that_is_young),
        WITH_DATABASE(a_call_is_bounded),
        WITH_DATABASE(as_of_holds_it_back),
        WITH_DATABASE(the_newest_row_stays),
        WITH_DATABASE(rows_of_an_open_transaction_count),
        WITH_DATABASE(a_hole_without_an_end_is_not_ancient),
        WITH_DATABASE(rows_of_a_wrong_clock_are_as_old_as_the_next_one),
        WITH_DATABASE(rows_of_a_wrong_clock_stay_where_nothing_is_behind),
        WITH_DATABASE(a_hole_is_no_witness),
        WITH_DATABASE(size_converges_and_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
