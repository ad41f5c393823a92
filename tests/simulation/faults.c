// SPDX-License-Identifier: Apache-2.0
/* What may go wrong. Each fault is one function; a table says how often. */
#include "simulation/world_parts.h"

#include <stdio.h>

static struct peer *any_peer(struct world *w)
{
    return &w->peers[random_below(&w->seed, PEERS)];
}

static void cut_link(struct world *w)
{
    if (w->alive)
        fepd_cut(w, any_peer(w));
}

static void kill_process(struct world *w)
{
    if (!w->alive)
        return;
    w->report.kills++;
    cutvfs_kill(w->disk);
    fepd_stop(w);
}

/* The machine loses power between two operations of the disk; the process dies with it. */
static void cut_power(struct world *w)
{
    if (!w->alive)
        return;
    w->report.power_cuts++;
    cutvfs_cut(w->disk, random_chance(&w->seed, 50) ? CUT_LOSE_ALL : CUT_LOSE_SOME);
    fepd_stop(w);
    cutvfs_reboot(w->disk);
}

/* The same, amid one of the next operations: fepd_turn() sees to the rest. */
static void cut_power_soon(struct world *w)
{
    cutvfs_cut_at(w->disk, 1 + random_below(&w->seed, 40),
                  random_chance(&w->seed, 50) ? CUT_LOSE_SOME : CUT_LOSE_ALL);
}

static void fill_disk(struct world *w)
{
    cutvfs_full_at(w->disk, 1 + random_below(&w->seed, 20));
    w->full_until_ms = w->now_ms + 500 + (int64_t)random_below(&w->seed, 6000);
}

static void fail_sync(struct world *w)
{
    cutvfs_fail_sync(w->disk, 1 + random_below(&w->seed, 3), random_chance(&w->seed, 50));
}

static void fail_write(struct world *w)
{
    cutvfs_fail_write(w->disk, 1 + random_below(&w->seed, 10));
}

/* The committer does not get to run. */
static void stall_store(struct world *w)
{
    w->commit_ms = w->now_ms + 500 + (int64_t)random_below(&w->seed, 5000);
}

static void restart_outstation(struct world *w)
{
    peer_restart(w, any_peer(w));
}

/* Before anybody could clear IIN1.7: the second one does not show. */
static void restart_twice(struct world *w)
{
    struct peer *p = any_peer(w);
    peer_restart(w, p);
    p->restart_again_ms = w->now_ms + 1 + (int64_t)random_below(&w->seed, 300);
}

/* There and back within half a confirm timeout: what the rule of proof by time rests on. */
static void slow_network(struct world *w)
{
    w->max_delay_ms = 100 + (unsigned)random_below(&w->seed, 390);
    w->calm_ms = w->now_ms + 3000;
}

static const struct {
    const char *name;
    void (*strike)(struct world *w);
    unsigned weight;
} faults[] = {
    {"link cut", cut_link, 5},
    {"kill", kill_process, 3},
    {"power cut soon", cut_power_soon, 3},
    {"power cut", cut_power, 3},
    {"disk full", fill_disk, 2},
    {"sync fails", fail_sync, 2},
    {"write fails", fail_write, 2},
    {"store stalls", stall_store, 3},
    {"outstation restarts", restart_outstation, 1},
    {"outstation restarts twice", restart_twice, 1},
    {"network is slow", slow_network, 3},
};

void fault_strike(struct world *w)
{
    unsigned total = 0;
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        total += faults[i].weight;
    unsigned draw = (unsigned)random_below(&w->seed, total);
    size_t i = 0;
    for (; draw >= faults[i].weight; i++)
        draw -= faults[i].weight;
    if (w->options.verbose)
        fprintf(stderr, "%8lld ms: %s\n", (long long)w->now_ms, faults[i].name);
    faults[i].strike(w);
    w->report.faults++;
}
