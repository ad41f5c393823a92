// SPDX-License-Identifier: Apache-2.0
/*
 * What is said on the wire, in words: a line a frame, and the application fragment with it where one frame
 * holds the whole. It goes to the log at level debug, where lines of this kind are not limited by station
 * (who asks for them wants them all), and to those who look at one station while fepd runs:
 *
 *     struct trace_slot *slot = trace_open(&board, station);      the publisher's thread; NULL: all are taken
 *     while (trace_take(slot, &line)) ...                         after a wake
 *     trace_close(&board, slot);
 *
 * While nobody looks, a frame costs one relaxed load.
 */
#ifndef FEP_TRACE_H
#define FEP_TRACE_H

#include "fep/io/mailbox.h"
#include "fep/log.h"
#include "protocol/link.h"

#include <pthread.h>

enum trace_direction { TRACE_RECEIVED, TRACE_SENT };

enum { TRACE_TEXT = 1024, TRACE_SLOTS = 8, TRACE_LINES = 256 };

struct trace_line {
    int64_t at_ms; /* wall */
    uint32_t lost; /* lines before it that there was no room for */
    uint8_t direction;
    char text[TRACE_TEXT];
};

struct trace_slot {
    pthread_mutex_t lock;
    uint32_t station; /* 0: free */
    uint32_t lost;
    struct trace_line *lines; /* a ring, while it is taken */
    size_t head;
    size_t len;
};

struct trace_board {
    struct wake *wake; /* of who looks */
    _Atomic uint32_t taken;
    struct trace_slot slots[TRACE_SLOTS];
};

void trace_board_init(struct trace_board *board, struct wake *wake);
void trace_board_free(struct trace_board *board);
struct trace_slot *trace_open(struct trace_board *board, uint32_t station);
void trace_close(struct trace_board *board, struct trace_slot *slot);
bool trace_take(struct trace_slot *slot, struct trace_line *line);

/* Whose frames they are, and where the lines go. */
struct tracer {
    struct log *log;
    struct trace_board *board; /* NULL: none */
    const char *name;
    uint32_t station;
};

void trace_frame(const struct tracer *t, enum trace_direction direction, const struct link_frame *frame);
/* Whole frames, one after the other. */
void trace_octets(const struct tracer *t, enum trace_direction direction, const uint8_t *octets, size_t len);

#endif
