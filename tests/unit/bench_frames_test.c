// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/frames.h"

#include "protocol/app.h"
#include "protocol/link.h"
#include "protocol/measure.h"
#include "protocol/transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* What a receiver makes of a frame: its fragment. */
static size_t fragment_of(const struct frame *frame, uint8_t *into, size_t room)
{
    uint8_t buffer[APP_FRAGMENT_MAX];
    struct transport_rx rx = {0};
    struct link_errors errors = {0};
    struct link_frame link;
    const uint8_t *fragment;
    size_t at = 0, used, len = 0;
    transport_lend(&rx, buffer, sizeof buffer);
    while (link_parse(frame->octets + at, frame->len - at, &used, &link, &errors) == LINK_FRAME) {
        at += used;
        assert_int_equal(link.destination, FRAMES_MASTER);
        assert_int_equal(link.source, FRAMES_OUTSTATION);
        if (transport_receive(&rx, link.user, link.user_len, &fragment, &len) == TRANSPORT_FRAGMENT) {
            assert_int_equal(at, frame->len);
            assert_true(len <= room);
            memcpy(into, fragment, len);
        }
    }
    assert_int_equal(errors.header_crc + errors.body_crc + errors.noise_octets, 0);
    return len;
}

/* Counts the objects of a fragment, which must be readable to its end. */
static unsigned objects_in(const uint8_t *octets, size_t len, struct app_fragment *f)
{
    struct object_header h;
    enum walk_result result;
    unsigned count = 0;
    assert_int_equal(app_parse(octets, len, f), APP_OK);
    struct object_walk walk = app_objects(f);
    while ((result = object_walk_next(&walk, &h)) == WALK_HEADER)
        count += h.count;
    assert_int_equal(result, WALK_END);
    return count;
}

static void check_round(unsigned values, enum frames_kind kind)
{
    struct frames_unsolicited set;
    uint8_t octets[APP_FRAGMENT_MAX];
    struct app_fragment f;
    frames_unsolicited_make(&set, values, kind);
    for (unsigned i = 0; i < FRAMES_ROUND; i++) {
        size_t len = fragment_of(&set.frame[i], octets, sizeof octets);
        assert_int_equal(objects_in(octets, len, &f), values);
        assert_int_equal(f.function, APP_UNSOLICITED_RESPONSE);
        assert_int_equal(f.control, APP_FIR | APP_FIN | APP_CON | APP_UNS | i % 16);
        for (unsigned k = 0; k < i; k++)
            assert_false(set.frame[k].len == set.frame[i].len &&
                         memcmp(set.frame[k].octets, set.frame[i].octets, set.frame[i].len) == 0);
    }
    assert_int_equal(set.flood.len, FRAMES_ROUND * set.frame[0].len);
    assert_memory_equal(set.flood.octets + set.frame[0].len, set.frame[1].octets, set.frame[1].len);
    frames_unsolicited_free(&set);
}

static void responses_are_read_as_meant(void **state)
{
    (void)state;
    check_round(1, FRAMES_FLOAT);
    check_round(50, FRAMES_FLOAT);
    check_round(1, FRAMES_MIXED);
    check_round(11, FRAMES_MIXED);
}

static void a_full_fragment_is_full(void **state)
{
    (void)state;
    struct frames_unsolicited set;
    uint8_t octets[APP_FRAGMENT_MAX];
    check_round(FRAMES_FULL, FRAMES_FLOAT);
    frames_unsolicited_make(&set, FRAMES_FULL, FRAMES_FLOAT);
    enum { ONE_MORE = 13 };
    assert_true(fragment_of(&set.frame[0], octets, sizeof octets) + ONE_MORE > APP_FRAGMENT_MAX);
    frames_unsolicited_free(&set);
}

static void answers_repeat_the_sequence_number(void **state)
{
    (void)state;
    struct frames_answers answers;
    uint8_t octets[APP_FRAGMENT_MAX];
    struct app_fragment f;
    frames_answers_make(&answers, FRAMES_POINTS_MAX);
    for (unsigned seq = 0; seq < FRAMES_SEQUENCES; seq++)
        for (unsigned restarted = 0; restarted < 2; restarted++) {
            size_t len = fragment_of(&answers.integrity[seq][restarted], octets, sizeof octets);
            assert_int_equal(objects_in(octets, len, &f), FRAMES_POINTS_MAX);
            assert_int_equal(f.control, APP_FIR | APP_FIN | seq);
            assert_int_equal(f.iin, restarted ? IIN_DEVICE_RESTART : 0);
            len = fragment_of(&answers.null[seq][restarted], octets, sizeof octets);
            assert_int_equal(len, APP_RESPONSE_HEADER_LEN);
        }
    frames_answers_free(&answers);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(responses_are_read_as_meant),
        cmocka_unit_test(a_full_fragment_is_full),
        cmocka_unit_test(answers_repeat_the_sequence_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
