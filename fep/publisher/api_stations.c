// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "db/tags.h"
#include "protocol/app.h"

#include <stdlib.h>

struct counter_row {
    const char *name;
    size_t offset;
};
#define COUNTER(field)                                                                                       \
    {                                                                                                        \
#field, offsetof(struct station_counters, field)                                                     \
    }
static const struct counter_row counter_rows[] = {
    COUNTER(connects),       COUNTER(connect_failures), COUNTER(frames_in),   COUNTER(frames_out),
    COUNTER(fragments),      COUNTER(unsolicited),      COUNTER(repeats),     COUNTER(events),
    COUNTER(confirms),       COUNTER(confirms_dropped), COUNTER(refused),     COUNTER(not_stored),
    COUNTER(defects),        COUNTER(timeouts),         COUNTER(iin_errors),  COUNTER(link_errors),
    COUNTER(address_errors), COUNTER(restarts),         COUNTER(overflows),   COUNTER(too_long),
    COUNTER(unknown),        COUNTER(quirks),           COUNTER(response_ms),
};
_Static_assert(sizeof counter_rows / sizeof counter_rows[0] ==
                   sizeof(struct station_counters) / sizeof(uint32_t),
               "every counter has its row");

static void put_counters(struct json *j, const struct station_counters *counters)
{
    json_key(j, "counters"), json_begin(j);
    for (size_t i = 0; i < sizeof counter_rows / sizeof counter_rows[0]; i++) {
        uint32_t value;
        memcpy(&value, (const char *)counters + counter_rows[i].offset, sizeof value);
        json_key(j, counter_rows[i].name), json_int(j, value);
    }
    json_end(j);
}

static void put_iin(struct json *j, uint16_t iin)
{
    json_key(j, "iin"), json_list(j);
    for (unsigned bit = 0; bit < 16; bit++) {
        if (iin >> bit & 1 && app_iin_name(bit))
            json_text(j, app_iin_name(bit));
    }
    json_list_end(j);
}

static void put_quirks(struct json *j, uint8_t quirks)
{
    json_key(j, "quirks_used"), json_list(j);
    for (unsigned bit = 0; bit < QUIRKS; bit++) {
        if (quirks >> bit & 1)
            json_text(j, master_quirk_name(bit));
    }
    json_list_end(j);
}

static void put_failures(struct json *j, const struct station_counters *c)
{
    json_key(j, "failures"), json_begin(j);
    json_key(j, "link"), json_int(j, (int64_t)c->link_errors + c->address_errors);
    json_key(j, "transport"), json_int(j, (int64_t)c->refused + c->too_long);
    json_key(j, "application"), json_int(j, (int64_t)c->defects + c->iin_errors + c->timeouts);
    json_end(j);
}

/* One that is disabled by configuration is not in the catalog. */
static const struct config_station *config_of(const struct publisher *p, uint32_t number, const char *name)
{
    const struct catalog *catalog = p->feed.catalog;
    const struct catalog_station *entry = catalog ? catalog_find(catalog, number) : NULL;
    if (entry)
        return entry->config;
    for (size_t i = 0; catalog && name && i < catalog->config->stations_len; i++) {
        if (strcmp(catalog->config->stations[i].name, name) == 0)
            return &catalog->config->stations[i];
    }
    return NULL;
}

static void put_station(struct exchange *x, struct json *j, uint32_t number, const struct station_view *view)
{
    struct publisher *p = x->p;
    const char *name = feed_station_name(&p->feed, number);
    static const struct station_view unheard;
    const struct station_view *v = view ? view : &unheard;
    const struct config_station *s = config_of(p, number, name);
    json_begin(j);
    json_key(j, "name"), json_text(j, name);
    json_key(j, "number"), json_int(j, number);
    json_key(j, "configured"), json_bool(j, s != NULL);
    if (s) {
        json_key(j, "host"), json_text(j, s->host);
        json_key(j, "port"), json_int(j, s->port);
        json_key(j, "outstation_address"), json_int(j, s->outstation_address);
    }
    json_key(j, "enabled"), json_bool(j, s && s->enabled && !v->disabled);
    json_key(j, "online"), json_bool(j, v->online);
    json_key(j, "connected"), json_bool(j, v->connected);
    put_iin(j, v->iin);
    put_quirks(j, v->quirks_used);
    json_key(j, "points"), json_int(j, v->points);
    json_key(j, "last_heard"), json_time(j, v->last_heard_ms);
    json_key(j, "offline_since"), json_time(j, v->online ? 0 : v->offline_since_ms);
    json_key(j, "response_ms"), json_int(j, v->counters.response_ms);
    put_failures(j, &v->counters);
    json_key(j, "tags"), json_int(j, number < x->tags_len ? x->tags[number] : 0);
    json_key(j, "trace"), json_bool(j, trace_is_open(p, number));
    put_counters(j, &v->counters);
    json_end(j);
}

static int compare_view(const void *number, const void *view)
{
    uint32_t a = *(const uint32_t *)number, b = ((const struct station_view *)view)->station;
    return (a > b) - (a < b);
}

static const struct station_view *find_view(const struct snapshot *s, uint32_t number)
{
    return s->stations_len ? bsearch(&number, s->stations, s->stations_len, sizeof *s->stations, compare_view)
                           : NULL;
}

static enum pump stations_pump(struct exchange *x, struct json *j)
{
    struct publisher *p = x->p;
    if (x->at == 0) {
        json_begin(j);
        json_key(j, "cursor"), feed_cursor(&p->feed, j, x->snapshot->seq);
        json_key(j, "stations"), json_list(j);
    }
    j->comma = x->at > 0;
    for (; x->at < x->numbers_len && j->len < SLICE_OCTETS; x->at++)
        put_station(x, j, x->numbers[x->at], find_view(x->snapshot, x->numbers[x->at]));
    if (x->at < x->numbers_len)
        return PUMP_ON;
    json_list_end(j);
    json_end(j);
    json_literal(j, "\n");
    return PUMP_END;
}

static bool count_tag(void *context, const struct stored_tag *tag)
{
    struct exchange *x = context;
    if (tag->station >= x->tags_len) {
        uint32_t len = tag->station + 256;
        x->tags = realloc(x->tags, len * sizeof *x->tags);
        if (x->tags == NULL)
            abort();
        memset(x->tags + x->tags_len, 0, (len - x->tags_len) * sizeof *x->tags);
        x->tags_len = len;
    }
    x->tags[tag->station]++;
    return true;
}

static void add_number(struct exchange *x, uint32_t number)
{
    if (number && exchange_sees(x, number))
        x->numbers[x->numbers_len++] = number;
}

/* The numbers are noted, since the catalog may be another one when the next slice is made. */
static void stations_answered(struct exchange *x)
{
    const struct catalog *catalog = x->p->feed.catalog;
    const struct config *config = catalog ? catalog->config : NULL;
    x->numbers = calloc(config ? config->stations_len + 1 : 1, sizeof *x->numbers);
    if (x->numbers == NULL)
        abort();
    for (size_t i = 0; config && i < catalog->stations_len; i++)
        add_number(x, catalog->stations[i].number);
    for (size_t i = 0; config && i < config->stations_len; i++) {
        if (!config->stations[i].enabled)
            add_number(x, feed_station_number(&x->p->feed, config->stations[i].name));
    }
    (void)reader_tags(x->p->reader, count_tag, x);
    x->pump = stations_pump;
    exchange_start(x, "application/json");
}

void api_stations(struct publisher *p, struct evhttp_request *request, const char *name,
                  const struct param *params)
{
    (void)name, (void)params;
    exchange_ask(exchange_new(p, request), snapshot_new(SNAPSHOT_STATIONS, 0, NULL), stations_answered);
}

static void station_answered(struct exchange *x)
{
    struct publisher *p = x->p;
    struct evhttp_request *request = x->request;
    struct json *j = &p->json;
    uint32_t number = x->snapshot->station;
    (void)reader_tags(p->reader, count_tag, x);
    json_clear(j);
    json_begin(j);
    json_key(j, "cursor"), feed_cursor(&p->feed, j, x->snapshot->seq);
    json_key(j, "station"), put_station(x, j, number, find_view(x->snapshot, number));
    json_end(j);
    json_literal(j, "\n");
    exchange_done(x);
    http_reply(p, request, 200, "application/json");
}

void api_station(struct publisher *p, struct evhttp_request *request, const char *name,
                 const struct param *params)
{
    (void)params;
    uint32_t number = feed_station_number(&p->feed, name);
    if (number == 0)
        http_problem(p, request, 404, "no station has or had this name", NULL, NULL);
    else if (api_may_see(p, request, number))
        exchange_ask(exchange_new(p, request), snapshot_new(SNAPSHOT_STATIONS, number, NULL),
                     station_answered);
}
