// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/random.h"
#include <math.h>

static const uint64_t GAMMA = 0x9E3779B97F4A7C15u;

static uint64_t random_u64(struct random *r)
{
    uint64_t z = r->state += GAMMA;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

struct random random_stream(uint64_t seed, uint64_t stream)
{
    /* Two rounds apart, or neighbouring streams would be the same sequence shifted by one. */
    struct random r = {seed};
    r.state = random_u64(&r) ^ (stream * 0xD1342543DE82EF95u);
    r.state = random_u64(&r);
    return r;
}

double random_unit(struct random *r)
{
    return (double)(random_u64(r) >> 11) * 0x1p-53;
}

uint32_t random_below(struct random *r, uint32_t limit)
{
    return (uint32_t)(((random_u64(r) >> 32) * limit) >> 32);
}

double random_wait(struct random *r, double mean)
{
    return -log1p(-random_unit(r)) * mean;
}

bool random_chance(struct random *r, double probability)
{
    /* No draw where there is nothing to decide: a fault that is switched off changes no other decision. */
    return probability > 0 && random_unit(r) < probability;
}
