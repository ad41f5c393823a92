// SPDX-License-Identifier: Apache-2.0
/*
 * The data link layer (dnp3-reference/link.md): octets to frames and back, and one end of a link.
 *
 * Receiving. The channel keeps the octets that it read; link_parse() finds frames in them:
 *
 *     size_t at = 0, used;
 *     while (link_parse(buf + at, len - at, &used, &frame, &errors) == LINK_FRAME) {
 *         at += used;
 *         ... frame is complete, its CRCs are right ...
 *     }
 *     at += used;               // noise that was skipped; the octets from `at` on are part of a frame
 *
 * At most LINK_FRAME_MAX octets are ever left over. On a wrong CRC the hunt resumes inside the frame
 * (link.md 7: safer on noisy lines), so a good frame behind a false start is found.
 *
 * One end of a link is a struct link_end: it knows its addresses, drops what is not for it, and answers link
 * services. A frame's `user` octets begin with the transport header.
 */
#ifndef PROTOCOL_LINK_H
#define PROTOCOL_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LINK_HEADER_LEN = 10,
    LINK_USER_MAX = 250,
    LINK_FRAME_MAX = 292,
    LINK_ADDRESS_MAX = 0xFFEF, /* the highest address of a station (link.md 4) */
    LINK_SELF_ADDRESS = 0xFFFC,
    LINK_BROADCAST_NO_CONFIRM = 0xFFFD,
    LINK_BROADCAST_CONFIRM = 0xFFFE,
    LINK_BROADCAST_OPTIONAL = 0xFFFF
};

/* Bits of the control octet (link.md 3). */
enum {
    LINK_DIR = 0x80, /* sent by a master */
    LINK_PRM = 0x40, /* starts an exchange */
    LINK_FCB = 0x20,
    LINK_FCV = 0x10, /* in a primary frame */
    LINK_DFC = 0x10, /* in a secondary frame */
    LINK_FUNCTION = 0x0F
};

enum link_primary {
    LINK_RESET_LINK_STATES = 0,
    LINK_TEST_LINK_STATES = 2,
    LINK_CONFIRMED_USER_DATA = 3,
    LINK_UNCONFIRMED_USER_DATA = 4,
    LINK_REQUEST_LINK_STATUS = 9
};

enum link_secondary { LINK_ACK = 0, LINK_NACK = 1, LINK_STATUS = 11, LINK_NOT_SUPPORTED = 15 };

struct link_frame {
    uint8_t control;
    uint8_t user_len; /* 0..LINK_USER_MAX */
    uint16_t destination;
    uint16_t source;
    uint8_t user[LINK_USER_MAX]; /* CRCs removed */
};

/* What a receiver counts (link.md 7). Never reset; 32 bits may wrap. */
struct link_errors {
    uint32_t noise_octets; /* skipped while hunting for 05 64 */
    uint32_t header_crc;
    uint32_t body_crc;
    uint32_t bad_length;
};

enum link_result { LINK_FRAME, LINK_NEED_MORE };

/* Looks for one frame. *used says how many octets are done with, also where it returns LINK_NEED_MORE. */
enum link_result link_parse(const uint8_t *octets, size_t len, size_t *used, struct link_frame *frame,
                            struct link_errors *errors);

/* Writes one frame with its CRCs; returns its length, 0 where `room` is too small. user_len <= LINK_USER_MAX.
 */
size_t link_encode(uint8_t control, uint16_t destination, uint16_t source, const uint8_t *user,
                   size_t user_len, uint8_t *into, size_t room);

/* Octets that a frame with that many user octets takes on the wire. */
size_t link_frame_len(size_t user_len);

/* One end of a link to one remote address. Reset it (link_end_reset) whenever the connection is new. */
struct link_end {
    uint16_t local;
    uint16_t remote;
    bool master;          /* which end this is: decides DIR */
    bool any_source;      /* do not check the source address (tests, simulators) */
    bool self_address;    /* outstation: answer to LINK_SELF_ADDRESS */
    bool mute;            /* outstation under test: never answers link services */
    bool secondary_reset; /* the peer has reset the link: its FCB is followed */
    bool expected_fcb;
};

enum link_verdict {
    LINK_USER_DATA,    /* hand frame->user to the transport function */
    LINK_SERVICE,      /* a link service for us; nothing for the layers above */
    LINK_STATUS_REPLY, /* the answer to our REQUEST_LINK_STATUS: LINK_STATUS or NOT_SUPPORTED */
    LINK_WRONG_DIR,    /* the rest: dropped, to be counted */
    LINK_WRONG_DESTINATION,
    LINK_WRONG_SOURCE,
    LINK_WRONG_FCV,
    LINK_UNKNOWN_FUNCTION,
    LINK_UNEXPECTED_SECONDARY,
    LINK_REPEATED_FCB /* acknowledged again, not delivered */
};

struct link_action {
    enum link_verdict verdict;
    bool broadcast; /* destination was one of the three broadcast addresses (outstation only) */
    bool reply;     /* send a frame without user data with this control octet back to frame->source */
    uint8_t reply_control;
};

void link_end_reset(struct link_end *end);
struct link_action link_end_receive(struct link_end *end, const struct link_frame *frame);
const char *link_verdict_text(enum link_verdict verdict);

#endif
