// SPDX-License-Identifier: Apache-2.0
#include "protocol/master_control.h"

#include <assert.h>

enum { TCC = CROB_CLOSE | CROB_TRIP, STATUS = 0x7F };

static struct control_order *control_of(struct master_order *order)
{
    return (struct control_order *)order;
}

static bool crob_is_known(const struct crob *crob)
{
    return (crob->code & CROB_OPERATION) <= CROB_LATCH_OFF && (crob->code & TCC) != TCC;
}

static void write_crob(struct control_order *c, struct writer *w, const struct control_point *p)
{
    struct crob crob = p->crob;
    crob.status = 0;
    if (!crob_is_known(&crob))
        w->failed = true;
    if (crob.code & TCC && c->order.quirks & QUIRK_TCC_SWAPPED) {
        crob.code ^= TCC;
        c->order.quirks_used |= QUIRK_TCC_SWAPPED;
    }
    crob_encode(w, &crob);
}

static bool is_finite(double value)
{
    return value - value == 0;
}

static void write_analog(struct writer *w, const struct control_point *p)
{
    const struct object_type *type = object_type_find(41, p->variation);
    if (!type || !p->variation || !is_finite(p->value)) {
        w->failed = true;
        return;
    }
    if (analog_encode(w, type, p->value))
        w->failed = true;
    write_u8(w, 0);
}

static bool same_kind(const struct control_point *a, const struct control_point *b)
{
    return a->group == b->group && a->variation == b->variation;
}

/* Points of one kind under one header: its indexes and count are one octet wide, or two, or four. */
static size_t write_points(struct control_order *c, struct writer *w, size_t from)
{
    const struct control_point *first = &c->points[from];
    size_t n = 0;
    uint32_t highest = 0;
    for (; from + n < c->points_len && same_kind(first, &first[n]); n++)
        highest = first[n].index > highest ? first[n].index : highest;
    bool one = c->narrow && highest <= UINT8_MAX && n <= UINT8_MAX;
    unsigned width = one ? 0 : highest <= UINT16_MAX && n <= UINT16_MAX ? 1 : 2;
    write_u8(w, first->group);
    write_u8(w, first->variation);
    write_u8(w, (uint8_t)(0x17 + 0x11 * width));
    write_uint(w, n, 1U << width);
    for (size_t i = 0; i < n; i++) {
        write_uint(w, first[i].index, 1U << width);
        if (first->group == 12 && first->variation == 1)
            write_crob(c, w, &first[i]);
        else if (first->group == 41)
            write_analog(w, &first[i]);
        else
            w->failed = true;
    }
    return n;
}

static void write_pattern(struct control_order *c, struct writer *w)
{
    const struct control_pattern *pattern = c->pattern;
    if (c->points_len != 1 || c->points->group != 12 || c->points->variation != 2 ||
        pattern->stop < pattern->start) {
        w->failed = true;
        return;
    }
    object_write_count(w, 12, 2, 1);
    write_crob(c, w, c->points);
    object_write_range(w, 12, 3, pattern->start, pattern->stop);
    write_octets(w, pattern->mask, ((size_t)pattern->stop - pattern->start) / 8 + 1);
}

static enum order_request control_write(struct master_order *order, struct writer *w,
                                        const struct instant *at)
{
    static const uint8_t functions[] = {
        [CONTROL_SELECT_OPERATE] = APP_OPERATE,
        [CONTROL_DIRECT] = APP_DIRECT_OPERATE,
        [CONTROL_DIRECT_NO_ACK] = APP_DIRECT_OPERATE_NR,
    };
    (void)at;
    struct control_order *c = control_of(order);
    bool selects = c->mode == CONTROL_SELECT_OPERATE && !order->requests;
    order->function = selects ? APP_SELECT : functions[c->mode];
    order->acts = c->operating = !selects;
    if (!c->points_len)
        w->failed = true;
    if (c->pattern)
        write_pattern(c, w);
    for (size_t i = 0; !c->pattern && i < c->points_len && !w->failed;)
        i += write_points(c, w, i);
    for (size_t i = 0; i < c->points_len; i++)
        c->points[i].status = CONTROL_STATUS_NONE;
    return c->mode == CONTROL_DIRECT_NO_ACK ? ORDER_TELLS : ORDER_ASKS;
}

/* Compares what lies between two statuses. */
static bool same(const struct app_fragment *asked, const struct app_fragment *f, size_t from, size_t to)
{
    return to <= f->objects_len && memcmp(asked->objects + from, f->objects + from, to - from) == 0;
}

/* The request again, but for the statuses, which are taken into the points. Whatever follows is no echo. */
static bool take_echo(struct control_order *c, const struct app_fragment *f)
{
    struct app_fragment asked;
    enum app_result result = app_parse(c->order.request, c->order.request_len, &asked);
    assert(result == APP_OK);
    (void)result;
    struct object_walk walk = app_objects(&asked);
    struct object_header h;
    size_t point = 0, done = 0;
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        if (h.type->packed_bits)
            continue;
        for (uint32_t i = 0; i < h.count; i++) {
            struct object_at object = object_header_at(&h, i);
            size_t status = (size_t)(object.data - asked.objects) + object.len - 1;
            if (!same(&asked, f, done, status) || status >= f->objects_len)
                return false;
            c->points[point++].status = f->objects[status] & STATUS;
            done = status + 1;
        }
    }
    return f->objects_len == asked.objects_len && same(&asked, f, done, asked.objects_len);
}

static uint8_t first_status(const struct control_order *c)
{
    for (size_t i = 0; i < c->points_len; i++)
        if (c->points[i].status)
            return c->points[i].status;
    return 0;
}

/* A point that the station does not have is told both ways, by its status and by IIN2.2 (controls.md 3). */
static enum order_verdict control_answer(struct master_order *order, const struct app_fragment *f,
                                         const struct instant *at)
{
    (void)at;
    struct control_order *c = control_of(order);
    if (!f)
        return ORDER_ENDS;
    bool echoed = f->control & APP_FIN && take_echo(c, f);
    bool refused = order_refused(order, f);
    order->status = echoed ? first_status(c) : 0;
    if (!echoed)
        return order_end(order, refused ? ORDER_REFUSED_IIN : ORDER_BAD_ANSWER);
    if (order->status)
        return order_end(order, ORDER_REFUSED_STATUS);
    if (refused || c->operating)
        return ORDER_ENDS;
    return ORDER_NEXT;
}

void control_order_init(struct control_order *control, enum control_mode mode, struct control_point *points,
                        size_t points_len)
{
    static const struct master_procedure procedures[] = {
        [CONTROL_SELECT_OPERATE] = {"select_before_operate", control_write, control_answer, NULL},
        [CONTROL_DIRECT] = {"direct_operate", control_write, control_answer, NULL},
        [CONTROL_DIRECT_NO_ACK] = {"direct_operate_no_ack", control_write, control_answer, NULL},
    };
    *control = (struct control_order){
        .order = {.procedure = &procedures[mode], .deadline_ms = NEVER_MS},
        .mode = mode,
        .points = points,
        .points_len = points_len,
    };
}
