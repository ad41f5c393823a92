// SPDX-License-Identifier: Apache-2.0
/* Texts of decode.h that the vectors do not show: trees, defects, cut texts, odd numbers, reserved bits. */
#include "protocol/decode.h"

#include <float.h>
#include <math.h>

#include "protocol/text.h"
#include "support/cm.h"
#include "support/hex.h"

static char text[4096];

static const char *fragment_text(const char *hex, enum decode_style style)
{
    uint8_t octets[2048];
    size_t len = hex_parse(hex, octets, sizeof octets);
    size_t text_len = decode_fragment(octets, len, style, text, sizeof text);
    assert_int_equal(text_len, strlen(text));
    return text;
}

static void trees(void **state)
{
    (void)state;
    assert_string_equal(
        fragment_text("F1 82 90 00 02 02 17 01 03 81 03 7C 29 1F 94 01 1E 05 17 02 06 01 00 00 20 40"
                      "07 04 00 00 C0 7F",
                      DECODE_TREE),
        "UNSOLICITED_RESPONSE seq 1 FIR FIN CON UNS\n"
        "  IIN1.4 NEED_TIME, IIN1.7 DEVICE_RESTART\n"
        "  @4 g2v2 q17 n=1  Binary input event - with absolute time\n"
        "    [3] ON ONLINE 2025-01-01T00:00:00.003Z unsynchronised\n"
        "  @16 g30v5 q17 n=2  Analog input - single precision with flag\n"
        "    [6] 2.5 ONLINE\n"
        "    [7] NaN COMM_LOST");
    assert_string_equal(fragment_text("C3 01 C8 01 06 1E 01 17 02 03 07", DECODE_TREE),
                        "READ seq 3 FIR FIN\n"
                        "  @2 g200v1 q06  unknown object\n"
                        "  @5 g30v1 q17 n=2  Analog input - 32-bit with flag\n"
                        "    [3]\n"
                        "    [7]");
}

static void defects_are_named_with_their_offset(void **state)
{
    (void)state;
    assert_string_equal(fragment_text("", DECODE_LINE), "DEFECT fragment of 0 octets");
    assert_string_equal(fragment_text("C0 81 00", DECODE_LINE), "DEFECT fragment of 3 octets");
    assert_string_equal(
        fragment_text("C0 81 00 00 01 02 00 00 00 81 02 01", DECODE_LINE),
        "RESPONSE seq 0 FIR FIN | g1v2 q00 0..0: [0] ON ONLINE | DEFECT truncated header at octet 10, "
        "2 octets not read");
    assert_string_equal(
        fragment_text("C0 01 1E 00 7A 00", DECODE_LINE),
        "READ seq 0 FIR FIN | g30v0 q7A DEFECT reserved qualifier at octet 2, 4 octets not read");
    assert_string_equal(fragment_text("C0 81 00 00 02 03 17 01 03 01 10 00", DECODE_TREE),
                        "RESPONSE seq 0 FIR FIN\n"
                        "  @4 g2v3 q17 n=1  Binary input event - with relative time\n"
                        "    [3] OFF ONLINE (relative time without base)");
}

static void fields_stand_below_their_object(void **state)
{
    (void)state;
    assert_string_equal(
        fragment_text("C2 81 00 00 46 05 5B 01 0B 00 01 00 00 00 00 00 00 80 68 65 79", DECODE_TREE),
        "RESPONSE seq 2 FIR FIN\n"
        "  @4 g70v5 q5B n=1  File - transport\n"
        "    11 octets\n"
        "      @10 handle=1\n"
        "      @14 block=0 last\n"
        "      @18 data=\"hey\"");
    assert_string_equal(
        fragment_text("C2 81 00 00 32 04 17 01 07 00 7C 29 1F 94 01 02 00 00 00 05 65 01 00 00 00 34 12",
                      DECODE_TREE),
        "RESPONSE seq 2 FIR FIN\n"
        "  @4 g50v4 q17 n=1  Time and date - indexed, with schedule\n"
        "    [7]\n"
        "      @9 start=2025-01-01T00:00:00.000Z\n"
        "      @15 count=2\n"
        "      @19 units=DAYS\n"
        "  @20 g101v1 q00 0..0  Packed decimal - 4 digits\n"
        "    [0]\n"
        "      @25 value=1234");
    assert_string_equal(fragment_text("C0 81 00 00 00 F1 00 00 00 02 02 00 08", DECODE_TREE),
                        "RESPONSE seq 0 FIR FIN\n"
                        "  @4 g0v241 q00 0..0  Device attribute\n"
                        "    [0] max receive fragment size UINT(2) 2048");
}

static void rarities(void **state)
{
    (void)state;
    assert_string_equal(
        fragment_text("C0 81 00 00 51 01 00 00 00 D5 01 02", DECODE_LINE),
        "RESPONSE seq 0 FIR FIN | g81v1 q00 0..0: [0] fill_percent=85 overflow group=1 variation=2");
    assert_string_equal(
        fragment_text("C0 81 00 00 53 02 5B 01 0C 00 41 42 43 44 01 00 01 00 05 00 1E 01", DECODE_LINE),
        "RESPONSE seq 0 FIR FIN | g83v2 q5B n=1: vendor=\"ABCD\" object=1 count=1 quantity=5 group=30 "
        "variation=1");
    assert_string_equal(
        fragment_text("C0 81 00 00 79 01 00 00 00 C1 01 00 07 00 00 00", DECODE_LINE),
        "RESPONSE seq 0 FIR FIN | g121v1 q00 0..0: [0] flags=ONLINE|DISCONTINUITY|bit7 association=1 "
        "count=7");
    assert_string_equal(fragment_text("C0 12 5A 01 5B 01 03 00 61 62 63", DECODE_LINE),
                        "STOP_APPL seq 0 FIR FIN | g90v1 q5B n=1: name=\"abc\"");
    assert_string_equal(fragment_text("C0 12 5A 01 06", DECODE_LINE), "STOP_APPL seq 0 FIR FIN | g90v1 q06");
    assert_string_equal(fragment_text("C0 81 00 00 6E 03 00 01 01 61 22 63", DECODE_LINE),
                        "RESPONSE seq 0 FIR FIN | g110v3 q00 1..1: [1] 61 22 63");
    assert_string_equal(fragment_text("C0 81 00 00 FA 01 5B 01 02 00 AA BB", DECODE_LINE),
                        "RESPONSE seq 0 FIR FIN | g250v1 q5B n=1: AA BB");
}

/* A password crosses the wire in clear; into a log it does not go. */
static void passwords_are_not_shown(void **state)
{
    (void)state;
    const char *t = fragment_text(
        "C0 1D 46 02 5B 01 14 00 0C 00 02 00 0E 00 06 00 00 00 00 00 6F 70 73 65 63 72 65 74", DECODE_LINE);
    assert_non_null(strstr(t, "user=\"op\" password=6 octets"));
    assert_null(strstr(t, "secret"));
}

static void attributes_of_all_types(void **state)
{
    (void)state;
    static const struct {
        const char *hex;
        const char *text;
    } attributes[] = {
        {"C8 00 00 00 05 02 AA BB", "g0v200 q00 0..0: [0] configuration digest/signature OSTR(2) AA BB"},
        {"C8 00 01 01 05 02 AA BB", "g0v200 q00 1..1: [1] OSTR(2) AA BB"},
        {"CB 00 00 00 04 04 00 00 20 40", "g0v203 q00 0..0: [0] altitude FLT(4) 2.5"},
        {"C6 00 00 00 07 06 00 7C 29 1F 94 01",
         "g0v198 q00 0..0: [0] configuration build date TIME(6) 2025-01-01T00:00:00.000Z"},
        {"ED 00 00 00 03 01 FF", "g0v237 q00 0..0: [0] supports binary input events INT(1) -1"},
        {"FF 00 00 00 FE 04 F5 01 FA 02", "g0v255 q00 0..0: [0] LIST(4) 245=RW 250=R|02"},
        {"F1 00 00 00 02 03 00 08 00",
         "g0v241 q00 0..0: [0] max receive fragment size UINT(3) DEFECT a length that "
         "is not for this data type at octet 9: 00 08 00"},
        {"F1 00 00 00 09 01 07",
         "g0v241 q00 0..0: [0] max receive fragment size type 9(1) DEFECT a data type that is "
         "not for this attribute at octet 9: 07"},
    };
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++) {
        char hex[128] = "C0 81 00 00 00 ";
        strcat(hex, attributes[i].hex);
        assert_string_equal(fragment_text(hex, DECODE_LINE) + strlen("RESPONSE seq 0 FIR FIN | "),
                            attributes[i].text);
    }
}

static void defects_within_objects(void **state)
{
    (void)state;
    assert_string_equal(
        fragment_text("C0 81 00 00 46 06 5B 01 03 00 01 02 03 1E 02 00 00 00 01 05 00", DECODE_LINE),
        "RESPONSE seq 0 FIR FIN | g70v6 q5B n=1: DEFECT the object ends within a field at octet 10: 01 02 03 "
        "| g30v2 "
        "q00 0..0: [0] 5 ONLINE");
    assert_string_equal(
        fragment_text("C0 81 00 00 78 05 5B 01 0C 00 01 00 00 00 01 00 01 02 00 05 00 A1", DECODE_TREE),
        "RESPONSE seq 0 FIR FIN\n"
        "  @4 g120v5 q5B n=1  Authentication - session key status\n"
        "    12 octets\n"
        "      @10 key_seq=1\n"
        "      @14 user=1\n"
        "      @16 key_wrap=AES_128\n"
        "      @17 status=NOT_INIT\n"
        "      @18 mac_algorithm=NONE\n"
        "      @19 challenge_size=5\n"
        "      @21 DEFECT a length that the object does not have at octet 21: A1");
    assert_string_equal(
        fragment_text("C0 81 00 00 65 01 00 00 00 1A 00", DECODE_LINE),
        "RESPONSE seq 0 FIR FIN | g101v1 q00 0..0: [0] DEFECT a decimal digit above 9 at octet 9: 1A "
        "00");
}

static void reserved_codes_are_shown_as_numbers(void **state)
{
    (void)state;
    assert_string_equal(fragment_text("C0 22", DECODE_LINE), "function 34 seq 0 FIR FIN");
    assert_string_equal(fragment_text("0F 81 00 C0", DECODE_LINE),
                        "RESPONSE seq 15 IIN2.6 reserved, IIN2.7 reserved");
    assert_string_equal(
        fragment_text("C0 05 0C 01 17 01 01 FF 01 00 00 00 00 00 00 00 00 13", DECODE_LINE),
        "DIRECT_OPERATE seq 0 FIR FIN | g12v1 q17 n=1: [1] operation 15|TCC3|CLEAR|QUEUE count 1 "
        "on 0 ms off 0 ms status 19");
    struct link_frame f = {.control = 0xC7, .source = 1, .destination = 65519};
    decode_frame(&f, text, sizeof text);
    assert_string_equal(text, "master 1 to 65519: primary function 7");
    f.control = 0x3E;
    decode_frame(&f, text, sizeof text);
    assert_string_equal(text, "outstation 1 to 65519: secondary function 14 reserved DFC");
    f = (struct link_frame){.control = 0x44, .source = 10, .destination = 1, .user_len = 1, .user = {0x7F}};
    decode_frame(&f, text, sizeof text);
    assert_string_equal(text, "outstation 10 to 1: UNCONFIRMED_USER_DATA, segment FIR seq 63, 0 octets");
}

static void a_text_that_does_not_fit_is_cut(void **state)
{
    (void)state;
    static const uint8_t octets[] = {0xC0, 0x01, 0x3C, 0x01, 0x06};
    const char *whole = "READ seq 0 FIR FIN | g60v1 q06";
    char small[64];
    for (size_t room = 0; room < sizeof small; room++) {
        memset(small, 'x', sizeof small);
        assert_int_equal(decode_fragment(octets, sizeof octets, DECODE_LINE, small, room), strlen(whole));
        assert_int_equal(small[room], 'x');
        if (room > strlen(whole)) {
            assert_string_equal(small, whole);
        } else if (room > 4) {
            assert_int_equal(strlen(small), room - 1);
            assert_memory_equal(small, whole, room - 4);
            assert_string_equal(small + room - 4, "...");
        } else if (room > 0) {
            assert_int_equal(strlen(small), room - 1);
        }
    }
}

static void expect_number(double v, const char *expected)
{
    struct text t = text_over(text, sizeof text);
    text_double(&t, v);
    assert_int_equal(text_end(&t), strlen(expected));
    assert_string_equal(text, expected);
}

static void numbers(void **state)
{
    (void)state;
    expect_number(0, "0");
    expect_number(-0.0, "-0");
    expect_number(-2147483648.0, "-2147483648");
    expect_number(4294967295.0, "4294967295");
    expect_number(999999999999999.0, "999999999999999");
    expect_number(0.1, "0.1");
    expect_number(-0.001, "-0.001");
    expect_number(0.00001, "0.00001");
    expect_number(0.000001, "1e-06");
    expect_number(49.5, "49.5");
    expect_number(1.0 / 3, "0.333333333333333");
    expect_number(123456.789, "123456.789");
    expect_number(1e15, "1e+15");
    expect_number(1.5e300, "1.5e+300");
    expect_number(-1.25e-300, "-1.25e-300");
    expect_number(0.1F, "0.100000001490116");
    expect_number(99999999999999.99, "100000000000000");
    expect_number(NAN, "NaN");
    expect_number(INFINITY, "inf");
    expect_number(-INFINITY, "-inf");
    struct text t = text_over(text, sizeof text);
    text_double(&t, DBL_MAX);
    text_end(&t);
    assert_true(strtod(text, NULL) > 1.79769e308);
    t = text_over(text, sizeof text);
    text_double(&t, 5e-324);
    text_end(&t);
    assert_true(strtod(text, NULL) == 5e-324);
}

/* 15 digits are right: read back, the text differs from the value by less than one part in 10^14. */
static void numbers_read_back(void **state)
{
    (void)state;
    uint64_t x = 88172645463325252U;
    for (int i = 0; i < 20000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        double v;
        memcpy(&v, &x, sizeof v);
        if (!isfinite(v) || fabs(v) < 1e-290 || fabs(v) > 1e300)
            continue;
        struct text t = text_over(text, sizeof text);
        text_double(&t, v);
        text_end(&t);
        double back = strtod(text, NULL);
        assert_true(fabs(back - v) <= fabs(v) * 1e-14);
    }
}

static void times(void **state)
{
    (void)state;
    static const struct {
        uint64_t time_ms;
        const char *text;
    } known[] = {
        {0, "1970-01-01T00:00:00.000Z"},
        {86399999, "1970-01-01T23:59:59.999Z"},
        {UINT64_C(951782400000), "2000-02-29T00:00:00.000Z"},
        {UINT64_C(951868800000), "2000-03-01T00:00:00.000Z"},
        {UINT64_C(1735689600000), "2025-01-01T00:00:00.000Z"},
        {UINT64_C(4107542400000), "2100-03-01T00:00:00.000Z"},
        {UINT64_C(0xFFFFFFFFFFFF), "10889-08-02T05:31:50.655Z"},
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        assert_true(decode_time(known[i].time_ms, text, 32) < 32);
        assert_string_equal(text, known[i].text);
    }
}

static void flags_in_words(void **state)
{
    (void)state;
    decode_flags(POINT_ANALOG_INPUT, 0xFF, text, sizeof text);
    assert_string_equal(text,
                        "ONLINE|RESTART|COMM_LOST|REMOTE_FORCED|LOCAL_FORCED|OVER_RANGE|REFERENCE_ERR|bit7");
    decode_flags(POINT_COUNTER, 0x60, text, sizeof text);
    assert_string_equal(text, "ROLLOVER|DISCONTINUITY");
    decode_flags(POINT_BINARY_INPUT, 0x21, text, sizeof text);
    assert_string_equal(text, "ONLINE|CHATTER_FILTER");
    decode_flags(POINT_BINARY_INPUT, 0, text, sizeof text);
    assert_string_equal(text, "OFFLINE");
    decode_flags(POINT_BINARY_COMMAND, 4, text, sizeof text);
    assert_string_equal(text, "NOT_SUPPORTED");
    assert_null(decode_flag_name(POINT_BINARY_OUTPUT_STATUS, 5));
    assert_null(decode_flag_name(POINT_BINARY_INPUT, 8));
    assert_null(decode_flag_name(77, 5));
    decode_iin(IIN_NEED_TIME | IIN_CONFIG_CORRUPT, text, sizeof text);
    assert_string_equal(text, "IIN1.4 NEED_TIME, IIN2.5 CONFIG_CORRUPT");
    assert_int_equal(decode_iin(0, text, sizeof text), 0);
}

static void measurements(void **state)
{
    (void)state;
    struct measurement m = {.value = 2,
                            .index = 7,
                            .type = POINT_DOUBLE_BIT_INPUT,
                            .flags = FLAG_ONLINE,
                            .time_ms = 1,
                            .time_quality = TIME_UNSYNCHRONISED,
                            .event = true};
    decode_measurement(&m, text, sizeof text);
    assert_string_equal(text, "double_bit_input [7] ON ONLINE 1970-01-01T00:00:00.001Z unsynchronised");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trees),
        cmocka_unit_test(defects_are_named_with_their_offset),
        cmocka_unit_test(fields_stand_below_their_object),
        cmocka_unit_test(rarities),
        cmocka_unit_test(passwords_are_not_shown),
        cmocka_unit_test(attributes_of_all_types),
        cmocka_unit_test(defects_within_objects),
        cmocka_unit_test(reserved_codes_are_shown_as_numbers),
        cmocka_unit_test(a_text_that_does_not_fit_is_cut),
        cmocka_unit_test(numbers),
        cmocka_unit_test(numbers_read_back),
        cmocka_unit_test(times),
        cmocka_unit_test(flags_in_words),
        cmocka_unit_test(measurements),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
