// SPDX-License-Identifier: Apache-2.0
/*
 * What a peer's octets may cost: the hostile peer's stimuli, each into a master and an outstation in memory,
 * and every basic block counted that the protocol library runs for them. No time is measured: the same octets
 * cost the same number of blocks on every machine.
 *
 * The library is compiled once more for it, with -fsanitize-coverage=trace-pc.
 */
#include "support/cm.h"

#include "protocol/decode.h"
#include "protocol/link.h"
#include "protocol/master.h"
#include "protocol/outstation.h"
#include "protocol/strings.h"
#include "protocol/transport.h"
#include "stimulus.h"

enum {
    POINTS = 64,
    EVENTS = 32,
    /* Whoever gets so far is in a loop without end. */
    ENDLESS = 50 * 1000 * 1000,
    FRAGMENT_BLOCKS =
        40000, /* whatever the fragment is: an answer of 2,048 octets, news, looking for points */
    FRAME_BLOCKS = 600,
    OCTET_BLOCKS = 30,
    PER_FAMILY = 400, /* stimuli, spread over its range */
};

static uint64_t blocks;

void __sanitizer_cov_trace_pc(void);
void __sanitizer_cov_trace_pc(void)
{
    if (++blocks > ENDLESS)
        fail_msg("more than %d basic blocks: a loop without end", ENDLESS);
}

struct rig {
    struct master m;
    struct master_config master_config;
    struct outstation o;
    struct outstation_config outstation_config;
    struct outstation_point points[POINTS];
    struct outstation_event events[EVENTS];
    uint8_t tx[APP_FRAGMENT_MAX + 64];
    uint8_t rx[APP_FRAGMENT_MAX];
    struct instant at;
    uint8_t wire[WIRE_ROOM];
    struct stimulus stimulus;
    struct guise guise;
};

static void begin_outstation(struct rig *r)
{
    static const uint8_t types[] = {
        POINT_BINARY_INPUT,   POINT_DOUBLE_BIT_INPUT, POINT_BINARY_OUTPUT_STATUS, POINT_COUNTER,
        POINT_FROZEN_COUNTER, POINT_ANALOG_INPUT,     POINT_ANALOG_OUTPUT_STATUS, POINT_FROZEN_ANALOG_INPUT};
    for (uint32_t i = 0; i < POINTS; i++)
        r->points[i] = (struct outstation_point){.index = i % 8 * 40,
                                                 .type = types[i / 8],
                                                 .flags = FLAG_ONLINE,
                                                 .class_mask = CLASS_1,
                                                 .in_class_0 = true,
                                                 .operable = true};
    r->outstation_config = outstation_defaults();
    outstation_init(&r->o, &r->outstation_config, r->points, POINTS, r->events, EVENTS, r->tx, sizeof r->tx);
    outstation_connected(&r->o, &r->at);
}

static void begin(struct rig *r, bool master)
{
    memset(r, 0, sizeof *r);
    r->at = (struct instant){.now_ms = 1000, .wall_ms = 1735689601000, .wall_trusted = true};
    r->guise = (struct guise){.master = master, .local = master ? 1 : 10, .remote = master ? 10 : 1};
    if (master) {
        begin_outstation(r);
        return;
    }
    r->master_config = master_defaults();
    master_init(&r->m, &r->master_config, 1, 10, NULL, 1);
    master_connected(&r->m, &r->at);
}

/* All that there is to say, so that the cost of answers counts too. */
static void drain_outstation(struct rig *r)
{
    uint8_t wire[4096];
    struct outstation_news news;
    while (outstation_next(&r->o, &news) != OUTSTATION_QUIET ||
           outstation_write(&r->o, wire, sizeof wire, &r->at))
        ;
}

static void look_at(const struct app_fragment *f)
{
    struct measurement_walk w = measurement_walk_begin(f, false);
    struct measurement m;
    struct string_walk strings = string_walk_begin(f);
    struct object_string s;
    while (measurement_walk_next(&w, &m) || string_walk_next(&strings, &s))
        ;
}

static void drain_master(struct rig *r)
{
    uint8_t wire[LINK_FRAME_MAX];
    struct master_news news;
    do {
        while (master_next(&r->m, &news) != MASTER_QUIET) {
            if (news.kind == MASTER_FRAGMENT)
                look_at(&news.fragment);
            if (news.kind == MASTER_FRAGMENT && news.ticket)
                master_release_confirm(&r->m, news.ticket, &r->at);
        }
    } while (master_write(&r->m, wire, sizeof wire, &r->at));
}

static void receive(struct rig *r, const struct link_frame *f)
{
    if (r->guise.master) {
        outstation_lend(&r->o, r->rx, sizeof r->rx);
        outstation_receive(&r->o, f, &r->at);
        drain_outstation(r);
        outstation_take_back(&r->o);
        return;
    }
    master_lend(&r->m, r->rx, sizeof r->rx);
    master_receive(&r->m, f, &r->at);
    drain_master(r);
    master_take_back(&r->m);
}

/* An answer is awaited at times, so that solicited fragments get in. */
static void pass_time(struct rig *r)
{
    r->at.now_ms += 700;
    r->at.wall_ms += 700;
    if (r->guise.master) {
        outstation_tick(&r->o, &r->at);
        drain_outstation(r);
        return;
    }
    master_tick(&r->m, &r->at);
    drain_master(r);
    r->guise.asked = true;
    r->guise.asked_seq = r->m.seq;
}

static void check_cost(const struct family *f, uint32_t number, uint64_t cost, size_t len, uint64_t frames,
                       uint64_t fragments)
{
    uint64_t most = FRAGMENT_BLOCKS * (fragments + 1) + FRAME_BLOCKS * (frames + 1) + OCTET_BLOCKS * len;
    if (cost > most)
        fail_msg("%s, %s, %u: %zu octets, %llu frames cost %llu basic blocks, at most %llu", f->rule, f->name,
                 number, len, (unsigned long long)frames, (unsigned long long)cost, (unsigned long long)most);
}

static void attack(struct rig *r, const struct family *family, uint32_t number)
{
    struct link_frame f;
    struct link_errors errors = {0};
    size_t used, at = 0;
    uint64_t frames = 0, fragments = 0;
    pass_time(r);
    r->stimulus.wire = writer_over(r->wire, sizeof r->wire);
    r->stimulus.guise = &r->guise;
    r->stimulus.fragment_len = 0;
    family->make(&r->stimulus, number);
    size_t len = writer_len(&r->stimulus.wire);
    blocks = 0;
    while (link_parse(r->wire + at, len - at, &used, &f, &errors) == LINK_FRAME) {
        at += used;
        frames++;
        fragments += f.user_len && f.user[0] & TRANSPORT_FIN;
        receive(r, &f);
    }
    check_cost(family, number, blocks, len, frames, fragments);
}

static uint64_t attack_all(struct rig *r, const struct family *f)
{
    uint64_t sent = 0;
    for (; f->name; f++) {
        uint32_t count = f->count(), step = count > PER_FAMILY ? count / PER_FAMILY : 1;
        for (uint32_t n = 0; n < count; n += step + scatter(n, count) % step, sent++)
            attack(r, f, n);
    }
    return sent;
}

static void attack_in_memory(bool master)
{
    static struct rig r;
    begin(&r, master);
    uint64_t sent =
        attack_all(&r, link_families) + attack_all(&r, app_families) + attack_all(&r, order_families);
    assert_true(sent > 2000);
}

static void hostile_outstation_costs_a_master_no_more_than_its_octets(void **state)
{
    (void)state;
    attack_in_memory(false);
}

static void hostile_master_costs_an_outstation_no_more_than_its_octets(void **state)
{
    (void)state;
    attack_in_memory(true);
}

/* Headers of 5 to 11 octets that claim up to 2^32 values: the walks refuse them before they do anything. */
static void claims_cost_nothing(void **state)
{
    (void)state;
    static const uint8_t headers[][8] = {{0x01, 0, 0, 0xFF, 0xFF}, {0x02, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF},
                                         {0x08, 0xFF, 0xFF},       {0x09, 0xFF, 0xFF, 0xFF, 0xFF},
                                         {0x28, 0xFF, 0xFF},       {0x39, 0xFF, 0xFF, 0xFF, 0xFF}};
    size_t rows;
    const struct object_type *types = object_types(&rows);
    for (size_t i = 0; i < rows * 6; i++) {
        const struct object_type *row = &types[i / 6];
        uint8_t octets[4 + 3 + 8] = {0xC0, APP_RESPONSE, 0, 0, row->group, row->variation};
        struct app_fragment f;
        char text[512];
        memcpy(octets + 6, headers[i % 6], sizeof headers[0]);
        for (size_t len = 6; len <= sizeof octets; len++) {
            assert_int_equal(app_parse(octets, len, &f), APP_OK);
            blocks = 0;
            look_at(&f);
            assert_in_range(blocks, 1, 1500);
            decode_fragment(octets, len, DECODE_TREE, text, sizeof text);
            assert_in_range(blocks, 1, 30000);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_cost_nothing),
        cmocka_unit_test(hostile_outstation_costs_a_master_no_more_than_its_octets),
        cmocka_unit_test(hostile_master_costs_an_outstation_no_more_than_its_octets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
