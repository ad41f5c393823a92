// SPDX-License-Identifier: Apache-2.0
#include "simulation/network.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

uint64_t random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

uint64_t random_below(uint64_t *state, uint64_t bound)
{
    return random_next(state) % bound;
}

bool random_chance(uint64_t *state, unsigned percent)
{
    return random_below(state, 100) < percent;
}

void pipe_init(struct pipe *p)
{
    *p = (struct pipe){.tail = &p->head};
}

void pipe_send(struct pipe *p, const uint8_t *octets, size_t len, int64_t now_ms, unsigned max_delay_ms,
               uint64_t *seed)
{
    while (len) {
        size_t piece = random_chance(seed, 70) ? len : 1 + random_below(seed, len);
        struct chunk *c = malloc(sizeof *c + piece);
        assert(c);
        int64_t arrives_ms = now_ms + 1 + (int64_t)random_below(seed, max_delay_ms);
        if (arrives_ms < p->last_ms)
            arrives_ms = p->last_ms;
        *c = (struct chunk){.arrives_ms = arrives_ms, .len = piece};
        memcpy(c->octets, octets, piece);
        p->last_ms = arrives_ms;
        *p->tail = c;
        p->tail = &c->next;
        octets += piece;
        len -= piece;
    }
}

struct chunk *pipe_take(struct pipe *p, int64_t now_ms)
{
    struct chunk *c = p->head;
    if (!c || c->arrives_ms > now_ms)
        return NULL;
    p->head = c->next;
    if (!p->head)
        p->tail = &p->head;
    return c;
}

int64_t pipe_next_ms(const struct pipe *p)
{
    return p->head ? p->head->arrives_ms : INT64_MAX;
}

void pipe_drop(struct pipe *p)
{
    for (struct chunk *c; (c = pipe_take(p, INT64_MAX));)
        free(c);
    p->last_ms = 0;
}
