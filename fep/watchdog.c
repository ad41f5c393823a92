// SPDX-License-Identifier: Apache-2.0
#include "fep/watchdog.h"

#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

void watchdog_init(struct watchdog *w, const char *usec, const char *pid, int64_t now_ms)
{
    *w = (struct watchdog){0};
    if (pid && strtoll(pid, NULL, 10) != getpid())
        return;
    int64_t us = usec ? strtoll(usec, NULL, 10) : 0;
    if (us <= 0)
        return;
    w->every_ms = us / 2000 > 0 ? us / 2000 : 1;
    w->due_ms = now_ms; /* the first look only counts */
}

bool watchdog_due(const struct watchdog *w, int64_t now_ms)
{
    return w->every_ms && now_ms >= w->due_ms;
}

bool watchdog_look(struct watchdog *w, const uint64_t *turns, size_t len, int64_t now_ms)
{
    assert(len <= WATCHDOG_THREADS);
    bool all = true;
    for (size_t i = 0; i < len; i++) {
        all &= turns[i] != w->seen[i];
        w->seen[i] = turns[i];
    }
    w->due_ms = now_ms + w->every_ms;
    return all;
}
