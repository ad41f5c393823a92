// SPDX-License-Identifier: Apache-2.0
/* Rows of dnp3-reference/conformance.md 1 that the tests by subject leave out. */
#include "support/outstation_rig.h"

#define AO(index, value)    " 29 02 28 01 00 " index " 00 " value " 00 "
#define AO_17(index, value) " 29 02 17 01 " index " " value " 00 "
#define TIME_0              "00 7C 29 1F 94 01"

static void setup(struct rig *r)
{
    rig_setup(r);
    rig_start(r);
}

static void assert_out(const struct rig *r, uint8_t control, uint8_t group, uint8_t variation)
{
    assert_true(r->out_len > 6);
    assert_int_equal(r->out[0], control);
    assert_int_equal(r->out[3], 0);
    assert_int_equal(r->out[4], group);
    assert_int_equal(r->out[5], variation);
}

static void conformance_6_3_2_request_link_status(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    static const uint8_t requests[] = {0xC9, 0xE9};
    for (size_t i = 0; i < sizeof requests; i++) {
        rig_frame(&r, requests[i], NULL, 0);
        assert_true(rig_receive(&r));
        assert_int_equal(r.out_control, 0x0B);
    }
}

static void conformance_6_5_2_responses_are_unconfirmed_user_data(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 17", "C1 81 00 00 34 02 07 01 00 00");
    assert_int_equal(r.out_control, 0x44);
}

/* 6.6.2.2 function codes 5 and 10, 6.6.2.5 wrong DIR, PRM or FCV: no answer of the application. */
static void conformance_6_6_2_bad_link_functions_deliver_nothing(void **state)
{
    (void)state;
    static const uint8_t controls[] = {0xC5, 0xCA, 0xC3, 0xD4, 0xC2, 0xD0, 0xD9, 0x44, 0x84};
    const uint8_t request[] = {0xC0, 0xC1, 0x17};
    for (size_t i = 0; i < sizeof controls; i++) {
        struct rig r;
        setup(&r);
        rig_frame(&r, controls[i], request, sizeof request);
        for (int n = 0; n < 4 && rig_receive(&r); n++)
            assert_int_equal(r.out_len, 0);
        rig_exchange(&r, "C2 17", "C2 81 00 00 34 02 07 01 00 00");
    }
}

static void conformance_7_2_responses_beyond_249_octets_are_segmented(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    for (uint32_t i = 0; i < 40; i++)
        rig_change(&r, POINT_ANALOG_INPUT, 0, i, i);
    rig_send(&r, "C1 01 20 03 06");
    uint8_t wire[2048];
    size_t len = outstation_write(&r.o, wire, sizeof wire, &r.at), at = 0, used, segments = 0;
    struct link_frame frame;
    struct link_errors errors = {0};
    uint8_t first = 0;
    while (link_parse(wire + at, len - at, &used, &frame, &errors) == LINK_FRAME) {
        at += used;
        uint8_t header = frame.user[0];
        first = segments == 0 ? header & TRANSPORT_SEQ : first;
        assert_int_equal(header & TRANSPORT_SEQ, (first + segments) & TRANSPORT_SEQ);
        assert_int_equal(!!(header & TRANSPORT_FIR), segments == 0);
        assert_int_equal(!!(header & TRANSPORT_FIN), at == len);
        assert_true(at == len || frame.user_len == LINK_USER_MAX);
        segments++;
    }
    assert_int_equal(segments, 2);
}

static void conformance_8_1_and_8_3_output_status(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 05 0C 01 17 01 01 03 01 00 00 00 00 00 00 00 00 00",
                 "C1 81 04 00 0C 01 17 01 01 03 01 00 00 00 00 00 00 00 00 00");
    rig_exchange(&r, "C2 01 0A 00 06", "C2 81 04 00 0A 02 00 00 01 01 81");
    rig_exchange(&r, "C3 05 29 03 17 01 00 00 00 20 41 00", "C3 81 04 00 29 03 17 01 00 00 00 20 41 00");
    rig_exchange(&r, "C4 01 28 00 06", "C4 81 04 00 28 01 00 00 00 01 0A 00 00 00");
    rig_exchange(&r, "C5 01 28 03 06", "C5 81 04 00 28 03 00 00 00 01 00 00 20 41");
}

/* Status codes of FC 5 are those of FC 4: 8.2.2 as 8.2.1. FC 6: no frame at all, whatever the status. */
static void conformance_8_2_3_no_acknowledge_with_faults(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.max_controls = 1;
    rig_start(&r);
    rig_send(&r, "C1 06 0C 01 17 01 00 05 01 00 00 00 00 00 00 00 00 00"); /* reserved code */
    rig_expect_nothing(&r);
    rig_send(&r, "C2 06 0C 01 17 02 00 03 01 00 00 00 00 00 00 00 00 00 01 03 01 00 00 00 00 00 00 00 00 00");
    rig_expect_nothing(&r);
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 1); /* the first; the second is one too many */
    rig_send(&r, "C3 06 1E 01 17 01 00 00 00 00 00 00");
    rig_expect_nothing(&r);
    r.config.controls_enabled = false;
    rig_send(&r, "C4 06 0C 01 17 01 00 04 01 00 00 00 00 00 00 00 00 00");
    rig_expect_nothing(&r);
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 1);
}

static void conformance_8_2_4_1_as_many_objects_as_declared(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    uint8_t request[2 + 4 + 16 * 12] = {0xC1, 0x05, 12, 1, 0x17, 16};
    for (size_t i = 0; i < 16; i++)
        memcpy(request + 6 + 12 * i, (const uint8_t[]){(uint8_t)(i % 2), (uint8_t)(3 + i / 8), 1}, 3);
    rig_send_octets(&r, request, sizeof request);
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, sizeof request + 2);
    assert_int_equal(r.out[3], 0);
    assert_memory_equal(r.out + 4, request + 2, sizeof request - 2); /* all statuses 0 */
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 16);
}

/* 8.4: analog outputs, the steps of 8.2.1.2.1 to 2.15 with g41v2. */
struct step {
    const char *request, *response;
};

static const struct step select_0 = {"C1 03" AO("00", "0A 00"), "C1 81 00 00" AO("00", "0A 00")};
static const struct step operate_0 = {"C2 04" AO("00", "0A 00"), "C2 81 04 00" AO("00", "0A 00")};

static void take(struct rig *r, const struct step *step)
{
    rig_exchange(r, step->request, step->response);
}

static void conformance_8_4_1_2_1_and_2_select_and_operate(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    take(&r, &select_0);
    take(&r, &operate_0);
    rig_exchange(&r, "C3 03" AO_17("00", "14 00"), "C3 81 04 00" AO_17("00", "14 00"));
    rig_exchange(&r, "C4 04" AO_17("00", "14 00"), "C4 81 04 00" AO_17("00", "14 00"));
    assert_true(rig_find(&r, POINT_ANALOG_OUTPUT_STATUS, 0)->value == 20);
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 2);
    rig_exchange(&r, "C5 01 2A 00 06", "E5 81 00 00 2A 01 17 02 00 01 0A 00 00 00 00 01 14 00 00 00");
}

static void conformance_8_4_1_2_3_and_4_unknown_point_and_timeout(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_exchange(&r, "C1 03 29 02 28 01 00 09 00 0A 00 00", "C1 81 00 04 29 02 28 01 00 09 00 0A 00 04");
    take(&r, &select_0);
    rig_wait(&r, 10000);
    rig_exchange(&r, operate_0.request, "C2 81 00 00 29 02 28 01 00 00 00 0A 00 01");
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 0);
}

/* Another point, value, variation, qualifier, count of objects; then SEQ: 2.5 to 2.9 and 2.15. */
static void conformance_8_4_1_2_5_to_9_and_15_operate_must_equal_select(void **state)
{
    (void)state;
    static const struct step others[] = {
        {"C2 04 29 02 28 01 00 01 00 0A 00 00", "C2 81 00 00 29 02 28 01 00 01 00 0A 00 02"},
        {"C2 04 29 02 28 01 00 00 00 0B 00 00", "C2 81 00 00 29 02 28 01 00 00 00 0B 00 02"},
        {"C2 04 29 01 28 01 00 00 00 0A 00 00 00 00", "C2 81 00 00 29 01 28 01 00 00 00 0A 00 00 00 02"},
        {"C2 04 29 02 17 01 00 0A 00 00", "C2 81 00 00 29 02 17 01 00 0A 00 02"},
        {"C2 04 29 02 28 02 00 00 00 0A 00 00 00 00 0A 00 00",
         "C2 81 00 00 29 02 28 02 00 00 00 0A 00 02 00 00 0A 00 02"},
        {"C3 04 29 02 28 01 00 00 00 0A 00 00", "C3 81 00 00 29 02 28 01 00 00 00 0A 00 02"},
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct rig r;
        setup(&r);
        take(&r, &select_0);
        take(&r, &others[i]);
        rig_exchange(&r, operate_0.request, "C2 81 00 00 29 02 28 01 00 00 00 0A 00 02");
        assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 0);
    }
}

static void conformance_8_4_1_2_10_controls_disabled(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.controls_enabled = false;
    rig_start(&r);
    rig_exchange(&r, select_0.request, "C1 81 00 02");
    rig_exchange(&r, "C2 05" AO("00", "0A 00"), "C2 81 00 02");
}

static void conformance_8_4_1_2_11_to_14_retries(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    take(&r, &select_0);
    take(&r, &select_0);
    take(&r, &operate_0);
    take(&r, &operate_0); /* answered, not repeated */
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 1);
    rig_exchange(&r, "C3 04" AO("00", "0A 00"), "C3 81 04 00 29 02 28 01 00 00 00 0A 00 02");
    rig_exchange(&r, "C4 03" AO("00", "0A 00"), "C4 81 04 00" AO("00", "0A 00"));
    rig_exchange(&r, "C5 03" AO("00", "0A 00"), "C5 81 04 00" AO("00", "0A 00"));
    rig_exchange(&r, "C6 04" AO("00", "0A 00"), "C6 81 04 00" AO("00", "0A 00"));
    assert_int_equal(rig_news(&r, OUTSTATION_CONTROL), 2);
}

static void conformance_8_4_4_excess_objects_get_status_8(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.max_controls = 1;
    rig_start(&r);
    rig_exchange(&r, "C1 05 29 02 17 02 00 01 00 00 00 02 00 00",
                 "C1 81 04 00 29 02 17 02 00 01 00 00 00 02 00 08");
    assert_true(rig_find(&r, POINT_ANALOG_OUTPUT_STATUS, 0)->value == 1);
}

static void conformance_8_5_1_class_0_has_no_events_and_follows_flags(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    for (size_t i = 0; i < r.points_len; i++)
        r.points[i].in_class_0 = r.points[i].type == POINT_BINARY_INPUT && r.points[i].index < 3;
    rig_find(&r, POINT_BINARY_INPUT, 1)->flags = FLAG_COMM_LOST;
    for (uint32_t i = 0; i < 3; i++)
        rig_find(&r, POINT_BINARY_INPUT, i)->static_variation = 1;
    rig_exchange(&r, "C1 01 3C 01 06", "C1 81 02 00 01 02 00 00 02 81 04 01"); /* packed would hide flags */
    rig_find(&r, POINT_BINARY_INPUT, 1)->flags = FLAG_ONLINE;
    rig_exchange(&r, "C2 01 3C 01 06", "C2 81 02 00 01 01 00 00 02 01");
    assert_int_equal(rig_buffered(&r), 1);
}

/* 8.5.2 to 8.5.4: each class by 06, 07 and 08, unconfirmed, confirmed, empty. */
static void conformance_8_5_2_to_4_each_class(void **state)
{
    (void)state;
    static const enum point_type types[] = {POINT_BINARY_INPUT, POINT_ANALOG_INPUT, POINT_COUNTER};
    for (uint8_t class = 0; class < 3; class ++) {
        static const char *const forms[] = {"06", "07 01", "08 01 00"};
        struct rig r;
        setup(&r);
        uint64_t ids[2] = {rig_change(&r, types[class], 0, 1, 0), rig_change(&r, types[class], 1, 1, 1)};
        uint8_t iin = (uint8_t)(2 << class);
        for (uint8_t form = 0; form < 3; form++) {
            char request[32];
            snprintf(request, sizeof request, "C%u 01 3C %02X %s", form, class + 2, forms[form]);
            rig_send(&r, request);
            assert_true(rig_receive(&r));
            assert_int_equal(r.out[0], 0xE0 | form);
            assert_int_equal(r.out[2], form ? iin : 0);
            assert_int_equal(r.out[7], form ? 1 : 2);
            rig_wait(&r, 5000); /* not confirmed: they stay */
            assert_int_equal(rig_buffered(&r), 2);
        }
        char request[32];
        snprintf(request, sizeof request, "C5 01 3C %02X 06", class + 2);
        rig_send(&r, request);
        assert_true(rig_receive(&r));
        rig_send(&r, "C5 00");
        assert_int_equal(r.news[r.news_len - 2].event.id, ids[0]);
        assert_int_equal(r.news[r.news_len - 1].event.id, ids[1]);
        request[1] = '6';
        rig_exchange(&r, request, "C6 81 00 00");
    }
}

static void conformance_8_5_limits_are_per_class(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    for (uint32_t i = 0; i < 3; i++) {
        rig_change(&r, POINT_BINARY_INPUT, i, 1, i);
        rig_change(&r, POINT_DOUBLE_BIT_INPUT, 0, i, i);
        rig_change(&r, POINT_ANALOG_INPUT, 0, i, i);
        rig_change(&r, POINT_COUNTER, 0, i + 1, i);
    }
    rig_send(&r, "C1 01 3C 02 07 02 3C 03 08 01 00 3C 04 07 FF");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out[2], 0x06); /* classes 1 and 2 have more, class 3 has not */
    struct app_fragment f;
    assert_int_equal(app_parse(r.out, r.out_len, &f), APP_OK);
    struct object_walk walk = app_objects(&f);
    struct object_header h;
    uint32_t by_group[64] = {0};
    while (object_walk_next(&walk, &h) == WALK_HEADER)
        by_group[h.group] += h.count;
    assert_int_equal(by_group[2] + by_group[4], 2);
    assert_int_equal(by_group[32], 1);
    assert_int_equal(by_group[22], 3);
}

static void outstation_7_an_event_that_is_named_twice_is_sent_once(void **state)
{
    (void)state;
    static const char *const requests[] = {"C1 01 3C 02 06 02 00 06", "C1 01 02 00 06 3C 02 06",
                                           "C1 01 3C 02 07 01 02 02 07 05",
                                           "C1 01 3C 02 06 3C 02 06 3C 03 06 3C 04 06"};
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        struct rig r;
        setup(&r);
        rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
        rig_exchange(&r, requests[i], "E1 81 00 00 02 02 17 01 00 81 " TIME_0);
        rig_send(&r, "C1 00");
        assert_int_equal(rig_news(&r, OUTSTATION_CONFIRMED), 1);
    }
}

static void outstation_7_mixed_defaults_have_several_headers(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_find(&r, POINT_BINARY_INPUT, 1)->static_variation = 1;
    rig_find(&r, POINT_ANALOG_INPUT, 1)->static_variation = 2;
    rig_find(&r, POINT_BINARY_INPUT, 0)->event_variation = 1;
    rig_exchange(&r, "C1 01 01 00 00 00 02",
                 "C1 81 00 00 01 02 00 00 00 01 01 01 00 01 01 00 01 02 00 02 02 01");
    rig_exchange(&r, "C2 01 1E 00 17 02 00 01",
                 "C2 81 00 00 1E 01 00 00 00 01 00 00 00 00 1E 02 00 01 01 01 00 00");
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_change(&r, POINT_BINARY_INPUT, 1, 1, 0);
    rig_exchange(&r, "C3 01 3C 02 06", "E3 81 00 00 02 01 17 01 00 81 02 02 17 01 01 81 " TIME_0);
}

static bool is_delta(uint8_t group, uint8_t variation)
{
    bool with_event = variation == 3 || variation == 4 || variation == 7 || variation == 8;
    return group >= 20 && group <= 23 && (with_event || (group == 21 && variation > 10));
}

static bool rig_has(const struct rig *r, uint8_t type)
{
    bool has = false;
    for (size_t i = 0; i < r->points_len; i++)
        has = has || r->points[i].type == type;
    return has;
}

/* 8.13 to 8.19, 8.21, 8.22: whatever the table has for points that exist, in every variation, but the
 * obsolete delta counters, which are refused. */
static void conformance_8_13_to_19_every_variation_of_points(void **state)
{
    (void)state;
    size_t count, answered = 0, refused = 0;
    const struct object_type *types = object_types(&count);
    for (size_t i = 0; i < count; i++) {
        const struct object_type *t = &types[i];
        struct rig r;
        setup(&r);
        if (!rig_has(&r, t->point))
            continue;
        bool event = t->kind == OBJECT_EVENT;
        rig_find(&r, (enum point_type)t->point, 0)->class_mask = CLASS_1;
        if (event)
            rig_change(&r, (enum point_type)t->point, 0, 1, 0);
        const uint8_t request[] = {0xC1, 0x01, t->group, t->variation, 0x06};
        rig_send_octets(&r, request, sizeof request);
        assert_true(rig_receive(&r));
        if (is_delta(t->group, t->variation)) {
            assert_int_equal(r.out_len, 4);
            assert_int_equal(r.out[3], 0x02);
            refused++;
            continue;
        }
        size_t base = t->time == OBJECT_TIME_RELATIVE ? 10 : 0; /* g51 before it */
        assert_true(r.out_len > base + 6);
        assert_int_equal(r.out[0], event ? 0xE1 : 0xC1);
        assert_int_equal(r.out[3], 0);
        assert_int_equal(r.out[4 + base], t->group);
        assert_true(t->variation == 0 || r.out[5 + base] == t->variation);
        answered++;
    }
    assert_int_equal(refused, 4 + 6 + 4 + 4);
    assert_true(answered > 60);
}

/* 8.13 to 8.19: events of a group and variation by 06, 07, 08, with 17 and 28, CON set. */
static void conformance_8_13_to_19_events_by_group(void **state)
{
    (void)state;
    static const struct {
        enum point_type type;
        uint8_t group, variation;
    } rows[] = {{POINT_BINARY_INPUT, 2, 1},  {POINT_BINARY_INPUT, 2, 2}, {POINT_DOUBLE_BIT_INPUT, 4, 2},
                {POINT_COUNTER, 22, 1},      {POINT_COUNTER, 22, 2},     {POINT_FROZEN_COUNTER, 23, 1},
                {POINT_ANALOG_INPUT, 32, 1}, {POINT_ANALOG_INPUT, 32, 2}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static const uint8_t forms[][3] = {{0x06}, {0x07, 1}, {0x08, 1, 0}};
        struct rig r;
        setup(&r);
        rig_change(&r, rows[i].type, 0, 1, 0);
        for (uint8_t form = 0; form < 3; form++) {
            uint8_t request[] = {(uint8_t)(0xC0 | form), 0x01,           rows[i].group, rows[i].variation,
                                 forms[form][0],         forms[form][1], forms[form][2]};
            rig_send_octets(&r, request, sizeof request - 2u + form);
            assert_true(rig_receive(&r));
            assert_out(&r, 0xE0 | form, rows[i].group, rows[i].variation);
            assert_memory_equal(r.out + 6, ((const uint8_t[]){0x17, 1, 0}), 3);
        }
    }
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_BINARY_INPUT, 300, 1, 0);
    rig_exchange(&r, "C1 01 02 01 06", "E1 81 00 00 02 01 28 01 00 2C 01 81");
}

static void conformance_8_7_2_event_times_follow_the_clock_that_was_set(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.need_time = true;
    rig_connect(&r);
    rig_exchange(&r, "CF 02 50 01 00 07 07 00", "CF 81 10 00");
    rig_exchange(&r, "C1 02 32 01 07 01 00 00 00 00 10 00", "C1 81 00 00"); /* 2^36 ms */
    rig_wait(&r, 250);
    rig_exchange(&r, "C2 05 0C 01 17 01 00 03 01 00 00 00 00 00 00 00 00 00",
                 "C2 81 04 00 0C 01 17 01 00 03 01 00 00 00 00 00 00 00 00 00");
    rig_exchange(&r, "C3 01 0B 02 06", "E3 81 00 00 0B 02 17 01 00 81 FA 00 00 00 10 00");
}

static void conformance_8_11_2_1_start_up(void **state)
{
    (void)state;
    struct rig r;
    rig_setup(&r);
    r.config.unsolicited = true;
    r.config.master_address = r.from = 77;
    rig_connect(&r);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 0);
    rig_expect(&r, "F0 82 82 00"); /* a null first, the event notwithstanding */
    assert_int_equal(r.out_destination, 77);
    rig_send(&r, "D0 00");
    rig_expect_nothing(&r); /* nothing is enabled */
    assert_true(outstation_deadline_ms(&r.o) == NEVER_MS);
    assert_int_equal(rig_buffered(&r), 1);
}

/* 8.11.2.2 to 4: each class enabled and disabled alone. */
static void conformance_8_11_2_2_to_4_each_class_alone(void **state)
{
    (void)state;
    static const enum point_type types[] = {POINT_BINARY_INPUT, POINT_ANALOG_INPUT, POINT_COUNTER};
    for (uint8_t class = 0; class < 3; class ++) {
        struct rig r;
        rig_setup(&r);
        r.config.unsolicited = true;
        rig_connect(&r);
        rig_expect(&r, "F0 82 80 00");
        rig_send(&r, "D0 00");
        uint8_t request[] = {0xC0, 0x14, 0x3C, (uint8_t)(class + 2), 0x06};
        rig_send_octets(&r, request, sizeof request);
        rig_expect(&r, "C0 81 80 00");
        for (uint8_t other = 0; other < 3; other++)
            rig_change(&r, types[other], 0, 1, 0);
        assert_true(rig_receive(&r));
        assert_int_equal(r.out[0], 0xF1);
        assert_int_equal(r.out[2], 0x80 | (0x0E & ~(2 << class)));
        assert_int_equal(r.out[4], point_type_event_group((uint8_t)types[class]));
        rig_send(&r, "D1 00");
        rig_expect_nothing(&r);
        request[0] = 0xC1;
        request[1] = 0x15;
        rig_send_octets(&r, request, sizeof request);
        assert_true(rig_receive(&r));
        rig_change(&r, types[class], 0, 2, 1);
        rig_expect_nothing(&r);
        assert_int_equal(rig_buffered(&r), 3);
    }
}

static void conformance_8_20_many_objects_in_one_read(void **state)
{
    (void)state;
    struct rig r;
    setup(&r);
    rig_change(&r, POINT_ANALOG_INPUT, 0, 5, 0);
    rig_change(&r, POINT_BINARY_INPUT, 0, 1, 1);
    rig_exchange(&r, "C1 01 01 00 00 00 01 02 01 06 0A 00 06 14 05 00 00 00 16 00 06 1E 04 17 01 00 20 02 06",
                 "E1 81 00 00 20 02 17 01 00 01 05 00 02 01 17 01 00 81 01 02 00 00 01 81 01 "
                 "0A 02 00 00 01 01 01 14 05 00 00 00 00 00 00 00 1E 04 00 00 00 05 00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conformance_6_3_2_request_link_status),
        cmocka_unit_test(conformance_6_5_2_responses_are_unconfirmed_user_data),
        cmocka_unit_test(conformance_6_6_2_bad_link_functions_deliver_nothing),
        cmocka_unit_test(conformance_7_2_responses_beyond_249_octets_are_segmented),
        cmocka_unit_test(conformance_8_1_and_8_3_output_status),
        cmocka_unit_test(conformance_8_2_3_no_acknowledge_with_faults),
        cmocka_unit_test(conformance_8_2_4_1_as_many_objects_as_declared),
        cmocka_unit_test(conformance_8_4_1_2_1_and_2_select_and_operate),
        cmocka_unit_test(conformance_8_4_1_2_3_and_4_unknown_point_and_timeout),
        cmocka_unit_test(conformance_8_4_1_2_5_to_9_and_15_operate_must_equal_select),
        cmocka_unit_test(conformance_8_4_1_2_10_controls_disabled),
        cmocka_unit_test(conformance_8_4_1_2_11_to_14_retries),
        cmocka_unit_test(conformance_8_4_4_excess_objects_get_status_8),
        cmocka_unit_test(conformance_8_5_1_class_0_has_no_events_and_follows_flags),
        cmocka_unit_test(conformance_8_5_2_to_4_each_class),
        cmocka_unit_test(conformance_8_5_limits_are_per_class),
        cmocka_unit_test(outstation_7_an_event_that_is_named_twice_is_sent_once),
        cmocka_unit_test(outstation_7_mixed_defaults_have_several_headers),
        cmocka_unit_test(conformance_8_7_2_event_times_follow_the_clock_that_was_set),
        cmocka_unit_test(conformance_8_11_2_1_start_up),
        cmocka_unit_test(conformance_8_11_2_2_to_4_each_class_alone),
        cmocka_unit_test(conformance_8_13_to_19_every_variation_of_points),
        cmocka_unit_test(conformance_8_13_to_19_events_by_group),
        cmocka_unit_test(conformance_8_20_many_objects_in_one_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
