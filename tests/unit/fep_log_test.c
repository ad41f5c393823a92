// SPDX-License-Identifier: Apache-2.0
#include "fep/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { ROOM = 512 };

static void line(char *into, enum log_format format, const struct log_field *fields, size_t len)
{
    size_t n = log_format_line(into, ROOM - 1, format, 1767323045678, LOG_LEVEL_WARNING, "connect_failed",
                               "can't be reached", fields, len);
    into[n] = '\0';
}

static void test_logfmt(void **state)
{
    (void)state;
    char text[ROOM];
    const struct log_field fields[] = {log_text("station", "North 1"), log_number("port", -20000),
                                       log_text("host", "192.0.2.1"), log_text("none", "")};
    line(text, LOG_FORMAT_LOGFMT, fields, 4);
    assert_string_equal(text, "time=2026-01-02T03:04:05.678Z level=warning event=connect_failed "
                              "msg=\"can't be reached\" station=\"North 1\" port=-20000 host=192.0.2.1 "
                              "none=\"\"\n");
}

static void test_json(void **state)
{
    (void)state;
    char text[ROOM];
    const struct log_field fields[] = {log_text("station", "a\"b\\c\nd\x01"), log_number("port", 20000)};
    line(text, LOG_FORMAT_JSON, fields, 2);
    assert_string_equal(text, "{\"time\":\"2026-01-02T03:04:05.678Z\",\"level\":\"warning\","
                              "\"event\":\"connect_failed\",\"msg\":\"can't be reached\","
                              "\"station\":\"a\\\"b\\\\c\\u000ad\\u0001\",\"port\":20000}\n");
}

/* A text from a peer or a file can't begin a line of its own. */
static void test_no_text_breaks_the_line(void **state)
{
    (void)state;
    char text[ROOM];
    const struct log_field field = log_text("error", "x\nlevel=error event=fake");
    line(text, LOG_FORMAT_LOGFMT, &field, 1);
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void test_what_does_not_fit_is_left_out(void **state)
{
    (void)state;
    char text[ROOM];
    const struct log_field fields[] = {log_text("long", "0123456789012345678901234567890123456789"),
                                       log_number("short", 1)};
    for (size_t room = 3; room < 200; room++) {
        size_t n = log_format_line(text, room, LOG_FORMAT_JSON, 0, LOG_LEVEL_INFO, "e", "m", fields, 2);
        assert_true(n <= room);
        assert_int_equal(text[n - 1], '\n');
        assert_int_equal(text[n - 2], '}');
    }
}

static void test_gate(void **state)
{
    (void)state;
    struct log_gate gate = {0};
    uint32_t suppressed = 99;
    for (int i = 0; i < 3; i++) {
        assert_true(log_gate_pass(&gate, 1000 + i, 3, &suppressed));
        assert_int_equal(suppressed, 0);
    }
    for (int i = 0; i < 5; i++)
        assert_false(log_gate_pass(&gate, 2000, 3, &suppressed));
    assert_false(log_gate_pass(&gate, 60999, 3, &suppressed));
    assert_true(log_gate_pass(&gate, 61000, 3, &suppressed));
    assert_int_equal(suppressed, 6);
    assert_true(log_gate_pass(&gate, 61001, 3, &suppressed));
    assert_int_equal(suppressed, 0);
    for (int i = 0; i < 100; i++)
        assert_true(log_gate_pass(&gate, 200000, 0, &suppressed));
}

static void test_levels_and_journald(void **state)
{
    (void)state;
    int fds[2];
    char text[ROOM];
    struct log log;
    assert_int_equal(pipe(fds), 0);
    log_init(&log, fds[1], LOG_LEVEL_WARNING, LOG_FORMAT_LOGFMT, true);
    assert_false(log_wants(&log, LOG_LEVEL_INFO));
    LOG(&log, LOG_LEVEL_INFO, "unheard", "not this one", log_number("n", 1));
    LOG(&log, LOG_LEVEL_ERROR, "heard", "this one", log_number("n", 2));
    ssize_t n = read(fds[0], text, sizeof(text) - 1);
    assert_true(n > 0);
    text[n] = '\0';
    assert_memory_equal(text, "<3>time=", 8);
    assert_null(strstr(text, "unheard"));
    assert_non_null(strstr(text, "level=error event=heard msg=\"this one\" n=2\n"));
    close(fds[0]);
    close(fds[1]);
    close(log.fd);
}

/* Whoever reads comes to a stand: nobody waits for him, and what he missed is told. */
static void test_a_reader_at_a_stand_holds_nobody_up(void **state)
{
    (void)state;
    for (int socket = 0; socket < 2; socket++) {
        int fds[2];
        char text[65536];
        struct log log;
        assert_int_equal(socket ? socketpair(AF_UNIX, SOCK_STREAM, 0, fds) : pipe(fds), 0);
        log_init(&log, fds[1], LOG_LEVEL_INFO, LOG_FORMAT_LOGFMT, false);
        for (int i = 0; i < 10000; i++)
            LOG(&log, LOG_LEVEL_INFO, "said", "a line of some length, so that the room is used up",
                log_number("n", i));
        assert_in_range(log.lost, 1, 9999);
        unsigned lost = log.lost;
        for (ssize_t n = 1, all = 0; n > 0 && all < 30000; all += n)
            n = read(fds[0], text, sizeof(text));
        LOG(&log, LOG_LEVEL_INFO, "said", "again", log_number("n", 10000));
        assert_int_equal(log.lost, 0);
        close(fds[1]);
        if (log.fd != fds[1])
            close(log.fd);
        char expected[64], *found = NULL;
        snprintf(expected, sizeof(expected), "lines=%u\n", lost);
        for (ssize_t n; !found && (n = read(fds[0], text, sizeof(text) - 1)) > 0;) {
            text[n] = '\0';
            found = strstr(text, expected);
        }
        assert_non_null(found);
        close(fds[0]);
    }
}

static void test_level_names(void **state)
{
    (void)state;
    static const char *const names[] = {"error", "warning", "info", "debug"};
    enum log_level level;
    for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
        assert_true(log_level_parse(names[i], &level));
        assert_int_equal(level, i);
    }
    assert_false(log_level_parse("loud", &level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_logfmt),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_no_text_breaks_the_line),
        cmocka_unit_test(test_what_does_not_fit_is_left_out),
        cmocka_unit_test(test_gate),
        cmocka_unit_test(test_levels_and_journald),
        cmocka_unit_test(test_a_reader_at_a_stand_holds_nobody_up),
        cmocka_unit_test(test_level_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
