// SPDX-License-Identifier: Apache-2.0
/*
 * A command is told to the audit, and only where that is durable does it go to its worker: nothing leaves
 * that nobody could tell of later. Whoever asked and does not wait for this answer gets nothing done.
 */
#include "fep/publisher/commands.h"

#include "db/tags.h"
#include "fep/io/clock.h"

#include <stdio.h>
#include <stdlib.h>

enum { STREAM_RECORDS = 200, WHY_TEXT = 256 };

/* --- tags --- */

struct block {
    struct publisher *p;
    const struct control_point *points;
    size_t points_len;
    uint32_t station;
    bool found;
    char text[WHY_TEXT];
};

static bool is_of(const struct stored_tag *tag, const struct control_point *point)
{
    uint8_t type = point->group == 12 ? POINT_BINARY_OUTPUT_STATUS : POINT_ANALOG_OUTPUT_STATUS;
    return tag->type == type && tag->index == point->index;
}

static bool look_at_tag(void *context, const struct stored_tag *tag)
{
    struct block *b = context;
    if (tag->station != b->station)
        return true;
    b->found = tag->type == 0;
    for (size_t i = 0; i < b->points_len; i++)
        b->found = b->found || is_of(tag, &b->points[i]);
    if (b->found)
        snprintf(b->text, sizeof b->text, "tag %lld by %s blocks it: %s", (long long)tag->id, tag->who,
                 tag->text);
    return !b->found;
}

/* True where a tag forbids it: why. `points_len` 0: something of the whole station. */
static bool command_blocked(struct publisher *p, uint32_t station, const struct control_point *points,
                            size_t points_len, char *why, size_t room)
{
    struct block b = {.p = p, .station = station, .points = points, .points_len = points_len};
    bool readable = reader_tags(p->reader, look_at_tag, &b) == STORE_OK;
    snprintf(why, room, "%s", readable ? b.text : "the tags can't be read at present");
    json_end_whole(why);
    return !readable || b.found;
}

bool asking_untagged(struct asking *a)
{
    char why[WHY_TEXT];
    const struct command *c = a->command;
    if (command_blocked(a->p, c->station, c->points, c->points_len, why, sizeof why))
        return asking_problem(a, 409, NULL, "%s", why);
    return true;
}

/* --- to the audit, and to the worker --- */

/* False where it is still the caller's. */
static bool post_note(struct publisher *p, struct note *note)
{
    if (publisher_not_ready(p) || p->asked >= ASKED_MAX)
        return false;
    struct snapshot *s = snapshot_new(SNAPSHOT_NOTE, 0, NULL);
    s->note = note;
    if (!mailbox_post(p->options.requests, s)) {
        s->note = NULL;
        snapshot_free(s);
        return false;
    }
    p->asked++;
    wake_up(p->options.committer_wake);
    return true;
}

void publisher_audit(struct publisher *p, const struct audit_record *record)
{
    struct note *note = note_new(record);
    if (!post_note(p, note))
        note_free(note);
}

static void tell_ends(struct publisher *p)
{
    while (p->ends) {
        struct note *note = p->ends, *next = note->next;
        if (!post_note(p, note))
            return;
        p->ends = next;
    }
}

void commands_unheard(struct publisher *p, struct snapshot *snapshot)
{
    struct note *note = snapshot->note;
    if (!note || note->result == STORE_OK || note->starts_command || !note->record.command)
        return;
    snapshot->note = NULL;
    note->next = p->ends;
    p->ends = note;
}

static void remember_open(struct publisher *p, int64_t number)
{
    int64_t *grown = realloc(p->open_commands, (p->open_commands_len + 1) * sizeof *grown);
    if (!grown)
        abort();
    grown[p->open_commands_len++] = number;
    p->open_commands = grown;
}

/* False where it can't be sent: why. */
static bool send_command(struct publisher *p, struct command *c, char why[WHY_TEXT])
{
    const struct publisher_options *o = &p->options;
    const struct catalog_station *entry = p->feed.catalog ? catalog_find(p->feed.catalog, c->station) : NULL;
    /* Nothing is operated by reading, nor by taking back what would be. */
    bool is_harmless =
        c->kind == COMMAND_CANCEL || (c->kind == COMMAND_REQUEST && c->request.kind == REQUEST_READ);
    if (!is_harmless && command_blocked(p, c->station, c->points, c->points_len, why, WHY_TEXT))
        return false;
    if (entry && o->send_command && o->send_command(o->send_context, entry->worker, c))
        return true;
    snprintf(why, WHY_TEXT, "%s",
             entry ? "too many commands wait for their worker" : "the station is not configured any more");
    return false;
}

static void refuse_late(struct publisher *p, const struct command *c, const char *why)
{
    json_t *told = json_pack("{s:s}", "why", why);
    char *detail = json_dumps(told, JSON_COMPACT);
    struct audit_record record = c->asked;
    record.at_ms = clock_wall_ms();
    record.command = c->number;
    record.state = command_state_name(COMMAND_REFUSED);
    record.detail = detail;
    struct note *note = note_new(&record);
    note->next = p->ends;
    p->ends = note;
    tell_ends(p);
    free(detail);
    json_decref(told);
}

static void answer_sent(struct publisher *p, struct evhttp_request *request, int64_t number)
{
    char location[64];
    struct json *j = &p->json;
    snprintf(location, sizeof location, "/v1/commands/%lld", (long long)number);
    evhttp_add_header(evhttp_request_get_output_headers(request), "Location", location);
    json_clear(j);
    json_begin(j);
    json_key(j, "id"), json_int(j, number);
    json_key(j, "state"), json_text(j, command_state_name(COMMAND_REQUESTED));
    json_end(j);
    json_literal(j, "\n");
    http_reply(p, request, 202, "application/json");
}

static void command_told(struct exchange *x)
{
    struct publisher *p = x->p;
    struct command *c = x->command;
    struct evhttp_request *request = x->request;
    const struct note *note = x->snapshot->note;
    bool stored = note->result == STORE_OK, sent = false;
    char why[WHY_TEXT] = "the audit can't be written, so nothing is sent";
    if (stored) {
        c->number = note->record.command;
        snprintf(why, sizeof why, "whoever asked did not wait for the answer");
        sent = request && send_command(p, c, why);
    }
    if (sent) {
        int64_t number = note->record.command;
        x->command = NULL;
        remember_open(p, number);
        exchange_done(x);
        answer_sent(p, request, number);
        return;
    }
    if (stored)
        refuse_late(p, c, why);
    exchange_done(x);
    if (request)
        http_problem(p, request, stored ? 409 : 503, why, NULL, NULL);
}

void asking_send(struct asking *a)
{
    char *detail = json_dumps(a->told, JSON_COMPACT);
    struct audit_record record = asking_record(a, command_state_name(COMMAND_REQUESTED), detail);
    struct exchange *x = exchange_new(a->p, a->request);
    struct snapshot *s = snapshot_new(SNAPSHOT_NOTE, 0, NULL);
    s->note = note_new(&record);
    command_ask(a->command, &record);
    free(detail);
    x->command = a->command;
    x->told_if_gone = true;
    a->command = NULL;
    asking_end(a);
    exchange_ask(x, s, command_told);
}

/* --- what becomes of them --- */

static bool take_last(void *context, const struct audit_record *record, const uint8_t hash[AUDIT_HASH_LEN])
{
    (void)hash;
    *(bool *)context = command_state_is_final(record->state);
    return true;
}

static void forget_final(struct publisher *p)
{
    size_t kept = 0;
    for (size_t i = 0; i < p->open_commands_len; i++) {
        bool final = false;
        if (reader_audit_of(p->reader, p->open_commands[i], take_last, &final) != STORE_OK || !final)
            p->open_commands[kept++] = p->open_commands[i];
    }
    p->open_commands_len = kept;
}

size_t commands_open(const struct publisher *p)
{
    return p->open_commands_len;
}

void commands_free(struct publisher *p)
{
    while (p->ends) { /* the end of the process tells that they were not sent */
        struct note *next = p->ends->next;
        note_free(p->ends);
        p->ends = next;
    }
    free(p->open_commands);
}

void commands_tick(struct publisher *p)
{
    struct audit_head head;
    tell_ends(p);
    if (p->exchanges && reader_audit_head(p->reader, &head) == STORE_OK && head.id > p->audit_newest)
        p->audit_newest = head.id;
    if (p->audit_newest != p->audit_seen)
        forget_final(p);
    p->audit_seen = p->audit_newest;
    for (struct exchange *x = p->exchanges, *next; x; x = next) {
        next = x->next;
        if (x->request && x->look)
            x->look(x);
    }
}

struct telling {
    struct exchange *x;
    struct json *j;
};

static bool tell(void *context, const struct audit_record *r, const uint8_t hash[AUDIT_HASH_LEN])
{
    struct telling *t = context;
    struct exchange *x = t->x;
    struct json *j = t->j;
    (void)hash;
    x->told_audit = r->id;
    if (!r->command)
        return true;
    uint32_t station = feed_station_number(&x->p->feed, r->station);
    if (!station || !exchange_sees(x, station) || (x->filter.station && x->filter.station != station))
        return true;
    json_literal(j, "event: command\ndata: ");
    j->comma = false;
    json_begin(j);
    json_key(j, "id"), json_int(j, r->command);
    json_key(j, "station"), json_text(j, r->station);
    json_key(j, "action"), json_text(j, r->action);
    json_key(j, "subject"), json_text(j, r->subject);
    json_key(j, "who"), json_text(j, r->who);
    json_key(j, "state"), json_text(j, r->state);
    json_key(j, "final"), json_bool(j, command_state_is_final(r->state));
    json_key(j, "at"), json_time(j, r->at_ms);
    json_end(j);
    json_literal(j, "\n\n");
    return j->len < SLICE_OCTETS;
}

void commands_stream(struct exchange *x, struct json *j)
{
    struct telling t = {x, j};
    if (!x->started)
        x->told_audit = x->p->audit_newest;
    if (x->told_audit < x->p->audit_newest)
        (void)reader_audit(x->p->reader, x->told_audit, STREAM_RECORDS, tell, &t);
}
