// SPDX-License-Identifier: Apache-2.0
/*
 * The instant at which something happens, handed to every step function. The protocol never asks for the
 * time.
 */
#ifndef PROTOCOL_CLOCK_H
#define PROTOCOL_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

struct instant {
    int64_t now_ms;    /* monotonic: timers and durations only; starts anywhere, never jumps */
    int64_t wall_ms;   /* ms since 1970-01-01 UTC: time stamps only; may jump */
    bool wall_trusted; /* the wall clock is fit to set an outstation's clock by */
};

/* "No deadline" for every *_deadline_ms function. */
#define NEVER_MS INT64_MAX

static inline int64_t earlier_ms(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

#endif
