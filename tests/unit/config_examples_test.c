// SPDX-License-Identifier: Apache-2.0
/* The examples load, say what their comments say, and don't break the loader when they are broken. */
#include "config/config.h"
#include "config/keys.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const char *const examples[] = {
    "config/examples/fepd.yaml",
    "config/examples/stations.d/10-transmission-substation.yaml",
    "config/examples/stations.d/20-reclosers.yaml",
    "config/examples/stations.d/30-solar-park.yaml",
    "config/examples/stations.d/40-concentrator.yaml",
};
enum { EXAMPLES = sizeof(examples) / sizeof(examples[0]), MUTATIONS = 300 };

static char *read_file(const char *path, size_t *len)
{
    char *text = NULL;
    FILE *from = fopen(path, "r");
    FILE *to = open_memstream(&text, len);
    assert_non_null(from);
    for (int c = fgetc(from); c != EOF; c = fgetc(from))
        fputc(c, to);
    fclose(from);
    fclose(to);
    return text;
}

static const struct config_station *find(const struct config *config, const char *name)
{
    for (size_t i = 0; i < config->stations_len; i++) {
        if (strcmp(config->stations[i].name, name) == 0)
            return &config->stations[i];
    }
    fail_msg("no station %s", name);
    return NULL;
}

static void they_load(void **state)
{
    (void)state;
    struct config_errors errors = {0};
    struct config *config = config_load(examples[0], &errors);
    config_errors_print(&errors, stderr);
    assert_non_null(config);
    assert_int_equal(config->stations_len, 12);
    const struct config_station *ashford = find(config, "Ashford 220");
    const struct config_station *brinmoor = find(config, "Brinmoor 220");
    const struct config_point *breaker = config_point_find(ashford->points, CONFIG_DOUBLE_BIT_INPUT, 0);
    assert_string_equal(breaker->name, "E01 Q0 breaker");
    assert_string_equal(breaker->states[2], "closed");
    assert_ptr_equal(ashford->session, brinmoor->session);
    assert_int_equal(brinmoor->points->len, ashford->points->len + 4);
    assert_true(config_point_find(brinmoor->points, CONFIG_ANALOG_INPUT, 30)->offset == -16);
    assert_ptr_equal(find(config, "Recloser Mill Lane 14")->points,
                     find(config, "Recloser Saltmarsh 8")->points);
    assert_int_equal(find(config, "Recloser Saltmarsh 8")->session->time_sync, CONFIG_TIME_DIRECT);
    assert_false(find(config, "Recloser Saltmarsh 9")->enabled);
    assert_int_equal(find(config, "Dock Road feeder 1")->port, find(config, "Dock Road feeder 2")->port);
    config_free(config);
}

/* The first template claims to show every default. */
static void the_defaults_shown_are_the_defaults(void **state)
{
    (void)state;
    static const char bare[] = "stations: [{name: Test bench, host: 127.0.0.1, outstation_address: 10, "
                               "enabled: false, session: {response_timeout: 2s}}]";
    struct config_errors errors = {0};
    struct config *config = config_load(examples[0], &errors);
    struct config *empty = config_load_memory("bare.yaml", bare, strlen(bare), &errors);
    config_errors_print(&errors, stderr);
    assert_non_null(empty);
    assert_true(config_station_same_session(find(config, "Test bench"), &empty->stations[0]));
    config_free(config);
    config_free(empty);
}

/* Every key of the tables stands in the documented example. */
static void every_key_is_shown(void **state)
{
    (void)state;
    const struct schema *const schemas[] = {&keys_file,  &keys_fep,      &keys_session,
                                            &keys_poll,  &keys_template, &keys_station,
                                            &keys_point, &keys_control,  &keys_feedback};
    size_t len;
    char *text = read_file(examples[0], &len);
    for (size_t i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        for (size_t j = 0; j < schemas[i]->rows_len; j++) {
            char key[64];
            snprintf(key, sizeof(key), "%s:", schemas[i]->rows[j].key);
            if (!strstr(text, key))
                fail_msg("%s is not in %s", key, examples[0]);
        }
    }
    free(text);
}

static uint32_t next_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Swaps, cuts, doubles or replaces a few octets, preferring those that mean something in YAML. */
static size_t mutate(char *text, size_t len, uint64_t *seed)
{
    static const char dear[] = "{}[]:,-#'\"&*!|>%@`\n \t0 9\xff";
    for (uint32_t count = next_random(seed) % 4 + 1; count > 0; count--) {
        size_t at = next_random(seed) % len;
        size_t other = next_random(seed) % len;
        size_t span = next_random(seed) % 40;
        if (at + span > len || other + span > len)
            span = 0;
        switch (next_random(seed) % 4) {
        case 0:
            text[at] = dear[next_random(seed) % (sizeof(dear) - 1)];
            break;
        case 1:
            text[at] = text[other];
            break;
        case 2:
            memmove(text + at, text + other, span);
            break;
        default:
            memmove(text + at, text + at + span, len - at - span);
            len -= span;
        }
    }
    return len;
}

static void broken_they_give_errors_or_a_list(void **state)
{
    (void)state;
    size_t loaded = 0;
    size_t refused = 0;
    for (size_t i = 0; i < EXAMPLES; i++) {
        size_t len;
        char *text = read_file(examples[i], &len);
        char *copy = malloc(len);
        for (uint64_t seed = 1; seed <= MUTATIONS; seed++) {
            uint64_t state_of_seed = seed * 7919 + i;
            memcpy(copy, text, len);
            size_t copy_len = mutate(copy, len, &state_of_seed);
            struct config_errors errors = {0};
            struct config *config = config_load_memory("m", copy, copy_len, &errors);
            assert_int_equal(config == NULL, errors.len > 0);
            loaded += config != NULL;
            refused += config == NULL;
            config_free(config);
            config_errors_free(&errors);
        }
        free(copy);
        free(text);
    }
    printf("%zu mutations loaded, %zu were refused\n", loaded, refused);
    assert_true(loaded > 0 && refused > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(they_load),
        cmocka_unit_test(the_defaults_shown_are_the_defaults),
        cmocka_unit_test(every_key_is_shown),
        cmocka_unit_test(broken_they_give_errors_or_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
