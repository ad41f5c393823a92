// SPDX-License-Identifier: Apache-2.0
/*
 * Timers of a thread, in milliseconds: a hierarchical wheel. Setting and cancelling are O(1); taking out what
 * is due costs what is due (each timer moves down at most a few levels in its life), however many there are.
 *
 *     wheel_set(&w, &t, now_ms + 500)
 *     while ((t = wheel_take(&w, now_ms)))  ... t was due and is no longer set; it may be set again ...
 *     wait_ms = wheel_next_ms(&w) - now_ms
 *
 * Times are monotonic, not negative, and never go back. Timers live in their owner's memory, zeroed before
 * the first use.
 */
#ifndef FEP_IO_WHEEL_H
#define FEP_IO_WHEEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WHEEL_LEVELS = 11, WHEEL_SLOTS = 64 }; /* 64^11 > 2^63: nothing is ever too far away */
#define WHEEL_NEVER_MS INT64_MAX

struct wheel_timer {
    struct wheel_timer *next;
    struct wheel_timer **back; /* what points to this one; NULL while it is not set */
    int64_t due_ms;
};

struct wheel {
    int64_t now_ms;
    size_t len; /* timers that are set */
    uint64_t busy[WHEEL_LEVELS];
    struct wheel_timer *slots[WHEEL_LEVELS][WHEEL_SLOTS];
};

void wheel_init(struct wheel *w, int64_t now_ms);
/* Sets it, also where it was set before. A time that has passed is due at once; WHEEL_NEVER_MS cancels. */
void wheel_set(struct wheel *w, struct wheel_timer *t, int64_t due_ms);
void wheel_cancel(struct wheel *w, struct wheel_timer *t); /* also where it is not set */
/* One that is due, in order of time by the millisecond; NULL where there is none. */
struct wheel_timer *wheel_take(struct wheel *w, int64_t now_ms);
/* When to look again at the latest: never later than the next timer, perhaps earlier (a timer moves down
 * then). WHEEL_NEVER_MS where none is set. */
int64_t wheel_next_ms(const struct wheel *w);

static inline bool wheel_is_set(const struct wheel_timer *t)
{
    return t->back != NULL;
}

#endif
