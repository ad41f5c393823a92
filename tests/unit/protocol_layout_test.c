// SPDX-License-Identifier: Apache-2.0
/* Objects with fields of their own: dnp3-reference/objects.md 3, files.md 1, security-sav5.md 3. */
#include "protocol/layout.h"

#include "protocol/objects.h"
#include "support/cm.h"
#include "support/hex.h"

static uint8_t octets[512];
static struct layout_walk walk;
static struct layout_value value;

static size_t begin(uint8_t group, uint8_t variation, const char *hex)
{
    size_t len = hex_parse(hex, octets, sizeof octets);
    walk = layout_walk_begin(layout_find(group, variation), octets, len);
    return len;
}

static void expect_number(const char *name, uint64_t number)
{
    assert_true(layout_walk_next(&walk, &value));
    assert_string_equal(value.field->name, name);
    assert_int_equal(value.number, number);
}

static void expect_octets(const char *name, size_t offset, size_t len)
{
    assert_true(layout_walk_next(&walk, &value));
    assert_string_equal(value.field->name, name);
    assert_int_equal(value.offset, offset);
    assert_int_equal(value.len, len);
    assert_ptr_equal(value.octets, octets + offset);
}

static void expect_end(enum layout_defect defect, size_t offset)
{
    assert_false(layout_walk_next(&walk, &value));
    assert_int_equal(walk.defect, defect);
    assert_int_equal(walk.defect_offset, offset);
    assert_false(layout_walk_next(&walk, &value));
}

static void fields_one_by_one(void **state)
{
    (void)state;
    begin(120, 5, "02 00 00 00 01 00 01 01 04 02 00 B1 B2 83 52 AD");
    expect_number("key_seq", 2);
    expect_number("user", 1);
    expect_number("key_wrap", 1);
    expect_number("status", 1);
    assert_string_equal(layout_name_find(value.field->names, value.number), "OK");
    expect_number("mac_algorithm", 4);
    expect_number("challenge_size", 2);
    expect_octets("challenge", 11, 2);
    expect_octets("mac", 13, 3);
    expect_end(LAYOUT_OK, 0);
    begin(81, 1, "D5 01 02");
    expect_number("fill_percent", 85);
    assert_true(value.top);
    expect_number("group", 1);
    expect_number("variation", 2);
    expect_end(LAYOUT_OK, 0);
    begin(101, 2, "78 56 34 12");
    expect_number("value", 12345678);
    expect_end(LAYOUT_OK, 0);
}

static void fields_that_repeat(void **state)
{
    (void)state;
    begin(91, 1, "88 13 00 00 03 01 00 03 07 AA BB 01 09");
    expect_number("delay_ms", 5000);
    expect_number("count", 3);
    expect_number("length", 1);
    expect_number("status", 0);
    expect_octets("ancillary", 7, 0);
    expect_number("length", 3);
    expect_number("status", 7);
    expect_octets("ancillary", 9, 2);
    expect_number("length", 1);
    expect_number("status", 9);
    expect_octets("ancillary", 13, 0);
    expect_end(LAYOUT_OK, 0);
    begin(91, 1, "88 13 00 00 00");
    expect_number("delay_ms", 5000);
    expect_number("count", 0);
    expect_end(LAYOUT_OK, 0);
    begin(83, 2, "41 42 43 44 01 00 02 00 05 00 1E 01 06 00 01 02");
    expect_octets("vendor", 0, 4);
    expect_number("object", 1);
    expect_number("count", 2);
    expect_number("quantity", 5);
    expect_number("group", 30);
    expect_number("variation", 1);
    expect_number("quantity", 6);
    expect_number("group", 1);
    expect_number("variation", 2);
    expect_end(LAYOUT_OK, 0);
}

static void check(uint8_t group, uint8_t variation, const char *hex, enum layout_defect defect, size_t offset)
{
    begin(group, variation, hex);
    while (layout_walk_next(&walk, &value))
        ;
    assert_false(layout_walk_next(&walk, &value));
    assert_int_equal(walk.defect, defect);
    assert_int_equal(walk.defect_offset, offset);
}

static void defects_have_their_offset(void **state)
{
    (void)state;
    check(81, 1, "D5 01", LAYOUT_SHORT, 2);
    check(81, 1, "D5 01 02 03", LAYOUT_EXCESS, 3);
    check(101, 1, "34 1A", LAYOUT_DIGIT, 0);
    check(91, 1, "88 13 00 00 FF 01 00", LAYOUT_SHORT, 7);  /* claims 255, has one */
    check(91, 1, "88 13 00 00 01 00 00", LAYOUT_LENGTH, 7); /* does not count its own status */
    check(91, 1, "88 13 00 00 01 03 00 AA", LAYOUT_LENGTH, 7);
    check(83, 2, "41 42 43 44 01 00 FF FF", LAYOUT_SHORT, 8);
    check(83, 1, "41 42 43 44 01 00 02 00 AA", LAYOUT_LENGTH, 8);
    check(83, 1, "41 42 43 44 01 00 01 00 AA BB", LAYOUT_EXCESS, 9);
    check(120, 5, "01 00 00 00 01 00 01 02 00 05 00 A1 A2 A3 A4", LAYOUT_LENGTH, 11);
    check(120, 10, "04 01 05 00 00 00 01 00 6D 01 FF FF FF FF FF FF", LAYOUT_LENGTH, 16);
    check(70, 2, "0C 00 01 00 0C 00 01 00 00 00 00 00 61 62", LAYOUT_POSITION, 13);
    check(120, 9, "", LAYOUT_OK, 0);
    for (int defect = LAYOUT_OK; defect <= LAYOUT_EXCESS; defect++)
        assert_true(strlen(layout_defect_text((enum layout_defect)defect)) > 0);
}

/* A row of fixed size has a layout of that size: one octet less is short, one more is in excess. */
static void layouts_and_rows_agree(void **state)
{
    (void)state;
    size_t n;
    unsigned fixed = 0;
    unsigned all = 0;
    const struct object_type *rows = object_types(&n);
    memset(octets, 0, sizeof octets);
    for (size_t i = 0; i < n; i++) {
        const struct object_type *t = &rows[i];
        if (!layout_find(t->group, t->variation))
            continue;
        all++;
        if (t->size == 0) {
            assert_int_equal(t->qualifiers & OBJECT_Q_SIZED, OBJECT_Q_SIZED);
            continue;
        }
        assert_int_equal(layout_check(t->group, t->variation, octets, t->size), LAYOUT_OK);
        assert_int_equal(layout_check(t->group, t->variation, octets, t->size - 1U), LAYOUT_SHORT);
        assert_int_equal(layout_check(t->group, t->variation, octets, t->size + 1U), LAYOUT_EXCESS);
        fixed++;
    }
    assert_int_equal(all, 36);
    assert_int_equal(fixed, 11);
    assert_null(layout_find(30, 1));
    assert_null(layout_find(70, 1));
}

/* Nothing but the data sets is left as bare octets. */
static void every_object_can_be_told(void **state)
{
    (void)state;
    size_t n;
    const struct object_type *rows = object_types(&n);
    for (size_t i = 0; i < n; i++) {
        const struct object_type *t = &rows[i];
        bool data_set = t->group >= 85 && t->group <= 88;
        bool objects =
            t->size || t->packed_bits || t->self_sized || t->is_string || t->qualifiers & OBJECT_Q_SIZED;
        bool known = object_is_measured(t) || object_is_delta(t) || t->packed_bits || t->self_sized ||
                     t->is_string || t->kind == OBJECT_COMMAND || t->kind == OBJECT_TIME ||
                     t->kind == OBJECT_DEADBAND || layout_find(t->group, t->variation);
        assert_true(!objects || known || data_set);
    }
}

/* Whatever octets an object has, its fields and its defect cover them without a gap. */
static void every_octet_has_a_field_or_a_defect(void **state)
{
    (void)state;
    uint32_t x = 1;
    size_t n;
    const struct object_type *rows = object_types(&n);
    for (unsigned turn = 0; turn < 20000; turn++) {
        const struct layout *l = layout_find(rows[turn % n].group, rows[turn % n].variation);
        size_t len = turn / 7 % 64;
        for (size_t i = 0; i < len; i++) {
            x = x * 1664525 + 1013904223;
            octets[i] = x >> 16 & 3 ? 0 : (uint8_t)(x >> 24);
        }
        if (!l)
            continue;
        size_t at = 0;
        walk = layout_walk_begin(l, octets, len);
        while (layout_walk_next(&walk, &value)) {
            assert_int_equal(value.offset, at);
            at += value.len;
        }
        assert_int_equal(walk.defect == LAYOUT_OK ? len : walk.defect_offset, at);
    }
}

/* The fields of an object as arguments, written again, give its octets. */
static void written_as_it_was_read(uint8_t group, uint8_t variation, const char *hex)
{
    static uint8_t again[512];
    struct layout_argument args[64];
    const struct layout *layout = layout_find(group, variation);
    size_t n = 0;
    size_t len = begin(group, variation, hex);
    for (; layout_walk_next(&walk, &value); n++) {
        bool number = value.field->kind != LAYOUT_TEXT && value.field->kind != LAYOUT_OCTETS;
        args[n] = (struct layout_argument){value.number, value.top, value.octets, number ? 0 : value.len};
    }
    assert_int_equal(walk.defect, LAYOUT_OK);
    struct writer w = writer_over(again, sizeof again);
    layout_write_sized(&w, layout, args, n);
    assert_false(w.failed);
    assert_int_equal(writer_len(&w), 6 + len);
    assert_memory_equal(again + 6, octets, len);
    assert_int_equal(again[0] << 8 | again[1], group << 8 | variation);
    assert_int_equal(again[4] | again[5] << 8, len);
    for (size_t room = 0; room < 6 + len; room++) {
        w = writer_over(again, room);
        layout_write_sized(&w, layout, args, n);
        assert_true(w.failed);
        assert_int_equal(writer_len(&w), 0);
        w = writer_over(again, room < len ? room : 0);
        layout_write(&w, layout, args, n);
        assert_true(w.failed || len == 0);
    }
}

static void objects_are_written_as_they_were_read(void **state)
{
    (void)state;
    written_as_it_was_read(81, 1, "D5 01 02");
    written_as_it_was_read(82, 1, "01 02 03 04 05 06 07 08 01 00 1E 01 00 00 05");
    written_as_it_was_read(83, 1, "41 42 43 44 01 00 02 00 AA BB");
    written_as_it_was_read(83, 2, "41 42 43 44 01 00 02 00 05 00 1E 01 06 00 01 02");
    written_as_it_was_read(90, 1, "61 62 63");
    written_as_it_was_read(91, 1, "88 13 00 00 03 01 00 03 07 AA BB 01 09");
    written_as_it_was_read(101, 2, "78 56 34 12");
    written_as_it_was_read(120, 1, "01 00 00 00 00 00 04 01 C1 C2 C3 C4");
    written_as_it_was_read(120, 5, "02 00 00 00 01 00 01 01 04 02 00 B1 B2 83 52 AD");
    written_as_it_was_read(120, 7, "02 00 00 00 01 00 00 00 01 00 7C 29 1F 94 01");
    written_as_it_was_read(120, 10, "04 01 05 00 00 00 01 00 6D 01 02 00 00 00 01 00 61 6C AA");
    written_as_it_was_read(122, 2, "01 00 00 05 00 00 00 00 7C 29 1F 94 01");
    written_as_it_was_read(70, 5, "01 00 00 00 00 00 00 80 61");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_one_by_one),
        cmocka_unit_test(fields_that_repeat),
        cmocka_unit_test(defects_have_their_offset),
        cmocka_unit_test(layouts_and_rows_agree),
        cmocka_unit_test(every_object_can_be_told),
        cmocka_unit_test(objects_are_written_as_they_were_read),
        cmocka_unit_test(every_octet_has_a_field_or_a_defect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
