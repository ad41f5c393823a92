// SPDX-License-Identifier: Apache-2.0
/* Frames and what is none; that the hunt agrees with link_parse() over damaged octets; hex that people write.
 */
#include <stdio.h>

#include "protocol/crc.h"
#include "support/cm.h"
#include "support/hex.h"
#include "support/vectors.h"
#include "tools/dnp3dump/hex.h"
#include "tools/dnp3dump/hunt.h"

#define RESET "05 64 05 C0 0A 00 01 00 B1 AC"
#define READ  "05 64 0B C4 FD FF 01 00 36 C7 C0 C4 08 14 00 06 25 6D"

static enum hunt_kind hunt(const char *hex, bool last, struct hunt_find *find)
{
    uint8_t octets[600];
    return hunt_next(octets, hex_parse(hex, octets, sizeof octets), last, find);
}

static void finds(const char *hex, bool last, enum hunt_kind kind, size_t len)
{
    struct hunt_find find;
    enum hunt_kind got = hunt(hex, last, &find);
    if (got != kind || find.len != len)
        fail_msg("%s: kind %d, not %d; %zu octets, not %zu", hex, got, kind, find.len, len);
}

static void each_kind(void **state)
{
    (void)state;
    finds("", false, HUNT_MORE, 0);
    finds(RESET, false, HUNT_FRAME, 10);
    finds(READ RESET, false, HUNT_FRAME, 18);
    finds("00 05 05 64 05 C0", false, HUNT_NOISE, 2);
    finds("AA BB 05", false, HUNT_NOISE, 2);
    finds("AA BB 05", true, HUNT_NOISE, 3);
    finds("05", false, HUNT_MORE, 0);
    finds("05 64 05 C0", false, HUNT_MORE, 0);
    finds("05 64 05 C0", true, HUNT_CUT, 4);
    finds("05 64 05 C0 0A 00 01 00 B1 AD 05 64", false, HUNT_HEADER_CRC, 10);
    finds("05 64 0B C4 FD FF 01 00 36 C7 C0", false, HUNT_MORE, 0);
    finds("05 64 0B C4 FD FF 01 00 36 C7 C0", true, HUNT_CUT, 11);
    finds("05 64 0B C4 FD FF 01 00 36 C7 C0 C4 08 14 00 07 25 6D" RESET, false, HUNT_BODY_CRC, 18);
}

static void a_length_below_5(void **state)
{
    (void)state;
    uint8_t octets[10] = {0x05, 0x64, 4, 0xC0, 1, 0, 2, 0};
    struct hunt_find find;
    uint16_t crc = crc_dnp(octets, 8);
    octets[8] = (uint8_t)crc;
    octets[9] = (uint8_t)(crc >> 8);
    assert_int_equal(hunt_next(octets, sizeof octets, false, &find), HUNT_LENGTH);
    assert_int_equal(find.len, 10);
}

/* A frame hidden in the body of a false start is found. */
static void the_hunt_goes_on_inside(void **state)
{
    (void)state;
    finds("05 64 0B C4 FD FF 01 00 36 C7" RESET, false, HUNT_BODY_CRC, 10);
    finds("05 05 64", false, HUNT_NOISE, 1);
}

static void which_block_is_bad(void **state)
{
    (void)state;
    uint8_t user[40] = {0xC0}, octets[LINK_FRAME_MAX];
    struct hunt_find find;
    size_t len = link_encode(0x44, 1, 2, user, sizeof user, octets, sizeof octets);
    octets[10 + 18 + 18 + 3] ^= 1;
    assert_int_equal(hunt_next(octets, len, false, &find), HUNT_BODY_CRC);
    assert_int_equal(find.block, 2);
    assert_int_equal(find.wanted, len);
}

static unsigned hunted(const uint8_t *octets, size_t len)
{
    struct hunt_find find;
    unsigned frames = 0;
    enum hunt_kind kind;
    for (size_t at = 0; (kind = hunt_next(octets + at, len - at, false, &find)) != HUNT_MORE;
         at += find.len) {
        assert_true(find.len > 0 && find.len <= len - at);
        frames += kind == HUNT_FRAME;
    }
    return frames;
}

static unsigned parsed(const uint8_t *octets, size_t len)
{
    struct link_errors errors = {0};
    struct link_frame frame;
    unsigned frames = 0;
    for (size_t at = 0, used; link_parse(octets + at, len - at, &used, &frame, &errors) == LINK_FRAME;
         at += used)
        frames++;
    return frames;
}

/* All vectors in a row, with octets falsified, lost and doubled. */
static void agrees_with_the_parser(void **state)
{
    (void)state;
    static uint8_t clean[65536], octets[sizeof clean];
    size_t len = 0;
    uint32_t seed = 7;
    unsigned most = 0;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++)
        if (strlen(vectors[i].hex) < sizeof clean - len)
            len += hex_parse_n(vectors[i].hex, strlen(vectors[i].hex), clean + len, sizeof clean - len);
    most = parsed(clean, len);
    assert_true(most > 50);
    assert_int_equal(hunted(clean, len), most);
    for (unsigned round = 0; round < 200; round++) {
        memcpy(octets, clean, len);
        for (unsigned fault = 0; fault < 20; fault++) {
            seed = seed * 1664525 + 1013904223;
            octets[(seed >> 8) % len] ^= (uint8_t)(1U << (seed & 7));
        }
        unsigned frames = parsed(octets, len);
        assert_true(frames < most);
        assert_int_equal(hunted(octets, len), frames);
    }
}

static void reads_hex(const char *line, const char *as)
{
    uint8_t got[64], wanted[64];
    size_t len = 0, column, wanted_len = hex_parse(as, wanted, sizeof wanted);
    if (!hex_line(line, got, sizeof got, &len, &column))
        fail_msg("'%s' is refused at %zu", line, column);
    assert_int_equal(len, wanted_len);
    assert_memory_equal(got, wanted, len);
}

static void hex_of_people(void **state)
{
    (void)state;
    reads_hex("05 64 05 C0\n", "056405C0");
    reads_hex("056405c0", "056405C0");
    reads_hex("0x05, 0x64,0x05", "056405");
    reads_hex("05:64-05|C0 # 99", "056405C0");
    reads_hex("# a remark", "");
    assert_true(hex_line_is_empty(" \t\r\n"));
    assert_false(hex_line_is_empty("# a remark\n"));
}

static void hex_that_is_none(void **state)
{
    (void)state;
    uint8_t octets[4];
    size_t len = 0, column = 0;
    assert_false(hex_line("05 6x", octets, sizeof octets, &len, &column));
    assert_int_equal(column, 4);
    len = 0;
    assert_false(hex_line("05 6", octets, sizeof octets, &len, &column));
    assert_int_equal(column, 4);
    len = 0;
    assert_false(hex_line("01 02 03 04 05", octets, sizeof octets, &len, &column));
    assert_int_equal(column, 13);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind),
        cmocka_unit_test(a_length_below_5),
        cmocka_unit_test(the_hunt_goes_on_inside),
        cmocka_unit_test(which_block_is_bad),
        cmocka_unit_test(agrees_with_the_parser),
        cmocka_unit_test(hex_of_people),
        cmocka_unit_test(hex_that_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
