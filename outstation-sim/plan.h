// SPDX-License-Identifier: Apache-2.0
/*
 * The points of a group's stations, spread out from the scenario's entries: made once, shared by all stations
 * of the group, read only.
 */
#ifndef OUTSTATION_SIM_PLAN_H
#define OUTSTATION_SIM_PLAN_H

#include "outstation-sim/random.h"
#include "outstation-sim/scenario.h"
#include "protocol/outstation.h"

struct plan {
    const struct scenario_group *group;
    const struct scenario_point **points; /* by position; ordered by type, then index */
    uint32_t *indices;                    /* by position */
    uint32_t *eventful;                   /* positions of the points that have a class */
    uint32_t first_station;               /* number of the group's first */
    size_t points_len;
    size_t eventful_len;
};

void plan_init(struct plan *plan, const struct scenario_group *group, uint32_t first_station);
void plan_free(struct plan *plan);

/* Fills points_len points with their settings and first values. */
void plan_make_points(const struct plan *plan, struct random *random, struct outstation_point *points);

#endif
