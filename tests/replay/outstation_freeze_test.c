// SPDX-License-Identifier: Apache-2.0
/* Freezing of counters and analog inputs, at once and by the clock: dnp3-reference/outstation.md 9, g50v2 of
 * objects.md 3. */
#include "support/outstation_rig.h"

static struct rig r;
static struct outstation_freezes freezes;

#define T0   "00 7C 29 1F 94 01" /* the wall clock of the rig */
#define T10S "10 A3 29 1F 94 01"

/* Counters 0 and 1, analog inputs 0 and 1; of both, index 0 has a frozen twin with events. */
static int begin(void **state)
{
    (void)state;
    rig_setup(&r);
    r.points_len--; /* the command point of the rig: types are sorted */
    rig_point(&r, POINT_FROZEN_ANALOG_INPUT, 0, CLASS_3);
    rig_point(&r, POINT_FROZEN_ANALOG_INPUT, 1, 0);
    freezes = (struct outstation_freezes){0};
    r.config.freezes = &freezes;
    rig_start(&r);
    rig_find(&r, POINT_COUNTER, 0)->value = 7;
    rig_find(&r, POINT_ANALOG_INPUT, 0)->value = -2.5;
    rig_find(&r, POINT_ANALOG_INPUT, 1)->value = 100000;
    return 0;
}

static void analogs_are_frozen(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 01 1F 00 06", "C1 81 00 00 1F 01 00 00 01 01 00 00 00 00 01 00 00 00 00");
    rig_exchange(&r, "C2 07 1E 00 06", "C2 81 08 00");
    rig_exchange(&r, "C3 01 1F 00 06", "C3 81 08 00 1F 01 00 00 01 01 FD FF FF FF 01 A0 86 01 00");
    rig_exchange(&r, "C4 01 3C 04 06", "E4 81 00 00 21 01 17 01 00 01 FD FF FF FF");
    rig_send(&r, "C4 00");
    rig_send(&r, "C5 08 1E 00 17 01 01");
    rig_expect_nothing(&r);
    rig_exchange(&r, "C6 07 1E 00 00 01 01", "C6 81 00 00");    /* no events of this one */
    rig_exchange(&r, "C7 09 1E 00 06", "C7 81 00 02");          /* nobody clears an analog */
    rig_exchange(&r, "C8 07 1E 01 06", "C8 81 00 02");          /* any variation only */
    rig_exchange(&r, "C9 07 1E 00 17 02 01 09", "C9 81 00 04"); /* one is not there */
    rig_exchange(&r, "CA 07 14 00 06 1E 00 06", "CA 81 08 00"); /* both */
}

static void all_variations_of_frozen_analogs(void **state)
{
    (void)state;
    static const char *const statics[] = {
        "01 FD FF FF FF", "01 FD FF", "01 FD FF FF FF " T0, "01 FD FF " T0,
        "FD FF FF FF",    "FD FF",    "01 00 00 20 C0",     "01 00 00 00 00 00 00 04 C0"};
    static const char *const events[] = {"01 FD FF FF FF",     "01 FD FF",
                                         "01 FD FF FF FF " T0, "01 FD FF " T0,
                                         "01 00 00 20 C0",     "01 00 00 00 00 00 00 04 C0",
                                         "01 00 00 20 C0 " T0, "01 00 00 00 00 00 00 04 C0 " T0};
    rig_exchange(&r, "C1 07 1E 00 06", "C1 81 08 00");
    for (int v = 1; v <= 8; v++) {
        char request[64], response[128];
        snprintf(request, sizeof request, "C2 01 1F %02X 00 00 00", v);
        snprintf(response, sizeof response, "C2 81 08 00 1F %02X 00 00 00 %s", v, statics[v - 1]);
        rig_exchange(&r, request, response);
        snprintf(request, sizeof request, "C3 01 21 %02X 06", v);
        snprintf(response, sizeof response, "E3 81 00 00 21 %02X 17 01 00 %s", v, events[v - 1]);
        rig_exchange(&r, request, response);
    }
    rig_exchange(&r, "C4 01 1F 09 06", "C4 81 08 02");
    rig_exchange(&r, "C5 01 21 09 06", "C5 81 08 02");
}

static void all_variations_of_frozen_counters(void **state)
{
    (void)state;
    static const struct {
        int variation;
        const char *object;
    } statics[] = {{1, "01 07 00 00 00"}, {2, "01 07 00"},    {5, "01 07 00 00 00 " T0},
                   {6, "01 07 00 " T0},   {9, "07 00 00 00"}, {10, "07 00"}},
      events[] = {{1, "01 07 00 00 00"}, {2, "01 07 00"}, {5, "01 07 00 00 00 " T0}, {6, "01 07 00 " T0}};
    char request[64], response[128];
    rig_exchange(&r, "C1 07 14 00 06", "C1 81 08 00");
    for (size_t i = 0; i < sizeof statics / sizeof statics[0]; i++) {
        snprintf(request, sizeof request, "C2 01 15 %02X 00 00 00", statics[i].variation);
        snprintf(response, sizeof response, "C2 81 08 00 15 %02X 00 00 00 %s", statics[i].variation,
                 statics[i].object);
        rig_exchange(&r, request, response);
    }
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        snprintf(request, sizeof request, "C3 01 17 %02X 06", events[i].variation);
        snprintf(response, sizeof response, "E3 81 00 00 17 %02X 17 01 00 %s", events[i].variation,
                 events[i].object);
        rig_exchange(&r, request, response);
    }
    rig_exchange(&r, "C4 01 15 03 06", "C4 81 08 02"); /* deltas are obsolete */
}

static void once_now(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 0B 32 02 07 01 00 00 00 00 00 00 00 00 00 00 14 00 06", "C1 81 08 00");
    assert_true(rig_find(&r, POINT_FROZEN_COUNTER, 0)->value == 7);
    assert_int_equal(freezes.len, 0);
}

static void once_later(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 0B 32 02 07 01 " T10S " 00 00 00 00 1E 00 00 00 00", "C1 81 00 00");
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 10000);
    rig_wait(&r, 9999);
    assert_int_equal(rig_buffered(&r), 0);
    rig_wait(&r, 1);
    rig_exchange(&r, "C2 01 21 03 06", "E2 81 00 00 21 03 17 01 00 01 FD FF FF FF " T10S);
    assert_int_equal(freezes.len, 0);
    rig_wait(&r, 100000);
    assert_int_equal(rig_buffered(&r), 1);
}

static void at_a_time_and_then_every_interval(void **state)
{
    (void)state;
    /* At T0 + 10 s and every 5 s; the analog once, under its own g50v2. */
    rig_exchange(
        &r, "C1 0B 32 02 07 01 " T10S " 88 13 00 00 14 00 17 01 00 32 02 07 01 " T10S " 00 00 00 00 1E 00 06",
        "C1 81 00 00");
    assert_int_equal(freezes.len, 2);
    rig_wait(&r, 10000);
    assert_int_equal(rig_buffered(&r), 2);
    rig_wait(&r, 5000);
    assert_int_equal(rig_buffered(&r), 3);
    rig_wait(&r, 12000); /* two were missed: one is made, the next is in step again */
    assert_int_equal(rig_buffered(&r), 4);
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 3000);
    outstation_restart(&r.o, true, &r.at);
    assert_int_equal(freezes.len, 0);
}

static void every_interval_from_the_start_of_the_hour(void **state)
{
    (void)state;
    r.at.wall_ms += 3 * 60000; /* T0 is midnight */
    r.at.now_ms += 3 * 60000;
    rig_exchange(&r, "C1 0B 32 02 07 01 00 00 00 00 00 00 A0 BB 0D 00 14 00 06", "C1 81 00 00"); /* 15 min */
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 12 * 60000);
    rig_wait(&r, 12 * 60000);
    assert_int_equal(rig_buffered(&r), 1);
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 15 * 60000);
}

static void a_past_start_keeps_its_step(void **state)
{
    (void)state;
    r.at.wall_ms += 12000;
    rig_exchange(&r, "C1 0B 32 02 07 01 " T10S " 88 13 00 00 14 00 06", "C1 81 00 00");
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 3000);
}

static void a_clock_that_is_set_moves_the_freeze(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 0B 32 02 07 01 " T10S " 00 00 00 00 14 00 06", "C1 81 00 00");
    rig_exchange(&r, "C2 02 32 01 07 01 88 80 29 1F 94 01", "C2 81 00 00"); /* T0 + 1160 */
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 10000 - 1160);
}

static void refused_orders(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 0B 32 02 07 01 " T0 " 00 00 00 00 14 00 06", "C1 81 00 04");   /* over */
    rig_exchange(&r, "C2 0B 32 02 07 01 " T10S " 63 00 00 00 14 00 06", "C2 81 00 04"); /* 99 ms */
    rig_exchange(&r, "C3 0B 14 00 06", "C3 81 00 04");                                  /* no time */
    rig_exchange(&r, "C4 0B 32 02 07 01 " T10S " 00 00 00 00 15 00 06", "C4 81 00 02"); /* is frozen */
    rig_exchange(&r, "C5 0B 32 02 07 01 " T10S " 00 00 00 00 14 00 00 09 0A", "C5 81 00 04");
    rig_exchange(&r, "C6 0B 32 01 07 01 " T10S " 14 00 06", "C6 81 00 06"); /* no g50v2 */
    rig_exchange(&r, "C7 0B", "C7 81 00 04");
    rig_exchange(&r, "CA 0B 32 02 06 14 00 06", "CA 81 00 04"); /* no time */
    rig_exchange(&r, "CB 0B 32 02 07 02 " T10S " 00 00 00 00 " T10S " 00 00 00 00 14 00 06", "CB 81 00 04");
    assert_int_equal(freezes.len, 0);
    rig_send(&r, "C8 0C 14 00 06");
    rig_expect_nothing(&r);
    rig_send(&r, "C9 0C 32 02 07 01 " T10S " 00 00 00 00 14 00 06");
    rig_expect_nothing(&r);
    assert_int_equal(freezes.len, 1);
}

static void a_new_order_replaces_the_old_and_room_ends(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 0B 32 02 07 01 " T10S " 00 00 00 00 14 00 06", "C1 81 00 00");
    rig_exchange(&r, "C2 0B 32 02 07 01 " T10S " 88 13 00 00 14 00 06", "C2 81 00 00");
    assert_int_equal(freezes.len, 1);
    assert_int_equal(freezes.entry[0].interval_ms, 5000);
    freezes.len = OUTSTATION_FREEZES;
    rig_exchange(&r, "C3 0B 32 02 07 01 " T10S " 88 13 00 00 14 00 28 02 00 00 00 01 00", "C3 81 00 04");
    rig_exchange(&r, "C5 0B 32 02 07 01 " T10S " 88 13 00 00 1E 00 06", "C5 81 00 04");
    freezes.len = OUTSTATION_FREEZES - 1;
    rig_exchange(&r, "C4 0B 32 02 07 01 " T10S " 88 13 00 00 14 00 28 02 00 00 00 01 00", "C4 81 00 00");
    assert_int_equal(freezes.entry[OUTSTATION_FREEZES - 1].stop, 1); /* a list in a row is one order */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(analogs_are_frozen, begin),
        cmocka_unit_test_setup(all_variations_of_frozen_analogs, begin),
        cmocka_unit_test_setup(all_variations_of_frozen_counters, begin),
        cmocka_unit_test_setup(once_now, begin),
        cmocka_unit_test_setup(once_later, begin),
        cmocka_unit_test_setup(at_a_time_and_then_every_interval, begin),
        cmocka_unit_test_setup(every_interval_from_the_start_of_the_hour, begin),
        cmocka_unit_test_setup(a_past_start_keeps_its_step, begin),
        cmocka_unit_test_setup(a_clock_that_is_set_moves_the_freeze, begin),
        cmocka_unit_test_setup(refused_orders, begin),
        cmocka_unit_test_setup(a_new_order_replaces_the_old_and_room_ends, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
