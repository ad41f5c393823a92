// SPDX-License-Identifier: Apache-2.0
/* Pattern controls: dnp3-reference/controls.md 1.1 and 4, test-vectors.md C10. */
#include "support/outstation_rig.h"

#define PCB(code, status)       " 0C 02 07 01 " code " 01 64 00 00 00 64 00 00 00 " status " "
#define MASK(start, stop, bits) " 0C 03 00 " start " " stop " " bits " "

/* Binary outputs 0 to 9 and one analog output. */
static void setup_with(struct rig *r, uint8_t max_controls)
{
    rig_setup(r);
    r->config.max_controls = max_controls;
    r->points_len = 0;
    for (uint32_t i = 0; i < 10; i++)
        rig_point(r, POINT_BINARY_OUTPUT_STATUS, i, CLASS_2);
    rig_point(r, POINT_ANALOG_OUTPUT_STATUS, 0, CLASS_2);
    rig_start(r);
}

static void setup(struct rig *r)
{
    setup_with(r, 16);
}

static size_t operated(struct rig *r)
{
    return rig_news(r, OUTSTATION_CONTROL);
}

static unsigned outputs(struct rig *r)
{
    unsigned on = 0;
    for (uint32_t i = 0; i < 10; i++)
        on |= (rig_find(r, POINT_BINARY_OUTPUT_STATUS, i)->value == 1 ? 1u : 0u) << i;
    return on;
}

/* The vector itself, then its OPERATE: points 0 and 9. */
static void c10_select_and_operate(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
#define C10(status) "0C 02 07 01 03 01 00 00 00 00 00 00 00 00 " status " 0C 03 00 00 09 01 02"
    rig_exchange(&r, "CA 03 " C10("00"), "CA 81 00 00 " C10("00"));
    assert_int_equal(operated(&r) + outputs(&r), 0);
    rig_exchange(&r, "CB 04 " C10("00"), "CB 81 04 00 " C10("00"));
    assert_int_equal(outputs(&r), 0x201);
    assert_int_equal(operated(&r), 2);
    const struct outstation_news *first = &r.news[r.news_len - 2];
    assert_int_equal(first[0].index, 0);
    assert_int_equal(first[1].index, 9);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(first[i].group, 12);
        assert_int_equal(first[i].function, APP_OPERATE);
        assert_int_equal(first[i].crob.code, 3);
    }
    /* A repeat is answered and not operated, a new SEQ has no select. */
    rig_exchange(&r, "CB 04 " C10("00"), "CB 81 04 00 " C10("00"));
    rig_exchange(&r, "CC 04 " C10("00"), "CC 81 04 00 " C10("02"));
    assert_int_equal(operated(&r), 2);
#undef C10
}

static void operate_must_equal_select_in_block_and_masks(void **state)
{
    (void)state;
    static const char *const others[][2] = {
        {"C2 04" PCB("04", "00") MASK("00", "07", "05"),
         "C2 81 00 00" PCB("04", "02") MASK("00", "07", "05")},
        {"C2 04" PCB("03", "00") MASK("00", "07", "07"),
         "C2 81 00 00" PCB("03", "02") MASK("00", "07", "07")},
        {"C2 04" PCB("03", "00") MASK("01", "08", "05"),
         "C2 81 00 00" PCB("03", "02") MASK("01", "08", "05")},
        {"C2 04" PCB("03", "00") " 0C 03 01 00 00 07 00 05",
         "C2 81 00 00" PCB("03", "02") " 0C 03 01 00 00 07 00 05"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct rig r;
        setup(&r);
        rig_exchange(&r, "C1 03" PCB("03", "00") MASK("00", "07", "05"),
                     "C1 81 00 00" PCB("03", "00") MASK("00", "07", "05"));
        rig_exchange(&r, others[i][0], others[i][1]);
        rig_exchange(&r, "C3 04" PCB("03", "00") MASK("00", "07", "05"),
                     "C3 81 00 00" PCB("03", "02") MASK("00", "07", "05"));
        assert_int_equal(operated(&r) + outputs(&r), 0);
    }
}

static void select_of_a_pattern_times_out(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03" PCB("03", "00") MASK("00", "07", "05"),
                 "C1 81 00 00" PCB("03", "00") MASK("00", "07", "05"));
    rig_wait(&r, 10000);
    rig_exchange(&r, "C2 04" PCB("03", "00") MASK("00", "07", "05"),
                 "C2 81 00 00" PCB("03", "01") MASK("00", "07", "05"));
    assert_int_equal(outputs(&r), 0);
}

/* Several masks, one with 16-bit indexes, then another block with its own and one of a point of its own. */
static void several_masks_and_blocks(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
#define ALL(status)                                                                                          \
    PCB("03", "00")                                                                                          \
    MASK("00", "02", "05")                                                                                   \
    " 0C 03 01 08 00 09 00 03" PCB("04", status) MASK("02", "02", "01") " 29 02 17 01 00 07 00 00"
    rig_exchange(&r, "C1 05" ALL("00"), "C1 81 04 00" ALL("00"));
    assert_int_equal(outputs(&r), 0x301);
    static const uint32_t indexes[] = {0, 2, 8, 9, 2, 0};
    assert_int_equal(operated(&r), 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(r.news[r.news_len - 6 + i].index, indexes[i]);
    assert_int_equal(r.news[r.news_len - 2].crob.code, 4);
    assert_int_equal(r.news[r.news_len - 1].group, 41);
#undef ALL
}

static void no_acknowledge_operates_in_silence(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_send(&r, "C1 06" PCB("03", "00") MASK("00", "07", "FF"));
    rig_expect_nothing(&r);
    assert_int_equal(outputs(&r), 0xFF);
    assert_int_equal(operated(&r), 8);
    r.to = LINK_BROADCAST_NO_CONFIRM;
    rig_send(&r, "C1 06" PCB("04", "00") MASK("00", "07", "0F"));
    rig_expect_nothing(&r);
    assert_int_equal(outputs(&r), 0xF0);
}

/* One status for them all: where a point fails, none is operated. */
static void all_points_or_none(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" PCB("03", "00") MASK("08", "0A", "07"),
                 "C1 81 00 04" PCB("03", "04") MASK("08", "0A", "07")); /* 10 is not installed */
    rig_exchange(&r, "C2 05" PCB("02", "00") MASK("00", "00", "01"),
                 "C2 81 00 00" PCB("02", "04") MASK("00", "00", "01")); /* PULSE_OFF */
    rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 1)->flags |= FLAG_LOCAL_FORCED;
    rig_exchange(&r, "C3 05" PCB("03", "00") MASK("00", "02", "07"),
                 "C3 81 00 00" PCB("03", "07") MASK("00", "02", "07"));
    rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 2)->operable = false;
    rig_exchange(&r, "C4 03" PCB("03", "00") MASK("00", "02", "05"),
                 "C4 81 00 00" PCB("03", "04") MASK("00", "02", "05"));
    rig_exchange(&r, "C5 04" PCB("03", "00") MASK("00", "02", "05"),
                 "C5 81 00 00" PCB("03", "02") MASK("00", "02", "05"));
    assert_int_equal(operated(&r) + outputs(&r), 0);
    /* No bit, no point: nothing to do, nothing wrong. What failed before does not stop what comes after. */
    rig_exchange(&r, "C6 05" PCB("03", "00") MASK("00", "02", "00"),
                 "C6 81 00 00" PCB("03", "00") MASK("00", "02", "00"));
    rig_exchange(&r, "C7 05" PCB("03", "00") MASK("0B", "0B", "01") PCB("03", "00") MASK("00", "00", "01"),
                 "C7 81 04 04" PCB("03", "04") MASK("0B", "0B", "01") PCB("03", "00") MASK("00", "00", "01"));
    assert_int_equal(outputs(&r), 1);
}

static void conformance_8_2_4_patterns_count_their_points(void **state)
{
    (void)state;
    struct rig r;
    setup_with(&r, 4);
    rig_exchange(&r, "C1 05" PCB("03", "00") MASK("00", "07", "0F"),
                 "C1 81 04 00" PCB("03", "00") MASK("00", "07", "0F"));
    assert_int_equal(operated(&r), 4);
    rig_exchange(&r, "C2 05" PCB("04", "00") MASK("00", "07", "1F"),
                 "C2 81 04 00" PCB("04", "08") MASK("00", "07", "1F"));
    rig_exchange(&r, "C3 05" PCB("04", "00") MASK("00", "07", "03") PCB("04", "00") MASK("00", "07", "1C"),
                 "C3 81 04 00" PCB("04", "00") MASK("00", "07", "03") PCB("04", "08") MASK("00", "07", "1C"));
    assert_int_equal(operated(&r), 6);
    assert_int_equal(outputs(&r), 0x0C);
    /* Blocks without points have a status each, too: no more of them than controls. */
#define EMPTY(status) PCB("03", status) MASK("00", "00", "00")
    rig_exchange(&r, "C4 05" EMPTY("00") EMPTY("00") EMPTY("00") EMPTY("00") EMPTY("00"),
                 "C4 81 04 00" EMPTY("00") EMPTY("00") EMPTY("00") EMPTY("00") EMPTY("08"));
    rig_exchange(&r, "C5 05" EMPTY("00") EMPTY("00") EMPTY("00") EMPTY("00") " 29 02 17 01 00 07 00 00",
                 "C5 81 04 00" EMPTY("00") EMPTY("00") EMPTY("00") EMPTY("00") " 29 02 17 01 00 07 00 08");
    assert_true(rig_find(&r, POINT_ANALOG_OUTPUT_STATUS, 0)->value == 0);
#undef EMPTY
}

static void malformed_patterns_are_parameter_errors(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05" MASK("00", "00", "01"), "C1 81 00 04"); /* masks without block */
    rig_exchange(&r, "C2 05" PCB("03", "00"), "C2 81 00 04");        /* a block without masks */
    rig_exchange(&r, "C3 05" PCB("03", "00") PCB("03", "00") MASK("00", "00", "01"), "C3 81 00 04");
    rig_exchange(&r, "C4 05" PCB("03", "00") MASK("00", "08", "01"), "C4 81 00 04"); /* truncated */
    rig_exchange(&r, "C5 05" PCB("03", "00") " 0C 03 00 02 01 01", "C5 81 00 04");
    rig_exchange(&r,
                 "C6 05 0C 02 07 02 03 01 64 00 00 00 64 00 00 00 00 03 01 64 00 00 00 64 00 00 00 00" MASK(
                     "00", "00", "01"),
                 "C6 81 00 04"); /* two blocks in a header */
    rig_exchange(&r, "C7 05" PCB("03", "00") " 29 02 17 01 00 07 00 00" MASK("00", "00", "01"),
                 "C7 81 00 04"); /* something between */
    assert_int_equal(operated(&r) + outputs(&r), 0);
}

/* Each point has its command event. */
static void command_events_of_a_pattern(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_find(&r, POINT_BINARY_COMMAND, 0)->class_mask = CLASS_1;
    rig_point(&r, POINT_BINARY_COMMAND, 1, CLASS_1);
    rig_start(&r);
    rig_exchange(&r, "C1 05" PCB("03", "00") MASK("00", "01", "03"),
                 "C1 81 06 00" PCB("03", "00") MASK("00", "01", "03"));
    rig_exchange(&r, "C2 01 0D 01 06", "E2 81 04 00 0D 01 17 02 00 80 01 80");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(c10_select_and_operate),
        cmocka_unit_test(operate_must_equal_select_in_block_and_masks),
        cmocka_unit_test(select_of_a_pattern_times_out),
        cmocka_unit_test(several_masks_and_blocks),
        cmocka_unit_test(no_acknowledge_operates_in_silence),
        cmocka_unit_test(all_points_or_none),
        cmocka_unit_test(conformance_8_2_4_patterns_count_their_points),
        cmocka_unit_test(malformed_patterns_are_parameter_errors),
        cmocka_unit_test(command_events_of_a_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
