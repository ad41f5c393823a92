// SPDX-License-Identifier: Apache-2.0
/* The event buffer and event objects: dnp3-reference/outstation.md 2, objects.md 3.1 and 5. */
#include <math.h>

#include "support/outstation_rig.h"

static void setup(struct rig *r)
{
    rig_setup(r);
    rig_start(r);
}

static void conformance_8_5_2_events_are_asked_to_be_confirmed_and_leave_then(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    uint64_t id = rig_change(&r, POINT_BINARY_INPUT, 1, 1, 5);
    assert_int_equal(outstation_buffered(&r.o, 0)->state, EVENT_WAITING);
    rig_exchange(&r, "C1 01 3C 02 06", "E1 81 00 00 02 02 17 01 01 81 05 7C 29 1F 94 01");
    assert_int_equal(outstation_buffered(&r.o, 0)->state, EVENT_WRITTEN);
    rig_send(&r, "C2 00"); /* another SEQ: ignored */
    assert_int_equal(rig_news(&r, OUTSTATION_CONFIRMED), 0);
    rig_send(&r, "C1 00");
    rig_expect_nothing(&r);
    assert_int_equal(rig_news(&r, OUTSTATION_CONFIRMED), 1);
    assert_int_equal(r.news[r.news_len - 1].event.id, id);
    assert_int_equal(rig_buffered(&r), 0);
    rig_exchange(&r, "C2 01 3C 02 06", "C2 81 00 00");
}

static void conformance_8_5_2_2_2_limited_number_the_rest_later(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    for (uint32_t i = 0; i < 3; i++)
        rig_change(&r, POINT_BINARY_INPUT, i, 1, i);
    rig_exchange(&r, "C1 01 3C 02 07 02",
                 "E1 81 02 00 02 02 17 02 00 81 ?? ?? ?? ?? ?? ?? 01 81 ?? ?? ?? ?? ?? ??");
    rig_send(&r, "C1 00");
    rig_exchange(&r, "C2 01 3C 02 08 01 00", "E2 81 00 00 02 02 17 01 02 81 ?? ?? ?? ?? ?? ??");
}

static void conformance_8_5_2_2_4_without_confirm_the_same_and_new_ones(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 01 3C 02 06", "E1 81 00 00 02 02 17 01 00 81 00 7C 29 1F 94 01");
    rig_change(&r, POINT_BINARY_INPUT, 2, 1, 1);
    rig_wait(&r, 5000);
    rig_exchange(&r, "C2 01 3C 02 06",
                 "E2 81 00 00 02 02 17 02 00 81 00 7C 29 1F 94 01 02 81 01 7C 29 1F 94 01");
}

static void events_of_other_classes_show_in_iin(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_change(&r, POINT_ANALOG_INPUT, 0, 1, 0);
    rig_change(&r, POINT_COUNTER, 0, 1, 0);
    rig_exchange(&r, "C1 01 3C 03 06", "E1 81 0A 00 20 03 17 01 00 01 01 00 00 00 00 7C 29 1F 94 01");
    rig_send(&r, "C1 00");
    assert_int_equal(rig_buffered(&r), 2);
    rig_exchange(&r, "C2 01 16 00 06", "E2 81 02 00 16 01 17 01 00 01 01 00 00 00");
}

static void conformance_8_6_6_overflow_drops_the_oldest(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.events_room = 3;
    rig_start(&r);
    uint64_t first = rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
    rig_change(&r, POINT_BINARY_INPUT, 2, 1, 2);
    rig_exchange(&r, "C1 01 3C 01 07 01", "C1 81 02 04"); /* full, nothing lost */
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 0);
    rig_change(&r, POINT_BINARY_INPUT, 0, 0, 3);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 1);
    assert_int_equal(r.news[r.news_len - 1].event.id, first);
    assert_false(r.news[r.news_len - 1].by_restart);
    rig_exchange(&r, "C2 01 02 01 06", "E2 81 00 08 02 01 17 03 01 81 02 81 00 01");
    rig_send(&r, "C2 00");
    rig_exchange(&r, "C3 01 3C 02 06", "C3 81 00 00");
}

static void overflow_drops_the_newest_where_configured(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.events_room = 2;
    r.config.drop_newest = true;
    rig_start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
    uint64_t id = rig_change(&r, POINT_BINARY_INPUT, 2, 1, 2);
    assert_int_equal(r.news[r.news_len - 1].kind, OUTSTATION_LOST);
    assert_int_equal(r.news[r.news_len - 1].event.id, id);
    rig_exchange(&r, "C1 01 02 01 06", "E1 81 00 08 02 01 17 02 00 81 01 81");
}

static void overflow_never_drops_what_is_in_a_fragment_under_way(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.events_room = 3;
    rig_start(&r);
    uint64_t a = rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 01 3C 02 06", "E1 81 00 00 02 02 17 01 00 81 00 7C 29 1F 94 01");
    uint64_t b = rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
    rig_change(&r, POINT_BINARY_INPUT, 2, 1, 2);
    rig_change(&r, POINT_BINARY_INPUT, 1, 0, 3);
    assert_int_equal(r.news[r.news_len - 1].event.id, b);
    rig_send(&r, "C1 00");
    assert_int_equal(r.news[r.news_len - 1].kind, OUTSTATION_CONFIRMED);
    assert_int_equal(r.news[r.news_len - 1].event.id, a);
    rig_exchange(&r, "C2 01 02 01 06", "E2 81 00 08 02 01 17 02 02 81 01 01"); /* nobody was told before */
}

/* What was confirmed in the middle leaves holes, which are closed when the ring is full. */
static void ring_survives_holes(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.events_room = 8;
    rig_start(&r);
    for (uint32_t i = 0; i < 4; i++) {
        rig_change(&r, POINT_BINARY_INPUT, 0, i & 1, 2 * i);
        rig_change(&r, POINT_ANALOG_INPUT, 0, i, 2 * i + 1);
    }
    rig_exchange(&r, "C1 01 20 02 06",
                 "E1 81 02 00 20 02 17 04 00 01 00 00 00 01 01 00 00 01 02 00 00 01 03 00");
    rig_send(&r, "C1 00");
    assert_int_equal(rig_buffered(&r), 4);
    for (uint32_t i = 0; i < 4; i++)
        rig_change(&r, POINT_ANALOG_INPUT, 1, 7 + i, 20 + i);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 0);
    assert_int_equal(rig_buffered(&r), 8);
    for (size_t i = 1; i < 8; i++)
        assert_true(outstation_buffered(&r.o, i - 1)->id < outstation_buffered(&r.o, i)->id);
    rig_exchange(
        &r, "C2 01 02 01 06 20 02 06",
        "E2 81 00 00 02 01 17 04 00 01 00 81 00 01 00 81 20 02 17 04 01 01 07 00 01 01 08 00 01 01 09 00 "
        "01 01 0A 00");
}

static void headers_are_widened_for_indexes_beyond_255(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 0, 1);
    rig_change(&r, POINT_BINARY_INPUT, 300, 1, 2);
    rig_change(&r, POINT_BINARY_INPUT, 2, 1, 3);
    rig_exchange(&r, "C1 01 02 01 06", "E1 81 00 00 02 01 28 04 00 00 00 81 01 00 01 2C 01 81 02 00 81");
}

static void events_keep_their_order_across_types(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_COUNTER, 0, 1, 0);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 1);
    rig_change(&r, POINT_COUNTER, 0, 2, 2);
    rig_exchange(&r, "C1 01 3C 02 06 3C 04 06",
                 "E1 81 00 00 16 01 17 01 00 01 01 00 00 00 02 02 17 01 00 81 01 7C 29 1F 94 01"
                 "16 01 17 01 00 01 02 00 00 00");
}

static void conformance_8_14_2_12_relative_times_follow_a_common_time(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 65535);
    rig_change(&r, POINT_BINARY_INPUT, 2, 1, 65536); /* 8.14.2.15: too far for the first base */
    rig_exchange(&r, "C1 01 02 03 06",
                 "E1 81 00 00 33 01 07 01 00 7C 29 1F 94 01 02 03 17 02 00 81 00 00 01 81 FF FF"
                 "33 01 07 01 00 7C 2A 1F 94 01 02 03 17 01 02 81 00 00");
}

static void conformance_8_15_2_unsynchronised_events_follow_g51v2(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_DOUBLE_BIT_INPUT, 0, 2, 0);
    struct measurement m = {.value = 1,
                            .time_ms = RIG_T0 - 1,
                            .type = POINT_DOUBLE_BIT_INPUT,
                            .flags = FLAG_ONLINE,
                            .time_quality = TIME_UNSYNCHRONISED};
    outstation_update(&r.o, &m, UPDATE_EVENT, &r.at);
    rig_exchange(&r, "C1 01 04 03 06",
                 "E1 81 00 00 33 01 07 01 00 7C 29 1F 94 01 04 03 17 01 00 81 00 00"
                 "33 02 07 01 FF 7B 29 1F 94 01 04 03 17 01 00 41 00 00");
}

static void each_fragment_begins_with_its_own_common_time(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.tx_fragment_max = 249;
    rig_start(&r);
    for (uint32_t i = 0; i < 60; i++)
        rig_change(&r, POINT_BINARY_INPUT, 0, i & 1, i);
    rig_send(&r, "C1 01 02 03 06");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out[0], 0xA1);
    size_t first = r.out[17];
    assert_int_equal(first, (249 - 18) / 4);
    rig_send(&r, "C1 00");
    assert_true(rig_receive(&r));
    assert_memory_equal(r.out, ((const uint8_t[]){0x62, 0x81, 0, 0, 51, 1, 7, 1, (uint8_t)first}), 9);
}

static void untimed_events_use_the_variation_without_time(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    struct measurement m = {.value = 1, .type = POINT_BINARY_INPUT, .flags = FLAG_ONLINE};
    outstation_update(&r.o, &m, UPDATE_EVENT, &r.at);
    m.type = POINT_ANALOG_INPUT;
    outstation_update(&r.o, &m, UPDATE_EVENT, &r.at);
    rig_exchange(&r, "C1 01 3C 02 06 3C 03 06",
                 "E1 81 00 00 02 01 17 01 00 81 20 01 17 01 00 01 01 00 00 00");
    rig_wait(&r, 5000);
    rig_exchange(&r, "C2 01 02 02 06 20 07 06",
                 "E2 81 00 00 02 01 17 01 00 81 20 05 17 01 00 01 00 00 80 3F");
}

static void a_variation_asked_for_once_does_not_stick(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 01 02 01 06", "E1 81 00 00 02 01 17 01 00 81");
    rig_wait(&r, 5000);
    rig_exchange(&r, "C2 01 3C 02 06", "E2 81 00 00 02 02 17 01 00 81 00 7C 29 1F 94 01");
}

static void updates_make_events_beyond_the_deadband_and_for_flags(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_find(&r, POINT_ANALOG_INPUT, 0)->deadband = 2;
    struct measurement m = {.value = 2, .type = POINT_ANALOG_INPUT, .flags = FLAG_ONLINE};
    assert_int_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    m.value = 2.5;
    assert_int_not_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    m.value = 4.5; /* counts from the value reported last */
    assert_int_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    m.flags = FLAG_COMM_LOST;
    assert_int_not_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    m.value = (double)NAN;
    assert_int_not_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    assert_int_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    m.value = 1;
    assert_int_equal(outstation_update(&r.o, &m, UPDATE_STATIC, &r.at), 0);
    assert_true(rig_find(&r, POINT_ANALOG_INPUT, 0)->value == 1);
    m = (struct measurement){.value = 9, .index = 1, .type = POINT_FROZEN_COUNTER, .flags = FLAG_ONLINE};
    assert_int_equal(outstation_update(&r.o, &m, UPDATE_FORCE_EVENT, &r.at), 0); /* no class, no event */
    m = (struct measurement){.value = 9, .type = POINT_FROZEN_COUNTER, .flags = FLAG_ONLINE};
    assert_int_not_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    assert_int_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    assert_int_equal(rig_buffered(&r), 4);
}

static uint64_t update(struct rig *r, enum point_type type, double value, enum outstation_update_mode mode)
{
    struct measurement m = {.value = value, .type = (uint8_t)type, .flags = FLAG_ONLINE};
    return outstation_update(&r->o, &m, mode, &r->at);
}

/* The master reads what changed without an event; what changes from there is one (outstation.md 2). */
static void a_change_back_is_an_event_too(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 16 3C 01 06 01 00 06", "C1 81 00 00");
    assert_int_equal(update(&r, POINT_BINARY_INPUT, 1, UPDATE_EVENT), 0);
    rig_exchange(&r, "C2 16 3C 02 06 01 00 06", "C2 81 00 00");
    rig_exchange(&r, "C3 01 01 02 00 00 00", "C3 81 00 00 01 02 00 00 00 81");
    assert_int_equal(update(&r, POINT_BINARY_INPUT, 1, UPDATE_EVENT), 0);
    assert_int_not_equal(update(&r, POINT_BINARY_INPUT, 0, UPDATE_EVENT), 0);
    rig_exchange(&r, "C4 01 02 01 06", "E4 81 00 00 02 01 17 01 00 01");
    assert_int_equal(update(&r, POINT_COUNTER, 5, UPDATE_STATIC), 0);
    assert_int_not_equal(update(&r, POINT_COUNTER, 0, UPDATE_EVENT), 0);
    rig_find(&r, POINT_ANALOG_INPUT, 0)->deadband = 2;
    assert_int_equal(update(&r, POINT_ANALOG_INPUT, 10, UPDATE_STATIC), 0);
    assert_int_equal(update(&r, POINT_ANALOG_INPUT, 12, UPDATE_EVENT), 0);
    assert_int_not_equal(update(&r, POINT_ANALOG_INPUT, 7.5, UPDATE_EVENT), 0);
}

/* Events that outlive a restart are still not all that there were. */
static void an_overflow_outlives_a_restart_with_its_events(void **state)
{
    (void)state;
    for (int keep = 0; keep <= 1; keep++) {
        struct rig r;
        rig_setup(&r);
        r.events_room = 1;
        rig_start(&r);
        rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
        rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
        assert_int_equal(rig_news(&r, OUTSTATION_LOST), 1);
        outstation_restart(&r.o, keep, &r.at);
        rig_drain(&r);
        rig_exchange(&r, "C1 01 02 01 06", keep ? "E1 81 80 08 02 01 17 01 01 81" : "C1 81 80 00");
        rig_send(&r, "C1 00");
        rig_exchange(&r, "C2 01 02 01 06", "C2 81 80 00");
    }
}

static void restart_loses_volatile_events_one_by_one(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
    outstation_restart(&r.o, true, &r.at);
    rig_drain(&r);
    assert_int_equal(rig_buffered(&r), 2);
    outstation_restart(&r.o, false, &r.at);
    rig_drain(&r);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 2);
    assert_true(r.news[r.news_len - 1].by_restart);
    assert_int_equal(rig_buffered(&r), 0);
    assert_int_equal(rig_change(&r, POINT_BINARY_INPUT, 2, 1, 2), 3); /* ids go on */
    rig_exchange(&r, "C1 01 02 01 06 01 00 17 01 02", "E1 81 80 00 02 01 17 01 02 81 01 02 00 02 02 81");
    rig_exchange(&r, "C2 01 01 00 17 01 01", "C2 81 82 00 01 02 00 01 01 83"); /* RESTART until refreshed */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conformance_8_5_2_events_are_asked_to_be_confirmed_and_leave_then),
        cmocka_unit_test(conformance_8_5_2_2_2_limited_number_the_rest_later),
        cmocka_unit_test(conformance_8_5_2_2_4_without_confirm_the_same_and_new_ones),
        cmocka_unit_test(events_of_other_classes_show_in_iin),
        cmocka_unit_test(conformance_8_6_6_overflow_drops_the_oldest),
        cmocka_unit_test(overflow_drops_the_newest_where_configured),
        cmocka_unit_test(overflow_never_drops_what_is_in_a_fragment_under_way),
        cmocka_unit_test(ring_survives_holes),
        cmocka_unit_test(headers_are_widened_for_indexes_beyond_255),
        cmocka_unit_test(events_keep_their_order_across_types),
        cmocka_unit_test(conformance_8_14_2_12_relative_times_follow_a_common_time),
        cmocka_unit_test(conformance_8_15_2_unsynchronised_events_follow_g51v2),
        cmocka_unit_test(each_fragment_begins_with_its_own_common_time),
        cmocka_unit_test(untimed_events_use_the_variation_without_time),
        cmocka_unit_test(a_variation_asked_for_once_does_not_stick),
        cmocka_unit_test(updates_make_events_beyond_the_deadband_and_for_flags),
        cmocka_unit_test(a_change_back_is_an_event_too),
        cmocka_unit_test(an_overflow_outlives_a_restart_with_its_events),
        cmocka_unit_test(restart_loses_volatile_events_one_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
