// SPDX-License-Identifier: Apache-2.0
/*
 * A long answer is made slice by slice: the next one when the last has left for the kernel, so that one slice
 * is all that waits for a consumer, and an answer never keeps the thread for longer than a slice takes.
 */
#include "fep/publisher/parts.h"

#include "fep/io/clock.h"
#include "fep/publisher/commands.h"

#include <stdlib.h>

static void exchange_go(struct exchange *x);

static void exchange_free(struct exchange *x)
{
    *x->link = x->next;
    if (x->next)
        x->next->link = x->link;
    if (x->stream && x->started)
        metric_add(&x->p->options.metrics->publisher.streams, (uint64_t)-1);
    event_free(x->again);
    snapshot_free(x->snapshot);
    free(x->numbers);
    free(x->tags);
    if (x->trace)
        trace_close(x->p->options.traces, x->trace);
    free(x->scope);
    command_free(x->command);
    free(x);
}

void exchange_done(struct exchange *x)
{
    struct evhttp_connection *connection = x->request ? evhttp_request_get_connection(x->request) : NULL;
    if (connection)
        evhttp_connection_set_closecb(connection, NULL, NULL);
    x->request = NULL;
    if (!x->asked)
        exchange_free(x);
}

/* The consumer has gone. A request that was not answered to its end is left to us to free. */
static void on_close(struct evhttp_connection *connection, void *exchange)
{
    (void)connection;
    struct exchange *x = exchange;
    if (evhttp_request_get_connection(x->request) == NULL)
        evhttp_send_reply_end(x->request);
    x->request = NULL;
    exchange_done(x);
}

static void on_again(evutil_socket_t fd, short what, void *exchange)
{
    (void)fd, (void)what;
    struct exchange *x = exchange;
    if (x->request && !x->draining)
        exchange_go(x);
}

struct exchange *exchange_new(struct publisher *p, struct evhttp_request *request)
{
    struct exchange *x = calloc(1, sizeof *x);
    if (x == NULL)
        abort();
    x->p = p;
    x->request = request;
    x->slot = door_slot(p, request);
    x->caller = p->caller;
    x->again = evtimer_new(p->base, on_again, x);
    if (x->again == NULL)
        abort();
    x->next = p->exchanges;
    x->link = &p->exchanges;
    if (x->next)
        x->next->link = &x->next;
    p->exchanges = x;
    struct evhttp_connection *connection = evhttp_request_get_connection(request);
    evhttp_connection_set_closecb(connection, on_close, x);
    /* After a request with a body evhttp does not read on, and would not see that the consumer goes. */
    bufferevent_enable(evhttp_connection_get_bufferevent(connection), EV_READ);
    return x;
}

static void on_drained(struct evhttp_connection *connection, void *exchange)
{
    (void)connection;
    struct exchange *x = exchange;
    x->draining = false;
    x->p->now_ms = clock_now_ms();
    door_deadline(x->p, x->slot, x->stream ? 0 : 2 * (int64_t)x->p->options.request_timeout_ms);
    exchange_go(x);
}

static void exchange_send(struct exchange *x, enum pump next)
{
    struct publisher *p = x->p;
    if (p->json.len) {
        x->draining = true;
        x->sent_ms = p->now_ms;
        evbuffer_add(p->slice, p->json.text, p->json.len);
        json_clear(&p->json);
        evhttp_send_reply_chunk_with_cb(x->request, p->slice, on_drained, x);
    }
    x->waiting = next == PUMP_WAIT;
    if (next == PUMP_END) {
        struct evhttp_request *request = x->request;
        if (x->failed) /* its end would look like that of a whole answer */
            door_cut(x->slot);
        exchange_done(x);
        evhttp_send_reply_end(request);
    } else if (next == PUMP_ON && !x->draining) {
        static const struct timeval at_once;
        if (!x->stream) /* a long search is our slowness, not the consumer's */
            door_deadline(p, x->slot, 2 * (int64_t)p->options.request_timeout_ms);
        evtimer_add(x->again, &at_once);
    }
}

static void exchange_go(struct exchange *x)
{
    json_clear(&x->p->json);
    exchange_send(x, x->pump(x, &x->p->json));
}

static void exchange_problem(struct exchange *x, int code, const char *detail)
{
    struct evhttp_request *request = x->request;
    struct publisher *p = x->p;
    exchange_done(x);
    http_problem(p, request, code, detail, NULL, NULL);
}

void exchange_end(struct exchange *x, int code, const char *detail)
{
    struct publisher *p = x->p;
    struct evhttp_request *request = x->request;
    if (request == NULL)
        return;
    if (!x->started) {
        exchange_problem(x, code, detail);
        return;
    }
    door_deadline(p, x->slot, 2 * (int64_t)p->options.request_timeout_ms);
    exchange_done(x);
    evhttp_send_reply_end(request);
}

void exchange_start(struct exchange *x, const char *type)
{
    struct publisher *p = x->p;
    struct evhttp_request *request = x->request;
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        json_clear(&p->json);
        exchange_done(x);
        http_reply(p, request, 200, type);
        return;
    }
    json_clear(&p->json);
    enum pump next = x->pump(x, &p->json);
    if (x->failed) {
        exchange_problem(x, 503, "the journal can't be read at present");
        return;
    }
    x->started = true;
    if (x->stream) {
        door_deadline(p, x->slot, 0);
        metric_add(&p->options.metrics->publisher.streams, 1);
    }
    evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Type", type);
    evhttp_send_reply_start(request, 200, http_reason(200));
    exchange_send(x, next);
}

void exchange_ask(struct exchange *x, struct snapshot *snapshot, void (*answered)(struct exchange *x))
{
    struct publisher *p = x->p;
    const char *reason = publisher_not_ready(p);
    snapshot->asker = x;
    if (reason) { /* it would wait for as long as the store does */
        snapshot_free(snapshot);
        exchange_problem(x, 503, reason);
        return;
    }
    if (p->asked >= ASKED_MAX || !mailbox_post(p->options.requests, snapshot)) {
        snapshot_free(snapshot);
        exchange_problem(x, 503, "too many requests wait for the store");
        return;
    }
    x->asked = true;
    x->answered = answered;
    x->ask_deadline_ms = p->now_ms + p->options.request_timeout_ms;
    p->asked++;
    wake_up(p->options.committer_wake);
}

void exchange_answer(struct publisher *p, struct snapshot *snapshot)
{
    struct exchange *x = snapshot->asker;
    p->asked--;
    if (!x) { /* nobody waits for it */
        commands_unheard(p, snapshot);
        snapshot_free(snapshot);
        return;
    }
    x->asked = false;
    x->snapshot = snapshot;
    if (x->request || x->told_if_gone)
        x->answered(x);
    else
        exchange_free(x);
}

void exchange_wake_streams(struct publisher *p)
{
    for (struct exchange *x = p->exchanges, *next; x; x = next) {
        next = x->next;
        if (x->stream && x->started && x->waiting && !x->draining)
            exchange_go(x);
    }
}

void exchange_tick(struct publisher *p)
{
    for (struct exchange *x = p->exchanges, *next; x; x = next) {
        next = x->next;
        if (x->asked && x->request && x->ask_deadline_ms <= p->now_ms)
            exchange_problem(x, 503, "the store does not answer at present");
    }
    exchange_wake_streams(p);
}

void exchange_close_all(struct publisher *p)
{
    while (p->exchanges) {
        struct exchange *x = p->exchanges;
        x->asked = false; /* whoever holds the snapshot frees it */
        exchange_done(x);
    }
}
