// SPDX-License-Identifier: Apache-2.0
// The JSON writer: escapes, numbers that read back, times.
#include "fep/publisher/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

static const char *text_of(struct json *j)
{
    json_raw(j, "", 1);
    return j->text;
}

static void test_structure(void **state)
{
    (void)state;
    struct json j = {0};
    json_begin(&j);
    json_key(&j, "a"), json_int(&j, INT64_MIN);
    json_key(&j, "b"), json_list(&j);
    json_bool(&j, true), json_bool(&j, false), json_text(&j, NULL);
    json_begin(&j), json_end(&j);
    json_list_end(&j);
    json_key(&j, "c"), json_list(&j), json_list_end(&j);
    json_end(&j);
    assert_string_equal(text_of(&j), "{\"a\":-9223372036854775808,\"b\":[true,false,null,{}],\"c\":[]}");
    json_free(&j);
}

static void test_strings(void **state)
{
    (void)state;
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"", "\"\""},
        {"North 110 kV", "\"North 110 kV\""},
        {"a\"b\\c\n\x01\x7f", "\"a\\\"b\\\\c\\u000a\\u0001\x7f\""},
        {"Stra\xc3\x9f"
         "e \xe6\x9d\xb1 \xf0\x9f\x94\x8c",
         "\"Stra\xc3\x9f"
         "e \xe6\x9d\xb1 \xf0\x9f\x94\x8c\""},
        {"\xc3", "\"\\ufffd\""},                                  /* cut short */
        {"\xff-\x80", "\"\\ufffd-\\ufffd\""},                     /* never in UTF-8; without a beginning */
        {"\xc0\xaf", "\"\\ufffd\\ufffd\""},                       /* overlong */
        {"\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\""},            /* a surrogate */
        {"\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\""}, /* beyond U+10FFFF */
        {"\xe2\x82", "\"\\ufffd\\ufffd\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct json j = {0};
        json_text(&j, cases[i].in);
        assert_string_equal(text_of(&j), cases[i].out);
        json_free(&j);
    }
}

static void check_double(double value, const char *expected)
{
    struct json j = {0};
    json_double(&j, value);
    assert_string_equal(text_of(&j), expected);
    json_free(&j);
}

static void test_doubles(void **state)
{
    (void)state;
    check_double(0, "0");
    check_double(-0.0, "-0");
    check_double(1, "1");
    check_double(-1.5, "-1.5");
    check_double(0.05, "0.05");
    check_double(110.25, "110.25");
    check_double(0.1, "0.1");
    check_double(1000000.00000001, "1000000.00000001");
    check_double(4294967295.0, "4294967295");
    check_double(0.1 + 0.2, "0.30000000000000004");
    check_double(1e300, "1e+300");
    check_double(5e-324, "4.94065645841247e-324");
    check_double(9007199254740993.0, "9007199254740992");
    check_double((double)NAN, "\"NaN\"");
    check_double((double)INFINITY, "\"Infinity\"");
    check_double(-(double)INFINITY, "\"-Infinity\"");
}

/* Whatever the bits, what is read is what was written. */
static void test_doubles_read_back(void **state)
{
    (void)state;
    uint64_t seed = 88172645463325252u;
    struct json j = {0};
    for (int i = 0; i < 100000; i++) {
        seed ^= seed << 13, seed ^= seed >> 7, seed ^= seed << 17;
        double value;
        if (i % 2)
            memcpy(&value, &seed, sizeof value);
        else
            value = (double)(int64_t)(seed >> 30) / (double)(1 + seed % 100000);
        if (!isfinite(value))
            continue;
        json_clear(&j);
        json_double(&j, value);
        double back = strtod(text_of(&j), NULL);
        assert_memory_equal(&back, &value, sizeof value);
    }
    json_free(&j);
}

static void check_time(int64_t ms, const char *expected)
{
    struct json j = {0};
    json_time(&j, ms);
    assert_string_equal(text_of(&j), expected);
    json_free(&j);
}

static void test_times(void **state)
{
    (void)state;
    check_time(0, "null");
    check_time(-1, "null");
    check_time(1, "\"1970-01-01T00:00:00.001Z\"");
    check_time(951782400000, "\"2000-02-29T00:00:00.000Z\"");
    check_time(4107542399999, "\"2100-02-28T23:59:59.999Z\"");
    check_time(4107542400000, "\"2100-03-01T00:00:00.000Z\"");
    check_time(0xFFFFFFFFFFFF, "\"+10889-08-02T05:31:50.655Z\"");
}

static void test_times_like_the_system(void **state)
{
    (void)state;
    struct json j = {0};
    for (int64_t s = 1; s < 253402300800; s += 86400 * 17 + 12345) {
        time_t t = (time_t)s;
        struct tm tm;
        char expected[40];
        gmtime_r(&t, &tm);
        strftime(expected, sizeof expected, "\"%Y-%m-%dT%H:%M:%S.042Z\"", &tm);
        json_clear(&j);
        json_time(&j, s * 1000 + 42);
        assert_string_equal(text_of(&j), expected);
    }
    json_free(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_structure), cmocka_unit_test(test_strings),
        cmocka_unit_test(test_doubles),   cmocka_unit_test(test_doubles_read_back),
        cmocka_unit_test(test_times),     cmocka_unit_test(test_times_like_the_system),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
