// SPDX-License-Identifier: Apache-2.0
/*
 * An event becomes a row unless it is the repeat of one in doubt; a static value becomes a row where it
 * differs from the image; both then move the image. Memory is the image's alone: sequence numbers given here
 * are never taken back.
 */
#include "fep/ingest.h"
#include "fep/ingest_doubt.h"
#include "fep/ingest_points.h"

#include <assert.h>
#include <stdlib.h>

enum { BLOCK_STATIONS = 64 }; /* station images lie side by side, and never move: 4 kB at a time */

/* What the image's narrow fields hold. */
#define TIME_BITS    ((UINT64_C(1) << 48) - 1)
#define QUALITY_BITS 0x03u
static_assert((int)ROW_OCTET_STRING == POINT_OCTET_STRING, "the store's number of the type is ours");

struct ingest {
    struct station_image **blocks; /* by number, BLOCK_STATIONS each; NULL: none of them exists */
    uint32_t blocks_len;
    int64_t next_seq;
    bool doubt_off;
    const struct catalog *catalog;
    struct points_wanted wanted;
    uint32_t wanted_station;            /* recovery: whose points are being gathered; 0: nobody's */
    const struct config_points *config; /* of the fragment at hand; NULL: not configured */
    bool admitted;                      /* the fragment at hand has let its new points in */
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
    for (uint32_t i = 0; in && i < ingest_numbers(in); i++) {
        struct station_image *s = ingest_station(in, i);
        if (!s)
            continue;
        points_free(s);
        doubt_free(s);
        counters_free(&s->counters);
    }
    for (uint32_t i = 0; in && i < in->blocks_len; i++)
        free(in->blocks[i]);
    if (in) {
        free(in->blocks);
        free(in->wanted.keys);
    }
    free(in);
}

int64_t ingest_next_seq(const struct ingest *in)
{
    return in->next_seq;
}

uint64_t ingest_points_moved(const struct ingest *in)
{
    return in->wanted.moved;
}

uint32_t ingest_numbers(const struct ingest *in)
{
    return in->blocks_len * BLOCK_STATIONS;
}

struct station_image *ingest_station(struct ingest *in, uint32_t number)
{
    uint32_t block = number / BLOCK_STATIONS;
    if (block >= in->blocks_len || !in->blocks[block])
        return NULL;
    struct station_image *s = &in->blocks[block][number % BLOCK_STATIONS];
    return s->exists ? s : NULL;
}

static void blocks_grow(struct ingest *in, uint32_t len)
{
    in->blocks = realloc(in->blocks, len * sizeof(struct station_image *));
    assert(in->blocks);
    memset(in->blocks + in->blocks_len, 0, (len - in->blocks_len) * sizeof(struct station_image *));
    in->blocks_len = len;
}

static struct station_image *station_image(struct ingest *in, uint32_t number)
{
    uint32_t block = number / BLOCK_STATIONS;
    if (block >= in->blocks_len)
        blocks_grow(in, block + 1);
    if (!in->blocks[block])
        in->blocks[block] = calloc(BLOCK_STATIONS, sizeof(struct station_image));
    assert(in->blocks[block]);
    struct station_image *s = &in->blocks[block][number % BLOCK_STATIONS];
    s->exists = true;
    return s;
}

const struct config_station *ingest_configured(const struct ingest *in, uint32_t number)
{
    const struct catalog_station *c = in->catalog ? catalog_find(in->catalog, number) : NULL;
    return c ? c->config : NULL;
}

static const struct config_points *configured_points(const struct ingest *in, uint32_t number)
{
    const struct config_station *c = ingest_configured(in, number);
    return c ? c->points : NULL;
}

void ingest_catalog(struct ingest *in, const struct catalog *catalog)
{
    in->catalog = catalog;
    for (size_t i = 0; i < catalog->stations_len; i++)
        station_image(in, catalog->stations[i].number);
    for (uint32_t i = 0; i < ingest_numbers(in); i++) {
        struct station_image *s = ingest_station(in, i);
        if (s && s->points)
            s->points->unconfigured = POINTS_UNCOUNTED;
    }
}

const struct point_image *ingest_points(const struct station_image *s, size_t *len)
{
    *len = s->points ? s->points->len : 0;
    return s->points ? s->points->image : NULL;
}

void *ingest_copy_strings(struct point_image *points, size_t len)
{
    size_t size = 0;
    for (size_t i = 0; i < len; i++)
        if (points[i].type == POINT_OCTET_STRING)
            size += sizeof(struct kept_string) + points[i].string->len;
    uint8_t *all = size ? malloc(size) : NULL, *at = all;
    assert(all || !size);
    for (size_t i = 0; i < len; i++) {
        if (points[i].type != POINT_OCTET_STRING)
            continue;
        size_t octets = sizeof(struct kept_string) + points[i].string->len;
        memcpy(at, points[i].string, octets);
        points[i].string = (void *)at;
        at += octets;
    }
    return all;
}

/* All that the fragment tells of, at once: its new points are let in together. */
static void admit_points(struct ingest *in, struct station_image *s, const struct batch_fragment *f,
                         struct ingest_rows *rows)
{
    for (uint32_t i = 0; i < f->count; i++)
        points_want(&in->wanted, f->measurements[i].type, f->measurements[i].index);
    for (uint32_t i = 0; i < f->strings; i++)
        points_want(&in->wanted, POINT_OCTET_STRING, batch_strings(f)[i].index);
    uint32_t refused = points_admit(s, &in->wanted, in->config, POINTS_UNCONFIGURED_MAX);
    in->admitted = true;
    rows->points_refused += refused;
    if (refused && !s->full) {
        s->full = true;
        rows->full_stations++;
        rows->full_station = f->item.station;
    }
}

/* NULL where the station has too many. */
static struct point_image *point_of(struct ingest *in, struct station_image *s,
                                    const struct batch_fragment *f, const struct measurement *m,
                                    struct ingest_rows *rows)
{
    struct point_image *p = points_find(s, m->type, m->index);
    if (p || in->admitted)
        return p;
    admit_points(in, s, f, rows);
    return points_find(s, m->type, m->index);
}

static void image_apply(struct station_image *s, struct point_image *p, const struct journal_row *row)
{
    if (p->type == POINT_OCTET_STRING) {
        struct kept_string *string = p->string; /* the image is packed: no pointer into it */
        string_replace(&string, row->octets, row->octets_len);
        p->string = string;
    } else {
        p->value = row->value;
    }
    p->time_ms = (uint64_t)row->time_ms < TIME_BITS ? (uint64_t)row->time_ms & TIME_BITS : TIME_BITS;
    p->received_ms = (uint64_t)row->received_ms & TIME_BITS;
    p->seq = row->seq;
    p->flags = row->flags;
    p->time_quality = row->time_quality & QUALITY_BITS;
    s->points->dirty += !p->dirty;
    p->dirty = true;
}

/* What is heard last counts, also after the clock was set back: a time that is still to come would else stay
 * for as long. A session that has heard nothing yet says 0. */
static void heard_at(struct station_image *s, int64_t wall_ms)
{
    if (wall_ms)
        s->last_heard_ms = (uint64_t)wall_ms & TIME_BITS;
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
                                   const struct batch_fragment *f, const struct reported *e,
                                   enum row_origin origin)
{
    struct journal_row *row = row_push(rows);
    const struct measurement *m = e->m;
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
    if (m->type == POINT_OCTET_STRING) {
        row->octets = e->octets; /* in the batch, which is held until the row is durable */
        row->octets_len = e->octets_len;
    }
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

/* Where our clock was set back since the static value was asked for, that time compares with nothing any
 * more: all events would be of the past until the clock is there again. */
static void static_check_clock(struct point_image *p, const struct batch_fragment *f)
{
    if (p && f->received_ms < (int64_t)p->static_requested_ms)
        p->static_requested_ms = 0;
}

static void ingest_event(struct ingest *in, struct station_image *s, const struct batch_fragment *f,
                         const struct reported *e, struct ingest_rows *rows)
{
    const struct measurement *m = e->m;
    struct doubt_row *repeated = in->doubt_off ? NULL : doubt_take(s, e, f);
    if (repeated && time_is_told(m->time_quality)) {
        rows->repeats++;
        return;
    }
    struct point_image *p = point_of(in, s, f, m, rows);
    struct journal_row *row = row_add(in, rows, f, e, f->unsolicited ? ORIGIN_UNSOLICITED : ORIGIN_EVENT);
    if (repeated) {
        row->marks |= MARK_POSSIBLE_REPEAT;
        rows->possible_repeats++;
    }
    static_check_clock(p, f);
    if (is_history(p, m))
        row->marks |= MARK_HIST;
    else if (p)
        image_apply(s, p, row);
    if (!f->confirm_asked)
        row->marks |= MARK_CERTAIN;
    else if (!repeated && !in->doubt_off)
        doubt_add(s, e, row->seq, f);
}

static double deadband(const struct ingest *in, const struct measurement *m)
{
    if (m->type != POINT_ANALOG_INPUT && m->type != POINT_ANALOG_OUTPUT_STATUS)
        return 0;
    const struct config_point *c = in->config ? config_point_find(in->config, m->type, m->index) : NULL;
    return c ? c->static_deadband : 0;
}

static bool static_changed(const struct ingest *in, const struct point_image *p, const struct reported *e)
{
    const struct measurement *m = e->m;
    if (p->flags != m->flags)
        return true;
    if (m->type == POINT_OCTET_STRING)
        return !string_equals(p->string, e->octets, e->octets_len);
    if (!memcmp(&p->value, &m->value, sizeof p->value))
        return false;
    double moved = m->value - p->value;
    /* Written so that a NaN on either side counts as moved. */
    return !((moved < 0 ? -moved : moved) <= deadband(in, m));
}

static void ingest_static(struct ingest *in, struct station_image *s, const struct batch_fragment *f,
                          const struct reported *e, struct ingest_rows *rows)
{
    struct point_image *p = point_of(in, s, f, e->m, rows);
    if (!p)
        return;
    if (!p->seq || static_changed(in, p, e))
        image_apply(s, p, row_add(in, rows, f, e, ORIGIN_STATIC));
    p->received_ms = (uint64_t)f->received_ms & TIME_BITS;
    if (f->requested_ms)
        p->static_requested_ms = (uint64_t)f->requested_ms & TIME_BITS;
}

/* A string has neither flags nor time; as with measurements without flags, it is on line. */
static void ingest_string(struct ingest *in, struct station_image *s, const struct batch_fragment *f,
                          const struct batch_string *string, struct ingest_rows *rows)
{
    const struct measurement m = {.index = string->index,
                                  .type = POINT_OCTET_STRING,
                                  .flags = FLAG_ONLINE,
                                  .time_quality = TIME_NONE,
                                  .event = string->event};
    const struct reported e = {&m, batch_octets(f) + string->offset, string->len};
    (string->event ? ingest_event : ingest_static)(in, s, f, &e, rows);
}

/* The fragment's measurements from `from` up to `to`. */
static void ingest_measurements(struct ingest *in, struct station_image *s, const struct batch_fragment *f,
                                uint32_t from, uint32_t to, struct ingest_rows *rows)
{
    for (uint32_t i = from; i < to; i++) {
        const struct reported e = {&f->measurements[i], NULL, 0};
        (f->measurements[i].event ? ingest_event : ingest_static)(in, s, f, &e, rows);
    }
}

/* In the order of the fragment. */
static void ingest_objects(struct ingest *in, struct station_image *s, const struct batch_fragment *f,
                           struct ingest_rows *rows)
{
    uint32_t done = 0;
    for (uint32_t i = 0; i < f->strings; i++) {
        const struct batch_string *string = &batch_strings(f)[i];
        assert(string->before >= done && string->before <= f->count);
        ingest_measurements(in, s, f, done, string->before, rows);
        done = string->before;
        ingest_string(in, s, f, string, rows);
    }
    ingest_measurements(in, s, f, done, f->count, rows);
}

static void ingest_fragment(struct ingest *in, struct station_image *s, const struct batch_item *item,
                            struct ingest_rows *rows)
{
    const struct batch_fragment *f = (const void *)item;
    size_t first = rows->len;
    in->config = configured_points(in, item->station);
    in->admitted = false;
    ingest_objects(in, s, f, rows);
    if (f->defect != WALK_END || f->unstorable)
        row_hole(in, rows, item->station, HOLE_QUARANTINE, f->received_ms, f->received_ms);
    if (in->admitted)
        points_settle(s);
    doubt_sweep(s, f);
    int64_t oldest = doubt_oldest(s);
    for (size_t i = first; i < rows->len; i++)
        rows->rows[i].doubt = doubt_reach(oldest, rows->rows[i].seq);
    heard_at(s, f->received_ms);
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
    heard_at(s, state->last_heard_ms);
    if (s->online && !state->online) {
        s->offline_since_ms = s->last_heard_ms;
        row_hole(in, rows, item->station, HOLE_COMM_LOST, (int64_t)s->offline_since_ms, 0);
    }
    if (!s->online && state->online && s->offline_since_ms) {
        row_hole(in, rows, item->station, HOLE_COMM_BACK, (int64_t)s->offline_since_ms, state->last_heard_ms);
        s->offline_since_ms = 0;
    }
    s->online = state->online;
    s->connected = state->connected;
    s->disabled = state->disabled;
    s->iin = state->iin;
    s->quirks_used = state->quirks_used;
    counters_pack(&s->counters, &state->counters);
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
    s->last_heard_ms = (uint64_t)state->last_heard_ms & TIME_BITS;
    s->offline_since_ms = (uint64_t)state->offline_since_ms & TIME_BITS;
    s->applied_seq = state->applied_seq;
    if (!doubt_load(s, state->doubt, state->doubt_len))
        doubt_free(s);
}

/* What was held is held again, without a bound: nothing is configured yet. */
static void recover_wanted(struct ingest *in, struct station_image *s)
{
    points_admit(s, &in->wanted, NULL, POINTS_UNCOUNTED - 1);
}

/* A point that the list of points has not announced is let in alone. */
static struct point_image *recover_point(struct ingest *in, struct station_image *s, uint8_t type,
                                         uint32_t index)
{
    struct point_image *p = points_find(s, type, index);
    if (p)
        return p;
    points_want(&in->wanted, type, index);
    recover_wanted(in, s);
    return points_find(s, type, index);
}

void ingest_recover_value(struct ingest *in, const struct stored_value *value)
{
    struct station_image *s = station_image(in, value->station);
    struct point_image *p = recover_point(in, s, value->type, value->index);
    if (!p)
        return;
    struct journal_row row = {.seq = value->seq,
                              .time_ms = value->time_ms,
                              .received_ms = value->received_ms,
                              .flags = value->flags,
                              .time_quality = value->time_quality,
                              .octets_len = value->octets_len};
    if (value->type == POINT_OCTET_STRING)
        row.octets = value->octets;
    else
        row.value = value->value;
    image_apply(s, p, &row);
    p->dirty = false;
    s->points->dirty--;
}

static void recover_points(struct ingest *in)
{
    if (in->wanted_station)
        recover_wanted(in, station_image(in, in->wanted_station));
    in->wanted_station = 0;
}

/* Gathers them station by station: a journal may hold many new points, in any order. */
void ingest_recover_point(struct ingest *in, uint32_t station, uint8_t type, uint32_t index)
{
    if (station != in->wanted_station)
        recover_points(in);
    in->wanted_station = station;
    points_want(&in->wanted, type, index);
}

static void recover_hole(struct station_image *s, const struct journal_row *row)
{
    if (row->index == HOLE_COMM_LOST || row->index == HOLE_COMM_BACK) {
        s->online = row->index == HOLE_COMM_BACK;
        s->offline_since_ms = s->online ? 0 : (uint64_t)row->time_ms & TIME_BITS;
    }
}

static void recover_reported(struct ingest *in, struct station_image *s, const struct journal_row *row)
{
    struct point_image *p = row->marks & MARK_HIST ? NULL : recover_point(in, s, row->type, row->index);
    if (p && row->seq > p->seq)
        image_apply(s, p, row);
    if (row->seq > s->applied_seq)
        heard_at(s, row->received_ms);
}

/* Values may have been written after as_of, so each is replayed by its own sequence; states by applied_seq.
 */
void ingest_recover_row(struct ingest *in, const struct journal_row *row)
{
    recover_points(in);
    struct station_image *s = station_image(in, row->station);
    bool newer = row->seq > s->applied_seq;
    if (row->type == ROW_HOLE) {
        if (newer)
            recover_hole(s, row);
    } else {
        recover_reported(in, s, row);
        if (newer && (row->origin == ORIGIN_UNSOLICITED || row->origin == ORIGIN_EVENT))
            doubt_replay(s, row);
    }
    if (newer) {
        s->applied_seq = row->seq;
        s->dirty = true;
    }
}

void ingest_recovered(struct ingest *in)
{
    for (uint32_t i = 0; i < ingest_numbers(in); i++) {
        struct station_image *s = ingest_station(in, i);
        if (!s)
            continue;
        points_settle(s);
        doubt_settle(s);
    }
}

size_t ingest_doubt_blob(struct station_image *s, uint8_t **blob, size_t *room)
{
    return doubt_save(s, blob, room);
}
