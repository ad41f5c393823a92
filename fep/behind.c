// SPDX-License-Identifier: Apache-2.0
/*
 * A slice goes from station to station and writes what is dirty. Flags are cleared only once the slice is
 * durable; until then nothing changes them, since slices are written between two rounds of ingest.
 */
#include "fep/behind.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void behind_init(struct behind *b, struct ingest *in, uint32_t interval_ms, int64_t as_of)
{
    *b = (struct behind){.ingest = in, .interval_ms = interval_ms, .settled_as_of = as_of};
}

void behind_free(struct behind *b)
{
    free(b->points);
    free(b->blob);
    *b = (struct behind){0};
}

int64_t behind_due_ms(const struct behind *b)
{
    return b->passing ? 0 : b->next_pass_ms;
}

static void remember(struct behind *b, struct point_image *p)
{
    if (b->points_len == b->points_room) {
        b->points_room = b->points_room ? b->points_room * 2 : 256;
        b->points = realloc(b->points, b->points_room * sizeof(struct point_image *));
        assert(b->points);
    }
    b->points[b->points_len++] = p;
}

static enum store_result write_state(struct behind *b, struct store *store, uint32_t number,
                                     const struct station_image *s)
{
    size_t len = ingest_doubt_blob(s, &b->blob, &b->blob_room);
    struct stored_station state = {.station = number,
                                   .online = s->online,
                                   .iin = s->iin,
                                   .last_heard_ms = s->last_heard_ms,
                                   .offline_since_ms = s->offline_since_ms,
                                   .applied_seq = s->applied_seq,
                                   .doubt = b->blob,
                                   .doubt_len = len};
    return store_put_station(store, &state);
}

static enum store_result write_points(struct behind *b, struct store *store, uint32_t number,
                                      struct station_image *s)
{
    for (uint32_t i = 0; i < s->points_len; i++) {
        struct point_image *p = &s->points[i];
        if (!p->dirty)
            continue;
        struct stored_value value = {.value = p->value,
                                     .time_ms = p->time_ms,
                                     .received_ms = p->received_ms,
                                     .seq = p->seq,
                                     .station = number,
                                     .index = p->index,
                                     .type = p->type,
                                     .flags = p->flags,
                                     .time_quality = p->time_quality};
        enum store_result result = store_put_value(store, &value);
        if (result != STORE_OK)
            return result;
        remember(b, p);
    }
    return STORE_OK;
}

static void pass_begin(struct behind *b, int64_t newest)
{
    b->passing = true;
    b->as_of = newest;
    b->station = 0;
}

enum store_result behind_slice(struct behind *b, struct store *store, int64_t newest, uint32_t budget,
                               int64_t now_ms)
{
    if (!b->passing && now_ms < b->next_pass_ms)
        return STORE_OK;
    if (!b->passing)
        pass_begin(b, newest);
    b->slice_from = b->station;
    b->points_len = 0;
    uint32_t written = 0, numbers = ingest_numbers(b->ingest);
    for (; b->station < numbers && b->points_len + written < budget; b->station++) {
        struct station_image *s = ingest_station(b->ingest, b->station);
        if (!s || (!s->dirty && !s->points_dirty))
            continue;
        enum store_result result = write_state(b, store, b->station, s);
        if (result == STORE_OK)
            result = write_points(b, store, b->station, s);
        if (result != STORE_OK)
            return result;
        written++;
    }
    b->slice_last = b->station == numbers;
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
        b->station = b->slice_from;
        return;
    }
    for (size_t i = 0; i < b->points_len; i++)
        b->points[i]->dirty = false;
    for (uint32_t i = b->slice_from; i < b->station; i++) {
        struct station_image *s = ingest_station(b->ingest, i);
        if (s)
            s->dirty = s->points_dirty = false;
    }
    if (b->slice_last) {
        b->passing = false;
        b->settled_as_of = b->as_of;
        b->next_pass_ms = now_ms + b->interval_ms;
    }
    b->points_len = 0;
}
