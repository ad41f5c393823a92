// SPDX-License-Identifier: Apache-2.0
/* Rules of the link layer and of the transport function (dnp3-reference/link.md, transport.md), broken. */
#include "stimulus.h"

#include "protocol/crc.h"
#include "protocol/link.h"
#include "protocol/transport.h"

enum { BASE_LEN = 26 }; /* of an outstation's frame below; a master's is shorter by two octets */

/* A frame with a whole fragment of harmless octets, as it should be. */
static void base_frame(struct stimulus *s)
{
    static const uint8_t classes[] = {60, 2, 6, 60, 3, 6, 60, 4, 6};
    static const uint8_t event[] = {2, 1, 0x17, 1, 3, 0x81, 60, 1, 6};
    struct writer w = stimulus_header(s, APP_READ);
    write_octets(&w, s->guise->master ? classes : event, sizeof classes);
    stimulus_fragment(s, s->fragment, writer_len(&w));
}

static uint32_t flips_count(void)
{
    return BASE_LEN * 8;
}

static void flips_make(struct stimulus *s, uint32_t n)
{
    base_frame(s);
    s->wire.begin[n / 8 % writer_len(&s->wire)] ^= (uint8_t)(1U << n % 8);
}

static uint32_t octets_count(void)
{
    return 256;
}

/* A wrong start octet, then a good frame behind the noise. */
static void start_make(struct stimulus *s, uint32_t n)
{
    write_u8(&s->wire, (uint8_t)(n & 1 ? 0x05 : n));
    write_u8(&s->wire, (uint8_t)(n & 1 ? n : 0x64));
    base_frame(s);
}

static void set_header(uint8_t *frame, size_t at, uint8_t octet)
{
    frame[at] = octet;
    uint16_t crc = crc_dnp(frame, 8);
    frame[8] = (uint8_t)crc;
    frame[9] = (uint8_t)(crc >> 8);
}

/* The length octet says anything, under a right CRC. */
static void length_make(struct stimulus *s, uint32_t n)
{
    base_frame(s);
    set_header(s->wire.begin, 2, (uint8_t)n);
}

static uint32_t control_count(void)
{
    return 512;
}

/* Every control octet: DIR, PRM, FCB, FCV and functions, reserved ones too; with and without user data. */
static void control_make(struct stimulus *s, uint32_t n)
{
    base_frame(s);
    if (n & 256) {
        s->wire.at = s->wire.begin;
        stimulus_frame(s, (uint8_t)n, s->guise->remote, s->guise->local, NULL, 0);
    } else {
        set_header(s->wire.begin, 3, (uint8_t)n);
    }
}

static uint32_t address_count(void)
{
    return 96;
}

/* Reserved, broadcast and other stations' addresses, at either place, under several functions. */
static void address_make(struct stimulus *s, uint32_t n)
{
    static const uint8_t functions[] = {0x44, 0x73, 0x40, 0x49, 0x52, 0x0B};
    const struct guise *g = s->guise;
    uint16_t odd = (uint16_t)(0xFFF0 + n % 16);
    bool at_source = n / 16 & 1;
    uint8_t control = (uint8_t)(functions[n / 16 % 6] | (g->master ? LINK_DIR : 0));
    static const uint8_t user[] = {0xC0, 0xC0, APP_READ, 60, 2, 6};
    stimulus_frame(s, control, at_source ? g->remote : odd, at_source ? odd : g->local, user, sizeof user);
}

static uint32_t cut_count(void)
{
    return BASE_LEN;
}

/* A frame that ends early, with a whole one behind it. */
static void cut_make(struct stimulus *s, uint32_t n)
{
    base_frame(s);
    s->wire.at = s->wire.begin + n % writer_len(&s->wire);
    base_frame(s);
}

static uint32_t noise_count(void)
{
    return 64;
}

static void noise_make(struct stimulus *s, uint32_t n)
{
    for (uint32_t i = 0; i < 64 + n * 32; i++)
        write_u8(&s->wire, (uint8_t)(n & 1 ? (i & 1 ? 0x64 : 0x05) : scatter(n, i)));
    base_frame(s);
}

static void segment(struct stimulus *s, uint8_t header, uint8_t fill, size_t len)
{
    uint8_t user[LINK_USER_MAX];
    memset(user, fill, sizeof user);
    user[0] = header;
    stimulus_frame(s, stimulus_control(s), s->guise->remote, s->guise->local, user, len + 1);
}

static uint32_t segment_count(void)
{
    return 768;
}

/* Every transport header, with much, little and no payload. */
static void segment_make(struct stimulus *s, uint32_t n)
{
    static const uint8_t lens[] = {TRANSPORT_PAYLOAD_MAX, 4, 0};
    segment(s, (uint8_t)n, 0xC0, lens[n / 256]);
}

static uint32_t series_count(void)
{
    return 8 * 40;
}

/* Series of up to 40 segments that break one rule of their own. */
static void series_make(struct stimulus *s, uint32_t n)
{
    uint32_t len = n / 8 + 1;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t fir = i == 0 && n % 8 != 0 ? TRANSPORT_FIR : 0;       /* 0: none begins */
        uint8_t fin = i + 1 == len && n % 8 != 1 ? TRANSPORT_FIN : 0; /* 1: none ends */
        uint8_t seq = (uint8_t)(i & TRANSPORT_SEQ);
        if (n % 8 == 2 && i == len / 2)
            seq = (seq + 1) & TRANSPORT_SEQ; /* a gap */
        if (n % 8 == 3)
            seq = 7; /* one number for all */
        if (n % 8 == 4)
            fir = TRANSPORT_FIR; /* each begins */
        segment(s, (uint8_t)(fir | fin | seq), (uint8_t)i, n % 8 == 5 ? 0 : n % 8 == 6 ? 1 : 249);
        if (n % 8 == 7) /* each one twice */
            segment(s, (uint8_t)(fir | fin | seq), (uint8_t)i, 249);
    }
}

static uint32_t endless_count(void)
{
    return 6;
}

/* 400 segments without end: 100 kB. */
static void endless_make(struct stimulus *s, uint32_t n)
{
    for (uint32_t i = 0; i < 400; i++)
        segment(s, (uint8_t)((i == 0 ? TRANSPORT_FIR : 0) | (i & TRANSPORT_SEQ)), (uint8_t)n,
                n & 1 ? TRANSPORT_PAYLOAD_MAX : n + 1);
    base_frame(s);
}

static uint32_t count_bit_count(void)
{
    return 6 * 6 * 6;
}

/* Three frames in any order that the procedure of FCB and FCV does not know. */
static void count_bit_make(struct stimulus *s, uint32_t n)
{
    static const uint8_t controls[6] = {0x40, 0x53, 0x73, 0x52, 0x72, 0x43};
    static const uint8_t user[] = {0xC0, 0xC0, APP_READ, 60, 2, 6};
    uint8_t dir = s->guise->master ? LINK_DIR : 0;
    for (uint32_t i = 0; i < 3; i++, n /= 6) {
        bool data = (controls[n % 6] & LINK_FUNCTION) == LINK_CONFIRMED_USER_DATA;
        stimulus_frame(s, controls[n % 6] | dir, s->guise->remote, s->guise->local, user,
                       data ? sizeof user : 0);
    }
}

static uint32_t strangers_count(void)
{
    return 4 * 40;
}

/* A series with a segment of somebody else, or to everybody, in it. */
static void strangers_make(struct stimulus *s, uint32_t n)
{
    static const uint16_t odd[] = {0xFFFD, 0xFFFE, 0xFFFF, 0xFFFC};
    uint32_t len = n / 4 % 10 + 2, at = n % len;
    for (uint32_t i = 0; i < len; i++) {
        uint8_t user[40] = {(uint8_t)((i == 0 ? TRANSPORT_FIR : 0) | (i + 1 == len ? TRANSPORT_FIN : 0) | i)};
        uint16_t from = (uint16_t)(s->guise->local + (i == at && n / 40 % 2 == 0));
        uint16_t to = i == at && n / 40 % 2 ? odd[n % 4] : s->guise->remote;
        user[1] = 0xC0;
        user[2] = s->guise->master ? APP_READ : APP_RESPONSE;
        stimulus_frame(s, stimulus_control(s), to, from, user, sizeof user);
    }
}

const struct family link_families[] = {
    {"link.md 2, 7.1, 7.3", "each bit of a frame", flips_count, flips_make},
    {"link.md 1, 7.1", "start octets", octets_count, start_make},
    {"link.md 1, 7.2", "every length", octets_count, length_make},
    {"link.md 3", "every control octet", control_count, control_make},
    {"link.md 4", "addresses", address_count, address_make},
    {"link.md 5", "frame count bits", count_bit_count, count_bit_make},
    {"link.md 7.4", "cut off", cut_count, cut_make},
    {"link.md 7.5", "noise", noise_count, noise_make},
    {"transport.md 1", "every header", segment_count, segment_make},
    {"transport.md 3", "series", series_count, series_make},
    {"transport.md 3", "segments of others", strangers_count, strangers_make},
    {"transport.md 3, 4", "series without end", endless_count, endless_make},
    {NULL, NULL, NULL, NULL},
};
