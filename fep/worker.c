// SPDX-License-Identifier: Apache-2.0
/*
 * The turn, as fep/worker.h tells it. While octets are worked off nothing but replies to link services is
 * sent: sessions only change, and are remembered in `touched`, so that each is written to once, whatever came
 * of its fragments and of released confirms. A turn that serves many channels does so between two of them,
 * too: worker_served(). What would block never does: a batch that the committer's mailbox has no room for
 * waits in `unposted`, and a socket that takes nothing keeps its rest.
 */
#include "fep/worker_state.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STALL_MS = 1000,        /* a batch that waits longer: the store stalls */
    STALL_LOOK_MS = 200,    /* how often to look while something waits */
    ORDER_LOOK_MS = 20,     /* for the end of an order's patience */
    POST_AGAIN_MS = 2,      /* the committer's mailbox is full */
    SERVED_AT_ONCE = 1024,  /* channels that are read before anything else is done */
    COMMANDS_ROOM = 256,    /* that wait to be taken */
    KEEP_SMALL_BUFFERS = 64 /* free ones kept by each pool */
};

/* Octets of the largest fragment that a configuration may allow. */
enum { LARGE_FRAGMENT = 65536 };

const struct instant *worker_now(struct worker *w)
{
    if (w->at_is_old) {
        w->at_is_old = false;
        w->at.now_ms = clock_now_ms();
        w->at.wall_ms = clock_wall_ms();
        w->at.wall_trusted = w->fep.clock == CONFIG_CLOCK_SYSTEM || clock_trust(&w->trust, w->at.now_ms);
    }
    return &w->at;
}

static void worker_woken(struct loop_watch *watch, unsigned what)
{
    (void)what;
    wake_clear(&LOOP_OWNER(watch, struct worker, wake_watch)->wake);
}

void worker_durable(struct worker *w, uint64_t number)
{
    if (number == atomic_load_explicit(&w->durable, memory_order_relaxed))
        return;
    atomic_store_explicit(&w->durable, number, memory_order_release);
    wake_up(&w->wake);
}

void *worker_more_room(void *list, size_t *room, size_t size)
{
    *room = *room ? *room * 2 : 64;
    list = realloc(list, *room * size);
    if (!list)
        abort();
    return list;
}

static void worker_release(struct worker *w, const struct held *held)
{
    struct station *s = (struct station *)held->session;
    if (w->released_len == w->released_room)
        w->released = worker_more_room(w->released, &w->released_room, sizeof(*w->released));
    if (held->asked)
        w->released[w->released_len++] = (struct released){s, held->read_us, s->session.counters.confirms};
    station_enter(w, s);
    session_release(&s->session, held->ticket, worker_now(w), &w->box);
    station_leave(w, s);
}

/* Tests hold a watermark back, so that a kill falls between a commit and its confirms. */
static uint64_t worker_watermark(struct worker *w)
{
    uint64_t number = atomic_load_explicit(&w->durable, memory_order_acquire);
    if (!w->options.hold_confirms_ms)
        return number;
    uint64_t now = w->box.durable;
    if (w->pending_durable > now && worker_now(w)->now_ms >= w->pending_due_ms)
        now = w->pending_durable;
    if (w->pending_durable <= now && number > now) {
        w->pending_durable = number;
        w->pending_due_ms = worker_now(w)->now_ms + w->options.hold_confirms_ms;
    }
    return now;
}

static void worker_take_watermark(struct worker *w)
{
    uint64_t number = worker_watermark(w);
    if (number == w->box.durable)
        return;
    outbox_durable(&w->box, number);
    struct held held;
    while (outbox_next_held(&w->box, &held))
        worker_release(w, &held);
}

static void worker_run_timers(struct worker *w)
{
    struct wheel_timer *t;
    int64_t now_ms = worker_now(w)->now_ms;
    while ((t = wheel_take(&w->channels_wheel, now_ms)))
        channel_timer((struct channel *)((char *)t - offsetof(struct channel, timer)));
    while ((t = wheel_take(&w->stations_wheel, now_ms))) {
        struct station *s = (struct station *)((char *)t - offsetof(struct station, timer));
        if (session_deadline_ms(&s->session) > now_ms) {
            station_set_timer(w, s, true);
            continue;
        }
        station_enter(w, s);
        session_tick(&s->session, worker_now(w), &w->box);
        station_leave(w, s);
    }
}

/* Those that are busy now; what they leave over comes in the next turn, after the sockets of the others. */
static void worker_run_busy(struct worker *w)
{
    struct channel **end = w->busy_end;
    while (w->busy) {
        bool last = &w->busy->next_busy == end;
        channel_work(w->busy);
        if (last)
            break;
    }
}

static void worker_set_stalled(struct worker *w, bool stalled)
{
    w->stalled = stalled;
    metric_set(&w->metrics->stalled, stalled);
    if (stalled)
        LOG(w->log, LOG_LEVEL_ERROR, "store_stalled",
            "the store takes longer than a second; no polls are started and stations keep their events",
            log_number("worker", w->options.index));
    else
        LOG(w->log, LOG_LEVEL_INFO, "store_recovered", "the store has caught up; polls go on",
            log_number("worker", w->options.index));
    for (struct channel *c = w->channels; c; c = c->next)
        for (struct station *s = c->stations; s; s = s->next)
            station_hold_polls(w, s, stalled || w->drain || s->leaving);
}

static void worker_look_at_store(struct worker *w)
{
    bool stalled = outbox_stalled(&w->box, worker_now(w)->now_ms, STALL_MS);
    if (stalled != w->stalled)
        worker_set_stalled(w, stalled);
    for (size_t i = w->paused_len; i-- > 0;)
        if (channel_may_read(w->paused[i]))
            channel_read_again(w->paused[i]);
}

static void worker_hand_over(struct worker *w)
{
    struct batch *b = outbox_close(&w->box);
    if (b) {
        b->next = NULL;
        *w->unposted_end = b;
        w->unposted_end = &b->next;
    }
    bool posted = false;
    while (w->unposted) {
        struct batch *next = w->unposted->next;
        if (!mailbox_post(w->options.batches, w->unposted))
            break;
        posted = true;
        w->unposted = next;
    }
    if (!w->unposted)
        w->unposted_end = &w->unposted;
    if (posted)
        wake_up(w->options.committer_wake);
}

void worker_settle(struct worker *w)
{
    for (size_t i = 0; i < w->touched_len; i++) { /* settling one may touch others of its channel */
        struct station *s = w->touched[i];
        s->touched = false;
        station_settle(w, s);
    }
    w->touched_len = 0;
}

static void worker_count_released(struct worker *w)
{
    int64_t now_us = w->released_len ? clock_now_us() : 0;
    for (size_t i = 0; i < w->released_len; i++) {
        const struct released *r = &w->released[i];
        struct station_counters *counters = &r->station->session.counters;
        if (counters->confirms != r->confirms) {
            metric_add(&w->metrics->delay[delay_bucket((uint64_t)(now_us - r->read_us))], 1);
        } else {
            counters->confirms_dropped++;
            metric_add(&w->metrics->confirms_dropped, 1);
        }
    }
    w->released_len = 0;
    metric_set(&w->metrics->held, w->box.held_len);
}

static int64_t worker_wait_ms(const struct worker *w)
{
    if (w->busy || w->box.open || w->touched_len)
        return 0;
    int64_t now_ms = clock_now_ms();
    int64_t due_ms = earlier_ms(wheel_next_ms(&w->stations_wheel), wheel_next_ms(&w->channels_wheel));
    if (w->box.sent_len)
        due_ms = earlier_ms(due_ms, now_ms + STALL_LOOK_MS);
    if (w->unposted)
        due_ms = earlier_ms(due_ms, now_ms + POST_AGAIN_MS);
    if (w->order)
        due_ms = earlier_ms(due_ms, now_ms + ORDER_LOOK_MS);
    if (w->pending_durable > w->box.durable)
        due_ms = earlier_ms(due_ms, w->pending_due_ms);
    if (due_ms == WHEEL_NEVER_MS)
        return -1;
    return due_ms > now_ms ? due_ms - now_ms : 0;
}

/* To the store, and back to the stations. */
static void worker_pass_on(struct worker *w)
{
    w->served = 0;
    worker_hand_over(w);
    worker_settle(w);
    worker_count_released(w);
}

/*
 * Thousands of channels may be ready in one turn. What some of them sent is stored while the others are read,
 * and they are answered while their state is still in the caches.
 */
void worker_served(struct worker *w)
{
    if (++w->served < SERVED_AT_ONCE)
        return;
    w->at_is_old = true;
    (void)worker_now(w);
    worker_take_watermark(w);
    worker_pass_on(w);
}

static void worker_turn(struct worker *w)
{
    int64_t wait_ms = worker_wait_ms(w);
    w->at_is_old = true;
    loop_turn(w->loop, wait_ms);
    metric_add(&w->metrics->turns, 1);
    w->at_is_old = true;
    (void)worker_now(w);
    worker_run_busy(w);
    worker_take_commands(w);
    worker_carry_out(w);
    worker_take_watermark(w);
    worker_run_timers(w);
    worker_look_at_store(w);
    worker_pass_on(w);
    worker_order_done(w);
}

static void worker_run(void *context)
{
    struct worker *w = context;
    while (w->drain != DRAIN_DONE)
        worker_turn(w);
}

void worker_free(struct worker *w)
{
    if (!w)
        return;
    worker_remove_all(w);
    while (w->unposted) {
        struct batch *next = w->unposted->next;
        free(w->unposted);
        w->unposted = next;
    }
    free(w->released);
    free(w->touched);
    free(w->paused);
    outbox_free(&w->box);
    loop_watch_stop(&w->wake_watch);
    loop_close(w->loop);
    for (struct command *c; (c = mailbox_take(&w->commands));)
        command_free(c); /* the end of the process tells that they were not sent */
    mailbox_close(&w->commands);
    mailbox_close(&w->orders);
    wake_close(&w->wake);
    pool_free(&w->rests);
    pool_free(&w->inputs);
    pool_free(&w->small);
    pool_free(&w->large);
    free(w);
}

static void worker_init(struct worker *w, const struct worker_options *options)
{
    w->options = *options;
    w->fep = *options->fep;
    w->options.fep = NULL; /* lent for now only */
    w->log = options->log;
    w->metrics = options->metrics;
    w->at_is_old = true;
    w->busy_end = &w->busy;
    w->unposted_end = &w->unposted;
    pool_init(&w->rests, 1024, KEEP_SMALL_BUFFERS);
    pool_init(&w->inputs, sizeof(struct channel_input) + LINK_FRAME_MAX + READ_ROOM, KEEP_SMALL_BUFFERS);
    pool_init(&w->small, APP_FRAGMENT_MAX, KEEP_SMALL_BUFFERS);
    pool_init(&w->large, LARGE_FRAGMENT, 1);
    int64_t now_us = clock_now_us();
    w->random = (uint64_t)clock_wall_ms() * 0x9E3779B97F4A7C15u ^ ((uint64_t)options->index + 1);
    w->next_connect_us = now_us;
    wheel_init(&w->stations_wheel, now_us / 1000);
    wheel_init(&w->channels_wheel, now_us / 1000);
    outbox_init(&w->box, options->index, (size_t)options->fep->batch_memory_mb << 20);
}

struct worker *worker_new(const struct worker_options *options)
{
    struct worker *w = aligned_alloc(_Alignof(struct worker), sizeof(*w));
    if (!w)
        return NULL;
    memset(w, 0, sizeof(*w));
    w->wake.fd = -1;
    worker_init(w, options);
    w->loop = loop_open();
    w->wake_kind = (struct loop_kind){w->loop, worker_woken};
    w->owner = connection_owner(w->loop, &w->rests, channel_happened);
    bool ok = w->loop && wake_open(&w->wake) && mailbox_open(&w->orders, 4) &&
              mailbox_open(&w->commands, COMMANDS_ROOM) &&
              loop_watch_start(&w->wake_kind, &w->wake_watch, w->wake.fd, LOOP_READ);
    if (ok)
        return w;
    int error = errno;
    worker_free(w);
    errno = error;
    return NULL;
}

void worker_wake(struct worker *w)
{
    wake_up(&w->wake);
}

void worker_order(struct worker *w, struct order *order)
{
    atomic_store_explicit(&order->done, false, memory_order_relaxed);
    bool posted = mailbox_post(&w->orders, order);
    assert(posted); /* one at a time */
    (void)posted;
    wake_up(&w->wake);
}

bool worker_command(struct worker *w, struct command *c)
{
    if (!mailbox_post(&w->commands, c))
        return false;
    wake_up(&w->wake);
    return true;
}

bool worker_start(struct worker *w)
{
    char name[16];
    snprintf(name, sizeof(name), "worker-%u", (unsigned)w->options.index);
    return thread_start(&w->thread, name, w->options.core, worker_run, w);
}

void worker_join(struct worker *w)
{
    thread_join(&w->thread);
}

bool worker_has_told_all(const struct worker *w)
{
    return !w->unposted && !w->box.open;
}
