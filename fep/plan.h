// SPDX-License-Identifier: Apache-2.0
/*
 * What each worker has to change from one catalog to the next: first the stations that go or come back with
 * other settings are removed, everywhere; then the others are kept and the new ones added. Main thread only.
 */
#ifndef FEP_PLAN_H
#define FEP_PLAN_H

#include "fep/worker.h"

/* Where each station lives, by its number. */
struct plan_stations {
    struct station **by_number;
    uint32_t len;
};

struct plan_part {
    struct order remove;
    struct order apply;
};

struct plan {
    struct plan_part *parts; /* one a worker */
    uint32_t workers;
    size_t added, removed, changed, kept;
};

/* `before` NULL: everything is new. */
struct plan *plan_make(const struct catalog *before, const struct catalog *after,
                       const struct plan_stations *stations, uint32_t workers);
/* After all orders are done: remembers where the stations are now. */
void plan_learn(const struct plan *plan, struct plan_stations *stations);
void plan_free(struct plan *plan);

#endif
