// SPDX-License-Identifier: Apache-2.0
/* Between the files of the floor: the loop that answers (floor.c), the storing thread (floor_store.c) and the
 * process of the stations (floor_load.c). */
#ifndef FEPBENCH_FLOOR_PARTS_H
#define FEPBENCH_FLOOR_PARTS_H

#include "tools/fepbench/floor.h"
#include "tools/fepbench/stats.h"

#include <netinet/in.h>

enum { FLOOR_REQUEST_LEN = 40, FLOOR_ANSWER_LEN = 17, FLOOR_RING = 1 << 16, FLOOR_EVENTS = 512 };

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

struct floor {
    struct floor_spec spec;
    struct floor_ring to_store, to_answer;
    int epoll;
    char database[512];
    uint64_t messages;
    _Atomic uint64_t commits;
    struct histogram delay;
};

void *floor_store(void *floor); /* a thread; runs until the process ends */
void floor_store_remove(const char *database);

/* In the process of the stations: never returns. */
_Noreturn void floor_load(const struct floor_spec *spec, struct sockaddr_in to);

#endif
