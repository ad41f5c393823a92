// SPDX-License-Identifier: Apache-2.0
/*
 * One place to sleep: whoever has something for the committer posts it into a mailbox of its own and wakes.
 * A turn takes all that is there, makes at most one commit, and tells everybody what came of it.
 */
#include "fep/committer_thread.h"

#include "fep/io/clock.h"
#include "fep/io/thread.h"
#include "fep/registration.h"
#include "fep/snapshot.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum {
    LOOK_AT_SIZE_MS = 2000,
    ALARM_AGAIN_MS = 60000, /* a store that goes on failing is told of once a minute */
    HEAD_EVERY_MS = 24 * 3600 * 1000,
    WAL_ALARM_PAGES = 25000, /* 100 MB: somebody's long SELECT keeps the log from being reset */
    FINISH_AGAIN_MS = 50,
    ANSWER_AGAIN_MS = 20
};

struct committer_thread {
    struct committer_thread_options options;
    struct thread thread;
    struct mailbox orders;
    struct clock_trust trust;
    struct snapshot **asked; /* answered when the committer is settled */
    size_t asked_len, asked_room;
    int64_t due_ms;
    int64_t size_due_ms;
    int64_t alarm_due_ms;
    int64_t head_due_ms;
    uint32_t full_stations; /* told of */
    bool failing;
    bool wal_grows;
    bool finished;
};

static struct instant instant_now(struct committer_thread *t)
{
    int64_t now_ms = clock_now_ms();
    return (struct instant){
        .now_ms = now_ms, .wall_ms = clock_wall_ms(), .wall_trusted = clock_trust(&t->trust, now_ms)};
}

static void take_request(struct committer_thread *t, struct snapshot *s)
{
    if (t->asked_len == t->asked_room) {
        t->asked_room = t->asked_room ? t->asked_room * 2 : 16;
        t->asked = realloc(t->asked, t->asked_room * sizeof(struct snapshot *));
        if (!t->asked)
            abort();
    }
    t->asked[t->asked_len++] = s;
    if (s->kind == SNAPSHOT_NOTE)
        committer_put_note(t->options.committer, s->note);
    if (s->kind == SNAPSHOT_CONSUMER)
        committer_put_consumer(t->options.committer, s->consumer_name, s->consumer_seq, clock_wall_ms());
}

/* Settled means that no acknowledgement is still to be stored either: those may be answered now. */
static bool may_answer(const struct committer_thread *t, const struct snapshot *s)
{
    return s->kind == SNAPSHOT_NOTE ? s->note->done : committer_settled(t->options.committer);
}

static void answer(struct committer_thread *t)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->asked_len; i++) {
        struct snapshot *s = t->asked[i];
        bool posted = false;
        if (may_answer(t, s)) {
            snapshot_fill(s, committer_ingest(t->options.committer));
            posted = mailbox_post(t->options.answers, s);
            if (!posted)
                snapshot_empty(s);
        }
        if (!posted)
            t->asked[kept++] = s;
    }
    if (kept < t->asked_len)
        wake_up(t->options.publisher_wake);
    t->asked_len = kept;
}

static void take_batches(struct committer_thread *t)
{
    struct batch *b;
    for (uint32_t i = 0; i < t->options.workers_len; i++)
        while ((b = mailbox_take(&t->options.batches[i])))
            committer_take(t->options.committer, b);
}

static void take_requests(struct committer_thread *t)
{
    struct snapshot *s;
    while ((s = mailbox_take(t->options.requests)))
        take_request(t, s);
}

static void hand_out(struct committer_thread *t)
{
    struct committer *c = t->options.committer;
    for (uint32_t i = 0; i < t->options.workers_len; i++)
        worker_durable(t->options.workers[i], committer_durable(c, i));
    struct committed *rows;
    bool posted = false;
    while ((rows = committer_next_published(c))) {
        rows->next = NULL;
        if (mailbox_post(t->options.committed, rows))
            posted = true;
        else
            free(rows); /* the publisher finds them in the journal */
    }
    if (posted)
        wake_up(t->options.publisher_wake);
}

static void count_database(struct committer_thread *t, int64_t now_ms)
{
    struct stat file;
    if (now_ms < t->size_due_ms)
        return;
    t->size_due_ms = now_ms + LOOK_AT_SIZE_MS;
    if (stat(t->options.database, &file) == 0)
        metric_set(&t->options.metrics->database_octets, (uint64_t)file.st_size);
}

static void alarm_store(struct committer_thread *t, const struct committer_status *s, int64_t now_ms)
{
    bool failing = s->failing_since_ms != 0;
    if (failing && (!t->failing || now_ms >= t->alarm_due_ms)) {
        LOG(t->options.log, LOG_LEVEL_ERROR, "store_failing",
            "the database can't be written; nothing is confirmed, stations keep their events, fepd keeps "
            "trying",
            log_text("error", s->error), log_text("database", t->options.database),
            log_number("failing_s", (now_ms - s->failing_since_ms) / 1000));
        t->alarm_due_ms = now_ms + ALARM_AGAIN_MS;
    }
    if (!failing && t->failing)
        LOG(t->options.log, LOG_LEVEL_WARNING, "store_works", "the database can be written again",
            log_text("database", t->options.database));
    t->failing = failing;
}

static void alarm_wal(struct committer_thread *t, uint32_t pages)
{
    bool grows = pages > WAL_ALARM_PAGES;
    if (grows && !t->wal_grows)
        LOG(t->options.log, LOG_LEVEL_WARNING, "wal_grows",
            "the write-ahead log can't be reset: another program holds a long read of the database; end it",
            log_text("database", t->options.database), log_number("pages", pages));
    t->wal_grows = grows;
}

/* Once a station: it goes on sending them. */
static void tell_full(struct committer_thread *t, const struct committer_status *s)
{
    if (s->full_stations == t->full_stations)
        return;
    t->full_stations = s->full_stations;
    const struct config_station *config =
        ingest_configured(committer_ingest(t->options.committer), s->full_station);
    LOG(t->options.log, LOG_LEVEL_WARNING, "too_many_points",
        "a station reports more points that are not configured than are held; the events of those beyond are "
        "stored, their present values are not",
        log_text("station", config ? config->name : "?"), log_number("number", s->full_station));
}

static void tell(struct committer_thread *t, int64_t now_ms)
{
    const struct committer_status *s = committer_status(t->options.committer);
    struct committer_metrics *m = t->options.metrics;
    metric_set(&m->commits, s->commits);
    metric_set(&m->failed_commits, s->failed_commits);
    metric_set(&m->rows, s->rows);
    metric_set(&m->fragments, s->fragments);
    metric_set(&m->repeats, s->repeats);
    metric_set(&m->possible_repeats, s->possible_repeats);
    metric_set(&m->quarantined, s->quarantined);
    metric_set(&m->points_refused, s->points_refused);
    metric_set(&m->full_stations, s->full_stations);
    metric_set(&m->holes, s->holes);
    metric_set(&m->deleted, s->deleted);
    metric_set(&m->wal_pages, s->wal_pages);
    metric_set(&m->waiting, s->waiting);
    metric_set(&m->newest_seq, (uint64_t)s->newest_seq);
    metric_set(&m->failing, s->failing_since_ms != 0);
    count_database(t, now_ms);
    tell_full(t, s);
    alarm_store(t, s, now_ms);
    alarm_wal(t, s->wal_pages);
}

/* Somebody who can write the database could write the audit anew: not without the log disagreeing. */
static void tell_head(struct committer_thread *t, int64_t now_ms)
{
    struct audit_head head;
    char text[AUDIT_HEAD_TEXT];
    store_audit_head(t->options.store, &head);
    audit_head_print(&head, text);
    LOG(t->options.log, LOG_LEVEL_INFO, "audit_head", "the newest record of the audit, with its hash",
        log_text("head", text));
    t->head_due_ms = now_ms + HEAD_EVERY_MS;
}

static void carry_out_register(struct committer_thread *t, struct committer_order *order)
{
    order->result = registration_write(t->options.store, order->config, order->numbers, order->error,
                                       sizeof(order->error));
}

static void carry_out_catalog(struct committer_thread *t, struct committer_order *order)
{
    committer_catalog(t->options.committer, order->catalog);
    order->result = STORE_OK;
}

static void carry_out_finish(struct committer_thread *t, struct committer_order *order)
{
    struct instant at = instant_now(t);
    take_batches(t);
    bool stored = committer_finish(t->options.committer, &at);
    while (!stored && clock_now_ms() < order->deadline_ms) {
        (void)poll(NULL, 0, FINISH_AGAIN_MS);
        at = instant_now(t);
        stored = committer_finish(t->options.committer, &at);
    }
    order->result = stored ? STORE_OK : STORE_IO;
    if (!stored)
        snprintf(order->error, sizeof(order->error), "%s", committer_status(t->options.committer)->error);
    hand_out(t);
    tell(t, at.now_ms);
    tell_head(t, at.now_ms);
    t->finished = true;
}

static void (*const order_rows[])(struct committer_thread *t, struct committer_order *order) = {
    [COMMITTER_REGISTER] = carry_out_register,
    [COMMITTER_CATALOG] = carry_out_catalog,
    [COMMITTER_FINISH] = carry_out_finish,
};

static void take_orders(struct committer_thread *t)
{
    struct committer_order *order = mailbox_take(&t->orders);
    if (!order)
        return;
    struct wake *asker = order->asker;
    order_rows[order->kind](t, order);
    atomic_store_explicit(&order->done, true, memory_order_release);
    wake_up(asker);
}

static void wait_for_work(struct committer_thread *t)
{
    int64_t wait_ms = t->due_ms == NEVER_MS ? -1 : t->due_ms - clock_now_ms();
    if (t->due_ms != NEVER_MS && wait_ms < 0)
        wait_ms = 0;
    if (t->asked_len && (wait_ms < 0 || wait_ms > ANSWER_AGAIN_MS))
        wait_ms = ANSWER_AGAIN_MS;
    struct pollfd p = {.fd = t->options.wake->fd, .events = POLLIN};
    if (poll(&p, 1, wait_ms > 60000 ? 60000 : (int)wait_ms) > 0)
        wake_clear(t->options.wake);
}

static void committer_thread_run(void *context)
{
    struct committer_thread *t = context;
    tell_head(t, clock_now_ms());
    while (!t->finished) {
        wait_for_work(t);
        metric_add(&t->options.metrics->turns, 1);
        take_orders(t);
        if (t->finished)
            break;
        take_batches(t);
        take_requests(t);
        struct instant at = instant_now(t);
        t->due_ms = committer_step(t->options.committer, &at);
        hand_out(t);
        answer(t);
        tell(t, at.now_ms);
        if (at.now_ms >= t->head_due_ms)
            tell_head(t, at.now_ms);
    }
}

struct committer_thread *committer_thread_start(const struct committer_thread_options *options)
{
    struct committer_thread *t = aligned_alloc(_Alignof(struct committer_thread), sizeof(*t));
    if (!t)
        return NULL;
    *t = (struct committer_thread){.options = *options};
    if (mailbox_open(&t->orders, 4) && thread_start(&t->thread, "committer", -1, committer_thread_run, t))
        return t;
    mailbox_close(&t->orders);
    free(t);
    return NULL;
}

void committer_thread_order(struct committer_thread *t, struct committer_order *order)
{
    atomic_store_explicit(&order->done, false, memory_order_relaxed);
    bool posted = mailbox_post(&t->orders, order);
    assert(posted); /* one at a time */
    (void)posted;
    wake_up(t->options.wake);
}

void committer_thread_join(struct committer_thread *t)
{
    thread_join(&t->thread);
    for (size_t i = 0; i < t->asked_len; i++)
        snapshot_free(t->asked[i]);
    free(t->asked);
    mailbox_close(&t->orders);
    free(t);
}
