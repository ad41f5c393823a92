// SPDX-License-Identifier: Apache-2.0
/* Both state machines, row by row: dnp3-reference/outstation.md 3 and 4, conformance.md 8.11. */
#include "support/outstation_rig.h"

#define EVENT_0 "02 01 17 01 00 81"
#define CLEAR   "02 50 01 00 07 07 00"
#define ENABLE  "14 3C 02 06 3C 03 06 3C 04 06"

static void setup(struct rig *r)
{
    rig_setup(r);
    r->config.unsolicited = true;
    for (size_t i = 0; i < r->points_len; i++)
        r->points[i].event_variation = 1; /* without time: short */
}

/* The null is confirmed, IIN1.7 cleared, all classes enabled; the next unsolicited SEQ is 1. */
static void start(struct rig *r)
{
    rig_connect(r);
    rig_expect(r, "F0 82 80 00");
    rig_send(r, "D0 00");
    rig_exchange(r, "C0" CLEAR, "C0 81 00 00");
    rig_exchange(r, "C1" ENABLE, "C1 81 00 00");
    rig_expect_nothing(r);
}

/* section 3, IDLE */

static void idle_confirm_is_ignored(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_send(&r, "C0 00");
    rig_send(&r, "D0 00");
    rig_expect_nothing(&r);
}

/* section 3, SOL_WAIT */

static void sol_wait_read_cancels_and_responds_anew(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.unsolicited = false;
    rig_start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 01 3C 02 06", "E1 81 00 00" EVENT_0);
    rig_exchange(&r, "C2 01 3C 02 06", "E2 81 00 00" EVENT_0);
    rig_send(&r, "C1 00"); /* of the response given up */
    assert_int_equal(rig_buffered(&r), 1);
    rig_send(&r, "C2 00");
    assert_int_equal(rig_buffered(&r), 0);
}

static void sol_wait_repeated_read_is_answered_again(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.unsolicited = false;
    rig_start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 01 3C 02 06", "E1 81 00 00" EVENT_0);
    rig_exchange(&r, "C1 01 3C 02 06", "E1 81 00 00" EVENT_0);
    rig_send(&r, "C1 00");
    assert_int_equal(rig_buffered(&r), 0);
}

static void sol_wait_other_request_cancels(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.unsolicited = false;
    rig_start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 01 3C 02 06", "E1 81 00 00" EVENT_0);
    rig_exchange(&r, "C2 17", "C2 81 02 00 34 02 07 01 00 00");
    rig_send(&r, "C1 00");
    assert_int_equal(rig_buffered(&r), 1);
}

static void sol_wait_timeout_keeps_the_events(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.unsolicited = false;
    rig_start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 01 3C 02 06", "E1 81 00 00" EVENT_0);
    rig_wait(&r, 5000);
    rig_expect_nothing(&r);
    rig_send(&r, "C1 00");
    assert_int_equal(rig_buffered(&r), 1);
    assert_int_equal(outstation_buffered(&r.o, 0)->state, EVENT_WAITING);
}

/* section 3, UNSOL_WAIT */

static void unsol_wait_read_is_deferred_until_the_confirm(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_send(&r, "C2 01 3C 02 06");
    rig_expect_nothing(&r);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 0);
    rig_send(&r, "D1 00");
    rig_expect(&r, "E2 81 00 00 02 01 17 01 01 81");
}

static void unsol_wait_read_is_answered_after_the_timeout(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_send(&r, "C2 01 3C 02 06");
    rig_wait(&r, 5000);
    rig_expect(&r, "E2 81 00 00" EVENT_0);
    rig_expect_nothing(&r);
    rig_send(&r, "C2 00");
    assert_int_equal(rig_buffered(&r), 0);
    rig_expect_nothing(&r);
}

static void conformance_8_11_2_5_newer_read_replaces_the_deferred_one(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_send(&r, "C2 01 3C 02 06");
    rig_send(&r, "C3 01 01 02 00 02 02");
    rig_send(&r, "D1 00");
    rig_expect(&r, "C3 81 00 00 01 02 00 02 02 01");
    rig_expect_nothing(&r);
}

static void conformance_8_11_2_5_other_request_is_served_at_once(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_send(&r, "C2 01 3C 02 06");
    rig_exchange(&r, "C3 17", "C3 81 00 00 34 02 07 01 00 00"); /* drops the deferred READ */
    rig_wait(&r, 5000);
    rig_expect(&r, "F1 82 00 00" EVENT_0); /* the repeat goes on */
    rig_send(&r, "D1 00");
    rig_expect_nothing(&r);
    assert_int_equal(rig_buffered(&r), 0);
}

static void unsol_wait_wrong_confirms_are_ignored(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_send(&r, "D2 00");
    rig_send(&r, "C1 00");
    assert_int_equal(rig_buffered(&r), 1);
    rig_send(&r, "D1 00");
    assert_int_equal(rig_buffered(&r), 0);
}

static void conformance_8_11_2_5_solicited_wait_blocks_unsolicited(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.unsolicited_hold_ms = 1000;
    r.config.unsolicited_count = 9;
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C2 01 3C 02 06", "E2 81 00 00" EVENT_0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 0);
    rig_wait(&r, 2000);
    rig_expect_nothing(&r);
    rig_send(&r, "C2 00");
    rig_expect(&r, "F1 82 00 00 02 01 17 01 01 81");
}

/* section 4 */

static void unsolicited_1_null_is_repeated_for_ever(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.unsolicited_retries = 2;
    rig_connect(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F0 82 82 00");
    for (int i = 0; i < 10; i++) {
        rig_wait(&r, 4999);
        rig_expect_nothing(&r);
        assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 1);
        rig_wait(&r, 1);
        rig_expect(&r, "F0 82 82 00");
    }
    rig_send(&r, "D0 00");
    rig_expect_nothing(&r); /* 2: nothing is enabled */
    rig_exchange(&r, "C1 14 3C 02 06", "C1 81 82 00");
    rig_expect(&r, "F1 82 80 00" EVENT_0);
}

/* A repeat that would show IIN1.7 after it was cleared would look like another restart. */
static void unsolicited_1_null_is_built_anew_after_the_restart_bit_was_cleared(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_connect(&r);
    rig_expect(&r, "F0 82 80 00");
    rig_exchange(&r, "C0" CLEAR, "C0 81 00 00");
    rig_wait(&r, 5000);
    rig_expect(&r, "F1 82 00 00");
    rig_send(&r, "D0 00"); /* of the one before */
    rig_wait(&r, 5000);
    rig_expect(&r, "F1 82 00 00");
}

static void unsolicited_1_null_on_each_connection_where_configured(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    outstation_disconnected(&r.o, &r.at);
    assert_int_equal(outstation_deadline_ms(&r.o), NEVER_MS);
    outstation_connected(&r.o, &r.at);
    rig_expect_nothing(&r);
    r.config.null_on_connect = true;
    outstation_disconnected(&r.o, &r.at);
    outstation_connected(&r.o, &r.at);
    rig_expect(&r, "F1 82 00 00");
}

static void unsolicited_1_null_wait_defers_read(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_connect(&r);
    rig_expect(&r, "F0 82 80 00");
    rig_send(&r, "C0 01 01 02 00 02 02");
    rig_expect_nothing(&r);
    rig_wait(&r, 5000);
    rig_expect(&r, "C0 81 80 00 01 02 00 02 02 01");
    rig_expect(&r, "F1 82 80 00");
}

static void unsolicited_3_count_and_hold_time(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.unsolicited_count = 3;
    r.config.unsolicited_hold_ms = 2000;
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect_nothing(&r);
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 2000);
    rig_wait(&r, 1000);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 0);
    rig_expect_nothing(&r);
    rig_wait(&r, 1000);
    rig_expect(&r, "F1 82 00 00 02 01 17 02 00 81 01 81");
    rig_send(&r, "D1 00");
    for (uint32_t i = 0; i < 3; i++)
        rig_change(&r, POINT_BINARY_INPUT, i, 0, 0);
    rig_expect(&r, "F2 82 00 00 02 01 17 03 00 01 01 01 02 01");
}

static void unsolicited_3_only_enabled_classes(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_exchange(&r, "C2 15 3C 02 06", "C2 81 00 00");
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect_nothing(&r);
    rig_change(&r, POINT_ANALOG_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 02 00 20 01 17 01 00 01 01 00 00 00");
    rig_send(&r, "D1 00");
    rig_expect_nothing(&r);
    assert_int_equal(rig_buffered(&r), 1);
}

static void unsolicited_3_one_fragment_at_a_time(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.tx_fragment_max = 249;
    r.config.unsolicited_count = 60;
    r.config.unsolicited_hold_ms = 1000;
    start(&r);
    for (uint32_t i = 0; i < 60; i++)
        rig_change(&r, POINT_ANALOG_INPUT, 0, i, i);
    assert_true(rig_receive(&r));
    assert_memory_equal(r.out, ((const uint8_t[]){0xF1, 0x82, 4, 0, 32, 1, 0x17, 40}), 8);
    rig_expect_nothing(&r);
    rig_send(&r, "D1 00");
    rig_expect_nothing(&r); /* 4: triggers are evaluated again: 20 wait for the hold time */
    rig_wait(&r, 1000);
    assert_true(rig_receive(&r));
    assert_memory_equal(r.out, ((const uint8_t[]){0xF2, 0x82, 0, 0, 32, 1, 0x17, 20}), 8);
}

static void unsolicited_5_identical_repeat(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 0);
    for (int i = 0; i < 5; i++) {
        rig_wait(&r, 5000);
        rig_expect(&r, "F1 82 00 00" EVENT_0);
    }
    rig_send(&r, "D1 00");
    rig_expect(&r, "F2 82 00 00 02 01 17 01 01 81");
}

static void conformance_8_11_2_2_regenerated_repeat_has_additional_data(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.repeat = REPEAT_REGENERATED;
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 0);
    rig_wait(&r, 5000);
    rig_expect(&r, "F2 82 00 00 02 01 17 02 00 81 01 81");
    rig_send(&r, "D1 00"); /* the first is no longer waited for */
    assert_int_equal(rig_buffered(&r), 2);
    rig_send(&r, "D2 00");
    assert_int_equal(rig_buffered(&r), 0);
}

static void unsolicited_5_retries_and_off_line_retry(void **state)
{
    (void)state;
    for (uint8_t repeat = REPEAT_IDENTICAL; repeat <= REPEAT_REGENERATED; repeat++) {
        struct rig r;
        setup(&r);
        r.config.unsolicited_retries = 2;
        r.config.repeat = repeat;
        start(&r);
        rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
        for (int i = 0; i < 3; i++) {
            assert_true(rig_receive(&r));
            rig_wait(&r, 5000);
        }
        rig_expect_nothing(&r);
        assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 30000);
        rig_wait(&r, 29999);
        rig_expect_nothing(&r);
        rig_wait(&r, 1);
        rig_expect(&r, repeat == REPEAT_IDENTICAL ? "F2 82 00 00" EVENT_0 : "F4 82 00 00" EVENT_0);
        for (int i = 0; i < 2; i++) {
            rig_wait(&r, 5000);
            assert_true(rig_receive(&r));
        }
        rig_wait(&r, 5000);
        rig_expect_nothing(&r);
        rig_change(&r, POINT_BINARY_INPUT, 1, 1, 0); /* a new event begins anew */
        assert_true(rig_receive(&r));
        assert_int_equal(r.out_len, 4 + 4 + 4);
    }
}

static void unsolicited_7_disable_during_the_wait_ends_the_repeats(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_exchange(&r, "C2 15 3C 02 06", "C2 81 00 00");
    rig_wait(&r, 5000);
    rig_expect_nothing(&r);
    rig_exchange(&r, "C3 01 3C 02 06", "E3 81 00 00" EVENT_0);
}

static void conformance_8_11_2_6_unsolicited_not_supported(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.config.unsolicited = false;
    rig_connect(&r);
    rig_expect_nothing(&r);
    rig_exchange(&r, "C0" ENABLE, "C0 81 80 01");
    rig_exchange(&r, "C1 15 3C 02 06", "C1 81 80 01");
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect_nothing(&r);
}

static void unsolicited_10_seq_wraps_and_begins_with_0_after_a_restart(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    for (unsigned i = 1; i <= 17; i++) {
        rig_change(&r, POINT_BINARY_INPUT, 0, i & 1, 0);
        assert_true(rig_receive(&r));
        assert_int_equal(r.out[0], 0xF0 | (i & 15));
        char confirm[] = "D? 00";
        confirm[1] = "0123456789ABCDEF"[i & 15];
        rig_send(&r, confirm);
    }
    outstation_restart(&r.o, false, &r.at);
    rig_expect(&r, "F0 82 80 00");
    rig_send(&r, "D0 00");
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect_nothing(&r); /* classes are disabled by a restart */
}

static void enable_rejects_class_0_and_limited_numbers(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_exchange(&r, "C2 14 3C 01 06", "C2 81 00 02");
    rig_exchange(&r, "C3 14 3C 02 07 01", "C3 81 00 04");
    rig_exchange(&r, "C4 14", "C4 81 00 04");
}

static void a_lost_connection_makes_events_wait_again(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    outstation_disconnected(&r.o, &r.at);
    assert_int_equal(outstation_buffered(&r.o, 0)->state, EVENT_WAITING);
    outstation_connected(&r.o, &r.at);
    rig_expect(&r, "F2 82 00 00" EVENT_0);
}

/* An overflow during the wait: the repeat stays octet for octet what it was. */
static void identical_repeat_survives_an_overflow(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.events_room = 4;
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    for (uint32_t i = 0; i < 20; i++)
        rig_change(&r, POINT_ANALOG_INPUT, 0, i, i);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 17);
    rig_wait(&r, 5000);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_send(&r, "D1 00");
    rig_expect(&r, "F2 82 00 08 20 01 17 03 00 01 11 00 00 00 00 01 12 00 00 00 00 01 13 00 00 00");
}

/* A confirm of a solicited response (asked for after a broadcast to FFFE) is not one for the unsolicited. */
static void unsol_wait_solicited_confirm_leaves_its_events_alone(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    r.to = LINK_BROADCAST_CONFIRM;
    rig_send(&r, "C2 18");
    r.to = 0;
    rig_exchange(&r, "C3 17", "E3 81 01 00 34 02 07 01 00 00");
    rig_send(&r, "C3 00");
    assert_int_equal(rig_buffered(&r), 1);
    rig_wait(&r, 5000);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_send(&r, "D1 00");
    assert_int_equal(rig_buffered(&r), 0);
}

/* outstation.md 6: IIN1.0 stays until a response that has shown it is confirmed, not one that was sent
 * before.
 */
static void a_confirm_of_what_did_not_show_the_broadcast(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    r.to = LINK_BROADCAST_CONFIRM;
    rig_send(&r, "C2 18");
    r.to = 0;
    rig_exchange(&r, "C3 17", "E3 81 01 00 34 02 07 01 00 00");
    rig_send(&r, "D1 00");
    rig_exchange(&r, "C4 17", "E4 81 01 00 34 02 07 01 00 00");
    rig_send(&r, "C4 00");
    rig_exchange(&r, "C5 17", "C5 81 00 00 34 02 07 01 00 00");
    r.to = LINK_BROADCAST_CONFIRM;
    rig_send(&r, "C6 18");
    r.to = 0;
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F2 82 01 00" EVENT_0);
    rig_send(&r, "D2 00");
    rig_exchange(&r, "C7 17", "C7 81 00 00 34 02 07 01 00 00");
}

/* Nor has a response that nobody confirms told of an overflow. */
static void a_confirm_of_what_did_not_show_the_overflow(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.events_room = 2;
    start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F1 82 00 00" EVENT_0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 0);
    rig_change(&r, POINT_BINARY_INPUT, 2, 1, 0);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 1);
    r.to = LINK_BROADCAST_CONFIRM;
    rig_send(&r, "C2 18");
    r.to = 0;
    rig_exchange(&r, "C3 17", "E3 81 03 08 34 02 07 01 00 00");
    rig_send(&r, "D1 00");
    rig_wait(&r, 5000); /* E3 is not confirmed */
    rig_expect(&r, "F2 82 01 08 02 01 17 01 02 81");
    rig_send(&r, "D2 00");
    rig_exchange(&r, "C4 17", "C4 81 00 00 34 02 07 01 00 00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_confirm_is_ignored),
        cmocka_unit_test(sol_wait_read_cancels_and_responds_anew),
        cmocka_unit_test(sol_wait_repeated_read_is_answered_again),
        cmocka_unit_test(sol_wait_other_request_cancels),
        cmocka_unit_test(sol_wait_timeout_keeps_the_events),
        cmocka_unit_test(unsol_wait_read_is_deferred_until_the_confirm),
        cmocka_unit_test(unsol_wait_read_is_answered_after_the_timeout),
        cmocka_unit_test(conformance_8_11_2_5_newer_read_replaces_the_deferred_one),
        cmocka_unit_test(conformance_8_11_2_5_other_request_is_served_at_once),
        cmocka_unit_test(unsol_wait_wrong_confirms_are_ignored),
        cmocka_unit_test(unsol_wait_solicited_confirm_leaves_its_events_alone),
        cmocka_unit_test(conformance_8_11_2_5_solicited_wait_blocks_unsolicited),
        cmocka_unit_test(unsolicited_1_null_is_repeated_for_ever),
        cmocka_unit_test(unsolicited_1_null_is_built_anew_after_the_restart_bit_was_cleared),
        cmocka_unit_test(unsolicited_1_null_on_each_connection_where_configured),
        cmocka_unit_test(unsolicited_1_null_wait_defers_read),
        cmocka_unit_test(unsolicited_3_count_and_hold_time),
        cmocka_unit_test(unsolicited_3_only_enabled_classes),
        cmocka_unit_test(unsolicited_3_one_fragment_at_a_time),
        cmocka_unit_test(unsolicited_5_identical_repeat),
        cmocka_unit_test(conformance_8_11_2_2_regenerated_repeat_has_additional_data),
        cmocka_unit_test(unsolicited_5_retries_and_off_line_retry),
        cmocka_unit_test(unsolicited_7_disable_during_the_wait_ends_the_repeats),
        cmocka_unit_test(conformance_8_11_2_6_unsolicited_not_supported),
        cmocka_unit_test(unsolicited_10_seq_wraps_and_begins_with_0_after_a_restart),
        cmocka_unit_test(enable_rejects_class_0_and_limited_numbers),
        cmocka_unit_test(a_lost_connection_makes_events_wait_again),
        cmocka_unit_test(identical_repeat_survives_an_overflow),
        cmocka_unit_test(a_confirm_of_what_did_not_show_the_broadcast),
        cmocka_unit_test(a_confirm_of_what_did_not_show_the_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
