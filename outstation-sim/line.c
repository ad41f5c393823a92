// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/line.h"
#include "fep/io/clock.h"
#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void rearm(struct line *l, const struct instant *at)
{
    /* A deadline that has passed is served in the next millisecond, so that no station spins. */
    int64_t due_ms = station_due_ms(&l->station);
    l->due_ms[LINE_ADVANCE] = l->half_open && due_ms <= at->now_ms ? at->now_ms + 10 : due_ms;
    int64_t first_ms = NEVER_MS;
    for (int job = 0; job < LINE_JOBS; job++)
        if (l->due_ms[job] < first_ms)
            first_ms = l->due_ms[job];
    if (first_ms <= at->now_ms)
        first_ms = at->now_ms + 1;
    if (!wheel_is_set(&l->timer) || l->timer.due_ms != first_ms)
        wheel_set(&l->shared->wheel, &l->timer, first_ms);
}

struct instant line_instant(const struct line_shared *shared)
{
    struct instant at = {.now_ms = clock_now_ms(), .wall_trusted = true};
    at.wall_ms = shared->start.wall_ms + (at.now_ms - shared->start.now_ms);
    return at;
}

static bool is_open(const struct line *l)
{
    return l->connection.state == CONNECTION_OPEN;
}

static void drop_buffers(struct line *l)
{
    pool_give(&l->shared->pool, l->left);
    free(l->rest);
    l->left = NULL;
    l->rest = NULL;
    l->left_len = l->rest_len = 0;
    l->due_ms[LINE_REST] = l->due_ms[LINE_ANSWER] = l->due_ms[LINE_RESUME] = NEVER_MS;
    l->half_open = l->late = false;
}

/* The outstation keeps its buffer while a request of several frames is coming in. */
static void take_back(struct line *l)
{
    uint8_t *buffer = outstation_take_back(&l->station.outstation);
    l->lent = l->lent && !buffer;
    pool_give(&l->shared->pool, buffer);
}

static void hang_up(struct line *l, const struct instant *at)
{
    if (!is_open(l))
        return;
    connection_close(&l->connection);
    station_disconnected(&l->station, at);
    take_back(l);
    drop_buffers(l);
    l->shared->online--;
}

/* False where the connection is gone. */
static bool send_octets(struct line *l, const uint8_t *octets, size_t len, const struct instant *at)
{
    if (connection_write(&l->connection, octets, len))
        return true;
    hang_up(l, at);
    return false;
}

static void keep_rest(struct line *l, const uint8_t *octets, size_t len, const struct instant *at)
{
    static const struct scenario_span pause = {1, 20};
    l->rest = malloc(len);
    if (!l->rest)
        abort();
    memcpy(l->rest, octets, len);
    l->rest_len = len;
    l->due_ms[LINE_REST] = at->now_ms + faults_span_ms(&l->faults, &pause);
}

/* A station that begins anew does not finish what it was saying. */
static void restart(struct line *l, bool cut, const struct instant *at)
{
    free(l->rest);
    l->rest = NULL;
    l->due_ms[LINE_REST] = NEVER_MS;
    station_restart(&l->station, at);
    if (cut)
        hang_up(l, at);
}

static void send_fragment(struct line *l, uint8_t *wire, size_t len, const struct instant *at)
{
    struct fault_plan plan = faults_for_fragment(&l->faults, wire, len);
    if (!send_octets(l, wire, plan.first, at) || (plan.twice && !send_octets(l, wire, len, at)))
        return;
    if (plan.restart) {
        restart(l, plan.cut, at);
    } else if (plan.first < len) {
        keep_rest(l, wire + plan.first, len - plan.first, at);
    }
}

/* Sends all that the station has to say, but nothing between the pieces of a fragment. */
static void flush(struct line *l, const struct instant *at)
{
    while (is_open(l) && !l->half_open && !l->rest) {
        size_t len = station_write(&l->station, l->shared->output, l->shared->output_room, at);
        if (!len)
            return;
        send_fragment(l, l->shared->output, len, at);
    }
}

static void take_frame(struct line *l, const struct link_frame *frame, const struct instant *at)
{
    if (faults_ignore_frame(&l->faults, frame))
        return;
    if (!l->lent)
        outstation_lend(&l->station.outstation, pool_take(&l->shared->pool), l->shared->pool.size);
    l->lent = true;
    station_receive(&l->station, frame, at);
    take_back(l);
    flush(l, at);
}

static void keep_left(struct line *l, const uint8_t *octets, size_t len)
{
    assert(len <= l->shared->pool.size);
    if (len && !l->left)
        l->left = pool_take(&l->shared->pool);
    if (!len) {
        pool_give(&l->shared->pool, l->left);
        l->left = NULL;
    } else {
        memmove(l->left, octets, len);
    }
    l->left_len = len;
}

static void take_octets(struct line *l, const uint8_t *octets, size_t len, const struct instant *at)
{
    struct link_frame frame;
    size_t from = 0, used;
    while (link_parse(octets + from, len - from, &used, &frame, &l->shared->link_errors) == LINK_FRAME) {
        from += used;
        take_frame(l, &frame, at);
        if (!is_open(l))
            return;
    }
    from += used;
    keep_left(l, octets + from, len - from);
}

static void read_line(struct line *l, const struct instant *at)
{
    uint8_t *into = l->shared->input;
    if (l->left_len)
        memcpy(into, l->left, l->left_len);
    ssize_t got = connection_read(&l->connection, into + l->left_len, l->shared->input_room - l->left_len);
    if (got < 0)
        hang_up(l, at);
    else if (got > 0)
        take_octets(l, into, l->left_len + (size_t)got, at);
}

static void set_pause(struct line *l)
{
    connection_pause(&l->connection, l->half_open || l->late);
}

void line_happened(struct connection *c, enum connection_event event, int error)
{
    (void)error;
    struct line *l = (struct line *)(void *)((char *)c - offsetof(struct line, connection));
    struct instant at = line_instant(l->shared);
    const struct scenario_span *latency = &l->station.plan->group->latency;
    if (event != CONNECTION_READABLE)
        return;
    if (latency->max_ms) {
        /* What comes is left in the kernel until its time has come. */
        l->due_ms[LINE_ANSWER] = at.now_ms + faults_span_ms(&l->faults, latency);
        l->late = true;
        set_pause(l);
    } else {
        read_line(l, &at);
    }
    rearm(l, &at);
}

static void do_advance(struct line *l, const struct instant *at)
{
    station_advance(&l->station, at);
    flush(l, at);
}

static void do_answer(struct line *l, const struct instant *at)
{
    l->late = false;
    set_pause(l);
    if (!l->half_open)
        read_line(l, at);
}

static void do_rest(struct line *l, const struct instant *at)
{
    if (l->half_open) {
        l->due_ms[LINE_REST] = l->due_ms[LINE_RESUME];
        return;
    }
    uint8_t *rest = l->rest;
    l->rest = NULL;
    if (send_octets(l, rest, l->rest_len, at))
        flush(l, at);
    free(rest);
}

static void restart_clock(struct line *l, enum line_job job, uint32_t mean_ms, const struct instant *at)
{
    int64_t wait_ms = faults_wait_ms(&l->faults, mean_ms);
    l->due_ms[job] = wait_ms == NEVER_MS ? NEVER_MS : at->now_ms + wait_ms;
}

static void do_restart(struct line *l, const struct instant *at)
{
    restart_clock(l, LINE_RESTART, l->faults.settings->restart_every_ms, at);
    faults_count(&l->faults, FAULT_RESTART);
    restart(l, faults_restart_cuts(&l->faults), at);
    flush(l, at);
}

static void do_overflow(struct line *l, const struct instant *at)
{
    restart_clock(l, LINE_OVERFLOW, l->faults.settings->overflow_every_ms, at);
    if (l->station.quiet)
        return;
    faults_count(&l->faults, FAULT_OVERFLOW);
    station_burst(&l->station, l->station.plan->group->buffer + 10, at);
}

static void do_cut(struct line *l, const struct instant *at)
{
    restart_clock(l, LINE_CUT, l->faults.settings->cut_every_ms, at);
    if (!is_open(l))
        return;
    faults_count(&l->faults, FAULT_CUT);
    hang_up(l, at);
}

static void do_half_open(struct line *l, const struct instant *at)
{
    restart_clock(l, LINE_HALF_OPEN, l->faults.settings->half_open_every_ms, at);
    if (!is_open(l) || l->half_open)
        return;
    faults_count(&l->faults, FAULT_HALF_OPEN);
    l->half_open = true;
    l->due_ms[LINE_RESUME] = at->now_ms + faults_span_ms(&l->faults, &l->faults.settings->half_open_for);
    set_pause(l);
}

static void do_resume(struct line *l, const struct instant *at)
{
    l->half_open = false;
    set_pause(l);
    flush(l, at);
}

static void (*const jobs[LINE_JOBS])(struct line *, const struct instant *) = {
    [LINE_ADVANCE] = do_advance,     [LINE_ANSWER] = do_answer,     [LINE_REST] = do_rest,
    [LINE_RESTART] = do_restart,     [LINE_OVERFLOW] = do_overflow, [LINE_CUT] = do_cut,
    [LINE_HALF_OPEN] = do_half_open, [LINE_RESUME] = do_resume,
};

void line_due(struct line *l, const struct instant *at)
{
    for (int job = 0; job < LINE_JOBS; job++) {
        if (l->due_ms[job] > at->now_ms)
            continue;
        l->due_ms[job] = NEVER_MS;
        jobs[job](l, at);
    }
    rearm(l, at);
}

void line_adopt(struct line *l, int fd)
{
    struct instant at = line_instant(l->shared);
    hang_up(l, &at);
    if (connection_adopt(&l->connection, fd)) {
        l->connections++;
        l->shared->online++;
        station_connected(&l->station, &at);
        flush(l, &at);
    }
    rearm(l, &at);
}

void line_init(struct line *l, struct line_shared *shared, const struct plan *plan, uint32_t number,
               uint64_t seed)
{
    *l = (struct line){.shared = shared};
    const struct scenario_faults *f = &plan->group->faults;
    station_init(&l->station, plan, number, seed, &shared->start);
    connection_init(&l->connection, &shared->owner);
    faults_init(&l->faults, f, seed, number);
    for (int job = 0; job < LINE_JOBS; job++)
        l->due_ms[job] = NEVER_MS;
    restart_clock(l, LINE_RESTART, f->restart_every_ms, &shared->start);
    restart_clock(l, LINE_OVERFLOW, f->overflow_every_ms, &shared->start);
    restart_clock(l, LINE_CUT, f->cut_every_ms, &shared->start);
    restart_clock(l, LINE_HALF_OPEN, f->half_open_every_ms, &shared->start);
    rearm(l, &shared->start);
}

void line_free(struct line *l)
{
    struct instant at = line_instant(l->shared);
    hang_up(l, &at);
    wheel_cancel(&l->shared->wheel, &l->timer);
    station_free(&l->station);
}
