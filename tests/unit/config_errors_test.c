// SPDX-License-Identifier: Apache-2.0
/* Each kind of error, with its place and its words; all of them in one go. */
#include "config/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SESSION_KEYS                                                                                         \
    "response_timeout, confirm_timeout, link_idle, link_timeout, connect_timeout, reconnect_min, "           \
    "reconnect_max, task_retry_min, task_retry_max, offline_poll, time_sync_period, max_fragment, "          \
    "request_retries, offline_after, unsolicited_classes, event_scan_classes, time_sync, "                   \
    "disable_unsolicited_first, integrity_on_overflow, quirks, controls, actions, command_deadline, polls"
#define STATION_KEYS                                                                                         \
    "name, host, port, outstation_address, master_address, template, enabled, session, points"
#define SUCH_AS "such as 250ms, 5s, 15min, 12h, 30d"

struct wrong {
    const char *yaml;
    const char *errors; /* all of them, as printed */
};

static char *print(const struct config_errors *errors, void (*how)(const struct config_errors *, FILE *))
{
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    assert_non_null(to);
    how(errors, to);
    fclose(to);
    return text;
}

static void check(const struct wrong *wrong, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        struct config_errors errors = {0};
        assert_null(config_load_memory("c.yaml", wrong[i].yaml, strlen(wrong[i].yaml), &errors));
        char *text = print(&errors, config_errors_print);
        assert_string_equal(text, wrong[i].errors);
        free(text);
        config_errors_free(&errors);
    }
}

#define CHECK(table) check(table, sizeof(table) / sizeof(table[0]))

static void yaml_itself(void **state)
{
    (void)state;
    static const struct wrong wrong[] = {
        {"fep: [1, 2\nstations: []\n", "c.yaml:2:9: not valid YAML: did not find expected ',' or ']', while "
                                       "parsing a flow sequence from line "
                                       "1\n"},
        {"fep:\n\tworkers: 1\n", "c.yaml:2:1: not valid YAML: a tab. Allowed: spaces to indent by\n"},
        {"fep:\n  workers: @1\n",
         "c.yaml:2:12: not valid YAML: found character that cannot start any token, while scanning for the "
         "next token from line 2\n"},
        {"fep: {log_level: \"info\\0x\"}\n", "c.yaml:1:18: a text with U+0000 in it\n"},
        {"fep: {}\n# \xff\n", "c.yaml:2:3: not valid YAML: invalid leading UTF-8 octet\n"},
        {"fep: &a {}\nstations: *a\n",
         "c.yaml:1:6: anchors (&) are not allowed; use templates for what is shared\n"
         "c.yaml:2:11: aliases (*) are not allowed; use templates for what is shared\n"},
        {"fep: !!map {}\n", "c.yaml:1:6: tags (!) are not allowed\n"},
        {"fep: {}\n---\nfep: {}\n", "c.yaml:2:1: a second document; only one is allowed in a file\n"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[",
         "c.yaml:1:33: nested too deeply, at most 32 levels are allowed\n"},
        {"- 1\n", "c.yaml:1:1: 'file' is a list. Allowed: a mapping of fep, templates, stations, include\n"},
        {"? [a]\n: 1\n",
         "c.yaml:1:3: a list in place of a key in 'file'. Allowed: fep, templates, stations, include\n"},
    };
    CHECK(wrong);
}

static void keys(void **state)
{
    (void)state;
    static const struct wrong wrong[] = {
        {"station: []\n", "c.yaml:1:1: unknown key 'station' in 'file'. Did you mean 'stations'? Allowed: "
                          "fep, templates, stations, "
                          "include\n"},
        {"stations:\n  - {name: A, host: 10.0.0.1, adress: 7}\n",
         "c.yaml:2:5: 'outstation_address' is missing in 'station'. Allowed: a whole number from 0 to 65519\n"
         "c.yaml:2:31: unknown key 'adress' in 'station'. Did you mean 'outstation_address'? "
         "Allowed: " STATION_KEYS "\n"},
        {"stations:\n  - name: A\n    session: {speed: 1}\n    host: 10.0.0.1\n    name: B\n"
         "    outstation_address: 7\n",
         "c.yaml:3:15: unknown key 'speed' in 'session'. Allowed: " SESSION_KEYS "\n"
         "c.yaml:5:5: duplicate key 'name', first in line 2\n"},
        {"stations: {}\ntemplates: 5\nfep: []\n",
         "c.yaml:1:11: 'stations' is a mapping. Allowed: a list of mappings (station)\n"
         "c.yaml:2:12: 'templates' is '5'. Allowed: a list of mappings (template)\n"
         "c.yaml:3:6: 'fep' is an empty list. Allowed: a mapping of workers, pin_workers, database, "
         "listen_host, "
         "listen_port, connects_per_s, commit_interval, checkpoint_interval, retention_age, "
         "retention_size_mb, "
         "quarantine_per_station, quarantine_total, batch_memory_mb, max_consumers, api, clock, log_format, "
         "log_level, "
         "log_lines_per_station\n"},
        {"stations:\n  - 5\n  -\n",
         "c.yaml:2:5: 'station' is '5'. Allowed: a mapping of " STATION_KEYS "\n"
         "c.yaml:3:4: 'station' is empty. Allowed: a mapping of " STATION_KEYS "\n"},
    };
    CHECK(wrong);
}

static void values(void **state)
{
    (void)state;
    static const struct wrong wrong[] = {
        {"fep:\n  workers: many\n  connects_per_s: 0\n  listen_port: 65536\n  max_consumers: \"5\"\n"
         "  quarantine_total: 010\n  batch_memory_mb: [1]\n",
         "c.yaml:2:12: 'workers' is 'many'. Allowed: a whole number from 0 to 256\n"
         "c.yaml:3:19: 'connects_per_s' is '0'. Allowed: a whole number from 1 to 100000\n"
         "c.yaml:4:16: 'listen_port' is '65536'. Allowed: a whole number from 0 to 65535\n"
         "c.yaml:5:18: 'max_consumers' is the quoted text '5'. Allowed: a whole number from 1 to 10000\n"
         "c.yaml:6:21: 'quarantine_total' is '010'. Allowed: a whole number from 1 to 10000000\n"
         "c.yaml:7:20: 'batch_memory_mb' is a list. Allowed: a whole number from 1 to 65536\n"},
        {"fep:\n  pin_workers: yes\n  commit_interval: 5\n  checkpoint_interval: 2h\n  retention_age: 1.5ms\n"
         "  log_level: warn\n  clock: gps\n  database:\n",
         "c.yaml:2:16: 'pin_workers' is 'yes'. Allowed: true or false\n"
         "c.yaml:3:20: 'commit_interval' is '5'. Allowed: a duration from 0 to 1s, " SUCH_AS "\n"
         "c.yaml:4:24: 'checkpoint_interval' is '2h'. Allowed: a duration from 100ms to 1h, " SUCH_AS "\n"
         "c.yaml:5:18: 'retention_age' is '1.5ms'. Allowed: a duration from 0 to 36500d, " SUCH_AS "\n"
         "c.yaml:6:14: 'log_level' is 'warn'. Did you mean 'warning'? Allowed: error, warning, info, debug\n"
         "c.yaml:7:10: 'clock' is 'gps'. Allowed: system, ntp\n"
         "c.yaml:8:12: 'database' is empty. Allowed: a text of 1 to 4000 octets without control "
         "characters\n"},
        {"fep: {database: \"a\\nb\"}\n",
         "c.yaml:1:17: 'database' is the quoted text 'a b'. Allowed: a text of 1 to "
         "4000 octets without control characters\n"},
        {"fep: {database: \"a\\x9b2Jb\\Lc\"}\n",
         "c.yaml:1:17: 'database' is the quoted text 'a  2Jb   c'. Allowed: a text of 1 to "
         "4000 octets without control characters\n"},
        {"fep: {listen_host: 0.0.0.0}\n",
         "c.yaml:1:20: 'listen_host' is '0.0.0.0'. Allowed without TLS: a loopback address such as "
         "127.0.0.1 or ::1 (api: {tls_certificate, tls_key, users})\n"},
        {"fep: {listen_host: localhorst, api: {tls_certificate: c, tls_key: k, users: u}}\n",
         "c.yaml:1:20: 'listen_host' is 'localhorst', which is no IP address\n"},
        {"fep: {api: {tls_certificate: c, client_ca: a}}\n",
         "c.yaml:1:12: tls_certificate and tls_key are given both or not at all\n"
         "c.yaml:1:12: with TLS everybody has to prove who he is: 'users' is missing\n"},
        {"fep: {api: {client_ca: a, loopback: closed}}\n",
         "c.yaml:1:12: client_ca is of no use without tls_certificate and tls_key\n"
         "c.yaml:1:12: 'loopback' is closed, so nobody could come in: 'users' is missing\n"},
    };
    CHECK(wrong);
}

static void sessions(void **state)
{
    (void)state;
    static const struct wrong wrong[] = {
        {"templates:\n  - name: t\n    session:\n      unsolicited_classes: [0, 1]\n      "
         "event_scan_classes: [1, 1]\n"
         "      max_fragment: 2047\n",
         "c.yaml:4:28: 'unsolicited_classes' is a list. Allowed: a list of different classes out of 1, 2, 3, "
         "such "
         "as [1, 2, 3]\n"
         "c.yaml:5:27: 'event_scan_classes' is a list. Allowed: a list of different classes out of 1, 2, 3, "
         "such "
         "as [1, 2, 3]\n"
         "c.yaml:6:21: 'max_fragment' is '2047'. Allowed: a whole number from 2048 to 65535\n"},
        {"templates:\n  - name: t\n    session: {reconnect_min: 90s, task_retry_max: 1s}\n",
         "c.yaml:3:30: 'reconnect_min' is above 'reconnect_max' (90000 ms, 60000 ms). Allowed: not above it\n"
         "c.yaml:3:51: 'task_retry_min' is above 'task_retry_max' (5000 ms, 1000 ms). Allowed: not above "
         "it\n"},
        {"templates:\n  - name: t\n    session:\n      polls:\n        - {period: 10s}\n"
         "        - {period: 10s, classes: [1], group: 30}\n        - {period: 10s, classes: []}\n"
         "        - {classes: [1], variation: 1}\n",
         "c.yaml:5:11: a poll with neither 'classes' nor 'group'. Allowed: one of them\n"
         "c.yaml:6:11: a poll with both 'classes' and 'group'. Allowed: one of them\n"
         "c.yaml:7:34: 'classes' is an empty list. Allowed: at least one class\n"
         "c.yaml:8:11: 'period' is missing in 'poll'. Allowed: a duration from 10ms to 1d, " SUCH_AS "\n"
         "c.yaml:8:37: 'variation' is allowed only beside 'group'\n"},
    };
    CHECK(wrong);
}

static void points(void **state)
{
    (void)state;
    static const struct wrong wrong[] = {
        {"templates:\n  - name: t\n    points:\n      - {type: counter, index: 0..3}\n      - {type: "
         "counter, index: 2}\n"
         "      - {type: analog_input, index: 3, name: counter 3}\n",
         "c.yaml:5:9: duplicate point counter 2, first in line 4\n"
         "c.yaml:6:9: duplicate point name 'counter 3', first in line 4\n"},
        {"templates:\n  - name: t\n    points:\n      - {type: analog, index: 0}\n      - {type: counter, "
         "index: 3..1}\n"
         "      - {type: counter, index: 0}\n      - {type: counter}\n",
         "c.yaml:4:16: 'type' is 'analog'. Did you mean 'analog_input'? Allowed: binary_input, "
         "double_bit_input, "
         "binary_output_status, counter, frozen_counter, analog_input, analog_output_status, binary_command, "
         "frozen_analog_input, analog_command, octet_string\n"
         "c.yaml:5:32: 'index' is '3..1'. Allowed: a whole number, or a range such as 0..31, from 0 to "
         "4294967295\n"
         "c.yaml:7:9: 'index' is missing in 'point'. Allowed: a whole number, or a range such as 0..31, from "
         "0 to "
         "4294967295\n"},
        {"templates:\n  - name: t\n    points:\n      - {type: counter, index: 0, scale: 0}\n"
         "      - {type: counter, index: 1, scale: .inf}\n      - {type: counter, index: 2, offset: 1e999}\n"
         "      - {type: counter, index: 3, static_deadband: 1}\n      - {type: binary_input, index: 0, "
         "scale: 2}\n",
         "c.yaml:4:42: 'scale' is 0. Allowed: a finite number other than 0\n"
         "c.yaml:5:42: 'scale' is '.inf'. Allowed: a finite number\n"
         "c.yaml:6:43: 'offset' is '1e999'. Allowed: a finite number\n"
         "c.yaml:7:52: 'static_deadband' is not allowed for a counter\n"
         "c.yaml:8:47: 'scale' is not allowed for a binary_input\n"},
        {"templates:\n  - name: t\n    points:\n      - {type: frozen_analog_input, index: 0, scale: 2, "
         "static_deadband: 1}\n"
         "      - {type: analog_command, index: 0, scale: 2, states: [a, b]}\n",
         "c.yaml:4:74: 'static_deadband' is not allowed for a frozen_analog_input\n"
         "c.yaml:5:60: 'states' is not allowed for a analog_command\n"},
        {"templates:\n  - name: t\n    points:\n      - {type: binary_input, index: 0, states: [a, b, c]}\n"
         "      - {type: double_bit_input, index: 0, states: [a, b]}\n      - {type: counter, index: 0, "
         "states: [a]}\n"
         "      - {type: binary_input, index: 1, states: [a, [b]]}\n",
         "c.yaml:4:48: 'states' has 3 labels. Allowed for a binary_input: 2\n"
         "c.yaml:5:52: 'states' has 2 labels. Allowed for a double_bit_input: 4\n"
         "c.yaml:6:43: 'states' is not allowed for a counter\n"
         "c.yaml:7:52: 'states' is a list. Allowed: a text of 1 to 4000 octets without control characters\n"},
        {"templates:\n  - name: t\n    points:\n      - {type: counter, index: 0..9, name: X}\n"
         "      - {type: counter, index: 10..10010}\n",
         "c.yaml:4:44: 'name' is 'X' for 10 points. Allowed: a text with {index} in it\n"
         "c.yaml:5:32: 'index' is a range of 10001 points. Allowed: at most 10000\n"},
        {"templates:\n  - name: t\n    points: [{type: counter, index: 0, name: X}]\nstations:\n"
         "  - {name: A, host: 10.0.0.1, outstation_address: 7, template: t,\n"
         "     points: [{type: counter, index: 1, name: X}]}\n",
         "c.yaml:6:15: duplicate point name 'X', it is that of the template's counter 0\n"},
    };
    CHECK(wrong);
}

static void stations(void **state)
{
    (void)state;
    static const struct wrong wrong[] = {
        {"stations:\n  - {name: A, host: 10.0.0.1, outstation_address: 7}\n"
         "  - {name: A, host: 10.0.0.2, outstation_address: 7}\n"
         "  - {name: B, host: 10.0.0.1, outstation_address: 7}\n"
         "  - {name: C, host: 10.0.0.1, outstation_address: 7, port: 20001}\n"
         "  - {name: D, host: \"::ffff:10.0.0.1\", outstation_address: 7}\n",
         "c.yaml:3:12: duplicate station name 'A', first in c.yaml line 2\n"
         "c.yaml:4:51: duplicate outstation address 7 on 10.0.0.1 port 20000, first in c.yaml line 2\n"
         "c.yaml:6:60: duplicate outstation address 7 on ::ffff:10.0.0.1 port 20000, first in c.yaml line "
         "2\n"},
        {"stations:\n  - {name: A, host: rtu.example, outstation_address: 7}\n"
         "  - {name: B, host: 10.0.0.1, outstation_address: 65520}\n"
         "  - {name: C, host: 10.0.0.1, outstation_address: 5, master_address: 5}\n"
         "  - {name: D, host: 10.0.0.1, outstation_address: 6, master_address: 0xFFF0}\n",
         "c.yaml:2:21: 'host' is 'rtu.example'. Allowed: an IP address, v4 or v6\n"
         "c.yaml:3:51: 'outstation_address' is '65520'. Allowed: a whole number from 0 to 65519\n"
         "c.yaml:4:51: 'outstation_address' is 5, which is the master's. Allowed: another one\n"
         "c.yaml:5:70: 'master_address' is '0xFFF0'. Allowed: a whole number from 0 to 65519\n"},
        {"stations:\n  - {name: A, host: 300.1.1.1, outstation_address: 65535}\n",
         "c.yaml:2:21: 'host' is '300.1.1.1'. Allowed: an IP address, v4 or v6\n"
         "c.yaml:2:52: 'outstation_address' is '65535'. Allowed: a whole number from 0 to 65519\n"},
        {"templates:\n  - {name: recloser}\n  - {name: recloser}\nstations:\n"
         "  - {name: A, host: 10.0.0.1, outstation_address: 7, template: reclosr}\n",
         "c.yaml:3:12: duplicate template name 'recloser', first in c.yaml line 2\n"
         "c.yaml:5:64: unknown template 'reclosr'. Did you mean 'recloser'? Allowed: the name of an entry of "
         "'templates', in any file\n"},
        {"include: stations.d/*.yaml\n", "c.yaml:1:10: 'include' is not allowed where no file is read\n"},
    };
    CHECK(wrong);
}

static void as_json(void **state)
{
    (void)state;
    const char yaml[] = "fep:\n  workers: \"a\\\"b\\\\\"\n";
    struct config_errors errors = {0};
    assert_null(config_load_memory("c.yaml", yaml, strlen(yaml), &errors));
    char *text = print(&errors, config_errors_print_json);
    assert_string_equal(
        text, "{\"errors\":[\n{\"file\":\"c.yaml\",\"line\":2,\"column\":12,\"text\":\"'workers' is the "
              "quoted text 'a\\\"b\\\\'. Allowed: a whole number from 0 to 256\"}],\"dropped\":0}\n");
    free(text);
    config_errors_free(&errors);
}

/* What is no UTF-8 in the name of a file does not make the JSON none. */
static void names_of_files_in_json(void **state)
{
    (void)state;
    static const struct {
        const char *name, *shown;
    } files[] = {
        {"S\xc3\xbc"
         "d\xe2\x82\xac\xf0\x9f\x94\x8c",
         "S\xc3\xbc"
         "d\xe2\x82\xac\xf0\x9f\x94\x8c"},
        {"S\xfc"
         "d",
         "S\\ufffdd"},
        {"\xc3", "\\ufffd"},
        {"\xe2\x82"
         "a",
         "\\ufffd\\ufffda"},
        {"\xc0\xaf", "\\ufffd\\ufffd"},
        {"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"},
        {"a\nb", "a\\u000ab"},
    };
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct config_errors errors = {0};
        char wanted[200];
        snprintf(wanted, sizeof(wanted),
                 "{\"errors\":[\n{\"file\":\"%s\",\"line\":0,\"column\":0,\"text\":\"x\"}],\"dropped\":0}\n",
                 files[i].shown);
        config_errors_add(&errors, &(struct config_place){.file = files[i].name}, "x");
        char *text = print(&errors, config_errors_print_json);
        assert_string_equal(text, wanted);
        free(text);
        config_errors_free(&errors);
    }
}

static void at_most_a_thousand(void **state)
{
    (void)state;
    char *yaml = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&yaml, &len);
    fputs("stations:\n", to);
    for (int i = 0; i < 1234; i++)
        fputs("  - 5\n", to);
    fclose(to);
    struct config_errors errors = {0};
    assert_null(config_load_memory("c.yaml", yaml, len, &errors));
    assert_int_equal(errors.len, 1000);
    assert_int_equal(errors.dropped, 234);
    char *text = print(&errors, config_errors_print);
    assert_non_null(strstr(text, "\nand 234 more\n"));
    free(text);
    free(yaml);
    config_errors_free(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(yaml_itself),
        cmocka_unit_test(keys),
        cmocka_unit_test(values),
        cmocka_unit_test(sessions),
        cmocka_unit_test(points),
        cmocka_unit_test(stations),
        cmocka_unit_test(as_json),
        cmocka_unit_test(names_of_files_in_json),
        cmocka_unit_test(at_most_a_thousand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
