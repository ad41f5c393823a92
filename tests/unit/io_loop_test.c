// SPDX-License-Identifier: Apache-2.0
/* A loop's watches, stopped, freed and started anew in the middle of a turn; signals. */
#include "fep/io/loop.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct peer {
    struct loop_watch watch;
    unsigned calls;
    unsigned what;
    void (*then)(struct peer *p);
    struct peer *other;
};

static void peer_ready(struct loop_watch *w, unsigned what)
{
    struct peer *p = LOOP_OWNER(w, struct peer, watch);
    p->calls++;
    p->what = what;
    if (p->then)
        p->then(p);
}

static struct peer *peer_new(const struct loop_kind *kind, unsigned ready)
{
    struct peer *p = calloc(1, sizeof(*p));
    assert_non_null(p);
    assert_true(loop_watch_start(kind, &p->watch, eventfd(ready, EFD_CLOEXEC | EFD_NONBLOCK), LOOP_READ));
    return p;
}

static void peer_free(struct peer *p)
{
    int fd = p->watch.fd;
    loop_watch_stop(&p->watch);
    close(fd);
    free(p);
}

/* Whichever of the two comes first frees the other, whose event was fetched together with its own. */
static void free_the_other(struct peer *p)
{
    if (p->other)
        peer_free(p->other);
    p->other = NULL;
}

static void test_a_freed_watch_is_not_called(void **state)
{
    (void)state;
    struct loop *loop = loop_open();
    const struct loop_kind kind = {loop, peer_ready};
    struct peer *a = peer_new(&kind, 1), *b = peer_new(&kind, 1);
    a->other = b;
    b->other = a;
    a->then = b->then = free_the_other;
    /* Level-triggered and never read: the survivor is told again, the other never. */
    loop_turn(loop, 1000);
    struct peer *left = a; /* epoll tells in the order of becoming ready */
    for (int i = 0; i < 3; i++)
        loop_turn(loop, 0);
    assert_int_equal(left->calls, 4);
    assert_null(left->other);
    peer_free(left);
    loop_close(loop);
}

/* The other's watch goes on with a descriptor that is not ready, perhaps of the same number. */
static void replace_the_other(struct peer *p)
{
    struct peer *other = p->other;
    if (!other)
        return;
    int fd = other->watch.fd;
    loop_watch_stop(&other->watch);
    close(fd);
    assert_true(loop_watch_start(other->watch.kind, &other->watch, eventfd(0, EFD_CLOEXEC), LOOP_READ));
    p->other = other->other = NULL;
}

static void test_a_watch_that_began_anew_is_not_told_of_the_old(void **state)
{
    (void)state;
    struct loop *loop = loop_open();
    const struct loop_kind kind = {loop, peer_ready};
    struct peer *a = peer_new(&kind, 1), *b = peer_new(&kind, 1);
    a->other = b;
    b->other = a;
    a->then = b->then = replace_the_other;
    loop_turn(loop, 1000);
    assert_int_equal(a->calls + b->calls, 1);
    struct peer *renewed = a->calls ? b : a;
    loop_turn(loop, 0);
    assert_int_equal(renewed->calls, 0);
    assert_int_equal(eventfd_write(renewed->watch.fd, 1), 0);
    loop_turn(loop, 1000);
    assert_int_equal(renewed->calls, 1);
    peer_free(a);
    peer_free(b);
    loop_close(loop);
}

static void test_interest_may_be_none(void **state)
{
    (void)state;
    struct loop *loop = loop_open();
    const struct loop_kind kind = {loop, peer_ready};
    int fds[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
    struct peer p = {0};
    assert_true(loop_watch_start(&kind, &p.watch, fds[0], LOOP_READ));
    assert_true(loop_watch_change(&p.watch, 0));
    close(fds[1]); /* a failure that nobody wants to hear of must not make the loop spin */
    loop_turn(loop, 20);
    assert_int_equal(p.calls, 0);
    assert_true(loop_watch_change(&p.watch, LOOP_READ | LOOP_WRITE));
    loop_turn(loop, 1000);
    assert_int_equal(p.calls, 1);
    assert_int_equal(p.what, LOOP_READ | LOOP_WRITE);
    loop_watch_stop(&p.watch);
    loop_watch_stop(&p.watch); /* once more does no harm */
    close(fds[0]);
    loop_close(loop);
}

static void test_more_than_a_turn_serves_is_served_in_order(void **state)
{
    (void)state;
    enum { PEERS = LOOP_READY_MAX + 100 };
    struct loop *loop = loop_open();
    const struct loop_kind kind = {loop, peer_ready};
    struct peer *peers = calloc(PEERS, sizeof(*peers));
    assert_non_null(peers);
    int fd = eventfd(1, EFD_CLOEXEC);
    for (size_t i = 0; i < PEERS; i++)
        assert_true(loop_watch_start(&kind, &peers[i].watch, dup(fd), LOOP_READ));
    loop_turn(loop, 1000);
    loop_turn(loop, 0);
    for (size_t i = 0; i < PEERS; i++) {
        int mine = peers[i].watch.fd;
        assert_in_range(peers[i].calls, 1, 2); /* all of them, though none has been read */
        loop_watch_stop(&peers[i].watch);
        close(mine);
    }
    close(fd);
    free(peers);
    loop_close(loop);
}

struct heard {
    unsigned first, second;
};

static void heard_signal(int signal_number, void *context)
{
    struct heard *h = context;
    h->first += signal_number == SIGUSR1;
    h->second += signal_number == SIGUSR2;
}

static void test_signals_are_told_in_the_loop(void **state)
{
    (void)state;
    static const int numbers[] = {SIGUSR1, SIGUSR2};
    struct loop *loop = loop_open();
    struct loop_signals s = {0};
    struct heard heard = {0};
    loop_signals_stop(&s); /* not started */
    assert_true(loop_signals_start(loop, &s, numbers, 2, heard_signal, &heard));
    raise(SIGUSR2);
    raise(SIGUSR1);
    assert_int_equal(heard.first + heard.second, 0);
    loop_turn(loop, 1000);
    assert_int_equal(heard.first, 1);
    assert_int_equal(heard.second, 1);
    loop_signals_stop(&s);
    loop_close(loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_freed_watch_is_not_called),
        cmocka_unit_test(test_a_watch_that_began_anew_is_not_told_of_the_old),
        cmocka_unit_test(test_interest_may_be_none),
        cmocka_unit_test(test_more_than_a_turn_serves_is_served_in_order),
        cmocka_unit_test(test_signals_are_told_in_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
