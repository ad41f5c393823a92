// SPDX-License-Identifier: Apache-2.0
/*
 * Master and outstation over a seeded pipe: random pieces, latency, cuts, commits that take time or fail,
 * restarts, overflows, on simulated time.
 *
 * Each event has a time of its own, so that the checker knows it again. An event is confirmed only after the
 * master's side has stored it; what was made is confirmed, lost and told, or still buffered; what is stored,
 * less repeats, is what was made, in order of each point; and when the faults end the buffer runs empty.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "protocol/app.h"
#include "protocol/master.h"
#include "protocol/outstation.h"
#include "simulation/network.h"

enum {
    SEEDS = 120,
    POINTS = 9,
    ROOM = 300,
    EVENTS_MAX = 8192,
    COMMITS_MAX = 64,
    FAULTS_MS = 60000,
    QUIET_MS = 180000,
    WIRE_MAX = 8192
};
#define WALL_0 1735689600000

/* What became of event `id` (its time is WALL_0 + id). */
struct fate {
    bool made, stored, confirmed, lost;
    uint32_t index;
    uint8_t type;
    double value;
};

struct commit {
    int64_t done_ms;
    uint64_t ticket;
    uint64_t ids[512];
    size_t len;
    bool fails;
};

struct end {
    uint8_t buf[WIRE_MAX];
    size_t len;
    struct pipe out; /* to the other end */
    uint8_t rx[APP_FRAGMENT_MAX];
};

struct world {
    uint64_t seed;
    struct instant at;
    bool connected;
    bool faults;
    int64_t reconnect_ms;
    int64_t update_ms;
    struct master m;
    struct master_config master_config;
    struct master_poll polls[1];
    int64_t poll_due_ms[1];
    struct outstation o;
    struct outstation_config config;
    struct outstation_point points[POINTS];
    struct outstation_event events[ROOM];
    uint8_t tx[2048];
    struct end master_end, outstation_end;
    struct commit commits[COMMITS_MAX];
    size_t commits_len;
    struct fate fates[EVENTS_MAX];
    uint64_t made;
    uint64_t newest_stored[POINTS]; /* by position of the point */
    unsigned repeats, cuts, restarts, losses, refused;
};

static struct fate *fate_of(struct world *w, uint64_t id)
{
    assert_true(id > 0 && id < EVENTS_MAX && w->fates[id].made);
    return &w->fates[id];
}

static int64_t soon(struct world *w, uint64_t ms)
{
    return w->at.now_ms + 1 + (int64_t)random_below(&w->seed, ms);
}

/* The outstation's side: the ledger. */

static void outstation_told(struct world *w, const struct outstation_news *n)
{
    if (n->kind == OUTSTATION_CONFIRMED) {
        struct fate *f = fate_of(w, n->event.id);
        assert_true(f->stored); /* the promise */
        assert_false(f->confirmed || f->lost);
        f->confirmed = true;
    }
    if (n->kind == OUTSTATION_LOST) {
        struct fate *f = fate_of(w, n->event.id);
        assert_false(f->confirmed || f->lost);
        f->lost = true;
        w->losses++;
    }
    /* The master keeps the rules; FC 20 and 21 are unknown to a station that is polled only. */
    assert_true(n->kind != OUTSTATION_DEFECT || !w->config.unsolicited);
}

static void outstation_speaks(struct world *w)
{
    static uint8_t wire[WIRE_MAX];
    struct outstation_news news;
    size_t n;
    do {
        while (outstation_next(&w->o, &news) != OUTSTATION_QUIET)
            outstation_told(w, &news);
        n = outstation_write(&w->o, wire, sizeof wire, &w->at);
        if (n)
            pipe_send(&w->outstation_end.out, wire, n, w->at.now_ms, 40, &w->seed);
    } while (n);
}

static void change(struct world *w)
{
    struct outstation_point *p = &w->points[random_below(&w->seed, POINTS)];
    bool binary = p->type == POINT_BINARY_INPUT;
    uint64_t id = w->made + 1;
    assert_true(id < EVENTS_MAX);
    struct measurement m = {.value = binary ? (double)(id & 1) : (double)id,
                            .time_ms = WALL_0 + id,
                            .index = p->index,
                            .type = p->type,
                            .flags = FLAG_ONLINE,
                            .time_quality = TIME_SYNCHRONISED};
    uint64_t made = outstation_update(&w->o, &m, UPDATE_FORCE_EVENT, &w->at);
    assert_int_equal(made, id);
    w->made = id;
    w->fates[id] = (struct fate){.made = true, .index = m.index, .type = m.type, .value = m.value};
    outstation_speaks(w);
}

/* The master's side: a store whose commits take time. */

static void store(struct world *w, const struct commit *c)
{
    for (size_t i = 0; i < c->len; i++) {
        struct fate *f = fate_of(w, c->ids[i]);
        size_t point = 0;
        while (w->points[point].type != f->type || w->points[point].index != f->index)
            point++;
        if (f->stored) {
            w->repeats++;
            continue;
        }
        assert_true(c->ids[i] > w->newest_stored[point]);
        w->newest_stored[point] = c->ids[i];
        f->stored = true;
    }
}

static void take_fragment(struct world *w, const struct master_news *n)
{
    assert_true(w->commits_len < COMMITS_MAX);
    struct commit *c = &w->commits[w->commits_len++];
    *c = (struct commit){.ticket = n->ticket, .done_ms = soon(w, 30)};
    /* What fails is never stored and never confirmed. */
    c->fails = n->ticket && w->faults && random_chance(&w->seed, 2);
    struct measurement_walk walk = measurement_walk_begin(&n->fragment, n->clock_unsynchronised);
    struct measurement m;
    while (measurement_walk_next(&walk, &m)) {
        if (!m.event)
            continue;
        struct fate *f = fate_of(w, m.time_ms - WALL_0);
        assert_int_equal(f->index, m.index);
        assert_int_equal(f->type, m.type);
        assert_true(f->value == m.value);
        assert_true(n->ticket != 0); /* events are never confirmed at once */
        c->ids[c->len++] = m.time_ms - WALL_0;
    }
    assert_int_equal(walk.defect, WALK_END);
}

static void master_speaks(struct world *w)
{
    static uint8_t wire[WIRE_MAX];
    struct master_news news;
    size_t n;
    do {
        while (master_next(&w->m, &news) != MASTER_QUIET) {
            if (news.kind == MASTER_FRAGMENT)
                take_fragment(w, &news);
            w->repeats += news.kind == MASTER_REPEAT;
            w->refused += news.kind == MASTER_REFUSED;
        }
        n = master_write(&w->m, wire, sizeof wire, &w->at);
        if (n)
            pipe_send(&w->master_end.out, wire, n, w->at.now_ms, 40, &w->seed);
    } while (n);
}

/* Commits end in their order. */
static void commit_due(struct world *w)
{
    while (w->commits_len && w->commits[0].done_ms <= w->at.now_ms) {
        struct commit c = w->commits[0];
        memmove(w->commits, w->commits + 1, --w->commits_len * sizeof c);
        if (c.fails) {
            master_give_up(&w->m, c.ticket);
            continue;
        }
        store(w, &c);
        if (c.ticket)
            master_release_confirm(&w->m, c.ticket, &w->at);
        master_speaks(w);
    }
}

/* The channel. */

static void frame_to_master(struct world *w, const struct link_frame *frame)
{
    master_lend(&w->m, w->master_end.rx, sizeof w->master_end.rx);
    master_receive(&w->m, frame, &w->at);
    master_speaks(w);
    master_take_back(&w->m);
}

static void frame_to_outstation(struct world *w, const struct link_frame *frame)
{
    outstation_lend(&w->o, w->outstation_end.rx, sizeof w->outstation_end.rx);
    outstation_receive(&w->o, frame, &w->at);
    outstation_take_back(&w->o);
    outstation_speaks(w);
}

static void arrive(struct world *w, struct end *to, struct pipe *from,
                   void (*deliver)(struct world *w, const struct link_frame *frame))
{
    struct chunk *chunk;
    while ((chunk = pipe_take(from, w->at.now_ms))) {
        assert_true(to->len + chunk->len <= sizeof to->buf);
        memcpy(to->buf + to->len, chunk->octets, chunk->len);
        to->len += chunk->len;
        free(chunk);
        size_t at = 0, used;
        struct link_frame frame;
        struct link_errors errors = {0};
        while (link_parse(to->buf + at, to->len - at, &used, &frame, &errors) == LINK_FRAME) {
            at += used;
            deliver(w, &frame);
        }
        at += used;
        memmove(to->buf, to->buf + at, to->len - at);
        to->len -= at;
        assert_int_equal(errors.header_crc + errors.body_crc + errors.noise_octets, 0);
    }
}

static void cut(struct world *w)
{
    pipe_drop(&w->master_end.out);
    pipe_drop(&w->outstation_end.out);
    w->master_end.len = w->outstation_end.len = 0;
    w->connected = false;
    w->reconnect_ms = soon(w, 3000);
    w->cuts++;
    master_disconnected(&w->m, &w->at);
    outstation_disconnected(&w->o, &w->at);
    master_speaks(w);
    outstation_speaks(w);
}

static void join(struct world *w)
{
    w->connected = true;
    w->reconnect_ms = NEVER_MS;
    master_connected(&w->m, &w->at);
    outstation_connected(&w->o, &w->at);
    master_speaks(w);
    outstation_speaks(w);
}

static void maybe_fault(struct world *w)
{
    if (w->connected && random_chance(&w->seed, 1) && random_chance(&w->seed, 40))
        cut(w);
    if (random_chance(&w->seed, 1) && random_chance(&w->seed, 10)) {
        w->restarts++;
        outstation_restart(&w->o, random_chance(&w->seed, 50), &w->at);
        outstation_speaks(w);
    }
}

static void turn(struct world *w)
{
    if (w->at.now_ms >= w->reconnect_ms)
        join(w);
    arrive(w, &w->outstation_end, &w->master_end.out, frame_to_outstation);
    arrive(w, &w->master_end, &w->outstation_end.out, frame_to_master);
    commit_due(w);
    if (w->connected && master_deadline_ms(&w->m) <= w->at.now_ms) {
        master_tick(&w->m, &w->at);
        master_speaks(w);
    }
    if (outstation_deadline_ms(&w->o) <= w->at.now_ms) {
        outstation_tick(&w->o, &w->at);
        outstation_speaks(w);
    }
    if (w->faults && w->at.now_ms >= w->update_ms) {
        for (uint64_t n = random_below(&w->seed, 12) == 0 ? 30 : 1; n > 0; n--)
            change(w);
        w->update_ms = soon(w, 150);
        maybe_fault(w);
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t next_ms(const struct world *w)
{
    int64_t next = earlier(master_deadline_ms(&w->m), outstation_deadline_ms(&w->o));
    next = earlier(next, earlier(pipe_next_ms(&w->master_end.out), pipe_next_ms(&w->outstation_end.out)));
    next = earlier(next, w->reconnect_ms);
    next = earlier(next, w->commits_len ? w->commits[0].done_ms : NEVER_MS);
    return earlier(next, w->faults ? w->update_ms : NEVER_MS);
}

static void run(struct world *w, int64_t for_ms)
{
    int64_t end = w->at.now_ms + for_ms;
    while (w->at.now_ms < end) {
        int64_t next = earlier(next_ms(w), end);
        int64_t step = next > w->at.now_ms ? next - w->at.now_ms : 1;
        w->at.now_ms += step;
        w->at.wall_ms += step;
        turn(w);
    }
}

static void setup(struct world *w, uint64_t seed)
{
    static const uint8_t types[] = {POINT_BINARY_INPUT, POINT_COUNTER, POINT_ANALOG_INPUT};
    static const uint8_t variations[] = {2, 5, 7};
    memset(w, 0, sizeof *w);
    w->seed = seed;
    w->faults = true;
    w->at = (struct instant){.now_ms = 7, .wall_ms = WALL_0, .wall_trusted = true};
    w->update_ms = 10;
    pipe_init(&w->master_end.out);
    pipe_init(&w->outstation_end.out);
    for (uint32_t i = 0; i < POINTS; i++)
        w->points[i] = (struct outstation_point){.index = i % 3 * 200,
                                                 .type = types[i / 3],
                                                 .flags = FLAG_ONLINE,
                                                 .class_mask = (uint8_t)(CLASS_1 << i % 3),
                                                 .event_variation = variations[i / 3],
                                                 .in_class_0 = true};
    w->config = outstation_defaults();
    w->config.need_time = false;
    w->config.tx_fragment_max = seed & 1 ? 249 : 2048;
    w->config.unsolicited = seed % 3 != 0;
    w->config.repeat = seed % 3 == 1 ? REPEAT_IDENTICAL : REPEAT_REGENERATED;
    w->config.unsolicited_retries = seed & 4 ? 3 : 0xFFFF;
    w->config.unsolicited_hold_ms = seed & 8 ? 400 : 0;
    w->config.unsolicited_count = seed & 8 ? 5 : 1;
    outstation_init(&w->o, &w->config, w->points, POINTS, w->events, seed & 16 ? ROOM : 60, w->tx,
                    sizeof w->tx);
    w->polls[0] = (struct master_poll){.period_ms = 2000, .classes = CLASS_EVENTS};
    w->master_config = master_defaults();
    w->master_config.polls = w->polls;
    w->master_config.polls_len = w->config.unsolicited ? 0 : 1;
    w->master_config.time_sync = TIME_SYNC_NONE;
    master_init(&w->m, &w->master_config, w->config.master_address, w->config.address, w->poll_due_ms, 1);
    join(w);
}

static void check(struct world *w)
{
    size_t buffered = 0, confirmed = 0, lost = 0, stored = 0;
    while (outstation_buffered(&w->o, buffered))
        buffered++;
    for (uint64_t id = 1; id <= w->made; id++) {
        const struct fate *f = &w->fates[id];
        confirmed += f->confirmed;
        lost += f->lost;
        stored += f->stored;
        assert_true(f->stored || f->lost); /* nothing is missing */
    }
    assert_int_equal(confirmed + lost, w->made);
    assert_int_equal(buffered, 0); /* with the faults gone everything arrives */
    assert_true(stored >= confirmed);
    assert_true(w->made > 200 && confirmed > 100);
}

static void every_event_is_stored_before_its_confirm(void **state)
{
    (void)state;
    static struct world w;
    unsigned repeats = 0, cuts = 0, restarts = 0, losses = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        setup(&w, seed);
        print_message("%s%d", seed > 1 ? " " : "seed ", (int)seed);
        run(&w, FAULTS_MS);
        w.faults = false;
        run(&w, QUIET_MS);
        check(&w);
        repeats += w.repeats;
        cuts += w.cuts;
        restarts += w.restarts;
        losses += w.losses;
        pipe_drop(&w.master_end.out);
        pipe_drop(&w.outstation_end.out);
    }
    print_message("\n%u repeats, %u cuts, %u restarts, %u events lost by overflow or restart\n", repeats,
                  cuts, restarts, losses);
    assert_true(repeats > 0 && cuts > SEEDS && restarts > 0 && losses > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_event_is_stored_before_its_confirm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
