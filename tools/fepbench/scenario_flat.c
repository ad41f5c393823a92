// SPDX-License-Identifier: Apache-2.0
/*
 * One rate over few sessions and over many. Both rigs and their floors run all the time and are measured by
 * turns, in many windows, so that the ratio does not depend on what the machine does from one minute to
 * the next. Their connections are equally old: TCP acknowledges at once on a young one, which costs.
 */
#include "tools/fepbench/scenarios.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

enum { FLAT_FEW = 200, RIGS = 2, RATES = 2, TURNS = 2 /* a round */ };
static_assert(TURNS * BENCH_PAIRS_MAX <= BENCH_WINDOWS_MAX, "each turn has its place");
static const double rates[RATES] = {5000, 20000};
/* The rig that is not measured has nothing to do. */
static const char session[] = "link_idle: 0, polls: [{classes: [0, 1, 2, 3], period: 24h}], ";

struct flat {
    struct rig rigs[RIGS]; /* few, many */
    struct floor floors[RIGS];
    struct pair rounds[RIGS][RATES][BENCH_WINDOWS_MAX];
};

static bool measure_pair(struct flat *f, size_t i, double rate, struct pair *pair)
{
    struct rig *rig = &f->rigs[i];
    const struct load_order order = {.sending = true, .rate = rate};
    const struct floor_window window = {rig->bench->seconds, rate};
    return (floor_measure(&f->floors[i], &window, &pair->floor) || bench_fail(rig->bench, "no floor")) &&
           rig_measure(rig, &order, window.seconds, &pair->figures);
}

static bool measure_round(struct flat *f, unsigned round)
{
    for (size_t rate = 0; rate < RATES; rate++) {
        for (size_t i = 0; i < RIGS; i++) {
            bench_say("  %u stations, %.0f messages/s", f->rigs[i].spec.stations, rates[rate]);
            if (!measure_pair(f, i, rates[rate], &f->rounds[i][rate][round]))
                return false;
        }
    }
    return true;
}

/* How much dearer a message is with many sessions, compared with how much dearer the floor is. Of all windows
 * together: what fepd does every few seconds falls into one or the other of them. */
static double many_over_few(const struct flat *f, size_t rate, size_t rounds)
{
    double cpu_us[RIGS] = {0}, floor_us[RIGS] = {0};
    for (size_t rig = 0; rig < RIGS; rig++) {
        for (size_t i = 0; i < rounds; i++) {
            cpu_us[rig] += f->rounds[rig][rate][i].figures.cpu_us;
            floor_us[rig] += f->rounds[rig][rate][i].floor.cpu_us;
        }
    }
    return cpu_us[1] / cpu_us[0] / (floor_us[1] / floor_us[0]);
}

static void put_records(const struct flat *f, struct bench *b, size_t rounds)
{
    for (size_t i = 0; i < RIGS; i++) {
        for (size_t rate = 0; rate < RATES; rate++) {
            struct pair median;
            pairs_median(f->rounds[i][rate], rounds, &median);
            struct record *r = report_add(&b->report, "flat");
            record_put(r, "stations", f->rigs[i].spec.stations);
            record_put(r, "rate", rates[rate]);
            scenario_put_pair(r, &median);
            record_put(r, "cpu_ns_octet",
                       median.figures.cpu_us * 1e3 * median.figures.messages_per_s /
                           median.figures.octets_per_s);
            record_put(r, "flat_x", i == 0 ? NAN : many_over_few(f, rate, rounds));
        }
    }
}

static bool measure_flat(struct flat *f, struct bench *b)
{
    size_t rounds = bench_rounds(b) * TURNS;
    for (unsigned i = 0; i < rounds; i++)
        if (!measure_round(f, i))
            return false;
    put_records(f, b, rounds);
    return true;
}

static bool start(struct flat *f, size_t i, struct bench *b, uint32_t stations)
{
    const struct rig_spec spec = {
        .stations = stations, .workers = 1, .points = 1, .values = scenario_one_value, .session = session};
    if (!rig_start(&f->rigs[i], b, &spec))
        return false;
    const struct floor_spec floor = rig_floor(&f->rigs[i], 0);
    return floor_start(&f->floors[i], &floor) || bench_fail(b, "no floor");
}

bool scenario_flat(struct bench *b)
{
    uint32_t many = bench_most_stations(b);
    struct flat *f = calloc(1, sizeof *f);
    if (!f)
        return bench_fail(b, "no memory");
    bool ok = start(f, 0, b, many < FLAT_FEW ? many : FLAT_FEW) && start(f, 1, b, many) && measure_flat(f, b);
    for (size_t i = 0; i < RIGS; i++) {
        floor_stop(&f->floors[i]);
        rig_stop(&f->rigs[i]);
    }
    free(f);
    return ok;
}
