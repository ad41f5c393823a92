// SPDX-License-Identifier: Apache-2.0
/* What a station costs at rest: printed, and held to the budget. malloc adds up to 16 octets to each. */
#include "fep/ingest.h"
#include "fep/worker_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum {
    POLLS = 2, /* integrity and events, the usual ones */
    MALLOC_STEP = 16,
    MALLOC_HEAD = 8,
    TEXT = 24 /* name and address in the configuration */
};

/* What malloc takes for it. */
static size_t taken(size_t size)
{
    return (size + MALLOC_HEAD + MALLOC_STEP - 1) / MALLOC_STEP * MALLOC_STEP;
}

static size_t show(const char *what, size_t size)
{
    printf("%-46s %4zu\n", what, size);
    return size;
}

/* All but its points: what the slope of the process's memory over stations is made of. */
static void test_a_session_fits_its_budget(void **state)
{
    (void)state;
    (void)show("master", sizeof(struct master));
    (void)show("session, the master in it", sizeof(struct session));
    (void)show("connection", sizeof(struct connection));
    size_t sum = show("station, with two polls", taken(sizeof(struct station) + POLLS * sizeof(int64_t)));
    sum += show("channel", taken(sizeof(struct channel)));
    sum += show("image in the committer", sizeof(struct station_image));
    sum += show("in the catalog, and by number", sizeof(struct catalog_station) + sizeof(uint32_t));
    sum += show("by number, in main", sizeof(struct station *));
    sum += show("configured, name and address", sizeof(struct config_station) + TEXT);
    (void)show("a TCP station without its points", sum);
    assert_true(sum <=
                896); /* of 1,024: the rest is for what grows with all of them, such as the store's pages */
}

static void test_a_point_fits_its_budget(void **state)
{
    (void)state;
    assert_true(sizeof(struct point_image) <= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_fits_its_budget),
        cmocka_unit_test(test_a_point_fits_its_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
