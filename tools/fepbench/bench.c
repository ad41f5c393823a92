// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/bench.h"

#include <assert.h>
#include <stdarg.h>

bool bench_fail(struct bench *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs("fepbench: ", stderr);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    b->report.failed = true;
    return false;
}

void bench_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
}

uint32_t bench_most_stations(const struct bench *b)
{
    uint32_t most = 1;
    for (size_t i = 0; i < b->stations.len; i++)
        most = b->stations.of[i] > most ? b->stations.of[i] : most;
    return most;
}

unsigned bench_pairs(const struct bench *b, unsigned standard)
{
    return b->pairs ? b->pairs : standard;
}

/* Both kinds of figures are structs of doubles: each field's median over `len` structs of `fields` doubles.
 */
static void median_of_fields(const void *all, size_t len, size_t fields, void *median)
{
    const double *values = all;
    double column[BENCH_PAIRS_MAX], *to = median;
    assert(len <= BENCH_PAIRS_MAX);
    for (size_t f = 0; f < fields; f++) {
        for (size_t i = 0; i < len; i++)
            column[i] = values[i * fields + f];
        to[f] = stats_median(column, len);
    }
}

static void figures_median(const struct figures *all, size_t len, struct figures *median)
{
    median_of_fields(all, len, sizeof *all / sizeof(double), median);
}

static void floor_median(const struct floor_figures *all, size_t len, struct floor_figures *median)
{
    median_of_fields(all, len, sizeof *all / sizeof(double), median);
}

bool bench_floor(struct bench *b, const struct floor_spec *spec, unsigned times, struct floor_figures *median)
{
    struct floor_figures all[BENCH_PAIRS_MAX];
    for (unsigned i = 0; i < times; i++)
        if (!floor_run(spec, &all[i]))
            return bench_fail(b, "no floor at %u connections", spec->connections);
    floor_median(all, times, median);
    return true;
}

bool rig_measure_pairs(struct rig *rig, const struct load_order *order, unsigned pairs,
                       struct figures *figures, struct floor_figures *floor)
{
    struct figures measured[BENCH_PAIRS_MAX];
    struct floor_figures floors[BENCH_PAIRS_MAX];
    struct floor_spec spec = {.commit = true,
                              .connections = rig->spec.stations,
                              .seconds = rig->bench->seconds,
                              .rate = order->rate,
                              .rows = rig->spec.values.of[order->set],
                              .interval_ms = BENCH_COMMIT_INTERVAL_MS,
                              .folder = rig->bench->folder};
    for (unsigned i = 0; i < pairs; i++) {
        if (!bench_floor(rig->bench, &spec, 1, &floors[i]) ||
            !rig_measure(rig, order, rig->bench->seconds, &measured[i]))
            return false;
    }
    figures_median(measured, pairs, figures);
    floor_median(floors, pairs, floor);
    return true;
}
