// SPDX-License-Identifier: Apache-2.0
/* The object table against a second list of sizes, and the codecs at the edges of their ranges. */
#include "protocol/objects.h"

#include <float.h>
#include <math.h>
#include <stdio.h>

#include "protocol/bytes.h"
#include "support/cm.h"

/* dnp3-reference/objects.md 2 and 3, group by group: variation 1, 2, ...; packed rows are 0. */
struct size_row {
    uint8_t group;
    uint8_t sizes[12];
};

static const struct size_row sizes[] = {
    {1, {0, 1}},
    {2, {1, 7, 3}},
    {3, {0, 1}},
    {4, {1, 7, 3}},
    {10, {0, 1}},
    {11, {1, 7}},
    {12, {11, 11, 0}},
    {13, {1, 7}},
    {20, {5, 3, 5, 3, 4, 2, 4, 2}},
    {21, {5, 3, 5, 3, 11, 9, 11, 9, 4, 2, 4, 2}},
    {22, {5, 3, 5, 3, 11, 9, 11, 9}},
    {23, {5, 3, 5, 3, 11, 9, 11, 9}},
    {30, {5, 3, 4, 2, 5, 9}},
    {31, {5, 3, 11, 9, 4, 2, 5, 9}},
    {32, {5, 3, 11, 9, 5, 9, 11, 15}},
    {33, {5, 3, 11, 9, 5, 9, 11, 15}},
    {34, {2, 4, 4}},
    {40, {5, 3, 5, 9}},
    {41, {5, 3, 5, 9}},
    {42, {5, 3, 11, 9, 5, 9, 11, 15}},
    {43, {5, 3, 11, 9, 5, 9, 11, 15}},
    {50, {6, 10, 6, 11}},
    {51, {6, 6}},
    {52, {2, 2}},
    {81, {3}},
    {101, {2, 4, 8}},
    {102, {1}},
    {121, {7}},
    {122, {7, 13}},
};

static void sizes_are_those_of_the_reference(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        for (uint8_t v = 1; v <= 12; v++) {
            const struct object_type *type = object_type_find(sizes[i].group, v);
            uint8_t size = sizes[i].sizes[v - 1];
            if (type)
                assert_int_equal(object_size(type, v), size);
            else
                assert_int_equal(size, 0);
            if (type && size == 0)
                assert_true(type->packed_bits);
        }
    }
}

static size_t width_of(const struct object_type *t)
{
    static const size_t values[] = {
        [VALUE_U16] = 2, [VALUE_U32] = 4, [VALUE_I16] = 2,           [VALUE_I32] = 4,
        [VALUE_F32] = 4, [VALUE_F64] = 8, [VALUE_COMMAND_STATUS] = 1};
    static const size_t times[] = {[OBJECT_TIME_ABSOLUTE] = 6, [OBJECT_TIME_RELATIVE] = 2};
    return (t->has_flags ? 1U : 0U) + values[t->value] + times[t->time];
}

static void rows_are_ordered_and_consistent(void **state)
{
    (void)state;
    size_t n;
    const struct object_type *rows = object_types(&n);
    assert_true(n > 150);
    for (size_t i = 0; i < n; i++) {
        const struct object_type *t = &rows[i];
        if (i > 0)
            assert_true((t->group << 8 | t->variation) > (rows[i - 1].group << 8 | rows[i - 1].variation));
        assert_ptr_equal(object_type_find(t->group, t->variation), t);
        assert_non_null(t->name);
        assert_true(t->qualifiers != 0);
        assert_true(t->packed_bits == 0 || t->size == 0);
        if (!object_is_measured(t) || t->size == 0)
            continue;
        assert_int_equal(width_of(t), t->size);
        bool event = t->kind == OBJECT_EVENT;
        assert_true(event || t->kind == OBJECT_STATIC);
        uint8_t group = event ? point_type_event_group(t->point) : point_type_static_group(t->point);
        assert_int_equal(group, t->group);
    }
}

static void what_is_not_in_the_table(void **state)
{
    (void)state;
    assert_null(object_type_find(0, 0));
    assert_null(object_type_find(1, 3));
    assert_null(object_type_find(100, 1));
    assert_null(object_type_find(255, 255));
    assert_null(object_type_find(50, 0));
    assert_true(object_group_is_known(0) && object_group_is_known(50) && object_group_is_known(122));
    assert_false(object_group_is_known(5) || object_group_is_known(123) || object_group_is_known(255));
}

static void strings_are_as_long_as_their_variation(void **state)
{
    (void)state;
    for (uint8_t group = 110; group <= 113; group++) {
        for (unsigned v = 1; v <= 255; v++) {
            const struct object_type *t = object_type_find(group, (uint8_t)v);
            assert_true(t->is_string);
            assert_int_equal(object_size(t, (uint8_t)v), v);
        }
        assert_int_equal(object_size(object_type_find(group, 0), 0), 0);
    }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(point_type_name(POINT_BINARY_INPUT), "binary_input");
    assert_string_equal(point_type_name(POINT_BINARY_COMMAND), "binary_command");
    assert_string_equal(point_type_name(0), "?");
    assert_string_equal(point_type_name(200), "?");
    assert_int_equal(point_type_event_group(200), 0);
    assert_string_equal(command_status_name(12), "OUT_OF_RANGE");
    assert_string_equal(command_status_name(127), "UNDEFINED");
    assert_null(command_status_name(19));
    assert_null(command_status_name(128));
}

/* Encodes one object; the octets as text, "01 FF 7F". */
static const char *encoded(uint8_t group, uint8_t variation, double value, uint8_t flags)
{
    static char text[64];
    uint8_t octets[16];
    struct writer w = writer_over(octets, sizeof octets);
    struct measurement m = {.value = value, .flags = flags};
    object_encode(&w, object_type_find(group, variation), &m, 0);
    assert_false(w.failed);
    for (size_t i = 0; i < writer_len(&w); i++)
        snprintf(text + 3 * i, 4, "%02X ", octets[i]);
    text[3 * writer_len(&w) - 1] = '\0';
    return text;
}

static void saturation(void **state)
{
    (void)state;
    assert_string_equal(encoded(30, 2, 32767, 1), "01 FF 7F");
    assert_string_equal(encoded(30, 2, 32768, 1), "21 FF 7F");
    assert_string_equal(encoded(30, 2, -32768, 1), "01 00 80");
    assert_string_equal(encoded(30, 2, -40000, 1), "21 00 80");
    assert_string_equal(encoded(30, 2, 1.5, 1), "01 02 00");
    assert_string_equal(encoded(30, 2, -1.4, 1), "01 FF FF");
    assert_string_equal(encoded(30, 2, -1.5, 1), "01 FE FF");
    assert_string_equal(encoded(30, 4, 1e9, 1), "FF 7F");
    assert_string_equal(encoded(30, 1, 1e10, 1), "21 FF FF FF 7F");
    assert_string_equal(encoded(30, 1, -INFINITY, 1), "21 00 00 00 80");
    assert_string_equal(encoded(30, 1, NAN, 1), "21 00 00 00 00");
    assert_string_equal(encoded(30, 5, 1e39, 1), "21 FF FF 7F 7F");
    assert_string_equal(encoded(30, 5, -1e39, 1), "21 FF FF 7F FF");
    assert_string_equal(encoded(30, 5, INFINITY, 1), "01 00 00 80 7F");
    assert_string_equal(encoded(30, 6, -0.0, 1), "01 00 00 00 00 00 00 00 80");
    assert_string_equal(encoded(20, 2, 65537, 1), "01 01 00"); /* counters wrap, analogs stop */
    assert_string_equal(encoded(20, 1, 4294967295.0, 1), "01 FF FF FF FF");
    assert_string_equal(encoded(20, 1, 1e12, 1), "01 FF FF FF FF");
    assert_string_equal(encoded(20, 1, -1, 1), "01 00 00 00 00");
    assert_string_equal(encoded(20, 1, NAN, 1), "01 00 00 00 00");
    assert_string_equal(encoded(1, 2, 1, 0x81), "81");
    assert_string_equal(encoded(1, 2, 0, 0x81), "01");
    assert_string_equal(encoded(3, 2, 2, 0x01), "81");
    assert_string_equal(encoded(3, 2, 3, 0x01), "C1");
    assert_string_equal(encoded(13, 1, 1, 12), "8C");
}

static void command_events_have_a_status(void **state)
{
    (void)state;
    assert_true(point_type_has_status(POINT_BINARY_COMMAND) && point_type_has_status(POINT_ANALOG_COMMAND));
    assert_false(point_type_has_status(POINT_FROZEN_ANALOG_INPUT) || point_type_has_status(200));
    assert_string_equal(point_type_name(POINT_OCTET_STRING), "octet_string");
    assert_string_equal(encoded(43, 2, 1e6, 12), "0C FF 7F"); /* saturated; a status has no flag for it */
    assert_string_equal(encoded(33, 2, 1e6, 1), "21 FF 7F");
    assert_string_equal(encoded(43, 5, 1.5, 0), "00 00 00 C0 3F");
}

/* Encodes a deadband or analog output alone and decodes it again. */
static double through(uint8_t group, uint8_t variation, double value, bool saturated)
{
    uint8_t octets[8];
    struct writer w = writer_over(octets, sizeof octets);
    const struct object_type *type = object_type_find(group, variation);
    assert_int_equal(analog_encode(&w, type, value), saturated);
    assert_false(w.failed);
    return analog_decode(type, octets);
}

static void deadbands_and_outputs(void **state)
{
    (void)state;
    assert_true(through(34, 1, 65535, false) == 65535);
    assert_true(through(34, 1, 65536, true) == 65535);
    assert_true(through(34, 1, 1.5, false) == 2);
    assert_true(through(34, 1, -1, true) == 0);
    assert_true(through(34, 1, NAN, true) == 0);
    assert_true(through(34, 2, 4294967295.0, false) == 4294967295.0);
    assert_true(through(34, 2, 1e12, true) == 4294967295.0);
    assert_true(through(34, 3, 1.25, false) == 1.25);
    assert_true(through(41, 1, -3e9, true) == -2147483648.0);
    assert_true(through(41, 2, -32768, false) == -32768);
    assert_true(through(41, 3, -0.5, false) == -0.5);
    assert_true(through(41, 4, 1e300, false) == 1e300);
}

static void packed_decimals(void **state)
{
    (void)state;
    uint8_t octets[8];
    uint64_t value;
    static const uint8_t known[] = {0x34, 0x12};
    assert_true(bcd_decode(known, 2, &value));
    assert_int_equal(value, 1234);
    for (size_t len = 2; len <= 8; len *= 2) {
        uint64_t most = len == 2 ? 9999 : len == 4 ? 99999999 : UINT64_C(9999999999999999);
        struct writer w = writer_over(octets, len);
        bcd_encode(&w, most, len);
        assert_false(w.failed);
        assert_true(bcd_decode(octets, len, &value));
        assert_int_equal(value, most);
        octets[len - 1] = 0xA0;
        assert_false(bcd_decode(octets, len, &value));
        octets[len - 1] = 0x0A;
        assert_false(bcd_decode(octets, len, &value));
    }
}

static void schedules(void **state)
{
    (void)state;
    static const uint8_t octets[11] = {0, 0x7C, 0x29, 0x1F, 0x94, 1, 0x78, 0x56, 0x34, 0x12, 9};
    uint8_t again[11];
    struct time_schedule s = time_schedule_decode(octets);
    assert_int_equal(s.time_ms, UINT64_C(1735689600000));
    assert_int_equal(s.count, 0x12345678);
    assert_int_equal(s.units, 9);
    struct writer w = writer_over(again, sizeof again);
    time_schedule_encode(&w, &s);
    assert_memory_equal(again, octets, sizeof octets);
    w = writer_over(again, 10);
    time_schedule_encode(&w, &s);
    assert_true(w.failed);
}

static void encoding_is_all_or_nothing(void **state)
{
    (void)state;
    uint8_t octets[16];
    struct measurement m = {.value = 1};
    for (size_t room = 0; room < 15; room++) {
        struct writer w = writer_over(octets, room);
        object_encode(&w, object_type_find(32, 8), &m, 0);
        assert_true(w.failed);
        assert_int_equal(writer_len(&w), 0);
    }
}

static uint64_t bits64(double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

/* All exponents, and the mantissas that matter: NaN payloads, quiet or signalling, stay as they are. */
static void f32_survives_f64(void **state)
{
    (void)state;
    static const uint32_t mantissas[] = {0, 1, 2, 0x3FFFFF, 0x400000, 0x400001, 0x555555, 0x7FFFFF};
    for (uint32_t top = 0; top < 512; top++) {
        for (size_t i = 0; i < sizeof mantissas / sizeof mantissas[0]; i++) {
            uint32_t bits = top << 23 | mantissas[i];
            bool over = true;
            assert_int_equal(float_narrow(float_widen(bits), &over), bits);
            assert_false(over);
        }
    }
    assert_int_equal(bits64(float_widen(0x80000000)), UINT64_C(1) << 63);
    assert_int_equal(bits64(float_widen(0x7F800001)), UINT64_C(0x7FF0000020000000));
}

static void narrowing(void **state)
{
    (void)state;
    bool over;
    assert_int_equal(float_narrow(FLT_MAX, &over), 0x7F7FFFFF);
    assert_false(over);
    assert_int_equal(float_narrow((double)FLT_MAX * 1.0001, &over), 0x7F7FFFFF);
    assert_true(over);
    assert_int_equal(float_narrow(-DBL_MAX, &over), 0xFF7FFFFF);
    assert_true(over);
    assert_int_equal(float_narrow(-INFINITY, &over), 0xFF800000);
    assert_false(over);
    double tiny_payload;
    uint64_t bits = UINT64_C(0x7FF0000000000001);
    memcpy(&tiny_payload, &bits, sizeof bits);
    assert_int_equal(float_narrow(tiny_payload, &over), 0x7FC00000); /* still a NaN */
    assert_int_equal(float_narrow(1e-60, &over), 0);
    assert_false(over);
}

static void control_blocks(void **state)
{
    (void)state;
    static const uint8_t octets[11] = {0x41, 1, 0xF4, 1, 0, 0, 0x78, 0x56, 0x34, 0x12, 7};
    uint8_t again[11];
    struct crob c = crob_decode(octets);
    assert_int_equal(c.code, 0x41);
    assert_int_equal(c.count, 1);
    assert_int_equal(c.on_ms, 500);
    assert_int_equal(c.off_ms, 0x12345678);
    assert_int_equal(c.status, 7);
    struct writer w = writer_over(again, sizeof again);
    crob_encode(&w, &c);
    assert_false(w.failed);
    assert_memory_equal(again, octets, sizeof octets);
    w = writer_over(again, 10);
    crob_encode(&w, &c);
    assert_true(w.failed);
    assert_int_equal(writer_len(&w), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_those_of_the_reference),
        cmocka_unit_test(rows_are_ordered_and_consistent),
        cmocka_unit_test(what_is_not_in_the_table),
        cmocka_unit_test(strings_are_as_long_as_their_variation),
        cmocka_unit_test(names),
        cmocka_unit_test(saturation),
        cmocka_unit_test(command_events_have_a_status),
        cmocka_unit_test(deadbands_and_outputs),
        cmocka_unit_test(packed_decimals),
        cmocka_unit_test(schedules),
        cmocka_unit_test(encoding_is_all_or_nothing),
        cmocka_unit_test(f32_survives_f64),
        cmocka_unit_test(narrowing),
        cmocka_unit_test(control_blocks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
