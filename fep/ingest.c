// SPDX-License-Identifier: Apache-2.0
/*
 * An event becomes a row unless it is the repeat of one in doubt; a static value becomes a row where it
 * differs from the image; both then move the image. Memory is the image's alone: sequence numbers given here
 * are never taken back.
 */
#include "fep/ingest.h"
#include "fep/ingest_doubt.h"

#include <assert.h>
#include <stdlib.h>

/* A station may report points that its configuration does not name: they are kept too, but not without end.
 * Beyond this many, events are still journalled; only their present value is not held. */
enum { POINTS_MAX = 65536 };

/* What the image's narrow fields hold. */
#define TIME_BITS    ((UINT64_C(1) << 48) - 1)
#define TYPE_BITS    0x1Fu
#define QUALITY_BITS 0x03u
static_assert(POINT_TYPES <= TYPE_BITS + 1, "types");
static_assert(sizeof(struct point_image) == 40, "a point");

struct ingest {
    struct station_image **stations; /* by number */
    uint32_t numbers;
    int64_t next_seq;
    bool doubt_off;
    const struct catalog *catalog;
};

struct ingest *ingest_new(int64_t next_seq, bool doubt_off)
{
    struct ingest *in = calloc(1, sizeof *in);
    assert(in);
    in->next_seq = next_seq;
    in->doubt_off = doubt_off;
    return in;
}

void ingest_free(struct ingest *in)
{
    for (uint32_t i = 0; in && i < in->numbers; i++) {
        if (!in->stations[i])
            continue;
        free(in->stations[i]->points);
        free(in->stations[i]->doubts);
        free(in->stations[i]);
    }
    if (in)
        free(in->stations);
    free(in);
}

int64_t ingest_next_seq(const struct ingest *in)
{
    return in->next_seq;
}

uint32_t ingest_numbers(const struct ingest *in)
{
    return in->numbers;
}

struct station_image *ingest_station(struct ingest *in, uint32_t number)
{
    return number < in->numbers ? in->stations[number] : NULL;
}

static struct station_image *station_image(struct ingest *in, uint32_t number)
{
    if (number >= in->numbers) {
        uint32_t numbers = number + number / 2 + 64;
        in->stations = realloc(in->stations, numbers * sizeof(struct station_image *));
        assert(in->stations);
        memset(in->stations + in->numbers, 0, (numbers - in->numbers) * sizeof(struct station_image *));
        in->numbers = numbers;
    }
    if (!in->stations[number]) {
        in->stations[number] = calloc(1, sizeof(struct station_image));
        assert(in->stations[number]);
        const struct catalog_station *c = in->catalog ? catalog_find(in->catalog, number) : NULL;
        in->stations[number]->config = c ? c->config->points : NULL;
    }
    return in->stations[number];
}

void ingest_catalog(struct ingest *in, const struct catalog *catalog)
{
    in->catalog = catalog;
    for (uint32_t i = 0; i < in->numbers; i++)
        if (in->stations[i])
            in->stations[i]->config = NULL;
    for (size_t i = 0; i < catalog->stations_len; i++)
        station_image(in, catalog->stations[i].number)->config = catalog->stations[i].config->points;
}

static uint64_t image_key(const struct point_image *p)
{
    return (uint64_t)p->type << 32 | p->index;
}

/* Finds a point or makes room for it; NULL where the station has too many. *fresh: it has no value yet. */
static struct point_image *point_image(struct station_image *s, uint8_t type, uint32_t index, bool *fresh)
{
    uint64_t key = (uint64_t)type << 32 | index;
    uint32_t low = 0, high = s->points_len;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (image_key(&s->points[mid]) < key)
            low = mid + 1;
        else
            high = mid;
    }
    *fresh = low == s->points_len || image_key(&s->points[low]) != key;
    if (!*fresh)
        return &s->points[low];
    if (s->points_len == POINTS_MAX || type >= POINT_TYPES)
        return NULL;
    if (s->points_len == s->points_room) {
        s->points_room = s->points_len + s->points_len / 2 + 8;
        s->points = realloc(s->points, s->points_room * sizeof *s->points);
        assert(s->points);
    }
    memmove(&s->points[low + 1], &s->points[low], (s->points_len - low) * sizeof *s->points);
    s->points_len++;
    s->points[low] = (struct point_image){.type = type & TYPE_BITS, .index = index};
    return &s->points[low];
}

/* A station reports all its points at first and then no new ones for years: what was taken in advance goes
 * back. */
static void points_fit(struct station_image *s)
{
    if (s->points_room - s->points_len <= s->points_len / 16)
        return;
    struct point_image *fit = realloc(s->points, s->points_len * sizeof *fit);
    if (!fit)
        return;
    s->points = fit;
    s->points_room = s->points_len;
}

static void image_apply(struct station_image *s, struct point_image *p, const struct journal_row *row)
{
    p->value = row->value;
    p->time_ms = (uint64_t)row->time_ms & TIME_BITS;
    p->received_ms = (uint64_t)row->received_ms & TIME_BITS;
    p->seq = row->seq;
    p->flags = row->flags;
    p->time_quality = row->time_quality & QUALITY_BITS;
    s->dirty_points += !p->dirty;
    p->dirty = true;
}

static struct journal_row *row_push(struct ingest_rows *rows)
{
    if (rows->len == rows->room) {
        rows->room = rows->room ? rows->room * 2 : 256;
        rows->rows = realloc(rows->rows, rows->room * sizeof *rows->rows);
        assert(rows->rows);
    }
    return &rows->rows[rows->len++];
}

static struct journal_row *row_add(struct ingest *in, struct ingest_rows *rows,
                                   const struct batch_fragment *f, const struct measurement *m,
                                   enum row_origin origin)
{
    struct journal_row *row = row_push(rows);
    *row = (struct journal_row){.seq = in->next_seq++,
                                .value = m->value,
                                .time_ms = (int64_t)m->time_ms,
                                .received_ms = f->received_ms,
                                .station = f->item.station,
                                .index = m->index,
                                .type = m->type,
                                .flags = m->flags,
                                .time_quality = m->time_quality,
                                .origin = (uint8_t)origin};
    return row;
}

static void row_hole(struct ingest *in, struct ingest_rows *rows, uint32_t station, enum hole_reason reason,
                     int64_t from_ms, int64_t to_ms)
{
    *row_push(rows) = (struct journal_row){.seq = in->next_seq++,
                                           .time_ms = from_ms,
                                           .received_ms = to_ms,
                                           .station = station,
                                           .index = reason,
                                           .type = ROW_HOLE,
                                           .origin = ORIGIN_FEP};
}

/* An event from before the present static value was asked for tells of the past: the station knew of it when
 * it answered. */
static bool is_history(const struct point_image *p, const struct measurement *m)
{
    return p && p->static_requested_ms && m->time_quality == TIME_SYNCHRONISED &&
           (int64_t)m->time_ms < (int64_t)p->static_requested_ms;
}

static void ingest_event(struct ingest *in, struct station_image *s, const struct batch_fragment *f,
                         const struct measurement *m, struct ingest_rows *rows)
{
    struct doubt_row *repeated = in->doubt_off ? NULL : doubt_take(s, m, f);
    if (repeated && time_is_told(m->time_quality)) {
        rows->repeats++;
        return;
    }
    bool fresh;
    struct point_image *p = point_image(s, m->type, m->index, &fresh);
    struct journal_row *row = row_add(in, rows, f, m, f->unsolicited ? ORIGIN_UNSOLICITED : ORIGIN_EVENT);
    if (repeated) {
        row->marks |= MARK_POSSIBLE_REPEAT;
        rows->possible_repeats++;
    }
    if (is_history(p, m))
        row->marks |= MARK_HIST;
    else if (p)
        image_apply(s, p, row);
    if (!f->confirm_asked)
        row->marks |= MARK_CERTAIN;
    else if (!repeated && !in->doubt_off)
        doubt_add(s, m, row->seq, f);
}

static double deadband(const struct station_image *s, const struct measurement *m)
{
    if (m->type != POINT_ANALOG_INPUT && m->type != POINT_ANALOG_OUTPUT_STATUS)
        return 0;
    const struct config_point *c = s->config ? config_point_find(s->config, m->type, m->index) : NULL;
    return c ? c->static_deadband : 0;
}

static bool static_changed(const struct station_image *s, const struct point_image *p,
                           const struct measurement *m)
{
    if (p->flags != m->flags)
        return true;
    if (!memcmp(&p->value, &m->value, sizeof p->value))
        return false;
    double moved = m->value - p->value;
    /* Written so that a NaN on either side counts as moved. */
    return !((moved < 0 ? -moved : moved) <= deadband(s, m));
}

static void ingest_static(struct ingest *in, struct station_image *s, const struct batch_fragment *f,
                          const struct measurement *m, struct ingest_rows *rows)
{
    bool fresh;
    struct point_image *p = point_image(s, m->type, m->index, &fresh);
    if (!p)
        return;
    if (fresh || static_changed(s, p, m))
        image_apply(s, p, row_add(in, rows, f, m, ORIGIN_STATIC));
    p->received_ms = (uint64_t)f->received_ms & TIME_BITS;
    if (f->requested_ms)
        p->static_requested_ms = (uint64_t)f->requested_ms & TIME_BITS;
}

static void ingest_fragment(struct ingest *in, struct station_image *s, const struct batch_item *item,
                            struct ingest_rows *rows)
{
    const struct batch_fragment *f = (const void *)item;
    size_t first = rows->len;
    for (uint32_t i = 0; i < f->count; i++)
        (f->measurements[i].event ? ingest_event : ingest_static)(in, s, f, &f->measurements[i], rows);
    if (f->defect != WALK_END || f->unstorable)
        row_hole(in, rows, item->station, HOLE_QUARANTINE, f->received_ms, f->received_ms);
    points_fit(s);
    doubt_sweep(s, f);
    int64_t oldest = doubt_oldest(s);
    for (size_t i = first; i < rows->len; i++)
        rows->rows[i].doubt = doubt_reach(oldest, rows->rows[i].seq);
    if (f->received_ms > s->last_heard_ms)
        s->last_heard_ms = f->received_ms;
    s->dirty = true;
}

static void ingest_proof(struct ingest *in, struct station_image *s, const struct batch_item *item,
                         struct ingest_rows *rows)
{
    (void)in;
    (void)rows;
    doubt_prove(s, ((const struct batch_proof *)(const void *)item)->proven);
}

static void ingest_hole(struct ingest *in, struct station_image *s, const struct batch_item *item,
                        struct ingest_rows *rows)
{
    (void)s;
    const struct batch_hole *h = (const void *)item;
    row_hole(in, rows, item->station, (enum hole_reason)h->reason, h->from_ms, h->to_ms);
}

/* Going off line is one record, and coming back closes it; what the points were meanwhile follows from it. */
static void ingest_state(struct ingest *in, struct station_image *s, const struct batch_item *item,
                         struct ingest_rows *rows)
{
    const struct batch_station *state = (const void *)item;
    if (state->last_heard_ms > s->last_heard_ms)
        s->last_heard_ms = state->last_heard_ms;
    if (s->online && !state->online) {
        s->offline_since_ms = s->last_heard_ms;
        row_hole(in, rows, item->station, HOLE_COMM_LOST, s->offline_since_ms, 0);
    }
    if (!s->online && state->online && s->offline_since_ms) {
        row_hole(in, rows, item->station, HOLE_COMM_BACK, s->offline_since_ms, state->last_heard_ms);
        s->offline_since_ms = 0;
    }
    s->online = state->online;
    s->connected = state->connected;
    s->iin = state->iin;
    s->counters = state->counters;
    s->known = !state->removed;
    s->dirty = true;
}

typedef void item_handler(struct ingest *, struct station_image *, const struct batch_item *,
                          struct ingest_rows *);

static item_handler *const handlers[] = {
    [BATCH_FRAGMENT] = ingest_fragment,
    [BATCH_PROOF] = ingest_proof,
    [BATCH_HOLE] = ingest_hole,
    [BATCH_STATION] = ingest_state,
};

void ingest_item(struct ingest *in, const struct batch_item *item, struct ingest_rows *rows)
{
    struct station_image *s = station_image(in, item->station);
    size_t first = rows->len;
    handlers[item->kind](in, s, item, rows);
    if (rows->len != first) {
        s->applied_seq = in->next_seq - 1;
        s->dirty = true;
    }
}

void ingest_forget(struct ingest *in, uint32_t station, uint64_t ticket)
{
    const uint64_t only[2] = {ticket, 0};
    doubt_prove(station_image(in, station), only);
}

void ingest_recover_station(struct ingest *in, const struct stored_station *state)
{
    struct station_image *s = station_image(in, state->station);
    s->online = state->online;
    s->iin = state->iin;
    s->last_heard_ms = state->last_heard_ms;
    s->offline_since_ms = state->offline_since_ms;
    s->applied_seq = state->applied_seq;
    if (!doubt_load(s, state->doubt, state->doubt_len))
        s->doubts_len = 0;
}

void ingest_recover_value(struct ingest *in, const struct stored_value *value)
{
    bool fresh;
    struct point_image *p = point_image(station_image(in, value->station), value->type, value->index, &fresh);
    if (!p)
        return;
    p->value = value->value;
    p->time_ms = (uint64_t)value->time_ms & TIME_BITS;
    p->received_ms = (uint64_t)value->received_ms & TIME_BITS;
    p->seq = value->seq;
    p->flags = value->flags;
    p->time_quality = value->time_quality & QUALITY_BITS;
}

static void recover_hole(struct station_image *s, const struct journal_row *row)
{
    if (row->index == HOLE_COMM_LOST || row->index == HOLE_COMM_BACK) {
        s->online = row->index == HOLE_COMM_BACK;
        s->offline_since_ms = s->online ? 0 : row->time_ms;
    }
}

static void recover_point(struct station_image *s, const struct journal_row *row)
{
    bool fresh;
    struct point_image *p = row->marks & MARK_HIST ? NULL : point_image(s, row->type, row->index, &fresh);
    if (p && row->seq > p->seq)
        image_apply(s, p, row);
    if (row->received_ms > s->last_heard_ms)
        s->last_heard_ms = row->received_ms;
}

/* Values may have been written after as_of, so each is replayed by its own sequence; states by applied_seq.
 */
void ingest_recover_row(struct ingest *in, const struct journal_row *row)
{
    struct station_image *s = station_image(in, row->station);
    bool newer = row->seq > s->applied_seq;
    if (row->type == ROW_HOLE) {
        if (newer)
            recover_hole(s, row);
    } else {
        recover_point(s, row);
        if (newer && (row->origin == ORIGIN_UNSOLICITED || row->origin == ORIGIN_EVENT))
            doubt_replay(s, row);
    }
    if (newer) {
        s->applied_seq = row->seq;
        s->dirty = true;
    }
}

size_t ingest_doubt_blob(const struct station_image *s, uint8_t **blob, size_t *room)
{
    return doubt_save(s, blob, room);
}
