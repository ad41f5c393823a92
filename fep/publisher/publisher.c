// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/commands.h"

#include "fep/io/clock.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { HEARTBEAT_MS = 15000, REQUEST_TIMEOUT_MS = 30000, TICK_MS = 1000 };

static void take_catalog(struct publisher *p)
{
    const struct catalog *catalog = atomic_load_explicit(&p->catalog, memory_order_acquire);
    p->feed.catalog = catalog;
    atomic_store_explicit(&p->generation, catalog ? catalog->generation : 0, memory_order_release);
}

static void take_committed(struct publisher *p)
{
    struct committed *c;
    while ((c = mailbox_take(p->options.committed))) {
        for (size_t i = 0; i < c->len; i++)
            tail_add(&p->tail, &c->rows[i]);
        if (c->newest > p->newest)
            p->newest = c->newest;
        if (c->audit > p->audit_newest)
            p->audit_newest = c->audit;
        free(c);
    }
}

static void on_wake(evutil_socket_t fd, short what, void *publisher)
{
    (void)fd, (void)what;
    struct publisher *p = publisher;
    struct snapshot *snapshot;
    wake_clear(p->options.wake);
    metric_add(&p->options.metrics->publisher.turns, 1);
    p->now_ms = clock_now_ms();
    if (atomic_load_explicit(&p->stopping, memory_order_acquire)) {
        event_base_loopbreak(p->base);
        return;
    }
    take_catalog(p);
    access_renew(p);
    take_committed(p);
    while ((snapshot = mailbox_take(p->options.answers)))
        exchange_answer(p, snapshot);
    if (p->audit_newest != p->audit_seen)
        commands_tick(p);
    exchange_wake_streams(p);
}

/*
 * Rows that the committer could not hand over are found by looking into the journal. What it told at the last
 * tick has had its time to arrive: a stream need not go to the journal for what is on its way.
 */
static void on_tick(evutil_socket_t fd, short what, void *publisher)
{
    (void)fd, (void)what;
    struct publisher *p = publisher;
    struct journal_bounds bounds;
    p->now_ms = clock_now_ms();
    (void)evconnlistener_enable(p->listener);
    if (p->newest_before > p->newest)
        p->newest = p->newest_before;
    if (p->exchanges && reader_bounds(p->reader, &bounds) == STORE_OK)
        p->newest_before = bounds.newest;
    door_tick(p);
    commands_tick(p);
    pace_tick(p);
    access_tick(p);
    exchange_tick(p);
}

static void publisher_run(void *publisher)
{
    struct publisher *p = publisher;
    event_base_dispatch(p->base);
}

static bool open_journal(struct publisher *p, char *error, size_t room)
{
    const struct publisher_options *o = &p->options;
    struct journal_bounds bounds;
    if (reader_open(&p->reader, o->database, o->vfs, error, room) != STORE_OK)
        return false;
    if (reader_bounds(p->reader, &bounds) != STORE_OK) {
        snprintf(error, room, "%s: %s", o->database, reader_error(p->reader));
        return false;
    }
    struct audit_head head;
    if (reader_audit_head(p->reader, &head) == STORE_OK)
        p->audit_newest = p->audit_seen = head.id;
    p->newest = bounds.newest;
    p->feed.reader = p->reader;
    p->feed.journal_id = bounds.journal_id;
    return true;
}

/* No descriptor is left, say: whoever waits would be told of again at once. The next tick tries anew. */
static void on_accept_error(struct evconnlistener *listener, void *http)
{
    (void)http;
    evconnlistener_disable(listener);
}

static bool open_http(struct publisher *p, char *error, size_t room)
{
    const struct publisher_options *o = &p->options;
    int fd = http_listen(o->listen_host, o->listen_port, p->secrets->tls != NULL, &p->port, error, room);
    if (fd < 0)
        return false;
    struct evhttp_bound_socket *bound = evhttp_accept_socket_with_handle(p->http, fd);
    if (bound == NULL) {
        snprintf(error, room, "the HTTP interface can't listen: %s", strerror(errno));
        close(fd);
        return false;
    }
    p->listener = evhttp_bound_socket_get_listener(bound);
    evconnlistener_set_error_cb(p->listener, on_accept_error);
    evhttp_set_max_headers_size(p->http, HEADERS_MAX);
    evhttp_set_max_body_size(p->http, BODY_MAX);
    evhttp_set_default_content_type(p->http, NULL);
    /* All that there are, so that the answer to a wrong one is ours. */
    evhttp_set_allowed_methods(p->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_HEAD | EVHTTP_REQ_PUT |
                                            EVHTTP_REQ_DELETE | EVHTTP_REQ_OPTIONS | EVHTTP_REQ_TRACE |
                                            EVHTTP_REQ_CONNECT | EVHTTP_REQ_PATCH | METHOD_UNKNOWN);
    evhttp_set_gencb(p->http, http_handle, p);
    return true;
}

static bool open_events(struct publisher *p, char *error, size_t room)
{
    p->base = event_base_new();
    p->http = p->base ? evhttp_new(p->base) : NULL;
    p->slice = evbuffer_new();
    p->wake = p->base ? event_new(p->base, p->options.wake->fd, EV_READ | EV_PERSIST, on_wake, p) : NULL;
    p->tick = p->base ? event_new(p->base, -1, EV_PERSIST, on_tick, p) : NULL;
    uint32_t shortest = p->options.heartbeat_ms < p->options.request_timeout_ms
                            ? p->options.heartbeat_ms
                            : p->options.request_timeout_ms;
    uint32_t tick_ms = shortest < 2 * TICK_MS ? shortest / 2 + 1 : TICK_MS;
    struct timeval every = {.tv_sec = tick_ms / 1000, .tv_usec = tick_ms % 1000 * 1000};
    if (p->http && p->slice && p->wake && p->tick && event_add(p->wake, NULL) == 0 &&
        event_add(p->tick, &every) == 0 && door_open(p) && tail_open(&p->tail))
        return true;
    snprintf(error, room, "the HTTP interface can't start: %s", strerror(errno));
    return false;
}

static void publisher_free(struct publisher *p)
{
    exchange_close_all(p);
    if (p->http)
        evhttp_free(p->http);
    door_close(p);
    tail_close(&p->tail);
    if (p->wake)
        event_free(p->wake);
    if (p->tick)
        event_free(p->tick);
    if (p->slice)
        evbuffer_free(p->slice);
    if (p->base)
        event_base_free(p->base);
    commands_free(p);
    feed_free(&p->feed);
    reader_close(p->reader);
    json_free(&p->json);
    publisher_secrets_free(p->secrets);
    publisher_secrets_free(atomic_load(&p->coming));
    free(p);
}

struct publisher *publisher_start(const struct publisher_options *options, char *error, size_t room)
{
    assert(options->max_consumers && options->metrics && options->wake);
    struct publisher *p = calloc(1, sizeof *p);
    if (p == NULL)
        abort();
    p->options = *options;
    p->now_ms = clock_now_ms();
    if (p->options.heartbeat_ms == 0)
        p->options.heartbeat_ms = HEARTBEAT_MS;
    if (p->options.request_timeout_ms == 0)
        p->options.request_timeout_ms = REQUEST_TIMEOUT_MS;
    atomic_init(&p->catalog, options->catalog);
    p->secrets = options->secrets ? options->secrets : calloc(1, sizeof *p->secrets);
    if (p->secrets == NULL)
        abort();
    take_catalog(p);
    if (open_journal(p, error, room) && open_events(p, error, room) && open_http(p, error, room)) {
        if (thread_start(&p->thread, "publisher", -1, publisher_run, p))
            return p;
        snprintf(error, room, "the publisher's thread can't start: %s", strerror(errno));
    }
    if (options->secrets)
        p->secrets = NULL; /* still the caller's */
    publisher_free(p);
    return NULL;
}

uint16_t publisher_port(const struct publisher *p)
{
    return p->port;
}

void publisher_set_catalog(struct publisher *p, const struct catalog *catalog)
{
    atomic_store_explicit(&p->catalog, catalog, memory_order_release);
    wake_up(p->options.wake);
}

void publisher_set_secrets(struct publisher *p, struct publisher_secrets *secrets)
{
    publisher_secrets_free(atomic_exchange(&p->coming, secrets));
    wake_up(p->options.wake);
}

uint32_t publisher_catalog_generation(const struct publisher *p)
{
    return atomic_load_explicit(&p->generation, memory_order_acquire);
}

void publisher_stop(struct publisher *p)
{
    atomic_store_explicit(&p->stopping, true, memory_order_release);
    wake_up(p->options.wake);
    thread_join(&p->thread);
    publisher_free(p);
}
