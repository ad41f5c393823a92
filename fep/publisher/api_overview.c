// SPDX-License-Identifier: Apache-2.0
/* The whole at a glance: what an operator looks at first. */
#include "fep/publisher/parts.h"

#include "db/tags.h"
#include "fep/io/clock.h"
#include "fep/publisher/commands.h"
#include "protocol/app.h"

#include <stdlib.h>

enum { DAY_MS = 24 * 3600 * 1000, PAGE_OCTETS = 4096 };

/* --- pace --- */

static void note_delays(struct publisher *p, unsigned slot)
{
    const struct metrics *m = p->options.metrics;
    struct pace *pace = &p->pace;
    metrics_delays(m, pace->delay[slot]);
    pace->rows[slot] = metric_get(&m->committer.rows);
    pace->commits[slot] = metric_get(&m->committer.commits);
}

void pace_tick(struct publisher *p)
{
    const struct metrics *m = p->options.metrics;
    struct pace *pace = &p->pace;
    pace->events[pace->seconds % PACE_SECONDS] = metric_get(&m->committer.rows);
    pace->at_ms[pace->seconds % PACE_SECONDS] = p->now_ms;
    pace->seconds++;
    if (p->now_ms >= pace->slot_due_ms) {
        pace->slot_due_ms = p->now_ms + PACE_SLOT_MS;
        note_delays(p, pace->slots++ % PACE_SLOTS);
    }
    if (!metric_get(&m->committer.failing))
        pace->failing_since_ms = 0;
    else if (pace->failing_since_ms == 0)
        pace->failing_since_ms = clock_wall_ms();
}

static double events_per_s(const struct pace *pace)
{
    if (pace->seconds < 2)
        return 0;
    unsigned last = (pace->seconds - 1) % PACE_SECONDS;
    unsigned first = pace->seconds > PACE_SECONDS ? pace->seconds % PACE_SECONDS : 0;
    int64_t ms = pace->at_ms[last] - pace->at_ms[first];
    return ms > 0 ? (double)(pace->events[last] - pace->events[first]) * 1000 / (double)ms : 0;
}

/* The oldest that is kept: a minute ago, or when all began. */
static unsigned oldest_slot(const struct pace *pace)
{
    return pace->slots > PACE_SLOTS ? pace->slots % PACE_SLOTS : 0;
}

/* What has been counted since then; false where nothing was. */
static bool delay_since(const struct publisher *p, double q, uint64_t *us)
{
    const struct pace *pace = &p->pace;
    uint64_t counts[DELAY_BUCKETS];
    metrics_delays(p->options.metrics, counts);
    for (unsigned b = 0; b < DELAY_BUCKETS && pace->slots; b++)
        counts[b] -= pace->delay[oldest_slot(pace)][b];
    return delay_quantile_us(counts, q, us);
}

static void put_delay(const struct publisher *p, struct json *j, const char *key, double q)
{
    uint64_t us;
    json_key(j, key);
    if (delay_since(p, q, &us))
        json_double(j, (double)us / 1000);
    else
        json_text(j, NULL);
}

static void put_pace(const struct publisher *p, struct json *j)
{
    const struct pace *pace = &p->pace;
    const struct committer_metrics *m = &p->options.metrics->committer;
    unsigned slot = oldest_slot(pace);
    uint64_t commits = metric_get(&m->commits) - (pace->slots ? pace->commits[slot] : 0);
    uint64_t rows = metric_get(&m->rows) - (pace->slots ? pace->rows[slot] : 0);
    json_key(j, "events_per_s"), json_double(j, events_per_s(pace));
    put_delay(p, j, "confirm_p50_ms", 0.5);
    put_delay(p, j, "confirm_p99_ms", 0.99);
    json_key(j, "rows_per_commit");
    if (commits)
        json_double(j, (double)(10 * rows / commits) / 10);
    else
        json_text(j, NULL);
}

/* --- stations --- */

struct station_sums {
    uint64_t total, online, offline, disabled, suspect;
};

/* On line, and yet the station says that something is wrong with it. */
static bool is_suspect(const struct station_view *v)
{
    return v->online && (v->iin & (IIN_DEVICE_TROUBLE | IIN_EVENT_BUFFER_OVERFLOW | IIN_CONFIG_CORRUPT |
                                   IIN_DEVICE_RESTART)) != 0;
}

static void count_stations(struct exchange *x, struct station_sums *sums)
{
    const struct catalog *catalog = x->p->feed.catalog;
    const struct snapshot *s = x->snapshot;
    for (size_t i = 0; catalog && i < catalog->config->stations_len; i++) {
        const struct config_station *c = &catalog->config->stations[i];
        if (!c->enabled && (x->caller.all || access_includes(x->caller.user, c->name)))
            sums->total++, sums->disabled++;
    }
    for (size_t i = 0; i < s->stations_len; i++) {
        const struct station_view *v = &s->stations[i];
        if (!catalog || !catalog_find(catalog, v->station) || !exchange_sees(x, v->station))
            continue;
        sums->disabled += v->disabled;
        sums->online += v->online && !v->disabled;
        sums->suspect += is_suspect(v) && !v->disabled;
    }
    for (size_t i = 0; catalog && i < catalog->stations_len; i++)
        sums->total += exchange_sees(x, catalog->stations[i].number);
    sums->offline = sums->total - sums->online - sums->disabled;
}

static void put_stations(struct exchange *x, struct json *j)
{
    struct station_sums sums = {0};
    count_stations(x, &sums);
    json_key(j, "stations"), json_begin(j);
    json_key(j, "total"), json_int(j, (int64_t)sums.total);
    json_key(j, "online"), json_int(j, (int64_t)sums.online);
    json_key(j, "offline"), json_int(j, (int64_t)sums.offline);
    json_key(j, "disabled"), json_int(j, (int64_t)sums.disabled);
    json_key(j, "suspect"), json_int(j, (int64_t)sums.suspect);
    json_end(j);
}

/* --- store and consumers --- */

static void put_consumers(struct publisher *p, struct json *j)
{
    size_t len = CONSUMERS_MAX;
    struct reader_consumer *list = calloc(len, sizeof *list);
    if (list == NULL)
        abort();
    json_key(j, "consumers"), json_list(j);
    if (reader_consumers(p->reader, list, &len) != STORE_OK)
        len = 0;
    for (size_t i = 0; i < len; i++) {
        json_begin(j);
        json_key(j, "name"), json_text(j, list[i].name);
        json_key(j, "lag"), json_int(j, p->newest > list[i].seq ? p->newest - list[i].seq : 0);
        json_end(j);
    }
    json_list_end(j);
    free(list);
}

static void put_store(const struct publisher *p, struct json *j)
{
    const struct committer_metrics *m = &p->options.metrics->committer;
    json_key(j, "store"), json_begin(j);
    json_key(j, "octets"), json_int(j, (int64_t)metric_get(&m->database_octets));
    json_key(j, "wal_octets"), json_int(j, (int64_t)metric_get(&m->wal_pages) * PAGE_OCTETS);
    json_key(j, "failing_since"), json_time(j, p->pace.failing_since_ms);
    json_end(j);
}

static bool count_tag(void *context, const struct stored_tag *tag)
{
    struct exchange *x = context;
    x->at += exchange_sees(x, tag->station);
    return true;
}

static void overview_answered(struct exchange *x)
{
    struct publisher *p = x->p;
    struct evhttp_request *request = x->request;
    struct json *j = &p->json;
    int64_t holes = 0, wall_ms = clock_wall_ms();
    (void)reader_tags(p->reader, count_tag, x);
    (void)reader_holes(p->reader, wall_ms - DAY_MS, &holes);
    json_clear(j);
    json_begin(j);
    json_key(j, "cursor"), feed_cursor(&p->feed, j, x->snapshot->seq);
    put_stations(x, j);
    put_pace(p, j);
    put_consumers(p, j);
    put_store(p, j);
    json_key(j, "holes_last_day"), json_int(j, holes);
    json_key(j, "commands_open"), json_int(j, (int64_t)commands_open(p));
    json_key(j, "tags"), json_int(j, (int64_t)x->at);
    json_key(j, "uptime_s"),
        json_int(j, (wall_ms - (int64_t)metric_get(&p->options.metrics->daemon.started_ms)) / 1000);
    json_key(j, "version"), json_text(j, FEP_VERSION);
    json_end(j);
    json_literal(j, "\n");
    exchange_done(x);
    http_reply(p, request, 200, "application/json");
}

void api_overview(struct publisher *p, struct evhttp_request *request, const char *name,
                  const struct param *params)
{
    (void)name, (void)params;
    exchange_ask(exchange_new(p, request), snapshot_new(SNAPSHOT_STATIONS, 0, NULL), overview_answered);
}
