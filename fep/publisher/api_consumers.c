// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

/* Answers where they can't be read. */
static struct reader_consumer *read_consumers(struct publisher *p, struct evhttp_request *request,
                                              size_t *len)
{
    struct reader_consumer *list = calloc(CONSUMERS_MAX, sizeof *list);
    if (list == NULL)
        abort();
    *len = CONSUMERS_MAX;
    if (reader_consumers(p->reader, list, len) == STORE_OK)
        return list;
    free(list);
    http_problem(p, request, 503, "the journal can't be read at present", NULL, NULL);
    return NULL;
}

static const struct reader_consumer *find_consumer(const struct reader_consumer *list, size_t len,
                                                   const char *name)
{
    for (size_t i = 0; i < len; i++) {
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    }
    return NULL;
}

static void put_consumer(struct publisher *p, const struct reader_consumer *consumer)
{
    struct json *j = &p->json;
    json_begin(j);
    json_key(j, "name"), json_text(j, consumer->name);
    json_key(j, "cursor"), feed_cursor(&p->feed, j, consumer->seq);
    if (consumer->at_ms)
        json_key(j, "acknowledged"), json_time(j, consumer->at_ms);
    json_end(j);
}

void api_consumers(struct publisher *p, struct evhttp_request *request, const char *name,
                   const struct param *params)
{
    (void)name, (void)params;
    size_t len;
    struct reader_consumer *list = read_consumers(p, request, &len);
    if (list == NULL)
        return;
    struct json *j = &p->json;
    json_begin(j);
    json_key(j, "consumers"), json_list(j);
    for (size_t i = 0; i < len; i++)
        put_consumer(p, &list[i]);
    json_list_end(j);
    json_end(j);
    json_literal(j, "\n");
    free(list);
    http_reply(p, request, 200, "application/json");
}

void api_consumer(struct publisher *p, struct evhttp_request *request, const char *name,
                  const struct param *params)
{
    (void)params;
    size_t len;
    struct reader_consumer *list = read_consumers(p, request, &len);
    if (list == NULL)
        return;
    const struct reader_consumer *consumer = find_consumer(list, len, name);
    if (consumer) {
        put_consumer(p, consumer);
        json_literal(&p->json, "\n");
        http_reply(p, request, 200, "application/json");
    } else {
        http_problem(p, request, 404, "no consumer of this name has acknowledged anything", NULL, NULL);
    }
    free(list);
}

static bool name_is_fit(const char *name)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strspn(name, allowed);
    return len > 0 && name[len] == '\0' && len < sizeof((struct snapshot *)0)->consumer_name;
}

static bool body_cursor(struct evhttp_request *request, struct cursor *cursor)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    size_t len = evbuffer_get_length(body);
    const char *text = len ? (const char *)evbuffer_pullup(body, -1) : "";
    json_t *root = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    const char *given = json_string_value(json_object_get(root, "cursor"));
    bool fine = given && json_object_size(root) == 1 && cursor_parse(given, cursor);
    json_decref(root);
    return fine;
}

/* Answers where it is not fit. An old cursor is: what a consumer has had it may say at any time. */
static bool take_body(struct publisher *p, struct evhttp_request *request, struct cursor *cursor)
{
    struct journal_bounds bounds;
    if (!body_cursor(request, cursor)) {
        http_problem(p, request, 400, "the body must be {\"cursor\":\"<journal id>-<sequence>\"}", "cursor",
                     NULL);
        return false;
    }
    if (reader_bounds(p->reader, &bounds) != STORE_OK) {
        http_problem(p, request, 503, "the journal can't be read at present", NULL, NULL);
        return false;
    }
    enum cursor_place place = cursor_place(cursor, &bounds);
    if (place == CURSOR_FINE || place == CURSOR_OLD)
        return true;
    http_problem(p, request, 410,
                 place == CURSOR_AHEAD ? "this cursor is ahead of the newest event"
                                       : "this cursor is of another journal",
                 "cursor", &bounds);
    return false;
}

static void put_answered(struct exchange *x)
{
    struct publisher *p = x->p;
    struct evhttp_request *request = x->request;
    struct reader_consumer stored = {.seq = x->snapshot->consumer_seq};
    snprintf(stored.name, sizeof stored.name, "%s", x->snapshot->consumer_name);
    json_clear(&p->json);
    put_consumer(p, &stored);
    json_literal(&p->json, "\n");
    exchange_done(x);
    http_reply(p, request, 200, "application/json");
}

void api_consumer_put(struct publisher *p, struct evhttp_request *request, const char *name,
                      const struct param *params)
{
    (void)params;
    struct cursor cursor;
    size_t len;
    if (!name_is_fit(name)) {
        http_problem(p, request, 400, "a consumer's name has 1 to 64 of the characters A-Z a-z 0-9 . _ -",
                     NULL, NULL);
        return;
    }
    if (!take_body(p, request, &cursor))
        return;
    struct reader_consumer *list = read_consumers(p, request, &len);
    if (list == NULL)
        return;
    bool room = len < CONSUMERS_MAX || find_consumer(list, len, name);
    free(list);
    if (!room) {
        http_problem(p, request, 409, "there are 1000 consumers already", NULL, NULL);
        return;
    }
    struct snapshot *s = snapshot_new(SNAPSHOT_CONSUMER, 0, NULL);
    snprintf(s->consumer_name, sizeof s->consumer_name, "%s", name);
    s->consumer_seq = cursor.seq;
    exchange_ask(exchange_new(p, request), s, put_answered);
}
