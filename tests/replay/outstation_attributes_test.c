// SPDX-License-Identifier: Apache-2.0
/* Device attributes of an outstation, g0: dnp3-reference/attributes.md 1 to 3. */
#include "protocol/outstation_attributes.h"
#include "support/outstation_rig.h"

static struct rig r;
static uint8_t place[8], height[4];

static struct outstation_attribute table[] = {
    {(const uint8_t *)"\x00\x08", NULL, 0, 240, ATTRIBUTE_UINT, 2, 0},
    {place, place, 0, 245, ATTRIBUTE_VSTR, 4, 8},
    {(const uint8_t *)"ACME", NULL, 0, 252, ATTRIBUTE_VSTR, 4, 0},
    {height, height, 7, 1, ATTRIBUTE_UINT, 4, 4},
    {(const uint8_t *)"x", NULL, 7, 9, ATTRIBUTE_OSTR, 1, 0},
};
static struct outstation_attributes attributes = {table, 5};

static int begin(void **state)
{
    (void)state;
    memcpy(place, "here", 4);
    memset(height, 0, sizeof height);
    table[1].len = 4;
    rig_setup(&r);
    r.config.attributes = &attributes;
    rig_start(&r);
    return 0;
}

static void one_is_read(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 01 00 FC 00 00 00", "C1 81 00 00 00 FC 00 00 00 01 04 41 43 4D 45");
    rig_exchange(&r, "C2 01 00 01 17 01 07", "C2 81 00 00 00 01 00 07 07 02 04 00 00 00 00");
    rig_exchange(&r, "C3 01 00 F0 00 00 00 00 F5 00 00 00",
                 "C3 81 00 00 00 F0 00 00 00 02 02 00 08 00 F5 00 00 00 01 04 68 65 72 65");
    rig_exchange(&r, "C7 01 00 01 17 02 00 07", "C7 81 00 00 00 01 00 07 07 02 04 00 00 00 00");
    rig_exchange(&r, "C8 01 00 01 17 01 08", "C8 81 00 02");
    rig_exchange(&r, "C9 01 00 01 07 01", "C9 81 00 04");    /* a count of what? */
    rig_exchange(&r, "C4 01 00 F1 00 00 00", "C4 81 00 02"); /* no such attribute */
    rig_exchange(&r, "C5 01 00 FC 00 01 01", "C5 81 00 02"); /* no such set */
    rig_exchange(&r, "C6 01 00 F1 00 00 00 00 FC 00 00 00", "C6 81 00 02 00 FC 00 00 00 01 04 41 43 4D 45");
}

static void all_are_read_and_listed(void **state)
{
    (void)state;
    rig_exchange(
        &r, "C1 01 00 FE 00 00 00",
        "C1 81 00 00 00 F0 00 00 00 02 02 00 08 00 F5 00 00 00 01 04 68 65 72 65 00 FC 00 00 00 01 04 41"
        " 43 4D 45");
    rig_exchange(&r, "C2 01 00 FE 00 07 07",
                 "C2 81 00 00 00 01 00 07 07 02 04 00 00 00 00 00 09 00 07 07 05 01 78");
    rig_exchange(&r, "C3 01 00 FF 00 00 00", "C3 81 00 00 00 FF 00 00 00 FE 06 F0 00 F5 01 FC 00");
    rig_exchange(&r, "C4 01 00 FF 06",
                 "C4 81 00 00 00 FF 00 00 00 FE 06 F0 00 F5 01 FC 00 00 FF 00 07 07 FE 04 01 01 09 00");
}

static void many_fill_fragments(void **state)
{
    (void)state;
    static struct outstation_attribute many[119];
    static uint8_t text[60];
    memset(text, 'a', sizeof text);
    for (uint8_t i = 0; i < 119; i++)
        many[i] = (struct outstation_attribute){text, NULL, 3, (uint8_t)(i + 1), ATTRIBUTE_VSTR, 60, 0};
    struct outstation_attributes full = {many, 119};
    outstation_disconnected(&r.o, &r.at);
    r.config.attributes = &full;
    r.config.tx_fragment_max = 249;
    rig_connect(&r);
    rig_send(&r, "C0 01 00 FE 00 03 03");
    size_t found = 0;
    for (uint8_t seq = 0;; seq = (seq + 1) & APP_SEQ) {
        assert_true(rig_receive(&r));
        assert_true(r.out_len <= 249);
        found += (r.out_len - 4) / 67;
        for (size_t at = 4; at < r.out_len; at += 67)
            assert_int_equal(r.out[at + 1], found - (r.out_len - at) / 67 + 1);
        if (r.out[0] & APP_FIN)
            break;
        char confirm[16];
        snprintf(confirm, sizeof confirm, "C%X 00", seq);
        rig_send(&r, confirm);
    }
    assert_int_equal(found, 119);
    rig_exchange(&r, "C1 01 3C 02 06", "C1 81 80 00");
    rig_send(&r, "C2 01 00 FF 00 03 03");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 4 + 5 + 2 + 2 * 119);
}

static void writable_ones_are_written(void **state)
{
    (void)state;
    rig_exchange(&r, "C1 02 00 F5 00 00 00 01 05 74 68 65 72 65", "C1 81 00 00");
    rig_exchange(&r, "C2 01 00 F5 00 00 00", "C2 81 00 00 00 F5 00 00 00 01 05 74 68 65 72 65");
    rig_exchange(&r, "C3 02 00 01 00 07 07 02 04 01 02 03 04", "C3 81 00 00");
    assert_memory_equal(height, "\1\2\3\4", 4);
    rig_exchange(&r, "C4 02 00 F5 00 00 00 01 00", "C4 81 00 00"); /* an empty text */
    rig_exchange(&r, "C5 02 00 FC 00 00 00 01 01 41", "C5 81 00 04");
    rig_exchange(&r, "C6 02 00 F5 00 00 00 05 01 41", "C6 81 00 04"); /* another type */
    rig_exchange(&r, "C7 02 00 F5 00 00 00 01 09 31 32 33 34 35 36 37 38 39", "C7 81 00 04"); /* too long */
    rig_exchange(&r, "C8 02 00 01 00 07 07 02 01 09", "C8 81 00 04"); /* another width */
    rig_exchange(&r, "C9 02 00 F6 00 00 00 01 01 41", "C9 81 00 02");
    rig_exchange(&r, "CA 02 00 F5 00 00 00 01 04 41", "CA 81 00 04"); /* cut off */
    rig_exchange(&r, "CB 02 00 F5 06", "CB 81 00 04");
    assert_int_equal(table[1].len, 0);
}

static void without_a_table_there_are_none(void **state)
{
    (void)state;
    r.config.attributes = NULL;
    rig_exchange(&r, "C1 01 00 FE 00 00 00", "C1 81 00 02");
    rig_exchange(&r, "C2 01 00 FF 00 00 00", "C2 81 00 02");
    rig_exchange(&r, "C3 02 00 F5 00 00 00 01 01 41", "C3 81 00 02");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(one_is_read, begin),
        cmocka_unit_test_setup(all_are_read_and_listed, begin),
        cmocka_unit_test_setup(many_fill_fragments, begin),
        cmocka_unit_test_setup(writable_ones_are_written, begin),
        cmocka_unit_test_setup(without_a_table_there_are_none, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
