// SPDX-License-Identifier: Apache-2.0
/*
 * Every row of the object table with every qualifier that it may have (dnp3-reference/application.md 4,
 * objects.md 2 to 4): generated values are encoded, parsed, found to be the same and encoded again to the
 * same octets; any octets of a fixed size are parsed and encoded to themselves.
 *
 * The rows come from the table and the values from what a row says of itself. A row of a kind that no codec
 * takes fails the test.
 */
#include "support/object_codecs.h"

enum { ROUNDS = 24, OBJECTS_MAX = 3, ROWS_MAX = 512 };

static uint8_t octets[8192];

/* Qualifiers. */

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
enum { QUALIFIERS = sizeof qualifiers / sizeof qualifiers[0] };

static bool is_ranged(const struct qualifier *q)
{
    return q->use == OBJECT_Q_RANGE || q->use == OBJECT_Q_ADDRESS;
}

/* Whether objects of that row stand behind that qualifier where the function has objects at all. */
static bool has_objects(const struct object_type *t, const struct qualifier *q)
{
    if (q->use == OBJECT_Q_ALL)
        return false;
    if (q->use == OBJECT_Q_SIZED)
        return true;
    if (t->packed_bits)
        return q->use == OBJECT_Q_RANGE;
    if (q->use == OBJECT_Q_COUNT && !(t->qualifiers & OBJECT_Q_SINGLE))
        return false;
    return t->size || t->is_string || t->self_sized;
}

/* Where ranges begin, and prefixes: the least, the greatest, any. */
static uint64_t index_of(unsigned round, uint64_t most)
{
    return round % 3 == 0 ? 0 : round % 3 == 1 ? most : draw() % (most + 1);
}

static uint64_t most_index(const struct object_type *t, size_t width)
{
    return t->self_sized ? UINT8_MAX : mask_of(width);
}

static void write_header(struct writer *w, const struct object_type *t, uint8_t variation,
                         const struct qualifier *q, uint64_t start, uint64_t n)
{
    uint8_t *begin = w->at;
    write_octets(w, (const uint8_t[]){t->group, variation, q->code}, 3);
    if (is_ranged(q)) {
        write_uint(w, start, q->width);
        write_uint(w, start + n - 1, q->width);
    } else if (q->numbers) {
        write_uint(w, n, q->width);
    }
    uint8_t library[16];
    struct writer own = writer_over(library, sizeof library);
    if (q->use == OBJECT_Q_RANGE)
        object_write_range(&own, t->group, variation, (uint32_t)start, (uint32_t)(start + n - 1));
    else if (q->use == OBJECT_Q_COUNT)
        object_write_count(&own, t->group, variation, (uint32_t)n);
    else if (q->use == OBJECT_Q_ALL)
        object_write_all(&own, t->group, variation);
    else
        return;
    if (library[2] == q->code) /* the library takes the shortest */
        assert_memory_equal(begin, library, writer_len(&own));
}

static struct object_header parse(const struct writer *w)
{
    struct object_header h;
    assert_false(w->failed);
    assert_int_equal(app_parse(octets, writer_len(w), &fragment), APP_OK);
    struct object_walk walk = app_objects(&fragment);
    assert_int_equal(object_walk_next(&walk, &h), WALK_HEADER);
    if (h.group == 51 && reader_left(&walk.r))
        assert_int_equal(object_walk_next(&walk, &h), WALK_HEADER);
    assert_int_equal(object_walk_next(&walk, &(struct object_header){0}), WALK_END);
    return h;
}

static struct writer begin_response(const struct object_type *t)
{
    struct writer w = writer_over(octets, sizeof octets);
    app_write_response(&w, 0xC0, APP_RESPONSE, 0);
    if (t->time == OBJECT_TIME_RELATIVE) {
        object_write_count(&w, 51, 1, 1);
        write_u48(&w, base_ms);
    }
    return w;
}

/* One header with objects: what a walk finds, and the octets written of what it finds. */
struct trial {
    struct case_at at;
    const struct qualifier *q;
    size_t n;
    uint64_t start;
    uint64_t index[OBJECTS_MAX];
    struct any value[OBJECTS_MAX];
};

static void put_object(struct trial *trial, size_t i, const struct any *v, struct writer *w)
{
    uint8_t alone[2048];
    struct writer one = writer_over(alone, sizeof alone);
    codec_of(trial->at.t)->write(&trial->at, v, &one);
    assert_false(one.failed);
    write_uint(w, trial->q->use == OBJECT_Q_SIZED ? writer_len(&one) : trial->index[i], trial->q->prefix);
    write_octets(w, alone, writer_len(&one));
}

static void check_objects(struct trial *trial)
{
    static uint8_t sent[sizeof octets];
    struct writer w = begin_response(trial->at.t);
    size_t behind = writer_len(&w);
    write_header(&w, trial->at.t, trial->at.variation, trial->q, trial->start, trial->n);
    for (size_t i = 0; i < trial->n; i++)
        put_object(trial, i, &trial->value[i], &w);
    struct object_header h = parse(&w);
    assert_int_equal(h.count, trial->n);
    assert_int_equal(h.offset, behind);
    size_t len = writer_len(&w);
    memcpy(sent, octets, len);

    uint8_t again[sizeof octets];
    struct writer copy = writer_over(again, sizeof again);
    write_header(&copy, h.type, h.variation, trial->q, h.start, h.count);
    for (uint32_t i = 0; i < h.count; i++) {
        static struct any found;
        found = (struct any){0};
        codec_of(h.type)->read(&trial->at, &h, i, &found);
        assert_memory_equal(&found, &trial->value[i], sizeof found);
        if (trial->q->use != OBJECT_Q_SIZED && (is_ranged(trial->q) || trial->q->prefix))
            assert_true(object_header_at(&h, i).index == trial->index[i]);
        put_object(trial, i, &found, &copy);
    }
    assert_int_equal(behind + writer_len(&copy), len);
    assert_memory_equal(again, sent + behind, writer_len(&copy));
}

static void prepare(struct trial *trial, const struct object_type *t, const struct qualifier *q,
                    unsigned round)
{
    *trial = (struct trial){.at = {.t = t, .variation = t->variation, .round = round}, .q = q};
    trial->n = 1 + round % OBJECTS_MAX;
    trial->at.most = q->prefix == 1 ? UINT8_MAX : 560;
    if (t->is_string)
        trial->at.variation = round < 2 ? (uint8_t[]){1, 255}[round] : (uint8_t)(1 + draw() % 255);
    if (t->self_sized && t->variation == 1)
        trial->at.variation = (uint8_t)(1 + draw() % 253);
    size_t width = is_ranged(q) ? q->width : q->prefix ? q->prefix : 1;
    uint64_t most = most_index(t, width);
    trial->start = is_ranged(q) ? index_of(round / 3, most - (trial->n - 1)) : 0;
    for (size_t i = 0; i < trial->n; i++)
        trial->index[i] = is_ranged(q) ? trial->start + i : index_of((unsigned)(round + i), most);
}

static void objects_of(const struct object_type *t, const struct qualifier *q)
{
    static struct trial trial;
    for (unsigned round = 0; round < ROUNDS; round++) {
        prepare(&trial, t, q, round);
        for (size_t i = 0; i < trial.n; i++) {
            struct case_at at = trial.at;
            at.round = (unsigned)(round + i);
            codec_of(t)->generate(&at, &trial.value[i]);
        }
        check_objects(&trial);
    }
}

/* Octets of a fixed size, whatever they are: what is read of them is written as them. */
static void any_octets_of(const struct object_type *t, const struct qualifier *q)
{
    static struct trial trial;
    if (!t->size || q->use == OBJECT_Q_SIZED || t->group == 101 || is_opaque(t))
        return;
    for (unsigned round = 0; round < ROUNDS; round++) {
        prepare(&trial, t, q, round);
        trial.n = 1;
        struct writer w = begin_response(t);
        write_header(&w, t, t->variation, q, trial.index[0], 1);
        write_uint(&w, trial.index[0], q->prefix);
        uint8_t *object = w.at;
        for (size_t i = 0; i < t->size; i++)
            write_u8(&w, round == 0 ? 0 : round == 1 ? 0xFF : (uint8_t)draw());
        struct object_header h = parse(&w);
        uint8_t again[32];
        struct writer copy = writer_over(again, sizeof again);
        trial.value[0] = (struct any){0};
        codec_of(t)->read(&trial.at, &h, 0, &trial.value[0]);
        codec_of(t)->write(&trial.at, &trial.value[0], &copy);
        assert_int_equal(writer_len(&copy), t->size);
        assert_memory_equal(again, object, t->size);
    }
}

static double packed_at(const struct object_type *t, const struct object_header *h, uint32_t i)
{
    if (!object_is_measured(t)) {
        size_t bit = (size_t)i * t->packed_bits;
        return (unsigned)object_header_at(h, i).data[bit / 8] >> bit % 8 & ((1U << t->packed_bits) - 1);
    }
    struct measurement_walk walk = measurement_walk_begin(&fragment, false);
    struct measurement m = {0};
    for (uint32_t k = 0; k <= i; k++)
        assert_true(measurement_walk_next(&walk, &m));
    assert_int_equal(m.index, h->start + i);
    assert_int_equal(m.flags, FLAG_ONLINE);
    return m.value;
}

/* From one value to three octets full. */
static void packed_of(const struct object_type *t, const struct qualifier *q)
{
    const uint32_t most = 24 / t->packed_bits;
    for (uint32_t n = 1; n <= most; n++) {
        uint64_t start = index_of(n, mask_of(q->width) - (n - 1));
        uint32_t values = (uint32_t)draw() & ((1U << n * t->packed_bits) - 1);
        struct writer w = begin_response(t);
        write_header(&w, t, t->variation, q, start, n);
        write_uint(&w, values, (n * t->packed_bits + 7) / 8);
        struct object_header h = parse(&w);
        assert_int_equal(h.count, n);
        assert_true(h.start == start);
        uint32_t found = 0;
        for (uint32_t i = 0; i < n; i++)
            found |= (uint32_t)packed_at(t, &h, i) << i * t->packed_bits;
        assert_int_equal(found, values);
    }
}

static uint64_t request_count(const struct qualifier *q, unsigned round)
{
    if (q->use == OBJECT_Q_ALL)
        return 0;
    if (is_ranged(q))
        return 1 + draw() % 200;
    return q->prefix ? 1 + round % 3 : 1 + index_of(round, mask_of(q->width) - 1);
}

/* A request: the header, with or without a list of indexes. */
static void bare_header_of(const struct object_type *t, const struct qualifier *q)
{
    if (q->use == OBJECT_Q_SIZED || t->group == GROUP_AUTHENTICATION)
        return; /* they carry objects also there */
    for (unsigned round = 0; round < 9; round++) {
        struct writer w = writer_over(octets, sizeof octets);
        app_write_request(&w, 0xC0, APP_READ);
        uint64_t n = request_count(q, round);
        uint64_t most = mask_of(is_ranged(q) ? q->width : q->prefix);
        uint64_t start = is_ranged(q) ? index_of(round, most - (n - 1)) : 0;
        uint64_t index[3] = {0};
        write_header(&w, t, t->variation, q, start, n);
        for (unsigned i = 0; q->prefix && i < n; i++) {
            index[i] = index_of(round + i, most);
            write_uint(&w, index[i], q->prefix);
        }
        struct object_header h = parse(&w);
        assert_ptr_equal(h.type, t);
        assert_false(h.has_objects);
        assert_int_equal(h.all, q->use == OBJECT_Q_ALL);
        assert_true(h.all || h.count == n);
        assert_true(h.start == start);
        for (unsigned i = 0; q->prefix && i < n; i++)
            assert_true(object_header_at(&h, i).index == index[i]);
    }
}

static void every_row_with_every_qualifier(void **state)
{
    (void)state;
    size_t n, with_objects = 0, pairs = 0, expected = 0;
    const struct object_type *rows = object_types(&n);
    bool covered[ROWS_MAX] = {false};
    assert_true(n <= ROWS_MAX);
    for (size_t i = 0; i < n * QUALIFIERS; i++) {
        const struct object_type *t = &rows[i / QUALIFIERS];
        const struct qualifier *q = &qualifiers[i % QUALIFIERS];
        if (!(t->qualifiers & q->use))
            continue;
        bare_header_of(t, q);
        pairs++;
        if (has_objects(t, q)) {
            if (t->packed_bits) {
                packed_of(t, q);
            } else {
                objects_of(t, q);
                any_octets_of(t, q);
            }
            with_objects++;
        }
        covered[i / QUALIFIERS] = true;
    }
    /* By the mask of uses, instead of the qualifiers one by one: three codes to each but 06; two of
     * OBJECT_Q_SINGLE are those of OBJECT_Q_COUNT. */
    for (size_t i = 0; i < n; i++) {
        assert_true(covered[i]);
        for (unsigned use = OBJECT_Q_RANGE; use <= OBJECT_Q_ADDRESS; use <<= 1)
            if ((rows[i].qualifiers & use) && use != OBJECT_Q_SINGLE)
                expected += use == OBJECT_Q_ALL ? 1 : use == OBJECT_Q_PREFIX ? 9 : 3;
    }
    assert_int_equal(pairs, expected);
    assert_true(n >= 180 && with_objects > 1500);
    print_message("%zu rows, %zu with a qualifier, %zu of these with objects\n", n, pairs, with_objects);
}

/* One octet 0 stands for a string of none (objects.md 4); all that a string can be long is in every_row. */
static void a_string_without_octets_is_one_octet_0(void **state)
{
    (void)state;
    for (uint8_t group = 110; group <= 113; group++) {
        struct writer w = writer_over(octets, sizeof octets);
        app_write_response(&w, 0xC0, APP_RESPONSE, 0);
        string_write(&w, group, 7, NULL, 0);
        struct object_header h = parse(&w);
        struct object_at at = object_header_at(&h, 0);
        assert_int_equal(h.variation, 1);
        assert_int_equal(at.len, 1);
        assert_int_equal(at.data[0], 0);
    }
}

/* What a variation can't hold comes back as its edge, and the same from there on. */
static void saturated_values_stay_what_they_became(void **state)
{
    (void)state;
    static const double values[] = {1e300, -1e300, 5e9, -5e9, 70000, -70000};
    size_t n, checked = 0;
    const struct object_type *rows = object_types(&n);
    for (size_t i = 0; i < n * 6; i++) {
        const struct object_type *t = &rows[i / 6];
        bool analog = is_measured(t) && (t->value >= VALUE_I16 && t->value <= VALUE_F32);
        if (!analog || t->kind != OBJECT_STATIC)
            continue;
        uint8_t first[16], second[16];
        struct measurement m = {.value = values[i % 6], .flags = FLAG_ONLINE};
        struct writer w = writer_over(first, sizeof first);
        object_encode(&w, t, &m, 0);
        struct reader r = reader_over(first + t->has_flags, writer_len(&w) - t->has_flags);
        m.value = analog_decode(t, r.at);
        m.flags = t->has_flags ? first[0] : FLAG_ONLINE;
        assert_true(m.value == values[i % 6] || !t->has_flags || (m.flags & FLAG_OVER_RANGE) ||
                    t->value == VALUE_F32);
        struct writer again = writer_over(second, sizeof second);
        object_encode(&again, t, &m, 0);
        assert_memory_equal(first, second, writer_len(&w));
        checked++;
    }
    assert_true(checked >= 15 * 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_with_every_qualifier),
        cmocka_unit_test(a_string_without_octets_is_one_octet_0),
        cmocka_unit_test(saturated_values_stay_what_they_became),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
