// SPDX-License-Identifier: Apache-2.0
/*
 * The committer: takes batches from all workers, makes one transaction of what has gathered, and says what is
 * durable. Step functions without threads: committer_thread.c runs them in a loop, the simulation from a
 * seeded scheduler.
 *
 *     committer_take(c, batch)          owned from here on
 *     due_ms = committer_step(c, at)    at most one transaction; when to be called again (monotonic)
 *     committer_durable(c, worker)      watermark: the worker's batches up to this number are stored
 *     while ((rows = committer_next_published(c)))
 *         ...                           what was committed, for subscribers
 *
 * Commits begin at least commit_interval_ms apart, the first after a quiet moment at once: a sync costs CPU,
 * and a modest rate must not pay one a message. While the store fails, the same rows are tried again with
 * back-off; nothing is dropped and nothing becomes durable. What the store refuses for another reason than
 * space or I/O goes to the quarantine, and the rest is stored. One thread; memory that ends aborts.
 */
#ifndef FEP_COMMITTER_H
#define FEP_COMMITTER_H

#include "fep/ingest.h"
#include "fep/note.h"
#include "protocol/clock.h"

struct committer_options {
    uint32_t workers;
    uint32_t commit_interval_ms;
    uint32_t checkpoint_interval_ms;
    uint32_t retention_age_s;
    uint64_t retention_size_mb;
    uint32_t quarantine_per_station;
    uint32_t quarantine_total;
    bool publish;   /* keep committed rows for committer_next_published() */
    bool doubt_off; /* control experiment only */
};

/* Rows of one commit, and the octets of the strings among them. The receiver frees it with free(). */
struct committed {
    struct committed *next;
    int64_t newest; /* the newest sequence that is durable now, */
    int64_t audit;  /* and the newest record of the audit */
    size_t len;
    struct journal_row rows[];
};

struct committer_status {
    int64_t newest_seq;       /* durable */
    int64_t failing_since_ms; /* monotonic; 0 while all is well, or locked by somebody for a moment */
    uint64_t commits;
    uint64_t failed_commits;
    uint64_t rows;
    uint64_t fragments;
    uint64_t repeats;          /* events taken for repeats and not stored again */
    uint64_t possible_repeats; /* untimed ones, stored with the mark */
    uint64_t points_refused;   /* values not held: their station has too many points (ingest_points.h) */
    uint32_t full_stations;    /* that this happened to, */
    uint32_t full_station;     /* and the last of them */
    uint64_t quarantined;
    uint64_t holes;
    uint64_t deleted; /* by retention */
    uint32_t wal_pages;
    uint32_t waiting; /* batches not yet durable */
    char error[256];  /* while failing */
};

struct committer;

/* Recovers from the store, which stays the caller's but is used by the committer alone until
 * committer_free(). NULL where it can't be read: store_error() says why. */
struct committer *committer_new(struct store *store, const struct committer_options *options,
                                const struct instant *at);
void committer_free(struct committer *c);
/* Lent until the next one. The first tells which stations are configured no longer: they go off line. */
void committer_catalog(struct committer *c, const struct catalog *catalog);
void committer_take(struct committer *c, struct batch *batch);
int64_t committer_step(struct committer *c, const struct instant *at);
uint64_t committer_durable(const struct committer *c, uint32_t worker);
struct committed *committer_next_published(struct committer *c);
const struct committer_status *committer_status(const struct committer *c);

/* Stored with a later commit. */
void committer_put_consumer(struct committer *c, const char *name, int64_t seq, int64_t at_ms);

/* Lent until note->done: stored with the next commit, or never. */
void committer_put_note(struct committer *c, struct note *note);

/* True between commits, when the image holds nothing that is not durable and no consumer waits to be stored:
 * snapshots may be taken. */
bool committer_settled(const struct committer *c);
struct ingest *committer_ingest(struct committer *c);

/* Shutting down: commits what is there and writes all current values, however much that is. False where the
 * store fails; may be called again. */
bool committer_finish(struct committer *c, const struct instant *at);

#endif
