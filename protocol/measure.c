// SPDX-License-Identifier: Apache-2.0
#include "protocol/measure.h"

#include <assert.h>

struct measurement_walk measurement_walk_begin(const struct app_fragment *f, bool clock_unsynchronised)
{
    return (struct measurement_walk){
        .objects = app_objects(f),
        .clock_unsynchronised = clock_unsynchronised,
        .ahead = WALK_END,
        .defect = WALK_END,
    };
}

static bool has_measurements(const struct object_header *h)
{
    return h->has_objects && h->type && object_is_measured(h->type);
}

/* g51: the base of the relative times that follow in this fragment (objects.md 3.1). */
static void take_base(struct measurement_walk *w)
{
    if (w->header.group != 51 || !w->header.has_objects)
        return;
    struct object_at at = object_header_at(&w->header, w->header.count - 1);
    struct reader r = reader_over(at.data, at.len);
    w->base_ms = read_u48(&r);
    w->base_synchronised = w->header.variation == 1;
    w->have_base = w->base_ms != 0; /* 0 is no time (time.md 1) */
}

/* The end of a fragment that was cut off: what is whole is told before the defect. */
static bool enter_cut_header(struct measurement_walk *w, enum walk_result result)
{
    w->header.count = w->header.whole;
    w->next = 0;
    w->in_header = w->header.whole && has_measurements(&w->header);
    *(w->in_header ? &w->ahead : &w->defect) = result;
    return w->in_header;
}

/* Goes on to the next header with measurements. */
static bool enter_header(struct measurement_walk *w)
{
    for (;;) {
        enum walk_result result = object_walk_next(&w->objects, &w->header);
        if (result == WALK_END)
            return false;
        if (result != WALK_HEADER) {
            w->defect_offset = w->header.offset;
            return enter_cut_header(w, result);
        }
        take_base(w);
        w->next = 0;
        w->in_header = has_measurements(&w->header);
        if (w->in_header)
            return true;
    }
}

static double float64(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The value behind the flags; the state of a binary is in the flags themselves. */
static double read_value(struct reader *r, const struct object_type *type, struct measurement *m)
{
    uint8_t flags = m->flags;
    switch ((enum object_value)type->value) {
    case VALUE_BIT:
        m->flags = flags & 0x7F;
        return flags >> 7;
    case VALUE_TWO_BITS:
        m->flags = flags & 0x3F;
        return flags >> 6;
    case VALUE_COMMAND_STATUS:
        flags = read_u8(r);
        m->flags = flags & 0x7F;
        return flags >> 7;
    case VALUE_U16:
        return read_u16(r);
    case VALUE_U32:
        return read_u32(r);
    case VALUE_I16:
        return (int16_t)read_u16(r);
    case VALUE_I32:
        return (int32_t)read_u32(r);
    case VALUE_F32:
        return float_widen(read_u32(r));
    default:
        assert(type->value == VALUE_F64);
        return float64(read_uint(r, 8));
    }
}

static void read_time(struct reader *r, const struct measurement_walk *w, struct measurement *m)
{
    bool synchronised = !w->clock_unsynchronised;
    switch ((enum object_time)w->header.type->time) {
    case OBJECT_TIME_NONE:
        m->time_quality = TIME_NONE;
        return;
    case OBJECT_TIME_ABSOLUTE:
        m->time_ms = read_u48(r);
        if (m->time_ms == 0) /* no time (time.md 1) */
            return;
        break;
    case OBJECT_TIME_RELATIVE:
        if (!w->have_base) {
            m->time_quality = TIME_INVALID;
            return;
        }
        m->time_ms = w->base_ms + read_u16(r);
        synchronised = synchronised && w->base_synchronised;
        break;
    }
    m->time_quality = synchronised ? TIME_SYNCHRONISED : TIME_UNSYNCHRONISED;
}

static double packed_value(const struct object_type *type, const uint8_t *data, uint32_t i)
{
    uint64_t bit = (uint64_t)i * type->packed_bits;
    unsigned mask = (1U << type->packed_bits) - 1;
    return (unsigned)data[bit / 8] >> bit % 8 & mask;
}

bool measurement_walk_next(struct measurement_walk *w, struct measurement *m)
{
    if (!w->in_header && w->ahead != WALK_END)
        w->defect = w->ahead;
    if (w->defect != WALK_END || (!w->in_header && !enter_header(w)))
        return false;
    const struct object_type *type = w->header.type;
    struct object_at at = object_header_at(&w->header, w->next);
    *m = (struct measurement){
        .index = at.index,
        .type = type->point,
        .flags = FLAG_ONLINE,
        .event = type->kind == OBJECT_EVENT,
    };
    if (type->packed_bits) {
        m->value = packed_value(type, at.data, w->next);
    } else {
        struct reader r = reader_over(at.data, at.len);
        if (type->has_flags)
            m->flags = read_u8(&r);
        m->value = read_value(&r, type, m);
        read_time(&r, w, m);
        assert(!r.failed);
    }
    w->next++;
    w->in_header = w->next < w->header.count;
    return true;
}

/* What a station deletes once it is confirmed, and what may be such: strings, terminal data, statistics, data
 * sets; events that tell by how much a counter has moved, and not its value. */
static bool is_unstorable(const struct object_header *h)
{
    static const uint8_t groups[] = {88, 111, 113, 115, 122};
    if (!h->data_len)
        return false;
    return !h->type || memchr(groups, h->group, sizeof groups) ||
           (h->type->kind == OBJECT_EVENT && !object_is_measured(h->type));
}

struct measure_summary measure_summarise(const struct app_fragment *f)
{
    struct measure_summary s = {.defect = WALK_END};
    struct object_walk walk = app_objects(f);
    struct object_header h;
    enum walk_result result;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        s.strings += h.has_objects && h.type && h.type->is_string ? h.count : 0;
        s.empty_strings += h.has_objects && h.type && h.type->is_string && !h.variation;
        s.unknown += !h.type;
        s.unstorable += is_unstorable(&h) ? h.count : 0;
        if (!has_measurements(&h))
            s.other = true;
        else if (h.type->kind == OBJECT_EVENT)
            s.events += h.count;
        else
            s.statics += h.count;
    }
    if (result != WALK_END) {
        if (h.whole && has_measurements(&h))
            *(h.type->kind == OBJECT_EVENT ? &s.events : &s.statics) += h.whole;
        s.defect = result;
        s.defect_offset = h.offset;
    }
    return s;
}
