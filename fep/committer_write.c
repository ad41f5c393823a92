// SPDX-License-Identifier: Apache-2.0
/*
 * The round as a transaction. Where the store refuses something in it for another reason than space or I/O,
 * it is begun again with a savepoint for each fragment: the one that is refused goes to the quarantine, and
 * all the rest is stored.
 */
#include "fep/committer_state.h"

#include <stdio.h>

enum {
    RETENTION_ROWS = 2000, /* deleted with each transaction, while there is something to delete */
    RETENTION_EVERY_MS = 5000
};

static enum store_result quarantine(struct committer *c, const struct batch_fragment *f, int64_t seq,
                                    const char *reason)
{
    c->quarantine_grew = true;
    return store_quarantine(c->store, f->item.station, f->received_ms, seq, reason, batch_octets(f),
                            f->octets_len);
}

static const char *quarantine_reason(const struct span *s)
{
    if (s->refused)
        return "refused by the store";
    enum walk_result defect = s->fragment->defect;
    return defect != WALK_END ? walk_result_text(defect) : "events of a kind that is not stored";
}

static enum store_result write_span(struct committer *c, const struct span *s)
{
    enum store_result result = STORE_OK;
    const struct journal_row *rows = &c->round.rows.rows[s->first];
    for (size_t i = 0; i < s->len && result == STORE_OK; i++)
        if (rows[i].type != ROW_NONE)
            result = store_append(c->store, &rows[i]);
    if (result == STORE_OK && (s->refused || s->defect))
        result = quarantine(c, s->fragment, rows[s->len - 1].seq, quarantine_reason(s));
    return result;
}

static enum store_result write_spans(struct committer *c)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < c->round.spans_len && result == STORE_OK; i++)
        result = write_span(c, &c->round.spans[i]);
    return result;
}

/*
 * The store will not take this fragment: one record stands for its rows from here on, also for those who
 * subscribe, and nothing of it is compared with what comes later.
 */
static void refuse_span(struct committer *c, struct span *s)
{
    struct journal_row *rows = &c->round.rows.rows[s->first];
    for (size_t i = 0; i + 1 < s->len; i++)
        rows[i].type = ROW_NONE;
    rows[s->len - 1] = (struct journal_row){.seq = rows[s->len - 1].seq,
                                            .time_ms = s->fragment->received_ms,
                                            .received_ms = s->fragment->received_ms,
                                            .station = s->fragment->item.station,
                                            .index = HOLE_QUARANTINE,
                                            .type = ROW_HOLE,
                                            .origin = ORIGIN_FEP};
    s->refused = true;
    ingest_forget(c->ingest, s->fragment->item.station, s->fragment->ticket);
}

static enum store_result write_span_apart(struct committer *c, struct span *s)
{
    enum store_result result = store_savepoint(c->store);
    if (result == STORE_OK)
        result = write_span(c, s);
    if (result == STORE_REFUSED) {
        if (!s->fragment || !s->len || s->refused)
            return STORE_IO; /* a record of our own can't be refused: something is wrong with the store */
        result = store_savepoint_undo(c->store);
        refuse_span(c, s);
        if (result == STORE_OK)
            result = write_span(c, s);
    }
    return result == STORE_OK ? store_savepoint_release(c->store) : result;
}

/* Something in the batch is refused for another reason than space or I/O: find it, and store all the rest. */
static enum store_result write_spans_apart(struct committer *c)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < c->round.spans_len && result == STORE_OK; i++)
        result = write_span_apart(c, &c->round.spans[i]);
    return result;
}

static enum store_result write_consumers(struct committer *c)
{
    enum store_result result = STORE_OK;
    for (const struct consumer *k = c->consumers; k && result == STORE_OK; k = k->next)
        result = store_put_consumer(c->store, k->name, k->seq, k->at_ms);
    return result;
}

/*
 * A clock that jumps ahead must not empty the journal before somebody sees it: belief moves by no more than
 * the time that has passed, so rows age at most twice as fast as they should. It moves back as slowly, and a
 * clock that is behind it counts at once: nothing goes too early then, and once the clock is set right again
 * all is as before. Only the first time that the clock is known to be right it is believed whatever it says,
 * since a machine without a battery wakes up in another year.
 */
static int64_t believed_wall_ms(struct age_clock *age, const struct instant *at)
{
    int64_t offset_ms = at->wall_ms - at->now_ms;
    int64_t passed_ms = at->now_ms - age->at_ms;
    int64_t moved_ms = offset_ms - age->offset_ms;
    if (age->trusted || !at->wall_trusted) {
        moved_ms = moved_ms < passed_ms ? moved_ms : passed_ms;
        moved_ms = moved_ms > -passed_ms ? moved_ms : -passed_ms;
    }
    age->at_ms = at->now_ms;
    age->offset_ms += moved_ms;
    age->trusted = age->trusted || at->wall_trusted;
    return at->now_ms + (offset_ms < age->offset_ms ? offset_ms : age->offset_ms);
}

static enum store_result write_retention(struct committer *c, const struct instant *at)
{
    if (at->now_ms < c->next_retention_ms)
        return STORE_OK;
    int64_t age_ms = (int64_t)c->options.retention_age_s * 1000;
    const struct store_limits limits = {.before_ms = age_ms ? believed_wall_ms(&c->age, at) - age_ms : 0,
                                        .clock_ms = at->wall_ms,
                                        .max_bytes = c->options.retention_size_mb << 20,
                                        .max_rows = RETENTION_ROWS};
    enum store_result result = store_retain(c->store, &limits, &c->deleted);
    if (c->deleted < RETENTION_ROWS)
        c->next_retention_ms = at->now_ms + RETENTION_EVERY_MS;
    return result;
}

static enum store_result write_note(struct committer *c, struct note *n)
{
    if (n->change == NOTE_UNTAG) {
        enum store_result result = store_delete_tag(c->store, n->tag.id);
        return result == STORE_OK ? store_audit(c->store, &n->record) : result;
    }
    enum store_result result = store_audit(c->store, &n->record);
    if (result != STORE_OK || n->change == NOTE_ONLY)
        return result;
    n->tag.id = n->record.id;
    n->tag.at_ms = n->record.at_ms;
    n->tag.who = n->record.who;
    return store_put_tag(c->store, &n->tag);
}

static enum store_result write_audit(struct committer *c)
{
    enum store_result result = STORE_OK;
    for (size_t i = 0; i < c->round.audits_len && result == STORE_OK; i++) {
        const struct batch_audit *a = c->round.audits[i];
        struct audit_record record = {.at_ms = a->at_ms, .command = a->command};
        note_unpack(a->texts, &record);
        result = store_audit(c->store, &record);
    }
    for (struct note *n = c->notes; n && result == STORE_OK; n = n->next) {
        if (n->starts_command) /* an attempt before, when the database was locked, may have numbered it */
            n->record.command = AUDIT_COMMAND_NEW;
        result = write_note(c, n);
    }
    c->audited = c->round.audits_len || c->notes;
    return result;
}

/* What rides along with the events, in this order. */
static enum store_result write_riders(struct committer *c, const struct instant *at, bool all)
{
    enum store_result result = write_audit(c);
    if (result == STORE_OK)
        result = write_consumers(c);
    if (result == STORE_OK && c->quarantine_grew)
        result =
            store_bound_quarantine(c->store, c->options.quarantine_per_station, c->options.quarantine_total);
    if (result == STORE_OK)
        result = write_retention(c, at);
    if (result == STORE_OK)
        result = behind_slice(&c->behind, c->store, c->status.newest_seq, all, at->now_ms);
    return result;
}

enum store_result committer_transact(struct committer *c, const struct instant *at, bool all)
{
    c->deleted = 0;
    enum store_result result = store_begin(c->store);
    if (result == STORE_OK)
        result = write_spans(c);
    if (result == STORE_REFUSED) {
        store_rollback(c->store);
        result = store_begin(c->store);
        if (result == STORE_OK)
            result = write_spans_apart(c);
    }
    if (result == STORE_OK)
        result = write_riders(c, at, all);
    if (result == STORE_OK)
        result = store_commit(c->store);
    if (result != STORE_OK) {
        snprintf(c->status.error, sizeof c->status.error, "%s: %s", store_result_text(result),
                 store_error(c->store));
        store_rollback(c->store);
    }
    behind_done(&c->behind, result == STORE_OK, at->now_ms);
    return result;
}
