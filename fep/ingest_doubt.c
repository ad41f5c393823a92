// SPDX-License-Identifier: Apache-2.0
/*
 * Work is in proportion to what a fragment holds, but for one pass over the station's rows where it settles
 * some, and one merge where it adds some. While the journal is replayed both wait until many rows share them.
 */
#include "fep/ingest_doubt.h"

#include <assert.h>
#include <stdlib.h>

enum {
    /* Beyond this many, which only a peer reaches that reports ever new points and proves nothing, an event
     * that comes again is stored again. */
    DOUBTS_MAX = 65536,
    TAIL_LOOK = 1024 /* rows without order that a replayed row is looked for among */
};
static_assert(sizeof(struct doubt_row) == 48, "a row in doubt");

/* A relative time may lead beyond the 48 bits of an absolute one: those are compared. */
#define TIME_BITS ((UINT64_C(1) << 48) - 1)

static uint64_t point_key(uint8_t type, uint32_t index)
{
    return (uint64_t)type << 32 | index;
}

static uint64_t row_key(const struct doubt_row *r)
{
    return point_key(r->type, r->index);
}

/* The first row in order whose point is not before the given one. */
static uint32_t run_begin(const struct station_doubts *d, uint64_t key)
{
    uint32_t low = 0, high = d->sorted;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (row_key(&d->rows[mid]) < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static bool same_value(const struct doubt_row *r, double value, const uint8_t *octets, uint8_t len)
{
    return r->type == POINT_OCTET_STRING ? string_equals(r->string, octets, len)
                                         : memcmp(&r->value, &value, sizeof value) == 0;
}

/* An event that comes again without its time may still be the same one: it is stored, with the mark. */
static bool equals(const struct doubt_row *r, const struct reported *e)
{
    const struct measurement *m = e->m;
    return r->flags == m->flags && same_value(r, m->value, e->octets, e->octets_len) &&
           (!time_is_told(m->time_quality) || (r->timed && r->time_ms == (m->time_ms & TIME_BITS)));
}

/* What of the run can't be taken is remembered in its first row, since a fragment may hold many events of a
 * point that has many rows. */
static void pass_over(struct station_doubts *d, uint32_t first, uint32_t rows)
{
    d->rows[first].passed = rows < UINT16_MAX ? rows & UINT16_MAX : UINT16_MAX;
    d->touched = true;
}

struct doubt_row *doubt_take(struct station_image *s, const struct reported *e,
                             const struct batch_fragment *f)
{
    struct station_doubts *d = s->doubts;
    uint64_t key = point_key(e->m->type, e->m->index);
    uint32_t first = d ? run_begin(d, key) : 0;
    if (!d || first == d->sorted || row_key(&d->rows[first]) != key)
        return NULL;
    uint32_t i = first + (uint32_t)d->rows[first].passed;
    for (; i < d->sorted && row_key(&d->rows[i]) == key; i++) {
        struct doubt_row *r = &d->rows[i];
        if (r->settled || r->response == f->response)
            continue;
        if (!equals(r, e)) {
            r->settled = true;
            continue;
        }
        r->ticket = f->ticket;
        r->response = f->response;
        pass_over(d, first, i + 1 - first);
        return r;
    }
    pass_over(d, first, i - first);
    return NULL;
}

/* A place for a row, behind those that are there. */
static struct doubt_row *doubt_append(struct station_image *s)
{
    struct station_doubts *d = s->doubts;
    if (!d || d->len == d->room) {
        uint32_t room = d ? d->room * 2 : 16;
        s->doubts = realloc(d, sizeof *d + room * sizeof d->rows[0]);
        assert(s->doubts);
        if (!d)
            *s->doubts = (struct station_doubts){.oldest = INT64_MAX};
        d = s->doubts;
        d->room = room;
    }
    return &d->rows[d->len++];
}

static void keep_value(struct doubt_row *r, double value, const uint8_t *octets, uint8_t len)
{
    if (r->type == POINT_OCTET_STRING)
        r->string = string_keep(octets, len);
    else
        r->value = value;
}

void doubt_add(struct station_image *s, const struct reported *e, int64_t seq, const struct batch_fragment *f)
{
    const struct measurement *m = e->m;
    if (s->doubts && s->doubts->len >= DOUBTS_MAX)
        return;
    struct doubt_row *r = doubt_append(s);
    bool timed = time_is_told(m->time_quality);
    *r = (struct doubt_row){.time_ms = timed ? m->time_ms & TIME_BITS : 0,
                            .seq = seq,
                            .ticket = f->ticket,
                            .response = f->response,
                            .index = m->index,
                            .type = m->type,
                            .flags = m->flags,
                            .timed = timed};
    keep_value(r, m->value, e->octets, e->octets_len);
    if (seq < s->doubts->oldest)
        s->doubts->oldest = seq;
}

static void row_free(struct doubt_row *r)
{
    if (r->type == POINT_OCTET_STRING)
        free(r->string);
}

void doubt_free(struct station_image *s)
{
    for (uint32_t i = 0; s->doubts && i < s->doubts->len; i++)
        row_free(&s->doubts->rows[i]);
    free(s->doubts);
    s->doubts = NULL;
}

/* Memory goes when the last doubt does: a station at rest owns none. */
static void doubt_keep(struct station_image *s, bool (*keep)(const struct doubt_row *, const void *),
                       const void *with)
{
    struct station_doubts *d = s->doubts;
    uint32_t kept = 0, sorted = 0;
    int64_t oldest = INT64_MAX;
    for (uint32_t i = 0; i < d->len; i++) {
        if (!keep(&d->rows[i], with)) {
            row_free(&d->rows[i]);
            continue;
        }
        sorted += i < d->sorted;
        if (d->rows[i].seq < oldest)
            oldest = d->rows[i].seq;
        d->rows[kept] = d->rows[i];
        d->rows[kept++].passed = 0;
    }
    s->dirty |= kept != d->len;
    d->len = kept;
    d->sorted = sorted;
    d->oldest = oldest;
    d->touched = false;
    if (!kept)
        doubt_free(s);
}

static int by_place(const void *left, const void *right)
{
    const struct doubt_row *a = left, *b = right;
    uint64_t x = row_key(a), y = row_key(b);
    return x != y ? (x > y) - (x < y) : (a->seq > b->seq) - (a->seq < b->seq);
}

static bool in_order(const struct doubt_row *rows, uint32_t len)
{
    for (uint32_t i = 1; i < len; i++)
        if (by_place(&rows[i - 1], &rows[i]) > 0)
            return false;
    return true;
}

/* Those that came since take their places: each row moves at most once. */
static void doubt_merge(struct station_doubts *d)
{
    uint32_t old = d->sorted, fresh = d->len - old, to = d->len;
    struct doubt_row *tail = &d->rows[old];
    if (!fresh)
        return;
    if (!in_order(tail, fresh))
        qsort(tail, fresh, sizeof *tail, by_place);
    d->sorted = d->len;
    if (!old || by_place(&tail[-1], tail) <= 0)
        return;
    struct doubt_row *apart = malloc(fresh * sizeof *apart);
    assert(apart);
    memcpy(apart, tail, fresh * sizeof *apart);
    while (fresh) {
        bool move = old && by_place(&d->rows[old - 1], &apart[fresh - 1]) > 0;
        d->rows[--to] = move ? d->rows[--old] : apart[--fresh];
        d->moved += move;
    }
    free(apart);
}

static bool is_recent(const struct doubt_row *r, const void *with)
{
    return r->seq >= *(const int64_t *)with;
}

void doubt_settle(struct station_image *s)
{
    struct station_doubts *d = s->doubts;
    if (!d)
        return;
    int64_t floor = d->floor;
    d->floor = 0;
    if (floor > d->oldest)
        doubt_keep(s, is_recent, &floor);
    if (s->doubts)
        doubt_merge(s->doubts);
}

static bool is_unproven(const struct doubt_row *r, const void *with)
{
    const uint64_t *proven = with;
    return r->ticket == 0 || (r->ticket != proven[0] && r->ticket != proven[1]);
}

void doubt_prove(struct station_image *s, const uint64_t proven[2])
{
    if (s->doubts)
        doubt_keep(s, is_unproven, proven);
}

static bool is_unsettled(const struct doubt_row *r, const void *with)
{
    const struct batch_fragment *f = with;
    return !r->settled && (f->confirm_asked || r->ticket != f->ticket);
}

void doubt_sweep(struct station_image *s, const struct batch_fragment *f)
{
    if (s->doubts && s->doubts->touched)
        doubt_keep(s, is_unsettled, f);
    if (s->doubts)
        doubt_merge(s->doubts);
}

int64_t doubt_oldest(const struct station_image *s)
{
    return s->doubts ? s->doubts->oldest : INT64_MAX;
}

uint32_t doubt_count(struct station_image *s)
{
    doubt_settle(s);
    return s->doubts ? s->doubts->len : 0;
}

uint32_t doubt_reach(int64_t oldest, int64_t seq)
{
    if (oldest > seq)
        return DOUBT_NONE;
    return seq - oldest < DOUBT_NONE ? (uint32_t)(seq - oldest) : DOUBT_NONE - 1;
}

static bool told_by(const struct doubt_row *r, const struct journal_row *row, int64_t floor)
{
    return r->type == row->type && r->index == row->index && r->seq >= floor && r->flags == row->flags &&
           same_value(r, row->value, row->octets, row->octets_len);
}

/* A marked row is a row in doubt told again: it stands where the first one stood. */
static bool replaces_one(struct station_image *s, const struct journal_row *row)
{
    if (s->doubts && s->doubts->len - s->doubts->sorted > TAIL_LOOK)
        doubt_settle(s);
    const struct station_doubts *d = s->doubts;
    uint64_t key = point_key(row->type, row->index);
    for (uint32_t i = d ? run_begin(d, key) : 0; d && i < d->sorted && row_key(&d->rows[i]) == key; i++)
        if (told_by(&d->rows[i], row, d->floor))
            return true;
    for (uint32_t i = d ? d->sorted : 0; d && i < d->len; i++)
        if (told_by(&d->rows[i], row, d->floor))
            return true;
    return false;
}

/* What is settled meanwhile goes when the room is used up: its memory is used again before more is taken. */
static void replay_room(struct station_image *s)
{
    const struct station_doubts *d = s->doubts;
    if (d && d->len == d->room && d->floor > d->oldest)
        doubt_settle(s);
}

void doubt_replay(struct station_image *s, const struct journal_row *row)
{
    int64_t floor = row->doubt == DOUBT_NONE ? row->seq : row->seq - row->doubt;
    if (s->doubts && floor > s->doubts->floor)
        s->doubts->floor = floor;
    if (row->doubt == DOUBT_NONE || row->marks & MARK_CERTAIN ||
        ((row->marks & MARK_POSSIBLE_REPEAT) && replaces_one(s, row)))
        return;
    replay_room(s);
    bool timed = time_is_told(row->time_quality);
    struct doubt_row *r = doubt_append(s);
    *r = (struct doubt_row){.time_ms = timed ? (uint64_t)row->time_ms & TIME_BITS : 0,
                            .seq = row->seq,
                            .index = row->index,
                            .type = row->type,
                            .flags = row->flags,
                            .timed = timed};
    keep_value(r, row->value, row->octets, row->octets_len);
    if (row->seq < s->doubts->oldest)
        s->doubts->oldest = row->seq;
}
