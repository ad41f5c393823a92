// SPDX-License-Identifier: Apache-2.0
#include "protocol/layout.h"

#include <assert.h>

#include "protocol/objects.h"

struct layout_walk layout_walk_begin(const struct layout *layout, const uint8_t *octets, size_t len)
{
    assert(layout->n <= LAYOUT_FIELDS_MAX);
    return (struct layout_walk){.layout = layout, .r = reader_over(octets, len), .begin = octets};
}

const char *layout_name_find(const struct layout_name *names, uint64_t number)
{
    for (; names && names->name; names++) {
        if (names->number == number)
            return names->name;
    }
    return NULL;
}

const char *layout_defect_text(enum layout_defect defect)
{
    static const char *const texts[] = {
        [LAYOUT_OK] = "sound",
        [LAYOUT_SHORT] = "the object ends within a field",
        [LAYOUT_LENGTH] = "a length that the object does not have",
        [LAYOUT_POSITION] = "an offset that is not that of its text",
        [LAYOUT_DIGIT] = "a decimal digit above 9",
        [LAYOUT_EXCESS] = "octets behind the last field",
    };
    assert((size_t)defect < sizeof texts / sizeof texts[0]);
    return texts[defect];
}

static bool fail(struct layout_walk *w, enum layout_defect defect)
{
    w->defect = defect;
    w->defect_offset = (size_t)(w->r.at - w->begin);
    return false;
}

/* The next field, or NULL at the end: repeated fields are gone through as often as was said. A round takes
 * octets, or the walk ends for want of them. */
static const struct layout_field *next_field(struct layout_walk *w)
{
    const struct layout *l = w->layout;
    if (w->at == l->n && w->rounds > 1) {
        w->rounds--;
        for (w->at = 0; !l->fields[w->at].repeats;)
            w->at++;
        return &l->fields[w->at];
    }
    if (w->at == l->n)
        return NULL;
    const struct layout_field *f = &l->fields[w->at];
    if (!f->repeats)
        return f;
    w->rounds = w->numbers[f->repeats - 1];
    if (w->rounds == 0)
        w->at = l->n;
    return w->rounds ? f : NULL;
}

static bool read_number(struct layout_walk *w, struct layout_value *v)
{
    const struct layout_field *f = v->field;
    struct reader r = reader_over(v->octets, v->len);
    if (f->kind == LAYOUT_BCD)
        return bcd_decode(v->octets, v->len, &v->number);
    v->number = read_uint(&r, v->len);
    if (f->top) {
        uint64_t top = UINT64_C(1) << (8 * v->len - 1);
        v->top = v->number & top;
        v->number &= ~top;
    }
    w->numbers[w->at] = v->number;
    return true;
}

static bool read_field(struct layout_walk *w, const struct layout_field *f, struct layout_value *v)
{
    uint64_t len = f->width ? f->width : reader_left(&w->r);
    *v = (struct layout_value){.field = f, .offset = (size_t)(w->r.at - w->begin)};
    if (f->length) {
        len = w->numbers[f->length - 1];
        if (len < f->less)
            return fail(w, LAYOUT_LENGTH);
        len -= f->less;
    }
    if (len > reader_left(&w->r))
        return fail(w, f->length ? LAYOUT_LENGTH : LAYOUT_SHORT);
    if (f->position && len && w->numbers[f->position - 1] != v->offset)
        return fail(w, LAYOUT_POSITION);
    v->len = (size_t)len;
    v->octets = w->r.at;
    bool number = f->kind != LAYOUT_TEXT && f->kind != LAYOUT_OCTETS && f->kind != LAYOUT_SECRET;
    if (number && !read_number(w, v))
        return fail(w, LAYOUT_DIGIT);
    read_octets(&w->r, v->len);
    w->at++;
    return true;
}

bool layout_walk_next(struct layout_walk *w, struct layout_value *v)
{
    if (w->defect != LAYOUT_OK)
        return false;
    const struct layout_field *f = next_field(w);
    if (f)
        return read_field(w, f, v);
    return reader_left(&w->r) ? fail(w, LAYOUT_EXCESS) : false;
}

enum layout_defect layout_check(uint8_t group, uint8_t variation, const uint8_t *octets, size_t len)
{
    struct layout_walk w = layout_walk_begin(layout_find(group, variation), octets, len);
    struct layout_value v;
    while (layout_walk_next(&w, &v))
        ;
    return w.defect;
}

/* The field of the i-th argument: repeated ones come again after the last. */
static const struct layout_field *field_of(const struct layout *l, size_t i)
{
    size_t repeated = 0;
    while (repeated < l->n && !l->fields[repeated].repeats)
        repeated++;
    assert(i < l->n || repeated < l->n);
    return &l->fields[i < l->n ? i : repeated + (i - l->n) % (l->n - repeated)];
}

static size_t argument_len(const struct layout_field *f, const struct layout_argument *arg)
{
    return f->width ? f->width : arg->len;
}

static void write_argument(struct writer *w, const struct layout_field *f, const struct layout_argument *arg)
{
    bool octets = f->kind == LAYOUT_TEXT || f->kind == LAYOUT_OCTETS || f->kind == LAYOUT_SECRET;
    size_t len = argument_len(f, arg);
    if (octets) {
        assert(arg->len == len);
        write_octets(w, arg->octets, len);
    } else if (f->kind == LAYOUT_BCD) {
        bcd_encode(w, arg->number, len);
    } else {
        uint64_t top = f->top && arg->top ? UINT64_C(1) << (8 * len - 1) : 0;
        write_uint(w, arg->number | top, len);
    }
}

static size_t object_len(const struct layout *layout, const struct layout_argument *args, size_t n)
{
    size_t len = 0;
    for (size_t i = 0; i < n; i++)
        len += argument_len(field_of(layout, i), &args[i]);
    return len;
}

void layout_write(struct writer *w, const struct layout *layout, const struct layout_argument *args, size_t n)
{
    if (w->failed || writer_room(w) < object_len(layout, args, n)) {
        w->failed = true;
        return;
    }
    const uint8_t *begin = w->at;
    for (size_t i = 0; i < n; i++)
        write_argument(w, field_of(layout, i), &args[i]);
    assert(layout_check(layout->group, layout->variation, begin, (size_t)(w->at - begin)) == LAYOUT_OK);
}

void layout_write_sized(struct writer *w, const struct layout *layout, const struct layout_argument *args,
                        size_t n)
{
    size_t len = object_len(layout, args, n);
    assert(len <= UINT16_MAX);
    if (w->failed || writer_room(w) < 6 + len) {
        w->failed = true;
        return;
    }
    write_octets(w, (const uint8_t[]){layout->group, layout->variation, 0x5B, 1}, 4);
    write_u16(w, (uint16_t)len);
    layout_write(w, layout, args, n);
}
