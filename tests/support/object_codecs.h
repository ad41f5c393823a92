// SPDX-License-Identifier: Apache-2.0
/*
 * Objects of any kind as comparable values: for each kind of row of the object table how such a value is
 * generated, written as an object and read from one, with the library's own writers and readers.
 *
 *     const struct codec *codec = codec_of(type);
 *     codec->generate(&at, &value);
 *     codec->write(&at, &value, &w);
 *     codec->read(&at, &header, i, &found);
 */
#ifndef SUPPORT_OBJECT_CODECS_H
#define SUPPORT_OBJECT_CODECS_H

#include "protocol/attributes.h"
#include "protocol/files.h"
#include "protocol/measure.h"
#include "protocol/strings.h"
#include "support/cm.h"

enum { NUMBERS = 40, TEXTS = 3, TEXT_MAX = 512 };

/* A value of any kind, comparable octet by octet. */
struct any {
    uint64_t n[NUMBERS];
    size_t numbers;
    uint8_t text[TEXTS][TEXT_MAX];
    size_t len[TEXTS];
};

struct case_at {
    const struct object_type *t;
    uint8_t variation;
    unsigned round;
    size_t most; /* octets of an object, where its length is its own */
};

struct codec {
    bool (*takes)(const struct object_type *t);
    void (*generate)(const struct case_at *c, struct any *v);
    void (*write)(const struct case_at *c, const struct any *v, struct writer *w); /* without prefix */
    void (*read)(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v);
};

static uint64_t seed = 1;
static struct app_fragment fragment; /* the one that is read */
static const uint64_t base_ms = 0xFFFFFFFF0000;

static uint64_t draw(void)
{
    uint64_t z = (seed += 0x9E3779B97F4A7C15);
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9;
    z = (z ^ z >> 27) * 0x94D049BB133111EB;
    return z ^ z >> 31;
}

static uint64_t mask_of(size_t width)
{
    return width == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * width) - 1;
}

/* Integers of so many octets, and floats of the same: the edges first, then anything. */
static uint64_t number_of(unsigned round, size_t width)
{
    uint64_t most = mask_of(width);
    uint64_t top = (most >> 1) + 1;
    const uint64_t edges[] = {0, 1, most, most - 1, top, top - 1, top + 1, most >> 8};
    return round < sizeof edges / sizeof edges[0] ? edges[round] & most : draw() & most;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Zeros, the least and greatest, infinities, quiet and signalling NaNs with payload. */
static uint64_t float_bits(unsigned round, bool wide)
{
    static const uint32_t narrow[] = {0,          0x80000000, 1,          0x80000001, 0x007FFFFF,
                                      0x00800000, 0x7F7FFFFF, 0xFF7FFFFF, 0x7F800000, 0xFF800000,
                                      0x7FC00000, 0xFFC12345, 0x7F800001, 0xFFBFFFFF, 0x3F800000};
    static const uint64_t f64[] = {0,
                                   0x8000000000000000,
                                   1,
                                   0x8000000000000001,
                                   0x000FFFFFFFFFFFFF,
                                   0x0010000000000000,
                                   0x7FEFFFFFFFFFFFFF,
                                   0xFFEFFFFFFFFFFFFF,
                                   0x7FF0000000000000,
                                   0xFFF0000000000000,
                                   0x7FF8000000000000,
                                   0xFFF8123456789ABC,
                                   0x7FF0000000000001,
                                   0xFFF7FFFFFFFFFFFF,
                                   0x3FF0000000000000};
    enum { EDGES = sizeof narrow / sizeof narrow[0] };
    if (wide)
        return round < EDGES ? f64[round] : draw();
    return round < EDGES ? narrow[round] : draw() & UINT32_MAX;
}

/* A value that the row holds, as a double. */
static double value_of(const struct object_type *t, unsigned round)
{
    switch ((enum object_value)t->value) {
    case VALUE_BIT:
    case VALUE_COMMAND_STATUS:
        return round & 1;
    case VALUE_TWO_BITS:
        return round & 3;
    case VALUE_U16:
        return (double)number_of(round, 2);
    case VALUE_U32:
        return (double)number_of(round, 4);
    case VALUE_I16:
        return (int16_t)number_of(round, 2);
    case VALUE_I32:
        return (int32_t)number_of(round, 4);
    case VALUE_F32:
        return float_widen((uint32_t)float_bits(round, false));
    default:
        assert_int_equal(t->value, VALUE_F64);
        return double_of(float_bits(round, true));
    }
}

static void add(struct any *v, uint64_t number)
{
    assert_true(v->numbers < NUMBERS);
    v->n[v->numbers++] = number;
}

static void add_text(struct any *v, size_t which, const uint8_t *text, size_t len)
{
    assert_true(len <= TEXT_MAX);
    if (len)
        memcpy(v->text[which], text, len);
    v->len[which] = len;
}

/* Empty, as long as may be, and between. */
static void make_text(struct any *v, size_t which, unsigned round, size_t most)
{
    uint8_t text[TEXT_MAX];
    size_t len = round == 0 ? 0 : round == 1 ? most : draw() % (most + 1);
    for (size_t i = 0; i < len; i++)
        text[i] = (uint8_t)(round == 2 ? 0 : draw());
    add_text(v, which, text, len);
}

static struct file_text text_at(const struct any *v, size_t which)
{
    return (struct file_text){v->text[which], v->len[which]};
}

/* Measurements. */

static bool is_measured(const struct object_type *t)
{
    return object_is_measured(t) && !t->packed_bits;
}

static void measured_generate(const struct case_at *c, struct any *v)
{
    static const uint64_t times[] = {1, 0, 0xFFFFFFFFFFFF, 0x800000000000, 0x7FFFFFFFFFFF, 0xFFFFFFFF};
    const struct object_type *t = c->t;
    uint64_t time = c->round < 6 ? times[c->round] : draw() & mask_of(6);
    if (t->time == OBJECT_TIME_RELATIVE)
        time = base_ms + (time & UINT16_MAX);
    uint8_t flags = FLAG_ONLINE;
    if (t->has_flags || t->value == VALUE_COMMAND_STATUS)
        flags = (uint8_t)number_of(c->round, 1);
    if (t->value == VALUE_BIT || t->value == VALUE_COMMAND_STATUS)
        flags &= 0x7F;
    if (t->value == VALUE_TWO_BITS)
        flags &= 0x3F;
    bool timed = t->time != OBJECT_TIME_NONE && time;
    add(v, bits_of(value_of(t, c->round)));
    add(v, flags);
    add(v, t->time == OBJECT_TIME_NONE ? 0 : time);
    add(v, timed ? TIME_SYNCHRONISED : TIME_NONE);
    add(v, t->kind == OBJECT_EVENT);
    add(v, t->point);
}

static void measured_write(const struct case_at *c, const struct any *v, struct writer *w)
{
    struct measurement m = {.value = double_of(v->n[0]), .flags = (uint8_t)v->n[1], .time_ms = v->n[2]};
    object_encode(w, c->t, &m, c->t->time == OBJECT_TIME_RELATIVE ? base_ms : 0);
}

static void measured_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    struct measurement_walk walk = measurement_walk_begin(&fragment, false);
    struct measurement m = {0};
    for (uint32_t k = 0; k <= i; k++)
        assert_true(measurement_walk_next(&walk, &m));
    assert_int_equal(m.index, object_header_at(h, i).index);
    add(v, bits_of(m.value));
    add(v, m.flags);
    add(v, m.time_ms);
    add(v, m.time_quality);
    add(v, m.event);
    add(v, m.type);
    (void)c;
}

/* Commands, deadbands, times. */

static bool is_command(const struct object_type *t)
{
    return t->kind == OBJECT_COMMAND && t->size;
}

static void command_generate(const struct case_at *c, struct any *v)
{
    static const uint8_t crob[] = {1, 1, 4, 4, 1};
    for (size_t i = 0; c->t->value == VALUE_NONE && i < sizeof crob; i++)
        add(v, number_of(c->round, crob[i]));
    if (c->t->value == VALUE_NONE)
        return;
    add(v, bits_of(value_of(c->t, c->round)));
    add(v, number_of(c->round, 1));
}

static void command_write(const struct case_at *c, const struct any *v, struct writer *w)
{
    struct crob crob = {.code = (uint8_t)v->n[0],
                        .count = (uint8_t)v->n[1],
                        .on_ms = (uint32_t)v->n[2],
                        .off_ms = (uint32_t)v->n[3],
                        .status = (uint8_t)v->n[4]};
    if (c->t->value == VALUE_NONE) {
        crob_encode(w, &crob);
        return;
    }
    assert_false(analog_encode(w, c->t, double_of(v->n[0])));
    write_u8(w, (uint8_t)v->n[1]);
}

static void command_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    struct object_at at = object_header_at(h, i);
    if (c->t->value != VALUE_NONE) {
        add(v, bits_of(analog_decode(c->t, at.data)));
        add(v, at.data[at.len - 1]);
        return;
    }
    struct crob crob = crob_decode(at.data);
    const uint64_t fields[] = {crob.code, crob.count, crob.on_ms, crob.off_ms, crob.status};
    for (size_t k = 0; k < 5; k++)
        add(v, fields[k]);
}

static bool is_deadband(const struct object_type *t)
{
    return t->kind == OBJECT_DEADBAND && t->size;
}

static void deadband_generate(const struct case_at *c, struct any *v)
{
    add(v, bits_of(value_of(c->t, c->round)));
}

static void deadband_write(const struct case_at *c, const struct any *v, struct writer *w)
{
    assert_false(analog_encode(w, c->t, double_of(v->n[0])));
}

static void deadband_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    add(v, bits_of(analog_decode(c->t, object_header_at(h, i).data)));
}

static bool is_time(const struct object_type *t)
{
    return t->kind == OBJECT_TIME && !layout_find(t->group, t->variation);
}

/* g50v1, v3, g51: 6; g50v2: 6 and 4; g52: 2. */
static void time_generate(const struct case_at *c, struct any *v)
{
    add(v, number_of(c->round, c->t->size < 6 ? c->t->size : 6));
    add(v, c->t->size > 6 ? number_of(c->round, 4) : 0);
}

static void time_write(const struct case_at *c, const struct any *v, struct writer *w)
{
    size_t first = c->t->size < 6 ? c->t->size : 6;
    write_uint(w, v->n[0], first);
    write_uint(w, v->n[1], c->t->size - first);
}

static void time_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    struct object_at at = object_header_at(h, i);
    struct reader r = reader_over(at.data, at.len);
    add(v, c->t->size < 6 ? read_u16(&r) : read_u48(&r));
    add(v, reader_left(&r) ? read_u32(&r) : 0);
    assert_int_equal(reader_left(&r), 0);
}

static bool is_schedule(const struct object_type *t)
{
    return t->group == 50 && t->variation == 4;
}

static void schedule_generate(const struct case_at *c, struct any *v)
{
    add(v, number_of(c->round, 6));
    add(v, number_of(c->round, 4));
    add(v, number_of(c->round, 1));
}

static void schedule_write(const struct case_at *c, const struct any *v, struct writer *w)
{
    (void)c;
    time_schedule_encode(w, &(struct time_schedule){
                                .time_ms = v->n[0], .count = (uint32_t)v->n[1], .units = (uint8_t)v->n[2]});
}

static void schedule_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    (void)c;
    struct time_schedule s = time_schedule_decode(object_header_at(h, i).data);
    add(v, s.time_ms);
    add(v, s.count);
    add(v, s.units);
}

/* Strings: the variation is the length. */

static bool is_string(const struct object_type *t)
{
    return t->is_string;
}

static void string_generate(const struct case_at *c, struct any *v)
{
    uint8_t text[UINT8_MAX];
    for (size_t i = 0; i < c->variation; i++)
        text[i] = (uint8_t)(c->round == 1 ? 0 : draw());
    add_text(v, 0, text, c->variation);
}

static void string_put(const struct case_at *c, const struct any *v, struct writer *w)
{
    uint8_t alone[300];
    struct writer one = writer_over(alone, sizeof alone);
    string_write(&one, c->t->group, 0, v->text[0], v->len[0]);
    assert_false(one.failed);
    write_octets(w, one.at - v->len[0], v->len[0]);
}

static void string_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    struct string_walk walk = string_walk_begin(&fragment);
    struct object_string s = {0};
    for (uint32_t k = 0; k <= i; k++)
        assert_true(string_walk_next(&walk, &s));
    assert_int_equal(s.index, object_header_at(h, i).index);
    assert_int_equal(s.group, c->t->group);
    add_text(v, 0, s.octets, s.len);
}

/* Device attributes. */

static bool is_attribute(const struct object_type *t)
{
    return t->kind == OBJECT_ATTRIBUTE;
}

/* Pairs of octets: up to 127 of them, or 128 to 255. */
static void list_generate(const struct case_at *c, struct any *v)
{
    bool extended = c->round & 1;
    uint8_t entries[510];
    size_t n = c->round < 2 ? 0 : c->round < 4 ? 127 : draw() % 128;
    for (size_t i = 0; i < sizeof entries; i++)
        entries[i] = (uint8_t)draw();
    add(v, extended ? ATTRIBUTE_EXTENDED_LIST : ATTRIBUTE_LIST);
    add_text(v, 0, entries, 2 * n + (extended ? 256 : 0));
}

static void attribute_generate(const struct case_at *c, struct any *v)
{
    static const struct {
        uint8_t type, len; /* 0: of any length */
    } forms[] = {{ATTRIBUTE_VSTR, 0}, {ATTRIBUTE_VSTR, 0}, {ATTRIBUTE_UINT, 1}, {ATTRIBUTE_UINT, 4},
                 {ATTRIBUTE_INT, 2},  {ATTRIBUTE_INT, 4},  {ATTRIBUTE_FLT, 4},  {ATTRIBUTE_FLT, 8},
                 {ATTRIBUTE_OSTR, 0}, {ATTRIBUTE_BSTR, 0}, {ATTRIBUTE_TIME, 6}};
    uint8_t number[8];
    size_t form = c->round % (sizeof forms / sizeof forms[0]);
    if (c->variation == ATTRIBUTE_VARIATIONS) {
        list_generate(c, v);
        return;
    }
    add(v, forms[form].type);
    if (forms[form].len == 0) {
        make_text(v, 0, c->round, UINT8_MAX);
        return;
    }
    struct writer w = writer_over(number, sizeof number);
    bool real = forms[form].type == ATTRIBUTE_FLT;
    write_uint(&w, real ? float_bits(c->round, forms[form].len == 8) : number_of(c->round, forms[form].len),
               forms[form].len);
    add_text(v, 0, number, forms[form].len);
}

static void attribute_put(const struct case_at *c, const struct any *v, struct writer *w)
{
    enum { HEADER = 5 };
    uint8_t alone[600];
    struct writer one = writer_over(alone, sizeof alone);
    attribute_write(&one, &(struct attribute){.variation = c->variation,
                                              .type = (uint8_t)v->n[0],
                                              .len = (uint16_t)v->len[0],
                                              .octets = v->text[0]});
    assert_false(one.failed);
    write_octets(w, alone + HEADER, writer_len(&one) - HEADER);
}

/* The numbers in it, too, by the readers of their types, written again by the writers. */
static void attribute_numbers(const struct attribute *a)
{
    uint8_t alone[32];
    struct writer w = writer_over(alone, sizeof alone);
    uint32_t u;
    int32_t s;
    double f;
    uint64_t time;
    if (attribute_uint(a, &u))
        attribute_write_uint(&w, a->set, a->variation, u);
    else if (attribute_int(a, &s))
        attribute_write_int(&w, a->set, a->variation, s);
    else if (attribute_float(a, &f))
        attribute_write_float(&w, a->set, a->variation, f);
    else if (attribute_time(a, &time))
        attribute_write_time(&w, a->set, a->variation, time);
    else
        return;
    assert_true(alone[5] == a->type && alone[6] > 0);
    if (alone[6] == a->len) /* numbers take the least room, floats 8 octets */
        assert_memory_equal(alone + 7, a->octets, a->len);
}

static void attribute_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    struct attribute a;
    assert_int_equal(attribute_parse(h, i, &a), ATTRIBUTE_OK);
    assert_int_equal(a.variation, c->variation);
    assert_int_equal(a.set, object_header_at(h, i).index);
    attribute_numbers(&a);
    add(v, a.type);
    add_text(v, 0, a.octets, a.len);
}

/* Files. */

static bool is_file(const struct object_type *t)
{
    return t->kind == OBJECT_FILE;
}

static const uint8_t *file_widths(uint8_t variation)
{
    static const uint8_t widths[][9] = {[2] = {4},       [3] = {6, 4, 4, 2, 2, 2, 2}, [4] = {4, 4, 2, 2, 1},
                                        [5] = {4, 3, 1}, [6] = {4, 3, 1, 1},          [7] = {6, 4, 2, 2, 2},
                                        [8] = {0}};
    return widths[variation];
}

static void file_generate(const struct case_at *c, struct any *v)
{
    for (const uint8_t *width = file_widths(c->variation); *width; width++)
        add(v, number_of(c->round, *width));
    if (c->variation == 5 || c->variation == 6)
        v->n[2] &= 1; /* the last block or not */
    size_t most = (c->most - 26) / 2;
    make_text(v, 0, c->round, most);
    if (c->variation == 2)
        make_text(v, 1, c->round / 2, most);
}

static void file_put_first(uint8_t variation, const struct any *v, struct writer *w)
{
    const uint64_t *n = v->n;
    if (variation == 2)
        file_authentication_write(
            w, &(struct file_authentication){text_at(v, 0), text_at(v, 1), (uint32_t)n[0]});
    else if (variation == 3)
        file_command_write(w, &(struct file_command){text_at(v, 0), n[0], (uint32_t)n[1], (uint32_t)n[2],
                                                     (uint16_t)n[3], (uint16_t)n[4], (uint16_t)n[5],
                                                     (uint16_t)n[6]});
    else if (variation == 4)
        file_status_write(w, &(struct file_status){text_at(v, 0), (uint32_t)n[0], (uint32_t)n[1],
                                                   (uint16_t)n[2], (uint16_t)n[3], (uint8_t)n[4]});
}

static void file_put(const struct case_at *c, const struct any *v, struct writer *w)
{
    enum { HEADER = 6 };
    uint8_t alone[1200];
    struct writer one = writer_over(alone, sizeof alone);
    struct file_text text = text_at(v, 0);
    const uint64_t *n = v->n;
    if (c->variation == 5)
        file_block_write(&one, &(struct file_block){text, (uint32_t)n[0], (uint32_t)n[1], n[2]});
    else if (c->variation == 6)
        file_block_status_write(
            &one, &(struct file_block_status){text, (uint32_t)n[0], (uint32_t)n[1], n[2], (uint8_t)n[3]});
    else if (c->variation == 7)
        file_descriptor_write(&one, &(struct file_descriptor){text, n[0], (uint32_t)n[1], (uint16_t)n[2],
                                                              (uint16_t)n[3], (uint16_t)n[4]});
    else if (c->variation == 8)
        file_specification_write(&one, &text);
    else
        file_put_first(c->variation, v, &one);
    assert_false(one.failed);
    assert_true(writer_len(&one) >= HEADER);
    write_octets(w, alone + HEADER, writer_len(&one) - HEADER);
}

static void add_all(struct any *v, const uint64_t *n, size_t len, struct file_text text)
{
    for (size_t i = 0; i < len; i++)
        add(v, n[i]);
    add_text(v, 0, text.octets, text.len);
}

static void file_read_first(uint8_t variation, struct object_at at, struct any *v)
{
    if (variation == 2) {
        struct file_authentication f;
        assert_int_equal(file_authentication_parse(at.data, at.len, &f), LAYOUT_OK);
        add_all(v, (const uint64_t[]){f.key}, 1, f.user);
        add_text(v, 1, f.password.octets, f.password.len);
    } else if (variation == 3) {
        struct file_command f;
        assert_int_equal(file_command_parse(at.data, at.len, &f), LAYOUT_OK);
        add_all(
            v,
            (const uint64_t[]){f.created_ms, f.key, f.size, f.permissions, f.mode, f.block_size, f.request},
            7, f.name);
    } else {
        struct file_status f;
        assert_int_equal(file_status_parse(at.data, at.len, &f), LAYOUT_OK);
        add_all(v, (const uint64_t[]){f.handle, f.size, f.block_size, f.request, f.status}, 5, f.text);
    }
}

static void file_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    struct object_at at = object_header_at(h, i);
    if (c->variation == 5) {
        struct file_block f;
        assert_int_equal(file_block_parse(at.data, at.len, &f), LAYOUT_OK);
        add_all(v, (const uint64_t[]){f.handle, f.block, f.last}, 3, f.data);
    } else if (c->variation == 6) {
        struct file_block_status f;
        assert_int_equal(file_block_status_parse(at.data, at.len, &f), LAYOUT_OK);
        add_all(v, (const uint64_t[]){f.handle, f.block, f.last, f.status}, 4, f.text);
    } else if (c->variation == 7) {
        struct file_descriptor f;
        assert_int_equal(file_descriptor_parse(at.data, at.len, &f), LAYOUT_OK);
        add_all(v, (const uint64_t[]){f.created_ms, f.size, f.type, f.permissions, f.request}, 5, f.name);
    } else if (c->variation == 8) {
        add_text(v, 0, at.data, at.len);
    } else {
        file_read_first(c->variation, at, v);
    }
}

/* Objects with fields of their own: each argument is a number, or octets at the end of the first text. */

static bool is_laid_out(const struct object_type *t)
{
    return layout_find(t->group, t->variation) && !is_file(t) && !is_schedule(t);
}

static bool is_octets(const struct layout_field *f)
{
    return f->kind == LAYOUT_TEXT || f->kind == LAYOUT_OCTETS || f->kind == LAYOUT_SECRET;
}

static uint64_t field_number(const struct layout_field *f, unsigned round)
{
    uint64_t digits = 1;
    for (size_t i = 0; f->kind == LAYOUT_BCD && i < 2U * f->width; i++)
        digits *= 10;
    uint64_t number = number_of(round, f->width);
    if (f->kind == LAYOUT_BCD)
        return round == 2 ? digits - 1 : number % digits;
    return f->top ? number & mask_of(f->width) >> 1 : number;
}

/* What a number has to be for the sake of another field; else anything. */
static uint64_t counted(const struct layout *l, size_t at, unsigned round, size_t most)
{
    for (size_t i = 0; i < l->n; i++) {
        if (l->fields[i].length == at + 1) {
            size_t room = most < mask_of(l->fields[at].width) ? most : mask_of(l->fields[at].width);
            size_t len = round == 0 ? 0 : round == 1 ? room - l->fields[i].less : draw() % (room / 4);
            return len + l->fields[i].less;
        }
        if (l->fields[i].repeats == at + 1)
            return round % 4;
    }
    return field_number(&l->fields[at], round);
}

static void append_octets(struct any *v, size_t len)
{
    add(v, len);
    for (size_t i = 0; i < len; i++) {
        assert_true(v->len[0] < TEXT_MAX);
        v->text[0][v->len[0]++] = (uint8_t)draw();
    }
}

static size_t field_len(const struct layout_field *f, const uint64_t *numbers, unsigned round, size_t most)
{
    if (f->width)
        return f->width;
    if (f->length)
        return (size_t)numbers[f->length - 1] - f->less;
    return round == 0 ? 0 : round == 1 ? most : draw() % most;
}

static void layout_generate(const struct case_at *c, struct any *v)
{
    const struct layout *l = layout_find(c->t->group, c->variation);
    uint64_t numbers[LAYOUT_FIELDS_MAX] = {0};
    uint64_t turns = 0;
    size_t most = (c->most - 40) / 4;
    size_t from = l->n;
    for (size_t at = 0;; at++) {
        if (at == l->n) {
            if (turns <= 1)
                return;
            turns--;
            at = from;
        }
        const struct layout_field *f = &l->fields[at];
        if (f->repeats && from == l->n) {
            from = at;
            turns = numbers[f->repeats - 1];
            if (turns == 0)
                return;
        }
        if (is_octets(f)) {
            append_octets(v, field_len(f, numbers, c->round, most));
            continue;
        }
        numbers[at] = counted(l, at, c->round, most);
        add(v, numbers[at] << 1 | (f->top ? c->round & 1 : 0));
    }
}

/* The field of each argument is told by reading the object: see layout_read(). */
static void layout_put(const struct case_at *c, const struct any *v, struct writer *w)
{
    const struct layout *l = layout_find(c->t->group, c->variation);
    struct layout_argument args[NUMBERS];
    size_t from = 0, text = 0;
    while (from < l->n && !l->fields[from].repeats)
        from++;
    for (size_t i = 0; i < v->numbers; i++) {
        const struct layout_field *f = &l->fields[i < l->n ? i : from + (i - l->n) % (l->n - from)];
        args[i] = (struct layout_argument){.number = v->n[i] >> 1, .top = v->n[i] & 1};
        if (is_octets(f)) {
            args[i] = (struct layout_argument){.octets = v->text[0] + text, .len = (size_t)v->n[i]};
            text += args[i].len;
        }
    }
    layout_write(w, l, args, v->numbers);
}

static void layout_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    struct object_at at = object_header_at(h, i);
    struct layout_walk walk = layout_walk_begin(layout_find(c->t->group, c->variation), at.data, at.len);
    struct layout_value value;
    while (layout_walk_next(&walk, &value)) {
        if (!is_octets(value.field)) {
            add(v, value.number << 1 | value.top);
            continue;
        }
        add(v, value.len);
        if (value.len)
            memcpy(v->text[0] + v->len[0], value.octets, value.len);
        v->len[0] += value.len;
    }
    assert_int_equal(walk.defect, LAYOUT_OK);
}

/* Data sets and deltas are passed on as they are. */

static bool is_opaque(const struct object_type *t)
{
    return (t->group >= 85 && t->group <= 88) || object_is_delta(t);
}

static void opaque_generate(const struct case_at *c, struct any *v)
{
    if (c->t->size)
        make_text(v, 0, 1, c->t->size);
    else
        make_text(v, 0, c->round, c->most < TEXT_MAX ? c->most : TEXT_MAX);
}

static void opaque_write(const struct case_at *c, const struct any *v, struct writer *w)
{
    (void)c;
    write_octets(w, v->text[0], v->len[0]);
}

static void opaque_read(const struct case_at *c, const struct object_header *h, uint32_t i, struct any *v)
{
    (void)c;
    struct object_at at = object_header_at(h, i);
    add_text(v, 0, at.data, at.len);
}

static const struct codec codecs[] = {
    {is_measured, measured_generate, measured_write, measured_read},
    {is_command, command_generate, command_write, command_read},
    {is_deadband, deadband_generate, deadband_write, deadband_read},
    {is_time, time_generate, time_write, time_read},
    {is_schedule, schedule_generate, schedule_write, schedule_read},
    {is_string, string_generate, string_put, string_read},
    {is_attribute, attribute_generate, attribute_put, attribute_read},
    {is_file, file_generate, file_put, file_read},
    {is_laid_out, layout_generate, layout_put, layout_read},
    {is_opaque, opaque_generate, opaque_write, opaque_read},
};

static const struct codec *codec_of(const struct object_type *t)
{
    for (size_t i = 0; i < sizeof codecs / sizeof codecs[0]; i++)
        if (codecs[i].takes(t))
            return &codecs[i];
    fail_msg("no codec for g%uv%u %s", t->group, t->variation, t->name);
    return NULL;
}

#endif
