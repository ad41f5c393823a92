// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static void assert_near(double value, double wanted, double part)
{
    if (!(fabs(value - wanted) <= wanted * part))
        fail_msg("%g, not %g", value, wanted);
}

static void quantiles_are_exact_to_a_bucket(void **state)
{
    (void)state;
    struct histogram *h = calloc(1, sizeof *h);
    for (uint64_t us = 1; us <= 1000; us++)
        histogram_add(h, us * 1000);
    assert_int_equal(histogram_count(h), 1000);
    assert_near(histogram_us(h, 0.5), 500, 0.016);
    assert_near(histogram_us(h, 0.99), 990, 0.016);
    assert_near(histogram_us(h, 1), 1000, 0.016);
    free(h);
}

static void short_and_long_times_have_a_bucket(void **state)
{
    (void)state;
    struct histogram *h = calloc(1, sizeof *h);
    assert_true(isnan(histogram_us(h, 0.5)));
    histogram_add(h, 0);
    histogram_add(h, UINT64_MAX);
    assert_int_equal(histogram_count(h), 2);
    assert_near(histogram_us(h, 0.5), 0.064, 0.001);
    assert_true(histogram_us(h, 1) > 60e6);
    free(h);
}

static void a_window_is_the_difference(void **state)
{
    (void)state;
    struct histogram *before = calloc(1, sizeof *before), *after = calloc(1, sizeof *after);
    for (int i = 0; i < 100; i++)
        histogram_add(before, 1000000);
    histogram_between(after, NULL, before);
    histogram_add(after, 5000);
    histogram_between(after, before, after);
    assert_int_equal(histogram_count(after), 1);
    assert_near(histogram_us(after, 0.5), 5, 0.016);
    free(before);
    free(after);
}

static void cumulative_quantiles_are_interpolated(void **state)
{
    (void)state;
    /* 100 below 1 ms, then 100 between 1 and 4 ms; 50 of the first came before the window. */
    const struct cumulative before = {.len = 3, .upto_s = {0.001, 0.004, INFINITY}, .counts = {50, 50, 50}};
    struct cumulative after = {.len = 3, .upto_s = {0.001, 0.004, INFINITY}, .counts = {150, 250, 250}};
    assert_near(cumulative_us(&before, &after, 0.5), 1000, 0.001);
    assert_near(cumulative_us(&before, &after, 0.75), 2000, 0.001);
    assert_near(cumulative_us(&before, &after, 0.25), 500, 0.001);
    assert_true(isnan(cumulative_us(&after, &after, 0.5)));
    /* What lies beyond the last bound is at least that bound. */
    after.counts[2] = 10000;
    assert_near(cumulative_us(&before, &after, 0.99), 4000, 0.001);
}

static void medians_and_slopes(void **state)
{
    (void)state;
    double odd[] = {9, 1, 5}, even[] = {4, 1, 2, 3};
    assert_near(stats_median(odd, 3), 5, 0);
    assert_near(stats_median(even, 4), 2.5, 0);
    assert_true(isnan(stats_median(odd, 0)));
    const double x[] = {1, 2, 3, 4}, y[] = {7, 9, 11, 13}, same[] = {2, 2, 2, 2};
    assert_near(stats_slope(x, y, 4), 2, 1e-12);
    assert_true(isnan(stats_slope(same, y, 4)));
    assert_true(isnan(stats_slope(x, y, 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_are_exact_to_a_bucket),
        cmocka_unit_test(short_and_long_times_have_a_bucket),
        cmocka_unit_test(a_window_is_the_difference),
        cmocka_unit_test(cumulative_quantiles_are_interpolated),
        cmocka_unit_test(medians_and_slopes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
