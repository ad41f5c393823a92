// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/plan.h"
#include "outstation-sim/shape.h"
#include "protocol/app.h"
#include <stdlib.h>

/* Variations with flags, and with a time where the type has such a one; the outstation itself takes the
 * untimed sibling for an event without a time (dnp3-reference/objects.md 2). */
struct variations {
    uint8_t on_static[4]; /* by enum scenario_encoding */
    uint8_t on_event[4];
};

static const struct variations type_variations[POINT_TYPES] = {
    [POINT_BINARY_INPUT] = {{2, 2, 2, 2}, {2, 2, 2, 2}},
    [POINT_DOUBLE_BIT_INPUT] = {{2, 2, 2, 2}, {2, 2, 2, 2}},
    [POINT_BINARY_OUTPUT_STATUS] = {{2, 2, 2, 2}, {2, 2, 2, 2}},
    [POINT_COUNTER] = {{2, 1, 1, 1}, {6, 5, 5, 5}},
    [POINT_FROZEN_COUNTER] = {{2, 1, 1, 1}, {6, 5, 5, 5}},
    [POINT_ANALOG_INPUT] = {{2, 1, 5, 6}, {4, 3, 7, 8}},
    [POINT_ANALOG_OUTPUT_STATUS] = {{2, 1, 3, 4}, {4, 3, 7, 8}},
    [POINT_BINARY_COMMAND] = {{0}, {2, 2, 2, 2}},
    [POINT_FROZEN_ANALOG_INPUT] = {{2, 1, 7, 8}, {4, 3, 7, 8}},
    [POINT_ANALOG_COMMAND] = {{0}, {4, 3, 7, 8}},
    [POINT_OCTET_STRING] = {{0}, {0}},
};

static int by_type_then_index(const void *a, const void *b)
{
    const struct scenario_point *x = *(const struct scenario_point *const *)a;
    const struct scenario_point *y = *(const struct scenario_point *const *)b;
    if (x->type != y->type)
        return x->type < y->type ? -1 : 1;
    return x->first_index < y->first_index ? -1 : x->first_index > y->first_index;
}

/* Entries don't overlap, so that ordering them orders their points. */
static const struct scenario_point **sorted_entries(const struct scenario_group *group)
{
    const struct scenario_point **entries = calloc(group->points_len, sizeof(const struct scenario_point *));
    if (!entries)
        abort();
    for (size_t i = 0; i < group->points_len; i++)
        entries[i] = &group->points[i];
    qsort(entries, group->points_len, sizeof(const struct scenario_point *), by_type_then_index);
    return entries;
}

void plan_init(struct plan *plan, const struct scenario_group *group, uint32_t first_station)
{
    *plan = (struct plan){.group = group, .first_station = first_station};
    const struct scenario_point **entries = sorted_entries(group);
    size_t total = 0;
    for (size_t i = 0; i < group->points_len; i++)
        total += entries[i]->count;
    plan->points = calloc(total, sizeof(const struct scenario_point *));
    plan->indices = calloc(total, sizeof(*plan->indices));
    plan->eventful = calloc(total, sizeof(*plan->eventful));
    if (!plan->points || !plan->indices || !plan->eventful)
        abort();
    for (size_t i = 0; i < group->points_len; i++) {
        for (uint32_t k = 0; k < entries[i]->count; k++) {
            if (entries[i]->class && !point_type_has_status(entries[i]->type)) /* masters make those */
                plan->eventful[plan->eventful_len++] = (uint32_t)plan->points_len;
            plan->points[plan->points_len] = entries[i];
            plan->indices[plan->points_len++] = entries[i]->first_index + k;
        }
    }
    free(entries);
}

void plan_free(struct plan *plan)
{
    free(plan->points);
    free(plan->indices);
    free(plan->eventful);
    *plan = (struct plan){0};
}

static const uint8_t class_masks[] = {0, CLASS_1, CLASS_2, CLASS_3};

void plan_make_points(const struct plan *plan, struct random *random, struct outstation_point *points)
{
    for (size_t i = 0; i < plan->points_len; i++) {
        const struct scenario_point *spec = plan->points[i];
        double first = shape_first(spec, random);
        points[i] = (struct outstation_point){
            .value = first,
            .reported = first,
            .deadband = spec->deadband,
            .index = plan->indices[i],
            .type = spec->type,
            .flags = FLAG_ONLINE,
            .class_mask = class_masks[spec->class],
            .static_variation = type_variations[spec->type].on_static[spec->encoding],
            .event_variation = type_variations[spec->type].on_event[spec->encoding],
            .in_class_0 = spec->in_class_0,
            .operable = spec->type == POINT_BINARY_OUTPUT_STATUS ||
                        spec->type == POINT_ANALOG_OUTPUT_STATUS || spec->writable,
        };
    }
}
