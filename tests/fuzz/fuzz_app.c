// SPDX-License-Identifier: Apache-2.0
/*
 * One application fragment: object walk, measurement walk, string walk, the parsers of files and attributes
 * and the decoder agree, stay inside the octets, and do no more than the octets are worth.
 */
#include "grammar.h"

#include <assert.h>
#include <string.h>

#include "protocol/attributes.h"
#include "protocol/decode.h"
#include "protocol/files.h"
#include "protocol/strings.h"

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return grammar_mutate_fragment(data, size, max_size, seed);
}

/* Counts measurements; a header's objects must lie within the fragment, with at most 8 to an octet, and
 * where there are no octets there may be no objects to step over. */
static uint64_t check_headers(const struct app_fragment *f, enum walk_result *end)
{
    struct object_walk walk = app_objects(f);
    struct object_header h;
    uint64_t measured = 0;
    while ((*end = object_walk_next(&walk, &h)) == WALK_HEADER) {
        assert(h.offset < f->len);
        if (!h.has_objects)
            continue;
        assert(h.count > 0 && h.count <= 8 * (uint64_t)h.data_len);
        assert(h.data >= f->objects && h.data + h.data_len <= f->octets + f->len);
        struct object_at last = object_header_at(&h, h.count - 1);
        assert(last.data >= h.data && last.data + last.len <= h.data + h.data_len);
        if (h.type && object_is_measured(h.type))
            measured += h.count;
    }
    /* Cut off behind so many whole objects (*h was set by the call that found it). */
    if (*end == WALK_TRUNCATED && h.whole && h.type && object_is_measured(h.type)) {
        assert(h.whole < h.count && h.whole <= h.data_len);
        measured += h.whole;
    }
    return measured;
}

/* The fields of an object, and its defect, lie side by side. */
static void check_layout(const struct layout *layout, const struct object_at *at)
{
    struct layout_walk walk = layout_walk_begin(layout, at->data, at->len);
    struct layout_value v;
    size_t covered = 0;
    for (size_t steps = 0; layout_walk_next(&walk, &v); steps++) {
        assert(steps <= LAYOUT_FIELDS_MAX + 2 * at->len);
        assert(v.offset == covered);
        covered += v.len;
    }
    assert(covered == (walk.defect == LAYOUT_OK ? at->len : walk.defect_offset));
}

static void check_text(struct file_text t, const struct object_at *at)
{
    assert(t.octets >= at->data && t.octets + t.len <= at->data + at->len);
}

/* What a parser takes, its writer gives back octet by octet, but for the offset of a text that is not there.
 */
static void check_file(uint8_t variation, const struct object_at *at)
{
    static uint8_t again[APP_FRAGMENT_MAX + 16];
    struct writer w = writer_over(again, sizeof again);
    struct file_authentication authentication;
    struct file_command command;
    struct file_status status;
    struct file_block block;
    struct file_block_status block_status;
    struct file_descriptor descriptor;
    if (file_authentication_parse(at->data, at->len, &authentication) == LAYOUT_OK)
        check_text(authentication.user, at), check_text(authentication.password, at);
    if (file_command_parse(at->data, at->len, &command) == LAYOUT_OK)
        check_text(command.name, at);
    if (file_descriptor_parse(at->data, at->len, &descriptor) == LAYOUT_OK)
        check_text(descriptor.name, at);
    if (variation == 4 && file_status_parse(at->data, at->len, &status) == LAYOUT_OK)
        file_status_write(&w, &status);
    if (variation == 5 && file_block_parse(at->data, at->len, &block) == LAYOUT_OK)
        file_block_write(&w, &block);
    if (variation == 6 && file_block_status_parse(at->data, at->len, &block_status) == LAYOUT_OK)
        file_block_status_write(&w, &block_status);
    assert(!w.failed);
    if (writer_len(&w))
        assert(writer_len(&w) == 6 + at->len && memcmp(again + 6, at->data, at->len) == 0);
    struct reader r = reader_over(at->data, at->len);
    while (file_entry_next(&r, &descriptor))
        check_text(descriptor.name, at);
}

static void check_attribute(const struct object_header *h, uint32_t i)
{
    uint8_t again[APP_FRAGMENT_MAX];
    struct writer w = writer_over(again, sizeof again);
    struct object_at at = object_header_at(h, i);
    struct attribute a;
    if (attribute_parse(h, i, &a) != ATTRIBUTE_OK)
        return;
    attribute_write(&w, &a);
    assert(!w.failed && writer_len(&w) == 5 + at.len && memcmp(again + 5, at.data, at.len) == 0);
    for (size_t k = 0; k < attribute_entries(&a); k++)
        (void)attribute_entry_at(&a, k);
}

/* Objects that are no measurements, by their parsers. Some first ones of a header stand for all. */
static void check_others(const struct app_fragment *f)
{
    struct object_walk walk = app_objects(f);
    struct object_header h;
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        for (uint32_t i = 0; h.has_objects && h.type && i < h.count && i < 8; i++) {
            struct object_at at = object_header_at(&h, i);
            if (layout_find(h.group, h.variation))
                check_layout(layout_find(h.group, h.variation), &at);
            if (h.type->kind == OBJECT_FILE)
                check_file(h.variation, &at);
            if (h.type->kind == OBJECT_ATTRIBUTE)
                check_attribute(&h, i);
        }
    }
}

static uint64_t count_strings(const struct app_fragment *f, enum walk_result end)
{
    struct string_walk walk = string_walk_begin(f);
    struct object_string s;
    uint64_t n = 0;
    for (; string_walk_next(&walk, &s); n++)
        assert(s.len > 0 && s.octets >= f->objects && s.octets + s.len <= f->octets + f->len);
    assert(walk.defect == end);
    return n;
}

static void check_measurement(const struct measurement *m)
{
    static const uint8_t state_bits[POINT_TYPES] = {[POINT_BINARY_INPUT] = 0x80,
                                                    [POINT_DOUBLE_BIT_INPUT] = 0xC0,
                                                    [POINT_BINARY_OUTPUT_STATUS] = 0x80,
                                                    [POINT_BINARY_COMMAND] = 0x80};
    char text[256];
    assert(m->type > 0 && m->type < POINT_TYPES);
    assert(!(m->flags & state_bits[m->type]));
    assert(m->time_quality != TIME_NONE || m->time_ms == 0);
    assert(m->time_quality != TIME_INVALID || m->time_ms == 0);
    decode_measurement(m, text, sizeof text);
}

static void check_texts(const uint8_t *data, size_t size)
{
    static char text[1024];
    for (int style = DECODE_LINE; style <= DECODE_TREE; style++) {
        size_t room = 1 + size % sizeof text;
        size_t len = decode_fragment(data, size, (enum decode_style)style, text, room);
        assert(strlen(text) == (len < room ? len : room - 1));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct app_fragment f;
    if (size > APP_FRAGMENT_MAX)
        size = APP_FRAGMENT_MAX;
    check_texts(data, size);
    if (app_parse(data, size, &f) != APP_OK)
        return 0;
    enum walk_result end;
    uint64_t expected = check_headers(&f, &end);
    uint64_t found = 0;
    struct measurement_walk walk = measurement_walk_begin(&f, f.iin & IIN_NEED_TIME);
    struct measurement m;
    while (measurement_walk_next(&walk, &m)) {
        check_measurement(&m);
        found++;
    }
    struct measure_summary s = measure_summarise(&f);
    assert(s.strings == count_strings(&f, end));
    check_others(&f);
    assert(found == expected && found == (uint64_t)s.events + s.statics);
    assert(walk.defect == end && s.defect == end);
    assert(end == WALK_END || walk.defect_offset == s.defect_offset);
    return 0;
}
