// SPDX-License-Identifier: Apache-2.0
#ifndef HOSTILE_MUTATE_H
#define HOSTILE_MUTATE_H

#include "stimulus.h"

/* Damages what a family made, in its fragment (its CRCs are right again), on the wire, or both. */
void mutate(struct stimulus *s, uint64_t *random);
uint32_t draw(uint64_t *random, uint32_t below);

#endif
