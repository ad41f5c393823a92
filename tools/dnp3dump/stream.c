// SPDX-License-Identifier: Apache-2.0
/* Sequence numbers are compared by their signed distance, so that they may wrap. */
#include "tools/dnp3dump/stream.h"

#include <stdlib.h>
#include <string.h>

struct stream_segment {
    struct stream_segment *next;
    uint32_t seq;
    size_t len;
    struct stamp at;
    uint8_t octets[];
};

static int32_t distance(uint32_t from, uint32_t to)
{
    return (int32_t)(to - from);
}

static void release_lent(struct stream *s)
{
    free(s->lent);
    s->lent = NULL;
}

static struct stream_segment *unlink_first(struct stream *s)
{
    struct stream_segment *first = s->held;
    s->held = first->next;
    s->held_octets -= first->len;
    s->held_segments--;
    return first;
}

static void forget(struct stream *s)
{
    release_lent(s);
    while (s->held)
        free(unlink_first(s));
    s->pending = (struct stream_chunk){0};
    s->give_up = s->restarted = false;
}

bool stream_syn(struct stream *s, uint32_t seq)
{
    if (s->started && s->next == seq + 1 && !s->held)
        return false;
    forget(s);
    s->started = true;
    s->next = seq + 1;
    return true;
}

/* Whether the two differ where they overlap. */
static bool conflicts(const struct stream_segment *held, uint32_t seq, const uint8_t *octets, size_t len)
{
    int64_t begin = distance(held->seq, seq);
    int64_t from = begin > 0 ? begin : 0;
    int64_t to = begin + (int64_t)len < (int64_t)held->len ? begin + (int64_t)len : (int64_t)held->len;
    return from < to && memcmp(held->octets + from, octets + (from - begin), (size_t)(to - from)) != 0;
}

static void hold(struct stream *s, uint32_t seq, const uint8_t *octets, size_t len, struct stamp at)
{
    struct stream_segment **place = &s->held;
    for (struct stream_segment *h = s->held; h; h = h->next)
        s->conflicts += conflicts(h, seq, octets, len);
    while (*place && distance((*place)->seq, seq) > 0)
        place = &(*place)->next;
    if (*place && (*place)->seq == seq && (*place)->len >= len) {
        s->repeated_octets += len;
        return;
    }
    struct stream_segment *segment = malloc(sizeof *segment + len);
    if (!segment)
        abort();
    *segment = (struct stream_segment){.next = *place, .seq = seq, .len = len, .at = at};
    memcpy(segment->octets, octets, len);
    *place = segment;
    s->held_octets += len;
    s->held_segments++;
}

void stream_add(struct stream *s, uint32_t seq, const uint8_t *octets, size_t len, struct stamp at)
{
    release_lent(s);
    if (len == 0)
        return;
    if (!s->started) {
        s->started = true;
        s->next = seq;
    }
    int32_t early = distance(s->next, seq);
    if (early > STREAM_JUMP_MAX || early < -STREAM_JUMP_MAX) {
        forget(s);
        s->next = seq;
        s->restarted = true;
        early = 0;
    }
    if (early > 0) {
        hold(s, seq, octets, len, at);
        return;
    }
    size_t old = (size_t) - (int64_t)early;
    s->repeated_octets += old < len ? old : len;
    if (old < len)
        s->pending = (struct stream_chunk){false, octets + old, len - old, at};
}

void stream_acknowledged(struct stream *s, uint32_t ack, int64_t now_ns)
{
    if (s->held && distance(s->held->seq, ack) > 0 && now_ns - s->held->at.time_ns > STREAM_PATIENCE_NS)
        s->give_up = true;
}

void stream_finish(struct stream *s)
{
    s->give_up = true;
    release_lent(s);
}

static bool take_held(struct stream *s, struct stream_chunk *chunk)
{
    int32_t old = distance(s->held->seq, s->next);
    s->lent = unlink_first(s);
    size_t cut = old < (int64_t)s->lent->len ? (size_t)old : s->lent->len;
    s->repeated_octets += cut;
    *chunk = (struct stream_chunk){false, s->lent->octets + cut, s->lent->len - cut, s->lent->at};
    s->next += (uint32_t)chunk->len;
    return chunk->len > 0;
}

bool stream_next(struct stream *s, struct stream_chunk *chunk)
{
    release_lent(s);
    if (s->restarted) {
        s->restarted = false;
        *chunk = (struct stream_chunk){.gap = true, .at = s->pending.at};
        return true;
    }
    if (s->pending.octets) {
        *chunk = s->pending;
        s->pending = (struct stream_chunk){0};
        s->next += (uint32_t)chunk->len;
        return true;
    }
    while (s->held && distance(s->next, s->held->seq) <= 0) {
        if (take_held(s, chunk))
            return true;
        release_lent(s);
    }
    bool full = s->held_segments > STREAM_SEGMENTS_MAX || s->held_octets > STREAM_HELD_MAX;
    if (!s->held || !(full || s->give_up))
        return false;
    *chunk = (struct stream_chunk){true, NULL, s->held->seq - s->next, s->held->at};
    s->next = s->held->seq;
    s->give_up = s->give_up && s->held->next;
    return true;
}

void stream_end(struct stream *s)
{
    forget(s);
    s->started = false;
}
