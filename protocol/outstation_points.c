// SPDX-License-Identifier: Apache-2.0
/* The outstation's database: points sorted by type and index, changes, classes. */
#include <assert.h>

#include "protocol/outstation_parts.h"

static int compare(const struct outstation_point *p, uint8_t type, uint32_t index)
{
    if (p->type != type)
        return p->type < type ? -1 : 1;
    return p->index < index ? -1 : p->index > index;
}

/* The position of the first point that is not before (type, index). */
uint32_t points_lower_bound(const struct outstation *o, uint8_t type, uint32_t index)
{
    uint32_t low = 0, high = o->points_len;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare(&o->points[middle], type, index) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct outstation_point *outstation_point_find(struct outstation *o, uint8_t type, uint32_t index)
{
    uint32_t at = points_lower_bound(o, type, index);
    return at < o->points_len && compare(&o->points[at], type, index) == 0 ? &o->points[at] : NULL;
}

uint8_t event_variation(const struct outstation *o, const struct outstation_event *e)
{
    const struct outstation_text *text = outstation_event_string(o, e);
    if (text)
        return string_variation(o, text->len);
    uint8_t wanted = e->point < o->points_len ? o->points[e->point].event_variation : 0;
    return wanted ? wanted : point_group_of(e->m.type, true)->default_variation;
}

static bool is_analog(uint8_t type)
{
    return type == POINT_ANALOG_INPUT || type == POINT_ANALOG_OUTPUT_STATUS;
}

/* Compared by their bits, so that NaN equals itself and -0 differs from 0. */
static bool differs(double a, double b)
{
    return memcmp(&a, &b, sizeof a) != 0;
}

/* A frozen point keeps the time of its freeze where others keep the value reported last. */
static bool is_beyond(const struct outstation_point *p, double value)
{
    double before = point_is_frozen(p->type) ? p->value : p->reported;
    double change = value > before ? value - before : before - value;
    bool measured = is_analog(p->type) && p->deadband > 0 && change == change; /* NaN is no distance */
    return measured ? change > p->deadband : differs(value, before);
}

uint8_t point_event_class(const struct outstation_point *p)
{
    uint8_t mask = p->class_mask;
    return mask & CLASS_1 ? CLASS_1 : mask & CLASS_2 ? CLASS_2 : mask & CLASS_3 ? CLASS_3 : 0;
}

static bool is_local(const struct outstation_point *p)
{
    bool output = p->type == POINT_BINARY_OUTPUT_STATUS || p->type == POINT_ANALOG_OUTPUT_STATUS;
    return output && (p->flags & FLAG_LOCAL_FORCED);
}

uint64_t point_make_event(struct outstation *o, struct outstation_point *p, struct outstation_event *e,
                          const struct instant *at)
{
    bool first = ring_waiting(&o->ring, o->unsol.enabled) == 0;
    e->point = (uint32_t)(p - o->points);
    e->class_mask = point_event_class(p);
    if (p->most_recent)
        ring_replace(&o->ring, e->point);
    uint64_t id = ring_add(o, e);
    if (id)
        unsolicited_event_came(o, e->class_mask, first, at);
    return id;
}

uint64_t outstation_update(struct outstation *o, const struct measurement *m,
                           enum outstation_update_mode mode, const struct instant *at)
{
    struct outstation_point *p = outstation_point_find(o, m->type, m->index);
    assert(p && p->type != POINT_OCTET_STRING);
    bool changed = p->flags != m->flags || is_beyond(p, m->value);
    bool was_local = is_local(p);
    p->value = m->value;
    p->flags = m->flags;
    o->local_outputs += (uint32_t)is_local(p) - (uint32_t)was_local;
    bool reports = mode != UPDATE_STATIC && point_event_class(p);
    /* What has no events is read as it is: once it has some, a change back is one. */
    if (!reports && !point_is_frozen(p->type))
        p->reported = m->value;
    if (!reports || (mode == UPDATE_EVENT && !changed))
        return 0;
    struct outstation_event e = {.m = *m};
    uint64_t id = point_make_event(o, p, &e, at);
    if (id && !point_is_frozen(p->type))
        p->reported = m->value;
    return id;
}

uint64_t outstation_time_ms(const struct outstation *o, const struct instant *at)
{
    int64_t ms = at->wall_ms + o->clock_offset_ms;
    return ms < 0 ? 0 : (uint64_t)ms & 0xFFFFFFFFFFFF;
}

/* A measurement that the outstation makes itself, by its own clock. */
struct measurement point_stamp(const struct outstation *o, uint8_t type, uint32_t index, double value,
                               uint8_t flags, const struct instant *at)
{
    return (struct measurement){
        .value = value,
        .time_ms = outstation_time_ms(o, at),
        .index = index,
        .type = type,
        .flags = flags,
        .time_quality = o->need_time ? TIME_UNSYNCHRONISED : TIME_SYNCHRONISED,
    };
}

bool points_within(struct outstation *o, uint8_t type, uint32_t start, uint32_t stop,
                   const struct point_order *order)
{
    uint32_t begin = points_lower_bound(o, type, start);
    uint32_t end = points_lower_bound(o, (uint8_t)(type + 1), 0);
    uint32_t at = begin;
    for (; at < end && o->points[at].index <= stop; at++)
        order->act(o, &o->points[at], order);
    return at > begin;
}

/* Between the first and the last point of a type some may lack, as for a READ; beyond them there are none. */
static bool is_within(const struct outstation *o, uint8_t type, uint32_t start, uint32_t stop)
{
    uint32_t first = points_lower_bound(o, type, 0), end = points_lower_bound(o, (uint8_t)(type + 1), 0);
    return first < end && start >= o->points[first].index && stop <= o->points[end - 1].index;
}

uint16_t points_each(struct outstation *o, uint8_t type, const struct object_header *h,
                     const struct point_order *order)
{
    if (points_lower_bound(o, type, 0) == points_lower_bound(o, (uint8_t)(type + 1), 0))
        return IIN_OBJECT_UNKNOWN; /* no such points at all, as for a READ (application.md 3) */
    if (h->all) {
        points_within(o, type, 0, UINT32_MAX, order);
        return 0;
    }
    if (h->ranged) {
        uint32_t stop = h->start + (h->count - 1);
        bool any = points_within(o, type, h->start, stop, order);
        return any && is_within(o, type, h->start, stop) ? 0 : IIN_PARAMETER_ERROR;
    }
    uint16_t errors = h->prefix_len ? 0 : IIN_PARAMETER_ERROR;
    for (uint32_t i = 0; h->prefix_len && i < h->count; i++) {
        struct outstation_point *p = outstation_point_find(o, type, object_header_at(h, i).index);
        if (p)
            order->act(o, p, order);
        else
            errors = IIN_PARAMETER_ERROR;
    }
    return errors;
}

static void assign_class(struct outstation *o, struct outstation_point *p, const struct point_order *order)
{
    (void)o;
    p->class_mask = order->class_mask;
}

/* The type whose events a group of FC 22 stands for; 0 where this outstation has none. */
static uint8_t assignable(const struct object_header *h)
{
    uint8_t group = h->group == 12 ? 13 : h->group == 41 ? 43 : h->group;
    const struct point_group *g = point_group_find(group);
    bool meant = g && h->variation == 0 && g == point_group_of(g->point, group != h->group);
    return meant ? g->point : 0;
}

/* FC 22: g60vX, then the points that are to have events of that class; class 0: none. Events keep the class
 * that they were made in (outstation.md 2). */
uint16_t service_assign_class(struct outstation *o, const struct request *q)
{
    struct point_order order = {.act = assign_class};
    bool have_class = false;
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    uint16_t errors = 0;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        uint8_t type = assignable(&h);
        if (h.type && h.type->kind == OBJECT_CLASS) {
            have_class = h.all;
            order.class_mask = (uint8_t)(1 << (h.variation - 1)) & CLASS_EVENTS;
            errors |= h.all ? 0 : IIN_PARAMETER_ERROR;
        } else if (!type) {
            errors |= IIN_OBJECT_UNKNOWN;
        } else if (!have_class) {
            errors |= IIN_PARAMETER_ERROR;
        } else {
            errors |= points_each(o, type, &h, &order);
        }
    }
    return errors | walk_errors(result);
}
