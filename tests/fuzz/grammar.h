// SPDX-License-Identifier: Apache-2.0
/*
 * Mutations that know what they change: object headers out of the object table, fragments of them, frames
 * with right CRCs. A target's LLVMFuzzerCustomMutator calls one of grammar_mutate_...; each leaves a share of
 * its work to the plain mutations of octets (LLVMFuzzerMutate), for what no grammar thinks of.
 */
#ifndef FUZZ_GRAMMAR_H
#define FUZZ_GRAMMAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The targets' door to libFuzzer, or to driver.c. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

enum { GRAMMAR_FRAGMENT_MAX = 240 };

struct dice {
    uint64_t state;
};

uint32_t dice_roll(struct dice *d, uint32_t below); /* 0 .. below - 1 */

/* A header of some row of the table and the objects behind it: mostly right, at times with a qualifier, count
 * or length that is not. Returns its octets, at most GRAMMAR_FRAGMENT_MAX. */
size_t grammar_header(struct dice *d, bool response, uint8_t *into, size_t room);
/* A request or a response, of one to three headers. */
size_t grammar_fragment(struct dice *d, bool response, uint8_t *into, size_t room);

/* The input is a fragment. */
size_t grammar_mutate_fragment(uint8_t *data, size_t size, size_t max_size, unsigned seed);
/* The input is octets off a wire: whatever becomes of them, most CRCs are right. */
size_t grammar_mutate_wire(uint8_t *data, size_t size, size_t max_size, unsigned seed);
/* The input is a list of steps: `make` writes one, which is put in anywhere. */
typedef size_t grammar_step(struct dice *d, uint8_t *into, size_t room);
size_t grammar_mutate_steps(uint8_t *data, size_t size, size_t max_size, unsigned seed, grammar_step *make);

#endif
