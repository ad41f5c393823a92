// SPDX-License-Identifier: Apache-2.0
/*
 * The attributes of an outstation (dnp3-reference/attributes.md): a table of the caller, read by one, all
 * (v254) or as a list (v255), and written where the caller lends the room for it.
 *
 *     config.attributes = &(struct outstation_attributes){table, n};   before outstation_init()
 */
#ifndef PROTOCOL_OUTSTATION_ATTRIBUTES_H
#define PROTOCOL_OUTSTATION_ATTRIBUTES_H

#include "protocol/attributes.h"

struct outstation_attribute {
    const uint8_t *octets; /* the value as it lies on the wire */
    uint8_t *store;        /* where a master may write it: `room` octets that `octets` points to; else NULL */
    uint8_t set;
    uint8_t variation; /* 1 to 253 */
    uint8_t type;      /* enum attribute_type, no list */
    uint8_t len;
    uint8_t room;
};

/* Ordered by set and variation. One, and the list of one set, fit into a fragment. */
struct outstation_attributes {
    struct outstation_attribute *entry;
    size_t n;
};

#endif
