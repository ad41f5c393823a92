// SPDX-License-Identifier: Apache-2.0
/* Time, order, and the account. */
#include "simulation/world.h"

#include "db/reader.h"
#include "protocol/decode.h"
#include "simulation/world_parts.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum { EPOCH_MS_DELAY = 40, FAULT_EVERY_MS = 2000, QUIET_LIMIT_MS = 300000 };
static const int64_t wall_at_start_ms = 1735689600000;

struct instant world_instant(const struct world *w)
{
    return (struct instant){w->now_ms, wall_at_start_ms + w->now_ms, true};
}

struct world *world_new(const struct world_options *options)
{
    static unsigned worlds; /* a name of its own for each disk of the process */
    struct world *w = calloc(1, sizeof *w);
    assert(w);
    w->options = *options;
    w->seed = options->seed;
    w->now_ms = 1000;
    w->max_delay_ms = EPOCH_MS_DELAY;
    snprintf(w->disk_name, sizeof w->disk_name, "world-%u", worlds++);
    w->disk = cutvfs_new(w->disk_name, options->seed);
    w->polls[0] = (struct master_poll){.period_ms = 1000, .classes = CLASS_EVENTS};
    w->polls[1] = (struct master_poll){.period_ms = 20000, .classes = CLASS_ALL};
    w->master = master_defaults();
    w->master.response_timeout_ms = 3000;
    w->master.confirm_timeout_ms = 2000;
    w->master.link_idle_ms = 5000;
    w->master.task_retry_min_ms = 500;
    w->master.task_retry_max_ms = 2000;
    w->master.offline_poll_ms = 1000;
    w->master.polls = w->polls;
    w->master.polls_len = 2;
    for (size_t i = 0; i < PEERS; i++)
        peer_init(w, i);
    w->next_fault_ms = w->now_ms + 500;
    w->restart_ms = w->now_ms;
    return w;
}

void world_trace(const struct world *w, const struct peer *p, const char *who, const uint8_t *octets,
                 size_t len)
{
    if (!w->options.verbose)
        return;
    struct link_frame frame;
    struct link_errors errors = {0};
    size_t done = 0, used;
    while (link_parse(octets + done, len - done, &used, &frame, &errors) == LINK_FRAME) {
        char text[2000];
        done += used;
        if (frame.user_len > 1)
            decode_fragment(frame.user + 1, frame.user_len - 1u, DECODE_LINE, text, sizeof text);
        else
            decode_frame(&frame, text, sizeof text);
        fprintf(stderr, "%8lld %s %zu: %s\n", (long long)w->now_ms, who, (size_t)(p - w->peers), text);
    }
}

static void advance(struct world *w, int64_t no_later_ms)
{
    int64_t next = fepd_deadline_ms(w);
    for (size_t i = 0; i < PEERS; i++) {
        int64_t due = peer_deadline_ms(w, &w->peers[i]);
        next = due < next ? due : next;
    }
    next = next < no_later_ms ? next : no_later_ms;
    w->now_ms = next > w->now_ms ? next : w->now_ms + 1;
}

static void turn(struct world *w, bool generating)
{
    for (size_t i = 0; i < PEERS; i++) {
        struct peer *p = &w->peers[i];
        if (generating)
            peer_generate(w, p);
        else
            p->next_event_ms = INT64_MAX;
        peer_receive(w, p);
        peer_tick(w, p);
    }
    if (w->now_ms >= w->calm_ms)
        w->max_delay_ms = EPOCH_MS_DELAY;
    if (w->full_until_ms && w->now_ms >= w->full_until_ms) {
        w->full_until_ms = 0;
        cutvfs_give_space(w->disk);
    }
    fepd_turn(w);
}

static bool is_quiet(const struct world *w)
{
    for (size_t i = 0; i < PEERS; i++)
        if (peer_buffered(&w->peers[i]))
            return false;
    return w->alive && operator_is_done(w) && !committer_status(w->committer)->waiting;
}

static void repair(struct world *w)
{
    cutvfs_give_space(w->disk);
    cutvfs_cut_at(w->disk, 0, CUT_LOSE_NONE);
    cutvfs_fail_write(w->disk, 0);
    cutvfs_fail_sync(w->disk, 0, false);
    w->full_until_ms = 0;
}

void world_run(struct world *w)
{
    while (w->report.events < w->options.events || w->report.faults < 3 || w->asked < w->options.commands) {
        turn(w, true);
        if (w->now_ms >= w->next_fault_ms) {
            fault_strike(w);
            w->next_fault_ms = w->now_ms + 200 + (int64_t)random_below(&w->seed, FAULT_EVERY_MS);
        }
        advance(w, w->next_fault_ms);
    }
    repair(w);
    int64_t limit_ms = w->now_ms + QUIET_LIMIT_MS;
    while (!is_quiet(w) && w->now_ms < limit_ms) {
        turn(w, false);
        advance(w, limit_ms);
    }
    for (size_t i = 0; i < PEERS; i++)
        w->report.buffered_at_end += peer_buffered(&w->peers[i]);
    fepd_stop(w);
}

static size_t rows_read(struct world *w, struct journal_row **rows)
{
    struct journal_reader *r;
    char error[256];
    enum store_result result = reader_open(&r, "fepd.db", w->disk_name, error, sizeof error);
    assert(result == STORE_OK);
    size_t len = 0, room = 1 << 16;
    *rows = calloc(room, sizeof **rows);
    for (int64_t after = 0;;) {
        size_t n = room - len;
        result = reader_rows(r, after, &(struct journal_filter){0}, *rows + len, &n, &after);
        assert(result == STORE_OK && len + n < room);
        if (!n)
            break;
        len += n;
    }
    reader_close(r);
    return len;
}

static bool is_of(const struct journal_row *row, uint32_t station, const struct outstation_point *p)
{
    return row->station == station && row->type == p->type && row->index == p->index &&
           (row->origin == ORIGIN_UNSOLICITED || row->origin == ORIGIN_EVENT);
}

static void account_point(const struct world *w, size_t peer, uint32_t point, const struct journal_row *rows,
                          size_t rows_len, struct tally *tally)
{
    const struct peer *p = &w->peers[peer];
    struct generated *g = calloc(p->ledger_len + 1, sizeof *g);
    struct stored *s = calloc(rows_len + 1, sizeof *s);
    assert(g && s);
    size_t g_len = 0, s_len = 0;
    for (size_t i = 0; i < p->ledger_len; i++)
        if (p->ledger[i].point == point)
            g[g_len++] = p->ledger[i].event;
    for (size_t i = 0; i < rows_len; i++) {
        if (!is_of(&rows[i], (uint32_t)peer + 1, &p->points[point]))
            continue;
        s[s_len] = (struct stored){.time_ms = rows[i].time_ms,
                                   .flags = rows[i].flags,
                                   .timed = rows[i].time_quality != TIME_NONE,
                                   .marked = rows[i].marks & MARK_POSSIBLE_REPEAT};
        memcpy(&s[s_len++].value_bits, &rows[i].value, sizeof rows[i].value);
    }
    compare_point(g, g_len, s, s_len, tally);
    free(g);
    free(s);
}

void world_account(struct world *w, struct tally *tally)
{
    struct journal_row *rows;
    size_t len = rows_read(w, &rows);
    for (size_t i = 0; i < PEERS; i++)
        for (uint32_t point = 0; point < POINTS; point++)
            account_point(w, i, point, rows, len, tally);
    free(rows);
}

const struct world_report *world_report(const struct world *w)
{
    return &w->report;
}

void world_free(struct world *w)
{
    fepd_stop(w);
    for (size_t i = 0; i < PEERS; i++) {
        pipe_drop(&w->peers[i].up);
        pipe_drop(&w->peers[i].down);
        free(w->peers[i].ledger);
    }
    cutvfs_free(w->disk);
    free(w);
}
