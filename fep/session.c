// SPDX-License-Identifier: Apache-2.0
/*
 * What happens when a fragment arrives: session_frame() feeds the master, session_drain() loops over its
 * news, and the table below names what each of them leads to. Confirms come back through session_release().
 */
#include "fep/session.h"

#include "db/store.h"
#include "protocol/strings.h"

#include <assert.h>

static_assert(QUIRKS <= 8, "quirks_used");

enum { REPORT_EVERY_MS = 10000, BURST_MAX = 64 };

/* The master numbers tickets from the seed upwards; fragments that it gives none are numbered with this bit
 * set. */
#define OWN_TICKET (UINT64_C(1) << 63)

/* Event classes come and go with each response; they are no change of state worth a record. */
enum {
    IIN_OF_STATE = 0xFFFF & ~(IIN_BROADCAST | IIN_CLASS_1_EVENTS | IIN_CLASS_2_EVENTS | IIN_CLASS_3_EVENTS)
};

struct turn {
    const struct instant *at;
    struct outbox *box;
    int64_t read_us;
    int64_t heard_before_ms; /* wall: before the frame at hand, where a hole begins */
};

/* Tells whether any counter has moved, for 4 octets a session instead of a copy of them all. */
static uint32_t session_activity(const struct session *s)
{
    const uint32_t *counters = (const uint32_t *)&s->counters;
    uint32_t sum = 0;
    for (size_t i = 0; i < sizeof s->counters / sizeof *counters; i++)
        sum += counters[i];
    return sum;
}

static void session_report(struct session *s, const struct turn *t)
{
    struct batch_station state = {.item.station = s->station,
                                  .last_heard_ms = s->last_heard_ms,
                                  .offline_since_ms = s->offline_since_ms,
                                  .iin = s->iin,
                                  .online = s->online,
                                  .connected = s->connected,
                                  .disabled = s->disabled,
                                  .quirks_used = s->quirks_used,
                                  .counters = s->counters};
    outbox_station(t->box, &state, t->at);
    s->reported = session_activity(s);
    s->report_due_ms = NEVER_MS;
}

static void on_proof(struct session *s, const struct master_news *news, const struct turn *t)
{
    outbox_proof(t->box, s->station, news->proven, t->at);
}

static void session_hole(struct session *s, enum hole_reason reason, const struct turn *t)
{
    int64_t from_ms = t->heard_before_ms ? t->heard_before_ms : t->at->wall_ms;
    outbox_hole(t->box, s->station, reason, from_ms, t->at->wall_ms, t->at);
}

/* An edge becomes a record with the fragment that told of it, once that is taken: it follows at once. */
static void on_restart(struct session *s, const struct master_news *news, const struct turn *t)
{
    (void)news;
    (void)t;
    s->edges |= IIN_DEVICE_RESTART;
}

static void on_overflow(struct session *s, const struct master_news *news, const struct turn *t)
{
    (void)news;
    (void)t;
    s->edges |= IIN_EVENT_BUFFER_OVERFLOW;
}

static void record_edges(struct session *s, const struct turn *t)
{
    if (s->edges & IIN_DEVICE_RESTART) {
        s->counters.restarts++;
        session_hole(s, HOLE_RESTART, t);
    }
    if (s->edges & IIN_EVENT_BUFFER_OVERFLOW) {
        s->counters.overflows++;
        session_hole(s, HOLE_OVERFLOW, t);
    }
}

/*
 * An outstation waits for its confirm before it says more. One that does not, or asks for none, is not read
 * for a while once so much of it waits for the store: it must not fill the batches of the others.
 */
static void hold_back(struct session *s, const struct master_news *news, const struct turn *t)
{
    if (s->last_batch <= t->box->durable)
        s->burst = 0;
    s->last_batch = t->box->next_number;
    if (s->burst < UINT8_MAX)
        s->burst++;
    s->not_read = s->burst >= BURST_MAX || (!outbox_may_withhold(news) && !outbox_relieved(t->box));
}

/* Strings that a station has of its own accord: no measurement counts them. */
static uint32_t string_events(const struct master_news *news)
{
    uint32_t events = 0;
    struct string_walk walk = string_walk_begin(&news->fragment);
    struct object_string string;
    while (news->summary.strings && string_walk_next(&walk, &string))
        events += string.event;
    return events;
}

static void on_fragment(struct session *s, const struct master_news *news, const struct turn *t)
{
    s->counters.fragments++;
    s->counters.unsolicited += news->unsolicited;
    s->counters.events += news->summary.events + string_events(news);
    s->counters.unknown += news->summary.unknown;
    s->counters.defects += news->summary.defect != WALK_END;
    uint64_t response = news->unsolicited ? ++s->next_number : s->response;
    if (!news->unsolicited && news->first)
        response = s->response = ++s->next_number;
    uint64_t ticket = news->ticket ? news->ticket : OWN_TICKET | ++s->next_number;
    bool taken = outbox_fragment(t->box, s, news, s->station, ticket, response, t->at, t->read_us);
    if (taken) {
        record_edges(s, t);
        hold_back(s, news, t);
        for (struct command *c = s->commands; c; c = c->next)
            command_fragment(c, &news->fragment, t->at);
    } else {
        s->counters.not_stored++;
        master_give_up(&s->master, news->ticket); /* it will tell of the edges again */
    }
    s->edges = 0;
}

static void on_repeat(struct session *s, const struct master_news *news, const struct turn *t)
{
    (void)news;
    (void)t;
    s->counters.repeats++;
}

static void record_discards(struct session *s, const struct turn *t)
{
    outbox_hole(t->box, s->station, HOLE_DISCARDED, s->discard_from_ms, t->at->wall_ms, t->at);
    s->discard_from_ms = 0;
}

/* The first of a connection is recorded at once, what follows with the next report: a peer may do it without
 * end. */
static void note_discard(struct session *s, const struct turn *t)
{
    if (!s->discard_from_ms)
        s->discard_from_ms = t->heard_before_ms ? t->heard_before_ms : t->at->wall_ms;
    if (!s->discard_told)
        record_discards(s, t);
    s->discard_told = true;
}

static void on_refused(struct session *s, const struct master_news *news, const struct turn *t)
{
    s->counters.refused++;
    s->counters.too_long += news->reason == REASON_TOO_LONG;
    if (news->reason == REASON_TOO_LONG || news->loses_events)
        note_discard(s, t);
}

static void on_task_done(struct session *s, const struct master_news *news, const struct turn *t)
{
    (void)t;
    s->response = ++s->next_number; /* whatever comes next is another response */
    s->counters.timeouts += news->outcome == OUTCOME_TIMEOUT;
    s->counters.iin_errors += news->outcome == OUTCOME_REFUSED_BY_IIN;
    if (news->outcome == OUTCOME_OK)
        s->counters.response_ms = news->took_ms;
}

static void on_online(struct session *s, const struct master_news *news, const struct turn *t)
{
    (void)news;
    s->online = true;
    s->offline_since_ms = 0;
    session_report(s, t);
}

static void on_offline(struct session *s, const struct master_news *news, const struct turn *t)
{
    (void)news;
    s->online = false;
    s->offline_since_ms = s->last_heard_ms;
    session_report(s, t);
}

static void on_iin(struct session *s, const struct master_news *news, const struct turn *t)
{
    bool changed = (s->iin ^ news->iin) & IIN_OF_STATE;
    s->iin = news->iin;
    if (!changed)
        return;
    if (outbox_relieved(t->box))
        session_report(s, t);
    else if (s->report_due_ms == NEVER_MS) /* a station may change them without end while the store stalls */
        s->report_due_ms = t->at->now_ms + REPORT_EVERY_MS;
}

static void on_link_dead(struct session *s, const struct master_news *news, const struct turn *t)
{
    (void)news;
    (void)t;
    s->dead = true;
}

static void on_quirk(struct session *s, const struct master_news *news, const struct turn *t)
{
    for (unsigned bit = 0; bit < QUIRKS; bit++) {
        t->box->quirks[bit] += news->quirks >> bit & 1;
        s->counters.quirks += news->quirks >> bit & 1;
    }
    s->quirks_used = (uint8_t)(s->quirks_used | news->quirks);
}

static void on_order_done(struct session *s, const struct master_news *news, const struct turn *t)
{
    (void)s;
    struct command *c = command_of(news->order);
    if (c)
        command_done(c, news->order, t->at);
}

typedef void session_handler(struct session *s, const struct master_news *news, const struct turn *t);

static session_handler *const handlers[] = {
    [MASTER_PROOF] = on_proof,
    [MASTER_RESTART_SEEN] = on_restart,
    [MASTER_OVERFLOW_SEEN] = on_overflow,
    [MASTER_FRAGMENT] = on_fragment,
    [MASTER_REPEAT] = on_repeat,
    [MASTER_REFUSED] = on_refused,
    [MASTER_TASK_DONE] = on_task_done,
    [MASTER_ONLINE] = on_online,
    [MASTER_OFFLINE] = on_offline,
    [MASTER_IIN_CHANGED] = on_iin,
    [MASTER_LINK_DEAD] = on_link_dead,
    [MASTER_QUIRK_USED] = on_quirk,
    [MASTER_ORDER_ANSWER] = NULL, /* the order's own affair */
    [MASTER_ORDER_DONE] = on_order_done,
};

static void session_sweep(struct session *s)
{
    for (struct command **at = &s->commands; *at;) {
        struct command *c = *at;
        if (!command_is_over(c)) {
            at = &c->next;
            continue;
        }
        *at = c->next;
        command_free(c);
    }
}

static void session_drain(struct session *s, const struct turn *t)
{
    struct master_news news;
    enum master_news_kind kind;
    while ((kind = master_next(&s->master, &news)) != MASTER_QUIET)
        if (handlers[kind])
            handlers[kind](s, &news, t);
    session_sweep(s);
    if (s->report_due_ms == NEVER_MS && session_activity(s) != s->reported)
        s->report_due_ms = t->at->now_ms + REPORT_EVERY_MS;
}

void session_init(struct session *s, uint32_t station, const struct master_config *config, uint16_t local,
                  uint16_t remote, int64_t *poll_due_ms, uint64_t seed)
{
    assert(!(seed & OWN_TICKET));
    *s = (struct session){.station = station, .next_number = seed, .report_due_ms = NEVER_MS};
    master_init(&s->master, config, local, remote, poll_due_ms, seed + 1);
}

/* The first word about a station since the start of the process: it is not on line (yet). */
static void session_announce(struct session *s, const struct turn *t)
{
    if (!s->announced)
        session_report(s, t);
    s->announced = true;
}

void session_connected(struct session *s, const struct instant *at, struct outbox *box)
{
    struct turn t = {at, box, 0, s->last_heard_ms};
    s->connected = true;
    s->dead = s->not_read = s->discard_told = false;
    s->counters.connects++;
    session_announce(s, &t);
    master_connected(&s->master, at);
    session_drain(s, &t);
}

void session_disconnected(struct session *s, const struct instant *at, struct outbox *box)
{
    struct turn t = {at, box, 0, s->last_heard_ms};
    s->connected = false;
    s->response = ++s->next_number;
    master_disconnected(&s->master, at);
    session_drain(s, &t);
}

void session_connect_failed(struct session *s, const struct instant *at, struct outbox *box)
{
    struct turn t = {at, box, 0, s->last_heard_ms};
    s->counters.connect_failures++;
    session_announce(s, &t);
    if (s->report_due_ms == NEVER_MS)
        s->report_due_ms = at->now_ms + REPORT_EVERY_MS;
}

void session_lend(struct session *s, uint8_t *buf, size_t room)
{
    master_lend(&s->master, buf, room);
}

uint8_t *session_take_back(struct session *s)
{
    return master_take_back(&s->master);
}

bool session_has_buffer(const struct session *s)
{
    return s->master.rx.buf != NULL;
}

void session_frame(struct session *s, const struct link_frame *frame, const struct instant *at,
                   int64_t read_us, struct outbox *box)
{
    struct turn t = {at, box, read_us, s->last_heard_ms};
    s->counters.frames_in++;
    s->last_heard_ms = at->wall_ms;
    master_receive(&s->master, frame, at);
    session_drain(s, &t);
}

void session_tick(struct session *s, const struct instant *at, struct outbox *box)
{
    struct turn t = {at, box, 0, s->last_heard_ms};
    master_tick(&s->master, at);
    for (struct command *c = s->commands; c; c = c->next)
        command_tick(c, &s->master, at);
    session_drain(s, &t);
    if (at->now_ms < s->report_due_ms)
        return;
    if (outbox_relieved(box)) {
        if (s->discard_from_ms)
            record_discards(s, &t);
        session_report(s, &t);
    } else {
        s->report_due_ms = at->now_ms + REPORT_EVERY_MS; /* counters only grow: nothing is lost by waiting */
    }
}

void session_release(struct session *s, uint64_t ticket, const struct instant *at, struct outbox *box)
{
    struct turn t = {at, box, 0, s->last_heard_ms};
    master_release_confirm(&s->master, ticket, at);
    session_drain(s, &t);
}

size_t session_write(struct session *s, uint8_t *into, size_t room, const struct instant *at)
{
    size_t len = master_write(&s->master, into, room, at);
    s->counters.frames_out += len > 0;
    return len;
}

int64_t session_deadline_ms(const struct session *s)
{
    int64_t due = master_deadline_ms(&s->master);
    for (const struct command *c = s->commands; c; c = c->next)
        due = earlier_ms(due, command_deadline_ms(c));
    return s->report_due_ms < due ? s->report_due_ms : due;
}

bool session_may_read(const struct session *s, const struct outbox *box)
{
    return s->last_batch <= box->durable && outbox_relieved(box);
}

void session_disable(struct session *s, bool disabled, const struct instant *at, struct outbox *box)
{
    struct turn t = {at, box, 0, s->last_heard_ms};
    assert(!s->connected);
    s->disabled = disabled;
    session_report(s, &t);
}

bool session_has_orders(const struct session *s)
{
    for (const struct command *c = s->commands; c; c = c->next)
        if (c->submitted)
            return true;
    return false;
}

/* Its own end tells whether it came in time; what became of the others, their own records tell. */
static void cancel_some(struct session *s, struct command *cancel, const struct instant *at,
                        struct outbox *box)
{
    enum command_state state = COMMAND_REFUSED;
    const char *why = "it is not under way any more";
    for (struct command *c = s->commands; c; c = c->next) {
        if (!command_is_cancelled_by(c, cancel))
            continue;
        bool in_time = command_cancel(c, &s->master, at);
        state = in_time ? COMMAND_OPERATED : COMMAND_FAILED;
        why = in_time ? NULL : "it had left already";
    }
    command_end(cancel, state, why, box, at);
}

void session_command(struct session *s, struct command *c, const struct instant *at, struct outbox *box)
{
    struct turn t = {at, box, 0, s->last_heard_ms};
    if (c->kind == COMMAND_CANCEL) {
        cancel_some(s, c, at, box);
    } else {
        c->next = s->commands;
        s->commands = c;
        command_submit(c, &s->master, box, at);
    }
    session_drain(s, &t);
}

void session_cancel_commands(struct session *s, const struct instant *at, struct outbox *box)
{
    struct turn t = {at, box, 0, s->last_heard_ms};
    for (struct command *c = s->commands; c; c = c->next)
        (void)command_cancel(c, &s->master, at);
    session_drain(s, &t);
}

void session_abandon_commands(struct session *s, const struct instant *at)
{
    assert(!s->connected);
    for (struct command *c = s->commands; c; c = c->next)
        command_abandon(c, at);
    session_sweep(s);
    assert(!s->commands);
}

void session_forget_commands(struct session *s)
{
    while (s->commands) {
        struct command *next = s->commands->next;
        command_free(s->commands);
        s->commands = next;
    }
}

void session_removed(struct session *s, const struct instant *at, struct outbox *box)
{
    struct batch_station state = {.item.station = s->station,
                                  .last_heard_ms = s->last_heard_ms,
                                  .offline_since_ms = s->last_heard_ms,
                                  .iin = s->iin,
                                  .removed = 1,
                                  .quirks_used = s->quirks_used,
                                  .counters = s->counters};
    outbox_station(box, &state, at);
}
