// SPDX-License-Identifier: Apache-2.0
/*
 * The store on a disk that loses power, runs full and fails: at every operation of a scripted workload.
 *
 * The workload is a row of turns, each one transaction of a kind that fepd makes. After each, `committed`
 * holds what the database must say; while one runs, `attempt` holds what it may say instead, if the commit
 * reached the disk though nobody was told so. After a fault the database must be wholly the one or the other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/reader.h"
#include "support/cutvfs.h"

#define DISK "power"
#define PATH "fep.db"

enum { TURNS = 15, TURNS_AFTER = 2, ROWS_MAX = 4096, CHECKPOINT_PAGES = 20 };

struct facts {
    int64_t oldest;
    int64_t newest;
    int64_t as_of;
    int64_t turn_of_value;
    int64_t doubt_len;
    int64_t quarantined;
    int64_t consumer;
    int64_t stations;
    int64_t points;
};

struct workload {
    struct cutvfs *disk;
    struct store *store;
    struct store_options options;
    struct facts committed;
    struct facts attempt;
    int turn; /* the next */
    enum store_result failed;
    char error[300];
};

static const struct facts nothing_yet = {.oldest = 1};

/* --- the rows ---------------------------------------------------------------------------------------- */

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* What a row says follows from its sequence alone. */
static struct journal_row row_of(int64_t seq)
{
    static const uint64_t odd[] = {
        0x7ff8000000000123u, 0xfff4000000000001u, 0x8000000000000000u, 0x7ff0000000000000u,
        0xfff0000000000000u, 0x0000000000000001u, 0x3ff0000000000000u, 0x43e0000000000000u,
    };
    uint64_t mixed = (uint64_t)seq * 0x9e3779b97f4a7c15u;
    return (struct journal_row){
        .seq = seq,
        .value = double_of(seq % 3 == 0 ? odd[seq / 3 % 8] : mixed),
        .time_ms = seq % 5 == 0 ? 0 : (int64_t)(mixed >> 16),
        .received_ms = 1700000000000 + seq,
        .station = (uint32_t)(seq % 3 + 1),
        .index = (uint32_t)mixed,
        .doubt = (uint32_t)(seq % 9),
        .type = (uint8_t)(seq % 8 + 1),
        .flags = (uint8_t)mixed,
        .time_quality = (uint8_t)(seq % 4),
        .origin = (uint8_t)(seq % 3 + 1),
        .marks = (uint8_t)(seq % 4),
    };
}

static bool row_same(const struct journal_row *a, const struct journal_row *b)
{
    return a->seq == b->seq && memcmp(&a->value, &b->value, sizeof a->value) == 0 &&
           a->time_ms == b->time_ms && a->received_ms == b->received_ms && a->station == b->station &&
           a->index == b->index && a->doubt == b->doubt && a->type == b->type && a->flags == b->flags &&
           a->time_quality == b->time_quality && a->origin == b->origin && a->marks == b->marks;
}

/* --- the workload ------------------------------------------------------------------------------------ */

typedef enum store_result (*step)(struct workload *);

static enum store_result append(struct store *s, int len)
{
    enum store_result result = STORE_OK;
    for (int i = 0; i < len && result == STORE_OK; i++) {
        struct journal_row row = row_of(store_next_seq(s));
        result = store_append(s, &row);
    }
    return result;
}

static enum store_result step_rows(struct workload *w)
{
    enum store_result result = append(w->store, 1 + w->turn * 7 % 23);
    w->attempt.newest = store_next_seq(w->store) - 1;
    return result;
}

static enum store_result step_undone_fragment(struct workload *w)
{
    int64_t next = store_next_seq(w->store);
    enum store_result result = store_savepoint(w->store);
    if (result == STORE_OK)
        result = append(w->store, 3);
    if (result == STORE_OK)
        result = store_savepoint_undo(w->store);
    if (result == STORE_OK)
        assert_int_equal(store_next_seq(w->store), next);
    return result == STORE_OK ? store_savepoint_release(w->store) : result;
}

static enum store_result step_state(struct workload *w)
{
    static uint8_t doubt[24000];
    size_t len = w->turn == 9 ? sizeof doubt : (size_t)w->turn * 50;
    struct stored_value value = {.station = 1, .type = 6, .index = 1, .value = w->turn};
    struct stored_station state = {.station = 1, .doubt = doubt, .doubt_len = len};
    enum store_result result = store_put_value(w->store, &value);
    if (result == STORE_OK)
        result = store_put_station(w->store, &state);
    w->attempt.turn_of_value = w->turn;
    w->attempt.doubt_len = (int64_t)len;
    return result;
}

static enum store_result step_as_of(struct workload *w)
{
    w->attempt.as_of = w->committed.newest;
    return store_set_as_of(w->store, w->committed.newest);
}

static enum store_result step_retain(struct workload *w)
{
    uint32_t deleted = 0;
    enum store_result result =
        store_retain(w->store, &(struct store_limits){.before_ms = INT64_MAX, .max_rows = 60}, &deleted);
    w->attempt.oldest += deleted;
    return result;
}

static enum store_result step_quarantine(struct workload *w)
{
    static const uint8_t octets[2048] = {0xc0, 0x81};
    enum store_result result = store_quarantine(w->store, (uint32_t)w->turn % 2 + 1, w->turn, 1, "odd object",
                                                octets, sizeof octets);
    if (result == STORE_OK)
        result = store_bound_quarantine(w->store, 2, 3);
    w->attempt.quarantined += w->attempt.quarantined < 2;
    return result;
}

static enum store_result step_consumer(struct workload *w)
{
    w->attempt.consumer = w->committed.newest;
    return store_put_consumer(w->store, "historian", w->committed.newest, w->turn);
}

static enum store_result step_names(struct workload *w)
{
    static const struct stored_point points[] = {
        {.index = 0, .type = 1, .name = "breaker", .unit = "", .scale = 1},
        {.index = 0, .type = 6, .name = "voltage", .unit = "kV", .scale = 0.1},
    };
    char name[32];
    snprintf(name, sizeof name, "station %d", w->turn);
    uint32_t number = 0;
    enum store_result result = store_register_station(w->store, name, &number);
    if (result == STORE_OK)
        result = store_describe_points(w->store, number, points, 2);
    w->attempt.stations++;
    w->attempt.points += 2;
    return result;
}

static const struct {
    int every;
    step step;
} plan[] = {
    {1, step_rows},   {8, step_undone_fragment}, {3, step_state},    {5, step_as_of},
    {7, step_retain}, {4, step_quarantine},      {6, step_consumer}, {11, step_names},
};

static enum store_result workload_turn(struct workload *w)
{
    w->attempt = w->committed;
    enum store_result result = store_begin(w->store);
    for (size_t i = 0; i < sizeof plan / sizeof plan[0] && result == STORE_OK; i++) {
        if (w->turn % plan[i].every == 0)
            result = plan[i].step(w);
    }
    if (result == STORE_OK)
        result = store_commit(w->store);
    if (result == STORE_OK) {
        w->committed = w->attempt;
        w->turn++;
    } else {
        store_rollback(w->store);
    }
    return result;
}

static enum store_result workload_open(struct workload *w)
{
    return store_open(&w->store, PATH, &w->options, w->error, sizeof w->error);
}

/* Until `turns` are done or something fails: then what failed. */
static enum store_result workload_run(struct workload *w, int turns)
{
    enum store_result result = w->store == NULL ? workload_open(w) : STORE_OK;
    for (; result == STORE_OK && turns > 0; turns--) {
        result = workload_turn(w);
        if (result == STORE_OK) {
            w->attempt = w->committed;
            if (store_wal_pages(w->store) >= CHECKPOINT_PAGES)
                result = store_checkpoint(w->store);
        }
    }
    return result;
}

static struct workload workload_begin(uint64_t seed, bool sync_off)
{
    return (struct workload){
        .disk = cutvfs_new(DISK, seed),
        .options = {.vfs = DISK, .sync_off = sync_off, .cache_mb = 1},
        .committed = nothing_yet,
        .attempt = nothing_yet,
        .turn = 1,
    };
}

static void workload_close(struct workload *w)
{
    store_close(w->store);
    w->store = NULL;
}

static void workload_end(struct workload *w)
{
    workload_close(w);
    cutvfs_free(w->disk);
}

static void workload_power_cycle(struct workload *w, enum cut_loss loss)
{
    cutvfs_cut(w->disk, loss);
    workload_close(w);
    cutvfs_reboot(w->disk);
}

/* --- the check --------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    const char *sql;
    size_t at;
} questions[] = {
    {"oldest", "SELECT coalesce(min(seq), 1) FROM event", offsetof(struct facts, oldest)},
    {"newest", "SELECT coalesce(max(seq), 0) FROM event", offsetof(struct facts, newest)},
    {"as_of", "SELECT as_of FROM meta", offsetof(struct facts, as_of)},
    {"value", "SELECT coalesce(max(value), 0) FROM current_value", offsetof(struct facts, turn_of_value)},
    {"doubt", "SELECT coalesce(max(length(doubt)), 0) FROM station_state", offsetof(struct facts, doubt_len)},
    {"quarantined", "SELECT count(*) FROM quarantine", offsetof(struct facts, quarantined)},
    {"consumer", "SELECT coalesce(max(seq), 0) FROM consumer", offsetof(struct facts, consumer)},
    {"stations", "SELECT count(*) FROM station", offsetof(struct facts, stations)},
    {"points", "SELECT count(*) FROM point", offsetof(struct facts, points)},
};

static bool ask(sqlite3 *db, const char *sql, int64_t *number, char *text, size_t room)
{
    sqlite3_stmt *stmt = NULL;
    bool answered =
        sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK && sqlite3_step(stmt) == SQLITE_ROW;
    if (answered) {
        *number = sqlite3_column_int64(stmt, 0);
        snprintf(text, room, "%s", (const char *)sqlite3_column_text(stmt, 0));
    }
    return sqlite3_finalize(stmt) == SQLITE_OK && answered;
}

static bool gather(sqlite3 *db, struct facts *facts)
{
    char text[300];
    int64_t number = 0;
    if (!ask(db, "PRAGMA integrity_check", &number, text, sizeof text) || strcmp(text, "ok") != 0)
        return false;
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        if (!ask(db, questions[i].sql, &number, text, sizeof text))
            return false;
        memcpy((char *)facts + questions[i].at, &number, sizeof number);
    }
    return true;
}

static bool facts_same(const struct facts *a, const struct facts *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void facts_print(const char *title, const struct facts *f)
{
    print_message("  %-10s", title);
    for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++) {
        int64_t number;
        memcpy(&number, (const char *)f + questions[i].at, sizeof number);
        print_message(" %s %lld", questions[i].name, (long long)number);
    }
    print_message("\n");
}

/* All rows between the bounds are there, each as it was stored. */
static bool rows_intact(const struct facts *facts)
{
    static struct journal_row rows[ROWS_MAX];
    char error[300];
    struct journal_reader *reader = NULL;
    if (reader_open(&reader, PATH, DISK, error, sizeof error) != STORE_OK)
        return false;
    size_t len = ROWS_MAX;
    int64_t end = 0;
    bool intact = reader_rows(reader, 0, NULL, rows, &len, &end) == STORE_OK &&
                  (int64_t)len == facts->newest - facts->oldest + 1;
    for (size_t i = 0; i < len && intact; i++) {
        struct journal_row expected = row_of(facts->oldest + (int64_t)i);
        intact = row_same(&rows[i], &expected);
    }
    reader_close(reader);
    return intact;
}

/* NULL where the open store says what it must. Goes on from what it says. */
static const char *complaint_about(struct workload *w, bool quiet)
{
    sqlite3 *db = NULL;
    struct facts found = {0};
    sqlite3_open_v2(PATH, &db, SQLITE_OPEN_READONLY, DISK);
    bool gathered = gather(db, &found);
    sqlite3_close(db);
    if (!gathered)
        return "not readable, or no integrity";
    if (!facts_same(&found, &w->committed) && !facts_same(&found, &w->attempt)) {
        if (!quiet) {
            facts_print("found", &found);
            facts_print("committed", &w->committed);
            facts_print("attempt", &w->attempt);
        }
        return "neither what was committed nor what was attempted";
    }
    if (!rows_intact(&found))
        return "rows lost or changed";
    if (store_next_seq(w->store) != found.newest + 1)
        return "sequence used again";
    w->turn += !facts_same(&found, &w->committed);
    w->committed = found;
    w->attempt = found;
    return NULL;
}

static const char *complaint_after_reboot(struct workload *w, bool quiet)
{
    if (workload_open(w) != STORE_OK)
        return "can't be opened";
    return complaint_about(w, quiet);
}

static void expect_well(const char *complaint, const char *what, uint64_t at)
{
    if (complaint != NULL)
        fail_msg("%s %llu: %s", what, (unsigned long long)at, complaint);
}

/* How many operations, writes and syncs the workload makes where nothing fails. */
static struct {
    uint64_t ops;
    uint64_t writes;
    uint64_t syncs;
} whole;

static int measure_whole(void **state)
{
    (void)state;
    struct workload w = workload_begin(1, false);
    enum store_result result = workload_run(&w, TURNS);
    whole.ops = cutvfs_ops(w.disk);
    whole.writes = cutvfs_writes(w.disk);
    whole.syncs = cutvfs_syncs(w.disk);
    bool well = result == STORE_OK && complaint_about(&w, false) == NULL && w.committed.oldest > 60 &&
                w.committed.newest > 150 && w.committed.stations == 1 && w.committed.quarantined == 2;
    facts_print("no fault", &w.committed);
    print_message("  %llu operations, %llu writes, %llu syncs\n", (unsigned long long)whole.ops,
                  (unsigned long long)whole.writes, (unsigned long long)whole.syncs);
    workload_end(&w);
    return well && whole.syncs > TURNS ? 0 : -1;
}

/* --- power cuts -------------------------------------------------------------------------------------- */

/* One run with a cut at operation k; the store goes on after it. Gives the first complaint. */
static const char *cut_run(uint64_t k, enum cut_loss loss, bool sync_off)
{
    struct workload w = workload_begin(k * 3 + loss, sync_off);
    cutvfs_cut_at(w.disk, k, loss);
    workload_run(&w, TURNS);
    workload_power_cycle(&w, loss);
    /* Power goes once more while the database recovers and goes on. */
    cutvfs_cut_at(w.disk, k % 11 + 1, loss);
    const char *complaint = complaint_after_reboot(&w, sync_off);
    if (!cutvfs_is_cut(w.disk) && complaint == NULL)
        workload_run(&w, TURNS_AFTER);
    if (cutvfs_is_cut(w.disk)) {
        workload_power_cycle(&w, loss);
        complaint = complaint_after_reboot(&w, sync_off);
    }
    cutvfs_cut_at(w.disk, 0, loss);
    if (complaint == NULL && workload_run(&w, TURNS_AFTER) != STORE_OK)
        complaint = "does not go on";
    if (complaint == NULL)
        complaint = complaint_about(&w, sync_off);
    workload_end(&w);
    return complaint;
}

static void keeps_every_commit_through_power_cuts(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= whole.ops; k++) {
        expect_well(cut_run(k, CUT_LOSE_ALL, false), "all lost at operation", k);
        expect_well(cut_run(k, CUT_LOSE_SOME, false), "some lost at operation", k);
        if (k % 4 == 0)
            expect_well(cut_run(k, CUT_LOSE_NONE, false), "none lost at operation", k);
    }
}

/* Closing folds the WAL into the file and removes it; opening again begins a new one. */
static void keeps_every_commit_through_cuts_while_closing(void **state)
{
    (void)state;
    bool closed_whole = false;
    for (uint64_t k = 1; !closed_whole; k++) {
        for (int loss = CUT_LOSE_ALL; loss <= CUT_LOSE_SOME; loss++) {
            struct workload w = workload_begin(k, false);
            assert_int_equal(workload_run(&w, TURNS), STORE_OK);
            cutvfs_cut_at(w.disk, k, (enum cut_loss)loss);
            workload_close(&w);
            closed_whole = !cutvfs_is_cut(w.disk);
            workload_power_cycle(&w, (enum cut_loss)loss);
            expect_well(complaint_after_reboot(&w, false), "cut while closing, at operation", k);
            assert_int_equal(workload_run(&w, TURNS_AFTER), STORE_OK);
            workload_power_cycle(&w, CUT_LOSE_ALL);
            expect_well(complaint_after_reboot(&w, false), "cut after closing was cut, at operation", k);
            workload_end(&w);
        }
        assert_true(closed_whole || k < whole.ops);
    }
}

/* The control: the same check finds what a store that does not sync loses. */
static void finds_losses_without_sync(void **state)
{
    (void)state;
    unsigned found = 0;
    unsigned runs = 0;
    /* Behind the making of the file, which is no commit of ours. */
    for (uint64_t k = whole.ops / 4; k <= whole.ops / 2; k += 9) {
        found += cut_run(k, CUT_LOSE_ALL, true) != NULL;
        found += cut_run(k, CUT_LOSE_SOME, true) != NULL;
        runs += 2;
    }
    print_message("  synchronous=OFF: losses in %u of %u runs\n", found, runs);
    assert_true(found > runs / 2);
}

/* --- faults that a running store outlives ------------------------------------------------------------ */

/* After a failure the same again, until it works; then either power goes at once, or the work goes on. */
static const char *outlive(struct workload *w, bool cut_at_once)
{
    if (cut_at_once) {
        enum store_result result = w->store == NULL ? workload_open(w) : STORE_OK;
        if (result == STORE_OK)
            result = workload_turn(w);
        w->attempt = w->committed;
        if (result != STORE_OK)
            return "does not go on";
        workload_power_cycle(w, CUT_LOSE_ALL);
        const char *complaint = complaint_after_reboot(w, false);
        if (complaint != NULL)
            return complaint;
    }
    if (workload_run(w, TURNS_AFTER) != STORE_OK)
        return "does not go on";
    workload_power_cycle(w, CUT_LOSE_ALL);
    return complaint_after_reboot(w, false);
}

static void retries_what_a_failed_sync_dropped(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= whole.syncs; k++) {
        for (unsigned variant = 0; variant < 4; variant++) {
            struct workload w = workload_begin(k, false);
            cutvfs_fail_sync(w.disk, k, (variant & 1) != 0);
            enum store_result result = workload_run(&w, TURNS);
            if (result != STORE_IO)
                fail_msg("failed sync %llu: result %d", (unsigned long long)k, (int)result);
            /* Nobody was told that it is stored, and it is not. */
            w.attempt = w.committed;
            expect_well(outlive(&w, (variant & 2) != 0), "failed sync", k);
            workload_end(&w);
        }
    }
}

/*
 * A sync fails, and the process is killed. The next one reads from the page cache what never reached the
 * disk; what it commits on top of that must survive a power cut all the same.
 */
static void builds_on_nothing_that_a_failed_sync_dropped(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= whole.syncs; k++) {
        struct workload w = workload_begin(k, false);
        cutvfs_fail_sync(w.disk, k, k % 3 == 0);
        assert_int_equal(workload_run(&w, TURNS), STORE_IO);
        cutvfs_kill(w.disk);
        workload_close(&w);
        expect_well(complaint_after_reboot(&w, false), "killed after failed sync", k);
        expect_well(outlive(&w, k % 2 == 0), "killed after failed sync", k);
        workload_end(&w);
    }
}

/* A kill alone loses nothing, and what was committed before it outlives a power cut after it. */
static void outlives_a_kill_and_then_a_power_cut(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= whole.writes; k += 5) {
        struct workload w = workload_begin(k, false);
        cutvfs_fail_write(w.disk, k);
        assert_int_equal(workload_run(&w, TURNS), STORE_IO);
        cutvfs_kill(w.disk);
        workload_close(&w);
        expect_well(complaint_after_reboot(&w, false), "killed at write", k);
        workload_power_cycle(&w, CUT_LOSE_ALL);
        expect_well(complaint_after_reboot(&w, false), "cut after a kill at write", k);
        workload_end(&w);
    }
}

static void outlives_one_io_error(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= whole.writes; k++) {
        struct workload w = workload_begin(k, false);
        cutvfs_fail_write(w.disk, k);
        enum store_result result = workload_run(&w, TURNS);
        if (result != STORE_IO)
            fail_msg("failed write %llu: result %d", (unsigned long long)k, (int)result);
        w.attempt = w.committed;
        if (w.store != NULL)
            expect_well(complaint_about(&w, false), "at once after failed write", k);
        expect_well(outlive(&w, k % 2 != 0), "failed write", k);
        workload_end(&w);
    }
}

static void outlives_a_full_disk(void **state)
{
    (void)state;
    for (uint64_t k = 1; k <= whole.writes; k++) {
        struct workload w = workload_begin(k, false);
        cutvfs_full_at(w.disk, k);
        enum store_result result = workload_run(&w, TURNS);
        if (result != STORE_FULL)
            fail_msg("full at write %llu: result %d", (unsigned long long)k, (int)result);
        w.attempt = w.committed;
        if (w.store != NULL) {
            /* Still full: still no, and what was stored stays readable. */
            assert_int_equal(workload_turn(&w), STORE_FULL);
            w.attempt = w.committed;
            expect_well(complaint_about(&w, false), "while full since write", k);
        }
        cutvfs_give_space(w.disk);
        expect_well(outlive(&w, k % 2 != 0), "full since write", k);
        workload_end(&w);
    }
}

static void names_the_fault_in_one_line(void **state)
{
    (void)state;
    struct workload w = workload_begin(1, false);
    cutvfs_full_at(w.disk, 1);
    assert_int_equal(workload_open(&w), STORE_FULL);
    assert_null(w.store);
    assert_non_null(strstr(w.error, PATH ": no space left"));
    assert_null(strchr(w.error, '\n'));
    cutvfs_give_space(w.disk);
    assert_int_equal(workload_open(&w), STORE_OK);
    cutvfs_full_at(w.disk, 1);
    assert_int_equal(workload_turn(&w), STORE_FULL);
    assert_non_null(strstr(store_error(w.store), "no space left"));
    workload_end(&w);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_every_commit_through_power_cuts),
        cmocka_unit_test(keeps_every_commit_through_cuts_while_closing),
        cmocka_unit_test(finds_losses_without_sync),
        cmocka_unit_test(retries_what_a_failed_sync_dropped),
        cmocka_unit_test(builds_on_nothing_that_a_failed_sync_dropped),
        cmocka_unit_test(outlives_a_kill_and_then_a_power_cut),
        cmocka_unit_test(outlives_one_io_error),
        cmocka_unit_test(outlives_a_full_disk),
        cmocka_unit_test(names_the_fault_in_one_line),
    };
    return cmocka_run_group_tests(tests, measure_whole, NULL);
}
