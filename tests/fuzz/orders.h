// SPDX-License-Identifier: Apache-2.0
/*
 * Orders of every kind for the target of the master, and answers to them that are nearly right: an echo of
 * the request, or what a station with files would say.
 *
 * Never: an order that is done twice or not at all, octets of a file with a gap or beyond its end.
 */
#ifndef FUZZ_ORDERS_H
#define FUZZ_ORDERS_H

#include "protocol/bytes.h"
#include "protocol/master_attributes.h"
#include "protocol/master_control.h"
#include "protocol/master_file.h"
#include "protocol/master_services.h"

enum { ORDERS = 3, ORDER_POINTS = 3, ORDER_ITEMS = 2 };

struct order_slot {
    bool busy;
    union {
        struct master_order order; /* the head of each */
        struct control_order control;
        struct request_order request;
        struct master_file file;
        struct master_attributes attributes;
    } as;
    struct control_point points[ORDER_POINTS];
    struct request_item items[ORDER_ITEMS];
    struct master_file_job file_job;
    struct master_attributes_job attributes_job;
    uint64_t file_at; /* octets that were handed over or asked for */
    uint8_t octets[APP_FRAGMENT_MAX];
};

struct orders {
    struct order_slot slot[ORDERS];
    bool any; /* there was one in this session */
    uint8_t request[256];
    size_t request_len; /* the newest that left in one frame */
};

/* Submits what the steps say; false where all places are taken. */
bool orders_submit(struct orders *o, struct master *m, struct reader *steps, const struct instant *at);
void orders_cancel(struct orders *o, struct master *m, struct reader *steps, const struct instant *at);
/* MASTER_ORDER_DONE */
void orders_done(struct orders *o, const struct master_order *order);
void orders_saw(struct orders *o, const uint8_t *fragment, size_t len);
/* A response to the newest request, its SEQ and all, damaged where the steps say so; 0 where there was none.
 */
size_t orders_answer(struct orders *o, struct reader *steps, uint8_t *into, size_t room);

#endif
