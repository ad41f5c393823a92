// SPDX-License-Identifier: Apache-2.0
/* The account must find what it is for: each kind of breach, and nothing where there is none. */
#include "support/cm.h"
#include "tools/account/compare.h"

#define G(v, t, s)                                                                                           \
    {                                                                                                        \
        .value_bits = (v), .time_ms = (t), .timed = (t) != 0, .state = (s)                                   \
    }
#define S(v, t, m)                                                                                           \
    {                                                                                                        \
        .value_bits = (v), .time_ms = (t), .timed = (t) != 0, .marked = (m)                                  \
    }
#define LEN(a) (sizeof(a) / sizeof *(a))
enum { C = GENERATED_CONFIRMED, B = GENERATED_BUFFERED, D = GENERATED_DROPPED };

#define COMPARE(g, s)                                                                                        \
    struct tally t = {0};                                                                                    \
    compare_point(g, LEN(g), s, LEN(s), &t)

static void equal_sequences_balance(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 10, C), G(2, 0, C), G(1, 0, C)};
    const struct stored s[] = {S(1, 10, 0), S(2, 0, 0), S(1, 0, 0)};
    COMPARE(g, s);
    assert_true(tally_balances(&t));
    assert_int_equal(t.matched, 3);
}

static void a_confirmed_event_that_is_not_stored_is_lost(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 10, C), G(2, 11, C), G(3, 12, C)};
    const struct stored s[] = {S(1, 10, 0), S(3, 12, 0)};
    COMPARE(g, s);
    assert_int_equal(t.lost, 1);
    assert_false(tally_balances(&t));
}

static void what_was_dropped_or_is_buffered_need_not_be_stored(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 10, C), G(2, 11, D), G(3, 12, D), G(4, 13, B), G(5, 14, B)};
    const struct stored s[] = {S(1, 10, 0), S(3, 12, 0), S(4, 13, 0)};
    COMPARE(g, s);
    assert_true(tally_balances(&t));
    assert_int_equal(t.stored_dropped, 1);
    assert_int_equal(t.stored_buffered, 1);
    assert_int_equal(t.dropped, 1);
    assert_int_equal(t.buffered, 1);
}

static void a_timed_event_stored_again_is_a_double(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 10, C), G(2, 11, C)};
    const struct stored s[] = {S(1, 10, 0), S(2, 11, 0), S(1, 10, 0)};
    COMPARE(g, s);
    assert_int_equal(t.doubles, 1);
}

static void twins_are_two(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 10, C), G(1, 10, C)};
    const struct stored s[] = {S(1, 10, 0), S(1, 10, 0)};
    COMPARE(g, s);
    assert_true(tally_balances(&t));
    assert_int_equal(t.matched, 2);
}

static void a_twin_that_is_missing_is_counted_apart(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 10, C), G(1, 10, C), G(2, 11, C)};
    const struct stored s[] = {S(1, 10, 0), S(2, 11, 0)};
    COMPARE(g, s);
    assert_int_equal(t.twins_lost, 1);
    assert_int_equal(t.lost, 0);
}

static void an_untimed_repeat_must_be_marked(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 0, C), G(2, 0, C)};
    const struct stored marked[] = {S(1, 0, 0), S(2, 0, 0), S(1, 0, 1), S(2, 0, 1)};
    const struct stored unmarked[] = {S(1, 0, 0), S(2, 0, 0), S(1, 0, 0), S(2, 0, 1)};
    COMPARE(g, marked);
    assert_true(tally_balances(&t));
    assert_int_equal(t.marked_repeats, 2);
    struct tally u = {0};
    compare_point(g, LEN(g), unmarked, LEN(unmarked), &u);
    assert_int_equal(u.unmarked_repeats, 1);
}

static void a_mark_does_not_make_an_event_a_repeat(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 0, C), G(0, 0, C), G(1, 0, C), G(0, 0, C), G(1, 0, C)};
    const struct stored s[] = {S(1, 0, 1), S(0, 0, 0), S(1, 0, 1), S(0, 0, 1), S(1, 0, 0)};
    COMPARE(g, s);
    assert_true(tally_balances(&t));
    assert_int_equal(t.matched, 5);
}

static void what_was_never_generated_is_foreign(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 10, C)};
    const struct stored s[] = {S(1, 10, 0), S(9, 12, 0)};
    COMPARE(g, s);
    assert_int_equal(t.foreign, 1);
}

static void order_counts(void **state)
{
    (void)state;
    const struct generated g[] = {G(1, 10, C), G(2, 11, C)};
    const struct stored s[] = {S(2, 11, 0), S(1, 10, 0)};
    COMPARE(g, s);
    assert_false(tally_balances(&t));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_sequences_balance),
        cmocka_unit_test(a_confirmed_event_that_is_not_stored_is_lost),
        cmocka_unit_test(what_was_dropped_or_is_buffered_need_not_be_stored),
        cmocka_unit_test(a_timed_event_stored_again_is_a_double),
        cmocka_unit_test(twins_are_two),
        cmocka_unit_test(a_twin_that_is_missing_is_counted_apart),
        cmocka_unit_test(an_untimed_repeat_must_be_marked),
        cmocka_unit_test(a_mark_does_not_make_an_event_a_repeat),
        cmocka_unit_test(what_was_never_generated_is_foreign),
        cmocka_unit_test(order_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
