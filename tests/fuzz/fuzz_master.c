// SPDX-License-Identifier: Apache-2.0
/*
 * A session of a master with a hostile station: the input is a list of steps (time, frames, releases), and a
 * small model of the promise watches what leaves.
 *
 * Never: a confirm of what is not released, a confirm nobody asked for, IIN1.7 cleared before the record of
 * the restart is durable, a request while a solicited confirm is held, news or deadlines without end.
 */
#include "grammar.h"
#include "orders.h"

#include "protocol/app.h"
#include "protocol/master.h"

#include <assert.h>

enum {
    MASTER = 1,
    STATION = 10,
    TICKETS = 1 << 12,
    STEP_LONG = 240,
    STEP_ORDER = 244,
    STEP_CANCEL = 247,
    STEP_ANSWER = 248
};

/* A response in one of the steps that carry them; or an order and some answers. */
static size_t write_step(struct dice *d, uint8_t *into, size_t room)
{
    if (dice_roll(d, 2)) {
        size_t n = 10 + 4 * dice_roll(d, 6);
        for (size_t i = 0; i < n; i++)
            into[i] = (uint8_t)(i >= 10 && (i - 10) % 4 == 0 ? STEP_ANSWER : dice_roll(d, 256));
        for (size_t i = 12; i < n; i += 4) /* mostly sound ones */
            into[i] &= (uint8_t)(dice_roll(d, 4) ? 0x20 : 0xFF);
        into[0] = STEP_ORDER;
        return n;
    }
    into[0] = (uint8_t)(dice_roll(d, 4) ? STEP_LONG : 2);
    size_t len = grammar_fragment(d, true, into + 2, into[0] == 2 ? 63 : room - 2);
    into[1] = (uint8_t)len;
    return len + 2;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return grammar_mutate_steps(data, size, max_size, seed, write_step);
}

enum ticket_state { TICKET_UNKNOWN, TICKET_WAITING, TICKET_RELEASED, TICKET_GIVEN_UP };

/* What may be confirmed next in one space. */
struct owed {
    bool any;
    bool loose; /* perhaps dropped: an order has ended, or a restart was told, perhaps once more */
    uint8_t seq;
    uint64_t ticket;
    int64_t read_ms;
};

struct session {
    struct master m;
    struct master_config config;
    struct instant at;
    int64_t poll_due_ms[3];
    struct reader steps;
    uint8_t station_seq;
    bool blocked;
    bool connected;
    uint8_t buf[APP_FRAGMENT_MAX];
    uint64_t newest; /* ticket */
    uint64_t restart;
    bool restart_told;
    struct owed owed[2]; /* solicited, unsolicited */
    struct orders orders;
    uint8_t tickets[TICKETS];
};

static const struct master_poll polls[] = {
    {.period_ms = 700, .classes = CLASS_1},
    {.period_ms = 90000, .classes = CLASS_ALL},
    {.period_ms = 5000, .group = 30},
};

static bool released(const struct session *s, uint64_t ticket)
{
    return !ticket || s->tickets[ticket % TICKETS] == TICKET_RELEASED;
}

static void watch_fragment(struct session *s, const struct master_news *n)
{
    if (n->ticket && n->kind == MASTER_FRAGMENT) {
        assert(n->ticket > s->newest);
        s->newest = n->ticket;
        s->tickets[n->ticket % TICKETS] = TICKET_WAITING;
    }
    if (n->kind == MASTER_FRAGMENT && s->restart_told) {
        assert(n->ticket);
        s->restart = n->ticket;
        s->restart_told = false;
    }
    if (n->confirm_asked)
        s->owed[n->unsolicited] =
            (struct owed){true, false, n->fragment.control & APP_SEQ, n->ticket, s->at.now_ms};
    /* Whoever takes the measurements must come to an end too. */
    struct measurement_walk w = measurement_walk_begin(&n->fragment, n->clock_unsynchronised);
    struct measurement m;
    size_t events = 0, statics = 0;
    while (measurement_walk_next(&w, &m))
        m.event ? events++ : statics++;
    assert(events + statics <= 8 * n->fragment.len);
}

static void watch_news(struct session *s, const struct master_news *n)
{
    switch (n->kind) {
    case MASTER_RESTART_SEEN:
        s->restart_told = true;
        s->owed[0].loose = true;
        break;
    case MASTER_FRAGMENT:
    case MASTER_REPEAT:
        watch_fragment(s, n);
        break;
    case MASTER_PROOF:
        assert(n->proven[0] && released(s, n->proven[0]));
        assert(released(s, n->proven[1]));
        break;
    case MASTER_TASK_DONE:
        if (!released(s, s->owed[0].ticket))
            s->owed[0].any = false;
        break;
    case MASTER_QUIET:
    case MASTER_OVERFLOW_SEEN:
    case MASTER_REFUSED:
    case MASTER_ONLINE:
    case MASTER_OFFLINE:
    case MASTER_IIN_CHANGED:
    case MASTER_LINK_DEAD:
    case MASTER_QUIRK_USED:
    case MASTER_ORDER_ANSWER:
        break;
    case MASTER_ORDER_DONE:
        orders_done(&s->orders, n->order);
        s->owed[0].loose = true;
        break;
    }
}

static void watch_request(struct session *s, const uint8_t *fragment, size_t len)
{
    static const uint8_t clear[] = {APP_WRITE, 80, 1};
    const struct owed *owed = &s->owed[0];
    bool dropped = s->at.now_ms - owed->read_ms >= s->config.response_timeout_ms;
    assert(!owed->any || owed->loose || released(s, owed->ticket) || dropped);
    /* An order may clear what was never told as set. */
    if (len > 4 && memcmp(fragment + 1, clear, sizeof clear) == 0)
        assert((s->restart || (s->orders.any && !s->restart_told)) && released(s, s->restart));
}

static void watch_sent(struct session *s, const struct link_frame *f)
{
    assert(f->source == MASTER && f->control & LINK_DIR);
    assert(f->destination == STATION || (s->orders.any && f->destination == LINK_BROADCAST_CONFIRM));
    if (!f->user_len || !(f->user[0] & TRANSPORT_FIR))
        return;
    assert(f->user_len >= 3);
    if (f->user[2] != APP_CONFIRM && f->user[0] & TRANSPORT_FIN)
        orders_saw(&s->orders, f->user + 1, f->user_len - 1u);
    const uint8_t *fragment = f->user + 1;
    if (fragment[1] != APP_CONFIRM) {
        watch_request(s, fragment, f->user_len - 1u);
        return;
    }
    struct owed *owed = &s->owed[!!(fragment[0] & APP_UNS)];
    assert(owed->any && owed->seq == (fragment[0] & APP_SEQ) && released(s, owed->ticket));
    owed->any = false;
}

static enum master_news_kind drain_news(struct session *s)
{
    enum master_news_kind fate = MASTER_QUIET;
    struct master_news n;
    for (int i = 0; master_next(&s->m, &n) != MASTER_QUIET; i++) {
        assert(i < 16);
        watch_news(s, &n);
        if (n.kind == MASTER_FRAGMENT || n.kind == MASTER_REPEAT || n.kind == MASTER_REFUSED)
            fate = n.kind;
    }
    return fate;
}

static void drain_writes(struct session *s)
{
    uint8_t wire[LINK_FRAME_MAX];
    size_t len, used;
    for (int i = 0; !s->blocked && (len = master_write(&s->m, wire, sizeof wire, &s->at)); i++) {
        struct link_frame f;
        struct link_errors errors = {0};
        assert(i < 24 && len <= sizeof wire);
        assert(link_parse(wire, len, &used, &f, &errors) == LINK_FRAME && used == len);
        watch_sent(s, &f);
    }
}

static void drain(struct session *s)
{
    drain_news(s);
    drain_writes(s);
}

static void receive(struct session *s, const struct link_frame *f, const uint8_t *fragment, size_t len)
{
    master_lend(&s->m, s->buf, sizeof s->buf);
    master_receive(&s->m, f, &s->at);
    enum master_news_kind fate = drain_news(s);
    /* Accepted without a word: a null, or statics of no interest. It may be confirmed at once. */
    if (fate == MASTER_QUIET && s->connected && fragment && len >= 4 && fragment[0] & APP_CON)
        s->owed[!!(fragment[0] & APP_UNS)] =
            (struct owed){true, false, fragment[0] & APP_SEQ, 0, s->at.now_ms};
    drain_writes(s);
    (void)master_take_back(&s->m);
}

static struct link_frame frame_of(uint8_t control, uint16_t source)
{
    return (struct link_frame){.control = control, .destination = MASTER, .source = source};
}

static void step_fragment(struct session *s, bool response)
{
    uint8_t fragment[64] = {0};
    size_t len = read_u8(&s->steps) % sizeof fragment;
    if (len > reader_left(&s->steps))
        len = reader_left(&s->steps);
    const uint8_t *octets = read_octets(&s->steps, len);
    if (len)
        memcpy(fragment, octets, len);
    if (response && len > 1)
        fragment[1] = fragment[0] & APP_UNS ? APP_UNSOLICITED_RESPONSE : APP_RESPONSE;
    struct link_frame f = frame_of(LINK_PRM | LINK_UNCONFIRMED_USER_DATA, STATION);
    f.user[0] = (uint8_t)(TRANSPORT_FIR | TRANSPORT_FIN | (s->station_seq++ & TRANSPORT_SEQ));
    memcpy(f.user + 1, fragment, len);
    f.user_len = (uint8_t)(len + 1);
    receive(s, &f, fragment, len);
}

/* A fragment of any length, whole or in segments of an odd size. */
static void step_long(struct session *s, uint8_t how)
{
    static const uint8_t sizes[] = {TRANSPORT_PAYLOAD_MAX, 100, 17, 16};
    size_t len = read_u8(&s->steps);
    if (len > reader_left(&s->steps))
        len = reader_left(&s->steps);
    const uint8_t *octets = read_octets(&s->steps, len);
    size_t size = sizes[how & 3];
    for (size_t at = 0, n; at < len; at += n) {
        struct link_frame f = frame_of(LINK_PRM | LINK_UNCONFIRMED_USER_DATA, STATION);
        n = len - at < size ? len - at : size;
        bool last = at + n == len;
        f.user[0] = (uint8_t)((at ? 0 : TRANSPORT_FIR) | (last ? TRANSPORT_FIN : 0) |
                              (s->station_seq++ & TRANSPORT_SEQ));
        memcpy(f.user + 1, octets + at, n);
        f.user_len = (uint8_t)(n + 1);
        receive(s, &f, last ? octets : NULL, len);
    }
}

/* The answer that is awaited, so that sessions get somewhere. */
static void step_answer(struct session *s)
{
    static const uint8_t objects[][6] = {{0}, {2, 1, 0x17, 1, 3, 0x81}, {1, 2, 0, 0, 0, 0x81}};
    uint8_t how = read_u8(&s->steps);
    uint8_t fragment[10] = {(uint8_t)((how & (APP_FIR | APP_FIN | APP_CON)) | s->m.seq), APP_RESPONSE,
                            read_u8(&s->steps), read_u8(&s->steps) & 0x08};
    size_t len = how & 3 ? 10 : 4;
    memcpy(fragment + 4, objects[how & 1 ? 1 : 2], 6);
    struct link_frame f = frame_of(LINK_PRM | LINK_UNCONFIRMED_USER_DATA, STATION);
    f.user[0] = TRANSPORT_FIR | TRANSPORT_FIN;
    memcpy(f.user + 1, fragment, len);
    f.user_len = (uint8_t)(len + 1);
    receive(s, &f, fragment, len);
}

/* Any frame, with a transport header of the input's choice. What it completes is not known here, so that no
 * fragment may be accepted in silence: only frames that can't be a whole one. */
static void step_frame(struct session *s)
{
    struct link_frame f = frame_of(read_u8(&s->steps), read_u8(&s->steps) % 12);
    size_t len = read_u8(&s->steps) % 4;
    for (size_t i = 0; i < len; i++)
        f.user[i] = read_u8(&s->steps);
    f.user_len = (uint8_t)len;
    if (len)
        f.user[0] &= (uint8_t)~TRANSPORT_FIN;
    receive(s, &f, NULL, 0);
}

static void step_time(struct session *s)
{
    int64_t ms = (int64_t)read_u8(&s->steps) << (read_u8(&s->steps) % 10);
    int64_t until_ms = s->at.now_ms + ms;
    for (int i = 0; s->at.now_ms < until_ms; i++) {
        assert(i < 20000);
        int64_t next_ms = master_deadline_ms(&s->m);
        if (next_ms <= s->at.now_ms)
            next_ms = s->at.now_ms + 1;
        s->at.now_ms = next_ms < until_ms ? next_ms : until_ms;
        s->at.wall_ms = s->at.now_ms + 1735689600000;
        master_tick(&s->m, &s->at);
        drain(s);
        assert(s->blocked || master_deadline_ms(&s->m) > s->at.now_ms);
    }
}

/* Back from the newest: the oldest may long be forgotten. */
static uint64_t waiting_ticket(const struct session *s, uint8_t back)
{
    for (uint64_t t = s->newest; t && t + 64 > s->newest; t--)
        if (s->tickets[t % TICKETS] == TICKET_WAITING && !back--)
            return t;
    return 0;
}

static void step_release(struct session *s, bool give_up)
{
    uint64_t ticket = waiting_ticket(s, read_u8(&s->steps) % 4);
    if (!ticket)
        return;
    s->tickets[ticket % TICKETS] = give_up ? TICKET_GIVEN_UP : TICKET_RELEASED;
    if (give_up) {
        master_give_up(&s->m, ticket);
        if (s->restart == ticket)
            s->restart = 0;
        for (size_t i = 0; i < 2; i++)
            s->owed[i].any = s->owed[i].any && s->owed[i].ticket != ticket;
    } else {
        master_release_confirm(&s->m, ticket, &s->at);
    }
    drain(s);
}

static void step_connection(struct session *s)
{
    master_disconnected(&s->m, &s->at);
    drain(s);
    s->owed[0].any = s->owed[1].any = false;
    s->restart_told = false;
    s->restart = 0; /* a connection begins afresh: it tells its restart once more */
    s->connected = read_u8(&s->steps) & 3;
    s->blocked = false;
    if (s->connected)
        master_connected(&s->m, &s->at);
    drain(s);
}

static void step_orders(struct session *s)
{
    uint8_t order = read_u8(&s->steps);
    s->at.wall_trusted = order & 1;
    s->blocked = order & 2;
    master_hold_polls(&s->m, order & 4, &s->at);
    if (order & 8)
        master_demand_integrity(&s->m, &s->at);
    drain(s);
}

/* Orders, and answers to them. */
static void step_order(struct session *s, uint8_t what)
{
    uint8_t fragment[TRANSPORT_PAYLOAD_MAX];
    if (what < STEP_CANCEL)
        orders_submit(&s->orders, &s->m, &s->steps, &s->at);
    else if (what == STEP_CANCEL)
        orders_cancel(&s->orders, &s->m, &s->steps, &s->at);
    drain(s);
    size_t len = what >= STEP_ANSWER ? orders_answer(&s->orders, &s->steps, fragment, sizeof fragment) : 0;
    if (!len)
        return;
    struct link_frame f = frame_of(LINK_PRM | LINK_UNCONFIRMED_USER_DATA, STATION);
    f.user[0] = (uint8_t)(TRANSPORT_FIR | TRANSPORT_FIN | (s->station_seq++ & TRANSPORT_SEQ));
    memcpy(f.user + 1, fragment, len);
    f.user_len = (uint8_t)(len + 1);
    receive(s, &f, fragment, len);
}

static void step(struct session *s)
{
    uint8_t what = read_u8(&s->steps);
    if (what >= STEP_LONG) {
        what < STEP_ORDER ? step_long(s, what) : step_order(s, what);
        return;
    }
    switch (what % 10) {
    case 0:
        step_time(s);
        break;
    case 1:
        step_fragment(s, false);
        break;
    case 2:
    case 3:
        step_fragment(s, true);
        break;
    case 4:
    case 5:
        step_answer(s);
        break;
    case 6:
        step_frame(s);
        break;
    case 7:
        step_release(s, read_u8(&s->steps) % 8 == 0);
        break;
    case 8:
        step_orders(s);
        break;
    default:
        step_connection(s);
        break;
    }
}

static void begin(struct session *s, const uint8_t *data, size_t size)
{
    memset(s, 0, sizeof *s);
    s->steps = reader_over(data, size);
    uint8_t choice = read_u8(&s->steps);
    s->config = master_defaults();
    s->config.disable_unsolicited_first = choice & 1;
    s->config.unsolicited_classes = choice & 2 ? CLASS_EVENTS : CLASS_1;
    s->config.request_retries = choice & 4 ? 1 : 0;
    s->config.event_scan_classes = choice & 8 ? CLASS_EVENTS : 0;
    s->config.time_sync = choice >> 4 & 3;
    s->config.time_sync_period_ms = choice & 64 ? 30000 : 0;
    s->config.polls = polls;
    s->config.polls_len = choice & 128 ? 3 : 0;
    s->at = (struct instant){.now_ms = 1000, .wall_ms = 1735689601000, .wall_trusted = true};
    master_init(&s->m, &s->config, MASTER, STATION, s->poll_due_ms, 1);
    s->connected = true;
    master_connected(&s->m, &s->at);
    drain(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct session s;
    begin(&s, data, size);
    while (reader_left(&s.steps))
        step(&s);
    /* No order outlives its connection. */
    master_disconnected(&s.m, &s.at);
    drain_news(&s);
    for (size_t i = 0; i < ORDERS; i++)
        assert(!s.orders.slot[i].busy);
    return 0;
}
