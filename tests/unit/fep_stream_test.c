// SPDX-License-Identifier: Apache-2.0
// Server-sent events: order, resuming, slow consumers, filters, gaps.
#include "tests/support/publisher_rig.h"

#include <inttypes.h>

struct sse {
    char event[16]; /* "" for a comment or a bare retry */
    int64_t id;     /* the sequence in it */
    char data[1024];
};

static struct client stream_open(const struct rig *r, const char *query, int64_t last)
{
    struct client c = client_open(r);
    char text[512], header[80] = "";
    if (last >= 0)
        snprintf(header, sizeof header, "Last-Event-ID: %" PRId64 "-%" PRId64 "\r\n", r->journal_id, last);
    snprintf(text, sizeof text, "GET /v1/stream%s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", query, header);
    client_send(&c, text);
    return c;
}

static void take_line(struct sse *e, const char *line, size_t len)
{
    if (len > 4 && memcmp(line, "id: ", 4) == 0)
        e->id = strtoll((const char *)memchr(line, '-', len) + 1, NULL, 10);
    else if (len > 7 && memcmp(line, "event: ", 7) == 0)
        snprintf(e->event, sizeof e->event, "%.*s", (int)len - 7, line + 7);
    else if (len > 6 && memcmp(line, "data: ", 6) == 0)
        snprintf(e->data, sizeof e->data, "%.*s", (int)len - 6, line + 6);
}

/* The next block of lines. Those of the transport (headers, chunks) end in \r\n; the stream has no \r. */
static bool stream_next(struct client *c, struct sse *e)
{
    char *end;
    while ((end = memmem(c->text + c->at, c->len - c->at, "\n\n", 2)) == NULL) {
        if (!client_read(c, PATIENCE_MS))
            return false;
    }
    *e = (struct sse){.id = -1};
    for (char *line = c->text + c->at, *stop; line < end; line = stop + 1) {
        stop = memchr(line, '\n', (size_t)(end + 1 - line));
        if (stop[-1] != '\r')
            take_line(e, line, (size_t)(stop - line));
    }
    c->at = (size_t)(end + 2 - c->text);
    if (c->at > 1 << 20) { /* forget what was read */
        memmove(c->text, c->text + c->at, c->len - c->at + 1);
        c->len -= c->at;
        c->at = 0;
    }
    return true;
}

static void next_named(struct client *c, struct sse *e, const char *event)
{
    int comments = 0;
    do {
        assert_true(stream_next(c, e));
    } while (e->event[0] == '\0' && ++comments < PATIENCE_MS / HEARTBEAT_MS);
    if (strcmp(e->event, event) != 0)
        fail_msg("expected an event '%s', got '%s' %s", event, e->event, e->data);
}

static void expect_run(struct client *c, int64_t first, int64_t last, int64_t step)
{
    struct sse e;
    for (int64_t seq = first; seq <= last; seq += step) {
        char text[40];
        next_named(c, &e, "event");
        assert_int_equal(e.id, seq);
        snprintf(text, sizeof text, "\"sequence\":%" PRId64 ",", seq);
        assert_non_null(strstr(e.data, text));
    }
}

static void test_past_and_present(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    rig_events(r, 700);
    struct client c = stream_open(r, "", -1), late;
    expect_run(&c, 1, 700, 1);
    for (int i = 0; i < 20; i++)
        rig_events(r, 3);
    expect_run(&c, 701, 760, 1);
    struct journal_row hole = {.station = 2, .index = HOLE_OVERFLOW, .type = ROW_HOLE, .origin = ORIGIN_FEP};
    rig_commit(r, &hole, 1);
    struct sse e;
    next_named(&c, &e, "hole");
    assert_int_equal(e.id, 761);
    assert_non_null(strstr(e.data, "\"reason\":\"overflow\""));
    late = stream_open(r, "", 758);
    expect_run(&late, 759, 760, 1);
    assert_int_equal(metric_get(&r->metrics.publisher.streams), 2);
    assert_int_equal(metric_get(&r->metrics.publisher.slow), 0); /* what is live comes from memory */
    client_close(&late);
    client_close(&c);
    for (int i = 0; i < PATIENCE_MS / 10 && metric_get(&r->metrics.publisher.streams); i++)
        usleep(10000);
    assert_int_equal(metric_get(&r->metrics.publisher.streams), 0);
    rig_stop(r);
}

static void *write_events(void *rig)
{
    for (int i = 0; i < 400; i++) {
        rig_events(rig, 50);
        usleep(1000);
    }
    return NULL;
}

/* A consumer that is cut off in the middle of anything, again and again, has everything once. */
static void test_resuming(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    pthread_t writer;
    unsigned seed = 7;
    int64_t last = 0;
    size_t visits = 0;
    pthread_create(&writer, NULL, write_events, r);
    while (last < 20000) {
        struct client c = stream_open(r, last ? "?after=1-1" : "", last ? last : -1); /* the header wins */
        size_t octets = (size_t)rand_r(&seed) % 200000;
        struct sse e;
        while (last < 20000 && c.len < octets + 1 && stream_next(&c, &e)) {
            if (e.event[0] == '\0')
                continue;
            assert_string_equal(e.event, "event");
            assert_int_equal(e.id, last + 1);
            last = e.id;
        }
        client_close(&c);
        visits++;
    }
    pthread_join(writer, NULL);
    assert_true(visits > 10);
    rig_stop(r);
}

static uint64_t settled_sent(struct rig *r)
{
    uint64_t before = 0, now;
    for (int i = 0, still = 0; i < PATIENCE_MS / 100 && still < 5; i++) {
        now = metric_get(&r->metrics.publisher.events_sent);
        still = now > 0 && now == before ? still + 1 : 0;
        before = now;
        usleep(100000);
    }
    return before;
}

static struct client lazy_open(const struct rig *r, const char *target)
{
    struct client c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    int octets = 4096;
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(publisher_port(r->publisher)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(setsockopt(c.fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof octets), 0);
    assert_int_equal(connect(c.fd, (const struct sockaddr *)&to, sizeof to), 0);
    c.text = calloc(1, c.room = 65536);
    char text[128];
    snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", target);
    client_send(&c, text);
    return c;
}

static void test_slow_consumer(void **state)
{
    (void)state;
    enum { EVENTS = 60000, EVENT_OCTETS = 300 };
    struct rig *r = rig_start();
    struct client slow = lazy_open(r, "/v1/stream");
    assert_true(client_until(&slow, "retry"));
    rig_events(r, EVENTS);
    uint64_t sent = settled_sent(r);
    assert_true(sent > 0 && sent * EVENT_OCTETS < 256 * 1024);
    /* Others are served meanwhile. */
    struct client fast = stream_open(r, "", -1);
    expect_run(&fast, 1, EVENTS, 1);
    rig_events(r, 10);
    expect_run(&fast, EVENTS + 1, EVENTS + 10, 1);
    client_close(&fast);
    struct answer a = get(r, "/livez");
    assert_int_equal(a.code, 200);
    free(a.text);
    assert_int_equal(slow.ended, false);
    expect_run(&slow, 1, EVENTS + 10, 1);
    rig_events(r, 1);
    expect_run(&slow, EVENTS + 11, EVENTS + 11, 1);
    assert_true(metric_get(&r->metrics.publisher.slow) > 0);
    client_close(&slow);
    rig_stop(r);
}

static void test_filters(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    struct sse e;
    rig_events(r, 2000);
    struct client c = stream_open(r, "?station=north&type=analog_input", -1);
    expect_run(&c, 2, 2000, 2);
    rig_events(r, 100);
    expect_run(&c, 2002, 2100, 2);
    client_close(&c);

    /* Where the filter hides all, the consumer still learns how far it is: soon, and while much passes. */
    c = stream_open(r, "?type=hole", -1);
    next_named(&c, &e, "cursor");
    assert_int_equal(e.id, 2100);
    client_close(&c);
    c = stream_open(r, "?type=hole", -1);
    rig_events(r, 30000);
    next_named(&c, &e, "cursor");
    assert_true(e.id >= 2100 && e.id <= 32100);
    int64_t first = e.id;
    while (e.id < 32100)
        next_named(&c, &e, "cursor");
    assert_true(first <= 32100);
    struct journal_row hole = {.station = 2, .index = HOLE_RESTART, .type = ROW_HOLE, .origin = ORIGIN_FEP};
    rig_commit(r, &hole, 1);
    next_named(&c, &e, "hole");
    assert_int_equal(e.id, 32101);
    client_close(&c);
    rig_stop(r);
}

static void expect_gap(struct client *c, const char *reason, const char *from, int64_t journal, int64_t to)
{
    struct sse e;
    char data[256];
    next_named(c, &e, "gap");
    assert_int_equal(e.id, to);
    snprintf(data, sizeof data, "{\"reason\":\"%s\",\"from\":\"%s\",\"to\":\"%" PRId64 "-%" PRId64 "\"}",
             reason, from, journal, to);
    assert_string_equal(e.data, data);
}

static void test_gaps(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    char query[80], from[64];
    rig_events(r, 3000);
    rig_forget(r, 1001);
    struct client c = stream_open(r, "", 9);
    snprintf(from, sizeof from, "%" PRId64 "-10", r->journal_id);
    expect_gap(&c, "retention", from, r->journal_id, 1000);
    expect_run(&c, 1001, 3000, 1);
    client_close(&c);
    c = stream_open(r, "?after=77-5", -1);
    expect_gap(&c, "foreign_journal", "77-5", r->journal_id, 1000);
    expect_run(&c, 1001, 1010, 1);
    client_close(&c);
    snprintf(from, sizeof from, "%" PRId64 "-3001", r->journal_id);
    snprintf(query, sizeof query, "?after=%s", from);
    c = stream_open(r, query, -1);
    expect_gap(&c, "ahead", from, r->journal_id, 1000);
    expect_run(&c, 1001, 1010, 1);
    client_close(&c);
    c = stream_open(r, "", 1000); /* the last one that is no gap */
    expect_run(&c, 1001, 1010, 1);
    client_close(&c);
    expect(get(r, "/v1/stream?after=x"), 400, "\"parameter\":\"after\"");
    expect(
        ask_raw(
            r, "GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nLast-Event-ID: 7\r\n\r\n"),
        400, "\"parameter\":\"Last-Event-ID\"");
    rig_stop(r);
}

/* Retention overtakes a consumer that stands still: it is told what it missed, to the row. */
static void test_overtaken(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    struct sse e;
    struct client slow = lazy_open(r, "/v1/stream");
    rig_events(r, 50000);
    (void)settled_sent(r);
    rig_forget(r, 40001);
    int64_t last = 0;
    do {
        assert_true(stream_next(&slow, &e));
        if (strcmp(e.event, "event") == 0)
            assert_int_equal(e.id, ++last);
    } while (strcmp(e.event, "gap") != 0);
    char from[64];
    snprintf(from, sizeof from, "\"from\":\"%" PRId64 "-%" PRId64 "\"", r->journal_id, last + 1);
    assert_non_null(strstr(e.data, from));
    assert_int_equal(e.id, 40000);
    expect_run(&slow, 40001, 50000, 1);
    client_close(&slow);
    rig_stop(r);
}

/* The committer may find the mailbox full. Its rows come all the same, and in order. */
static void test_commits_not_handed_over(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    struct client c = stream_open(r, "", -1);
    rig_events(r, 10);
    expect_run(&c, 1, 10, 1);
    r->mute = true;
    rig_events(r, 10);
    r->mute = false;
    rig_events(r, 10);
    expect_run(&c, 11, 30, 1);
    r->mute = true;
    rig_events(r, 10); /* with nothing after it to draw attention */
    expect_run(&c, 31, 40, 1);
    client_close(&c);
    rig_stop(r);
}

static void test_heartbeat(void **state)
{
    (void)state;
    struct rig *r = rig_start_with(4, 2000);
    struct client c = stream_open(r, "", -1);
    assert_true(client_until(&c, "Content-Type: text/event-stream\r\n"));
    for (int i = 0; i < 3 * 2000 / HEARTBEAT_MS; i++) { /* longer than a request may take */
        c.at = c.len;
        assert_true(client_until(&c, ": heartbeat\n\n"));
    }
    rig_events(r, 1);
    expect_run(&c, 1, 1, 1);
    client_close(&c);
    rig_stop(r);
}

static void await_connections(const struct rig *r, uint64_t count)
{
    for (int i = 0; i < PATIENCE_MS / 10 && metric_get(&r->metrics.publisher.connections) != count; i++)
        usleep(10000);
    assert_int_equal(metric_get(&r->metrics.publisher.connections), count);
}

/* A stream may stand still for as long as it likes; any other answer is cut off in the end. */
static void test_standing_still(void **state)
{
    (void)state;
    struct rig *r = rig_start_with(8, 1000);
    rig_events(r, 20000);
    struct client stream = lazy_open(r, "/v1/stream"), events = lazy_open(r, "/v1/events?limit=20000");
    assert_true(client_until(&stream, "retry") && client_until(&events, "200 OK"));
    await_connections(r, 1); /* as long as it takes */
    expect_run(&stream, 1, 20000, 1);
    while (client_read(&events, PATIENCE_MS))
        ;
    assert_true(events.ended);
    assert_null(memmem(events.text, events.len, "\"next\"", 6));
    client_close(&events);
    client_close(&stream);
    rig_stop(r);
}

/* Stopping with consumers in every state. */
static void test_stop(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    rig_events(r, 20000);
    struct client slow = lazy_open(r, "/v1/stream"), idle = client_open(r), live = stream_open(r, "", 19000);
    expect_run(&live, 19001, 20000, 1);
    client_send(&idle, "GET /v1/events?limit=100000 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    usleep(50000);
    rig_stop(r);
    while (client_read(&live, PATIENCE_MS))
        ;
    assert_true(live.ended);
    client_close(&slow);
    client_close(&idle);
    client_close(&live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_past_and_present),
        cmocka_unit_test(test_resuming),
        cmocka_unit_test(test_slow_consumer),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_gaps),
        cmocka_unit_test(test_overtaken),
        cmocka_unit_test(test_commits_not_handed_over),
        cmocka_unit_test(test_heartbeat),
        cmocka_unit_test(test_standing_still),
        cmocka_unit_test(test_stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
