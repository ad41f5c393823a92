// SPDX-License-Identifier: Apache-2.0
/* The wheel against a list that is searched: the same timers are due, in the order of their milliseconds. */
#include "fep/io/wheel.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

enum { TIMERS = 400 };

struct model {
    struct wheel wheel;
    struct wheel_timer timers[TIMERS];
    int64_t due_ms[TIMERS]; /* -1 where it is not set */
    uint64_t random;
};

static uint64_t model_random(struct model *m)
{
    m->random ^= m->random << 13;
    m->random ^= m->random >> 7;
    m->random ^= m->random << 17;
    return m->random;
}

static int64_t model_next(const struct model *m)
{
    int64_t next = WHEEL_NEVER_MS;
    for (int i = 0; i < TIMERS; i++)
        if (m->due_ms[i] >= 0 && m->due_ms[i] < next)
            next = m->due_ms[i];
    return next;
}

/* Takes all that is due and compares. */
static void model_advance(struct model *m, int64_t now_ms)
{
    struct wheel_timer *t;
    int64_t last = INT64_MIN;
    while ((t = wheel_take(&m->wheel, now_ms))) {
        int i = (int)(t - m->timers);
        assert_true(m->due_ms[i] >= 0);
        assert_true(m->due_ms[i] <= now_ms);
        assert_true(m->due_ms[i] >= last);
        assert_false(wheel_is_set(t));
        last = m->due_ms[i];
        m->due_ms[i] = -1;
    }
    assert_true(model_next(m) > now_ms);
    assert_true(wheel_next_ms(&m->wheel) <= model_next(m));
}

static void run_model(uint64_t seed, int64_t start_ms, unsigned far_bits)
{
    struct model *m = calloc(1, sizeof(*m));
    m->random = seed;
    wheel_init(&m->wheel, start_ms);
    memset(m->due_ms, 0xFF, sizeof(m->due_ms));
    int64_t now_ms = start_ms;
    for (int step = 0; step < 20000; step++) {
        int i = (int)(model_random(m) % TIMERS);
        switch (model_random(m) % 4) {
        case 0:
        case 1:
            m->due_ms[i] = now_ms + 1 + (int64_t)(model_random(m) >> (64 - 1 - model_random(m) % far_bits));
            wheel_set(&m->wheel, &m->timers[i], m->due_ms[i]);
            break;
        case 2:
            wheel_cancel(&m->wheel, &m->timers[i]);
            m->due_ms[i] = -1;
            break;
        default:
            now_ms += (int64_t)(model_random(m) >> (64 - 1 - model_random(m) % (far_bits - 4)));
            model_advance(m, now_ms);
        }
    }
    size_t set = 0;
    for (int k = 0; k < TIMERS; k++)
        set += m->due_ms[k] >= 0;
    assert_int_equal(set, m->wheel.len);
    while (model_next(m) != WHEEL_NEVER_MS)
        model_advance(m, wheel_next_ms(&m->wheel));
    assert_int_equal(m->wheel.len, 0);
    assert_true(wheel_next_ms(&m->wheel) == WHEEL_NEVER_MS);
    free(m);
}

static void test_agrees_with_a_list(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 8; seed++)
        run_model(seed * 7919, (int64_t)(seed * 1234567), 10 + (unsigned)seed * 4);
}

static void test_what_has_passed_is_due_at_once(void **state)
{
    (void)state;
    struct wheel w;
    struct wheel_timer a = {0}, b = {0};
    wheel_init(&w, 1000);
    wheel_set(&w, &a, 3);
    wheel_set(&w, &b, 1000);
    assert_true(wheel_next_ms(&w) <= 1000);
    assert_non_null(wheel_take(&w, 1000));
    assert_non_null(wheel_take(&w, 1000));
    assert_null(wheel_take(&w, 1000));
}

static void test_never_cancels(void **state)
{
    (void)state;
    struct wheel w;
    struct wheel_timer a = {0};
    wheel_init(&w, 0);
    wheel_set(&w, &a, 5);
    wheel_set(&w, &a, WHEEL_NEVER_MS);
    assert_false(wheel_is_set(&a));
    assert_null(wheel_take(&w, 1000000));
    wheel_set(&w, &a, INT64_MAX - 1); /* the farthest there is */
    assert_null(wheel_take(&w, INT64_MAX - 2));
    assert_ptr_equal(wheel_take(&w, INT64_MAX - 1), &a);
}

static void test_setting_again_moves(void **state)
{
    (void)state;
    struct wheel w;
    struct wheel_timer a = {0}, b = {0};
    wheel_init(&w, 63);
    wheel_set(&w, &a, 64);
    wheel_set(&w, &b, 64);
    wheel_set(&w, &a, 5000);
    assert_ptr_equal(wheel_take(&w, 4999), &b);
    assert_null(wheel_take(&w, 4999));
    assert_ptr_equal(wheel_take(&w, 5000), &a);
}

/* The CPU time of ticks beside so many timers that are far away. */
static clock_t quiet_ticks(int timers_len, int64_t ticks)
{
    struct wheel *w = malloc(sizeof(*w));
    struct wheel_timer *timers = calloc((size_t)timers_len, sizeof(*timers));
    wheel_init(w, 0);
    for (int i = 0; i < timers_len; i++)
        wheel_set(w, &timers[i], 3 * ticks + i);
    clock_t begin = clock();
    for (int64_t now_ms = 0; now_ms < ticks; now_ms++)
        assert_null(wheel_take(w, now_ms));
    clock_t took = clock() - begin;
    free(timers);
    free(w);
    return took;
}

/* 20,000 timers that are far away must not make a quiet tick dear: a million ticks would cost thousands of
 * times as much as beside one timer if each looked at them. */
static void test_a_quiet_tick_is_cheap(void **state)
{
    (void)state;
    enum { FAR = 20000, TICKS = 1000000 };
    clock_t alone = quiet_ticks(1, TICKS);
    assert_true(quiet_ticks(FAR, TICKS) < 50 * (alone + CLOCKS_PER_SEC / 10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_agrees_with_a_list),    cmocka_unit_test(test_what_has_passed_is_due_at_once),
        cmocka_unit_test(test_never_cancels),         cmocka_unit_test(test_setting_again_moves),
        cmocka_unit_test(test_a_quiet_tick_is_cheap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
