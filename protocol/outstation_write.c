// SPDX-License-Identifier: Apache-2.0
/* WRITE (outstation.md 8): the restart indication, the clock, binary outputs, deadbands, attributes, files,
 * strings. */
#include <assert.h>
#include <math.h>

#include "protocol/outstation_parts.h"

enum { IIN_INDEX_RESTART = 7, GROUP_ATTRIBUTE = 0, GROUP_OUTPUT = 10, GROUP_FILE = 70 };

/* g80v1: only IIN1.7, and only to 0. */
static uint16_t write_iin(struct outstation *o, const struct object_header *h, const struct request *q)
{
    (void)q;
    if (!h->ranged || h->start != IIN_INDEX_RESTART || h->count != 1 || packed_bit(h, 0))
        return IIN_PARAMETER_ERROR;
    o->restarted = false;
    return 0;
}

static void set_clock(struct outstation *o, uint64_t time_ms, const struct instant *at)
{
    o->clock_offset_ms = (int64_t)time_ms - at->wall_ms;
    o->need_time = false;
    o->time_valid_to_ms = o->config->time_valid_ms ? at->now_ms + o->config->time_valid_ms : NEVER_MS;
    o->time_news = true;
    freezes_clock_set(o, at);
}

/* The table gives g50 no index, so one that is counted is there. */
static uint64_t time_of(const struct object_header *h)
{
    assert(h->has_objects);
    struct reader r = reader_over(h->data, h->data_len);
    return read_u48(&r);
}

static uint16_t write_time(struct outstation *o, const struct object_header *h, const struct request *q)
{
    if (h->count != 1)
        return IIN_PARAMETER_ERROR;
    set_clock(o, time_of(h), q->at);
    return 0;
}

/* g50v3: the time at which RECORD_CURRENT_TIME, the request just before, left the master (time.md 3). */
static uint16_t write_recorded_time(struct outstation *o, const struct object_header *h,
                                    const struct request *q)
{
    bool next = o->recorded && q->seq == ((o->recorded_seq + 1) & APP_SEQ);
    if (!next || h->count != 1)
        return IIN_PARAMETER_ERROR;
    set_clock(o, time_of(h) + (uint64_t)(q->at->now_ms - o->recorded_ms), q->at);
    return 0;
}

static uint16_t write_outputs(struct outstation *o, const struct object_header *h, const struct request *q)
{
    assert(h->ranged && h->has_objects); /* as all that is packed */
    uint16_t errors = 0;
    for (uint32_t i = 0; i < h->count; i++)
        if (!control_set_output(o, h->start + i, packed_bit(h, i), q->at))
            errors = IIN_PARAMETER_ERROR;
    return errors;
}

static uint16_t write_deadbands(struct outstation *o, const struct object_header *h, const struct request *q)
{
    (void)q;
    assert(h->has_objects && (h->ranged || h->prefix_len)); /* the table has no count for them */
    uint16_t errors = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        struct object_at object = object_header_at(h, i);
        struct outstation_point *p = outstation_point_find(o, POINT_ANALOG_INPUT, object.index);
        double deadband = analog_decode(h->type, object.data);
        if (!p || !(deadband >= 0) || isinf(deadband))
            errors = IIN_PARAMETER_ERROR;
        else
            p->deadband = deadband;
    }
    return errors;
}

static const struct writable {
    uint8_t group;
    uint8_t variation;
    uint16_t (*write)(struct outstation *o, const struct object_header *h, const struct request *q);
} writables[] = {
    {10, 1, write_outputs}, {34, 1, write_deadbands},     {34, 2, write_deadbands}, {34, 3, write_deadbands},
    {50, 1, write_time},    {50, 3, write_recorded_time}, {80, 1, write_iin},       {70, 5, write_file_block},
};

static const struct writable *writable_find(const struct object_header *h)
{
    for (size_t i = 0; i < sizeof writables / sizeof writables[0]; i++)
        if (writables[i].group == h->group && writables[i].variation == h->variation)
            return &writables[i];
    return NULL;
}

bool write_is_known(const struct outstation *o, const struct object_header *h)
{
    const struct outstation_config *c = o->config;
    if (!h->type || !(h->type->functions & OBJECT_IN_WRITE))
        return false;
    switch (h->group) {
    case GROUP_ATTRIBUTE:
        return c->attributes;
    case GROUP_OUTPUT:
        return c->controls_enabled;
    case GROUP_FILE:
        return c->files;
    case GROUP_STRING:
        return c->strings;
    default:
        return writable_find(h);
    }
}

static uint16_t write_header(struct outstation *o, const struct object_header *h, const struct request *q)
{
    const struct writable *w = writable_find(h);
    if (w)
        return w->write(o, h, q);
    return h->group == GROUP_STRING ? write_strings(o, h, q) : write_attributes(o, h, q);
}

uint16_t service_write(struct outstation *o, const struct request *q)
{
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    uint16_t errors = 0;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        if (!write_is_known(o, &h))
            errors |= IIN_OBJECT_UNKNOWN; /* before its qualifier is looked at (application.md 6) */
        else
            errors |= h.all ? IIN_PARAMETER_ERROR : write_header(o, &h, q);
    }
    return errors | walk_errors(result);
}
