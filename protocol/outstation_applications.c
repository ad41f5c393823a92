// SPDX-License-Identifier: Apache-2.0
/* FC 16 to 18: applications by their names (g90v1), or all of them (qualifier 06). */
#include <assert.h>

#include "protocol/outstation_parts.h"

enum { GROUP_APPLICATION = 90 };

static bool is_named(const struct outstation_application *a, const struct object_at *name)
{
    return strlen(a->name) == name->len && memcmp(a->name, name->data, name->len) == 0;
}

static uint8_t state_after(uint8_t function)
{
    return function == APP_INITIALIZE_APPL ? APPLICATION_INITIALISED
           : function == APP_START_APPL    ? APPLICATION_STARTED
                                           : APPLICATION_STOPPED;
}

static uint16_t set_named(const struct outstation_config *c, const struct object_at *name, uint8_t state)
{
    for (size_t i = 0; i < c->applications_len; i++) {
        if (is_named(&c->applications[i], name)) {
            c->applications[i].state = state;
            return 0;
        }
    }
    return IIN_PARAMETER_ERROR;
}

uint16_t service_application(struct outstation *o, const struct request *q)
{
    const struct outstation_config *c = o->config;
    assert(c->applications); /* else the function is refused */
    uint8_t state = state_after(q->f.function);
    struct object_walk walk = app_objects(&q->f);
    struct object_header h;
    enum walk_result result;
    uint16_t errors = 0;
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER) {
        if (h.group != GROUP_APPLICATION || !h.type) {
            errors |= IIN_OBJECT_UNKNOWN;
            continue;
        }
        for (size_t i = 0; h.all && i < c->applications_len; i++)
            c->applications[i].state = state;
        for (uint32_t i = 0; i < h.count; i++) {
            struct object_at name = object_header_at(&h, i);
            errors |= set_named(c, &name, state);
        }
    }
    return errors | walk_errors(result);
}
