// SPDX-License-Identifier: Apache-2.0
#include "fep/plan.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void *plan_take(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

static const struct change *plan_add(struct order *order, struct change change)
{
    struct change *added = &order->changes[order->changes_len++];
    *added = change;
    return added;
}

static void plan_old(struct plan *plan, const struct catalog *before, const struct catalog *after,
                     const struct plan_stations *stations)
{
    for (size_t i = 0; i < before->stations_len; i++) {
        const struct catalog_station *old = &before->stations[i];
        const struct catalog_station *next = catalog_find(after, old->number);
        struct plan_part *part = &plan->parts[old->worker];
        struct station *station = stations->by_number[old->number];
        if (next && config_station_same_session(old->config, next->config)) {
            assert(next->worker == old->worker);
            plan_add(&part->apply, (struct change){.kind = CHANGE_KEEP, .entry = next, .station = station});
            plan->kept++;
            continue;
        }
        const struct change *removed =
            plan_add(&part->remove,
                     (struct change){.kind = CHANGE_REMOVE, .gone = !next, .entry = old, .station = station});
        if (next)
            plan_add(&plan->parts[next->worker].apply,
                     (struct change){.kind = CHANGE_ADD, .entry = next, .before = removed});
        *(next ? &plan->changed : &plan->removed) += 1;
    }
}

struct plan *plan_make(const struct catalog *before, const struct catalog *after,
                       const struct plan_stations *stations, uint32_t workers)
{
    struct plan *plan = plan_take(1, sizeof(*plan));
    plan->parts = plan_take(workers, sizeof(*plan->parts));
    plan->workers = workers;
    for (uint32_t i = 0; i < workers; i++) {
        struct plan_part *part = &plan->parts[i];
        size_t remove = 0, apply = 0;
        for (size_t k = 0; before && k < before->stations_len; k++)
            remove += before->stations[k].worker == i;
        for (size_t k = 0; k < after->stations_len; k++)
            apply += after->stations[k].worker == i;
        part->remove.kind = ORDER_REMOVE;
        part->remove.changes = plan_take(remove, sizeof(struct change));
        part->apply.kind = ORDER_APPLY;
        part->apply.catalog = after;
        part->apply.changes = plan_take(apply, sizeof(struct change));
    }
    if (before)
        plan_old(plan, before, after, stations);
    for (size_t i = 0; i < after->stations_len; i++) {
        const struct catalog_station *next = &after->stations[i];
        if (before && catalog_find(before, next->number))
            continue;
        plan_add(&plan->parts[next->worker].apply, (struct change){.kind = CHANGE_ADD, .entry = next});
        plan->added++;
    }
    return plan;
}

static void plan_room(struct plan_stations *stations, uint32_t len)
{
    if (len <= stations->len)
        return;
    stations->by_number = realloc(stations->by_number, len * sizeof(struct station *));
    if (!stations->by_number)
        abort();
    memset(stations->by_number + stations->len, 0, (len - stations->len) * sizeof(struct station *));
    stations->len = len;
}

void plan_learn(const struct plan *plan, struct plan_stations *stations)
{
    for (uint32_t i = 0; i < plan->workers; i++)
        for (size_t k = 0; k < plan->parts[i].remove.changes_len; k++)
            stations->by_number[plan->parts[i].remove.changes[k].entry->number] = NULL;
    for (uint32_t i = 0; i < plan->workers; i++) {
        if (plan->parts[i].apply.catalog)
            plan_room(stations, plan->parts[i].apply.catalog->numbers_len);
        for (size_t k = 0; k < plan->parts[i].apply.changes_len; k++) {
            const struct change *change = &plan->parts[i].apply.changes[k];
            stations->by_number[change->entry->number] = change->station;
        }
    }
}

void plan_free(struct plan *plan)
{
    for (uint32_t i = 0; i < plan->workers; i++) {
        free(plan->parts[i].remove.changes);
        free(plan->parts[i].apply.changes);
    }
    free(plan->parts);
    free(plan);
}
