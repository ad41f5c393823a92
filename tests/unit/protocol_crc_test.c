// SPDX-License-Identifier: Apache-2.0
/* The values of dnp3-reference/link.md 2, and the definition itself, bit by bit. */
#include "protocol/crc.h"

#include "support/cm.h"
#include "support/hex.h"

static uint16_t bitwise(const uint8_t *octets, size_t len)
{
    uint16_t c = 0;
    for (size_t i = 0; i < len; i++) {
        c ^= octets[i];
        for (int bit = 0; bit < 8; bit++)
            c = (uint16_t)(c & 1 ? c >> 1 ^ 0xA6BC : c >> 1);
    }
    return c ^ 0xFFFF;
}

static void known_values(void **state)
{
    (void)state;
    uint8_t zeros[64] = {0};
    uint8_t ones[16];
    uint8_t header[8];
    memset(ones, 0xFF, sizeof ones);
    assert_int_equal(crc_dnp((const uint8_t *)"123456789", 9), 0xEA82);
    assert_int_equal(crc_dnp(zeros, 0), 0xFFFF);
    assert_int_equal(crc_dnp(zeros, sizeof zeros), 0xFFFF);
    assert_int_equal(crc_dnp(ones, sizeof ones), 0x0053);
    hex_parse("05 64 05 C0 0A 00 01 00", header, sizeof header);
    assert_int_equal(crc_dnp(header, sizeof header), 0xACB1);
    hex_parse("05 64 08 C4 0A 00 01 00", header, sizeof header);
    assert_int_equal(crc_dnp(header, sizeof header), 0x42FC);
}

static void table_is_the_polynomial(void **state)
{
    (void)state;
    for (unsigned i = 0; i <= 0xFF; i++) {
        uint8_t octet = (uint8_t)i;
        assert_int_equal(crc_dnp(&octet, 1), bitwise(&octet, 1));
    }
    uint8_t octets[282];
    for (size_t i = 0; i < sizeof octets; i++)
        octets[i] = (uint8_t)(i * 167 + 13);
    for (size_t len = 0; len <= sizeof octets; len++)
        assert_int_equal(crc_dnp(octets, len), bitwise(octets, len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(table_is_the_polynomial),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
