// SPDX-License-Identifier: Apache-2.0
/* g0 (attributes.md 1): one attribute, all of a set, or the list of a set; one header for each that is sent.
 */
#include "protocol/outstation_attributes.h"

#include <assert.h>

#include "protocol/outstation_parts.h"

enum { OBJECT_HEAD = 5 + 2, LIST_MAX = 255, MAY_WRITE = 1 };

static bool begins_set(const struct outstation_attributes *a, size_t i)
{
    return i == 0 || a->entry[i - 1].set != a->entry[i].set;
}

static size_t set_len(const struct outstation_attributes *a, size_t from)
{
    size_t n = 1;
    while (from + n < a->n && a->entry[from + n].set == a->entry[from].set)
        n++;
    return n;
}

void attributes_check(const struct outstation *o)
{
    const struct outstation_attributes *a = o->config->attributes;
    size_t room = o->config->tx_fragment_max - APP_RESPONSE_HEADER_LEN - OBJECT_HEAD;
    for (size_t i = 0; a && i < a->n; i++) {
        const struct outstation_attribute *e = &a->entry[i];
        assert(begins_set(a, i) || a->entry[i - 1].variation < e->variation);
        assert(i == 0 || a->entry[i - 1].set <= e->set);
        assert(e->variation >= 1 && e->variation < ATTRIBUTE_ALL && e->len <= room && e->room <= room);
        assert(!e->store || (e->store == e->octets && e->len <= e->room));
        assert(!begins_set(a, i) || set_len(a, i) * 2 <= room);
        (void)e;
    }
    (void)room;
}

/* Whether the header asks for this set: its indexes are the sets. */
static bool asks_for_set(const struct object_header *h, uint8_t set)
{
    if (h->all)
        return true;
    if (h->ranged)
        return set >= h->start && set - h->start < h->count;
    for (uint32_t i = 0; i < h->count; i++)
        if (object_header_at(h, i).index == set)
            return true;
    return false;
}

static bool asks_for(const struct object_header *h, const struct outstation_attributes *a, size_t i)
{
    const struct outstation_attribute *e = &a->entry[i];
    bool meant = h->variation == ATTRIBUTE_ALL || h->variation == e->variation ||
                 (h->variation == ATTRIBUTE_VARIATIONS && begins_set(a, i));
    return meant && asks_for_set(h, e->set);
}

bool attributes_readable(const struct outstation *o, const struct object_header *h, uint16_t *errors)
{
    const struct outstation_attributes *a = o->config->attributes;
    for (size_t i = 0; a && i < a->n; i++)
        if (asks_for(h, a, i))
            return true;
    *errors |= IIN_OBJECT_UNKNOWN;
    return false;
}

static void write_list(const struct outstation_attributes *a, size_t from, struct writer *w)
{
    struct attribute_entry entries[LIST_MAX];
    size_t n = set_len(a, from);
    for (size_t i = 0; i < n; i++)
        entries[i] =
            (struct attribute_entry){a->entry[from + i].variation, a->entry[from + i].store ? MAY_WRITE : 0};
    attribute_write_list(w, a->entry[from].set, entries, n);
}

static void write_one(const struct outstation_attribute *e, struct writer *w)
{
    attribute_write(w, &(struct attribute){e->variation, e->set, e->type, e->len, e->octets});
}

bool attributes_write(struct outstation *o, struct writer *w, const struct object_header *h)
{
    const struct outstation_attributes *a = o->config->attributes;
    for (; o->sol.read_next < a->n; o->sol.read_next++) {
        size_t i = o->sol.read_next;
        struct writer before = *w;
        if (!asks_for(h, a, i))
            continue;
        if (h->variation == ATTRIBUTE_VARIATIONS)
            write_list(a, i, w);
        else
            write_one(&a->entry[i], w);
        if (w->failed) {
            *w = before; /* all or nothing was written: the next fragment begins with it */
            return false;
        }
    }
    return true;
}

static struct outstation_attribute *find(const struct outstation_attributes *a, uint8_t set,
                                         uint8_t variation)
{
    for (size_t i = 0; a && i < a->n; i++)
        if (a->entry[i].set == set && a->entry[i].variation == variation)
            return &a->entry[i];
    return NULL;
}

/* A number keeps its width: what reads it may not expect another. */
static bool fits(const struct outstation_attribute *e, const struct attribute *given)
{
    bool text = e->type == ATTRIBUTE_VSTR || e->type == ATTRIBUTE_OSTR || e->type == ATTRIBUTE_BSTR;
    return e->store && e->type == given->type && (text ? given->len <= e->room : given->len == e->len);
}

uint16_t write_attributes(struct outstation *o, const struct object_header *h, const struct request *q)
{
    (void)q;
    if (!o->config->attributes || !h->has_objects)
        return IIN_OBJECT_UNKNOWN;
    uint16_t errors = 0;
    for (uint32_t i = 0; i < h->count; i++) {
        struct attribute given;
        bool sound = attribute_parse(h, i, &given) == ATTRIBUTE_OK;
        struct outstation_attribute *e =
            sound ? find(o->config->attributes, given.set, given.variation) : NULL;
        if (sound && !e) {
            errors |= IIN_OBJECT_UNKNOWN;
        } else if (!sound || !fits(e, &given)) {
            errors |= IIN_PARAMETER_ERROR;
        } else {
            if (given.len)
                memcpy(e->store, given.octets, given.len);
            e->len = (uint8_t)given.len;
        }
    }
    return errors;
}
