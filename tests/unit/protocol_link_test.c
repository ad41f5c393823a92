// SPDX-License-Identifier: Apache-2.0
/* Frames and the secondary side of a link: dnp3-reference/link.md 1, 3 to 5 and 7, test-vectors.md N. */
#include "protocol/link.h"

#include "support/cm.h"
#include "support/hex.h"

enum { OUTSTATION = 10, MASTER = 1 };

static struct link_end outstation_end(void)
{
    return (struct link_end){.local = OUTSTATION, .remote = MASTER};
}

static struct link_action to_outstation(struct link_end *end, uint8_t control)
{
    struct link_frame f = {.control = control, .destination = OUTSTATION, .source = MASTER};
    return link_end_receive(end, &f);
}

static void expect_reply(struct link_action a, enum link_verdict verdict, uint8_t control)
{
    assert_int_equal(a.verdict, verdict);
    assert_true(a.reply);
    assert_int_equal(a.reply_control, control);
}

static void expect_silence(struct link_action a, enum link_verdict verdict)
{
    assert_int_equal(a.verdict, verdict);
    assert_false(a.reply);
}

static void sizes(void **state)
{
    (void)state;
    static const size_t known[][2] = {{0, 10},  {1, 13},    {16, 28},   {17, 31},  {32, 46},
                                      {33, 49}, {100, 124}, {249, 291}, {250, 292}};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        assert_int_equal(link_frame_len(known[i][0]), known[i][1]);
}

static void round_trip_of_every_length(void **state)
{
    (void)state;
    uint8_t user[LINK_USER_MAX];
    uint8_t wire[LINK_FRAME_MAX];
    for (size_t i = 0; i < sizeof user; i++)
        user[i] = (uint8_t)(i * 7 + 5);
    for (size_t len = 0; len <= LINK_USER_MAX; len++) {
        struct link_errors errors = {0};
        struct link_frame f;
        size_t used;
        size_t n = link_encode(0x44, 0xFFEF, 0x1234, user, len, wire, sizeof wire);
        assert_int_equal(n, link_frame_len(len));
        assert_int_equal(link_encode(0x44, 0xFFEF, 0x1234, user, len, wire, n - 1), 0);
        assert_int_equal(link_parse(wire, n - 1, &used, &f, &errors), LINK_NEED_MORE);
        assert_int_equal(used, 0);
        assert_int_equal(link_parse(wire, n, &used, &f, &errors), LINK_FRAME);
        assert_int_equal(used, n);
        assert_int_equal(f.control, 0x44);
        assert_int_equal(f.destination, 0xFFEF);
        assert_int_equal(f.source, 0x1234);
        assert_int_equal(f.user_len, len);
        assert_memory_equal(f.user, user, len);
        assert_int_equal(errors.noise_octets + errors.header_crc + errors.body_crc + errors.bad_length, 0);
    }
}

/* CRC-16/DNP finds every single wrong bit. */
static void every_flipped_bit_is_noticed(void **state)
{
    (void)state;
    uint8_t user[40] = {0xC0, 0xC3, 0x01};
    uint8_t wire[LINK_FRAME_MAX];
    size_t n = link_encode(0xC4, OUTSTATION, MASTER, user, sizeof user, wire, sizeof wire);
    for (size_t bit = 0; bit < n * 8; bit++) {
        struct link_errors errors = {0};
        struct link_frame f;
        size_t used;
        wire[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(link_parse(wire, n, &used, &f, &errors), LINK_NEED_MORE);
        wire[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

struct noise_case {
    const char *id;
    const char *hex;
    unsigned frames;
    struct link_errors errors;
    size_t left;
};

#define A09 "05 64 08 C4 0A 00 01 00 FC 42 C0 C3 00 98 26"

static const struct noise_case noise_cases[] = {
    {"N01", "00 FF 05 05 " A09, 1, {.noise_octets = 4}, 0},
    {"N02", "05 64 08 C4 0A 00 01 00 FC 43 C0 C3 00 98 26" A09, 1, {.noise_octets = 15, .header_crc = 1}, 0},
    {"N03", "05 64 08 C4 0A 00 01 00 FC 42 C0 C3 00 98 A6" A09, 1, {.noise_octets = 15, .body_crc = 1}, 0},
    {"N04", "05 64 04 C4 0A 00 01 00 4E 95" A09, 1, {.noise_octets = 10, .bad_length = 1}, 0},
    {"N05", "05 64 08 C4 0A 00 01 00 FC 42 C0 C3", 0, {0}, 12},
    {"a frame inside a false one",
     "05 64 14 C4 0A 00 01 00 8F ED" A09 "00 00 00",
     1,
     {.noise_octets = 13, .body_crc = 1},
     0},
    {"a start that may go on", "FF FF 05", 0, {.noise_octets = 2}, 1},
    {"noise only", "FF FE 64 05 00 64", 0, {.noise_octets = 6}, 0},
};

static void run_noise_case(const struct noise_case *c, size_t chunk)
{
    uint8_t octets[64];
    size_t len = hex_parse(c->hex, octets, sizeof octets);
    struct link_errors errors = {0};
    struct link_frame f;
    unsigned frames = 0;
    size_t at = 0;
    for (size_t have = 0; have < len;) {
        have = len - have < chunk ? len : have + chunk;
        size_t used;
        while (link_parse(octets + at, have - at, &used, &f, &errors) == LINK_FRAME) {
            at += used;
            frames++;
        }
        at += used;
    }
    assert_int_equal(frames, c->frames);
    assert_int_equal(len - at, c->left);
    assert_int_equal(errors.noise_octets, c->errors.noise_octets);
    assert_int_equal(errors.header_crc, c->errors.header_crc);
    assert_int_equal(errors.body_crc, c->errors.body_crc);
    assert_int_equal(errors.bad_length, c->errors.bad_length);
}

/* In one piece and in pieces of every size: the result is the same. */
static void noise(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof noise_cases / sizeof noise_cases[0]; i++) {
        for (size_t chunk = 1; chunk <= 64; chunk++)
            run_noise_case(&noise_cases[i], chunk);
    }
}

/* link.md 5, row by row. */
static void frame_count_bit(void **state)
{
    (void)state;
    struct link_end end = outstation_end();
    expect_reply(to_outstation(&end, 0xF3), LINK_SERVICE, 0x01); /* not reset: NACK */
    expect_reply(to_outstation(&end, 0xF2), LINK_SERVICE, 0x01);
    expect_silence(to_outstation(&end, 0xC4), LINK_USER_DATA);
    expect_reply(to_outstation(&end, 0xC0), LINK_SERVICE, 0x00);
    expect_reply(to_outstation(&end, 0xD3), LINK_REPEATED_FCB, 0x00); /* 1 is expected after a reset */
    expect_reply(to_outstation(&end, 0xF3), LINK_USER_DATA, 0x00);
    expect_reply(to_outstation(&end, 0xF3), LINK_REPEATED_FCB, 0x00);
    expect_reply(to_outstation(&end, 0xD2), LINK_SERVICE, 0x00);
    expect_reply(to_outstation(&end, 0xD2), LINK_REPEATED_FCB, 0x00);
    expect_reply(to_outstation(&end, 0xF3), LINK_USER_DATA, 0x00);
    expect_reply(to_outstation(&end, 0xC0), LINK_SERVICE, 0x00);
    expect_reply(to_outstation(&end, 0xF2), LINK_SERVICE, 0x00);
    link_end_reset(&end);
    expect_reply(to_outstation(&end, 0xD3), LINK_SERVICE, 0x01);
}

static void services(void **state)
{
    (void)state;
    struct link_end end = outstation_end();
    expect_reply(to_outstation(&end, 0xC9), LINK_SERVICE, 0x0B);
    expect_reply(to_outstation(&end, 0xE9), LINK_SERVICE, 0x0B); /* FCB is a don't-care (link.md 3.3) */
    expect_silence(to_outstation(&end, 0xD9), LINK_WRONG_FCV);
    expect_silence(to_outstation(&end, 0xD4), LINK_WRONG_FCV);
    expect_silence(to_outstation(&end, 0xE3), LINK_WRONG_FCV);
    expect_silence(to_outstation(&end, 0xC2), LINK_WRONG_FCV);
    expect_silence(to_outstation(&end, 0xD0), LINK_WRONG_FCV);
    expect_reply(to_outstation(&end, 0xC1), LINK_UNKNOWN_FUNCTION, 0x0F);
    expect_reply(to_outstation(&end, 0xCF), LINK_UNKNOWN_FUNCTION, 0x0F);
    expect_silence(to_outstation(&end, 0x8B), LINK_STATUS_REPLY);
    expect_silence(to_outstation(&end, 0x8F), LINK_STATUS_REPLY);
    expect_silence(to_outstation(&end, 0x80), LINK_UNEXPECTED_SECONDARY);
    expect_silence(to_outstation(&end, 0x81), LINK_UNEXPECTED_SECONDARY);
    expect_silence(to_outstation(&end, 0x82), LINK_UNKNOWN_FUNCTION);
    end.mute = true;
    expect_silence(to_outstation(&end, 0xC9), LINK_SERVICE);
}

static void master_answers_with_its_direction(void **state)
{
    (void)state;
    struct link_end end = {.local = MASTER, .remote = OUTSTATION, .master = true};
    struct link_frame f = {.control = 0x49, .destination = MASTER, .source = OUTSTATION};
    expect_reply(link_end_receive(&end, &f), LINK_SERVICE, 0x8B); /* vectors L11, L12 */
    f.control = 0xC9;
    expect_silence(link_end_receive(&end, &f), LINK_WRONG_DIR);
    f.control = 0x44;
    f.destination = LINK_BROADCAST_OPTIONAL;
    expect_silence(link_end_receive(&end, &f), LINK_WRONG_DESTINATION);
    f.destination = LINK_SELF_ADDRESS;
    end.self_address = true;
    expect_silence(link_end_receive(&end, &f), LINK_WRONG_DESTINATION);
}

static enum link_verdict addressed(struct link_end *end, uint16_t destination, uint16_t source)
{
    struct link_frame f = {.control = 0xC4, .destination = destination, .source = source};
    return link_end_receive(end, &f).verdict;
}

static void addresses(void **state)
{
    (void)state;
    struct link_end end = outstation_end();
    assert_int_equal(addressed(&end, OUTSTATION, MASTER), LINK_USER_DATA);
    assert_int_equal(addressed(&end, 11, MASTER), LINK_WRONG_DESTINATION);
    assert_int_equal(addressed(&end, 0xFFF0, MASTER), LINK_WRONG_DESTINATION);
    assert_int_equal(addressed(&end, OUTSTATION, 2), LINK_WRONG_SOURCE);
    assert_int_equal(addressed(&end, LINK_SELF_ADDRESS, MASTER), LINK_WRONG_DESTINATION);
    end.self_address = true;
    assert_int_equal(addressed(&end, LINK_SELF_ADDRESS, MASTER), LINK_USER_DATA);
    end.any_source = true;
    assert_int_equal(addressed(&end, OUTSTATION, 2), LINK_USER_DATA);
    assert_int_equal(addressed(&end, OUTSTATION, 0xFFEF), LINK_USER_DATA);
    assert_int_equal(addressed(&end, OUTSTATION, 0xFFF0), LINK_WRONG_SOURCE);
    struct link_frame f = {.control = 0x44, .destination = OUTSTATION, .source = MASTER};
    assert_int_equal(link_end_receive(&end, &f).verdict, LINK_WRONG_DIR);
}

static void broadcasts_carry_data_only_and_are_never_answered(void **state)
{
    (void)state;
    struct link_end end = outstation_end();
    for (uint32_t to = LINK_BROADCAST_NO_CONFIRM; to <= LINK_BROADCAST_OPTIONAL; to++) {
        struct link_frame f = {.control = 0xC4, .destination = (uint16_t)to, .source = MASTER};
        struct link_action a = link_end_receive(&end, &f);
        expect_silence(a, LINK_USER_DATA);
        assert_true(a.broadcast);
        f.control = 0xF3; /* delivered though the link was never reset, and not counted */
        expect_silence(link_end_receive(&end, &f), LINK_USER_DATA);
        f.control = 0xE3;
        expect_silence(link_end_receive(&end, &f), LINK_WRONG_FCV);
        f.control = 0xC9;
        expect_silence(link_end_receive(&end, &f), LINK_WRONG_DESTINATION);
        f.control = 0xC0;
        expect_silence(link_end_receive(&end, &f), LINK_WRONG_DESTINATION);
        f.control = 0x84; /* secondary: no data at all */
        expect_silence(link_end_receive(&end, &f), LINK_WRONG_DESTINATION);
        assert_false(end.secondary_reset);
    }
}

static void verdicts_have_texts(void **state)
{
    (void)state;
    for (int v = LINK_USER_DATA; v <= LINK_REPEATED_FCB; v++)
        assert_non_null(link_verdict_text((enum link_verdict)v));
    assert_string_equal(link_verdict_text(LINK_WRONG_DIR), "wrong direction");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes),
        cmocka_unit_test(round_trip_of_every_length),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(noise),
        cmocka_unit_test(frame_count_bit),
        cmocka_unit_test(services),
        cmocka_unit_test(master_answers_with_its_direction),
        cmocka_unit_test(addresses),
        cmocka_unit_test(broadcasts_carry_data_only_and_are_never_answered),
        cmocka_unit_test(verdicts_have_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
