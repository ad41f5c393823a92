// SPDX-License-Identifier: Apache-2.0
/* Between the files of the floor: who starts it (floor.c), the loop that answers (floor_serve.c), the storing
 * thread (floor_store.c) and the process of the stations (floor_load.c). */
#ifndef FEPBENCH_FLOOR_PARTS_H
#define FEPBENCH_FLOOR_PARTS_H

#include "tools/fepbench/floor.h"
#include "tools/fepbench/stats.h"

#include <netinet/in.h>
#include <stdatomic.h>

enum {
    FLOOR_QUIET = -1,
    FLOOR_REQUEST_LEN = 40,
    FLOOR_ANSWER_LEN = 17,
    FLOOR_RING = 1 << 16,
    FLOOR_EVENTS = 512
};

struct floor_held {
    int fd;
    unsigned requests;
    uint64_t read_ns;
};

/* One writing and one reading thread. Never more held than there are connections, so it can't overflow. */
struct floor_ring {
    _Alignas(64) _Atomic unsigned head; /* the reader's */
    _Alignas(64) _Atomic unsigned tail; /* the writer's */
    struct floor_held held[FLOOR_RING];
    int wake; /* an eventfd */
};

/* Mapped by both processes. The one that answers writes `rate` and then `orders`. */
struct floor_orders {
    double rate; /* as in a window; or FLOOR_QUIET */
    _Atomic uint32_t orders;
};

struct floor_process {
    struct floor_spec spec;
    struct floor_ring to_store, to_answer;
    struct floor_orders *orders;
    int epoll;
    char database[512];
    uint64_t messages;
    _Atomic uint64_t commits;
    struct histogram delay;
};

/* The process that answers: says with an octet on `commands` that all are connected, then takes windows from
 * it until it is closed. */
_Noreturn void floor_serve(const struct floor_spec *spec, int commands);

void *floor_store(void *process); /* a thread; runs until the process ends */
void floor_store_remove(const char *database);

/* The process of the stations: never returns. */
_Noreturn void floor_load(const struct floor_spec *spec, struct sockaddr_in to,
                          const struct floor_orders *orders);

#endif
