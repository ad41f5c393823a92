// SPDX-License-Identifier: Apache-2.0
/*
 * A worker's side of the store: the open batch, and the confirms that wait for batches to become durable.
 * Owned by one worker; no locks.
 *
 *     outbox_fragment(...), outbox_hole(...), ...    while the turn's octets are worked off
 *     struct batch *b = outbox_close(o)              end of the turn: to the committer; NULL: nothing to tell
 *     outbox_durable(o, number)                      the committer's watermark came
 *     while (outbox_next_held(o, &held)) ...         their fragments are durable: release their confirms
 *
 * Memory is bounded: above `soft_limit` octets that are not durable yet, fragments whose confirm can be
 * withheld are not taken (the outstation keeps their events); unconfirmed ones still are, and their session
 * is not read until outbox_relieved().
 */
#ifndef FEP_OUTBOX_H
#define FEP_OUTBOX_H

#include "fep/batch.h"
#include "protocol/master.h"

struct audit_record;
struct session;

struct held {
    struct session *session;
    uint64_t ticket;
    uint64_t batch;
    int64_t read_us; /* monotonic µs: when its octets were read, for the delay from receipt to confirm */
    bool asked;      /* the station asked for a confirm; else something else waits, such as clearing IIN1.7 */
};

struct outbox {
    struct batch *open;
    uint64_t next_number; /* of the open batch */
    uint64_t durable;
    uint32_t worker;
    uint32_t generation;
    size_t soft_limit;        /* octets */
    size_t waiting_octets;    /* in the open batch, and in those that are not durable */
    struct outbox_sent *sent; /* ring: number, octets, time of each batch not durable yet */
    size_t sent_head, sent_len, sent_room;
    struct held *held; /* ring in order of batches */
    size_t held_head, held_len, held_room;
    uint64_t quirks[QUIRKS]; /* how often each was borne with, for the worker's metrics */
};

void outbox_init(struct outbox *o, uint32_t worker, size_t soft_limit);
void outbox_free(struct outbox *o);

/* Its confirm can be withheld: the station keeps what it holds, and says it again. */
bool outbox_may_withhold(const struct master_news *news);
/* False where it was not taken: the memory is used up, and it may be withheld. */
bool outbox_fragment(struct outbox *o, struct session *session, const struct master_news *news,
                     uint32_t station, uint64_t ticket, uint64_t response, const struct instant *at,
                     int64_t read_us);
/* The fragments with these tickets (0: none) are proven: see struct batch_proof. */
void outbox_proof(struct outbox *o, uint32_t station, const uint64_t proven[2], const struct instant *at);
void outbox_hole(struct outbox *o, uint32_t station, uint32_t reason, int64_t from_ms, int64_t to_ms,
                 const struct instant *at);
void outbox_station(struct outbox *o, const struct batch_station *state, const struct instant *at);

/* Of `record`: at_ms, command and the texts, which are copied. */
void outbox_audit(struct outbox *o, uint32_t station, const struct audit_record *record,
                  const struct instant *at);

struct batch *outbox_close(struct outbox *o); /* the caller's from here on */
void outbox_durable(struct outbox *o, uint64_t number);
/* False where none is left. In the order in which they were held. */
bool outbox_next_held(struct outbox *o, struct held *held);
/* Forgets what is held for a session that goes away. */
void outbox_forget(struct outbox *o, const struct session *session);

/* What waits is within the soft limit. */
bool outbox_relieved(const struct outbox *o);
/* A batch has been waiting for longer than this: the store stalls. */
bool outbox_stalled(const struct outbox *o, int64_t now_ms, int64_t limit_ms);

#endif
