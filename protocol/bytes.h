// SPDX-License-Identifier: Apache-2.0
/*
 * Cursors over octets with a sticky error: a parser is a straight list of reads, checked once at its end.
 *
 *     struct reader r = reader_over(octets, len);
 *     uint8_t flags = read_u8(&r);
 *     uint32_t count = read_u32(&r);
 *     if (r.failed) return TRUNCATED;
 *
 * All multi-octet integers are little-endian, as everything in DNP3 (dnp3-reference/link.md, head).
 * A read past the end returns 0 and a write past the end writes nothing; both set `failed`, which stays set.
 */
#ifndef PROTOCOL_BYTES_H
#define PROTOCOL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct reader {
    const uint8_t *at;
    const uint8_t *end;
    bool failed;
};

struct writer {
    uint8_t *begin;
    uint8_t *at;
    uint8_t *end;
    bool failed;
};

static inline struct reader reader_over(const uint8_t *octets, size_t len)
{
    return (struct reader){octets, octets + len, false};
}

static inline size_t reader_left(const struct reader *r)
{
    return (size_t)(r->end - r->at);
}

/* The next `len` octets, or NULL (and `failed`) where there are fewer. */
static inline const uint8_t *read_octets(struct reader *r, size_t len)
{
    if (r->failed || reader_left(r) < len) {
        r->failed = true;
        return NULL;
    }
    const uint8_t *at = r->at;
    r->at += len;
    return at;
}

static inline uint64_t read_uint(struct reader *r, size_t octets)
{
    const uint8_t *p = read_octets(r, octets);
    uint64_t v = 0;
    for (size_t i = 0; p && i < octets; i++)
        v |= (uint64_t)p[i] << (8 * i);
    return v;
}

static inline uint8_t read_u8(struct reader *r)
{
    return (uint8_t)read_uint(r, 1);
}

static inline uint16_t read_u16(struct reader *r)
{
    return (uint16_t)read_uint(r, 2);
}

static inline uint32_t read_u32(struct reader *r)
{
    return (uint32_t)read_uint(r, 4);
}

/* A 48-bit DNP3 time: ms since 1970-01-01 UTC (dnp3-reference/time.md 1). */
static inline uint64_t read_u48(struct reader *r)
{
    return read_uint(r, 6);
}

static inline struct writer writer_over(uint8_t *octets, size_t room)
{
    return (struct writer){octets, octets, octets + room, false};
}

static inline size_t writer_len(const struct writer *w)
{
    return (size_t)(w->at - w->begin);
}

static inline size_t writer_room(const struct writer *w)
{
    return (size_t)(w->end - w->at);
}

static inline void write_octets(struct writer *w, const void *octets, size_t len)
{
    if (w->failed || writer_room(w) < len) {
        w->failed = true;
        return;
    }
    if (len)
        memcpy(w->at, octets, len);
    w->at += len;
}

static inline void write_uint(struct writer *w, uint64_t v, size_t octets)
{
    if (w->failed || writer_room(w) < octets) {
        w->failed = true;
        return;
    }
    for (size_t i = 0; i < octets; i++)
        *w->at++ = (uint8_t)(v >> (8 * i));
}

static inline void write_u8(struct writer *w, uint8_t v)
{
    write_uint(w, v, 1);
}

static inline void write_u16(struct writer *w, uint16_t v)
{
    write_uint(w, v, 2);
}

static inline void write_u32(struct writer *w, uint32_t v)
{
    write_uint(w, v, 4);
}

static inline void write_u48(struct writer *w, uint64_t v)
{
    write_uint(w, v, 6);
}

/* FNV-1a: with the length, enough to know a message of the same peer again. */
static inline uint64_t octets_digest(const uint8_t *octets, size_t len)
{
    uint64_t digest = 0xCBF29CE484222325;
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ octets[i]) * 0x100000001B3;
    return digest;
}

#endif
