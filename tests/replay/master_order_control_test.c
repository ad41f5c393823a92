// SPDX-License-Identifier: Apache-2.0
/* Controls: dnp3-reference/controls.md 1, 4, 5, 6. */
#include "support/cm.h"

#include "support/orders.h"

#include <math.h>

static struct control_order control;
static struct control_point point;

static void order_relay(struct script *s, enum control_mode mode)
{
    point = close_relay();
    control_order_init(&control, mode, &point, 1);
    control.order.deadline_ms = s->at.now_ms + 20000;
    orders(s, &control.order);
}

/* controls.md 6: OPERATE at once after SELECT, with the next SEQ and the same objects. */
static void select_before_operate(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    assert_false(control.operating);
    gets(&s, "C3 81 00 00 " RELAY);
    tells(&s, "answer");
    sends(&s, "C4 04 " RELAY);
    assert_true(control.operating);
    gets(&s, "C4 81 00 00 " RELAY);
    tells(&s, "answer; order success");
    assert_int_equal(point.status, 0);
    assert_int_equal(control.order.requests, 2);
    sends_nothing(&s);
}

/* controls.md 6: OPERATE only where each status of SELECT is 0. */
static void select_refused(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    gets(&s, "C3 81 00 00 " RELAY_LOCAL);
    tells(&s, "answer; order refused_status");
    assert_int_equal(control.order.status, 7);
    assert_int_equal(point.status, 7);
    assert_false(control.operating);
    sends_nothing(&s);
}

static void operate_refused(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    gets(&s, "C3 81 00 00 " RELAY);
    sends(&s, "C4 04 " RELAY);
    gets(&s, "C4 81 00 00 " RELAY_LOCAL);
    tells(&s, "answer; order refused_status");
    assert_true(control.operating);
    sends_nothing(&s);
}

/* A point that is not there: status 4 and IIN2.2 (application.md 6); a function that is not: IIN2.0. */
static void refusals_by_iin(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_DIRECT);
    sends(&s, "C3 05 " RELAY);
    gets(&s, "C3 81 00 04 0C 01 28 01 00 05 00 41 01 E8 03 00 00 00 00 00 00 04");
    tells(&s, "answer; order refused_status");
    assert_int_equal(control.order.status, 4);
    assert_int_equal(control.order.iin, IIN_PARAMETER_ERROR);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C4 03 " RELAY);
    gets(&s, "C4 81 00 01");
    tells(&s, "answer; order refused_iin");
    assert_int_equal(point.status, CONTROL_STATUS_NONE);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C5 03 " RELAY);
    gets(&s, "C5 81 00 04 " RELAY); /* all is well, says the echo; but not the header */
    tells(&s, "answer; order refused_iin");
    sends_nothing(&s);
}

/* controls.md 6: octet by octet except the statuses; what is missing or too much is no echo. */
static void echo_differs(void **state)
{
    (void)state;
    static const char *const echoes[] = {
        "C3 81 00 00 0C 01 28 01 00 06 00 41 01 E8 03 00 00 00 00 00 00 00",       /* index */
        "C3 81 00 00 0C 01 28 01 00 05 00 81 01 E8 03 00 00 00 00 00 00 00",       /* code */
        "C3 81 00 00 0C 01 28 01 00 05 00 41 01 E9 03 00 00 00 00 00 00 00",       /* on-time */
        "C3 81 00 00 0C 01 17 01 05 41 01 E8 03 00 00 00 00 00 00 00",             /* qualifier */
        "C3 81 00 00 0C 01 28 01 00 05 00 41 01 E8 03 00 00 00 00 00 00",          /* cut off */
        "C3 81 00 00 0C 01 28 01 00 05 00 41 01 E8 03 00 00 00 00 00 00 00 3C 01", /* too much */
        "C3 81 00 00",
        ("83 81 00 00 " RELAY), /* goes on: FIN is not set */
    };
    for (size_t i = 0; i < sizeof echoes / sizeof *echoes; i++) {
        struct script s;
        orders_online(&s);
        order_relay(&s, CONTROL_SELECT_OPERATE);
        sends(&s, "C3 03 " RELAY);
        gets(&s, echoes[i]);
        if (i == 7)
            gets(&s, "44 81 00 00");
        sends_nothing(&s);
        assert_int_equal(control.order.outcome, ORDER_BAD_ANSWER);
        assert_false(control.operating);
    }
}

/* A command that may have acted has no second chance: it is not known what came of it. */
static void operate_without_answer(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    gets(&s, "C3 81 00 00 " RELAY);
    sends(&s, "C4 04 " RELAY);
    waits(&s, 5000);
    tells(&s, "order unknown");
    waits(&s, 60000);
    sends_nothing(&s);
    gets(&s, "C4 81 00 00 " RELAY);
    tells(&s, "refused no_request");
}

static void select_without_answer(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    waits(&s, 5000);
    tells(&s, "order timeout");
    sends_nothing(&s);
}

static void direct_operate(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_DIRECT);
    sends(&s, "C3 05 " RELAY);
    gets(&s, "C3 81 00 00 " RELAY);
    tells(&s, "answer; order success");
    order_relay(&s, CONTROL_DIRECT);
    sends(&s, "C4 05 " RELAY);
    reconnects(&s);
    tells(&s, "offline; order unknown");
    sends(&s, "C0 " DISABLE);
}

/* controls.md 5: no answer, so the next request waits out the turnaround alone. */
static void direct_operate_no_ack(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    point = close_relay();
    control_order_init(&control, CONTROL_DIRECT_NO_ACK, &point, 1);
    control.order.turnaround_ms = 300;
    orders(&s, &control.order);
    sends(&s, "C3 06 " RELAY);
    tells(&s, "");
    master_demand_integrity(&s.m, &s.at);
    waits(&s, 299);
    tells(&s, "");
    sends_nothing(&s);
    waits(&s, 1);
    tells(&s, "order sent");
    sends(&s, "C4 " INTEGRITY);
}

/* Nothing may come between SELECT and OPERATE but the confirms of unsolicited responses. */
static void nothing_in_between(void **state)
{
    (void)state;
    struct script s;
    struct control_point other_point = close_relay();
    struct control_order other;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    other_point.index = 6;
    control_order_init(&other, CONTROL_DIRECT, &other_point, 1);
    orders(&s, &other.order);
    master_demand_integrity(&s.m, &s.at);
    gets(&s, "F0 82 00 00");
    sends(&s, "D0 00");
    s.blocked = true;
    gets(&s, "C3 81 00 00 " RELAY);
    gets(&s, "F1 82 00 00");
    s.blocked = false;
    waits(&s, 1);
    sends(&s, "D1 00");
    sends(&s, "C4 04 " RELAY);
    gets(&s, "C4 81 00 00 " RELAY);
    tells(&s, "answer; order success");
    sends(&s, "C5 05 0C 01 28 01 00 06 00 41 01 E8 03 00 00 00 00 00 00 00");
    gets(&s, "C5 81 00 00 0C 01 28 01 00 06 00 41 01 E8 03 00 00 00 00 00 00 00");
    sends(&s, "C6 " INTEGRITY);
}

/* The promise stands above the command: OPERATE waits while the confirm of SELECT's answer is held, and is
 * not sent where that took too long. */
static void operate_waits_for_the_store(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    gets(&s, "E3 81 00 08 " RELAY);
    tells(&s, "overflow; fragment #1; iin 0800; answer");
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "C3 00");
    sends(&s, "C4 04 " RELAY);
    gets(&s, "C4 81 00 08 " RELAY);
    sends(&s, "C5 " INTEGRITY);
    gets(&s, "C5 81 00 00");
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C6 03 " RELAY);
    gets(&s, "E6 81 00 08 " RELAY);
    waits(&s, 5000);
    tells(&s, "order held");
    sends(&s, "C7 " INTEGRITY);
}

/* What was selected before a restart is selected no more. */
static void restart_in_between(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080");
    gets(&s, "C3 81 80 00 " RELAY);
    tells(&s, "answer; order restarted");
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C4 " CLEAR);
    assert_false(control.operating);
}

static void restart_before_operate_leaves(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    s.blocked = true;
    gets(&s, "C3 81 00 00 " RELAY);
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080; order restarted");
    s.blocked = false;
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C5 " CLEAR);
    assert_int_equal(control.order.requests, 1);
}

/* The connection ends between SELECT and OPERATE: nothing acted, and nothing will. */
static void connection_lost_in_between(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    s.blocked = true;
    gets(&s, "C3 81 00 00 " RELAY);
    s.blocked = false;
    reconnects(&s);
    tells(&s, "offline; order disconnected");
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
}

/* After its deadline no request leaves, be it the OPERATE of a SELECT that went well. */
static void deadline_in_between(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    s.blocked = true;
    gets(&s, "C3 81 00 00 " RELAY);
    waits(&s, 19999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "order expired");
    s.blocked = false;
    waits(&s, 1);
    sends_nothing(&s);
    assert_false(control.operating);
}

static void cancelled_in_between(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    order_relay(&s, CONTROL_SELECT_OPERATE);
    sends(&s, "C3 03 " RELAY);
    cancels(&s, &control.order);
    tells(&s, "");
    gets(&s, "C3 81 00 00 " RELAY);
    tells(&s, "answer; order cancelled");
    sends_nothing(&s);
    order_relay(&s, CONTROL_DIRECT);
    sends(&s, "C4 05 " RELAY);
    cancels(&s, &control.order); /* too late: the answer tells */
    gets(&s, "C4 81 00 00 " RELAY);
    tells(&s, "answer; order success");
}

/* Several points of one request; those of one kind share a header. Statuses are told for each. */
static void several_points(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    struct control_point points[] = {
        {.group = 12, .variation = 1, .index = 1, .crob = {.code = CROB_LATCH_ON, .count = 1}},
        {.group = 12, .variation = 1, .index = 2, .crob = {.code = CROB_LATCH_OFF, .count = 1}},
        {.group = 41, .variation = 2, .index = 3, .value = -2},
    };
    control_order_init(&control, CONTROL_DIRECT, points, 3);
    control.narrow = true;
    orders(&s, &control.order);
    sends(&s, "C3 05 0C 01 17 02 01 03 01 00 00 00 00 00 00 00 00 00 02 04 01 00 00 00 00 00 00 00 00 00 "
              "29 02 17 01 03 FE FF 00");
    gets(&s,
         "C3 81 00 00 0C 01 17 02 01 03 01 00 00 00 00 00 00 00 00 00 02 04 01 00 00 00 00 00 00 00 00 06 "
         "29 02 17 01 03 FE FF 0C");
    tells(&s, "answer; order refused_status");
    assert_int_equal(points[0].status, 0);
    assert_int_equal(points[1].status, 6);
    assert_int_equal(points[2].status, 12);
    assert_int_equal(control.order.status, 6);
}

/* Each variation of g41 in octets: objects.md 2. */
static void analog_outputs(void **state)
{
    (void)state;
    static const char *const requests[] = {
        "C3 05 29 01 28 01 00 00 01 FF FF FF FF 00", "C3 05 29 02 28 01 00 00 01 FF FF 00",
        "C3 05 29 03 28 01 00 00 01 00 00 80 BF 00", "C3 05 29 04 28 01 00 00 01 00 00 00 00 00 00 F0 BF 00"};
    for (uint8_t variation = 1; variation <= 4; variation++) {
        struct script s;
        orders_online(&s);
        struct control_point analog = {.group = 41, .variation = variation, .index = 256, .value = -1};
        control_order_init(&control, CONTROL_DIRECT, &analog, 1);
        orders(&s, &control.order);
        sends(&s, requests[variation - 1]);
    }
}

/* controls.md 1.1: the pattern control block once, then the mask. */
static void pattern_control(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    struct control_pattern pattern = {.start = 2, .stop = 11, .mask = (const uint8_t[]){0x05, 0x02}};
    struct control_point block = {.group = 12, .variation = 2, .crob = {.code = CROB_LATCH_ON, .count = 1}};
    control_order_init(&control, CONTROL_SELECT_OPERATE, &block, 1);
    control.pattern = &pattern;
    orders(&s, &control.order);
    sends(&s, "C3 03 0C 02 07 01 03 01 00 00 00 00 00 00 00 00 00 0C 03 00 02 0B 05 02");
    gets(&s, "C3 81 00 00 0C 02 07 01 03 01 00 00 00 00 00 00 00 00 00 0C 03 00 02 0B 05 02");
    sends(&s, "C4 04 0C 02 07 01 03 01 00 00 00 00 00 00 00 00 00 0C 03 00 02 0B 05 02");
    gets(&s, "C4 81 00 00 0C 02 07 01 03 01 00 00 00 00 00 00 00 00 04 0C 03 00 02 0B 05 02");
    tells(&s, "answer; order refused_status");
    assert_int_equal(block.status, 4);
}

/* What can't be said, or is reserved, is not sent; nor is a value other than the one meant. */
static void impossible_points(void **state)
{
    (void)state;
    struct control_point points[] = {
        {.group = 12, .variation = 1, .crob = {.code = 5}},
        {.group = 12, .variation = 1, .crob = {.code = CROB_CLOSE | CROB_TRIP | CROB_PULSE_ON}},
        {.group = 12, .variation = 3},
        {.group = 41, .variation = 0},
        {.group = 41, .variation = 5},
        {.group = 41, .variation = 2, .value = 32768},
        {.group = 41, .variation = 3, .value = 1e39},
        {.group = 41, .variation = 4, .value = INFINITY},
        {.group = 41, .variation = 4, .value = NAN},
        {.group = 20, .variation = 1},
    };
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        struct script s;
        orders_online(&s);
        control_order_init(&control, CONTROL_DIRECT, &points[i], 1);
        orders(&s, &control.order);
        sends_nothing(&s);
        waits(&s, 1);
        tells(&s, "order invalid");
        sends_nothing(&s);
        assert_int_equal(control.order.requests, 0);
    }
}

static void impossible_patterns(void **state)
{
    (void)state;
    static const uint8_t mask[] = {1};
    static const struct control_pattern one = {.start = 2, .stop = 2, .mask = mask},
                                        none = {.start = 2, .stop = 1, .mask = mask};
    static const struct {
        struct control_point points[2];
        size_t points_len;
        const struct control_pattern *pattern;
    } rows[] = {
        {{{.group = 12, .variation = 2}, {.group = 12, .variation = 2}}, 2, &one},
        {{{.group = 41, .variation = 2}}, 1, &one},
        {{{.group = 12, .variation = 1}}, 1, &one},
        {{{.group = 12, .variation = 2}}, 1, &none},
        {{{.group = 12, .variation = 2}}, 1, NULL},
        {{{.group = 12, .variation = 1}}, 0, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script s;
        struct control_point points[] = {rows[i].points[0], rows[i].points[1]};
        orders_online(&s);
        control_order_init(&control, CONTROL_DIRECT, points, rows[i].points_len);
        control.pattern = rows[i].pattern;
        orders(&s, &control.order);
        waits(&s, 1);
        tells(&s, "order invalid");
        sends_nothing(&s);
    }
}

/* Indexes and counts have the narrowest width that was asked for and holds them all. */
static void widths(void **state)
{
    (void)state;
    static const struct {
        uint32_t index;
        bool narrow;
        const char *header;
    } rows[] = {{5, true, "C3 05 29 02 17 01 05 "},
                {5, false, "C3 05 29 02 28 01 00 05 00 "},
                {256, true, "C3 05 29 02 28 01 00 00 01 "},
                {65536, true, "C3 05 29 02 39 01 00 00 00 00 00 01 00 "}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script s;
        char request[64];
        struct control_point output = {.group = 41, .variation = 2, .index = rows[i].index};
        orders_online(&s);
        control_order_init(&control, CONTROL_DIRECT, &output, 1);
        control.narrow = rows[i].narrow;
        orders(&s, &control.order);
        snprintf(request, sizeof request, "%s00 00 00", rows[i].header);
        sends(&s, request);
    }
    static struct control_point many[256];
    struct script s;
    for (uint32_t i = 0; i < 256; i++)
        many[i] = (struct control_point){.group = 41, .variation = 2, .index = i % 200};
    orders_online(&s);
    s.blocked = true;
    control_order_init(&control, CONTROL_DIRECT, many, 256);
    control.narrow = true;
    orders(&s, &control.order);
    uint8_t wire[LINK_FRAME_MAX];
    assert_int_equal(master_write(&s.m, wire, sizeof wire, &s.at), LINK_FRAME_MAX);
    assert_int_equal(control.order.request[4], 0x28); /* so many have a wide count */
    assert_int_equal(control.order.request_len, 2 + 5 + 256 * 5);
}

/* All operations and codes (controls.md 1), with each of their fields. */
static void operations(void **state)
{
    (void)state;
    static const uint8_t codes[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x20, 0x41, 0x81, 0x51};
    for (size_t i = 0; i < sizeof codes; i++) {
        struct script s;
        orders_online(&s);
        point = close_relay();
        point.crob = (struct crob){codes[i], 2, 0x01020304, 0x05060708, 0};
        control_order_init(&control, CONTROL_DIRECT, &point, 1);
        orders(&s, &control.order);
        char hex[120];
        snprintf(hex, sizeof hex, "C3 05 0C 01 28 01 00 05 00 %02X 02 04 03 02 01 08 07 06 05 00", codes[i]);
        sends(&s, hex);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(select_before_operate),
        cmocka_unit_test(select_refused),
        cmocka_unit_test(operate_refused),
        cmocka_unit_test(refusals_by_iin),
        cmocka_unit_test(echo_differs),
        cmocka_unit_test(operate_without_answer),
        cmocka_unit_test(select_without_answer),
        cmocka_unit_test(direct_operate),
        cmocka_unit_test(direct_operate_no_ack),
        cmocka_unit_test(nothing_in_between),
        cmocka_unit_test(operate_waits_for_the_store),
        cmocka_unit_test(restart_in_between),
        cmocka_unit_test(restart_before_operate_leaves),
        cmocka_unit_test(connection_lost_in_between),
        cmocka_unit_test(deadline_in_between),
        cmocka_unit_test(cancelled_in_between),
        cmocka_unit_test(several_points),
        cmocka_unit_test(analog_outputs),
        cmocka_unit_test(pattern_control),
        cmocka_unit_test(impossible_points),
        cmocka_unit_test(impossible_patterns),
        cmocka_unit_test(widths),
        cmocka_unit_test(operations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
