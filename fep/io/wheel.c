// SPDX-License-Identifier: Apache-2.0
/*
 * Times are numbers of 11 digits to the base 64. A timer hangs at the level of the highest digit in which it
 * differs from now, in the slot of that digit. So all timers of a level are due before those of any higher
 * one, and the lowest busy slot of the lowest busy level holds the next. When now reaches the beginning of a
 * slot of a higher level, its timers agree with now in that digit and move down.
 */
#include "fep/io/wheel.h"

#include <assert.h>
#include <string.h>

enum { DIGIT_BITS = 6, DIGIT_MASK = WHEEL_SLOTS - 1 };

struct place {
    unsigned level;
    unsigned slot;
};

static struct place wheel_place(const struct wheel *w, int64_t due_ms)
{
    uint64_t differs = (uint64_t)due_ms ^ (uint64_t)w->now_ms;
    unsigned level = differs ? (63u - (unsigned)__builtin_clzll(differs)) / DIGIT_BITS : 0;
    return (struct place){level, (unsigned)((uint64_t)due_ms >> (level * DIGIT_BITS)) & DIGIT_MASK};
}

static void wheel_hang(struct wheel *w, struct wheel_timer *t)
{
    struct place p = wheel_place(w, t->due_ms > w->now_ms ? t->due_ms : w->now_ms);
    struct wheel_timer **head = &w->slots[p.level][p.slot];
    t->next = *head;
    t->back = head;
    if (t->next)
        t->next->back = &t->next;
    *head = t;
    w->busy[p.level] |= UINT64_C(1) << p.slot;
}

void wheel_init(struct wheel *w, int64_t now_ms)
{
    assert(now_ms >= 0);
    memset(w, 0, sizeof(*w));
    w->now_ms = now_ms;
}

void wheel_cancel(struct wheel *w, struct wheel_timer *t)
{
    if (!t->back)
        return;
    *t->back = t->next;
    if (t->next)
        t->next->back = t->back;
    /* Where it was the last of its slot, its link lies in the table of slots: the slot is empty now. */
    uintptr_t at = (uintptr_t)t->back - (uintptr_t)w->slots;
    if (!t->next && at < sizeof(w->slots)) {
        size_t slot = at / sizeof(w->slots[0][0]);
        w->busy[slot / WHEEL_SLOTS] &= ~(UINT64_C(1) << (slot % WHEEL_SLOTS));
    }
    t->next = NULL;
    t->back = NULL;
    w->len--;
}

void wheel_set(struct wheel *w, struct wheel_timer *t, int64_t due_ms)
{
    wheel_cancel(w, t);
    if (due_ms == WHEEL_NEVER_MS)
        return;
    t->due_ms = due_ms;
    wheel_hang(w, t);
    w->len++;
}

/* The beginning of the first busy slot; WHEEL_NEVER_MS where there is none. */
static int64_t wheel_first(const struct wheel *w, struct place *p)
{
    for (p->level = 0; p->level < WHEEL_LEVELS; p->level++) {
        if (!w->busy[p->level])
            continue;
        p->slot = (unsigned)__builtin_ctzll(w->busy[p->level]);
        unsigned shift = p->level * DIGIT_BITS;
        uint64_t above = shift + DIGIT_BITS < 64 ? (uint64_t)w->now_ms >> (shift + DIGIT_BITS) : 0;
        uint64_t start = ((above << DIGIT_BITS) | p->slot) << shift;
        return (int64_t)start > w->now_ms ? (int64_t)start : w->now_ms;
    }
    return WHEEL_NEVER_MS;
}

static void wheel_move_down(struct wheel *w, struct place p)
{
    struct wheel_timer *t = w->slots[p.level][p.slot];
    w->slots[p.level][p.slot] = NULL;
    w->busy[p.level] &= ~(UINT64_C(1) << p.slot);
    while (t) {
        struct wheel_timer *next = t->next;
        wheel_hang(w, t);
        t = next;
    }
}

struct wheel_timer *wheel_take(struct wheel *w, int64_t now_ms)
{
    for (;;) {
        struct place p;
        int64_t start = wheel_first(w, &p);
        if (start > now_ms) {
            if (now_ms > w->now_ms)
                w->now_ms = now_ms;
            return NULL;
        }
        w->now_ms = start;
        if (p.level == 0) {
            struct wheel_timer *t = w->slots[0][p.slot];
            wheel_cancel(w, t);
            return t;
        }
        wheel_move_down(w, p);
    }
}

int64_t wheel_next_ms(const struct wheel *w)
{
    struct place p;
    return wheel_first(w, &p);
}
