// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/faults.h"
#include "protocol/app.h"
#include "protocol/link.h"
#include "protocol/transport.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { CONTROL = LINK_PRM | LINK_UNCONFIRMED_USER_DATA, WIRE_ROOM = 4096 };

static size_t make_wire(uint8_t *wire, size_t fragment_len)
{
    uint8_t fragment[2048], seq = 0;
    for (size_t i = 0; i < fragment_len; i++)
        fragment[i] = (uint8_t)(i * 7);
    fragment[0] = APP_FIR | APP_FIN | 5;
    fragment[1] = APP_RESPONSE;
    size_t len = transport_write(&seq, CONTROL, 1, 10, fragment, fragment_len, wire, WIRE_ROOM);
    assert_true(len > 0);
    return len;
}

/* Frames that arrive; the first one in *first. */
static size_t receive(const uint8_t *wire, size_t len, struct link_frame *first, struct link_errors *errors)
{
    struct link_frame frame;
    size_t from = 0, used, frames = 0;
    while (link_parse(wire + from, len - from, &used, &frame, errors) == LINK_FRAME) {
        from += used;
        if (frames++ == 0)
            *first = frame;
    }
    return frames;
}

static const struct link_frame confirm = {.user_len = 3, .user = {0xC0, 0xC5, APP_CONFIRM}};
static const struct link_frame request = {.user_len = 6, .user = {0xC0, 0xC5, APP_READ, 60, 1, 6}};
static const struct link_frame link_status = {.control = LINK_DIR | LINK_PRM | LINK_REQUEST_LINK_STATUS};

static struct faults with(const struct scenario_faults *settings)
{
    struct faults f;
    faults_init(&f, settings, 11, 2);
    return f;
}

static void without_faults_nothing_is_touched(void **state)
{
    (void)state;
    static const struct scenario_faults none = {0};
    struct faults f = with(&none);
    uint8_t wire[WIRE_ROOM], before[WIRE_ROOM];
    for (int i = 0; i < 100; i++) {
        size_t len = make_wire(wire, 900);
        memcpy(before, wire, len);
        struct fault_plan plan = faults_for_fragment(&f, wire, len);
        assert_int_equal(plan.first, len);
        assert_false(plan.twice || plan.restart || plan.cut);
        assert_memory_equal(wire, before, len);
        assert_false(faults_ignore_frame(&f, &confirm) || faults_ignore_frame(&f, &request));
    }
    assert_true(faults_wait_ms(&f, 0) == NEVER_MS);
    for (int i = 0; i < FAULTS; i++)
        assert_int_equal(f.happened[i], 0);
}

static void a_wrong_crc_is_found_by_the_receiver(void **state)
{
    (void)state;
    static const struct scenario_faults settings = {.wrong_crc = 1};
    struct faults f = with(&settings);
    uint8_t wire[WIRE_ROOM];
    for (int i = 0; i < 500; i++) {
        struct link_frame frame;
        struct link_errors errors = {0};
        size_t len = make_wire(wire, 20);
        faults_for_fragment(&f, wire, len);
        assert_int_equal(receive(wire, len, &frame, &errors), 0);
    }
    assert_int_equal(f.happened[FAULT_WRONG_CRC], 500);
}

static void a_wrong_sequence_comes_in_a_sound_frame(void **state)
{
    (void)state;
    static const struct scenario_faults settings = {.wrong_sequence = 1};
    struct faults f = with(&settings);
    uint8_t wire[WIRE_ROOM];
    static const size_t lens[] = {4, 15, 16, 249, 700};
    for (int i = 0; i < 100; i++) {
        struct link_frame frame;
        struct link_errors errors = {0};
        size_t len = make_wire(wire, lens[i % 5]);
        faults_for_fragment(&f, wire, len);
        assert_true(receive(wire, len, &frame, &errors) >= 1);
        assert_int_equal(errors.body_crc + errors.header_crc + errors.noise_octets, 0);
        assert_int_equal(frame.user[1] & 0xF0, APP_FIR | APP_FIN);
        assert_int_not_equal(frame.user[1] & APP_SEQ, 5);
        assert_int_equal(frame.user[2], APP_RESPONSE);
    }
}

static void requests_and_confirms_are_missed_apart(void **state)
{
    (void)state;
    static const struct scenario_faults deaf = {.no_answer = 1};
    static const struct scenario_faults forgetful = {.lost_confirm = 1};
    struct faults f = with(&deaf);
    assert_true(faults_ignore_frame(&f, &request) && faults_ignore_frame(&f, &link_status));
    assert_false(faults_ignore_frame(&f, &confirm));
    assert_int_equal(f.happened[FAULT_NO_ANSWER], 2);
    f = with(&forgetful);
    assert_false(faults_ignore_frame(&f, &request) || faults_ignore_frame(&f, &link_status));
    assert_true(faults_ignore_frame(&f, &confirm));
    assert_int_equal(f.happened[FAULT_LOST_CONFIRM], 1);
}

static void only_solicited_responses_get_a_wrong_sequence(void **state)
{
    (void)state;
    static const struct scenario_faults settings = {.wrong_sequence = 1};
    struct faults f = with(&settings);
    uint8_t wire[LINK_FRAME_MAX], before[LINK_FRAME_MAX];
    size_t len = link_encode(LINK_STATUS, 1, 10, NULL, 0, wire, sizeof(wire));
    memcpy(before, wire, len);
    faults_for_fragment(&f, wire, len);
    assert_memory_equal(wire, before, len);
    uint8_t seq = 0,
            unsolicited[] = {APP_FIR | APP_FIN | APP_CON | APP_UNS | 3, APP_UNSOLICITED_RESPONSE, 0, 0};
    len = transport_write(&seq, CONTROL, 1, 10, unsolicited, sizeof(unsolicited), wire, sizeof(wire));
    memcpy(before, wire, len);
    faults_for_fragment(&f, wire, len);
    assert_memory_equal(wire, before, len);
    assert_int_equal(f.happened[FAULT_WRONG_SEQUENCE], 0);
}

static void a_restart_breaks_off_long_fragments_only(void **state)
{
    (void)state;
    static const struct scenario_faults settings = {.restart_mid_fragment = 1, .restart_cuts = 0.5};
    struct faults f = with(&settings);
    uint8_t wire[WIRE_ROOM];
    int cuts = 0;
    assert_false(faults_for_fragment(&f, wire, make_wire(wire, 100)).restart);
    for (int i = 0; i < 200; i++) {
        size_t len = make_wire(wire, 900);
        struct fault_plan plan = faults_for_fragment(&f, wire, len);
        assert_true(plan.restart);
        assert_true(plan.first >= LINK_FRAME_MAX && plan.first < len);
        cuts += plan.cut;
    }
    assert_in_range(cuts, 70, 130);
    assert_int_equal(f.happened[FAULT_RESTART_MID_FRAGMENT], 200);
}

static void duplicates_and_pieces_keep_the_octets(void **state)
{
    (void)state;
    static const struct scenario_faults twice = {.duplicate = 1, .partial_write = 1};
    static const struct scenario_faults pieces = {.partial_write = 1};
    uint8_t wire[WIRE_ROOM], before[WIRE_ROOM];
    size_t len = make_wire(wire, 300);
    memcpy(before, wire, len);
    struct faults f = with(&twice);
    struct fault_plan plan = faults_for_fragment(&f, wire, len);
    assert_true(plan.twice && plan.first == len);
    f = with(&pieces);
    plan = faults_for_fragment(&f, wire, len);
    assert_in_range(plan.first, 1, len - 1);
    assert_memory_equal(wire, before, len);
}

static void the_mean_of_waits_is_what_was_asked_for(void **state)
{
    (void)state;
    static const struct scenario_faults settings = {0};
    struct faults f = with(&settings);
    int64_t sum = 0;
    for (int i = 0; i < 20000; i++) {
        int64_t wait_ms = faults_wait_ms(&f, 1000);
        assert_true(wait_ms >= 1);
        sum += wait_ms;
    }
    assert_in_range(sum / 20000, 960, 1040);
    const struct scenario_span span = {10, 12};
    unsigned seen = 0;
    for (int i = 0; i < 200; i++) {
        int64_t ms = faults_span_ms(&f, &span);
        assert_in_range(ms, 10, 12);
        seen |= 1u << (ms - 10);
    }
    assert_int_equal(seen, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_faults_nothing_is_touched),
        cmocka_unit_test(a_wrong_crc_is_found_by_the_receiver),
        cmocka_unit_test(a_wrong_sequence_comes_in_a_sound_frame),
        cmocka_unit_test(requests_and_confirms_are_missed_apart),
        cmocka_unit_test(only_solicited_responses_get_a_wrong_sequence),
        cmocka_unit_test(a_restart_breaks_off_long_fragments_only),
        cmocka_unit_test(duplicates_and_pieces_keep_the_octets),
        cmocka_unit_test(the_mean_of_waits_is_what_was_asked_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
