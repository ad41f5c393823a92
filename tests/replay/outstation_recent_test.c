// SPDX-License-Identifier: Apache-2.0
/* Points that keep their most recent event only: dnp3-reference/outstation.md 2. */
#include "support/outstation_rig.h"

#define AI POINT_ANALOG_INPUT

/* Analog inputs 0 to 2 keep one event each, binary input 0 keeps all. Without time: short. */
static void setup_with(struct rig *r, size_t events_room)
{
    rig_setup(r);
    r->points_len = 0;
    rig_point(r, POINT_BINARY_INPUT, 0, CLASS_2);
    for (uint32_t i = 0; i < 3; i++)
        rig_point(r, AI, i, CLASS_2);
    for (size_t i = 0; i < r->points_len; i++) {
        r->points[i].event_variation = r->points[i].type == AI ? 2 : 1;
        r->points[i].most_recent = r->points[i].type == AI;
    }
    r->events_room = events_room;
    rig_start(r);
}

static const struct outstation_news *last_news(const struct rig *r)
{
    assert_true(r->news_len > 0);
    return &r->news[r->news_len - 1];
}

static void a_newer_event_replaces_the_older(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 8);
    uint64_t first = rig_change(&r, AI, 0, 1, 0);
    rig_change(&r, AI, 1, 2, 1);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 2);
    rig_change(&r, POINT_BINARY_INPUT, 0, 0, 3);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 0);
    uint64_t newer = rig_change(&r, AI, 0, 3, 4);
    assert_true(newer > first);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 1);
    assert_int_equal(last_news(&r)->event.id, first);
    assert_true(last_news(&r)->replaced);
    assert_false(last_news(&r)->by_restart);
    assert_true(last_news(&r)->event.m.value == 1);
    assert_int_equal(rig_buffered(&r), 4);
    /* In order of time, and no overflow. */
    rig_exchange(&r, "C1 01 3C 03 06",
                 "E1 81 00 00 20 02 17 01 01 01 02 00 02 01 17 02 00 81 00 01 20 02 17 01 00 01 03 00");
    rig_send(&r, "C1 00");
    assert_int_equal(rig_news(&r, OUTSTATION_CONFIRMED), 4);
    assert_int_equal(last_news(&r)->event.id, newer);
    assert_int_equal(rig_buffered(&r), 0);
}

static void a_full_buffer_does_not_overflow(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 2);
    rig_change(&r, AI, 0, 1, 0);
    rig_change(&r, AI, 1, 2, 1);
    for (uint64_t i = 2; i < 9; i++)
        assert_int_not_equal(rig_change(&r, AI, (uint32_t)i % 2, (double)i, i), 0);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 7);
    assert_true(last_news(&r)->replaced);
    rig_exchange(&r, "C1 01 3C 03 06", "E1 81 00 00 20 02 17 02 01 01 07 00 00 01 08 00");
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 9); /* all is under way: the new one is lost, and that is one */
    assert_false(last_news(&r)->replaced);
    rig_exchange(&r, "C2 01 3C 01 07 01", "C2 81 04 0C");
}

/* What the master may have is not replaced; given up, both wait, and the next one replaces both. */
static void an_event_under_way_stays(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 8);
    rig_change(&r, AI, 0, 1, 0);
    rig_exchange(&r, "C1 01 3C 03 06", "E1 81 00 00 20 02 17 01 00 01 01 00");
    rig_change(&r, AI, 0, 2, 1);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 0);
    assert_int_equal(rig_buffered(&r), 2);
    rig_change(&r, AI, 0, 3, 2);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 1);
    rig_wait(&r, 5000);
    rig_exchange(&r, "C2 01 3C 03 07 02", "E2 81 00 00 20 02 17 02 00 01 01 00 00 01 03 00");
    rig_wait(&r, 5000);
    rig_change(&r, AI, 0, 4, 3);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 3);
    rig_exchange(&r, "C3 01 3C 03 06", "E3 81 00 00 20 02 17 01 00 01 04 00");
    rig_send(&r, "C3 00");
    assert_int_equal(last_news(&r)->kind, OUTSTATION_CONFIRMED);
    assert_int_equal(rig_buffered(&r), 0);
}

/* Selected by a READ, but still to be written: the response goes on without it. */
static void a_selected_event_may_be_replaced(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 64);
    r.config.tx_fragment_max = 249;
    r.points[0].event_variation = 2;
    for (uint64_t i = 0; i < 30; i++) /* of 8 octets: all to one fragment */
        rig_change(&r, POINT_BINARY_INPUT, 0, (double)(i % 2), i);
    uint64_t replaced = rig_change(&r, AI, 0, 1, 30);
    rig_change(&r, AI, 1, 2, 31);
    rig_send(&r, "C1 01 3C 03 06");
    assert_true(rig_receive(&r));
    assert_memory_equal(r.out, ((const uint8_t[]){0xA1, 0x81, 4, 0, 2, 2, 0x17, 30}), 8);
    rig_change(&r, AI, 0, 3, 32);
    assert_int_equal(last_news(&r)->event.id, replaced);
    rig_send(&r, "C1 00");
    rig_expect(&r, "62 81 04 00 20 02 17 01 01 01 02 00");
    rig_send(&r, "C2 00");
    rig_exchange(&r, "C3 01 3C 03 06", "E3 81 00 00 20 02 17 01 00 01 03 00");
}

static void replacements_that_were_not_drained_are_told_in_the_end(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 8);
    uint64_t ids[3];
    for (uint32_t i = 0; i < 3; i++)
        ids[i] = rig_change(&r, AI, i, 1, i);
    for (uint32_t i = 0; i < 3; i++) {
        struct measurement m = {.value = 5, .index = i, .type = AI, .flags = FLAG_ONLINE};
        assert_int_not_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    }
    assert_int_equal(rig_buffered(&r), 3);
    rig_drain(&r);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 3);
    uint64_t told = 0;
    for (size_t i = r.news_len - 3; i < r.news_len; i++) {
        assert_true(r.news[i].replaced);
        told += r.news[i].event.id;
    }
    assert_int_equal(told, ids[0] + ids[1] + ids[2]);
    rig_exchange(&r, "C1 01 3C 03 06", "E1 81 00 00 20 02 17 03 00 01 05 00 01 01 05 00 02 01 05 00");
}

/* What was confirmed last lies behind them in the buffer. */
static void replacements_before_what_was_told_are_told(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 8);
    rig_change(&r, AI, 0, 1, 0);
    rig_change(&r, AI, 1, 1, 1);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 2);
    rig_exchange(&r, "C1 01 02 01 06", "E1 81 04 00 02 01 17 01 00 81");
    rig_send(&r, "C1 00");
    assert_int_equal(rig_news(&r, OUTSTATION_CONFIRMED), 1);
    for (uint32_t i = 0; i < 2; i++) {
        struct measurement m = {.value = 5, .index = i, .type = AI, .flags = FLAG_ONLINE};
        outstation_update(&r.o, &m, UPDATE_EVENT, &r.at);
    }
    rig_drain(&r);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 2);
    assert_int_equal(rig_buffered(&r), 2);
}

/* The contract of outstation_update(): no event, and then nothing is replaced either. */
static void a_full_buffer_with_an_untold_loss_takes_nothing(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 2);
    rig_change(&r, AI, 0, 1, 0);
    rig_change(&r, AI, 1, 1, 1);
    struct measurement m = {.value = 5, .index = 0, .type = AI, .flags = FLAG_ONLINE};
    assert_int_not_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    m.index = 1;
    assert_int_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    assert_int_equal(rig_buffered(&r), 2);
    rig_drain(&r);
    assert_int_not_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at),
                         0); /* still beyond what was told */
    rig_drain(&r);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 2);
}

/* Else a point that changes often would never be heard of. */
static void a_replacement_does_not_start_the_hold_time_again(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 8);
    r.config.unsolicited = true;
    r.config.unsolicited_hold_ms = 1000;
    r.config.unsolicited_count = 10;
    rig_connect(&r);
    rig_expect(&r, "F0 82 80 00");
    rig_send(&r, "D0 00");
    rig_exchange(&r, "C1 14 3C 03 06", "C1 81 80 00");
    rig_change(&r, AI, 0, 7, 0);
    rig_wait(&r, 600);
    rig_change(&r, AI, 0, 8, 1);
    rig_expect_nothing(&r);
    rig_wait(&r, 400);
    rig_expect(&r, "F1 82 80 00 20 02 17 01 00 01 08 00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_newer_event_replaces_the_older),
        cmocka_unit_test(a_full_buffer_does_not_overflow),
        cmocka_unit_test(an_event_under_way_stays),
        cmocka_unit_test(a_selected_event_may_be_replaced),
        cmocka_unit_test(replacements_that_were_not_drained_are_told_in_the_end),
        cmocka_unit_test(replacements_before_what_was_told_are_told),
        cmocka_unit_test(a_full_buffer_with_an_untold_loss_takes_nothing),
        cmocka_unit_test(a_replacement_does_not_start_the_hold_time_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
