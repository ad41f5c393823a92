// SPDX-License-Identifier: Apache-2.0
/*
 * The event buffer (outstation.md 2): one ring in order of time for all classes.
 *
 * An entry waits, is selected by a READ, is written into the fragment under way, and becomes free only after
 * the confirm has been told as news. What is confirmed in the middle leaves a hole; holes at the head are
 * passed at once, the others are closed when the ring has no slot left at its end.
 *
 * An event that stands in a fragment under way is never dropped by an overflow: the master may have it.
 */
#include <assert.h>

#include "protocol/outstation_parts.h"

struct outstation_event *ring_at(const struct outstation_ring *ring, uint32_t offset)
{
    assert(offset < ring->span);
    uint32_t slot = ring->head + offset;
    return &ring->entry[slot < ring->room ? slot : slot - ring->room];
}

static unsigned class_number(uint8_t class_mask)
{
    return class_mask == CLASS_1 ? 0 : class_mask == CLASS_2 ? 1 : 2;
}

static bool is_unwritten(const struct outstation_event *e)
{
    return e->state == EVENT_WAITING || e->state == EVENT_SELECTED;
}

uint8_t ring_waiting_classes(const struct outstation_ring *ring)
{
    return (uint8_t)((ring->waiting[0] ? CLASS_1 : 0) | (ring->waiting[1] ? CLASS_2 : 0) |
                     (ring->waiting[2] ? CLASS_3 : 0));
}

uint32_t ring_waiting(const struct outstation_ring *ring, uint8_t classes)
{
    return (classes & CLASS_1 ? ring->waiting[0] : 0) + (classes & CLASS_2 ? ring->waiting[1] : 0) +
           (classes & CLASS_3 ? ring->waiting[2] : 0);
}

static void offset_after_drop(uint32_t *offset, uint32_t dropped)
{
    if (*offset > dropped)
        *offset -= 1;
}

static void pass_holes(struct outstation_ring *ring)
{
    while (ring->span && ring_at(ring, 0)->state == EVENT_FREE) {
        ring->head = ring->head + 1 < ring->room ? ring->head + 1 : 0;
        ring->span--;
        offset_after_drop(&ring->report_at, 0);
        offset_after_drop(&ring->select_at, 0);
        offset_after_drop(&ring->select_end, 0);
    }
}

static void close_holes(struct outstation_ring *ring)
{
    uint32_t kept = 0;
    uint32_t select_at = ring->select_at, select_end = ring->select_end;
    for (uint32_t i = 0; i < ring->span; i++) {
        if (i == ring->select_at)
            select_at = kept;
        if (i == ring->select_end)
            select_end = kept;
        if (ring_at(ring, i)->state != EVENT_FREE)
            *ring_at(ring, kept++) = *ring_at(ring, i);
    }
    ring->select_at = ring->select_at >= ring->span ? kept : select_at;
    ring->select_end = ring->select_end >= ring->span ? kept : select_end;
    ring->report_at = 0;
    ring->span = kept;
}

/* The entries before the dropped one, those of the fragment under way, move up by one: no hole is left. */
static bool drop_oldest(struct outstation_ring *ring)
{
    uint32_t at = 0;
    while (at < ring->span && !is_unwritten(ring_at(ring, at)))
        at++;
    if (at == ring->span)
        return false;
    ring->lost = *ring_at(ring, at);
    ring->waiting[class_number(ring->lost.class_mask)]--;
    for (uint32_t i = at; i > 0; i--)
        *ring_at(ring, i) = *ring_at(ring, i - 1);
    ring_at(ring, 0)->state = EVENT_FREE;
    ring->used--;
    offset_after_drop(&ring->report_at, at);
    offset_after_drop(&ring->select_at, at);
    offset_after_drop(&ring->select_end, at);
    ring->head = ring->head + 1 < ring->room ? ring->head + 1 : 0;
    ring->span--;
    return true;
}

/* Where an earlier loss is not told yet, the entry stays in its place until it is; a full ring then takes no
 * event at all, and nothing may be replaced. */
static void replace_at(struct outstation_ring *ring, uint32_t at)
{
    struct outstation_event *e = ring_at(ring, at);
    ring->waiting[class_number(e->class_mask)]--;
    e->state = EVENT_REPLACED;
    if (ring->lost.id) {
        ring->to_report++;
        if (at < ring->report_at)
            ring->report_at = at;
        return;
    }
    ring->lost = *e;
    e->state = EVENT_FREE;
    ring->used--;
}

/* More than one waits where the older was in a fragment under way when the newer came. */
void ring_replace(struct outstation_ring *ring, uint32_t point)
{
    if (ring->used == ring->room && ring->lost.id)
        return;
    for (uint32_t at = 0; at < ring->span; at++)
        if (ring_at(ring, at)->point == point && is_unwritten(ring_at(ring, at)))
            replace_at(ring, at);
    pass_holes(ring);
}

static void overflow(struct outstation_ring *ring)
{
    ring->overflown = true;
    ring->overflow_told = false;
}

/* It becomes the loss that is told next, where there is none yet. */
uint64_t ring_add_lost(struct outstation_ring *ring, struct outstation_event *e)
{
    overflow(ring);
    if (ring->lost.id)
        return 0;
    e->state = EVENT_WAITING;
    e->id = ++ring->last_id;
    ring->lost = *e;
    return e->id;
}

/* 0 where nothing can be made: the caller has not drained the news of the last loss. */
uint64_t ring_add(struct outstation *o, struct outstation_event *e)
{
    struct outstation_ring *ring = &o->ring;
    e->m.event = true;
    e->state = EVENT_WAITING;
    e->variation = event_variation(o, e);
    if (ring->used == ring->room) {
        if (ring->lost.id || o->config->drop_newest || !drop_oldest(ring))
            return ring_add_lost(ring, e);
        overflow(ring);
    } else if (ring->span == ring->room) {
        close_holes(ring);
    }
    e->id = ++ring->last_id;
    ring->span++;
    ring->used++;
    ring->waiting[class_number(e->class_mask)]++;
    *ring_at(ring, ring->span - 1) = *e;
    return e->id;
}

void ring_select(struct outstation_ring *ring, uint32_t offset, uint8_t variation)
{
    struct outstation_event *e = ring_at(ring, offset);
    assert(e->state == EVENT_WAITING);
    e->state = EVENT_SELECTED;
    e->variation = variation;
    if (ring->select_at == ring->select_end) {
        ring->select_at = offset;
        ring->select_end = offset + 1;
    }
    if (offset < ring->select_at)
        ring->select_at = offset;
    if (offset >= ring->select_end)
        ring->select_end = offset + 1;
}

void ring_mark_written(struct outstation_ring *ring, struct outstation_event *e)
{
    assert(e->state == EVENT_SELECTED);
    e->state = EVENT_WRITTEN;
    ring->written++;
    ring->waiting[class_number(e->class_mask)]--;
}

void ring_confirm(struct outstation_ring *ring)
{
    uint32_t left = ring->written;
    uint32_t at = ring->select_at;
    for (; left; at++) {
        struct outstation_event *e = ring_at(ring, at);
        if (e->state != EVENT_WRITTEN)
            continue;
        e->state = EVENT_CONFIRMED;
        ring->to_report++;
        left--;
    }
    /* What is told is no longer buffered: the overflow ends (outstation.md 2), but for one that came after
     * the fragment had left, of which the master would never know. */
    if (ring->written || !ring->used)
        ring->overflown = ring->overflown && !ring->overflow_told;
    if (ring->written && ring->select_at < ring->report_at)
        ring->report_at = ring->select_at;
    ring->select_at = at < ring->select_end ? at : ring->select_end;
    ring->written = 0;
}

void ring_release(struct outstation *o)
{
    struct outstation_ring *ring = &o->ring;
    for (uint32_t at = ring->select_at; at < ring->select_end; at++) {
        struct outstation_event *e = ring_at(ring, at);
        if (e->state == EVENT_WRITTEN)
            ring->waiting[class_number(e->class_mask)]++;
        if (e->state == EVENT_WRITTEN || e->state == EVENT_SELECTED) {
            e->state = EVENT_WAITING;
            e->variation = event_variation(o, e);
        }
    }
    ring->written = 0;
    ring->select_at = ring->select_end = 0;
}

void ring_lose_all(struct outstation_ring *ring)
{
    for (uint32_t at = 0; at < ring->span; at++) {
        struct outstation_event *e = ring_at(ring, at);
        if (!is_unwritten(e) && e->state != EVENT_WRITTEN)
            continue;
        e->state = EVENT_LOST;
        ring->to_report++;
    }
    ring->report_at = 0;
    ring->written = 0;
    ring->select_at = ring->select_end = 0;
    memset(ring->waiting, 0, sizeof ring->waiting);
}

static void tell(struct outstation_news *news, const struct outstation_event *e)
{
    news->kind = e->state == EVENT_CONFIRMED ? OUTSTATION_CONFIRMED : OUTSTATION_LOST;
    news->by_restart = e->state == EVENT_LOST;
    news->replaced = e->state == EVENT_REPLACED;
    news->event = *e;
    news->event.state = EVENT_FREE;
}

bool ring_report(struct outstation_ring *ring, struct outstation_news *news)
{
    if (ring->to_report == 0 && ring->lost.id) {
        tell(news, &ring->lost);
        ring->lost.id = 0;
        return true;
    }
    if (ring->to_report == 0)
        return false;
    struct outstation_event *e = ring_at(ring, ring->report_at);
    while (e->state != EVENT_CONFIRMED && e->state != EVENT_LOST && e->state != EVENT_REPLACED)
        e = ring_at(ring, ++ring->report_at);
    tell(news, e);
    e->state = EVENT_FREE;
    ring->to_report--;
    ring->used--;
    ring->report_at++;
    pass_holes(ring);
    if (ring->to_report == 0)
        ring->report_at = ring->span;
    return true;
}

const struct outstation_event *outstation_buffered(const struct outstation *o, size_t i)
{
    const struct outstation_ring *ring = &o->ring;
    for (uint32_t at = 0; at < ring->span; at++) {
        const struct outstation_event *e = ring_at(ring, at);
        bool held = is_unwritten(e) || e->state == EVENT_WRITTEN;
        if (held && i-- == 0)
            return e;
    }
    return NULL;
}
