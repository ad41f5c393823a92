// SPDX-License-Identifier: Apache-2.0
/* A list of 20,000 stations loads in at most 5 times what libyaml alone takes to parse it. */
#include "config/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <yaml.h>

#include <cmocka.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || !defined(__OPTIMIZE__)
enum { MEASURED = 0 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
enum { MEASURED = 0 };
#else
enum { MEASURED = 1 };
#endif
#else
enum { MEASURED = 1 };
#endif

enum { STATIONS = MEASURED ? 20000 : 500, RUNS = 5 };

struct text {
    char *bytes;
    size_t len;
};

static void write_templates(FILE *to)
{
    fputs("templates:\n"
          "  - name: recloser\n"
          "    session: {response_timeout: 10s, unsolicited_classes: [1, 2, 3]}\n"
          "    points:\n"
          "      - {type: binary_input, index: 0..15, name: \"Flag {index}\"}\n"
          "      - {type: analog_input, index: 0..8, name: \"Value {index}\", unit: A, scale: 0.1}\n"
          "stations:\n",
          to);
}

/* The common case: a template for all. */
static void write_short(FILE *to, int i)
{
    fprintf(to, "  - {name: Recloser %d, host: 10.%d.%d.%d, outstation_address: %d, template: recloser}\n", i,
            i >> 16, i >> 8 & 255, i & 255, i + 2);
}

/* The dear case: each station with settings and points of its own. */
static void write_long(FILE *to, int i)
{
    fprintf(
        to,
        "  - name: Recloser %d\n    host: 10.%d.%d.%d\n    outstation_address: %d\n    template: recloser\n"
        "    session:\n      response_timeout: 12s\n      polls: [{classes: [0, 1, 2, 3], period: 30min}]\n"
        "    points:\n"
        "      - {type: analog_input, index: 20, name: U L1, unit: kV, scale: 0.01}\n"
        "      - {type: analog_input, index: 21, name: U L2, unit: kV, scale: 0.01}\n"
        "      - {type: double_bit_input, index: 0, name: Q0, states: [moving, open, closed, faulty]}\n",
        i, i >> 16, i >> 8 & 255, i & 255, i + 2);
}

static struct text generate(void (*write)(FILE *to, int i))
{
    struct text text = {0};
    FILE *to = open_memstream(&text.bytes, &text.len);
    assert_non_null(to);
    write_templates(to);
    for (int i = 0; i < STATIONS; i++)
        write(to, i);
    fclose(to);
    return text;
}

static double cpu_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double parse_alone(const struct text *text)
{
    double begin = cpu_s();
    yaml_parser_t parser;
    yaml_event_t event;
    yaml_event_type_t type = YAML_NO_EVENT;
    assert_true(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, (const unsigned char *)text->bytes, text->len);
    while (type != YAML_STREAM_END_EVENT) {
        assert_true(yaml_parser_parse(&parser, &event));
        type = event.type;
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return cpu_s() - begin;
}

static double load(const struct text *text)
{
    struct config_errors errors = {0};
    double begin = cpu_s();
    struct config *config = config_load_memory("speed.yaml", text->bytes, text->len, &errors);
    double took = cpu_s() - begin;
    config_errors_print(&errors, stderr);
    assert_non_null(config);
    assert_int_equal(config->stations_len, STATIONS);
    config_free(config);
    return took;
}

static int compare(const void *a, const void *b)
{
    const double *x = a;
    const double *y = b;
    return (*x > *y) - (*x < *y);
}

static void check_ratio(const char *what, void (*write)(FILE *to, int i))
{
    struct text text = generate(write);
    double ratios[RUNS];
    for (int i = 0; i < RUNS; i++) {
        double floor_s = parse_alone(&text);
        double load_s = load(&text);
        ratios[i] = load_s / floor_s;
        printf("%s: %d stations, %zu kB: libyaml %.1f ms, load %.1f ms, ratio %.2f\n", what, STATIONS,
               text.len / 1000, floor_s * 1e3, load_s * 1e3, ratios[i]);
    }
    qsort(ratios, RUNS, sizeof(ratios[0]), compare);
    printf("%s: median ratio %.2f%s\n", what, ratios[RUNS / 2],
           MEASURED ? "" : " (not asserted in this build)");
    if (MEASURED)
        assert_true(ratios[RUNS / 2] <= 5.0);
    free(text.bytes);
}

static void stations_that_share_a_template(void **state)
{
    (void)state;
    check_ratio("shared", write_short);
}

static void stations_with_overrides(void **state)
{
    (void)state;
    check_ratio("overrides", write_long);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stations_that_share_a_template),
        cmocka_unit_test(stations_with_overrides),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
