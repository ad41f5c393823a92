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
void decode_value_octets(struct text *t, const uint8_t *octets, size_t len); /* "41 42" */
/* Quoted where all of it can be read, else as octets. */
void decode_value_string(struct text *t, const uint8_t *octets, size_t len);
void decode_value_crob_code(struct text *t, uint8_t code); /* "PULSE_ON|TRIP|CLEAR" */

/* How the objects of one fragment are told. */
struct decode_manner {
    const uint8_t *fragment; /* its octets, for offsets */
    bool response;           /* commands show their status, also where it is 0 */
    bool tree;               /* fields stand below their object, each with its offset */
};
/* The i-th object of a header that carries objects without a measurement. */
void decode_value_object(struct text *t, const struct object_header *h, uint32_t i,
                         const struct decode_manner *manner);

#endif
