// SPDX-License-Identifier: Apache-2.0
/* What a lost or doubled frame must not cost: found by the lossy pipe (tests/simulation/pipe_test.c). */
#include "support/outstation_rig.h"

/* The confirm may belong to either answer: what only the second one held would be lost with the first
 * (application.md 5.4). */
static void a_repeated_read_gets_the_same_events(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_start(&r);
    uint64_t first = rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_send(&r, "C1 01 3C 02 06");
    assert_true(rig_receive(&r));
    size_t len = r.out_len;
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
    rig_send(&r, "C1 01 3C 02 06");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, len);
    assert_int_equal(r.out[2], 0x02); /* there is more */
    rig_send(&r, "C1 00");
    assert_int_equal(rig_news(&r, OUTSTATION_CONFIRMED), 1);
    assert_int_equal(r.news[r.news_len - 1].event.id, first);
    assert_int_equal(rig_buffered(&r), 1);
    rig_send(&r, "C1 01 3C 02 06"); /* after the confirm it is a new one */
    assert_true(rig_receive(&r));
    assert_int_equal(r.out[2], 0x00);
    assert_int_equal(r.out[7], 1);
    assert_int_equal(r.out[8], 1);
}

static void a_new_read_gets_all_events(void **state)
{
    (void)state;
    static const char *const requests[] = {"C2 01 3C 02 06", "C1 01 3C 02 06 3C 03 06", "C1 01 02 00 06"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct rig r;
        rig_setup(&r);
        rig_start(&r);
        rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
        rig_send(&r, "C1 01 3C 02 06");
        assert_true(rig_receive(&r));
        rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
        rig_send(&r, requests[i]);
        assert_true(rig_receive(&r));
        assert_int_equal(r.out[2], 0x00);
        assert_int_equal(r.out[7], 2);
    }
}

/* An overflow behind the fragment that is confirmed was told to nobody yet (outstation.md 2). */
static void an_overflow_lasts_until_it_is_told(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.events_room = 3;
    rig_start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_send(&r, "C1 01 3C 02 06");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out[3], 0x00);
    for (uint64_t i = 1; i < 4; i++)
        rig_change(&r, POINT_BINARY_INPUT, 0, i & 1 ? 0 : 1, i);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 1);
    rig_send(&r, "C1 00");
    rig_send(&r, "C2 01 3C 02 06");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out[3], 0x08);
    rig_send(&r, "C2 00");
    rig_exchange(&r, "C3 01 3C 02 06", "C3 81 00 00");
}

/* Nothing is buffered that could tell of it: the answer to the next read asks to be confirmed all the same.
 */
static void an_overflow_ends_where_no_event_is_left(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.events_room = 1;
    rig_start(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_send(&r, "C1 01 3C 02 06");
    assert_true(rig_receive(&r));
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 1);
    assert_int_equal(rig_news(&r, OUTSTATION_LOST), 1);
    rig_send(&r, "C1 00");
    assert_int_equal(rig_buffered(&r), 0);
    rig_exchange(&r, "C2 01 3C 02 06", "E2 81 00 08");
    rig_exchange(&r, "C3 01 3C 02 06", "E3 81 00 08"); /* nobody has confirmed that */
    rig_send(&r, "C3 00");
    rig_exchange(&r, "C4 01 3C 02 06", "C4 81 00 00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeated_read_gets_the_same_events),
        cmocka_unit_test(a_new_read_gets_all_events),
        cmocka_unit_test(an_overflow_lasts_until_it_is_told),
        cmocka_unit_test(an_overflow_ends_where_no_event_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
