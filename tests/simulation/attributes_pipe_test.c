// SPDX-License-Identifier: Apache-2.0
/*
 * Device attributes between a master and an outstation (dnp3-reference/attributes.md): what a generated table
 * holds is what the master reads, one by one, all of a set, and as a list; what it may write is written.
 */
#include "support/cm.h"

#include "protocol/master_attributes.h"
#include "protocol/outstation.h"
#include "protocol/outstation_attributes.h"
#include "simulation/network.h"

enum { SEEDS = 60, SETS = 3, ENTRIES_MAX = 180, STORE_LEN = 8, WIRE_MAX = 4096 };

struct world {
    uint64_t seed;
    struct instant at;
    struct master m;
    struct master_config master_config;
    struct outstation o;
    struct outstation_config config;
    struct outstation_attributes table;
    struct outstation_attribute entries[ENTRIES_MAX];
    uint8_t octets[ENTRIES_MAX][UINT8_MAX];
    struct outstation_event events[4];
    uint8_t tx[APP_FRAGMENT_MAX], master_rx[APP_FRAGMENT_MAX], outstation_rx[APP_FRAGMENT_MAX];
    struct master_attributes order;
    struct master_attributes_job job;
    uint8_t request[512];
    bool done;
    /* What the answer is compared with. */
    size_t next; /* entry */
    unsigned compared;
    struct attribute_entry list[UINT8_MAX];
    size_t list_len;
};

/* Every octet arrives at once; frames to the other side are handled before this one goes on. */
static void exchange(struct world *w)
{
    static uint8_t wire[WIRE_MAX];
    struct master_news news;
    struct outstation_news told;
    struct link_frame frame;
    struct link_errors errors = {0};
    size_t n, used;
    bool moved = true;
    while (moved) {
        moved = false;
        while (master_next(&w->m, &news) != MASTER_QUIET)
            w->done |= news.kind == MASTER_ORDER_DONE;
        while ((n = master_write(&w->m, wire, sizeof wire, &w->at))) {
            moved = true;
            assert_int_equal(link_parse(wire, n, &used, &frame, &errors), LINK_FRAME);
            outstation_lend(&w->o, w->outstation_rx, sizeof w->outstation_rx);
            outstation_receive(&w->o, &frame, &w->at);
            outstation_take_back(&w->o);
        }
        while (outstation_next(&w->o, &told) != OUTSTATION_QUIET)
            ;
        n = outstation_write(&w->o, wire, sizeof wire, &w->at);
        moved |= n > 0;
        for (size_t at = 0; at < n; at += used) {
            assert_int_equal(link_parse(wire + at, n - at, &used, &frame, &errors), LINK_FRAME);
            master_lend(&w->m, w->master_rx, sizeof w->master_rx);
            master_receive(&w->m, &frame, &w->at);
            while (master_next(&w->m, &news) != MASTER_QUIET) {
                w->done |= news.kind == MASTER_ORDER_DONE;
                if (news.ticket)
                    master_release_confirm(&w->m, news.ticket, &w->at);
            }
            master_take_back(&w->m);
        }
    }
}

static enum order_outcome ordered(struct world *w, struct master_attributes_job job)
{
    w->job = job;
    w->done = false;
    w->compared = 0;
    w->list_len = 0;
    master_attributes_init(&w->order, &w->job, w->request, sizeof w->request);
    master_submit(&w->m, &w->order.order, &w->at);
    exchange(w);
    for (int i = 0; !w->done && i < 100; i++) {
        w->at.now_ms += 100;
        master_tick(&w->m, &w->at);
        exchange(w);
    }
    assert_true(w->done);
    return w->order.order.outcome;
}

static uint8_t length_of(struct world *w, uint8_t type)
{
    static const uint8_t numbers[] = {1, 2, 4};
    if (type == ATTRIBUTE_UINT || type == ATTRIBUTE_INT)
        return numbers[random_below(&w->seed, 3)];
    if (type == ATTRIBUTE_FLT)
        return random_chance(&w->seed, 50) ? 4 : 8;
    if (type == ATTRIBUTE_TIME)
        return 6;
    return (uint8_t)(random_chance(&w->seed, 10) ? random_below(&w->seed, 230) : random_below(&w->seed, 30));
}

static void generate(struct world *w)
{
    for (uint8_t set = 0; set < SETS; set++)
        for (uint32_t variation = 1 + (uint32_t)random_below(&w->seed, 9);
             variation < 254 && w->table.n < ENTRIES_MAX;
             variation += 1 + (uint32_t)random_below(&w->seed, 9)) {
            uint8_t *octets = w->octets[w->table.n];
            struct outstation_attribute *e = &w->entries[w->table.n++];
            *e = (struct outstation_attribute){.octets = octets,
                                               .set = set,
                                               .variation = (uint8_t)variation,
                                               .type = (uint8_t)(1 + random_below(&w->seed, 7))};
            e->len = length_of(w, e->type);
            if (e->len <= STORE_LEN && random_chance(&w->seed, 40)) {
                e->store = octets;
                e->room = STORE_LEN;
            }
            for (size_t i = 0; i < e->len; i++)
                octets[i] = (uint8_t)random_next(&w->seed);
        }
    w->table.entry = w->entries;
}

static void setup(struct world *w, uint64_t seed)
{
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->at = (struct instant){.now_ms = 7, .wall_ms = 1735689600000, .wall_trusted = true};
    generate(w);
    w->config = outstation_defaults();
    w->config.attributes = &w->table;
    w->config.need_time = false;
    w->config.tx_fragment_max = seed & 1 ? 300 : APP_FRAGMENT_MAX;
    outstation_init(&w->o, &w->config, NULL, 0, w->events, 4, w->tx, sizeof w->tx);
    w->master_config = master_defaults();
    w->master_config.time_sync = TIME_SYNC_NONE;
    master_init(&w->m, &w->master_config, w->config.master_address, w->config.address, NULL, 1);
    master_connected(&w->m, &w->at);
    outstation_connected(&w->o, &w->at);
    exchange(w);
}

static void compare_next(void *context, const struct attribute *a)
{
    struct world *w = context;
    assert_true(w->next < w->table.n);
    const struct outstation_attribute *e = &w->entries[w->next++];
    assert_int_equal(a->set, e->set);
    assert_int_equal(a->variation, e->variation);
    assert_int_equal(a->type, e->type);
    assert_int_equal(a->len, e->len);
    assert_memory_equal(a->octets, e->octets, e->len);
    w->compared++;
}

static void keep_list(void *context, const struct attribute *a)
{
    struct world *w = context;
    assert_int_equal(a->variation, ATTRIBUTE_VARIATIONS);
    for (size_t i = 0; i < attribute_entries(a); i++)
        w->list[w->list_len++] = attribute_entry_at(a, i);
}

static void read_in_all_ways(struct world *w)
{
    size_t first = 0;
    for (uint8_t set = 0; set < SETS; set++) {
        size_t end = first;
        while (end < w->table.n && w->entries[end].set == set)
            end++;
        if (end == first)
            continue;
        w->next = first;
        struct master_attributes_job job = {.kind = MASTER_ATTRIBUTES_READ_ALL,
                                            .attribute = {.set = set},
                                            .context = w,
                                            .value = compare_next};
        assert_int_equal(ordered(w, job), ORDER_SUCCESS);
        assert_int_equal(w->compared, end - first);
        assert_int_equal(w->order.values, end - first);

        job.kind = MASTER_ATTRIBUTES_LIST;
        job.value = keep_list;
        assert_int_equal(ordered(w, job), ORDER_SUCCESS);
        assert_int_equal(w->list_len, end - first);
        for (size_t i = first; i < end; i++) {
            assert_int_equal(w->list[i - first].variation, w->entries[i].variation);
            assert_int_equal(w->list[i - first].properties & 1, w->entries[i].store ? 1 : 0);
        }
        first = end;
    }
    for (size_t i = 0; i < w->table.n; i += 1 + random_below(&w->seed, 20)) {
        w->next = i;
        assert_int_equal(ordered(w, (struct master_attributes_job){MASTER_ATTRIBUTES_READ,
                                                                   {.set = w->entries[i].set,
                                                                    .variation = w->entries[i].variation},
                                                                   w,
                                                                   compare_next}),
                         ORDER_SUCCESS);
        assert_int_equal(w->compared, 1);
    }
}

static void write_each(struct world *w, unsigned *written, unsigned *refused)
{
    for (size_t i = 0; i < w->table.n; i++) {
        const struct outstation_attribute *e = &w->entries[i];
        uint8_t octets[UINT8_MAX];
        for (size_t k = 0; k < e->len; k++)
            octets[k] = (uint8_t)random_next(&w->seed);
        const struct master_attributes_job job = {
            MASTER_ATTRIBUTES_WRITE, {e->variation, e->set, e->type, e->len, octets}, w, NULL};
        enum order_outcome outcome = ordered(w, job);
        assert_int_equal(outcome, e->store ? ORDER_SUCCESS : ORDER_REFUSED_IIN);
        if (e->store)
            assert_memory_equal(e->octets, octets, e->len);
        *written += e->store != NULL;
        *refused += !e->store;
    }
}

static void both_sides_agree(void **state)
{
    (void)state;
    static struct world w;
    unsigned written = 0, refused = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        setup(&w, seed);
        read_in_all_ways(&w);
        write_each(&w, &written, &refused);
        read_in_all_ways(&w);
    }
    assert_true(written > 500 && refused > 500);
}

/* No table: the station refuses, and the master says so. */
static void a_station_without_attributes(void **state)
{
    (void)state;
    static struct world w;
    setup(&w, 1);
    w.config.attributes = NULL;
    struct master_attributes_job job = {
        .kind = MASTER_ATTRIBUTES_READ_ALL, .context = &w, .value = compare_next};
    assert_int_equal(ordered(&w, job), ORDER_REFUSED_IIN);
    assert_int_equal(w.compared, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_sides_agree),
                                       cmocka_unit_test(a_station_without_attributes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
