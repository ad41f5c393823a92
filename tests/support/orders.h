// SPDX-License-Identifier: Apache-2.0
/*
 * Orders in scripts (support/script.h): memory for their requests, and the steps that a script takes with
 * them.
 *
 *     orders(&s, &control.order);         submitted, with memory and whatever deadline it has
 *     cancels(&s, &control.order);
 *
 * tells() writes "answer" for a fragment that answers an order, and "order unknown" for its end.
 */
#ifndef SUPPORT_ORDERS_H
#define SUPPORT_ORDERS_H

#include "protocol/master_control.h"
#include "protocol/master_services.h"
#include "support/script.h"

enum { ORDERS_AT_A_TIME = 4 };

static inline void script_orders(struct script *s, struct master_order *order, const char *file, int line)
{
    static uint8_t requests[ORDERS_AT_A_TIME][APP_FRAGMENT_MAX];
    static size_t next;
    script_step(s, file, line);
    order->request = requests[next++ % ORDERS_AT_A_TIME];
    order->request_room = APP_FRAGMENT_MAX;
    master_submit(&s->m, order, &s->at);
    script_drain(s);
}

static inline void script_cancels(struct script *s, struct master_order *order, const char *file, int line)
{
    script_step(s, file, line);
    master_cancel(&s->m, order, &s->at);
    script_drain(s);
}

#define orders(s, order)  script_orders((s), (order), __FILE__, __LINE__)
#define cancels(s, order) script_cancels((s), (order), __FILE__, __LINE__)

/* One relay, closed for a second: "0C 01 28 01 00 05 00 41 01 E8 03 00 00 00 00 00 00 00". */
static inline struct control_point close_relay(void)
{
    return (struct control_point){
        .group = 12,
        .variation = 1,
        .index = 5,
        .crob = {.code = CROB_CLOSE | CROB_PULSE_ON, .count = 1, .on_ms = 1000},
    };
}
#define RELAY       "0C 01 28 01 00 05 00 41 01 E8 03 00 00 00 00 00 00 00"
#define RELAY_LOCAL "0C 01 28 01 00 05 00 41 01 E8 03 00 00 00 00 00 00 07"

/* A script that is on line; the next request has SEQ 3. */
static inline void orders_online(struct script *s)
{
    struct master_config config = master_defaults();
    config.link_idle_ms = 0;
    script_online(s, config);
}

#endif
