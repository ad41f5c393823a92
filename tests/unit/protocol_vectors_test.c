// SPDX-License-Identifier: Apache-2.0
/*
 * Every vector of dnp3-reference/test-vectors.md, L, A, D, C, R, F, S and X, both ways: the octets say what
 * the text says, and our own encoders give the same octets again. (N: protocol_link_test.c.)
 */
#include "support/vectors.h"

#include "protocol/attributes.h"
#include "protocol/decode.h"
#include "protocol/files.h"
#include "protocol/strings.h"
#include "protocol/transport.h"
#include "support/cm.h"
#include "support/hex.h"

enum { COUNT = sizeof vectors / sizeof vectors[0], FRAGMENT_ROOM = 2048, TEXT_ROOM = 8192 };

/* A vector taken apart. */
struct opened {
    uint8_t wire[2048];
    size_t wire_len;
    uint8_t rebuilt[2048]; /* the frames, encoded again */
    size_t rebuilt_len;
    uint8_t fragments[4][FRAGMENT_ROOM];
    size_t lens[4];
    size_t n;
    char text[TEXT_ROOM];
};

static struct opened opened;

static void add_frame_text(const struct link_frame *f)
{
    size_t at = strlen(opened.text);
    if (at)
        opened.text[at++] = '\n';
    assert_true(decode_frame(f, opened.text + at, TEXT_ROOM - at) < TEXT_ROOM - at);
}

static void add_fragment(const uint8_t *fragment, size_t len)
{
    size_t at = strlen(opened.text);
    assert_true(opened.n < 4 && len <= FRAGMENT_ROOM);
    memcpy(opened.fragments[opened.n], fragment, len);
    opened.lens[opened.n++] = len;
    if (at)
        opened.text[at++] = '\n';
    assert_true(decode_fragment(fragment, len, DECODE_LINE, opened.text + at, TEXT_ROOM - at) <
                TEXT_ROOM - at);
}

static void open_vector(const struct vector *v)
{
    static uint8_t series[FRAGMENT_ROOM];
    struct transport_rx rx = {0};
    struct link_errors errors = {0};
    struct link_frame f;
    size_t used;
    memset(&opened, 0, sizeof opened);
    transport_lend(&rx, series, sizeof series);
    opened.wire_len = hex_parse(v->hex, opened.wire, sizeof opened.wire);
    for (size_t at = 0; at < opened.wire_len; at += used) {
        assert_int_equal(link_parse(opened.wire + at, opened.wire_len - at, &used, &f, &errors), LINK_FRAME);
        opened.rebuilt_len +=
            link_encode(f.control, f.destination, f.source, f.user, f.user_len,
                        opened.rebuilt + opened.rebuilt_len, sizeof opened.rebuilt - opened.rebuilt_len);
        const uint8_t *fragment;
        size_t len;
        if (f.user_len == 0)
            add_frame_text(&f);
        else if (transport_receive(&rx, f.user, f.user_len, &fragment, &len) == TRANSPORT_FRAGMENT)
            add_fragment(fragment, len);
    }
    assert_int_equal(errors.noise_octets, 0);
}

static void vectors_say_what_they_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        open_vector(&vectors[i]);
        assert_int_equal(opened.rebuilt_len, opened.wire_len);
        assert_memory_equal(opened.rebuilt, opened.wire, opened.wire_len);
        if (vectors[i].text)
            assert_string_equal(opened.text, vectors[i].text);
    }
}

static const struct vector *vector_find(const char *id)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(vectors[i].id, id) == 0)
            return &vectors[i];
    }
    fail_msg("no vector %s", id);
    return NULL;
}

static void expect_ramp(const char *id, uint32_t points, double step)
{
    struct app_fragment f;
    struct measurement m;
    open_vector(vector_find(id));
    assert_int_equal(opened.n, 1);
    assert_int_equal(app_parse(opened.fragments[0], opened.lens[0], &f), APP_OK);
    struct measurement_walk w = measurement_walk_begin(&f, false);
    for (uint32_t i = 0; i < points; i++) {
        assert_true(measurement_walk_next(&w, &m));
        assert_int_equal(m.index, i);
        assert_int_equal(m.type, POINT_ANALOG_INPUT);
        assert_int_equal(m.flags, FLAG_ONLINE);
        assert_true(m.value == step * i);
    }
    assert_false(measurement_walk_next(&w, &m));
    assert_int_equal(w.defect, WALK_END);
}

/* The two that are too long for a text: three frames, and a segment sequence that wraps. */
static void long_vectors(void **state)
{
    (void)state;
    expect_ramp("R14", 100, 1000);
    assert_int_equal(opened.lens[0], 509);
    expect_ramp("R23", 90, 1);
    assert_int_equal(opened.lens[0], 279);
}

static void transport_gives_the_frames_back(void **state)
{
    (void)state;
    static const char *const ids[] = {"A01", "A22", "R14", "R23", "R08"};
    for (size_t i = 0; i < sizeof ids / sizeof ids[0]; i++) {
        static uint8_t wire[2600];
        open_vector(vector_find(ids[i]));
        const uint8_t *w = opened.wire;
        uint8_t seq = w[10] & TRANSPORT_SEQ;
        size_t n = transport_write(&seq, w[3], (uint16_t)(w[4] | w[5] << 8), (uint16_t)(w[6] | w[7] << 8),
                                   opened.fragments[0], opened.lens[0], wire, sizeof wire);
        assert_int_equal(n, opened.wire_len);
        assert_memory_equal(wire, opened.wire, n);
    }
}

static void rewrite_header(struct writer *w, const struct object_header *h)
{
    if (h->all)
        object_write_all(w, h->group, h->variation);
    else if (h->ranged)
        object_write_range(w, h->group, h->variation, h->start, h->start + h->count - 1);
    else
        object_write_count(w, h->group, h->variation, h->count);
}

static void rewrite_measured(struct writer *w, const struct object_header *h, struct measurement_walk *mw,
                             uint64_t base_ms)
{
    struct measurement m;
    for (uint32_t i = 0; i < h->count; i++) {
        assert_true(measurement_walk_next(mw, &m));
        write_uint(w, m.index, h->prefix_len);
        object_encode(w, h->type, &m, base_ms);
    }
}

static void rewrite_file(struct writer *w, uint8_t variation, const struct object_at *at)
{
    union {
        struct file_authentication authentication;
        struct file_command command;
        struct file_status status;
        struct file_block block;
        struct file_block_status block_status;
        struct file_descriptor descriptor;
    } f;
    if (variation == 2) {
        assert_int_equal(file_authentication_parse(at->data, at->len, &f.authentication), LAYOUT_OK);
        file_authentication_write(w, &f.authentication);
    } else if (variation == 3) {
        assert_int_equal(file_command_parse(at->data, at->len, &f.command), LAYOUT_OK);
        file_command_write(w, &f.command);
    } else if (variation == 4) {
        assert_int_equal(file_status_parse(at->data, at->len, &f.status), LAYOUT_OK);
        file_status_write(w, &f.status);
    } else if (variation == 5) {
        assert_int_equal(file_block_parse(at->data, at->len, &f.block), LAYOUT_OK);
        file_block_write(w, &f.block);
    } else if (variation == 6) {
        assert_int_equal(file_block_status_parse(at->data, at->len, &f.block_status), LAYOUT_OK);
        file_block_status_write(w, &f.block_status);
    } else if (variation == 7) {
        assert_int_equal(file_descriptor_parse(at->data, at->len, &f.descriptor), LAYOUT_OK);
        file_descriptor_write(w, &f.descriptor);
    } else {
        file_specification_write(w, &(struct file_text){at->data, at->len});
    }
}

/* Files, attributes and strings: read by their parsers, written by their writers. */
static bool rewrite_whole(struct writer *w, const struct object_header *h)
{
    if (!h->has_objects || !h->type || h->count != 1)
        return false;
    struct object_at at = object_header_at(h, 0);
    struct attribute a;
    if (h->type->kind == OBJECT_FILE) {
        rewrite_file(w, h->variation, &at);
    } else if (h->type->kind == OBJECT_ATTRIBUTE) {
        assert_int_equal(attribute_parse(h, 0, &a), ATTRIBUTE_OK);
        attribute_write(w, &a);
    } else if (h->type->is_string) {
        string_write(w, h->group, at.index, at.data, at.len);
    } else {
        return false;
    }
    return true;
}

/* Header by header: what we would write has the octets of the vector. */
static void rebuild_fragment(size_t which)
{
    uint8_t octets[FRAGMENT_ROOM];
    struct writer w = writer_over(octets, sizeof octets);
    struct app_fragment f;
    struct object_header h;
    uint64_t base_ms = 0;
    assert_int_equal(app_parse(opened.fragments[which], opened.lens[which], &f), APP_OK);
    if (app_is_response(f.function))
        app_write_response(&w, f.control, f.function, f.iin);
    else
        app_write_request(&w, f.control, f.function);
    struct object_walk walk = app_objects(&f);
    struct measurement_walk mw = measurement_walk_begin(&f, false);
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        if (rewrite_whole(&w, &h))
            continue;
        size_t header_len = (size_t)(walk.r.at - f.octets) - h.offset - h.data_len;
        if (h.prefix_len)
            write_octets(&w, f.octets + h.offset, header_len);
        else
            rewrite_header(&w, &h);
        bool measured = h.has_objects && h.type && object_is_measured(h.type);
        if (measured && !h.type->packed_bits)
            rewrite_measured(&w, &h, &mw, base_ms);
        else
            write_octets(&w, h.data, h.data_len);
        for (uint32_t i = 0; measured && h.type->packed_bits && i < h.count; i++)
            assert_true(measurement_walk_next(&mw, &(struct measurement){0}));
        if (h.group == 51) {
            struct reader base = reader_over(h.data, h.data_len);
            base_ms = read_u48(&base);
        }
    }
    assert_false(w.failed);
    assert_int_equal(writer_len(&w), opened.lens[which]);
    assert_memory_equal(octets, opened.fragments[which], opened.lens[which]);
}

static void writers_give_the_fragments_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        open_vector(&vectors[i]);
        for (size_t which = 0; which < opened.n; which++)
            rebuild_fragment(which);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_say_what_they_say),
        cmocka_unit_test(long_vectors),
        cmocka_unit_test(transport_gives_the_frames_back),
        cmocka_unit_test(writers_give_the_fragments_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
