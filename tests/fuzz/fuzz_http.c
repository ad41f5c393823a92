// SPDX-License-Identifier: Apache-2.0
/*
 * One HTTP request, from its target, headers and body to the answer or to what is asked of journal and
 * committer, without a socket: what would write to a connection or read the database is put in its place at
 * link time.
 *
 *     octet 0    method and version
 *     then       the target, a line; headers, a line each, "Name: value"; an empty line; the body
 *
 * Never: no answer or two; an answer without a known status; a problem that is no JSON; a cursor, limit,
 * filter or consumer's name beyond its bounds handed on.
 */
#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/audit.h"
#include "db/tags.h"
#include "fep/publisher/parts.h"

#include <event2/http_struct.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { JOURNAL = 7, OLDEST = 50, NEWEST = 1000, STATION = 3 };

static struct {
    struct publisher publisher;
    struct publisher_secrets secrets;
    struct metrics metrics;
    struct door_slot slot;
    struct exchange exchange;
    int answers;
} rig;

struct door_slot *__wrap_door_slot(struct publisher *p, struct evhttp_request *request);
void __wrap_evhttp_send_reply(struct evhttp_request *request, int code, const char *reason,
                              struct evbuffer *body);
enum store_result __wrap_reader_bounds(struct journal_reader *r, struct journal_bounds *bounds);
enum store_result __wrap_reader_consumers(struct journal_reader *r, struct reader_consumer *list,
                                          size_t *len);
uint32_t __wrap_reader_station_number(struct journal_reader *r, const char *name);
enum store_result __wrap_reader_tags(struct journal_reader *r,
                                     bool (*take)(void *context, const struct stored_tag *tag),
                                     void *context);
enum store_result __wrap_reader_audit_of(struct journal_reader *r, int64_t command,
                                         bool (*take)(void *context, const struct audit_record *record,
                                                      const uint8_t hash[AUDIT_HASH_LEN]),
                                         void *context);
enum store_result __wrap_reader_audit_head(struct journal_reader *r, struct audit_head *head);
enum store_result __wrap_reader_commands(struct journal_reader *r, int64_t before, int64_t *numbers,
                                         size_t *len);
bool __wrap_reader_station_name(struct journal_reader *r, uint32_t station, char *name, size_t room);
struct exchange *__wrap_exchange_new(struct publisher *p, struct evhttp_request *request);
void __wrap_exchange_start(struct exchange *x, const char *type);
void __wrap_exchange_ask(struct exchange *x, struct snapshot *snapshot, void (*answered)(struct exchange *x));

struct door_slot *__wrap_door_slot(struct publisher *p, struct evhttp_request *request)
{
    (void)p, (void)request;
    return &rig.slot;
}

static void check_problem(struct evhttp_request *request, int code, struct evbuffer *body)
{
    const char *type = evhttp_find_header(evhttp_request_get_output_headers(request), "Content-Type");
    assert(type);
    if (!body || strcmp(type, "application/problem+json") != 0)
        return;
    size_t len = evbuffer_get_length(body);
    json_t *root = json_loadb((const char *)evbuffer_pullup(body, -1), len, JSON_REJECT_DUPLICATES, NULL);
    assert(root && json_integer_value(json_object_get(root, "status")) == code);
    assert(json_string_value(json_object_get(root, "detail")));
    json_decref(root);
}

void __wrap_evhttp_send_reply(struct evhttp_request *request, int code, const char *reason,
                              struct evbuffer *body)
{
    assert(strcmp(reason, "Error") != 0);
    check_problem(request, code, body);
    if (body)
        evbuffer_drain(body, evbuffer_get_length(body));
    rig.answers++;
}

enum store_result __wrap_reader_bounds(struct journal_reader *r, struct journal_bounds *bounds)
{
    (void)r;
    *bounds = (struct journal_bounds){.journal_id = JOURNAL, .oldest = OLDEST, .newest = NEWEST};
    return STORE_OK;
}

enum store_result __wrap_reader_consumers(struct journal_reader *r, struct reader_consumer *list, size_t *len)
{
    (void)r;
    assert(*len >= 1);
    *len = 1;
    list[0] = (struct reader_consumer){.name = "scada", .seq = OLDEST, .at_ms = 1};
    return STORE_OK;
}

uint32_t __wrap_reader_station_number(struct journal_reader *r, const char *name)
{
    (void)r;
    return strcmp(name, "north") == 0 ? STATION : 0;
}

enum store_result __wrap_reader_tags(struct journal_reader *r,
                                     bool (*take)(void *context, const struct stored_tag *tag), void *context)
{
    (void)r;
    take(context,
         &(struct stored_tag){.id = 1, .station = STATION, .kind = "block", .text = "x", .who = "y"});
    return STORE_OK;
}

enum store_result __wrap_reader_audit_of(struct journal_reader *r, int64_t command,
                                         bool (*take)(void *context, const struct audit_record *record,
                                                      const uint8_t hash[AUDIT_HASH_LEN]),
                                         void *context)
{
    (void)r, (void)command, (void)take, (void)context;
    return STORE_OK;
}

enum store_result __wrap_reader_audit_head(struct journal_reader *r, struct audit_head *head)
{
    (void)r;
    *head = (struct audit_head){0};
    return STORE_OK;
}

enum store_result __wrap_reader_commands(struct journal_reader *r, int64_t before, int64_t *numbers,
                                         size_t *len)
{
    (void)r, (void)before, (void)numbers;
    *len = 0;
    return STORE_OK;
}

bool __wrap_reader_station_name(struct journal_reader *r, uint32_t station, char *name, size_t room)
{
    (void)r, (void)station;
    snprintf(name, room, "north");
    return true;
}

struct exchange *__wrap_exchange_new(struct publisher *p, struct evhttp_request *request)
{
    rig.exchange = (struct exchange){.p = p, .request = request};
    return &rig.exchange;
}

void __wrap_exchange_start(struct exchange *x, const char *type)
{
    assert(x == &rig.exchange && x->pump && type);
    bool audit = !x->stream && x->until == 0 && x->after < OLDEST - 1; /* has numbers of its own */
    assert(audit || (x->after >= OLDEST - 1 && x->after <= NEWEST && x->until <= NEWEST));
    assert(x->stream || (x->left >= 1 && x->left <= EVENTS_LIMIT_MAX));
    assert(x->filter.station == 0 || x->filter.station == STATION);
    assert(x->filter.type < POINT_TYPES || x->filter.type == ROW_HOLE);
    rig.answers++;
}

void __wrap_exchange_ask(struct exchange *x, struct snapshot *snapshot, void (*answered)(struct exchange *x))
{
    assert(x == &rig.exchange && answered);
    assert(snapshot->station == 0 || snapshot->station == STATION);
    if (snapshot->kind == SNAPSHOT_CONSUMER) {
        size_t len = strnlen(snapshot->consumer_name, sizeof snapshot->consumer_name);
        assert(len >= 1 && len < sizeof snapshot->consumer_name);
        assert(snapshot->consumer_seq >= 0 && snapshot->consumer_seq <= NEWEST);
    }
    snapshot_free(snapshot);
    rig.answers++;
}

/* What can be read as a cursor reads the same once written. */
static void check_cursor(const char *text)
{
    struct cursor cursor;
    char again[CURSOR_TEXT_MAX];
    if (!cursor_parse(text, &cursor))
        return;
    assert(cursor.journal >= 0 && cursor.seq >= 0);
    cursor_text(&cursor, again);
    assert(strcmp(again, text) == 0);
}

/* The line ends where it stands in `text`; what follows it, or NULL at the end. */
static char *split_line(char *text)
{
    char *end = strchr(text, '\n');
    if (end)
        *end++ = '\0';
    return end;
}

static char *take_headers(struct evhttp_request *request, char *text)
{
    while (text && *text && *text != '\n') {
        char *next = split_line(text), *value = strstr(text, ": ");
        if (value) {
            *value = '\0';
            evhttp_add_header(evhttp_request_get_input_headers(request), text, value + 2);
        }
        text = next;
    }
    return text && *text == '\n' ? text + 1 : text;
}

static void begin(void)
{
    rig.metrics.workers_len = 1;
    rig.publisher.options.metrics = &rig.metrics;
    rig.publisher.options.request_timeout_ms = 30000;
    rig.publisher.feed.journal_id = JOURNAL;
    rig.publisher.secrets = &rig.secrets; /* whoever asks is an engineer */
    rig.secrets.loopback = CONFIG_LOOPBACK_WRITE;
    rig.publisher.slice = evbuffer_new();
    assert(rig.publisher.slice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum evhttp_cmd_type methods[] = {EVHTTP_REQ_GET, EVHTTP_REQ_PUT, EVHTTP_REQ_HEAD,
                                                   EVHTTP_REQ_POST};
    if (size == 0)
        return 0;
    if (!rig.publisher.slice)
        begin();
    char *text = malloc(size);
    assert(text);
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    char *rest = split_line(text);
    struct evhttp_request *request = evhttp_request_new(NULL, NULL);
    request->type = methods[data[0] & 3];
    request->major = 1;
    request->minor = data[0] & 4 ? 0 : 1;
    request->uri_elems = evhttp_uri_parse_with_flags(text, EVHTTP_URI_NONCONFORMANT);
    check_cursor(text);
    if (request->uri_elems) { /* the library refuses the others */
        rest = take_headers(request, rest);
        size_t body = rest ? size - 1 - (size_t)(rest - text) : 0;
        evbuffer_add(evhttp_request_get_input_buffer(request), rest ? rest : "", body);
        rig.answers = 0;
        http_handle(request, &rig.publisher);
        assert(rig.answers == 1 && rig.publisher.json.len == 0);
    }
    evhttp_request_free(request);
    free(text);
    return 0;
}
