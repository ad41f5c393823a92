// SPDX-License-Identifier: Apache-2.0
/* dnp3-reference/transport.md: the receiver's table row by row, then both directions together. */
#include "protocol/transport.h"

#include "protocol/link.h"
#include "support/cm.h"

static uint8_t buffer[2048];
static const uint8_t *fragment;
static size_t fragment_len;

static struct transport_rx receiver(size_t room)
{
    struct transport_rx rx = {0};
    transport_lend(&rx, buffer, room);
    return rx;
}

static enum transport_result feed(struct transport_rx *rx, uint8_t header, const char *payload)
{
    static uint8_t segment[LINK_USER_MAX];
    segment[0] = header;
    memcpy(segment + 1, payload, strlen(payload));
    return transport_receive(rx, segment, strlen(payload) + 1, &fragment, &fragment_len);
}

static void expect_fragment(const char *text)
{
    assert_int_equal(fragment_len, strlen(text));
    assert_memory_equal(fragment, text, fragment_len);
}

static void one_segment_needs_no_buffer(void **state)
{
    (void)state;
    struct transport_rx rx = {0};
    const uint8_t segment[] = {0xC0 | 17, 'a', 'b'};
    assert_int_equal(transport_receive(&rx, segment, 3, &fragment, &fragment_len), TRANSPORT_FRAGMENT);
    assert_ptr_equal(fragment, segment + 1);
    expect_fragment("ab");
    assert_int_equal(feed(&rx, TRANSPORT_FIR, "a"), TRANSPORT_TOO_LONG);
    assert_null(transport_take_back(&rx));
}

static void series(void **state)
{
    (void)state;
    struct transport_rx rx = receiver(64);
    assert_int_equal(feed(&rx, TRANSPORT_FIR | 62, "ab"), TRANSPORT_MORE);
    assert_null(transport_take_back(&rx));
    assert_int_equal(feed(&rx, 63, "cd"), TRANSPORT_MORE);
    assert_int_equal(feed(&rx, 0, "e"), TRANSPORT_MORE);
    assert_int_equal(feed(&rx, TRANSPORT_FIN | 1, "f"), TRANSPORT_FRAGMENT);
    expect_fragment("abcdef");
    assert_ptr_equal(transport_take_back(&rx), buffer);
    assert_null(transport_take_back(&rx));
}

static void nothing_begins_without_fir(void **state)
{
    (void)state;
    struct transport_rx rx = receiver(64);
    assert_int_equal(feed(&rx, 0, "a"), TRANSPORT_UNEXPECTED);
    assert_int_equal(feed(&rx, TRANSPORT_FIN, "a"), TRANSPORT_UNEXPECTED);
}

static void fir_begins_anew(void **state)
{
    (void)state;
    struct transport_rx rx = receiver(64);
    feed(&rx, TRANSPORT_FIR | 5, "old");
    assert_int_equal(feed(&rx, TRANSPORT_FIR | 9, "new"), TRANSPORT_MORE);
    assert_int_equal(feed(&rx, TRANSPORT_FIN | 10, "er"), TRANSPORT_FRAGMENT);
    expect_fragment("newer");
    feed(&rx, TRANSPORT_FIR | 5, "old");
    assert_int_equal(feed(&rx, 0xC0 | 30, "whole"), TRANSPORT_FRAGMENT);
    expect_fragment("whole");
    assert_int_equal(feed(&rx, TRANSPORT_FIN | 6, "rest"), TRANSPORT_UNEXPECTED);
}

static void duplicate_is_dropped_alone(void **state)
{
    (void)state;
    struct transport_rx rx = receiver(64);
    feed(&rx, TRANSPORT_FIR | 5, "ab");
    feed(&rx, 6, "cd");
    assert_int_equal(feed(&rx, 6, "cd"), TRANSPORT_DUPLICATE);
    assert_int_equal(feed(&rx, TRANSPORT_FIN | 7, "ef"), TRANSPORT_FRAGMENT);
    expect_fragment("abcdef");
}

static void gap_drops_the_series(void **state)
{
    (void)state;
    static const struct {
        uint8_t header;
        const char *payload;
    } wrong[] = {{8, "ef"}, {5, "cd"}, {6, "ce"}, {6, "d"}, {6, "cdd"}, {TRANSPORT_FIN | 9, "gh"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct transport_rx rx = receiver(64);
        feed(&rx, TRANSPORT_FIR | 4, "xy");
        feed(&rx, 5, "cd");
        feed(&rx, 6, "cd");
        assert_int_equal(feed(&rx, wrong[i].header, wrong[i].payload), TRANSPORT_UNEXPECTED);
        assert_int_equal(feed(&rx, TRANSPORT_FIN | 7, "ef"), TRANSPORT_UNEXPECTED);
        assert_ptr_equal(transport_take_back(&rx), buffer);
    }
}

static void too_long(void **state)
{
    (void)state;
    struct transport_rx rx = receiver(5);
    assert_int_equal(feed(&rx, TRANSPORT_FIR, "abcdef"), TRANSPORT_TOO_LONG);
    assert_int_equal(feed(&rx, TRANSPORT_FIR, "abc"), TRANSPORT_MORE);
    assert_int_equal(feed(&rx, 1, "de"), TRANSPORT_MORE);
    assert_int_equal(feed(&rx, TRANSPORT_FIN | 2, "f"), TRANSPORT_TOO_LONG);
    assert_int_equal(feed(&rx, TRANSPORT_FIN | 2, "f"), TRANSPORT_UNEXPECTED);
}

static void empty_segments_change_nothing(void **state)
{
    (void)state;
    struct transport_rx rx = receiver(64);
    feed(&rx, TRANSPORT_FIR | 5, "ab");
    assert_int_equal(feed(&rx, TRANSPORT_FIR | 9, ""), TRANSPORT_EMPTY);
    assert_int_equal(transport_receive(&rx, buffer, 0, &fragment, &fragment_len), TRANSPORT_EMPTY);
    assert_int_equal(feed(&rx, TRANSPORT_FIN | 6, "cd"), TRANSPORT_FRAGMENT);
    expect_fragment("abcd");
}

static void reset_forgets(void **state)
{
    (void)state;
    struct transport_rx rx = receiver(64);
    feed(&rx, TRANSPORT_FIR | 5, "ab");
    transport_reset(&rx);
    assert_int_equal(feed(&rx, TRANSPORT_FIN | 6, "cd"), TRANSPORT_UNEXPECTED);
    assert_ptr_equal(transport_take_back(&rx), buffer);
}

static void wire_lengths(void **state)
{
    (void)state;
    assert_int_equal(transport_wire_len(2), 15);
    assert_int_equal(transport_wire_len(249), 292);
    assert_int_equal(transport_wire_len(250), 292 + 14);
    assert_int_equal(transport_wire_len(2048), 2411); /* transport.md 4 */
}

static void check_round_trip(size_t len, uint8_t *seq)
{
    static uint8_t sent[2048];
    static uint8_t wire[2600];
    struct transport_rx rx = receiver(sizeof buffer);
    struct link_errors errors = {0};
    struct link_frame f;
    size_t used;
    for (size_t i = 0; i < len; i++)
        sent[i] = (uint8_t)(i * 31 + len);
    uint8_t before = *seq;
    assert_int_equal(transport_write(seq, 0x44, 1, 10, sent, len, wire, transport_wire_len(len) - 1), 0);
    assert_int_equal(*seq, before);
    size_t n = transport_write(seq, 0x44, 1, 10, sent, len, wire, sizeof wire);
    assert_int_equal(n, transport_wire_len(len));
    assert_int_equal(*seq, (before + (len + 248) / 249) % 64);
    enum transport_result result = TRANSPORT_MORE;
    for (size_t at = 0; at < n; at += used) {
        assert_int_equal(result, TRANSPORT_MORE);
        assert_int_equal(link_parse(wire + at, n - at, &used, &f, &errors), LINK_FRAME);
        result = transport_receive(&rx, f.user, f.user_len, &fragment, &fragment_len);
    }
    assert_int_equal(result, TRANSPORT_FRAGMENT);
    assert_int_equal(fragment_len, len);
    assert_memory_equal(fragment, sent, len);
}

static void round_trip_across_the_wrap(void **state)
{
    (void)state;
    uint8_t seq = 60;
    for (size_t len = 1; len <= 2048; len += len < 1000 ? 1 : 131)
        check_round_trip(len, &seq);
    check_round_trip(2048, &seq);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_segment_needs_no_buffer),
        cmocka_unit_test(series),
        cmocka_unit_test(nothing_begins_without_fir),
        cmocka_unit_test(fir_begins_anew),
        cmocka_unit_test(duplicate_is_dropped_alone),
        cmocka_unit_test(gap_drops_the_series),
        cmocka_unit_test(too_long),
        cmocka_unit_test(empty_segments_change_nothing),
        cmocka_unit_test(reset_forgets),
        cmocka_unit_test(wire_lengths),
        cmocka_unit_test(round_trip_across_the_wrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
