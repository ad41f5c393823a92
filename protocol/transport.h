// SPDX-License-Identifier: Apache-2.0
/*
 * The transport function (dnp3-reference/transport.md): fragments to segments and back.
 *
 * The reassembly buffer is borrowed: a fragment of one segment, the usual case, needs none and is handed on
 * where it lies. Before a frame is fed, lend a buffer with transport_lend(); after it, transport_take_back()
 * returns the buffer unless a series is under way, so that a session at rest owns none.
 */
#ifndef PROTOCOL_TRANSPORT_H
#define PROTOCOL_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TRANSPORT_FIN = 0x80, TRANSPORT_FIR = 0x40, TRANSPORT_SEQ = 0x3F, TRANSPORT_PAYLOAD_MAX = 249 };

struct transport_rx {
    uint8_t *buf; /* borrowed, or NULL */
    uint16_t room;
    uint16_t len;
    uint8_t expected;
    uint8_t last_len; /* payload of the segment accepted last: the tail of buf */
    bool active;
};

enum transport_result {
    TRANSPORT_FRAGMENT,   /* *fragment and *len are set, valid until the next call */
    TRANSPORT_MORE,       /* accepted, more to come */
    TRANSPORT_DUPLICATE,  /* the rest: dropped, to be counted */
    TRANSPORT_UNEXPECTED, /* no series under way, or a gap: the series is dropped with it */
    TRANSPORT_TOO_LONG,   /* more than the buffer holds */
    TRANSPORT_EMPTY       /* no header or no payload */
};

void transport_lend(struct transport_rx *rx, uint8_t *buf, size_t room);
uint8_t *transport_take_back(struct transport_rx *rx);

/* Forgets a series under way; the buffer stays lent until taken back. */
void transport_reset(struct transport_rx *rx);

/* `segment` begins with the transport header. A fragment of one segment points into `segment` itself. */
enum transport_result transport_receive(struct transport_rx *rx, const uint8_t *segment, size_t segment_len,
                                        const uint8_t **fragment, size_t *len);

/*
 * Writes a whole fragment as link frames. `seq` is the running segment counter, advanced. Returns the octets
 * written, 0 where `room` is too small (then `seq` is unchanged). transport_wire_len() tells how much is
 * needed.
 */
size_t transport_write(uint8_t *seq, uint8_t link_control, uint16_t destination, uint16_t source,
                       const uint8_t *fragment, size_t len, uint8_t *into, size_t room);
size_t transport_wire_len(size_t fragment_len);

#endif
