// SPDX-License-Identifier: Apache-2.0
/* Pulses of binary outputs over time: dnp3-reference/controls.md 1. */
#include "support/outstation_rig.h"

/* Of output `index`; times below 256 ms. */
#define PULSE(index, code, count, on, off)                                                                   \
    " 0C 01 17 01 " index " " code " " count " " on " 00 00 00 " off " 00 00 00 "

static void setup(struct rig *r)
{
    rig_setup(r);
    r->points_len = 0;
    for (uint32_t i = 0; i < 4; i++)
        rig_point(r, POINT_BINARY_OUTPUT_STATUS, i, CLASS_2);
    rig_start(r);
}

static double output(struct rig *r, uint32_t index)
{
    return rig_find(r, POINT_BINARY_OUTPUT_STATUS, index)->value;
}

#define assert_output(r, index, value) assert_true(output(r, index) == (value))

static void a_pulse_ends_after_its_on_time(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" PULSE("00", "01", "01", "64", "00") "00",
                 "C1 81 04 00" PULSE("00", "01", "01", "64", "00") "00");
    assert_output(&r, 0, 1);
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 100);
    rig_wait(&r, 99);
    assert_output(&r, 0, 1);
    rig_wait(&r, 1);
    assert_output(&r, 0, 0);
    assert_true(outstation_deadline_ms(&r.o) == NEVER_MS);
    /* Both changes are events, with the times at which they happened. */
    rig_exchange(&r, "C2 01 0B 02 06",
                 "E2 81 00 00 0B 02 17 02 00 81 00 7C 29 1F 94 01 00 01 64 7C 29 1F 94 01");
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 1);
}

static void a_train_repeats_and_ends_inactive(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" PULSE("01", "01", "03", "14", "0A") "00",
                 "C1 81 04 00" PULSE("01", "01", "03", "14", "0A") "00");
    for (size_t i = 0; i < 3; i++) {
        assert_output(&r, 1, 1);
        assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 20);
        rig_wait(&r, 20);
        assert_output(&r, 1, 0);
        if (i < 2)
            assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 10);
        rig_wait(&r, 10);
    }
    assert_output(&r, 1, 0);
    assert_true(outstation_deadline_ms(&r.o) == NEVER_MS);
    assert_int_equal(rig_buffered(&r), 6);
}

/* A late tick makes one change; the next time counts from it. */
static void a_late_tick_lengthens_the_pulse(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" PULSE("00", "01", "02", "14", "0A") "00",
                 "C1 81 04 00" PULSE("00", "01", "02", "14", "0A") "00");
    rig_wait(&r, 5000);
    assert_output(&r, 0, 0);
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 10);
    rig_wait(&r, 10);
    assert_output(&r, 0, 1);
    rig_wait(&r, 20);
    assert_output(&r, 0, 0);
}

static void count_0_does_nothing_and_is_answered(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" PULSE("00", "01", "00", "64", "64") "00",
                 "C1 81 00 00" PULSE("00", "01", "00", "64", "64") "00");
    assert_output(&r, 0, 0);
    rig_exchange(&r, "C2 05" PULSE("00", "01", "01", "64", "64") "00",
                 "C2 81 04 00" PULSE("00", "01", "01", "64", "64") "00");
    rig_exchange(&r, "C3 05" PULSE("00", "20", "00", "00", "00") "00",
                 "C3 81 04 00" PULSE("00", "20", "00", "00", "00") "00"); /* a clear of count 0, too */
    assert_output(&r, 0, 1);
    rig_wait(&r, 100);
    assert_output(&r, 0, 0);
}

static void times_must_make_sense(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" PULSE("00", "01", "01", "00", "64") "00",
                 "C1 81 00 00" PULSE("00", "01", "01", "00", "64") "03");
    rig_exchange(&r, "C2 05" PULSE("00", "01", "02", "64", "00") "00",
                 "C2 81 00 00" PULSE("00", "01", "02", "64", "00") "03");
    rig_exchange(&r, "C3 05" PULSE("00", "03", "01", "00", "00") "00", /* a latch has no times */
                 "C3 81 04 00" PULSE("00", "03", "01", "00", "00") "00");
    rig_exchange(&r, "C4 05" PULSE("01", "11", "01", "64", "64") "00", /* QU */
                 "C4 81 04 00" PULSE("01", "11", "01", "64", "64") "04");
    rig_exchange(&r, "C5 05" PULSE("01", "02", "01", "64", "64") "00", /* PULSE_OFF */
                 "C5 81 04 00" PULSE("01", "02", "01", "64", "64") "04");
    assert_output(&r, 1, 0);
    assert_true(outstation_deadline_ms(&r.o) == NEVER_MS);
}

/* NUL leaves the pulse alone, NUL with CR ends it; any other operation takes its place. */
static void pulses_are_cancelled(void **state)
{
    (void)state;
    static const struct {
        const char *request, *response;
        double at_once;
        double after; /* 200 ms later */
    } rows[] = {
        {"C2 05" PULSE("00", "00", "01", "00", "00") "00",
         "C2 81 04 00" PULSE("00", "00", "01", "00", "00") "00", 1, 0},
        {"C2 05" PULSE("00", "20", "01", "00", "00") "00",
         "C2 81 04 00" PULSE("00", "20", "01", "00", "00") "00", 0, 0},
        {"C2 05" PULSE("00", "03", "01", "00", "00") "00",
         "C2 81 04 00" PULSE("00", "03", "01", "00", "00") "00", 1, 1},
        {"C2 05" PULSE("00", "23", "01", "00", "00") "00",
         "C2 81 04 00" PULSE("00", "23", "01", "00", "00") "00", 1, 1},
        {"C2 05" PULSE("00", "04", "01", "00", "00") "00",
         "C2 81 04 00" PULSE("00", "04", "01", "00", "00") "00", 0, 0},
        {"C2 05" PULSE("00", "41", "01", "64", "00") "00",
         "C2 81 04 00" PULSE("00", "41", "01", "64", "00") "00", 1, 1},
        {"C2 05" PULSE("00", "21", "01", "FF", "00") "00",
         "C2 81 04 00" PULSE("00", "21", "01", "FF", "00") "00", 1, 1},
        {"C2 02 0A 01 00 00 00 01", "C2 81 04 00", 1, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig r;
        setup(&r);
        rig_exchange(&r, "C1 05" PULSE("00", "01", "01", "64", "64") "00",
                     "C1 81 04 00" PULSE("00", "01", "01", "64", "64") "00");
        rig_exchange(&r, rows[i].request, rows[i].response);
        assert_output(&r, 0, rows[i].at_once);
        rig_wait(&r, 200);
        assert_output(&r, 0, rows[i].after);
        rig_wait(&r, 200);
        assert_true(outstation_deadline_ms(&r.o) == NEVER_MS);
    }
}

#define THREE(c, s1, s2, s3)                                                                                 \
    " 0C 01 17 03 00 " c " 01 64 00 00 00 00 00 00 00 " s1 " 01 " c " 01 64 00 00 00 00 00 00 00 " s2        \
    " 02 " c " 01 64 00 00 00 00 00 00 00 " s3

static void more_pulses_than_can_run_get_status_11(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" THREE("01", "00", "00", "00"), "C1 81 00 00" THREE("01", "00", "00", "0B"));
    rig_exchange(&r, "C2 05" THREE("01", "00", "00", "00"), "C2 81 04 00" THREE("01", "00", "00", "0B"));
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 2);
    assert_output(&r, 2, 0);
    /* One that runs may be replaced, and what is no pulse needs no room. */
    rig_exchange(&r, "C3 05" THREE("01", "00", "00", "00"), "C3 81 04 00" THREE("01", "00", "00", "0B"));
    rig_exchange(&r, "C4 05" PULSE("02", "03", "01", "64", "00") "00",
                 "C4 81 04 00" PULSE("02", "03", "01", "64", "00") "00");
    rig_wait(&r, 100);
    rig_exchange(&r, "C5 05" PULSE("02", "01", "01", "64", "00") "00",
                 "C5 81 04 00" PULSE("02", "01", "01", "64", "00") "00");
    rig_wait(&r, 100);
    assert_output(&r, 2, 0);
}

#define PATTERN(status, bits) "0C 02 07 01 01 01 64 00 00 00 64 00 00 00 " status " 0C 03 00 00 03 " bits

static void a_pattern_of_pulses_runs_as_a_whole_or_not(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05 " PATTERN("00", "07"), "C1 81 00 00 " PATTERN("0B", "07"));
    rig_exchange(&r, "C2 05 " PATTERN("00", "09"), "C2 81 04 00 " PATTERN("00", "09"));
    assert_true(output(&r, 0) == 1 && output(&r, 1) == 0 && output(&r, 2) == 0 && output(&r, 3) == 1);
    rig_wait(&r, 100);
    assert_true(output(&r, 0) == 0 && output(&r, 3) == 0);
}

static void pulses_outlive_a_connection_but_no_restart(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" PULSE("00", "01", "02", "64", "64") "00",
                 "C1 81 04 00" PULSE("00", "01", "02", "64", "64") "00");
    outstation_disconnected(&r.o, &r.at);
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 100);
    rig_wait(&r, 100);
    assert_output(&r, 0, 0);
    rig_wait(&r, 100);
    assert_output(&r, 0, 1);
    outstation_restart(&r.o, true, &r.at);
    rig_drain(&r);
    assert_output(&r, 0, 0);
    assert_int_equal(rig_buffered(&r), 3);
    assert_true(outstation_deadline_ms(&r.o) == NEVER_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pulse_ends_after_its_on_time),
        cmocka_unit_test(a_train_repeats_and_ends_inactive),
        cmocka_unit_test(a_late_tick_lengthens_the_pulse),
        cmocka_unit_test(count_0_does_nothing_and_is_answered),
        cmocka_unit_test(times_must_make_sense),
        cmocka_unit_test(pulses_are_cancelled),
        cmocka_unit_test(more_pulses_than_can_run_get_status_11),
        cmocka_unit_test(a_pattern_of_pulses_runs_as_a_whole_or_not),
        cmocka_unit_test(pulses_outlive_a_connection_but_no_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
