// SPDX-License-Identifier: Apache-2.0
/*
 * Frames and fragments as text. Headers and measurements are walked side by side: where a header holds
 * measurements, the measurement walk gives them with their times.
 */
#include "protocol/decode.h"

#include "protocol/decode_value.h"
#include "protocol/transport.h"

size_t decode_iin(uint16_t iin, char *text, size_t room)
{
    struct text t = text_over(text, room);
    decode_value_iin(&t, iin);
    return text_end(&t);
}

size_t decode_flags(uint8_t type, uint8_t flags, char *text, size_t room)
{
    struct text t = text_over(text, room);
    decode_value_flags(&t, type, flags);
    return text_end(&t);
}

size_t decode_time(uint64_t time_ms, char *text, size_t room)
{
    struct text t = text_over(text, room);
    decode_value_time(&t, time_ms);
    return text_end(&t);
}

size_t decode_measurement(const struct measurement *m, char *text, size_t room)
{
    struct text t = text_over(text, room);
    text_put(&t, point_type_name(m->type));
    text_char(&t, ' ');
    decode_value_measurement(&t, m);
    return text_end(&t);
}

const char *decode_link_function_name(uint8_t control)
{
    static const char *const primary[16] = {
        [LINK_RESET_LINK_STATES] = "RESET_LINK_STATES",
        [LINK_TEST_LINK_STATES] = "TEST_LINK_STATES",
        [LINK_CONFIRMED_USER_DATA] = "CONFIRMED_USER_DATA",
        [LINK_UNCONFIRMED_USER_DATA] = "UNCONFIRMED_USER_DATA",
        [LINK_REQUEST_LINK_STATUS] = "REQUEST_LINK_STATUS",
    };
    static const char *const secondary[16] = {
        [LINK_ACK] = "ACK",
        [LINK_NACK] = "NACK",
        [LINK_STATUS] = "LINK_STATUS",
        [LINK_NOT_SUPPORTED] = "NOT_SUPPORTED",
    };
    return (control & LINK_PRM ? primary : secondary)[control & LINK_FUNCTION];
}

struct bit_name {
    uint8_t bit;
    const char *name;
};

static void put_bits(struct text *t, uint8_t octet, const struct bit_name *names, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (octet & names[i].bit)
            text_put(t, names[i].name);
    }
}

static void put_numbered(struct text *t, const char *name, const char *unnamed, unsigned number)
{
    text_put(t, name ? name : unnamed);
    if (!name)
        text_uint(t, number);
}

static void put_segment(struct text *t, uint8_t header, size_t payload_len)
{
    static const struct bit_name names[] = {{TRANSPORT_FIR, " FIR"}, {TRANSPORT_FIN, " FIN"}};
    text_put(t, ", segment");
    put_bits(t, header, names, 2);
    text_put(t, " seq ");
    text_uint(t, header & TRANSPORT_SEQ);
    text_put(t, ", ");
    text_uint(t, payload_len);
    text_put(t, " octets");
}

size_t decode_frame(const struct link_frame *frame, char *text, size_t room)
{
    static const struct bit_name primary[] = {{LINK_FCB, " FCB"}, {LINK_FCV, " FCV"}};
    static const struct bit_name secondary[] = {{LINK_FCB, " reserved"}, {LINK_DFC, " DFC"}};
    struct text t = text_over(text, room);
    text_put(&t, frame->control & LINK_DIR ? "master " : "outstation ");
    text_uint(&t, frame->source);
    text_put(&t, " to ");
    text_uint(&t, frame->destination);
    text_put(&t, ": ");
    put_numbered(&t, decode_link_function_name(frame->control),
                 frame->control & LINK_PRM ? "primary function " : "secondary function ",
                 frame->control & LINK_FUNCTION);
    put_bits(&t, frame->control, frame->control & LINK_PRM ? primary : secondary, 2);
    if (frame->user_len > 0)
        put_segment(&t, frame->user[0], frame->user_len - 1U);
    return text_end(&t);
}

/* What the parts of one fragment's text share. */
struct telling {
    struct text t;
    enum decode_style style;
    struct decode_manner manner;
    struct measurement_walk measurements;
};

static void put_control(struct telling *d, const struct app_fragment *f)
{
    static const struct bit_name names[] = {
        {APP_FIR, " FIR"}, {APP_FIN, " FIN"}, {APP_CON, " CON"}, {APP_UNS, " UNS"}};
    put_numbered(&d->t, app_function_name(f->function), "function ", f->function);
    text_put(&d->t, " seq ");
    text_uint(&d->t, f->control & APP_SEQ);
    put_bits(&d->t, f->control, names, 4);
    if (f->iin) {
        text_put(&d->t, d->style == DECODE_TREE ? "\n  " : " ");
        decode_value_iin(&d->t, f->iin);
    }
}

static void begin_header(struct telling *d, size_t offset)
{
    if (d->style == DECODE_LINE) {
        text_put(&d->t, " | ");
        return;
    }
    text_put(&d->t, "\n  @");
    text_uint(&d->t, offset);
    text_char(&d->t, ' ');
}

static void begin_object(struct telling *d, bool first)
{
    if (d->style == DECODE_TREE)
        text_put(&d->t, "\n    ");
    else
        text_put(&d->t, first ? ": " : ", ");
}

static void put_name(struct telling *d, const struct object_header *h)
{
    text_char(&d->t, 'g');
    text_uint(&d->t, h->group);
    text_char(&d->t, 'v');
    text_uint(&d->t, h->variation);
    text_put(&d->t, " q");
    text_hex(&d->t, h->qualifier);
}

static void put_extent(struct telling *d, const struct object_header *h)
{
    if (h->all)
        return;
    text_put(&d->t, h->ranged ? " " : " n=");
    text_uint(&d->t, h->ranged ? h->start : h->count);
    if (h->ranged) {
        text_put(&d->t, "..");
        text_uint(&d->t, h->start + (h->count - 1));
    }
}

static void put_bare_indexes(struct telling *d, const struct object_header *h)
{
    for (uint32_t i = 0; h->data_len > 0 && i < h->count; i++) {
        begin_object(d, i == 0);
        text_char(&d->t, '[');
        text_uint(&d->t, object_header_at(h, i).index);
        text_char(&d->t, ']');
    }
}

static void put_objects(struct telling *d, const struct object_header *h, uint32_t count)
{
    bool measured = h->type && object_is_measured(h->type);
    struct measurement m;
    for (uint32_t i = 0; i < count; i++) {
        begin_object(d, i == 0);
        if (!measured)
            decode_value_object(&d->t, h, i, &d->manner);
        else if (measurement_walk_next(&d->measurements, &m))
            decode_value_measurement(&d->t, &m);
    }
}

/* `whole`: only so many objects are there. */
static void put_header(struct telling *d, const struct object_header *h, bool whole)
{
    begin_header(d, h->offset);
    put_name(d, h);
    put_extent(d, h);
    if (d->style == DECODE_TREE) {
        text_put(&d->t, "  ");
        text_put(&d->t, h->type ? h->type->name : object_defect_text(h, WALK_UNKNOWN_OBJECT));
    }
    if (h->has_objects)
        put_objects(d, h, whole ? h->whole : h->count);
    else
        put_bare_indexes(d, h);
}

static void put_defect(struct telling *d, const struct app_fragment *f, const struct object_header *h,
                       enum walk_result result)
{
    size_t at = h->offset;
    if (result == WALK_TRUNCATED && h->whole > 0) {
        put_header(d, h, true);
        at = (size_t)(h->data + h->data_len - f->octets);
    }
    begin_header(d, at);
    if (at == h->offset && f->len - at >= 3) {
        put_name(d, h);
        text_char(&d->t, ' ');
    }
    text_put(&d->t, "DEFECT ");
    text_put(&d->t, object_defect_text(h, result));
    text_put(&d->t, " at octet ");
    text_uint(&d->t, at);
    text_put(&d->t, ", ");
    text_uint(&d->t, f->len - at);
    text_put(&d->t, " octets not read");
}

size_t decode_fragment(const uint8_t *octets, size_t len, enum decode_style style, char *text, size_t room)
{
    struct telling d = {.t = text_over(text, room), .style = style};
    struct app_fragment f;
    if (app_parse(octets, len, &f) != APP_OK) {
        text_put(&d.t, "DEFECT fragment of ");
        text_uint(&d.t, len);
        text_put(&d.t, " octets");
        return text_end(&d.t);
    }
    d.manner = (struct decode_manner){octets, app_is_response(f.function), style == DECODE_TREE};
    d.measurements = measurement_walk_begin(&f, f.iin & IIN_NEED_TIME);
    put_control(&d, &f);
    struct object_walk walk = app_objects(&f);
    struct object_header h;
    enum walk_result result;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER)
        put_header(&d, &h, false);
    if (result != WALK_END)
        put_defect(&d, &f, &h, result);
    return text_end(&d.t);
}
