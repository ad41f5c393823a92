// SPDX-License-Identifier: Apache-2.0
/* The outstation's side: it generates events, keeps the ledger, and answers. */
#include "simulation/world_parts.h"

#include <assert.h>
#include <stdlib.h>

enum { MASTER_ADDRESS = 1, FIRST_ADDRESS = 10 };

/* Half of the points are reported without a time. */
static bool point_is_timed(uint32_t point)
{
    return point % 2 == 0;
}

static uint8_t point_type(uint32_t point)
{
    return point < POINTS / 2 ? POINT_BINARY_INPUT : POINT_ANALOG_INPUT;
}

void peer_init(struct world *w, size_t i)
{
    struct peer *p = &w->peers[i];
    for (uint32_t n = 0; n < POINTS; n++)
        p->points[n] = (struct outstation_point){.index = n,
                                                 .type = point_type(n),
                                                 .flags = FLAG_ONLINE,
                                                 .class_mask = (uint8_t)(CLASS_1 << n % 3),
                                                 .in_class_0 = true};
    if (w->options.commands)
        p->points[POINTS] = (struct outstation_point){
            .type = POINT_ANALOG_OUTPUT_STATUS, .flags = FLAG_ONLINE, .in_class_0 = true, .operable = true};
    p->config = outstation_defaults();
    p->config.address = (uint16_t)(FIRST_ADDRESS + i);
    p->config.master_address = MASTER_ADDRESS;
    p->config.unsolicited = i % 3 != 0;
    p->config.repeat = i % 3 == 1 ? REPEAT_IDENTICAL : REPEAT_REGENERATED;
    p->config.solicited_confirm_ms = p->config.unsolicited_confirm_ms = 2000;
    p->config.tx_fragment_max = (uint16_t)(249 + random_below(&w->seed, 300));
    outstation_init(&p->outstation, &p->config, p->points, POINTS + (w->options.commands > 0), p->events,
                    EVENTS_ROOM, p->tx, TX_ROOM);
    pipe_init(&p->up);
    pipe_init(&p->down);
    p->next_event_ms = w->now_ms + 100;
    p->restart_again_ms = INT64_MAX;
}

static void drain(struct peer *p)
{
    struct outstation_news news;
    enum outstation_news_kind kind;
    while ((kind = outstation_next(&p->outstation, &news)) != OUTSTATION_QUIET) {
        if (kind == OUTSTATION_CONTROL && !news.status)
            p->acted[(uint32_t)news.value]++; /* the mark of the command */
        if (kind != OUTSTATION_CONFIRMED && kind != OUTSTATION_LOST)
            continue;
        assert(news.event.id && news.event.id <= p->ledger_len);
        p->ledger[news.event.id - 1].event.state =
            kind == OUTSTATION_CONFIRMED ? GENERATED_CONFIRMED : GENERATED_DROPPED;
    }
}

static void transmit(struct world *w, struct peer *p)
{
    uint8_t wire[WIRE_ROOM];
    struct instant at = world_instant(w);
    drain(p);
    for (size_t n; p->accepted && (n = outstation_write(&p->outstation, wire, sizeof wire, &at));) {
        world_trace(w, p, "outstation", wire, n);
        if (random_chance(&w->seed, 1))
            wire[random_below(&w->seed, n)] ^= 0x10; /* noise: the outstation will have to say it again */
        pipe_send(&p->up, wire, n, w->now_ms, w->max_delay_ms, &w->seed);
    }
    drain(p);
}

void peer_connect(struct world *w, struct peer *p)
{
    struct instant at = world_instant(w);
    if (p->accepted)
        peer_disconnect(w, p);
    pipe_drop(&p->up);
    pipe_drop(&p->down);
    p->at_outstation.len = p->at_fepd.len = 0;
    p->accepted = true;
    outstation_lend(&p->outstation, p->at_outstation.fragment, TX_ROOM);
    outstation_connected(&p->outstation, &at);
    transmit(w, p);
}

void peer_disconnect(struct world *w, struct peer *p)
{
    struct instant at = world_instant(w);
    if (!p->accepted)
        return;
    p->accepted = false;
    outstation_disconnected(&p->outstation, &at);
    drain(p);
}

void peer_receive(struct world *w, struct peer *p)
{
    struct inlet *in = &p->at_outstation;
    for (struct chunk *c; (c = pipe_take(&p->down, w->now_ms)); free(c)) {
        if (!p->accepted)
            continue;
        assert(in->len + c->len <= sizeof in->octets);
        memcpy(in->octets + in->len, c->octets, c->len);
        in->len += c->len;
        struct instant at = world_instant(w);
        struct link_frame frame;
        struct link_errors errors = {0};
        size_t done = 0, used;
        while (link_parse(in->octets + done, in->len - done, &used, &frame, &errors) == LINK_FRAME) {
            done += used;
            outstation_receive(&p->outstation, &frame, &at);
            transmit(w, p);
        }
        done += used;
        memmove(in->octets, in->octets + done, in->len - done);
        in->len -= done;
    }
    /* fepd is gone, or has hung up: the outstation learns it once it has read all that was sent */
    if (p->accepted && !p->connected && pipe_next_ms(&p->down) == INT64_MAX)
        peer_disconnect(w, p);
}

static void generate_one(struct world *w, struct peer *p, uint32_t point, double value, int64_t time_ms)
{
    struct instant at = world_instant(w);
    struct measurement m = {
        .value = value, .index = point, .type = point_type(point), .flags = FLAG_ONLINE, .event = true};
    if (point_is_timed(point)) {
        m.time_ms = (uint64_t)time_ms;
        m.time_quality = TIME_SYNCHRONISED;
    }
    if (p->ledger_len == p->ledger_room) {
        p->ledger_room = p->ledger_room ? p->ledger_room * 2 : 256;
        p->ledger = realloc(p->ledger, p->ledger_room * sizeof *p->ledger);
        assert(p->ledger);
    }
    struct ledger_entry *e = &p->ledger[p->ledger_len++];
    *e = (struct ledger_entry){.event = {.time_ms = (int64_t)m.time_ms,
                                         .flags = m.flags,
                                         .timed = point_is_timed(point),
                                         .state = GENERATED_BUFFERED},
                               .point = point};
    memcpy(&e->event.value_bits, &m.value, sizeof m.value);
    uint64_t id = outstation_update(&p->outstation, &m, UPDATE_FORCE_EVENT, &at);
    assert(id == p->ledger_len);
    drain(p);
    w->report.events++;
}

void peer_generate(struct world *w, struct peer *p)
{
    if (w->now_ms < p->next_event_ms)
        return;
    p->next_event_ms = w->now_ms + 1 + (int64_t)random_below(&w->seed, 400);
    uint64_t burst = random_chance(&w->seed, 3) ? 60 : 1 + random_below(&w->seed, 3);
    for (uint64_t i = 0; i < burst; i++) {
        uint32_t point = (uint32_t)random_below(&w->seed, POINTS);
        double value = point_type(point) == POINT_BINARY_INPUT ? (double)random_below(&w->seed, 2)
                                                               : (double)random_below(&w->seed, 5);
        uint64_t times = random_chance(&w->seed, 10) ? 2 : 1; /* twins */
        for (uint64_t t = 0; t < times; t++)
            generate_one(w, p, point, value, world_instant(w).wall_ms - (int64_t)(burst - i));
    }
    transmit(w, p);
}

void peer_tick(struct world *w, struct peer *p)
{
    struct instant at = world_instant(w);
    if (w->now_ms >= p->restart_again_ms) {
        p->restart_again_ms = INT64_MAX;
        peer_restart(w, p);
    }
    if (outstation_deadline_ms(&p->outstation) > w->now_ms)
        return;
    outstation_tick(&p->outstation, &at);
    transmit(w, p);
}

void peer_restart(struct world *w, struct peer *p)
{
    struct instant at = world_instant(w);
    outstation_restart(&p->outstation, random_chance(&w->seed, 50), &at);
    transmit(w, p);
}

int64_t peer_deadline_ms(const struct world *w, const struct peer *p)
{
    (void)w;
    int64_t due = p->next_event_ms;
    int64_t other[] = {outstation_deadline_ms(&p->outstation), pipe_next_ms(&p->down), p->restart_again_ms};
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        due = other[i] < due ? other[i] : due;
    return due;
}

size_t peer_buffered(const struct peer *p)
{
    size_t n = 0;
    for (size_t i = 0; i < p->ledger_len; i++)
        n += p->ledger[i].event.state == GENERATED_BUFFERED;
    return n;
}
