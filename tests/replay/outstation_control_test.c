// SPDX-License-Identifier: Apache-2.0
/* Controls: dnp3-reference/controls.md 1 to 7, conformance.md 8.2 to 8.4. */
#include "support/outstation_rig.h"

#define CROB(index, code)         " 0C 01 28 01 00 " index " 00 " code " 01 64 00 00 00 64 00 00 00 "
#define CROB_17(index, code)      " 0C 01 17 01 " index " " code " 01 64 00 00 00 64 00 00 00 "
#define CROB_TIMES(code, on, off) " 0C 01 28 01 00 00 00 " code " 01 " on " 00 00 00 " off " 00 00 00 "

static void setup(struct rig *r)
{
    rig_setup(r);
    rig_start(r);
}

static double output(struct rig *r, enum point_type type)
{
    return rig_find(r, type, 0)->value;
}

static size_t operated(struct rig *r)
{
    return rig_news(r, OUTSTATION_CONTROL);
}

static void conformance_8_2_1_2_1_select_and_operate(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    assert_int_equal(operated(&r), 0);
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 04 00" CROB("00", "03") "00");
    assert_int_equal(operated(&r), 1);
    assert_int_equal(r.news[r.news_len - 1].function, APP_OPERATE);
    assert_int_equal(r.news[r.news_len - 1].group, 12);
    assert_int_equal(r.news[r.news_len - 1].crob.on_ms, 100);
    assert_true(output(&r, POINT_BINARY_OUTPUT_STATUS) == 1);
    /* Feedback as an event (g11) and in the status (g10). */
    rig_exchange(&r, "C3 01 0B 01 06 0A 00 17 01 00", "E3 81 00 00 0B 01 17 01 00 81 0A 02 00 00 00 81");
}

static void conformance_8_2_1_2_2_qualifier_17(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB_17("01", "03") "00", "C1 81 00 00" CROB_17("01", "03") "00");
    rig_exchange(&r, "C2 04" CROB_17("01", "03") "00", "C2 81 04 00" CROB_17("01", "03") "00");
    assert_int_equal(r.news[r.news_len - 1].index, 1);
}

static void conformance_8_2_1_2_3_uninstalled_point(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("09", "03") "00", "C1 81 00 04" CROB("09", "03") "04");
    rig_exchange(&r, "C2 04" CROB("09", "03") "00", "C2 81 00 00" CROB("09", "03") "02");
}

static void conformance_8_2_1_2_4_operate_after_the_timeout(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    rig_wait(&r, 10000);
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 00 00" CROB("00", "03") "01");
    assert_int_equal(operated(&r), 0);
    rig_exchange(&r, "C3 03" CROB("00", "03") "00", "C3 81 00 00" CROB("00", "03") "00");
    rig_wait(&r, 9999);
    rig_exchange(&r, "C4 04" CROB("00", "03") "00", "C4 81 04 00" CROB("00", "03") "00");
}

/* 2.5 another point, 2.6 on-time, 2.7 off-time, 2.8 code, 2.9 qualifier. */
static void conformance_8_2_1_2_5_to_9_operate_must_equal_select(void **state)
{
    (void)state;
    static const char *const others[][2] = {
        {"C2 04" CROB("01", "03") "00", "C2 81 00 00" CROB("01", "03") "02"},
        {"C2 04" CROB_TIMES("03", "65", "64") "00", "C2 81 00 00" CROB_TIMES("03", "65", "64") "02"},
        {"C2 04" CROB_TIMES("03", "64", "65") "00", "C2 81 00 00" CROB_TIMES("03", "64", "65") "02"},
        {"C2 04" CROB("00", "04") "00", "C2 81 00 00" CROB("00", "04") "02"},
        {"C2 04" CROB_17("00", "03") "00", "C2 81 00 00" CROB_17("00", "03") "02"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct rig r;
        setup(&r);
        rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
        rig_exchange(&r, others[i][0], others[i][1]);
        /* The record is gone with the failure. */
        rig_exchange(&r, "C3 04" CROB("00", "03") "00", "C3 81 00 00" CROB("00", "03") "02");
        assert_int_equal(operated(&r), 0);
    }
}

static void conformance_8_2_1_2_10_controls_disabled(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.controls_enabled = false;
    rig_start(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 02");
}

static void conformance_8_2_1_2_11_same_seq_select_retry(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 04 00" CROB("00", "03") "00");
    assert_int_equal(operated(&r), 1);
}

static void conformance_8_2_1_2_12_new_seq_select(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "CF 03" CROB("00", "03") "00", "CF 81 00 00" CROB("00", "03") "00");
    rig_exchange(&r, "C0 03" CROB("00", "03") "00", "C0 81 00 00" CROB("00", "03") "00");
    rig_exchange(&r, "C1 04" CROB("00", "03") "00", "C1 81 04 00" CROB("00", "03") "00");
}

static void conformance_8_2_1_2_13_same_seq_operate_retry(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 04 00" CROB("00", "03") "00");
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 04 00" CROB("00", "03") "00");
    assert_int_equal(operated(&r), 1);
    assert_int_equal(rig_buffered(&r), 1);
}

static void conformance_8_2_1_2_14_new_seq_operate_retry(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 04 00" CROB("00", "03") "00");
    rig_exchange(&r, "C3 04" CROB("00", "03") "00", "C3 81 04 00" CROB("00", "03") "02");
}

static void conformance_8_2_1_2_15_seq_gap_loses_the_select(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    rig_exchange(&r, "C3 04" CROB("00", "03") "00", "C3 81 00 00" CROB("00", "03") "02");
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 00 00" CROB("00", "03") "02");
}

/* controls.md 4: CONFIRM fragments change neither the record nor the SEQ. */
static void a_confirm_between_select_and_operate_does_no_harm(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    rig_send(&r, "D5 00");
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 04 00" CROB("00", "03") "00");
}

static void select_is_dropped_with_the_connection(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00");
    outstation_disconnected(&r.o, &r.at);
    outstation_connected(&r.o, &r.at);
    rig_exchange(&r, "C2 04" CROB("00", "03") "00", "C2 81 00 00" CROB("00", "03") "02");
}

static void conformance_8_2_2_direct_operate_and_its_repeat(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" CROB("00", "03") "00", "C1 81 04 00" CROB("00", "03") "00");
    rig_exchange(&r, "C1 05" CROB("00", "03") "00", "C1 81 04 00" CROB("00", "03") "00");
    assert_int_equal(operated(&r), 1);
    rig_exchange(&r, "C1 05" CROB("00", "04") "00",
                 "C1 81 04 00" CROB("00", "04") "00"); /* other octets: new */
    assert_int_equal(operated(&r), 2);
    rig_exchange(&r, "C2 05" CROB("07", "03") "00", "C2 81 04 04" CROB("07", "03") "04");
}

static void conformance_8_2_3_no_acknowledge_is_silent(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" CROB("00", "04") "00", "C1 81 00 00" CROB("00", "04") "00");
    rig_send(&r, "C2 06" CROB("00", "03") "00");
    rig_expect_nothing(&r);
    assert_int_equal(r.news[r.news_len - 1].function, APP_DIRECT_OPERATE_NR);
    assert_true(output(&r, POINT_BINARY_OUTPUT_STATUS) == 1);
    rig_send(&r, "C3 06" CROB("07", "03") "00"); /* uninstalled: silent, too */
    rig_expect_nothing(&r);
    /* It does not enter the comparison with the last request (application.md 5.4). */
    size_t before = operated(&r);
    rig_exchange(&r, "C1 05" CROB("00", "04") "00", "C1 81 00 00" CROB("00", "04") "00");
    assert_int_equal(operated(&r), before);
}

static void conformance_8_2_4_2_excess_objects_get_status_8(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.max_controls = 1;
    rig_start(&r);
    rig_exchange(
        &r, "C1 05 0C 01 17 02 00 03 01 00 00 00 00 00 00 00 00 00 01 03 01 00 00 00 00 00 00 00 00 00",
        "C1 81 04 00 0C 01 17 02 00 03 01 00 00 00 00 00 00 00 00 00 01 03 01 00 00 00 00 00 00 00 00 08");
    assert_int_equal(operated(&r), 1);
    rig_exchange(
        &r, "C2 03 0C 01 17 02 00 03 01 00 00 00 00 00 00 00 00 00 01 03 01 00 00 00 00 00 00 00 00 00",
        "C2 81 04 00 0C 01 17 02 00 03 01 00 00 00 00 00 00 00 00 00 01 03 01 00 00 00 00 00 00 00 00 08");
}

static void several_controls_are_told_one_by_one(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(
        &r,
        "C1 05 0C 01 17 03 00 03 01 00 00 00 00 00 00 00 00 00 05 03 01 00 00 00 00 00 00 00 00 00"
        "01 03 01 00 00 00 00 00 00 00 00 00 29 02 17 01 00 07 00 00",
        "C1 81 04 04 0C 01 17 03 00 03 01 00 00 00 00 00 00 00 00 00 05 03 01 00 00 00 00 00 00 00 00 04"
        "01 03 01 00 00 00 00 00 00 00 00 00 29 02 17 01 00 07 00 00");
    assert_int_equal(operated(&r), 3);
    assert_int_equal(r.news[r.news_len - 2].index, 1);
    assert_int_equal(r.news[r.news_len - 1].group, 41);
    assert_true(r.news[r.news_len - 1].value == 7);
}

static void conformance_8_2_5_control_codes(void **state)
{
    (void)state;
    /* code, status, value afterwards (from 1) */
    static const struct {
        const char *request, *response;
        double after;
    } rows[] = {
        {"C1 05" CROB("00", "00") "00", "C1 81 00 00" CROB("00", "00") "00", 1},
        {"C1 05" CROB("00", "01") "00", "C1 81 00 00" CROB("00", "01") "00", 1},
        {"C1 05" CROB("00", "02") "00", "C1 81 00 00" CROB("00", "02") "04", 1},
        {"C1 05" CROB("00", "03") "00", "C1 81 00 00" CROB("00", "03") "00", 1},
        {"C1 05" CROB("00", "04") "00", "C1 81 04 00" CROB("00", "04") "00", 0},
        {"C1 05" CROB("00", "05") "00", "C1 81 00 00" CROB("00", "05") "04", 1},
        {"C1 05" CROB("00", "13") "00", "C1 81 00 00" CROB("00", "13") "04", 1},
        {"C1 05" CROB("00", "23") "00", "C1 81 00 00" CROB("00", "23") "00", 1},
        {"C1 05" CROB("00", "41") "00", "C1 81 00 00" CROB("00", "41") "00", 1},
        {"C1 05" CROB("00", "81") "00", "C1 81 04 00" CROB("00", "81") "00", 0},
        {"C1 05" CROB("00", "C1") "00", "C1 81 00 00" CROB("00", "C1") "04", 1},
        {"C1 05 0C 01 17 01 00 04 00 00 00 00 00 00 00 00 00 00",
         "C1 81 00 00 0C 01 17 01 00 04 00 00 00 00 00 00 00 00 00 00", 1}, /* count 0: nothing, answered */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig r;
        rig_setup(&r);
        rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 0)->value = 1;
        rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 0)->reported = 1;
        rig_start(&r);
        rig_exchange(&r, rows[i].request, rows[i].response);
        assert_true(output(&r, POINT_BINARY_OUTPUT_STATUS) == rows[i].after);
    }
}

static void conformance_8_4_analog_outputs(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03 29 02 28 01 00 00 00 18 FC 00", "C1 81 00 00 29 02 28 01 00 00 00 18 FC 00");
    rig_exchange(&r, "C2 04 29 02 28 01 00 00 00 18 FC 00", "C2 81 04 00 29 02 28 01 00 00 00 18 FC 00");
    assert_true(output(&r, POINT_ANALOG_OUTPUT_STATUS) == -1000);
    rig_exchange(&r, "C3 05 29 01 17 01 00 40 0D 03 00 00", "C3 81 04 00 29 01 17 01 00 40 0D 03 00 00");
    assert_true(output(&r, POINT_ANALOG_OUTPUT_STATUS) == 200000);
    rig_exchange(&r, "C4 05 29 03 17 01 00 00 00 C0 3F 00", "C4 81 04 00 29 03 17 01 00 00 00 C0 3F 00");
    assert_true(output(&r, POINT_ANALOG_OUTPUT_STATUS) == 1.5);
    rig_exchange(&r, "C5 05 29 04 17 01 00 00 00 00 00 00 00 04 40 00",
                 "C5 81 04 00 29 04 17 01 00 00 00 00 00 00 00 04 40 00");
    assert_true(output(&r, POINT_ANALOG_OUTPUT_STATUS) == 2.5);
    rig_exchange(&r, "C6 05 29 03 17 01 00 00 00 C0 7F 00",
                 "C6 81 04 00 29 03 17 01 00 00 00 C0 7F 0C"); /* NaN */
    rig_exchange(&r, "C7 05 29 01 17 01 05 00 00 00 00 00", "C7 81 04 04 29 01 17 01 05 00 00 00 00 04");
}

static void conformance_8_6_4_local_points(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 0)->flags = FLAG_ONLINE | FLAG_LOCAL_FORCED;
    rig_connect(&r);
    rig_exchange(&r, "CF 02 50 01 00 07 07 00", "CF 81 20 00");
    rig_exchange(&r, "C1 05" CROB("00", "03") "00", "C1 81 20 00" CROB("00", "03") "07");
    rig_exchange(&r, "C2 01 0A 02 17 01 00", "C2 81 20 00 0A 02 00 00 00 11");
    struct measurement m = {.type = POINT_BINARY_OUTPUT_STATUS, .flags = FLAG_ONLINE};
    outstation_update(&r.o, &m, UPDATE_STATIC, &r.at);
    rig_exchange(&r, "C3 05" CROB("00", "04") "00", "C3 81 00 00" CROB("00", "04") "00");
}

static void controls_7_command_events(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_find(&r, POINT_BINARY_COMMAND, 0)->class_mask = CLASS_1;
    rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 0)->class_mask = 0;
    rig_start(&r);
    rig_exchange(&r, "C1 03" CROB("00", "41") "00", "C1 81 00 00" CROB("00", "41") "00");
    rig_exchange(&r, "C2 04" CROB("00", "41") "00", "C2 81 02 00" CROB("00", "41") "00");
    rig_exchange(&r, "C3 05" CROB("00", "02") "00", "C3 81 02 00" CROB("00", "02") "04");
    rig_exchange(&r, "C4 01 0D 02 06",
                 "E4 81 00 00 0D 02 17 02 00 80 00 7C 29 1F 94 01 00 04 00 7C 29 1F 94 01");
}

static void controls_7_analog_command_events(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_find(&r, POINT_ANALOG_OUTPUT_STATUS, 0)->class_mask = 0;
    rig_point(&r, POINT_ANALOG_COMMAND, 0, 0);
    rig_start(&r);
    rig_exchange(&r, "C0 05 29 02 17 01 00 05 00 00", "C0 81 00 00 29 02 17 01 00 05 00 00");
    assert_int_equal(rig_buffered(&r), 0); /* no class, no event */
    rig_exchange(&r, "C1 16 3C 03 06 29 00 06", "C1 81 00 00");
    rig_exchange(&r, "C2 05 29 02 17 01 00 18 FC 00", "C2 81 04 00 29 02 17 01 00 18 FC 00");
    rig_exchange(&r, "C3 05 29 03 17 01 00 00 00 80 7F 00", "C3 81 04 00 29 03 17 01 00 00 00 80 7F 0C");
    rig_exchange(&r, "C4 01 2B 05 06", "E4 81 00 00 2B 05 17 02 00 00 00 00 7A C4 00 0C 00 00 80 7F");
    rig_wait(&r, 5000);
    rig_exchange(&r, "C5 01 2B 04 07 01", "E5 81 04 00 2B 04 17 01 00 00 18 FC 00 7C 29 1F 94 01");
    outstation_restart(&r.o, true, &r.at);
    rig_exchange(&r, "C6 01 2B 00 07 01",
                 "E6 81 84 00 2B 01 17 01 00 00 18 FC FF FF"); /* a status, no flags */
}

static void controls_refuse_what_they_do_not_know(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05 1E 01 17 01 00 00 00 00 00 00", "C1 81 00 02");                   /* no command */
    rig_exchange(&r, "C2 05 0C 00 17 01 00", "C2 81 00 02");                                  /* no object */
    rig_exchange(&r, "C3 05" CROB("00", "03"), "C3 81 00 04");                                /* truncated */
    rig_exchange(&r, "C4 05 0C 01 00 00 00 03 01 00 00 00 00 00 00 00 00 00", "C4 81 00 04"); /* a range */
    rig_exchange(&r, "C5 05", "C5 81 00 04");
    uint8_t many[2 + 5 + 19 * 13] = {0xC7, 5, 12, 1, 0x28, 19};
    r.config.tx_fragment_max = 249; /* its echo is longer */
    rig_send_octets(&r, many, sizeof many);
    rig_expect(&r, "C7 81 00 04");
    assert_int_equal(operated(&r), 0);
    rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 0)->operable = false;
    rig_exchange(&r, "C6 05" CROB("00", "03") "00", "C6 81 00 00" CROB("00", "03") "04");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conformance_8_2_1_2_1_select_and_operate),
        cmocka_unit_test(conformance_8_2_1_2_2_qualifier_17),
        cmocka_unit_test(conformance_8_2_1_2_3_uninstalled_point),
        cmocka_unit_test(conformance_8_2_1_2_4_operate_after_the_timeout),
        cmocka_unit_test(conformance_8_2_1_2_5_to_9_operate_must_equal_select),
        cmocka_unit_test(conformance_8_2_1_2_10_controls_disabled),
        cmocka_unit_test(conformance_8_2_1_2_11_same_seq_select_retry),
        cmocka_unit_test(conformance_8_2_1_2_12_new_seq_select),
        cmocka_unit_test(conformance_8_2_1_2_13_same_seq_operate_retry),
        cmocka_unit_test(conformance_8_2_1_2_14_new_seq_operate_retry),
        cmocka_unit_test(conformance_8_2_1_2_15_seq_gap_loses_the_select),
        cmocka_unit_test(a_confirm_between_select_and_operate_does_no_harm),
        cmocka_unit_test(select_is_dropped_with_the_connection),
        cmocka_unit_test(conformance_8_2_2_direct_operate_and_its_repeat),
        cmocka_unit_test(conformance_8_2_3_no_acknowledge_is_silent),
        cmocka_unit_test(conformance_8_2_4_2_excess_objects_get_status_8),
        cmocka_unit_test(several_controls_are_told_one_by_one),
        cmocka_unit_test(conformance_8_2_5_control_codes),
        cmocka_unit_test(conformance_8_4_analog_outputs),
        cmocka_unit_test(conformance_8_6_4_local_points),
        cmocka_unit_test(controls_7_command_events),
        cmocka_unit_test(controls_7_analog_command_events),
        cmocka_unit_test(controls_refuse_what_they_do_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
