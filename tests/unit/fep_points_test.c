// SPDX-License-Identifier: Apache-2.0
/* What new points and rows in doubt cost, in whatever order they come; how many are held; what a station at
 * rest keeps of its counters. Work is counted in entries moved. */
#include "fep/ingest_doubt.h"
#include "fep/ingest_points.h"
#include "support/ingest_rig.h"

enum { MANY = 65536 };

/* A fragment with `count` events, of indices first, first + step, ... */
static void fragment(struct rig *r, uint32_t first, int step, uint32_t count)
{
    struct batch_fragment *f = calloc(1, sizeof *f + count * sizeof f->measurements[0]);
    *f = (struct batch_fragment){.item = {.kind = BATCH_FRAGMENT, .station = STATION},
                                 .ticket = ++r->ticket,
                                 .response = r->ticket,
                                 .received_ms = 1000,
                                 .count = count,
                                 .defect = WALK_END,
                                 .unsolicited = 1,
                                 .confirm_asked = 1};
    for (uint32_t i = 0; i < count; i++)
        f->measurements[i] = (struct measurement){.value = i,
                                                  .time_ms = 1000 + i,
                                                  .index = (uint32_t)((int64_t)first + (int64_t)i * step),
                                                  .type = POINT_ANALOG_INPUT,
                                                  .flags = FLAG_ONLINE,
                                                  .time_quality = TIME_SYNCHRONISED,
                                                  .event = true};
    ingest_item(r->in, &f->item, &r->rows);
    free(f);
}

static struct station_image *station(const struct rig *r)
{
    return ingest_station(r->in, STATION);
}

static void assert_in_order(const struct rig *r, size_t expected)
{
    size_t len;
    const struct point_image *p = ingest_points(station(r), &len);
    assert_int_equal(len, expected);
    for (size_t i = 1; i < len; i++)
        assert_true(p[i - 1].type < p[i].type || p[i - 1].index < p[i].index);
    const struct station_doubts *d = station(r)->doubts;
    assert_non_null(d);
    assert_int_equal(d->sorted, d->len);
    for (uint32_t i = 1; i < d->len; i++)
        assert_true(d->rows[i - 1].index < d->rows[i].index ||
                    (d->rows[i - 1].index == d->rows[i].index && d->rows[i - 1].seq < d->rows[i].seq));
}

static void new_points_in_descending_order_move_none_of_their_own(void **state)
{
    struct rig *r = *state;
    fragment(r, MANY - 1, -1, MANY);
    assert_in_order(r, MANY);
    assert_int_equal(ingest_points_moved(r->in), 0);
    assert_int_equal(station(r)->doubts->moved, 0);
    assert_int_equal(r->rows.len, MANY);
}

static void each_point_moves_at_most_once_a_fragment(void **state)
{
    struct rig *r = *state;
    enum { HALF = MANY / 2 };
    fragment(r, MANY - 1, -1, HALF);
    fragment(r, HALF - 1, -1, HALF);
    assert_in_order(r, MANY);
    assert_int_equal(ingest_points_moved(r->in), HALF);
    assert_int_equal(station(r)->doubts->moved, HALF);
}

static void interleaved_points_move_at_most_once_a_fragment(void **state)
{
    struct rig *r = *state;
    enum { A_FRAGMENT = 1024, FRAGMENTS = 16 };
    for (uint32_t i = 0; i < FRAGMENTS; i++)
        fragment(r, A_FRAGMENT * FRAGMENTS - 1 - i, -FRAGMENTS, A_FRAGMENT);
    assert_in_order(r, (size_t)A_FRAGMENT * FRAGMENTS);
    uint64_t most = (uint64_t)A_FRAGMENT * FRAGMENTS * (FRAGMENTS - 1) / 2;
    assert_true(ingest_points_moved(r->in) <= most);
    assert_true(station(r)->doubts->moved <= most);
}

static void one_point_many_times_is_one_point(void **state)
{
    struct rig *r = *state;
    fragment(r, 5, 0, 1000);
    assert_in_order(r, 1);
    assert_int_equal(doubt_count(station(r)), 1000);
    fragment(r, 5, 0, 1000); /* all of them again, in their order */
    assert_int_equal(r->rows.repeats, 1000);
    assert_int_equal(r->rows.len, 1000);
    assert_int_equal(doubt_count(station(r)), 1000);
    assert_int_equal(station(r)->doubts->rows[0].passed, 0); /* of the next fragment nothing is taken */
    fragment(r, 5, 0, 1000);
    assert_int_equal(r->rows.repeats, 2000);
}

static void a_point_takes_little_more_than_itself(void **state)
{
    struct rig *r = *state;
    for (uint32_t i = 0; i < 200; i++) {
        fragment(r, i * 3, 1, 3);
        const struct station_points *p = station(r)->points;
        size_t octets = p->room * sizeof p->image[0];
        assert_true(octets <= 48 * (size_t)p->len);
    }
}

/* A station may say what it likes: what is not configured is held up to a bound, and all of it is stored. */
static void points_without_end_are_stored_and_counted(void **state)
{
    struct rig *r = *state;
    fragment(r, 0, 1, MANY);
    fragment(r, MANY + 9, -1, 10);
    assert_in_order(r, MANY);
    assert_int_equal(r->rows.points_refused, 10);
    assert_int_equal(r->rows.full_stations, 1);
    assert_int_equal(r->rows.full_station, STATION);
    assert_int_equal(r->rows.len, MANY + 10);
    fragment(r, MANY + 10, 1, 1);
    assert_int_equal(r->rows.points_refused, 11);
    assert_int_equal(r->rows.full_stations, 1); /* told once */
}

/* Those that are configured have their place whatever else the station says. */
static void a_configured_point_is_held_beyond_the_bound(void **state)
{
    struct rig *r = *state;
    const struct config_point point = {.type = POINT_ANALOG_INPUT, .index = 1000000, .scale = 1};
    const struct config_points points = {&point, 1};
    const struct config_station config = {.name = "s", .points = &points};
    struct catalog_station entry = {.number = STATION, .config = &config};
    uint32_t by_number[STATION + 1] = {[STATION] = 1};
    const struct catalog catalog = {
        .stations = &entry, .stations_len = 1, .by_number = by_number, .numbers_len = STATION + 1};
    fragment(r, 0, 1, MANY);
    ingest_catalog(r->in, &catalog);
    fragment(r, 1000000, 1, 2);
    assert_int_equal(r->rows.points_refused, 1);
    assert_non_null(points_find(station(r), POINT_ANALOG_INPUT, 1000000));
    assert_null(points_find(station(r), POINT_ANALOG_INPUT, 1000001));
}

/* After a crash nothing is configured yet: what was held is held again. */
static void recovery_holds_what_was_held(void **state)
{
    struct rig *r = *state;
    for (uint32_t i = 0; i < MANY + 10; i++) {
        const struct stored_value value = {
            .value = i, .seq = 1, .station = STATION, .index = i, .type = POINT_COUNTER};
        ingest_recover_value(r->in, &value);
    }
    ingest_recovered(r->in);
    size_t len;
    ingest_points(station(r), &len);
    assert_int_equal(len, MANY + 10);
    assert_int_equal(ingest_points_moved(r->in), 0);
    assert_int_equal(station(r)->points->dirty, 0);
}

/* After a crash the journal's points are told first: its rows then find theirs. */
static void replaying_a_descending_journal_moves_little(void **state)
{
    struct rig *r = *state;
    for (uint32_t i = 0; i < 16; i++)
        fragment(r, MANY - 1 - i * 4096, -1, 4096);
    struct ingest *before = r->in;
    r->in = ingest_new(ingest_next_seq(before), false);
    for (uint32_t i = 0; i < MANY; i++)
        ingest_recover_point(r->in, STATION, POINT_ANALOG_INPUT, i);
    for (size_t i = 0; i < r->rows.len; i++)
        ingest_recover_row(r->in, &r->rows.rows[i]);
    ingest_recovered(r->in);
    assert_in_order(r, MANY);
    assert_int_equal(ingest_points_moved(r->in), 0);
    assert_true(station(r)->doubts->moved <= MANY);
    assert_int_equal(doubt_count(station(r)), doubt_count(ingest_station(before, STATION)));
    ingest_free(before);
}

/* A journal in which each row settles an older one: what is in doubt must not be gone through for each. */
static void a_replayed_row_that_settles_others_takes_them_out(void **state)
{
    struct rig *r = *state;
    enum { BACK = 100, ROWS = 5000 };
    for (int64_t seq = 1; seq <= ROWS; seq++) {
        struct journal_row row = {.seq = seq,
                                  .value = (double)seq,
                                  .station = STATION,
                                  .index = (uint32_t)(ROWS - seq),
                                  .doubt = seq < BACK ? (uint32_t)seq - 1 : BACK - 1,
                                  .type = POINT_ANALOG_INPUT,
                                  .origin = ORIGIN_EVENT};
        ingest_recover_row(r->in, &row);
        assert_true(station(r)->doubts->room <= 4 * BACK); /* memory is used again */
    }
    ingest_recovered(r->in);
    assert_int_equal(doubt_count(station(r)), BACK);
    assert_int_equal(doubt_oldest(station(r)), ROWS - BACK + 1);
}

static void counters_come_back_as_they_were(void **state)
{
    (void)state;
    struct packed_counters packed = {0};
    struct station_counters in = {0}, out;
    counters_pack(&packed, &in);
    counters_unpack(&packed, &out);
    assert_memory_equal(&in, &out, sizeof in);
    uint32_t *values = (uint32_t *)&in;
    uint64_t random = 3;
    for (int round = 0; round < 300; round++) {
        for (size_t i = 0; i < sizeof in / sizeof *values; i++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            values[i] = (uint32_t)(random >> 32) >> (random >> 20 & 31);
            if (round % 3 == 0 && i % 3)
                values[i] = 0;
        }
        counters_pack(&packed, &in);
        counters_unpack(&packed, &out);
        assert_memory_equal(&in, &out, sizeof in);
    }
    memset(&in, 0xFF, sizeof in);
    counters_pack(&packed, &in);
    counters_unpack(&packed, &out);
    assert_memory_equal(&in, &out, sizeof in);
    counters_free(&packed);
}

/* A station that is on line and has nothing to tell needs no memory beside its image. */
static void the_counters_of_a_quiet_station_fit_into_its_image(void **state)
{
    (void)state;
    struct packed_counters packed = {0};
    const struct station_counters quiet = {.connects = 1,
                                           .frames_in = 1500,
                                           .frames_out = 1500,
                                           .fragments = 700,
                                           .events = 300,
                                           .confirms = 200,
                                           .unsolicited = 5,
                                           .timeouts = 2,
                                           .restarts = 1,
                                           .response_ms = 180};
    counters_pack(&packed, &quiet);
    assert_true(packed.len <= COUNTERS_HERE);
    counters_free(&packed);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(new_points_in_descending_order_move_none_of_their_own),
        TEST(each_point_moves_at_most_once_a_fragment),
        TEST(interleaved_points_move_at_most_once_a_fragment),
        TEST(one_point_many_times_is_one_point),
        TEST(a_point_takes_little_more_than_itself),
        TEST(points_without_end_are_stored_and_counted),
        TEST(a_configured_point_is_held_beyond_the_bound),
        TEST(recovery_holds_what_was_held),
        TEST(replaying_a_descending_journal_moves_little),
        TEST(a_replayed_row_that_settles_others_takes_them_out),
        cmocka_unit_test(counters_come_back_as_they_were),
        cmocka_unit_test(the_counters_of_a_quiet_station_fit_into_its_image),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
