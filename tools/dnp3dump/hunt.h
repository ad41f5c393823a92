// SPDX-License-Identifier: Apache-2.0
/*
 * Frames, and what is none, in octets off the wire: the hunt of protocol/link.h told step by step, so that
 * every octet belongs to a frame or to a defect with its place (dnp3-reference/link.md 7).
 */
#ifndef TOOLS_DNP3DUMP_HUNT_H
#define TOOLS_DNP3DUMP_HUNT_H

#include "protocol/link.h"

enum hunt_kind {
    HUNT_MORE, /* nothing, or the begin of a frame: come back with more */
    HUNT_FRAME,
    HUNT_NOISE,      /* octets before a start */
    HUNT_HEADER_CRC, /* a start whose header is wrong, and the octets to the next start */
    HUNT_LENGTH,     /* a header that is right with a LENGTH below 5 */
    HUNT_BODY_CRC,   /* the same: `block` is the first bad one, from 0 */
    HUNT_CUT         /* a frame whose end is not there; `wanted` is its length, 0: not known */
};

struct hunt_find {
    size_t len; /* octets that belong to it */
    size_t block;
    size_t wanted;
    struct link_frame frame;
};

/* What the octets begin with. `last`: none will follow. */
enum hunt_kind hunt_next(const uint8_t *octets, size_t len, bool last, struct hunt_find *find);

#endif
