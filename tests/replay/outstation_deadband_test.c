// SPDX-License-Identifier: Apache-2.0
/* Deadbands of analog inputs, read and written: dnp3-reference/outstation.md 2 and 8. */
#include "support/outstation_rig.h"

static void setup(struct rig *r)
{
    rig_setup(r);
    rig_point(r, POINT_ANALOG_COMMAND, 0, 0); /* neither the last nor the only points */
    rig_find(r, POINT_ANALOG_INPUT, 1)->deadband = 1.5;
    rig_start(r);
}

static double deadband(struct rig *r, uint32_t index)
{
    return rig_find(r, POINT_ANALOG_INPUT, index)->deadband;
}

static void deadbands_are_read(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_find(&r, POINT_ANALOG_INPUT, 0)->deadband = 70000;
    rig_find(&r, POINT_ANALOG_INPUT, 0)->static_variation = 5; /* of its value, not of its deadband */
    rig_exchange(&r, "CF 01 22 00 06", "CF 81 00 00 22 03 00 00 01 00 B8 88 47 00 00 C0 3F"); /* vector A28 */
    rig_exchange(&r, "C1 01 22 01 06", "C1 81 00 00 22 01 00 00 01 FF FF 02 00");             /* saturated */
    rig_exchange(&r, "C2 01 22 02 00 00 00", "C2 81 00 00 22 02 00 00 00 70 11 01 00");
    rig_exchange(&r, "C3 01 22 03 17 01 01", "C3 81 00 00 22 03 00 01 01 00 00 C0 3F");
    rig_exchange(&r, "C4 01 22 03 17 02 01 05", "C4 81 00 04 22 03 00 01 01 00 00 C0 3F");
    rig_exchange(&r, "C5 01 22 04 06", "C5 81 00 02");
    rig_exchange(
        &r, "C6 01 3C 01 06 22 01 00 00 00 1E 02 00 01 01",
        "C6 81 00 00 01 02 00 00 02 01 01 01 01 02 01 2C 01 2C 01 01 03 02 00 00 00 01 0A 02 00 00 01 "
        "01 01 14 01 00 00 01 01 00 00 00 00 01 00 00 00 00 15 01 00 00 01 01 00 00 00 00 01 00 00 00 "
        "00 1E 05 00 00 00 01 00 00 00 00 1E 01 00 01 01 01 00 00 00 00 28 01 00 00 00 01 00 00 00 00 "
        "22 01 00 00 00 FF FF 1E 02 00 01 01 01 00 00");
}

static void deadbands_are_written_and_obeyed(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 02 22 01 17 01 01 32 00", "C1 81 00 00"); /* vector A26 */
    assert_true(deadband(&r, 1) == 50);
    rig_exchange(&r, "C2 02 22 03 00 00 01 00 00 00 3F 00 00 A0 3F", "C2 81 00 00"); /* vector A27 */
    assert_true(deadband(&r, 0) == 0.5 && deadband(&r, 1) == 1.25);
    rig_exchange(&r, "C3 02 22 02 28 01 00 00 00 00 00 01 00", "C3 81 00 00");
    assert_true(deadband(&r, 0) == 65536);
    struct measurement m = {.type = POINT_ANALOG_INPUT, .flags = FLAG_ONLINE, .value = 65536};
    assert_int_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
    m.value = 65537;
    assert_int_not_equal(outstation_update(&r.o, &m, UPDATE_EVENT, &r.at), 0);
}

static void bad_deadbands_are_parameter_errors(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    static const char *const requests[] = {
        "22 03 17 01 01 00 00 80 BF", /* -1 */
        "22 03 17 01 01 00 00 C0 7F", /* NaN */
        "22 03 17 01 01 00 00 80 7F", /* without end */
        "22 01 17 01 09 01 00",       /* no such point */
        "22 01 06",
    };
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        char request[64], response[32];
        snprintf(request, sizeof request, "C%zu 02 %s", i, requests[i]);
        snprintf(response, sizeof response, "C%zu 81 00 04", i);
        rig_exchange(&r, request, response);
        assert_true(deadband(&r, 1) == 1.5);
    }
    rig_exchange(&r, "C6 02 22 01 17 02 09 01 00 01 02 00", "C6 81 00 04"); /* the others are written */
    assert_true(deadband(&r, 1) == 2);
    rig_exchange(&r, "C7 16 3C 02 06 22 00 06", "C7 81 00 02"); /* deadbands have no class */
    assert_int_equal(rig_find(&r, POINT_ANALOG_INPUT, 0)->class_mask, CLASS_2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deadbands_are_read),
        cmocka_unit_test(deadbands_are_written_and_obeyed),
        cmocka_unit_test(bad_deadbands_are_parameter_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
