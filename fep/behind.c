// SPDX-License-Identifier: Apache-2.0
/*
 * A slice goes from station to station and writes what is dirty. Flags are cleared only once the slice is
 * durable; until then nothing changes them, since slices are written between two rounds of ingest.
 */
#include "fep/behind.h"

#include "fep/ingest_points.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    SLICE_POINTS = 256,    /* written with a transaction, at least */
    SLICE_STATIONS = 2000, /* looked at with a transaction, at most */
    PASS_SLICES = 400      /* a pass is done after about so many, however much there is */
};

void behind_init(struct behind *b, struct ingest *in, uint32_t interval_ms, int64_t as_of)
{
    *b = (struct behind){.ingest = in, .interval_ms = interval_ms, .settled_as_of = as_of};
}

void behind_free(struct behind *b)
{
    free(b->written);
    free(b->blob);
    *b = (struct behind){0};
}

int64_t behind_due_ms(const struct behind *b)
{
    return b->passing ? 0 : b->next_pass_ms;
}

static void remember(struct behind *b, struct station_image *s, struct point_image *p)
{
    if (b->written_len == b->written_room) {
        b->written_room = b->written_room ? b->written_room * 2 : 256;
        b->written = realloc(b->written, b->written_room * sizeof *b->written);
        assert(b->written);
    }
    b->written[b->written_len++] = (struct behind_point){s, p};
}

static enum store_result write_state(struct behind *b, struct store *store, uint32_t number,
                                     struct station_image *s)
{
    size_t len = ingest_doubt_blob(s, &b->blob, &b->blob_room);
    struct stored_station state = {.station = number,
                                   .online = s->online,
                                   .iin = s->iin,
                                   .last_heard_ms = (int64_t)s->last_heard_ms,
                                   .offline_since_ms = (int64_t)s->offline_since_ms,
                                   .applied_seq = s->applied_seq,
                                   .doubt = b->blob,
                                   .doubt_len = len};
    return store_put_station(store, &state);
}

static enum store_result write_point(struct behind *b, struct store *store, uint32_t number,
                                     struct station_image *s, struct point_image *p)
{
    struct stored_value value = {.time_ms = p->time_ms,
                                 .received_ms = p->received_ms,
                                 .seq = p->seq,
                                 .station = number,
                                 .index = p->index,
                                 .type = p->type,
                                 .flags = p->flags,
                                 .time_quality = p->time_quality};
    if (p->type == POINT_OCTET_STRING) {
        value.octets = p->string->octets;
        value.octets_len = p->string->len;
    } else {
        value.value = p->value;
    }
    remember(b, s, p);
    return store_put_value(store, &value);
}

/* The station at hand, from the point at hand on, until it is done or the slice is full. */
static enum store_result write_station(struct behind *b, struct store *store, uint32_t budget)
{
    struct station_image *s = ingest_station(b->ingest, b->station);
    enum store_result result = STORE_OK;
    if (s && s->dirty && b->point == 0)
        result = write_state(b, store, b->station, s);
    uint32_t points = s && s->points && s->points->dirty ? s->points->len : 0;
    for (; b->point < points && b->written_len < budget && result == STORE_OK; b->point++)
        if (s->points->image[b->point].dirty)
            result = write_point(b, store, b->station, s, &s->points->image[b->point]);
    if (result == STORE_OK && b->point >= points) {
        b->station++;
        b->point = 0;
    }
    return result;
}

static void pass_begin(struct behind *b, int64_t newest)
{
    uint64_t dirty = 0;
    for (uint32_t i = 0; i < ingest_numbers(b->ingest); i++) {
        const struct station_image *s = ingest_station(b->ingest, i);
        dirty += s && s->points ? s->points->dirty : 0;
    }
    b->budget = (uint32_t)(dirty / PASS_SLICES) + SLICE_POINTS;
    b->passing = true;
    b->as_of = newest;
    b->station = b->point = 0;
}

enum store_result behind_slice(struct behind *b, struct store *store, int64_t newest, bool all,
                               int64_t now_ms)
{
    if (!b->passing && now_ms < b->next_pass_ms)
        return STORE_OK;
    if (!b->passing)
        pass_begin(b, newest);
    b->slice_station = b->station;
    b->slice_point = b->point;
    b->written_len = 0;
    uint32_t numbers = ingest_numbers(b->ingest), budget = all ? UINT32_MAX : b->budget;
    /* States count too, so that a slice is bounded where only they are dirty. */
    while (b->station < numbers && b->written_len < budget &&
           (all || b->station - b->slice_station < SLICE_STATIONS)) {
        enum store_result result = write_station(b, store, budget);
        if (result != STORE_OK)
            return result;
    }
    b->slice_last = b->station >= numbers;
    return b->slice_last && b->as_of > b->settled_as_of ? store_set_as_of(store, b->as_of) : STORE_OK;
}

void behind_begin_again(struct behind *b, int64_t now_ms)
{
    b->passing = false;
    b->next_pass_ms = now_ms;
}

void behind_done(struct behind *b, bool durable, int64_t now_ms)
{
    if (!b->passing)
        return;
    if (!durable) {
        b->station = b->slice_station;
        b->point = b->slice_point;
        return;
    }
    for (size_t i = 0; i < b->written_len; i++) {
        b->written[i].point->dirty = false;
        b->written[i].station->points->dirty--;
    }
    b->written_len = 0;
    /* A state is written when its station begins. */
    for (uint32_t i = b->slice_station + (b->slice_point > 0); i < b->station + (b->point > 0); i++)
        if (ingest_station(b->ingest, i))
            ingest_station(b->ingest, i)->dirty = false;
    if (b->slice_last) {
        b->passing = false;
        b->settled_as_of = b->as_of;
        b->next_pass_ms = now_ms + b->interval_ms;
    }
}
