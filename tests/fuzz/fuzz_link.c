// SPDX-License-Identifier: Apache-2.0
/*
 * A stream of octets through link and transport. Fed at once and in pieces, the frames must be the same; a
 * frame that was found must be what its encoder writes. Since mutations seldom hit a CRC, the input is then
 * read once more as the contents of frames, which must all be found.
 */
#include "grammar.h"

#include <assert.h>
#include <string.h>

#include "protocol/decode.h"
#include "protocol/transport.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return grammar_mutate_wire(data, size, max_size, seed);
}

struct tally {
    size_t frames;
    size_t octets; /* of their user data */
    size_t left;
    size_t used;
    struct link_errors errors;
    struct transport_rx rx;
    struct link_end end;
    uint8_t series[2048];
};

static void check_frame(struct tally *t, const struct link_frame *f, const uint8_t *octets, size_t used)
{
    uint8_t again[LINK_FRAME_MAX];
    char text[160];
    size_t n = link_encode(f->control, f->destination, f->source, f->user, f->user_len, again, sizeof again);
    assert(n <= used && memcmp(again, octets + used - n, n) == 0);
    decode_frame(f, text, sizeof text);
    assert(strlen(text) < sizeof text);
    t->frames++;
    t->octets += f->user_len;
}

static void check_transport(struct tally *t, const struct link_frame *f)
{
    const uint8_t *fragment;
    size_t len;
    struct link_action action = link_end_receive(&t->end, f);
    assert(!(action.reply && action.broadcast));
    if (!t->rx.active)
        transport_lend(&t->rx, t->series, sizeof t->series);
    if (transport_receive(&t->rx, f->user, f->user_len, &fragment, &len) == TRANSPORT_FRAGMENT)
        assert(len > 0 && len <= sizeof t->series);
    uint8_t *back = transport_take_back(&t->rx);
    assert(t->rx.active ? back == NULL : back == t->series || back == NULL);
}

static void feed(struct tally *t, const uint8_t *data, size_t size, size_t chunk)
{
    struct link_frame f;
    size_t at = 0;
    for (size_t have = 0; have < size;) {
        have = size - have < chunk ? size : have + chunk;
        size_t used;
        while (link_parse(data + at, have - at, &used, &f, &t->errors) == LINK_FRAME) {
            check_frame(t, &f, data + at, used);
            check_transport(t, &f);
            at += used;
        }
        at += used;
        assert(at <= have && have - at < LINK_FRAME_MAX);
    }
    t->used = at;
    t->left = size - at;
}

/* Control, number of octets, octets: as many frames as there are. */
static size_t wrap(const uint8_t *data, size_t size, uint8_t *wire, size_t room, size_t *frames)
{
    size_t len = 0;
    *frames = 0;
    while (size >= 2) {
        size_t user_len = data[1] <= LINK_USER_MAX ? data[1] : LINK_USER_MAX;
        if (user_len > size - 2)
            user_len = size - 2;
        size_t n = link_encode(data[0], 10, 1, data + 2, user_len, wire + len, room - len);
        if (n == 0)
            break;
        len += n;
        ++*frames;
        data += 2 + user_len;
        size -= 2 + user_len;
    }
    return len;
}

static void start(struct tally *t)
{
    memset(t, 0, sizeof *t);
    t->end = (struct link_end){.local = 10, .any_source = true, .self_address = true};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tally whole;
    static struct tally pieces;
    static uint8_t wire[16384];
    size_t frames;
    start(&whole);
    start(&pieces);
    feed(&whole, data, size, size ? size : 1);
    feed(&pieces, data, size, size ? 1 + data[0] % 17U : 1);
    assert(whole.frames == pieces.frames && whole.octets == pieces.octets && whole.left == pieces.left);
    assert(memcmp(&whole.errors, &pieces.errors, sizeof whole.errors) == 0);

    size_t len = wrap(data, size, wire, sizeof wire, &frames);
    start(&whole);
    feed(&whole, wire, len, len ? len : 1);
    assert(whole.frames == frames && whole.left == 0 && whole.errors.noise_octets == 0);
    return 0;
}
