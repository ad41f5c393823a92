// SPDX-License-Identifier: Apache-2.0
/*
 * Orders of the main thread, carried out within a turn; each begins once, and goes on in every turn until it
 * is done.
 *
 * Remove: the stations start no polls, and where all of a channel go, what still comes is thrown away: they
 * keep it. Once no confirm is held for them, or at the deadline, they disconnect and are freed.
 *
 * Apply: stations that stay learn of the new catalog; new ones join the channel of their endpoint, or get it.
 *
 * Drain: told at drain_go_on().
 */
#include "fep/worker_state.h"

#include <assert.h>
#include <stdlib.h>

enum { LINGER_MS = 300, CONFIRMS_MS = 2000 };

/* What came of it has been handed over first, as far as the committer's mailbox has room: another worker may
 * serve the same station next, and its batches must not come before. */
void worker_order_done(struct worker *w)
{
    struct order *order = w->order;
    if (!w->order_is_over)
        return;
    struct wake *asker = order->asker; /* the order is main's again, and may be gone, once it is done */
    w->order = NULL;
    w->order_is_over = false;
    atomic_store_explicit(&order->done, true, memory_order_release);
    wake_up(asker);
}

static bool all_leave(const struct channel *c)
{
    for (const struct station *s = c->stations; s; s = s->next)
        if (!s->leaving)
            return false;
    return true;
}

/* Not while a command of one of its stations may still be answered. */
static void channel_discard(struct channel *c)
{
    for (const struct station *s = c->stations; s; s = s->next)
        if (session_has_orders(&s->session))
            return;
    c->discards = true;
}

static void station_cancel(struct worker *w, struct station *s)
{
    station_enter(w, s);
    session_cancel_commands(&s->session, worker_now(w), &w->box);
    station_leave(w, s);
}

static void remove_begin(struct worker *w, const struct order *order)
{
    for (size_t i = 0; i < order->changes_len; i++) {
        struct station *s = order->changes[i].station;
        assert(order->changes[i].kind == CHANGE_REMOVE);
        s->leaving = true;
        station_hold_polls(w, s, true);
        station_cancel(w, s);
        if (all_leave(s->channel))
            channel_discard(s->channel);
    }
}

/* True while a station that leaves has a confirm to come. */
static bool leaving_are_held(const struct worker *w)
{
    const struct outbox *o = &w->box;
    for (size_t i = 0; i < o->held_len; i++) {
        const struct station *s = (const struct station *)o->held[(o->held_head + i) % o->held_room].session;
        if (s && s->leaving && s->session.connected)
            return true;
    }
    return false;
}

static void station_unlink(struct worker *w, struct station *s)
{
    struct channel *c = s->channel;
    struct station **at = &c->stations;
    while (*at != s)
        at = &(*at)->next;
    *at = s->next;
    wheel_cancel(&w->stations_wheel, &s->timer);
    outbox_forget(&w->box, &s->session);
    if (s->online)
        metric_add(&w->metrics->online, (uint64_t)-1);
    metric_add(&w->metrics->sessions, (uint64_t)-1);
    station_free(s);
    if (!c->stations) {
        channel_close(c);
        channel_free(c);
    } else if (channel_all_disabled(c)) {
        channel_close(c);
        c->idle = true;
    }
}

static void remove_finish(struct worker *w, const struct order *order)
{
    for (size_t i = 0; i < order->changes_len; i++) {
        struct station *s = order->changes[i].station;
        if (s->session.connected)
            station_disconnected(w, s);
        session_abandon_commands(&s->session, worker_now(w));
        order->changes[i].disabled = s->session.disabled;
        if (order->changes[i].gone)
            session_removed(&s->session, worker_now(w), &w->box);
    }
    /* Nobody may be in the list of those touched when it goes. */
    worker_settle(w);
    for (size_t i = 0; i < order->changes_len; i++)
        station_unlink(w, order->changes[i].station);
}

/* True while one of theirs may still be answered. */
static bool leaving_have_orders(const struct order *order)
{
    bool any = false;
    for (size_t i = 0; i < order->changes_len; i++) {
        const struct station *s = order->changes[i].station;
        any |= session_has_orders(&s->session);
        if (all_leave(s->channel))
            channel_discard(s->channel);
    }
    return any;
}

static bool remove_go_on(struct worker *w)
{
    bool waits = leaving_have_orders(w->order) || leaving_are_held(w);
    if (waits && worker_now(w)->now_ms < w->order->deadline_ms)
        return false;
    remove_finish(w, w->order);
    return true;
}

static void station_link(struct worker *w, struct channel *c, struct station *s)
{
    s->channel = c;
    s->next = c->stations;
    c->stations = s;
    metric_add(&w->metrics->sessions, 1);
    if (c->state == CHANNEL_OPEN && !s->session.disabled)
        station_connected(w, s);
}

static struct station *station_make(struct worker *w, const struct change *change)
{
    struct station *s = station_new(change->entry, (uint64_t)clock_now_us());
    if (change->before && change->before->disabled)
        session_disable(&s->session, true, worker_now(w), &w->box);
    return s;
}

static void apply_begin(struct worker *w, const struct order *order)
{
    struct channel **by_endpoint = calloc(order->catalog->stations_len + 1, sizeof(struct channel *));
    if (!by_endpoint)
        abort();
    w->fep = order->catalog->config->fep;
    w->box.generation = order->catalog->generation;
    w->box.soft_limit = (size_t)w->fep.batch_memory_mb << 20;
    for (size_t i = 0; i < order->changes_len; i++) {
        const struct change *change = &order->changes[i];
        if (change->kind != CHANGE_KEEP)
            continue;
        station_adopt(change->station, change->entry);
        by_endpoint[change->entry->endpoint] = change->station->channel;
    }
    for (size_t i = 0; i < order->changes_len; i++) {
        struct change *change = &order->changes[i];
        if (change->kind != CHANGE_ADD)
            continue;
        struct channel **c = &by_endpoint[change->entry->endpoint];
        bool fresh = !*c;
        if (fresh)
            *c = channel_new(w);
        change->station = station_make(w, change);
        station_link(w, *c, change->station);
        if (channel_all_disabled(*c))
            (*c)->idle = true;
        else if (fresh || (*c)->idle)
            channel_start(*c);
    }
    free(by_endpoint);
}

static bool apply_go_on(struct worker *w)
{
    (void)w;
    return true;
}

static void drain_begin(struct worker *w, const struct order *order)
{
    w->drain = DRAIN_WAIT;
    w->drain_due_ms = worker_now(w)->now_ms + CONFIRMS_MS;
    if (w->drain_due_ms > order->deadline_ms)
        w->drain_due_ms = order->deadline_ms;
    for (struct channel *c = w->channels; c; c = c->next) {
        if (c->state != CHANNEL_OPEN)
            channel_close(c);
        for (struct station *s = c->stations; s; s = s->next) {
            station_hold_polls(w, s, true);
            station_cancel(w, s);
        }
        channel_discard(c);
    }
}

/* Also for the answers to commands that have left. */
static bool worker_waits(const struct worker *w)
{
    bool commands = false;
    for (struct channel *c = w->channels; c; c = c->next) {
        channel_discard(c);
        commands |= !c->discards;
    }
    return commands || w->box.open || w->unposted || w->box.sent_len;
}

static void linger_begin(struct worker *w)
{
    w->drain = DRAIN_LINGER;
    w->drain_due_ms = worker_now(w)->now_ms + LINGER_MS;
    for (struct channel *c = w->channels; c; c = c->next) {
        c->discards = true;
        connection_shut(&c->connection);
    }
}

static bool any_open(const struct worker *w)
{
    for (const struct channel *c = w->channels; c; c = c->next)
        if (c->state == CHANNEL_OPEN)
            return true;
    return false;
}

/*
 * Wait: what has been read becomes durable and is confirmed. Linger: closing a socket that has unread octets
 * would make the kernel reset the connection, and a confirm on its way be lost; so the peer is told that
 * nothing more comes, and read until it closes. Hand over: the last words about the stations.
 */
static bool drain_go_on(struct worker *w)
{
    int64_t now_ms = worker_now(w)->now_ms;
    if (w->drain == DRAIN_WAIT && (!worker_waits(w) || now_ms >= w->drain_due_ms)) {
        worker_settle(w);
        linger_begin(w);
    }
    if (w->drain == DRAIN_LINGER && (!any_open(w) || now_ms >= w->drain_due_ms)) {
        for (struct channel *c = w->channels; c; c = c->next) {
            channel_close(c);
            for (struct station *s = c->stations; s; s = s->next)
                session_abandon_commands(&s->session, worker_now(w));
        }
        w->drain = DRAIN_HAND_OVER;
        return false;
    }
    if (w->drain == DRAIN_HAND_OVER && ((!w->box.open && !w->unposted) || now_ms >= w->order->deadline_ms)) {
        w->drain = DRAIN_DONE;
        return true;
    }
    return false;
}

static const struct order_row {
    void (*begin)(struct worker *w, const struct order *order);
    bool (*go_on)(struct worker *w); /* true where it is done */
} order_rows[] = {
    [ORDER_REMOVE] = {remove_begin, remove_go_on},
    [ORDER_APPLY] = {apply_begin, apply_go_on},
    [ORDER_DRAIN] = {drain_begin, drain_go_on},
};

void worker_carry_out(struct worker *w)
{
    if (!w->order) {
        w->order = mailbox_take(&w->orders);
        if (!w->order)
            return;
        order_rows[w->order->kind].begin(w, w->order);
    }
    w->order_is_over = order_rows[w->order->kind].go_on(w);
}

void worker_remove_all(struct worker *w)
{
    while (w->channels) {
        struct channel *c = w->channels;
        channel_close(c);
        while (c->stations) {
            struct station *next = c->stations->next;
            station_free(c->stations);
            c->stations = next;
        }
        channel_free(c);
    }
}
