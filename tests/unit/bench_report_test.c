// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/goals.h"
#include "tools/fepbench/scrape.h"

#include "fep/metrics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

static void add_unsolicited(struct report *r, double stations, double values, double cpu_us, double cpu_x,
                            double value_x)
{
    struct record *x = report_add(r, "unsolicited");
    record_put(x, "stations", stations);
    record_put(x, "workers", 1);
    record_put(x, "values", values);
    record_put(x, "cpu_us", cpu_us);
    record_put(x, "cpu_x", cpu_x);
    record_put(x, "rate_x", 0.8);
    record_put(x, "value_x", value_x);
}

static const struct goal *goal_named(const char *begin)
{
    size_t len;
    const struct goal *goals = goals_all(&len);
    for (size_t i = 0; i < len; i++)
        if (strncmp(goals[i].what, begin, strlen(begin)) == 0)
            return &goals[i];
    fail_msg("no goal %s", begin);
    return NULL;
}

static void assert_goal(const struct report *r, const char *begin, double value, enum goal_verdict verdict)
{
    const struct goal *goal = goal_named(begin);
    double measured = goal->measure(r);
    if (!isnan(value) && !(fabs(measured - value) < 1e-9))
        fail_msg("%s: %g, not %g", begin, measured, value);
    assert_int_equal(goals_verdict(goal, measured), verdict);
}

static void the_worst_of_many_stations_counts(void **state)
{
    (void)state;
    struct report r = {0};
    add_unsolicited(&r, 16, 1, 90, 18, NAN); /* few: of no account */
    add_unsolicited(&r, 16, 10, 90, 18, 9);
    add_unsolicited(&r, 256, 1, 6, 1.2, NAN);
    add_unsolicited(&r, 4096, 1, 8, 1.6, NAN);
    assert_goal(&r, "CPU of a durable", 1.6, GOAL_MISSED);
    assert_goal(&r, "durable messages", 0.8, GOAL_MET);
    assert_goal(&r, "CPU of a further", NAN, GOAL_NOT_MEASURED);
    add_unsolicited(&r, 256, 10, 16, 1.3, 1.1);
    add_unsolicited(&r, 4096, 10, 19, 1.4, 1.2);
    assert_goal(&r, "CPU of a further", 1.2, GOAL_MET);
    report_free(&r);
}

static void the_storm_is_judged_by_its_median(void **state)
{
    (void)state;
    struct report r = {0};
    static const double storms[] = {1000, 9000, 1100};
    for (size_t i = 0; i < 3; i++) {
        struct record *x = report_add(&r, "storm");
        record_put(x, "calm_p99_us", 1000);
        record_put(x, "storm_p99_us", storms[i]);
    }
    assert_goal(&r, "storm", 1.1, GOAL_MET);
    report_free(&r);
}

static void the_worse_rate_counts_of_flat(void **state)
{
    (void)state;
    struct report r = {0};
    static const double ratios[] = {NAN, NAN, 1.05, 1.2};
    for (size_t i = 0; i < 4; i++)
        record_put(report_add(&r, "flat"), "flat_x", ratios[i]);
    assert_goal(&r, "flat", 1.2, GOAL_MISSED);
    report_free(&r);
}

static void an_empty_report_meets_nothing(void **state)
{
    (void)state;
    struct report r = {0};
    size_t len;
    const struct goal *goals = goals_all(&len);
    assert_int_equal(len, 16);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(goals_verdict(&goals[i], goals[i].measure(&r)), GOAL_NOT_MEASURED);
    FILE *nowhere = fopen("/dev/null", "w");
    assert_int_equal(goals_print(&r, nowhere), 0);
    extrapolate_print(&r, nowhere);
    fclose(nowhere);
}

static void the_report_is_json(void **state)
{
    (void)state;
    struct report r = {0};
    char *text;
    size_t len;
    add_unsolicited(&r, 256, 1, 6, 1.2, NAN);
    FILE *f = open_memstream(&text, &len);
    report_print_json(&r, "/", f);
    fclose(f);
    json_t *json = json_loads(text, 0, NULL);
    assert_non_null(json);
    const json_t *record = json_array_get(json_object_get(json, "records"), 0);
    assert_string_equal(json_string_value(json_object_get(record, "scenario")), "unsolicited");
    assert_true(json_number_value(json_object_get(record, "cpu_us")) == 6);
    assert_true(json_is_null(json_object_get(record, "value_x")));
    assert_true(json_integer_value(json_object_get(json_object_get(json, "machine"), "cores")) > 0);
    json_decref(json);
    free(text);
    report_free(&r);
}

struct page {
    char text[1 << 18];
    size_t len;
};

static void put(void *context, const char *text, size_t len)
{
    struct page *page = context;
    assert_true(page->len + len < sizeof page->text);
    memcpy(page->text + page->len, text, len);
    page->len += len;
}

/* A metric that fepd renames must not become a figure of 0. */
static void what_fepd_prints_is_understood(void **state)
{
    (void)state;
    struct metrics *m = aligned_alloc(_Alignof(struct metrics), sizeof *m);
    struct page *page = calloc(1, sizeof *page);
    struct scrape *s = calloc(1, sizeof *s), *none = calloc(1, sizeof *none);
    memset(m, 0, sizeof *m);
    m->workers_len = 2;
    metric_set(&m->workers[0].confirms, 3);
    metric_set(&m->workers[1].confirms, 4);
    metric_set(&m->committer.commits, 5);
    for (int i = 0; i < 100; i++)
        metric_add(&m->workers[1].delay[delay_bucket(3000)], 1);
    metrics_print(m, put, page);
    assert_true(scrape_parse(page->text, s));
    assert_true(s->confirms == 7 && s->commits == 5 && s->reads == 0);
    double p50 = cumulative_us(&none->delay, &s->delay, 0.5);
    assert_true(p50 > 2000 && p50 < 4200);
    *strstr(page->text, "fep_commits_total 5") = '#';
    assert_false(scrape_parse(page->text, s));
    assert_false(scrape_parse("", s));
    free(m);
    free(page);
    free(s);
    free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_worst_of_many_stations_counts),
        cmocka_unit_test(the_storm_is_judged_by_its_median),
        cmocka_unit_test(the_worse_rate_counts_of_flat),
        cmocka_unit_test(an_empty_report_meets_nothing),
        cmocka_unit_test(the_report_is_json),
        cmocka_unit_test(what_fepd_prints_is_understood),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
