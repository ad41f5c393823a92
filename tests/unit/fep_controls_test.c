// SPDX-License-Identifier: Apache-2.0
/* Commands, tags and the audit over HTTP: what is sent, what is refused and why, and what is told of it. */
#include "support/publisher_rig.h"

#include <jansson.h>

static const char controls_yaml[] =
    "fep: {database: unused.db, api: {loopback: write}}\n"
    "templates:\n"
    "  - name: t\n"
    "    session: {controls: [select, direct], actions: [poll, restart]}\n"
    "    points:\n"
    "      - {type: binary_output_status, index: 3, name: Breaker, control: {feedback: {type: binary_input, "
    "index: 1}}}\n"
    "      - {type: binary_output_status, index: 4, name: Fixed}\n"
    "      - {type: analog_output_status, index: 0, name: Level, scale: 0.1, control: {min: 0, max: 50, "
    "modes: "
    "[direct], mode: direct, variation: 2}}\n"
    "stations:\n"
    "  - {name: north, host: 127.0.0.1, port: 20001, outstation_address: 10, template: t}\n"
    "  - {name: south, host: 127.0.0.1, port: 20002, outstation_address: 11, template: t}\n";

static int setup(void **state)
{
    *state = rig_start_of(32, PATIENCE_MS, controls_yaml);
    return 0;
}

static int teardown(void **state)
{
    rig_stop(*state);
    return 0;
}

static struct answer send_json(const struct rig *r, const char *method, const char *target, const char *body)
{
    char text[4096];
    snprintf(text, sizeof text,
             "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n"
             "Content-Length: %zu\r\n\r\n%s",
             method, target, strlen(body), body);
    return ask_raw(r, text);
}

static struct answer post(const struct rig *r, const char *target, const char *body)
{
    return send_json(r, "POST", target, body);
}

#define POINT(text) "{\"station\":\"north\",\"reason\":\"test\",\"points\":[" text "]}"
#define BREAKER     "{\"point\":\"Breaker\",\"op\":\"latch_on\"}"

/* Until it says so: not all that is told to the audit is waited for. */
static void await(const struct rig *r, const char *target, const char *part)
{
    for (int i = 0;; i++) {
        struct answer a = get(r, "%s", target);
        bool there = strstr(a.body, part);
        if (!there && i == PATIENCE_MS / 50)
            fail_msg("%s never says %s: %s", target, part, a.body);
        free(a.text);
        if (there)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
    }
}

static void a_command_goes_to_its_worker_once_it_is_told(void **state)
{
    struct rig *r = *state;
    struct answer a = post(r, "/v1/commands", POINT(BREAKER));
    assert_non_null(strstr(a.text, "Location: /v1/commands/1\r\n"));
    expect(a, 202, "{\"id\":1,\"state\":\"requested\"}");
    assert_int_equal(r->sent_len, 1);
    const struct command *c = r->sent[0];
    assert_int_equal(c->number, 1);
    assert_int_equal(c->station, 1);
    assert_int_equal(c->control.mode, CONTROL_SELECT_OPERATE);
    assert_int_equal(c->points[0].index, 3);
    assert_int_equal(c->points[0].crob.code, CROB_LATCH_ON);
    assert_int_equal(c->feedback[0].type, POINT_BINARY_INPUT);
    assert_true(c->feedback[0].low == 1 && c->feedback[0].high == 1);
    assert_string_equal(c->asked.subject, "binary_output_status:3");
    expect(get(r, "/v1/audit"), 200, "\"action\":\"operate\",\"command\":1,\"station\":\"north\"");
    expect(get(r, "/v1/commands/1"), 200, "\"state\":\"requested\",\"final\":false");
    expect(get(r, "/v1/commands?open=1"), 200, "\"id\":1");
    expect(get(r, "/v1/commands?station=south"), 200, "{\"commands\":[]}");
}

static void analogs_are_asked_for_in_their_unit(void **state)
{
    struct rig *r = *state;
    expect(post(r, "/v1/commands", POINT("{\"point\":\"Level\",\"value\":12.5}")), 202, "requested");
    const struct command *c = r->sent[0];
    assert_int_equal(c->control.mode, CONTROL_DIRECT); /* the point's own */
    assert_int_equal(c->points[0].group, 41);
    assert_int_equal(c->points[0].variation, 2);
    assert_true(c->points[0].value == 125);
}

static void what_is_not_told_to_the_audit_is_not_sent(void **state)
{
    struct rig *r = *state;
    r->full = true;
    expect(post(r, "/v1/commands", POINT(BREAKER)), 503, "the audit can't be written, so nothing is sent");
    expect(post(r, "/v1/tags", "{\"station\":\"north\",\"text\":\"x\"}"), 503, "nothing is changed");
    assert_int_equal(r->sent_len, 0);
    r->full = false;
    expect(get(r, "/v1/audit/head"), 200, "{\"id\":0,");
    expect(get(r, "/v1/tags"), 200, "{\"tags\":[]}");
}

static void what_is_refused_names_its_field_and_is_audited(void **state)
{
    struct rig *r = *state;
    static const struct {
        const char *body, *said;
    } rows[] = {
        {POINT("{\"point\":\"Breaker\",\"op\":\"pulse_on\"}"), "\"field\":\"op\""},
        {POINT("{\"point\":\"Breaker\",\"op\":\"open\"}"), "one of nul, pulse_on"},
        {POINT("{\"point\":\"Breaker\",\"op\":\"latch_on\",\"tcc\":\"trip\"}"), "\"field\":\"tcc\""},
        {POINT("{\"point\":\"Breaker\",\"op\":\"latch_on\",\"count\":2}"), "\"field\":\"count\""},
        {POINT("{\"point\":\"Breaker\",\"op\":\"latch_on\",\"speed\":2}"), "\"field\":\"speed\""},
        {POINT("{\"point\":\"Fixed\",\"op\":\"latch_on\"}"), "may not be operated"},
        {POINT("{\"point\":\"Nothing\",\"op\":\"latch_on\"}"), "no such point"},
        {POINT("{\"type\":\"binary_output_status\",\"index\":99,\"op\":\"latch_on\"}"),
         "\"field\":\"index\""},
        {POINT(BREAKER "," BREAKER), "is there twice"},
        {POINT("{\"point\":\"Level\",\"value\":50.1}"), "\"field\":\"value\""},
        {POINT(""), "\"field\":\"points\""},
        {"{\"station\":\"north\",\"reason\":\"x\",\"mode\":\"direct_no_ack\",\"points\":[" BREAKER "]}",
         "\"field\":\"mode\""},
        {"{\"station\":\"north\",\"points\":[" BREAKER "]}", "\"field\":\"reason\""},
        {"{\"station\":\"west\",\"reason\":\"x\",\"points\":[" BREAKER "]}", "\"field\":\"station\""},
        {"{\"station\":\"north\",\"reason\":\"x\",\"deadline_ms\":1,\"points\":[" BREAKER "]}",
         "\"field\":\"deadline_ms\""},
        {"{\"station\":\"north\",\"reason\":\"x\",\"when\":1,\"points\":[" BREAKER "]}",
         "\"field\":\"when\""},
    };
    enum { ROWS = sizeof rows / sizeof rows[0] };
    char last[64];
    for (size_t i = 0; i < ROWS; i++)
        expect(post(r, "/v1/commands", rows[i].body), 422, rows[i].said);
    assert_int_equal(r->sent_len, 0);
    snprintf(last, sizeof last, "\"id\":%d,", (int)ROWS);
    await(r, "/v1/audit/head", last);
    expect(get(r, "/v1/commands/1"), 200, "\"state\":\"refused\",\"final\":true");
    expect(post(r, "/v1/commands", "[]"), 400, "JSON object");
}

static void a_tag_refuses_controls_until_it_goes(void **state)
{
    struct rig *r = *state;
    expect(post(r, "/v1/tags", "{\"station\":\"north\",\"text\":\"men at work\"}"), 201, "{\"id\":1}");
    expect(get(r, "/v1/tags?station=north"), 200, "\"text\":\"men at work\",\"who\":\"loopback\"");
    expect(post(r, "/v1/commands", POINT(BREAKER)), 409, "men at work");
    expect(post(r, "/v1/stations/north/actions", "{\"action\":\"warm_restart\"}"), 409, "men at work");
    assert_int_equal(r->sent_len, 1); /* what takes back all that has not left */
    assert_int_equal(r->sent[0]->kind, COMMAND_CANCEL);
    assert_int_equal(r->sent[0]->points_len, 0);
    assert_int_equal(r->sent[0]->number, 0);
    expect(post(r, "/v1/stations/north/actions", "{\"action\":\"event_poll\"}"), 202, "requested");
    expect(send_json(r, "DELETE", "/v1/tags/1", "{\"reason\":\"they have gone\"}"), 200, "{\"id\":1}");
    expect(send_json(r, "DELETE", "/v1/tags/1", ""), 404, "no such tag");
    expect(post(r, "/v1/commands", POINT(BREAKER)), 202, "requested");
    expect(get(r, "/v1/audit"), 200, "\"action\":\"untag\"");
}

static void a_tag_of_a_point_is_for_that_point(void **state)
{
    struct rig *r = *state;
    expect(post(r, "/v1/tags",
                "{\"station\":\"north\",\"type\":\"binary_output_status\",\"index\":3,\"text\":\"x\"}"),
           201, "id");
    assert_int_equal(r->sent_len, 1);
    assert_int_equal(r->sent[0]->points[0].group, 12);
    assert_int_equal(r->sent[0]->points[0].index, 3);
    expect(post(r, "/v1/commands", POINT(BREAKER)), 409, "blocks it");
    expect(post(r, "/v1/commands", POINT("{\"point\":\"Level\",\"value\":1}")), 202, "requested");
}

static void actions_are_those_that_the_station_allows(void **state)
{
    struct rig *r = *state;
    expect(post(r, "/v1/stations/north/actions", "{\"action\":\"integrity_poll\"}"), 202, "requested");
    assert_int_equal(r->sent[0]->request.kind, REQUEST_READ);
    assert_int_equal(r->sent[0]->request.items_len, 4);
    expect(post(r, "/v1/stations/north/actions", "{\"action\":\"freeze\"}"), 422,
           "not allowed for this station");
    expect(post(r, "/v1/stations/north/actions", "{\"action\":\"dance\"}"), 422, "one of integrity_poll");
    expect(post(r, "/v1/stations/west/actions", "{\"action\":\"event_poll\"}"), 422, "\"field\":\"station\"");
}

static void later(struct rig *r, enum command_state what, const char *detail)
{
    struct audit_record record = {.command = 1,
                                  .who = "loopback",
                                  .station = "north",
                                  .action = "operate",
                                  .state = command_state_name(what),
                                  .detail = detail};
    pthread_mutex_lock(&r->lock);
    assert_int_equal(store_begin(r->store), STORE_OK);
    rig_tell(r, &record);
    pthread_mutex_unlock(&r->lock);
    wake_up(&r->wake);
}

static void who_waits_and_who_streams_is_told(void **state)
{
    struct rig *r = *state;
    expect(post(r, "/v1/commands", POINT(BREAKER)), 202, "requested");
    struct client waits = client_open(r), streams = client_open(r);
    client_send(&streams, "GET /v1/stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_true(client_until(&streams, "retry:"));
    client_send(&waits, "GET /v1/commands/1?wait_ms=20000&after_state=requested HTTP/1.1\r\nHost: "
                        "localhost\r\n\r\n");
    assert_false(client_read(&waits, 300));
    later(r, COMMAND_OPERATED, "{\"statuses\":[\"SUCCESS\"]}");
    assert_true(client_until(&waits, "\"status\":\"SUCCESS\"}],\"state\":\"operated\",\"final\":true"));
    assert_true(client_until(&streams, "event: command\ndata: {\"id\":1,\"station\":\"north\""));
    assert_true(client_until(&streams, "\"state\":\"operated\",\"final\":true"));
    client_close(&waits);
    client_close(&streams);
    expect(get(r, "/v1/commands?open=1"), 200, "{\"commands\":[]}");
    expect(send_json(r, "DELETE", "/v1/commands/1", ""), 409, "come to its end: operated");
}

static void an_open_one_can_be_cancelled(void **state)
{
    struct rig *r = *state;
    expect(post(r, "/v1/commands", POINT(BREAKER)), 202, "requested");
    expect(send_json(r, "DELETE", "/v1/commands/1", ""), 202, "{\"id\":2,");
    assert_int_equal(r->sent_len, 2);
    assert_int_equal(r->sent[1]->kind, COMMAND_CANCEL);
    assert_int_equal(r->sent[1]->target, 1);
    expect(send_json(r, "DELETE", "/v1/commands/77", ""), 404, "no such command");
    /* A tag forbids to operate, not to take back. */
    expect(post(r, "/v1/tags", "{\"station\":\"north\",\"text\":\"men at work\"}"), 201, "id");
    size_t before = r->sent_len;
    expect(send_json(r, "DELETE", "/v1/commands/1", ""), 202, "requested");
    assert_int_equal(r->sent_len, before + 1);
    assert_int_equal(r->sent[before]->kind, COMMAND_CANCEL);
    assert_int_equal(r->sent[before]->target, 1);
}

/* Nobody knows whether he still wants it. */
static void who_does_not_wait_gets_nothing_done(void **state)
{
    struct rig *r = *state;
    r->hold = true;
    struct client gone = client_open(r);
    char text[1024];
    snprintf(
        text, sizeof text,
        "POST /v1/commands HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        "%zu\r\n\r\n%s",
        strlen(POINT(BREAKER)), POINT(BREAKER));
    client_send(&gone, text);
    assert_false(client_read(&gone, 300));
    client_close(&gone);
    expect(get(r, "/livez"), 200, ""); /* it has been seen that he has gone */
    r->hold = false;
    wake_up(&r->committer_wake);
    await(r, "/v1/commands?limit=1", "\"state\":\"refused\"");
    assert_int_equal(r->sent_len, 0);
}

static void a_full_mailbox_refuses(void **state)
{
    struct rig *r = *state;
    for (size_t i = 0; i < sizeof r->sent / sizeof r->sent[0]; i++)
        expect(post(r, "/v1/commands", POINT(BREAKER)), 202, "requested");
    r->deaf = 2;
    expect(post(r, "/v1/commands", POINT(BREAKER)), 409, "too many commands wait");
    await(r, "/v1/commands?limit=1", "\"state\":\"refused\""); /* it has its end, if not at once */
    assert_int_equal(r->deaf, 0);
}

/* As many slices as that takes; what else is asked for meanwhile is answered. */
static void a_long_list_is_one_list(void **state)
{
    enum { ALL = 1100, LISTED = 1000 };
    struct rig *r = *state;
    pthread_mutex_lock(&r->lock);
    assert_int_equal(store_begin(r->store), STORE_OK);
    for (int64_t i = 1; i <= ALL; i++) {
        struct audit_record record = {.at_ms = i,
                                      .command = AUDIT_COMMAND_NEW,
                                      .who = "loopback",
                                      .action = "operate",
                                      .station = i % 2 ? "north" : "south",
                                      .state = i > 3 ? "refused" : "requested",
                                      .detail = "{\"reason\":\"a reason that makes the list long\"}"};
        assert_int_equal(store_audit(r->store, &record), STORE_OK);
    }
    assert_int_equal(store_commit(r->store), STORE_OK);
    pthread_mutex_unlock(&r->lock);
    struct answer a = get(r, "/v1/commands?limit=%d", LISTED);
    json_t *root = json_loads(a.body, 0, NULL), *list = json_object_get(root, "commands");
    assert_int_equal(json_array_size(list), LISTED);
    for (size_t i = 0; i < LISTED; i++) {
        json_t *id = json_object_get(json_array_get(list, i), "id");
        assert_int_equal(json_integer_value(id), ALL - (int64_t)i);
    }
    json_decref(root);
    free(a.text);
    a = get(r, "/v1/commands?station=south&limit=%d", LISTED);
    root = json_loads(a.body, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(root, "commands")), ALL / 2);
    json_decref(root);
    free(a.text);
    expect(get(r, "/v1/commands?open=1&station=south"), 200, "{\"commands\":[{\"id\":2,");
    expect(get(r, "/v1/commands?limit=0"), 200, "{\"commands\":[]}");
}

/* Octets that are cut amid a character would be no text in JSON, and the record would not say why. */
static void a_long_text_of_a_tag_is_cut_between_characters(void **state)
{
    struct rig *r = *state;
    char text[512] = "", body[1024];
    for (int i = 0; i < 240; i++)
        strcat(text, "\xC3\xA4");
    for (int i = 0; i < 2; i++) {
        snprintf(body, sizeof body, "{\"station\":\"%s\",\"text\":\"%s%s\"}", i ? "south" : "north",
                 i ? "x" : "", text);
        expect(post(r, "/v1/tags", body), 201, "id");
    }
    expect(post(r, "/v1/stations/north/actions", "{\"action\":\"warm_restart\"}"), 409, "\xC3\xA4\"");
    expect(post(r, "/v1/stations/south/actions", "{\"action\":\"warm_restart\"}"), 409, "\xC3\xA4\"");
    await(r, "/v1/audit/head", "\"id\":4,");
    expect(get(r, "/v1/audit?after=2&limit=1"), 200, "why");
    expect(get(r, "/v1/audit?after=3&limit=1"), 200, "why");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_command_goes_to_its_worker_once_it_is_told),
        TEST(analogs_are_asked_for_in_their_unit),
        TEST(what_is_not_told_to_the_audit_is_not_sent),
        TEST(what_is_refused_names_its_field_and_is_audited),
        TEST(a_tag_refuses_controls_until_it_goes),
        TEST(a_tag_of_a_point_is_for_that_point),
        TEST(actions_are_those_that_the_station_allows),
        TEST(who_waits_and_who_streams_is_told),
        TEST(an_open_one_can_be_cancelled),
        TEST(a_long_text_of_a_tag_is_cut_between_characters),
        TEST(a_long_list_is_one_list),
        TEST(who_does_not_wait_gets_nothing_done),
        TEST(a_full_mailbox_refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
