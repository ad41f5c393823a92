// SPDX-License-Identifier: Apache-2.0
/* Failures to sign in: bounded by source, told together. */
#include "fep/publisher/attempts.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void failures_are_bounded_and_told_together(void **state)
{
    (void)state;
    static struct attempts a;
    const uint8_t here[16] = {1}, there[16] = {2};
    int64_t now_ms = 100000;
    for (int i = 0; i < ATTEMPTS_BURST; i++)
        assert_false(attempts_failed(&a, here, now_ms));
    assert_true(attempts_failed(&a, here, now_ms));
    assert_false(attempts_failed(&a, there, now_ms));
    assert_int_equal(attempts_untold(&a, here, now_ms), ATTEMPTS_BURST + 1);
    assert_int_equal(attempts_untold(&a, here, now_ms), 0);
    assert_false(attempts_failed(&a, here, now_ms + ATTEMPTS_REFILL_MS));
    assert_true(attempts_failed(&a, here, now_ms + ATTEMPTS_REFILL_MS));
    assert_int_equal(attempts_untold(&a, here, now_ms + ATTEMPTS_TELL_MS - 1), 0);
    assert_int_equal(attempts_untold(&a, here, now_ms + ATTEMPTS_TELL_MS), 2);
    assert_int_equal(attempts_untold(&a, there, now_ms), 1);
}

static void more_sources_than_places_forget_the_oldest(void **state)
{
    (void)state;
    static struct attempts a;
    for (int i = 0; i < ATTEMPTS_SOURCES + 10; i++) {
        const uint8_t address[16] = {(uint8_t)(i >> 8), (uint8_t)i};
        assert_false(attempts_failed(&a, address, 100000 + i));
    }
    const uint8_t first[16] = {0, 0},
                  last[16] = {(uint8_t)((ATTEMPTS_SOURCES + 9) >> 8), (uint8_t)(ATTEMPTS_SOURCES + 9)};
    assert_int_equal(attempts_untold(&a, first, 200000), 0);
    assert_int_equal(attempts_untold(&a, last, 200000), 1);
}

static void of_ipv6_the_network_is_the_source(void **state)
{
    (void)state;
    static const struct {
        struct in6_addr peer;
        uint8_t counted_by[16];
    } rows[] = {
        {{{{0x20, 1, 0xd, 0xb8, 0, 0, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8}}}, {0x20, 1, 0xd, 0xb8, 0, 0, 0, 7}},
        {{{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1}}},
         {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 192, 0, 2, 1}},
    };
    uint8_t address[16];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = rows[i].peer};
        attempts_address((const struct sockaddr *)&six, address);
        assert_memory_equal(address, rows[i].counted_by, 16);
    }
    const struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0xC0000201)};
    attempts_address((const struct sockaddr *)&four, address);
    assert_memory_equal(address, rows[1].counted_by, 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(failures_are_bounded_and_told_together),
        cmocka_unit_test(of_ipv6_the_network_is_the_source),
        cmocka_unit_test(more_sources_than_places_forget_the_oldest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
