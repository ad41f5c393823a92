// SPDX-License-Identifier: Apache-2.0
/* What is measured. Each scenario adds records under its own name; a new one is a function and a row. */
#ifndef FEPBENCH_SCENARIOS_H
#define FEPBENCH_SCENARIOS_H

#include "tools/fepbench/bench.h"

enum scenario_when {
    SCENARIO_QUICK,
    SCENARIO_ALL,
    SCENARIO_NAMED
}; /* in --quick too; in --all; only by name */

struct scenario {
    const char *name;
    enum scenario_when when;
    bool (*run)(struct bench *b); /* false: it could not go on */
    const char *help;
};

const struct scenario *scenarios_all(size_t *len);

/* One value a response: what the goals are about. */
extern const struct bench_list scenario_one_value;
void scenario_put_figures(struct record *r, const struct figures *f);
void scenario_put_floor(struct record *r, const struct floor_figures *f);
void scenario_put_pair(struct record *r, const struct pair *p);

bool scenario_floor(struct bench *b);
bool scenario_unsolicited(struct bench *b);
bool scenario_flat(struct bench *b);
bool scenario_fat(struct bench *b);
bool scenario_half(struct bench *b);
bool scenario_poll(struct bench *b);
bool scenario_connect(struct bench *b);
bool scenario_idle(struct bench *b);
bool scenario_small(struct bench *b);
bool scenario_growth(struct bench *b);
bool scenario_storm(struct bench *b);
bool scenario_consumers(struct bench *b);
bool scenario_simulator(struct bench *b);

#endif
