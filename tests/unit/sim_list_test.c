// SPDX-License-Identifier: Apache-2.0
/* The station list that the simulator writes is one that the front end's reader takes without a word. */
#include "config/config.h"
#include "outstation-sim/plan.h"
#include "outstation-sim/station_list.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct config *read_list(const struct scenario *s)
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    station_list_print(s, to);
    fclose(to);
    struct config_errors errors = {0};
    struct config *config = config_load_memory("list.yaml", text, len, &errors);
    config_errors_print(&errors, stderr);
    config_errors_free(&errors);
    free(text);
    assert_non_null(config);
    return config;
}

static void check_group(const struct scenario_group *g, const struct config_station *station)
{
    struct plan plan;
    plan_init(&plan, g, 0);
    assert_int_equal(station->points->len, plan.points_len);
    for (size_t i = 0; i < plan.points_len; i++) {
        assert_int_equal(station->points->points[i].type, plan.points[i]->type);
        assert_int_equal(station->points->points[i].index, plan.indices[i]);
    }
    plan_free(&plan);
    assert_int_equal(station->session->confirm_timeout_ms, g->confirm_ms);
    assert_int_equal(station->session->unsolicited_classes,
                     g->unsolicited == UNSOLICITED_NONE ? 0
                                                        : CONFIG_CLASS_1 | CONFIG_CLASS_2 | CONFIG_CLASS_3);
    assert_int_equal(station->session->polls_len, g->master.event_poll_ms ? 2 : 1);
    assert_true(station->session->max_fragment >= g->fragment);
    assert_int_equal(station->master_address, g->master_address);
}

static void the_list_of_each_example_loads_and_matches(void **state)
{
    (void)state;
    static const char *const files[] = {
        "outstation-sim/scenarios/demo.yaml", "outstation-sim/scenarios/faults.yaml",
        "outstation-sim/scenarios/crash.yaml", "outstation-sim/scenarios/full.yaml"};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct scenario s;
        struct config_errors errors = {0};
        assert_true(scenario_load(&s, files[i], &errors));
        assert_true(scenario_scale(&s, 500, -1));
        struct config *config = read_list(&s);
        assert_int_equal(config->stations_len, 500);
        size_t number = 0;
        for (size_t g = 0; g < s.groups_len; number += s.groups[g++].stations)
            check_group(&s.groups[g], &config->stations[number]);
        config_free(config);
        scenario_free(&s);
    }
}

static void names_with_quotes_and_several_ports(void **state)
{
    (void)state;
    static const char text[] = "name: \"a 'quoted' name\"\nport: 3000\nports: 3\nfirst_address: 127.0.0.255\n"
                               "groups:\n  - name: \"it's #1: {odd}\"\n    stations: 5\n"
                               "    outstation_address: 65519\n"
                               "    points: [{type: counter, name: \"x' {index}\", unit: \"%\"}]\n";
    struct scenario s;
    struct config_errors errors = {0};
    assert_true(scenario_load_memory(&s, "s.yaml", text, strlen(text), &errors));
    struct config *config = read_list(&s);
    assert_int_equal(config->stations_len, 5);
    assert_string_equal(config->stations[0].name, "S00001");
    assert_string_equal(config->stations[2].host, "127.0.0.255");
    assert_int_equal(config->stations[2].port, 3002);
    assert_string_equal(config->stations[3].host, "127.0.1.0");
    assert_int_equal(config->stations[3].port, 3000);
    assert_int_equal(config->stations[0].outstation_address, 65519);
    assert_int_equal(config->stations[1].outstation_address, 0);
    assert_int_equal(config->stations[2].outstation_address, 2); /* 1 is the master's */
    assert_string_equal(config->stations[4].points->points[0].name, "x' 0");
    config_free(config);
    scenario_free(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_list_of_each_example_loads_and_matches),
        cmocka_unit_test(names_with_quotes_and_several_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
