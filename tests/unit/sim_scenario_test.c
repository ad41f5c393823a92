// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/scenario.h"
#include "protocol/objects.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char minimal[] = "groups:\n"
                              "  - name: a\n"
                              "    stations: 3\n"
                              "    rate: 2\n"
                              "    points: [{type: analog_input, count: 4}]\n"
                              "  - name: b\n"
                              "    rate: 0.5\n"
                              "    points: [{type: binary_input, class: 2}]\n";

static bool load(struct scenario *s, const char *text, struct config_errors *errors)
{
    *errors = (struct config_errors){0};
    return scenario_load_memory(s, "test.yaml", text, strlen(text), errors);
}

static void defaults_are_filled_in(void **state)
{
    (void)state;
    struct scenario s;
    struct config_errors errors;
    assert_true(load(&s, minimal, &errors));
    assert_int_equal(s.groups_len, 2);
    assert_int_equal(s.stations, 4);
    assert_int_equal(s.address, 0x7F000101);
    assert_int_equal(s.port, 20000);
    assert_true(fabs((s.rate) - 6.5) <= 1e-6);
    assert_int_equal(s.groups[0].points[0].type, POINT_ANALOG_INPUT);
    assert_int_equal(s.groups[0].points[0].encoding, ENCODING_FLOAT);
    assert_int_equal(s.groups[0].confirm_ms, 5000);
    assert_int_equal(s.groups[0].unsolicited, UNSOLICITED_IDENTICAL);
    assert_int_equal(s.groups[0].unsolicited_retries, 65535);
    assert_int_equal(s.groups[0].fragment, 2048);
    assert_int_equal(s.groups[1].points[0].class, 2);
    assert_true(fabs((s.groups[1].timed) - 1) <= 1e-6);
    scenario_free(&s);
}

static void scaling_keeps_proportions_and_the_sum(void **state)
{
    (void)state;
    struct scenario s;
    struct config_errors errors;
    assert_true(load(&s, minimal, &errors));
    assert_true(scenario_scale(&s, 1001, 500));
    assert_int_equal(s.stations, 1001);
    assert_int_equal(s.groups[0].stations + s.groups[1].stations, 1001);
    assert_in_range(s.groups[0].stations, 750, 751);
    assert_true(fabs((s.rate) - 500) <= 1e-6);
    assert_true(fabs((s.groups[0].rate / s.groups[1].rate) - 4) <= 1e-6);
    scenario_free(&s);
}

static void a_rate_goes_to_those_who_can_have_it(void **state)
{
    (void)state;
    static const char silent[] = "groups:\n"
                                 "  - {name: a, stations: 2, rate: 0, points: [{type: binary_input}]}\n"
                                 "  - {name: b, stations: 3, rate: 0, points: [{type: counter, class: 0}]}\n";
    struct scenario s;
    struct config_errors errors;
    assert_true(load(&s, silent, &errors));
    assert_true(scenario_scale(&s, 0, 5));
    assert_true(s.groups[0].rate == 2.5 && s.groups[1].rate == 0 && s.rate == 5);
    scenario_free(&s);
}

static void stations_must_fit_into_loopback(void **state)
{
    (void)state;
    struct scenario s;
    struct config_errors errors;
    char text[600];
    snprintf(text, sizeof(text), "first_address: 127.255.255.250\n%s", minimal);
    assert_true(load(&s, text, &errors));
    assert_true(scenario_scale(&s, 5, -1));
    assert_false(scenario_scale(&s, 6, -1));
    scenario_free(&s);
}

/* One file with each kind of mistake: all are told in one go, each at its place. */
static void mistakes_are_told_with_their_places(void **state)
{
    (void)state;
    static const char text[] = "first_address: 10.0.0.1\n"
                               "colour: red\n"
                               "groups:\n"
                               "  - name: a\n"
                               "    latency: {min: 5s, max: 1s}\n"
                               "    points:\n"
                               "      - {type: analog_input, min: 5, max: 5}\n";
    static const char later[] = "first_address: 10.0.0.1\n"
                                "groups:\n"
                                "  - name: a\n"
                                "    latency: {min: 5s, max: 1s}\n"
                                "    points:\n"
                                "      - {type: analog_input, count: 4, min: 5, max: 5}\n"
                                "      - {type: analog_input, first_index: 3, encoding: int16, max: 40000}\n"
                                "  - {name: a, points: [{type: counter, class: 0}]}\n";
    struct scenario s;
    struct config_errors errors;
    assert_false(load(&s, text, &errors));
    assert_int_equal(errors.list[0].line, 2);
    assert_non_null(strstr(errors.list[0].text, "colour"));
    config_errors_free(&errors);

    assert_false(load(&s, later, &errors));
    static const struct {
        uint32_t line;
        const char *word;
    } expected[] = {{1, "127."},  {4, "max"},     {6, "more than min"},       {7, "overlap"},
                    {7, "32767"}, {8, "already"}, {8, "no point has a class"}};
    assert_int_equal(errors.len, sizeof(expected) / sizeof(expected[0]));
    for (size_t i = 0; i < errors.len; i++) {
        bool found = false;
        for (size_t k = 0; k < errors.len; k++)
            found = found || (errors.list[k].line == expected[i].line &&
                              strstr(errors.list[k].text, expected[i].word));
        if (!found)
            config_errors_print(&errors, stderr);
        assert_true(found);
    }
    config_errors_free(&errors);
}

static void a_missing_file_is_an_error(void **state)
{
    (void)state;
    struct scenario s;
    struct config_errors errors = {0};
    assert_false(scenario_load(&s, "/nonexistent/scenario.yaml", &errors));
    assert_int_equal(errors.len, 1);
    config_errors_free(&errors);
}

static void the_examples_load(void **state)
{
    (void)state;
    static const char *const files[] = {
        "outstation-sim/scenarios/demo.yaml", "outstation-sim/scenarios/faults.yaml",
        "outstation-sim/scenarios/crash.yaml", "outstation-sim/scenarios/full.yaml"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct scenario s;
        struct config_errors errors = {0};
        bool good = scenario_load(&s, files[i], &errors);
        config_errors_print(&errors, stderr);
        assert_true(good);
        assert_true(s.stations >= 5);
        scenario_free(&s);
    }
}

/* The mix that the account relies on: a third each, half of the events untimed, twins, several fragments. */
static void the_demo_has_the_fixed_mix(void **state)
{
    (void)state;
    struct scenario s;
    struct config_errors errors = {0};
    assert_true(scenario_load(&s, "outstation-sim/scenarios/demo.yaml", &errors));
    uint32_t stations[3] = {0};
    int bursts = 0;
    for (size_t i = 0; i < s.groups_len; i++) {
        const struct scenario_group *g = &s.groups[i];
        stations[g->unsolicited] += g->stations;
        assert_true(fabs(g->timed - 0.5) <= 1e-6);
        assert_true(g->twins > 0);
        /* An event takes 12 octets or so with its index and its share of a header. */
        bursts += g->storm.every_ms && g->storm.events * 12u > g->fragment;
    }
    for (size_t i = 0; i < 3; i++)
        assert_in_range(stations[i], 333, 334);
    assert_true(bursts >= 2);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_filled_in),
        cmocka_unit_test(scaling_keeps_proportions_and_the_sum),
        cmocka_unit_test(a_rate_goes_to_those_who_can_have_it),
        cmocka_unit_test(stations_must_fit_into_loopback),
        cmocka_unit_test(mistakes_are_told_with_their_places),
        cmocka_unit_test(a_missing_file_is_an_error),
        cmocka_unit_test(the_examples_load),
        cmocka_unit_test(the_demo_has_the_fixed_mix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
