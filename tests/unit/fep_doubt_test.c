// SPDX-License-Identifier: Apache-2.0
/* The in-doubt rule, sentence by sentence (fep/ingest_doubt.h). */
#include "fep/ingest_doubt.h"
#include "support/ingest_rig.h"

#include <math.h>

static struct measurement timed(uint32_t index, double value, uint64_t time_ms)
{
    return (struct measurement){.value = value,
                                .time_ms = time_ms,
                                .index = index,
                                .type = POINT_ANALOG_INPUT,
                                .flags = FLAG_ONLINE,
                                .time_quality = TIME_SYNCHRONISED,
                                .event = true};
}

static struct measurement untimed(uint32_t index, double value)
{
    struct measurement m = timed(index, value, 0);
    m.time_quality = TIME_NONE;
    return m;
}

/* A fragment of the response `r->response`; returns how many rows it made. */
static size_t fragment_of(struct rig *r, bool confirm_asked, const struct measurement *m, uint32_t n)
{
    struct batch_fragment *f = calloc(1, sizeof *f + n * sizeof *m);
    *f = (struct batch_fragment){.item = {.kind = BATCH_FRAGMENT, .station = STATION},
                                 .ticket = ++r->ticket,
                                 .response = r->response,
                                 .received_ms = 1000,
                                 .count = n,
                                 .defect = WALK_END,
                                 .unsolicited = 1,
                                 .confirm_asked = confirm_asked};
    memcpy(f->measurements, m, n * sizeof *m);
    size_t before = r->rows.len;
    ingest_item(r->in, &f->item, &r->rows);
    free(f);
    return r->rows.len - before;
}

#define RESPONSE(r, ...)                                                                                     \
    ((r)->response++, fragment_of((r), true, (struct measurement[]){__VA_ARGS__},                            \
                                  sizeof((struct measurement[]){__VA_ARGS__}) / sizeof(struct measurement)))

static void prove(struct rig *r, uint64_t ticket)
{
    struct batch_proof p = {.item = {.kind = BATCH_PROOF, .station = STATION}, .proven = {ticket, 0}};
    ingest_item(r->in, &p.item, &r->rows);
}

static const struct journal_row *last(const struct rig *r)
{
    return &r->rows.rows[r->rows.len - 1];
}

static uint32_t in_doubt(const struct rig *r)
{
    return doubt_count(ingest_station(r->in, STATION));
}

static void a_timed_event_in_doubt_is_not_stored_again(void **state)
{
    struct rig *r = *state;
    assert_int_equal(RESPONSE(r, timed(1, 5, 100)), 1);
    assert_int_equal(RESPONSE(r, timed(1, 5, 100)), 0);
    assert_int_equal(r->rows.repeats, 1);
}

static void a_regenerated_response_stores_only_what_is_new(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100), timed(2, 6, 101));
    assert_int_equal(RESPONSE(r, timed(1, 5, 100), timed(2, 6, 101), timed(1, 7, 102)), 1);
    assert_true(last(r)->value == 7);
}

static void a_proven_event_is_never_compared_again(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100));
    prove(r, r->ticket);
    assert_int_equal(in_doubt(r), 0);
    assert_int_equal(RESPONSE(r, timed(1, 5, 100)), 1);
}

static void twins_of_one_response_are_both_stored(void **state)
{
    struct rig *r = *state;
    assert_int_equal(RESPONSE(r, timed(1, 5, 100), timed(1, 5, 100)), 2);
    assert_int_equal(RESPONSE(r, timed(1, 5, 100), timed(1, 5, 100), timed(1, 5, 100)), 1);
}

static void a_later_fragment_of_the_response_does_not_take_its_own_rows(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100));
    assert_int_equal(fragment_of(r, true, &(struct measurement){0}, 0), 0);
    struct measurement twin = timed(1, 5, 100);
    assert_int_equal(fragment_of(r, true, &twin, 1), 1);
}

static void rows_passed_over_are_settled(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100), timed(1, 6, 101));
    assert_int_equal(RESPONSE(r, timed(1, 6, 101)), 0); /* 5 was dropped by an overflow */
    assert_int_equal(in_doubt(r), 1);
    assert_int_equal(RESPONSE(r, timed(1, 5, 100)), 1);
}

static void an_event_that_equals_none_settles_what_is_not_taken(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100), timed(1, 6, 101), timed(2, 1, 50));
    assert_int_equal(RESPONSE(r, timed(1, 5, 100), timed(1, 7, 103)), 1);
    /* 6 is settled; 5 is taken, 7 is new, and another point's row stays as it was */
    assert_int_equal(in_doubt(r), 3);
    assert_int_equal(RESPONSE(r, timed(1, 5, 100), timed(1, 7, 103), timed(2, 1, 50)), 0);
}

static void a_taken_row_stays_in_doubt_with_the_fragment_that_took_it(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100));
    uint64_t first = r->ticket;
    RESPONSE(r, timed(1, 5, 100));
    prove(r, first);
    assert_int_equal(in_doubt(r), 1);
    prove(r, r->ticket);
    assert_int_equal(in_doubt(r), 0);
}

static void an_untimed_match_is_stored_with_the_mark(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, untimed(1, 5), untimed(1, 6));
    assert_int_equal(last(r)->marks, 0);
    assert_int_equal(RESPONSE(r, untimed(1, 5), untimed(1, 6), untimed(1, 7)), 3);
    assert_int_equal(r->rows.rows[r->rows.len - 3].marks, MARK_POSSIBLE_REPEAT);
    assert_int_equal(r->rows.rows[r->rows.len - 2].marks, MARK_POSSIBLE_REPEAT);
    assert_int_equal(last(r)->marks, 0);
}

static void an_event_that_lost_its_time_is_marked(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100));
    assert_int_equal(RESPONSE(r, untimed(1, 5)), 1);
    assert_int_equal(last(r)->marks, MARK_POSSIBLE_REPEAT);
}

static void values_are_compared_by_their_bits(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, NAN, 100), timed(2, 0.0, 100));
    assert_int_equal(RESPONSE(r, timed(1, NAN, 100)), 0);
    assert_int_equal(RESPONSE(r, timed(2, -0.0, 100)), 1);
}

static void flags_tell_events_apart(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100));
    struct measurement m = timed(1, 5, 100);
    m.flags |= FLAG_OVER_RANGE;
    assert_int_equal(RESPONSE(r, m), 1);
}

static void what_is_sent_without_con_comes_only_once(void **state)
{
    struct rig *r = *state;
    struct measurement m = timed(1, 5, 100);
    r->response++;
    assert_int_equal(fragment_of(r, false, &m, 1), 1);
    assert_int_equal(in_doubt(r), 0);
    assert_int_equal(RESPONSE(r, m), 1);
}

static void a_station_at_rest_owns_no_doubt_rows(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100));
    assert_non_null(ingest_station(r->in, STATION)->doubts);
    prove(r, r->ticket);
    assert_null(ingest_station(r->in, STATION)->doubts);
}

/* What the journal alone tells after a crash: `replayed` gets the rows, none of the memory. */
static struct ingest *crash(const struct rig *r)
{
    struct ingest *after = ingest_new(ingest_next_seq(r->in), false);
    for (size_t i = 0; i < r->rows.len; i++)
        ingest_recover_row(after, &r->rows.rows[i]);
    ingest_recovered(after);
    return after;
}

static void after_a_crash_the_journal_tells_what_is_in_doubt(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 1, 10));
    prove(r, r->ticket);
    RESPONSE(r, timed(1, 5, 100), untimed(2, 6));
    RESPONSE(r, timed(1, 5, 100), untimed(2, 6), timed(3, 7, 103));
    struct ingest *before = r->in;
    r->in = crash(r);
    ingest_free(before);
    assert_int_equal(in_doubt(r), 3);
    assert_int_equal(RESPONSE(r, timed(1, 5, 100), untimed(2, 6), timed(3, 7, 103), timed(1, 8, 104)), 2);
    assert_int_equal(r->rows.rows[r->rows.len - 2].marks, MARK_POSSIBLE_REPEAT);
    assert_true(last(r)->value == 8);
}

static void what_came_without_con_is_not_in_doubt_after_a_crash(void **state)
{
    struct rig *r = *state;
    struct measurement m = timed(2, 9, 200);
    RESPONSE(r, timed(1, 5, 100));
    r->response++;
    assert_int_equal(fragment_of(r, false, &m, 1), 1);
    struct ingest *before = r->in;
    r->in = crash(r);
    ingest_free(before);
    assert_int_equal(in_doubt(r), 1);
    assert_int_equal(RESPONSE(r, timed(1, 5, 100), m), 1);
}

static void a_marked_row_keeps_its_place_after_a_crash(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, untimed(1, 5), untimed(1, 6));
    RESPONSE(r, untimed(1, 5));
    struct ingest *before = r->in;
    r->in = crash(r);
    ingest_free(before);
    assert_int_equal(RESPONSE(r, untimed(1, 5), untimed(1, 6)), 2);
    assert_int_equal(r->rows.rows[r->rows.len - 2].marks, MARK_POSSIBLE_REPEAT);
    assert_int_equal(last(r)->marks, MARK_POSSIBLE_REPEAT);
}

static void the_checkpoint_carries_the_rows_in_doubt(void **state)
{
    struct rig *r = *state;
    RESPONSE(r, timed(1, 5, 100), untimed(2, 6));
    struct station_image *s = ingest_station(r->in, STATION);
    uint8_t *blob = NULL;
    size_t room = 0, len = ingest_doubt_blob(s, &blob, &room);
    struct stored_station saved = {
        .station = STATION, .applied_seq = s->applied_seq, .doubt = blob, .doubt_len = len};
    struct ingest *before = r->in;
    r->in = ingest_new(ingest_next_seq(before), false);
    ingest_recover_station(r->in, &saved);
    for (size_t i = 0; i < r->rows.len; i++)
        ingest_recover_row(r->in, &r->rows.rows[i]); /* rows told twice change nothing */
    ingest_recovered(r->in);
    ingest_free(before);
    free(blob);
    assert_int_equal(in_doubt(r), 2);
    assert_int_equal(RESPONSE(r, timed(1, 5, 100)), 0);
}

static void a_damaged_checkpoint_is_not_believed(void **state)
{
    (void)state;
    struct station_image s = {0};
    assert_false(doubt_load(&s, "x", 1));
    assert_false(doubt_load(&s, "\1abc", 4));
    assert_true(doubt_load(&s, "\1", 1));
    assert_false(doubt_load(&s, "\2\377\377\377\377", 5));
    assert_null(s.doubts);
}

static void switched_off_it_stores_everything(void **state)
{
    struct rig *r = *state;
    ingest_free(r->in);
    r->in = ingest_new(1, true);
    RESPONSE(r, timed(1, 5, 100));
    assert_int_equal(RESPONSE(r, timed(1, 5, 100)), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_timed_event_in_doubt_is_not_stored_again),
        TEST(a_regenerated_response_stores_only_what_is_new),
        TEST(a_proven_event_is_never_compared_again),
        TEST(twins_of_one_response_are_both_stored),
        TEST(a_later_fragment_of_the_response_does_not_take_its_own_rows),
        TEST(rows_passed_over_are_settled),
        TEST(an_event_that_equals_none_settles_what_is_not_taken),
        TEST(a_taken_row_stays_in_doubt_with_the_fragment_that_took_it),
        TEST(an_untimed_match_is_stored_with_the_mark),
        TEST(an_event_that_lost_its_time_is_marked),
        TEST(values_are_compared_by_their_bits),
        TEST(flags_tell_events_apart),
        TEST(what_is_sent_without_con_comes_only_once),
        TEST(a_station_at_rest_owns_no_doubt_rows),
        TEST(after_a_crash_the_journal_tells_what_is_in_doubt),
        TEST(what_came_without_con_is_not_in_doubt_after_a_crash),
        TEST(a_marked_row_keeps_its_place_after_a_crash),
        TEST(the_checkpoint_carries_the_rows_in_doubt),
        TEST(a_damaged_checkpoint_is_not_believed),
        TEST(switched_off_it_stores_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
