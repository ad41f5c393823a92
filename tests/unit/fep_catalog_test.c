// SPDX-License-Identifier: Apache-2.0
/* The catalog, and the plan from one to the next. */
#include "fep/catalog.h"
#include "fep/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct config *parse(const char *yaml)
{
    struct config_errors errors = {0};
    struct config *config = config_load_memory("test", yaml, strlen(yaml), &errors);
    if (!config)
        config_errors_print(&errors, stderr);
    config_errors_free(&errors);
    assert_non_null(config);
    return config;
}

static const char first_list[] =
    "templates:\n"
    "  - name: t\n"
    "    session: {response_timeout: 3s, polls: [{classes: [1, 2], period: 10s}, {classes: [0], period: "
    "1h}]}\n"
    "stations:\n"
    "  - {name: a, host: 127.0.0.1, port: 20001, outstation_address: 11, template: t}\n"
    "  - {name: b, host: 127.0.0.1, port: 20002, outstation_address: 11, template: t}\n"
    "  - {name: c, host: 127.0.0.1, port: 20001, outstation_address: 12}\n"
    "  - {name: d, host: 127.0.0.1, port: 20003, outstation_address: 11, enabled: false}\n"
    "  - {name: e, host: 127.0.0.1, port: 20004, outstation_address: 11}\n";
static const uint32_t first_numbers[] = {7, 3, 9, 1, 2};

static void test_build(void **state)
{
    (void)state;
    struct catalog *c = catalog_build(parse(first_list), first_numbers, 5, 3);
    assert_int_equal(c->generation, 5);
    assert_int_equal(c->stations_len, 4); /* d is disabled */
    assert_null(catalog_find(c, 1));
    assert_null(catalog_find(c, 0));
    assert_null(catalog_find(c, 1000));
    for (size_t i = 0; i < c->stations_len; i++) {
        assert_ptr_equal(catalog_find(c, c->stations[i].number), &c->stations[i]);
        assert_true(c->stations[i].worker < 3);
    }
    assert_string_equal(catalog_find(c, 9)->config->name, "c");
    catalog_free(c);
}

static void test_one_endpoint_one_worker(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers < 20; workers++) {
        struct catalog *c = catalog_build(parse(first_list), first_numbers, 1, workers);
        const struct catalog_station *a = catalog_find(c, 7), *b = catalog_find(c, 3),
                                     *d = catalog_find(c, 9);
        assert_int_equal(a->endpoint, d->endpoint);
        assert_int_equal(a->worker, d->worker);
        assert_int_not_equal(a->endpoint, b->endpoint);
        assert_ptr_equal(&c->stations[a->endpoint], a);
        catalog_free(c);
    }
}

static void test_settings_are_shared_and_translated(void **state)
{
    (void)state;
    struct catalog *c = catalog_build(parse(first_list), first_numbers, 1, 1);
    const struct master_config *a = catalog_find(c, 7)->master, *b = catalog_find(c, 3)->master;
    assert_ptr_equal(a, b);
    assert_ptr_not_equal(a, catalog_find(c, 9)->master);
    assert_int_equal(a->response_timeout_ms, 3000);
    assert_int_equal(a->polls_len, 2);
    assert_int_equal(a->polls[0].classes, CLASS_1 | CLASS_2);
    assert_int_equal(a->polls[0].period_ms, 10000);
    assert_int_equal(a->polls[1].classes, CLASS_0);
    assert_true(c->masters_len <= 3);
    catalog_free(c);
}

/* The stations of a large list must not meet on one worker. */
static void test_workers_share(void **state)
{
    (void)state;
    enum { STATIONS = 2000, WORKERS = 4 };
    char *yaml = malloc(STATIONS * 100), *at = yaml;
    uint32_t numbers[STATIONS], load[WORKERS] = {0};
    at += sprintf(at, "stations:\n");
    for (unsigned i = 0; i < STATIONS; i++) {
        at +=
            sprintf(at, "  - {name: s%u, host: 127.0.%u.%u, outstation_address: 11}\n", i, i / 250, i % 250);
        numbers[i] = i + 1;
    }
    struct catalog *c = catalog_build(parse(yaml), numbers, 1, WORKERS);
    for (size_t i = 0; i < c->stations_len; i++)
        load[c->stations[i].worker]++;
    for (unsigned i = 0; i < WORKERS; i++)
        assert_in_range(load[i], STATIONS / WORKERS * 8 / 10, STATIONS / WORKERS * 12 / 10);
    catalog_free(c);
    free(yaml);
}

static const char second_list[] =
    "templates:\n"
    "  - name: t\n"
    "    session: {response_timeout: 3s, polls: [{classes: [1, 2], period: 10s}, {classes: [0], period: "
    "1h}]}\n"
    "stations:\n"
    "  - {name: b, host: 127.0.0.1, port: 20002, outstation_address: 11, template: t, "
    "points: [{type: counter, index: 1, name: x}]}\n"
    "  - {name: c, host: 127.0.0.1, port: 20001, outstation_address: 13}\n"
    "  - {name: e, host: 127.0.0.1, port: 20004, outstation_address: 11}\n"
    "  - {name: f, host: 127.0.0.1, port: 20005, outstation_address: 11}\n";
static const uint32_t second_numbers[] = {3, 9, 2, 10};

static const struct change *find_change(const struct order *order, uint32_t number)
{
    for (size_t i = 0; i < order->changes_len; i++)
        if (order->changes[i].entry->number == number)
            return &order->changes[i];
    return NULL;
}

/* Stands for a worker: gives each added station a handle that tells its number. */
static char handles[32];

static void carry_out(struct plan *plan)
{
    for (uint32_t w = 0; w < plan->workers; w++)
        for (size_t i = 0; i < plan->parts[w].apply.changes_len; i++) {
            struct change *c = &plan->parts[w].apply.changes[i];
            if (c->kind == CHANGE_ADD)
                c->station = (struct station *)(void *)&handles[c->entry->number];
        }
}

static void test_plan(void **state)
{
    (void)state;
    struct plan_stations stations = {0};
    struct catalog *one = catalog_build(parse(first_list), first_numbers, 1, 2);
    struct catalog *two = catalog_build(parse(second_list), second_numbers, 2, 2);
    struct plan *start = plan_make(NULL, one, &stations, 2);
    assert_int_equal(start->added, 4);
    carry_out(start);
    plan_learn(start, &stations);
    assert_ptr_equal(stations.by_number[9], &handles[9]);

    struct plan *plan = plan_make(one, two, &stations, 2);
    assert_int_equal(plan->kept, 2);    /* b: only its points changed; e */
    assert_int_equal(plan->changed, 1); /* c: another address */
    assert_int_equal(plan->removed, 1); /* a */
    assert_int_equal(plan->added, 1);   /* f */
    const struct catalog_station *b = catalog_find(two, 3), *c = catalog_find(two, 9);
    const struct change *kept = find_change(&plan->parts[b->worker].apply, 3);
    assert_int_equal(kept->kind, CHANGE_KEEP);
    assert_ptr_equal(kept->entry, b);
    assert_ptr_equal(kept->station, &handles[3]);
    const struct change *gone = find_change(&plan->parts[catalog_find(one, 7)->worker].remove, 7);
    assert_true(gone->gone);
    const struct change *changed = find_change(&plan->parts[c->worker].remove, 9);
    assert_false(changed->gone);
    assert_ptr_equal(changed->station, &handles[9]);
    assert_int_equal(find_change(&plan->parts[c->worker].apply, 9)->kind, CHANGE_ADD);
    carry_out(plan);
    plan_learn(plan, &stations);
    assert_null(stations.by_number[7]);
    assert_ptr_equal(stations.by_number[10], &handles[10]);
    assert_ptr_equal(stations.by_number[9], &handles[9]);
    plan_free(start);
    plan_free(plan);
    catalog_free(one);
    catalog_free(two);
    free(stations.by_number);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_build),
        cmocka_unit_test(test_one_endpoint_one_worker),
        cmocka_unit_test(test_settings_are_shared_and_translated),
        cmocka_unit_test(test_workers_share),
        cmocka_unit_test(test_plan),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
