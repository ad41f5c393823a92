// SPDX-License-Identifier: Apache-2.0
/* One direction of a simulated TCP connection: octets in order, in pieces, late. */
#ifndef SIMULATION_NETWORK_H
#define SIMULATION_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chunk {
    struct chunk *next;
    int64_t arrives_ms;
    size_t len;
    uint8_t octets[];
};

struct pipe {
    struct chunk *head, **tail;
    int64_t last_ms; /* nothing arrives before what was sent before it */
};

uint64_t random_next(uint64_t *state);                  /* splitmix64 */
uint64_t random_below(uint64_t *state, uint64_t bound); /* 0..bound-1 */
bool random_chance(uint64_t *state, unsigned percent);

void pipe_init(struct pipe *p);
/* Splits at random places; each piece takes 1..max_delay_ms, in order. */
void pipe_send(struct pipe *p, const uint8_t *octets, size_t len, int64_t now_ms, unsigned max_delay_ms,
               uint64_t *seed);
/* The next piece that has arrived, to be freed by the caller; NULL where none has. */
struct chunk *pipe_take(struct pipe *p, int64_t now_ms);
int64_t pipe_next_ms(const struct pipe *p); /* INT64_MAX where it is empty */
void pipe_drop(struct pipe *p);

#endif
