// SPDX-License-Identifier: Apache-2.0
/* Inside the process of the load: the loop (load_loop.c) and what a station does (load_station.c). */
#ifndef FEPBENCH_LOAD_PARTS_H
#define FEPBENCH_LOAD_PARTS_H

#include "tools/fepbench/load.h"

#include "protocol/link.h"

/* Mapped by both processes. The caller writes `order` and then `orders`; the load writes the rest. */
struct load_shared {
    struct load_order order;
    _Alignas(64) _Atomic uint32_t orders;
    _Alignas(64) _Atomic uint32_t taken; /* of those */
    _Atomic uint64_t counts[LOAD_COUNTS];
    struct histogram answers;
};

struct load_station {
    int fd; /* -1: none */
    bool restarted;
    bool ready;
    bool flooded;                /* at some time: confirms may come that nobody awaits */
    uint8_t round;               /* the next frame of its set */
    uint16_t partial_len;        /* octets of a frame that is not complete */
    uint32_t flood_at;           /* offset in the set's flood */
    const struct frame *awaited; /* sent and not confirmed; NULL: none */
    uint64_t sent_ns;
    uint64_t polled_ns; /* the last event poll */
    uint8_t awaited_seq;
    uint8_t partial[LINK_FRAME_MAX];
};

struct load_process {
    struct load_spec spec;
    struct load_shared *shared;
    struct load_order order; /* the one that is carried out */
    uint32_t orders;         /* its number */
    int epoll;
    int listener;
    uint64_t order_ns;    /* when it came */
    uint64_t paced;       /* messages since then */
    uint32_t next;        /* the station whose turn it is */
    uint64_t repeated_ns; /* when the last look for lost confirms was */
    struct link_errors errors;
    struct frames_answers answers;
    struct frames_unsolicited sets[LOAD_SETS_MAX];
    struct load_station *stations;
};

static inline void load_add(struct load_process *l, enum load_count count, uint64_t n)
{
    uint64_t now = atomic_load_explicit(&l->shared->counts[count], memory_order_relaxed);
    atomic_store_explicit(&l->shared->counts[count], now + n, memory_order_relaxed);
}

static inline bool load_floods(const struct load_process *l, const struct load_station *s)
{
    return l->order.flooding && s == &l->stations[l->spec.stations - 1];
}

static inline bool load_may_send(const struct load_process *l, const struct load_station *s)
{
    return s->ready && !s->awaited && !load_floods(l, s);
}

void load_station_open(struct load_process *l, struct load_station *s, int fd);
void load_station_readable(struct load_process *l, struct load_station *s);
void load_station_send(struct load_process *l, struct load_station *s);
void load_station_repeat(struct load_process *l, struct load_station *s, uint64_t now_ns);
/* Some of what the socket takes, so that the others have their turn; goes on when it is writable, and ends
 * with a whole frame. Needs a connection. */
void load_station_flood(struct load_process *l, struct load_station *s);

_Noreturn void load_loop(struct load_process *l);

#endif
