// SPDX-License-Identifier: Apache-2.0
/* Controls, and what became of them. */
#include "fep/publisher/commands.h"

#include "fep/io/clock.h"

#include <stdio.h>
#include <stdlib.h>

static bool prepare(struct asking *a)
{
    static const char *const keys[] = {"station", "reason", "mode", "points", "deadline_ms", NULL};
    return asking_role(a, ACCESS_OPERATOR) && asking_keys(a, a->body, keys, "no such field") &&
           asking_station(a, json_string_value(json_object_get(a->body, "station"))) &&
           asking_reason(a, true) && asking_points(a) && asking_deadline(a) && asking_untagged(a);
}

void api_commands_post(struct publisher *p, struct evhttp_request *request, const char *name,
                       const struct param *params)
{
    struct asking a;
    (void)name, (void)params;
    if (!asking_begin(&a, p, request, "operate", ACCESS_OPERATOR))
        return;
    if (prepare(&a))
        asking_send(&a);
    else
        asking_refuse(&a);
}

/* --- reading --- */

/* A command as its records tell of it. */
struct story {
    int64_t id;
    char *station, *action, *who, *role, *state;
    json_t *told;     /* of the first record */
    json_t *statuses; /* the last ones */
    struct json history;
    bool any;
};

static void keep_text(char **to, const char *text)
{
    free(*to);
    *to = strdup(text);
    if (!*to)
        abort();
}

static void begin_story(struct story *s, const struct audit_record *r)
{
    s->any = true;
    s->id = r->command;
    keep_text(&s->station, r->station);
    keep_text(&s->action, r->action);
    keep_text(&s->who, r->who);
    keep_text(&s->role, r->role);
    s->told = json_loads(r->detail, 0, NULL);
    json_list(&s->history);
}

static bool take_record(void *context, const struct audit_record *r, const uint8_t hash[AUDIT_HASH_LEN])
{
    struct story *s = context;
    struct json *j = &s->history;
    (void)hash;
    bool first = !s->any;
    if (first)
        begin_story(s, r);
    keep_text(&s->state, r->state);
    json_t *detail = json_loads(r->detail, 0, NULL);
    json_t *statuses = json_object_get(detail, "statuses");
    if (statuses) {
        json_decref(s->statuses);
        s->statuses = json_incref(statuses);
    }
    json_begin(j);
    json_key(j, "state"), json_text(j, r->state);
    json_key(j, "at"), json_time(j, r->at_ms);
    json_key(j, "detail");
    if (detail && !(first && strcmp(r->state, "requested") == 0))
        json_raw(j, r->detail, strlen(r->detail));
    else
        json_literal(j, "null");
    j->comma = true;
    json_end(j);
    json_decref(detail);
    return true;
}

static void free_story(struct story *s)
{
    free(s->station);
    free(s->action);
    free(s->who);
    free(s->role);
    free(s->state);
    json_decref(s->told);
    json_decref(s->statuses);
    json_free(&s->history);
}

static bool read_story(struct publisher *p, int64_t id, struct story *s)
{
    *s = (struct story){0};
    return reader_audit_of(p->reader, id, take_record, s) == STORE_OK;
}

static void put_points(struct json *j, const struct story *s)
{
    json_t *points = json_object_get(s->told, "points");
    json_key(j, "points");
    for (size_t i = 0; i < json_array_size(points); i++) {
        json_t *status = json_array_get(s->statuses, i);
        json_object_set(json_array_get(points, i), "status", status ? status : json_null());
    }
    char *text = points ? json_dumps(points, JSON_COMPACT) : NULL;
    if (text)
        json_raw(j, text, strlen(text));
    else
        json_literal(j, "[]");
    j->comma = true;
    free(text);
}

static void put_story(struct json *j, struct story *s, bool whole)
{
    json_begin(j);
    json_key(j, "id"), json_int(j, s->id);
    json_key(j, "station"), json_text(j, s->station);
    json_key(j, "action"), json_text(j, s->action);
    json_key(j, "who"), json_text(j, s->who);
    json_key(j, "role"), json_text(j, s->role);
    json_key(j, "reason"), json_text(j, json_string_value(json_object_get(s->told, "reason")));
    json_key(j, "mode"), json_text(j, json_string_value(json_object_get(s->told, "mode")));
    put_points(j, s);
    json_key(j, "state"), json_text(j, s->state);
    json_key(j, "final"), json_bool(j, command_state_is_final(s->state));
    if (whole) {
        json_list_end(&s->history);
        json_key(j, "history"), json_raw(j, s->history.text, s->history.len);
        j->comma = true;
    }
    json_end(j);
}

static bool story_is_seen(struct publisher *p, const struct api_caller *caller, const struct story *s)
{
    uint32_t number = feed_station_number(&p->feed, s->station);
    return number ? api_sees(p, caller, number) : caller->all;
}

static void answer_story(struct publisher *p, struct evhttp_request *request, struct story *s)
{
    json_clear(&p->json);
    put_story(&p->json, s, true);
    json_literal(&p->json, "\n");
    http_reply(p, request, 200, "application/json");
}

/* Waits for another state than the one that is known. */
static void look_again(struct exchange *x)
{
    struct publisher *p = x->p;
    struct story s;
    if (x->told_audit == p->audit_newest && p->now_ms < x->look_until_ms)
        return;
    x->told_audit = p->audit_newest;
    bool readable = read_story(p, x->command_number, &s) && s.any;
    bool news = readable && (command_state_is_final(s.state) || strcmp(s.state, x->known_state) != 0);
    if (news || p->now_ms >= x->look_until_ms) {
        struct evhttp_request *request = x->request;
        exchange_done(x);
        if (readable)
            answer_story(p, request, &s);
        else
            http_problem(p, request, 503, "the audit can't be read at present", NULL, NULL);
    }
    free_story(&s);
}

static bool take_wait(struct publisher *p, struct evhttp_request *request, const struct param *param,
                      int64_t max, int64_t *value)
{
    char *end = NULL;
    *value = param->value ? strtoll(param->value, &end, 10) : 0;
    if (!param->value || (*end == '\0' && end != param->value && *value >= 0 && *value <= max))
        return true;
    char detail[64];
    snprintf(detail, sizeof detail, "a whole number from 0 to %lld", (long long)max);
    http_problem(p, request, 400, detail, param->name, NULL);
    return false;
}

static bool parse_id(const char *name, int64_t *id)
{
    char *end;
    *id = strtoll(name, &end, 10);
    return end != name && !*end && *id > 0;
}

void api_command(struct publisher *p, struct evhttp_request *request, const char *name,
                 const struct param *params)
{
    struct story s = {0};
    int64_t id, wait_ms;
    if (!take_wait(p, request, &params[0], COMMAND_WAIT_MAX_MS, &wait_ms))
        return;
    if (!parse_id(name, &id)) {
        http_problem(p, request, 404, "there is no such command", NULL, NULL);
        return;
    }
    const char *known = params[1].value ? params[1].value : "";
    if (!read_story(p, id, &s))
        http_problem(p, request, 503, "the audit can't be read at present", NULL, NULL);
    else if (!s.any || !story_is_seen(p, api_caller(p), &s))
        http_problem(p, request, 404, "there is no such command", NULL, NULL);
    else if (!wait_ms || command_state_is_final(s.state) || strcmp(s.state, known) != 0)
        answer_story(p, request, &s);
    else {
        struct exchange *x = exchange_new(p, request);
        x->command_number = id;
        x->told_audit = 0; /* what came since is looked at with the next news */
        x->look_until_ms = p->now_ms + wait_ms;
        snprintf(x->known_state, sizeof x->known_state, "%s", known);
        x->look = look_again;
    }
    free_story(&s);
}

enum { COMMANDS_LIMIT = 100 };

static bool is_listed(struct exchange *x, const struct story *s)
{
    return s->any && (!x->only_open || !command_state_is_final(s->state)) &&
           (!x->filter.station || x->filter.station == feed_station_number(&x->p->feed, s->station)) &&
           story_is_seen(x->p, &x->caller, s);
}

/* Newest first; each takes some reads of the audit, in slices as far as it goes back. */
static enum pump commands_pump(struct exchange *x, struct json *j)
{
    struct publisher *p = x->p;
    int64_t enough_us = clock_now_us() + SLICE_US, number;
    size_t one = 1;
    if (!x->started)
        json_begin(j), json_key(j, "commands"), json_list(j);
    j->comma = x->at > 0;
    while (x->left) {
        if (j->len >= SLICE_OCTETS || clock_now_us() >= enough_us)
            return PUMP_ON;
        struct story s = {0};
        x->failed = reader_commands(p->reader, x->command_number, &number, &one) != STORE_OK ||
                    (one && !read_story(p, number, &s));
        if (!x->failed && one && is_listed(x, &s)) {
            put_story(j, &s, false);
            x->at++;
            x->left--;
        }
        free_story(&s);
        if (x->failed || !one)
            break;
        x->command_number = number;
    }
    json_list_end(j);
    json_end(j);
    json_literal(j, "\n");
    return PUMP_END;
}

void api_commands(struct publisher *p, struct evhttp_request *request, const char *name,
                  const struct param *params)
{
    (void)name;
    int64_t limit = COMMANDS_LIMIT;
    if (params[2].value && !take_wait(p, request, &params[2], COMMANDS_LIMIT_MAX, &limit))
        return;
    struct exchange *x = exchange_new(p, request);
    x->pump = commands_pump;
    x->command_number = INT64_MAX;
    x->only_open = params[1].value && strcmp(params[1].value, "0") != 0;
    x->left = (uint32_t)limit;
    if (params[0].value && !(x->filter.station = feed_station_number(&p->feed, params[0].value)))
        x->left = 0; /* no station has or had this name */
    exchange_start(x, "application/json");
}

/* --- cancelling --- */

static bool find_open(struct asking *a, const char *name, int64_t *id)
{
    struct story s = {0};
    bool found =
        parse_id(name, id) && read_story(a->p, *id, &s) && s.any && story_is_seen(a->p, api_caller(a->p), &s);
    bool fine = found && !command_state_is_final(s.state) && asking_role(a, ACCESS_OPERATOR) &&
                asking_reason(a, false) && asking_station(a, s.station);
    if (!found)
        (void)asking_problem(a, 404, NULL, "there is no such command");
    else if (command_state_is_final(s.state))
        (void)asking_problem(a, 409, NULL, "it has come to its end: %s", s.state);
    free_story(&s);
    return fine;
}

/* The record tells who wished it; whether it came in time the command's own records tell. */
void api_command_delete(struct publisher *p, struct evhttp_request *request, const char *name,
                        const struct param *params)
{
    struct asking a;
    int64_t id;
    (void)params;
    if (!asking_begin(&a, p, request, "cancel", ACCESS_OPERATOR))
        return;
    if (!find_open(&a, name, &id)) {
        asking_refuse(&a);
        return;
    }
    snprintf(a.subject, sizeof a.subject, "command %lld", (long long)id);
    json_object_set_new(a.told, "command", json_integer(id));
    asking_command(&a, COMMAND_CANCEL, 0);
    a.command->target = id;
    asking_send(&a);
}
