// SPDX-License-Identifier: Apache-2.0
/*
 * An outstation on a bench: a scripted master, a scripted clock, hex in, hex out.
 *
 *     struct rig r;
 *     rig_setup(&r);                     defaults; change r.config, then
 *     rig_connect(&r);
 *     rig_send(&r, "C0 01 3C 02 06");    one fragment from the master
 *     rig_expect(&r, "C0 81 80 00");     the next fragment of the outstation; ?? matches any octet
 *     rig_expect_nothing(&r);
 *
 * The outstation is 10, the master 1. `now` starts at 1000 ms, the wall clock at 2025-01-01T00:00:00Z.
 */
#ifndef TESTS_SUPPORT_OUTSTATION_RIG_H
#define TESTS_SUPPORT_OUTSTATION_RIG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/app.h"
#include "protocol/outstation.h"

enum { RIG_POINTS = 24, RIG_EVENTS = 64, RIG_TX = 2048 + 256, RIG_NEWS = 128 };
#define RIG_T0 1735689600000

struct rig {
    struct outstation o;
    struct outstation_config config;
    struct outstation_point points[RIG_POINTS];
    size_t points_len;
    struct outstation_event events[RIG_EVENTS];
    size_t events_room;
    uint8_t tx[RIG_TX];
    uint8_t rx[2048];
    uint8_t in[4096];
    uint8_t out[8192]; /* the last fragment received by the master */
    size_t out_len;
    uint8_t out_control; /* link control and destination of the last frame */
    uint16_t out_destination;
    uint16_t to; /* where the master's frames go; 0: the outstation */
    uint16_t from;
    uint8_t transport_seq;
    struct instant at;
    struct outstation_news news[RIG_NEWS];
    size_t news_len;
};

static inline size_t rig_hex(const char *hex, uint8_t *octets, bool *any, size_t room)
{
    size_t n = 0;
    while (*hex) {
        if (*hex == ' ' || *hex == '|') {
            hex++;
            continue;
        }
        assert_true(n < room);
        bool wild = hex[0] == '?';
        char pair[3] = {hex[0], hex[1], 0};
        if (any)
            any[n] = wild;
        octets[n++] = wild ? 0 : (uint8_t)strtoul(pair, NULL, 16);
        hex += 2;
    }
    return n;
}

static inline void rig_point(struct rig *r, enum point_type type, uint32_t index, uint8_t class_mask)
{
    bool output = type == POINT_BINARY_OUTPUT_STATUS || type == POINT_ANALOG_OUTPUT_STATUS;
    assert_true(r->points_len < RIG_POINTS);
    r->points[r->points_len++] = (struct outstation_point){
        .index = index,
        .type = (uint8_t)type,
        .flags = FLAG_ONLINE,
        .class_mask = class_mask,
        .in_class_0 = true,
        .operable = output,
    };
}

/* Binary inputs 0-2 of class 1 and 300, the rest one or two of each type, in classes 2 and 3. */
static inline void rig_setup(struct rig *r)
{
    memset(r, 0, sizeof *r);
    r->config = outstation_defaults();
    r->config.need_time = false;
    r->config.unsolicited = false;
    r->events_room = RIG_EVENTS;
    r->from = 1;
    r->at = (struct instant){.now_ms = 1000, .wall_ms = RIG_T0, .wall_trusted = true};
    for (uint32_t i = 0; i < 3; i++)
        rig_point(r, POINT_BINARY_INPUT, i, CLASS_1);
    rig_point(r, POINT_BINARY_INPUT, 300, CLASS_1);
    rig_point(r, POINT_DOUBLE_BIT_INPUT, 0, CLASS_1);
    rig_point(r, POINT_BINARY_OUTPUT_STATUS, 0, CLASS_2);
    rig_point(r, POINT_BINARY_OUTPUT_STATUS, 1, CLASS_2);
    rig_point(r, POINT_COUNTER, 0, CLASS_3);
    rig_point(r, POINT_COUNTER, 1, CLASS_3);
    rig_point(r, POINT_FROZEN_COUNTER, 0, CLASS_3);
    rig_point(r, POINT_FROZEN_COUNTER, 1, 0);
    rig_point(r, POINT_ANALOG_INPUT, 0, CLASS_2);
    rig_point(r, POINT_ANALOG_INPUT, 1, CLASS_2);
    rig_point(r, POINT_ANALOG_OUTPUT_STATUS, 0, CLASS_2);
    rig_point(r, POINT_BINARY_COMMAND, 0, 0);
}

static inline struct outstation_point *rig_find(struct rig *r, enum point_type type, uint32_t index)
{
    for (size_t i = 0; i < r->points_len; i++)
        if (r->points[i].type == type && r->points[i].index == index)
            return &r->points[i];
    fail_msg("no such point");
    return NULL;
}

static inline void rig_drain(struct rig *r)
{
    struct outstation_news news;
    while (outstation_next(&r->o, &news) != OUTSTATION_QUIET) {
        assert_true(r->news_len < RIG_NEWS);
        r->news[r->news_len++] = news;
    }
}

static inline void rig_connect(struct rig *r)
{
    outstation_init(&r->o, &r->config, r->points, r->points_len, r->events, r->events_room, r->tx,
                    sizeof r->tx);
    outstation_connected(&r->o, &r->at);
    rig_drain(r);
}

/* One link frame to the outstation; `user` with its transport header. */
static inline void rig_frame(struct rig *r, uint8_t control, const uint8_t *user, size_t len)
{
    struct link_frame frame = {.control = control,
                               .user_len = (uint8_t)len,
                               .destination = r->to ? r->to : r->config.address,
                               .source = r->from};
    if (len)
        memcpy(frame.user, user, len);
    outstation_lend(&r->o, r->rx, sizeof r->rx);
    outstation_receive(&r->o, &frame, &r->at);
    outstation_take_back(&r->o);
    rig_drain(r);
}

static inline void rig_send_octets(struct rig *r, const uint8_t *octets, size_t len)
{
    size_t at = 0;
    do {
        uint8_t user[LINK_USER_MAX];
        size_t n = len - at < TRANSPORT_PAYLOAD_MAX ? len - at : TRANSPORT_PAYLOAD_MAX;
        user[0] = (uint8_t)((at == 0 ? TRANSPORT_FIR : 0) | (at + n == len ? TRANSPORT_FIN : 0) |
                            (r->transport_seq++ & TRANSPORT_SEQ));
        memcpy(user + 1, octets + at, n);
        rig_frame(r, 0xC4, user, n + 1);
        at += n;
    } while (at < len);
}

static inline void rig_send(struct rig *r, const char *hex)
{
    size_t len = rig_hex(hex, r->in, NULL, sizeof r->in);
    rig_send_octets(r, r->in, len);
}

/* The next fragment or link frame of the outstation, into r->out; false where it has nothing to say. */
static inline bool rig_receive(struct rig *r)
{
    uint8_t wire[8192];
    size_t len = outstation_write(&r->o, wire, sizeof wire, &r->at);
    rig_drain(r);
    r->out_len = 0;
    size_t at = 0, used;
    struct link_frame frame;
    struct link_errors errors = {0};
    while (link_parse(wire + at, len - at, &used, &frame, &errors) == LINK_FRAME) {
        at += used;
        r->out_control = frame.control;
        r->out_destination = frame.destination;
        assert_int_equal(frame.source, r->config.address);
        if (frame.user_len)
            memcpy(r->out + r->out_len, frame.user + 1, frame.user_len - 1u);
        r->out_len += frame.user_len ? frame.user_len - 1u : 0;
    }
    assert_int_equal(at, len);
    assert_int_equal(errors.header_crc + errors.body_crc + errors.noise_octets, 0);
    return len > 0;
}

static inline void rig_print(const char *what, const uint8_t *octets, size_t len)
{
    print_error("%s", what);
    for (size_t i = 0; i < len; i++)
        print_error(" %02X", octets[i]);
    print_error("\n");
}

static inline void rig_expect_at(struct rig *r, const char *hex, const char *file, int line)
{
    uint8_t want[4096];
    static bool any[4096];
    size_t len = rig_hex(hex, want, any, sizeof want);
    bool equal = rig_receive(r) && r->out_len == len;
    for (size_t i = 0; equal && i < len; i++)
        equal = any[i] || want[i] == r->out[i];
    if (equal)
        return;
    print_error("want %s\n", hex);
    rig_print("got ", r->out, r->out_len);
    _fail(file, line);
}
#define rig_expect(r, hex) rig_expect_at(r, hex, __FILE__, __LINE__)

static inline void rig_expect_nothing_at(struct rig *r, const char *file, int line)
{
    if (!rig_receive(r))
        return;
    rig_print("nothing was to be sent; got", r->out, r->out_len);
    _fail(file, line);
}
#define rig_expect_nothing(r) rig_expect_nothing_at(r, __FILE__, __LINE__)

#define rig_exchange(r, request, response)                                                                   \
    do {                                                                                                     \
        rig_send(r, request);                                                                                \
        rig_expect(r, response);                                                                             \
    } while (0)

static inline void rig_wait(struct rig *r, int64_t ms)
{
    r->at.now_ms += ms;
    r->at.wall_ms += ms;
    outstation_tick(&r->o, &r->at);
    rig_drain(r);
}

/* IIN1.7 is cleared, so that responses show no state. */
static inline void rig_start(struct rig *r)
{
    rig_connect(r);
    rig_exchange(r, "CF 02 50 01 00 07 07 00", "CF 81 00 00");
}

/* A change `ms` after T0, synchronised. */
static inline uint64_t rig_change(struct rig *r, enum point_type type, uint32_t index, double value,
                                  uint64_t ms)
{
    struct measurement m = {.value = value,
                            .time_ms = RIG_T0 + ms,
                            .index = index,
                            .type = (uint8_t)type,
                            .flags = FLAG_ONLINE,
                            .time_quality = TIME_SYNCHRONISED};
    uint64_t id = outstation_update(&r->o, &m, UPDATE_FORCE_EVENT, &r->at);
    rig_drain(r);
    return id;
}

static inline size_t rig_buffered(const struct rig *r)
{
    size_t n = 0;
    while (outstation_buffered(&r->o, n))
        n++;
    return n;
}

/* How many news of a kind came since the last call for any kind with `forget`. */
static inline size_t rig_news(struct rig *r, enum outstation_news_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < r->news_len; i++)
        n += r->news[i].kind == kind;
    return n;
}

#endif
