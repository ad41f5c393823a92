// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/frames.h"

#include "protocol/app.h"
#include "protocol/link.h"
#include "protocol/transport.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { WIRE_MAX = 2600, PREFIX_INDEX_16 = 0x28 };
static const uint64_t first_time_ms = 1700000000000;

static struct frame frame_make(const struct writer *fragment, unsigned i)
{
    uint8_t wire[WIRE_MAX], seq = (uint8_t)(i & TRANSPORT_SEQ);
    assert(!fragment->failed);
    size_t len = transport_write(&seq, LINK_PRM | LINK_UNCONFIRMED_USER_DATA, FRAMES_MASTER,
                                 FRAMES_OUTSTATION, fragment->begin, writer_len(fragment), wire, sizeof wire);
    struct frame f = {malloc(len), len};
    assert(len > 0 && f.octets);
    memcpy(f.octets, wire, len);
    return f;
}

/* `count` events of the points 0 and up, as values that move from frame to frame. */
static void write_events(struct writer *w, uint8_t group, uint8_t variation, unsigned count, unsigned round)
{
    const struct object_type *type = object_type_find(group, variation);
    if (count == 0)
        return;
    write_u8(w, group);
    write_u8(w, variation);
    write_u8(w, PREFIX_INDEX_16);
    write_u16(w, (uint16_t)count);
    for (unsigned i = 0; i < count; i++) {
        struct measurement m = {.value = type->value == VALUE_BIT ? (round + i) % 2 : round * 1.5 + i,
                                .time_ms = first_time_ms + round,
                                .index = i,
                                .type = type->point,
                                .flags = FLAG_ONLINE,
                                .time_quality = TIME_SYNCHRONISED,
                                .event = true};
        write_u16(w, (uint16_t)i);
        object_encode(w, type, &m, 0);
    }
}

static struct frame unsolicited_make(unsigned values, enum frames_kind kind, unsigned i)
{
    uint8_t fragment[APP_FRAGMENT_MAX];
    struct writer w = writer_over(fragment, sizeof fragment);
    app_write_response(&w, (uint8_t)(APP_FIR | APP_FIN | APP_CON | APP_UNS | frames_sequence(i)),
                       APP_UNSOLICITED_RESPONSE, 0);
    if (kind == FRAMES_FLOAT) {
        write_events(&w, 32, 7, values, i);
    } else {
        write_events(&w, 32, 3, values - values / 2, i);
        write_events(&w, 2, 2, values / 2, i);
    }
    return frame_make(&w, i);
}

static struct frame flood_make(unsigned values, enum frames_kind kind)
{
    struct frame all = {0};
    for (unsigned i = 0; i < FRAMES_ROUND; i++) {
        struct frame one = unsolicited_make(values, kind, i);
        all.octets = realloc(all.octets, all.len + one.len);
        assert(all.octets);
        memcpy(all.octets + all.len, one.octets, one.len);
        all.len += one.len;
        free(one.octets);
    }
    return all;
}

void frames_unsolicited_make(struct frames_unsolicited *f, unsigned values, enum frames_kind kind)
{
    assert(values <= FRAMES_VALUES_MAX);
    f->values = values;
    for (unsigned i = 0; i < FRAMES_ROUND; i++)
        f->frame[i] = unsolicited_make(values, kind, i);
    f->flood = flood_make(values, kind);
}

void frames_unsolicited_free(struct frames_unsolicited *f)
{
    for (unsigned i = 0; i < FRAMES_ROUND; i++)
        free(f->frame[i].octets);
    free(f->flood.octets);
}

static struct frame answer_make(unsigned points, unsigned seq, uint16_t iin)
{
    uint8_t fragment[APP_FRAGMENT_MAX];
    struct writer w = writer_over(fragment, sizeof fragment);
    const struct object_type *type = object_type_find(30, 5);
    app_write_response(&w, (uint8_t)(APP_FIR | APP_FIN | seq), APP_RESPONSE, iin);
    if (points)
        object_write_range(&w, 30, 5, 0, points - 1);
    for (unsigned i = 0; i < points; i++) {
        struct measurement m = {.value = i, .index = i, .type = POINT_ANALOG_INPUT, .flags = FLAG_ONLINE};
        object_encode(&w, type, &m, 0);
    }
    return frame_make(&w, seq);
}

void frames_answers_make(struct frames_answers *f, unsigned points)
{
    assert(points <= FRAMES_POINTS_MAX);
    for (unsigned seq = 0; seq < FRAMES_SEQUENCES; seq++)
        for (unsigned restarted = 0; restarted < 2; restarted++) {
            uint16_t iin = restarted ? IIN_DEVICE_RESTART : 0;
            f->null[seq][restarted] = answer_make(0, seq, iin);
            f->integrity[seq][restarted] = answer_make(points, seq, iin);
        }
}

void frames_answers_free(struct frames_answers *f)
{
    for (unsigned seq = 0; seq < FRAMES_SEQUENCES; seq++)
        for (unsigned restarted = 0; restarted < 2; restarted++) {
            free(f->null[seq][restarted].octets);
            free(f->integrity[seq][restarted].octets);
        }
}
