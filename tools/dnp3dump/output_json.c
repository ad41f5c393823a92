// SPDX-License-Identifier: Apache-2.0
/* One object a report; keys that have nothing to say are absent. Offsets count octets, as in the text. */
#include <stdlib.h>
#include <string.h>

#include "protocol/decode.h"
#include "tools/dnp3dump/field.h"
#include "tools/dnp3dump/json.h"
#include "tools/dnp3dump/output.h"

enum { WORDS_ROOM = 65536 };

struct bit_word {
    uint8_t bit;
    const char *word;
};

static void put_bits(struct json *j, const char *key, uint8_t octet, const struct bit_word *words, size_t n)
{
    json_open(j, key, '[');
    for (size_t i = 0; i < n; i++)
        if (octet & words[i].bit)
            json_text(j, NULL, words[i].word);
    json_close(j, ']');
}

static void put_octets(struct json *j, const char *key, const uint8_t *octets, size_t len)
{
    static const char digits[] = "0123456789ABCDEF";
    char text[2 * 320 + 1];
    size_t n = len < 320 ? len : 320;
    for (size_t i = 0; i < n; i++) {
        text[2 * i] = digits[octets[i] >> 4];
        text[2 * i + 1] = digits[octets[i] & 15];
    }
    text[2 * n] = '\0';
    json_text(j, key, text);
}

static void put_place(struct json *j, const struct output *o, const struct report *r)
{
    char time[40], end[OUTPUT_ENDPOINT];
    if (!o->file)
        return;
    output_time(r->at.time_ns, time, sizeof time);
    json_text(j, "file", o->file);
    json_uint(j, "packet", r->at.packet);
    json_text(j, "time", time);
    if (!r->flow)
        return;
    json_uint(j, "connection", r->flow->id);
    json_text(j, "protocol", r->flow->kind == FLOW_TCP ? "tcp" : "udp");
    json_text(j, "from", output_endpoint(r->flow, r->side, end));
    json_text(j, "to", output_endpoint(r->flow, 1 - r->side, end));
}

/* [offset, octets, name, value]; of what breaks a rule the defect's id, too. */
static void put_field(void *context, const struct field *f)
{
    struct json *j = context;
    json_open(j, NULL, '[');
    json_uint(j, NULL, f->offset);
    json_uint(j, NULL, f->len);
    json_text(j, NULL, f->name);
    json_text(j, NULL, f->value);
    if (f->defect != DEFECT_KINDS)
        json_text(j, NULL, defect_types[f->defect].id);
    json_close(j, ']');
}

/* "CONFIRMED_USER_DATA FCB FCV": the flags are told by themselves. */
static void cut_flags(char *words)
{
    static const char *const flags[] = {" FCB", " FCV", " DFC", " reserved"};
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        char *at = strstr(words, flags[i]);
        if (at)
            *at = '\0';
    }
}

static void put_link_fields(struct json *j, const struct report *r)
{
    json_open(j, "fields", '[');
    fields_frame(r->raw, r->raw_len, put_field, j);
    json_close(j, ']');
}

static void put_link(struct json *j, const struct output *o, const struct report *r)
{
    static const struct bit_word primary[] = {{LINK_FCB, "FCB"}, {LINK_FCV, "FCV"}};
    static const struct bit_word secondary[] = {{LINK_FCB, "reserved"}, {LINK_DFC, "DFC"}};
    static const struct bit_word segment[] = {{TRANSPORT_FIR, "FIR"}, {TRANSPORT_FIN, "FIN"}};
    const struct link_frame *f = r->frame;
    char words[80];
    output_link_words(f, words, sizeof words);
    cut_flags(words);
    json_open(j, "link", '{');
    json_uint(j, "offset", r->offset);
    json_uint(j, "octets", r->raw_len);
    json_bool(j, "master", f->control & LINK_DIR);
    json_uint(j, "source", f->source);
    json_uint(j, "destination", f->destination);
    json_uint(j, "control", f->control);
    json_text(j, "function", words);
    put_bits(j, "flags", f->control, f->control & LINK_PRM ? primary : secondary, 2);
    json_uint(j, "user_octets", f->user_len);
    if (o->fields)
        put_link_fields(j, r);
    json_close(j, '}');
    if (f->user_len == 0)
        return;
    json_open(j, "transport", '{');
    put_bits(j, "flags", f->user[0], segment, 2);
    json_uint(j, "seq", f->user[0] & TRANSPORT_SEQ);
    json_close(j, '}');
}

static void put_measurement(struct json *j, const struct measurement *m)
{
    char time[40];
    json_text(j, "type", point_type_name(m->type));
    json_double(j, "value", m->value);
    json_open(j, "flags", '[');
    for (unsigned bit = 0; bit < 8; bit++) {
        const char *name = decode_flag_name(m->type, bit);
        if (m->flags >> bit & 1 && !point_type_has_status(m->type))
            json_text(j, NULL, name ? name : "reserved");
    }
    json_close(j, ']');
    if (point_type_has_status(m->type))
        json_uint(j, "status", m->flags);
    if (!time_is_told(m->time_quality))
        return;
    decode_time(m->time_ms, time, sizeof time);
    json_text(j, "time", time);
    json_bool(j, "synchronised", m->time_quality == TIME_SYNCHRONISED);
}

/* The words of one header's objects: what decode_fragment() says of a fragment with that header alone. */
static void put_words(struct json *j, const struct app_fragment *f, const struct object_header *h)
{
    size_t head = (size_t)(f->objects - f->octets),
           len = (size_t)(h->data + h->data_len - f->octets) - h->offset;
    uint8_t *octets = malloc(head + len);
    char *text = octets ? malloc(WORDS_ROOM) : NULL;
    if (!text)
        abort();
    memcpy(octets, f->octets, head);
    memcpy(octets + head, f->octets + h->offset, len);
    decode_fragment(octets, head + len, DECODE_LINE, text, WORDS_ROOM);
    const char *words = strstr(text, " | ");
    words = words ? strstr(words, ": ") : NULL;
    if (words)
        json_text(j, "text", words + 2);
    free(text);
    free(octets);
}

static void put_measurements(struct json *j, const struct object_header *h, struct measurement_walk *values)
{
    struct measurement m;
    json_open(j, "objects", '[');
    for (uint32_t i = 0; i < h->count && measurement_walk_next(values, &m); i++) {
        json_open(j, NULL, '{');
        json_uint(j, "index", m.index);
        put_measurement(j, &m);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_indexes(struct json *j, const struct object_header *h)
{
    json_open(j, "indexes", '[');
    for (uint32_t i = 0; i < h->count; i++)
        json_uint(j, NULL, object_header_at(h, i).index);
    json_close(j, ']');
}

static void put_header_name(struct json *j, const struct object_header *h)
{
    json_uint(j, "offset", h->offset);
    json_uint(j, "group", h->group);
    json_uint(j, "variation", h->variation);
    json_uint(j, "qualifier", h->qualifier);
    if (h->type)
        json_text(j, "name", h->type->name);
}

/* The last one: nothing behind it can be read. */
static void put_refused_header(struct json *j, const struct app_fragment *f, const struct object_header *h,
                               enum walk_result why)
{
    json_open(j, NULL, '{');
    put_header_name(j, h);
    json_text(j, "refused", walk_result_text(why));
    json_uint(j, "octets", f->len - h->offset);
    json_close(j, '}');
}

static void put_header(struct json *j, const struct app_fragment *f, const struct object_header *h,
                       struct measurement_walk *values)
{
    json_open(j, NULL, '{');
    put_header_name(j, h);
    if (h->ranged) {
        json_uint(j, "start", h->start);
        json_uint(j, "stop", h->start + (h->count - 1));
    }
    if (!h->all)
        json_uint(j, "count", h->count);
    if (h->has_objects && h->type && object_is_measured(h->type) && !h->sized)
        put_measurements(j, h, values);
    else if (h->has_objects)
        put_words(j, f, h);
    else if (h->data_len > 0)
        put_indexes(j, h);
    json_close(j, '}');
}

static void put_iin(struct json *j, const struct app_fragment *f)
{
    if (!app_is_response(f->function))
        return;
    json_open(j, "iin", '[');
    for (unsigned bit = 0; bit < 16; bit++) {
        const char *name = app_iin_name(bit);
        if (f->iin >> bit & 1)
            json_text(j, NULL, name ? name : "reserved");
    }
    json_close(j, ']');
}

/* A fragment too short for its header has fields, too: what is not read. */
static void put_fragment_fields(struct json *j, const struct report *r)
{
    json_open(j, "fields", '[');
    fields_fragment(r->fragment, r->fragment_len, put_field, j);
    json_close(j, ']');
}

static void put_headers(struct json *j, const struct app_fragment *f)
{
    struct object_header h;
    struct object_walk walk = app_objects(f);
    struct measurement_walk values = measurement_walk_begin(f, f->iin & IIN_NEED_TIME);
    enum walk_result end;
    json_open(j, "headers", '[');
    while ((end = object_walk_next(&walk, &h)) == WALK_HEADER)
        put_header(j, f, &h, &values);
    if (end != WALK_END && f->len - h.offset >= 3)
        put_refused_header(j, f, &h, end);
    json_close(j, ']');
}

static void put_application(struct json *j, const struct output *o, const struct report *r)
{
    static const struct bit_word words[] = {
        {APP_FIR, "FIR"}, {APP_FIN, "FIN"}, {APP_CON, "CON"}, {APP_UNS, "UNS"}};
    struct app_fragment f;
    json_open(j, "application", '{');
    json_uint(j, "octets", r->fragment_len);
    json_uint(j, "segments", r->segments);
    if (o->fields)
        put_fragment_fields(j, r);
    if (app_parse(r->fragment, r->fragment_len, &f) != APP_OK) {
        json_close(j, '}');
        return;
    }
    const char *name = app_function_name(f.function);
    json_uint(j, "function", f.function);
    json_text(j, "name", name ? name : "reserved");
    put_bits(j, "flags", f.control, words, 4);
    json_uint(j, "seq", f.control & APP_SEQ);
    put_iin(j, &f);
    put_headers(j, &f);
    json_close(j, '}');
}

static void put_defects(struct json *j, const struct report *r)
{
    const struct defects *d = &r->defects;
    if (d->count == 0)
        return;
    json_open(j, "defects", '[');
    for (size_t i = 0; i < defects_listed(d); i++) {
        const struct defect_type *type = &defect_types[d->list[i].kind];
        json_open(j, NULL, '{');
        json_text(j, "id", type->id);
        json_text(j, "layer", type->layer);
        json_text(j, "rule", type->rule);
        json_text(j, "text", type->text);
        if (d->list[i].detail[0])
            json_text(j, "detail", d->list[i].detail);
        json_text(j, "of", output_defect_of(r, &d->list[i]));
        json_uint(j, "offset", d->list[i].offset);
        if (d->list[i].octets > 0)
            json_uint(j, "octets", d->list[i].octets);
        json_close(j, '}');
    }
    json_close(j, ']');
}

void output_json(struct output *o, const struct report *r)
{
    struct json j = {.to = o->to};
    json_open(&j, NULL, '{');
    put_place(&j, o, r);
    if (r->frame)
        put_link(&j, o, r);
    if (r->fragment)
        put_application(&j, o, r);
    put_defects(&j, r);
    if (o->hex && r->raw_len > 0)
        put_octets(&j, "octets", r->raw, r->raw_len);
    json_close(&j, '}');
    fputc('\n', o->to);
}
