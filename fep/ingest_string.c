// SPDX-License-Identifier: Apache-2.0
#include "fep/ingest_string.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct kept_string *string_keep(const uint8_t *octets, uint8_t len)
{
    struct kept_string *s = malloc(sizeof *s + len);
    assert(s);
    s->len = len;
    if (len)
        memcpy(s->octets, octets, len);
    return s;
}

void string_replace(struct kept_string **kept, const uint8_t *octets, uint8_t len)
{
    if (*kept && (*kept)->len == len) {
        if (len)
            memmove((*kept)->octets, octets, len);
        return;
    }
    struct kept_string *fresh = string_keep(octets, len);
    free(*kept);
    *kept = fresh;
}

bool string_equals(const struct kept_string *kept, const uint8_t *octets, size_t len)
{
    return kept && kept->len == len && (len == 0 || memcmp(kept->octets, octets, len) == 0);
}
