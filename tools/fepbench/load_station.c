// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/load_parts.h"

#include "tools/fepbench/process.h"

#include "protocol/app.h"
#include "protocol/transport.h"

#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    READ_MAX = 4096,
    CONFIRM_TIMEOUT_MS = 5000,
    FLOOD_SENDS_A_TURN = 8,
    ONE_SEGMENT = TRANSPORT_FIR | TRANSPORT_FIN
};

static void watch(const struct load_process *l, struct load_station *s, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.u32 = (uint32_t)(s - l->stations)};
    epoll_ctl(l->epoll, how, s->fd, &event);
}

void load_station_open(struct load_process *l, struct load_station *s, int fd)
{
    s->fd = fd;
    watch(l, s, EPOLL_CTL_ADD, EPOLLIN);
    load_add(l, LOAD_CONNECTED, 1);
}

static void station_close(struct load_process *l, struct load_station *s)
{
    close(s->fd);
    load_add(l, LOAD_CONNECTED, (uint64_t)-1);
    if (s->ready)
        load_add(l, LOAD_READY, (uint64_t)-1);
    s->fd = -1;
    s->ready = false;
    s->awaited = NULL;
    s->partial_len = 0;
    s->flood_at = 0;
    s->polled_ns = 0;
}

/* A station has one small answer or one response under way, so a socket that does not take it is broken. */
static bool transmit(struct load_process *l, struct load_station *s, const void *octets, size_t len)
{
    if (send(s->fd, octets, len, MSG_NOSIGNAL) == (ssize_t)len)
        return true;
    station_close(l, s);
    return false;
}

void load_station_send(struct load_process *l, struct load_station *s)
{
    const struct frame *frame = &l->sets[l->order.set].frame[s->round];
    s->awaited = frame;
    s->awaited_seq = frames_sequence(s->round);
    s->round = (uint8_t)((s->round + 1) % FRAMES_ROUND);
    s->sent_ns = process_now_ns();
    if (!transmit(l, s, frame->octets, frame->len))
        return;
    load_add(l, LOAD_SENT, 1);
    load_add(l, LOAD_SENT_OCTETS, frame->len);
}

void load_station_repeat(struct load_process *l, struct load_station *s, uint64_t now_ns)
{
    if (!s->awaited || now_ns - s->sent_ns < CONFIRM_TIMEOUT_MS * UINT64_C(1000000))
        return;
    s->sent_ns = now_ns;
    load_add(l, LOAD_REPEATED, 1);
    transmit(l, s, s->awaited->octets, s->awaited->len);
}

/* How many octets of the flood may go now: up to the end of the round, or of the frame where it has to stop.
 */
static size_t flood_rest(const struct load_process *l, const struct load_station *s)
{
    const struct frame *flood = &l->sets[l->order.set].flood;
    size_t frame_len = flood->len / FRAMES_ROUND;
    if (load_floods(l, s))
        return flood->len - s->flood_at;
    return (frame_len - s->flood_at % frame_len) % frame_len;
}

void load_station_flood(struct load_process *l, struct load_station *s)
{
    const struct frame *flood = &l->sets[l->order.set].flood;
    size_t rest = s->ready ? flood_rest(l, s) : 0;
    s->flooded = true;
    for (unsigned i = 0; rest && i < FLOOD_SENDS_A_TURN; i++) {
        ssize_t sent = send(s->fd, flood->octets + s->flood_at, rest, MSG_NOSIGNAL);
        if (sent <= 0)
            break;
        load_add(l, LOAD_FLOODED_OCTETS, (uint64_t)sent);
        s->flood_at = (uint32_t)((s->flood_at + (size_t)sent) % flood->len);
        rest = flood_rest(l, s);
    }
    watch(l, s, EPOLL_CTL_MOD, rest ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

static void confirmed(struct load_process *l, struct load_station *s, uint8_t control, size_t len)
{
    if (!s->awaited || control != (APP_FIR | APP_FIN | APP_UNS | s->awaited_seq) ||
        len != APP_REQUEST_HEADER_LEN) {
        load_add(l, LOAD_WRONG, !s->flooded);
        return;
    }
    histogram_add(&l->shared->answers, process_now_ns() - s->sent_ns);
    load_add(l, LOAD_CONFIRMED, 1);
    s->awaited = NULL;
    if (l->order.sending && l->order.rate <= 0 && load_may_send(l, s))
        load_station_send(l, s);
}

/* READ of classes: g60v1 among the headers asks for everything. */
static bool asks_for_all(const uint8_t *objects, size_t len)
{
    for (size_t at = 0; at + 3 <= len; at += 3)
        if (objects[at] == 60 && objects[at + 1] == 1)
            return true;
    return false;
}

static void event_poll(struct load_process *l, struct load_station *s)
{
    uint64_t now_ns = process_now_ns();
    double period_ns = l->spec.event_poll_ms * 1e6;
    double late_ns = (double)(now_ns - s->polled_ns) - period_ns;
    load_add(l, LOAD_EVENT_POLLS, 1);
    if (s->polled_ns) {
        bool on_time = late_ns <= period_ns * 0.1 && late_ns >= period_ns * -0.1;
        load_add(l, on_time ? LOAD_POLLS_ON_TIME : LOAD_POLLS_OFF_TIME, 1);
    }
    s->polled_ns = now_ns;
}

static void requested(struct load_process *l, struct load_station *s, const uint8_t *fragment, size_t len)
{
    uint8_t function = fragment[1];
    const uint8_t *objects = fragment + APP_REQUEST_HEADER_LEN;
    size_t objects_len = len - APP_REQUEST_HEADER_LEN;
    bool all = function == APP_READ && asks_for_all(objects, objects_len);
    if (function == APP_WRITE && objects_len && objects[0] == 80)
        s->restarted = false;
    if (all)
        load_add(l, LOAD_INTEGRITY_POLLS, 1);
    else if (function == APP_READ)
        event_poll(l, s);
    unsigned seq = fragment[0] & APP_SEQ;
    const struct frame *answer =
        all ? &l->answers.integrity[seq][s->restarted] : &l->answers.null[seq][s->restarted];
    if (!transmit(l, s, answer->octets, answer->len) || function != APP_ENABLE_UNSOLICITED || s->ready)
        return;
    s->ready = true;
    load_add(l, LOAD_READY, 1);
    if (l->order.sending && l->order.rate <= 0 && l->sets[l->order.set].values)
        load_station_send(l, s);
}

static void link_status(struct load_process *l, struct load_station *s)
{
    uint8_t octets[LINK_FRAME_MAX];
    size_t len = link_encode(LINK_STATUS, FRAMES_MASTER, FRAMES_OUTSTATION, NULL, 0, octets, sizeof octets);
    transmit(l, s, octets, len);
}

static void frame_came(struct load_process *l, struct load_station *s, const struct link_frame *frame)
{
    const uint8_t *fragment = frame->user + 1;
    size_t len = frame->user_len ? frame->user_len - 1u : 0;
    bool for_us = frame->destination == FRAMES_OUTSTATION && frame->source == FRAMES_MASTER;
    if (for_us && frame->control == (LINK_DIR | LINK_PRM | LINK_REQUEST_LINK_STATUS))
        link_status(l, s);
    else if (!for_us || frame->control != (LINK_DIR | LINK_PRM | LINK_UNCONFIRMED_USER_DATA) ||
             (frame->user[0] & ONE_SEGMENT) != ONE_SEGMENT || len < APP_REQUEST_HEADER_LEN)
        load_add(l, LOAD_WRONG, 1);
    else if (fragment[1] == APP_CONFIRM)
        confirmed(l, s, fragment[0], len);
    else
        requested(l, s, fragment, len);
}

void load_station_readable(struct load_process *l, struct load_station *s)
{
    uint8_t octets[LINK_FRAME_MAX + READ_MAX];
    struct link_frame frame;
    memcpy(octets, s->partial, s->partial_len);
    ssize_t got = recv(s->fd, octets + s->partial_len, READ_MAX, 0);
    if (got <= 0) {
        station_close(l, s);
        return;
    }
    size_t at = 0, used, len = s->partial_len + (size_t)got;
    uint32_t bad = l->errors.noise_octets + l->errors.header_crc + l->errors.body_crc + l->errors.bad_length;
    while (s->fd >= 0 && link_parse(octets + at, len - at, &used, &frame, &l->errors) == LINK_FRAME) {
        at += used;
        frame_came(l, s, &frame);
    }
    load_add(l, LOAD_BAD_CRC,
             l->errors.noise_octets + l->errors.header_crc + l->errors.body_crc + l->errors.bad_length - bad);
    if (s->fd < 0)
        return;
    at += used;
    s->partial_len = (uint16_t)(len - at);
    memcpy(s->partial, octets + at, s->partial_len);
}
