// SPDX-License-Identifier: Apache-2.0
/* Measurements out of fragments; and for every row of the table: what is encoded is decoded again. */
#include "protocol/measure.h"

#include <math.h>

#include "support/cm.h"
#include "support/hex.h"

enum { MOST = 4096 };

static uint8_t octets[2048];
static struct measurement found[MOST];
static struct measurement_walk walk;

static size_t decode_octets(size_t len, bool clock_unsynchronised)
{
    struct app_fragment f;
    size_t n = 0;
    assert_int_equal(app_parse(octets, len, &f), APP_OK);
    walk = measurement_walk_begin(&f, clock_unsynchronised);
    while (n < MOST && measurement_walk_next(&walk, &found[n]))
        n++;
    assert_false(measurement_walk_next(&walk, &found[MOST - 1]));
    return n;
}

static size_t decode_hex(const char *hex, bool clock_unsynchronised)
{
    return decode_octets(hex_parse(hex, octets, sizeof octets), clock_unsynchronised);
}

static void expect(size_t i, uint8_t type, uint32_t index, double value, uint8_t flags)
{
    assert_int_equal(found[i].type, type);
    assert_int_equal(found[i].index, index);
    assert_true(found[i].value == value);
    assert_int_equal(found[i].flags, flags);
}

/* Values that a row can hold, and the flags that stay apart from its state. */
static size_t sample_values(const struct object_type *t, double values[8])
{
    static const struct {
        size_t n;
        double values[8];
    } samples[] = {
        [VALUE_BIT] = {2, {0, 1}},
        [VALUE_TWO_BITS] = {4, {0, 1, 2, 3}},
        [VALUE_U16] = {3, {0, 1, 65535}},
        [VALUE_U32] = {3, {0, 65536, 4294967295.0}},
        [VALUE_I16] = {4, {0, -1, -32768, 32767}},
        [VALUE_I32] = {4, {0, -1, -2147483648.0, 2147483647}},
        [VALUE_F32] = {7, {0, -0.0, 0.5, -1.25, 3.4028234663852886e38, INFINITY, -INFINITY}},
        [VALUE_F64] = {7, {0, -0.0, 0.1, -1e-300, 1.7976931348623157e308, INFINITY, -INFINITY}},
        [VALUE_COMMAND_STATUS] = {2, {0, 1}},
    };
    memcpy(values, samples[t->value].values, sizeof samples[0].values);
    return samples[t->value].n;
}

static uint8_t flags_that_fit(const struct object_type *t)
{
    if (point_type_has_status(t->point))
        return 12;
    if (!t->has_flags)
        return FLAG_ONLINE;
    return t->value == VALUE_BIT ? 0x7F : t->value == VALUE_TWO_BITS ? 0x3F : 0xDF;
}

static size_t encode_one(const struct object_type *t, const struct measurement *m, uint64_t base_ms)
{
    struct writer w = writer_over(octets, sizeof octets);
    app_write_response(&w, 0xE0, APP_RESPONSE, 0);
    if (t->time == OBJECT_TIME_RELATIVE) {
        object_write_count(&w, 51, 1, 1);
        write_u48(&w, base_ms);
    }
    if (t->kind == OBJECT_EVENT) {
        write_octets(&w, (const uint8_t[]){t->group, t->variation, 0x28, 1, 0}, 5);
        write_u16(&w, (uint16_t)m->index);
    } else {
        object_write_range(&w, t->group, t->variation, m->index, m->index);
    }
    object_encode(&w, t, m, base_ms);
    assert_false(w.failed);
    return writer_len(&w);
}

static void check_row(const struct object_type *t, double value)
{
    const uint64_t base_ms = 0xFFFFFFFF0000;
    struct measurement m = {.value = value, .index = 40000, .type = t->point, .flags = flags_that_fit(t)};
    m.event = t->kind == OBJECT_EVENT;
    if (t->time != OBJECT_TIME_NONE) {
        m.time_ms = base_ms + 65535;
        m.time_quality = TIME_SYNCHRONISED;
    }
    assert_int_equal(decode_octets(encode_one(t, &m, base_ms), false), 1);
    assert_int_equal(walk.defect, WALK_END);
    assert_memory_equal(&found[0].value, &m.value, sizeof m.value);
    assert_int_equal(found[0].time_ms, m.time_ms);
    assert_int_equal(found[0].index, m.index);
    assert_int_equal(found[0].type, m.type);
    assert_int_equal(found[0].flags, m.flags);
    assert_int_equal(found[0].time_quality, m.time_quality);
    assert_int_equal(found[0].event, m.event);
}

static void every_row_round_trips(void **state)
{
    (void)state;
    size_t n;
    size_t checked = 0;
    const struct object_type *rows = object_types(&n);
    for (size_t i = 0; i < n; i++) {
        if (!object_is_measured(&rows[i]) || rows[i].size == 0)
            continue;
        double values[8];
        size_t samples = sample_values(&rows[i], values);
        for (size_t k = 0; k < samples; k++)
            check_row(&rows[i], values[k]);
        checked++;
    }
    assert_int_equal(checked, 81);
}

static void packed_values(void **state)
{
    (void)state;
    assert_int_equal(decode_hex("C0 81 00 00 01 01 00 07 10 81 02 03 01 01 00 01 04 01 72 00", false), 15);
    for (uint32_t i = 0; i < 10; i++)
        expect(i, POINT_BINARY_INPUT, 7 + i, i == 0 || i == 7 || i == 9, FLAG_ONLINE);
    static const double states[] = {2, 0, 3, 1, 0};
    for (uint32_t i = 0; i < 5; i++)
        expect(10 + i, POINT_DOUBLE_BIT_INPUT, 256 + i, states[i], FLAG_ONLINE);
}

static void states_are_no_flags(void **state)
{
    (void)state;
    assert_int_equal(
        decode_hex("C0 81 00 00 01 02 00 00 00 FF 03 02 00 00 00 FF 0A 02 00 00 00 81 1E 02 00 00 00 FF"
                   "01 00 0D 01 17 01 05 8C",
                   false),
        5);
    expect(0, POINT_BINARY_INPUT, 0, 1, 0x7F);
    expect(1, POINT_DOUBLE_BIT_INPUT, 0, 3, 0x3F);
    expect(2, POINT_BINARY_OUTPUT_STATUS, 0, 1, FLAG_ONLINE);
    expect(3, POINT_ANALOG_INPUT, 0, 1, 0xFF);
    expect(4, POINT_BINARY_COMMAND, 5, 1, 12);
    assert_false(found[3].event);
    assert_true(found[4].event);
}

#define CTO(v, ms) "33 0" #v " 07 01 " ms " 00 00 00 00 00 "
#define EVENT(t16) "02 03 17 01 03 81 " t16 " 00 "

static void relative_times(void **state)
{
    (void)state;
    static const struct {
        uint64_t time_ms;
        uint8_t quality;
    } expected[] = {
        {0, TIME_INVALID}, {0x15, TIME_SYNCHRONISED}, {0x16, TIME_SYNCHRONISED}, {0x27, TIME_UNSYNCHRONISED}};
    const char *hex =
        "C0 81 00 00 " EVENT("01") CTO(1, "10") EVENT("05") EVENT("06") CTO(2, "20") EVENT("07");
    assert_int_equal(decode_hex(hex, false), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(found[i].time_ms, expected[i].time_ms);
        assert_int_equal(found[i].time_quality, expected[i].quality);
    }
    assert_int_equal(decode_hex(hex, true), 4);
    assert_int_equal(found[0].time_quality, TIME_INVALID);
    assert_int_equal(found[1].time_quality, TIME_UNSYNCHRONISED);
}

/* A base that is no time (time.md 1) is none. */
static void relative_times_to_no_time(void **state)
{
    (void)state;
    const char *hex =
        "C0 81 00 00 " CTO(1, "10") EVENT("05") CTO(1, "00") EVENT("06") CTO(1, "20") EVENT("07");
    assert_int_equal(decode_hex(hex, false), 3);
    assert_int_equal(found[0].time_ms, 0x15);
    assert_int_equal(found[1].time_quality, TIME_INVALID);
    assert_int_equal(found[1].time_ms, 0);
    assert_int_equal(found[2].time_ms, 0x27);
}

static void untrusted_clock_marks_absolute_times(void **state)
{
    (void)state;
    const char *hex = "C0 81 10 00 02 02 17 01 03 81 00 7C 29 1F 94 01 02 01 17 01 03 81";
    assert_int_equal(decode_hex(hex, true), 2);
    assert_int_equal(found[0].time_quality, TIME_UNSYNCHRONISED);
    assert_int_equal(found[0].time_ms, UINT64_C(1735689600000));
    assert_int_equal(found[1].time_quality, TIME_NONE);
    decode_hex(hex, false);
    assert_int_equal(found[0].time_quality, TIME_SYNCHRONISED);
}

static void what_came_before_a_defect_is_kept(void **state)
{
    (void)state;
    assert_int_equal(decode_hex("C0 81 00 00 01 02 00 00 00 81 C8 01 00 00 00 55 01 02 00 01 01 81", false),
                     1);
    assert_int_equal(walk.defect, WALK_UNKNOWN_OBJECT);
    assert_int_equal(walk.defect_offset, 10);
    assert_int_equal(decode_hex("C0 81 00 00 01 02 00 00 00 81 1E 02 00 00 01 01 01 00", false), 2);
    expect(1, POINT_ANALOG_INPUT, 0, 1, FLAG_ONLINE); /* whole, under a header that is not */
    assert_int_equal(walk.defect, WALK_TRUNCATED);
    assert_int_equal(walk.defect_offset, 10);
}

/* Time 0 is no time (time.md 1). */
static void time_0_is_no_time(void **state)
{
    (void)state;
    assert_int_equal(decode_hex("E1 81 00 00 02 02 17 01 03 81 00 00 00 00 00 00", false), 1);
    assert_int_equal(found[0].time_quality, TIME_NONE);
}

static void other_objects_are_passed_over(void **state)
{
    (void)state;
    assert_int_equal(
        decode_hex("C0 81 00 00 79 01 00 00 00 01 05 00 00 00 00 00 34 02 07 01 0C 00 C8 01 5B 01 02 00 AA BB"
                   "6F 03 17 01 02 61 62 63 1E 04 00 09 09 FE FF",
                   false),
        1);
    expect(0, POINT_ANALOG_INPUT, 9, -2, FLAG_ONLINE);
    assert_int_equal(walk.defect, WALK_END);
}

static void requests_measure_nothing(void **state)
{
    (void)state;
    assert_int_equal(decode_hex("C0 01 1E 01 00 00 FF 02 00 06 1E 01 17 02 03 07", false), 0);
    assert_int_equal(walk.defect, WALK_END);
}

static void summaries(void **state)
{
    (void)state;
    struct app_fragment f;
    size_t len = hex_parse("C0 81 00 00 02 01 17 02 03 81 04 01 01 01 00 00 09 FF 03 0D 01 17 01 01 80",
                           octets, sizeof octets);
    assert_int_equal(app_parse(octets, len, &f), APP_OK);
    struct measure_summary s = measure_summarise(&f);
    assert_int_equal(s.events, 3);
    assert_int_equal(s.statics, 10);
    assert_false(s.other);
    assert_int_equal(s.defect, WALK_END);
    len = hex_parse("C0 81 00 00 34 02 07 01 0C 00 02 01 17 01 03", octets, sizeof octets);
    assert_int_equal(app_parse(octets, len, &f), APP_OK);
    s = measure_summarise(&f);
    assert_int_equal(s.events + s.statics, 0);
    assert_true(s.other);
    assert_int_equal(s.defect, WALK_TRUNCATED);
    assert_int_equal(s.defect_offset, 10);
}

/* By how much a counter has moved is not its value: events of that kind can't be stored as points. */
static void deltas_are_no_values(void **state)
{
    (void)state;
    struct app_fragment f;
    size_t len = hex_parse("C0 81 00 00 16 03 17 01 00 01 05 00 00 00 14 03 00 00 00 01 07 00 00 00 "
                           "15 0B 00 00 00 07 00 00 00 16 01 17 01 02 01 09 00 00 00",
                           octets, sizeof octets);
    assert_int_equal(decode_octets(len, false), 1);
    expect(0, POINT_COUNTER, 2, 9, 0x01);
    assert_int_equal(app_parse(octets, len, &f), APP_OK);
    struct measure_summary s = measure_summarise(&f);
    assert_int_equal(s.events, 1);
    assert_int_equal(s.statics, 0);
    assert_int_equal(s.unstorable, 1);
    assert_true(s.other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_round_trips),
        cmocka_unit_test(packed_values),
        cmocka_unit_test(states_are_no_flags),
        cmocka_unit_test(relative_times),
        cmocka_unit_test(relative_times_to_no_time),
        cmocka_unit_test(untrusted_clock_marks_absolute_times),
        cmocka_unit_test(what_came_before_a_defect_is_kept),
        cmocka_unit_test(time_0_is_no_time),
        cmocka_unit_test(other_objects_are_passed_over),
        cmocka_unit_test(requests_measure_nothing),
        cmocka_unit_test(summaries),
        cmocka_unit_test(deltas_are_no_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
