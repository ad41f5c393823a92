// SPDX-License-Identifier: Apache-2.0
/*
 * Controls (controls.md 1 to 7). A request is first checked as a whole; then each object gets a status, and
 * only what succeeds is done. The objects with their statuses are laid into tx, as the echo and for the news.
 */
#include <assert.h>

#include "protocol/outstation_parts.h"

enum { GROUP_CROB = 12, GROUP_ANALOG = 41, CROB_LEN = 11 };

enum control_status {
    STATUS_SUCCESS = 0,
    STATUS_TIMEOUT = 1,
    STATUS_NO_SELECT = 2,
    STATUS_NOT_SUPPORTED = 4,
    STATUS_LOCAL = 7,
    STATUS_TOO_MANY_OBJS = 8,
    STATUS_OUT_OF_RANGE = 12
};

enum {
    OP_NUL = 0,
    OP_PULSE_ON = 1,
    OP_LATCH_ON = 3,
    OP_LATCH_OFF = 4,
    OP_MASK = 0x0F,
    QUEUE = 0x10,
    TCC_SHIFT = 6,
    TCC_CLOSE = 1,
    TCC_TRIP = 2
};

/* One object of a request, decoded. */
struct control {
    uint32_t index;
    bool binary;
    struct crob crob;
    double value;
};

static double decode_analog(uint8_t variation, const uint8_t *octets, size_t size)
{
    struct reader r = reader_over(octets, size);
    if (variation == 1)
        return (int32_t)read_u32(&r);
    if (variation == 2)
        return (int16_t)read_u16(&r);
    if (variation == 3)
        return float_widen(read_u32(&r));
    uint64_t bits = read_uint(&r, sizeof bits);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static struct control control_at(const struct object_header *h, uint32_t i)
{
    struct object_at at = object_header_at(h, i);
    struct control c = {.index = at.index, .binary = h->group == GROUP_CROB};
    if (c.binary)
        c.crob = crob_decode(at.data);
    else
        c.value = decode_analog(h->variation, at.data, h->type->size);
    return c;
}

/* The commanded state: 1 on, 0 off, -1 where the code says nothing. */
static int commanded_state(const struct crob *crob)
{
    uint8_t op = crob->code & OP_MASK;
    if (op == OP_NUL || crob->count == 0)
        return -1;
    return op == OP_LATCH_ON || (op == OP_PULSE_ON && crob->code >> TCC_SHIFT != TCC_TRIP);
}

static uint8_t check_crob(const struct crob *crob)
{
    uint8_t op = crob->code & OP_MASK;
    uint8_t tcc = crob->code >> TCC_SHIFT;
    bool latch = op == OP_LATCH_ON || op == OP_LATCH_OFF;
    bool known = op == OP_NUL || op == OP_PULSE_ON || latch;
    if (!known || tcc > TCC_TRIP || (latch && tcc) || (crob->code & QUEUE))
        return STATUS_NOT_SUPPORTED;
    return STATUS_SUCCESS;
}

static struct outstation_point *output_of(struct outstation *o, const struct control *c)
{
    return outstation_point_find(o, c->binary ? POINT_BINARY_OUTPUT_STATUS : POINT_ANALOG_OUTPUT_STATUS,
                                 c->index);
}

static uint8_t check_control(struct outstation *o, const struct control *c, uint16_t *errors)
{
    const struct outstation_point *p = output_of(o, c);
    if (!p)
        *errors |= IIN_PARAMETER_ERROR;
    if (!p || !p->operable)
        return STATUS_NOT_SUPPORTED;
    if (p->flags & FLAG_LOCAL_FORCED)
        return STATUS_LOCAL;
    if (c->binary)
        return check_crob(&c->crob);
    return c->value - c->value == 0 ? STATUS_SUCCESS : STATUS_OUT_OF_RANGE; /* NaN and infinities */
}

static void set_point(struct outstation *o, struct outstation_point *p, double value,
                      const struct instant *at)
{
    uint8_t flags = (uint8_t)((p->flags & ~FLAG_RESTART) | FLAG_ONLINE);
    struct measurement m = point_stamp(o, p->type, p->index, value, flags, at);
    outstation_update(o, &m, UPDATE_EVENT, at);
}

/* Feedback to the status point. A pulse without trip or close is over at once: active, then inactive. */
static void operate(struct outstation *o, const struct control *c, const struct instant *at)
{
    struct outstation_point *p = output_of(o, c);
    int state = c->binary ? commanded_state(&c->crob) : -1;
    if (!c->binary)
        set_point(o, p, c->value, at);
    else if (state >= 0)
        set_point(o, p, state, at);
    bool single_pulse = (c->crob.code & OP_MASK) == OP_PULSE_ON && c->crob.code >> TCC_SHIFT == 0;
    if (state == 1 && single_pulse)
        set_point(o, p, 0, at);
}

/* g13: every command that did or tried something, where a class is configured (controls.md 7). */
static void command_event(struct outstation *o, const struct control *c, uint8_t status,
                          const struct instant *at)
{
    struct outstation_point *p = outstation_point_find(o, POINT_BINARY_COMMAND, c->index);
    if (!c->binary || !p)
        return;
    struct measurement m =
        point_stamp(o, POINT_BINARY_COMMAND, c->index, commanded_state(&c->crob) == 1, status, at);
    outstation_update(o, &m, UPDATE_FORCE_EVENT, at);
}

bool control_set_output(struct outstation *o, uint32_t index, bool on, const struct instant *at)
{
    struct outstation_point *p = outstation_point_find(o, POINT_BINARY_OUTPUT_STATUS, index);
    if (!p || !p->operable || (p->flags & FLAG_LOCAL_FORCED))
        return false;
    set_point(o, p, on, at);
    return true;
}

static bool is_control(const struct object_header *h)
{
    return (h->group == GROUP_CROB && h->variation == 1) ||
           (h->group == GROUP_ANALOG && h->variation >= 1 && h->variation <= 4);
}

static uint16_t check_headers(const struct outstation *o, const struct request *q)
{
    if (!o->config->controls_enabled)
        return IIN_OBJECT_UNKNOWN;
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        if (!is_control(&h))
            return IIN_OBJECT_UNKNOWN;
        if (!h.has_objects || !h.prefix_len)
            return IIN_PARAMETER_ERROR;
    }
    if (q->f.objects_len + APP_RESPONSE_HEADER_LEN > o->config->tx_fragment_max)
        return IIN_PARAMETER_ERROR; /* its echo would not fit */
    return walk_errors(result);
}

static uint32_t controls_max(const struct outstation *o)
{
    return o->config->max_controls < OUTSTATION_CONTROLS_MAX ? o->config->max_controls
                                                             : OUTSTATION_CONTROLS_MAX;
}

static size_t status_at(const struct object_header *h, uint32_t i)
{
    return (size_t)(object_header_at(h, i).data - h->data) + h->type->size - 1;
}

/* The objects of a request with their statuses; in all of them the status comes last. */
static void lay_echo(const struct outstation *o, const struct request *q, const uint8_t *status,
                     struct writer *w)
{
    uint8_t *echo = w->at;
    write_octets(w, q->f.objects, q->f.objects_len);
    assert(!w->failed);
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    uint32_t number = 0;
    while (object_walk_next(&walk, &h) == WALK_HEADER)
        for (uint32_t i = 0; i < h.count; i++, number++)
            echo[(size_t)(h.data - q->f.objects) + status_at(&h, i)] =
                number < controls_max(o) ? status[number] : STATUS_TOO_MANY_OBJS;
}

void control_echo(struct outstation *o, const struct request *q, struct writer *w)
{
    lay_echo(o, q, o->last.status, w);
}

/* Gives each object its status; does what is to be done. Returns whether all succeeded. */
static bool evaluate(struct outstation *o, const struct request *q, bool act, uint8_t *status,
                     uint16_t *errors)
{
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    uint32_t number = 0;
    bool all = true;
    while (object_walk_next(&walk, &h) == WALK_HEADER)
        for (uint32_t i = 0; i < h.count; i++, number++) {
            struct control c = control_at(&h, i);
            uint8_t result = STATUS_TOO_MANY_OBJS;
            if (number < controls_max(o))
                result = status[number] = check_control(o, &c, errors);
            if (act && result == STATUS_SUCCESS)
                operate(o, &c, q->at);
            if (act)
                command_event(o, &c, result, q->at);
            all = all && result == STATUS_SUCCESS;
        }
    return all;
}

static void select_outputs(struct outstation *o, const struct request *q, uint8_t *status, uint16_t *errors)
{
    o->select.valid = evaluate(o, q, false, status, errors);
    o->select.seq = q->seq;
    o->select.at_ms = q->at->now_ms;
    o->select.digest = octets_digest(q->f.objects, q->f.objects_len);
}

/* The status that stands in the way of OPERATE (controls.md 4), or success. The record is used up. */
static uint8_t check_select(struct outstation *o, const struct request *q)
{
    struct outstation_select *s = &o->select;
    bool matches = s->valid && q->seq == ((s->seq + 1) & APP_SEQ) &&
                   s->digest == octets_digest(q->f.objects, q->f.objects_len);
    if (!matches)
        return STATUS_NO_SELECT;
    return q->at->now_ms - s->at_ms < o->config->select_timeout_ms ? STATUS_SUCCESS : STATUS_TIMEOUT;
}

/* FC 3 to 6. A request that is never answered leaves the memory of the last one alone. */
uint16_t service_controls(struct outstation *o, const struct request *q)
{
    uint8_t function = q->f.function;
    uint16_t errors = check_headers(o, q);
    if (errors) {
        o->select.valid = false;
        return errors;
    }
    uint8_t status[OUTSTATION_CONTROLS_MAX] = {0};
    bool act = false;
    if (function == APP_SELECT) {
        select_outputs(o, q, status, &errors);
    } else {
        uint8_t obstacle = function == APP_OPERATE ? check_select(o, q) : STATUS_SUCCESS;
        o->select.valid = false;
        act = obstacle == STATUS_SUCCESS;
        memset(status, obstacle, sizeof status);
        if (act)
            evaluate(o, q, true, status, &errors);
    }
    struct writer w = writer_over(o->tx + APP_RESPONSE_HEADER_LEN, q->f.objects_len);
    lay_echo(o, q, status, &w);
    o->echo_len = (uint16_t)q->f.objects_len;
    o->echo_function = function;
    o->echo_next = act ? 0 : UINT8_MAX;
    if (function != APP_DIRECT_OPERATE_NR)
        memcpy(o->last.status, status, sizeof status);
    return errors;
}

/* The next control of the echo in tx that was operated. */
bool control_report(struct outstation *o, struct outstation_news *news)
{
    if (o->echo_len == 0 || o->echo_next == UINT8_MAX)
        return false;
    const uint8_t *octets = o->tx + APP_RESPONSE_HEADER_LEN;
    struct app_fragment f = {
        .function = APP_OPERATE, .octets = octets, .objects = octets, .objects_len = o->echo_len};
    struct object_walk walk = app_objects(&f);
    struct object_header h;
    uint32_t number = 0;
    while (object_walk_next(&walk, &h) == WALK_HEADER)
        for (uint32_t i = 0; i < h.count; i++, number++) {
            if (number < o->echo_next || h.data[status_at(&h, i)] != STATUS_SUCCESS)
                continue;
            struct control c = control_at(&h, i);
            o->echo_next = (uint8_t)(number + 1);
            news->kind = OUTSTATION_CONTROL;
            news->index = c.index;
            news->function = o->echo_function;
            news->group = h.group;
            news->crob = c.crob;
            news->value = c.value;
            return true;
        }
    o->echo_next = UINT8_MAX;
    return false;
}
