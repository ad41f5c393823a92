// SPDX-License-Identifier: Apache-2.0
/* Octet strings (objects.md 4): their octets, beside the points and beside the ring of events. */
#include "protocol/outstation_strings.h"

#include <assert.h>

#include "protocol/outstation_parts.h"

/* Header with a list of wide indexes, one index. */
enum { HEADER_MAX = 7, NO_TEXT = UINT8_MAX };

size_t outstation_string_max(const struct outstation *o)
{
    size_t room = o->config->tx_fragment_max - APP_RESPONSE_HEADER_LEN - HEADER_MAX;
    return room < UINT8_MAX ? room : UINT8_MAX;
}

static uint32_t first_string(const struct outstation *o)
{
    return points_lower_bound(o, POINT_OCTET_STRING, 0);
}

void strings_check(const struct outstation *o)
{
    const struct outstation_strings *s = o->config->strings;
    uint32_t points = points_lower_bound(o, POINT_OCTET_STRING + 1, 0) - first_string(o);
    assert(points == 0 || (s && s->now_len == points && s->waiting_len <= OUTSTATION_TEXTS_MAX));
    for (uint32_t i = 0; i < points; i++)
        assert(s->now[i].len <= outstation_string_max(o));
    for (size_t i = 0; s && i < s->waiting_len; i++)
        s->waiting[i].in_use = false;
}

const struct outstation_text *string_of(const struct outstation *o, const struct outstation_point *p)
{
    return &o->config->strings->now[(uint32_t)(p - o->points) - first_string(o)];
}

const struct outstation_text *outstation_string(const struct outstation *o, uint32_t index)
{
    uint32_t at = points_lower_bound(o, POINT_OCTET_STRING, index);
    bool found =
        at < o->points_len && o->points[at].type == POINT_OCTET_STRING && o->points[at].index == index;
    return found ? string_of(o, &o->points[at]) : NULL;
}

const struct outstation_text *outstation_event_string(const struct outstation *o,
                                                      const struct outstation_event *e)
{
    const struct outstation_strings *s = o->config->strings;
    return e->m.type == POINT_OCTET_STRING && e->text < s->waiting_len ? &s->waiting[e->text] : NULL;
}

void strings_release(struct outstation *o, const struct outstation_event *e)
{
    if (outstation_event_string(o, e))
        o->config->strings->waiting[e->text].in_use = false;
}

/* An empty string can't be said, but by devices that do so all the same. */
uint8_t string_variation(const struct outstation *o, size_t len)
{
    return (uint8_t)(len || o->config->zero_length_strings ? len : 1);
}

void string_put(struct writer *w, const struct outstation_text *text, uint8_t variation)
{
    write_octets(w, text->len ? text->octets : (const uint8_t *)"", variation);
}

static void set_text(struct outstation_text *text, const void *octets, size_t len)
{
    text->len = (uint8_t)len;
    if (len)
        memcpy(text->octets, octets, len);
}

static uint8_t take_slot(struct outstation_strings *s)
{
    for (size_t i = 0; i < s->waiting_len; i++) {
        if (!s->waiting[i].in_use) {
            s->waiting[i].in_use = true;
            return (uint8_t)i;
        }
    }
    return NO_TEXT;
}

static uint64_t make_event(struct outstation *o, struct outstation_point *p, const void *octets, size_t len,
                           const struct instant *at)
{
    struct outstation_strings *s = o->config->strings;
    struct outstation_event e = {
        .m = {.index = p->index, .type = p->type, .flags = FLAG_ONLINE, .event = true},
        .point = (uint32_t)(p - o->points),
        .class_mask = point_event_class(p),
        .text = take_slot(s)};
    if (e.text == NO_TEXT)
        return ring_add_lost(&o->ring, &e);
    set_text(&s->waiting[e.text], octets, len);
    uint64_t id = point_make_event(o, p, &e, at);
    if (!id)
        s->waiting[e.text].in_use = false;
    return id;
}

uint64_t outstation_update_string(struct outstation *o, uint32_t index, const void *octets, size_t len,
                                  enum outstation_update_mode mode, const struct instant *at)
{
    struct outstation_point *p = outstation_point_find(o, POINT_OCTET_STRING, index);
    assert(p && len <= outstation_string_max(o));
    struct outstation_strings *s = o->config->strings;
    struct outstation_text *now = &s->now[(uint32_t)(p - o->points) - first_string(o)];
    bool changed = now->len != len || (len && memcmp(now->octets, octets, len) != 0);
    set_text(now, octets, len);
    if (mode == UPDATE_STATIC || !point_event_class(p) || (mode == UPDATE_EVENT && !changed) ||
        s->waiting_len == 0)
        return 0;
    return make_event(o, p, octets, len, at);
}

/* g110vN. */
uint16_t write_strings(struct outstation *o, const struct object_header *h, const struct request *q)
{
    if (!o->config->strings || !h->has_objects)
        return IIN_OBJECT_UNKNOWN;
    bool by_index = (h->ranged && h->qualifier < 3) || h->prefix_len;
    uint16_t errors = by_index ? 0 : IIN_PARAMETER_ERROR;
    for (uint32_t i = 0; by_index && i < h->count; i++) {
        struct object_at object = object_header_at(h, i);
        const struct outstation_point *p = outstation_point_find(o, POINT_OCTET_STRING, object.index);
        if (!p || !p->operable || object.len > outstation_string_max(o))
            errors = IIN_PARAMETER_ERROR;
        else
            outstation_update_string(o, object.index, object.data, object.len, UPDATE_EVENT, q->at);
    }
    return errors;
}
