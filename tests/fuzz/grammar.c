// SPDX-License-Identifier: Apache-2.0
#include "grammar.h"

#include "protocol/app.h"
#include "protocol/crc.h"
#include "protocol/link.h"
#include "protocol/transport.h"

#include <string.h>

static struct dice dice_of(unsigned seed)
{
    return (struct dice){(seed + 1) * 0x9E3779B97F4A7C15U};
}

uint32_t dice_roll(struct dice *d, uint32_t below)
{
    d->state ^= d->state << 13;
    d->state ^= d->state >> 7;
    d->state ^= d->state << 17;
    return (uint32_t)(d->state >> 32) % below;
}

static bool one_in(struct dice *d, uint32_t n)
{
    return dice_roll(d, n) == 0;
}

static uint8_t telling_octet(struct dice *d)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x02, 0x7F, 0x80, 0x81, 0xFF, 0xFE};
    return one_in(d, 2) ? telling[dice_roll(d, sizeof telling)] : (uint8_t)dice_roll(d, 256);
}

static void write_some(struct writer *w, struct dice *d, size_t len)
{
    for (size_t i = 0; i < len && writer_room(w); i++)
        write_u8(w, telling_octet(d));
}

/* A row that may stand in a response, or in a request. */
static const struct object_type *draw_row(struct dice *d, bool response)
{
    size_t count;
    const struct object_type *rows = object_types(&count);
    for (int tries = 0; tries < 20; tries++) {
        const struct object_type *row = &rows[dice_roll(d, (uint32_t)count)];
        bool answers = row->functions & (OBJECT_IN_RESPONSE | OBJECT_IN_UNSOLICITED);
        if (answers == response)
            return row;
    }
    return &rows[dice_roll(d, (uint32_t)count)];
}

static uint8_t draw_qualifier(struct dice *d, const struct object_type *row)
{
    static const struct {
        uint8_t mask, codes[3];
    } of[] = {
        {OBJECT_Q_RANGE, {0x00, 0x01, 0x02}},   {OBJECT_Q_ALL, {0x06, 0x06, 0x06}},
        {OBJECT_Q_COUNT, {0x07, 0x08, 0x09}},   {OBJECT_Q_PREFIX, {0x17, 0x28, 0x39}},
        {OBJECT_Q_SIZED, {0x5B, 0x4B, 0x6B}},   {OBJECT_Q_SINGLE, {0x07, 0x08, 0x07}},
        {OBJECT_Q_ADDRESS, {0x03, 0x04, 0x05}},
    };
    for (int tries = 0; tries < 12 && !one_in(d, 16); tries++) {
        uint32_t i = dice_roll(d, sizeof of / sizeof of[0]);
        if (row->qualifiers & of[i].mask)
            return of[i].codes[one_in(d, 3) ? dice_roll(d, 3) : 0];
    }
    return (uint8_t)dice_roll(d, 256);
}

static size_t range_octets(uint8_t qualifier)
{
    static const uint8_t octets[16] = {2, 4, 8, 2, 4, 8, 0, 1, 2, 4, 0, 1, 0, 0, 0, 0};
    return octets[qualifier & 15];
}

static void write_range(struct writer *w, struct dice *d, uint8_t qualifier, uint32_t count)
{
    size_t octets = range_octets(qualifier);
    uint32_t start = one_in(d, 4) ? dice_roll(d, 400) : dice_roll(d, 4);
    if ((qualifier & 15) < 6) {
        write_uint(w, start, octets / 2);
        write_uint(w, start + count - 1, octets / 2);
    } else {
        write_uint(w, count, octets);
    }
}

static size_t draw_size(struct dice *d, const struct object_type *row, uint8_t variation, uint32_t count)
{
    if (row->packed_bits)
        return (count * row->packed_bits + 7) / 8;
    return object_size(row, variation) ? object_size(row, variation) : dice_roll(d, 20);
}

static void write_objects(struct writer *w, struct dice *d, const struct object_type *row, uint8_t variation,
                          uint8_t qualifier, uint32_t count)
{
    static const uint8_t prefixes[8] = {0, 1, 2, 4, 1, 2, 4, 0};
    size_t prefix = prefixes[qualifier >> 4 & 7];
    bool sized = (qualifier >> 4 & 7) >= 4;
    for (uint32_t i = 0; i < (row->packed_bits && !prefix ? 1 : count); i++) {
        size_t size = draw_size(d, row, variation, row->packed_bits && !prefix ? count : 1);
        write_uint(w, sized ? size : one_in(d, 4) ? dice_roll(d, 400) : dice_roll(d, 4), prefix);
        write_some(w, d, size);
    }
}

size_t grammar_header(struct dice *d, bool response, uint8_t *into, size_t room)
{
    struct writer w = writer_over(into, room < GRAMMAR_FRAGMENT_MAX ? room : GRAMMAR_FRAGMENT_MAX);
    const struct object_type *row = draw_row(d, response);
    uint8_t qualifier = draw_qualifier(d, row);
    bool open = row->is_string || row->self_sized || one_in(d, 16);
    uint8_t variation = open ? (uint8_t)(1 + dice_roll(d, 24)) : row->variation;
    uint32_t count = 1 + dice_roll(d, 4);
    write_u8(&w, row->group);
    write_u8(&w, variation);
    write_u8(&w, qualifier);
    write_range(&w, d, qualifier, one_in(d, 12) ? dice_roll(d, 0x10001) : count);
    if (response || row->functions & (OBJECT_IN_WRITE | OBJECT_IN_OPERATE))
        write_objects(&w, d, row, variation, qualifier, count);
    size_t len = writer_len(&w);
    return len > 4 && one_in(d, 12) ? len - 1 - dice_roll(d, 3) : len;
}

static uint8_t draw_function(struct dice *d)
{
    static const uint8_t usual[] = {APP_READ,         APP_WRITE,        APP_SELECT,
                                    APP_OPERATE,      APP_CONFIRM,      APP_DIRECT_OPERATE,
                                    APP_ASSIGN_CLASS, APP_IMMED_FREEZE, APP_ENABLE_UNSOLICITED};
    return one_in(d, 3) ? (uint8_t)dice_roll(d, 34) : usual[dice_roll(d, sizeof usual)];
}

size_t grammar_fragment(struct dice *d, bool response, uint8_t *into, size_t room)
{
    struct writer w = writer_over(into, room < GRAMMAR_FRAGMENT_MAX ? room : GRAMMAR_FRAGMENT_MAX);
    bool unsolicited = response && one_in(d, 2);
    uint8_t flags = unsolicited ? APP_CON | APP_UNS : response && one_in(d, 2) ? APP_CON : 0;
    write_u8(&w, (uint8_t)(APP_FIR | APP_FIN | flags | dice_roll(d, 16)));
    write_u8(&w, unsolicited ? APP_UNSOLICITED_RESPONSE : response ? APP_RESPONSE : draw_function(d));
    if (response)
        write_u16(&w, (uint16_t)(one_in(d, 3) ? 1U << dice_roll(d, 14) : 0));
    for (uint32_t n = dice_roll(d, 4); n > 0; n--)
        w.at += grammar_header(d, response, w.at, writer_room(&w));
    return writer_len(&w);
}

/* Puts octets in at a place, as far as there is room. */
static size_t put_in(uint8_t *data, size_t size, size_t max_size, size_t at, const uint8_t *octets,
                     size_t len)
{
    if (size + len > max_size)
        return size;
    memmove(data + at + len, data + at, size - at);
    memcpy(data + at, octets, len);
    return size + len;
}

/* Where the headers of a fragment begin, and where the last one ends. */
static size_t header_starts(const uint8_t *data, size_t size, size_t *starts, size_t max)
{
    struct app_fragment f;
    struct object_header h;
    size_t n = 0;
    if (app_parse(data, size, &f) != APP_OK)
        return 0;
    struct object_walk walk = app_objects(&f);
    starts[n++] = (size_t)(f.objects - f.octets);
    while (n < max && object_walk_next(&walk, &h) == WALK_HEADER) {
        starts[n - 1] = h.offset;
        starts[n++] = h.data_len ? (size_t)(h.data + h.data_len - f.octets) : h.offset + 3;
    }
    return n;
}

size_t grammar_mutate_fragment(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    enum { STARTS = 32 };
    struct dice d = dice_of(seed);
    uint8_t piece[GRAMMAR_FRAGMENT_MAX];
    size_t starts[STARTS], n = header_starts(data, size, starts, STARTS);
    bool response = size > 1 ? app_is_response(data[1]) : one_in(&d, 2);
    size_t at = n ? starts[dice_roll(&d, (uint32_t)n)] : 0;
    switch (dice_roll(&d, 6)) {
    case 0:
    case 1:
        if (n && at <= size)
            return put_in(data, size, max_size, at, piece, grammar_header(&d, response, piece, sizeof piece));
        break;
    case 2: /* one field of a header: variation, qualifier, the first octets of its range */
        if (n && at + 3 < size) {
            data[at + 1 + dice_roll(&d, size - at < 7 ? (uint32_t)(size - at - 1) : 6)] = telling_octet(&d);
            return size;
        }
        break;
    case 3:
        if (size < 4 || one_in(&d, 8))
            return grammar_fragment(&d, one_in(&d, 2), data, max_size);
        break;
    default:
        break;
    }
    return LLVMFuzzerMutate(data, size, max_size);
}

/* Sets the CRCs of all that begins like a frame. */
static void repair_crcs(uint8_t *data, size_t size)
{
    for (size_t at = 0; at + LINK_HEADER_LEN <= size;) {
        if (data[at] != 0x05 || data[at + 1] != 0x64) {
            at++;
            continue;
        }
        size_t user = data[at + 2] >= 5 ? data[at + 2] - 5U : 0, block;
        uint16_t crc = crc_dnp(data + at, 8);
        data[at + 8] = (uint8_t)crc, data[at + 9] = (uint8_t)(crc >> 8);
        at += LINK_HEADER_LEN;
        for (; user; user -= block, at += block + 2) {
            block = user < 16 ? user : 16;
            if (at + block + 2 > size)
                return;
            crc = crc_dnp(data + at, block);
            data[at + block] = (uint8_t)crc, data[at + block + 1] = (uint8_t)(crc >> 8);
        }
    }
}

static size_t grammar_frame(struct dice *d, uint8_t *into, size_t room)
{
    static const uint8_t controls[] = {0xC4, 0x44, 0xF3, 0xD3, 0x73, 0x53, 0xC9, 0x49,
                                       0xC0, 0x40, 0xD2, 0xF2, 0x0B, 0x8B, 0x00, 0x0F};
    uint8_t user[LINK_USER_MAX];
    uint8_t control = one_in(d, 8) ? (uint8_t)dice_roll(d, 256) : controls[dice_roll(d, sizeof controls)];
    uint8_t ends = one_in(d, 3) ? (uint8_t)(dice_roll(d, 4) << 6) : TRANSPORT_FIR | TRANSPORT_FIN;
    size_t len = 0;
    user[0] = (uint8_t)(ends | dice_roll(d, one_in(d, 3) ? 64 : 2));
    if ((control & LINK_FUNCTION) == 3 || (control & LINK_FUNCTION) == 4)
        len = 1 + grammar_fragment(d, !(control & LINK_DIR), user + 1, sizeof user - 1);
    return link_encode(control, 10, 1, user, len, into, room);
}

size_t grammar_mutate_wire(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    struct dice d = dice_of(seed);
    uint8_t frame[LINK_FRAME_MAX];
    if (one_in(&d, 3))
        size = put_in(data, size, max_size, one_in(&d, 2) ? size : dice_roll(&d, (uint32_t)size + 1), frame,
                      grammar_frame(&d, frame, sizeof frame));
    else
        size = LLVMFuzzerMutate(data, size, max_size);
    if (!one_in(&d, 4))
        repair_crcs(data, size);
    return size;
}

size_t grammar_mutate_steps(uint8_t *data, size_t size, size_t max_size, unsigned seed, grammar_step *make)
{
    struct dice d = dice_of(seed);
    uint8_t step[LINK_FRAME_MAX];
    if (!one_in(&d, 3))
        return LLVMFuzzerMutate(data, size, max_size);
    size_t at = one_in(&d, 2) || !size ? size : 1 + dice_roll(&d, (uint32_t)size);
    return put_in(data, size, max_size, at < size ? at : size, step, make(&d, step, sizeof step));
}
