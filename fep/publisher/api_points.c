// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "db/tags.h"
#include "fep/publisher/commands.h"

#include <stdlib.h>

static bool note_tag(void *context, const struct stored_tag *tag)
{
    struct exchange *x = context;
    if (tag->station != x->snapshot->station)
        return true;
    x->tagged |= tag->type == 0;
    x->numbers = realloc(x->numbers, (x->numbers_len + 2) * sizeof *x->numbers);
    if (x->numbers == NULL)
        abort();
    x->numbers[x->numbers_len++] = tag->type;
    x->numbers[x->numbers_len++] = tag->index;
    return true;
}

static bool is_tagged(const struct exchange *x, const struct point_image *point)
{
    bool tagged = x->tagged;
    for (size_t i = 0; i < x->numbers_len && !tagged; i += 2)
        tagged = x->numbers[i] == point->type && x->numbers[i + 1] == point->index;
    return tagged;
}

static void put_point(struct exchange *x, struct json *j, const struct point_image *point)
{
    struct publisher *p = x->p;
    const struct snapshot *s = x->snapshot;
    const struct catalog_station *entry = p->feed.catalog ? catalog_find(p->feed.catalog, s->station) : NULL;
    const struct config_point *config =
        entry ? config_point_find(entry->config->points, point->type, point->index) : NULL;
    feed_point(&p->feed, j, s->station, point, !s->station_online);
    if (config)
        command_put_control(j, entry->config, config);
    else
        json_key(j, "control"), json_text(j, NULL);
    json_key(j, "tagged"), json_bool(j, is_tagged(x, point));
    json_end(j);
}

static enum pump points_pump(struct exchange *x, struct json *j)
{
    struct publisher *p = x->p;
    const struct snapshot *s = x->snapshot;
    if (x->at == 0) {
        json_begin(j);
        json_key(j, "cursor"), feed_cursor(&p->feed, j, s->seq);
        json_key(j, "station"), json_text(j, feed_station_name(&p->feed, s->station));
        json_key(j, "online"), json_bool(j, s->station_online);
        json_key(j, "points"), json_list(j);
    }
    j->comma = x->at > 0;
    for (; x->at < s->points_len && j->len < SLICE_OCTETS; x->at++)
        put_point(x, j, &s->points[x->at]);
    if (x->at < s->points_len)
        return PUMP_ON;
    json_list_end(j);
    json_end(j);
    json_literal(j, "\n");
    return PUMP_END;
}

static void points_answered(struct exchange *x)
{
    (void)reader_tags(x->p->reader, note_tag, x);
    x->pump = points_pump;
    exchange_start(x, "application/json");
}

void api_points(struct publisher *p, struct evhttp_request *request, const char *name,
                const struct param *params)
{
    (void)name;
    if (params[0].value == NULL) {
        http_problem(p, request, 400, "the name of a station is needed", params[0].name, NULL);
        return;
    }
    uint32_t number = feed_station_number(&p->feed, params[0].value);
    if (number == 0)
        http_problem(p, request, 404, "no station has or had this name", params[0].name, NULL);
    else if (api_may_see(p, request, number))
        exchange_ask(exchange_new(p, request), snapshot_new(SNAPSHOT_POINTS, number, NULL), points_answered);
}
