// SPDX-License-Identifier: Apache-2.0
/* Rules of the application layer (dnp3-reference/application.md, objects.md), broken one at a time, for every
 * row of the object table. */
#include "stimulus.h"

static const struct object_type *row_at(uint32_t i)
{
    size_t count;
    const struct object_type *rows = object_types(&count);
    return &rows[i % count];
}

static uint32_t rows_count(void)
{
    size_t count;
    object_types(&count);
    return (uint32_t)count;
}

/* A request in which the row may stand, or where it should not. */
static uint8_t function_for(const struct object_type *row, uint32_t n)
{
    static const uint8_t functions[][3] = {
        {OBJECT_IN_READ, APP_READ, APP_READ},
        {OBJECT_IN_WRITE, APP_WRITE, APP_WRITE},
        {OBJECT_IN_OPERATE, APP_SELECT, APP_DIRECT_OPERATE},
        {OBJECT_IN_FREEZE, APP_IMMED_FREEZE, APP_FREEZE_AT_TIME},
        {OBJECT_IN_CLASS, APP_ASSIGN_CLASS, APP_ENABLE_UNSOLICITED},
    };
    for (uint32_t i = 0; i < 5; i++) {
        const uint8_t *f = functions[(i + n) % 5];
        if (row->functions & f[0])
            return f[1 + (n >> 3 & 1)];
    }
    return (uint8_t)(n % 34);
}

static void fill(struct writer *w, uint32_t n, size_t len)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x7F, 0x80, 0xFF, 0x81, 0xF0, 0xC0};
    for (size_t i = 0; i < len && writer_room(w); i++) {
        uint32_t x = scatter(n, (uint32_t)i);
        write_u8(w, x & 0x300 ? (uint8_t)x : telling[x & 7]);
    }
}

static void send_fragment(struct stimulus *s, const struct writer *w)
{
    size_t len = writer_len(w);
    s->fragment_len = len < APP_FRAGMENT_MAX ? len : APP_FRAGMENT_MAX;
    stimulus_fragment(s, s->fragment, s->fragment_len);
}

/* Octets of the range or count field behind each qualifier code; 0: none, or a reserved one. */
static size_t range_octets(uint8_t qualifier)
{
    static const uint8_t octets[16] = {2, 4, 8, 2, 4, 8, 0, 1, 2, 4, 0, 1, 0, 0, 0, 0};
    return octets[qualifier & 15];
}

static size_t prefix_octets(uint8_t qualifier)
{
    static const uint8_t octets[8] = {0, 1, 2, 4, 1, 2, 4, 0};
    return octets[qualifier >> 4 & 7];
}

/* A range or count field: start and stop, or a count, of the field's width. */
static void write_range(struct writer *w, uint8_t qualifier, uint32_t start, uint32_t count)
{
    size_t octets = range_octets(qualifier);
    if ((qualifier & 15) < 6) {
        write_uint(w, start, octets / 2);
        write_uint(w, start + count - 1, octets / 2);
    } else {
        write_uint(w, count, octets);
    }
}

/* Objects with their prefixes, as many as the header says. */
static void write_objects(struct writer *w, const struct object_type *row, uint8_t variation,
                          uint8_t qualifier, uint32_t count, uint32_t n)
{
    size_t size = object_size(row, variation);
    for (uint32_t i = 0; i < count; i++) {
        size_t object = row->packed_bits ? (i == 0) : size ? size : scatter(n, i) % 24;
        size_t prefix = prefix_octets(qualifier);
        write_uint(w, (qualifier >> 4 & 7) >= 4 ? object : i + 1, prefix);
        fill(w, n + i, object);
    }
}

static uint32_t controls_count(void)
{
    return 16 * 256 * 2;
}

/* Every combination of FIR, FIN, CON and UNS with every function, with and without objects. */
static void controls_make(struct stimulus *s, uint32_t n)
{
    struct writer w = stimulus_header(s, (uint8_t)n);
    s->fragment[0] = (uint8_t)((n >> 8 & 15) << 4 | (s->fragment[0] & APP_SEQ));
    s->fragment[1] = (uint8_t)n;
    static const uint8_t event[] = {2, 1, 0x17, 1, 3, 0x81};
    if (n >> 12)
        write_octets(&w, event, sizeof event);
    send_fragment(s, &w);
}

static uint32_t short_count(void)
{
    return 256 * 5;
}

/* Fragments of 0 to 4 octets. */
static void short_make(struct stimulus *s, uint32_t n)
{
    stimulus_header(s, (uint8_t)n);
    s->fragment[1] = (uint8_t)n;
    s->fragment_len = n / 256;
    if (s->fragment_len)
        stimulus_fragment(s, s->fragment, s->fragment_len);
}

enum { FORMS = 5 };

static uint32_t headers_count(void)
{
    return rows_count() * 256 * FORMS;
}

/* Every row with every qualifier: exact, too short by some octets, none behind, a huge count, unknown
 * variation. */
static void headers_make(struct stimulus *s, uint32_t n)
{
    uint8_t qualifier = (uint8_t)n;
    uint32_t form = n / 256 % FORMS;
    const struct object_type *row = row_at(n / 256 / FORMS);
    struct writer w = stimulus_header(s, function_for(row, n));
    uint8_t variation = form == 4 ? (uint8_t)(row->variation + 100) : row->variation;
    if (row->is_string && form != 4)
        variation = (uint8_t)(scatter(n, 1) | 1);
    uint32_t count = form == 3 ? (n & 1 ? 0xFFFFFFFF : 65535) : form == 2 ? 9 : 1 + scatter(n, 2) % 3;
    write_u8(&w, row->group);
    write_u8(&w, variation);
    write_u8(&w, qualifier);
    write_range(&w, qualifier, scatter(n, 3) % 8, count);
    if (form != 2)
        write_objects(&w, row, variation, qualifier, form == 3 ? scatter(n, 4) % 4 : count, n);
    if (form == 1 && writer_len(&w) > 6)
        w.at -= 1 + scatter(n, 5) % (writer_len(&w) - 5);
    send_fragment(s, &w);
}

static const uint8_t usual[] = {0x00, 0x01, 0x02, 0x07, 0x08, 0x17, 0x28, 0x39, 0x5B, 0x06};
enum { CUTS = 48, USUAL = sizeof usual };

static uint32_t cuts_count(void)
{
    return rows_count() * USUAL * CUTS;
}

/* A good header, then two objects of a row, cut at each octet. */
static void cuts_make(struct stimulus *s, uint32_t n)
{
    uint8_t qualifier = usual[n / CUTS % USUAL];
    const struct object_type *row = row_at(n / CUTS / USUAL);
    struct writer w = stimulus_header(s, function_for(row, n / CUTS));
    size_t header = writer_len(&w);
    write_u8(&w, row->group);
    write_u8(&w, row->variation);
    write_u8(&w, qualifier);
    write_range(&w, qualifier, 1, 2);
    write_objects(&w, row, row->variation, qualifier, 2, n / CUTS);
    if (header + n % CUTS < writer_len(&w))
        w.at = s->fragment + header + n % CUTS;
    send_fragment(s, &w);
}

static uint32_t claims_count(void)
{
    return rows_count() * 12;
}

/* Few octets that claim much: ranges and counts at the edges, backwards, and many such headers in a row. */
static void claims_make(struct stimulus *s, uint32_t n)
{
    static const struct {
        uint8_t qualifier;
        uint32_t a, b;
    } claims[12] = {
        {0x00, 0, 255},        {0x00, 200, 100},      {0x01, 0, 65535},      {0x01, 65535, 0},
        {0x02, 0, 0xFFFFFFFF}, {0x02, 0xFFFFFFFF, 0}, {0x07, 255, 0},        {0x08, 65535, 0},
        {0x09, 0xFFFFFFFF, 0}, {0x28, 65535, 0},      {0x39, 0xFFFFFFFF, 0}, {0x08, 0, 0},
    };
    const struct object_type *row = row_at(n / 12);
    struct writer w = stimulus_header(s, function_for(row, n));
    uint32_t repeats = n & 4 ? 180 : 1;
    for (uint32_t i = 0; i < repeats; i++) {
        uint8_t qualifier = claims[n % 12].qualifier;
        size_t octets = range_octets(qualifier);
        write_u8(&w, row->group);
        write_u8(&w, row->variation);
        write_u8(&w, qualifier);
        write_uint(&w, claims[n % 12].a, qualifier < 6 ? octets / 2 : octets);
        if (qualifier < 6)
            write_uint(&w, claims[n % 12].b, octets / 2);
    }
    send_fragment(s, &w);
}

static const uint64_t edges[] = {
    0,
    1,
    0xFFFFFFFFFFFF, /* the last time that there is */
    0x7FFFFFFFFFFF,
    0x800000000000,
    0x7FC000007FC00000, /* NaN, in either width and at either end */
    0x7F8000017F800001, /* signalling */
    0xFFFFFFFFFFFFFFFF,
    0x7F8000007F800000, /* infinity */
    0xFF800000FF800000,
    0x7FF0000000000000,
    0xFFF0000000000000,
    0x7FF8000000000000,
    0x0000000100000001, /* denormal */
    0x7FEFFFFFFFFFFFFF, /* the largest */
    0x8000000080000000,
};
enum { EDGES = sizeof edges / sizeof edges[0] };

static uint32_t edges_count(void)
{
    return rows_count() * EDGES * 2;
}

/* NaN in every float, times at the edge, relative times without a base: an object of edge values, by index
 * and by range. */
static void edges_make(struct stimulus *s, uint32_t n)
{
    uint8_t qualifier = n & 1 ? 0x28 : 0x00;
    uint64_t edge = edges[n / 2 % EDGES];
    const struct object_type *row = row_at(n / 2 / EDGES);
    size_t size = object_size(row, row->variation), begin;
    struct writer w = stimulus_header(s, function_for(row, n));
    write_u8(&w, row->group);
    write_u8(&w, row->variation);
    write_u8(&w, qualifier);
    write_range(&w, qualifier, 1, 1);
    write_uint(&w, 1, prefix_octets(qualifier));
    begin = writer_len(&w);
    if (row->has_flags)
        write_u8(&w, 0x01);
    for (size_t i = 0; writer_len(&w) < begin + (size ? size : 1); i++)
        write_u8(&w, (uint8_t)(edge >> i % 8 * 8));
    send_fragment(s, &w);
}

static uint32_t strings_count(void)
{
    return 5 * 256;
}

/* Strings and attributes of every length, 255 included; a length octet that goes beyond the end. */
static void strings_make(struct stimulus *s, uint32_t n)
{
    static const uint8_t groups[] = {110, 111, 112, 113, 0};
    uint8_t group = groups[n / 256];
    uint8_t len = (uint8_t)n;
    struct writer w = stimulus_header(s, n & 1 ? APP_WRITE : APP_READ);
    write_u8(&w, group);
    write_u8(&w, len);
    write_u8(&w, 0x28);
    write_u16(&w, 2);
    for (uint32_t i = 0; i < 2; i++) {
        write_u16(&w, (uint16_t)i);
        if (group == 0) {
            write_u8(&w, (uint8_t)(len % 8));
            write_u8(&w, len);
        }
        fill(&w, n + i, len);
    }
    send_fragment(s, &w);
}

static uint32_t sized_count(void)
{
    return 9 * 64;
}

/* Free format: objects that tell a size which is not theirs, and files within that do the same. */
static void sized_make(struct stimulus *s, uint32_t n)
{
    static const uint16_t sizes[] = {0, 1, 7, 8, 25, 26, 255, 2000, 65535};
    static const uint8_t functions[] = {
        APP_OPEN_FILE,         APP_CLOSE_FILE, APP_DELETE_FILE, APP_GET_FILE_INFO,
        APP_AUTHENTICATE_FILE, APP_ABORT_FILE, APP_READ,        APP_WRITE};
    struct writer w = stimulus_header(s, functions[n % 8]);
    write_u8(&w, (uint8_t)(n & 32 ? 120 : 70));
    write_u8(&w, (uint8_t)(n % 9 + 1));
    write_u8(&w, 0x5B);
    write_u8(&w, (uint8_t)(n / 64 == 8 ? 255 : 1 + n / 64 % 2));
    for (uint32_t i = 0; i < 1 + n % 3; i++) {
        write_u16(&w, sizes[n / 64]);
        fill(&w, n + i, sizes[n / 64] < 300 ? sizes[n / 64] : 40);
    }
    send_fragment(s, &w);
}

static uint32_t pairs_count(void)
{
    return rows_count() * 64;
}

/* Two headers, both rows of the table, the second one anywhere in it: what one leaves behind meets the other.
 */
static void pairs_make(struct stimulus *s, uint32_t n)
{
    const struct object_type *rows[2] = {row_at(n / 64), row_at(scatter(n, 7))};
    struct writer w = stimulus_header(s, function_for(rows[0], n));
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t qualifier = usual[scatter(n, 8 + i) % USUAL];
        uint32_t count = 1 + scatter(n, 10 + i) % 12;
        write_u8(&w, rows[i]->group);
        write_u8(&w, rows[i]->variation);
        write_u8(&w, qualifier);
        write_range(&w, qualifier, scatter(n, 12) % 300, count);
        write_objects(&w, rows[i], rows[i]->variation, qualifier, count, n + i);
    }
    send_fragment(s, &w);
}

static uint32_t iin_count(void)
{
    return 16;
}

/* Every internal indication alone; a master writes each of them. */
static void iin_make(struct stimulus *s, uint32_t n)
{
    struct writer w = stimulus_header(s, APP_WRITE);
    if (s->guise->master) {
        const uint8_t write[] = {80, 1, 0, (uint8_t)n, (uint8_t)n, (uint8_t)(n & 1)};
        write_octets(&w, write, sizeof write);
    } else {
        w.at -= 2;
        write_u16(&w, (uint16_t)(1U << n));
    }
    send_fragment(s, &w);
}

static uint32_t misplaced_count(void)
{
    return rows_count() * 34;
}

/* Every row under every function, in a form that is right elsewhere. */
static void misplaced_make(struct stimulus *s, uint32_t n)
{
    const struct object_type *row = row_at(n / 34);
    struct writer w = stimulus_header(s, (uint8_t)(n % 34));
    uint8_t qualifier = row->qualifiers & OBJECT_Q_SIZED   ? 0x5B
                        : row->qualifiers & OBJECT_Q_RANGE ? 0x00
                                                           : 0x17;
    if (!s->guise->master && n % 2)
        s->fragment[1] = APP_AUTHENTICATE_RESP;
    write_u8(&w, row->group);
    write_u8(&w, row->variation);
    write_u8(&w, qualifier);
    write_range(&w, qualifier, 1, 1);
    write_objects(&w, row, row->variation, qualifier, 1, n);
    send_fragment(s, &w);
}

const struct family app_families[] = {
    {"application.md 1, 2", "control bits x functions", controls_count, controls_make},
    {"application.md 1, 6", "0 to 4 octets", short_count, short_make},
    {"application.md 3", "indications", iin_count, iin_make},
    {"application.md 4", "huge claims, backward ranges", claims_count, claims_make},
    {"application.md 4.1", "every object x function", misplaced_count, misplaced_make},
    {"objects.md 2, 3, time.md 1", "NaN and edges of time", edges_count, edges_make},
    {"objects.md 4, attributes.md 1", "strings, attributes", strings_count, strings_make},
    {"files.md 1, application.md 4", "sizes that are wrong", sized_count, sized_make},
    {"application.md 4", "two headers", pairs_count, pairs_make},
    {"application.md 4, 6", "cut at each octet", cuts_count, cuts_make},
    {"application.md 4", "every qualifier x 5 forms", headers_count, headers_make},
    {NULL, NULL, NULL, NULL},
};
