// SPDX-License-Identifier: Apache-2.0
/* What a good file becomes: defaults, templates, overrides, and what is shared. */
#include "config/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct config *load(const char *yaml)
{
    struct config_errors errors = {0};
    struct config *config = config_load_memory("c.yaml", yaml, strlen(yaml), &errors);
    config_errors_print(&errors, stderr);
    assert_non_null(config);
    assert_int_equal(errors.len, 0);
    return config;
}

static void defaults_of_an_empty_file(void **state)
{
    (void)state;
    struct config *config = load("");
    assert_int_equal(config->stations_len, 0);
    assert_int_equal(config->fep.workers, 0);
    assert_string_equal(config->fep.database, "/var/lib/fepd/fepd.db");
    assert_string_equal(config->fep.listen_host, "127.0.0.1");
    assert_int_equal(config->fep.listen_port, 8080);
    assert_int_equal(config->fep.commit_interval_ms, 2);
    assert_int_equal(config->fep.checkpoint_interval_ms, 10000);
    assert_int_equal(config->fep.retention_age_s, 0);
    assert_int_equal(config->fep.log_level, CONFIG_LOG_INFO);
    config_free(config);
}

static void fep_settings(void **state)
{
    (void)state;
    struct config *config =
        load("fep:\n  workers: 4\n  pin_workers: true\n  listen_host: ::1\n  listen_port: 0\n"
             "  retention_age: 90d\n  retention_size_mb: 20000\n  commit_interval: 0\n"
             "  clock: ntp\n  log_format: json\n  log_level: debug\n  database: 'a b.db'\n");
    assert_int_equal(config->fep.workers, 4);
    assert_true(config->fep.pin_workers);
    assert_string_equal(config->fep.listen_host, "::1");
    assert_int_equal(config->fep.listen_port, 0);
    assert_int_equal(config->fep.retention_age_s, 90 * 86400);
    assert_int_equal(config->fep.retention_size_mb, 20000);
    assert_int_equal(config->fep.commit_interval_ms, 0);
    assert_int_equal(config->fep.clock, CONFIG_CLOCK_NTP);
    assert_int_equal(config->fep.log_format, CONFIG_LOG_JSON);
    assert_int_equal(config->fep.log_level, CONFIG_LOG_DEBUG);
    assert_string_equal(config->fep.database, "a b.db");
    config_free(config);
}

static void defaults_of_a_session(void **state)
{
    (void)state;
    struct config *config = load("stations: [{name: A, host: 10.0.0.1, outstation_address: 7}]\n");
    const struct config_station *a = &config->stations[0];
    const struct config_session *s = a->session;
    assert_string_equal(a->name, "A");
    assert_string_equal(a->host, "10.0.0.1");
    assert_int_equal(a->port, 20000);
    assert_int_equal(a->master_address, 1);
    assert_int_equal(a->outstation_address, 7);
    assert_true(a->enabled);
    assert_int_equal(a->points->len, 0);
    assert_int_equal(s->response_timeout_ms, 5000);
    assert_int_equal(s->confirm_timeout_ms, 5000);
    assert_int_equal(s->link_idle_ms, 60000);
    assert_int_equal(s->reconnect_min_ms, 1000);
    assert_int_equal(s->reconnect_max_ms, 60000);
    assert_int_equal(s->task_retry_min_ms, 5000);
    assert_int_equal(s->max_fragment, 2048);
    assert_int_equal(s->offline_after, 3);
    assert_int_equal(s->unsolicited_classes, CONFIG_CLASS_1 | CONFIG_CLASS_2 | CONFIG_CLASS_3);
    assert_int_equal(s->event_scan_classes, 0);
    assert_int_equal(s->time_sync, CONFIG_TIME_LAN);
    assert_true(s->disable_unsolicited_first);
    assert_true(s->integrity_on_overflow);
    assert_int_equal(s->quirks, 0);
    assert_int_equal(s->polls_len, 1);
    assert_int_equal(s->polls[0].classes, 15);
    assert_int_equal(s->polls[0].period_ms, 3600000);
    config_free(config);
}

static const char shared_yaml[] =
    "stations:\n"
    "  - {name: A, host: 10.0.0.1, outstation_address: 7, template: t}\n"
    "  - {name: B, host: 10.0.0.1, outstation_address: 8, template: t}\n"
    "  - name: C\n"
    "    host: \"::1\"\n"
    "    outstation_address: 7\n"
    "    template: t\n"
    "    session: {response_timeout: 1.5s, unsolicited_classes: [], polls: []}\n"
    "  - name: D\n"
    "    host: 10.0.0.2\n"
    "    outstation_address: 0xFFEF\n"
    "    template: t\n"
    "    points:\n"
    "      - {type: counter, index: 9}\n"
    "      - {type: binary_input, index: 1, name: Door, states: [closed, \"open\"]}\n"
    "templates:\n"
    "  - name: t\n"
    "    session: {response_timeout: 20s, link_idle: 0, polls: [{group: 30, period: 15min}]}\n"
    "    points:\n"
    "      - {type: analog_input, index: 0..2, name: \"U L{index} {x}\", unit: kV, scale: 1e-2, offset: -4, "
    "static_deadband: 2.5}\n"
    "      - {type: binary_input, index: 0..1}\n";

static void templates_are_shared(void **state)
{
    (void)state;
    struct config *config = load(shared_yaml);
    const struct config_station *s = config->stations;
    assert_int_equal(config->stations_len, 4);
    assert_ptr_equal(s[0].session, s[1].session);
    assert_ptr_equal(s[0].points, s[1].points);
    assert_ptr_equal(s[0].points, s[2].points);
    assert_ptr_not_equal(s[0].session, s[2].session);
    assert_ptr_equal(s[0].session, s[3].session);
    assert_ptr_not_equal(s[0].points, s[3].points);
    config_free(config);
}

static void overrides_stay_alone(void **state)
{
    (void)state;
    struct config *config = load(shared_yaml);
    const struct config_session *t = config->stations[0].session;
    const struct config_session *c = config->stations[2].session;
    assert_int_equal(t->response_timeout_ms, 20000);
    assert_int_equal(t->polls_len, 1);
    assert_int_equal(t->polls[0].group, 30);
    assert_int_equal(t->polls[0].classes, 0);
    assert_int_equal(t->polls[0].period_ms, 900000);
    assert_int_equal(c->response_timeout_ms, 1500);
    assert_int_equal(c->unsolicited_classes, 0);
    assert_int_equal(c->polls_len, 0);
    assert_int_equal(c->link_idle_ms, 0); /* the template's */
    assert_int_equal(c->confirm_timeout_ms, 5000);
    config_free(config);
}

static void point_lists(void **state)
{
    (void)state;
    struct config *config = load(shared_yaml);
    const struct config_points *t = config->stations[0].points;
    const struct config_points *d = config->stations[3].points;
    assert_int_equal(t->len, 5);
    assert_int_equal(t->points[0].type, CONFIG_BINARY_INPUT); /* by type, then index */
    assert_string_equal(t->points[1].name, "binary_input 1");
    assert_null(t->points[1].states);
    const struct config_point *u = config_point_find(t, CONFIG_ANALOG_INPUT, 2);
    assert_non_null(u);
    assert_string_equal(u->name, "U L2 {x}");
    assert_string_equal(u->unit, "kV");
    assert_true(u->scale == 0.01 && u->offset == -4 && u->static_deadband == 2.5);
    assert_int_equal(d->len, 6);
    const struct config_point *door = config_point_find(d, CONFIG_BINARY_INPUT, 1);
    assert_string_equal(door->name, "Door");
    assert_int_equal(door->states_len, 2);
    assert_string_equal(door->states[1], "open");
    assert_string_equal(config_point_find(d, CONFIG_COUNTER, 9)->name, "counter 9");
    assert_string_equal(config_point_find(d, CONFIG_COUNTER, 9)->unit, "");
    assert_null(config_point_find(d, CONFIG_COUNTER, 8));
    assert_null(config_point_find(d, CONFIG_ANALOG_INPUT, 3));
    config_free(config);
}

static void same_session(void **state)
{
    (void)state;
    struct config *before = load(shared_yaml);
    struct config *after = load(shared_yaml);
    for (size_t i = 0; i < before->stations_len; i++)
        assert_true(config_station_same_session(&before->stations[i], &after->stations[i]));
    assert_false(config_station_same_session(&before->stations[0], &after->stations[1]));
    struct config_session session = *after->stations[0].session;
    struct config_station station = after->stations[0];
    station.session = &session;
    station.points = after->stations[3].points;
    assert_true(config_station_same_session(&before->stations[0], &station));
    session.quirks = 1;
    assert_false(config_station_same_session(&before->stations[0], &station));
    session = *after->stations[0].session;
    struct config_poll poll = session.polls[0];
    poll.period_ms++;
    session.polls = &poll;
    assert_false(config_station_same_session(&before->stations[0], &station));
    config_free(before);
    config_free(after);
}

static void quirks_are_a_list(void **state)
{
    (void)state;
    struct config *config = load("templates:\n"
                                 "  - {name: t, session: {quirks: [no_unsolicited, sticky_iin, g52_count]}}\n"
                                 "stations:\n"
                                 "  - {name: a, host: 127.0.0.1, outstation_address: 11, template: t}\n"
                                 "  - {name: b, host: 127.0.0.1, outstation_address: 12, template: t, "
                                 "session: {quirks: [no_link_status]}}\n"
                                 "  - {name: c, host: 127.0.0.1, outstation_address: 13}\n");
    assert_int_equal(config->stations[0].session->quirks, 0x49);
    assert_int_equal(config->stations[1].session->quirks, 0x20); /* in place of the template's */
    assert_int_equal(config->stations[2].session->quirks, 0);
    config_free(config);
}

static void octet_strings_are_points(void **state)
{
    (void)state;
    struct config *config = load("stations:\n"
                                 "  - name: a\n"
                                 "    host: 127.0.0.1\n"
                                 "    outstation_address: 11\n"
                                 "    points:\n"
                                 "      - {type: octet_string, index: 3, name: Firmware}\n");
    const struct config_point *p = config_point_find(config->stations[0].points, CONFIG_OCTET_STRING, 3);
    assert_non_null(p);
    assert_string_equal(p->name, "Firmware");
    config_free(config);
}

static void every_key_is_printed(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    config_keys_print(to);
    fclose(to);
    assert_non_null(strstr(text, "| `commit_interval` | a duration from 0 to 1s, such as"));
    assert_non_null(strstr(text, "| `outstation_address` | a whole number from 0 to 65519 | required |"));
    assert_non_null(strstr(text, "| `polls` | a list of 0 to 32 mappings, see 'poll' |"));
    assert_non_null(
        strstr(text, "| `quirks` | a list of different ones out of no_unsolicited, bare_g50v1, "));
    assert_non_null(strstr(text, "### Each of `points:`"));
    assert_non_null(strstr(text, "| `api.tls_certificate` | "));
    assert_non_null(strstr(text, "### Each of `users:`, in the file that `api.users` names"));
    assert_non_null(strstr(text, "| `token_sha256` | "));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_of_an_empty_file),
        cmocka_unit_test(fep_settings),
        cmocka_unit_test(defaults_of_a_session),
        cmocka_unit_test(templates_are_shared),
        cmocka_unit_test(overrides_stay_alone),
        cmocka_unit_test(point_lists),
        cmocka_unit_test(same_session),
        cmocka_unit_test(quirks_are_a_list),
        cmocka_unit_test(octet_strings_are_points),
        cmocka_unit_test(every_key_is_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
