// SPDX-License-Identifier: Apache-2.0
/* Fragment and object headers: dnp3-reference/application.md 1 to 4. */
#include "protocol/app.h"

#include "support/cm.h"
#include "support/hex.h"

static uint8_t octets[2048];
static struct app_fragment fragment;
static struct object_walk walk;
static struct object_header header;

static enum walk_result first_header(const char *hex)
{
    size_t len = hex_parse(hex, octets, sizeof octets);
    assert_int_equal(app_parse(octets, len, &fragment), APP_OK);
    walk = app_objects(&fragment);
    return object_walk_next(&walk, &header);
}

static void fragment_headers(void **state)
{
    (void)state;
    static const uint8_t request[] = {0xC5, 0x01, 0x3C, 0x01, 0x06};
    static const uint8_t response[] = {0xE3, 0x81, 0x90, 0x08};
    struct app_fragment f;
    assert_int_equal(app_parse(request, 5, &f), APP_OK);
    assert_int_equal(f.control, 0xC5);
    assert_int_equal(f.function, APP_READ);
    assert_int_equal(f.iin, 0);
    assert_int_equal(f.objects_len, 3);
    assert_int_equal(app_parse(request, 2, &f), APP_OK);
    assert_int_equal(f.objects_len, 0);
    assert_int_equal(app_parse(request, 1, &f), APP_TOO_SHORT);
    assert_int_equal(app_parse(request, 0, &f), APP_TOO_SHORT);
    assert_int_equal(app_parse(response, 4, &f), APP_OK);
    assert_int_equal(f.iin, IIN_NEED_TIME | IIN_DEVICE_RESTART | IIN_EVENT_BUFFER_OVERFLOW);
    assert_int_equal(app_parse(response, 3, &f), APP_TOO_SHORT);
}

/* application.md 4.1: any function may stand between g120v3 and g120v9, also one whose objects are bare
 * headers. */
static void aggressive_mode_has_objects_in_any_function(void **state)
{
    (void)state;
    assert_int_equal(
        first_header("CC 01 78 03 07 01 09 00 00 00 01 00 3C 01 06 78 09 5B 01 04 00 AA BB CC DD"),
        WALK_HEADER);
    assert_true(header.has_objects && header.data_len == 6);
    assert_int_equal(object_walk_next(&walk, &header), WALK_HEADER);
    assert_true(header.group == 60 && header.all);
    assert_int_equal(object_walk_next(&walk, &header), WALK_HEADER);
    assert_true(header.group == GROUP_AUTHENTICATION && header.data_len == 6);
    assert_int_equal(object_walk_next(&walk, &header), WALK_END);
}

struct form_case {
    const char *hex;
    uint8_t prefix_len;
    bool ranged, all, sized, has_objects;
    uint32_t start, count;
    size_t data_len;
};

/* One header of each legal form, and what is behind it. */
static const struct form_case forms[] = {
    {"C0 01 1E 00 00 02 05", .ranged = true, .start = 2, .count = 4},
    {"C0 01 1E 00 01 00 01 00 02", .ranged = true, .start = 256, .count = 257},
    {"C0 01 1E 00 02 00 00 01 00 FF FF 01 00", .ranged = true, .start = 65536, .count = 65536},
    {"C0 01 66 01 03 02 05", .ranged = true, .start = 2, .count = 4},
    {"C0 01 66 01 05 02 00 00 00 05 00 00 00", .ranged = true, .start = 2, .count = 4},
    {"C0 01 1E 00 06", .all = true},
    {"C0 01 02 00 07 05", .count = 5},
    {"C0 01 02 00 08 2C 01", .count = 300},
    {"C0 01 02 00 09 00 00 01 00", .count = 65536},
    {"C0 01 1E 00 17 02 03 07", .prefix_len = 1, .count = 2, .data_len = 2},
    {"C0 01 1E 00 18 02 00 03 07", .prefix_len = 1, .count = 2, .data_len = 2},
    {"C0 01 1E 00 28 02 00 03 00 07 00", .prefix_len = 2, .count = 2, .data_len = 4},
    {"C0 01 1E 00 37 01 03 00 00 00", .prefix_len = 4, .count = 1, .data_len = 4},
    {"C0 01 1E 00 39 01 00 00 00 03 00 00 00", .prefix_len = 4, .count = 1, .data_len = 4},
    {"C0 81 00 00 1E 02 00 04 05 01 02 00 01 03 00", .ranged = true, .has_objects = true, .start = 4,
     .count = 2, .data_len = 6},
    {"C0 81 00 00 1E 02 17 01 09 01 02 00", .prefix_len = 1, .has_objects = true, .count = 1, .data_len = 4},
    {"C0 81 00 00 20 02 29 01 00 00 00 09 01 01 02 00", .prefix_len = 2, .has_objects = true, .count = 1,
     .data_len = 5},
    {"C0 81 00 00 01 01 00 00 08 FF 01", .ranged = true, .has_objects = true, .count = 9, .data_len = 2},
    {"C0 81 00 00 03 01 00 00 04 FF 01", .ranged = true, .has_objects = true, .count = 5, .data_len = 2},
    {"C0 81 00 00 46 05 5B 02 01 00 AA 02 00 BB CC", .prefix_len = 2, .sized = true, .has_objects = true,
     .count = 2, .data_len = 7},
    {"C0 81 00 00 FA 01 4B 01 02 AA BB", .prefix_len = 1, .sized = true, .has_objects = true, .count = 1,
     .data_len = 3},
    {"C0 01 46 05 5B 01 02 00 AA BB", .prefix_len = 2, .sized = true, .has_objects = true, .count = 1,
     .data_len = 4},
    {"C0 81 00 00 33 01 07 01 00 7C 29 1F 94 01", .has_objects = true, .count = 1, .data_len = 6},
    {"C0 81 00 00 6E 05 00 00 00 48 45 4C 4C 4F", .ranged = true, .has_objects = true, .count = 1,
     .data_len = 5},
    {"C0 0B 32 02 07 01 00 7C 29 1F 94 01 80 EE 36 00", .has_objects = true, .count = 1, .data_len = 10},
};

static void forms_of_headers(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        const struct form_case *c = &forms[i];
        assert_int_equal(first_header(c->hex), WALK_HEADER);
        assert_int_equal(header.prefix_len, c->prefix_len);
        assert_int_equal(header.ranged, c->ranged);
        assert_int_equal(header.all, c->all);
        assert_int_equal(header.sized, c->sized);
        assert_int_equal(header.has_objects, c->has_objects);
        assert_int_equal(header.start, c->start);
        assert_int_equal(header.count, c->count);
        assert_int_equal(header.data_len, c->data_len);
        assert_int_equal(object_walk_next(&walk, &header), WALK_END);
    }
}

struct defect_case {
    const char *hex;
    enum walk_result result;
};

static const struct defect_case defects[] = {
    {"C0 01 01", WALK_TRUNCATED},
    {"C0 01 01 00", WALK_TRUNCATED},
    {"C0 01 1E 00 00 03", WALK_TRUNCATED},
    {"C0 01 1E 00 17", WALK_TRUNCATED},
    {"C0 01 1E 00 17 02 03", WALK_TRUNCATED},
    {"C0 81 00 00 1E 02 00 04 05 01 02 00 01 03", WALK_TRUNCATED},
    {"C0 81 00 00 01 01 00 00 08 FF", WALK_TRUNCATED},
    {"C0 81 00 00 46 05 5B 01 05 00 AA", WALK_TRUNCATED},
    {"C0 81 00 00 46 05 6B 01 FF FF FF FF AA", WALK_TRUNCATED},
    {"C0 81 00 00 46 05 5B FF 00 00", WALK_TRUNCATED},
    /* claims that no octets stand behind */
    {"C0 81 00 00 1E 02 01 00 00 FF FF", WALK_TRUNCATED},
    {"C0 81 00 00 01 02 02 00 00 00 00 FE FF FF FF", WALK_TRUNCATED},
    {"C0 81 00 00 20 08 39 FF FF FF FF", WALK_TRUNCATED},
    {"C0 01 1E 00 39 00 00 00 40", WALK_TRUNCATED}, /* 2^30 indexes of 4 octets */
    {"C0 81 00 00 01 02 02 00 00 00 00 FF FF FF FF", WALK_BAD_RANGE},
    {"C0 01 01 02 02 00 00 00 00 FF FF FF FF", WALK_BAD_RANGE},
    {"C0 81 00 00 02 01 39 CD CC CC CC AA", WALK_TRUNCATED}, /* 5 octets each: 1 modulo 2^32 */
    {"C0 01 1E 00 00 05 04", WALK_BAD_RANGE},
    {"C0 01 1E 00 00 06 04", WALK_BAD_RANGE},
    {"C0 81 00 00 20 02 17 00", WALK_BAD_RANGE},
    {"C0 01 02 00 07 00", WALK_BAD_RANGE},
    /* reserved, or not for this object */
    {"C0 01 1E 00 86", WALK_BAD_QUALIFIER},
    {"C0 01 1E 00 0A", WALK_BAD_QUALIFIER},
    {"C0 01 1E 00 0B 01", WALK_BAD_QUALIFIER},
    {"C0 01 1E 00 10 00 01", WALK_BAD_QUALIFIER},
    {"C0 01 1E 00 16", WALK_BAD_QUALIFIER},
    {"C0 01 1E 00 47 01", WALK_BAD_QUALIFIER},
    {"C0 01 1E 00 5A 01", WALK_BAD_QUALIFIER},
    {"C0 01 1E 00 77 01", WALK_BAD_QUALIFIER},
    {"C0 01 1E 00 03 00 01", WALK_BAD_QUALIFIER},
    {"C0 01 01 00 07 01", WALK_BAD_QUALIFIER},
    {"C0 01 3C 01 07 01", WALK_BAD_QUALIFIER},
    {"C0 81 00 00 02 01 07 01 81", WALK_BAD_QUALIFIER},
    {"C0 81 00 00 01 01 17 01 00 01", WALK_BAD_QUALIFIER},
    {"C0 05 0C 01 07 01", WALK_BAD_QUALIFIER},
    /* unknown, or of unknown size */
    {"C0 81 00 00 C8 01 00 00 00 01", WALK_UNKNOWN_OBJECT},
    {"C0 81 00 00 00 FE 00 00 00 01 01 41", WALK_UNKNOWN_OBJECT},
    {"C0 02 70 00 17 01 01", WALK_UNKNOWN_OBJECT},
    {"C0 81 00 00 1E 00 00 00 00 01", WALK_UNKNOWN_OBJECT},
    {"C0 81 00 00 3C 02 07 FF", WALK_UNKNOWN_OBJECT},
};

static void defects_end_the_walk(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof defects / sizeof defects[0]; i++) {
        assert_int_equal(first_header(defects[i].hex), defects[i].result);
        assert_int_equal(header.offset, fragment.objects - fragment.octets);
        assert_int_equal(object_walk_next(&walk, &header), WALK_TRUNCATED);
        assert_non_null(walk_result_text(defects[i].result));
    }
}

static void unknown_objects_do_not_stop_a_read(void **state)
{
    (void)state;
    assert_int_equal(first_header("C0 01 C8 01 06 C8 02 17 01 05 1E 01 06"), WALK_HEADER);
    assert_null(header.type);
    assert_int_equal(object_walk_next(&walk, &header), WALK_HEADER);
    assert_null(header.type);
    assert_int_equal(object_header_at(&header, 0).index, 5);
    assert_null(object_header_at(&header, 0).data);
    assert_int_equal(object_walk_next(&walk, &header), WALK_HEADER);
    assert_int_equal(header.type->group, 30);
    assert_int_equal(header.offset, 10);
    assert_int_equal(object_walk_next(&walk, &header), WALK_END);
}

static void further_groups_are_passed_over(void **state)
{
    (void)state;
    assert_int_equal(
        first_header(
            "C0 81 00 00 51 01 00 00 00 85 01 02 79 01 17 01 02 01 00 00 05 00 00 00 01 02 00 00 00 81"),
        WALK_HEADER);
    assert_int_equal(header.type->kind, OBJECT_OTHER);
    assert_int_equal(object_walk_next(&walk, &header), WALK_HEADER);
    assert_int_equal(header.type->kind, OBJECT_SECURITY);
    assert_int_equal(object_walk_next(&walk, &header), WALK_HEADER);
    assert_int_equal(header.group, 1);
    assert_int_equal(object_walk_next(&walk, &header), WALK_END);
}

/* Attributes tell their own length, one by one; a set is an index of one octet. */
static void self_sized_objects(void **state)
{
    (void)state;
    assert_int_equal(first_header("C0 81 00 00 00 FC 00 00 01 01 02 41 42 02 01 07 1E 04 00 00 00 01 00"),
                     WALK_HEADER);
    assert_int_equal(header.data_len, 7);
    assert_int_equal(object_header_at(&header, 0).len, 4);
    assert_int_equal(object_header_at(&header, 1).index, 1);
    assert_int_equal(object_header_at(&header, 1).len, 3);
    assert_int_equal(object_header_at(&header, 1).data[2], 7);
    assert_int_equal(object_walk_next(&walk, &header), WALK_HEADER);
    assert_int_equal(header.group, 30);
    assert_int_equal(first_header("C0 81 00 00 00 FC 17 02 09 01 00 05 05 01 AA"), WALK_HEADER);
    assert_int_equal(object_header_at(&header, 0).index, 9);
    assert_int_equal(object_header_at(&header, 0).len, 2);
    assert_int_equal(object_header_at(&header, 1).index, 5);
    assert_int_equal(object_header_at(&header, 1).data[2], 0xAA);
    char list[1024] = "C0 81 00 00 00 FF 00 00 00 FF 02"; /* an extended list has 256 octets more */
    for (int i = 0; i < 258; i++)
        strcat(list, "11");
    assert_int_equal(first_header(list), WALK_HEADER);
    assert_int_equal(object_header_at(&header, 0).len, 260);
    list[strlen(list) - 2] = '\0';
    assert_int_equal(first_header(list), WALK_TRUNCATED);
}

static void expect_defect(const char *hex, const char *text)
{
    enum walk_result result = first_header(hex);
    assert_string_equal(object_defect_text(&header, result), text);
}

static void defects_say_which_rule(void **state)
{
    (void)state;
    expect_defect("C0 81 00 00 C8 01 00 00 00 01", "unknown object");
    expect_defect("C0 81 00 00 01 07 00 00 00 01", "unknown variation");
    expect_defect("C0 02 70 00 17 01 01", "variation 0 has no objects");
    expect_defect("C0 81 00 00 3C 02 07 FF", "an object of unknown size");
    expect_defect("C0 01 1E 00 7A 00", "reserved qualifier");
    expect_defect("C0 81 00 00 46 05 00 00 00", "a qualifier that is not for this object");
    expect_defect("C0 01 1E 00 00 05 04", "start after stop");
    expect_defect("C0 01 02 00 07 00", "count of 0");
    expect_defect("C0 81 00 00 00 FC 01 00 00 00 01", "more than 256 sets of attributes");
    expect_defect("C0 01 1E 00 00 05", "truncated header");
    expect_defect("C0 81 00 00 1E 02 00 00 00 01", "truncated objects");
    expect_defect("C0 01 3C 01 06", "object header");
}

static void objects_by_number(void **state)
{
    (void)state;
    first_header("C0 81 00 00 1E 02 01 2C 01 2D 01 01 02 00 01 03 00");
    assert_int_equal(object_header_at(&header, 1).index, 301);
    assert_int_equal(object_header_at(&header, 1).data[1], 3);
    assert_int_equal(object_header_at(&header, 1).len, 3);
    first_header("C0 81 00 00 02 01 37 02 05 00 01 00 81 FF FF FF FF 01");
    assert_int_equal(object_header_at(&header, 0).index, 65541);
    assert_int_equal(object_header_at(&header, 1).index, UINT32_MAX);
    assert_int_equal(object_header_at(&header, 1).data[0], 1);
    first_header("C0 81 00 00 46 05 5B 03 01 00 AA 00 00 02 00 BB CC");
    assert_int_equal(object_header_at(&header, 1).len, 0);
    assert_int_equal(object_header_at(&header, 2).len, 2);
    assert_int_equal(object_header_at(&header, 2).data[1], 0xCC);
    first_header("C0 01 02 00 07 05");
    assert_int_equal(object_header_at(&header, 4).index, 4);
    assert_null(object_header_at(&header, 4).data);
}

static void expect_written(const struct writer *w, const char *hex)
{
    uint8_t expected[64];
    size_t len = hex_parse(hex, expected, sizeof expected);
    assert_false(w->failed);
    assert_int_equal(writer_len(w), len);
    assert_memory_equal(w->begin, expected, len);
}

static void writers(void **state)
{
    (void)state;
    uint8_t out[64];
    struct writer w = writer_over(out, sizeof out);
    app_write_request(&w, 0xC1, APP_READ);
    object_write_all(&w, 60, 2);
    object_write_count(&w, 60, 3, 255);
    object_write_count(&w, 60, 4, 256);
    expect_written(&w, "C1 01 3C 02 06 3C 03 07 FF 3C 04 08 00 01");
    w = writer_over(out, sizeof out);
    app_write_response(&w, 0xC1, APP_RESPONSE, IIN_DEVICE_RESTART | IIN_PARAMETER_ERROR);
    object_write_range(&w, 30, 1, 0, 255);
    object_write_range(&w, 30, 1, 1, 256);
    object_write_range(&w, 30, 1, 1, 65535);
    object_write_range(&w, 30, 1, 1, 65536);
    expect_written(&w, "C1 81 80 04 1E 01 00 00 FF 1E 01 01 01 00 00 01 1E 01 01 01 00 FF FF 1E 01 02 01 00 "
                       "00 00 00 00 01 00");
}

static void writers_write_all_or_nothing(void **state)
{
    (void)state;
    uint8_t out[16];
    for (size_t room = 0; room < 7; room++) {
        struct writer w = writer_over(out, room);
        object_write_range(&w, 1, 2, 256, 257);
        assert_true(w.failed);
        assert_int_equal(writer_len(&w), 0);
        w = writer_over(out, room < 3 ? room : 3);
        app_write_response(&w, 0xC0, APP_RESPONSE, 0);
        assert_true(w.failed);
        assert_int_equal(writer_len(&w), 0);
    }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(app_function_name(APP_READ), "READ");
    assert_string_equal(app_function_name(APP_UNSOLICITED_RESPONSE), "UNSOLICITED_RESPONSE");
    assert_null(app_function_name(34));
    assert_null(app_function_name(128));
    assert_null(app_function_name(132));
    assert_string_equal(app_iin_name(7), "IIN1.7 DEVICE_RESTART");
    assert_string_equal(app_iin_name(8), "IIN2.0 NO_FUNC_CODE_SUPPORT");
    assert_null(app_iin_name(14));
    assert_null(app_iin_name(16));
    assert_int_equal(app_function_mask(APP_SELECT), OBJECT_IN_OPERATE);
    assert_int_equal(app_function_mask(APP_COLD_RESTART), 0);
    assert_int_equal(app_function_mask(200), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragment_headers),
        cmocka_unit_test(aggressive_mode_has_objects_in_any_function),
        cmocka_unit_test(forms_of_headers),
        cmocka_unit_test(defects_end_the_walk),
        cmocka_unit_test(unknown_objects_do_not_stop_a_read),
        cmocka_unit_test(further_groups_are_passed_over),
        cmocka_unit_test(self_sized_objects),
        cmocka_unit_test(defects_say_which_rule),
        cmocka_unit_test(objects_by_number),
        cmocka_unit_test(writers),
        cmocka_unit_test(writers_write_all_or_nothing),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
