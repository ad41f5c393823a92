// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

static uint64_t over_workers(const struct metrics *m, size_t offset)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m->workers_len; i++)
        sum += metric_get((const _Atomic uint64_t *)(const void *)((const char *)&m->workers[i] + offset));
    return sum;
}

const char *publisher_not_ready(const struct publisher *p)
{
    const struct metrics *m = p->options.metrics;
    if (p->feed.catalog == NULL)
        return "no configuration is loaded yet";
    if (metric_get(&m->committer.failing))
        return "the store is failing: nothing can be written, and stations keep their events";
    if (over_workers(m, offsetof(struct worker_metrics, stalled)))
        return "the store stalls: a commit takes more than a second, and stations keep their events";
    return NULL;
}

static void reply_line(struct publisher *p, struct evhttp_request *request, int code, const char *line)
{
    json_raw(&p->json, line, strlen(line));
    json_literal(&p->json, "\n");
    http_reply(p, request, code, "text/plain; charset=utf-8");
}

void api_livez(struct publisher *p, struct evhttp_request *request, const char *name,
               const struct param *params)
{
    (void)name, (void)params;
    reply_line(p, request, 200, "ok");
}

void api_readyz(struct publisher *p, struct evhttp_request *request, const char *name,
                const struct param *params)
{
    (void)name, (void)params;
    const char *reason = publisher_not_ready(p);
    reply_line(p, request, reason ? 503 : 200, reason ? reason : "ok");
}

void api_healthz(struct publisher *p, struct evhttp_request *request, const char *name,
                 const struct param *params)
{
    (void)name, (void)params;
    const struct metrics *m = p->options.metrics;
    const char *reason = publisher_not_ready(p);
    struct json *j = &p->json;
    json_begin(j);
    json_key(j, "status"), json_text(j, reason ? "failing" : "ok");
    json_key(j, "reason"), json_text(j, reason);
    json_key(j, "version"), json_text(j, FEP_VERSION);
    json_key(j, "newest"), feed_cursor(&p->feed, j, p->newest);
    json_key(j, "generation"), json_int(j, publisher_catalog_generation(p));
    json_key(j, "stations"), json_begin(j);
    json_key(j, "configured"),
        json_int(j, (int64_t)over_workers(m, offsetof(struct worker_metrics, sessions)));
    json_key(j, "connected"),
        json_int(j, (int64_t)over_workers(m, offsetof(struct worker_metrics, connected)));
    json_key(j, "online"), json_int(j, (int64_t)over_workers(m, offsetof(struct worker_metrics, online)));
    json_end(j);
    json_key(j, "store"), json_begin(j);
    json_key(j, "commits"), json_int(j, (int64_t)metric_get(&m->committer.commits));
    json_key(j, "failed_commits"), json_int(j, (int64_t)metric_get(&m->committer.failed_commits));
    json_key(j, "waiting"), json_int(j, (int64_t)metric_get(&m->committer.waiting));
    json_key(j, "wal_pages"), json_int(j, (int64_t)metric_get(&m->committer.wal_pages));
    json_end(j);
    json_key(j, "consumers"), json_begin(j);
    json_key(j, "connections"), json_int(j, (int64_t)metric_get(&m->publisher.connections));
    json_key(j, "streams"), json_int(j, (int64_t)metric_get(&m->publisher.streams));
    json_end(j);
    json_end(j);
    json_literal(j, "\n");
    http_reply(p, request, 200, "application/json");
}
