// SPDX-License-Identifier: Apache-2.0
/* A committer over a store on a simulated disk, for cmocka's setup and teardown. */
#ifndef TESTS_SUPPORT_COMMITTER_RIG_H
#define TESTS_SUPPORT_COMMITTER_RIG_H

#include "fep/command_recover.h"
#include "fep/committer.h"
#include "support/cm.h"
#include "support/cutvfs.h"

#include <stdio.h>

#define DATABASE "c.db"

struct rig {
    struct cutvfs *disk;
    char name[32];
    struct store *store;
    struct committer *committer;
    struct instant at;
    uint64_t batches;
    uint32_t retention_age_s;
};

static inline void open_store(struct rig *r)
{
    char error[256];
    size_t open;
    struct committer_options options = {.workers = 1,
                                        .commit_interval_ms = 2,
                                        .checkpoint_interval_ms = 50,
                                        .retention_age_s = r->retention_age_s,
                                        .quarantine_per_station = 2,
                                        .quarantine_total = 5,
                                        .publish = true};
    assert_int_equal(
        store_open(&r->store, DATABASE, &(struct store_options){.vfs = r->name}, error, sizeof error),
        STORE_OK);
    assert_int_equal(command_recover(r->store, r->at.wall_ms, &open), STORE_OK);
    r->committer = committer_new(r->store, &options, &r->at);
    assert_non_null(r->committer);
}

static inline void close_store(struct rig *r)
{
    committer_free(r->committer);
    store_close(r->store);
}

static inline int setup(void **state)
{
    static unsigned rigs;
    struct rig *r = calloc(1, sizeof *r);
    r->at = (struct instant){.now_ms = 1000, .wall_ms = 1735689600000};
    snprintf(r->name, sizeof r->name, "turn-%u", rigs++);
    r->disk = cutvfs_new(r->name, 1);
    open_store(r);
    *state = r;
    return 0;
}

static inline int teardown(void **state)
{
    struct rig *r = *state;
    close_store(r);
    cutvfs_free(r->disk);
    free(r);
    return 0;
}

#endif
