// SPDX-License-Identifier: Apache-2.0
/*
 * Stations on one endpoint are found by sorting positions. Which worker an endpoint gets depends on its text
 * alone, so that a reload moves nobody; settings are shared where the configuration shares them.
 */
#include "fep/catalog.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void *catalog_take(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

static struct master_config catalog_master(const struct config_session *s)
{
    struct master_config m = master_defaults();
    m.response_timeout_ms = s->response_timeout_ms;
    m.confirm_timeout_ms = s->confirm_timeout_ms;
    m.link_idle_ms = s->link_idle_ms;
    m.link_timeout_ms = s->link_timeout_ms;
    m.task_retry_min_ms = s->task_retry_min_ms;
    m.task_retry_max_ms = s->task_retry_max_ms;
    m.offline_poll_ms = s->offline_poll_ms;
    m.time_sync_period_ms = s->time_sync_period_ms;
    m.request_retries = s->request_retries;
    m.offline_after = s->offline_after;
    m.unsolicited_classes = s->unsolicited_classes;
    m.disable_unsolicited_first = s->disable_unsolicited_first;
    m.integrity_on_overflow = s->integrity_on_overflow;
    m.event_scan_classes = s->event_scan_classes;
    m.time_sync = s->time_sync;
    m.quirks = s->quirks;
    return m;
}

/* The two libraries do not know each other; their numbers agree. */
static_assert((int)CONFIG_CLASS_0 == CLASS_0 && (int)CONFIG_CLASS_3 == CLASS_3, "classes");
static_assert((int)CONFIG_TIME_NONE == TIME_SYNC_NONE && (int)CONFIG_TIME_LAN == TIME_SYNC_LAN &&
                  (int)CONFIG_TIME_NON_LAN == TIME_SYNC_NON_LAN &&
                  (int)CONFIG_TIME_DIRECT == TIME_SYNC_DIRECT,
              "time synchronisation");

struct sortable {
    const void *key;
    const struct config_station *config;
    uint32_t position;
};

static int by_session(const void *a, const void *b)
{
    const struct sortable *x = a, *y = b;
    if (x->key != y->key)
        return (uintptr_t)x->key < (uintptr_t)y->key ? -1 : 1;
    return 0;
}

static int by_endpoint(const void *a, const void *b)
{
    const struct sortable *x = a, *y = b;
    int order = strcmp(x->config->host, y->config->host);
    if (order)
        return order;
    if (x->config->port != y->config->port)
        return x->config->port < y->config->port ? -1 : 1;
    return x->position < y->position ? -1 : 1;
}

static bool same_endpoint(const struct config_station *a, const struct config_station *b)
{
    return a->port == b->port && strcmp(a->host, b->host) == 0;
}

/* FNV-1a, and a last stir: neighbouring addresses must not all meet on one worker. */
static uint32_t endpoint_hash(const struct config_station *c)
{
    uint32_t h = 2166136261u;
    for (const char *at = c->host; *at; at++)
        h = (h ^ (uint8_t)*at) * 16777619u;
    h = (h ^ (c->port & 0xFF)) * 16777619u;
    h = (h ^ (uint32_t)(c->port >> 8)) * 16777619u;
    h ^= h >> 15;
    h *= 0x2C1B3C6Du;
    return h ^ (h >> 12);
}

static void catalog_place(struct catalog *catalog, struct sortable *order, uint32_t workers)
{
    size_t len = catalog->stations_len;
    for (size_t i = 0; i < len; i++)
        order[i] = (struct sortable){NULL, catalog->stations[i].config, (uint32_t)i};
    qsort(order, len, sizeof(*order), by_endpoint);
    uint32_t first = 0;
    for (size_t i = 0; i < len; i++) {
        if (i == 0 || !same_endpoint(order[i - 1].config, order[i].config))
            first = order[i].position;
        struct catalog_station *s = &catalog->stations[order[i].position];
        s->endpoint = first & (CATALOG_STATIONS_MAX - 1);
        s->worker = endpoint_hash(s->config) % workers & (CATALOG_WORKERS_MAX - 1);
    }
}

static const struct master_poll *catalog_polls(struct catalog *catalog, const struct config_session *session,
                                               size_t *at)
{
    struct master_poll *polls = &catalog->polls[*at];
    for (size_t i = 0; i < session->polls_len; i++) {
        const struct config_poll *p = &session->polls[i];
        polls[i] = (struct master_poll){
            .period_ms = p->period_ms, .classes = p->classes, .group = p->group, .variation = p->variation};
    }
    *at += session->polls_len;
    return polls;
}

static void catalog_settings(struct catalog *catalog, struct sortable *order)
{
    size_t len = catalog->stations_len, polls = 0, at = 0;
    for (size_t i = 0; i < len; i++)
        order[i] =
            (struct sortable){catalog->stations[i].config->session, catalog->stations[i].config, (uint32_t)i};
    qsort(order, len, sizeof(*order), by_session);
    for (size_t i = 0; i < len; i++) {
        if (i && order[i].key == order[i - 1].key)
            continue;
        catalog->masters_len++;
        polls += order[i].config->session->polls_len;
    }
    catalog->masters = catalog_take(catalog->masters_len, sizeof(*catalog->masters));
    catalog->polls = catalog_take(polls, sizeof(*catalog->polls));
    struct master_config *next = catalog->masters, *current = NULL;
    for (size_t i = 0; i < len; i++) {
        const struct config_session *session = order[i].config->session;
        if (i == 0 || order[i].key != order[i - 1].key) {
            current = next++;
            *current = catalog_master(session);
            current->polls = catalog_polls(catalog, session, &at);
            current->polls_len = session->polls_len;
        }
        catalog->stations[order[i].position].master = current;
    }
}

struct catalog *catalog_build(struct config *config, const uint32_t *numbers, uint32_t generation,
                              uint32_t workers)
{
    assert(workers > 0 && workers <= CATALOG_WORKERS_MAX && config->stations_len < CATALOG_STATIONS_MAX);
    struct catalog *catalog = catalog_take(1, sizeof(*catalog));
    catalog->config = config;
    catalog->generation = generation;
    catalog->stations = catalog_take(config->stations_len, sizeof(*catalog->stations));
    for (size_t i = 0; i < config->stations_len; i++) {
        if (!config->stations[i].enabled)
            continue;
        struct catalog_station *s = &catalog->stations[catalog->stations_len++];
        s->number = numbers[i];
        s->config = &config->stations[i];
        if (numbers[i] >= catalog->numbers_len)
            catalog->numbers_len = numbers[i] + 1;
    }
    catalog->by_number = catalog_take(catalog->numbers_len, sizeof(*catalog->by_number));
    for (size_t i = 0; i < catalog->stations_len; i++)
        catalog->by_number[catalog->stations[i].number] = (uint32_t)i + 1;
    struct sortable *order = catalog_take(catalog->stations_len, sizeof(*order));
    catalog_place(catalog, order, workers);
    catalog_settings(catalog, order);
    free(order);
    return catalog;
}

void catalog_free(struct catalog *catalog)
{
    if (!catalog)
        return;
    config_free(catalog->config);
    free(catalog->stations);
    free(catalog->masters);
    free(catalog->polls);
    free(catalog->by_number);
    free(catalog);
}

const struct catalog_station *catalog_find(const struct catalog *catalog, uint32_t number)
{
    if (number >= catalog->numbers_len || !catalog->by_number[number])
        return NULL;
    return &catalog->stations[catalog->by_number[number] - 1];
}
