// SPDX-License-Identifier: Apache-2.0
/* Octet strings on their way: rows, present values, the in-doubt rule by content, recovery, snapshots. */
#include "fep/ingest_doubt.h"
#include "fep/snapshot.h"
#include "support/ingest_rig.h"

struct said {
    uint32_t index;
    const char *octets;
    uint8_t len;
};

/* A response of strings; returns how many rows it made. */
static size_t hear(struct rig *r, bool event, const struct said *said, uint32_t n)
{
    size_t size = sizeof(struct batch_fragment) + n * (sizeof(struct batch_string) + 255);
    struct batch_fragment *f = calloc(1, size);
    *f = (struct batch_fragment){.item = {.kind = BATCH_FRAGMENT, .station = STATION},
                                 .ticket = ++r->ticket,
                                 .response = r->ticket,
                                 .received_ms = 1000,
                                 .requested_ms = event ? 0 : 900,
                                 .defect = WALK_END,
                                 .unsolicited = event,
                                 .confirm_asked = event,
                                 .strings = n};
    struct batch_string *strings = (void *)f->measurements;
    uint8_t *octets = (void *)&strings[n];
    for (uint32_t i = 0; i < n; i++) {
        strings[i] = (struct batch_string){
            .index = said[i].index, .offset = (uint16_t)f->octets_len, .len = said[i].len, .event = event};
        memcpy(octets + f->octets_len, said[i].octets, said[i].len);
        f->octets_len += said[i].len;
    }
    r->batches[r->batches_len++] = f;
    size_t before = r->rows.len;
    ingest_item(r->in, &f->item, &r->rows);
    return r->rows.len - before;
}

#define LIST(...)                                                                                            \
    (const struct said[]){__VA_ARGS__}, sizeof((const struct said[]){__VA_ARGS__}) / sizeof(struct said)
#define EVENTS(r, ...)  hear(r, true, LIST(__VA_ARGS__))
#define STATICS(r, ...) hear(r, false, LIST(__VA_ARGS__))

static const struct journal_row *last(const struct rig *r)
{
    return &r->rows.rows[r->rows.len - 1];
}

static void assert_point(const struct rig *r, size_t at, uint32_t index, const char *octets, uint8_t len)
{
    size_t points;
    const struct point_image *p = ingest_points(ingest_station(r->in, STATION), &points);
    assert_true(at < points);
    assert_int_equal(p[at].index, index);
    assert_true(string_equals(p[at].string, (const uint8_t *)octets, len));
}

static void an_event_is_a_row_and_the_present_value(void **state)
{
    struct rig *r = *state;
    assert_int_equal(EVENTS(r, {5, "abc", 3}, {2, "", 0}), 2);
    assert_int_equal(last(r)->type, ROW_OCTET_STRING);
    assert_int_equal(last(r)->octets_len, 0);
    assert_int_equal(r->rows.rows[0].octets_len, 3);
    assert_memory_equal(r->rows.rows[0].octets, "abc", 3);
    assert_int_equal(r->rows.rows[0].origin, ORIGIN_UNSOLICITED);
    assert_point(r, 0, 2, "", 0);
    assert_point(r, 1, 5, "abc", 3);
}

static void a_static_string_is_a_row_where_it_changed(void **state)
{
    struct rig *r = *state;
    assert_int_equal(STATICS(r, {1, "abc", 3}), 1);
    assert_int_equal(STATICS(r, {1, "abc", 3}), 0);
    assert_int_equal(STATICS(r, {1, "abd", 3}), 1);
    assert_int_equal(STATICS(r, {1, "ab", 2}), 1);
    assert_int_equal(STATICS(r, {1, "", 0}), 1);
    assert_int_equal(STATICS(r, {1, "", 0}), 0);
    assert_int_equal(last(r)->origin, ORIGIN_STATIC);
}

/* dnp3-reference/master.md 5: the journal tells of a fragment in its order. */
static void rows_keep_the_order_of_the_fragment(void **state)
{
    struct rig *r = *state;
    size_t size =
        sizeof(struct batch_fragment) + 2 * sizeof(struct measurement) + sizeof(struct batch_string);
    struct batch_fragment *f = calloc(1, size);
    *f = (struct batch_fragment){.item = {.kind = BATCH_FRAGMENT, .station = STATION},
                                 .ticket = ++r->ticket,
                                 .response = r->ticket,
                                 .received_ms = 1000,
                                 .defect = WALK_END,
                                 .unsolicited = true,
                                 .count = 2,
                                 .strings = 1};
    for (uint32_t i = 0; i < 2; i++)
        f->measurements[i] = (struct measurement){.index = i, .type = POINT_COUNTER, .event = true};
    *(struct batch_string *)&f->measurements[2] =
        (struct batch_string){.index = 7, .event = true, .before = 1};
    r->batches[r->batches_len++] = f;
    ingest_item(r->in, &f->item, &r->rows);
    assert_int_equal(r->rows.len, 3);
    assert_int_equal(r->rows.rows[0].index, 0);
    assert_int_equal(r->rows.rows[1].type, ROW_OCTET_STRING);
    assert_int_equal(r->rows.rows[2].index, 1);
}

/* They have no time: nobody can tell a repeat from a new one, so it is stored and marked. */
static void what_comes_again_is_marked_by_its_content(void **state)
{
    struct rig *r = *state;
    EVENTS(r, {1, "abc", 3}, {2, "", 0});
    assert_int_equal(last(r)->marks, 0);
    assert_int_equal(EVENTS(r, {1, "abc", 3}, {2, "", 0}, {1, "abd", 3}), 3);
    assert_int_equal(last(r)->marks, 0);
    assert_int_equal(r->rows.rows[r->rows.len - 2].marks, MARK_POSSIBLE_REPEAT);
    assert_int_equal(r->rows.rows[r->rows.len - 3].marks, MARK_POSSIBLE_REPEAT);
}

static void twins_of_one_response_are_not_marked(void **state)
{
    struct rig *r = *state;
    assert_int_equal(EVENTS(r, {1, "abc", 3}, {1, "abc", 3}), 2);
    assert_int_equal(last(r)->marks, 0);
    EVENTS(r, {1, "abc", 3}, {1, "abc", 3}, {1, "abc", 3});
    assert_int_equal(last(r)->marks, 0);
    assert_int_equal(r->rows.possible_repeats, 2);
}

static void proven_strings_are_not_compared(void **state)
{
    struct rig *r = *state;
    EVENTS(r, {1, "abc", 3});
    struct batch_proof p = {.item = {.kind = BATCH_PROOF, .station = STATION}, .proven = {r->ticket, 0}};
    ingest_item(r->in, &p.item, &r->rows);
    assert_int_equal(doubt_count(ingest_station(r->in, STATION)), 0);
    EVENTS(r, {1, "abc", 3});
    assert_int_equal(last(r)->marks, 0);
}

static void a_crash_leaves_strings_in_doubt(void **state)
{
    struct rig *r = *state;
    EVENTS(r, {1, "abc", 3}, {2, "x", 1});
    struct ingest *before = r->in;
    r->in = ingest_new(ingest_next_seq(before), false);
    for (size_t i = 0; i < r->rows.len; i++)
        ingest_recover_row(r->in, &r->rows.rows[i]);
    ingest_recovered(r->in);
    ingest_free(before);
    assert_int_equal(doubt_count(ingest_station(r->in, STATION)), 2);
    assert_point(r, 0, 1, "abc", 3);
    EVENTS(r, {1, "abc", 3}, {2, "y", 1});
    assert_int_equal(last(r)->marks, 0);
    assert_int_equal(r->rows.rows[r->rows.len - 2].marks, MARK_POSSIBLE_REPEAT);
}

static void the_checkpoint_carries_strings(void **state)
{
    struct rig *r = *state;
    uint8_t *blob = NULL;
    size_t room = 0;
    EVENTS(r, {1, "abc", 3}, {2, "", 0}, {3, "defgh", 5});
    size_t len = ingest_doubt_blob(ingest_station(r->in, STATION), &blob, &room);
    struct station_image s = {0};
    assert_true(doubt_load(&s, blob, len));
    assert_int_equal(doubt_count(&s), 3);
    assert_true(string_equals(s.doubts->rows[2].string, (const uint8_t *)"defgh", 5));
    doubt_free(&s);
    for (size_t cut = 1; cut < 20; cut++)
        assert_false(doubt_load(&s, blob, len - cut));
    assert_null(s.doubts);
    free(blob);
}

/* The publisher reads a snapshot while the committer goes on. */
static void a_snapshot_has_strings_of_its_own(void **state)
{
    struct rig *r = *state;
    EVENTS(r, {1, "abc", 3}, {2, "", 0});
    struct snapshot *s = snapshot_new(SNAPSHOT_POINTS, STATION, NULL);
    snapshot_fill(s, r->in);
    EVENTS(r, {1, "xyz", 3}, {2, "much longer", 11});
    assert_int_equal(s->points_len, 2);
    assert_true(string_equals(s->points[0].string, (const uint8_t *)"abc", 3));
    assert_true(string_equals(s->points[1].string, (const uint8_t *)"", 0));
    snapshot_empty(s); /* and again */
    snapshot_fill(s, r->in);
    assert_true(string_equals(s->points[1].string, (const uint8_t *)"much longer", 11));
    snapshot_free(s);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_event_is_a_row_and_the_present_value), TEST(a_static_string_is_a_row_where_it_changed),
        TEST(rows_keep_the_order_of_the_fragment),     TEST(what_comes_again_is_marked_by_its_content),
        TEST(twins_of_one_response_are_not_marked),    TEST(proven_strings_are_not_compared),
        TEST(a_crash_leaves_strings_in_doubt),         TEST(the_checkpoint_carries_strings),
        TEST(a_snapshot_has_strings_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
