// SPDX-License-Identifier: Apache-2.0
/*
 * The open batch and the two rings (batches sent, confirms held) grow by doubling. A batch keeps what it has
 * grown to: at most twice its octets while it waits for a stalled store. Memory of a few sizes goes round for
 * years; were batches cut to their length, pieces of any size would be left between them. The rings keep
 * their room: they belong to the worker, not to a session.
 */
#include "fep/outbox.h"

#include "fep/note.h"
#include "protocol/strings.h"

#include <assert.h>
#include <stdlib.h>

enum { BATCH_ROOM = 512, RING_ROOM = 64 };

struct outbox_sent {
    uint64_t number;
    size_t octets;
    int64_t opened_ms;
};

struct string_count {
    uint32_t all;
    uint32_t events; /* among them */
};

void outbox_init(struct outbox *o, uint32_t worker, size_t soft_limit)
{
    *o = (struct outbox){.worker = worker, .soft_limit = soft_limit, .next_number = 1};
}

void outbox_free(struct outbox *o)
{
    free(o->open);
    free(o->sent);
    free(o->held);
    *o = (struct outbox){0};
}

/* A ring whose used part is [head, head+len) is laid out anew, in order, in twice the room. */
static void *ring_grow(void *ring, size_t size, size_t *head, size_t len, size_t *room)
{
    size_t new_room = *room ? *room * 2 : RING_ROOM;
    uint8_t *grown = malloc(new_room * size);
    assert(grown);
    for (size_t i = 0; i < len; i++)
        memcpy(grown + i * size, (uint8_t *)ring + (*head + i) % *room * size, size);
    free(ring);
    *head = 0;
    *room = new_room;
    return grown;
}

static void *batch_append(struct outbox *o, enum batch_kind kind, size_t size, uint32_t station,
                          const struct instant *at)
{
    size = (size + 7) & ~(size_t)7;
    struct batch *b = o->open;
    if (!b || b->room - b->len < size) {
        size_t len = b ? b->len : 0, room = b ? b->room : BATCH_ROOM / 2;
        do
            room *= 2;
        while (room - len < size);
        bool fresh = !b;
        b = o->open = realloc(b, sizeof *b + room);
        assert(b);
        if (fresh) {
            o->waiting_octets += sizeof *b;
            *b = (struct batch){.worker = o->worker,
                                .number = o->next_number,
                                .generation = o->generation,
                                .opened_ms = at->now_ms};
        }
        b->room = room;
    }
    struct batch_item *item = (void *)(b->data + b->len);
    memset(item, 0, size);
    *item = (struct batch_item){.kind = kind, .size = (uint32_t)size, .station = station};
    b->len += size;
    o->waiting_octets += size;
    return item;
}

static void hold(struct outbox *o, struct session *session, uint64_t ticket, int64_t read_us, bool asked)
{
    if (o->held_len == o->held_room)
        o->held = ring_grow(o->held, sizeof *o->held, &o->held_head, o->held_len, &o->held_room);
    o->held[(o->held_head + o->held_len++) % o->held_room] =
        (struct held){session, ticket, o->next_number, read_us, asked};
}

/* To the end, also where the room is used up: the defect, if any, is found behind the last measurement. */
static void fill_measurements(struct batch_fragment *f, const struct master_news *news, uint32_t room)
{
    struct measurement_walk walk = measurement_walk_begin(&news->fragment, news->clock_unsynchronised);
    struct measurement m;
    while (measurement_walk_next(&walk, &m))
        if (f->count < room)
            f->measurements[f->count++] = m;
    f->defect = (uint8_t)walk.defect;
    f->defect_offset = (uint32_t)walk.defect_offset;
}

/* Strings become rows, the octets of virtual terminals do not. */
static bool is_stored(const struct object_string *s)
{
    return s->group == 110 || s->group == 111;
}

static struct string_count count_strings(const struct master_news *news)
{
    struct string_count n = {0};
    struct string_walk walk = string_walk_begin(&news->fragment);
    struct object_string s;
    while (news->summary.strings && string_walk_next(&walk, &s)) {
        n.all += is_stored(&s);
        n.events += is_stored(&s) && s.event;
    }
    return n;
}

/* Behind the measurements; each says how many of these it follows, since rows keep the fragment's order
 * (dnp3-reference/master.md 5). */
static void fill_strings(struct batch_fragment *f, const struct master_news *news, uint32_t room)
{
    struct batch_string *into = (void *)&f->measurements[f->count];
    struct measurement_walk others = measurement_walk_begin(&news->fragment, news->clock_unsynchronised);
    struct measurement m;
    bool another = room > 0 && measurement_walk_next(&others, &m);
    uint32_t before = 0;
    struct string_walk walk = string_walk_begin(&news->fragment);
    struct object_string s;
    while (f->strings < room && string_walk_next(&walk, &s)) {
        for (; another && others.header.offset < walk.header.offset; before++)
            another = measurement_walk_next(&others, &m);
        if (is_stored(&s))
            into[f->strings++] = (struct batch_string){.index = s.index,
                                                       .offset = (uint16_t)(s.octets - news->fragment.octets),
                                                       .len = s.len,
                                                       .event = s.event,
                                                       .before = before};
    }
}

bool outbox_may_withhold(const struct master_news *news)
{
    return news->confirm_asked && news->ticket;
}

bool outbox_fragment(struct outbox *o, struct session *session, const struct master_news *news,
                     uint32_t station, uint64_t ticket, uint64_t response, const struct instant *at,
                     int64_t read_us)
{
    if (outbox_may_withhold(news) && !outbox_relieved(o))
        return false;
    uint32_t room = news->summary.events + news->summary.statics;
    struct string_count strings = count_strings(news);
    size_t len = news->fragment.len;
    size_t size = sizeof(struct batch_fragment) + room * sizeof(struct measurement) +
                  strings.all * sizeof(struct batch_string) + len;
    struct batch_fragment *f = batch_append(o, BATCH_FRAGMENT, size, station, at);
    f->ticket = ticket;
    f->response = response;
    f->received_ms = at->wall_ms;
    f->requested_ms = news->unsolicited ? 0 : news->requested_wall_ms;
    f->unsolicited = news->unsolicited;
    f->confirm_asked = news->confirm_asked;
    f->unstorable = news->summary.unstorable > strings.events;
    fill_measurements(f, news, room);
    fill_strings(f, news, strings.all);
    f->octets_len = (uint32_t)len;
    memcpy((uint8_t *)f + (batch_octets(f) - (const uint8_t *)f), news->fragment.octets, len);
    if (news->ticket)
        hold(o, session, news->ticket, read_us, news->confirm_asked);
    return true;
}

void outbox_proof(struct outbox *o, uint32_t station, const uint64_t proven[2], const struct instant *at)
{
    struct batch_proof *p = batch_append(o, BATCH_PROOF, sizeof *p, station, at);
    p->proven[0] = proven[0];
    p->proven[1] = proven[1];
}

void outbox_hole(struct outbox *o, uint32_t station, uint32_t reason, int64_t from_ms, int64_t to_ms,
                 const struct instant *at)
{
    struct batch_hole *h = batch_append(o, BATCH_HOLE, sizeof *h, station, at);
    h->reason = reason;
    h->from_ms = from_ms;
    h->to_ms = to_ms;
}

void outbox_station(struct outbox *o, const struct batch_station *state, const struct instant *at)
{
    struct batch_station *s = batch_append(o, BATCH_STATION, sizeof *s, state->item.station, at);
    struct batch_item item = s->item;
    *s = *state;
    s->item = item;
}

void outbox_audit(struct outbox *o, uint32_t station, const struct audit_record *record,
                  const struct instant *at)
{
    struct batch_audit *a = batch_append(o, BATCH_AUDIT, sizeof *a + note_len(record), station, at);
    a->at_ms = record->at_ms;
    a->command = record->command;
    note_pack(a->texts, record);
}

struct batch *outbox_close(struct outbox *o)
{
    struct batch *b = o->open;
    if (!b)
        return NULL;
    if (o->sent_len == o->sent_room)
        o->sent = ring_grow(o->sent, sizeof *o->sent, &o->sent_head, o->sent_len, &o->sent_room);
    o->sent[(o->sent_head + o->sent_len++) % o->sent_room] =
        (struct outbox_sent){b->number, sizeof *b + b->len, b->opened_ms};
    o->open = NULL;
    o->next_number++;
    return b;
}

void outbox_durable(struct outbox *o, uint64_t number)
{
    assert(number < o->next_number);
    o->durable = number;
    while (o->sent_len && o->sent[o->sent_head].number <= number) {
        o->waiting_octets -= o->sent[o->sent_head].octets;
        o->sent_head = (o->sent_head + 1) % o->sent_room;
        o->sent_len--;
    }
}

bool outbox_next_held(struct outbox *o, struct held *held)
{
    while (o->held_len && o->held[o->held_head].batch <= o->durable) {
        *held = o->held[o->held_head];
        o->held_head = (o->held_head + 1) % o->held_room;
        o->held_len--;
        if (held->session)
            return true;
    }
    return false;
}

void outbox_forget(struct outbox *o, const struct session *session)
{
    for (size_t i = 0; i < o->held_len; i++) {
        struct held *h = &o->held[(o->held_head + i) % o->held_room];
        if (h->session == session)
            h->session = NULL;
    }
}

bool outbox_relieved(const struct outbox *o)
{
    return o->waiting_octets <= o->soft_limit;
}

bool outbox_stalled(const struct outbox *o, int64_t now_ms, int64_t limit_ms)
{
    return o->sent_len && now_ms - o->sent[o->sent_head].opened_ms > limit_ms;
}
