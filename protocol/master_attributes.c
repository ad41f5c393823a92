// SPDX-License-Identifier: Apache-2.0
#include "protocol/master_attributes.h"

#include <assert.h>

/* A set has 255 attributes at most; an answer that goes on behind that never ends. */
enum { FRAGMENTS_MAX = 255 };

static uint8_t variation_asked(const struct master_attributes_job *job)
{
    if (job->kind == MASTER_ATTRIBUTES_READ_ALL)
        return ATTRIBUTE_ALL;
    return job->kind == MASTER_ATTRIBUTES_LIST ? ATTRIBUTE_VARIATIONS : job->attribute.variation;
}

/* attributes.md 1. */
static bool is_of_its_type(const struct attribute *a)
{
    uint32_t number;
    int32_t integer;
    double real;
    uint64_t time_ms;
    switch (a->type) {
    case ATTRIBUTE_VSTR:
    case ATTRIBUTE_OSTR:
    case ATTRIBUTE_BSTR:
        return a->len <= UINT8_MAX;
    case ATTRIBUTE_UINT:
        return attribute_uint(a, &number);
    case ATTRIBUTE_INT:
        return attribute_int(a, &integer);
    case ATTRIBUTE_FLT:
        return attribute_float(a, &real);
    case ATTRIBUTE_TIME:
        return attribute_time(a, &time_ms);
    default:
        return false;
    }
}

static enum order_request write_request(struct master_order *order, struct writer *w,
                                        const struct instant *at)
{
    struct master_attributes *a = (struct master_attributes *)order;
    const struct attribute *attribute = &a->job->attribute;
    bool writes = a->job->kind == MASTER_ATTRIBUTES_WRITE;
    bool one = writes || a->job->kind == MASTER_ATTRIBUTES_READ;
    (void)at;
    bool unanswered = !writes && order->address > LINK_SELF_ADDRESS; /* nobody answers a broadcast */
    if (unanswered || (one && (!attribute->variation || attribute->variation >= ATTRIBUTE_ALL)) ||
        (writes && !is_of_its_type(attribute))) {
        order->outcome = ORDER_INVALID;
        return ORDER_CANNOT;
    }
    a->values = a->foreign = a->defects = 0;
    a->fragments = 0;
    order->acts = writes;
    order->function = writes ? APP_WRITE : APP_READ;
    if (writes)
        attribute_write(w, attribute);
    else
        object_write_range(w, 0, variation_asked(a->job), attribute->set, attribute->set);
    return ORDER_ASKS;
}

static void take_value(struct master_attributes *a, const struct object_header *h, uint32_t i)
{
    struct attribute attribute;
    const struct master_attributes_job *job = a->job;
    uint8_t asked = variation_asked(job);
    if (attribute_parse(h, i, &attribute) != ATTRIBUTE_OK) {
        a->defects++;
    } else if (attribute.set != job->attribute.set ||
               (asked != ATTRIBUTE_ALL && attribute.variation != asked)) {
        a->foreign++;
    } else {
        a->values++;
        job->value(job->context, &attribute);
    }
}

static void take_values(struct master_attributes *a, const struct app_fragment *f)
{
    struct object_walk walk = app_objects(f);
    struct object_header h;
    enum walk_result result;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER)
        for (uint32_t i = 0; h.type && h.type->kind == OBJECT_ATTRIBUTE && h.has_objects && i < h.count; i++)
            take_value(a, &h, i);
    a->defects += result != WALK_END;
}

/* Some of all is an answer, whatever the IIN say of the rest. */
static enum order_verdict take_answer(struct master_order *order, const struct app_fragment *f,
                                      const struct instant *at)
{
    struct master_attributes *a = (struct master_attributes *)order;
    bool reads = a->job->kind != MASTER_ATTRIBUTES_WRITE;
    (void)at;
    if (!f) /* by broadcast */
        return ORDER_ENDS;
    if (reads)
        take_values(a, f);
    if (!(f->control & APP_FIN))
        return ++a->fragments < FRAGMENTS_MAX ? ORDER_GOES_ON : order_end(order, ORDER_BAD_ANSWER);
    if (a->values)
        return order_end(order, ORDER_SUCCESS);
    if (order_refused(order, f))
        return ORDER_ENDS;
    return order_end(order, reads ? ORDER_BAD_ANSWER : ORDER_SUCCESS);
}

static const struct master_procedure procedure = {
    .name = "attributes",
    .write = write_request,
    .answer = take_answer,
};

void master_attributes_init(struct master_attributes *a, const struct master_attributes_job *job,
                            uint8_t *request, size_t request_room)
{
    assert(job->kind < MASTER_ATTRIBUTES_KINDS && request_room <= UINT32_MAX);
    assert(job->kind == MASTER_ATTRIBUTES_WRITE || job->value);
    *a = (struct master_attributes){.job = job};
    a->order = (struct master_order){.procedure = &procedure,
                                     .request = request,
                                     .request_room = (uint32_t)request_room,
                                     .deadline_ms = NEVER_MS};
}
