// SPDX-License-Identifier: Apache-2.0
/* Values and events: what a seed promises, and that values survive the wire. */
#include "outstation-sim/generator.h"
#include "outstation-sim/shape.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct scenario_point mixed_points[] = {
    {.type = POINT_ANALOG_INPUT,
     .count = 3,
     .class = 2,
     .max = 100,
     .step = 3,
     .shape = SHAPE_RANDOM_WALK,
     .encoding = ENCODING_FLOAT,
     .period_ms = 1000},
    {.type = POINT_BINARY_INPUT, .count = 2, .class = 1, .max = 1, .step = 1, .period_ms = 1000},
    {.type = POINT_COUNTER, .count = 1, .class = 0, .max = 1, .step = 1, .period_ms = 1000},
};

static struct scenario_group mixed_group(void)
{
    return (struct scenario_group){
        .name = "mixed", .points = mixed_points, .points_len = 3, .rate = 50, .timed = 0.5, .stations = 1};
}

struct rig {
    struct plan plan;
    struct outstation_point points[8];
    struct generator generator;
};

static void rig_open(struct rig *rig, const struct scenario_group *group, uint64_t seed, uint32_t station)
{
    plan_init(&rig->plan, group, 0);
    struct random random = random_stream(seed, 99);
    plan_make_points(&rig->plan, &random, rig->points);
    generator_init(&rig->generator, &rig->plan, rig->points, seed, station);
}

static size_t rig_run(struct rig *rig, int64_t until_ms, int64_t look_every_ms, struct generated *into,
                      size_t room)
{
    size_t len = 0;
    for (int64_t now = 0; now <= until_ms; now += look_every_ms) {
        while (len < room && generator_next(&rig->generator, now, &into[len])) {
            rig->points[into[len].point].value = into[len].value;
            len++;
        }
    }
    return len;
}

static bool same(const struct generated *a, const struct generated *b)
{
    return a->at_ms == b->at_ms && !memcmp(&a->value, &b->value, sizeof(a->value)) && a->point == b->point &&
           a->flags == b->flags && a->timed == b->timed;
}

enum { ROOM = 20000 };

static struct generated *make(const struct scenario_group *group, uint64_t seed, uint32_t station,
                              int64_t look_every_ms, size_t *len)
{
    struct rig rig;
    struct generated *events = calloc(ROOM, sizeof(*events));
    rig_open(&rig, group, seed, station);
    *len = rig_run(&rig, 10000, look_every_ms, events, ROOM);
    plan_free(&rig.plan);
    return events;
}

static void a_seed_repeats_a_run_however_late_one_looks(void **state)
{
    (void)state;
    struct scenario_group group = mixed_group();
    group.twins = 0.1;
    group.storm = (struct scenario_storm){.every_ms = 3000, .events = 40, .stations = 1};
    size_t len, other_len;
    struct generated *events = make(&group, 7, 3, 1, &len);
    struct generated *other = make(&group, 7, 3, 500, &other_len);
    assert_true(len > 400);
    assert_int_equal(len, other_len);
    for (size_t i = 0; i < len; i++)
        assert_true(same(&events[i], &other[i]));
    free(other);
    other = make(&group, 8, 3, 500, &other_len);
    assert_false(len == other_len && same(&events[0], &other[0]));
    free(other);
    other = make(&group, 7, 4, 500, &other_len);
    assert_false(same(&events[0], &other[0]));
    free(other);
    free(events);
}

static void times_never_go_back_and_classless_points_are_silent(void **state)
{
    (void)state;
    struct scenario_group group = mixed_group();
    size_t len;
    struct generated *events = make(&group, 1, 0, 10, &len);
    for (size_t i = 0; i < len; i++) {
        assert_true(i == 0 || events[i].at_ms >= events[i - 1].at_ms);
        assert_int_not_equal(events[i].point, 2); /* positions: two binaries, the counter, three analogs */
    }
    free(events);
}

static void the_rate_and_the_shares_are_kept(void **state)
{
    (void)state;
    struct scenario_group group = mixed_group();
    group.rate = 500;
    group.twins = 0.2;
    size_t len;
    struct generated *events = make(&group, 5, 0, 10, &len);
    size_t twins = 0, timed = 0;
    for (size_t i = 0; i < len; i++) {
        twins += events[i].twin;
        timed += events[i].timed;
        if (events[i].twin)
            assert_true(same(&events[i], &events[i - 1]));
    }
    assert_in_range(len - twins, 4750, 5250);
    assert_in_range(twins, 880, 1120);
    assert_in_range(timed, len * 47 / 100, len * 53 / 100);
    free(events);
}

static void regular_arrivals_are_evenly_spaced(void **state)
{
    (void)state;
    struct scenario_group group = mixed_group();
    group.arrival = ARRIVAL_REGULAR;
    size_t len;
    struct generated *events = make(&group, 5, 0, 1, &len);
    assert_in_range(len, 499, 501);
    for (size_t i = 1; i < len; i++)
        assert_int_equal(events[i].at_ms - events[i - 1].at_ms, 20);
    free(events);
}

static void storms_come_to_all_at_the_same_time(void **state)
{
    (void)state;
    struct scenario_group group = mixed_group();
    group.rate = 0;
    group.storm = (struct scenario_storm){.every_ms = 4000, .events = 80, .stations = 1};
    for (uint32_t station = 0; station < 3; station++) {
        size_t len;
        struct generated *events = make(&group, 5, station, 1, &len);
        assert_int_equal(len, 160);
        assert_int_equal(events[0].at_ms, 4000);
        assert_int_equal(events[79].at_ms, 4000 + 79 / GENERATOR_STORM_PER_MS);
        assert_int_equal(events[80].at_ms, 8000);
        free(events);
    }
    group.storm.stations = 0.5;
    size_t hit = 0;
    for (uint32_t station = 0; station < 400; station++) {
        struct rig rig;
        rig_open(&rig, &group, 9, station);
        hit += generator_due_ms(&rig.generator) == 4000;
        plan_free(&rig.plan);
    }
    assert_in_range(hit, 160, 240);
}

static void a_storm_that_hits_hardly_anyone_is_not_waited_for(void **state)
{
    (void)state;
    struct scenario_group group = mixed_group();
    struct rig rig;
    group.rate = 0;
    group.storm = (struct scenario_storm){.every_ms = 1, .events = 1, .stations = 1e-300};
    rig_open(&rig, &group, 1, 0);
    assert_true(generator_due_ms(&rig.generator) == NEVER_MS);
    plan_free(&rig.plan);
}

static void nothing_happens_without_rate_or_class(void **state)
{
    (void)state;
    struct scenario_group group = mixed_group();
    struct rig rig;
    group.rate = 0;
    rig_open(&rig, &group, 1, 0);
    assert_true(generator_due_ms(&rig.generator) == NEVER_MS);
    plan_free(&rig.plan);
    group.rate = 10;
    group.points = &mixed_points[2];
    group.points_len = 1;
    rig_open(&rig, &group, 1, 0);
    assert_true(generator_due_ms(&rig.generator) == NEVER_MS);
    generator_burst(&rig.generator, 0, 5);
    assert_true(generator_due_ms(&rig.generator) == NEVER_MS);
    plan_free(&rig.plan);
}

static bool holds(uint8_t encoding, double value)
{
    bool minus_zero = value == 0 && signbit(value);
    switch (encoding) {
    case ENCODING_INT16:
        return value == (int16_t)value && !minus_zero;
    case ENCODING_INT32:
        return value == (int32_t)value && !minus_zero;
    case ENCODING_FLOAT:
        return value == (double)(float)value;
    default:
        return true;
    }
}

static void analog_values_change_stay_in_range_and_fit_the_wire(void **state)
{
    (void)state;
    struct random random = random_stream(3, 3);
    for (uint8_t shape = SHAPE_SINE; shape <= SHAPE_STEPS; shape++) {
        for (uint8_t encoding = ENCODING_INT16; encoding <= ENCODING_DOUBLE; encoding++) {
            struct scenario_point p = {.type = POINT_ANALOG_INPUT,
                                       .shape = shape,
                                       .encoding = encoding,
                                       .min = -3.5,
                                       .max = 20.25,
                                       .step = 0.75,
                                       .period_ms = 5000};
            double last = shape_first(&p, &random);
            for (int64_t t = 0; t < 20000; t += 7) {
                double value = shape_next(&p, last, 4, t, &random);
                assert_true(value != last);
                assert_true(value >= p.min && value <= p.max);
                assert_true(holds(encoding, value));
                last = value;
            }
            assert_true(isfinite(shape_next(&p, (double)NAN, 4, 0, &random)));
        }
    }
}

static void binaries_and_counters_move_as_they_can(void **state)
{
    (void)state;
    struct random random = random_stream(4, 4);
    struct scenario_point p = {.type = POINT_BINARY_INPUT};
    assert_true(shape_next(&p, 0, 0, 0, &random) == 1 && shape_next(&p, 1, 0, 0, &random) == 0);
    p.type = POINT_DOUBLE_BIT_INPUT;
    double last = 1;
    unsigned seen = 0;
    for (int i = 0; i < 1000; i++) {
        double value = shape_next(&p, last, 0, 0, &random);
        assert_true(value != last && value >= 0 && value <= 3);
        seen |= 1u << (unsigned)value;
        last = value;
    }
    assert_int_equal(seen, 15);
    p = (struct scenario_point){.type = POINT_COUNTER, .encoding = ENCODING_INT16, .step = 1};
    assert_true(shape_next(&p, 65535, 0, 0, &random) == 0);
    p.encoding = ENCODING_INT32;
    assert_true(shape_next(&p, 65535, 0, 0, &random) == 65536);
    assert_true(shape_next(&p, 4294967295.0, 0, 0, &random) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_seed_repeats_a_run_however_late_one_looks),
        cmocka_unit_test(times_never_go_back_and_classless_points_are_silent),
        cmocka_unit_test(the_rate_and_the_shares_are_kept),
        cmocka_unit_test(regular_arrivals_are_evenly_spaced),
        cmocka_unit_test(storms_come_to_all_at_the_same_time),
        cmocka_unit_test(a_storm_that_hits_hardly_anyone_is_not_waited_for),
        cmocka_unit_test(nothing_happens_without_rate_or_class),
        cmocka_unit_test(analog_values_change_stay_in_range_and_fit_the_wire),
        cmocka_unit_test(binaries_and_counters_move_as_they_can),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
