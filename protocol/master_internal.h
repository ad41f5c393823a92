// SPDX-License-Identifier: Apache-2.0
/*
 * What the files of the master share. One idea a file:
 *
 *     master.c           the door: connection, frames in, timers
 *     master_response.c  is this fragment for us, and what does it ask for (application.md 5, master.md 10)
 *     master_iin.c       internal indications, edge-triggered (application.md 3, master.md 3)
 *     master_confirm.c   held confirms, repeats, proofs
 *     master_tasks.c     which request is next, and what its end means (master.md 2, 4, 5, 7)
 *     master_time.c      time synchronisation (time.md 3-6)
 *     master_write.c     state to octets
 *     master_news.c      state to news
 *     master_order.c     orders: their queue, their answers, their end
 *     master_control.c, master_services.c, master_request.c, master_file.c, ...: procedures of orders
 */
#ifndef PROTOCOL_MASTER_INTERNAL_H
#define PROTOCOL_MASTER_INTERNAL_H

#include "protocol/app.h"
#include "protocol/master.h"
#include "protocol/master_order.h"

enum master_presence { PRESENCE_UNKNOWN, PRESENCE_ONLINE, PRESENCE_OFFLINE };

static inline void master_tell(struct master *m, enum master_news_kind kind)
{
    m->pending = (uint16_t)(m->pending | 1u << kind);
}

static inline int64_t master_hold_read_ms(const struct master_hold *hold)
{
    return (int64_t)((uint64_t)hold->read_ms << 8) >> 8;
}

/* Whether the station has that quirk; where it has, it is told that we have borne with it. */
static inline bool master_bears(struct master *m, enum master_quirk quirk)
{
    if (!(m->config->quirks & quirk))
        return false;
    m->quirks_used = (uint16_t)(m->quirks_used | quirk);
    master_tell(m, MASTER_QUIRK_USED);
    return true;
}

static inline struct master_order *master_running_order(const struct master *m)
{
    return m->task == TASK_ORDER ? m->orders : NULL;
}

static inline bool master_waits_for_unsolicited(const struct master *m)
{
    return m->config->unsolicited_classes && !m->no_unsolicited;
}

/* master_response.c */
void master_take_fragment(struct master *m, const uint8_t *octets, size_t len, const struct instant *at);
void master_refuse(struct master *m, enum master_reason reason);
/* The response timer begins again. */
void master_response_goes_on(struct master *m, const struct instant *at);

/* master_iin.c: what is new in the IIN of an accepted fragment, as a mask of IIN_DEVICE_RESTART and
 * IIN_EVENT_BUFFER_OVERFLOW. */
uint16_t master_take_iin(struct master *m, const struct app_fragment *f, const struct instant *at);
/* A fragment that is refused says all the same that the station has restarted. */
uint16_t master_take_restart(struct master *m, uint16_t iin, const struct instant *at);
void master_note_restart(struct master *m, uint16_t iin, const struct instant *at);
/* Unsolicited responses have been enabled, or the station has refused to, or not answered: then its events
 * are scanned for like others. */
void master_take_enabled(struct master *m, bool enabled, const struct instant *at);

/* master_confirm.c */
uint64_t master_new_ticket(struct master *m);
void master_arm(struct master *m, int space, uint64_t ticket, uint8_t seq, const struct instant *at);
void master_confirm_left(struct master *m, int space, const struct instant *at);
bool master_is_repeat(const struct master *m, const struct app_fragment *f);
void master_remember(struct master *m, const struct app_fragment *f, uint64_t ticket);
void master_take_repeat(struct master *m, uint8_t seq, const struct instant *at);
void master_prove(struct master *m, int space, uint8_t condition);
void master_forget_doubts(struct master *m);
void master_drop_holds(struct master *m);
void master_doubt_all(struct master *m);
void master_expire_hold(struct master *m, const struct instant *at);

/* master_tasks.c */
void master_plan_start_up(struct master *m, const struct instant *at);
/* Wanted at `due_ms`; where it runs already, once more. */
void master_want(struct master *m, enum master_task task, int64_t due_ms);
void master_advance(struct master *m, const struct instant *at);
void master_finish(struct master *m, enum master_outcome outcome, const struct instant *at);
void master_complete(struct master *m, const struct instant *at);
/* Another request of the running task, with the next SEQ. */
void master_send_step(struct master *m, uint8_t step);
int64_t master_next_start_ms(const struct master *m);

void master_count_timeout(struct master *m, const struct instant *at);

/* master_order.c */
bool master_order_allowed(const struct master *m, const struct master_order *order);
void master_order_begin(struct master *m, struct master_order *order);
/* Whether there is something to send: the request is in its octets then. */
bool master_order_ready(struct master *m, const struct instant *at);
/* Its last octet has left; where no answer is awaited, the pause begins. */
void master_order_left(struct master *m, const struct instant *at);
void master_order_answer(struct master *m, const struct app_fragment *f, const struct instant *at);
/* The answer is complete and its confirm, if any, may leave. */
void master_order_complete(struct master *m, const struct instant *at);
/* Whether the running task is an order that has another request to make. */
bool master_order_goes_on(const struct master *m);
/* The first fragments of the answer have told the outcome; the rest is awaited, but not for ever. */
bool master_order_is_decided(const struct master *m);
void master_order_interrupt(struct master *m, enum order_outcome why, const struct instant *at);
void master_order_lost(struct master *m, const struct instant *at);
void master_orders_restarted(struct master *m, const struct instant *at);
void master_orders_disconnected(struct master *m, const struct instant *at);
void master_orders_tick(struct master *m, const struct instant *at);
int64_t master_orders_deadline_ms(const struct master *m);
struct master_order *master_order_told(struct master *m);
struct master_order *master_order_answered(struct master *m);

/* master_time.c */
/*
 * What g52 says (time.md 4, outstation.md 5): as the rules want it; with a wider count, which anybody can
 * read; or with another qualifier: then only a station with QUIRK_G52_COUNT is believed.
 */
enum master_delay { DELAY_NONE, DELAY_SOUND, DELAY_WIDE, DELAY_BENT };
enum master_delay master_read_delay(const struct app_fragment *f, int64_t *delay_ms);
void master_sync_measure(struct master *m, const struct app_fragment *f, const struct instant *at);
void master_sync_complete(struct master *m, const struct instant *at);
void master_sync_write(const struct master *m, struct writer *w, const struct instant *at);

#endif
