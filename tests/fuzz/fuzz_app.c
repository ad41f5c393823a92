// SPDX-License-Identifier: Apache-2.0
/*
 * One application fragment: object walk, measurement walk and decoder agree, stay inside the octets, and do
 * no more than the octets are worth.
 */
#include <assert.h>
#include <string.h>

#include "protocol/decode.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
    return measured;
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
    assert(found == expected && found == (uint64_t)s.events + s.statics);
    assert(walk.defect == end && s.defect == end);
    assert(end == WALK_END || walk.defect_offset == s.defect_offset);
    return 0;
}
