// SPDX-License-Identifier: Apache-2.0
/*
 * What the publisher asks of the committer, and gets back: one struct that travels there and returns filled.
 * Owned by whoever holds it; the publisher frees it with snapshot_free().
 *
 * A snapshot is taken between commits: it carries the sequence that it is true at, and nothing in it is
 * newer.
 */
#ifndef FEP_SNAPSHOT_H
#define FEP_SNAPSHOT_H

#include "fep/ingest.h"
#include "fep/note.h"

enum snapshot_kind {
    SNAPSHOT_STATIONS, /* all stations, or the one in `station` */
    SNAPSHOT_POINTS,   /* the points of `station` */
    SNAPSHOT_NOTE,     /* stores `note`; answered when it is durable, or can't be: note->result */
    SNAPSHOT_CONSUMER  /* stores `consumer_name` at `consumer_seq`; answered when it is durable */
};

struct station_view {
    uint32_t station;
    bool online;
    bool connected;
    bool disabled;       /* by a command */
    uint8_t quirks_used; /* mask of enum master_quirk */
    uint16_t iin;
    uint32_t points;
    int64_t last_heard_ms;
    int64_t offline_since_ms;
    struct station_counters counters;
};

struct snapshot {
    enum snapshot_kind kind;
    uint32_t station;
    char consumer_name[65];
    int64_t consumer_seq;
    struct note *note; /* owned */
    void *asker;       /* the publisher's own */

    int64_t seq; /* the answer is true at this sequence */
    struct station_view *stations;
    size_t stations_len;
    struct point_image *points;
    void *strings; /* of the points */
    size_t points_len;
    bool station_online;
};

struct snapshot *snapshot_new(enum snapshot_kind kind, uint32_t station, void *asker);
void snapshot_free(struct snapshot *snapshot);
/* The committer's side: fills one in, between commits. */
void snapshot_fill(struct snapshot *snapshot, struct ingest *in);
/* To be filled again later: the answer could not be handed over. */
void snapshot_empty(struct snapshot *snapshot);

#endif
