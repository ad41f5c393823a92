// SPDX-License-Identifier: Apache-2.0
/* A worker's side of the store: what a batch holds, whose confirms wait for it, and when no more is taken. */
#include "fep/outbox.h"
#include "support/cm.h"
#include "support/hex.h"

enum { SOFT_LIMIT = 100000 };

/* g32v1 q17 n=2, then a group that nobody knows */
static const char broken[] = "F1 82 00 00 20 01 17 02 01 01 01 00 00 00 02 01 02 00 00 00 C8 01 17 01 00 00";
static const char whole[] = "F1 82 00 00 20 01 17 02 01 01 01 00 00 00 02 01 02 00 00 00";

static const struct instant at = {.now_ms = 1000, .wall_ms = 1735689600000};

struct rig {
    struct outbox box;
    uint8_t octets[256];
};

static int setup(void **state)
{
    struct rig *r = calloc(1, sizeof *r);
    outbox_init(&r->box, 3, SOFT_LIMIT);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;
    outbox_free(&r->box);
    free(r);
    return 0;
}

static struct master_news news_of(struct rig *r, const char *hex, uint64_t ticket)
{
    struct master_news news = {
        .kind = MASTER_FRAGMENT, .ticket = ticket, .unsolicited = true, .first = true, .confirm_asked = true};
    size_t len = hex_parse(hex, r->octets, sizeof r->octets);
    assert_int_equal(app_parse(r->octets, len, &news.fragment), APP_OK);
    news.summary = measure_summarise(&news.fragment);
    return news;
}

static bool add(struct rig *r, const char *hex, uint64_t ticket, struct session *session)
{
    struct master_news news = news_of(r, hex, ticket);
    return outbox_fragment(&r->box, session, &news, 7, ticket, ticket, &at, 5);
}

static void a_fragment_arrives_with_its_measurements_and_octets(void **state)
{
    struct rig *r = *state;
    assert_true(add(r, whole, 1, NULL));
    struct batch *b = outbox_close(&r->box);
    const struct batch_fragment *f = (const void *)batch_next(b, NULL);
    assert_int_equal(f->item.station, 7);
    assert_int_equal(f->count, 2);
    assert_true(f->measurements[1].value == 2);
    assert_int_equal(f->defect, WALK_END);
    assert_memory_equal(&f->measurements[f->count], r->octets, f->octets_len);
    assert_int_equal(b->worker, 3);
    assert_null(batch_next(b, &f->item));
    free(b);
}

/* What follows the last measurement is looked at too: it decides on the quarantine. */
static void a_defect_behind_the_measurements_is_told(void **state)
{
    struct rig *r = *state;
    assert_true(add(r, broken, 1, NULL));
    struct batch *b = outbox_close(&r->box);
    const struct batch_fragment *f = (const void *)batch_next(b, NULL);
    assert_int_equal(f->count, 2);
    assert_int_equal(f->defect, WALK_UNKNOWN_OBJECT);
    assert_int_equal(f->defect_offset, 20);
    free(b);
}

static void confirms_wait_for_their_batch(void **state)
{
    struct rig *r = *state;
    struct session *one = (void *)1, *two = (void *)2;
    struct held held;
    add(r, whole, 11, one);
    free(outbox_close(&r->box));
    add(r, whole, 12, two);
    free(outbox_close(&r->box));
    assert_false(outbox_next_held(&r->box, &held));
    outbox_durable(&r->box, 1);
    assert_true(outbox_next_held(&r->box, &held));
    assert_ptr_equal(held.session, one);
    assert_int_equal(held.ticket, 11);
    assert_false(outbox_next_held(&r->box, &held));
    outbox_durable(&r->box, 2);
    assert_true(outbox_next_held(&r->box, &held));
    assert_int_equal(held.ticket, 12);
}

static void a_session_that_goes_is_forgotten(void **state)
{
    struct rig *r = *state;
    struct session *one = (void *)1, *two = (void *)2;
    struct held held;
    for (uint64_t i = 1; i <= 200; i++)
        add(r, whole, i, i % 2 ? one : two);
    free(outbox_close(&r->box));
    outbox_forget(&r->box, one);
    outbox_durable(&r->box, 1);
    uint64_t expected = 2;
    for (; outbox_next_held(&r->box, &held); expected += 2) {
        assert_ptr_equal(held.session, two);
        assert_int_equal(held.ticket, expected);
    }
    assert_int_equal(expected, 202);
}

static void beyond_the_limit_only_what_can_not_be_withheld_is_taken(void **state)
{
    struct rig *r = *state;
    while (outbox_relieved(&r->box))
        assert_true(add(r, whole, 1, NULL));
    assert_false(add(r, whole, 2, NULL));
    struct master_news news = news_of(r, whole, 0);
    news.confirm_asked = false;
    assert_true(outbox_fragment(&r->box, NULL, &news, 7, 9, 9, &at, 5));
    free(outbox_close(&r->box));
    outbox_durable(&r->box, 1);
    assert_true(outbox_relieved(&r->box));
    assert_true(add(r, whole, 3, NULL));
}

static void a_batch_that_waits_too_long_means_that_the_store_stalls(void **state)
{
    struct rig *r = *state;
    assert_false(outbox_stalled(&r->box, at.now_ms + 5000, 1000));
    add(r, whole, 1, NULL);
    free(outbox_close(&r->box));
    assert_false(outbox_stalled(&r->box, at.now_ms + 1000, 1000));
    assert_true(outbox_stalled(&r->box, at.now_ms + 1001, 1000));
    outbox_durable(&r->box, 1);
    assert_false(outbox_stalled(&r->box, at.now_ms + 5000, 1000));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_fragment_arrives_with_its_measurements_and_octets),
        TEST(a_defect_behind_the_measurements_is_told),
        TEST(confirms_wait_for_their_batch),
        TEST(a_session_that_goes_is_forgotten),
        TEST(beyond_the_limit_only_what_can_not_be_withheld_is_taken),
        TEST(a_batch_that_waits_too_long_means_that_the_store_stalls),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
