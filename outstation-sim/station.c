// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/station.h"
#include "protocol/app.h"
#include <stdio.h>
#include <stdlib.h>

enum {
    STREAM_POINTS = 4,
    EVENTS_A_TURN = 512, /* a station that is far behind must not keep all others waiting */
    TX_READ_ROOM = 256,  /* for a long READ, behind the fragment */
    RETRIES_WITHOUT_END = 0xFFFF
};

void station_name(uint32_t number, char name[STATION_NAME_ROOM])
{
    snprintf(name, STATION_NAME_ROOM, "S%05u", number + 1);
}

uint16_t station_address(const struct scenario_group *group, uint32_t i)
{
    uint64_t addresses = LINK_ADDRESS_MAX + 1;
    uint64_t address = (group->outstation_address + (uint64_t)i * group->outstation_address_step) % addresses;
    return (uint16_t)(address == group->master_address ? (address + 1) % addresses : address);
}

static struct outstation_config make_config(const struct scenario_group *g, uint16_t address)
{
    struct outstation_config c = outstation_defaults();
    c.address = address;
    c.master_address = g->master_address;
    c.tx_fragment_max = g->fragment;
    c.solicited_confirm_ms = g->confirm_ms;
    c.unsolicited_confirm_ms = g->confirm_ms;
    c.unsolicited_hold_ms = g->unsolicited_hold_ms;
    c.unsolicited_offline_retry_ms = g->unsolicited_offline_ms;
    c.unsolicited_count = g->unsolicited_count;
    c.unsolicited_retries = g->unsolicited_retries;
    c.unsolicited = g->unsolicited != UNSOLICITED_NONE;
    c.repeat = g->unsolicited == UNSOLICITED_REGENERATED ? REPEAT_REGENERATED : REPEAT_IDENTICAL;
    c.null_on_connect = g->null_on_connect;
    c.controls_enabled = true;
    c.need_time = g->need_time;
    c.drop_newest = g->drop_newest;
    c.refuse_link_status = g->refuse_link_status;
    c.sticky_iin = g->faults.sticky_iin;
    c.self_address = g->self_address;
    c.refused_functions = g->refused_functions;
    return c;
}

/* The station's side of each enum scenario_quirk. */
static void take_quirks(struct outstation_config *c, uint8_t quirks, uint32_t number)
{
    static const uint8_t forms[] = {DELAY_COUNT_2, DELAY_COUNT_4, DELAY_RANGE};
    if (quirks & SIM_BARE_G50V1)
        c->refused_functions |= 1u << APP_DELAY_MEASURE | 1u << APP_RECORD_CURRENT_TIME;
    if (quirks & SIM_NO_UNSOLICITED)
        c->unsolicited = false;
    if ((quirks & SIM_STICKY_IIN) && !c->sticky_iin)
        c->sticky_iin = IIN_DEVICE_RESTART;
    if (quirks & SIM_NO_LINK_STATUS)
        c->refuse_link_status = true;
    if (quirks & SIM_G52_COUNT)
        c->delay_form = forms[number % 3];
    c->swap_trip_close = quirks & SIM_TCC_SWAPPED;
    c->zero_length_strings = quirks & SIM_ZERO_LENGTH_STRINGS;
}

static void *take(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

void station_init(struct station *s, const struct plan *plan, uint32_t number, uint64_t seed,
                  const struct instant *start)
{
    const struct scenario_group *g = plan->group;
    *s = (struct station){.plan = plan, .number = number, .start = *start};
    char name[STATION_NAME_ROOM];
    station_name(number, name);
    s->config = make_config(g, station_address(g, number - plan->first_station));
    take_quirks(&s->config, g->quirks, number);
    uint64_t secret = seed ^ (uint64_t)start->wall_ms << 20 ^ (uint64_t)number << 44; /* a run is no other */
    device_open(&s->device, plan, name, secret, &s->config);
    s->points = take(plan->points_len, sizeof(*s->points));
    s->events = take(g->buffer, sizeof(*s->events));
    s->tx = take((size_t)g->fragment + TX_READ_ROOM, 1);
    struct random random = random_stream(seed, (uint64_t)number * 8 + STREAM_POINTS);
    plan_make_points(plan, &random, s->points);
    generator_init(&s->generator, plan, s->points, seed, number);
    outstation_init(&s->outstation, &s->config, s->points, plan->points_len, s->events, g->buffer, s->tx,
                    (size_t)g->fragment + TX_READ_ROOM);
}

void station_free(struct station *s)
{
    ledger_free(&s->ledger);
    device_close(&s->device);
    free(s->points);
    free(s->events);
    free(s->tx);
}

/* The ledger is of measurements: strings have none. */
static bool is_recorded(const struct measurement *m)
{
    return m->type != POINT_OCTET_STRING;
}

static void take_confirmed(struct station *s, const struct outstation_news *news)
{
    if (!is_recorded(&news->event.m))
        return;
    ledger_add(&s->ledger, news->event.id, &news->event.m);
    ledger_settle(&s->ledger, news->event.id, LEDGER_CONFIRMED);
}

static void take_lost(struct station *s, const struct outstation_news *news)
{
    if (!is_recorded(&news->event.m))
        return;
    ledger_add(&s->ledger, news->event.id, &news->event.m);
    ledger_settle(&s->ledger, news->event.id,
                  news->by_restart ? LEDGER_DROPPED_RESTART : LEDGER_DROPPED_OVERFLOW);
}

static void take_control(struct station *s, const struct outstation_news *news)
{
    (void)news;
    s->controls++;
}

static void take_restart(struct station *s, const struct outstation_news *news)
{
    (void)news;
    s->restart_due = true;
}

static void take_defect(struct station *s, const struct outstation_news *news)
{
    (void)news;
    s->defects++;
}

/* A clock that was set needs nothing: times are asked of the outstation. */
static void (*const takers[])(struct station *, const struct outstation_news *) = {
    [OUTSTATION_CONFIRMED] = take_confirmed, [OUTSTATION_LOST] = take_lost,
    [OUTSTATION_CONTROL] = take_control,     [OUTSTATION_TIME_SET] = NULL,
    [OUTSTATION_RESTART] = take_restart,     [OUTSTATION_DEFECT] = take_defect,
};

static void take_news(struct station *s, const struct instant *at)
{
    struct outstation_news news;
    do {
        if (s->restart_due) {
            s->restart_due = false;
            s->restarts++;
            outstation_restart(&s->outstation, s->plan->group->keep_events, at);
        }
        while (outstation_next(&s->outstation, &news) != OUTSTATION_QUIET)
            if (takers[news.kind])
                takers[news.kind](s, &news);
    } while (s->restart_due);
}

void station_connected(struct station *s, const struct instant *at)
{
    outstation_connected(&s->outstation, at);
    take_news(s, at);
}

void station_disconnected(struct station *s, const struct instant *at)
{
    outstation_disconnected(&s->outstation, at);
    take_news(s, at);
}

void station_receive(struct station *s, const struct link_frame *frame, const struct instant *at)
{
    outstation_receive(&s->outstation, frame, at);
    take_news(s, at);
}

size_t station_write(struct station *s, uint8_t *into, size_t room, const struct instant *at)
{
    size_t len = outstation_write(&s->outstation, into, room, at);
    take_news(s, at);
    return len;
}

void station_restart(struct station *s, const struct instant *at)
{
    s->restart_due = true;
    take_news(s, at);
}

int64_t station_due_ms(const struct station *s)
{
    int64_t due_ms = outstation_deadline_ms(&s->outstation);
    int64_t event_ms = s->quiet ? NEVER_MS : generator_due_ms(&s->generator);
    if (event_ms != NEVER_MS && s->start.now_ms + event_ms < due_ms)
        due_ms = s->start.now_ms + event_ms;
    return due_ms;
}

static void change_string(struct station *s, const struct generated *e, enum outstation_update_mode mode,
                          const struct instant *at)
{
    char text[256];
    uint32_t index = s->plan->indices[e->point];
    size_t len = device_string(s->plan->points[e->point], index, e->value, text);
    bool empty = s->config.zero_length_strings && (uint64_t)e->value % 4 == 0;
    s->points[e->point].value = e->value;
    outstation_update_string(&s->outstation, index, text, empty ? 0 : len, mode, at);
    take_news(s, at);
}

static void happen(struct station *s, const struct generated *e, const struct instant *at)
{
    struct instant then = s->start;
    then.now_ms += e->at_ms;
    then.wall_ms += e->at_ms;
    if (!e->twin)
        s->last = (struct measurement){
            .value = e->value,
            .time_ms = e->timed ? outstation_time_ms(&s->outstation, &then) : 0,
            .index = s->plan->indices[e->point],
            .type = s->plan->points[e->point]->type,
            .flags = e->flags,
            .time_quality = !e->timed                 ? TIME_NONE
                            : s->outstation.need_time ? TIME_UNSYNCHRONISED
                                                      : TIME_SYNCHRONISED,
            .event = true,
        };
    enum outstation_update_mode mode = e->twin ? UPDATE_FORCE_EVENT : UPDATE_EVENT;
    if (!is_recorded(&s->last)) {
        change_string(s, e, mode, at);
        return;
    }
    uint64_t id = outstation_update(&s->outstation, &s->last, mode, at);
    if (id)
        ledger_add(&s->ledger, id, &s->last);
    take_news(s, at);
}

void station_advance(struct station *s, const struct instant *at)
{
    struct generated e;
    for (int i = 0; !s->quiet && i < EVENTS_A_TURN; i++) {
        if (!generator_next(&s->generator, at->now_ms - s->start.now_ms, &e))
            break;
        happen(s, &e, at);
    }
    if (outstation_deadline_ms(&s->outstation) <= at->now_ms) {
        outstation_tick(&s->outstation, at);
        take_news(s, at);
    }
}

void station_burst(struct station *s, uint32_t events, const struct instant *at)
{
    generator_burst(&s->generator, at->now_ms - s->start.now_ms, events);
}

void station_record_own(struct station *s)
{
    const struct outstation_event *e;
    for (size_t i = 0; (e = outstation_buffered(&s->outstation, i)); i++)
        if (is_recorded(&e->m))
            ledger_add(&s->ledger, e->id, &e->m);
}
