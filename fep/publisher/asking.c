// SPDX-License-Identifier: Apache-2.0
/* What is asked of a station, read out of a request piece by piece; each piece says what is wrong with it. */
#include "fep/publisher/commands.h"

#include "fep/io/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* --- what is wrong with it --- */

bool asking_problem(struct asking *a, int code, const char *field, const char *format, ...)
{
    va_list list;
    a->code = code;
    snprintf(a->field, sizeof a->field, "%s", field ? field : "");
    va_start(list, format);
    vsnprintf(a->detail, sizeof a->detail, format, list);
    va_end(list);
    json_end_whole(a->field);
    json_end_whole(a->detail);
    return false;
}

static void answer_problem(struct publisher *p, struct evhttp_request *request, const struct asking *a)
{
    struct json *j = &p->json;
    json_clear(j);
    json_begin(j);
    json_key(j, "title"), json_text(j, http_reason(a->code));
    json_key(j, "status"), json_int(j, a->code);
    json_key(j, "detail"), json_text(j, a->detail);
    if (a->field[0])
        json_key(j, "field"), json_text(j, a->field);
    json_end(j);
    json_literal(j, "\n");
    if (a->code == 503)
        evhttp_add_header(evhttp_request_get_output_headers(request), "Retry-After", "1");
    http_reply(p, request, a->code, "application/problem+json");
}

/* Lent until the next change of `a`. */
struct audit_record asking_record(const struct asking *a, const char *state, const char *detail)
{
    const struct api_caller *caller = api_caller(a->p);
    return (struct audit_record){.at_ms = clock_wall_ms(),
                                 .command = AUDIT_COMMAND_NEW,
                                 .who = caller->name,
                                 .role = access_role_name(caller->role),
                                 .action = a->action,
                                 .station = a->station,
                                 .subject = a->subject,
                                 .state = state,
                                 .detail = detail};
}

void asking_end(struct asking *a)
{
    json_decref(a->body);
    json_decref(a->told);
    command_free(a->command);
}

/* Whoever may operate answers for what he asks; the others shall not fill a record that is kept for ever. */
static bool is_worth_a_record(struct publisher *p)
{
    const struct api_caller *caller = api_caller(p);
    uint8_t who[16] = {0};
    for (size_t i = 0; caller->name[i]; i++)
        who[i % sizeof who] ^= (uint8_t)caller->name[i];
    return caller->role >= ACCESS_OPERATOR || !attempts_failed(&p->refusals, who, p->now_ms);
}

void asking_refuse(struct asking *a)
{
    json_object_set_new(a->told, "why", json_string(a->detail));
    if (a->field[0])
        json_object_set_new(a->told, "field", json_string(a->field));
    char *detail = json_dumps(a->told, JSON_COMPACT);
    struct audit_record record = asking_record(a, command_state_name(COMMAND_REFUSED), detail ? detail : "");
    if (is_worth_a_record(a->p))
        publisher_audit(a->p, &record);
    free(detail);
    answer_problem(a->p, a->request, a);
    asking_end(a);
}

/* --- what is asked --- */

bool asking_begin(struct asking *a, struct publisher *p, struct evhttp_request *request, const char *action,
                  uint8_t role)
{
    struct evbuffer *body = evhttp_request_get_input_buffer(request);
    size_t len = evbuffer_get_length(body);
    const char *text = len ? (const char *)evbuffer_pullup(body, -1) : "";
    *a = (struct asking){.p = p, .request = request, .action = action, .told = json_object()};
    bool bare = !len && evhttp_request_get_command(request) == EVHTTP_REQ_DELETE;
    a->body = bare ? json_object() : json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    json_object_set_new(a->told, "from", json_string(api_caller(p)->address));
    if (api_caller(p)->role < role && !api_caller(p)->user) { /* not worth a record */
        (void)api_may(p, request, role);
        asking_end(a);
        return false;
    }
    if (json_is_object(a->body))
        return true;
    asking_problem(a, 400, NULL, "the body must be a JSON object");
    answer_problem(p, request, a);
    asking_end(a);
    return false;
}

bool asking_role(struct asking *a, uint8_t role)
{
    const struct api_caller *caller = api_caller(a->p);
    if (caller->role >= role)
        return true;
    return asking_problem(a, 403, NULL, "this needs the role %s; %s has the role %s here",
                          access_role_name(role), caller->name, access_role_name(caller->role));
}

bool asking_station(struct asking *a, const char *name)
{
    if (!name)
        return asking_problem(a, 422, "station", "the name of a station is needed");
    snprintf(a->station, sizeof a->station, "%s", name);
    uint32_t number = feed_station_number(&a->p->feed, name);
    const struct catalog *catalog = a->p->feed.catalog;
    if (!catalog)
        return asking_problem(a, 503, NULL, "the station list is being read");
    a->entry = number ? catalog_find(catalog, number) : NULL;
    if (number && !api_sees(a->p, api_caller(a->p), number))
        return asking_problem(a, 403, "station", "this station is not among those that you may see");
    if (!a->entry)
        return asking_problem(a, 422, "station", "no station that is connected to has this name");
    return true;
}

bool asking_keys(struct asking *a, const json_t *object, const char *const *allowed, const char *problem)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        const char *const *at = allowed;
        while (*at && strcmp(*at, key) != 0)
            at++;
        if (!*at)
            return asking_problem(a, 422, key, "%s", problem);
    }
    return true;
}

bool asking_reason(struct asking *a, bool needed)
{
    const json_t *reason = json_object_get(a->body, "reason");
    const char *text = json_string_value(reason);
    if (!reason && !needed)
        return true;
    if (!text || !*text || strlen(text) > REASON_MAX || strlen(text) != json_string_length(reason))
        return asking_problem(a, 422, "reason", "a text of 1 to %d octets", REASON_MAX);
    json_object_set_new(a->told, "reason", json_string(text));
    return true;
}

bool asking_number(struct asking *a, const json_t *object, const char *key, int64_t min, int64_t max,
                   int64_t standard, int64_t *value)
{
    const json_t *given = json_object_get(object, key);
    *value = given ? json_integer_value(given) : standard;
    if ((given && !json_is_integer(given)) || *value < min || *value > max)
        return asking_problem(a, 422, key, "a whole number from %lld to %lld", (long long)min,
                              (long long)max);
    return true;
}

bool asking_word(struct asking *a, const json_t *object, const char *key, const char *const *words,
                 int standard, int *place)
{
    const json_t *given = json_object_get(object, key);
    char allowed[200] = "";
    *place = standard;
    if (!given && standard >= 0)
        return true;
    for (int i = 0; words[i]; i++) {
        if (json_is_string(given) && strcmp(json_string_value(given), words[i]) == 0) {
            *place = i;
            return true;
        }
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, "%s%s", used ? ", " : "", words[i]);
    }
    return asking_problem(a, 422, key, "one of %s", allowed);
}

void asking_command(struct asking *a, enum command_kind kind, size_t points_len)
{
    a->command = command_new(a->entry->number, kind, points_len);
}

bool asking_deadline(struct asking *a)
{
    int64_t deadline_ms;
    if (!asking_number(a, a->body, "deadline_ms", 100, 600000, a->entry->config->session->command_deadline_ms,
                       &deadline_ms))
        return false;
    json_object_set_new(a->told, "deadline_ms", json_integer(deadline_ms));
    a->command->order.deadline_ms = a->p->now_ms + deadline_ms;
    return true;
}
