// SPDX-License-Identifier: Apache-2.0
/*
 * Octet strings that outlive their batch: the present value of a point, a row in doubt. A point or a row owns
 * its own; the octets are not counted among the 48 of a point.
 */
#ifndef FEP_INGEST_STRING_H
#define FEP_INGEST_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kept_string {
    uint8_t len;
    uint8_t octets[];
};

struct kept_string *string_keep(const uint8_t *octets, uint8_t len); /* free() */
/* Replaces *kept (NULL: none yet); moves nothing where the length stays. */
void string_replace(struct kept_string **kept, const uint8_t *octets, uint8_t len);
/* `kept` may be NULL: a point without a value yet. */
bool string_equals(const struct kept_string *kept, const uint8_t *octets, size_t len);

#endif
