// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_point(struct publisher *p, const struct event_wish *wish, const struct journal_row *row)
{
    if (row->type == ROW_HOLE)
        return false;
    if (wish->type)
        return wish->type == row->type && wish->index == row->index;
    const char *name = feed_point_name(&p->feed, row->station, row->type, row->index);
    return name && strcmp(name, wish->point) == 0;
}

static bool is_wished(struct publisher *p, const struct event_wish *wish, const struct journal_row *row)
{
    bool told = row->type == ROW_HOLE ? row->time_ms > 0 : time_is_told(row->time_quality);
    int64_t at_ms = told ? row->time_ms : row->received_ms;
    return (wish->from_ms == 0 || at_ms >= wish->from_ms) && (wish->to_ms == 0 || at_ms <= wish->to_ms) &&
           (!wish->by_point || is_point(p, wish, row));
}

bool journal_passes(struct exchange *x, const struct journal_row *row)
{
    const struct journal_filter *filter = &x->filter;
    return (filter->station == 0 || filter->station == row->station) &&
           (filter->type == 0 || filter->type == row->type) && is_wished(x->p, &x->wish, row) &&
           exchange_sees(x, row->station);
}

/* Retention may delete between two calls. The bounds are asked for after the rows: where they still hold the
 * row after the cursor, nothing of what was read can have been missing. */
static enum store_result from_database(struct publisher *p, int64_t after,
                                       const struct journal_filter *filter, struct journal_span *span)
{
    struct journal_bounds bounds;
    size_t len = SLICE_ROWS;
    enum store_result result = reader_rows(p->reader, after, filter, p->rows, &len, &span->scanned_to);
    if (result == STORE_OK)
        result = reader_bounds(p->reader, &bounds);
    if (result != STORE_OK)
        return result;
    if (bounds.oldest > after + 1) {
        span->lost_to = bounds.oldest - 1;
        span->scanned_to = after;
        return STORE_OK;
    }
    span->rows = p->rows;
    span->len = len;
    return STORE_OK;
}

enum store_result journal_after(struct publisher *p, int64_t after, const struct journal_filter *filter,
                                struct journal_span *span)
{
    *span = (struct journal_span){.scanned_to = after};
    if (after >= p->newest)
        return STORE_OK;
    span->rows = tail_after(&p->tail, after, &span->len);
    if (span->rows == NULL)
        return from_database(p, after, filter, span);
    if (span->len > SLICE_ROWS)
        span->len = SLICE_ROWS;
    span->scanned_to = span->rows[span->len - 1].seq;
    span->from_memory = true;
    return STORE_OK;
}

bool journal_filter(struct publisher *p, struct evhttp_request *request, const struct param *station,
                    const struct param *type, struct journal_filter *filter)
{
    *filter = (struct journal_filter){0};
    if (type->value && !feed_type_number(type->value, &filter->type)) {
        http_problem(p, request, 400, "no such type of point; there are binary_input, analog_input, hole ...",
                     type->name, NULL);
        return false;
    }
    if (station->value)
        filter->station = feed_station_number(&p->feed, station->value);
    if (station->value && filter->station == 0) {
        http_problem(p, request, 404, "no station has or had this name", station->name, NULL);
        return false;
    }
    return filter->station == 0 || api_may_see(p, request, filter->station);
}

bool journal_point(struct publisher *p, struct evhttp_request *request, const struct param *given,
                   struct event_wish *wish)
{
    if (given->value == NULL)
        return true;
    const char *colon = strrchr(given->value, ':');
    char type[40], *end = NULL;
    wish->by_point = true;
    snprintf(type, sizeof type, "%.*s", colon ? (int)(colon - given->value) : 0, given->value);
    if (colon && feed_type_number(type, &wish->type) && wish->type != ROW_HOLE) {
        unsigned long index = strtoul(colon + 1, &end, 10);
        if (colon[1] >= '0' && colon[1] <= '9' && *end == '\0' && index <= UINT32_MAX) {
            wish->index = (uint32_t)index;
            return true;
        }
    }
    wish->type = 0;
    if (*given->value && strlen(given->value) < sizeof wish->point) {
        strcpy(wish->point, given->value);
        return true;
    }
    http_problem(p, request, 400, "the name of a point is expected, or its type and index: binary_input:3",
                 given->name, NULL);
    return false;
}
