// SPDX-License-Identifier: Apache-2.0
/* The texts of single values, for decode.c; each is appended to the text under construction. */
#ifndef PROTOCOL_DECODE_VALUE_H
#define PROTOCOL_DECODE_VALUE_H

#include "protocol/measure.h"
#include "protocol/text.h"

void decode_value_time(struct text *t, uint64_t time_ms);
void decode_value_iin(struct text *t, uint16_t iin);
void decode_value_flags(struct text *t, uint8_t type, uint8_t flags);
/* "[3] ON ONLINE 2025-01-01T00:00:00.000Z" */
void decode_value_measurement(struct text *t, const struct measurement *m);
/* The i-th object of a header that carries objects without a measurement: commands, times, strings, octets.
 * Commands show their status in a response, or where it is not 0. */
void decode_value_object(struct text *t, const struct object_header *h, uint32_t i, bool response);

#endif
