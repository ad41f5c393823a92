// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/field.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

#include "protocol/decode.h"
#include "protocol/decode_value.h"
#include "protocol/transport.h"
#include "tools/dnp3dump/teller.h"

enum { BLOCK = 16, CRC = 2, NAME_LEN = 3 };

void teller_begin(struct teller *x, const uint8_t *octets, size_t len, field_taker *take, void *context)
{
    x->take = take;
    x->context = context;
    x->octets = octets;
    x->len = len;
    x->done = 0;
    x->secret = false;
    x->defect = DEFECT_KINDS;
    x->detail[0] = '\0';
    x->value = text_over(x->value_room, sizeof x->value_room);
}

const uint8_t *teller_at(const struct teller *x)
{
    return x->octets + x->done;
}

void teller_mark(struct teller *x, enum defect_kind kind, const char *detail, ...)
{
    va_list args;
    if (x->defect != DEFECT_KINDS)
        return;
    x->defect = kind;
    va_start(args, detail);
    vsnprintf(x->detail, sizeof x->detail, detail, args);
    va_end(args);
}

static void tell(struct teller *x, const char *name, bool read, size_t len)
{
    assert(len <= x->len - x->done);
    text_end(&x->value);
    const struct field f = {x->done, len, name, read, x->value_room, x->defect, x->detail, x->secret};
    x->take(x->context, &f);
    x->done += len;
    x->secret = false;
    x->defect = DEFECT_KINDS;
    x->detail[0] = '\0';
    x->value = text_over(x->value_room, sizeof x->value_room);
}

void teller_tell(struct teller *x, const char *name, size_t len)
{
    tell(x, name, true, len);
}

void teller_pass(struct teller *x, size_t len)
{
    assert(x->defect != DEFECT_KINDS);
    tell(x, "not read", false, len);
}

uint64_t teller_uint(struct teller *x, const char *name, size_t len)
{
    struct reader r = reader_over(teller_at(x), len);
    uint64_t number = read_uint(&r, len);
    text_uint(&x->value, number);
    teller_tell(x, name, len);
    return number;
}

struct bit_word {
    uint8_t bit;
    const char *word;
};

static void put_bits(struct text *t, uint8_t octet, const struct bit_word *words, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (octet & words[i].bit)
            text_put(t, words[i].word);
    }
}

static void tell_link_header(struct teller *x)
{
    static const struct bit_word words[] = {{LINK_DIR, " DIR"}, {LINK_PRM, " PRM"}};
    teller_tell(x, "start", 2);
    teller_uint(x, "length", 1);
    uint8_t control = *teller_at(x);
    const char *name = decode_link_function_name(control);
    text_uint(&x->value, control & LINK_FUNCTION);
    text_put(&x->value, name ? " " : "");
    text_put(&x->value, name ? name : "");
    put_bits(&x->value, control, words, 2);
    if (control & LINK_FCB)
        text_put(&x->value, control & LINK_PRM ? " FCB" : " reserved");
    if (control & LINK_FCV)
        text_put(&x->value, control & LINK_PRM ? " FCV" : " DFC");
    teller_tell(x, "control", 1);
    teller_uint(x, "destination", 2);
    teller_uint(x, "source", 2);
    teller_tell(x, "crc", CRC);
}

static void tell_transport(struct teller *x)
{
    static const struct bit_word words[] = {{TRANSPORT_FIR, " FIR"}, {TRANSPORT_FIN, " FIN"}};
    text_put(&x->value, "seq ");
    text_uint(&x->value, *teller_at(x) & TRANSPORT_SEQ);
    put_bits(&x->value, *teller_at(x), words, 2);
    teller_tell(x, "transport", 1);
}

void fields_frame(const uint8_t *raw, size_t raw_len, field_taker *take, void *context)
{
    struct teller x;
    unsigned function = raw[3] & LINK_FUNCTION;
    bool data =
        raw[3] & LINK_PRM && (function == LINK_CONFIRMED_USER_DATA || function == LINK_UNCONFIRMED_USER_DATA);
    teller_begin(&x, raw, raw_len, take, context);
    tell_link_header(&x);
    while (x.done < raw_len) {
        size_t left = raw_len - x.done;
        size_t block_end = x.done + (left > BLOCK + CRC ? BLOCK : left - CRC);
        if (x.done == LINK_HEADER_LEN && data)
            tell_transport(&x);
        if (!data) {
            teller_mark(&x, DEFECT_LINK_USER_DATA, "of a function that has none");
            teller_pass(&x, block_end - x.done);
        } else if (x.done < block_end) {
            teller_tell(&x, "segment", block_end - x.done);
        }
        teller_tell(&x, "crc", CRC);
    }
}

/* Octets of one number of the range field, as the qualifier says. */
static size_t numeral_len(uint8_t qualifier)
{
    static const uint8_t lens[16] = {1, 2, 4, 1, 2, 4, 0, 1, 2, 4, [0x0B] = 1};
    return lens[qualifier & 0x0F];
}

static void put_qualifier(struct text *t, uint8_t qualifier)
{
    static const char *const prefixes[] = {"",
                                           "1-octet index ",
                                           "2-octet index ",
                                           "4-octet index ",
                                           "1-octet size ",
                                           "2-octet size ",
                                           "4-octet size "};
    static const char *const ranges[16] = {
        "1-octet range",         "2-octet range", "4-octet range", "1-octet addresses", "2-octet addresses",
        "4-octet addresses",     "all",           "1-octet count", "2-octet count",     "4-octet count",
        [0x0B] = "1-octet count"};
    text_hex(t, qualifier);
    text_char(t, ' ');
    text_put(t, prefixes[qualifier >> 4]);
    text_put(t, ranges[qualifier & 0x0F]);
}

static void tell_header_name(struct teller *x, const struct object_header *h)
{
    if (!h->type && !object_group_is_known(h->group))
        teller_mark(x, DEFECT_APP_OBJECT, "g%u", h->group);
    teller_uint(x, "group", 1);
    if (!h->type && object_group_is_known(h->group))
        teller_mark(x, DEFECT_APP_VARIATION, "g%uv%u", h->group, h->variation);
    text_uint(&x->value, h->variation);
    text_put(&x->value, h->type ? " " : "");
    text_put(&x->value, h->type ? h->type->name : "");
    teller_tell(x, "variation", 1);
    put_qualifier(&x->value, h->qualifier);
    teller_tell(x, "qualifier", 1);
}

static void tell_range(struct teller *x, const struct object_header *h)
{
    size_t len = numeral_len(h->qualifier);
    if (h->ranged) {
        teller_uint(x, "start", len);
        teller_uint(x, "stop", len);
    } else if (!h->all) {
        teller_uint(x, "count", len);
    }
}

/* `count`: of those that are there. */
static void tell_objects(struct teller *x, const struct object_header *h, uint32_t count, bool have_base)
{
    if (h->has_objects && h->type && h->type->packed_bits && !h->sized) {
        field_object(x, h, 0, have_base);
        return;
    }
    for (uint32_t i = 0; h->data_len > 0 && i < count; i++) {
        if (h->prefix_len > 0)
            teller_uint(x, h->sized ? "size" : "index", h->prefix_len);
        if (h->has_objects)
            field_object(x, h, i, have_base);
    }
}

/* What a header that can't be read breaks; `more` is the rule in words where the kind does not say it. */
static enum defect_kind defect_of_end(const struct object_header *h, enum walk_result end, const char **more)
{
    *more = object_defect_text(h, end);
    switch (end) {
    case WALK_BAD_QUALIFIER:
        return DEFECT_APP_QUALIFIER;
    case WALK_BAD_RANGE:
        return DEFECT_APP_RANGE;
    case WALK_UNKNOWN_OBJECT:
        if (object_group_is_known(h->group))
            return DEFECT_APP_VARIATION;
        *more = "";
        return DEFECT_APP_OBJECT;
    default:
        *more = "";
        return DEFECT_APP_TRUNCATED;
    }
}

static void tell_rest(struct teller *x, const struct object_header *h, enum walk_result end)
{
    size_t left = x->len - x->done;
    const char *more;
    enum defect_kind kind = defect_of_end(h, end, &more);
    if (x->len - h->offset < NAME_LEN)
        teller_mark(x, kind, "%zu octet%s no object header", left, left == 1 ? " is" : "s are");
    else
        teller_mark(x, kind, "g%uv%u qualifier %02X%s%s, %zu octet%s not read", h->group, h->variation,
                    h->qualifier, *more ? ": " : "", more, left, left == 1 ? "" : "s");
    teller_pass(x, left);
}

static void tell_headers(struct teller *x, const struct app_fragment *f)
{
    struct object_walk walk = app_objects(f);
    struct object_header h;
    enum walk_result end;
    bool have_base = false;
    while ((end = object_walk_next(&walk, &h)) == WALK_HEADER) {
        tell_header_name(x, &h);
        tell_range(x, &h);
        tell_objects(x, &h, h.count, have_base);
        have_base = have_base || (h.group == 51 && h.has_objects);
        assert(h.data_len == 0 || teller_at(x) == h.data + h.data_len);
    }
    if (end == WALK_END)
        return;
    if (end == WALK_TRUNCATED && h.whole > 0) {
        tell_header_name(x, &h);
        tell_range(x, &h);
        tell_objects(x, &h, h.whole, have_base);
    }
    tell_rest(x, &h, end);
}

void fields_fragment(const uint8_t *octets, size_t len, field_taker *take, void *context)
{
    static const struct bit_word words[] = {
        {APP_FIR, " FIR"}, {APP_FIN, " FIN"}, {APP_CON, " CON"}, {APP_UNS, " UNS"}};
    struct teller x;
    struct app_fragment f;
    teller_begin(&x, octets, len, take, context);
    if (app_parse(octets, len, &f) != APP_OK) {
        teller_mark(&x, DEFECT_APP_SHORT, "%zu octet%s", len, len == 1 ? "" : "s");
        teller_pass(&x, len);
        return;
    }
    text_put(&x.value, "seq ");
    text_uint(&x.value, f.control & APP_SEQ);
    put_bits(&x.value, f.control, words, 4);
    teller_tell(&x, "control", 1);
    const char *name = app_function_name(f.function);
    text_uint(&x.value, f.function);
    text_put(&x.value, name ? " " : "");
    text_put(&x.value, name ? name : "");
    teller_tell(&x, "function", 1);
    if (app_is_response(f.function)) {
        decode_value_iin(&x.value, f.iin);
        teller_tell(&x, "iin", 2);
    }
    tell_headers(&x, &f);
    assert(x.done == len);
}
