// SPDX-License-Identifier: Apache-2.0
/*
 * What happens at one station and when: a sequence that depends on the seed, the scenario and the values
 * before, never on how late anybody looks.
 *
 *     generator_init(&g, &plan, points, seed, station)
 *     while (generator_next(&g, now_ms, &e)) ... e happened at e.at_ms ...
 *     due_ms = generator_due_ms(&g)
 *
 * All times are milliseconds since the start of the run.
 */
#ifndef OUTSTATION_SIM_GENERATOR_H
#define OUTSTATION_SIM_GENERATOR_H

#include "outstation-sim/plan.h"
#include "outstation-sim/random.h"

enum { GENERATOR_STORM_PER_MS = 8 };

struct generated {
    int64_t at_ms;
    double value;
    uint32_t point; /* position in the plan */
    uint8_t flags;
    bool timed;
    bool twin; /* equal in all to the one before it */
};

struct generator {
    const struct plan *plan;
    const struct outstation_point *points; /* the outstation's own: their values are the last ones */
    struct random random;
    struct random storms; /* apart, so that storms change nothing else */
    double arrival_ms;    /* of the next event; fractions add up */
    int64_t storm_ms;     /* the next storm that hits this station */
    int64_t burst_ms;     /* the burst under way began */
    uint32_t burst_left;
    uint32_t burst_done;
    uint32_t storm_number;
    bool twin_next;
    struct generated last;
};

void generator_init(struct generator *g, const struct plan *plan, const struct outstation_point *points,
                    uint64_t seed, uint32_t station);
int64_t generator_due_ms(const struct generator *g); /* NEVER_MS where nothing will ever happen */
/* The next one that has happened by now_ms; false where there is none. Its value must be made the point's
 * before the next call. */
bool generator_next(struct generator *g, int64_t now_ms, struct generated *e);
/* So many events at once, from at_ms on. */
void generator_burst(struct generator *g, int64_t at_ms, uint32_t events);

#endif
