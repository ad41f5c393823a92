// SPDX-License-Identifier: Apache-2.0
/*
 * One rate over few sessions and over many. Both rigs run all the time, and each round measures all of them
 * and their floors, so that the ratio does not depend on what the machine does from one minute to the next.
 */
#include "tools/fepbench/scenarios.h"

#include <math.h>
#include <stdlib.h>

enum { FLAT_FEW = 200, RIGS = 2, RATES = 2 };
static const double rates[RATES] = {5000, 20000};
/* The rig that is not measured has nothing to do. */
static const char session[] = "link_idle: 0, polls: [{classes: [0, 1, 2, 3], period: 24h}], ";

struct flat {
    struct rig rigs[RIGS]; /* few, many */
    struct pair rounds[RIGS][RATES][BENCH_PAIRS_MAX];
};

static bool measure_round(struct flat *f, unsigned round)
{
    for (size_t rate = 0; rate < RATES; rate++) {
        for (size_t i = 0; i < RIGS; i++) {
            const struct load_order order = {.sending = true, .rate = rates[rate]};
            bench_say("  %u stations, %.0f messages/s", f->rigs[i].spec.stations, order.rate);
            if (!rig_measure_pair(&f->rigs[i], &order, &f->rounds[i][rate][round]))
                return false;
        }
    }
    return true;
}

/* How much dearer a message is with many sessions, compared with how much dearer the floor is. */
static double many_over_few(const struct flat *f, size_t rate, size_t rounds)
{
    double ratios[BENCH_PAIRS_MAX];
    for (size_t i = 0; i < rounds; i++) {
        const struct pair *few = &f->rounds[0][rate][i], *many = &f->rounds[1][rate][i];
        ratios[i] = many->figures.cpu_us / few->figures.cpu_us / (many->floor.cpu_us / few->floor.cpu_us);
    }
    return stats_median(ratios, rounds);
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
    size_t rounds = bench_rounds(b);
    for (unsigned i = 0; i < rounds; i++)
        if (!measure_round(f, i))
            return false;
    put_records(f, b, rounds);
    return true;
}

static bool start(struct rig *rig, struct bench *b, uint32_t stations)
{
    const struct rig_spec spec = {
        .stations = stations, .workers = 1, .points = 1, .values = scenario_one_value, .session = session};
    return rig_start(rig, b, &spec);
}

bool scenario_flat(struct bench *b)
{
    uint32_t many = bench_most_stations(b);
    struct flat *f = calloc(1, sizeof *f);
    if (!f)
        return bench_fail(b, "no memory");
    bool ok = start(&f->rigs[0], b, many < FLAT_FEW ? many : FLAT_FEW) && start(&f->rigs[1], b, many) &&
              measure_flat(f, b);
    rig_stop(&f->rigs[0]);
    rig_stop(&f->rigs[1]);
    free(f);
    return ok;
}
