// SPDX-License-Identifier: Apache-2.0
/* A TCP direction put in order, whatever way its segments come: the octets are those of `sent`. */
#include <stdio.h>

#include "support/cm.h"
#include "tools/dnp3dump/stream.h"

enum { SENT = 4096 };

static uint8_t sent[SENT];

/* What came out: octets, and gaps with their place. */
struct got {
    uint8_t octets[SENT];
    size_t len;
    unsigned gaps;
    size_t lost;
    size_t gap_at;
};

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < SENT; i++)
        sent[i] = (uint8_t)(i * 7 + i / 251);
    return 0;
}

static void drain(struct stream *s, struct got *g)
{
    struct stream_chunk c;
    while (stream_next(s, &c)) {
        if (c.gap) {
            g->gaps++;
            g->lost += c.len;
            g->gap_at = g->len;
            continue;
        }
        assert_true(c.len > 0 && g->len + c.len <= SENT);
        memcpy(g->octets + g->len, c.octets, c.len);
        g->len += c.len;
    }
}

/* Octets [from, to) of `sent`, whose first has the sequence number `base`. */
static void add(struct stream *s, struct got *g, uint32_t base, size_t from, size_t to)
{
    stream_add(s, base + (uint32_t)from, sent + from, to - from, (struct stamp){0});
    drain(s, g);
}

static void is_sent(const struct got *g, size_t len)
{
    assert_int_equal(g->len, len);
    assert_memory_equal(g->octets, sent, len);
    assert_int_equal(g->gaps, 0);
}

static void in_order(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    assert_true(stream_syn(&s, 999));
    add(&s, &g, 1000, 0, 100);
    add(&s, &g, 1000, 100, 300);
    is_sent(&g, 300);
    stream_end(&s);
}

static void reordered(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    assert_true(stream_syn(&s, 999));
    add(&s, &g, 1000, 300, 400);
    add(&s, &g, 1000, 100, 200);
    add(&s, &g, 1000, 200, 300);
    assert_int_equal(g.len, 0);
    add(&s, &g, 1000, 0, 100);
    is_sent(&g, 400);
    stream_end(&s);
}

static void repeated_and_overlapping(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    assert_true(stream_syn(&s, 999));
    add(&s, &g, 1000, 0, 100);
    add(&s, &g, 1000, 0, 100);   /* again */
    add(&s, &g, 1000, 50, 150);  /* half new */
    add(&s, &g, 1000, 200, 260); /* early, and three that overlap it */
    add(&s, &g, 1000, 200, 250);
    add(&s, &g, 1000, 220, 300);
    add(&s, &g, 1000, 180, 320);
    add(&s, &g, 1000, 149, 181);
    is_sent(&g, 320);
    assert_true(s.repeated_octets >= 100 + 50);
    assert_int_equal(s.conflicts, 0);
    stream_end(&s);
}

static void wraps(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    const uint32_t base = UINT32_MAX - 149; /* octet 150 has number 0 */
    assert_true(stream_syn(&s, base - 1));
    add(&s, &g, base, 200, 300);
    add(&s, &g, base, 100, 200);
    add(&s, &g, base, 0, 120);
    is_sent(&g, 300);
    stream_end(&s);
}

static void a_hole_is_a_gap_in_the_end(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    assert_true(stream_syn(&s, 999));
    add(&s, &g, 1000, 0, 100);
    add(&s, &g, 1000, 150, 200);
    add(&s, &g, 1000, 260, 300);
    assert_int_equal(g.gaps, 0);
    stream_finish(&s);
    drain(&s, &g);
    assert_int_equal(g.gaps, 2);
    assert_int_equal(g.lost, 50 + 60);
    assert_int_equal(g.len, 190);
    assert_memory_equal(g.octets + 100, sent + 150, 50);
    assert_memory_equal(g.octets + 150, sent + 260, 40);
    stream_end(&s);
}

/* The peer has them, so only the capture lacks them: after a while nobody waits any longer. */
static void an_acknowledged_hole_is_given_up(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    assert_true(stream_syn(&s, 999));
    add(&s, &g, 1000, 100, 200);
    stream_acknowledged(&s, 1000, (int64_t)2 * STREAM_PATIENCE_NS);
    drain(&s, &g);
    assert_int_equal(g.gaps, 0);
    stream_acknowledged(&s, 1200, STREAM_PATIENCE_NS / 2);
    drain(&s, &g);
    assert_int_equal(g.gaps, 0);
    stream_acknowledged(&s, 1200, (int64_t)2 * STREAM_PATIENCE_NS);
    drain(&s, &g);
    assert_int_equal(g.gaps, 1);
    assert_int_equal(g.lost, 100);
    assert_int_equal(g.len, 100);
    stream_end(&s);
}

static void what_is_held_is_bounded(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    assert_true(stream_syn(&s, 999));
    for (unsigned i = 0; i <= STREAM_SEGMENTS_MAX; i++) {
        assert_int_equal(g.gaps, 0);
        add(&s, &g, 1000, 10 + i, 11 + i);
        assert_true(s.held_segments <= STREAM_SEGMENTS_MAX);
    }
    assert_int_equal(g.gaps, 1);
    assert_int_equal(g.lost, 10);
    assert_int_equal(g.len, STREAM_SEGMENTS_MAX + 1);
    stream_end(&s);
}

static void a_far_jump_is_another_connection(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    add(&s, &g, 1000, 0, 100); /* no SYN was seen */
    add(&s, &g, 0x80000000, 100, 200);
    assert_int_equal(g.len, 200);
    assert_int_equal(g.gaps, 1);
    assert_int_equal(g.gap_at, 100);
    add(&s, &g, 0x80000000, 200, 300);
    assert_memory_equal(g.octets, sent, 300);
    stream_end(&s);
}

static void other_octets_in_the_same_place_are_told(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    const uint8_t other[4] = {0xFF, 0xFE, 0xFD, 0xFC};
    assert_true(stream_syn(&s, 999));
    add(&s, &g, 1000, 100, 200);
    stream_add(&s, 1000 + 120, other, sizeof other, (struct stamp){0});
    drain(&s, &g);
    assert_int_equal(s.conflicts, 1);
    add(&s, &g, 1000, 0, 100);
    is_sent(&g, 200); /* the first wins */
    stream_end(&s);
}

static void a_repeated_syn_changes_nothing(void **state)
{
    (void)state;
    struct stream s = {0};
    struct got g = {0};
    assert_true(stream_syn(&s, 999));
    assert_false(stream_syn(&s, 999));
    add(&s, &g, 1000, 0, 50);
    assert_true(stream_syn(&s, 77));
    add(&s, &g, 78 - 50, 50, 90);
    is_sent(&g, 90);
    stream_end(&s);
}

/* Cut anywhere, in any order, with repeats: the octets are the same. */
static void any_order(void **state)
{
    (void)state;
    uint32_t seed = 1;
    for (unsigned round = 0; round < 300; round++) {
        struct stream s = {0};
        struct got g = {0};
        uint32_t base = seed;
        bool have[32] = {0};
        unsigned missing = 32;
        stream_syn(&s, base - 1);
        while (missing > 0) {
            seed = seed * 1664525 + 1013904223;
            unsigned piece = seed >> 27, more = seed >> 20 & 3;
            size_t to = (piece + 1 + more) * 8;
            add(&s, &g, base, piece * 8, to < 256 ? to : 256);
            for (unsigned i = piece; i <= piece + more && i < 32; i++) {
                missing -= !have[i];
                have[i] = true;
            }
        }
        is_sent(&g, 256);
        assert_int_equal(s.conflicts, 0);
        stream_end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_order),
        cmocka_unit_test(reordered),
        cmocka_unit_test(repeated_and_overlapping),
        cmocka_unit_test(wraps),
        cmocka_unit_test(a_hole_is_a_gap_in_the_end),
        cmocka_unit_test(an_acknowledged_hole_is_given_up),
        cmocka_unit_test(what_is_held_is_bounded),
        cmocka_unit_test(a_far_jump_is_another_connection),
        cmocka_unit_test(other_octets_in_the_same_place_are_told),
        cmocka_unit_test(a_repeated_syn_changes_nothing),
        cmocka_unit_test(any_order),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
