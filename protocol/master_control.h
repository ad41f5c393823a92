// SPDX-License-Identifier: Apache-2.0
/*
 * Controls (dnp3-reference/controls.md): relays and analog outputs, one or several points in one request, and
 * pattern control.
 *
 *     struct control_point points[] = {{.group = 12, .variation = 1, .index = 5, .crob = {...}}};
 *     struct control_order c;
 *     control_order_init(&c, CONTROL_SELECT_OPERATE, points, 1);
 *     c.order.request = ...; c.order.request_room = ...; c.order.deadline_ms = ...;
 *     master_submit(m, &c.order, at);
 *     ... MASTER_ORDER_DONE: c.order.outcome, c.operating, points[i].status ...
 *
 * The answer must be the request again, octet by octet but for the statuses (controls.md 6); OPERATE leaves
 * only where the echo of SELECT is right and each status is 0, at once, with nothing else of this association
 * in between. Nothing is ever sent a second time. ORDER_SUCCESS says "accepted": that the output has moved is
 * for its feedback to tell.
 *
 * Where OPERATE or DIRECT_OPERATE has left, ORDER_UNKNOWN (no answer) and ORDER_BAD_ANSWER (one that does not
 * fit) leave open whether it acted; `operating` tells whether it came to that.
 */
#ifndef PROTOCOL_MASTER_CONTROL_H
#define PROTOCOL_MASTER_CONTROL_H

#include "protocol/master_order.h"

enum control_mode { CONTROL_SELECT_OPERATE, CONTROL_DIRECT, CONTROL_DIRECT_NO_ACK };

enum { CONTROL_STATUS_NONE = 0xFF }; /* no answer has told of this point */

enum crob_operation {
    CROB_NUL = 0,
    CROB_PULSE_ON = 1,
    CROB_PULSE_OFF = 2,
    CROB_LATCH_ON = 3,
    CROB_LATCH_OFF = 4
};
enum { CROB_OPERATION = 0x0F, CROB_QUEUE = 0x10, CROB_CLEAR = 0x20, CROB_CLOSE = 0x40, CROB_TRIP = 0x80 };

struct control_point {
    uint8_t group;     /* 12, or 41 */
    uint8_t variation; /* 12: 1, or 2 for a pattern; 41: 1 to 4 */
    uint8_t status;    /* the last answer's (command_status_name()) */
    uint32_t index;    /* of no meaning in a pattern */
    struct crob crob;  /* group 12; operations and codes that are reserved can't be ordered */
    double value;      /* group 41: what the variation holds, rounded to whole numbers by v1 and v2; finite */
};

/* Which points the one block of a pattern control is for (controls.md 1.1). */
struct control_pattern {
    uint32_t start;
    uint32_t stop;
    const uint8_t *mask; /* one bit a point, `start` in bit 0 of the first octet; none set behind `stop` */
};

struct control_order {
    struct master_order order;
    enum control_mode mode;
    struct control_point *points; /* lent; those of one kind side by side share a header */
    size_t points_len;
    const struct control_pattern *pattern; /* with one point, of g12v2; else NULL */
    bool narrow;    /* qualifier 17 where the indexes allow it, in place of 28 (controls.md 6) */
    bool operating; /* the request that acts was written: SELECT, where there was one, went well */
};

/* Leaves points and memory to be set as in struct master_order. */
void control_order_init(struct control_order *control, enum control_mode mode, struct control_point *points,
                        size_t points_len);

#endif
