// SPDX-License-Identifier: Apache-2.0
/*
 * Tells the service manager that fepd is alive (sd_watchdog_enabled(3)): only while every thread turns. Main
 * wakes them all, and where each has turned by the next time, says so; one that hangs for as long as the
 * manager allows ends the process, and it is started anew.
 *
 *     watchdog_init(&w, getenv("WATCHDOG_USEC"), getenv("WATCHDOG_PID"), now_ms)
 *     if (watchdog_due(&w, turns, len, now_ms)) send WATCHDOG=1
 */
#ifndef FEP_WATCHDOG_H
#define FEP_WATCHDOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCHDOG_THREADS = 66 };

struct watchdog {
    int64_t every_ms; /* half of what is allowed; 0: nobody asks */
    int64_t due_ms;
    uint64_t seen[WATCHDOG_THREADS];
};

/* The texts may be NULL. `pid`: whom the manager means. */
void watchdog_init(struct watchdog *w, const char *usec, const char *pid, int64_t now_ms);
/* Whether it is time to look. The caller then wakes all threads after watchdog_look(). */
bool watchdog_due(const struct watchdog *w, int64_t now_ms);
/* turns[i]: how often a thread has turned. True where each has since the last look; then all is well. */
bool watchdog_look(struct watchdog *w, const uint64_t *turns, size_t len, int64_t now_ms);

#endif
