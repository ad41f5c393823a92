// SPDX-License-Identifier: Apache-2.0
/*
 * State to octets, one frame at a time. Requests are encoded here, from the state of the task, when they
 * leave: nothing is stored, and a retry has the same octets.
 */
#include "protocol/master_internal.h"

#include <assert.h>

enum { CONTROL_USER_DATA = LINK_DIR | LINK_PRM | LINK_UNCONFIRMED_USER_DATA, REQUEST_MAX = 32 };

static size_t write_service(const struct master *m, uint8_t control, uint8_t *into, size_t room)
{
    return link_encode(control, m->link.remote, m->link.local, NULL, 0, into, room);
}

static size_t write_fragment(struct master *m, const struct writer *w, uint8_t *into, size_t room)
{
    assert(!w->failed);
    return transport_write(&m->tx_seq, CONTROL_USER_DATA, m->link.remote, m->link.local, w->begin,
                           writer_len(w), into, room);
}

static size_t write_confirm(struct master *m, int space, uint8_t *into, size_t room, const struct instant *at)
{
    uint8_t octets[APP_REQUEST_HEADER_LEN];
    struct writer w = writer_over(octets, sizeof octets);
    uint8_t uns = space == MASTER_UNSOLICITED ? APP_UNS : 0;
    app_write_request(&w, (uint8_t)(APP_FIR | APP_FIN | uns | m->hold[space].seq), APP_CONFIRM);
    master_confirm_left(m, space, at);
    return write_fragment(m, &w, into, room);
}

/* Events before class 0 (master.md 2, step 4). */
static void write_classes(struct writer *w, uint8_t classes)
{
    for (uint8_t variation = 2; variation <= 4; variation++)
        if (classes & 1u << (variation - 1))
            object_write_all(w, 60, variation);
    if (classes & CLASS_0)
        object_write_all(w, 60, 1);
}

static uint8_t function_of(enum master_task task)
{
    static const uint8_t functions[] = {
        [TASK_DISABLE_UNSOLICITED] = APP_DISABLE_UNSOLICITED,
        [TASK_CLEAR_RESTART] = APP_WRITE,
        [TASK_INTEGRITY] = APP_READ,
        [TASK_ENABLE_UNSOLICITED] = APP_ENABLE_UNSOLICITED,
        [TASK_EVENT_SCAN] = APP_READ,
        [TASK_POLL] = APP_READ,
    };
    return functions[task];
}

static void encode_request(const struct master *m, struct writer *w, const struct instant *at)
{
    if (m->task == TASK_TIME_SYNC) {
        master_sync_write(m, w, at);
        return;
    }
    app_write_request(w, APP_FIR | APP_FIN | m->seq, function_of(m->task));
    if (m->task == TASK_CLEAR_RESTART) {
        object_write_range(w, 80, 1, 7, 7);
        write_u8(w, 0);
    } else if (m->classes) {
        write_classes(w, m->classes);
    } else {
        const struct master_poll *poll = &m->config->polls[m->poll];
        object_write_all(w, poll->group, poll->variation);
    }
}

static bool defers_reads(const struct master *m, int64_t now_ms)
{
    return m->refused_ms != NEVER_MS && now_ms - m->refused_ms < m->config->confirm_timeout_ms;
}

static void request_left(struct master *m, const struct instant *at)
{
    m->phase = PHASE_AWAIT;
    m->response_from_ms = at->now_ms;
    m->extended = defers_reads(m, at->now_ms);
    if (m->retried)
        return; /* an answer may still be one to the first: it proves nothing and dates from there */
    m->sent_ms = at->now_ms;
    m->requested_wall_ms = at->wall_ms;
    for (int space = 0; space < MASTER_SPACES; space++)
        m->doubt[space] |= DOUBT_ASKED_REQUEST;
}

static bool is_amid_request(const struct master *m)
{
    return m->task == TASK_ORDER && m->phase == PHASE_TO_SEND && m->orders->request_sent;
}

/* The next frame of the request. */
static size_t write_order(struct master *m, uint8_t *into, size_t room, const struct instant *at)
{
    if (!master_order_ready(m, at))
        return 0;
    struct master_order *order = m->orders;
    size_t left = order->request_len - order->request_sent;
    size_t n = left < TRANSPORT_PAYLOAD_MAX ? left : TRANSPORT_PAYLOAD_MAX;
    uint8_t user[LINK_USER_MAX];
    user[0] = (uint8_t)((order->request_sent ? 0 : TRANSPORT_FIR) | (n == left ? TRANSPORT_FIN : 0) |
                        (m->tx_seq & TRANSPORT_SEQ));
    memcpy(user + 1, order->request + order->request_sent, n);
    uint16_t to = order->address ? order->address : m->link.remote;
    size_t len = link_encode(CONTROL_USER_DATA, to, m->link.local, user, n + 1, into, room);
    m->tx_seq = (m->tx_seq + 1) & TRANSPORT_SEQ;
    if (!order->request_sent && !m->retried) {
        order->sent_ms = at->now_ms;
        order->sent_wall_ms = at->wall_ms;
    }
    order->request_sent += (uint32_t)n;
    if (n < left)
        return len;
    request_left(m, at);
    master_order_left(m, at);
    return len;
}

static size_t write_request(struct master *m, uint8_t *into, size_t room, const struct instant *at)
{
    if (m->task == TASK_ORDER)
        return write_order(m, into, room, at);
    uint8_t octets[REQUEST_MAX];
    struct writer w = writer_over(octets, sizeof octets);
    encode_request(m, &w, at);
    request_left(m, at);
    return write_fragment(m, &w, into, room);
}

static size_t write_status_request(struct master *m, uint8_t *into, size_t room)
{
    m->status_due = false;
    return write_service(m, LINK_DIR | LINK_PRM | LINK_REQUEST_LINK_STATUS, into, room);
}

/*
 * A confirm of events frees the station's buffer, and IIN2.3 may clear: not before the record of that
 * overflow is durable, even where the events came before it.
 */
static bool waits_for_overflow(const struct master *m, int space)
{
    return m->overflow_ticket && m->hold[space].ticket;
}

/* Confirms go before requests: a request would cancel the response that a solicited one confirms. */
size_t master_write(struct master *m, uint8_t *into, size_t room, const struct instant *at)
{
    assert(room >= LINK_FRAME_MAX); /* a frame that is written has left */
    if (!m->connected)
        return 0;
    if (m->reply_due) {
        m->reply_due = false;
        return write_service(m, m->reply_control, into, room);
    }
    if (is_amid_request(m)) /* another fragment in between would end it at the station */
        return write_order(m, into, room, at);
    for (int space = MASTER_SPACES - 1; space >= 0; space--)
        if (m->hold[space].state == HOLD_READY && !waits_for_overflow(m, space))
            return write_confirm(m, space, into, room, at);
    if (m->status_due)
        return write_status_request(m, into, room);
    if (m->phase == PHASE_TO_SEND && m->hold[MASTER_SOLICITED].state != HOLD_READY)
        return write_request(m, into, room, at);
    return 0;
}
