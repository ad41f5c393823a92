// SPDX-License-Identifier: Apache-2.0
#include "fep/io/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_buffers_are_apart(void **state)
{
    (void)state;
    enum { COUNT = 10, SIZE = 100 };
    struct pool p;
    unsigned char *buffers[COUNT];
    pool_init(&p, SIZE, 4);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT; i++) {
            buffers[i] = pool_take(&p);
            memset(buffers[i], i, SIZE);
        }
        assert_int_equal(p.in_use, COUNT);
        for (int i = 0; i < COUNT; i++) {
            for (int k = 0; k < SIZE; k++)
                assert_int_equal(buffers[i][k], i);
            pool_give(&p, buffers[i]);
        }
        assert_int_equal(p.in_use, 0);
        assert_true(p.spare <= 4);
    }
    pool_free(&p);
    assert_int_equal(p.spare, 0);
}

static void test_nothing_may_be_given(void **state)
{
    (void)state;
    struct pool p;
    pool_init(&p, 64, 1);
    pool_give(&p, NULL);
    assert_int_equal(p.in_use, 0);
    assert_int_equal(p.spare, 0);
    pool_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_buffers_are_apart),
        cmocka_unit_test(test_nothing_may_be_given),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
