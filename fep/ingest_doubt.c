// SPDX-License-Identifier: Apache-2.0
/* Rows are ordered by type, index, sequence: a point's rows are one run, found by bisection and read in
 * order. */
#include "fep/ingest_doubt.h"

#include <assert.h>
#include <stdlib.h>

/* Beyond this many, which only a peer reaches that reports ever new points and proves nothing, an event that
 * comes again is stored again. */
enum { DOUBTS_MAX = 65536 };

static uint64_t point_key(uint8_t type, uint32_t index)
{
    return (uint64_t)type << 32 | index;
}

static uint64_t row_key(const struct doubt_row *r)
{
    return point_key(r->type, r->index);
}

/* The first row whose point is not before the given one. */
static uint32_t run_begin(const struct station_image *s, uint64_t key)
{
    uint32_t low = 0, high = s->doubts_len;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (row_key(&s->doubts[mid]) < key)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

/* An event that comes again without its time may still be the same one: it is stored, with the mark. */
static bool equals(const struct doubt_row *r, const struct measurement *m)
{
    return !memcmp(&r->value, &m->value, sizeof r->value) && r->flags == m->flags &&
           (!time_is_told(m->time_quality) || (r->timed && r->time_ms == m->time_ms));
}

struct doubt_row *doubt_take(struct station_image *s, const struct measurement *m,
                             const struct batch_fragment *f)
{
    uint64_t key = point_key(m->type, m->index);
    for (uint32_t i = run_begin(s, key); i < s->doubts_len && row_key(&s->doubts[i]) == key; i++) {
        struct doubt_row *r = &s->doubts[i];
        if (r->settled || r->response == f->response)
            continue;
        if (!equals(r, m)) {
            r->settled = true;
            continue;
        }
        r->ticket = f->ticket;
        r->response = f->response;
        return r;
    }
    return NULL;
}

static struct doubt_row *doubt_insert(struct station_image *s, uint64_t key)
{
    if (s->doubts_len == s->doubts_room) {
        s->doubts_room = s->doubts_room ? s->doubts_room * 2 : 16;
        s->doubts = realloc(s->doubts, s->doubts_room * sizeof *s->doubts);
        assert(s->doubts);
    }
    uint32_t at = run_begin(s, key + 1);
    memmove(&s->doubts[at + 1], &s->doubts[at], (s->doubts_len - at) * sizeof *s->doubts);
    s->doubts_len++;
    return &s->doubts[at];
}

void doubt_add(struct station_image *s, const struct measurement *m, int64_t seq,
               const struct batch_fragment *f)
{
    if (s->doubts_len == DOUBTS_MAX)
        return;
    *doubt_insert(s, point_key(m->type, m->index)) =
        (struct doubt_row){.value = m->value,
                           .time_ms = time_is_told(m->time_quality) ? m->time_ms : 0,
                           .seq = seq,
                           .ticket = f->ticket,
                           .response = f->response,
                           .index = m->index,
                           .type = m->type,
                           .flags = m->flags,
                           .timed = time_is_told(m->time_quality)};
}

/* Memory goes when the last doubt does: a station at rest owns none. */
static void doubt_keep(struct station_image *s, bool (*keep)(const struct doubt_row *, const void *),
                       const void *with)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < s->doubts_len; i++)
        if (keep(&s->doubts[i], with))
            s->doubts[kept++] = s->doubts[i];
    if (kept != s->doubts_len)
        s->dirty = true;
    s->doubts_len = kept;
    if (!kept) {
        free(s->doubts);
        s->doubts = NULL;
        s->doubts_room = 0;
    }
}

static bool is_unproven(const struct doubt_row *r, const void *with)
{
    const uint64_t *proven = with;
    return r->ticket == 0 || (r->ticket != proven[0] && r->ticket != proven[1]);
}

void doubt_prove(struct station_image *s, const uint64_t proven[2])
{
    doubt_keep(s, is_unproven, proven);
}

static bool is_unsettled(const struct doubt_row *r, const void *with)
{
    const struct batch_fragment *f = with;
    return !r->settled && (f->confirm_asked || r->ticket != f->ticket);
}

void doubt_sweep(struct station_image *s, const struct batch_fragment *f)
{
    doubt_keep(s, is_unsettled, f);
}

int64_t doubt_oldest(const struct station_image *s)
{
    int64_t oldest = INT64_MAX;
    for (uint32_t i = 0; i < s->doubts_len; i++)
        if (s->doubts[i].seq < oldest)
            oldest = s->doubts[i].seq;
    return oldest;
}

uint32_t doubt_reach(int64_t oldest, int64_t seq)
{
    if (oldest > seq)
        return DOUBT_NONE;
    return seq - oldest < DOUBT_NONE ? (uint32_t)(seq - oldest) : DOUBT_NONE - 1;
}

static bool is_recent(const struct doubt_row *r, const void *with)
{
    return r->seq >= *(const int64_t *)with;
}

/* A marked row is a row in doubt told again: it stands where the first one stood. */
static bool replaces_one(struct station_image *s, const struct journal_row *row)
{
    uint64_t key = point_key(row->type, row->index);
    for (uint32_t i = run_begin(s, key); i < s->doubts_len && row_key(&s->doubts[i]) == key; i++)
        if (!memcmp(&s->doubts[i].value, &row->value, sizeof row->value) && s->doubts[i].flags == row->flags)
            return true;
    return false;
}

void doubt_replay(struct station_image *s, const struct journal_row *row)
{
    int64_t oldest = row->doubt == DOUBT_NONE ? INT64_MAX : row->seq - row->doubt;
    doubt_keep(s, is_recent, &oldest);
    if (row->doubt == DOUBT_NONE || row->marks & MARK_CERTAIN ||
        ((row->marks & MARK_POSSIBLE_REPEAT) && replaces_one(s, row)))
        return;
    bool timed = time_is_told(row->time_quality);
    *doubt_insert(s, point_key(row->type, row->index)) =
        (struct doubt_row){.value = row->value,
                           .time_ms = timed ? (uint64_t)row->time_ms : 0,
                           .seq = row->seq,
                           .index = row->index,
                           .type = row->type,
                           .flags = row->flags,
                           .timed = timed};
}

/*
 * The checkpoint of the rows: one octet of version, then the rows as they lie in memory, for this program on
 * a machine of this kind. A change of struct doubt_row is a new version.
 */
enum { DOUBT_BLOB_VERSION = 1 };

size_t doubt_save(const struct station_image *s, uint8_t **blob, size_t *room)
{
    if (!s->doubts_len)
        return 0;
    size_t len = 1 + s->doubts_len * sizeof *s->doubts;
    if (*room < len) {
        *blob = realloc(*blob, len);
        assert(*blob);
        *room = len;
    }
    (*blob)[0] = DOUBT_BLOB_VERSION;
    memcpy(*blob + 1, s->doubts, len - 1);
    return len;
}

bool doubt_load(struct station_image *s, const void *blob, size_t len)
{
    const uint8_t *octets = blob;
    if (len < 1 || octets[0] != DOUBT_BLOB_VERSION || (len - 1) % sizeof *s->doubts)
        return false;
    uint32_t n = (uint32_t)((len - 1) / sizeof *s->doubts);
    if (!n)
        return true;
    s->doubts = realloc(s->doubts, n * sizeof *s->doubts);
    assert(s->doubts);
    memcpy(s->doubts, octets + 1, len - 1);
    s->doubts_len = s->doubts_room = n;
    for (uint32_t i = 0; i < n; i++)
        s->doubts[i].ticket = s->doubts[i].response = 0;
    return true;
}
