// SPDX-License-Identifier: Apache-2.0
/*
 * What is wrong first is what is told: the function (IIN2.0), then the object (IIN2.1), then qualifier, range
 * and the rest (IIN2.2): dnp3-reference/application.md 6.
 */
#include "support/outstation_rig.h"

struct row {
    const char *request; /* from the function code on */
    const char *answer;  /* from the IIN on */
};

static void expect_rows(const struct row *rows, size_t n)
{
    struct rig r;
    rig_setup(&r);
    rig_start(&r);
    for (size_t i = 0; i < n; i++) {
        char request[128], answer[128];
        snprintf(request, sizeof request, "C%zX %s", i & 15, rows[i].request);
        snprintf(answer, sizeof answer, "C%zX 81 %s", i & 15, rows[i].answer);
        rig_exchange(&r, request, answer);
    }
}

static void application_6_the_function_comes_first(void **state)
{
    (void)state;
    static const struct row rows[] = {{"14", "00 01"},       /* no unsolicited responses (outstation.md 4) */
                                      {"15 01 02", "00 01"}, /* half a header */
                                      {"10", "00 01"},       /* no applications */
                                      {"11 5A 01 06", "00 01"},          /* the same */
                                      {"19", "00 01"},                   /* no files (files.md 4) */
                                      {"1E 46 04 5B 01 02 00", "00 01"}, /* cut short */
                                      {"1F 01 01 06", "00 01"},
                                      {"70 01", "00 01"}, /* nothing to activate; unknown to all */
                                      {"16", "00 04"},
                                      {"0D 01", "00 04"}}; /* known ones, with too few or too many objects */
    expect_rows(rows, sizeof rows / sizeof rows[0]);
}

static void application_6_the_object_comes_before_its_qualifier(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"01 0C 01 06", "00 02"},             /* commands are not read, */
        {"01 70 05 06", "00 02"},             /* nor terminals, */
        {"01 78 01 06", "00 02"},             /* nor challenges, */
        {"01 53 01 06", "00 02"},             /* nor what this outstation has none of */
        {"01 14 03 5B 01 00 00", "00 02"},    /* obsolete counters, */
        {"01 71 00 17", "00 02"},             /* terminals' events */
        {"01 50 00 5B", "00 02"},             /* g80 has one variation */
        {"01 63 01 FF", "00 02"},             /* unknown to all, whatever follows */
        {"01 1E 00 5B", "00 04"},             /* analog inputs are read, not so, */
        {"01 02 00 86", "00 04"},             /* events neither, */
        {"01 3C 02 5B", "00 04"},             /* nor classes */
        {"05 3C 01 17 01 00", "00 02"},       /* a class is no command, */
        {"05 0C 01 06", "00 04"},             /* a command needs an index */
        {"07 3C 02 5B 01 00 00", "00 02"},    /* a class can't be frozen, */
        {"07 14 00 5B", "00 04"},             /* a counter can, not so */
        {"02 32 02 17 01 00", "00 02"},       /* no time that is written, */
        {"02 5A 01 06", "00 02"},             /* nor a name of an application, */
        {"02 63 01 06", "00 02"},             /* nor what nobody knows, */
        {"02 32 01 17 01 00 00", "00 04"},    /* but this one, without index */
        {"02 32 04 06", "00 02"},             /* no schedules here, */
        {"02 32 04 07 01 00 00 00", "00 02"}, /* however they are written, */
        {"02 00 F5 07 01", "00 02"},          /* nor attributes, */
        {"02 46 05 06", "00 02"},             /* files, */
        {"02 6E 05 07 01", "00 02"},          /* strings */
        {"02 65 01 07 01 12 34", "00 02"},    /* and decimals */
        {"16 3C 02 06 5A 01 5B 01", "00 02"}, /* applications have no class */
    };
    expect_rows(rows, sizeof rows / sizeof rows[0]);
}

static void application_6_half_a_header_is_no_object(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"01 63 01", "00 04"},
        {"07 63", "00 04"},
        {"01 01 02 00 00 00 63 01", "00 04 01 02 00 00 00 01"},
        {"01 01 02 00 00 00 63 01 06", "00 02 01 02 00 00 00 01"},
        {"01 01 02 00 00 00 0C 01 06", "00 02 01 02 00 00 00 01"},
        {"01 1E 02 00 07 07 0C 01 06", "00 06"}, /* a point that there is not, and then a command */
    };
    expect_rows(rows, sizeof rows / sizeof rows[0]);
}

/* A range that goes beyond the points is told, and what is there is done (application.md 3 and 6). */
static void application_6_ranges_beyond_the_points(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_start(&r);
    rig_change(&r, POINT_COUNTER, 0, 7, 0);
    rig_exchange(&r, "C1 07 14 00 00 00 05", "C1 81 08 04");
    rig_exchange(&r, "C2 01 15 09 00 00 00", "C2 81 08 00 15 09 00 00 00 07 00 00 00");
    rig_exchange(&r, "C3 16 3C 02 06 14 00 00 01 05", "C3 81 08 04");
    assert_int_equal(rig_find(&r, POINT_COUNTER, 1)->class_mask, CLASS_1);
    rig_exchange(&r, "C4 16 3C 02 06 14 00 00 02 05", "C4 81 08 04");
    rig_exchange(&r, "C5 16 3C 02 06 14 00 00 00 01", "C5 81 08 00");
    rig_exchange(&r, "C6 16 3C 02 06 01 00 01 05 00 2C 01", "C6 81 08 00"); /* some lack in between */
    rig_exchange(&r, "C7 16 3C 02 06 01 00 01 05 00 2D 01", "C7 81 08 04");
}

/* application.md 3: "or no such points of that group". */
static void application_3_groups_without_points_are_unknown(void **state)
{
    (void)state;
    static const struct row rows[] = {
        {"01 03 00 06", "00 02"},
        {"16 3C 02 06 03 00 06", "00 02"},
        {"16 3C 02 06 03 00 00 00 05", "00 02"},
        {"16 3C 02 06 03 00 17 01 00", "00 02"},
        {"16 3C 03 06 03 00 06 01 00 06", "00 02"}, /* the inputs that there are all the same */
        {"16 3C 02 06 01 00 00 00 05", "00 04"},    /* there are some, but not these */
        {"09 14 00 06", "00 02"},
        {"09 14 00 00 00 01", "00 02"},
        {"07 14 00 06", "00 02"},
    };
    struct rig r;
    rig_setup(&r);
    r.points_len = 0;
    rig_point(&r, POINT_BINARY_INPUT, 0, CLASS_1);
    rig_point(&r, POINT_FROZEN_COUNTER, 0, 0);
    rig_start(&r);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char request[64], answer[32];
        snprintf(request, sizeof request, "C%zX %s", i, rows[i].request);
        snprintf(answer, sizeof answer, "C%zX 81 %s", i, rows[i].answer);
        rig_exchange(&r, request, answer);
        assert_int_equal(r.points[0].class_mask, i < 4 ? CLASS_1 : i == 4 ? CLASS_2 : CLASS_1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(application_6_the_function_comes_first),
        cmocka_unit_test(application_6_the_object_comes_before_its_qualifier),
        cmocka_unit_test(application_6_half_a_header_is_no_object),
        cmocka_unit_test(application_6_ranges_beyond_the_points),
        cmocka_unit_test(application_3_groups_without_points_are_unknown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
