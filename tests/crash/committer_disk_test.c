// SPDX-License-Identifier: Apache-2.0
/*
 * The committer on a disk that fails at every possible moment: what it calls durable is there after the power
 * was cut at once, and what failed is stored without a restart once the disk works again.
 */
#include "db/reader.h"
#include "fep/committer.h"
#include "support/cm.h"
#include "support/cutvfs.h"

#include <stdio.h>

enum { FRAGMENTS = 12, EVENTS = 5, STATION = 1, PATIENCE = 4000 };

enum disk_fault { WRITE_FAILS, SYNC_FAILS_ONCE, SYNC_FAILS_AND_FORGETS, DISK_IS_FULL };

struct rig {
    struct cutvfs *disk;
    struct store *store;
    struct committer *committer;
    char name[32];
    int64_t now_ms;
    uint64_t handed; /* batches */
};

static void open_all(struct rig *r)
{
    char error[256];
    struct instant at = {.now_ms = r->now_ms, .wall_ms = r->now_ms};
    struct committer_options options = {.workers = 1,
                                        .commit_interval_ms = 2,
                                        .checkpoint_interval_ms = 10,
                                        .quarantine_per_station = 3,
                                        .quarantine_total = 3};
    assert_int_equal(
        store_open(&r->store, "c.db", &(struct store_options){.vfs = r->name}, error, sizeof error),
        STORE_OK);
    r->committer = committer_new(r->store, &options, &at);
    assert_non_null(r->committer);
}

static void close_all(struct rig *r)
{
    committer_free(r->committer);
    store_close(r->store);
}

static struct rig rig_new(void)
{
    static unsigned rigs;
    struct rig r = {.now_ms = 1000};
    snprintf(r.name, sizeof r.name, "committer-%u", rigs++);
    r.disk = cutvfs_new(r.name, 7);
    open_all(&r);
    return r;
}

/* One batch with one fragment of events; each event's value is its number over all. */
static void hand_over(struct rig *r)
{
    size_t size = sizeof(struct batch_fragment) + EVENTS * sizeof(struct measurement) + 8;
    struct batch *b = calloc(1, sizeof *b + size);
    assert_non_null(b);
    *b = (struct batch){.number = ++r->handed, .len = size, .room = size};
    struct batch_fragment *f = (void *)b->data;
    *f = (struct batch_fragment){.item = {.kind = BATCH_FRAGMENT, .size = (uint32_t)size, .station = STATION},
                                 .ticket = r->handed,
                                 .response = r->handed,
                                 .received_ms = r->now_ms,
                                 .count = EVENTS,
                                 .octets_len = 8,
                                 .defect = r->handed % 3 ? WALK_END : WALK_UNKNOWN_OBJECT,
                                 .unsolicited = 1,
                                 .confirm_asked = 1};
    for (uint32_t i = 0; i < EVENTS; i++)
        f->measurements[i] = (struct measurement){.value = (double)((r->handed - 1) * EVENTS + i),
                                                  .time_ms = 1000 + r->handed,
                                                  .index = i,
                                                  .type = POINT_ANALOG_INPUT,
                                                  .flags = FLAG_ONLINE,
                                                  .time_quality = TIME_SYNCHRONISED,
                                                  .event = true};
    committer_take(r->committer, b);
}

static void step(struct rig *r)
{
    struct instant at = {.now_ms = r->now_ms, .wall_ms = r->now_ms};
    committer_step(r->committer, &at);
    r->now_ms += 1;
}

/* The origin events on the platter: how many, and that they are the first so many in order. */
static uint64_t stored_in_order(struct rig *r)
{
    char error[256];
    struct journal_reader *reader;
    assert_int_equal(reader_open(&reader, "c.db", r->name, error, sizeof error), STORE_OK);
    struct journal_row rows[FRAGMENTS * (EVENTS + 1) + 16];
    size_t len = sizeof rows / sizeof *rows;
    int64_t to;
    assert_int_equal(reader_rows(reader, 0, &(struct journal_filter){0}, rows, &len, &to), STORE_OK);
    reader_close(reader);
    uint64_t events = 0;
    for (size_t i = 0; i < len; i++)
        if (rows[i].origin == ORIGIN_UNSOLICITED)
            assert_true(rows[i].value == (double)events++);
    return events;
}

static void order_fault(struct rig *r, enum disk_fault fault, uint64_t nth)
{
    if (fault == WRITE_FAILS)
        cutvfs_fail_write(r->disk, nth);
    else if (fault == DISK_IS_FULL)
        cutvfs_full_at(r->disk, nth);
    else
        cutvfs_fail_sync(r->disk, nth, fault == SYNC_FAILS_AND_FORGETS);
}

/* Returns whether the fault struck at all. */
static bool run_with_fault(enum disk_fault fault, uint64_t nth)
{
    struct rig r = rig_new();
    order_fault(&r, fault, nth);
    for (int i = 0; i < FRAGMENTS; i++) {
        hand_over(&r);
        for (int n = 0; n < 3; n++)
            step(&r);
    }
    bool struck = committer_status(r.committer)->failed_commits > 0;
    for (int n = 0; n < 50; n++)
        step(&r);
    if (fault == DISK_IS_FULL && struck) {
        assert_true(committer_status(r.committer)->failing_since_ms > 0);
        assert_true(committer_durable(r.committer, 0) < r.handed);
    }
    /* the power goes now: what was called durable must be there, whatever failed before */
    uint64_t durable = committer_durable(r.committer, 0);
    cutvfs_cut(r.disk, CUT_LOSE_ALL);
    close_all(&r);
    cutvfs_reboot(r.disk);
    open_all(&r);
    assert_true(stored_in_order(&r) >= durable * EVENTS);
    close_all(&r);
    cutvfs_free(r.disk);
    return struck;
}

static bool run_to_recovery(enum disk_fault fault, uint64_t nth)
{
    struct rig r = rig_new();
    order_fault(&r, fault, nth);
    for (int i = 0; i < FRAGMENTS; i++) {
        hand_over(&r);
        step(&r), step(&r);
    }
    bool struck = committer_status(r.committer)->failed_commits > 0;
    cutvfs_give_space(r.disk);
    for (int n = 0; n < PATIENCE && committer_durable(r.committer, 0) < r.handed; n++)
        step(&r);
    assert_true(committer_durable(r.committer, 0) == r.handed);
    assert_true(committer_status(r.committer)->failing_since_ms == 0);
    assert_true(stored_in_order(&r) == FRAGMENTS * EVENTS);
    close_all(&r);
    cutvfs_free(r.disk);
    return struck;
}

static void sweep(enum disk_fault fault)
{
    bool struck = true;
    uint64_t nth = 1, strikes = 0;
    for (; struck || nth < 40; nth++) {
        struck = run_with_fault(fault, nth);
        struck = run_to_recovery(fault, nth) || struck;
        strikes += struck;
    }
    assert_true(strikes > 5);
}

static void an_io_error_at_every_write(void **state)
{
    (void)state;
    sweep(WRITE_FAILS);
}

static void a_sync_that_fails_once_at_every_sync(void **state)
{
    (void)state;
    sweep(SYNC_FAILS_ONCE);
}

static void a_sync_that_fails_once_and_drops_the_data(void **state)
{
    (void)state;
    sweep(SYNC_FAILS_AND_FORGETS);
}

static void a_full_disk_at_every_write(void **state)
{
    (void)state;
    sweep(DISK_IS_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_io_error_at_every_write),
        cmocka_unit_test(a_sync_that_fails_once_at_every_sync),
        cmocka_unit_test(a_sync_that_fails_once_and_drops_the_data),
        cmocka_unit_test(a_full_disk_at_every_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
