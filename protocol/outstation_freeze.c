// SPDX-License-Identifier: Apache-2.0
/* Freezing (outstation.md 9): at once, or by the clock (FC 11 and 12, g50v2 of objects.md 3). */
#include <assert.h>

#include "protocol/outstation_parts.h"

enum { HOUR_MS = 60 * 60 * 1000, GROUP_SCHEDULE = 50, VARIATION_SCHEDULE = 2 };

/* What runs, and where it is frozen. */
static const struct freezable {
    uint8_t group;
    uint8_t running;
    uint8_t frozen;
    bool clears; /* FC 9 and 10 */
} freezables[] = {
    {20, POINT_COUNTER, POINT_FROZEN_COUNTER, true},
    {30, POINT_ANALOG_INPUT, POINT_FROZEN_ANALOG_INPUT, false},
};

static const struct freezable *freezable_of(uint8_t running)
{
    return running == freezables[0].running ? &freezables[0] : &freezables[1];
}

static bool has_points(const struct outstation *o, uint8_t type)
{
    uint32_t at = points_lower_bound(o, type, 0);
    return at < o->points_len && o->points[at].type == type;
}

/* NULL where the header's objects can't be frozen here. */
static const struct freezable *freezable_find(const struct outstation *o, const struct object_header *h,
                                              bool clear)
{
    for (size_t i = 0; i < sizeof freezables / sizeof freezables[0]; i++) {
        const struct freezable *f = &freezables[i];
        if (f->group == h->group && h->variation == 0)
            return (clear ? f->clears : has_points(o, f->frozen)) ? f : NULL;
    }
    return NULL;
}

static void freeze(struct outstation *o, struct outstation_point *p, const struct point_order *order)
{
    uint8_t type = freezable_of(p->type)->frozen;
    struct outstation_point *frozen = outstation_point_find(o, type, p->index);
    if (frozen) {
        struct measurement m = point_stamp(o, type, p->index, p->value, p->flags, order->at);
        frozen->reported = (double)m.time_ms;
        outstation_update(o, &m, UPDATE_FORCE_EVENT, order->at);
    }
    if (order->clear) {
        struct measurement zero = point_stamp(o, p->type, p->index, 0, p->flags, order->at);
        outstation_update(o, &zero, UPDATE_EVENT, order->at);
    }
}

/* FC 7 to 10. */
uint16_t service_freeze(struct outstation *o, const struct request *q)
{
    bool clear = q->f.function == APP_FREEZE_CLEAR || q->f.function == APP_FREEZE_CLEAR_NR;
    const struct point_order order = {.act = freeze, .clear = clear, .at = q->at};
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    uint16_t errors = 0;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        const struct freezable *f = freezable_find(o, &h, clear);
        errors |= f ? points_each(o, f->running, &h, &order) : IIN_OBJECT_UNKNOWN;
    }
    return errors | walk_errors(result);
}

/* A g50v2, and what is made of it. */
struct plan {
    uint64_t time_ms;
    int64_t due_ms;
    uint32_t interval_ms;
    bool at_once;
};

static int64_t due_at(const struct outstation *o, uint64_t time_ms, const struct instant *at)
{
    return at->now_ms + (int64_t)time_ms - (int64_t)outstation_time_ms(o, at);
}

/* The first time after `now` in steps from `from`. */
static uint64_t next_time(uint64_t from, uint32_t interval_ms, uint64_t now)
{
    return from > now ? from : from + ((now - from) / interval_ms + 1) * interval_ms;
}

/* False: a time that is over and never comes again, or an interval that nobody could keep. */
static bool make_plan(const struct outstation *o, const struct object_header *h, const struct instant *at,
                      struct plan *plan)
{
    if (h->count != 1)
        return false;
    assert(h->has_objects); /* g50 has no index */
    struct reader r = reader_over(h->data, h->data_len);
    uint64_t now = outstation_time_ms(o, at), from = read_u48(&r);
    *plan = (struct plan){.time_ms = from, .interval_ms = read_u32(&r)};
    plan->at_once = from == 0 && plan->interval_ms == 0;
    if (plan->at_once)
        return true;
    if (plan->interval_ms == 0 ? from <= now : plan->interval_ms < OUTSTATION_FREEZE_LEAST_MS)
        return false;
    if (from == 0)
        from = now - now % HOUR_MS;
    if (plan->interval_ms)
        plan->time_ms = next_time(from, plan->interval_ms, now);
    plan->due_ms = due_at(o, plan->time_ms, at);
    return true;
}

/* A later order for the same points takes the place of the earlier one. */
static bool keep(struct outstation_freezes *freezes, const struct outstation_freeze *f)
{
    uint32_t i = 0;
    while (i < freezes->len && (freezes->entry[i].type != f->type || freezes->entry[i].start != f->start ||
                                freezes->entry[i].stop != f->stop))
        i++;
    if (i == OUTSTATION_FREEZES)
        return false;
    freezes->entry[i] = *f;
    freezes->len += i == freezes->len;
    return true;
}

static void touch(struct outstation *o, struct outstation_point *p, const struct point_order *order)
{
    (void)o;
    (void)p;
    (void)order;
}

static uint16_t keep_list(struct outstation_freezes *freezes, const struct object_header *h,
                          struct outstation_freeze f)
{
    for (uint32_t i = 0; i < h->count;) {
        f.start = f.stop = object_header_at(h, i).index;
        while (++i < h->count && f.stop < UINT32_MAX && object_header_at(h, i).index == f.stop + 1)
            f.stop++;
        if (!keep(freezes, &f))
            return IIN_PARAMETER_ERROR;
    }
    return 0;
}

static uint16_t order_freeze(struct outstation *o, uint8_t running, const struct object_header *h,
                             const struct plan *plan, const struct instant *at)
{
    struct point_order order = {.act = plan->at_once ? freeze : touch, .at = at};
    uint16_t errors = points_each(o, running, h, &order);
    if (plan->at_once || errors)
        return errors;
    struct outstation_freeze f = {.time_ms = plan->time_ms,
                                  .due_ms = plan->due_ms,
                                  .interval_ms = plan->interval_ms,
                                  .start = h->start,
                                  .stop = h->all ? UINT32_MAX : h->start + (h->count - 1),
                                  .type = running};
    if (h->prefix_len)
        return keep_list(o->config->freezes, h, f);
    return keep(o->config->freezes, &f) ? 0 : IIN_PARAMETER_ERROR;
}

/* FC 11 and 12: each g50v2 is for the points behind it, up to the next. */
uint16_t service_freeze_at_time(struct outstation *o, const struct request *q)
{
    if (!o->config->freezes)
        return IIN_NO_FUNC_CODE_SUPPORT;
    struct plan plan;
    bool planned = false;
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    uint16_t errors = 0;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        const struct freezable *f = freezable_find(o, &h, false);
        if (h.group == GROUP_SCHEDULE && h.variation == VARIATION_SCHEDULE) {
            planned = make_plan(o, &h, q->at, &plan);
            errors |= planned ? 0 : IIN_PARAMETER_ERROR;
        } else if (!f) {
            errors |= IIN_OBJECT_UNKNOWN;
        } else {
            errors |= planned ? order_freeze(o, f->running, &h, &plan, q->at) : IIN_PARAMETER_ERROR;
        }
    }
    return errors | walk_errors(result);
}

/* Times that were missed are not made up for: what was then is not known any more. */
void freezes_tick(struct outstation *o, const struct instant *at)
{
    struct outstation_freezes *freezes = o->config->freezes;
    const struct point_order order = {.act = freeze, .at = at};
    uint64_t now = outstation_time_ms(o, at);
    for (uint32_t i = 0; freezes && i < freezes->len;) {
        struct outstation_freeze *f = &freezes->entry[i];
        if (at->now_ms < f->due_ms) {
            i++;
            continue;
        }
        points_within(o, f->type, f->start, f->stop, &order);
        if (f->interval_ms) {
            f->time_ms = next_time(f->time_ms, f->interval_ms, now);
            f->due_ms = due_at(o, f->time_ms, at);
            i++;
        } else {
            *f = freezes->entry[--freezes->len];
        }
    }
}

void freezes_clock_set(struct outstation *o, const struct instant *at)
{
    struct outstation_freezes *freezes = o->config->freezes;
    for (uint32_t i = 0; freezes && i < freezes->len; i++)
        freezes->entry[i].due_ms = due_at(o, freezes->entry[i].time_ms, at);
}

int64_t freezes_due_ms(const struct outstation *o)
{
    const struct outstation_freezes *freezes = o->config->freezes;
    int64_t due_ms = NEVER_MS;
    for (uint32_t i = 0; freezes && i < freezes->len; i++)
        due_ms = earlier_ms(due_ms, freezes->entry[i].due_ms);
    return due_ms;
}
