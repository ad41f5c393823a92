// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/flow.h"

#include <stdlib.h>
#include <string.h>

static bool same_end(const struct endpoint *a, const struct endpoint *b)
{
    return a->port == b->port && memcmp(a->address, b->address, sizeof a->address) == 0;
}

static uint32_t hash_end(const struct endpoint *e)
{
    uint32_t h = 2166136261u ^ e->port;
    for (size_t i = 0; i < sizeof e->address; i++)
        h = (h ^ e->address[i]) * 16777619u;
    return h ^ h >> 15;
}

/* The same for both directions. */
static size_t bucket_of(enum flow_kind kind, const struct endpoint *a, const struct endpoint *b)
{
    return ((size_t)hash_end(a) + hash_end(b) + kind) % FLOW_BUCKETS;
}

struct flow *flow_find(struct flow_table *t, enum flow_kind kind, const struct packet *p, unsigned *side)
{
    struct flow *f = t->buckets[bucket_of(kind, &p->from, &p->to)];
    for (; f; f = f->bucket_next) {
        if (f->kind != kind || f->v6 != p->v6)
            continue;
        for (*side = 0; *side < 2; (*side)++)
            if (same_end(&f->end[*side], &p->from) && same_end(&f->end[1 - *side], &p->to))
                return f;
    }
    return NULL;
}

static void link_newest(struct flow_table *t, struct flow *f)
{
    f->older = t->newest;
    f->newer = NULL;
    if (t->newest)
        t->newest->newer = f;
    else
        t->oldest = f;
    t->newest = f;
}

static void unlink_age(struct flow_table *t, struct flow *f)
{
    *(f->older ? &f->older->newer : &t->oldest) = f->newer;
    *(f->newer ? &f->newer->older : &t->newest) = f->older;
}

void flow_touch(struct flow_table *t, struct flow *f)
{
    if (t->newest == f)
        return;
    unlink_age(t, f);
    link_newest(t, f);
}

struct flow *flow_add(struct flow_table *t, enum flow_kind kind, const struct packet *p)
{
    struct flow **bucket = &t->buckets[bucket_of(kind, &p->from, &p->to)];
    struct flow *f = calloc(1, sizeof *f);
    if (!f)
        abort();
    f->kind = (uint8_t)kind;
    f->v6 = p->v6;
    f->end[0] = p->from;
    f->end[1] = p->to;
    f->master = -1;
    f->bucket_next = *bucket;
    *bucket = f;
    link_newest(t, f);
    t->count++;
    return f;
}

void flow_forget_associations(struct flow *f)
{
    while (f->associations) {
        struct association *a = f->associations;
        f->associations = a->next;
        for (int i = 0; i < 2; i++) {
            transport_reset(&a->half[i].rx);
            free(transport_take_back(&a->half[i].rx));
        }
        free(a);
    }
    f->association_count = f->series = 0;
}

void flow_count_memory(struct flow_table *t, struct flow *f)
{
    size_t memory = f->series * (size_t)FLOW_FRAGMENT_MAX + f->association_count * sizeof *f->associations;
    for (int i = 0; i < 2; i++)
        memory += f->direction[i].stream.held_octets;
    t->memory = t->memory - f->memory + memory;
    f->memory = memory;
}

void flow_remove(struct flow_table *t, struct flow *f)
{
    struct flow **place = &t->buckets[bucket_of(f->kind, &f->end[0], &f->end[1])];
    while (*place != f)
        place = &(*place)->bucket_next;
    *place = f->bucket_next;
    unlink_age(t, f);
    t->count--;
    flow_forget_associations(f);
    stream_end(&f->direction[0].stream);
    stream_end(&f->direction[1].stream);
    flow_count_memory(t, f);
    free(f);
}

/* In the order of their first frames. */
struct association *flow_association(struct flow *f, uint16_t master, uint16_t outstation)
{
    struct association **place = &f->associations;
    for (; *place; place = &(*place)->next)
        if ((*place)->master == master && (*place)->outstation == outstation)
            return *place;
    struct association *a = calloc(1, sizeof *a);
    if (!a)
        abort();
    a->master = master;
    a->outstation = outstation;
    *place = a;
    f->association_count++;
    return a;
}
