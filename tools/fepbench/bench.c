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

unsigned bench_rounds(const struct bench *b)
{
    return bench_pairs(b, b->thorough ? 3 : 1);
}

/* Figures are structs of doubles: each field's median over `len` structs of `fields` doubles. */
static void median_of_fields(const void *all, size_t len, size_t fields, void *median)
{
    const double *values = all;
    double column[BENCH_WINDOWS_MAX], *to = median;
    assert(len <= BENCH_WINDOWS_MAX);
    for (size_t f = 0; f < fields; f++) {
        for (size_t i = 0; i < len; i++)
            column[i] = values[i * fields + f];
        to[f] = stats_median(column, len);
    }
}

static bool floor_once(const struct floor_spec *spec, const struct floor_window *window,
                       struct floor_figures *figures)
{
    struct floor floor;
    bool ok = floor_start(&floor, spec) && floor_measure(&floor, window, figures);
    floor_stop(&floor);
    return ok;
}

bool bench_floor(struct bench *b, const struct floor_spec *spec, const struct floor_window *window,
                 unsigned times, struct floor_figures *median)
{
    struct floor_figures all[BENCH_PAIRS_MAX];
    for (unsigned i = 0; i < times; i++)
        if (!floor_once(spec, window, &all[i]))
            return bench_fail(b, "no floor at %u connections", spec->connections);
    median_of_fields(all, times, sizeof *all / sizeof(double), median);
    return true;
}

struct floor_spec rig_floor(const struct rig *rig, unsigned set)
{
    return (struct floor_spec){.commit = true,
                               .connections = rig->spec.stations,
                               .rows = rig->spec.values.of[set],
                               .interval_ms = BENCH_COMMIT_INTERVAL_MS,
                               .folder = rig->bench->folder};
}

bool rig_measure_pair(struct rig *rig, const struct load_order *order, struct pair *pair)
{
    const struct floor_spec spec = rig_floor(rig, order->set);
    const struct floor_window window = {rig->bench->seconds, order->rate};
    return bench_floor(rig->bench, &spec, &window, 1, &pair->floor) &&
           rig_measure(rig, order, window.seconds, &pair->figures);
}

void pairs_median(const struct pair *pairs, size_t len, struct pair *median)
{
    median_of_fields(pairs, len, sizeof *pairs / sizeof(double), median);
}
