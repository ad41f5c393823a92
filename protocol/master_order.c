// SPDX-License-Identifier: Apache-2.0
/*
 * Orders: their queue, their answers, their end. The running order is the first of the list; its exchange is
 * that of any task (enum master_phase), with a pause at its end where it asked for one.
 */
#include "protocol/master_internal.h"

#include <assert.h>

enum order_state { STATE_NEW, STATE_WAITING, STATE_RUNNING, STATE_DONE };

/* Nothing is told by writing: what write() has borne with is told with the answer, or the end. */
static void bear(struct master *m, struct master_order *order)
{
    for (unsigned bit = 0; bit < QUIRKS; bit++)
        if (order->quirks_used & 1u << bit)
            (void)master_bears(m, (enum master_quirk)(1u << bit));
    order->quirks_used = 0;
}

static void finish(struct master *m, struct master_order *order, enum order_outcome outcome)
{
    bear(m, order);
    order->outcome = outcome;
    order->state = STATE_DONE;
    master_tell(m, MASTER_ORDER_DONE);
    if (m->task != TASK_ORDER || order != m->orders)
        return;
    m->task = TASK_NONE;
    m->phase = PHASE_IDLE;
    m->extended = false;
}

static bool address_is_good(uint16_t address)
{
    return !address || address >= LINK_SELF_ADDRESS;
}

static bool is_broadcast(const struct master_order *order)
{
    return order->address > LINK_SELF_ADDRESS;
}

static void append(struct master *m, struct master_order *order)
{
    struct master_order **at = &m->orders;
    while (*at)
        at = &(*at)->next;
    *at = order;
}

void master_submit(struct master *m, struct master_order *order, const struct instant *at)
{
    assert(order->procedure && order->request && order->state == STATE_NEW && !order->next);
    order->quirks = m->config->quirks;
    order->quirks_used = 0;
    order->outcome = ORDER_PENDING;
    order->iin = order->status = 0;
    order->requests = 0;
    order->answered = order->restarted = order->cancelled = order->closing = false;
    order->resume_ms = at->now_ms;
    order->state = STATE_WAITING;
    append(m, order);
    if (!m->connected)
        finish(m, order, ORDER_DISCONNECTED);
    else if (at->now_ms >= order->deadline_ms)
        finish(m, order, ORDER_EXPIRED);
    else if (!address_is_good(order->address) || (order->clears_restart && is_broadcast(order)))
        finish(m, order, ORDER_INVALID); /* what clears a restart must not pass by its record */
    else
        master_advance(m, at);
}

/* A request of points is a poll; one that writes IIN1.7 waits for the record of what it clears. */
bool master_order_allowed(const struct master *m, const struct master_order *order)
{
    if (order->state != STATE_WAITING)
        return false;
    if (order->reads_points && (m->start_up || m->polls_held))
        return false;
    /* The restart's record of an earlier connection may be on its way still: the start-up reads anew. */
    return !order->clears_restart || (!m->start_up && !m->restart_untold && !m->restart_ticket);
}

static void unlink_order(struct master *m, const struct master_order *order)
{
    struct master_order **at = &m->orders;
    while (*at != order)
        at = &(*at)->next;
    *at = order->next;
}

static void write_anew(struct master *m, struct master_order *order)
{
    order->request_len = order->request_sent = 0;
    m->retries_left = order->retries;
    master_send_step(m, 0);
}

void master_order_begin(struct master *m, struct master_order *order)
{
    unlink_order(m, order);
    order->next = m->orders;
    m->orders = order;
    order->state = STATE_RUNNING;
    m->task = TASK_ORDER;
    if (order->background)
        m->polled_last = false;
    write_anew(m, order);
}

static bool has_expired(const struct master_order *order, int64_t now_ms)
{
    return !order->closing && now_ms >= order->deadline_ms;
}

/* Its end comes with the next tick: nothing is told by writing. */
static void pause_until(struct master *m, struct master_order *order, int64_t at_least_ms)
{
    m->phase = PHASE_PAUSE;
    if (order->resume_ms < at_least_ms)
        order->resume_ms = at_least_ms;
}

static void write_request(struct master *m, struct master_order *order, const struct instant *at)
{
    struct writer w = writer_over(order->request, order->request_room);
    app_write_request(&w, APP_FIR | APP_FIN | m->seq, 0);
    order->acts = false;
    order->asks = (uint8_t)order->procedure->write(order, &w, at);
    if (w.failed && order->asks != ORDER_CANNOT) {
        order->asks = ORDER_CANNOT;
        order->outcome = ORDER_INVALID;
    }
    if (order->asks == ORDER_CANNOT) {
        order->verdict = ORDER_ENDS;
        pause_until(m, order, at->now_ms + 1);
        return;
    }
    assert(order->function <= APP_ACTIVATE_CONFIG && order->function != APP_CONFIRM);
    order->request[1] = order->function;
    if (is_broadcast(order))
        order->asks = ORDER_TELLS;
    order->request_len = (uint32_t)writer_len(&w);
}

bool master_order_ready(struct master *m, const struct instant *at)
{
    struct master_order *order = m->orders;
    if (has_expired(order, at->now_ms) || at->now_ms < order->resume_ms)
        return false;
    if (!order->request_len)
        write_request(m, order, at);
    return order->request_len > 0;
}

void master_order_left(struct master *m, const struct instant *at)
{
    struct master_order *order = m->orders;
    if (!m->retried && order->requests < UINT16_MAX) /* a file may have more blocks than that */
        order->requests++;
    if (order->asks == ORDER_ASKS)
        return;
    order->verdict = (uint8_t)order->procedure->answer(order, NULL, at);
    if (order->verdict == ORDER_ENDS && order->outcome == ORDER_PENDING)
        order->outcome = ORDER_SENT;
    int64_t silence_ms = order->turnaround_ms ? order->turnaround_ms : 1;
    pause_until(m, order, at->now_ms + silence_ms);
}

void master_order_answer(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    struct master_order *order = m->orders;
    if (m->first_awaited) {
        order->iin = 0;
        order->verdict = ORDER_GOES_ON;
    }
    order->iin = (uint16_t)((order->iin & IIN_REQUEST_ERRORS) | f->iin);
    order->answered = true;
    master_tell(m, MASTER_ORDER_ANSWER);
    bool last = f->control & APP_FIN;
    if (order->verdict == ORDER_ENDS)
        return;
    order->resume_ms = at->now_ms;
    enum order_verdict verdict = order->procedure->answer(order, f, at);
    if (!last && verdict != ORDER_GOES_ON)
        verdict = ORDER_ENDS;
    if (last && verdict == ORDER_GOES_ON)
        verdict = ORDER_ENDS;
    order->verdict = (uint8_t)verdict;
    bear(m, order);
}

/* Back to the queue: what else is due may go first. */
static void step_aside(struct master *m, struct master_order *order)
{
    order->state = STATE_WAITING;
    m->task = TASK_NONE;
    m->phase = PHASE_IDLE;
    m->extended = false;
    unlink_order(m, order);
    order->next = NULL;
    append(m, order);
}

static void proceed(struct master *m, struct master_order *order, const struct instant *at)
{
    if (order->verdict == ORDER_LATER) {
        if (order->state == STATE_RUNNING)
            step_aside(m, order);
        return;
    }
    if (at->now_ms < order->resume_ms)
        pause_until(m, order, order->resume_ms);
    else if (order->verdict == ORDER_NEXT)
        write_anew(m, order);
    else
        finish(m, order, order->outcome == ORDER_PENDING ? ORDER_SUCCESS : order->outcome);
}

/* The order is about to end without its own will. */
static void interrupt(struct master *m, struct master_order *order, enum order_outcome why,
                      const struct instant *at)
{
    bool twice = order->closing && (why == ORDER_EXPIRED || why == ORDER_CANCELLED);
    bool asked = order->requests && order->procedure->interrupted && !twice;
    order->outcome = why;
    order->closing = order->closing || why == ORDER_EXPIRED || why == ORDER_CANCELLED;
    order->restarted = order->cancelled = false;
    order->resume_ms = at->now_ms;
    enum order_verdict verdict = asked ? order->procedure->interrupted(order, why, at) : ORDER_ENDS;
    if (verdict != ORDER_NEXT && verdict != ORDER_LATER) {
        finish(m, order, order->outcome);
        return;
    }
    order->outcome = ORDER_PENDING;
    order->verdict = (uint8_t)verdict;
    if (order->state == STATE_RUNNING)
        proceed(m, order, at);
}

/* The outcome is told, by the first fragments of an answer or all of it. */
static bool is_decided(const struct master_order *order)
{
    return order->verdict == ORDER_ENDS && order->outcome != ORDER_PENDING;
}

bool master_order_is_decided(const struct master *m)
{
    return m->task == TASK_ORDER && is_decided(m->orders);
}

/* Where the first fragments have decided, the rest does not matter. */
void master_order_interrupt(struct master *m, enum order_outcome why, const struct instant *at)
{
    struct master_order *order = m->orders;
    if (is_decided(order))
        finish(m, order, order->outcome);
    else
        interrupt(m, order, why, at);
}

void master_order_complete(struct master *m, const struct instant *at)
{
    struct master_order *order = m->orders;
    bool goes_on = order->verdict != ORDER_ENDS;
    if (goes_on && order->cancelled)
        interrupt(m, order, ORDER_CANCELLED, at);
    else if (goes_on && order->restarted)
        interrupt(m, order, ORDER_RESTARTED, at);
    else
        proceed(m, order, at);
}

bool master_order_goes_on(const struct master *m)
{
    return m->task == TASK_ORDER && m->orders->verdict != ORDER_ENDS;
}

void master_order_lost(struct master *m, const struct instant *at)
{
    master_order_interrupt(m, m->orders->acts ? ORDER_UNKNOWN : ORDER_TIMEOUT, at);
}

/* Where the running order is between two requests, or all but ended. */
static void restart_running(struct master *m, struct master_order *order, const struct instant *at)
{
    order->restarted = order->requests || order->request_sent;
    if (m->phase == PHASE_AWAIT || (m->phase == PHASE_TO_SEND && m->retried))
        return; /* the answer, or its absence, decides */
    if (m->phase == PHASE_TO_SEND) {
        order->request_sent = 0;
        if (order->restarted)
            interrupt(m, order, ORDER_RESTARTED, at);
        else if (order->clears_restart)
            step_aside(m, order); /* not before this restart is recorded */
        return;
    }
    /* Its confirm, if any, has been dropped with all others; what it waited for is here. */
    m->hold[MASTER_SOLICITED].state = HOLD_NONE;
    order->resume_ms = at->now_ms;
    master_order_complete(m, at);
}

/* The running one last: it may join those that wait, and is told once. */
void master_orders_restarted(struct master *m, const struct instant *at)
{
    for (struct master_order *order = m->orders; order; order = order->next)
        if (order->state == STATE_WAITING && order->requests)
            interrupt(m, order, ORDER_RESTARTED, at);
    if (m->task == TASK_ORDER)
        restart_running(m, m->orders, at);
}

/* Nobody knows whether a request that acts has been heard, once all of it left. */
static enum order_outcome outcome_of_cut(const struct master *m, const struct master_order *order)
{
    if (order->state != STATE_RUNNING)
        return ORDER_DISCONNECTED;
    if (is_decided(order))
        return order->outcome;
    bool out = m->phase == PHASE_AWAIT || (m->phase == PHASE_TO_SEND && m->retried);
    if (out)
        return order->acts ? ORDER_UNKNOWN : ORDER_DISCONNECTED;
    return m->phase == PHASE_TO_SEND || order->verdict != ORDER_ENDS ? ORDER_DISCONNECTED : ORDER_SUCCESS;
}

void master_orders_disconnected(struct master *m, const struct instant *at)
{
    (void)at;
    for (struct master_order *order = m->orders; order; order = order->next)
        if (order->state != STATE_DONE)
            finish(m, order, outcome_of_cut(m, order));
}

static bool is_pending(const struct master *m, const struct master_order *order)
{
    return m->phase == PHASE_TO_SEND && order == master_running_order(m);
}

void master_orders_tick(struct master *m, const struct instant *at)
{
    struct master_order *running = master_running_order(m);
    if (running && m->phase == PHASE_PAUSE && at->now_ms >= running->resume_ms)
        master_order_complete(m, at);
    for (struct master_order *order = m->orders, *next; order; order = next) {
        next = order->next;
        if (order->state == STATE_DONE || !has_expired(order, at->now_ms))
            continue;
        if (is_pending(m, order) && m->retried)
            master_order_lost(m, at);
        /* Also where it goes on after that: a deadline that has passed is no time to come back at. */
        if (!order->closing && (is_pending(m, order) || order->state == STATE_WAITING))
            interrupt(m, order, ORDER_EXPIRED, at);
    }
}

int64_t master_orders_deadline_ms(const struct master *m)
{
    int64_t deadline_ms = NEVER_MS;
    for (const struct master_order *order = m->orders; order; order = order->next) {
        bool counts = order->state == STATE_WAITING || is_pending(m, order);
        if (counts && !order->closing)
            deadline_ms = earlier_ms(deadline_ms, order->deadline_ms);
    }
    if (m->phase == PHASE_PAUSE)
        deadline_ms = earlier_ms(deadline_ms, m->orders->resume_ms);
    return deadline_ms;
}

static void cancel_running(struct master *m, struct master_order *order, const struct instant *at)
{
    order->cancelled = true;
    if (m->phase == PHASE_TO_SEND && m->retried)
        m->phase = PHASE_AWAIT; /* the first one may still be answered */
    if (m->phase == PHASE_TO_SEND) {
        interrupt(m, order, ORDER_CANCELLED, at);
    } else if (m->phase == PHASE_PAUSE) {
        order->resume_ms = at->now_ms;
        master_order_complete(m, at);
    } else {
        m->retries_left = 0; /* awaited, but not asked for once more */
    }
}

void master_cancel(struct master *m, struct master_order *order, const struct instant *at)
{
    if (order->state == STATE_RUNNING)
        cancel_running(m, order, at);
    else if (order->state == STATE_WAITING)
        interrupt(m, order, ORDER_CANCELLED, at);
    master_advance(m, at);
}

/* The next one that is done, out of the list. */
struct master_order *master_order_told(struct master *m)
{
    struct master_order *told = NULL;
    for (struct master_order *order = m->orders; order; order = order->next) {
        if (order->state != STATE_DONE)
            continue;
        if (told)
            master_tell(m, MASTER_ORDER_DONE);
        else
            told = order;
    }
    assert(told);
    unlink_order(m, told);
    told->next = NULL;
    told->state = STATE_NEW;
    return told;
}

struct master_order *master_order_answered(struct master *m)
{
    struct master_order *order = m->orders;
    while (!order->answered)
        order = order->next;
    order->answered = false;
    return order;
}
