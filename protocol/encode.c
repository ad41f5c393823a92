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

/* An analog's octets as an integer. */
static uint64_t analog_bits(enum object_value form, double value, bool *over)
{
    *over = false;
    switch (form) {
    case VALUE_I16:
        return (uint64_t)saturate(value, INT16_MIN, INT16_MAX, over);
    case VALUE_I32:
        return (uint64_t)saturate(value, INT32_MIN, INT32_MAX, over);
    case VALUE_F32:
        return float_narrow(value, over);
    default:
        assert(form == VALUE_F64);
        return bits_of(value);
    }
}

/* The value's octets as an integer, and the flags that go before it. */
static uint64_t value_bits(const struct object_type *type, const struct measurement *m, uint8_t *flags)
{
    bool over;
    switch ((enum object_value)type->value) {
    case VALUE_BIT:
        *flags = (uint8_t)((*flags & 0x7F) | (m->value != 0 ? FLAG_STATE : 0));
        return 0;
    case VALUE_TWO_BITS:
        *flags = (uint8_t)((*flags & 0x3F) | (counter_of(m->value) & 3) << 6);
        return 0;
    case VALUE_COMMAND_STATUS:
        return (uint64_t)((*flags & 0x7F) | (m->value != 0 ? FLAG_STATE : 0));
    case VALUE_U16:
    case VALUE_U32:
        return counter_of(m->value);
    default:
        break;
    }
    uint64_t bits = analog_bits((enum object_value)type->value, m->value, &over);
    if (over && type->has_flags && !point_type_has_status(type->point))
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
    assert(object_is_measured(type) && type->size > 0);
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

static size_t analog_len(enum object_value form)
{
    static const uint8_t lens[] = {
        [VALUE_U16] = 2, [VALUE_U32] = 4, [VALUE_I16] = 2, [VALUE_I32] = 4, [VALUE_F32] = 4, [VALUE_F64] = 8};
    assert(form < sizeof lens && lens[form]);
    return lens[form];
}

double analog_decode(const struct object_type *type, const uint8_t *octets)
{
    enum object_value form = (enum object_value)type->value;
    size_t len = analog_len(form);
    struct reader r = reader_over(octets, len);
    uint64_t bits = read_uint(&r, len);
    double f64;
    switch (form) {
    case VALUE_I16:
        return (int16_t)bits;
    case VALUE_I32:
        return (int32_t)bits;
    case VALUE_F32:
        return float_widen((uint32_t)bits);
    case VALUE_F64:
        memcpy(&f64, &bits, sizeof f64);
        return f64;
    default:
        return (double)bits;
    }
}

bool analog_encode(struct writer *w, const struct object_type *type, double value)
{
    enum object_value form = (enum object_value)type->value;
    size_t len = analog_len(form);
    bool over;
    uint64_t bits;
    if (form == VALUE_U16 || form == VALUE_U32) {
        double most = form == VALUE_U16 ? UINT16_MAX : UINT32_MAX;
        over = !(value >= 0 && value <= most);
        bits = value > most ? (uint64_t)most : value > 0 ? (uint64_t)(value + 0.5) : 0;
    } else {
        bits = analog_bits(form, value, &over);
    }
    write_uint(w, bits, len);
    return over;
}

struct time_schedule time_schedule_decode(const uint8_t octets[11])
{
    struct reader r = reader_over(octets, 11);
    struct time_schedule schedule = {.time_ms = read_u48(&r)};
    schedule.count = read_u32(&r);
    schedule.units = read_u8(&r);
    return schedule;
}

void time_schedule_encode(struct writer *w, const struct time_schedule *schedule)
{
    uint8_t octets[11];
    struct writer one = writer_over(octets, sizeof octets);
    write_u48(&one, schedule->time_ms);
    write_u32(&one, schedule->count);
    write_u8(&one, schedule->units);
    write_octets(w, octets, sizeof octets);
}

bool bcd_decode(const uint8_t *octets, size_t len, uint64_t *value)
{
    *value = 0;
    for (size_t i = len; i-- > 0;) {
        if (octets[i] >> 4 > 9 || (octets[i] & 0x0F) > 9)
            return false;
        *value = *value * 100 + (octets[i] >> 4) * 10U + (octets[i] & 0x0FU);
    }
    return true;
}

void bcd_encode(struct writer *w, uint64_t value, size_t len)
{
    uint64_t packed = 0;
    for (unsigned i = 0; i < 2 * len; i++, value /= 10)
        packed |= value % 10 << 4 * i;
    assert(value == 0 && len <= 8);
    write_uint(w, packed, len);
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
