// SPDX-License-Identifier: Apache-2.0
/*
 * Writing behind: current values and station states reach the store in passes, cut into bounded slices that
 * ride in the event transactions. `as_of`, the journal sequence at which the pass began, moves with its last
 * slice: what is older need not be replayed after a restart, and may be deleted.
 */
#ifndef FEP_BEHIND_H
#define FEP_BEHIND_H

#include "fep/ingest.h"

struct behind_point {
    struct station_image *station;
    struct point_image *point;
};

struct behind {
    struct ingest *ingest;
    uint32_t interval_ms;
    int64_t next_pass_ms; /* monotonic: no pass begins before */
    bool passing;
    int64_t as_of;         /* of the pass under way */
    int64_t settled_as_of; /* of the last pass that is durable */
    uint32_t budget;       /* points a slice, so that a pass is done within a bounded number of them */
    uint32_t station;      /* where the pass stands: this station's points from `point` on are next */
    uint32_t point;
    uint32_t slice_station; /* where the slice at hand began: a failed commit goes back there */
    uint32_t slice_point;
    bool slice_last;
    struct behind_point *written; /* in the slice at hand, clean once it is durable */
    size_t written_len, written_room;
    uint8_t *blob;
    size_t blob_room;
};

void behind_init(struct behind *b, struct ingest *in, uint32_t interval_ms, int64_t as_of);
void behind_free(struct behind *b);
/* When a slice is wanted, in monotonic ms; now while a pass is under way. */
int64_t behind_due_ms(const struct behind *b);
/* Writes one slice inside the store's transaction, or all that is left. `newest`: the newest durable
 * sequence. */
enum store_result behind_slice(struct behind *b, struct store *store, int64_t newest, bool all,
                               int64_t now_ms);
/* Gives up the pass under way and wants a new one now: what it wrote stays written. */
void behind_begin_again(struct behind *b, int64_t now_ms);
/* The transaction of the slice ended. */
void behind_done(struct behind *b, bool durable, int64_t now_ms);

#endif
