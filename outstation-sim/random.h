// SPDX-License-Identifier: Apache-2.0
/*
 * Random numbers that a seed repeats, the same on every machine (SplitMix64). Each station has streams of its
 * own, so that what one does never depends on what others did before it.
 */
#ifndef OUTSTATION_SIM_RANDOM_H
#define OUTSTATION_SIM_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
    uint64_t state;
};

struct random random_stream(uint64_t seed, uint64_t stream);
double random_unit(struct random *r);                    /* 0 <= x < 1 */
uint32_t random_below(struct random *r, uint32_t limit); /* 0..limit-1; limit > 0 */
double random_wait(struct random *r, double mean);       /* exponentially distributed */
bool random_chance(struct random *r, double probability);

#endif
