// SPDX-License-Identifier: Apache-2.0
/* WRITE, time, restart, freezing, broadcasts, repeats, errors, link services: dnp3-reference/outstation.md
 * 5 to 9, time.md, application.md 5 and 6. */
#include "support/outstation_rig.h"

static void setup(struct rig *r)
{
    rig_setup(r);
    rig_start(r);
}

static void conformance_8_6_1_restart_bit(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_connect(&r);
    rig_exchange(&r, "C0 17", "C0 81 80 00 34 02 07 01 00 00");
    rig_exchange(&r, "C1 02 50 01 00 07 07 01", "C1 81 80 04"); /* only to 0 */
    rig_exchange(&r, "C2 02 50 01 00 06 06 00", "C2 81 80 04"); /* only index 7 */
    rig_exchange(&r, "C3 02 50 01 00 04 07 00", "C3 81 80 04");
    rig_exchange(&r, "C4 02 50 01 01 07 00 07 00 00", "C4 81 00 00");
    outstation_disconnected(&r.o, &r.at);
    outstation_connected(&r.o, &r.at);
    rig_exchange(&r, "C5 17", "C5 81 00 00 34 02 07 01 00 00"); /* stays cleared over reconnects */
}

static void conformance_8_6_2_unknown_function(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 70", "C1 81 00 01");
    rig_exchange(&r, "C2 17", "C2 81 00 00 34 02 07 01 00 00");
    rig_exchange(&r, "C3 0F", "C3 81 00 01");
    rig_exchange(&r, "C4 0B 32 02 07 01 00 00 00 00 00 00 00 00 00 00 14 00 06", "C4 81 00 01");
}

static void conformance_8_6_3_unknown_object(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 01 63 01 06", "C1 81 00 02");
    rig_exchange(&r, "C2 02 1E 02 17 01 00 01 32 00", "C2 81 00 02"); /* inputs are not written */
    rig_exchange(&r, "C3 01 01 02 00 00 00", "C3 81 00 00 01 02 00 00 00 01");
}

static void application_1_1_bad_control_octets_are_dropped(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    static const char *const bad[] = {"40 17", "80 17", "E1 17", "D1 17", "00 17", "C1 81 00 00", "C1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rig_send(&r, bad[i]);
        rig_expect_nothing(&r);
        assert_int_equal(rig_news(&r, OUTSTATION_DEFECT), i + 1);
    }
}

static void application_5_4_repeat_is_answered_with_the_stored_response(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 07 14 00 06", "C1 81 08 00"); /* makes a g23 event */
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 07 14 00 06", "C1 81 08 00"); /* as it was, not executed again */
    assert_int_equal(rig_buffered(&r), 2);
    rig_exchange(&r, "C2 07 14 00 06", "C2 81 0A 00");
    assert_int_equal(rig_buffered(&r), 3);
    /* After the confirm of a response the memory is gone. */
    rig_exchange(&r, "C3 01 3C 02 06", "E3 81 08 00 02 02 17 01 00 81 00 7C 29 1F 94 01");
    rig_send(&r, "C3 00");
    rig_exchange(&r, "C2 07 14 00 06", "C2 81 08 00");
    assert_int_equal(rig_buffered(&r), 3);
}

static void conformance_8_7_2_need_time_until_written(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.need_time = true;
    r.config.time_valid_ms = 60000;
    rig_connect(&r);
    rig_exchange(&r, "C1 02 50 01 00 07 07 00", "C1 81 10 00");
    rig_exchange(&r, "C2 02 50 01 00 04 04 00", "C2 81 10 04"); /* never by g80 */
    rig_exchange(&r, "C3 02 32 01 07 01 88 80 29 1F 94 01", "C3 81 00 00");
    assert_int_equal(rig_news(&r, OUTSTATION_TIME_SET), 1);
    assert_int_equal(r.news[r.news_len - 1].offset_ms, 0x488);
    r.at.now_ms += 1000;
    r.at.wall_ms += 1000;
    rig_exchange(&r, "C4 01 32 01 07 01", "C4 81 00 00 32 01 07 01 70 84 29 1F 94 01");
    rig_wait(&r, 58999);
    rig_exchange(&r, "C5 17", "C5 81 00 00 34 02 07 01 00 00");
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 1);
    rig_wait(&r, 1);
    rig_exchange(&r, "C6 17", "C6 81 10 00 34 02 07 01 00 00");
}

static void time_3_lan_procedure(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 18", "C1 81 00 00");
    r.at.now_ms += 20; /* the wall clock stands still: only elapsed time counts */
    rig_exchange(&r, "C2 02 32 03 07 01 00 7C 29 1F 94 01", "C2 81 00 00");
    assert_int_equal(r.news[r.news_len - 1].offset_ms, 20);
    /* Without the record, with another request between, with a SEQ that is not the next: refused. */
    rig_exchange(&r, "C3 02 32 03 07 01 00 7C 29 1F 94 01", "C3 81 00 04");
    rig_exchange(&r, "C4 18", "C4 81 00 00");
    rig_exchange(&r, "C5 17", "C5 81 00 00 34 02 07 01 00 00");
    rig_exchange(&r, "C5 02 32 03 07 01 00 7C 29 1F 94 01", "C5 81 00 04");
    rig_exchange(&r, "C6 18", "C6 81 00 00");
    rig_exchange(&r, "C8 02 32 03 07 01 00 7C 29 1F 94 01", "C8 81 00 04");
    assert_int_equal(rig_news(&r, OUTSTATION_TIME_SET), 1);
}

static void time_3_a_repeated_record_request_records_anew(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 18", "C1 81 00 00");
    r.at.now_ms += 1000;
    rig_exchange(&r, "C1 18", "C1 81 00 00");
    r.at.now_ms += 20;
    rig_exchange(&r, "C2 02 32 03 07 01 00 7C 29 1F 94 01", "C2 81 00 00");
    assert_int_equal(r.news[r.news_len - 1].offset_ms, 20);
}

static void conformance_8_7_1_delay_measure(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 17", "C1 81 00 00 34 02 07 01 00 00");
    rig_exchange(&r, "C2 17 34 02 07 01 00 00", "C2 81 00 04"); /* takes no objects */
    rig_exchange(&r, "C3 02 32 01 07 02 00 7C 29 1F 94 01 00 7C 29 1F 94 01", "C3 81 00 04");
    rig_exchange(&r, "C4 02 32 01 06", "C4 81 00 04");
}

static void conformance_8_8_restart(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.restart_ms = 2500;
    rig_start(&r);
    rig_send(&r, "C1 0D");
    assert_int_equal(rig_news(&r, OUTSTATION_RESTART), 0); /* the answer first */
    rig_expect(&r, "C1 81 00 00 34 01 07 01 03 00");
    assert_int_equal(rig_news(&r, OUTSTATION_RESTART), 1);
    assert_true(r.news[r.news_len - 1].cold);
    outstation_restart(&r.o, false, &r.at);
    rig_exchange(&r, "C2 0E", "C2 81 80 00 34 02 07 01 C4 09");
    assert_false(r.news[r.news_len - 1].cold);
    rig_exchange(&r, "C3 0D 3C 01 06", "C3 81 80 04");
    assert_int_equal(rig_news(&r, OUTSTATION_RESTART), 2);
}

/* The wait is told in a unit that can hold it; the master waits at least as long (master.md 6). */
static void restarts_that_take_long_are_told_in_seconds(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.restart_ms = 65535;
    rig_start(&r);
    rig_exchange(&r, "C1 0E", "C1 81 00 00 34 02 07 01 FF FF");
    r.config.restart_ms = 65536;
    rig_exchange(&r, "C2 0E", "C2 81 00 00 34 01 07 01 42 00");
    r.config.restart_ms = UINT32_MAX;
    rig_exchange(&r, "C3 0D", "C3 81 00 00 34 01 07 01 FF FF");
}

/* A repeat that comes before the answer has left is still the request to restart. */
static void a_repeated_restart_restarts_once(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_send(&r, "C1 0D");
    rig_exchange(&r, "C1 0D", "C1 81 00 00 34 01 07 01 01 00");
    assert_int_equal(rig_news(&r, OUTSTATION_RESTART), 1);
    rig_exchange(&r, "C1 0D", "C1 81 00 00 34 01 07 01 01 00");
    assert_int_equal(rig_news(&r, OUTSTATION_RESTART), 1);
    rig_send(&r, "C2 0D");
    rig_exchange(&r, "C3 01 01 02 00 00 00", "C3 81 00 00 01 02 00 00 00 01"); /* the newest request wins */
    assert_int_equal(rig_news(&r, OUTSTATION_RESTART), 1);
}

static void write_g10v1_sets_outputs(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 02 0A 01 00 00 01 02", "C1 81 04 00");
    assert_true(rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 0)->value == 0);
    assert_true(rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 1)->value == 1);
    rig_exchange(&r, "C2 02 0A 01 00 02 09 81", "C2 81 04 04");
    rig_exchange(&r, "C3 02 0A 01 06", "C3 81 04 04"); /* which ones? */
    rig_setup(&r);
    r.config.controls_enabled = false;
    rig_start(&r);
    rig_exchange(&r, "C1 02 0A 01 00 00 01 02", "C1 81 00 02");
}

static void outstation_8_what_can_not_be_written(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "02 32 01 07 02 00 7C 29 1F 94 01 00 7C 29 1F 94 01", /* two times */
        "02 32 01 06",                                        /* none */
        "02 32 03 07 02 00 7C 29 1F 94 01 00 7C 29 1F 94 01",
        "02 50 01 00 07 07 01",    /* IIN1.7 is not set from here */
        "02 50 01 00 07 08 00",    /* two bits */
        "02 50 01 00 04 04 00",    /* another one */
        "02 22 01 06",             /* deadbands of which points? */
        "16 3C 02 06 0C 00 07 01", /* one command, of which point? */
        "16 3C 02 07 01 01 00 06", /* a class has no count here */
    };
    struct rig r;
    setup(&r);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        char request[80], response[16];
        snprintf(request, sizeof request, "C%zX %s", i, requests[i]);
        snprintf(response, sizeof response, "C%zX 81 ?? 04", i);
        rig_exchange(&r, request, response);
    }
    assert_int_equal(rig_news(&r, OUTSTATION_TIME_SET), 0);
    rig_exchange(&r, "C9 18", "C9 81 00 00");
    rig_exchange(&r, "CA 02 32 03 07 02 00 7C 29 1F 94 01 00 7C 29 1F 94 01", "CA 81 00 04");
    assert_int_equal(rig_news(&r, OUTSTATION_TIME_SET), 0);
}

static void conformance_8_16_freeze(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_find(&r, POINT_COUNTER, 0)->value = 7;
    rig_find(&r, POINT_COUNTER, 1)->value = 8;
    rig_exchange(&r, "C1 07 14 00 06", "C1 81 08 00");
    rig_exchange(&r, "C2 01 15 01 06", "C2 81 08 00 15 01 00 00 01 01 07 00 00 00 01 08 00 00 00");
    rig_exchange(&r, "C3 01 15 05 00 00 00", "C3 81 08 00 15 05 00 00 00 01 07 00 00 00 00 7C 29 1F 94 01");
    rig_exchange(&r, "C4 01 17 05 06", "E4 81 00 00 17 05 17 01 00 01 07 00 00 00 00 7C 29 1F 94 01");
    rig_send(&r, "C4 00");
    rig_send(&r, "C5 0A 14 00 17 01 01");
    rig_expect_nothing(&r);
    assert_true(rig_find(&r, POINT_COUNTER, 0)->value == 7);
    assert_true(rig_find(&r, POINT_COUNTER, 1)->value == 0);
    rig_exchange(&r, "C6 09 14 00 00 00 00", "C6 81 08 00");
    assert_true(rig_find(&r, POINT_COUNTER, 0)->value == 0);
    assert_true(rig_find(&r, POINT_FROZEN_COUNTER, 0)->value == 7);
    rig_exchange(&r, "C7 07 1E 00 06", "C7 81 08 02"); /* analogs are not frozen */
    rig_exchange(&r, "C8 07 14 00 00 05 06", "C8 81 08 04");
}

static void conformance_8_5_6_class_assignment(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 16 3C 04 06 01 00 00 00 01 3C 01 06 01 00 17 01 02 3C 03 06 0C 00 06",
                 "C1 81 02 00");
    assert_int_equal(rig_find(&r, POINT_BINARY_COMMAND, 0)->class_mask, CLASS_2);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
    assert_int_equal(rig_change(&r, POINT_BINARY_INPUT, 2, 1, 2), 0); /* class 0: no events */
    rig_exchange(&r, "C2 01 3C 04 06", "E2 81 02 00 02 02 17 01 01 81 01 7C 29 1F 94 01");
    rig_send(&r, "C2 00");
    rig_exchange(&r, "C3 01 3C 02 06",
                 "E3 81 00 00 02 02 17 01 00 81 00 7C 29 1F 94 01"); /* keeps its class */
    rig_exchange(&r, "C4 16 01 00 06", "C4 81 02 04");               /* no class named */
    rig_exchange(&r, "C5 16 3C 02 06 02 00 06", "C5 81 02 02");
    rig_exchange(&r, "C6 16 3C 02 06 01 00 17 01 63", "C6 81 02 04"); /* no such point */
}

static void broadcast(struct rig *r, uint16_t to, const char *hex)
{
    r->to = to;
    rig_send(r, hex);
    r->to = 0;
    rig_expect_nothing(r);
}

static void conformance_8_6_5_2_broadcast_ffff(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_connect(&r);
    broadcast(&r, 0xFFFF, "C2 02 50 01 00 07 07 00");
    rig_exchange(&r, "C3 17", "C3 81 01 00 34 02 07 01 00 00");
    rig_exchange(&r, "C4 17", "C4 81 00 00 34 02 07 01 00 00");
}

static void conformance_8_6_5_3_broadcast_fffe_wants_a_confirm(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    broadcast(&r, 0xFFFE, "C2 06 0C 01 17 01 00 03 01 64 00 00 00 64 00 00 00 00");
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 1);
    rig_exchange(&r, "C3 17", "E3 81 05 00 34 02 07 01 00 00");
    rig_exchange(&r, "C4 01 01 02 00 00 00", "E4 81 05 00 01 02 00 00 00 01");
    rig_send(&r, "C3 00"); /* of the response given up */
    rig_exchange(&r, "C5 17", "E5 81 05 00 34 02 07 01 00 00");
    rig_send(&r, "C5 00");
    rig_exchange(&r, "C6 17", "C6 81 04 00 34 02 07 01 00 00");
}

static void conformance_8_6_5_4_broadcast_fffd_once_without_confirm(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    broadcast(&r, 0xFFFD, "C2 08 14 00 06");
    assert_int_equal(rig_buffered(&r), 1);
    rig_exchange(&r, "C3 17", "C3 81 09 00 34 02 07 01 00 00");
    rig_exchange(&r, "C4 17", "C4 81 08 00 34 02 07 01 00 00");
}

static void outstation_6_other_functions_are_ignored_in_broadcasts(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    broadcast(&r, 0xFFFF, "C2 01 3C 01 06");
    broadcast(&r, 0xFFFF, "C2 05 0C 01 17 01 00 03 01 64 00 00 00 64 00 00 00 00");
    broadcast(&r, 0xFFFF, "C2 0D");
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 0);
    rig_exchange(&r, "C3 17", "C3 81 00 00 34 02 07 01 00 00");
}

static void outstation_6_broadcast_gives_up_a_solicited_wait(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_exchange(&r, "C1 01 02 01 06", "E1 81 00 00 02 01 17 01 00 81");
    broadcast(&r, 0xFFFF, "C2 18");
    rig_send(&r, "C1 00");
    assert_int_equal(rig_buffered(&r), 1);
}

static void conformance_6_7_self_address(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    r.to = LINK_SELF_ADDRESS;
    rig_send(&r, "C1 17");
    rig_expect_nothing(&r);
    r.o.link.self_address = true;
    rig_exchange(&r, "C2 17", "C2 81 00 00 34 02 07 01 00 00"); /* the rig checks the source address */
}

static void link_source_and_destination(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.any_source = true;
    rig_start(&r);
    r.from = 77;
    rig_exchange(&r, "C1 17", "C1 81 00 00 34 02 07 01 00 00");
    assert_int_equal(r.out_destination, 77);
    assert_int_equal(r.out_control, 0x44);
    r.o.link.any_source = false;
    rig_send(&r, "C2 17");
    rig_expect_nothing(&r);
    r.from = 1;
    r.to = 11;
    rig_send(&r, "C2 17");
    rig_expect_nothing(&r);
}

static void conformance_6_1_2_link_services(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_frame(&r, 0xC9, NULL, 0);
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_control, 0x0B);
    rig_frame(&r, 0xC0, NULL, 0);
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_control, 0x00);
    const uint8_t request[] = {0xC0, 0xC1, 0x17};
    rig_frame(&r, 0xF3, request, sizeof request);
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_control, 0x00); /* the link's ACK before the answer */
    rig_expect(&r, "C1 81 00 00 34 02 07 01 00 00");
    rig_frame(&r, 0xF3, request, sizeof request); /* repeated FCB: ACK again, not delivered */
    assert_true(rig_receive(&r));
    rig_expect_nothing(&r);
}

static void sticky_bits_are_in_every_response(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.sticky_iin = IIN_DEVICE_RESTART | IIN_DEVICE_TROUBLE;
    rig_connect(&r);
    rig_exchange(&r, "C1 02 50 01 00 07 07 00", "C1 81 C0 00");
}

static void the_newest_request_wins(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_send(&r, "C1 17");
    rig_send(&r, "C2 01 01 02 00 00 00");
    rig_expect(&r, "C2 81 00 00 01 02 00 00 00 01");
    rig_expect_nothing(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conformance_8_6_1_restart_bit),
        cmocka_unit_test(conformance_8_6_2_unknown_function),
        cmocka_unit_test(conformance_8_6_3_unknown_object),
        cmocka_unit_test(application_1_1_bad_control_octets_are_dropped),
        cmocka_unit_test(application_5_4_repeat_is_answered_with_the_stored_response),
        cmocka_unit_test(conformance_8_7_2_need_time_until_written),
        cmocka_unit_test(time_3_lan_procedure),
        cmocka_unit_test(time_3_a_repeated_record_request_records_anew),
        cmocka_unit_test(conformance_8_7_1_delay_measure),
        cmocka_unit_test(conformance_8_8_restart),
        cmocka_unit_test(restarts_that_take_long_are_told_in_seconds),
        cmocka_unit_test(a_repeated_restart_restarts_once),
        cmocka_unit_test(write_g10v1_sets_outputs),
        cmocka_unit_test(outstation_8_what_can_not_be_written),
        cmocka_unit_test(conformance_8_16_freeze),
        cmocka_unit_test(conformance_8_5_6_class_assignment),
        cmocka_unit_test(conformance_8_6_5_2_broadcast_ffff),
        cmocka_unit_test(conformance_8_6_5_3_broadcast_fffe_wants_a_confirm),
        cmocka_unit_test(conformance_8_6_5_4_broadcast_fffd_once_without_confirm),
        cmocka_unit_test(outstation_6_other_functions_are_ignored_in_broadcasts),
        cmocka_unit_test(outstation_6_broadcast_gives_up_a_solicited_wait),
        cmocka_unit_test(conformance_6_7_self_address),
        cmocka_unit_test(link_source_and_destination),
        cmocka_unit_test(conformance_6_1_2_link_services),
        cmocka_unit_test(sticky_bits_are_in_every_response),
        cmocka_unit_test(the_newest_request_wins),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
