// SPDX-License-Identifier: Apache-2.0
#include "fep/registration.h"

#include <stdio.h>
#include <stdlib.h>

static enum store_result describe(struct store *store, uint32_t number, const struct config_points *points)
{
    struct stored_point *list = calloc(points->len ? points->len : 1, sizeof(*list));
    if (!list)
        abort();
    for (size_t i = 0; i < points->len; i++) {
        const struct config_point *p = &points->points[i];
        list[i] = (struct stored_point){.station = number,
                                        .index = p->index,
                                        .type = p->type,
                                        .name = p->name,
                                        .unit = p->unit,
                                        .scale = p->scale,
                                        .offset = p->offset};
    }
    enum store_result result = store_describe_points(store, number, list, points->len);
    free(list);
    return result;
}

enum { BUSY_TRIES = 50 }; /* of some 20 ms each: another program holds the lock for a moment */

static enum store_result begin(struct store *store)
{
    enum store_result result = STORE_BUSY;
    for (int i = 0; i < BUSY_TRIES && result == STORE_BUSY; i++)
        result = store_begin(store);
    return result;
}

enum store_result registration_write(struct store *store, const struct config *config, uint32_t *numbers,
                                     char *error, size_t room)
{
    enum store_result result = begin(store);
    for (size_t i = 0; i < config->stations_len && result == STORE_OK; i++) {
        const struct config_station *s = &config->stations[i];
        result = store_register_station(store, s->name, &numbers[i]);
        if (result == STORE_OK)
            result = describe(store, numbers[i], s->points);
    }
    if (result == STORE_OK)
        result = store_commit(store);
    if (result != STORE_OK) {
        snprintf(error, room, "%s: %s", store_result_text(result), store_error(store));
        store_rollback(store);
    }
    return result;
}
