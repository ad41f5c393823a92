// SPDX-License-Identifier: Apache-2.0
/* Device attributes: dnp3-reference/attributes.md. */
#include "protocol/attributes.h"

#include <math.h>

#include "support/cm.h"
#include "support/hex.h"

static uint8_t octets[2048];
static struct object_header header;
static struct attribute found;

static void take_header(size_t len)
{
    static struct app_fragment f; /* the header points into its octets */
    assert_int_equal(app_parse(octets, len, &f), APP_OK);
    struct object_walk walk = app_objects(&f);
    assert_int_equal(object_walk_next(&walk, &header), WALK_HEADER);
    assert_int_equal(object_walk_next(&walk, &(struct object_header){0}), WALK_END);
}

static enum attribute_defect parsed(const char *hex)
{
    take_header(hex_parse(hex, octets, sizeof octets));
    return attribute_parse(&header, 0, &found);
}

#define RESPONSE "C0 81 00 00 00 "

static void values_of_all_types(void **state)
{
    (void)state;
    uint32_t number;
    int32_t integer;
    double real;
    uint64_t time_ms;
    assert_int_equal(parsed(RESPONSE "FC 00 00 00 01 04 41 43 4D 45"), ATTRIBUTE_OK);
    assert_int_equal(found.variation, 252);
    assert_int_equal(found.type, ATTRIBUTE_VSTR);
    assert_int_equal(found.len, 4);
    assert_memory_equal(found.octets, "ACME", 4);
    assert_int_equal(parsed(RESPONSE "F1 00 00 00 02 02 00 08"), ATTRIBUTE_OK);
    assert_true(attribute_uint(&found, &number) && number == 2048);
    assert_false(attribute_int(&found, &integer));
    assert_int_equal(parsed(RESPONSE "F1 00 00 00 02 04 FF FF FF FF"), ATTRIBUTE_OK);
    assert_true(attribute_uint(&found, &number) && number == UINT32_MAX);
    assert_int_equal(parsed(RESPONSE "ED 00 00 00 03 01 FF"), ATTRIBUTE_OK);
    assert_true(attribute_int(&found, &integer) && integer == -1);
    assert_int_equal(parsed(RESPONSE "ED 00 00 00 03 02 00 80"), ATTRIBUTE_OK);
    assert_true(attribute_int(&found, &integer) && integer == INT16_MIN);
    assert_int_equal(parsed(RESPONSE "CB 00 00 00 04 04 00 00 20 40"), ATTRIBUTE_OK);
    assert_true(attribute_float(&found, &real) && real == 2.5);
    assert_int_equal(parsed(RESPONSE "CB 00 00 00 04 08 00 00 00 00 00 00 0C 40"), ATTRIBUTE_OK);
    assert_true(attribute_float(&found, &real) && real == 3.5);
    assert_int_equal(parsed(RESPONSE "C6 00 00 00 07 06 00 7C 29 1F 94 01"), ATTRIBUTE_OK);
    assert_true(attribute_time(&found, &time_ms) && time_ms == UINT64_C(1735689600000));
    assert_false(attribute_uint(&found, &number) || attribute_float(&found, &real));
    assert_int_equal(attribute_entries(&found), 0);
    assert_int_equal(parsed(RESPONSE "C8 17 01 05 05 00"), ATTRIBUTE_OK);
    assert_int_equal(found.set, 5);
    assert_int_equal(found.len, 0);
    assert_false(attribute_time(&found, &time_ms));
}

static void lists_of_variations(void **state)
{
    (void)state;
    assert_int_equal(parsed(RESPONSE "FF 00 00 00 FE 06 F5 01 FA 00 FC 00"), ATTRIBUTE_OK);
    assert_int_equal(attribute_entries(&found), 3);
    assert_int_equal(attribute_entry_at(&found, 0).variation, 245);
    assert_int_equal(attribute_entry_at(&found, 0).properties, 1);
    assert_int_equal(attribute_entry_at(&found, 2).variation, 252);
}

static void what_is_wrong_is_told(void **state)
{
    (void)state;
    assert_int_equal(parsed(RESPONSE "F1 00 00 00 02 03 00 08 00"), ATTRIBUTE_BAD_LENGTH);
    assert_int_equal(parsed(RESPONSE "F1 00 00 00 04 02 00 08"), ATTRIBUTE_BAD_LENGTH);
    assert_int_equal(parsed(RESPONSE "C6 00 00 00 07 05 00 7C 29 1F 94"), ATTRIBUTE_BAD_LENGTH);
    assert_int_equal(parsed(RESPONSE "FF 00 00 00 FE 03 F5 01 FA"), ATTRIBUTE_BAD_LENGTH);
    assert_int_equal(parsed(RESPONSE "F1 00 00 00 09 01 00"), ATTRIBUTE_BAD_TYPE);
    assert_int_equal(parsed(RESPONSE "F1 00 00 00 00 00"), ATTRIBUTE_BAD_TYPE);
    assert_int_equal(parsed(RESPONSE "F1 00 00 00 FE 02 F5 01"), ATTRIBUTE_BAD_TYPE); /* no list there */
    assert_int_equal(parsed(RESPONSE "FF 00 00 00 02 01 05"), ATTRIBUTE_BAD_TYPE);    /* and here only one */
    assert_int_equal(parsed(RESPONSE "F1 28 01 00 00 01 02 01 05"), ATTRIBUTE_BAD_SET);
    for (int defect = ATTRIBUTE_OK; defect <= ATTRIBUTE_BAD_LENGTH; defect++)
        assert_true(strlen(attribute_defect_text((enum attribute_defect)defect)) > 0);
}

static struct writer response(void)
{
    struct writer w = writer_over(octets, sizeof octets);
    app_write_response(&w, 0xC0, APP_RESPONSE, 0);
    return w;
}

static void parse_written(const struct writer *w)
{
    assert_false(w->failed);
    take_header(writer_len(w));
    assert_int_equal(attribute_parse(&header, 0, &found), ATTRIBUTE_OK);
}

static void written_numbers_are_read_again(void **state)
{
    (void)state;
    static const struct {
        int64_t value;
        uint16_t len;
    } numbers[] = {{0, 1},   {255, 1},  {256, 2},   {65535, 2},  {65536, 4},    {UINT32_MAX, 4},
                   {-1, 1},  {-128, 1}, {-129, 2},  {-32768, 2}, {-32769, 4},   {INT32_MIN, 4},
                   {127, 1}, {128, 2},  {32767, 2}, {32768, 4},  {INT32_MAX, 4}};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct writer w = response();
        uint32_t number = 1;
        int32_t integer = 1;
        bool is_signed = i >= 6;
        if (is_signed)
            attribute_write_int(&w, 9, 217, (int32_t)numbers[i].value);
        else
            attribute_write_uint(&w, 9, 217, (uint32_t)numbers[i].value);
        parse_written(&w);
        assert_int_equal(found.set, 9);
        assert_int_equal(found.variation, 217);
        assert_int_equal(found.len, numbers[i].len);
        assert_true(is_signed ? attribute_int(&found, &integer) : attribute_uint(&found, &number));
        assert_true(is_signed ? integer == numbers[i].value : number == numbers[i].value);
    }
}

static void written_values_are_read_again(void **state)
{
    (void)state;
    double real;
    uint64_t time_ms;
    struct writer w = response();
    attribute_write_float(&w, 0, 203, -0.1);
    parse_written(&w);
    assert_true(attribute_float(&found, &real) && real == -0.1);
    w = response();
    attribute_write_time(&w, 0, 198, UINT64_C(0xFFFFFFFFFFFF));
    parse_written(&w);
    assert_true(attribute_time(&found, &time_ms) && time_ms == UINT64_C(0xFFFFFFFFFFFF));
    static char text[255];
    memset(text, 'x', sizeof text);
    for (size_t len = 0; len <= sizeof text; len += 255) {
        w = response();
        attribute_write_text(&w, 255, 1, text, len);
        parse_written(&w);
        assert_int_equal(found.len, len);
        assert_int_equal(found.set, 255);
        assert_memory_equal(found.octets, text, len);
    }
}

static void written_lists_are_read_again(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 127, 128, 255};
    struct attribute_entry entries[255];
    for (size_t i = 0; i < 255; i++)
        entries[i] = (struct attribute_entry){(uint8_t)i, (uint8_t)(i & 1)};
    for (size_t k = 0; k < sizeof counts / sizeof counts[0]; k++) {
        struct writer w = response();
        attribute_write_list(&w, 3, entries, counts[k]);
        parse_written(&w);
        assert_int_equal(found.type, counts[k] > 127 ? ATTRIBUTE_EXTENDED_LIST : ATTRIBUTE_LIST);
        assert_int_equal(attribute_entries(&found), counts[k]);
        for (size_t i = 0; i < counts[k]; i++) {
            assert_int_equal(attribute_entry_at(&found, i).variation, i);
            assert_int_equal(attribute_entry_at(&found, i).properties, i & 1);
        }
    }
}

static void written_whole_or_not(void **state)
{
    (void)state;
    for (size_t room = 0; room < 10; room++) {
        struct writer w = writer_over(octets, room);
        attribute_write_text(&w, 0, 252, "ABC", 3);
        assert_true(w.failed);
        assert_int_equal(writer_len(&w), 0);
    }
    struct writer w = writer_over(octets, 10);
    attribute_write_text(&w, 0, 252, "ABC", 3);
    assert_int_equal(writer_len(&w), 10);
}

static void the_standard_set(void **state)
{
    (void)state;
    assert_string_equal(attribute_find(252)->name, "manufacturer name");
    assert_int_equal(attribute_find(241)->type, ATTRIBUTE_UINT);
    unsigned writable = 0;
    unsigned rows = 0;
    for (unsigned v = 0; v < 256; v++) {
        const struct attribute_row *row = attribute_find((uint8_t)v);
        assert_true(!row || row->variation == v);
        rows += row != NULL;
        writable += row && row->writable;
    }
    assert_int_equal(rows, 56);
    assert_int_equal(writable, 4); /* 240, 245, 246, 247 */
    assert_true(attribute_find(247)->writable);
    assert_null(attribute_find(251));
    assert_null(attribute_find(254));
    assert_null(attribute_find(195));
    assert_string_equal(attribute_type_name(ATTRIBUTE_TIME), "TIME");
    assert_string_equal(attribute_type_name(ATTRIBUTE_EXTENDED_LIST), "EXTENDED_LIST");
    assert_null(attribute_type_name(0));
    assert_null(attribute_type_name(8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_of_all_types),           cmocka_unit_test(lists_of_variations),
        cmocka_unit_test(what_is_wrong_is_told),         cmocka_unit_test(written_numbers_are_read_again),
        cmocka_unit_test(written_values_are_read_again), cmocka_unit_test(written_lists_are_read_again),
        cmocka_unit_test(written_whole_or_not),          cmocka_unit_test(the_standard_set),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
