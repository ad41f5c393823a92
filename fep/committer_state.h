// SPDX-License-Identifier: Apache-2.0
/* The memory of the committer, seen by its own files only: committer.c and committer_write.c. */
#ifndef FEP_COMMITTER_STATE_H
#define FEP_COMMITTER_STATE_H

#include "fep/behind.h"
#include "fep/committer.h"

/* The rows of one fragment, so that one that the store refuses can be told from the others. */
struct span {
    const struct batch_fragment *fragment; /* NULL: a record of our own */
    size_t first, len;
    bool defect;  /* not all of it could be read or stored: its octets go to the quarantine */
    bool refused; /* by the store: so do they, and a record of the hole stands for its rows */
};

/* An acknowledgement that is not stored yet. */
struct consumer {
    struct consumer *next;
    int64_t seq;
    int64_t at_ms;
    char name[65];
};

/* What the next transaction stores. It is gathered once, and tried as often as it takes. */
struct round {
    struct batch *batches; /* held until durable: the octets for the quarantine lie in them */
    struct batch *last;
    struct ingest_rows rows;
    struct span *spans;
    size_t spans_len, spans_room;
    const struct batch_audit **audits; /* in the batches */
    size_t audits_len, audits_room;
    uint64_t fragments;
    bool open; /* gathered, not yet durable */
};

/* The wall clock as far as retention believes it: committer_write.c. */
struct age_clock {
    int64_t at_ms;     /* monotonic: when it was last looked at */
    int64_t offset_ms; /* wall time less monotonic time */
    bool trusted;      /* it has been known to be right since the start: no jump is believed any more */
};

struct committer {
    struct store *store;
    struct ingest *ingest;
    struct committer_options options;
    struct behind behind;
    struct batch *queue, **queue_end;
    struct round round;
    struct consumer *consumers;
    struct note *notes, **notes_end;
    bool audited; /* by the transaction at hand */
    struct committed *published, **published_end;
    uint64_t *durable; /* by worker: the number of its newest batch that is stored */
    int64_t next_commit_ms;
    int64_t next_retention_ms;
    struct age_clock age;
    int64_t busy_since_ms;     /* somebody else holds the lock; 0: nobody */
    int64_t retry_ms;          /* not before, after a failure; 0: none */
    uint32_t retry_wait_ms;    /* doubles with every failure in a row */
    uint32_t checkpoint_pages; /* the WAL is checkpointed once it has so many */
    uint32_t deleted;          /* rows, by the transaction at hand */
    bool quarantine_grew;
    bool has_catalog;
    struct committer_status status;
};

/*
 * committer_write.c: one transaction with the round, what waits from consumers, retention, and a slice of
 * what is written behind (`all`: all of it). Where it fails nothing is stored and `status.error` says why.
 */
enum store_result committer_transact(struct committer *c, const struct instant *at, bool all);

#endif
