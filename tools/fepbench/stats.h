// SPDX-License-Identifier: Apache-2.0
/*
 * The arithmetic of the benchmark: histograms, quantiles, medians, slopes. Pure; any thread.
 *
 * A histogram only grows. What happened in a window is the difference of two copies, so that a process may
 * count into shared memory while another one looks on: one writer, any number of readers.
 */
#ifndef FEPBENCH_STATS_H
#define FEPBENCH_STATS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* 64 buckets an octave: at most 1.6 % wide. 64 ns to 10 minutes. */
enum { HISTOGRAM_BUCKETS = 34 * 64, CUMULATIVE_MAX = 512 };

struct histogram {
    _Atomic uint64_t buckets[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t ns);
/* `into` becomes `after` less `before`; a `before` of NULL is empty. `into` may be one of them. */
void histogram_between(struct histogram *into, const struct histogram *before, const struct histogram *after);
uint64_t histogram_count(const struct histogram *h);
/* The quantile q (0..1) in µs; NAN where the histogram is empty. */
double histogram_us(const struct histogram *h, double q);

/* A histogram as Prometheus has it: counts[i] observations are at most upto_s[i], which rises; the last is
 * infinite. */
struct cumulative {
    size_t len;
    double upto_s[CUMULATIVE_MAX];
    double counts[CUMULATIVE_MAX];
};

/* The quantile q of what came between two scrapes of the same histogram, in µs, interpolated in its bucket
 * on a logarithmic scale: as exact as the buckets are narrow. NAN where nothing came. */
double cumulative_us(const struct cumulative *before, const struct cumulative *after, double q);

/* NAN where there are none. Sorts `values`. */
double stats_median(double *values, size_t len);
/* Of the line that fits best (least squares); NAN below two points, or where all x are the same. */
double stats_slope(const double *x, const double *y, size_t len);

#endif
