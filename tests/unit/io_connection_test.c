// SPDX-License-Identifier: Apache-2.0
/* Connections over loopback: both ends in one loop. */
#include "fep/io/clock.h"
#include "fep/io/connection.h"
#include "fep/io/listener.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { PATIENCE_MS = 60000 }; /* for what must come, however slow the machine */

struct end {
    struct connection connection; /* first: the handler finds its end by it */
    unsigned ups, failures, drains, closings;
    int error;
    bool deaf; /* does not read */
    size_t got;
    uint8_t sum;
};

struct scene {
    struct loop *loop;
    struct pool pool;
    struct connection_owner owner;
    struct listener listener;
    struct end client, server;
};

static void happened(struct connection *c, enum connection_event event, int error)
{
    struct end *e = (struct end *)c;
    uint8_t buf[4096];
    ssize_t len;
    e->ups += event == CONNECTION_UP;
    e->drains += event == CONNECTION_DRAINED;
    if (event == CONNECTION_FAILED) {
        e->failures++;
        e->error = error;
    }
    if (event != CONNECTION_READABLE || e->deaf)
        return;
    while ((len = connection_read(c, buf, sizeof(buf))) > 0) {
        e->got += (size_t)len;
        for (ssize_t i = 0; i < len; i++)
            e->sum = (uint8_t)(e->sum + buf[i]);
    }
    if (len < 0) {
        e->error = errno;
        e->closings++;
        connection_close(c);
    }
}

static void accepted(void *context, int fd)
{
    struct scene *s = context;
    assert_true(connection_adopt(&s->server.connection, fd));
}

static void scene_begin(struct scene *s, const char *host)
{
    memset(s, 0, sizeof(*s));
    s->loop = loop_open();
    assert_non_null(s->loop);
    pool_init(&s->pool, 1024, 4);
    s->owner = connection_owner(s->loop, &s->pool, happened);
    connection_init(&s->client.connection, &s->owner);
    connection_init(&s->server.connection, &s->owner);
    assert_true(listener_open(&s->listener, s->loop, host, 0, accepted, s));
    assert_true(connection_connect(&s->client.connection, host, listener_port(&s->listener)));
}

static void scene_end(struct scene *s)
{
    connection_close(&s->client.connection);
    connection_close(&s->server.connection);
    listener_close(&s->listener);
    loop_close(s->loop);
    pool_free(&s->pool); /* asserts that all buffers came back */
}

static void turn_until(struct scene *s, const unsigned *count)
{
    int64_t give_up_ms = clock_now_ms() + PATIENCE_MS;
    while (!*count && clock_now_ms() < give_up_ms)
        loop_turn(s->loop, 50);
    assert_true(*count > 0);
}

/* What was written has left the kernel's hands only once the other end has it. */
static void turn_until_got(struct scene *s, const struct end *e, size_t wanted)
{
    int64_t give_up_ms = clock_now_ms() + PATIENCE_MS;
    while (e->got < wanted && clock_now_ms() < give_up_ms)
        loop_turn(s->loop, 50);
    assert_int_equal(e->got, wanted);
}

static void turns(struct scene *s, int count)
{
    while (count--)
        loop_turn(s->loop, 5);
}

static void scene_connected(struct scene *s, const char *host)
{
    scene_begin(s, host);
    turn_until(s, &s->client.ups);
    int64_t give_up_ms = clock_now_ms() + PATIENCE_MS;
    while (s->server.connection.state != CONNECTION_OPEN && clock_now_ms() < give_up_ms)
        loop_turn(s->loop, 10);
    assert_int_equal(s->server.connection.state, CONNECTION_OPEN);
}

/* A container may have no IPv6. */
static bool is_there(const char *host)
{
    struct loop *loop = loop_open();
    struct listener l = {0};
    bool there = listener_open(&l, loop, host, 0, accepted, NULL);
    assert_true(there || errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL);
    listener_close(&l);
    loop_close(loop);
    return there;
}

static void test_octets_go_both_ways(void **state)
{
    (void)state;
    static const char *const hosts[] = {"127.0.0.1", "::1"};
    for (size_t i = 0; i < 2; i++) {
        struct scene s;
        if (i > 0 && !is_there(hosts[i])) {
            print_message("not checked: there is no %s here\n", hosts[i]);
            continue;
        }
        scene_connected(&s, hosts[i]);
        assert_true(connection_write(&s.client.connection, "abc", 3));
        assert_true(connection_write(&s.server.connection, "defg", 4));
        turn_until_got(&s, &s.server, 3);
        turn_until_got(&s, &s.client, 4);
        connection_close(&s.server.connection);
        turn_until(&s, &s.client.closings);
        assert_int_equal(s.client.error, 0); /* closed, not broken */
        scene_end(&s);
    }
}

static void test_refused(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, "127.0.0.1");
    uint16_t port = listener_port(&s.listener);
    connection_close(&s.client.connection);
    listener_close(&s.listener);
    if (connection_connect(&s.client.connection, "127.0.0.1", port)) {
        turn_until(&s, &s.client.failures);
        assert_int_equal(s.client.error, ECONNREFUSED);
    }
    assert_int_equal(s.client.connection.state, CONNECTION_CLOSED);
    scene_end(&s);
}

static void test_no_address(void **state)
{
    (void)state;
    struct scene s;
    scene_begin(&s, "127.0.0.1");
    assert_false(connection_connect(&s.server.connection, "station.example", 20000));
    assert_int_equal(errno, EINVAL);
    scene_end(&s);
}

/* The peer does not read: what the kernel does not take waits here, in order, and arrives later. */
static void test_what_is_not_taken_waits(void **state)
{
    (void)state;
    struct scene s;
    scene_connected(&s, "127.0.0.1");
    int small = 4096;
    setsockopt(s.client.connection.watch.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
    s.server.deaf = true;
    connection_pause(&s.server.connection, true);
    uint8_t block[3000];
    size_t sent = 0;
    uint8_t sum = 0;
    while (connection_waiting(&s.client.connection) < CONNECTION_WAITING_MAX / 2) {
        for (size_t i = 0; i < sizeof(block); i++) {
            block[i] = (uint8_t)(sent * 31 + i);
            sum = (uint8_t)(sum + block[i]);
        }
        assert_true(connection_write(&s.client.connection, block, sizeof(block)));
        sent += sizeof(block);
        loop_turn(s.loop, 0);
    }
    assert_true(s.pool.in_use > 0);
    s.server.deaf = false;
    connection_pause(&s.server.connection, false);
    turn_until(&s, &s.client.drains);
    turn_until_got(&s, &s.server, sent);
    assert_int_equal(s.server.sum, sum);
    assert_int_equal(s.pool.in_use, 0);
    scene_end(&s);
}

static void test_a_peer_that_never_reads_is_given_up(void **state)
{
    (void)state;
    struct scene s;
    scene_connected(&s, "127.0.0.1");
    connection_pause(&s.server.connection, true);
    uint8_t block[8192] = {0};
    size_t writes = 0;
    while (connection_write(&s.client.connection, block, sizeof(block)) && writes < 10000)
        writes++;
    assert_true(writes < 10000);
    assert_int_equal(errno, ENOBUFS);
    assert_true(connection_waiting(&s.client.connection) <= CONNECTION_WAITING_MAX);
    /* A piece is missing: nothing may follow, whether there is room again or not. */
    assert_false(connection_write(&s.client.connection, block, 1));
    assert_int_equal(connection_read(&s.client.connection, block, sizeof(block)), -1);
    assert_int_equal(errno, ENOBUFS);
    scene_end(&s);
}

static void test_shut_lets_the_rest_through(void **state)
{
    (void)state;
    struct scene s;
    scene_connected(&s, "127.0.0.1");
    assert_true(connection_write(&s.client.connection, "last", 4));
    connection_shut(&s.client.connection);
    turn_until(&s, &s.server.closings);
    assert_int_equal(s.server.got, 4);
    turn_until(&s, &s.client.closings);
    scene_end(&s);
}

static void test_paused_reads_nothing(void **state)
{
    (void)state;
    struct scene s;
    scene_connected(&s, "127.0.0.1");
    connection_pause(&s.server.connection, true);
    assert_true(connection_write(&s.client.connection, "abc", 3));
    turns(&s, 5);
    assert_int_equal(s.server.got, 0);
    connection_pause(&s.server.connection, false);
    turn_until_got(&s, &s.server, 3);
    scene_end(&s);
}

static void test_a_turn_waits_no_longer(void **state)
{
    (void)state;
    struct loop *loop = loop_open();
    int64_t took_us = INT64_MAX;
    for (int i = 0; i < 20 && took_us >= 2000000; i++) { /* the machine may stand still, but not always */
        int64_t begin_us = clock_now_us();
        loop_turn(loop, 30);
        took_us = clock_now_us() - begin_us;
        assert_true(took_us >= 29000);
    }
    assert_true(took_us < 2000000);
    loop_close(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_octets_go_both_ways),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_no_address),
        cmocka_unit_test(test_what_is_not_taken_waits),
        cmocka_unit_test(test_a_peer_that_never_reads_is_given_up),
        cmocka_unit_test(test_shut_lets_the_rest_through),
        cmocka_unit_test(test_paused_reads_nothing),
        cmocka_unit_test(test_a_turn_waits_no_longer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
