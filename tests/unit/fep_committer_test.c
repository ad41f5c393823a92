// SPDX-License-Identifier: Apache-2.0
/* The committer's turn: what becomes durable when, what is published, what is refused, what is written
 * behind. */
#include "db/reader.h"
#include "fep/ingest_doubt.h"
#include "support/committer_rig.h"

#include <sqlite3.h>

enum { STATION = 1, POISON = 666, HOUR_MS = 3600 * 1000 };

static struct batch *batch_of(struct rig *r, size_t room)
{
    struct batch *b = calloc(1, sizeof *b + room);
    assert_non_null(b);
    b->number = ++r->batches;
    b->room = b->len = room;
    return b;
}

/* One fragment with one timed event of point 0. */
static void fill(struct batch_fragment *f, uint64_t ticket, double value, uint8_t defect)
{
    *f = (struct batch_fragment){.item = {.kind = BATCH_FRAGMENT,
                                          .size = sizeof *f + sizeof f->measurements[0] + 8,
                                          .station = STATION},
                                 .ticket = ticket,
                                 .response = ticket,
                                 .received_ms = 1735689600000,
                                 .count = 1,
                                 .octets_len = 8,
                                 .defect = defect,
                                 .unsolicited = 1,
                                 .confirm_asked = 1};
    f->measurements[0] = (struct measurement){.value = value,
                                              .time_ms = 1000 + ticket,
                                              .type = POINT_ANALOG_INPUT,
                                              .flags = FLAG_ONLINE,
                                              .time_quality = TIME_SYNCHRONISED,
                                              .event = true};
}

enum { FRAGMENT_SIZE = sizeof(struct batch_fragment) + sizeof(struct measurement) + 8 };

static void hand_over(struct rig *r, const double *values, size_t n, uint8_t defect)
{
    struct batch *b = batch_of(r, n * FRAGMENT_SIZE);
    for (size_t i = 0; i < n; i++)
        fill((void *)(b->data + i * FRAGMENT_SIZE), r->batches * 100 + i, values[i], defect);
    committer_take(r->committer, b);
}

static int64_t step(struct rig *r)
{
    return committer_step(r->committer, &r->at);
}

static size_t read_all(struct rig *r, struct journal_row *rows, size_t room)
{
    char error[256];
    struct journal_reader *reader;
    int64_t to;
    assert_int_equal(reader_open(&reader, DATABASE, r->name, error, sizeof error), STORE_OK);
    assert_int_equal(reader_rows(reader, 0, &(struct journal_filter){0}, rows, &room, &to), STORE_OK);
    reader_close(reader);
    return room;
}

static int count(struct rig *r, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open_v2(DATABASE, &db, SQLITE_OPEN_READWRITE, r->name), SQLITE_OK);
    sqlite3_exec(db, "PRAGMA wal_autocheckpoint=0", NULL, NULL, NULL);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    int value = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return value;
}

/* No failed commit, and for a moment nothing to speak of; but not for ever. */
static void a_lock_that_is_held_for_long_is_told_of(void **state)
{
    struct rig *r = *state;
    const double one = 1;
    const struct committer_status *s = committer_status(r->committer);
    sqlite3 *other;
    assert_int_equal(sqlite3_open_v2("c.db", &other, SQLITE_OPEN_READWRITE, r->name), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    hand_over(r, &one, 1, WALK_END);
    int64_t begin_ms = r->at.now_ms;
    for (; r->at.now_ms < begin_ms + 1000; r->at.now_ms += 100) {
        step(r);
        assert_int_equal(s->failing_since_ms, 0);
    }
    step(r);
    assert_int_equal(s->failing_since_ms, begin_ms);
    assert_non_null(strstr(s->error, "locked by another process"));
    assert_int_equal(s->failed_commits, 0);
    assert_int_equal(committer_durable(r->committer, 0), 0);
    assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    r->at.now_ms += 100;
    step(r);
    assert_int_equal(s->failing_since_ms, 0);
    assert_int_equal(committer_durable(r->committer, 0), 1);
}

static void the_first_commit_comes_at_once_and_the_next_is_paced(void **state)
{
    struct rig *r = *state;
    const double one = 1, two = 2;
    step(r);
    r->at.now_ms += 100;
    hand_over(r, &one, 1, WALK_END);
    step(r);
    assert_int_equal(committer_durable(r->committer, 0), 1);
    hand_over(r, &two, 1, WALK_END);
    assert_int_equal(step(r), r->at.now_ms + 2);
    assert_int_equal(committer_durable(r->committer, 0), 1);
    r->at.now_ms += 2;
    step(r);
    assert_int_equal(committer_durable(r->committer, 0), 2);
}

static void what_is_published_is_what_is_stored(void **state)
{
    struct rig *r = *state;
    const double values[] = {1, 2, 3};
    hand_over(r, values, 3, WALK_END);
    step(r);
    struct committed *p = committer_next_published(r->committer);
    struct journal_row rows[8];
    assert_int_equal(read_all(r, rows, 8), 3);
    assert_int_equal(p->len, 3);
    assert_memory_equal(&p->rows[2].value, &rows[2].value, sizeof rows[2].value);
    assert_int_equal(p->newest, rows[2].seq);
    free(p);
    assert_null(committer_next_published(r->committer));
}

/* A transaction that fails for another reason than space or I/O is split. */
static void a_fragment_that_the_store_refuses_goes_to_quarantine_alone(void **state)
{
    struct rig *r = *state;
    const double values[] = {1, POISON, 3};
    count(r, "CREATE TRIGGER poison BEFORE INSERT ON event WHEN new.value = 666 "
             "BEGIN SELECT raise(ABORT, 'no'); END");
    hand_over(r, values, 3, WALK_END);
    step(r);
    assert_int_equal(committer_durable(r->committer, 0), 1);
    assert_int_equal(committer_status(r->committer)->failed_commits, 0);
    assert_int_equal(committer_status(r->committer)->quarantined, 1);
    struct journal_row rows[8];
    assert_int_equal(read_all(r, rows, 8), 3);
    assert_int_equal(rows[1].type, ROW_HOLE);
    assert_int_equal(rows[1].index, HOLE_QUARANTINE);
    assert_true(rows[2].value == 3);
    assert_int_equal(count(r, "SELECT count(*) FROM quarantine"), 1);
    struct committed *p = committer_next_published(r->committer);
    assert_int_equal(p->len, 3);
    assert_int_equal(p->rows[1].type, ROW_HOLE); /* subscribers are told the same */
    free(p);
    hand_over(r, values + 1, 1, WALK_END); /* it is not taken for a repeat of what was not stored */
    r->at.now_ms += 5;
    step(r);
    assert_int_equal(committer_status(r->committer)->repeats, 0);
}

static void a_defect_is_stored_with_its_octets(void **state)
{
    struct rig *r = *state;
    const double value = 5;
    hand_over(r, &value, 1, WALK_UNKNOWN_OBJECT);
    step(r);
    struct journal_row rows[8];
    assert_int_equal(read_all(r, rows, 8), 2);
    assert_true(rows[0].value == 5);
    assert_int_equal(rows[1].index, HOLE_QUARANTINE);
    assert_int_equal(count(r, "SELECT length(octets) FROM quarantine"), 8);
}

static void the_quarantine_is_bounded_at_once(void **state)
{
    struct rig *r = *state;
    const double values[] = {1, 2, 3, 4};
    hand_over(r, values, 4, WALK_TRUNCATED);
    step(r);
    assert_int_equal(count(r, "SELECT count(*) FROM quarantine"), 2);
    assert_int_equal(committer_status(r->committer)->quarantined, 4);
}

static void repeats_of_what_is_durable_need_no_commit(void **state)
{
    struct rig *r = *state;
    const double value = 1;
    hand_over(r, &value, 1, WALK_END);
    step(r);
    r->at.now_ms += 10;
    step(r);
    uint64_t commits = committer_status(r->committer)->commits;
    struct batch *b = batch_of(r, FRAGMENT_SIZE);
    fill((void *)b->data, 100, 1, WALK_END); /* the same event, in another response */
    ((struct batch_fragment *)(void *)b->data)->response = 999;
    committer_take(r->committer, b);
    r->at.now_ms += 2;
    step(r);
    assert_int_equal(committer_durable(r->committer, 0), 2);
    assert_int_equal(committer_status(r->committer)->commits, commits);
    assert_int_equal(committer_status(r->committer)->repeats, 1);
}

static void values_are_written_behind_and_replayed_twice_without_harm(void **state)
{
    struct rig *r = *state;
    const double values[] = {1, 2};
    hand_over(r, values, 1, WALK_END);
    step(r);
    for (int i = 0; i < 5; i++, r->at.now_ms += 60)
        step(r);
    assert_int_equal(count(r, "SELECT value FROM current_value"), 1);
    hand_over(r, values + 1, 1, WALK_END);
    step(r);
    close_store(r);
    r->batches = 0;
    open_store(r);
    struct station_image *s = ingest_station(committer_ingest(r->committer), STATION);
    size_t points;
    const struct point_image *point = ingest_points(s, &points);
    assert_int_equal(points, 1);
    assert_true(point->value == 2);
    assert_int_equal(doubt_count(s), 1); /* the second event settled the first: they are of one point */
}

static void the_end_writes_everything(void **state)
{
    struct rig *r = *state;
    const double values[] = {1, 2, 3};
    hand_over(r, values, 3, WALK_END);
    assert_true(committer_finish(r->committer, &r->at));
    assert_int_equal(committer_durable(r->committer, 0), 1);
    assert_int_equal(count(r, "SELECT value FROM current_value"), 3);
    assert_int_equal(count(r, "SELECT as_of FROM meta"), 3);
}

static void an_acknowledgement_is_durable_once_the_committer_is_settled(void **state)
{
    struct rig *r = *state;
    step(r);
    r->at.now_ms += 10;
    committer_put_consumer(r->committer, "historian", 7, 1);
    committer_put_consumer(r->committer, "historian", 9, 2);
    assert_false(committer_settled(r->committer));
    step(r);
    assert_true(committer_settled(r->committer));
    assert_int_equal(count(r, "SELECT seq FROM consumer WHERE name = 'historian'"), 9);
}

/* On line when the process died, and no longer configured when it came back. */
static void a_station_that_left_meanwhile_goes_off_line(void **state)
{
    struct rig *r = *state;
    struct batch *b = batch_of(r, sizeof(struct batch_station));
    *(struct batch_station *)(void *)b->data = (struct batch_station){
        .item = {.kind = BATCH_STATION, .size = sizeof(struct batch_station), .station = STATION},
        .last_heard_ms = 5000,
        .online = 1};
    committer_take(r->committer, b);
    assert_true(committer_finish(r->committer, &r->at));
    close_store(r);
    r->batches = 0;
    open_store(r);
    struct config nothing = {0};
    struct catalog catalog = {.config = &nothing, .generation = 1};
    committer_catalog(r->committer, &catalog);
    step(r);
    struct journal_row rows[8];
    assert_int_equal(read_all(r, rows, 8), 1);
    assert_int_equal(rows[0].index, HOLE_COMM_LOST);
    assert_int_equal(rows[0].time_ms, 5000);
    assert_false(ingest_station(committer_ingest(r->committer), STATION)->online);
}

static void begin_again(struct rig *r)
{
    close_store(r);
    r->batches = 0;
    open_store(r);
}

/* Time goes by; the clock goes with it, and jumps. */
static void pass(struct rig *r, int64_t ms, int64_t jump_ms)
{
    r->at.now_ms += ms;
    r->at.wall_ms += ms + jump_ms;
    step(r);
}

/* Three rows, received now and kept for an hour; what is written behind does not hold them back. */
static void store_rows_to_retain(struct rig *r)
{
    const double values[] = {1, 2, 3};
    r->retention_age_s = HOUR_MS / 1000;
    begin_again(r);
    hand_over(r, values, 3, WALK_END);
    step(r);
    for (int i = 0; i < 5; i++)
        pass(r, 60, 0);
    assert_int_equal(count(r, "SELECT as_of FROM meta"), 3);
}

static int rows_left(struct rig *r)
{
    pass(r, 6000, 0);
    return count(r, "SELECT count(*) FROM event");
}

static void rows_go_when_they_are_old_enough(void **state)
{
    struct rig *r = *state;
    store_rows_to_retain(r);
    pass(r, HOUR_MS - 10000, 0);
    assert_int_equal(rows_left(r), 3);
    pass(r, 10000, 0);
    assert_int_equal(rows_left(r), 1); /* the newest stays */
}

static void a_clock_that_jumps_ahead_does_not_empty_the_journal(void **state)
{
    struct rig *r = *state;
    store_rows_to_retain(r);
    pass(r, 6000, (int64_t)HOUR_MS * 24 * 3650);
    assert_int_equal(rows_left(r), 3);
    pass(r, HOUR_MS / 2 - 30000, 0);
    assert_int_equal(rows_left(r), 3);
    pass(r, 30000, 0);
    assert_int_equal(rows_left(r), 1); /* age has grown twice as fast, no more */
}

static void a_clock_that_is_set_back_and_right_again_retains_as_before(void **state)
{
    struct rig *r = *state;
    store_rows_to_retain(r);
    pass(r, 6000, -(int64_t)HOUR_MS * 24 * 365);
    assert_int_equal(rows_left(r), 3);
    pass(r, 6000, (int64_t)HOUR_MS * 24 * 365);
    pass(r, HOUR_MS, 0);
    assert_int_equal(rows_left(r), 1);
}

/* A machine without a battery starts in 1970, and learns the time later. */
static void the_first_time_that_the_clock_is_right_it_is_believed(void **state)
{
    struct rig *r = *state;
    store_rows_to_retain(r);
    int64_t right_ms = r->at.wall_ms + 2 * HOUR_MS;
    r->at.wall_ms = 1000;
    begin_again(r);
    assert_int_equal(rows_left(r), 3);
    r->at.wall_ms = right_ms;
    assert_int_equal(rows_left(r), 3);
    r->at.wall_trusted = true;
    assert_int_equal(rows_left(r), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_first_commit_comes_at_once_and_the_next_is_paced),
        TEST(what_is_published_is_what_is_stored),
        TEST(a_fragment_that_the_store_refuses_goes_to_quarantine_alone),
        TEST(a_defect_is_stored_with_its_octets),
        TEST(the_quarantine_is_bounded_at_once),
        TEST(a_lock_that_is_held_for_long_is_told_of),
        TEST(repeats_of_what_is_durable_need_no_commit),
        TEST(values_are_written_behind_and_replayed_twice_without_harm),
        TEST(the_end_writes_everything),
        TEST(an_acknowledgement_is_durable_once_the_committer_is_settled),
        TEST(a_station_that_left_meanwhile_goes_off_line),
        TEST(rows_go_when_they_are_old_enough),
        TEST(a_clock_that_jumps_ahead_does_not_empty_the_journal),
        TEST(a_clock_that_is_set_back_and_right_again_retains_as_before),
        TEST(the_first_time_that_the_clock_is_right_it_is_believed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
