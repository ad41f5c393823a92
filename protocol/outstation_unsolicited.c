// SPDX-License-Identifier: Apache-2.0
/*
 * Unsolicited responses (outstation.md 4). Idle, or waiting for a confirm:
 *
 * - Idle. A null is due after a restart, else events of an enabled class, when enough of them wait or the
 *   oldest has waited long enough. While `silent` (retries used up), only a new event, an ENABLE or the
 *   off-line interval start again.
 * - Waiting. A timeout repeats: identically, with the same SEQ and octets, built again from the events marked
 *   as written; or regenerated, with the next SEQ and whatever waits now. A repeat that would still show
 *   IIN1.7 after it was cleared is regenerated in any case: it would look like another restart.
 *   A READ that came meanwhile ends the wait at the timeout and is answered then.
 */
#include <assert.h>

#include "protocol/outstation_parts.h"

enum { RETRIES_WITHOUT_END = 0xFFFF };

int64_t unsolicited_due_ms(const struct outstation *o)
{
    const struct outstation_unsolicited *u = &o->unsol;
    const struct outstation_config *c = o->config;
    bool solicited = o->tx_len || o->sol.waiting || o->sol.reading;
    if (!o->connected || !c->unsolicited || u->waiting || solicited)
        return NEVER_MS;
    if (u->null_due)
        return u->hold_from_ms;
    uint32_t waiting = ring_waiting(&o->ring, u->enabled);
    if (waiting == 0)
        return NEVER_MS;
    if (u->silent)
        return u->offline_to_ms;
    return waiting >= c->unsolicited_count ? u->hold_from_ms : u->hold_from_ms + c->unsolicited_hold_ms;
}

static void select_and_write(struct outstation *o, struct event_run *run)
{
    struct outstation_ring *ring = &o->ring;
    o->unsol.classes = 0;
    uint32_t left = ring_waiting(ring, o->unsol.enabled);
    for (uint32_t at = 0; left; at++) {
        struct outstation_event *e = ring_at(ring, at);
        if (e->state != EVENT_WAITING || !(e->class_mask & o->unsol.enabled))
            continue;
        if (!event_run_put(run, e))
            return;
        ring_select(ring, at, e->variation);
        ring_mark_written(ring, e);
        o->unsol.classes |= e->class_mask;
        left--;
    }
}

static void write_again(struct outstation *o, struct event_run *run)
{
    struct outstation_ring *ring = &o->ring;
    uint32_t left = ring->written;
    for (uint32_t at = ring->select_at; left; at++) {
        struct outstation_event *e = ring_at(ring, at);
        if (e->state != EVENT_WRITTEN)
            continue;
        bool fits = event_run_put(run, e);
        assert(fits);
        (void)fits;
        left--;
    }
}

/* The next unsolicited response, new or repeated, into tx; 0 where none is due. */
size_t unsolicited_write_fragment(struct outstation *o, const struct instant *at)
{
    struct outstation_unsolicited *u = &o->unsol;
    if (!u->repeat && unsolicited_due_ms(o) > at->now_ms)
        return 0;
    o->echo_next = UINT8_MAX; /* tx is used anew */
    struct writer w = writer_over(o->tx, o->config->tx_fragment_max);
    app_write_response(&w, 0, APP_UNSOLICITED_RESPONSE, 0);
    struct event_run run = {.o = o, .w = &w};
    if (u->repeat) {
        write_again(o, &run);
    } else {
        u->null = u->null_due;
        if (!u->null)
            select_and_write(o, &run);
        u->iin = outstation_iin(o);
        u->seq = (u->seq + 1) & APP_SEQ;
    }
    uint8_t seq = (uint8_t)(u->seq - 1) & APP_SEQ;
    size_t len = writer_len(&w);
    w = writer_over(o->tx, APP_RESPONSE_HEADER_LEN);
    app_write_response(&w, (uint8_t)(APP_FIR | APP_FIN | APP_CON | APP_UNS | seq), APP_UNSOLICITED_RESPONSE,
                       u->iin);
    u->repeat = false;
    u->waiting = true;
    u->confirm_by_ms = at->now_ms + o->config->unsolicited_confirm_ms;
    return len;
}

/* Its events wait again; a null stays due. */
void unsolicited_abandon(struct outstation *o)
{
    if (!o->unsol.waiting)
        return;
    o->unsol.waiting = o->unsol.repeat = false;
    ring_release(o);
}

static void answer_deferred(struct outstation *o)
{
    if (o->sol.deferred)
        read_begin(o, o->sol.seq);
}

void unsolicited_confirmed(struct outstation *o)
{
    struct outstation_unsolicited *u = &o->unsol;
    u->waiting = u->repeat = u->silent = false;
    u->tries = 0;
    if (u->null)
        u->null_due = false;
    ring_confirm(&o->ring);
    answer_deferred(o);
}

void unsolicited_timeout(struct outstation *o, const struct instant *at)
{
    struct outstation_unsolicited *u = &o->unsol;
    const struct outstation_config *c = o->config;
    if (o->sol.deferred) {
        unsolicited_abandon(o);
        answer_deferred(o);
        return;
    }
    bool disabled = !u->null && (u->classes & ~u->enabled);
    bool used_up =
        !u->null && c->unsolicited_retries != RETRIES_WITHOUT_END && u->tries >= c->unsolicited_retries;
    bool stale = (u->iin & IIN_DEVICE_RESTART) && !(outstation_iin(o) & IIN_DEVICE_RESTART);
    if (!disabled && !used_up && c->repeat == REPEAT_IDENTICAL && !stale) {
        u->repeat = true;
        u->tries++;
        return;
    }
    unsolicited_abandon(o);
    u->tries = disabled || used_up ? 0 : (uint16_t)(u->tries + 1);
    u->silent = used_up;
    u->offline_to_ms = at->now_ms + c->unsolicited_offline_retry_ms;
    u->hold_from_ms = at->now_ms - c->unsolicited_hold_ms; /* these have waited already */
}

/* `first`: none of an enabled class waited before. */
void unsolicited_event_came(struct outstation *o, uint8_t class_mask, bool first, const struct instant *at)
{
    struct outstation_unsolicited *u = &o->unsol;
    if (!(u->enabled & class_mask))
        return;
    if (first)
        u->hold_from_ms = at->now_ms;
    u->silent = false;
}

void unsolicited_enable(struct outstation *o, uint8_t classes, const struct instant *at)
{
    o->unsol.enabled |= classes;
    o->unsol.hold_from_ms = at->now_ms;
    o->unsol.silent = false;
}
