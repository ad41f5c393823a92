// SPDX-License-Identifier: Apache-2.0
/* Confirmed unsolicited responses: as fast as they go, at half the maximum, in full fragments. */
#include "tools/fepbench/scenarios.h"

#include <math.h>

enum {
    FAT_STATIONS = 10,
    FAT_RATE = 2000, /* 200 a second of each */
    HALF_STATIONS = 4096,
    HALF_WINDOWS = 8 /* as long: two passes of checkpoints, and retention behind each */
};

/* The cost of what a response has beyond one value, compared with the floor's, in one round. */
static double further_value(const struct pair *one, const struct pair *more)
{
    return (more->figures.cpu_us - one->figures.cpu_us) / (more->floor.cpu_us - one->floor.cpu_us);
}

/* Of each round a ratio, and of these the median. */
static void put_ratios(struct record *r, const struct pair *rounds, const struct pair *one, size_t len)
{
    double cpu[BENCH_PAIRS_MAX], rate[BENCH_PAIRS_MAX], value[BENCH_PAIRS_MAX];
    for (size_t i = 0; i < len; i++) {
        cpu[i] = rounds[i].figures.cpu_us / rounds[i].floor.cpu_us;
        rate[i] = rounds[i].figures.messages_per_s / rounds[i].floor.messages_per_s;
        value[i] = one == rounds ? NAN : further_value(&one[i], &rounds[i]);
    }
    record_put(r, "cpu_x", stats_median(cpu, len));
    record_put(r, "rate_x", stats_median(rate, len));
    record_put(r, "value_x", stats_median(value, len));
}

static void put_set(const struct rig *rig, unsigned set, const struct pair *rounds, const struct pair *one,
                    double echo_cpu_us)
{
    struct bench *b = rig->bench;
    struct pair median;
    size_t len = bench_rounds(b);
    pairs_median(rounds, len, &median);
    struct record *r = report_add(&b->report, "unsolicited");
    record_put(r, "stations", rig->spec.stations);
    record_put(r, "workers", rig->spec.workers);
    record_put(r, "values", rig->spec.values.of[set]);
    scenario_put_pair(r, &median);
    record_put(r, "echo_cpu_us", echo_cpu_us);
    put_ratios(r, rounds, one, len);
}

/* In each round every number of values once. */
static bool measure_sets(struct rig *rig, double echo_cpu_us)
{
    struct pair rounds[LOAD_SETS_MAX][BENCH_PAIRS_MAX];
    const struct bench_list *values = &rig->spec.values;
    for (unsigned i = 0; i < bench_rounds(rig->bench); i++) {
        for (unsigned set = 0; set < values->len; set++) {
            const struct load_order order = {.sending = true, .set = set};
            bench_say("  %u stations, %u workers, %u values", rig->spec.stations, rig->spec.workers,
                      values->of[set]);
            if (!rig_measure_pair(rig, &order, &rounds[set][i]))
                return false;
        }
    }
    for (unsigned set = 0; set < values->len; set++)
        put_set(rig, set, rounds[set], rounds[0], echo_cpu_us);
    return true;
}

static bool measure_stations(struct bench *b, uint32_t stations, uint32_t workers)
{
    struct rig_spec spec = {.stations = stations, .workers = workers, .values = b->values};
    for (size_t i = 0; i < b->values.len; i++)
        spec.points = b->values.of[i] > spec.points ? b->values.of[i] : spec.points;
    struct rig rig = {.bench = b};
    const struct floor_spec echo_spec = {.connections = stations};
    struct floor_figures echo;
    bool ok = bench_floor(b, &echo_spec, &(struct floor_window){.seconds = b->seconds}, 1, &echo) &&
              rig_start(&rig, b, &spec) && measure_sets(&rig, echo.cpu_us);
    rig_stop(&rig);
    return ok;
}

bool scenario_unsolicited(struct bench *b)
{
    for (size_t w = 0; w < b->workers.len; w++)
        for (size_t s = 0; s < b->stations.len; s++)
            if (!measure_stations(b, b->stations.of[s], b->workers.of[w]))
                return false;
    return true;
}

/* worker_pct and committer_pct tell what limits where the rate is not reached: a thread near 100. */
bool scenario_fat(struct bench *b)
{
    const struct rig_spec spec = {.stations = FAT_STATIONS,
                                  .workers = 1,
                                  .points = FRAMES_FULL,
                                  .values = {.of = {FRAMES_FULL}, .len = 1}};
    const struct load_order order = {.sending = true, .rate = FAT_RATE};
    struct rig rig;
    struct figures figures;
    bool ok = rig_start(&rig, b, &spec) && rig_measure(&rig, &order, b->seconds, &figures);
    rig_stop(&rig);
    if (!ok)
        return false;
    struct record *r = report_add(&b->report, "fat");
    record_put(r, "stations", spec.stations);
    record_put(r, "rate", order.rate);
    scenario_put_figures(r, &figures);
    record_put(r, "octets_s", figures.octets_per_s);
    record_put(r, "cpu_ns_octet", figures.cpu_us * 1e3 * figures.messages_per_s / figures.octets_per_s);
    return true;
}

static bool measure_half(struct rig *rig)
{
    struct bench *b = rig->bench;
    struct figures most, figures;
    struct floor_figures floor;
    struct load_order order = {.sending = true};
    struct scrape before, after;
    if (!rig_measure(rig, &order, b->seconds, &most) || !scrape_get(rig->fepd.port, &before))
        return false;
    order.rate = most.messages_per_s / 2;
    const struct floor_spec spec = rig_floor(rig, order.set);
    const struct floor_window window = {b->seconds * HALF_WINDOWS, order.rate};
    if (!bench_floor(b, &spec, &window, 1, &floor) || !rig_measure(rig, &order, window.seconds, &figures) ||
        !scrape_get(rig->fepd.port, &after))
        return false;
    struct record *r = report_add(&b->report, "half");
    record_put(r, "stations", rig->spec.stations);
    record_put(r, "rate", order.rate);
    scenario_put_figures(r, &figures);
    record_put(r, "deleted_rows", after.deleted - before.deleted);
    scenario_put_floor(r, &floor);
    return true;
}

bool scenario_half(struct bench *b)
{
    uint32_t most = bench_most_stations(b);
    const struct rig_spec spec = {.stations = most < HALF_STATIONS ? most : HALF_STATIONS,
                                  .workers = 1,
                                  .points = 1,
                                  .values = scenario_one_value,
                                  .fep = "  retention_age: 2s\n"};
    struct rig rig;
    bool ok = rig_start(&rig, b, &spec) && measure_half(&rig);
    rig_stop(&rig);
    return ok;
}
