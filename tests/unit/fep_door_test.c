// SPDX-License-Identifier: Apache-2.0
/* Who finds a place at the door where there is none left: neither in its table, nor for a descriptor. */
#include "tests/support/publisher_rig.h"

#include <event2/event.h>
#include <sys/resource.h>

/* What anybody may ask holds no place: those who have it make room, without a word that would be taken for an
 * answer. */
static void test_the_unknown_make_room(void **state)
{
    (void)state;
    static const char *const questions[] = {"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                            "GET /v1/nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
                                            "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"};
    struct rig *r = rig_start_with(3, 60000);
    struct client held[3];
    for (size_t i = 0; i < 3; i++) {
        held[i] = client_open(r);
        client_send(&held[i], questions[i]);
        assert_true(client_until(&held[i], "\r\n\r\n"));
        usleep(5000); /* the first is the oldest */
    }
    struct client known = client_open(r);
    client_send(&known, "GET /v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_true(client_until(&known, "loopback"));
    while (client_read(&held[0], PATIENCE_MS))
        ;
    assert_true(held[0].ended);
    assert_null(strstr(held[0].text, "too many connections"));
    client_close(&known);
    for (size_t i = 0; i < 3; i++)
        client_close(&held[i]);
    rig_stop(r);
}

static _Atomic unsigned libevents_words;

static void count_word(int severity, const char *text)
{
    (void)severity, (void)text;
    libevents_words++;
}

/* Without a descriptor nobody is let in; whoever waits is when there is one again, and meanwhile the thread
 * does not turn in circles. */
static void test_no_descriptor_is_left(void **state)
{
    (void)state;
    struct rig *r = rig_start();
    int spare[256];
    size_t len = 0;
    struct rlimit before, few;
    struct client first = client_open(r), late = {.fd = -1};
    client_send(&first, "GET /v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_true(client_until(&first, "loopback"));
    late.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    few = (struct rlimit){.rlim_cur = (rlim_t)late.fd + 64, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
    while (len < 256 && (spare[len] = dup(late.fd)) >= 0)
        len++;
    assert_in_range(len, 1, 255);
    event_set_log_callback(count_word);
    libevents_words = 0;
    client_connect(&late, r);
    client_send(&late, "GET /v1/me HTTP/1.1\r\nHost: localhost\r\n\r\n");
    assert_false(client_read(&late, 500));
    assert_int_equal(libevents_words, 0);
    while (len)
        close(spare[--len]);
    assert_true(client_until(&late, "loopback"));
    event_set_log_callback(NULL);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    client_close(&first);
    client_close(&late);
    rig_stop(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_unknown_make_room),
        cmocka_unit_test(test_no_descriptor_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
