// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "fep/io/clock.h"

#include <arpa/inet.h>
#include <event2/http_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

enum { PARAMS_MAX = 4 };

struct route {
    const char *path; /* one that ends in '/' takes a name */
    http_handler *get;
    http_handler *put;
    const char *params[PARAMS_MAX];
};

static const struct route routes[] = {
    {"/v1/events", api_events, NULL, {"after", "limit", "station", "type"}},
    {"/v1/stream", api_stream, NULL, {"after", "station", "type"}},
    {"/v1/stations", api_stations, NULL, {NULL}},
    {"/v1/stations/", api_station, NULL, {NULL}},
    {"/v1/points", api_points, NULL, {"station"}},
    {"/v1/consumers", api_consumers, NULL, {NULL}},
    {"/v1/consumers/", api_consumer, api_consumer_put, {NULL}},
    {"/metrics", api_metrics, NULL, {NULL}},
    {"/livez", api_livez, NULL, {NULL}},
    {"/readyz", api_readyz, NULL, {NULL}},
    {"/healthz", api_healthz, NULL, {NULL}},
};

static const struct route *find_route(const char *path, const char **rest)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        size_t len = strlen(routes[i].path);
        bool named = routes[i].path[len - 1] == '/';
        if (strncmp(path, routes[i].path, len) == 0 && (named ? path[len] != '\0' : path[len] == '\0')) {
            *rest = path + len;
            return &routes[i];
        }
    }
    return NULL;
}

/* Fills params[] in the order of the route. Answers where one is unknown or given twice. */
static bool sort_params(struct publisher *p, struct evhttp_request *request, const struct route *route,
                        const struct evkeyvalq *given, struct param *params)
{
    for (size_t i = 0; i < PARAMS_MAX; i++)
        params[i].name = route->params[i];
    for (const struct evkeyval *kv = given->tqh_first; kv; kv = kv->next.tqe_next) {
        size_t i = 0;
        while (i < PARAMS_MAX && params[i].name && strcmp(params[i].name, kv->key) != 0)
            i++;
        bool known = i < PARAMS_MAX && params[i].name;
        if (!known || params[i].value) {
            http_problem(p, request, 400, known ? "this parameter is given twice" : "no such parameter",
                         kv->key, NULL);
            return false;
        }
        params[i].value = kv->value;
    }
    return true;
}

static http_handler *handler_of(struct publisher *p, struct evhttp_request *request,
                                const struct route *route)
{
    enum evhttp_cmd_type command = evhttp_request_get_command(request);
    http_handler *handler = command == EVHTTP_REQ_GET || command == EVHTTP_REQ_HEAD ? route->get
                            : command == EVHTTP_REQ_PUT                             ? route->put
                                                                                    : NULL;
    if (handler == NULL) {
        const char *allowed = route->put ? "GET, HEAD, PUT" : "GET, HEAD";
        evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", allowed);
        http_problem(p, request, 405, "this resource does not have that method", NULL, NULL);
    }
    return handler;
}

static void dispatch(struct publisher *p, struct evhttp_request *request, const struct route *route,
                     const char *rest)
{
    struct param params[PARAMS_MAX] = {0};
    struct evkeyvalq given = {0};
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    size_t name_len = 0;
    char *name = evhttp_uridecode(rest, 0, &name_len);
    http_handler *handler = handler_of(p, request, route);
    if (handler == NULL) {
        /* answered */
    } else if (name == NULL || strlen(name) != name_len) {
        http_problem(p, request, 400, "the path is not readable", NULL, NULL);
    } else if (query && *query && evhttp_parse_query_str(query, &given) < 0) {
        http_problem(p, request, 400, "the query is not readable: name=value&name=value is", NULL, NULL);
    } else if (sort_params(p, request, route, &given, params)) {
        handler(p, request, name, params);
    }
    if (given.tqh_last)
        evhttp_clear_headers(&given);
    free(name);
}

static bool is_old(const struct evhttp_request *request)
{
    return request->major == 1 && request->minor == 0;
}

/*
 * A page in a browser can have its own name point to 127.0.0.1 and read what is here. Its requests still
 * carry that name, so only names that nobody else can own are answered.
 */
static bool host_is_ours(struct evhttp_request *request)
{
    const char *given = evhttp_find_header(evhttp_request_get_input_headers(request), "Host");
    if (given == NULL)
        return is_old(request); /* browsers always send one */
    char host[64];
    size_t len = *given == '[' ? strcspn(++given, "]") : strcspn(given, ":");
    if (len >= sizeof host)
        return false;
    memcpy(host, given, len);
    host[len] = '\0';
    struct in6_addr address;
    return strcasecmp(host, "localhost") == 0 || inet_pton(AF_INET, host, &address) == 1 ||
           inet_pton(AF_INET6, host, &address) == 1;
}

static void on_complete(struct evhttp_request *request, void *publisher)
{
    struct publisher *p = publisher;
    if (evhttp_request_get_connection(request) == NULL)
        return;
    p->now_ms = clock_now_ms();
    struct door_slot *slot = door_slot(p, request);
    if (slot)
        door_deadline(p, slot, p->options.request_timeout_ms);
}

void http_handle(struct evhttp_request *request, void *publisher)
{
    struct publisher *p = publisher;
    p->now_ms = clock_now_ms();
    metric_add(&p->options.metrics->publisher.requests, 1);
    evhttp_request_set_on_complete_cb(request, on_complete, p);
    http_common_headers(request);
    if (is_old(request)) { /* its long answers end by closing, so nothing may be kept open */
        struct evkeyvalq *in = evhttp_request_get_input_headers(request);
        evhttp_remove_header(in, "Connection");
        evhttp_add_header(in, "Connection", "close");
    }
    struct door_slot *slot = door_slot(p, request);
    if (slot == NULL) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
        http_problem(p, request, 503, "too many connections", NULL, NULL);
        return;
    }
    door_deadline(p, slot, 2 * p->options.request_timeout_ms);
    const char *rest = "", *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    const struct route *route = find_route(path ? path : "", &rest);
    if (!host_is_ours(request))
        http_problem(p, request, 421, "the Host header must be an address or localhost", NULL, NULL);
    else if (route == NULL)
        http_problem(p, request, 404, "no such resource", NULL, NULL);
    else
        dispatch(p, request, route, rest);
}
