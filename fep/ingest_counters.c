// SPDX-License-Identifier: Apache-2.0
#include "fep/ingest_counters.h"

#include <assert.h>
#include <stdlib.h>

enum {
    COUNTERS = sizeof(struct station_counters) / sizeof(uint32_t),
    VARINT_MAX = 10,
    PACKED_MAX = VARINT_MAX + COUNTERS * 5
};
static_assert(COUNTERS <= 64 && PACKED_MAX <= UINT8_MAX, "the mask and the length of the packed form");

static uint8_t *apart(const struct packed_counters *p)
{
    uint8_t *at;
    memcpy(&at, p->here, sizeof at);
    return at;
}

static size_t put_varint(uint8_t *to, uint64_t value)
{
    size_t len = 0;
    for (; value > 0x7F; value >>= 7)
        to[len++] = (uint8_t)(value | 0x80);
    to[len++] = (uint8_t)value;
    return len;
}

static uint64_t take_varint(const uint8_t **at)
{
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t octet = *(*at)++;
        value |= (uint64_t)(octet & 0x7F) << shift;
        if (octet < 0x80)
            return value;
    }
}

void counters_free(struct packed_counters *p)
{
    if (p->len > COUNTERS_HERE)
        free(apart(p));
    *p = (struct packed_counters){0};
}

void counters_pack(struct packed_counters *p, const struct station_counters *counters)
{
    uint32_t values[COUNTERS];
    uint8_t form[PACKED_MAX];
    uint64_t mask = 0;
    memcpy(values, counters, sizeof values);
    for (unsigned i = 0; i < COUNTERS; i++)
        mask |= (uint64_t)(values[i] != 0) << i;
    size_t len = put_varint(form, mask);
    for (unsigned i = 0; i < COUNTERS; i++)
        if (values[i])
            len += put_varint(form + len, values[i]);
    /* A busy station grows by an octet now and then; in between its memory stays. */
    if (len <= COUNTERS_HERE || p->len != len)
        counters_free(p);
    uint8_t *to = p->here;
    if (len > COUNTERS_HERE) {
        to = p->len ? apart(p) : malloc(len);
        assert(to);
        memcpy(p->here, &to, sizeof to);
    }
    memcpy(to, form, len);
    p->len = (uint8_t)len;
}

void counters_unpack(const struct packed_counters *p, struct station_counters *counters)
{
    uint32_t values[COUNTERS] = {0};
    if (p->len) {
        const uint8_t *at = p->len > COUNTERS_HERE ? apart(p) : p->here;
        uint64_t mask = take_varint(&at);
        for (unsigned i = 0; i < COUNTERS; i++)
            if (mask >> i & 1)
                values[i] = (uint32_t)take_varint(&at);
    }
    memcpy(counters, values, sizeof values);
}
