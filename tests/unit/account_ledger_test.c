// SPDX-License-Identifier: Apache-2.0
/* Strings in a ledger: in hexadecimal, compared by what stands for their octets. */
#include "support/cm.h"
#include "tools/account/ledger.h"

#include <stdio.h>
#include <unistd.h>

static struct ledger_reader *open_ledger(const char *values, char *path)
{
    char error[256];
    strcpy(path, "/tmp/fep-ledger-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *to = fdopen(fd, "w");
    fprintf(to,
            "{\"ledger\":1}\n"
            "{\"station\":\"a\",\"type\":11,\"index\":3,\"ids\":[1],\"values\":[\"%s\"],\"flags\":[1],"
            "\"times\":[null],\"states\":\"c\"}\n"
            "{\"end\":true,\"lines\":2}\n",
            values);
    fclose(to);
    struct ledger_reader *r = ledger_open(path, error, sizeof error);
    assert_non_null(r);
    return r;
}

static void a_string_stands_for_its_octets(void **state)
{
    (void)state;
    char path[32];
    struct ledger_line line;
    struct ledger_reader *r = open_ledger("00ff41", path);
    assert_true(ledger_next(r, &line));
    assert_int_equal(line.type, 11);
    assert_int_equal(line.len, 1);
    assert_true(line.events[0].value_bits == compare_digest((const uint8_t *)"\0\377A", 3));
    assert_false(ledger_next(r, &line));
    assert_null(ledger_error(r));
    ledger_close(r);
    unlink(path);
}

static void an_empty_string_is_one(void **state)
{
    (void)state;
    char path[32];
    struct ledger_line line;
    struct ledger_reader *r = open_ledger("", path);
    assert_true(ledger_next(r, &line));
    assert_true(line.events[0].value_bits == compare_digest(NULL, 0));
    assert_true(line.events[0].value_bits != compare_digest((const uint8_t *)"", 1));
    ledger_close(r);
    unlink(path);
}

static void what_is_no_string_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {"0", "0x4059000000000000", "zz"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char path[32];
        struct ledger_line line;
        struct ledger_reader *r = open_ledger(wrong[i], path);
        assert_false(ledger_next(r, &line));
        assert_non_null(strstr(ledger_error(r), ":2: not an event"));
        ledger_close(r);
        unlink(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_string_stands_for_its_octets),
        cmocka_unit_test(an_empty_string_is_one),
        cmocka_unit_test(what_is_no_string_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
