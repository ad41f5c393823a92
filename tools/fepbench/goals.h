// SPDX-License-Identifier: Apache-2.0
/* What fepd has to reach, each goal a row: where its figure comes from, and its limit. */
#ifndef FEPBENCH_GOALS_H
#define FEPBENCH_GOALS_H

#include "tools/fepbench/report.h"

enum goal_verdict { GOAL_MET, GOAL_MISSED, GOAL_NOT_MEASURED };

struct goal {
    const char *what;
    double limit;
    bool at_least; /* else at most */
    const char *unit;
    /* The worst of its kind in the report; NAN where the run has none. */
    double (*measure)(const struct report *r);
};

const struct goal *goals_all(size_t *len);
enum goal_verdict goals_verdict(const struct goal *goal, double value);
const char *goals_verdict_name(enum goal_verdict verdict);
/* A table: each row met, or by how much not. Returns how many were missed. */
size_t goals_print(const struct report *r, FILE *to);

/* What 100,000 and 1,000,000 stations would take, from the costs in the report; says what is missing. */
void extrapolate_print(const struct report *r, FILE *to);

#endif
