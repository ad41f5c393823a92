// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

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
        feed_point(&p->feed, j, s->station, &s->points[x->at], !s->station_online);
    if (x->at < s->points_len)
        return PUMP_ON;
    json_list_end(j);
    json_end(j);
    json_literal(j, "\n");
    return PUMP_END;
}

static void points_answered(struct exchange *x)
{
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
    else
        exchange_ask(exchange_new(p, request), snapshot_new(SNAPSHOT_POINTS, number, NULL), points_answered);
}
