// SPDX-License-Identifier: Apache-2.0
/*
 * A disk for tests that can lose power, run full and fail: a SQLite VFS whose files live in memory.
 *
 * Each file has two images: what a reader sees now, and what is on the platter. A write changes the first and
 * waits; a sync brings what waits to the second. A power cut throws away all, none, or a random part of what
 * waits (writes torn at sectors of 512 octets, changes of size and deletions included); each later operation
 * fails until cutvfs_reboot(). Several databases live side by side by their names; connections of one process
 * share locks and WAL index as on a real disk.
 *
 *     struct cutvfs *v = cutvfs_new("disk", seed);
 *     store_open(&s, "fep.db", &(struct store_options){.vfs = "disk"}, error, sizeof error);
 *     cutvfs_cut_at(v, 17, CUT_LOSE_SOME);          the 17th operation from here
 *     ... until a call fails ...
 *     store_close(s); cutvfs_reboot(v); store_open(...)
 *     store_close(s); cutvfs_free(v);
 *
 * Operations are counted in one row: writes and truncations, syncs, deletions. "The n-th" is counted from the
 * call that orders the fault: 1 is the next. One order of each kind at a time; 0 withdraws it. Any thread;
 * cutvfs_new and cutvfs_free while no other uses it. The same seed and calls lose the same octets.
 */
#ifndef SUPPORT_CUTVFS_H
#define SUPPORT_CUTVFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct cutvfs;

enum cut_loss {
    CUT_LOSE_ALL,  /* only what was synced survives */
    CUT_LOSE_NONE, /* all that was written survives, though nobody was told so */
    CUT_LOSE_SOME  /* a random part of what was not synced; the last write is torn */
};

/* Registers the VFS under `name` (copied). Never the default. */
struct cutvfs *cutvfs_new(const char *name, uint64_t seed);
void cutvfs_free(struct cutvfs *v); /* all connections closed */

uint64_t cutvfs_ops(struct cutvfs *v);    /* writes + syncs + deletions so far */
uint64_t cutvfs_writes(struct cutvfs *v); /* truncations included */
uint64_t cutvfs_syncs(struct cutvfs *v);

/* Power goes at the n-th operation from now: it fails, and all after it. */
void cutvfs_cut_at(struct cutvfs *v, uint64_t nth, enum cut_loss loss);
void cutvfs_cut(struct cutvfs *v, enum cut_loss loss); /* now, between operations */
bool cutvfs_is_cut(struct cutvfs *v);
/*
 * Power is back. Connections from before stay dead and may be closed before or after. Withdraws all orders.
 */
void cutvfs_reboot(struct cutvfs *v);

/*
 * The process is killed, the machine lives on: connections from before are dead, what they wrote is seen by
 * the next, and what was not synced still waits. Orders stay.
 */
void cutvfs_kill(struct cutvfs *v);

/* The n-th write from now fails with an I/O error, once; nothing of it is written. */
void cutvfs_fail_write(struct cutvfs *v, uint64_t nth);
/* From the n-th write on the disk is full (SQLITE_FULL), until cutvfs_give_space(). */
void cutvfs_full_at(struct cutvfs *v, uint64_t nth);
void cutvfs_give_space(struct cutvfs *v);
/*
 * The n-th sync from now fails once, as Linux does it: what waited in that file will never reach the platter,
 * and the next sync succeeds. forget: readers see the old octets again; otherwise they still see the new
 * ones, until a power cut.
 */
void cutvfs_fail_sync(struct cutvfs *v, uint64_t nth, bool forget);

/* Octets of a file as seen now (SIZE_MAX where there is none). */
size_t cutvfs_file_size(struct cutvfs *v, const char *name);

#endif
