// SPDX-License-Identifier: Apache-2.0
/* Our wall clock jumps: what present values and the times of hearing make of it. */
#include "fep/ingest_points.h"
#include "support/ingest_rig.h"

enum { HOUR_MS = 3600 * 1000 };

static const int64_t noon_ms = 1735689600000;

/* One measurement of point 0. A static one was asked for just before it came. */
static void hear(struct rig *r, const struct measurement *m, int64_t received_ms)
{
    struct batch_fragment *f = calloc(1, sizeof *f + sizeof *m);
    *f = (struct batch_fragment){.item = {.kind = BATCH_FRAGMENT, .station = STATION},
                                 .ticket = ++r->ticket,
                                 .response = r->ticket,
                                 .received_ms = received_ms,
                                 .requested_ms = m->event ? 0 : received_ms - 20,
                                 .count = 1,
                                 .defect = WALK_END,
                                 .unsolicited = m->event,
                                 .confirm_asked = m->event};
    f->measurements[0] = *m;
    ingest_item(r->in, &f->item, &r->rows);
    free(f);
}

static void hear_event(struct rig *r, double value, int64_t time_ms, int64_t received_ms)
{
    const struct measurement m = {.value = value,
                                  .time_ms = (uint64_t)time_ms,
                                  .type = POINT_ANALOG_INPUT,
                                  .flags = FLAG_ONLINE,
                                  .time_quality = TIME_SYNCHRONISED,
                                  .event = true};
    hear(r, &m, received_ms);
}

static void hear_static(struct rig *r, double value, int64_t received_ms)
{
    const struct measurement m = {
        .value = value, .type = POINT_ANALOG_INPUT, .flags = FLAG_ONLINE, .time_quality = TIME_NONE};
    hear(r, &m, received_ms);
}

static void report(struct rig *r, bool online, int64_t last_heard_ms)
{
    struct batch_station s = {.item = {.kind = BATCH_STATION, .size = sizeof s, .station = STATION},
                              .last_heard_ms = last_heard_ms,
                              .online = online};
    ingest_item(r->in, &s.item, &r->rows);
}

static struct station_image *station(const struct rig *r)
{
    return ingest_station(r->in, STATION);
}

static double present_value(const struct rig *r)
{
    return points_find(station(r), POINT_ANALOG_INPUT, 0)->value;
}

static const struct journal_row *last(const struct rig *r)
{
    return &r->rows.rows[r->rows.len - 1];
}

static void an_event_from_before_the_static_value_is_history(void **state)
{
    struct rig *r = *state;
    hear_static(r, 5, noon_ms);
    hear_event(r, 6, noon_ms - HOUR_MS, noon_ms + 10);
    assert_true(present_value(r) == 5);
    assert_true(last(r)->marks & MARK_HIST);
    hear_event(r, 7, noon_ms + 15, noon_ms + 20);
    assert_true(present_value(r) == 7);
}

static void after_the_clock_is_set_back_events_are_present_again(void **state)
{
    struct rig *r = *state;
    hear_static(r, 5, noon_ms + 2 * HOUR_MS); /* it was two hours ahead */
    hear_event(r, 6, noon_ms - 10, noon_ms);
    assert_true(present_value(r) == 6);
    assert_false(last(r)->marks & MARK_HIST);
    hear_static(r, 7, noon_ms + 100);
    hear_event(r, 8, noon_ms, noon_ms + 110); /* and from here on it is as ever */
    assert_true(present_value(r) == 7);
}

static void a_hole_after_the_clock_is_set_back_begins_there(void **state)
{
    struct rig *r = *state;
    report(r, true, noon_ms + 1000LL * 24 * HOUR_MS);
    hear_event(r, 1, noon_ms - 10, noon_ms);
    assert_int_equal(station(r)->last_heard_ms, noon_ms);
    report(r, false, 0); /* a session that has heard nothing yet */
    assert_int_equal(last(r)->index, HOLE_COMM_LOST);
    assert_int_equal(last(r)->time_ms, noon_ms);
}

static void after_a_restart_what_was_heard_last_counts(void **state)
{
    struct rig *r = *state;
    const struct stored_station state_then = {
        .station = STATION, .online = true, .last_heard_ms = noon_ms, .applied_seq = 2};
    const struct journal_row rows[] = {
        /* from while the clock was wrong, and known to the state already */
        {.seq = 2, .station = STATION, .received_ms = noon_ms + HOUR_MS, .type = POINT_ANALOG_INPUT},
        {.seq = 3, .station = STATION, .received_ms = noon_ms - HOUR_MS, .type = POINT_ANALOG_INPUT},
    };
    ingest_recover_station(r->in, &state_then);
    ingest_recover_row(r->in, &rows[0]);
    assert_int_equal(station(r)->last_heard_ms, noon_ms);
    ingest_recover_row(r->in, &rows[1]);
    assert_int_equal(station(r)->last_heard_ms, noon_ms - HOUR_MS);
    ingest_recovered(r->in);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_from_before_the_static_value_is_history),
        TEST(after_the_clock_is_set_back_events_are_present_again),
        TEST(a_hole_after_the_clock_is_set_back_begins_there),
        TEST(after_a_restart_what_was_heard_last_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
