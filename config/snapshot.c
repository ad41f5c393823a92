// SPDX-License-Identifier: Apache-2.0
/* Questions to a snapshot. */
#include "config/keys.h"
#include <string.h>

const struct config_point *config_point_find(const struct config_points *points, uint8_t type, uint32_t index)
{
    size_t from = 0;
    size_t to = points->len;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        const struct config_point *point = &points->points[middle];
        if (point->type == type && point->index == index)
            return point;
        if (point->type < type || (point->type == type && point->index < index))
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static bool same_polls(const struct config_session *a, const struct config_session *b)
{
    if (a->polls_len != b->polls_len)
        return false;
    for (size_t i = 0; i < a->polls_len; i++) {
        const struct config_poll *x = &a->polls[i];
        const struct config_poll *y = &b->polls[i];
        if (x->period_ms != y->period_ms || x->classes != y->classes || x->group != y->group ||
            x->variation != y->variation)
            return false;
    }
    return true;
}

/* By the table of keys, so that no setting is forgotten. */
static bool same_settings(const struct config_session *a, const struct config_session *b)
{
    for (size_t i = 0; i < keys_session.rows_len; i++) {
        const struct schema_row *row = &keys_session.rows[i];
        bool is_list = row->kind == SCHEMA_LIST;
        if (!is_list && memcmp((const char *)a + row->offset, (const char *)b + row->offset, row->size) != 0)
            return false;
    }
    return same_polls(a, b);
}

bool config_station_same_session(const struct config_station *a, const struct config_station *b)
{
    return strcmp(a->name, b->name) == 0 && strcmp(a->host, b->host) == 0 && a->port == b->port &&
           a->master_address == b->master_address && a->outstation_address == b->outstation_address &&
           a->enabled == b->enabled &&
           (a->session == b->session ||
            (same_settings(a->session, b->session) && same_polls(a->session, b->session)));
}
