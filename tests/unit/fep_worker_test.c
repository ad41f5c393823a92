// SPDX-License-Identifier: Apache-2.0
/*
 * A worker with its thread, from outside: orders in, batches out, and a listener in the place of outstations.
 * The test plays main and the committer.
 */
#include "fep/batch.h"
#include "fep/command.h"
#include "fep/io/clock.h"
#include "fep/io/connection.h"
#include "fep/io/listener.h"
#include "fep/plan.h"
#include "protocol/app.h"
#include "protocol/link.h"
#include "protocol/transport.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { PEERS = 8, MASTER = 1, FIRST_ADDRESS = 10, ADDRESSES = 4, PATIENCE_MS = 60000 };

/* The outstations' end of a connection. */
struct peer {
    struct connection connection; /* first */
    struct rig *rig;
    bool closed;
    unsigned confirms;
    unsigned requests[ADDRESSES]; /* by address */
    unsigned statuses[ADDRESSES];
};

struct rig {
    struct loop *loop;
    struct pool pool;
    struct connection_owner owner;
    struct listener listener;
    struct peer peers[PEERS];
    size_t peers_len;

    struct log log;
    struct metrics *metrics;
    struct mailbox *batches;
    struct wake committer_wake;
    struct wake wake;
    uint64_t newest_batch;
    unsigned fragments, removed;
    struct worker *worker;
    struct catalog *catalog;
    struct plan_stations stations;
};

static void peer_frame(struct peer *p, const struct link_frame *frame)
{
    unsigned who = (unsigned)(frame->destination - FIRST_ADDRESS);
    assert_in_range(who, 0, ADDRESSES - 1);
    assert_int_equal(frame->source, MASTER);
    if ((frame->control & LINK_FUNCTION) == LINK_REQUEST_LINK_STATUS) {
        p->statuses[who]++;
        return;
    }
    assert_true(frame->user_len >= 3);
    if (frame->user[2] == APP_CONFIRM)
        p->confirms++;
    else
        p->requests[who]++;
}

static void peer_happened(struct connection *c, enum connection_event event, int error)
{
    (void)error;
    struct peer *p = (struct peer *)c;
    uint8_t octets[4096];
    ssize_t len = 0;
    while (event == CONNECTION_READABLE && (len = connection_read(c, octets, sizeof(octets))) > 0) {
        struct link_errors errors = {0};
        struct link_frame frame;
        size_t at = 0, used = 0;
        while (link_parse(octets + at, (size_t)len - at, &used, &frame, &errors) == LINK_FRAME) {
            at += used;
            peer_frame(p, &frame);
        }
        assert_int_equal(at, len); /* whole frames, nothing else: the worker writes once */
    }
    if (len < 0) {
        p->closed = true;
        connection_close(c);
    }
}

static void peer_accepted(void *context, int fd)
{
    struct rig *r = context;
    assert_true(r->peers_len < PEERS);
    struct peer *p = &r->peers[r->peers_len++];
    p->rig = r;
    connection_init(&p->connection, &r->owner);
    assert_true(connection_adopt(&p->connection, fd));
}

/* A response in one segment. */
static void peer_respond(struct peer *p, unsigned who, uint8_t control, uint8_t function,
                         const uint8_t *objects, size_t len)
{
    uint8_t fragment[64] = {control, function, 0, 0}, wire[128], seq = 0;
    if (len)
        memcpy(fragment + 4, objects, len);
    size_t n = transport_write(&seq, LINK_PRM | LINK_UNCONFIRMED_USER_DATA, MASTER,
                               (uint16_t)(FIRST_ADDRESS + who), fragment, 4 + len, wire, sizeof(wire));
    assert_true(n > 0);
    assert_true(connection_write(&p->connection, wire, n));
}

/* What the committer does, without a store: counts; `durable` says whether it is stored. */
static void rig_take(struct rig *r)
{
    struct batch *b;
    while ((b = mailbox_take(r->batches))) {
        for (const struct batch_item *i = batch_next(b, NULL); i; i = batch_next(b, i)) {
            r->fragments += i->kind == BATCH_FRAGMENT;
            r->removed += i->kind == BATCH_STATION && ((const struct batch_station *)i)->removed;
        }
        assert_int_equal(b->number, r->newest_batch + 1);
        r->newest_batch = b->number;
        free(b);
    }
}

static void rig_turn(struct rig *r, bool durable)
{
    loop_turn(r->loop, 5);
    rig_take(r);
    if (durable)
        worker_durable(r->worker, r->newest_batch);
}

static void rig_await(struct rig *r, bool durable, const unsigned *count, unsigned wanted)
{
    int64_t give_up_ms = clock_now_ms() + PATIENCE_MS;
    while (*count < wanted && clock_now_ms() < give_up_ms)
        rig_turn(r, durable);
    assert_true(*count >= wanted);
}

static void rig_await_flag(struct rig *r, bool durable, const bool *flag)
{
    int64_t give_up_ms = clock_now_ms() + PATIENCE_MS;
    while (!*flag && clock_now_ms() < give_up_ms)
        rig_turn(r, durable);
    assert_true(*flag);
}

static void rig_await_metric(struct rig *r, bool durable, const _Atomic uint64_t *m, uint64_t wanted)
{
    int64_t give_up_ms = clock_now_ms() + PATIENCE_MS;
    while (metric_get(m) < wanted && clock_now_ms() < give_up_ms)
        rig_turn(r, durable);
    assert_true(metric_get(m) >= wanted);
}

static void rig_order(struct rig *r, struct order *order, bool durable)
{
    order->asker = &r->wake;
    worker_order(r->worker, order);
    while (!atomic_load(&order->done))
        rig_turn(r, durable);
}

static struct catalog *rig_catalog(struct rig *r, const char *stations, uint32_t generation)
{
    char yaml[1024];
    struct config_errors errors = {0};
    static const uint32_t numbers[] = {1, 2, 3, 4};
    snprintf(yaml, sizeof(yaml), stations, listener_port(&r->listener), listener_port(&r->listener));
    struct config *config = config_load_memory("test", yaml, strlen(yaml), &errors);
    if (!config)
        config_errors_print(&errors, stderr);
    assert_non_null(config);
    return catalog_build(config, numbers, generation, 1);
}

static void rig_apply(struct rig *r, const char *stations)
{
    struct catalog *next = rig_catalog(r, stations, r->catalog ? r->catalog->generation + 1 : 1);
    struct plan *plan = plan_make(r->catalog, next, &r->stations, 1);
    rig_order(r, &plan->parts[0].remove, true);
    rig_order(r, &plan->parts[0].apply, true);
    plan_learn(plan, &r->stations);
    plan_free(plan);
    catalog_free(r->catalog);
    r->catalog = next;
}

static void rig_begin(struct rig *r, const char *stations)
{
    memset(r, 0, sizeof(*r));
    r->loop = loop_open();
    pool_init(&r->pool, 1024, 4);
    r->owner = connection_owner(r->loop, &r->pool, peer_happened);
    assert_true(listener_open(&r->listener, r->loop, "127.0.0.1", 0, peer_accepted, r));
    log_init(&r->log, STDERR_FILENO, LOG_LEVEL_ERROR, LOG_FORMAT_LOGFMT, false);
    r->metrics = aligned_alloc(_Alignof(struct metrics), sizeof(*r->metrics));
    memset(r->metrics, 0, sizeof(*r->metrics));
    r->batches = aligned_alloc(_Alignof(struct mailbox), sizeof(*r->batches));
    assert_true(mailbox_open(r->batches, 64));
    assert_true(wake_open(&r->committer_wake));
    assert_true(wake_open(&r->wake));
    struct catalog *first = rig_catalog(r, stations, 1);
    struct worker_options options = {.workers = 1,
                                     .core = -1,
                                     .fep = &first->config->fep,
                                     .log = &r->log,
                                     .metrics = &r->metrics->workers[0],
                                     .batches = r->batches,
                                     .committer_wake = &r->committer_wake};
    r->worker = worker_new(&options);
    assert_non_null(r->worker);
    assert_true(worker_start(r->worker));
    catalog_free(first);
    rig_apply(r, stations);
}

static void rig_free(struct rig *r)
{
    worker_join(r->worker);
    worker_free(r->worker);
    for (size_t i = 0; i < r->peers_len; i++)
        connection_close(&r->peers[i].connection);
    listener_close(&r->listener);
    loop_close(r->loop);
    pool_free(&r->pool);
    struct batch *b;
    while ((b = mailbox_take(r->batches)))
        free(b);
    mailbox_close(r->batches);
    wake_close(&r->committer_wake);
    wake_close(&r->wake);
    free(r->batches);
    free(r->metrics);
    free(r->stations.by_number);
    catalog_free(r->catalog);
}

static void rig_end(struct rig *r)
{
    struct order drain = {.kind = ORDER_DRAIN, .deadline_ms = clock_now_ms() + PATIENCE_MS};
    rig_order(r, &drain, true);
    rig_free(r);
}

/* A list of one station, with what else its entry says; %u is the listener's port. */
#define ONE_STATION(more)                                                                                    \
    "stations:\n"                                                                                            \
    "  - {name: a, host: 127.0.0.1, port: %u, master_address: 1, outstation_address: 10" more "}\n"
static const char one_station[] = ONE_STATION("");
static const char two_on_one_endpoint[] =
    ONE_STATION("") "  - {name: b, host: 127.0.0.1, port: %u, master_address: 1, outstation_address: 11}\n";

/* The null unsolicited response that an outstation begins with; no objects, so nothing waits for the store.
 */
static void null_unsolicited(struct peer *p, unsigned who, uint8_t seq)
{
    peer_respond(p, who, (uint8_t)(APP_FIR | APP_FIN | APP_CON | APP_UNS | seq), APP_UNSOLICITED_RESPONSE,
                 NULL, 0);
}

/* Binary input 0 went on: an event, so its confirm waits for the store. */
static void answer_with_event(struct peer *p, unsigned who, uint8_t seq)
{
    static const uint8_t objects[] = {2, 1, 0x17, 1, 0, 0x81};
    peer_respond(p, who, (uint8_t)(APP_FIR | APP_FIN | APP_CON | seq), APP_RESPONSE, objects,
                 sizeof(objects));
}

static void test_connects_asks_and_confirms_a_null(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, one_station);
    rig_await(&r, true, &r.peers[0].requests[0], 1);
    null_unsolicited(&r.peers[0], 0, 3);
    rig_await(&r, true, &r.peers[0].confirms, 1);
    assert_int_equal(metric_get(&r.metrics->workers[0].connected), 1);
    assert_int_equal(metric_get(&r.metrics->workers[0].confirms), 1);
    rig_end(&r);
}

static void test_two_stations_share_a_connection(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, two_on_one_endpoint);
    rig_await(&r, true, &r.peers[0].requests[0], 1);
    rig_await(&r, true, &r.peers[0].requests[1], 1);
    assert_int_equal(r.peers_len, 1);
    assert_int_equal(metric_get(&r.metrics->workers[0].sessions), 2);
    null_unsolicited(&r.peers[0], 1, 0);
    rig_await(&r, true, &r.peers[0].confirms, 1);

    /* One of them goes: the other keeps the connection. */
    rig_apply(&r, one_station);
    rig_await(&r, true, &r.removed, 1);
    assert_false(r.peers[0].closed);
    null_unsolicited(&r.peers[0], 0, 5);
    rig_await(&r, true, &r.peers[0].confirms, 2);
    assert_int_equal(metric_get(&r.metrics->workers[0].sessions), 1);

    /* It comes back, onto the connection that is there. */
    unsigned before = r.peers[0].requests[1];
    rig_apply(&r, two_on_one_endpoint);
    rig_await(&r, true, &r.peers[0].requests[1], before + 1);
    assert_int_equal(r.peers_len, 1);
    rig_end(&r);
}

/* Answers what comes before the integrity poll, and returns the poll's sequence number. */
static uint8_t until_data_is_asked_for(struct rig *r)
{
    rig_await(r, true, &r->peers[0].requests[0], 1);
    peer_respond(&r->peers[0], 0, APP_FIR | APP_FIN, APP_RESPONSE, NULL, 0); /* to DISABLE_UNSOLICITED */
    rig_await(r, true, &r->peers[0].requests[0], 2);                         /* the integrity poll */
    return 1;
}

/* One station has sent an event; the worker holds its confirm. */
static void begin_with_an_event(struct rig *r)
{
    rig_begin(r, one_station);
    answer_with_event(&r->peers[0], 0, until_data_is_asked_for(r));
    rig_await(r, false, &r->fragments, 1);
}

static void test_a_confirm_waits_for_the_watermark(void **state)
{
    (void)state;
    struct rig r;
    begin_with_an_event(&r);
    for (int i = 0; i < 20; i++)
        rig_turn(&r, false);
    assert_int_equal(r.peers[0].confirms, 0);
    rig_await_metric(&r, false, &r.metrics->workers[0].held, 1);
    assert_int_equal(r.peers[0].confirms, 0);
    rig_await(&r, true, &r.peers[0].confirms, 1);
    r.metrics->workers_len = 1;
    int64_t give_up_ms = clock_now_ms() + PATIENCE_MS;
    uint64_t counts[DELAY_BUCKETS], us = 0;
    do {
        rig_turn(&r, true); /* it is counted once it has left */
        metrics_delays(r.metrics, counts);
    } while (!delay_quantile_us(counts, 0.5, &us) && clock_now_ms() < give_up_ms);
    assert_true(us >= 20 * 1000); /* the confirm waited for so many turns */
    rig_end(&r);
}

/* A station that goes first gets its held confirm. */
static void test_removal_waits_for_the_confirm(void **state)
{
    (void)state;
    struct rig r;
    begin_with_an_event(&r);
    struct change change = {.kind = CHANGE_REMOVE,
                            .gone = true,
                            .entry = &r.catalog->stations[0],
                            .station = r.stations.by_number[1]};
    struct order remove = {.kind = ORDER_REMOVE,
                           .changes = &change,
                           .changes_len = 1,
                           .deadline_ms = clock_now_ms() + PATIENCE_MS,
                           .asker = &r.wake};
    worker_order(r.worker, &remove);
    for (int i = 0; i < 20; i++)
        rig_turn(&r, false);
    assert_false(atomic_load(&remove.done));
    while (!atomic_load(&remove.done))
        rig_turn(&r, true);
    rig_await_flag(&r, true, &r.peers[0].closed);
    assert_int_equal(r.peers[0].confirms, 1);
    assert_int_equal(metric_get(&r.metrics->workers[0].sessions), 0);
    rig_end(&r);
}

/* Another worker may serve the station next: what this one had to tell lies before anything of the other's.
 */
static void test_what_came_of_a_removal_is_there_when_it_is_done(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, one_station);
    rig_await(&r, true, &r.peers[0].requests[0], 1);
    struct change change = {.kind = CHANGE_REMOVE,
                            .gone = true,
                            .entry = &r.catalog->stations[0],
                            .station = r.stations.by_number[1]};
    struct order remove = {.kind = ORDER_REMOVE,
                           .changes = &change,
                           .changes_len = 1,
                           .asker = &r.wake,
                           .deadline_ms = INT64_MAX};
    assert_int_equal(r.removed, 0);
    worker_order(r.worker, &remove);
    while (!atomic_load(&remove.done))
        ;
    rig_take(&r);
    assert_int_equal(r.removed, 1);
    rig_end(&r);
}

/* Whoever took a station out of service has not asked for it to come back with other settings. */
static void test_a_disabled_station_stays_so_when_it_is_changed(void **state)
{
    (void)state;
    static const char changed[] = "stations:\n"
                                  "  - name: a\n"
                                  "    host: 127.0.0.1\n"
                                  "    port: %u\n"
                                  "    master_address: 1\n"
                                  "    outstation_address: 10\n"
                                  "    session: {response_timeout: 7s}\n";
    struct rig r;
    rig_begin(&r, one_station);
    rig_await(&r, true, &r.peers[0].requests[0], 1);
    assert_true(worker_command(r.worker, command_new(1, COMMAND_DISABLE, 0)));
    rig_await_flag(&r, true, &r.peers[0].closed);
    rig_apply(&r, changed);
    for (int i = 0; i < 40; i++)
        rig_turn(&r, true);
    assert_int_equal(r.peers_len, 1);

    /* One that joins it is connected to, and alone. */
    rig_apply(&r, two_on_one_endpoint);
    rig_await(&r, true, &r.peers[1].requests[1], 1);
    assert_int_equal(r.peers[1].requests[0], 0);
    assert_int_equal(metric_get(&r.metrics->workers[0].connected), 1);

    /* It goes, and leaves nobody to be connected to. */
    rig_apply(&r, one_station);
    rig_await_flag(&r, true, &r.peers[1].closed);
    assert_true(worker_command(r.worker, command_new(1, COMMAND_ENABLE, 0)));
    rig_await(&r, true, &r.peers[2].requests[0], 1);
    rig_end(&r);
}

struct drained {
    int64_t took_ms;
    unsigned confirms_before; /* the watermark */
    unsigned confirms;
    bool closed_before;
};

static struct drained drain_a_held_confirm(void)
{
    struct rig r;
    begin_with_an_event(&r);
    struct order drain = {.kind = ORDER_DRAIN, .deadline_ms = clock_now_ms() + PATIENCE_MS, .asker = &r.wake};
    int64_t begin_ms = clock_now_ms();
    worker_order(r.worker, &drain);
    for (int i = 0; i < 10; i++)
        rig_turn(&r, false);
    struct drained d = {.confirms_before = r.peers[0].confirms, .closed_before = r.peers[0].closed};
    rig_await_flag(&r, true, &r.peers[0].closed);
    d.confirms = r.peers[0].confirms;
    while (!atomic_load(&drain.done))
        rig_turn(&r, true);
    d.took_ms = clock_now_ms() - begin_ms;
    rig_free(&r);
    return d;
}

/* SIGTERM between a commit and its confirms: they still leave, and nothing is waited for then. A worker waits
 * 2 s for the store: where the machine stood still for so long, it is tried again. */
static void test_drain_confirms_what_is_stored(void **state)
{
    (void)state;
    struct drained d = drain_a_held_confirm();
    for (int i = 0; i < 10 && d.took_ms >= 2000; i++)
        d = drain_a_held_confirm();
    assert_true(d.took_ms < 2000);
    assert_int_equal(d.confirms_before, 0);
    assert_false(d.closed_before);
    assert_int_equal(d.confirms, 1);
}

/* More in one read than a turn may take: the rest waits its turn, nothing is lost. */
static void test_a_burst_is_worked_off(void **state)
{
    (void)state;
    enum { BURST = 100 };
    struct rig r;
    rig_begin(&r, one_station);
    rig_await(&r, true, &r.peers[0].requests[0], 1);
    uint8_t wire[BURST * 32];
    size_t len = 0;
    for (uint8_t i = 0; i < BURST; i++) {
        uint8_t seq = i;
        const uint8_t fragment[] = {(uint8_t)(APP_FIR | APP_FIN | APP_CON | APP_UNS | (i & APP_SEQ)),
                                    APP_UNSOLICITED_RESPONSE, 0, 0};
        len += transport_write(&seq, LINK_PRM | LINK_UNCONFIRMED_USER_DATA, MASTER, FIRST_ADDRESS, fragment,
                               sizeof(fragment), wire + len, sizeof(wire) - len);
    }
    assert_true(connection_write(&r.peers[0].connection, wire, len));
    rig_await_metric(&r, true, &r.metrics->workers[0].frames_in, BURST);
    assert_int_equal(metric_get(&r.metrics->workers[0].frames_in), BURST);
    rig_await(&r, true, &r.peers[0].confirms, 1);
    rig_end(&r);
}

/* A frame that comes octet by octet is a frame. */
static void test_octet_by_octet(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, one_station);
    rig_await(&r, true, &r.peers[0].requests[0], 1);
    const uint8_t fragment[] = {APP_FIR | APP_FIN | APP_CON | APP_UNS, APP_UNSOLICITED_RESPONSE, 0, 0};
    uint8_t wire[64], seq = 0;
    size_t len = transport_write(&seq, LINK_PRM | LINK_UNCONFIRMED_USER_DATA, MASTER, FIRST_ADDRESS, fragment,
                                 sizeof(fragment), wire, sizeof(wire));
    const _Atomic uint64_t *reads = &r.metrics->workers[0].reads;
    for (size_t i = 0; i < len; i++) { /* the next one only when this one was read */
        uint64_t before = metric_get(reads);
        assert_true(connection_write(&r.peers[0].connection, wire + i, 1));
        rig_await_metric(&r, true, reads, before + 1);
    }
    rig_await(&r, true, &r.peers[0].confirms, 1);
    assert_true(metric_get(reads) >= len);
    assert_int_equal(metric_get(&r.metrics->workers[0].frames_in), 1);
    rig_end(&r);
}

/* A frame for somebody else is counted and answered by nobody. */
static void test_a_wrong_address_is_counted(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, one_station);
    rig_await(&r, true, &r.peers[0].requests[0], 1);
    null_unsolicited(&r.peers[0], 2, 0);
    null_unsolicited(&r.peers[0], 0, 0);
    rig_await(&r, true, &r.peers[0].confirms, 1);
    for (int i = 0; i < 10; i++)
        rig_turn(&r, true);
    assert_int_equal(r.peers[0].confirms, 1);
    assert_int_equal(metric_get(&r.metrics->workers[0].frames_in), 1);
    rig_end(&r);
}

/* Each of its questions is answered at once. What can't be sent is dropped, and so is the connection: not
 * only when there is something else to say. */
static void test_one_that_asks_and_never_reads_is_given_up(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, ONE_STATION(", session: {response_timeout: 600s}"));
    struct connection *c = &r.peers[0].connection;
    rig_await(&r, true, &r.peers[0].requests[0], 1);
    connection_pause(c, true);
    uint8_t wire[1024 * LINK_HEADER_LEN];
    for (size_t at = 0; at < sizeof(wire);)
        at += link_encode(LINK_PRM | LINK_REQUEST_LINK_STATUS, MASTER, FIRST_ADDRESS, NULL, 0, wire + at,
                          sizeof(wire) - at);
    int64_t give_up_ms = clock_now_ms() + 4 * PATIENCE_MS;
    while (metric_get(&r.metrics->workers[0].connected) && clock_now_ms() < give_up_ms) {
        for (int i = 0; i < 16 && !r.peers[0].closed && !connection_waiting(c); i++)
            (void)connection_write(c, wire, sizeof(wire));
        rig_turn(&r, true);
    }
    assert_int_equal(metric_get(&r.metrics->workers[0].connected), 0);
    rig_end(&r);
}

static void test_keeps_trying_to_connect(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, ONE_STATION(", session: {reconnect_min: 50ms, reconnect_max: 100ms}"));
    /* A peer that accepts and closes at once is not reached: the back-off goes on growing. */
    int64_t begin_ms = clock_now_ms();
    while (r.peers_len < 5) {
        rig_turn(&r, true);
        for (size_t i = 0; i < r.peers_len; i++)
            connection_close(&r.peers[i].connection);
        assert_true(clock_now_ms() - begin_ms < PATIENCE_MS);
    }
    assert_true(clock_now_ms() - begin_ms >= 4 * 25); /* at least half of 50 ms each */
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_connects_asks_and_confirms_a_null),
        cmocka_unit_test(test_two_stations_share_a_connection),
        cmocka_unit_test(test_a_confirm_waits_for_the_watermark),
        cmocka_unit_test(test_removal_waits_for_the_confirm),
        cmocka_unit_test(test_what_came_of_a_removal_is_there_when_it_is_done),
        cmocka_unit_test(test_a_disabled_station_stays_so_when_it_is_changed),
        cmocka_unit_test(test_drain_confirms_what_is_stored),
        cmocka_unit_test(test_a_burst_is_worked_off),
        cmocka_unit_test(test_octet_by_octet),
        cmocka_unit_test(test_a_wrong_address_is_counted),
        cmocka_unit_test(test_one_that_asks_and_never_reads_is_given_up),
        cmocka_unit_test(test_keeps_trying_to_connect),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
