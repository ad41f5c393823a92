// SPDX-License-Identifier: Apache-2.0
/* Octet strings, g110 and g111: dnp3-reference/objects.md 4. */
#include "protocol/outstation_strings.h"
#include "support/outstation_rig.h"

static struct rig r;
static struct outstation_text now[4], waiting[3];
static struct outstation_strings strings;

/* Strings 0 and 1 of class 1, 2 writable and 300 of no class. */
static int begin(void **state)
{
    (void)state;
    static const uint32_t indexes[] = {0, 1, 2, 300};
    rig_setup(&r);
    memset(now, 0, sizeof now);
    memset(waiting, 0, sizeof waiting);
    strings = (struct outstation_strings){now, 4, waiting, 3};
    r.config.strings = &strings;
    for (size_t i = 0; i < 4; i++)
        rig_point(&r, POINT_OCTET_STRING, indexes[i], i < 3 ? CLASS_1 : 0);
    rig_find(&r, POINT_OCTET_STRING, 2)->operable = true;
    rig_start(&r);
    return 0;
}

static uint64_t set(uint32_t index, const char *text)
{
    uint64_t id = outstation_update_string(&r.o, index, text, strlen(text), UPDATE_EVENT, &r.at);
    rig_drain(&r);
    return id;
}

static void strings_are_read(void **state)
{
    (void)state;
    set(0, "ab");
    set(1, "cd");
    set(2, "xyz");
    rig_exchange(&r, "C1 01 6E 00 06",
                 "C1 81 02 00 6E 02 00 00 01 61 62 63 64 6E 03 00 02 02 78 79 7A 6E 01 01 2C 01 2C 01 00");
    rig_exchange(&r, "C2 01 6E 05 00 01 01", "C2 81 02 00 6E 02 00 01 01 63 64"); /* the length is ignored */
    rig_exchange(&r, "C3 01 6E 00 17 02 02 09", "C3 81 02 04 6E 03 00 02 02 78 79 7A");
    rig_exchange(&r, "C4 01 6E 00 03 00 00", "C4 81 02 04"); /* an address is no index */
}

static void strings_stand_in_class_0_where_they_are_to(void **state)
{
    (void)state;
    for (size_t i = 0; i < r.points_len; i++)
        r.points[i].in_class_0 = r.points[i].type == POINT_OCTET_STRING && r.points[i].index == 2;
    outstation_update_string(&r.o, 2, "x", 1, UPDATE_STATIC, &r.at);
    rig_exchange(&r, "C1 01 3C 01 06", "C1 81 00 00 6E 01 00 02 02 78");
}

static void changes_are_events_in_order(void **state)
{
    (void)state;
    assert_int_not_equal(set(0, "ab"), 0);
    assert_int_equal(set(0, "ab"), 0); /* as it was */
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    set(1, "cd");
    set(1, "");
    assert_int_equal(set(300, "q"), 0);
    rig_exchange(
        &r, "C1 01 3C 02 06",
        "E1 81 00 00 6F 02 17 01 00 61 62 02 02 17 01 00 81 00 7C 29 1F 94 01 6F 02 17 01 01 63 64 6F 01"
        " 17 01 01 00");
    assert_true(waiting[0].in_use && waiting[1].in_use && waiting[2].in_use);
    rig_send(&r, "C1 00");
    assert_int_equal(rig_news(&r, OUTSTATION_CONFIRMED), 4);
    assert_false(waiting[0].in_use || waiting[1].in_use || waiting[2].in_use);
    assert_memory_equal(outstation_event_string(&r.o, &r.news[0].event)->octets, "ab", 2);
    rig_exchange(&r, "C2 01 6F 00 06", "C2 81 00 00");
}

static void alike_lengths_share_a_header_also_when_it_widens(void **state)
{
    (void)state;
    r.points[r.points_len - 1].class_mask = CLASS_1;
    set(0, "ab");
    set(1, "cd");
    set(300, "ef");
    rig_exchange(&r, "C1 01 6F 07 06", "E1 81 00 00 6F 02 28 03 00 00 00 61 62 01 00 63 64 2C 01 65 66");
}

static void an_event_without_room_is_lost(void **state)
{
    (void)state;
    set(0, "1");
    set(0, "2");
    set(0, "3");
    assert_int_equal(set(0, "4"), 4);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 1);
    assert_null(outstation_event_string(&r.o, &r.news[r.news_len - 1].event));
    rig_exchange(&r, "C1 01 6F 00 06", "E1 81 00 08 6F 01 17 03 00 31 00 32 00 33");
    rig_send(&r, "C1 00");
    rig_exchange(&r, "C2 01 6E 00 00 00 00", "C2 81 00 00 6E 01 00 00 00 34");
    set(0, "5");
    rig_exchange(&r, "C3 01 6F 00 06", "E3 81 00 00 6F 01 17 01 00 35");
}

static void the_newest_alone_where_one_wants_that(void **state)
{
    (void)state;
    rig_find(&r, POINT_OCTET_STRING, 0)->most_recent = true;
    for (char c = '1'; c <= '9'; c++)
        set(0, (const char[]){c, 0});
    assert_int_equal(rig_buffered(&r), 1);
    rig_exchange(&r, "C1 01 6F 00 06", "E1 81 00 00 6F 01 17 01 00 39");
}

static void an_unsolicited_repeat_is_identical(void **state)
{
    (void)state;
    outstation_disconnected(&r.o, &r.at);
    r.config.unsolicited = true;
    rig_connect(&r);
    rig_expect(&r, "F0 82 80 00");
    rig_send(&r, "D0 00");
    rig_exchange(&r, "C1 14 3C 02 06", "C1 81 80 00");
    set(0, "ab");
    set(1, "cde");
    rig_expect(&r, "F1 82 80 00 6F 02 17 01 00 61 62 6F 03 17 01 01 63 64 65");
    set(0, "zz");
    rig_wait(&r, 5000);
    rig_expect(&r, "F1 82 80 00 6F 02 17 01 00 61 62 6F 03 17 01 01 63 64 65");
}

static void strings_are_written(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 02 6E 03 00 02 02 78 79 7A", "C1 81 02 00");
    assert_int_equal(outstation_string(&r.o, 2)->len, 3);
    assert_memory_equal(outstation_string(&r.o, 2)->octets, "xyz", 3);
    rig_exchange(&r, "C2 02 6E 01 28 01 00 02 00 41", "C2 81 02 00");
    assert_int_equal(outstation_string(&r.o, 2)->len, 1);
    rig_exchange(&r, "C3 02 6E 01 00 00 00 41", "C3 81 02 04"); /* not writable */
    rig_exchange(&r, "C4 02 6E 01 00 07 07 41", "C4 81 02 04"); /* not there */
    rig_exchange(&r, "C5 02 6F 01 17 01 00 41", "C5 81 02 02"); /* an event */
    rig_exchange(&r, "C6 02 6E 00 00 00 00", "C6 81 02 02");    /* of no length */
    assert_null(outstation_string(&r.o, 7));
}

static void classes_are_assigned(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 16 3C 04 06 6E 00 00 00 01", "C1 81 00 00");
    set(0, "a");
    rig_exchange(&r, "C2 01 3C 04 06", "E2 81 00 00 6F 01 17 01 00 61");
}

static void a_quirk_sends_empty_strings_as_variation_0(void **state)
{
    (void)state;
    r.config.zero_length_strings = true;
    set(0, "a");
    set(0, "");
    rig_exchange(&r, "C1 01 6E 00 00 00 02", "C1 81 02 00 6E 00 00 00 02");
    rig_exchange(&r, "C2 01 6F 00 06", "E2 81 00 00 6F 01 17 01 00 61 6F 00 17 01 00");
}

static void a_full_buffer_whose_loss_is_not_told_takes_nothing(void **state)
{
    (void)state;
    outstation_disconnected(&r.o, &r.at);
    r.events_room = 1;
    rig_connect(&r);
    set(0, "1");
    assert_int_equal(outstation_update_string(&r.o, 0, "2", 1, UPDATE_EVENT, &r.at), 2);
    assert_int_equal(outstation_update_string(&r.o, 0, "3", 1, UPDATE_EVENT, &r.at), 0);
    rig_drain(&r);
    assert_int_equal(waiting[0].in_use + waiting[1].in_use + waiting[2].in_use, 1);
    strings.waiting_len = 0; /* strings without events */
    assert_int_equal(set(0, "4"), 0);
}

static void without_strings_there_are_none(void **state)
{
    (void)state;
    rig_setup(&r);
    rig_start(&r);
    rig_exchange(&r, "C1 01 6E 00 06", "C1 81 00 02");
    rig_exchange(&r, "C2 02 6E 01 00 00 00 41", "C2 81 00 02");
    assert_null(outstation_string(&r.o, 0));
}

static void a_long_run_is_cut_at_the_fragment(void **state)
{
    (void)state;
    char text[101];
    memset(text, 'x', 100);
    text[100] = '\0';
    outstation_disconnected(&r.o, &r.at);
    r.config.tx_fragment_max = 249;
    rig_connect(&r);
    assert_int_equal(outstation_string_max(&r.o), 238);
    uint8_t request[2 + 5 + 239] = {0xC0, 2, 110, 239, 0, 2, 2}; /* longer than an answer could tell */
    rig_send_octets(&r, request, sizeof request);
    rig_expect(&r, "C0 81 80 04");
    for (uint32_t i = 0; i < 3; i++)
        outstation_update_string(&r.o, i, text, 100, UPDATE_STATIC, &r.at);
    rig_send(&r, "C1 01 6E 00 00 00 02");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 4 + 5 + 200);
    rig_send(&r, "C1 00");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 4 + 5 + 100);
    assert_int_equal(r.out[7], 2);
}

static void a_terminal_is_refused(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 02 70 02 17 01 00 61 62", "C1 81 00 02");
    rig_exchange(&r, "C2 02 70 00 17 01 00", "C2 81 00 02");
    rig_exchange(&r, "C3 01 71 00 06", "C3 81 00 02");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(strings_are_read, begin),
        cmocka_unit_test_setup(strings_stand_in_class_0_where_they_are_to, begin),
        cmocka_unit_test_setup(changes_are_events_in_order, begin),
        cmocka_unit_test_setup(alike_lengths_share_a_header_also_when_it_widens, begin),
        cmocka_unit_test_setup(an_event_without_room_is_lost, begin),
        cmocka_unit_test_setup(the_newest_alone_where_one_wants_that, begin),
        cmocka_unit_test_setup(an_unsolicited_repeat_is_identical, begin),
        cmocka_unit_test_setup(strings_are_written, begin),
        cmocka_unit_test_setup(classes_are_assigned, begin),
        cmocka_unit_test_setup(a_quirk_sends_empty_strings_as_variation_0, begin),
        cmocka_unit_test_setup(a_full_buffer_whose_loss_is_not_told_takes_nothing, begin),
        cmocka_unit_test_setup(without_strings_there_are_none, begin),
        cmocka_unit_test_setup(a_long_run_is_cut_at_the_fragment, begin),
        cmocka_unit_test_setup(a_terminal_is_refused, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
