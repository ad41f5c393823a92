// SPDX-License-Identifier: Apache-2.0
/*
 * READ (outstation.md 7). The object headers of the request are kept; the events that they mean are selected
 * at once, the static data is found again, header by header, for each fragment that is written.
 */
#include <assert.h>

#include "protocol/outstation_parts.h"

enum { HEADER_LEN = 3 };

static uint8_t *kept_at(struct outstation *o)
{
    return o->sol.read_len <= OUTSTATION_READ_KEPT ? o->sol.read : o->tx + o->config->tx_fragment_max;
}

/* A READ that comes again while its response waits for the confirm gets the same events, for either response
 * may be the one that is confirmed (application.md 5.4). */
static bool is_again(struct outstation *o, const struct request *q)
{
    return o->sol.waiting && q->seq == o->sol.seq && q->f.objects_len == o->sol.read_len &&
           memcmp(kept_at(o), q->f.objects, o->sol.read_len) == 0;
}

bool read_keep(struct outstation *o, const struct request *q)
{
    if (!is_again(o, q))
        o->sol.newest = (uint32_t)o->ring.last_id;
    size_t beyond = o->tx_room - o->config->tx_fragment_max;
    if (q->f.objects_len > OUTSTATION_READ_KEPT && q->f.objects_len > beyond)
        return false;
    o->sol.read_len = (uint16_t)q->f.objects_len;
    if (q->f.objects_len)
        memcpy(kept_at(o), q->f.objects, q->f.objects_len);
    return true;
}

static struct object_walk kept_walk(struct outstation *o)
{
    const uint8_t *octets = kept_at(o);
    struct app_fragment f = {
        .function = APP_READ, .octets = octets, .objects = octets, .objects_len = o->sol.read_len};
    return app_objects(&f);
}

static bool is_static(const struct object_header *h)
{
    if (!h->type)
        return false;
    switch ((enum object_kind)h->type->kind) {
    case OBJECT_STATIC:
    case OBJECT_DEADBAND:
    case OBJECT_TIME:
    case OBJECT_IIN:
    case OBJECT_ATTRIBUTE:
    case OBJECT_FILE:
        return true;
    case OBJECT_CLASS:
        return h->variation == 1;
    default:
        return false;
    }
}

/* Selects waiting events of a class (g60v2 to v4) or a group, oldest first, at most as many as the count. */
static uint16_t select_events(struct outstation *o, const struct object_header *h)
{
    struct outstation_ring *ring = &o->ring;
    const struct point_group *g = point_group_find(h->group);
    uint8_t classes = CLASS_EVENTS;
    if (h->type->kind == OBJECT_CLASS)
        classes = (uint8_t)(1 << (h->variation - 1));
    else if (!g || !point_group_has(g, h->variation))
        return IIN_OBJECT_UNKNOWN;
    if (h->ranged || h->prefix_len)
        return IIN_PARAMETER_ERROR;
    uint32_t limit = h->all ? UINT32_MAX : h->count;
    bool chosen = g && h->variation && g->point != POINT_OCTET_STRING; /* a string has the length it has */
    for (uint32_t at = 0; at < ring->span && limit; at++) {
        struct outstation_event *e = ring_at(ring, at);
        bool newer = o->sol.newest - (uint32_t)e->id > UINT32_MAX / 2;
        bool meant =
            e->state == EVENT_WAITING && !newer && (e->class_mask & classes) && (!g || e->m.type == g->point);
        if (!meant)
            continue;
        ring_select(ring, at, chosen ? h->variation : e->variation);
        limit--;
    }
    return 0;
}

static uint16_t read_header(struct outstation *o, const struct object_header *h)
{
    if (!h->type)
        return IIN_OBJECT_UNKNOWN;
    if (is_static(h)) {
        uint16_t errors = 0;
        static_check(o, h, &errors);
        return errors;
    }
    if (h->type->kind == OBJECT_EVENT || h->type->kind == OBJECT_CLASS)
        return select_events(o, h);
    return IIN_OBJECT_UNKNOWN;
}

/* Whether READ has the object at all, whatever its qualifier and range. */
static bool is_known(const struct object_header *h)
{
    if (!h->type || !(h->type->functions & OBJECT_IN_READ))
        return false;
    const struct point_group *g = point_group_find(h->group);
    if (h->type->kind == OBJECT_STATIC || h->type->kind == OBJECT_EVENT)
        return g && point_group_has(g, h->variation);
    return is_static(h) || h->type->kind == OBJECT_CLASS;
}

/* The next header that is answered. Others are flagged, and those behind them are answered nevertheless
 * (application.md 3). */
static enum walk_result next_header(struct object_walk *walk, struct object_header *h, uint16_t *errors)
{
    enum walk_result result = object_walk_next(walk, h);
    while (result != WALK_HEADER && result != WALK_END && object_walk_pass(walk, h)) {
        *errors |= is_known(h) ? IIN_PARAMETER_ERROR : IIN_OBJECT_UNKNOWN;
        result = object_walk_next(walk, h);
    }
    return result;
}

/* The request kept by read_keep(): its response is written by read_write_fragment(). */
void read_begin(struct outstation *o, uint8_t seq)
{
    struct outstation_solicited *sol = &o->sol;
    sol->seq = seq;
    sol->reading = sol->first = true;
    if (sol->deferred)
        sol->newest = (uint32_t)o->ring.last_id;
    sol->deferred = false;
    sol->read_header = 0;
    sol->read_next = 0;
    sol->read_errors = sol->read_len ? 0 : IIN_PARAMETER_ERROR;
    struct object_walk walk = kept_walk(o);
    struct object_header h;
    enum walk_result result;
    while ((result = next_header(&walk, &h, &sol->read_errors)) == WALK_HEADER)
        sol->read_errors |= read_header(o, &h);
    sol->read_errors |= walk_errors(result);
    if (sol->read_errors & WALK_BROKEN) {
        bool cut = sol->read_len - h.offset < HEADER_LEN;
        sol->read_errors = broken_walk_errors(sol->read_errors, cut || is_known(&h));
    }
}

/* No confirm came, or a new request: events are as if never sent, the rest is dropped (outstation.md 3). */
void read_abandon(struct outstation *o)
{
    o->sol.waiting = o->sol.reading = false;
    /* The events written may be those of an unsolicited response that waits. */
    if (!o->unsol.waiting)
        ring_release(o);
}

static bool write_selected(struct outstation *o, struct writer *w, bool *events)
{
    struct outstation_ring *ring = &o->ring;
    struct event_run run = {.o = o, .w = w};
    for (uint32_t at = ring->select_at; at < ring->select_end; at++) {
        struct outstation_event *e = ring_at(ring, at);
        if (e->state != EVENT_SELECTED)
            continue;
        if (!event_run_put(&run, e))
            return false;
        ring_mark_written(ring, e);
        *events = true;
    }
    return true;
}

static bool write_statics(struct outstation *o, struct writer *w, const struct instant *at)
{
    struct object_walk walk = kept_walk(o);
    struct object_header h;
    uint16_t errors = 0; /* told by read_begin() */
    for (uint16_t n = 0; next_header(&walk, &h, &errors) == WALK_HEADER; n++) {
        if (n < o->sol.read_header)
            continue;
        if (is_static(&h) && static_check(o, &h, &errors) && !static_write(o, w, &h, at))
            return false;
        o->sol.read_header++;
        o->sol.read_next = 0;
    }
    return true;
}

/* The next fragment of the response, events before static data, into tx; its confirm is asked for where
 * application.md 5 wants it. */
size_t read_write_fragment(struct outstation *o, const struct instant *at)
{
    struct outstation_solicited *sol = &o->sol;
    assert(sol->reading && !sol->waiting);
    o->echo_next = UINT8_MAX; /* tx is used anew */
    struct writer w = writer_over(o->tx, o->config->tx_fragment_max);
    app_write_response(&w, 0, APP_RESPONSE, 0);
    bool events = false;
    bool last = write_selected(o, &w, &events) && write_statics(o, &w, at);
    assert(!w.failed);
    bool untold = o->ring.overflown && o->ring.used == 0; /* no event is left to tell it with */
    bool con = events || untold || (!last && o->config->confirm_multi_static);
    uint8_t control = (uint8_t)((sol->first ? APP_FIR : 0) | (last ? APP_FIN : 0) | (con ? APP_CON : 0) |
                                broadcast_con(o) | sol->seq);
    size_t len = writer_len(&w);
    w = writer_over(o->tx, APP_RESPONSE_HEADER_LEN);
    app_write_response(&w, control, APP_RESPONSE, outstation_iin(o) | sol->read_errors);
    sol->first = false;
    sol->reading = !last;
    if (!(control & APP_CON))
        sol->seq = (sol->seq + 1) & APP_SEQ;
    return len;
}
