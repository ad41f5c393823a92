// SPDX-License-Identifier: Apache-2.0
/* What a station costs at rest: printed, and held to the budget. malloc adds up to 16 octets to each. */
#include "fep/ingest.h"
#include "fep/worker_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum {
    POLLS = 2,  /* integrity and events, the usual ones */
    MALLOC = 16 /* a header and rounding up */
};

static size_t station_size(void)
{
    return sizeof(struct station) + POLLS * sizeof(int64_t) + MALLOC;
}

static size_t channel_size(void)
{
    return sizeof(struct channel) + MALLOC;
}

static void test_a_session_fits_its_budget(void **state)
{
    (void)state;
    /* By number, in main: where the station lives; in both catalogs' tables. */
    size_t lists = sizeof(struct station *) + sizeof(struct catalog_station) + sizeof(uint32_t);
    printf("master            %4zu\n", sizeof(struct master));
    printf("session           %4zu\n", sizeof(struct session));
    printf("station           %4zu  with %d polls\n", station_size(), POLLS);
    printf("watch             %4zu\n", sizeof(struct loop_watch));
    printf("connection        %4zu\n", sizeof(struct connection));
    printf("channel           %4zu\n", channel_size());
    printf("lists             %4zu\n", lists);
    printf("a TCP station     %4zu\n", station_size() + channel_size() + lists);
    printf("its image         %4zu  in the committer\n", sizeof(struct station_image));
    printf("a point           %4zu\n", sizeof(struct point_image));
    assert_true(station_size() + channel_size() + lists <= 1024);
}

static void test_all_of_a_station_fits_its_budget(void **state)
{
    (void)state;
    size_t image = sizeof(struct station_image) + MALLOC + sizeof(struct station_image *);
    size_t lists = sizeof(struct station *) + sizeof(struct catalog_station) + sizeof(uint32_t);
    size_t configured = sizeof(struct config_station);
    printf("all but points    %4zu\n", station_size() + channel_size() + lists + image + configured);
    assert_true(station_size() + channel_size() + lists + image + configured <= 1280);
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
        cmocka_unit_test(test_all_of_a_station_fits_its_budget),
        cmocka_unit_test(test_a_point_fits_its_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
