// SPDX-License-Identifier: Apache-2.0
/*
 * One round: what has gathered becomes rows (once), the rows become a transaction (as often as it takes).
 * Between the two nothing else is looked at, so that a failed commit is tried again with the same rows and
 * the same numbers.
 *
 *     gather()               batches -> ingest -> c->round
 *     committer_transact()   c->round -> store, and what rides along (committer_write.c)
 *     settle()               watermarks, rows to the publisher, the next round
 */
#include "fep/committer_state.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROUND_FRAGMENTS = 4096, /* at most so many fragments a transaction */
    WAL_PAGES = 1000,       /* the WAL is checkpointed when it has grown by so many */
    RETRY_MIN_MS = 20,
    RETRY_MAX_MS = 1000,
    BUSY_RETRY_MS = 5,
    BUSY_ALARM_MS = 1000 /* somebody who holds the lock for longer is told of */
};

static void recover_station(void *context, const struct stored_station *state)
{
    ingest_recover_station(context, state);
}

static void recover_value(void *context, const struct stored_value *value)
{
    ingest_recover_value(context, value);
}

static void recover_point(void *context, uint32_t station, uint8_t type, uint32_t index)
{
    ingest_recover_point(context, station, type, index);
}

static void recover_row(void *context, const struct journal_row *row)
{
    ingest_recover_row(context, row);
}

struct committer *committer_new(struct store *store, const struct committer_options *options,
                                const struct instant *at)
{
    struct committer *c = calloc(1, sizeof *c);
    assert(c);
    c->store = store;
    c->options = *options;
    c->ingest = ingest_new(store_next_seq(store), options->doubt_off);
    struct store_recovery sink = {c->ingest, recover_station, recover_value, recover_point, recover_row};
    enum store_result result = store_recover(store, &sink);
    if (result != STORE_OK) {
        ingest_free(c->ingest);
        free(c);
        return NULL;
    }
    ingest_recovered(c->ingest);
    behind_init(&c->behind, c->ingest, options->checkpoint_interval_ms, 0);
    c->queue_end = &c->queue;
    c->notes_end = &c->notes;
    c->published_end = &c->published;
    c->durable = calloc(options->workers ? options->workers : 1, sizeof *c->durable);
    assert(c->durable);
    c->next_retention_ms = c->next_commit_ms = at->now_ms;
    c->age = (struct age_clock){.at_ms = at->now_ms, .offset_ms = at->wall_ms - at->now_ms};
    c->checkpoint_pages = WAL_PAGES;
    c->status.newest_seq = store_next_seq(store) - 1;
    return c;
}

static void batches_free(struct batch *b)
{
    while (b) {
        struct batch *next = b->next;
        free(b);
        b = next;
    }
}

static void consumers_forget(struct committer *c)
{
    while (c->consumers) {
        struct consumer *next = c->consumers->next;
        free(c->consumers);
        c->consumers = next;
    }
}

void committer_free(struct committer *c)
{
    if (!c)
        return;
    batches_free(c->queue);
    batches_free(c->round.batches);
    for (struct committed *p; (p = committer_next_published(c));)
        free(p);
    consumers_forget(c);
    free(c->round.rows.rows);
    free(c->round.spans);
    free(c->round.audits);
    free(c->durable);
    behind_free(&c->behind);
    ingest_free(c->ingest);
    free(c);
}

static void span_add(struct round *r, const struct batch_item *item, size_t first)
{
    if (r->spans_len == r->spans_room) {
        r->spans_room = r->spans_room ? r->spans_room * 2 : 256;
        r->spans = realloc(r->spans, r->spans_room * sizeof *r->spans);
        assert(r->spans);
    }
    const struct batch_fragment *f = item->kind == BATCH_FRAGMENT ? (const void *)item : NULL;
    r->spans[r->spans_len++] = (struct span){.fragment = f,
                                             .first = first,
                                             .len = r->rows.len - first,
                                             .defect = f && (f->defect != WALK_END || f->unstorable)};
    r->fragments += f != NULL;
}

/* A station that was on line when the process ended, and is configured no longer: nobody else will say that
 * it went. */
static void retire_absent(struct committer *c)
{
    for (uint32_t i = 0; i < ingest_numbers(c->ingest); i++) {
        const struct station_image *s = ingest_station(c->ingest, i);
        if (!s || !s->online || ingest_configured(c->ingest, i))
            continue;
        struct batch_station gone = {.item = {.kind = BATCH_STATION, .size = sizeof gone, .station = i},
                                     .last_heard_ms = (int64_t)s->last_heard_ms,
                                     .iin = s->iin,
                                     .removed = 1};
        size_t first = c->round.rows.len;
        ingest_item(c->ingest, &gone.item, &c->round.rows);
        span_add(&c->round, &gone.item, first);
        c->round.open = true;
    }
}

void committer_catalog(struct committer *c, const struct catalog *catalog)
{
    ingest_catalog(c->ingest, catalog);
    if (!c->has_catalog)
        retire_absent(c);
    c->has_catalog = true;
}

void committer_take(struct committer *c, struct batch *batch)
{
    assert(batch->worker < c->options.workers);
    batch->next = NULL;
    *c->queue_end = batch;
    c->queue_end = &batch->next;
    c->status.waiting++;
}

static void audit_add(struct round *r, const struct batch_item *item)
{
    if (r->audits_len == r->audits_room) {
        r->audits_room = r->audits_room ? r->audits_room * 2 : 64;
        r->audits = realloc(r->audits, r->audits_room * sizeof(struct batch_audit *));
        assert(r->audits);
    }
    r->audits[r->audits_len++] = (const void *)item;
}

static void ingest_batch(struct committer *c, const struct batch *b)
{
    struct round *r = &c->round;
    for (const struct batch_item *item = batch_next(b, NULL); item; item = batch_next(b, item)) {
        size_t first = r->rows.len;
        if (item->kind == BATCH_AUDIT) {
            audit_add(r, item);
            continue;
        }
        ingest_item(c->ingest, item, &r->rows);
        if (r->rows.len != first || item->kind == BATCH_FRAGMENT)
            span_add(r, item, first);
    }
}

static void gather(struct committer *c)
{
    struct round *r = &c->round;
    while (c->queue && r->fragments < ROUND_FRAGMENTS) {
        struct batch *b = c->queue;
        c->queue = b->next;
        if (!c->queue)
            c->queue_end = &c->queue;
        b->next = NULL;
        *(r->last ? &r->last->next : &r->batches) = b;
        r->last = b;
        r->open = true;
        ingest_batch(c, b);
    }
}

/* The octets of strings go along behind the rows: those of the round lie in batches that are freed. */
static void publish(struct committer *c)
{
    const struct ingest_rows *rows = &c->round.rows;
    size_t octets = 0;
    if (!c->options.publish || (!rows->len && !c->audited))
        return;
    for (size_t i = 0; i < rows->len; i++)
        octets += rows->rows[i].octets_len;
    struct committed *p = malloc(sizeof *p + rows->len * sizeof rows->rows[0] + octets);
    assert(p);
    struct audit_head head;
    store_audit_head(c->store, &head);
    *p = (struct committed){.newest = c->status.newest_seq, .audit = head.id};
    uint8_t *to = (uint8_t *)&p->rows[rows->len];
    for (size_t i = 0; i < rows->len; i++) {
        if (rows->rows[i].type == ROW_NONE)
            continue;
        struct journal_row *row = &p->rows[p->len++];
        *row = rows->rows[i];
        if (!row->octets_len)
            continue;
        memcpy(to, row->octets, row->octets_len);
        row->octets = to;
        to += row->octets_len;
    }
    *c->published_end = p;
    c->published_end = &p->next;
}

static void count_round(struct committer *c)
{
    const struct round *r = &c->round;
    c->status.rows += r->rows.len;
    c->status.fragments += r->fragments;
    c->status.repeats = r->rows.repeats;
    c->status.possible_repeats = r->rows.possible_repeats;
    c->status.points_refused = r->rows.points_refused;
    c->status.full_stations = r->rows.full_stations;
    c->status.full_station = r->rows.full_station;
    for (size_t i = 0; i < r->spans_len; i++)
        c->status.quarantined += r->spans[i].defect || r->spans[i].refused;
    for (size_t i = 0; i < r->rows.len; i++)
        c->status.holes += r->rows.rows[i].type == ROW_HOLE;
}

static void settle(struct committer *c)
{
    struct round *r = &c->round;
    c->status.newest_seq = ingest_next_seq(c->ingest) - 1;
    count_round(c);
    publish(c);
    for (const struct batch *b = r->batches; b; b = b->next) {
        assert(b->number > c->durable[b->worker]);
        c->durable[b->worker] = b->number;
        c->status.waiting--;
    }
    batches_free(r->batches);
    r->batches = r->last = NULL;
    r->rows.len = r->spans_len = r->audits_len = 0;
    c->audited = false;
    r->fragments = 0;
    r->open = false;
}

static bool round_has_rows(const struct committer *c)
{
    return c->round.rows.len || c->round.audits_len || c->consumers || c->notes;
}

/* When to do something although no batch comes. */
static int64_t housekeeping_due_ms(const struct committer *c)
{
    return earlier_ms(behind_due_ms(&c->behind), c->next_retention_ms);
}

/* Somebody waits, and does not do what can't be told of. */
static void notes_done(struct committer *c, enum store_result result)
{
    for (struct note *n = c->notes, *next; n; n = next) {
        next = n->next;
        n->result = result;
        n->done = true;
    }
    c->notes = NULL;
    c->notes_end = &c->notes;
}

static int64_t on_failure(struct committer *c, enum store_result result, const struct instant *at)
{
    if (result == STORE_BUSY) {
        if (!c->busy_since_ms)
            c->busy_since_ms = at->now_ms;
        if (!c->status.failing_since_ms && at->now_ms - c->busy_since_ms >= BUSY_ALARM_MS)
            c->status.failing_since_ms = c->busy_since_ms;
        return c->retry_ms = at->now_ms + BUSY_RETRY_MS;
    }
    notes_done(c, result);
    c->busy_since_ms = 0;
    c->status.failed_commits++;
    if (!c->status.failing_since_ms)
        c->status.failing_since_ms = at->now_ms;
    c->retry_wait_ms = c->retry_wait_ms ? c->retry_wait_ms * 2 : RETRY_MIN_MS;
    if (c->retry_wait_ms > RETRY_MAX_MS)
        c->retry_wait_ms = RETRY_MAX_MS;
    return c->retry_ms = at->now_ms + c->retry_wait_ms;
}

/*
 * Only here, between two commits: SQLite before 3.51.3 can lose committed transactions when one connection
 * checkpoints while another commits, and a checkpoint beside a writer that never rests never lets the log
 * shrink. It comes with the step after the one that filled the log, so that confirms do not wait for it.
 * Where a reader holds the log, what can be copied is copied, and the next attempt waits until the log has
 * grown as much again.
 */
static void checkpoint(struct committer *c)
{
    bool reset = store_checkpoint(c->store) == STORE_OK;
    c->status.wal_pages = store_wal_pages(c->store);
    c->checkpoint_pages = (reset ? 0 : c->status.wal_pages) + WAL_PAGES;
}

static bool checkpoint_due(const struct committer *c)
{
    return c->status.wal_pages >= c->checkpoint_pages;
}

static void on_success(struct committer *c)
{
    c->status.commits++;
    c->status.deleted += c->deleted;
    c->quarantine_grew = false;
    c->status.failing_since_ms = c->busy_since_ms = 0;
    c->status.error[0] = '\0';
    c->retry_wait_ms = 0;
    c->retry_ms = 0;
    consumers_forget(c);
    notes_done(c, STORE_OK);
    c->status.wal_pages = store_wal_pages(c->store);
}

int64_t committer_step(struct committer *c, const struct instant *at)
{
    if (at->now_ms < c->retry_ms)
        return c->retry_ms;
    if (checkpoint_due(c))
        checkpoint(c);
    bool work = c->round.open || c->queue || c->consumers || c->notes;
    if (!work && at->now_ms < housekeeping_due_ms(c))
        return housekeeping_due_ms(c);
    if (at->now_ms < c->next_commit_ms)
        return c->next_commit_ms;
    if (!c->round.open)
        gather(c);
    if (!round_has_rows(c) && at->now_ms < housekeeping_due_ms(c)) {
        settle(c); /* repeats of what is durable, proofs: nothing to store */
        return c->queue ? at->now_ms : housekeeping_due_ms(c);
    }
    c->next_commit_ms = at->now_ms + c->options.commit_interval_ms;
    enum store_result result = committer_transact(c, at, false);
    if (result != STORE_OK)
        return on_failure(c, result, at);
    on_success(c);
    settle(c);
    if (checkpoint_due(c))
        return at->now_ms;
    return c->queue || housekeeping_due_ms(c) <= at->now_ms ? c->next_commit_ms : housekeeping_due_ms(c);
}

uint64_t committer_durable(const struct committer *c, uint32_t worker)
{
    return c->durable[worker];
}

struct committed *committer_next_published(struct committer *c)
{
    struct committed *p = c->published;
    if (p && !(c->published = p->next))
        c->published_end = &c->published;
    return p;
}

const struct committer_status *committer_status(const struct committer *c)
{
    return &c->status;
}

/* A later word about the same consumer replaces an earlier one. */
void committer_put_consumer(struct committer *c, const char *name, int64_t seq, int64_t at_ms)
{
    struct consumer *k = c->consumers;
    while (k && strcmp(k->name, name) != 0)
        k = k->next;
    if (!k) {
        k = calloc(1, sizeof *k);
        assert(k);
        snprintf(k->name, sizeof k->name, "%s", name);
        k->next = c->consumers;
        c->consumers = k;
    }
    k->seq = seq;
    k->at_ms = at_ms;
}

void committer_put_note(struct committer *c, struct note *note)
{
    note->next = NULL;
    note->done = false;
    *c->notes_end = note;
    c->notes_end = &note->next;
}

bool committer_settled(const struct committer *c)
{
    return !c->round.open && !c->consumers;
}

struct ingest *committer_ingest(struct committer *c)
{
    return c->ingest;
}

bool committer_finish(struct committer *c, const struct instant *at)
{
    do {
        behind_begin_again(&c->behind, at->now_ms);
        if (!c->round.open)
            gather(c);
        enum store_result result = committer_transact(c, at, true);
        if (result != STORE_OK) {
            on_failure(c, result, at);
            return false;
        }
        on_success(c);
        settle(c);
    } while (c->queue || c->behind.settled_as_of < c->status.newest_seq);
    return true;
}
