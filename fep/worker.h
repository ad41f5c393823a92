// SPDX-License-Identifier: Apache-2.0
/*
 * A worker: a thread with its own event loop, its channels and sessions, its open batch and held confirms.
 *
 *     struct worker *w = worker_new(&options), worker_start(w)
 *     worker_order(w, &order)                     main thread; order.done is set when it has been carried out
 *     worker_join(w), worker_free(w)              after ORDER_DRAIN is done
 *
 * What crosses the thread's border: orders from main, the watermark and its wake from the committer, batches
 * to the committer. A turn of the loop:
 *
 *     sockets that are ready      octets -> frames -> sessions -> open batch
 *     channels that are busy      the same, with what they had sent beyond their share of a turn
 *     commands                    of operators, to their sessions (worker_commands.c)
 *     orders                      differences of the station list, drain
 *     watermark                   confirms whose fragments are durable
 *     timers that are due         sessions, connects
 *     the store                   stalls: polls are held; has room: channels that were paused are read again
 *     hand over                   the batch to the committer, at most one wake
 *     settle                      per session touched: write once, set its timer, log what changed
 */
#ifndef FEP_WORKER_H
#define FEP_WORKER_H

#include "fep/catalog.h"
#include "fep/io/mailbox.h"
#include "fep/log.h"
#include "fep/metrics.h"

struct command;
struct station;
struct trace_board;
struct worker;

enum change_kind {
    CHANGE_ADD,   /* a station that this worker does not have */
    CHANGE_KEEP,  /* the same session; entry is its place in the new catalog */
    CHANGE_REMOVE /* also the first half of a change of its settings */
};

struct change {
    enum change_kind kind;
    bool gone;                           /* CHANGE_REMOVE: it is no longer configured at all */
    bool disabled;                       /* set by CHANGE_REMOVE: by a command, which outlives a change */
    const struct change *before;         /* CHANGE_ADD: of the same station; NULL: it is new */
    const struct catalog_station *entry; /* of the new catalog; CHANGE_REMOVE: of the old one */
    struct station *station;             /* set by CHANGE_ADD; needed by the other two */
};

enum order_kind {
    ORDER_REMOVE, /* all changes are CHANGE_REMOVE: each station first gets its held confirms, at most 2 s */
    ORDER_APPLY,  /* the others; afterwards nothing here points to an older catalog */
    ORDER_DRAIN   /* get what is held confirmed, disconnect, hand everything over; the thread ends */
};

/* Main's; lives until it is done. One at a time for each worker. */
struct order {
    enum order_kind kind;
    const struct catalog *catalog; /* ORDER_APPLY */
    struct change *changes;
    size_t changes_len;
    int64_t deadline_ms; /* monotonic: ORDER_REMOVE and ORDER_DRAIN wait no longer */
    struct wake *asker;  /* woken when it is done */
    _Atomic bool done;
};

struct worker_options {
    uint32_t index;
    uint32_t workers;             /* how many share connects_per_s */
    int core;                     /* to be pinned to; < 0: none */
    const struct config_fep *fep; /* copied */
    uint32_t hold_confirms_ms;    /* tests only: confirms leave this much after their commit */
    struct log *log;
    struct trace_board *traces; /* NULL: nobody can look at the wire while fepd runs */
    struct worker_metrics *metrics;
    struct mailbox *batches; /* to the committer */
    struct wake *committer_wake;
};

struct worker *worker_new(const struct worker_options *options); /* NULL with errno */
bool worker_start(struct worker *w);                             /* its thread; false with errno */
void worker_order(struct worker *w, struct order *order);
void worker_wake(struct worker *w); /* any thread: it turns once more */
/* The publisher's thread. False where too many wait; else the command is the worker's. */
bool worker_command(struct worker *w, struct command *c);
void worker_join(struct worker *w); /* after ORDER_DRAIN is done */
/* After worker_join(): nothing is left that the committer has not got. */
bool worker_has_told_all(const struct worker *w);
void worker_free(struct worker *w); /* NULL is fine; its thread does not run */
/* The committer's thread: batches up to `number` are durable. Wakes where that is news. */
void worker_durable(struct worker *w, uint64_t number);

#endif
