// SPDX-License-Identifier: Apache-2.0
/* fepd's side: what the worker, the committer's thread and main do, in one line of simulated time. */
#include "fep/command_recover.h"
#include "simulation/world_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { RECONNECT_MS = 500, STALL_MS = 1000, SOFT_LIMIT = 64 * 1024 };

static const struct committer_options committing = {.workers = 1,
                                                    .commit_interval_ms = 2,
                                                    .checkpoint_interval_ms = 700,
                                                    .quarantine_per_station = 10,
                                                    .quarantine_total = 100};

void fepd_start(struct world *w)
{
    char error[256];
    struct instant at = world_instant(w);
    struct store_options options = {.vfs = w->disk_name};
    if (store_open(&w->store, "fepd.db", &options, error, sizeof error) != STORE_OK) {
        w->restart_ms = w->now_ms + 1000; /* no space, perhaps: the service manager will try again */
        return;
    }
    size_t open;
    if (command_recover(w->store, at.wall_ms, &open) != STORE_OK) {
        store_close(w->store);
        w->store = NULL;
        w->restart_ms = w->now_ms + 1000;
        return;
    }
    struct committer_options c = committing;
    c.doubt_off = w->options.doubt_off;
    w->committer = committer_new(w->store, &c, &at);
    if (!w->committer) {
        store_close(w->store);
        w->store = NULL;
        w->restart_ms = w->now_ms + 1000;
        return;
    }
    outbox_init(&w->box, 0, SOFT_LIMIT);
    for (size_t i = 0; i < PEERS; i++) {
        struct peer *p = &w->peers[i];
        session_init(&p->session, (uint32_t)i + 1, &w->master, p->config.master_address, p->config.address,
                     p->polls, (uint64_t)w->now_ms << 20);
        p->reconnect_ms = w->now_ms + (int64_t)random_below(&w->seed, 100);
    }
    w->commit_ms = w->now_ms;
    w->watermark_ms = INT64_MAX;
    w->alive = true;
}

/* What it had sent is on its way and arrives; what it had not committed is gone. */
void fepd_stop(struct world *w)
{
    if (!w->alive)
        return;
    w->alive = false;
    for (size_t i = 0; i < PEERS; i++) {
        w->peers[i].connected = false;
        pipe_drop(&w->peers[i].up);
        session_forget_commands(&w->peers[i].session);
    }
    operator_stop(w);
    committer_free(w->committer);
    store_close(w->store);
    outbox_free(&w->box);
    w->committer = NULL;
    w->store = NULL;
    w->restart_ms = w->now_ms + 10 + (int64_t)random_below(&w->seed, 3000);
}

void fepd_transmit(struct world *w, struct peer *p)
{
    uint8_t wire[WIRE_ROOM];
    struct instant at = world_instant(w);
    for (size_t n; p->connected && (n = session_write(&p->session, wire, sizeof wire, &at));) {
        world_trace(w, p, "fepd", wire, n);
        pipe_send(&p->down, wire, n, w->now_ms, w->max_delay_ms, &w->seed);
    }
}

void fepd_cut(struct world *w, struct peer *p)
{
    if (!p->connected)
        return;
    struct instant at = world_instant(w);
    p->connected = false;
    pipe_drop(&p->up);
    p->at_fepd.len = 0;
    session_take_back(&p->session);
    session_disconnected(&p->session, &at, &w->box);
    p->reconnect_ms = w->now_ms + RECONNECT_MS;
}

static void connect_due(struct world *w, struct peer *p)
{
    if (p->connected || w->now_ms < p->reconnect_ms)
        return;
    struct instant at = world_instant(w);
    peer_connect(w, p);
    p->connected = true;
    session_connected(&p->session, &at, &w->box);
    fepd_transmit(w, p);
}

static void receive(struct world *w, struct peer *p)
{
    struct inlet *in = &p->at_fepd;
    for (struct chunk *c; p->connected && (c = pipe_take(&p->up, w->now_ms)); free(c)) {
        assert(in->len + c->len <= sizeof in->octets);
        memcpy(in->octets + in->len, c->octets, c->len);
        in->len += c->len;
        struct instant at = world_instant(w);
        struct link_frame frame;
        struct link_errors errors = {0};
        size_t done = 0, used;
        session_lend(&p->session, in->fragment, sizeof in->fragment);
        while (link_parse(in->octets + done, in->len - done, &used, &frame, &errors) == LINK_FRAME) {
            done += used;
            session_frame(&p->session, &frame, &at, 0, &w->box);
            fepd_transmit(w, p);
        }
        done += used;
        memmove(in->octets, in->octets + done, in->len - done);
        in->len -= done;
    }
    if (p->session.dead)
        fepd_cut(w, p);
}

static void tick(struct world *w, struct peer *p)
{
    struct instant at = world_instant(w);
    if (session_deadline_ms(&p->session) > w->now_ms)
        return;
    session_tick(&p->session, &at, &w->box);
    fepd_transmit(w, p);
}

static void release_held(struct world *w)
{
    struct instant at = world_instant(w);
    struct held held;
    outbox_durable(&w->box, committer_durable(w->committer, 0));
    while (outbox_next_held(&w->box, &held)) {
        session_release(held.session, held.ticket, &at, &w->box);
        for (size_t i = 0; i < PEERS; i++)
            if (&w->peers[i].session == held.session)
                fepd_transmit(w, &w->peers[i]);
    }
}

static void commit(struct world *w)
{
    struct instant at = world_instant(w);
    struct batch *b = outbox_close(&w->box);
    uint64_t handed = b ? b->number : 0;
    if (b) {
        committer_take(w->committer, b);
        if (w->commit_ms > w->now_ms)
            w->commit_ms = w->now_ms + (int64_t)random_below(&w->seed, 20);
    }
    if (w->options.hasty && handed) { /* the control experiment: confirm first, commit later */
        struct held held;
        uint64_t durable = w->box.durable;
        w->box.durable = handed;
        while (outbox_next_held(&w->box, &held))
            session_release(held.session, held.ticket, &at, &w->box);
        w->box.durable = durable;
        for (size_t i = 0; i < PEERS; i++)
            fepd_transmit(w, &w->peers[i]);
    }
    if (w->now_ms < w->commit_ms)
        return;
    uint64_t before = committer_durable(w->committer, 0);
    w->commit_ms = committer_step(w->committer, &at);
    if (w->commit_ms <= w->now_ms)
        w->commit_ms = w->now_ms + 1;
    w->report.commits += committer_durable(w->committer, 0) != before;
    if (committer_durable(w->committer, 0) != before && w->watermark_ms == INT64_MAX)
        w->watermark_ms = w->now_ms + (int64_t)random_below(&w->seed, 10);
}

void fepd_turn(struct world *w)
{
    if (!w->alive && w->now_ms >= w->restart_ms)
        fepd_start(w);
    if (cutvfs_is_cut(w->disk)) { /* while it was starting */
        fepd_stop(w);
        cutvfs_reboot(w->disk);
    }
    if (!w->alive)
        return;
    bool stalled = outbox_stalled(&w->box, w->now_ms, STALL_MS);
    struct instant at = world_instant(w);
    if (w->now_ms >= w->watermark_ms) {
        w->watermark_ms = INT64_MAX;
        release_held(w);
    }
    for (size_t i = 0; i < PEERS; i++) {
        struct peer *p = &w->peers[i];
        master_hold_polls(&p->session.master, stalled, &at);
        connect_due(w, p);
        receive(w, p);
        tick(w, p);
    }
    operator_turn(w);
    commit(w);
    if (cutvfs_is_cut(w->disk)) {
        w->report.power_cuts++;
        fepd_stop(w);
        cutvfs_reboot(w->disk);
    }
}

int64_t fepd_deadline_ms(const struct world *w)
{
    if (!w->alive)
        return w->restart_ms;
    int64_t due = w->commit_ms < w->watermark_ms ? w->commit_ms : w->watermark_ms;
    due = earlier_ms(due, operator_deadline_ms(w));
    for (size_t i = 0; i < PEERS; i++) {
        const struct peer *p = &w->peers[i];
        int64_t next = p->connected ? session_deadline_ms(&p->session)
                                    : earlier_ms(p->reconnect_ms, session_deadline_ms(&p->session));
        int64_t arrives = p->connected ? pipe_next_ms(&p->up) : INT64_MAX;
        next = arrives < next ? arrives : next;
        due = next < due ? next : due;
    }
    return due;
}
