// SPDX-License-Identifier: Apache-2.0
#include "protocol/measure.h"

#include <assert.h>

struct measurement_walk measurement_walk_begin(const struct app_fragment *f, bool clock_unsynchronised)
{
    return (struct measurement_walk){
        .objects = app_objects(f),
        .clock_unsynchronised = clock_unsynchronised,
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
    w->have_base = true;
}

/* Goes on to the next header with measurements. */
static bool enter_header(struct measurement_walk *w)
{
    for (;;) {
        enum walk_result result = object_walk_next(&w->objects, &w->header);
        if (result == WALK_END)
            return false;
        if (result != WALK_HEADER) {
            w->defect = result;
            w->defect_offset = w->header.offset;
            return false;
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

struct measure_summary measure_summarise(const struct app_fragment *f)
{
    struct measure_summary s = {.defect = WALK_END};
    struct object_walk walk = app_objects(f);
    struct object_header h;
    enum walk_result result;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        s.strings += h.has_objects && h.type && h.type->is_string ? h.count : 0;
        s.unknown += !h.type;
        if (!has_measurements(&h))
            s.other = true;
        else if (h.type->kind == OBJECT_EVENT)
            s.events += h.count;
        else
            s.statics += h.count;
    }
    if (result != WALK_END) {
        s.defect = result;
        s.defect_offset = h.offset;
    }
    return s;
}
