// SPDX-License-Identifier: Apache-2.0
/* The fields of objects: dnp3-reference/objects.md 1 to 4, controls.md 1, attributes.md. */
#include <assert.h>

#include "protocol/attributes.h"
#include "protocol/decode.h"
#include "protocol/decode_fields.h"
#include "protocol/decode_value.h"
#include "tools/dnp3dump/teller.h"

enum { GROUP_CROB = 12, GROUP_FILE = 70, FLAG_STATES = 0xC0 };

static void tell_packed(struct teller *x, const struct object_header *h)
{
    static const char *const two[] = {"INTERMEDIATE", "OFF", "ON", "INDETERMINATE"};
    unsigned bits = h->type->packed_bits, in_octet = 8 / bits;
    for (uint32_t i = 0; i < h->count;) {
        unsigned octet = *teller_at(x), n = 0;
        for (; n < in_octet && i < h->count; n++, i++, octet >>= bits) {
            unsigned state = octet & ((1U << bits) - 1);
            const char *iin = h->type->kind == OBJECT_IIN ? app_iin_name(h->start + i) : NULL;
            text_put(&x->value, n ? " [" : "[");
            if (iin)
                text_put(&x->value, iin);
            else
                text_uint(&x->value, h->start + i);
            text_put(&x->value, bits == 2 ? "] " : state ? "] ON" : "] OFF");
            text_put(&x->value, bits == 2 ? two[state] : "");
        }
        if (octet)
            teller_mark(x, DEFECT_APP_PADDING, "%u bits behind the last point", 8 - n * bits);
        teller_tell(x, "states", 1);
    }
}

/* Bits that have no name are reserved (objects.md 1). */
static void mark_reserved(struct teller *x, uint8_t type, uint8_t flags)
{
    for (unsigned bit = 0; bit < 8; bit++) {
        if (flags >> bit & 1 && !decode_flag_name(type, bit))
            teller_mark(x, DEFECT_APP_RESERVED, "bit %u of the flags", bit);
    }
}

static void tell_flags(struct teller *x, const struct object_type *type)
{
    static const char *const two[] = {"INTERMEDIATE ", "OFF ", "ON ", "INDETERMINATE "};
    uint8_t flags = *teller_at(x), shown = flags;
    if (type->value == VALUE_BIT) {
        text_put(&x->value, flags & FLAG_STATE ? "ON " : "OFF ");
        shown = flags & 0x7F;
    } else if (type->value == VALUE_TWO_BITS) {
        text_put(&x->value, two[flags >> 6]);
        shown = flags & (uint8_t)~FLAG_STATES;
    }
    bool status = point_type_has_status(type->point);
    decode_value_flags(&x->value, type->point, shown);
    if (!status)
        mark_reserved(x, type->point, flags);
    teller_tell(x, status ? "status" : "flags", 1);
}

static void tell_number(struct teller *x, uint8_t value)
{
    struct reader r = reader_over(teller_at(x), x->len - x->done);
    double number = 0;
    uint64_t bits;
    size_t len = value == VALUE_U16 || value == VALUE_I16 ? 2 : value == VALUE_F64 ? 8 : 4;
    switch ((enum object_value)value) {
    case VALUE_I16:
        number = (int16_t)read_u16(&r);
        break;
    case VALUE_I32:
        number = (int32_t)read_u32(&r);
        break;
    case VALUE_F32:
        number = float_widen(read_u32(&r));
        break;
    case VALUE_F64:
        bits = read_uint(&r, 8);
        memcpy(&number, &bits, sizeof number);
        break;
    default:
        number = (double)read_uint(&r, len);
        break;
    }
    text_double(&x->value, number);
    teller_tell(x, "value", len);
}

static void tell_time(struct teller *x, const char *name)
{
    struct reader r = reader_over(teller_at(x), 6);
    decode_value_time(&x->value, read_u48(&r));
    teller_tell(x, name, 6);
}

static void tell_measured(struct teller *x, const struct object_type *type, bool have_base)
{
    if (type->has_flags)
        tell_flags(x, type);
    if (type->value == VALUE_COMMAND_STATUS) {
        uint8_t octet = *teller_at(x);
        text_put(&x->value, octet & 0x80 ? "ON " : "OFF ");
        decode_value_flags(&x->value, type->point, octet & 0x7F);
        teller_tell(x, "status", 1);
    } else if (type->value != VALUE_BIT && type->value != VALUE_TWO_BITS) {
        tell_number(x, type->value);
    }
    if (type->time == OBJECT_TIME_ABSOLUTE)
        tell_time(x, "time");
    if (type->time != OBJECT_TIME_RELATIVE)
        return;
    if (!have_base)
        teller_mark(x, DEFECT_APP_BASE, "g%uv%u", type->group, type->variation);
    teller_uint(x, "relative_ms", 2);
}

static void tell_status(struct teller *x)
{
    decode_value_flags(&x->value, POINT_BINARY_COMMAND, *teller_at(x) & 0x7F);
    if (*teller_at(x) & 0x80)
        teller_mark(x, DEFECT_APP_RESERVED, "bit 7 of the status");
    teller_tell(x, "status", 1);
}

static void tell_command(struct teller *x, const struct object_type *type)
{
    if (type->group != GROUP_CROB) {
        tell_number(x, type->value);
        tell_status(x);
        return;
    }
    decode_value_crob_code(&x->value, *teller_at(x));
    teller_tell(x, "code", 1);
    teller_uint(x, "operations", 1);
    teller_uint(x, "on_ms", 4);
    teller_uint(x, "off_ms", 4);
    tell_status(x);
}

/* g50v4 has a layout. */
static void tell_clock(struct teller *x, const struct object_type *type)
{
    if (type->group == 52) {
        teller_uint(x, type->variation == 1 ? "delay_s" : "delay_ms", 2);
        return;
    }
    tell_time(x, "time");
    if (type->group == 50 && type->variation == 2)
        teller_uint(x, "interval_ms", 4);
}

static void tell_deadband(struct teller *x, const struct object_type *type)
{
    if (analog_decode(type, teller_at(x)) < 0)
        teller_mark(x, DEFECT_APP_VALUE, "a deadband below 0");
    tell_number(x, type->value);
}

static enum defect_kind defect_of_group(uint8_t group)
{
    if (group == GROUP_FILE)
        return DEFECT_APP_FILE;
    return group >= 120 ? DEFECT_APP_SECURITY : DEFECT_APP_FIELD;
}

static void tell_layout(struct teller *x, const struct layout *layout, const struct object_at *at)
{
    struct layout_walk w = layout_walk_begin(layout, at->data, at->len);
    struct layout_value v;
    while (layout_walk_next(&w, &v)) {
        if (v.len == 0)
            continue;
        decode_field_value(&x->value, &v);
        x->secret = v.field->kind == LAYOUT_SECRET;
        teller_tell(x, v.field->name, v.len);
    }
    if (w.defect == LAYOUT_OK)
        return;
    teller_mark(x, defect_of_group(layout->group), "g%uv%u: %s", layout->group, layout->variation,
                layout_defect_text(w.defect));
    teller_pass(x, at->len - w.defect_offset);
}

static void tell_attribute(struct teller *x, const struct object_header *h, uint32_t i,
                           const struct object_at *at)
{
    struct attribute a;
    enum attribute_defect defect = attribute_parse(h, i, &a);
    const char *type = attribute_type_name(a.type);
    text_uint(&x->value, a.type);
    text_put(&x->value, type ? " " : "");
    text_put(&x->value, type ? type : "");
    teller_tell(x, "type", 1);
    teller_uint(x, "length", 1);
    if (defect != ATTRIBUTE_OK) {
        teller_mark(x, DEFECT_APP_ATTRIBUTE, "g0v%u: %s", h->variation, attribute_defect_text(defect));
        teller_pass(x, at->len - 2);
    } else if (at->len > 2) {
        decode_attribute_value(&x->value, &a);
        teller_tell(x, "value", at->len - 2);
    }
}

static void tell_octets(struct teller *x, const struct object_at *at, bool text)
{
    if (at->len == 0)
        return;
    if (text)
        decode_value_string(&x->value, at->data, at->len);
    else
        decode_value_octets(&x->value, at->data, at->len);
    teller_tell(x, text ? "text" : "octets", at->len);
}

void field_object(struct teller *x, const struct object_header *h, uint32_t i, bool have_base)
{
    struct object_at at = object_header_at(h, i);
    const struct object_type *type = h->sized ? NULL : h->type;
    const struct layout *layout = layout_find(h->group, h->variation);
    size_t end = (size_t)(at.data - x->octets) + at.len;
    if (layout)
        tell_layout(x, layout, &at);
    else if (h->type && h->type->kind == OBJECT_ATTRIBUTE)
        tell_attribute(x, h, i, &at);
    else if (type && type->packed_bits)
        tell_packed(x, h);
    else if (type && (object_is_measured(type) || object_is_delta(type)))
        tell_measured(x, type, have_base);
    else if (type && type->kind == OBJECT_COMMAND)
        tell_command(x, type);
    else if (type && type->kind == OBJECT_TIME)
        tell_clock(x, type);
    else if (type && type->kind == OBJECT_DEADBAND)
        tell_deadband(x, type);
    else
        tell_octets(x, &at, type && type->is_string);
    assert(x->done == end);
    (void)end;
}
