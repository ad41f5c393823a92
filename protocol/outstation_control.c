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
    STATUS_FORMAT_ERROR = 3,
    STATUS_NOT_SUPPORTED = 4,
    STATUS_LOCAL = 7,
    STATUS_TOO_MANY_OBJS = 8,
    STATUS_PROCESSING_LIMITED = 11,
    STATUS_OUT_OF_RANGE = 12
};

enum {
    OP_NUL = 0,
    OP_PULSE_ON = 1,
    OP_LATCH_ON = 3,
    OP_LATCH_OFF = 4,
    OP_MASK = 0x0F,
    QUEUE = 0x10,
    CLEAR = 0x20,
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

static struct control control_at(const struct object_header *h, uint32_t i)
{
    struct object_at at = object_header_at(h, i);
    struct control c = {.index = at.index, .binary = h->group == GROUP_CROB};
    if (c.binary)
        c.crob = crob_decode(at.data);
    else
        c.value = analog_decode(h->type, at.data);
    return c;
}

static bool is_block(const struct object_header *h)
{
    return (h->group == GROUP_CROB && h->variation == 1) ||
           (h->group == GROUP_ANALOG && h->variation >= 1 && h->variation <= 4);
}

static bool is_pattern(const struct object_header *h)
{
    return h->group == GROUP_CROB && h->variation == 2;
}

static bool is_mask(const struct object_header *h)
{
    return h->group == GROUP_CROB && h->variation == 3;
}

/* The points of a pattern control block, one by one, from the masks that follow it (controls.md 1.1). */
struct pattern {
    struct object_walk walk;
    struct object_header mask;
    uint32_t next;
    struct control c;
};

/* `after`: the walk that has just returned the block. */
static struct pattern pattern_of(const struct object_header *block, const struct object_walk *after)
{
    return (struct pattern){.walk = *after, .c = control_at(block, 0)};
}

static bool pattern_next(struct pattern *p)
{
    for (;;) {
        if (p->next == p->mask.count) {
            if (object_walk_next(&p->walk, &p->mask) != WALK_HEADER || !is_mask(&p->mask))
                return false;
            p->next = 0;
        }
        uint32_t i = p->next++;
        if (packed_bit(&p->mask, i)) {
            p->c.index = p->mask.start + i;
            return true;
        }
    }
}

/* The commanded state: 1 on, 0 off, -1 where the code says nothing. */
static int commanded_state(const struct outstation *o, const struct crob *crob)
{
    uint8_t trip = o->config->swap_trip_close ? TCC_CLOSE : TCC_TRIP;
    uint8_t op = crob->code & OP_MASK;
    if (op == OP_NUL || crob->count == 0)
        return -1;
    return op == OP_LATCH_ON || (op == OP_PULSE_ON && crob->code >> TCC_SHIFT != trip);
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

/* What is known of a request while its controls are gone through. */
struct evaluation {
    struct outstation *o;
    const struct instant *at;
    uint8_t *status; /* OUTSTATION_CONTROLS_MAX */
    uint32_t slot;   /* of the block at hand: blocks have a status each */
    uint32_t points; /* controls so far: a pattern block is as many as its masks have bits */
    uint32_t pulses; /* granted, not yet started */
    uint16_t errors;
    bool act;
    bool failed;
};

static bool is_pulse(const struct crob *crob)
{
    return (crob->code & OP_MASK) == OP_PULSE_ON && crob->code >> TCC_SHIFT == 0 && crob->count > 0;
}

/* A pulse needs an on-time, a train of them an off-time, too; and somebody has to count it. */
static uint8_t check_pulse(struct evaluation *v, const struct control *c)
{
    if (!is_pulse(&c->crob))
        return STATUS_SUCCESS;
    if (c->crob.on_ms == 0 || (c->crob.count > 1 && c->crob.off_ms == 0))
        return STATUS_FORMAT_ERROR;
    if (pulse_runs(v->o, c->index))
        return STATUS_SUCCESS; /* the new one takes its place */
    return v->pulses++ < pulse_room(v->o) ? STATUS_SUCCESS : STATUS_PROCESSING_LIMITED;
}

static uint8_t check_control(struct evaluation *v, const struct control *c)
{
    const struct outstation_point *p = output_of(v->o, c);
    if (!p)
        v->errors |= IIN_PARAMETER_ERROR;
    if (!p || !p->operable)
        return STATUS_NOT_SUPPORTED;
    if (p->flags & FLAG_LOCAL_FORCED)
        return STATUS_LOCAL;
    if (!c->binary)
        return c->value - c->value == 0 ? STATUS_SUCCESS : STATUS_OUT_OF_RANGE; /* NaN and infinities */
    uint8_t status = check_crob(&c->crob);
    return status == STATUS_SUCCESS ? check_pulse(v, c) : status;
}

void control_feedback(struct outstation *o, struct outstation_point *p, double value,
                      const struct instant *at)
{
    uint8_t flags = (uint8_t)((p->flags & ~FLAG_RESTART) | FLAG_ONLINE);
    struct measurement m = point_stamp(o, p->type, p->index, value, flags, at);
    outstation_update(o, &m, UPDATE_EVENT, at);
}

/* A new operation ends the pulses that run on the point; NUL does so with CR only. Trip and close are
 * reported as latches (controls.md 1). */
static void operate_binary(struct outstation *o, struct outstation_point *p, const struct crob *crob,
                           const struct instant *at)
{
    int state = commanded_state(o, crob);
    bool clear = (crob->code & CLEAR) && crob->count > 0;
    if ((state >= 0 || clear) && pulse_cancel(o, p->index) && state < 0)
        state = 0;
    if (state >= 0)
        control_feedback(o, p, state, at);
    if (is_pulse(crob))
        pulse_start(o, p->index, crob, at);
}

static void operate(struct outstation *o, const struct control *c, const struct instant *at)
{
    struct outstation_point *p = output_of(o, c);
    if (c->binary)
        operate_binary(o, p, &c->crob, at);
    else
        control_feedback(o, p, c->value, at);
}

/* g13, g43: every command that did or tried something, where a class is configured (controls.md 7). */
static void command_event(struct outstation *o, const struct control *c, uint8_t status,
                          const struct instant *at)
{
    uint8_t type = c->binary ? POINT_BINARY_COMMAND : POINT_ANALOG_COMMAND;
    if (!outstation_point_find(o, type, c->index))
        return;
    double value = c->binary ? commanded_state(o, &c->crob) == 1 : c->value;
    struct measurement m = point_stamp(o, type, c->index, value, status, at);
    outstation_update(o, &m, UPDATE_FORCE_EVENT, at);
}

bool control_set_output(struct outstation *o, uint32_t index, bool on, const struct instant *at)
{
    struct outstation_point *p = outstation_point_find(o, POINT_BINARY_OUTPUT_STATUS, index);
    if (!p || !p->operable || (p->flags & FLAG_LOCAL_FORCED))
        return false;
    pulse_cancel(o, index);
    control_feedback(o, p, on, at);
    return true;
}

/* What may follow in a request: masks need their block, a block needs its masks. */
enum pattern_state { PATTERN_NONE, PATTERN_BLOCK, PATTERN_MASKS };

static uint16_t check_header(const struct object_header *h, enum pattern_state *state)
{
    enum pattern_state before = *state;
    *state = is_pattern(h) ? PATTERN_BLOCK : is_mask(h) ? PATTERN_MASKS : PATTERN_NONE;
    if (!is_pattern(h) && !is_mask(h) && !is_block(h))
        return IIN_OBJECT_UNKNOWN;
    bool order = is_mask(h) ? before != PATTERN_NONE : before != PATTERN_BLOCK;
    bool form = is_mask(h)      ? h->ranged
                : is_pattern(h) ? h->count == 1 && !h->ranged && !h->prefix_len
                                : h->prefix_len > 0;
    return order && form && h->has_objects ? 0 : IIN_PARAMETER_ERROR;
}

static uint16_t check_headers(const struct outstation *o, const struct request *q)
{
    if (!o->config->controls_enabled)
        return IIN_OBJECT_UNKNOWN;
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    enum pattern_state state = PATTERN_NONE;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        uint16_t errors = check_header(&h, &state);
        if (errors)
            return errors;
    }
    if (result == WALK_END && state == PATTERN_BLOCK)
        return IIN_PARAMETER_ERROR;
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

/* The objects of a request with their statuses; in all of them but masks the status comes last. */
static void lay_echo(const struct outstation *o, const struct request *q, const uint8_t *status,
                     struct writer *w)
{
    uint8_t *echo = w->at;
    write_octets(w, q->f.objects, q->f.objects_len);
    assert(!w->failed);
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    uint32_t slot = 0;
    while (object_walk_next(&walk, &h) == WALK_HEADER)
        for (uint32_t i = 0; !is_mask(&h) && i < h.count; i++, slot++)
            echo[(size_t)(h.data - q->f.objects) + status_at(&h, i)] =
                slot < controls_max(o) ? status[slot] : STATUS_TOO_MANY_OBJS;
}

void control_echo(struct outstation *o, const struct request *q, struct writer *w)
{
    lay_echo(o, q, o->last.status, w);
}

static uint8_t check_next(struct evaluation *v, const struct control *c)
{
    uint32_t max = controls_max(v->o);
    return v->slot < max && v->points++ < max ? check_control(v, c) : STATUS_TOO_MANY_OBJS;
}

static void act_on(struct evaluation *v, const struct control *c, uint8_t status)
{
    if (!v->act)
        return;
    if (status == STATUS_SUCCESS)
        operate(v->o, c, v->at);
    v->pulses = 0;
    command_event(v->o, c, status, v->at);
}

static void settle(struct evaluation *v, uint8_t status)
{
    if (v->slot < OUTSTATION_CONTROLS_MAX)
        v->status[v->slot] = status;
    v->slot++;
    v->failed |= status != STATUS_SUCCESS;
}

static void evaluate_blocks(struct evaluation *v, const struct object_header *h)
{
    for (uint32_t i = 0; i < h->count; i++) {
        struct control c = control_at(h, i);
        uint8_t status = check_next(v, &c);
        act_on(v, &c, status);
        settle(v, status);
    }
}

/* All of its points or none: there is one status for them all. */
static void evaluate_pattern(struct evaluation *v, const struct object_header *block,
                             const struct object_walk *after)
{
    uint8_t status = v->slot < controls_max(v->o) ? STATUS_SUCCESS : STATUS_TOO_MANY_OBJS;
    struct pattern p = pattern_of(block, after);
    while (status != STATUS_TOO_MANY_OBJS && pattern_next(&p)) {
        uint8_t one = check_next(v, &p.c);
        if (status == STATUS_SUCCESS || one == STATUS_TOO_MANY_OBJS)
            status = one;
    }
    p = pattern_of(block, after);
    while (status != STATUS_TOO_MANY_OBJS && pattern_next(&p))
        act_on(v, &p.c, status);
    settle(v, status);
}

/* Gives each block its status; does what is to be done. */
static void evaluate(struct evaluation *v, const struct request *q)
{
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        if (is_pattern(&h))
            evaluate_pattern(v, &h, &walk);
        else if (is_block(&h))
            evaluate_blocks(v, &h);
    }
}

static void remember_select(struct outstation *o, const struct request *q, bool failed)
{
    o->select.valid = !failed;
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
    uint8_t status[OUTSTATION_CONTROLS_MAX];
    struct evaluation v = {.o = o, .at = q->at, .status = status, .act = function != APP_SELECT};
    uint8_t obstacle = function == APP_OPERATE ? check_select(o, q) : STATUS_SUCCESS;
    o->select.valid = false;
    memset(status, obstacle, sizeof status);
    if (obstacle == STATUS_SUCCESS)
        evaluate(&v, q);
    if (function == APP_SELECT)
        remember_select(o, q, v.failed);
    struct writer w = writer_over(o->tx + APP_RESPONSE_HEADER_LEN, q->f.objects_len);
    lay_echo(o, q, status, &w);
    o->echo_len = (uint16_t)q->f.objects_len;
    o->echo_function = function;
    o->echo_next = v.act && obstacle == STATUS_SUCCESS ? 0 : UINT8_MAX;
    if (function != APP_DIRECT_OPERATE_NR)
        memcpy(o->last.status, status, sizeof status);
    return v.errors;
}

/* The n-th control of the echo in tx that was operated. */
static bool operated_at(const struct outstation *o, uint32_t n, struct control *c)
{
    const uint8_t *octets = o->tx + APP_RESPONSE_HEADER_LEN;
    struct app_fragment f = {
        .function = APP_OPERATE, .octets = octets, .objects = octets, .objects_len = o->echo_len};
    struct object_walk walk = app_objects(&f);
    struct object_header h;
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        for (uint32_t i = 0; !is_mask(&h) && i < h.count; i++) {
            if (h.data[status_at(&h, i)] != STATUS_SUCCESS)
                continue;
            struct pattern p = pattern_of(&h, &walk);
            while (is_pattern(&h) && pattern_next(&p)) {
                *c = p.c;
                if (n-- == 0)
                    return true;
            }
            *c = control_at(&h, i);
            if (!is_pattern(&h) && n-- == 0)
                return true;
        }
    }
    return false;
}

/* Told one at a time, from the echo: nothing is kept beside it. */
bool control_report(struct outstation *o, struct outstation_news *news)
{
    struct control c;
    if (o->echo_len == 0 || o->echo_next == UINT8_MAX)
        return false;
    if (!operated_at(o, o->echo_next, &c)) {
        o->echo_next = UINT8_MAX;
        return false;
    }
    o->echo_next++;
    news->kind = OUTSTATION_CONTROL;
    news->index = c.index;
    news->function = o->echo_function;
    news->group = c.binary ? GROUP_CROB : GROUP_ANALOG;
    news->crob = c.crob;
    news->value = c.value;
    return true;
}
