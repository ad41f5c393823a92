// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "fep/io/clock.h"

#include <arpa/inet.h>
#include <event2/http_struct.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

struct route_method {
    http_handler *handler;
    uint8_t role; /* who may: enum access_role; ACCESS_NONE is anybody */
};

/* A part of the path that is '*' stands for a name, which the handler gets. */
struct route {
    const char *path;
    struct route_method get, put, post, del;
    const char *params[PARAMS_MAX];
};

static const struct route routes[] = {
    {.path = "/v1/events",
     .get = {api_events, ACCESS_VIEWER},
     .params = {"after", "limit", "station", "type", "from", "to", "point", "order", "format", "before"}},
    {.path = "/v1/stream",
     .get = {api_stream, ACCESS_VIEWER},
     .params = {"after", "station", "type", "point"}},
    {.path = "/v1/stations", .get = {api_stations, ACCESS_VIEWER}},
    {.path = "/v1/stations/*", .get = {api_station, ACCESS_VIEWER}},
    {.path = "/v1/stations/*/trace", .get = {api_trace, ACCESS_OPERATOR}},
    {.path = "/v1/stations/*/actions", .post = {api_station_action, ACCESS_VIEWER}},
    /* Who lacks the role is refused by these themselves, and told to the audit. */
    {.path = "/v1/commands",
     .get = {api_commands, ACCESS_VIEWER},
     .post = {api_commands_post, ACCESS_VIEWER},
     .params = {"station", "open", "limit"}},
    {.path = "/v1/commands/*",
     .get = {api_command, ACCESS_VIEWER},
     .del = {api_command_delete, ACCESS_VIEWER},
     .params = {"wait_ms", "after_state"}},
    {.path = "/v1/tags",
     .get = {api_tags, ACCESS_VIEWER},
     .post = {api_tags_post, ACCESS_VIEWER},
     .params = {"station"}},
    {.path = "/v1/tags/*", .del = {api_tag_delete, ACCESS_VIEWER}},
    {.path = "/v1/audit", .get = {api_audit, ACCESS_VIEWER}, .params = {"after", "limit", "station"}},
    {.path = "/v1/audit/head", .get = {api_audit_head, ACCESS_VIEWER}},
    {.path = "/v1/points", .get = {api_points, ACCESS_VIEWER}, .params = {"station"}},
    {.path = "/v1/consumers", .get = {api_consumers, ACCESS_VIEWER}},
    {.path = "/v1/consumers/*",
     .get = {api_consumer, ACCESS_VIEWER},
     .put = {api_consumer_put, ACCESS_VIEWER}},
    {.path = "/v1/me", .get = {api_me, ACCESS_VIEWER}},
    {.path = "/v1/overview", .get = {api_overview, ACCESS_VIEWER}},
    {.path = "/v1/reload", .post = {api_reload, ACCESS_ENGINEER}},
    {.path = "/metrics", .get = {api_metrics, ACCESS_VIEWER}},
    {.path = "/livez", .get = {api_livez, ACCESS_NONE}},
    {.path = "/readyz", .get = {api_readyz, ACCESS_NONE}},
    {.path = "/healthz", .get = {api_healthz, ACCESS_VIEWER}},
};

/* The name lies in the path, from *name up to *name_len; a name is one part, with %2F where it has a '/'. */
static bool path_matches(const char *pattern, const char *path, const char **name, size_t *name_len)
{
    size_t before = strcspn(pattern, "*");
    if (strncmp(pattern, path, before) != 0)
        return false;
    *name = path + before;
    *name_len = pattern[before] ? strcspn(*name, "/") : 0;
    const char *rest = pattern[before] ? pattern + before + 1 : pattern + before;
    return (pattern[before] == '\0' || *name_len > 0) && strcmp(rest, *name + *name_len) == 0;
}

static const struct route *find_route(const char *path, const char **name, size_t *name_len)
{
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) {
        if (path_matches(routes[i].path, path, name, name_len))
            return &routes[i];
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

static const struct route_method *method_of(const struct route *route, enum evhttp_cmd_type command)
{
    static const struct route_method none;
    switch ((int)command) {
    case EVHTTP_REQ_GET:
    case EVHTTP_REQ_HEAD:
        return &route->get;
    case EVHTTP_REQ_PUT:
        return &route->put;
    case EVHTTP_REQ_POST:
        return &route->post;
    case EVHTTP_REQ_DELETE:
        return &route->del;
    default:
        return &none;
    }
}

static void no_such_method(struct publisher *p, struct evhttp_request *request, const struct route *route)
{
    char allowed[64];
    snprintf(allowed, sizeof allowed, "%s%s%s%s", route->get.handler ? ", GET, HEAD" : "",
             route->put.handler ? ", PUT" : "", route->post.handler ? ", POST" : "",
             route->del.handler ? ", DELETE" : "");
    evhttp_add_header(evhttp_request_get_output_headers(request), "Allow", allowed + 2);
    http_problem(p, request, 405, "this resource does not have that method", NULL, NULL);
}

static void dispatch(struct publisher *p, struct evhttp_request *request, const struct route *route,
                     const struct route_method *method, char *name)
{
    struct param params[PARAMS_MAX] = {0};
    struct evkeyvalq given = {0};
    const char *query = evhttp_uri_get_query(evhttp_request_get_evhttp_uri(request));
    if (query && *query && evhttp_parse_query_str(query, &given) < 0)
        http_problem(p, request, 400, "the query is not readable: name=value&name=value is", NULL, NULL);
    else if (sort_params(p, request, route, &given, params))
        method->handler(p, request, name, params);
    if (given.tqh_last)
        evhttp_clear_headers(&given);
}

/* What a form in a foreign page can't send: it has no way to say that it is JSON. */
static bool body_is_json(struct evhttp_request *request)
{
    if (evbuffer_get_length(evhttp_request_get_input_buffer(request)) == 0)
        return true; /* nothing is said; the handler knows whether it needs anything */
    const char *type = evhttp_find_header(evhttp_request_get_input_headers(request), "Content-Type");
    return type && strncasecmp(type, "application/json", 16) == 0 && strchr("; ", type[16]);
}

static void route_request(struct publisher *p, struct evhttp_request *request, struct door_slot *slot,
                          const struct route *route, const char *name, size_t name_len)
{
    enum evhttp_cmd_type command = evhttp_request_get_command(request);
    const struct route_method *method = method_of(route, command);
    if (method->handler == NULL) {
        no_such_method(p, request, route);
        return;
    }
    if (!http_admit(p, request, slot, method->role))
        return;
    if (command == EVHTTP_REQ_POST && !body_is_json(request)) {
        http_problem(p, request, 415, "the body must be application/json", NULL, NULL);
        return;
    }
    char *encoded = strndup(name, name_len);
    size_t len = 0;
    char *decoded = encoded ? evhttp_uridecode(encoded, 0, &len) : NULL;
    if (decoded == NULL || strlen(decoded) != len)
        http_problem(p, request, 400, "the path is not readable", NULL, NULL);
    else
        dispatch(p, request, route, method, decoded);
    free(encoded);
    free(decoded);
}

static bool is_old(const struct evhttp_request *request)
{
    return request->major == 1 && request->minor == 0;
}

/*
 * A page in a browser can have its own name point to 127.0.0.1 and read what is here. Its requests still
 * carry that name, so only names that nobody else can own are answered.
 */
static bool host_is_ours(const struct publisher *p, struct evhttp_request *request)
{
    const char *given = evhttp_find_header(evhttp_request_get_input_headers(request), "Host");
    if (given == NULL)
        return is_old(request); /* browsers always send one */
    char host[256];
    size_t len = *given == '[' ? strcspn(++given, "]") : strcspn(given, ":");
    if (len >= sizeof host)
        return false;
    memcpy(host, given, len);
    host[len] = '\0';
    struct in6_addr address;
    return strcasecmp(host, "localhost") == 0 || inet_pton(AF_INET, host, &address) == 1 ||
           inet_pton(AF_INET6, host, &address) == 1 || access_host_is_ours(p, host);
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
    slot->asked = true;
    door_deadline(p, slot, 2 * p->options.request_timeout_ms);
    if ((int)evhttp_request_get_command(request) == METHOD_UNKNOWN) {
        /* evhttp has not read its body, which would look like the next request. */
        evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
        http_problem(p, request, 501, "no such method", NULL, NULL);
        return;
    }
    const char *name = "", *path = evhttp_uri_get_path(evhttp_request_get_evhttp_uri(request));
    size_t name_len = 0;
    const struct route *route = find_route(path ? path : "", &name, &name_len);
    if (!host_is_ours(p, request))
        http_problem(p, request, 421,
                     "the Host header must be an address, localhost, or a name in the certificate", NULL,
                     NULL);
    else if (route == NULL && api_page(p, request, path ? path : ""))
        return;
    else if (route == NULL)
        http_problem(p, request, 404, "no such resource", NULL, NULL);
    else
        route_request(p, request, slot, route, name, name_len);
}
