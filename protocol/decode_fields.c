// SPDX-License-Identifier: Apache-2.0
#include "protocol/decode_fields.h"

#include "protocol/decode_value.h"

static void put_bits(struct text *t, const struct layout_name *names, uint64_t bits)
{
    bool first = true;
    for (; names->name; names++) {
        if (!(bits & names->number))
            continue;
        text_put(t, first ? "" : "|");
        text_put(t, names->name);
        bits &= ~(uint64_t)names->number;
        first = false;
    }
    for (unsigned bit = 0; bits; bit++, bits >>= 1) {
        if (!(bits & 1))
            continue;
        text_put(t, first ? "bit" : "|bit");
        text_uint(t, bit);
        first = false;
    }
    text_put(t, first ? "0" : "");
}

static void put_number(struct text *t, const struct layout_value *v)
{
    const char *name = layout_name_find(v->field->names, v->number);
    if (name) {
        text_put(t, name);
    } else {
        text_uint(t, v->number);
    }
    if (v->top) {
        text_char(t, ' ');
        text_put(t, v->field->top);
    }
}

void decode_field_value(struct text *t, const struct layout_value *v)
{
    switch ((enum layout_kind)v->field->kind) {
    case LAYOUT_BITS:
        put_bits(t, v->field->names, v->number);
        break;
    case LAYOUT_TIME:
        decode_value_time(t, v->number);
        break;
    case LAYOUT_TEXT:
        decode_value_string(t, v->octets, v->len);
        break;
    case LAYOUT_OCTETS:
        decode_value_octets(t, v->octets, v->len);
        break;
    case LAYOUT_SECRET:
        text_uint(t, v->len);
        text_put(t, " octets");
        break;
    case LAYOUT_NUMBER:
    case LAYOUT_BCD:
        put_number(t, v);
        break;
    }
}

static void begin_field(struct text *t, size_t offset, bool first, bool tree)
{
    if (!tree) {
        text_put(t, first ? "" : " ");
        return;
    }
    text_put(t, "\n      @");
    text_uint(t, offset);
    text_char(t, ' ');
}

static void put_defect(struct text *t, const char *rule, size_t offset)
{
    text_put(t, "DEFECT ");
    text_put(t, rule);
    text_put(t, " at octet ");
    text_uint(t, offset);
}

/* Trailing text or octets that are optional, and not there, are not told of. */
static bool is_absent(const struct layout_value *v)
{
    bool rest = v->field->width == 0 && v->field->length == 0;
    return rest && v->len == 0 && v->offset > 0;
}

void decode_fields(struct text *t, const struct layout *layout, const uint8_t *octets, size_t len,
                   size_t offset, bool tree)
{
    struct layout_walk w = layout_walk_begin(layout, octets, len);
    struct layout_value v;
    bool first = true;
    while (layout_walk_next(&w, &v)) {
        if (is_absent(&v))
            continue;
        begin_field(t, offset + v.offset, first, tree);
        text_put(t, v.field->name);
        text_char(t, '=');
        decode_field_value(t, &v);
        first = false;
    }
    if (w.defect == LAYOUT_OK)
        return;
    begin_field(t, offset + w.defect_offset, first, tree);
    put_defect(t, layout_defect_text(w.defect), offset + w.defect_offset);
    if (w.defect_offset < len)
        text_put(t, ": ");
    decode_value_octets(t, octets + w.defect_offset, len - w.defect_offset);
}

static void put_entries(struct text *t, const struct attribute *a)
{
    for (size_t i = 0; i < attribute_entries(a); i++) {
        struct attribute_entry entry = attribute_entry_at(a, i);
        text_put(t, i ? " " : "");
        text_uint(t, entry.variation);
        text_put(t, entry.properties & 1 ? "=RW" : "=R");
        if (entry.properties & 0xFE) {
            text_put(t, "|");
            text_hex(t, entry.properties & 0xFE);
        }
    }
}

void decode_attribute_value(struct text *t, const struct attribute *a)
{
    uint32_t number;
    int32_t integer;
    double real;
    uint64_t time_ms;
    if (attribute_uint(a, &number))
        text_uint(t, number);
    else if (attribute_int(a, &integer))
        text_double(t, integer);
    else if (attribute_float(a, &real))
        text_double(t, real);
    else if (attribute_time(a, &time_ms))
        decode_value_time(t, time_ms);
    else if (attribute_entries(a))
        put_entries(t, a);
    else if (a->type == ATTRIBUTE_VSTR)
        decode_value_string(t, a->octets, a->len);
    else
        decode_value_octets(t, a->octets, a->len);
}

void decode_attribute(struct text *t, const struct object_header *h, uint32_t i, size_t offset)
{
    struct attribute a;
    enum attribute_defect defect = attribute_parse(h, i, &a);
    const struct attribute_row *row = a.set == 0 ? attribute_find(a.variation) : NULL;
    const char *type = attribute_type_name(a.type);
    if (row) {
        text_put(t, row->name);
        text_char(t, ' ');
    }
    text_put(t, type ? type : "type ");
    if (!type)
        text_uint(t, a.type);
    text_char(t, '(');
    text_uint(t, a.len);
    text_put(t, ") ");
    if (defect == ATTRIBUTE_OK) {
        decode_attribute_value(t, &a);
        return;
    }
    put_defect(t, attribute_defect_text(defect), offset);
    text_put(t, ": ");
    decode_value_octets(t, a.octets, a.len);
}
