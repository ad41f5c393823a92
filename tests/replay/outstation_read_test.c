// SPDX-License-Identifier: Apache-2.0
/* READ and its response: dnp3-reference/outstation.md 7, objects.md 1, 3.1 and 5, application.md 5 and 6. */
#include "support/outstation_rig.h"

static void read_class_0_in_runs_of_default_variations(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_find(&r, POINT_ANALOG_INPUT, 1)->in_class_0 = false;
    rig_find(&r, POINT_ANALOG_INPUT, 0)->value = -2;
    rig_find(&r, POINT_BINARY_INPUT, 1)->value = 1;
    rig_start(&r);
    rig_exchange(&r, "C0 01 3C 01 06",
                 "C0 81 00 00 01 02 00 00 02 01 81 01 01 02 01 2C 01 2C 01 01 03 02 00 00 00 01"
                 "0A 02 00 00 01 01 01 14 01 00 00 01 01 00 00 00 00 01 00 00 00 00"
                 "15 01 00 00 01 01 00 00 00 00 01 00 00 00 00 1E 01 00 00 00 01 FE FF FF FF"
                 "28 01 00 00 00 01 00 00 00 00");
    rig_expect_nothing(&r);
}

static void read_range_reports_what_is_installed(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_start(&r);
    rig_exchange(&r, "C1 01 01 02 00 01 02", "C1 81 00 00 01 02 00 01 02 01 01");
    /* 301 is not installed: flagged, the rest is answered (application.md 6). */
    rig_exchange(&r, "C2 01 01 02 01 2C 01 2D 01", "C2 81 00 04 01 02 01 2C 01 2C 01 01");
    rig_exchange(&r, "C3 01 01 02 02 00 00 00 00 01 00 00 00", "C3 81 00 00 01 02 00 00 01 01 01");
    rig_exchange(&r, "C4 01 01 02 00 02 01", "C4 81 00 04"); /* start > stop */
}

static void read_index_list(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_start(&r);
    rig_exchange(&r, "C1 01 01 02 17 03 00 01 02", "C1 81 00 00 01 02 00 00 02 01 01 01");
    rig_exchange(&r, "C2 01 01 02 28 02 00 2C 01 00 00",
                 "C2 81 00 00 01 02 01 2C 01 2C 01 01 01 02 00 00 00 01");
    rig_exchange(&r, "C3 01 01 02 17 02 07 01", "C3 81 00 04 01 02 00 01 01 01");
}

static void read_packed_only_while_all_are_online(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_find(&r, POINT_BINARY_INPUT, 0)->value = 1;
    rig_find(&r, POINT_BINARY_INPUT, 2)->value = 1;
    rig_find(&r, POINT_DOUBLE_BIT_INPUT, 0)->value = 2;
    rig_start(&r);
    rig_exchange(&r, "C1 01 01 01 00 00 02", "C1 81 00 00 01 01 00 00 02 05");
    rig_exchange(&r, "C2 01 03 01 06", "C2 81 00 00 03 01 00 00 00 02");
    rig_find(&r, POINT_BINARY_INPUT, 1)->flags = FLAG_COMM_LOST;
    rig_exchange(&r, "C3 01 01 01 00 00 02", "C3 81 00 00 01 02 00 00 02 81 04 81");
}

static void read_explicit_variations(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_find(&r, POINT_ANALOG_INPUT, 0)->value = 100000;
    rig_find(&r, POINT_COUNTER, 0)->value = 65537;
    rig_start(&r);
    rig_exchange(&r, "C1 01 1E 02 00 00 00",
                 "C1 81 00 00 1E 02 00 00 00 21 FF 7F"); /* saturated, OVER_RANGE */
    rig_exchange(&r, "C2 01 1E 05 00 00 00", "C2 81 00 00 1E 05 00 00 00 01 00 50 C3 47");
    rig_exchange(&r, "C3 01 14 06 00 00 00", "C3 81 00 00 14 06 00 00 00 01 00"); /* modulo 2^16 */
    rig_exchange(&r, "C4 01 14 03 06", "C4 81 00 02"); /* delta counters: not offered */
    rig_exchange(&r, "C5 01 1E 00 06 63 01 06", "C5 81 00 02 1E 01 00 00 01 01 A0 86 01 00 01 00 00 00 00");
}

static void read_time_and_indications(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_connect(&r);
    rig_exchange(&r, "C1 01 32 01 07 01", "C1 81 80 00 32 01 07 01 00 7C 29 1F 94 01");
    rig_exchange(&r, "C2 01 50 01 00 00 0F", "C2 81 80 00 50 01 00 00 0F 80 00");
    rig_exchange(&r, "C3 01 50 01 00 07 07", "C3 81 80 00 50 01 00 07 07 01");
    rig_exchange(&r, "C4 01 50 01 00 00 10", "C4 81 80 04");
}

static void read_without_data_is_a_null_response(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_start(&r);
    rig_exchange(&r, "C1 01 3C 02 06 3C 03 06 3C 04 06", "C1 81 00 00");
    rig_exchange(&r, "C2 01 02 00 06 20 00 06 04 00 06", "C2 81 00 00");
}

static void read_errors_application_6(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_start(&r);
    rig_exchange(&r, "C1 01", "C1 81 00 04");                /* READ needs objects */
    rig_exchange(&r, "C2 01 01", "C2 81 00 04");             /* truncated header */
    rig_exchange(&r, "C3 01 6E 00 06", "C3 81 00 02");       /* octet strings: none here */
    rig_exchange(&r, "C4 01 02 00 00 00 01", "C4 81 00 04"); /* events have no range */
    rig_exchange(&r, "C5 01 3C 01 07 01", "C5 81 00 04");    /* class 0 has no count */
    rig_exchange(&r, "C6 01 01 02 47 01", "C6 81 00 04");    /* reserved qualifier */
    rig_exchange(&r, "C7 01 0C 01 17 01 00", "C7 81 00 02"); /* commands can't be read */
    rig_send(&r, "C8");
    rig_expect_nothing(&r);
    assert_int_equal(r.news[r.news_len - 1].kind, OUTSTATION_DEFECT);
}

/* application.md 3: the understood headers are answered, the others flagged. */
static void read_goes_on_behind_what_is_not_answered(void **state)
{
    (void)state;
    static const struct {
        const char *middle, *iin2;
    } rows[] = {
        {"C8 01 06", "02"},             /* no such group */
        {"C8 01 17 02 01 02", "02"},    /* ... with indexes */
        {"C8 01 00 05 02", "02"},       /* ... from 5 to 2 */
        {"01 09 28 01 00 01 00", "02"}, /* no such variation */
        {"1E 00 00 05 02", "04"},       /* from 5 to 2 */
        {"1E 00 01 05 00 02 00", "04"},
        {"1E 00 02 00 00 00 00 FF FF FF FF", "04"},
        {"1E 00 07 05", "04"}, /* the first five: for events only */
        {"1E 00 09 05 00 00 00", "04"},
        {"1E 00 17 00", "04"}, /* none */
        {"1E 00 03 00 01", "04"},
        {"02 00 17 02 01 02", "04"},
        {"3C 01 00 00 00", "04"},
        {"3C 02 28 01 00 07 00", "04"},
        {"3C 02 07 00", "04"},
        {"46 05 06", "04"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rig r;
        rig_setup(&r);
        rig_start(&r);
        rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
        r.points[0].event_variation = 1;
        char request[128], response[128];
        snprintf(request, sizeof request, "C1 01 01 02 00 01 01 %s 14 06 00 00 00 3C 02 06", rows[i].middle);
        snprintf(response, sizeof response,
                 "E1 81 00 %s 02 02 17 01 00 81 00 7C 29 1F 94 01 01 02 00 01 01 01 14 06 00 00 00 00 00",
                 rows[i].iin2);
        rig_exchange(&r, request, response);
    }
}

/* ... but not where nobody knows where that is. */
static void read_ends_at_what_has_no_end(void **state)
{
    (void)state;
    static const char *const middles[] = {"1E 00 86",          "1E 00 0A 01",    "1E 00 0B 01",
                                          "1E 00 5B 01 FF FF", "1E 00 17 7F 00", "78 03 07 00"};
    for (size_t i = 0; i < sizeof middles / sizeof middles[0]; i++) {
        struct rig r;
        rig_setup(&r);
        rig_start(&r);
        char request[128];
        snprintf(request, sizeof request, "C1 01 01 02 00 01 01 %s 14 06 00 00 00", middles[i]);
        rig_exchange(&r, request, i == 5 ? "C1 81 00 02 01 02 00 01 01 01" : "C1 81 00 04 01 02 00 01 01 01");
    }
}

static void read_keeps_long_requests_where_tx_has_room(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    rig_start(&r);
    uint8_t request[2 + 3 * 80] = {0xC1, 0x01};
    for (size_t i = 0; i < 80; i++)
        memcpy(request + 2 + 3 * i, (const uint8_t[]){1, 2, 0x06}, 3);
    rig_send_octets(&r, request, sizeof request);
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 4 + 80 * (5 + 3 + 7 + 1));
    assert_int_equal(r.out[3], 0);
    r.o.tx_room = r.config.tx_fragment_max;
    request[0] = 0xC2;
    rig_send_octets(&r, request, sizeof request);
    rig_expect(&r, "C2 81 00 04");
}

/* Static data over several fragments: FIR, FIN, SEQ, CON on all but the last; 8.9.1, 8.9.2. */
static void fill(struct rig *r, struct outstation_point *points, size_t n)
{
    rig_setup(r);
    r->config.tx_fragment_max = 249;
    for (size_t i = 0; i < n; i++)
        points[i] = (struct outstation_point){.index = (uint32_t)i,
                                              .type = POINT_ANALOG_INPUT,
                                              .flags = FLAG_ONLINE,
                                              .class_mask = CLASS_2,
                                              .value = (double)i,
                                              .in_class_0 = true};
    outstation_init(&r->o, &r->config, points, n, r->events, r->events_room, r->tx, sizeof r->tx);
    outstation_connected(&r->o, &r->at);
    rig_exchange(r, "CF 02 50 01 00 07 07 00", "CF 81 00 00");
}

static void conformance_8_9_1_fragments_of_static_data(void **state)
{
    (void)state;
    struct rig r;
    struct outstation_point points[100];
    fill(&r, points, 100);
    rig_send(&r, "CE 01 3C 01 06");
    assert_true(rig_receive(&r));
    assert_memory_equal(r.out, ((const uint8_t[]){0xAE, 0x81, 0, 0, 30, 1, 0, 0, 47}), 9);
    assert_int_equal(r.out_len, 249);
    rig_expect_nothing(&r);
    rig_send(&r, "CE 00");
    assert_true(rig_receive(&r));
    assert_memory_equal(r.out, ((const uint8_t[]){0x2F, 0x81, 0, 0, 30, 1, 0, 48, 95}), 9);
    rig_send(&r, "CF 00");
    rig_expect(&r, "40 81 00 00 1E 01 00 60 63 01 60 00 00 00 01 61 00 00 00 01 62 00 00 00 01 63 00 00 00");
    rig_expect_nothing(&r);
}

/* Whatever has no room opens the next fragment: runs of a list of indexes, time and indications. */
static void what_has_no_room_opens_the_next_fragment(void **state)
{
    (void)state;
    struct rig r;
    struct outstation_point points[100];
    uint8_t list[2 + 4 + 90] = {0xC1, 1, 30, 2, 0x17, 90};
    fill(&r, points, 100);
    for (uint8_t i = 0; i < 90; i++)
        list[6 + i] = i;
    rig_send_octets(&r, list, sizeof list);
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 4 + 5 + 80 * 3);
    rig_send(&r, "C1 00");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 4 + 5 + 10 * 3);
    assert_int_equal(r.out[7], 80);

    rig_send(&r, "C3 01 1E 02 00 00 4F 32 01 07 01");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 249);
    rig_exchange(&r, "C3 00", "44 81 00 00 32 01 07 01 00 7C 29 1F 94 01");
    rig_send(&r, "C5 01 1E 02 00 00 4F 50 01 00 04 07");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 249);
    rig_exchange(&r, "C5 00", "46 81 00 00 50 01 00 04 07 00");
}

static void conformance_8_9_2_next_fragment_only_after_its_confirm(void **state)
{
    (void)state;
    struct rig r;
    struct outstation_point points[100];
    fill(&r, points, 100);
    rig_send(&r, "C1 01 3C 01 06");
    assert_true(rig_receive(&r));
    rig_send(&r, "C2 00"); /* wrong SEQ */
    rig_expect_nothing(&r);
    rig_send(&r, "D1 00"); /* unsolicited */
    rig_expect_nothing(&r);
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 5000);
    rig_wait(&r, 5000);
    rig_expect_nothing(&r);
    rig_send(&r, "C1 00"); /* too late: the rest is dropped */
    rig_expect_nothing(&r);
}

static void read_static_fragments_without_confirm_where_configured(void **state)
{
    (void)state;
    struct rig r;
    struct outstation_point points[100];
    fill(&r, points, 100);
    r.config.confirm_multi_static = false;
    rig_send(&r, "C1 01 3C 01 06");
    static const uint8_t controls[] = {0x81, 0x02, 0x43};
    for (size_t i = 0; i < sizeof controls; i++) {
        assert_true(rig_receive(&r));
        assert_int_equal(r.out[0], controls[i]);
    }
    rig_expect_nothing(&r);
}

static void conformance_8_5_5_2_2_events_before_static_across_fragments(void **state)
{
    (void)state;
    struct rig r;
    struct outstation_point points[30];
    fill(&r, points, 30);
    for (uint32_t i = 0; i < 30; i++)
        assert_int_not_equal(rig_change(&r, POINT_ANALOG_INPUT, i, 5, i), 0);
    rig_send(&r, "C1 01 3C 01 06 3C 02 06 3C 03 06 3C 04 06");
    assert_true(rig_receive(&r)); /* 20 events of 12 octets */
    assert_memory_equal(r.out, ((const uint8_t[]){0xA1, 0x81, 0x04, 0x00, 32, 3, 0x17, 20}), 8);
    rig_send(&r, "C1 00");
    assert_true(rig_receive(&r)); /* 10 events, then the static data that still fits */
    assert_memory_equal(r.out, ((const uint8_t[]){0x22, 0x81, 0x00, 0x00, 32, 3, 0x17, 10}), 8);
    assert_memory_equal(r.out + 8 + 120, ((const uint8_t[]){30, 1, 0, 0, 22}), 5);
    assert_int_equal(rig_buffered(&r), 10);
    rig_send(&r, "C2 00");
    assert_true(rig_receive(&r));
    assert_memory_equal(r.out, ((const uint8_t[]){0x43, 0x81, 0x00, 0x00, 30, 1, 0, 23, 29}), 9);
    assert_int_equal(rig_buffered(&r), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_class_0_in_runs_of_default_variations),
        cmocka_unit_test(read_range_reports_what_is_installed),
        cmocka_unit_test(read_index_list),
        cmocka_unit_test(read_packed_only_while_all_are_online),
        cmocka_unit_test(read_explicit_variations),
        cmocka_unit_test(read_time_and_indications),
        cmocka_unit_test(read_without_data_is_a_null_response),
        cmocka_unit_test(read_errors_application_6),
        cmocka_unit_test(read_goes_on_behind_what_is_not_answered),
        cmocka_unit_test(read_ends_at_what_has_no_end),
        cmocka_unit_test(read_keeps_long_requests_where_tx_has_room),
        cmocka_unit_test(conformance_8_9_1_fragments_of_static_data),
        cmocka_unit_test(what_has_no_room_opens_the_next_fragment),
        cmocka_unit_test(conformance_8_9_2_next_fragment_only_after_its_confirm),
        cmocka_unit_test(read_static_fragments_without_confirm_where_configured),
        cmocka_unit_test(conformance_8_5_5_2_2_events_before_static_across_fragments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
