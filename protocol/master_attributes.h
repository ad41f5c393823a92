// SPDX-License-Identifier: Apache-2.0
/*
 * Device attributes of a station, as orders (dnp3-reference/attributes.md): one is read, all of a set, the
 * list of those that a set has; one is written.
 *
 *     struct master_attributes_job job = {.kind = MASTER_ATTRIBUTES_READ_ALL, .value = show, .context = me};
 *     struct master_attributes attributes;
 *     master_attributes_init(&attributes, &job, request, sizeof request);
 *     master_submit(m, &attributes.order, at);
 *     ... MASTER_ORDER_DONE: attributes.order.outcome, attributes.values
 *
 * Values come one by one while the answer's fragments do. Those of other sets or variations than asked for,
 * and such as are no attributes, are counted and not handed over. A station without attributes refuses
 * (ORDER_REFUSED_IIN): remember that, rather than to ask at each connection.
 */
#ifndef PROTOCOL_MASTER_ATTRIBUTES_H
#define PROTOCOL_MASTER_ATTRIBUTES_H

#include "protocol/attributes.h"
#include "protocol/master_order.h"

enum master_attributes_kind {
    MASTER_ATTRIBUTES_READ,     /* `attribute.variation` of `attribute.set` */
    MASTER_ATTRIBUTES_READ_ALL, /* of `attribute.set`: v254 */
    MASTER_ATTRIBUTES_LIST,     /* v255: attribute_entries() of the value */
    MASTER_ATTRIBUTES_WRITE,    /* `attribute` */
    MASTER_ATTRIBUTES_KINDS
};

/* The caller's; as it is while the order lives. */
struct master_attributes_job {
    enum master_attributes_kind kind;
    struct attribute attribute; /* what is not meant is 0 */
    void *context;
    /* Borrowed until it returns; called from within master_receive(), and never calls the master. */
    void (*value)(void *context, const struct attribute *attribute);
};

struct master_attributes {
    struct master_order order;
    const struct master_attributes_job *job;
    uint32_t values;  /* handed over */
    uint32_t foreign; /* not asked for */
    uint32_t defects; /* of no known type, or of a length that is not its type's */
    uint16_t fragments;
};

/* A request of some 20 octets, and of 265 for the longest value, which is 255. A list can't be written, nor a
 * value that is not of its type: ORDER_INVALID. */
void master_attributes_init(struct master_attributes *a, const struct master_attributes_job *job,
                            uint8_t *request, size_t request_room);

#endif
