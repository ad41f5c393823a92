// SPDX-License-Identifier: Apache-2.0
/*
 * Every request that is neither control nor file: READ, WRITE, freezes, classes, unsolicited responses, time,
 * restarts, applications, configuration (dnp3-reference/application.md 2, master.md 6).
 *
 *     const struct request_item items[] = {{.group = 20, .form = ITEM_ALL}};
 *     struct request_order r;
 *     request_init(&r, REQUEST_FREEZE_CLEAR, items, 1);
 *     r.order.request = ...; r.order.request_room = ...; r.order.deadline_ms = ...;
 *     master_submit(m, &r.order, at);
 *
 * One WRITE with several items takes effect in part where the station refuses one of them (application.md 6):
 * better one for each. An order that reads leaves the measurements to MASTER_FRAGMENT and the rest to
 * MASTER_ORDER_ANSWER; where the station refuses a part, what it delivered counts all the same, and the
 * outcome is ORDER_REFUSED_IIN (master.md 3).
 */
#ifndef PROTOCOL_MASTER_SERVICES_H
#define PROTOCOL_MASTER_SERVICES_H

#include "protocol/master_order.h"

enum request_form {
    ITEM_ALL,     /* qualifier 06 */
    ITEM_RANGE,   /* 00 to 02: first to last, with `octets` behind where there are any */
    ITEM_COUNT,   /* 07 to 09: `count` of them, with `octets` behind where there are any */
    ITEM_INDEXES, /* 17, 28, 39: these points, each with its share of `octets`, or with its value */
    ITEM_SIZED,   /* 5B: one object, `octets`: an application, a file's name */
    ITEM_STRING   /* g110 and g112: `octets`, 0 to 255, to the point `first` */
};

/* One object header and what is behind it. All that it points to is lent as long as the order lives. */
struct request_item {
    uint8_t group;
    uint8_t variation;
    uint8_t form; /* enum request_form */
    uint32_t first;
    uint32_t last; /* not below `first` */
    uint32_t count;
    const uint32_t *indexes;
    size_t indexes_len; /* 1 to 65,535 */
    const uint8_t *octets;
    size_t octets_len;
    const double *values; /* ITEM_INDEXES of g34: one deadband a point, within what the variation holds */
};

enum request_kind {
    REQUEST_READ,         /* reads_points is set: clear it where there are none to read */
    REQUEST_WRITE,        /* deadbands, g50v4, g80 (clears_restart is set for its index 7), strings, ... */
    REQUEST_WRITE_TIME,   /* g50v1 as it leaves; no items */
    REQUEST_SYNC_TIME,    /* FC 24, then g50v3 with when that left (time.md 3); no items; also by broadcast */
    REQUEST_FREEZE,       /* items: g20 or g30, variation 0 */
    REQUEST_FREEZE_CLEAR, /* g20 */
    REQUEST_FREEZE_AT_TIME,     /* g50v2 from `freeze_ms` and `freeze_interval_ms` goes before the items */
    REQUEST_ASSIGN_CLASS,       /* g60v1 to v4, each followed by the points of that class */
    REQUEST_ENABLE_UNSOLICITED, /* g60v2 to v4, ITEM_ALL */
    REQUEST_DISABLE_UNSOLICITED,
    REQUEST_RECORD_TIME,   /* no items */
    REQUEST_DELAY_MEASURE, /* no items: `delay_ms` one way, `told_ms` what the station took itself */
    REQUEST_COLD_RESTART,  /* no items: then silence for `told_ms`, or until the station says IIN1.7 */
    REQUEST_WARM_RESTART,
    REQUEST_INITIALIZE_DATA,
    REQUEST_INITIALIZE_APPLICATION, /* g90v1, ITEM_SIZED each, or ITEM_ALL */
    REQUEST_START_APPLICATION,
    REQUEST_STOP_APPLICATION,
    REQUEST_SAVE_CONFIG,     /* no items; deprecated: then silence for `told_ms` */
    REQUEST_ACTIVATE_CONFIG, /* g70v8 ITEM_SIZED, g110 ITEM_RANGE: statuses in the answer, then silence */
    REQUEST_KINDS
};
const char *request_kind_name(enum request_kind kind); /* "freeze_clear" */

/* g50v2: (0, 0) now; (t, 0) at t; (t, i) at t and every i; (0, i) every i of the hour (objects.md 3). */
struct request_order {
    struct master_order order;
    enum request_kind kind;
    const struct request_item *items; /* lent */
    size_t items_len;
    bool no_ack; /* freezes: FC 8, 10, 12 (ORDER_SENT) */
    uint64_t freeze_ms;
    uint32_t freeze_interval_ms;
    uint32_t
        longest_wait_ms; /* of what the station may ask for, 600,000: a peer does not silence us for good */

    /* Results. */
    int64_t told_ms;
    int64_t delay_ms;
};

void request_init(struct request_order *request, enum request_kind kind, const struct request_item *items,
                  size_t items_len);

#endif
