// SPDX-License-Identifier: Apache-2.0
/* What a session makes of its master's news: items for the store, and confirms that wait. */
#include "db/store.h"
#include "fep/catalog.h"
#include "support/session_rig.h"

enum { SOFT_LIMIT = 2000 };

static const char event[] = "20 01 17 01 01 01 00 00 00 02"; /* g32v1, index 1, a fragment's objects */

/* Hands the batch over, and calls it durable. */
static void commit(struct rig *r)
{
    struct held held;
    struct batch *b = outbox_close(&r->box);
    if (b)
        outbox_durable(&r->box, b->number);
    free(b);
    while (outbox_next_held(&r->box, &held))
        session_release(held.session, held.ticket, &r->at, &r->box);
}

/* Holes of one reason in the batch so far. */
static unsigned holes(const struct rig *r, enum hole_reason reason)
{
    unsigned n = 0;
    const struct batch *b = r->box.open;
    for (const struct batch_item *i = b ? batch_next(b, NULL) : NULL; i; i = batch_next(b, i))
        n +=
            i->kind == BATCH_HOLE && ((const struct batch_hole *)(const void *)i)->reason == (uint32_t)reason;
    return n;
}

static void reach_online(struct rig *r)
{
    session_connected(&r->session, &r->at, &r->box);
    expect_said(r, "C0 01");
    hear(r, "C0 81 00 00", "");
    expect_said(r, "C1 14");
    hear(r, "C1 81 00 00", "");
    assert_true(r->session.online);
    commit(r);
}

static int setup(void **state)
{
    struct rig *r = calloc(1, sizeof *r);
    r->config = master_defaults();
    r->config.disable_unsolicited_first = false;
    r->at = (struct instant){.now_ms = 1000, .wall_ms = 1735689600000, .wall_trusted = true};
    outbox_init(&r->box, 0, SOFT_LIMIT);
    session_init(&r->session, STATION, &r->config, MASTER, OUTSTATION, NULL, 1000);
    reach_online(r);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;
    free(outbox_close(&r->box));
    outbox_free(&r->box);
    free(r);
    return 0;
}

static void a_confirm_leaves_when_its_batch_is_durable(void **state)
{
    struct rig *r = *state;
    hear(r, "F1 82 00 00", event);
    expect_said(r, "");
    commit(r);
    expect_said(r, "D1 00");
}

static void a_repeat_is_not_handed_over_again(void **state)
{
    struct rig *r = *state;
    hear(r, "F1 82 00 00", event);
    size_t len = r->box.open->len;
    hear(r, "F1 82 00 00", event);
    assert_int_equal(r->box.open->len, len);
    assert_int_equal(r->session.counters.repeats, 1);
    commit(r);
    expect_said(r, "D1 00");
}

static void restart_and_overflow_are_holes_before_the_confirm(void **state)
{
    struct rig *r = *state;
    hear(r, "F1 82 80 08", "");
    assert_int_equal(holes(r, HOLE_RESTART), 1);
    assert_int_equal(holes(r, HOLE_OVERFLOW), 1);
    expect_said(r, "");
    commit(r);
    expect_said(r, "D1 00, C2 02");
}

static void a_fragment_that_is_not_taken_is_never_confirmed(void **state)
{
    struct rig *r = *state;
    while (outbox_relieved(&r->box))
        outbox_hole(&r->box, STATION, HOLE_RESTART, 1, 2, &r->at);
    hear(r, "F1 82 00 00", event);
    assert_int_equal(r->session.counters.not_stored, 1);
    commit(r);
    expect_said(r, "");
    hear(r, "F1 82 00 00", event); /* it comes again, and is no repeat */
    commit(r);
    expect_said(r, "D1 00");
}

static void one_that_is_too_long_is_a_hole_once_a_connection(void **state)
{
    struct rig *r = *state;
    uint8_t octets[APP_FRAGMENT_MAX + 4] = {0xF1, 0x82};
    hear_octets(r, octets, sizeof octets);
    hear_octets(r, octets, sizeof octets);
    assert_int_equal(r->session.counters.too_long, 2);
    assert_int_equal(holes(r, HOLE_DISCARDED), 1);
    commit(r);
    session_disconnected(&r->session, &r->at, &r->box);
    session_connected(&r->session, &r->at, &r->box);
    hear_octets(r, octets, sizeof octets);
    assert_int_equal(holes(r, HOLE_DISCARDED), 1);
}

/* Nobody will send again what was sent without CON. */
static void events_without_con_that_are_refused_are_a_hole(void **state)
{
    struct rig *r = *state;
    hear(r, "C5 81 00 00", event); /* nothing was asked */
    assert_int_equal(r->session.counters.refused, 1);
    assert_int_equal(holes(r, HOLE_DISCARDED), 1);
    hear(r, "E5 81 00 00", event); /* this one the station keeps */
    assert_int_equal(r->session.counters.refused, 2);
    assert_int_equal(holes(r, HOLE_DISCARDED), 1);
}

static const struct batch_fragment *first_fragment(const struct rig *r)
{
    const struct batch_fragment *f = (const void *)batch_next(r->box.open, NULL);
    while (f->item.kind != BATCH_FRAGMENT)
        f = (const void *)batch_next(r->box.open, &f->item);
    return f;
}

/* A virtual terminal has no rows: its octets are kept before the station may delete them. */
static void events_without_rows_wait_for_the_quarantine(void **state)
{
    struct rig *r = *state;
    hear(r, "F1 82 00 00", "71 03 17 01 00 41 42 43");
    expect_said(r, "");
    const struct batch_fragment *f = first_fragment(r);
    assert_true(f->unstorable);
    assert_int_equal(f->strings, 0);
    assert_int_equal(f->octets_len, 12);
    commit(r);
    expect_said(r, "D1 00");
}

static void octet_strings_go_with_their_fragment(void **state)
{
    struct rig *r = *state;
    /* g32v1, g111v3 of 5 and 6, g110v2 of 9 */
    hear(r, "F1 82 00 00",
         "20 01 17 01 01 01 00 00 00 02 6F 03 17 02 05 41 42 43 06 44 45 46 6E 02 00 09 09 47 48");
    expect_said(r, "");
    const struct batch_fragment *f = first_fragment(r);
    const struct batch_string *s = batch_strings(f);
    assert_false(f->unstorable);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->strings, 3);
    assert_true(s[0].event && s[1].event && !s[2].event);
    assert_int_equal(s[1].index, 6);
    assert_int_equal(s[1].len, 3);
    assert_memory_equal(batch_octets(f) + s[1].offset, "DEF", 3);
    assert_int_equal(s[2].index, 9);
    assert_memory_equal(batch_octets(f) + s[2].offset, "GH", 2);
    assert_int_equal(f->octets_len, 33);
    assert_int_equal(r->session.counters.events, 3);
    commit(r);
    expect_said(r, "D1 00");
}

static void strings_know_their_place_in_the_fragment(void **state)
{
    struct rig *r = *state;
    /* g111v1, two g32v2 under one header, g111v1, g32v2, g111v1 */
    hear(r, "F1 82 00 00",
         "6F 01 17 01 01 41 20 02 17 02 01 01 07 00 02 01 08 00 6F 01 17 01 02 42 "
         "20 02 17 01 03 01 09 00 6F 01 17 01 03 43");
    const struct batch_fragment *f = first_fragment(r);
    assert_int_equal(f->count, 3);
    assert_int_equal(f->strings, 3);
    assert_int_equal(batch_strings(f)[0].before, 0);
    assert_int_equal(batch_strings(f)[1].before, 2);
    assert_int_equal(batch_strings(f)[2].before, 3);
}

/* Where the station is known to have them, strings without octets are strings. */
static void empty_strings_go_with_their_fragment(void **state)
{
    struct rig *r = *state;
    r->config.quirks = QUIRK_ZERO_LENGTH_STRINGS;
    hear(r, "F1 82 00 00", "6F 00 17 02 05 06 6F 01 17 01 07 41");
    const struct batch_fragment *f = first_fragment(r);
    const struct batch_string *s = batch_strings(f);
    assert_false(f->unstorable);
    assert_int_equal(f->defect, WALK_END);
    assert_int_equal(f->strings, 3);
    assert_int_equal(s[1].index, 6);
    assert_int_equal(s[1].len, 0);
    assert_true(s[1].offset <= f->octets_len);
    assert_int_equal(s[2].len, 1);
    assert_int_equal(r->session.quirks_used, QUIRK_ZERO_LENGTH_STRINGS);
    assert_int_equal(r->box.quirks[4], 1);
    commit(r);
    expect_said(r, "D1 00");
}

/* What is unknown is passed over where its size is known, and the events behind it are taken. */
static void events_behind_an_unknown_object_are_taken(void **state)
{
    struct rig *r = *state;
    /* g200v1 by qualifier 5B: three octets of whatever */
    hear(r, "F1 82 00 00", "C8 01 5B 01 03 00 01 02 03 20 01 17 01 01 01 00 00 00 02");
    expect_said(r, "");
    const struct batch_fragment *f = first_fragment(r);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->defect, WALK_END);
    assert_true(f->unstorable); /* who knows what it was: the octets are kept */
    assert_int_equal(r->session.counters.unknown, 1);
    assert_int_equal(r->session.counters.events, 1);
    commit(r);
    expect_said(r, "D1 00");
}

/* Where its size is not known, nothing behind it can be read: what came before is taken, and the octets. */
static void events_before_an_object_of_unknown_size_are_taken(void **state)
{
    struct rig *r = *state;
    hear(r, "F1 82 00 00", "20 01 17 01 01 01 00 00 00 02 C8 01 17 01 00 20 01 17 01 01 01 00 00 00 02");
    expect_said(r, "");
    const struct batch_fragment *f = first_fragment(r);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->defect, WALK_UNKNOWN_OBJECT);
    assert_int_equal(f->defect_offset, 14);
    assert_int_equal(f->octets_len, 29);
    assert_int_equal(r->session.counters.defects, 1);
    commit(r);
    expect_said(r, "D1 00");
}

/* The configuration's names and the protocol's are of the same quirks, bit by bit. */
static void a_quirk_is_configured_by_its_name(void **state)
{
    (void)state;
    for (unsigned bit = 0; bit < QUIRKS; bit++) {
        char yaml[256];
        struct config_errors errors = {0};
        const uint32_t number = 1;
        int len = snprintf(yaml, sizeof yaml,
                           "stations:\n  - {name: a, host: 127.0.0.1, outstation_address: 11, "
                           "session: {quirks: [%s]}}\n",
                           master_quirk_name(bit));
        struct config *config = config_load_memory("q", yaml, (size_t)len, &errors);
        assert_non_null(config);
        struct catalog *catalog = catalog_build(config, &number, 1, 1);
        assert_int_equal(catalog->stations[0].master->quirks, 1u << bit);
        catalog_free(catalog);
    }
}

/* The keep-alive that this station does not answer is never sent; each time is counted. */
static void a_quirk_is_counted_each_time(void **state)
{
    struct rig *r = *state;
    r->config.quirks = QUIRK_NO_LINK_STATUS;
    r->config.link_idle_ms = 1000;
    for (int i = 0; i < 40; i++) {
        r->at.now_ms += 500;
        session_tick(&r->session, &r->at, &r->box);
        hear_master(r);
        r->said[0] = '\0';
    }
    assert_true(r->session.counters.quirks > 0);
    assert_int_equal(r->session.quirks_used, QUIRK_NO_LINK_STATUS);
    assert_int_equal(r->box.quirks[5], r->session.counters.quirks);
}

/* One that does not wait for its confirms is not read until the store has what it sent. */
static void a_flood_is_not_read_for_a_while(void **state)
{
    struct rig *r = *state;
    uint8_t octets[32] = {0, 0x82};
    size_t len = 4 + hex_parse(event, octets + 4, sizeof octets - 4);
    r->box.soft_limit = 1 << 20;
    for (uint8_t i = 0; i < 64; i++) {
        assert_false(r->session.not_read);
        octets[0] = (uint8_t)(0xF0 | (i & 0x0F));
        octets[4 + 5] = i; /* another value each time: no repeat */
        hear_octets(r, octets, len);
    }
    assert_true(r->session.not_read);
    assert_false(session_may_read(&r->session, &r->box));
    commit(r);
    assert_true(session_may_read(&r->session, &r->box));
}

static void discards_without_end_make_few_records(void **state)
{
    struct rig *r = *state;
    r->box.soft_limit = 1 << 20;
    for (int i = 0; i < 100; i++)
        hear(r, "C5 81 00 00", event);
    assert_int_equal(holes(r, HOLE_DISCARDED), 1);
    r->at.now_ms = r->session.report_due_ms;
    r->at.wall_ms += 10000;
    session_tick(&r->session, &r->at, &r->box);
    assert_int_equal(holes(r, HOLE_DISCARDED), 2);
}

/* While the store stalls only the last word is told, later: a station may toggle them without end. */
static void bits_that_toggle_wait_while_the_store_stalls(void **state)
{
    struct rig *r = *state;
    while (outbox_relieved(&r->box))
        outbox_hole(&r->box, STATION, HOLE_RESTART, 1, 2, &r->at);
    size_t len = r->box.open->len;
    for (uint8_t i = 0; i < 99; i++) {
        const uint8_t octets[] = {(uint8_t)(0xF0 | (i & 0x0F)), 0x82,
                                  (uint8_t)(i % 2 ? 0 : IIN_LOCAL_CONTROL), 0};
        hear_octets(r, octets, sizeof octets);
        hear_master(r);
        r->said[0] = '\0';
    }
    assert_int_equal(r->box.open->len, len);
    commit(r);
    r->at.now_ms = r->session.report_due_ms;
    session_tick(&r->session, &r->at, &r->box);
    const struct batch_item *i = batch_next(r->box.open, NULL);
    assert_int_equal(i->kind, BATCH_STATION);
    assert_int_equal(((const struct batch_station *)(const void *)i)->iin, IIN_LOCAL_CONTROL);
}

static void a_disconnect_drops_what_is_held(void **state)
{
    struct rig *r = *state;
    hear(r, "F1 82 00 00", event);
    session_disconnected(&r->session, &r->at, &r->box);
    assert_false(r->session.online);
    session_connected(&r->session, &r->at, &r->box);
    expect_said(r, "C0 01");
    commit(r);
    expect_said(r, "");
}

static void counters_reach_the_store_now_and_then(void **state)
{
    struct rig *r = *state;
    hear(r, "F1 82 00 00", event);
    commit(r);
    hear_master(r);
    int64_t due_ms = r->session.report_due_ms;
    assert_true(due_ms > r->at.now_ms && due_ms != NEVER_MS);
    r->at.now_ms = due_ms;
    session_tick(&r->session, &r->at, &r->box);
    const struct batch_item *i = batch_next(r->box.open, NULL);
    assert_int_equal(i->kind, BATCH_STATION);
    assert_int_equal(((const struct batch_station *)(const void *)i)->counters.events, 1);
    assert_true(r->session.report_due_ms == NEVER_MS);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_confirm_leaves_when_its_batch_is_durable),
        TEST(a_repeat_is_not_handed_over_again),
        TEST(restart_and_overflow_are_holes_before_the_confirm),
        TEST(a_fragment_that_is_not_taken_is_never_confirmed),
        TEST(one_that_is_too_long_is_a_hole_once_a_connection),
        TEST(events_without_con_that_are_refused_are_a_hole),
        TEST(events_without_rows_wait_for_the_quarantine),
        TEST(octet_strings_go_with_their_fragment),
        TEST(strings_know_their_place_in_the_fragment),
        TEST(events_behind_an_unknown_object_are_taken),
        TEST(events_before_an_object_of_unknown_size_are_taken),
        cmocka_unit_test(a_quirk_is_configured_by_its_name),
        TEST(empty_strings_go_with_their_fragment),
        TEST(a_quirk_is_counted_each_time),
        TEST(a_flood_is_not_read_for_a_while),
        TEST(discards_without_end_make_few_records),
        TEST(bits_that_toggle_wait_while_the_store_stalls),
        TEST(a_disconnect_drops_what_is_held),
        TEST(counters_reach_the_store_now_and_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
