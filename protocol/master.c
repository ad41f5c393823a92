// SPDX-License-Identifier: Apache-2.0
/* The door of the master: connection, frames in, timers. */
#include "protocol/master_internal.h"

#include <assert.h>

_Static_assert(sizeof(struct master) <= 320, "thousands of associations rest in memory");

struct master_config master_defaults(void)
{
    return (struct master_config){
        .response_timeout_ms = 5000,
        .confirm_timeout_ms = 5000,
        .link_idle_ms = 60000,
        .link_timeout_ms = 5000,
        .task_retry_min_ms = 5000,
        .task_retry_max_ms = 60000,
        .offline_poll_ms = 60000,
        .offline_after = 3,
        .unsolicited_classes = CLASS_EVENTS,
        .disable_unsolicited_first = true,
        .integrity_on_overflow = true,
        .time_sync = TIME_SYNC_LAN,
    };
}

static void forget_errands(struct master *m)
{
    for (int task = TASK_NONE; task <= TASK_POLL; task++) {
        m->due_ms[task] = NEVER_MS;
        m->failures[task] = 0;
    }
}

void master_init(struct master *m, const struct master_config *config, uint16_t local, uint16_t remote,
                 int64_t *poll_due_ms, uint64_t first_ticket)
{
    assert(config && first_ticket > 0 && (poll_due_ms || !config->polls_len));
    assert(config->polls_len <= UINT16_MAX);
    memset(m, 0, sizeof *m);
    m->config = config;
    m->poll_due_ms = poll_due_ms;
    m->next_ticket = first_ticket;
    m->link = (struct link_end){.local = local, .remote = remote, .master = true};
    forget_errands(m);
}

/* Every connection starts afresh: SEQ, transport, duplicates and the picture of the IIN (master.md 8). */
static void forget_connection(struct master *m)
{
    link_end_reset(&m->link);
    transport_reset(&m->rx);
    m->task = TASK_NONE;
    m->phase = PHASE_IDLE;
    m->restart_ticket = m->overflow_ticket = 0;
    m->hold[MASTER_SOLICITED].state = m->hold[MASTER_UNSOLICITED].state = HOLD_NONE;
    master_forget_doubts(m);
    m->repeat_len = 0;
    m->refused_ms = NEVER_MS;
    m->scan_classes = 0;
    m->sync_refused = 0;
    m->reply_due = m->status_due = m->status_out = m->link_dead = false;
    m->gate_open = m->slow = m->no_unsolicited = m->enable_failed = false;
    m->restart_bit = m->restart_untold = m->restart_sticks = false;
    m->overflow_bit = m->overflow_untold = m->overflow_sticks = m->time_bit = false;
}

/* A schedule outlives the connection; one that has not begun yet begins now. */
static void begin_schedules(struct master *m, int64_t now_ms, int64_t sync_due_ms)
{
    const struct master_config *c = m->config;
    for (size_t i = 0; i < c->polls_len; i++)
        if (!m->poll_due_ms[i])
            m->poll_due_ms[i] = c->polls[i].period_ms ? now_ms + c->polls[i].period_ms : NEVER_MS;
    if (c->time_sync && c->time_sync_period_ms)
        m->due_ms[TASK_TIME_SYNC] = sync_due_ms != NEVER_MS ? sync_due_ms : now_ms + c->time_sync_period_ms;
}

void master_connected(struct master *m, const struct instant *at)
{
    int64_t sync_due_ms = m->due_ms[TASK_TIME_SYNC];
    forget_connection(m);
    forget_errands(m);
    m->connected = true;
    m->tx_seq = 0;
    m->timeouts = 0;
    m->link_ms = at->now_ms;
    begin_schedules(m, at->now_ms, sync_due_ms);
    master_plan_start_up(m, at);
    master_advance(m, at);
}

void master_disconnected(struct master *m, const struct instant *at)
{
    if (!m->connected)
        return;
    master_orders_disconnected(m, at);
    if (m->phase != PHASE_IDLE) {
        m->done_task = m->task;
        m->done_outcome = OUTCOME_DROPPED;
        m->took_ms = 0;
        master_tell(m, MASTER_TASK_DONE);
    }
    if (m->presence == PRESENCE_ONLINE) {
        m->presence = PRESENCE_OFFLINE;
        master_tell(m, MASTER_OFFLINE);
    }
    forget_connection(m);
    m->next_seq = 0;
    m->connected = false;
}

uint8_t master_sequence(const struct master *m)
{
    return m->next_seq;
}

void master_continue_sequence(struct master *m, uint8_t seq)
{
    assert(!m->connected);
    m->next_seq = seq & APP_SEQ;
}

void master_lend(struct master *m, uint8_t *buf, size_t room)
{
    transport_lend(&m->rx, buf, room);
}

uint8_t *master_take_back(struct master *m)
{
    return transport_take_back(&m->rx);
}

static void take_segment(struct master *m, const struct link_frame *frame, const struct instant *at)
{
    const uint8_t *fragment;
    size_t len;
    switch (transport_receive(&m->rx, frame->user, frame->user_len, &fragment, &len)) {
    case TRANSPORT_FRAGMENT:
        master_take_fragment(m, fragment, len, at);
        return;
    case TRANSPORT_MORE:
        return;
    case TRANSPORT_TOO_LONG:
        master_refuse(m, REASON_TOO_LONG);
        return;
    case TRANSPORT_DUPLICATE:
    case TRANSPORT_UNEXPECTED:
    case TRANSPORT_EMPTY:
        break;
    }
    master_refuse(m, REASON_TRANSPORT);
}

/* Who answers to the self-address is the station; from here it is called by its own (link.md 4). */
static struct link_action meet(struct master *m, const struct link_frame *frame)
{
    if (frame->source <= LINK_ADDRESS_MAX)
        m->link.remote = frame->source;
    return link_end_receive(&m->link, frame);
}

void master_receive(struct master *m, const struct link_frame *frame, const struct instant *at)
{
    assert(!m->pending); /* the caller has drained master_next() */
    if (!m->connected)
        return;
    struct link_action action = link_end_receive(&m->link, frame);
    if (action.verdict == LINK_WRONG_SOURCE && m->link.remote == LINK_SELF_ADDRESS)
        action = meet(m, frame);
    if (action.verdict == LINK_WRONG_DIR || action.verdict == LINK_WRONG_DESTINATION ||
        action.verdict == LINK_WRONG_SOURCE) {
        master_refuse(m, REASON_LINK);
        return;
    }
    /* Whatever the peer says, it is alive (link.md 6). */
    m->link_ms = at->now_ms;
    m->status_out = m->status_due = false;
    if (action.reply) {
        m->reply_due = true;
        m->reply_control = action.reply_control;
    }
    if (action.verdict == LINK_USER_DATA)
        take_segment(m, frame, at);
    else if (action.verdict != LINK_SERVICE && action.verdict != LINK_STATUS_REPLY &&
             action.verdict != LINK_REPEATED_FCB)
        master_refuse(m, REASON_LINK);
    master_advance(m, at);
}

static int64_t response_deadline_ms(const struct master *m)
{
    const struct master_order *order = master_running_order(m);
    int64_t timeout_ms = order && order->timeout_ms ? order->timeout_ms : m->config->response_timeout_ms;
    if (m->extended)
        timeout_ms += m->config->confirm_timeout_ms;
    return m->response_from_ms + timeout_ms;
}

static bool is_read(uint8_t task)
{
    return task == TASK_INTEGRITY || task == TASK_EVENT_SCAN || task == TASK_POLL;
}

/* A repeat that meets the answer under way makes the station answer anew, perhaps with more events than the
 * first answer had: under the same SEQ the confirm of the one would free the events of the other. So a read
 * is asked for with the next SEQ; what acts keeps its octets, by which the station knows the repeat. */
static void ask_again(struct master *m)
{
    if (is_read(m->task)) {
        master_send_step(m, 0);
        return;
    }
    m->retried = true;
    m->phase = PHASE_TO_SEND;
    if (m->task == TASK_ORDER)
        m->orders->request_sent = 0;
}

/*
 * master.md 7. A confirm that our own store held back for too long is not the station's failure: the task
 * ends, but no timeout is counted, and a response that is complete counts as answered. An order does not go
 * on from there: what it has selected may be so no more.
 */
static void time_out(struct master *m, const struct instant *at)
{
    struct master_hold *hold = &m->hold[MASTER_SOLICITED];
    bool ours = hold->state == HOLD_WAITING;
    hold->state = HOLD_NONE;
    if (m->phase == PHASE_CLOSING && !master_order_goes_on(m)) {
        master_complete(m, at);
    } else if (ours || m->phase == PHASE_CLOSING) {
        master_finish(m, OUTCOME_DROPPED, at);
    } else if (m->first_awaited && m->retries_left) {
        m->retries_left--;
        ask_again(m);
    } else {
        master_finish(m, OUTCOME_TIMEOUT, at);
    }
}

static void tick_exchange(struct master *m, const struct instant *at)
{
    struct master_hold *hold = &m->hold[MASTER_SOLICITED];
    if (hold->state == HOLD_GIVEN_UP) {
        hold->state = HOLD_NONE;
        if (m->phase == PHASE_CLOSING && m->task == TASK_ORDER && !master_order_goes_on(m))
            master_complete(m, at);
        else
            master_finish(m, OUTCOME_DROPPED, at);
        return;
    }
    bool waiting = m->phase == PHASE_AWAIT || m->phase == PHASE_CLOSING;
    if (waiting && at->now_ms >= response_deadline_ms(m))
        time_out(m, at);
}

static int64_t link_deadline_ms(const struct master *m)
{
    const struct master_config *c = m->config;
    if (m->link_dead || !c->link_idle_ms)
        return NEVER_MS;
    return m->link_ms + (m->status_out ? c->link_timeout_ms : c->link_idle_ms);
}

static void tick_link(struct master *m, const struct instant *at)
{
    if (at->now_ms < link_deadline_ms(m))
        return;
    if (m->status_out) {
        m->link_dead = true;
        master_tell(m, MASTER_LINK_DEAD);
        return;
    }
    if (master_bears(m, QUIRK_NO_LINK_STATUS)) {
        m->link_ms = at->now_ms;
        return;
    }
    /* The wait counts from here, not from the leaving: a channel that takes nothing is as dead. */
    m->status_due = m->status_out = true;
    m->link_ms = at->now_ms;
}

void master_tick(struct master *m, const struct instant *at)
{
    if (!m->connected)
        return;
    master_expire_hold(m, at);
    tick_exchange(m, at);
    tick_link(m, at);
    master_orders_tick(m, at);
    master_advance(m, at);
}

int64_t master_deadline_ms(const struct master *m)
{
    if (!m->connected)
        return NEVER_MS;
    int64_t deadline = earlier_ms(link_deadline_ms(m), master_orders_deadline_ms(m));
    if (m->phase == PHASE_IDLE)
        deadline = earlier_ms(deadline, master_next_start_ms(m));
    else if (m->phase == PHASE_AWAIT || m->phase == PHASE_CLOSING)
        deadline = earlier_ms(deadline, response_deadline_ms(m));
    const struct master_hold *sol = &m->hold[MASTER_SOLICITED], *uns = &m->hold[MASTER_UNSOLICITED];
    if (sol->state == HOLD_GIVEN_UP)
        deadline = earlier_ms(deadline, master_hold_read_ms(sol));
    if (uns->state != HOLD_NONE)
        deadline = earlier_ms(deadline, master_hold_read_ms(uns) + m->config->confirm_timeout_ms);
    return deadline;
}

void master_hold_polls(struct master *m, bool hold, const struct instant *at)
{
    m->polls_held = hold;
    master_advance(m, at);
}

void master_demand_integrity(struct master *m, const struct instant *at)
{
    if (!m->connected)
        return; /* the start-up polls anyway */
    master_want(m, TASK_INTEGRITY, at->now_ms);
    master_advance(m, at);
}

void master_demand_time_sync(struct master *m, const struct instant *at)
{
    if (!m->connected || !m->config->time_sync)
        return;
    master_want(m, TASK_TIME_SYNC, at->now_ms);
    master_advance(m, at);
}

uint16_t master_remote(const struct master *m)
{
    return m->link.remote;
}

bool master_is_online(const struct master *m)
{
    return m->presence == PRESENCE_ONLINE;
}
