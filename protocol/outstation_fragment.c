// SPDX-License-Identifier: Apache-2.0
/*
 * Event objects into a fragment: consecutive events of one type and variation share a header; a header whose
 * indexes all fit one octet has qualifier 17, else 28 (it is widened where it lies); relative times get their
 * g51 (objects.md 3.1).
 */
#include "protocol/outstation_parts.h"

enum { GROUP_CTO = 51, CTO_LEN = 10, HEADER_NARROW = 4, HEADER_WIDE = 5 };

/* What an event is to be sent as. */
struct form {
    const struct object_type *type;
    size_t size;
    uint8_t variation;
};

static struct form form_of(const struct outstation_event *e)
{
    const struct point_group *g = point_group_of(e->m.type, true);
    uint8_t variation = e->variation;
    bool timed = e->m.time_quality != TIME_NONE && e->m.time_quality != TIME_INVALID;
    if (!timed && e->m.type != POINT_OCTET_STRING)
        variation = g->untimed[variation];
    const struct object_type *type = object_type_find(g->group, variation);
    return (struct form){type, object_size(type, variation), variation};
}

static bool needs_base(const struct event_run *run, const struct outstation_event *e)
{
    bool synchronised = e->m.time_quality == TIME_SYNCHRONISED;
    return !run->have_base || run->base_synchronised != synchronised || e->m.time_ms < run->base_ms ||
           e->m.time_ms - run->base_ms > UINT16_MAX;
}

static void put_base(struct event_run *run, const struct outstation_event *e)
{
    run->have_base = true;
    run->base_synchronised = e->m.time_quality == TIME_SYNCHRONISED;
    run->base_ms = e->m.time_ms;
    object_write_count(run->w, GROUP_CTO, run->base_synchronised ? 1 : 2, 1);
    write_u48(run->w, run->base_ms);
}

static void put_header(struct event_run *run, const struct form *form, bool wide)
{
    run->type = form->type;
    run->size = form->size;
    run->variation = form->variation;
    run->wide = wide;
    run->count = 0;
    run->header = run->w->at;
    write_u8(run->w, form->type->group);
    write_u8(run->w, form->variation);
    write_u8(run->w, wide ? 0x28 : 0x17);
    write_uint(run->w, 0, wide ? 2 : 1);
}

static void put_object(struct event_run *run, const struct outstation_event *e)
{
    write_uint(run->w, e->m.index, run->wide ? 2 : 1);
    if (run->type->is_string || run->size == 0)
        string_put(run->w, outstation_event_string(run->o, e), run->variation);
    else
        object_encode(run->w, run->type, &e->m, run->base_ms);
    run->count++;
    run->header[3] = (uint8_t)run->count;
    if (run->wide)
        run->header[4] = (uint8_t)(run->count >> 8);
}

/* Rewrites the open header with qualifier 28; the octets are moved from the last object backwards. */
static void widen(struct event_run *run)
{
    size_t size = run->size;
    uint8_t *from = run->header + HEADER_NARROW;
    uint8_t *to = run->header + HEADER_WIDE;
    for (size_t i = run->count; i-- > 0;) {
        uint8_t index = from[i * (size + 1)];
        memmove(to + i * (size + 2) + 2, from + i * (size + 1) + 1, size);
        to[i * (size + 2)] = index;
        to[i * (size + 2) + 1] = 0;
    }
    run->header[2] = 0x28;
    run->header[4] = 0;
    run->wide = true;
    run->w->at += run->count + 1;
}

/* Puts the event under the open header, where it belongs there and fits. */
static bool append(struct event_run *run, const struct form *form, const struct outstation_event *e)
{
    bool wide = e->m.index > UINT8_MAX;
    if (run->type != form->type || run->variation != form->variation ||
        run->count >= (run->wide ? UINT16_MAX : UINT8_MAX))
        return false;
    bool widening = wide && !run->wide;
    size_t need = (run->wide || wide ? 2u : 1u) + form->size + (widening ? run->count + 1 : 0);
    if (writer_room(run->w) < need)
        return false;
    if (widening)
        widen(run);
    put_object(run, e);
    return true;
}

bool event_run_put(struct event_run *run, const struct outstation_event *e)
{
    struct form form = form_of(e);
    bool base = form.type->time == OBJECT_TIME_RELATIVE && needs_base(run, e);
    if (!base && append(run, &form, e))
        return true;
    bool wide = e->m.index > UINT8_MAX;
    size_t need = (base ? CTO_LEN : 0) + (wide ? HEADER_WIDE + 2u : HEADER_NARROW + 1u) + form.size;
    if (writer_room(run->w) < need)
        return false;
    if (base)
        put_base(run, e);
    put_header(run, &form, wide);
    put_object(run, e);
    return true;
}
