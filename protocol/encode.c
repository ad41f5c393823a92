// SPDX-License-Identifier: Apache-2.0
/* Measurements and commands to octets; what a variation can't hold is saturated (objects.md 1). */
#include <assert.h>
#include <float.h>

#include "protocol/bytes.h"
#include "protocol/objects.h"

enum {
    F32_MANTISSA = 23,
    F64_MANTISSA = 52,
    MANTISSA_SHIFT = F64_MANTISSA - F32_MANTISSA,
    F32_INFINITY = 0x7F800000,
    F32_QUIET = 0x00400000,
    F32_MANTISSA_MASK = 0x007FFFFF
};

#define F64_INFINITY (UINT64_C(0x7FF) << F64_MANTISSA)

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Infinities and NaNs are moved by their bits: a conversion would make every NaN quiet. */
double float_widen(uint32_t f32_bits)
{
    if ((f32_bits & F32_INFINITY) != F32_INFINITY) {
        float value;
        memcpy(&value, &f32_bits, sizeof value);
        return (double)value;
    }
    uint64_t sign = (uint64_t)(f32_bits >> 31) << 63;
    uint64_t payload = (uint64_t)(f32_bits & F32_MANTISSA_MASK) << MANTISSA_SHIFT;
    uint64_t bits = sign | F64_INFINITY | payload;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint32_t narrow_special(uint64_t bits)
{
    uint64_t payload = bits & ((UINT64_C(1) << F64_MANTISSA) - 1);
    uint32_t mantissa = (uint32_t)(payload >> MANTISSA_SHIFT);
    if (payload && !mantissa)
        mantissa = F32_QUIET; /* its payload was in the octets that are lost: stay a NaN */
    return (uint32_t)(bits >> 63) << 31 | F32_INFINITY | mantissa;
}

uint32_t float_narrow(double value, bool *over)
{
    uint64_t bits = bits_of(value);
    *over = false;
    if ((bits & F64_INFINITY) == F64_INFINITY)
        return narrow_special(bits);
    if (value > FLT_MAX || value < -FLT_MAX) {
        *over = true;
        value = value > 0 ? FLT_MAX : -FLT_MAX;
    }
    float narrow = (float)value;
    uint32_t f32_bits;
    memcpy(&f32_bits, &narrow, sizeof f32_bits);
    return f32_bits;
}

/* The nearest integer in low..high; a NaN becomes 0 and counts as out of range. */
static int32_t saturate(double value, int32_t low, int32_t high, bool *over)
{
    *over = !(value >= low && value <= high);
    if (value != value)
        return 0;
    if (*over)
        return value < low ? low : high;
    return (int32_t)(value < 0 ? value - 0.5 : value + 0.5);
}

static uint32_t counter_of(double value)
{
    if (!(value > 0))
        return 0;
    return value >= (double)UINT32_MAX ? UINT32_MAX : (uint32_t)value;
}

/* The value's octets as an integer, and the flags that go before it. */
static uint64_t value_bits(const struct object_type *type, const struct measurement *m, uint8_t *flags)
{
    bool over = false;
    uint64_t bits = 0;
    switch ((enum object_value)type->value) {
    case VALUE_BIT:
        *flags = (uint8_t)((*flags & 0x7F) | (m->value != 0 ? FLAG_STATE : 0));
        break;
    case VALUE_TWO_BITS:
        *flags = (uint8_t)((*flags & 0x3F) | (counter_of(m->value) & 3) << 6);
        break;
    case VALUE_COMMAND_STATUS:
        return (uint64_t)((*flags & 0x7F) | (m->value != 0 ? FLAG_STATE : 0));
    case VALUE_U16:
    case VALUE_U32:
        return counter_of(m->value);
    case VALUE_I16:
        bits = (uint64_t)saturate(m->value, INT16_MIN, INT16_MAX, &over);
        break;
    case VALUE_I32:
        bits = (uint64_t)saturate(m->value, INT32_MIN, INT32_MAX, &over);
        break;
    case VALUE_F32:
        bits = float_narrow(m->value, &over);
        break;
    case VALUE_F64:
        return bits_of(m->value);
    case VALUE_NONE:
        assert(type->value != VALUE_NONE);
    }
    if (over)
        *flags |= FLAG_OVER_RANGE;
    return bits;
}

static size_t time_len(const struct object_type *type)
{
    static const uint8_t lens[] = {
        [OBJECT_TIME_NONE] = 0, [OBJECT_TIME_ABSOLUTE] = 6, [OBJECT_TIME_RELATIVE] = 2};
    return lens[type->time];
}

void object_encode(struct writer *w, const struct object_type *type, const struct measurement *m,
                   uint64_t base_ms)
{
    assert(type->point && type->size > 0);
    if (w->failed || writer_room(w) < type->size) {
        w->failed = true;
        return;
    }
    uint8_t flags = m->flags;
    uint64_t bits = value_bits(type, m, &flags);
    size_t flags_len = type->has_flags ? 1 : 0;
    size_t value_len = type->size - flags_len - time_len(type);
    write_uint(w, flags, flags_len);
    write_uint(w, bits, value_len);
    if (type->time == OBJECT_TIME_RELATIVE)
        assert(m->time_ms >= base_ms && m->time_ms - base_ms <= UINT16_MAX);
    write_uint(w, type->time == OBJECT_TIME_RELATIVE ? m->time_ms - base_ms : m->time_ms, time_len(type));
}

struct crob crob_decode(const uint8_t octets[11])
{
    struct reader r = reader_over(octets, 11);
    struct crob crob = {0};
    crob.code = read_u8(&r);
    crob.count = read_u8(&r);
    crob.on_ms = read_u32(&r);
    crob.off_ms = read_u32(&r);
    crob.status = read_u8(&r);
    return crob;
}

void crob_encode(struct writer *w, const struct crob *crob)
{
    uint8_t octets[11];
    struct writer one = writer_over(octets, sizeof octets);
    write_u8(&one, crob->code);
    write_u8(&one, crob->count);
    write_u32(&one, crob->on_ms);
    write_u32(&one, crob->off_ms);
    write_u8(&one, crob->status);
    write_octets(w, octets, sizeof octets);
}
