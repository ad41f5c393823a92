// SPDX-License-Identifier: Apache-2.0
/*
 * The committer's thread: a loop around committer_step(). It owns the store's writing connection, takes
 * batches from the workers, tells each what is durable, hands committed rows and snapshots to the publisher,
 * and carries out main's orders. While the store fails it raises an alarm and goes on trying.
 */
#ifndef FEP_COMMITTER_THREAD_H
#define FEP_COMMITTER_THREAD_H

#include "fep/committer.h"
#include "fep/io/mailbox.h"
#include "fep/log.h"
#include "fep/metrics.h"
#include "fep/worker.h"

/* Everything lent lives until committer_thread_join() has returned. */
struct committer_thread_options {
    struct store *store;
    struct committer *committer;
    const char *database; /* for its size */
    uint32_t workers_len;
    struct worker **workers;
    struct mailbox *batches;   /* one a worker: struct batch */
    struct mailbox *requests;  /* from the publisher: struct snapshot */
    struct mailbox *answers;   /* to it: the same, filled */
    struct mailbox *committed; /* to it: struct committed; freed here where it is full */
    struct wake *publisher_wake;
    struct wake *wake; /* the committer's own */
    struct committer_metrics *metrics;
    struct log *log;
};

enum committer_order_kind {
    COMMITTER_REGISTER, /* names and points of `config`: fills in `numbers`, `result` and `error` */
    COMMITTER_CATALOG,  /* nothing here points to an older catalog afterwards */
    COMMITTER_FINISH    /* stores all that has come, and the current values; the thread ends */
};

/* Main's; lives until it is done. One at a time. */
struct committer_order {
    enum committer_order_kind kind;
    const struct config *config;
    const struct catalog *catalog;
    uint32_t *numbers;
    int64_t deadline_ms; /* monotonic: COMMITTER_FINISH tries no longer */
    enum store_result result;
    char error[256];
    struct wake *asker;
    _Atomic bool done;
};

struct committer_thread;

struct committer_thread *committer_thread_start(const struct committer_thread_options *options);
void committer_thread_order(struct committer_thread *t, struct committer_order *order);
void committer_thread_join(struct committer_thread *t); /* after COMMITTER_FINISH is done; frees it */

#endif
