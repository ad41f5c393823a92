// SPDX-License-Identifier: Apache-2.0
/* The audit, record by record, as far as the caller sees the stations that it tells of. */
#include "fep/publisher/parts.h"

#include <stdio.h>
#include <stdlib.h>

enum { AUDIT_SLICE = 500, AUDIT_LIMIT = 1000, AUDIT_LIMIT_MAX = 100000 };

struct slice {
    struct exchange *x;
    struct json *j;
    uint32_t taken;
};

static bool is_seen(struct exchange *x, const struct audit_record *r)
{
    uint32_t station = r->station[0] ? feed_station_number(&x->p->feed, r->station) : 0;
    if (x->filter.station && x->filter.station != station)
        return false;
    return station ? exchange_sees(x, station) : x->caller.all;
}

static void put_record(struct json *j, const struct audit_record *r, const uint8_t hash[AUDIT_HASH_LEN])
{
    json_begin(j);
    json_key(j, "id"), json_int(j, r->id);
    json_key(j, "at"), json_time(j, r->at_ms);
    json_key(j, "who"), json_text(j, r->who);
    json_key(j, "role"), json_text(j, r->role);
    json_key(j, "action"), json_text(j, r->action);
    json_key(j, "command");
    if (r->command)
        json_int(j, r->command);
    else
        json_text(j, NULL);
    json_key(j, "station"), json_text(j, r->station);
    json_key(j, "point"), json_text(j, r->subject);
    json_key(j, "state"), json_text(j, r->state);
    json_key(j, "detail"), json_text(j, r->detail);
    json_key(j, "hash"), json_hex(j, hash, AUDIT_HASH_LEN);
    json_end(j);
    json_literal(j, "\n");
    j->comma = false;
}

static bool take(void *context, const struct audit_record *r, const uint8_t hash[AUDIT_HASH_LEN])
{
    struct slice *s = context;
    struct exchange *x = s->x;
    x->after = r->id;
    s->taken++;
    if (is_seen(x, r)) {
        put_record(s->j, r, hash);
        x->left--;
    }
    return x->left && s->j->len < SLICE_OCTETS;
}

static enum pump audit_pump(struct exchange *x, struct json *j)
{
    struct slice s = {x, j, 0};
    if (reader_audit(x->p->reader, x->after, AUDIT_SLICE, take, &s) != STORE_OK) {
        x->failed = true;
        return PUMP_END;
    }
    bool more = x->left && (s.taken == AUDIT_SLICE || j->len >= SLICE_OCTETS);
    return more ? PUMP_ON : PUMP_END;
}

static bool number(struct publisher *p, struct evhttp_request *request, const struct param *param,
                   int64_t least, int64_t most, int64_t standard, int64_t *value)
{
    char *end = NULL;
    *value = param->value ? strtoll(param->value, &end, 10) : standard;
    if (!param->value || (*end == '\0' && end != param->value && *value >= least && *value <= most))
        return true;
    char detail[80];
    snprintf(detail, sizeof detail, "a whole number from %lld to %lld", (long long)least, (long long)most);
    http_problem(p, request, 400, detail, param->name, NULL);
    return false;
}

void api_audit(struct publisher *p, struct evhttp_request *request, const char *name,
               const struct param *params)
{
    (void)name;
    int64_t after, limit;
    uint32_t station = 0;
    if (!number(p, request, &params[0], 0, INT64_MAX, 0, &after) ||
        !number(p, request, &params[1], 1, AUDIT_LIMIT_MAX, AUDIT_LIMIT, &limit))
        return;
    if (params[2].value && !(station = feed_station_number(&p->feed, params[2].value))) {
        http_problem(p, request, 404, "no station has or had this name", params[2].name, NULL);
        return;
    }
    if (station && !api_may_see(p, request, station))
        return;
    struct exchange *x = exchange_new(p, request);
    x->pump = audit_pump;
    x->after = after;
    x->left = (uint32_t)limit;
    x->filter.station = station;
    exchange_start(x, "application/x-ndjson");
}

void api_audit_head(struct publisher *p, struct evhttp_request *request, const char *name,
                    const struct param *params)
{
    (void)name, (void)params;
    struct audit_head head;
    struct json *j = &p->json;
    if (reader_audit_head(p->reader, &head) != STORE_OK) {
        http_problem(p, request, 503, "the audit can't be read at present", NULL, NULL);
        return;
    }
    json_clear(j);
    json_begin(j);
    json_key(j, "id"), json_int(j, head.id);
    json_key(j, "hash"), json_hex(j, head.hash, AUDIT_HASH_LEN);
    json_end(j);
    json_literal(j, "\n");
    http_reply(p, request, 200, "application/json");
}
