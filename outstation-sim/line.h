// SPDX-License-Identifier: Apache-2.0
/*
 * A station's line to its master: the connection, the latency, and the faults. At rest it owns no buffer.
 *
 * Several things wait for their time at each station; a table of them (enum line_job) shares one timer of the
 * wheel. Loop thread only.
 */
#ifndef OUTSTATION_SIM_LINE_H
#define OUTSTATION_SIM_LINE_H

#include "fep/io/connection.h"
#include "fep/io/pool.h"
#include "fep/io/wheel.h"
#include "outstation-sim/faults.h"
#include "outstation-sim/station.h"

enum line_job {
    LINE_ADVANCE, /* an event, or a deadline of the outstation */
    LINE_ANSWER,  /* the latency is over: read what came */
    LINE_RESTART, /* the faults that come from time to time */
    LINE_OVERFLOW,
    LINE_CUT,
    LINE_HALF_OPEN,
    LINE_RESUME, /* the end of being half open */
    LINE_REST,   /* the second piece of a partial write; behind LINE_RESUME, which it may wait for */
    LINE_JOBS
};

/* What all lines share. */
struct line_shared {
    struct connection_owner owner;
    struct wheel wheel;
    struct pool pool;
    struct link_errors link_errors;
    struct instant start; /* of the run: wall time follows the monotonic clock from here */
    uint8_t *input;       /* scratch: octets just read */
    size_t input_room;
    uint8_t *output; /* scratch: one fragment as link frames */
    size_t output_room;
    uint32_t online; /* lines with a connection */
};

struct line {
    struct station station;
    struct connection connection;
    struct line_shared *shared;
    struct wheel_timer timer;
    struct faults faults;
    int64_t due_ms[LINE_JOBS]; /* NEVER_MS where the job does not wait */
    uint8_t *left;             /* pooled: the beginning of a frame whose end has not come */
    uint8_t *rest;             /* the second piece of a partial write */
    size_t left_len;
    size_t rest_len;
    uint32_t connections;
    bool half_open;
    bool lent; /* a pooled buffer, to the outstation */
    bool late; /* the latency runs: nothing is read */
};

void line_init(struct line *l, struct line_shared *shared, const struct plan *plan, uint32_t number,
               uint64_t seed);
void line_free(struct line *l);

struct instant line_instant(const struct line_shared *shared);
/* A master has connected; an older connection is closed. */
void line_adopt(struct line *l, int fd);
/* The wheel has handed out the timer. */
void line_due(struct line *l, const struct instant *at);
static inline struct line *line_of_timer(struct wheel_timer *t)
{
    return (struct line *)(void *)((char *)t - offsetof(struct line, timer));
}

/* What struct connection_owner calls. */
void line_happened(struct connection *c, enum connection_event event, int error);

#endif
