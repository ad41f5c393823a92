// SPDX-License-Identifier: Apache-2.0
/*
 * Octets that other projects test with: what they send must be read to its end, what they refuse must be
 * refused here too, and nothing may upset the walk or the decoder. Skipped where the corpora are absent.
 */
#include "protocol/decode.h"
#include "protocol/transport.h"
#include "support/cm.h"
#include "support/corpus.h"
#include "support/hex.h"

enum { SKIP = 77, LINE_ROOM = 65536, OCTETS_ROOM = 16384 };

static char line[LINE_ROOM];
static uint8_t octets[OCTETS_ROOM];

/* What our parsers make of one fragment. */
struct reading {
    bool parsed;
    struct app_fragment fragment;
    enum walk_result end;
    bool unknown;    /* a header of an object that is unknown, or has no place in that function */
    bool odd_values; /* values that are refused elsewhere, accepted here: see below */
    size_t objects;  /* that were stepped over */
    size_t headers;
};

/* Reserved flag bits and negative deadbands are no defects of structure: they are kept as they came. */
static bool has_odd_values(const struct object_header *h, uint32_t i)
{
    struct object_at at = object_header_at(h, i);
    if (h->type->point == POINT_BINARY_INPUT && h->type->has_flags)
        return at.data[0] & 0x40;
    return h->group == 34 && h->variation == 3 && at.data[3] & 0x80;
}

static void read_header(struct reading *r, const struct object_header *h)
{
    uint8_t mask = app_function_mask(r->fragment.function);
    r->headers++;
    if (!h->type || (mask && !(h->type->functions & mask)))
        r->unknown = true;
    for (uint32_t i = 0; h->has_objects && i < h->count; i++) {
        struct object_at at = object_header_at(h, i);
        assert_true(at.len == 0 || (at.data >= h->data && at.data + at.len <= h->data + h->data_len));
        r->objects++;
        if (h->type && has_odd_values(h, i))
            r->odd_values = true;
    }
}

static struct reading read_fragment(const uint8_t *fragment, size_t len)
{
    static char text[512];
    struct reading r = {.parsed = app_parse(fragment, len, &r.fragment) == APP_OK};
    struct object_header h;
    struct measurement m;
    decode_fragment(fragment, len, DECODE_TREE, text, sizeof text);
    if (!r.parsed)
        return r;
    struct object_walk walk = app_objects(&r.fragment);
    while ((r.end = object_walk_next(&walk, &h)) == WALK_HEADER)
        read_header(&r, &h);
    if (r.end == WALK_UNKNOWN_OBJECT)
        r.unknown = true;
    struct measurement_walk measurements = measurement_walk_begin(&r.fragment, false);
    size_t found = 0;
    while (measurement_walk_next(&measurements, &m))
        found++;
    assert_true(found <= r.objects);
    return r;
}

static FILE *open_or_skip(const char *name)
{
    FILE *f = corpus_open(name);
    char *fields[1];
    if (!f) {
        print_message("%s is absent: skipped\n", name);
        skip();
    }
    assert_true(corpus_row(f, line, sizeof line, fields, 1));
    return f;
}

static size_t hex_or_fail(const char *hex)
{
    size_t len = hex_parse_n(hex, strlen(hex), octets, sizeof octets);
    if (len == SIZE_MAX)
        fail_msg("not hex: %s", hex);
    return len;
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool has_link_frame(size_t len)
{
    struct link_errors errors = {0};
    struct link_frame f;
    size_t used;
    return link_parse(octets, len, &used, &f, &errors) == LINK_FRAME;
}

static bool pesco_agrees(const char *parser, const char *expected, size_t len)
{
    if (strcmp(parser, "link_frame") == 0)
        return has_link_frame(len) == (!begins(expected, "REJECT") && !strstr(expected, "<corrupt>"));
    struct reading r = read_fragment(octets, len);
    bool response = app_is_response(r.fragment.function);
    bool wrong_way =
        strcmp(parser, "app_request") == 0 ? response : strcmp(parser, "app_response") == 0 && !response;
    bool known = r.parsed && !wrong_way && app_function_name(r.fragment.function);
    bool objects_fit =
        app_function_mask(r.fragment.function) || r.fragment.function != APP_CONFIRM || r.headers == 0;
    if (begins(expected, "REJECT"))
        return !known || r.fragment.iin & 0xC000;
    if (begins(expected, "FUNC_NOT_SUPP"))
        return !known;
    if (begins(expected, "OBJ_UNKNOWN"))
        return known && r.unknown;
    if (begins(expected, "PARAM_ERROR"))
        return known && (r.end != WALK_END || !objects_fit || r.odd_values);
    return known && r.end == WALK_END && !r.unknown && !r.odd_values && objects_fit;
}

static void pesco_vectors(void **state)
{
    (void)state;
    FILE *f = open_or_skip("pesco-vectors.tsv");
    char *fields[5];
    unsigned checked = 0;
    while (corpus_row(f, line, sizeof line, fields, 5)) {
        if (begins(fields[1], "transport"))
            continue; /* an empty segment is a matter of taste (transport.md 1) */
        size_t len = hex_or_fail(fields[3]);
        if (!pesco_agrees(fields[1], fields[4], len))
            fail_msg("%s: %s: expected %s", fields[1], fields[3], fields[4]);
        checked++;
    }
    fclose(f);
    assert_true(checked > 150);
}

/* Captured in a certification run: both sides are sound but for what the procedure does on purpose. */
static void conformance_exchanges(void **state)
{
    (void)state;
    FILE *f = open_or_skip("conformance-exchanges.tsv");
    char *fields[8];
    unsigned fragments = 0;
    while (corpus_row(f, line, sizeof line, fields, 8)) {
        if (begins(fields[6], "RAW"))
            continue; /* no link frame: damaged on purpose */
        size_t len = hex_or_fail(fields[6]);
        if (len < 2 || (octets[0] & 0xC0) != 0xC0)
            continue;
        struct reading r = read_fragment(octets + 1, len - 1);
        bool from_outstation = strcmp(fields[2], "o2m") == 0;
        if (!r.parsed || (from_outstation && (r.end != WALK_END || r.unknown)))
            fail_msg("%s %s: %s at %s", fields[0], fields[1], fields[6], walk_result_text(r.end));
        fragments++;
    }
    fclose(f);
    assert_true(fragments > 300);
}

static bool opendnp3_reads(char *fields[9], size_t len)
{
    bool sound = strcmp(fields[7], "ok") == 0 && strcmp(fields[4], "from_dut") == 0;
    if (strcmp(fields[5], "link") == 0)
        return has_link_frame(len) || !sound;
    bool value = begins(fields[8], "to: HexConversions"); /* of one object, not a fragment */
    if (strcmp(fields[5], "app") != 0 || value)
        return true;
    bool whole = begins(fields[2], "outstation") || begins(fields[2], "master");
    struct reading r = read_fragment(octets, len);
    return !sound || !whole || (r.parsed && r.end == WALK_END && !r.unknown);
}

/* What opendnp3's master and outstation send can be read to its end. */
static void opendnp3_vectors(void **state)
{
    (void)state;
    FILE *f = open_or_skip("opendnp3-vectors.tsv");
    char *fields[9];
    unsigned checked = 0;
    while (corpus_row(f, line, sizeof line, fields, 9)) {
        size_t len = hex_parse_n(fields[6], strlen(fields[6]), octets, sizeof octets);
        if (len == SIZE_MAX || len == 0)
            continue; /* symbolic, or "nothing is sent" */
        if (!opendnp3_reads(fields, len))
            fail_msg("%s %s: %s", fields[0], fields[3], fields[6]);
        checked++;
    }
    fclose(f);
    assert_true(checked > 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pesco_vectors),
        cmocka_unit_test(conformance_exchanges),
        cmocka_unit_test(opendnp3_vectors),
    };
    FILE *f = corpus_open("README.md");
    if (!f) {
        print_message("no corpora: skipped\n");
        return SKIP;
    }
    fclose(f);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
