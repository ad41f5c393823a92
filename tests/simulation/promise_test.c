// SPDX-License-Identifier: Apache-2.0
/*
 * The promise, over and over: seeded worlds with faults, each checked by the account. A seed that fails is
 * printed; FEP_SEED=n runs it alone and tells its faults, FEP_SEEDS=n runs so many.
 */
#include "simulation/world.h"
#include "support/cm.h"

#include <stdio.h>

enum { SEEDS = 200, CONTROL_SEEDS = 40, EVENTS = 400 };

static struct tally run(const struct world_options *options, struct world_report *report)
{
    struct tally t = {0};
    struct world *w = world_new(options);
    world_run(w);
    world_account(w, &t);
    *report = *world_report(w);
    world_free(w);
    return t;
}

static void print_tally(uint64_t seed, const struct tally *t, const struct world_report *r)
{
    fprintf(stderr,
            "seed %llu: %llu events, %llu stored, %llu lost, %llu doubles, %llu unmarked, %llu foreign, "
            "%llu twins lost, %llu marked, %llu buffered, %llu faults\n",
            (unsigned long long)seed, (unsigned long long)t->generated, (unsigned long long)t->stored,
            (unsigned long long)t->lost, (unsigned long long)t->doubles,
            (unsigned long long)t->unmarked_repeats, (unsigned long long)t->foreign,
            (unsigned long long)t->twins_lost, (unsigned long long)t->marked_repeats,
            (unsigned long long)r->buffered_at_end, (unsigned long long)r->faults);
}

static uint64_t from_environment(const char *name, uint64_t otherwise)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : otherwise;
}

static void nothing_is_lost_and_nothing_is_doubled(void **state)
{
    (void)state;
    uint64_t only = from_environment("FEP_SEED", 0), seeds = from_environment("FEP_SEEDS", SEEDS), failed = 0;
    struct tally all = {0};
    struct world_report sum = {0};
    for (uint64_t seed = only ? only : 1; seed <= (only ? only : seeds); seed++) {
        struct world_report r;
        struct tally t =
            run(&(struct world_options){.seed = seed, .events = EVENTS, .verbose = only != 0}, &r);
        assert_true(t.generated >= 200 && r.faults >= 3);
        tally_add(&all, &t);
        sum.kills += r.kills;
        sum.power_cuts += r.power_cuts;
        sum.faults += r.faults;
        sum.buffered_at_end += r.buffered_at_end;
        if (!tally_balances(&t) || r.buffered_at_end || only)
            print_tally(seed, &t, &r);
        failed += !tally_balances(&t) || r.buffered_at_end;
    }
    print_message("%llu faults, %llu of them kills, %llu power cuts; %llu repeats marked, %llu twins lost\n",
                  (unsigned long long)sum.faults, (unsigned long long)sum.kills,
                  (unsigned long long)sum.power_cuts, (unsigned long long)all.marked_repeats,
                  (unsigned long long)all.twins_lost);
    assert_int_equal(failed, 0);
}

/* The same worlds must show what the rule is for. */
static void without_the_in_doubt_rule_there_are_doubles(void **state)
{
    (void)state;
    struct tally all = {0};
    struct world_report r;
    for (uint64_t seed = 1; seed <= CONTROL_SEEDS; seed++) {
        struct tally t = run(&(struct world_options){.seed = seed, .events = EVENTS, .doubt_off = true}, &r);
        tally_add(&all, &t);
    }
    assert_true(all.doubles > 0);
    assert_true(all.unmarked_repeats > 0);
}

static void with_confirms_before_the_commit_events_are_lost(void **state)
{
    (void)state;
    struct tally all = {0};
    struct world_report r;
    for (uint64_t seed = 1; seed <= CONTROL_SEEDS; seed++) {
        struct tally t = run(&(struct world_options){.seed = seed, .events = EVENTS, .hasty = true}, &r);
        tally_add(&all, &t);
    }
    assert_true(all.lost > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_and_nothing_is_doubled),
        cmocka_unit_test(without_the_in_doubt_rule_there_are_doubles),
        cmocka_unit_test(with_confirms_before_the_commit_events_are_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
