// SPDX-License-Identifier: Apache-2.0
/*
 * What the outstations of the load say, encoded before the run. All of them have the same DNP3 addresses,
 * each on an IP address of its own, so that they share one set of frames and the load costs little.
 *
 * Deterministic: the same spec gives the same octets, whatever the clock says.
 */
#ifndef FEPBENCH_FRAMES_H
#define FEPBENCH_FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAMES_MASTER = 1,
    FRAMES_OUTSTATION = 10,
    FRAMES_SEQUENCES = 16,
    /* Unsolicited responses that differ in sequence number, values and times, before they come again. By then
     * the front end has had proof of them and takes none for a repeat. */
    FRAMES_ROUND = 64,
    FRAMES_POINTS_MAX = 400, /* static analogs that one fragment holds */
    FRAMES_VALUES_MAX = 156, /* timed floats that one fragment holds */
    FRAMES_FULL = FRAMES_VALUES_MAX
};

enum frames_kind {
    FRAMES_FLOAT, /* g32v7: float, flags, time */
    FRAMES_MIXED  /* by turns g32v3 (32 bits, flags, time) and g2v2 (binary, flags, time) */
};

struct frame {
    uint8_t *octets;
    size_t len;
};

/* One kind of unsolicited response. */
struct frames_unsolicited {
    unsigned values; /* in each */
    struct frame frame[FRAMES_ROUND];
    /* All of them one after the other: what a station floods with. */
    struct frame flood;
};

/* Answers to requests by sequence number; [1] of each pair says that the station has restarted. */
struct frames_answers {
    struct frame null[FRAMES_SEQUENCES][2];
    struct frame integrity[FRAMES_SEQUENCES][2];
};

/* values <= FRAMES_VALUES_MAX: of points 0 and up, halves of FRAMES_MIXED rounded up for the analogs. */
void frames_unsolicited_make(struct frames_unsolicited *f, unsigned values, enum frames_kind kind);
void frames_unsolicited_free(struct frames_unsolicited *f);
/* points <= FRAMES_POINTS_MAX analogs. */
void frames_answers_make(struct frames_answers *f, unsigned points);
void frames_answers_free(struct frames_answers *f);

/* The sequence number that the frame i of a round awaits in its confirm. */
static inline uint8_t frames_sequence(unsigned i)
{
    return (uint8_t)(i % FRAMES_SEQUENCES);
}

#endif
