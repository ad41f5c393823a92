// SPDX-License-Identifier: Apache-2.0
/* Octet strings: dnp3-reference/objects.md 4. */
#include "protocol/strings.h"

#include "protocol/measure.h"
#include "support/cm.h"
#include "support/hex.h"

static uint8_t octets[2048];
static struct object_string found[16];
static struct string_walk walk;

static size_t strings_of(size_t len)
{
    struct app_fragment f;
    size_t n = 0;
    assert_int_equal(app_parse(octets, len, &f), APP_OK);
    walk = string_walk_begin(&f);
    while (n < 16 && string_walk_next(&walk, &found[n]))
        n++;
    assert_false(string_walk_next(&walk, &found[15]));
    return n;
}

static size_t strings_of_hex(const char *hex)
{
    return strings_of(hex_parse(hex, octets, sizeof octets));
}

static void expect(size_t i, uint8_t group, uint32_t index, const char *text)
{
    assert_int_equal(found[i].group, group);
    assert_int_equal(found[i].index, index);
    assert_int_equal(found[i].event, group == 111 || group == 113);
    assert_int_equal(found[i].len, strlen(text));
    assert_memory_equal(found[i].octets, text, strlen(text));
}

static void strings_among_other_objects(void **state)
{
    (void)state;
    assert_int_equal(
        strings_of_hex("C0 81 00 00 01 02 00 00 00 81 6E 02 00 07 08 41 42 43 44 1E 02 00 00 00 01 05 "
                       "00 6F 03 28 02 00 02 00 61 62 63 00 01 78 79 7A 71 01 17 01 05 21"),
        5);
    expect(0, 110, 7, "AB");
    expect(1, 110, 8, "CD");
    expect(2, 111, 2, "abc");
    expect(3, 111, 256, "xyz");
    expect(4, 113, 5, "!");
    assert_int_equal(walk.defect, WALK_END);
}

static void what_came_before_a_defect_is_kept(void **state)
{
    (void)state;
    assert_int_equal(strings_of_hex("C0 81 00 00 6E 01 00 00 00 41 6E 02 00 00 01 41 42 43"), 1);
    assert_int_equal(walk.defect, WALK_TRUNCATED);
    assert_int_equal(walk.defect_offset, 10);
    assert_int_equal(strings_of_hex("C0 81 00 00 C8 01 00 00 00 41 6E 01 00 00 00 41"), 0);
    assert_int_equal(walk.defect, WALK_UNKNOWN_OBJECT);
    assert_int_equal(walk.defect_offset, 4);
}

static void requests_and_other_objects_have_none(void **state)
{
    (void)state;
    assert_int_equal(strings_of_hex("C0 01 6E 00 06 6E 05 00 00 01 6F 00 06"), 0);
    assert_int_equal(strings_of_hex("C0 81 00 00 1E 02 00 00 00 01 05 00"), 0);
    assert_int_equal(walk.defect, WALK_END);
}

static void strings_are_no_measurements(void **state)
{
    (void)state;
    struct app_fragment f;
    struct measurement m;
    size_t len =
        hex_parse("C0 81 00 00 6E 02 00 07 08 41 42 43 44 C8 01 5B 01 01 00 AA 1E 02 00 00 00 01 05 00",
                  octets, sizeof octets);
    assert_int_equal(app_parse(octets, len, &f), APP_OK);
    struct measure_summary s = measure_summarise(&f);
    assert_int_equal(s.strings, 2);
    assert_int_equal(s.unknown, 1);
    assert_int_equal(s.statics, 1);
    assert_true(s.other);
    struct measurement_walk w = measurement_walk_begin(&f, false);
    assert_true(measurement_walk_next(&w, &m));
    assert_int_equal(m.type, POINT_ANALOG_INPUT);
    assert_false(measurement_walk_next(&w, &m));
}

static void written_strings_are_read_again(void **state)
{
    (void)state;
    static const uint32_t indexes[] = {0, 255, 256, 65535, 65536, UINT32_MAX};
    static uint8_t text[255];
    memset(text, 'x', sizeof text);
    for (uint8_t group = 110; group <= 113; group++) {
        for (size_t i = 0; i < sizeof indexes / sizeof indexes[0]; i++) {
            struct writer w = writer_over(octets, sizeof octets);
            app_write_response(&w, 0xC0, APP_RESPONSE, 0);
            string_write(&w, group, indexes[i], text, sizeof text);
            string_write(&w, group, indexes[i], text, 0);
            assert_false(w.failed);
            assert_int_equal(strings_of(writer_len(&w)), 2);
            assert_int_equal(walk.defect, WALK_END);
            assert_int_equal(found[0].index, indexes[i]);
            assert_int_equal(found[0].len, 255);
            assert_int_equal(found[0].octets[254], 'x');
            assert_int_equal(found[1].index, indexes[i]);
            assert_int_equal(found[1].len, 1); /* an empty one is sent as one octet 0 */
            assert_int_equal(found[1].octets[0], 0);
        }
    }
}

static void strings_are_written_whole_or_not(void **state)
{
    (void)state;
    for (size_t room = 0; room < 10; room++) {
        struct writer w = writer_over(octets, room);
        string_write(&w, 111, 300, "abc", 3);
        assert_true(w.failed);
        assert_int_equal(writer_len(&w), 0);
    }
    struct writer w = writer_over(octets, 10);
    string_write(&w, 111, 300, "abc", 3);
    assert_false(w.failed);
    assert_int_equal(writer_len(&w), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_among_other_objects),
        cmocka_unit_test(what_came_before_a_defect_is_kept),
        cmocka_unit_test(requests_and_other_objects_have_none),
        cmocka_unit_test(strings_are_no_measurements),
        cmocka_unit_test(written_strings_are_read_again),
        cmocka_unit_test(strings_are_written_whole_or_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
