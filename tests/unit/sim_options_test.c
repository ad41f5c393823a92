// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/options.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char said[65536];

static enum options_result parse(struct options *o, const char *const *words)
{
    char *argv[16] = {(char *)(uintptr_t) "outstation-sim"};
    int argc = 1;
    for (; words[argc - 1]; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    FILE *to = fmemopen(said, sizeof(said), "w");
    enum options_result result = options_parse(o, argc, argv, to, to);
    fclose(to);
    return result;
}

static void all_options_are_taken(void **state)
{
    (void)state;
    struct options o;
    assert_int_equal(
        parse(&o, (const char *const[]){"--scenario", "a.yaml", "--stations", "1000", "--rate=0.5",
                                        "--seconds", "30", "--seed", "9", "--ledger", "l", "--write-config",
                                        "c", "--port", "2", NULL}),
        OPTIONS_RUN);
    assert_string_equal(o.scenario, "a.yaml");
    assert_string_equal(o.ledger, "l");
    assert_string_equal(o.write_config, "c");
    assert_int_equal(o.stations, 1000);
    assert_true(o.rate == 0.5);
    assert_int_equal(o.seconds, 30);
    assert_true(o.seed_given && o.seed == 9);
    assert_int_equal(o.port, 2);
}

static void what_is_not_given_stays_as_the_scenario_says(void **state)
{
    (void)state;
    struct options o;
    assert_int_equal(parse(&o, (const char *const[]){"--scenario", "a.yaml", NULL}), OPTIONS_RUN);
    assert_true(o.rate < 0 && o.stations == 0 && o.port == 0 && !o.seed_given && !o.ledger &&
                !o.write_config);
}

static void wrong_use_is_refused_with_a_reason(void **state)
{
    (void)state;
    static const struct {
        const char *words[4];
        const char *reason;
    } wrong[] = {
        {{NULL}, "--scenario FILE is missing"}, {{"--scenario", "a", "b", NULL}, "nothing is allowed"},
        {{"--stations", "0", NULL}, "'0'"},     {{"--stations", "1.5", NULL}, "whole"},
        {{"--rate", "fast", NULL}, "'fast'"},   {{"--port", "65536", NULL}, "65535"},
        {{"--seconds", "", NULL}, "''"},        {{"--rate", "nan", NULL}, "'nan'"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct options o;
        assert_int_equal(parse(&o, wrong[i].words), OPTIONS_WRONG);
        assert_non_null(strstr(said, wrong[i].reason));
    }
}

static void help_and_version_are_answers(void **state)
{
    (void)state;
    struct options o;
    assert_int_equal(parse(&o, (const char *const[]){"--help", NULL}), OPTIONS_DONE);
    assert_non_null(strstr(said, "--write-config"));
    assert_int_equal(parse(&o, (const char *const[]){"--keys", NULL}), OPTIONS_DONE);
    assert_non_null(strstr(said, "restart_mid_fragment"));
    assert_int_equal(parse(&o, (const char *const[]){"--version", NULL}), OPTIONS_DONE);
    assert_string_equal(said, "outstation-sim " FEP_VERSION "\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_options_are_taken),
        cmocka_unit_test(what_is_not_given_stays_as_the_scenario_says),
        cmocka_unit_test(wrong_use_is_refused_with_a_reason),
        cmocka_unit_test(help_and_version_are_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
