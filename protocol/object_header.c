// SPDX-License-Identifier: Apache-2.0
/*
 * Object headers (dnp3-reference/application.md 4). A header is read in three steps: the qualifier gives its
 * form, the range field gives `count`, the type and the function give the octets behind. No step does work in
 * proportion to a claimed count: sizes are multiplied in 64 bits and compared with what is there.
 */
#include <assert.h>

#include "protocol/app.h"

/* A qualifier taken apart. */
struct form {
    uint16_t use;        /* the OBJECT_Q_* that it is; 0: reserved */
    uint8_t prefix_len;  /* 0, 1, 2, 4 */
    uint8_t numeral_len; /* of start, stop, count: 1, 2, 4 */
};

static const uint8_t width[] = {1, 2, 4};

static struct form form_of(uint8_t qualifier)
{
    uint8_t prefix = qualifier >> 4; /* bit 7 is reserved: 8 and more are no prefix codes */
    uint8_t range = qualifier & 0x0F;
    if (prefix == 0 && range <= 2)
        return (struct form){OBJECT_Q_RANGE, 0, width[range]};
    if (prefix == 0 && range <= 5)
        return (struct form){OBJECT_Q_ADDRESS, 0, width[range - 3]};
    if (prefix == 0 && range == 6)
        return (struct form){OBJECT_Q_ALL, 0, 0};
    if (prefix == 0 && range >= 7 && range <= 9)
        return (struct form){OBJECT_Q_COUNT, 0, width[range - 7]};
    if (prefix >= 1 && prefix <= 3 && range >= 7 && range <= 9)
        return (struct form){OBJECT_Q_PREFIX, width[prefix - 1], width[range - 7]};
    if (prefix >= 4 && prefix <= 6 && range == 0x0B)
        return (struct form){OBJECT_Q_SIZED, width[prefix - 4], 1};
    return (struct form){0, 0, 0};
}

static enum walk_result read_range(struct reader *r, const struct form *form, struct object_header *h)
{
    if (form->use & (OBJECT_Q_RANGE | OBJECT_Q_ADDRESS)) {
        h->ranged = true;
        h->start = (uint32_t)read_uint(r, form->numeral_len);
        uint32_t stop = (uint32_t)read_uint(r, form->numeral_len);
        if (r->failed)
            return WALK_TRUNCATED;
        /* 2^32 objects can't be counted in `count`, and no device has them. */
        if (h->start > stop || stop - h->start == UINT32_MAX)
            return WALK_BAD_RANGE;
        h->count = stop - h->start + 1;
        return WALK_HEADER;
    }
    if (form->use == OBJECT_Q_ALL) {
        h->all = true;
        return WALK_HEADER;
    }
    h->count = (uint32_t)read_uint(r, form->numeral_len);
    if (r->failed)
        return WALK_TRUNCATED;
    return h->count > 0 ? WALK_HEADER : WALK_BAD_RANGE;
}

static bool qualifier_fits(const struct object_header *h, const struct form *form)
{
    return !h->type || (h->type->qualifiers & form->use);
}

static enum walk_result take(struct reader *r, struct object_header *h, uint64_t octets)
{
    if (octets > reader_left(r))
        return WALK_TRUNCATED;
    h->data = read_octets(r, (size_t)octets);
    h->data_len = (size_t)octets;
    return WALK_HEADER;
}

/* Each object has its own length before it; the count is one octet, so that the loop is short. */
static enum walk_result take_sized(struct reader *r, struct object_header *h)
{
    struct reader ahead = *r;
    for (uint32_t i = 0; i < h->count; i++) {
        uint64_t size = read_uint(&ahead, h->prefix_len);
        if (ahead.failed || size > reader_left(&ahead))
            return WALK_TRUNCATED;
        read_octets(&ahead, (size_t)size);
    }
    h->has_objects = true;
    return take(r, h, (uint64_t)(ahead.at - r->at));
}

/* Attributes are indexed by their set, one octet; so there are no more of them under a header. */
enum { MOST_SELF_SIZED = 256 };

static size_t next_self_sized(struct reader *r)
{
    struct reader ahead = *r;
    uint8_t type = read_u8(&ahead);
    return object_self_size(type, read_u8(&ahead));
}

static enum walk_result take_self_sized(struct reader *r, struct object_header *h)
{
    struct reader ahead = *r;
    if (h->count > MOST_SELF_SIZED)
        return WALK_BAD_RANGE;
    for (uint32_t i = 0; i < h->count && !ahead.failed; i++) {
        read_octets(&ahead, h->prefix_len);
        read_octets(&ahead, next_self_sized(&ahead));
    }
    h->has_objects = !ahead.failed;
    return ahead.failed ? WALK_TRUNCATED : take(r, h, (uint64_t)(ahead.at - r->at));
}

/* Objects without octets cost nothing to claim: so there are few of them without an index each. */
enum { MOST_EMPTY = 256 };

static bool is_empty_string(const struct object_walk *walk, const struct object_header *h)
{
    return walk->empty_strings && !h->variation && (h->group == 110 || h->group == 111);
}

static enum walk_result take_empty(struct reader *r, struct object_header *h)
{
    h->type = object_type_find(h->group, 1); /* the row of all strings */
    if (!h->prefix_len && h->count > MOST_EMPTY)
        return WALK_BAD_RANGE;
    h->has_objects = true;
    return take(r, h, (uint64_t)h->count * h->prefix_len);
}

static enum walk_result take_objects(const struct object_walk *walk, struct reader *r,
                                     const struct form *form, struct object_header *h)
{
    if (!h->type)
        return WALK_UNKNOWN_OBJECT;
    if (h->type->packed_bits) {
        if (form->use != OBJECT_Q_RANGE)
            return WALK_BAD_QUALIFIER;
        h->has_objects = true;
        return take(r, h, ((uint64_t)h->count * h->type->packed_bits + 7) / 8);
    }
    if (h->type->self_sized)
        return take_self_sized(r, h);
    uint64_t size = object_size(h->type, h->variation);
    if (is_empty_string(walk, h))
        return take_empty(r, h);
    if (size == 0)
        return WALK_UNKNOWN_OBJECT;
    if (form->use == OBJECT_Q_COUNT && !(h->type->qualifiers & OBJECT_Q_SINGLE))
        return WALK_BAD_QUALIFIER;
    h->has_objects = true;
    size += h->prefix_len;
    if (h->count * size <= reader_left(r))
        return take(r, h, h->count * size);
    h->whole = (uint32_t)(reader_left(r) / size);
    (void)take(r, h, h->whole * size);
    return WALK_TRUNCATED;
}

/* FREEZE_AT_TIME alone has both: g50v2 with its octets, then bare counter headers (application.md 2). The
 * aggressive mode of authentication wraps any function in objects of its own (application.md 4.1). */
static bool carries_objects(const struct object_walk *walk, const struct object_header *h)
{
    if (h->group == GROUP_AUTHENTICATION)
        return true;
    if (walk->function != APP_FREEZE_AT_TIME && walk->function != APP_FREEZE_AT_TIME_NR)
        return walk->with_objects;
    return h->type && h->type->kind == OBJECT_TIME;
}

enum walk_result object_walk_next(struct object_walk *walk, struct object_header *h)
{
    struct reader *r = &walk->r;
    if (!r->failed && reader_left(r) == 0)
        return WALK_END;
    *h = (struct object_header){.offset = (size_t)(r->at - walk->fragment)};
    h->group = read_u8(r);
    h->variation = read_u8(r);
    h->qualifier = read_u8(r);
    if (r->failed)
        return WALK_TRUNCATED;
    h->type = object_type_find(h->group, h->variation);
    struct form form = form_of(h->qualifier);
    h->prefix_len = form.prefix_len;
    h->sized = form.use == OBJECT_Q_SIZED;

    enum walk_result result = WALK_BAD_QUALIFIER;
    if (form.use && qualifier_fits(h, &form))
        result = read_range(r, &form, h);
    if (result == WALK_HEADER && !h->all) {
        if (h->sized)
            result = take_sized(r, h);
        else if (carries_objects(walk, h))
            result = take_objects(walk, r, &form, h);
        else
            result = take(r, h, (uint64_t)h->count * h->prefix_len);
    }
    if (result != WALK_HEADER)
        r->failed = true; /* where the next header begins is not known */
    return result;
}

bool object_walk_pass(struct object_walk *walk, const struct object_header *h)
{
    struct form form = form_of(h->qualifier);
    struct object_header again = {0};
    struct reader r = walk->r;
    if (!form.use || h->sized || carries_objects(walk, h))
        return false;
    r.at = walk->fragment + h->offset;
    r.failed = false;
    read_octets(&r, 3);
    if (read_range(&r, &form, &again) == WALK_TRUNCATED ||
        take(&r, &again, (uint64_t)again.count * form.prefix_len) != WALK_HEADER)
        return false;
    walk->r = r;
    return true;
}

const char *walk_result_text(enum walk_result result)
{
    static const char *const texts[] = {
        [WALK_HEADER] = "object header",          [WALK_END] = "end",
        [WALK_UNKNOWN_OBJECT] = "unknown object", [WALK_BAD_QUALIFIER] = "bad qualifier",
        [WALK_BAD_RANGE] = "bad range or count",  [WALK_TRUNCATED] = "truncated",
    };
    assert((size_t)result < sizeof texts / sizeof texts[0]);
    return texts[result];
}

const char *object_defect_text(const struct object_header *h, enum walk_result result)
{
    switch (result) {
    case WALK_UNKNOWN_OBJECT:
        if (!h->type)
            return object_group_is_known(h->group) ? "unknown variation" : "unknown object";
        return h->variation == 0 ? "variation 0 has no objects" : "an object of unknown size";
    case WALK_BAD_QUALIFIER:
        return form_of(h->qualifier).use ? "a qualifier that is not for this object" : "reserved qualifier";
    case WALK_BAD_RANGE:
        if (h->count)
            return "more than 256 sets of attributes";
        return h->ranged ? "start after stop" : "count of 0";
    case WALK_TRUNCATED:
        return h->count ? "truncated objects" : "truncated header";
    default:
        return walk_result_text(result);
    }
}

static struct object_at sized_at(const struct object_header *h, uint32_t i)
{
    struct reader r = reader_over(h->data, h->data_len);
    for (uint32_t skipped = 0; skipped < i; skipped++)
        read_octets(&r, (size_t)read_uint(&r, h->prefix_len));
    size_t size = (size_t)read_uint(&r, h->prefix_len);
    return (struct object_at){i, read_octets(&r, size), size};
}

static struct object_at self_sized_at(const struct object_header *h, uint32_t i)
{
    struct reader r = reader_over(h->data, h->data_len);
    struct object_at at;
    for (uint32_t k = 0; k <= i; k++) {
        uint32_t prefix = (uint32_t)read_uint(&r, h->prefix_len);
        at.index = h->prefix_len ? prefix : h->start + k;
        at.len = next_self_sized(&r);
        at.data = read_octets(&r, at.len);
    }
    return at;
}

struct object_at object_header_at(const struct object_header *h, uint32_t i)
{
    assert(i < h->count);
    if (h->sized)
        return sized_at(h, i);
    if (h->has_objects && h->type->self_sized)
        return self_sized_at(h, i);
    uint32_t index = h->ranged ? h->start + i : i;
    if (h->has_objects && h->type->packed_bits)
        return (struct object_at){index, h->data, h->data_len};
    size_t size = h->has_objects ? object_size(h->type, h->variation) : 0;
    if (h->prefix_len + size == 0)
        return (struct object_at){index, NULL, 0};
    struct reader r = reader_over(h->data, h->data_len);
    read_octets(&r, i * (h->prefix_len + size));
    if (h->prefix_len)
        index = (uint32_t)read_uint(&r, h->prefix_len);
    return (struct object_at){index, h->has_objects ? r.at : NULL, size};
}

static void write_header(struct writer *w, const uint8_t name[3], const uint32_t *numerals, size_t n,
                         size_t octets)
{
    if (w->failed || writer_room(w) < 3 + n * octets) {
        w->failed = true;
        return;
    }
    write_octets(w, name, 3);
    for (size_t i = 0; i < n; i++)
        write_uint(w, numerals[i], octets);
}

/* 0, 1, 2 for 1, 2 and 4 octets: the order in which qualifiers of one kind are numbered. */
static uint8_t width_of(uint32_t highest)
{
    return highest <= UINT8_MAX ? 0 : highest <= UINT16_MAX ? 1 : 2;
}

void object_write_all(struct writer *w, uint8_t group, uint8_t variation)
{
    write_header(w, (const uint8_t[]){group, variation, 0x06}, NULL, 0, 0);
}

void object_write_count(struct writer *w, uint8_t group, uint8_t variation, uint32_t count)
{
    uint8_t code = width_of(count);
    write_header(w, (const uint8_t[]){group, variation, (uint8_t)(0x07 + code)}, &count, 1, width[code]);
}

void object_write_range(struct writer *w, uint8_t group, uint8_t variation, uint32_t start, uint32_t stop)
{
    assert(start <= stop);
    uint8_t code = width_of(stop);
    write_header(w, (const uint8_t[]){group, variation, code}, (const uint32_t[]){start, stop}, 2,
                 width[code]);
}
