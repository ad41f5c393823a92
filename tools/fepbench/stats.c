// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/stats.h"

#include <math.h>
#include <stdlib.h>

enum { AN_OCTAVE = 64, FIRST_OCTAVE = 6 };

static unsigned bucket_of(uint64_t ns)
{
    unsigned octave = 63u - (unsigned)__builtin_clzll(ns | AN_OCTAVE);
    unsigned within = (unsigned)(ns >> (octave - FIRST_OCTAVE)) & (AN_OCTAVE - 1);
    unsigned bucket = (octave - FIRST_OCTAVE) * AN_OCTAVE + (ns < AN_OCTAVE ? 0 : within);
    return bucket < HISTOGRAM_BUCKETS ? bucket : HISTOGRAM_BUCKETS - 1;
}

static double bucket_ns(unsigned bucket)
{
    return ldexp(AN_OCTAVE + bucket % AN_OCTAVE, (int)(bucket / AN_OCTAVE));
}

static uint64_t count_in(const struct histogram *h, unsigned bucket)
{
    return atomic_load_explicit(&h->buckets[bucket], memory_order_relaxed);
}

void histogram_add(struct histogram *h, uint64_t ns)
{
    unsigned bucket = bucket_of(ns);
    atomic_store_explicit(&h->buckets[bucket], count_in(h, bucket) + 1, memory_order_relaxed);
}

void histogram_between(struct histogram *into, const struct histogram *before, const struct histogram *after)
{
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++) {
        uint64_t count = count_in(after, i) - (before ? count_in(before, i) : 0);
        atomic_store_explicit(&into->buckets[i], count, memory_order_relaxed);
    }
}

uint64_t histogram_count(const struct histogram *h)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < HISTOGRAM_BUCKETS; i++)
        all += count_in(h, i);
    return all;
}

double histogram_us(const struct histogram *h, double q)
{
    uint64_t seen = 0, all = histogram_count(h);
    for (unsigned i = 0; all && i < HISTOGRAM_BUCKETS; i++) {
        seen += count_in(h, i);
        if (seen && (double)seen >= (double)all * q)
            return bucket_ns(i) / 1e3;
    }
    return NAN;
}

static double came(const struct cumulative *before, const struct cumulative *after, size_t i)
{
    return after->counts[i] - (i < before->len ? before->counts[i] : 0);
}

double cumulative_us(const struct cumulative *before, const struct cumulative *after, double q)
{
    double all = after->len ? came(before, after, after->len - 1) : 0, below = 0, from_s = 0;
    if (all <= 0)
        return NAN;
    for (size_t i = 0; i < after->len; i++) {
        double upto = came(before, after, i), upto_s = after->upto_s[i];
        if (upto > below && upto >= all * q) {
            double part = (all * q - below) / (upto - below);
            if (isinf(upto_s))
                return from_s * 1e6;
            /* The first bucket has no lower end to take a logarithm of. */
            return (from_s > 0 ? from_s * pow(upto_s / from_s, part) : upto_s * part) * 1e6;
        }
        below = upto;
        from_s = upto_s;
    }
    return NAN;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double stats_median(double *values, size_t len)
{
    if (len == 0)
        return NAN;
    qsort(values, len, sizeof *values, compare);
    return (values[(len - 1) / 2] + values[len / 2]) / 2;
}

double stats_slope(const double *x, const double *y, size_t len)
{
    double mean_x = 0, mean_y = 0, xy = 0, xx = 0;
    for (size_t i = 0; i < len; i++) {
        mean_x += x[i] / (double)len;
        mean_y += y[i] / (double)len;
    }
    for (size_t i = 0; i < len; i++) {
        xy += (x[i] - mean_x) * (y[i] - mean_y);
        xx += (x[i] - mean_x) * (x[i] - mean_x);
    }
    return len < 2 || xx <= 0 ? NAN : xy / xx;
}
