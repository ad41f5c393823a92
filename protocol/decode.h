// SPDX-License-Identifier: Apache-2.0
/*
 * Octets to text that people read: used by logs, tests and tools.
 *
 *     char text[512];
 *     decode_fragment(octets, len, DECODE_LINE, text, sizeof text);
 *     "UNSOLICITED_RESPONSE seq 3 FIR FIN CON UNS IIN1.7 DEVICE_RESTART | g2v2 q28 n=1: [3] ON ONLINE ..."
 *
 * The text is always terminated; one that does not fit ends in "...". The return value is the length that the
 * whole text would have. Nothing that a peer sends makes them fail: a defect is named with its offset.
 */
#ifndef PROTOCOL_DECODE_H
#define PROTOCOL_DECODE_H

#include "protocol/link.h"
#include "protocol/measure.h"

enum decode_style { DECODE_LINE, DECODE_TREE };

/* "master 1 to 10: CONFIRMED_USER_DATA FCB FCV, segment FIR FIN seq 0, 5 octets" */
size_t decode_frame(const struct link_frame *frame, char *text, size_t room);
/* A line, or a tree of lines: a header begins with its offset, its objects stand below it. */
size_t decode_fragment(const uint8_t *octets, size_t len, enum decode_style style, char *text, size_t room);
size_t decode_iin(uint16_t iin, char *text, size_t room); /* "IIN1.4 NEED_TIME, ..." */
size_t decode_flags(uint8_t type, uint8_t flags, char *text,
                    size_t room); /* "ONLINE|LOCAL_FORCED"; "OFFLINE" for none */
/* "binary_input [3] ON ONLINE 2025-01-01T00:00:00.000Z"; the status of a command event stands for its flags.
 */
size_t decode_measurement(const struct measurement *m, char *text, size_t room);
/* "2025-01-01T00:00:00.000Z"; `room` >= 32 always suffices, years up to 10889. */
size_t decode_time(uint64_t time_ms, char *text, size_t room);
const char *decode_link_function_name(uint8_t control);   /* "ACK"; NULL where reserved */
const char *decode_flag_name(uint8_t type, unsigned bit); /* NULL where reserved */

#endif
