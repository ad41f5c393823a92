// SPDX-License-Identifier: Apache-2.0
#include "fep/sdnotify.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

static void check_arrives(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    char text[64] = "";
    size_t len = strlen(path);
    memcpy(at.sun_path, path, len);
    if (path[0] == '@')
        at.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    assert_int_equal(
        bind(fd, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)), 0);
    assert_true(sdnotify_send(path, "READY=1"));
    assert_int_equal(recv(fd, text, sizeof(text), 0), 7);
    assert_string_equal(text, "READY=1");
    close(fd);
}

static void test_arrives(void **state)
{
    (void)state;
    char path[64];
    snprintf(path, sizeof(path), "@fepd-notify-test-%d", (int)getpid());
    check_arrives(path);
    snprintf(path, sizeof(path), "/tmp/fepd-notify-test-%d", (int)getpid());
    unlink(path); /* of another one of this number, which did not end well */
    check_arrives(path);
    unlink(path);
}

static void test_nobody_listens(void **state)
{
    (void)state;
    assert_false(sdnotify_send(NULL, "READY=1"));
    assert_false(sdnotify_send("", "READY=1"));
    assert_false(sdnotify_send("relative", "READY=1"));
    assert_false(sdnotify_send("/nonexistent/notify", "READY=1"));
    char longest[200];
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    longest[199] = '\0';
    assert_false(sdnotify_send(longest, "READY=1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_arrives),
        cmocka_unit_test(test_nobody_listens),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
