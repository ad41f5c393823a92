// SPDX-License-Identifier: Apache-2.0
/*
 * What a worker hands to the committer at the end of a turn: one piece of memory with items one after the
 * other.
 *
 * A batch is written by one worker, then owned by the committer, which frees it after the commit. Batches of
 * a worker are numbered 1, 2, 3 ...; "durable up to number n" is all that ever comes back.
 */
#ifndef FEP_BATCH_H
#define FEP_BATCH_H

#include "protocol/measure.h"

enum batch_kind { BATCH_FRAGMENT, BATCH_PROOF, BATCH_HOLE, BATCH_STATION, BATCH_AUDIT };

struct batch_item {
    uint32_t kind;
    uint32_t size; /* octets to the next item, a multiple of 8 */
    uint32_t station;
    uint32_t reserved;
};

/* An octet string, g110 or g111, by its place in the fragment's octets. */
struct batch_string {
    uint32_t index;
    uint16_t offset;
    uint8_t len;
    bool event;
    uint32_t before; /* measurements of the fragment that stand before it */
};

/* A response fragment: its measurements and strings, and its octets in case they must go to quarantine. */
struct batch_fragment {
    struct batch_item item;
    uint64_t ticket;      /* names the fragment among those of its station; never 0 */
    uint64_t response;    /* the response that it belongs to; grows */
    int64_t received_ms;  /* wall time */
    int64_t requested_ms; /* wall time at which the request left; 0 for unsolicited */
    uint32_t count;
    uint32_t octets_len;
    uint32_t defect_offset;
    uint8_t defect; /* enum walk_result; WALK_END where it could be read to its end */
    uint8_t unsolicited;
    uint8_t confirm_asked; /* may come again until proven */
    uint8_t unstorable;    /* has events that no row can be made of: its octets are kept */
    uint32_t strings;
    uint32_t reserved;
    struct measurement measurements[]; /* count, then the strings, then octets_len octets */
};

static inline const struct batch_string *batch_strings(const struct batch_fragment *f)
{
    return (const void *)&f->measurements[f->count];
}

static inline const uint8_t *batch_octets(const struct batch_fragment *f)
{
    return (const void *)&batch_strings(f)[f->strings];
}

/* Fragments (by ticket) whose confirm is known to have arrived: their rows are in doubt no longer. */
struct batch_proof {
    struct batch_item item;
    uint64_t proven[2]; /* 0 where unused */
};

/* A hole in what is known of a station (db/store.h, enum hole_reason). */
struct batch_hole {
    struct batch_item item;
    int64_t from_ms;
    int64_t to_ms; /* 0: still open */
    uint32_t reason;
    uint32_t reserved;
};

/* Counters of one station since start-up; all of them may wrap. Their names for people:
 * fep/publisher/api_stations.c.
 */
struct station_counters {
    uint32_t connects;
    uint32_t connect_failures;
    uint32_t frames_in;
    uint32_t frames_out;
    uint32_t fragments;
    uint32_t unsolicited;
    uint32_t repeats;
    uint32_t events;
    uint32_t confirms;
    uint32_t confirms_dropped; /* held, and never sent */
    uint32_t refused;          /* fragments that were not for us or not yet to be taken */
    uint32_t not_stored;       /* fragments refused because the store stalls */
    uint32_t defects;          /* fragments that could not be read to their end */
    uint32_t timeouts;
    uint32_t iin_errors;
    uint32_t link_errors; /* CRC, length, noise */
    uint32_t address_errors;
    uint32_t restarts;
    uint32_t overflows;
    uint32_t too_long;    /* fragments longer than max_fragment */
    uint32_t unknown;     /* object headers that nobody knows, passed over since their size is known */
    uint32_t quirks;      /* what the station does against the rules and was borne with, as configured */
    uint32_t response_ms; /* the last one's */
};

/* The state of a station, sent when it changes and, while counters move, every few seconds. */
struct batch_station {
    struct batch_item item;
    int64_t last_heard_ms;
    int64_t offline_since_ms; /* 0 while on line */
    uint16_t iin;
    uint8_t online;
    uint8_t connected;
    uint8_t removed;     /* the station is no longer configured: forget its state */
    uint8_t quirks_used; /* mask of enum master_quirk */
    uint8_t disabled;    /* by a command: it is not connected to */
    uint8_t reserved;
    struct station_counters counters;
};

/* A record for the audit: what has become of a command. */
struct batch_audit {
    struct batch_item item;
    int64_t at_ms; /* wall */
    int64_t command;
    char texts[]; /* fep/note.h */
};

struct batch {
    struct batch *next;
    uint64_t number;
    uint32_t worker;
    uint32_t generation; /* of the catalog that the worker had */
    int64_t opened_ms;   /* monotonic: when its first item came */
    size_t len;
    size_t room;
    _Alignas(8) uint8_t data[];
};

/* Walks the items; NULL after the last. Start with NULL. */
static inline const struct batch_item *batch_next(const struct batch *b, const struct batch_item *item)
{
    const uint8_t *at = item ? (const uint8_t *)item + item->size : b->data;
    return at < b->data + b->len ? (const struct batch_item *)(const void *)at : NULL;
}

#endif
