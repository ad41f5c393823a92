// SPDX-License-Identifier: Apache-2.0
/*
 * Every row of the object table with every qualifier (dnp3-reference/application.md 4): one object each,
 * whole, cut at every octet, and as a request without objects.
 */
#include "protocol/app.h"
#include "support/cm.h"

struct qualifier {
    uint8_t code;
    uint8_t use;     /* OBJECT_Q_* */
    uint8_t numbers; /* start and stop, or a count */
    uint8_t width;   /* octets of each */
    uint8_t prefix;
};

static const struct qualifier qualifiers[] = {
    {0x00, OBJECT_Q_RANGE, 2, 1, 0},   {0x01, OBJECT_Q_RANGE, 2, 2, 0},   {0x02, OBJECT_Q_RANGE, 2, 4, 0},
    {0x03, OBJECT_Q_ADDRESS, 2, 1, 0}, {0x04, OBJECT_Q_ADDRESS, 2, 2, 0}, {0x05, OBJECT_Q_ADDRESS, 2, 4, 0},
    {0x06, OBJECT_Q_ALL, 0, 0, 0},     {0x07, OBJECT_Q_COUNT, 1, 1, 0},   {0x08, OBJECT_Q_COUNT, 1, 2, 0},
    {0x09, OBJECT_Q_COUNT, 1, 4, 0},   {0x17, OBJECT_Q_PREFIX, 1, 1, 1},  {0x18, OBJECT_Q_PREFIX, 1, 2, 1},
    {0x19, OBJECT_Q_PREFIX, 1, 4, 1},  {0x27, OBJECT_Q_PREFIX, 1, 1, 2},  {0x28, OBJECT_Q_PREFIX, 1, 2, 2},
    {0x29, OBJECT_Q_PREFIX, 1, 4, 2},  {0x37, OBJECT_Q_PREFIX, 1, 1, 4},  {0x38, OBJECT_Q_PREFIX, 1, 2, 4},
    {0x39, OBJECT_Q_PREFIX, 1, 4, 4},  {0x4B, OBJECT_Q_SIZED, 1, 1, 1},   {0x5B, OBJECT_Q_SIZED, 1, 1, 2},
    {0x6B, OBJECT_Q_SIZED, 1, 1, 4},
};
enum { QUALIFIERS = sizeof qualifiers / sizeof qualifiers[0], SIZED_LEN = 3, INDEX = 7 };

static uint8_t octets[64];
static struct object_header header;

static enum walk_result walked(const struct writer *w, size_t len)
{
    struct app_fragment f;
    assert_false(w->failed);
    assert_int_equal(app_parse(octets, len, &f), APP_OK);
    struct object_walk walk = app_objects(&f);
    enum walk_result result = object_walk_next(&walk, &header);
    if (result == WALK_HEADER)
        assert_int_equal(object_walk_next(&walk, &(struct object_header){0}), WALK_END);
    return result;
}

static void write_header(struct writer *w, const struct object_type *t, const struct qualifier *q)
{
    write_octets(w, (const uint8_t[]){t->group, t->variation, q->code}, 3);
    for (unsigned i = 0; i < q->numbers; i++)
        write_uint(w, q->numbers == 2 ? INDEX : 1, q->width);
}

/* Octets of one object of that row. */
static size_t object_len(const struct object_type *t, const struct qualifier *q)
{
    if (q->use == OBJECT_Q_SIZED)
        return SIZED_LEN;
    return t->packed_bits ? 1 : t->self_sized ? 2 : object_size(t, t->variation);
}

static enum walk_result expected(const struct object_type *t, const struct qualifier *q)
{
    if (!(t->qualifiers & q->use))
        return WALK_BAD_QUALIFIER;
    if (q->use == OBJECT_Q_ALL || q->use == OBJECT_Q_SIZED)
        return WALK_HEADER;
    if (t->packed_bits)
        return q->use == OBJECT_Q_RANGE ? WALK_HEADER : WALK_BAD_QUALIFIER;
    if (object_len(t, q) == 0)
        return WALK_UNKNOWN_OBJECT;
    return q->use != OBJECT_Q_COUNT || t->qualifiers & OBJECT_Q_SINGLE ? WALK_HEADER : WALK_BAD_QUALIFIER;
}

static void check_whole(const struct object_type *t, const struct qualifier *q, const struct writer *w)
{
    enum walk_result result = walked(w, writer_len(w));
    assert_int_equal(result, expected(t, q));
    assert_ptr_equal(header.type, t);
    if (result != WALK_HEADER)
        return;
    if (header.all) {
        assert_int_equal(header.data_len, 0);
        return;
    }
    struct object_at at = object_header_at(&header, 0);
    assert_int_equal(header.count, 1);
    assert_int_equal(at.len, object_len(t, q));
    assert_ptr_equal(at.data + at.len, w->at);
    if (q->use == OBJECT_Q_RANGE || q->use == OBJECT_Q_ADDRESS || q->use == OBJECT_Q_PREFIX)
        assert_int_equal(at.index, INDEX);
}

static void in_responses(void **state)
{
    (void)state;
    size_t n;
    const struct object_type *rows = object_types(&n);
    for (size_t i = 0; i < n * QUALIFIERS; i++) {
        const struct object_type *t = &rows[i / QUALIFIERS];
        const struct qualifier *q = &qualifiers[i % QUALIFIERS];
        struct writer w = writer_over(octets, sizeof octets);
        memset(octets, 0, sizeof octets);
        app_write_response(&w, 0xC0, APP_RESPONSE, 0);
        write_header(&w, t, q);
        if (q->use != OBJECT_Q_ALL) {
            write_uint(&w, q->use == OBJECT_Q_SIZED ? SIZED_LEN : INDEX, q->prefix);
            write_octets(&w, (const uint8_t[15]){t->self_sized ? 1 : 0}, object_len(t, q));
        }
        check_whole(t, q, &w);
        for (size_t len = APP_RESPONSE_HEADER_LEN + 1; len < writer_len(&w); len++) {
            enum walk_result result = walked(&w, len);
            assert_true(result == WALK_TRUNCATED || (result != WALK_HEADER && result == expected(t, q)));
        }
    }
}

static void in_requests_without_objects(void **state)
{
    (void)state;
    size_t n;
    const struct object_type *rows = object_types(&n);
    for (size_t i = 0; i < n * QUALIFIERS; i++) {
        const struct object_type *t = &rows[i / QUALIFIERS];
        const struct qualifier *q = &qualifiers[i % QUALIFIERS];
        if (q->use == OBJECT_Q_SIZED || t->group == GROUP_AUTHENTICATION)
            continue; /* they carry objects also in a READ */
        struct writer w = writer_over(octets, sizeof octets);
        app_write_request(&w, 0xC0, APP_READ);
        write_header(&w, t, q);
        write_uint(&w, INDEX, q->prefix);
        bool allowed = t->qualifiers & q->use;
        assert_int_equal(walked(&w, writer_len(&w)), allowed ? WALK_HEADER : WALK_BAD_QUALIFIER);
        assert_false(header.has_objects);
        if (allowed && q->prefix)
            assert_int_equal(object_header_at(&header, 0).index, INDEX);
    }
}

static bool is_listed(uint8_t code)
{
    for (size_t i = 0; i < QUALIFIERS; i++) {
        if (qualifiers[i].code == code)
            return true;
    }
    return false;
}

/* What is in no list is reserved, whatever object it stands with. */
static void reserved_qualifiers(void **state)
{
    (void)state;
    for (unsigned code = 0; code < 256; code++) {
        struct writer w = writer_over(octets, sizeof octets);
        app_write_request(&w, 0xC0, APP_READ);
        write_octets(&w, (const uint8_t[]){200, 1, (uint8_t)code}, 3);
        write_octets(&w, (const uint8_t[32]){0}, 32);
        enum walk_result result = object_walk_next(
            &(struct object_walk){.r = reader_over(octets + 2, 35), .fragment = octets, .function = APP_READ},
            &header);
        assert_int_equal(result == WALK_BAD_QUALIFIER, !is_listed((uint8_t)code));
        if (result == WALK_BAD_QUALIFIER)
            assert_string_equal(object_defect_text(&header, result), "reserved qualifier");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_responses),
        cmocka_unit_test(in_requests_without_objects),
        cmocka_unit_test(reserved_qualifiers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
