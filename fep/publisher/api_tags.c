// SPDX-License-Identifier: Apache-2.0
/* Tags that block controls: placed and taken away with a record in the audit, in one transaction. */
#include "fep/publisher/commands.h"

#include "db/tags.h"
#include "fep/io/clock.h"

#include <stdio.h>
#include <stdlib.h>

struct tag_list {
    struct publisher *p;
    uint32_t station; /* 0: all that the caller sees */
};

static bool put_tag(void *context, const struct stored_tag *tag)
{
    struct tag_list *list = context;
    struct publisher *p = list->p;
    struct json *j = &p->json;
    if ((list->station && list->station != tag->station) || !api_sees(p, api_caller(p), tag->station))
        return true;
    json_begin(j);
    json_key(j, "id"), json_int(j, tag->id);
    json_key(j, "station"), json_text(j, feed_station_name(&p->feed, tag->station));
    json_key(j, "type"), json_text(j, tag->type ? point_type_name(tag->type) : NULL);
    json_key(j, "index");
    if (tag->type)
        json_int(j, tag->index);
    else
        json_text(j, NULL);
    json_key(j, "point"),
        json_text(j, tag->type ? feed_point_name(&p->feed, tag->station, tag->type, tag->index) : NULL);
    json_key(j, "kind"), json_text(j, tag->kind);
    json_key(j, "text"), json_text(j, tag->text);
    json_key(j, "who"), json_text(j, tag->who);
    json_key(j, "at"), json_time(j, tag->at_ms);
    json_end(j);
    return true;
}

void api_tags(struct publisher *p, struct evhttp_request *request, const char *name,
              const struct param *params)
{
    (void)name;
    struct tag_list list = {.p = p};
    if (params[0].value && !(list.station = feed_station_number(&p->feed, params[0].value))) {
        http_problem(p, request, 404, "no station has or had this name", params[0].name, NULL);
        return;
    }
    if (list.station && !api_may_see(p, request, list.station))
        return;
    struct json *j = &p->json;
    json_clear(j);
    json_begin(j);
    json_key(j, "tags"), json_list(j);
    if (reader_tags(p->reader, put_tag, &list) != STORE_OK) {
        http_problem(p, request, 503, "the tags can't be read at present", NULL, NULL);
        return;
    }
    json_list_end(j);
    json_end(j);
    json_literal(j, "\n");
    http_reply(p, request, 200, "application/json");
}

/* What was asked for before it and has not left does not leave any more. */
static bool take_back(struct publisher *p, const struct stored_tag *tag)
{
    const struct publisher_options *o = &p->options;
    const struct catalog_station *entry =
        p->feed.catalog ? catalog_find(p->feed.catalog, tag->station) : NULL;
    if (!entry || !o->send_command)
        return true; /* there is nothing to take back */
    struct command *c = command_new(tag->station, COMMAND_CANCEL, tag->type != 0);
    if (tag->type) {
        c->points[0].group = tag->type == POINT_BINARY_OUTPUT_STATUS ? 12 : 41;
        c->points[0].index = tag->index;
    }
    if (o->send_command(o->send_context, entry->worker, c))
        return true;
    command_free(c);
    return false;
}

static void tag_told(struct exchange *x)
{
    struct publisher *p = x->p;
    struct evhttp_request *request = x->request;
    const struct note *note = x->snapshot->note;
    bool stored = note->result == STORE_OK, placed = note->change == NOTE_TAG;
    struct json *j = &p->json;
    int64_t id = note->tag.id;
    bool kept = !stored || !placed || take_back(p, &note->tag);
    exchange_done(x);
    if (!request)
        return;
    if (!stored || !kept) {
        http_problem(p, request, 503,
                     stored ? "the tag is placed; what was asked for before it may still leave"
                            : "the audit can't be written, so nothing is changed",
                     NULL, NULL);
        return;
    }
    json_clear(j);
    json_begin(j);
    json_key(j, "id"), json_int(j, id);
    json_end(j);
    json_literal(j, "\n");
    http_reply(p, request, placed ? 201 : 200, "application/json");
}

static void tag_send(struct asking *a, struct note *note)
{
    struct exchange *x = exchange_new(a->p, a->request);
    struct snapshot *s = snapshot_new(SNAPSHOT_NOTE, 0, NULL);
    s->note = note;
    x->told_if_gone = true;
    asking_end(a);
    exchange_ask(x, s, tag_told);
}

static struct note *tag_note(struct asking *a, const char *state)
{
    char *detail = json_dumps(a->told, JSON_COMPACT);
    struct audit_record record = asking_record(a, state, detail);
    record.command = 0;
    struct note *note = note_new(&record);
    free(detail);
    return note;
}

struct tag_count {
    size_t len;
};

static bool count_tag(void *context, const struct stored_tag *tag)
{
    (void)tag;
    ((struct tag_count *)context)->len++;
    return true;
}

static bool has_room(struct asking *a)
{
    struct tag_count count = {0};
    if (reader_tags(a->p->reader, count_tag, &count) != STORE_OK)
        return asking_problem(a, 503, NULL, "the tags can't be read at present");
    return count.len < TAGS_MAX || asking_problem(a, 409, NULL, "there are %d tags already", TAGS_MAX);
}

static bool prepare(struct asking *a, struct stored_tag *tag)
{
    static const char *const keys[] = {"station", "type", "index", "kind", "text", NULL};
    static const char *const kinds[] = {"block", NULL};
    static const char *const types[] = {"binary_output_status", "analog_output_status", NULL};
    const char *text = json_string_value(json_object_get(a->body, "text"));
    int kind, type;
    int64_t index = 0;
    if (!asking_role(a, ACCESS_OPERATOR) || !asking_keys(a, a->body, keys, "no such field") ||
        !asking_station(a, json_string_value(json_object_get(a->body, "station"))) ||
        !asking_word(a, a->body, "kind", kinds, 0, &kind))
        return false;
    bool of_point = json_object_get(a->body, "type") || json_object_get(a->body, "index");
    if (of_point && (!asking_word(a, a->body, "type", types, -1, &type) ||
                     !asking_number(a, a->body, "index", 0, UINT32_MAX, -1, &index)))
        return false;
    if (!text || !*text || strlen(text) > REASON_MAX)
        return asking_problem(a, 422, "text", "why: a text of 1 to %d octets", REASON_MAX);
    if (of_point)
        snprintf(a->subject, sizeof a->subject, "%s:%u", types[type], (uint32_t)index);
    json_object_set_new(a->told, "text", json_string(text));
    *tag = (struct stored_tag){.station = a->entry->number, .index = (uint32_t)index, .kind = kinds[kind]};
    tag->type = !of_point ? 0 : type ? POINT_ANALOG_OUTPUT_STATUS : POINT_BINARY_OUTPUT_STATUS;
    return has_room(a);
}

void api_tags_post(struct publisher *p, struct evhttp_request *request, const char *name,
                   const struct param *params)
{
    struct asking a;
    struct stored_tag tag;
    (void)name, (void)params;
    if (!asking_begin(&a, p, request, "tag", ACCESS_OPERATOR))
        return;
    if (!prepare(&a, &tag)) {
        asking_refuse(&a);
        return;
    }
    struct note *note = tag_note(&a, "placed");
    note->change = NOTE_TAG;
    note->tag = tag;
    note->owned_text = strdup(json_string_value(json_object_get(a.body, "text")));
    note->tag.text = note->owned_text;
    tag_send(&a, note);
}

struct tag_search {
    int64_t id;
    struct stored_tag found; /* its texts are not good any more */
};

static bool search_tag(void *context, const struct stored_tag *tag)
{
    struct tag_search *s = context;
    if (tag->id == s->id)
        s->found = *tag;
    return tag->id != s->id;
}

static bool find_tag(struct asking *a, const char *name, struct tag_search *s)
{
    char *end;
    s->id = strtoll(name, &end, 10);
    if (!asking_role(a, ACCESS_OPERATOR) || !asking_reason(a, false))
        return false;
    if (reader_tags(a->p->reader, search_tag, s) != STORE_OK)
        return asking_problem(a, 503, NULL, "the tags can't be read at present");
    if (*end || !s->found.id || !api_sees(a->p, api_caller(a->p), s->found.station))
        return asking_problem(a, 404, NULL, "there is no such tag");
    const char *station = feed_station_name(&a->p->feed, s->found.station);
    snprintf(a->station, sizeof a->station, "%s", station ? station : "");
    if (s->found.type)
        snprintf(a->subject, sizeof a->subject, "%s:%u", point_type_name(s->found.type), s->found.index);
    return true;
}

void api_tag_delete(struct publisher *p, struct evhttp_request *request, const char *name,
                    const struct param *params)
{
    struct asking a;
    struct tag_search s = {0};
    (void)params;
    if (!asking_begin(&a, p, request, "untag", ACCESS_OPERATOR))
        return;
    if (!find_tag(&a, name, &s)) {
        asking_refuse(&a);
        return;
    }
    json_object_set_new(a.told, "tag", json_integer(s.id));
    struct note *note = tag_note(&a, "removed");
    note->change = NOTE_UNTAG;
    note->tag.id = s.id;
    tag_send(&a, note);
}
