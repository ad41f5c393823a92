// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/generator.h"
#include "outstation-sim/shape.h"
#include <math.h>

enum { STREAM_EVENTS = 1, STREAM_STORMS = 2 };

static bool makes_events(const struct generator *g)
{
    return g->plan->eventful_len > 0;
}

static void next_arrival(struct generator *g)
{
    double mean_ms = 1000 / g->plan->group->rate;
    bool regular = g->plan->group->arrival == ARRIVAL_REGULAR;
    g->arrival_ms += regular ? mean_ms : random_wait(&g->random, mean_ms);
}

/* Storms come at the same moments at all stations; each decides for itself whether it is hit. */
static void next_storm(struct generator *g)
{
    const struct scenario_storm *storm = &g->plan->group->storm;
    g->storm_ms = NEVER_MS;
    if (!storm->every_ms || !(storm->stations > 0))
        return;
    /* How many pass by: one draw, since a share may be so small that none would ever hit. */
    double missed = floor(log1p(-random_unit(&g->storms)) / log1p(-storm->stations));
    if (g->storm_number + missed + 1 > UINT32_MAX)
        return;
    g->storm_number += 1 + (uint32_t)missed;
    g->storm_ms = (int64_t)g->storm_number * storm->every_ms;
}

void generator_init(struct generator *g, const struct plan *plan, const struct outstation_point *points,
                    uint64_t seed, uint32_t station)
{
    *g = (struct generator){.plan = plan, .points = points};
    g->random = random_stream(seed, (uint64_t)station * 8 + STREAM_EVENTS);
    g->storms = random_stream(seed, (uint64_t)station * 8 + STREAM_STORMS);
    g->arrival_ms = INFINITY;
    if (makes_events(g) && plan->group->rate > 0) {
        /* A phase of its own, or all stations of a regular scenario would speak at once. */
        g->arrival_ms = random_unit(&g->random) * 1000 / plan->group->rate;
        if (plan->group->arrival == ARRIVAL_POISSON)
            g->arrival_ms = random_wait(&g->random, 1000 / plan->group->rate);
    }
    next_storm(g);
}

static int64_t burst_due_ms(const struct generator *g)
{
    return g->burst_left ? g->burst_ms + g->burst_done / GENERATOR_STORM_PER_MS : NEVER_MS;
}

static int64_t arrival_due_ms(const struct generator *g)
{
    return g->arrival_ms < 9e15 ? (int64_t)ceil(g->arrival_ms) : NEVER_MS;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

int64_t generator_due_ms(const struct generator *g)
{
    if (g->twin_next)
        return g->last.at_ms;
    if (!makes_events(g))
        return NEVER_MS;
    return least(least(arrival_due_ms(g), burst_due_ms(g)), g->storm_ms);
}

void generator_burst(struct generator *g, int64_t at_ms, uint32_t events)
{
    if (!g->burst_left) {
        g->burst_ms = at_ms;
        g->burst_done = 0;
    }
    g->burst_left += events;
}

static void begin_storms(struct generator *g, int64_t due_ms)
{
    while (g->storm_ms <= due_ms) {
        generator_burst(g, g->storm_ms, g->plan->group->storm.events);
        next_storm(g);
    }
}

static void make_event(struct generator *g, int64_t at_ms, struct generated *e)
{
    uint32_t position = g->plan->eventful[random_below(&g->random, (uint32_t)g->plan->eventful_len)];
    const struct scenario_point *spec = g->plan->points[position];
    *e = (struct generated){.at_ms = at_ms, .point = position};
    e->value = shape_next(spec, g->points[position].value, g->plan->indices[position], at_ms, &g->random);
    if (random_chance(&g->random, spec->odd_value))
        e->value = shape_odd_value(&g->random);
    e->flags = shape_flags(spec, &g->random);
    e->timed = random_chance(&g->random, g->plan->group->timed);
    g->twin_next = random_chance(&g->random, g->plan->group->twins);
    g->last = *e;
}

bool generator_next(struct generator *g, int64_t now_ms, struct generated *e)
{
    int64_t due_ms = generator_due_ms(g);
    if (due_ms > now_ms)
        return false;
    if (g->twin_next) {
        g->twin_next = false;
        *e = g->last;
        e->twin = true;
        return true;
    }
    begin_storms(g, due_ms);
    if (burst_due_ms(g) <= due_ms) {
        g->burst_left--;
        g->burst_done++;
    } else {
        next_arrival(g);
    }
    make_event(g, due_ms, e);
    return true;
}
