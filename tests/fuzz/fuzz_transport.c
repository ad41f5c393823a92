// SPDX-License-Identifier: Apache-2.0
/*
 * Segments against a model that keeps whole copies (dnp3-reference/transport.md 3), in a buffer of any size,
 * taken back whenever it may be; and fragments cut by the sender come back as they were.
 *
 *     octet 0    room of the buffer
 *     then       segments: their length, their octets; length 0: the connection is new
 */
#include "grammar.h"

#include <assert.h>
#include <string.h>

#include "protocol/link.h"
#include "protocol/transport.h"

enum { ROOM_MAX = 2048 };

struct model {
    uint8_t octets[ROOM_MAX];
    size_t len, room;
    uint8_t last[TRANSPORT_PAYLOAD_MAX];
    size_t last_len;
    uint8_t last_seq;
    bool active;
};

static size_t write_segment(struct dice *d, uint8_t *into, size_t room)
{
    static const uint8_t headers[] = {0x40, 0x00, 0x00, 0x80, 0xC0};
    size_t len = 1 + dice_roll(d, dice_roll(d, 2) ? 4 : 250);
    if (len + 1 > room)
        return 0;
    into[0] = (uint8_t)len;
    into[1] = (uint8_t)(headers[dice_roll(d, sizeof headers)] | dice_roll(d, 4));
    memset(into + 2, (int)dice_roll(d, 3), len - 1);
    return len + 1;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return grammar_mutate_steps(data, size, max_size, seed, write_segment);
}

/* What the reference says of a segment; a fragment stands in octets. */
static enum transport_result model_receive(struct model *m, const uint8_t *segment, size_t len)
{
    uint8_t seq = len ? segment[0] & TRANSPORT_SEQ : 0;
    bool first = len && segment[0] & TRANSPORT_FIR, last = len && segment[0] & TRANSPORT_FIN;
    if (len < 2)
        return TRANSPORT_EMPTY;
    if (!first && !m->active)
        return TRANSPORT_UNEXPECTED;
    if (!first && seq == m->last_seq && len - 1 == m->last_len && memcmp(m->last, segment + 1, len - 1) == 0)
        return TRANSPORT_DUPLICATE;
    if (!first && seq != ((m->last_seq + 1) & TRANSPORT_SEQ)) {
        m->active = false;
        return TRANSPORT_UNEXPECTED;
    }
    if (first)
        m->len = 0;
    m->active = (first && last) || m->len + len - 1 <= m->room;
    if (!m->active)
        return TRANSPORT_TOO_LONG;
    memcpy(m->octets + m->len, segment + 1, len - 1);
    memcpy(m->last, segment + 1, len - 1);
    m->len += len - 1;
    m->last_len = len - 1;
    m->last_seq = seq;
    m->active = !last;
    return last ? TRANSPORT_FRAGMENT : TRANSPORT_MORE;
}

static void check_segments(const uint8_t *data, size_t size)
{
    static struct model m;
    static uint8_t buf[ROOM_MAX];
    struct transport_rx rx = {0};
    m.active = false;
    m.room = 1 + data[0] * 8U;
    for (size_t at = 1, n; at < size; at += n) {
        const uint8_t *fragment = NULL;
        size_t len = 0;
        n = data[at++];
        n = n > LINK_USER_MAX ? LINK_USER_MAX : n;
        n = n > size - at ? size - at : n;
        if (!n) {
            transport_reset(&rx);
            m.active = false;
        }
        if (!rx.active)
            transport_lend(&rx, buf, m.room);
        enum transport_result expected = model_receive(&m, data + at, n);
        assert(transport_receive(&rx, data + at, n, &fragment, &len) == expected);
        if (expected == TRANSPORT_FRAGMENT)
            assert(len == m.len && memcmp(fragment, m.octets, len) == 0);
        assert(rx.active == m.active);
        assert(transport_take_back(&rx) == (m.active ? NULL : buf));
    }
}

/* There and back again, over a wire with frames. */
static void check_round_trip(const uint8_t *data, size_t size)
{
    static uint8_t wire[4096], buf[ROOM_MAX];
    struct transport_rx rx = {0};
    struct link_errors errors = {0};
    struct link_frame f;
    const uint8_t *fragment = NULL;
    size_t len = 0, used, n;
    uint8_t seq = data[0];
    size = size < ROOM_MAX ? size : ROOM_MAX;
    n = transport_write(&seq, 0xC4, 10, 1, data, size, wire, sizeof wire);
    assert(n == transport_wire_len(size));
    transport_lend(&rx, buf, sizeof buf);
    enum transport_result result = TRANSPORT_MORE;
    for (size_t at = 0; at < n; at += used) {
        assert(result == TRANSPORT_MORE);
        assert(link_parse(wire + at, n - at, &used, &f, &errors) == LINK_FRAME);
        result = transport_receive(&rx, f.user, f.user_len, &fragment, &len);
    }
    assert(result == TRANSPORT_FRAGMENT && len == size && memcmp(fragment, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size) {
        check_segments(data, size);
        check_round_trip(data, size);
    }
    return 0;
}
