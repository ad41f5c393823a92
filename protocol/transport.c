// SPDX-License-Identifier: Apache-2.0
#include "protocol/transport.h"

#include <assert.h>
#include <string.h>

#include "protocol/link.h"

void transport_lend(struct transport_rx *rx, uint8_t *buf, size_t room)
{
    assert(buf && room <= UINT16_MAX);
    assert(!rx->active || rx->buf == buf);
    rx->buf = buf;
    rx->room = (uint16_t)room;
}

uint8_t *transport_take_back(struct transport_rx *rx)
{
    if (rx->active)
        return NULL;
    uint8_t *buf = rx->buf;
    rx->buf = NULL;
    rx->room = 0;
    return buf;
}

void transport_reset(struct transport_rx *rx)
{
    rx->active = false;
    rx->len = 0;
    rx->last_len = 0;
}

/* Same sequence number and payload as the segment accepted last (transport.md 3). */
static bool is_duplicate(const struct transport_rx *rx, uint8_t seq, const uint8_t *payload, size_t len)
{
    return seq == ((rx->expected - 1) & TRANSPORT_SEQ) && len == rx->last_len &&
           memcmp(rx->buf + rx->len - len, payload, len) == 0;
}

static bool append(struct transport_rx *rx, uint8_t seq, const uint8_t *payload, size_t len)
{
    if (!rx->buf || (size_t)rx->room - rx->len < len)
        return false;
    memcpy(rx->buf + rx->len, payload, len);
    rx->len = (uint16_t)(rx->len + len);
    rx->last_len = (uint8_t)len;
    rx->expected = (seq + 1) & TRANSPORT_SEQ;
    rx->active = true;
    return true;
}

enum transport_result transport_receive(struct transport_rx *rx, const uint8_t *segment, size_t segment_len,
                                        const uint8_t **fragment, size_t *len)
{
    if (segment_len < 2)
        return TRANSPORT_EMPTY;
    assert(segment_len <= LINK_USER_MAX);
    uint8_t header = segment[0];
    uint8_t seq = header & TRANSPORT_SEQ;
    const uint8_t *payload = segment + 1;
    size_t payload_len = segment_len - 1;

    if (header & TRANSPORT_FIR) {
        transport_reset(rx);
        if (header & TRANSPORT_FIN) {
            *fragment = payload;
            *len = payload_len;
            return TRANSPORT_FRAGMENT;
        }
    } else if (!rx->active) {
        return TRANSPORT_UNEXPECTED;
    } else if (seq != rx->expected) {
        if (is_duplicate(rx, seq, payload, payload_len))
            return TRANSPORT_DUPLICATE;
        transport_reset(rx);
        return TRANSPORT_UNEXPECTED;
    }
    if (!append(rx, seq, payload, payload_len)) {
        transport_reset(rx);
        return TRANSPORT_TOO_LONG;
    }
    if (!(header & TRANSPORT_FIN))
        return TRANSPORT_MORE;
    *fragment = rx->buf;
    *len = rx->len;
    transport_reset(rx);
    return TRANSPORT_FRAGMENT;
}

size_t transport_wire_len(size_t fragment_len)
{
    size_t rest = fragment_len % TRANSPORT_PAYLOAD_MAX;
    size_t full = fragment_len / TRANSPORT_PAYLOAD_MAX * LINK_FRAME_MAX;
    return full + (rest ? link_frame_len(rest + 1) : 0);
}

size_t transport_write(uint8_t *seq, uint8_t link_control, uint16_t destination, uint16_t source,
                       const uint8_t *fragment, size_t len, uint8_t *into, size_t room)
{
    assert(len > 0);
    if (room < transport_wire_len(len))
        return 0;
    uint8_t user[LINK_USER_MAX];
    size_t written = 0;
    for (size_t done = 0; done < len; done += TRANSPORT_PAYLOAD_MAX) {
        size_t n = len - done < TRANSPORT_PAYLOAD_MAX ? len - done : TRANSPORT_PAYLOAD_MAX;
        uint8_t first = done == 0 ? TRANSPORT_FIR : 0;
        uint8_t last = done + n == len ? TRANSPORT_FIN : 0;
        user[0] = (uint8_t)(first | last | (*seq & TRANSPORT_SEQ));
        memcpy(user + 1, fragment + done, n);
        *seq = (*seq + 1) & TRANSPORT_SEQ;
        written +=
            link_encode(link_control, destination, source, user, n + 1, into + written, room - written);
    }
    return written;
}
