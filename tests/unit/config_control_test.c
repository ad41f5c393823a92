// SPDX-License-Identifier: Apache-2.0
/* How outputs may be operated, as the configuration says it, and what is wrong with it. */
#include "config/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char frame[] = "fep: {database: x.db}\n"
                            "stations:\n"
                            "  - name: a\n"
                            "    host: 127.0.0.1\n"
                            "    outstation_address: 10\n"
                            "    points:\n"
                            "      - {type: %s, index: 0, control: %s}\n";

static struct config *load(const char *type, const char *control, struct config_errors *errors)
{
    char text[1024];
    int len = snprintf(text, sizeof text, frame, type, control);
    return config_load_memory("c.yaml", text, (size_t)len, errors);
}

static const struct config_control *control_of(const struct config *config)
{
    return config->stations[0].points->points[0].control;
}

static void the_defaults_are_careful(void **state)
{
    (void)state;
    struct config_errors errors = {0};
    struct config *config = load("binary_output_status", "{}", &errors);
    assert_non_null(config);
    const struct config_control *c = control_of(config);
    assert_int_equal(c->mode, 0);
    assert_int_equal(c->operations, 1 << 3 | 1 << 4); /* latch on and off */
    assert_int_equal(c->codes, 1);
    assert_int_equal(c->count, 1);
    assert_false(c->has_feedback);
    const struct config_session *s = config->stations[0].session;
    assert_int_equal(s->controls, CONFIG_SELECT);
    assert_int_equal(s->actions, CONFIG_ACTION_POLL | CONFIG_ACTION_TIME_SYNC | CONFIG_ACTION_ENABLE);
    assert_int_equal(s->command_deadline_ms, 10000);
    config_free(config);
}

static void all_of_it_is_read(void **state)
{
    (void)state;
    struct config_errors errors = {0};
    struct config *config = load("analog_output_status",
                                 "{modes: [direct], mode: direct, min: -5.5, max: 5, variation: 2, feedback: "
                                 "{type: analog_input, index: 7, within: 3s, tolerance: 0.5}}",
                                 &errors);
    assert_non_null(config);
    const struct config_control *c = control_of(config);
    assert_int_equal(c->modes, CONFIG_DIRECT);
    assert_int_equal(c->mode, 1);
    assert_true(c->min == -5.5 && c->max == 5);
    assert_int_equal(c->variation, 2);
    assert_true(c->has_feedback);
    assert_int_equal(c->feedback.type, CONFIG_ANALOG_INPUT);
    assert_int_equal(c->feedback.index, 7);
    assert_int_equal(c->feedback.within_ms, 3000);
    assert_true(c->feedback.tolerance == 0.5);
    config_free(config);
}

static void a_point_without_it_is_not_operated(void **state)
{
    (void)state;
    static const char text[] =
        "fep: {database: x.db}\nstations:\n  - {name: a, host: 127.0.0.1, outstation_address: 10, "
        "points: [{type: binary_output_status, index: 0}]}\n";
    struct config_errors errors = {0};
    struct config *config = config_load_memory("c.yaml", text, sizeof text - 1, &errors);
    assert_non_null(config);
    assert_null(control_of(config));
    config_free(config);
}

static void errors_name_the_key_and_its_place(void **state)
{
    (void)state;
    static const struct {
        const char *type, *control, *said;
    } rows[] = {
        {"binary_input", "{}", "'control' is not allowed for a binary_input"},
        {"binary_output_status", "{min: 1}", "'min' is not allowed for a binary_output_status"},
        {"analog_output_status", "{min: 1, max: 2, count: 1}",
         "'count' is not allowed for a analog_output_status"},
        {"analog_output_status", "{min: 1}", "'max' is missing"},
        {"analog_output_status", "{min: 3, max: 2}", "'min' is above 'max'"},
        {"binary_output_status", "{operations: []}", "'operations' is empty"},
        {"binary_output_status", "{modes: []}", "'modes' is empty"},
        {"binary_output_status", "{modes: [direct]}", "'mode' is not among the 'modes'"},
        {"binary_output_status", "{on_time: 20s}", "below 'on_time' or 'off_time'"},
        {"binary_output_status", "{operation: [nul]}", "unknown key 'operation'"},
        {"binary_output_status", "{feedback: {type: analog_input, index: 1}}",
         "can't tell that this output has moved"},
        {"binary_output_status", "{feedback: {type: binary_input}}", "index"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config_errors errors = {0};
        assert_null(load(rows[i].type, rows[i].control, &errors));
        char *said = NULL;
        size_t len;
        FILE *to = open_memstream(&said, &len);
        config_errors_print(&errors, to);
        fclose(to);
        if (!strstr(said, rows[i].said) || !strstr(said, "c.yaml:7:"))
            fail_msg("%s: %s", rows[i].control, said);
        free(said);
        config_errors_free(&errors);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_careful),
        cmocka_unit_test(all_of_it_is_read),
        cmocka_unit_test(a_point_without_it_is_not_operated),
        cmocka_unit_test(errors_name_the_key_and_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
