// SPDX-License-Identifier: Apache-2.0
/*
 * The heart of the account: what one point generated against what was stored of it, as ordered sequences.
 *
 * Every stored row must be a generated event, in the order of generation. A generated event that was
 * confirmed must be stored; one that is still buffered, or was dropped, may be (then it was in doubt when the
 * run ended, or when it was dropped). A stored row that stands for an event already stored is a double,
 * unless it has no time and is marked.
 */
#ifndef TOOLS_ACCOUNT_COMPARE_H
#define TOOLS_ACCOUNT_COMPARE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum generated_state { GENERATED_CONFIRMED, GENERATED_BUFFERED, GENERATED_DROPPED };

struct generated {
    uint64_t value_bits; /* of a string: compare_digest() */
    int64_t time_ms;     /* 0 where untimed */
    uint8_t flags;
    bool timed;
    uint8_t state; /* enum generated_state */
};

struct stored {
    uint64_t value_bits;
    int64_t time_ms;
    uint8_t flags;
    bool timed;
    bool marked; /* possible_repeat */
};

struct tally {
    uint64_t generated;
    uint64_t stored;
    uint64_t matched;    /* stored rows that are generated events, once each */
    uint64_t lost;       /* confirmed, not stored: the promise is broken */
    uint64_t twins_lost; /* the same, but an equal event of the same millisecond is stored: the known limit */
    uint64_t doubles;    /* timed, stored again */
    uint64_t unmarked_repeats; /* untimed, stored again without the mark */
    uint64_t marked_repeats;   /* untimed, stored again with it */
    uint64_t foreign;          /* stored, never generated (or out of order) */
    uint64_t stored_buffered;  /* stored and still buffered: in doubt at the end */
    uint64_t stored_dropped;   /* stored and dropped */
    uint64_t buffered;         /* still buffered, not stored */
    uint64_t dropped;          /* dropped, not stored */
};

/* What stands for the octets of a string where values are compared. */
uint64_t compare_digest(const uint8_t *octets, size_t len);
/* Adds one point's comparison to the tally. Memory in proportion to the two lengths (their product, where the
 * sequences need the thorough comparison). */
void compare_point(const struct generated *g, size_t g_len, const struct stored *s, size_t s_len,
                   struct tally *tally);
void tally_add(struct tally *into, const struct tally *more);
/* True where nothing was lost, doubled, unmarked or foreign. */
bool tally_balances(const struct tally *t);

#endif
