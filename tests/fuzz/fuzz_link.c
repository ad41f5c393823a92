// SPDX-License-Identifier: Apache-2.0
/*
 * A stream of octets through link and transport. Fed at once and in pieces, the frames must be the same; a
 * frame that was found must be what its encoder writes.
 */
#include <assert.h>
#include <string.h>

#include "protocol/decode.h"
#include "protocol/transport.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tally whole;
    static struct tally pieces;
    memset(&whole, 0, sizeof whole);
    memset(&pieces, 0, sizeof pieces);
    whole.end = pieces.end = (struct link_end){.local = 10, .any_source = true, .self_address = true};
    feed(&whole, data, size, size ? size : 1);
    feed(&pieces, data, size, size ? 1 + data[0] % 17U : 1);
    assert(whole.frames == pieces.frames && whole.octets == pieces.octets && whole.left == pieces.left);
    assert(memcmp(&whole.errors, &pieces.errors, sizeof whole.errors) == 0);
    return 0;
}
