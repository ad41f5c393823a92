// SPDX-License-Identifier: Apache-2.0
/* Pointers across two threads: none lost, none twice, in order, and the consumer never sleeps through one. */
#include "fep/io/mailbox.h"
#include "fep/io/thread.h"

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MESSAGES = 300000, BURST = 7 };

struct post {
    struct mailbox *mailbox;
    struct wake wake;
};

static void produce(void *context)
{
    struct post *p = context;
    for (uintptr_t i = 1; i <= MESSAGES; i++) {
        while (!mailbox_post(p->mailbox, (void *)i))
            wake_up(&p->wake); /* full: the other side must come */
        if (i % BURST == 0)
            wake_up(&p->wake);
    }
    wake_up(&p->wake);
}

static void test_two_threads(void **state)
{
    (void)state;
    struct post p;
    struct thread producer;
    p.mailbox = aligned_alloc(_Alignof(struct mailbox), sizeof(*p.mailbox));
    assert_true(mailbox_open(p.mailbox, 64));
    assert_true(wake_open(&p.wake));
    assert_true(thread_start(&producer, "producer", 0, produce, &p));
    uintptr_t expected = 1;
    while (expected <= MESSAGES) {
        struct pollfd fd = {.fd = p.wake.fd, .events = POLLIN};
        int ready = poll(&fd, 1, 60000);
        assert_int_equal(ready, 1); /* a wake was lost */
        wake_clear(&p.wake);
        void *message;
        while ((message = mailbox_take(p.mailbox)))
            assert_true((uintptr_t)message == expected++);
    }
    thread_join(&producer);
    assert_null(mailbox_take(p.mailbox));
    wake_close(&p.wake);
    mailbox_close(p.mailbox);
    free(p.mailbox);
}

static void test_full_is_said(void **state)
{
    (void)state;
    int message;
    struct mailbox *m = aligned_alloc(_Alignof(struct mailbox), sizeof(*m));
    assert_true(mailbox_open(m, 4));
    for (int i = 0; i < 4; i++)
        assert_true(mailbox_post(m, &message));
    assert_false(mailbox_post(m, &message));
    assert_ptr_equal(mailbox_take(m), &message);
    assert_true(mailbox_post(m, &message));
    mailbox_close(m);
    free(m);
}

static bool is_readable(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) == 1;
}

static void test_wakes_gather(void **state)
{
    (void)state;
    struct wake w;
    assert_true(wake_open(&w));
    assert_false(is_readable(w.fd));
    wake_up(&w);
    wake_up(&w);
    assert_true(is_readable(w.fd));
    wake_clear(&w);
    assert_false(is_readable(w.fd));
    wake_up(&w);
    assert_true(is_readable(w.fd));
    wake_close(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_threads),
        cmocka_unit_test(test_full_is_said),
        cmocka_unit_test(test_wakes_gather),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
