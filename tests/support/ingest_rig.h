// SPDX-License-Identifier: Apache-2.0
/* An ingest and the rows that it makes, for cmocka's setup and teardown. */
#ifndef TESTS_SUPPORT_INGEST_RIG_H
#define TESTS_SUPPORT_INGEST_RIG_H

#include "fep/ingest.h"
#include "support/cm.h"

#include <stdlib.h>

enum { STATION = 7 };

struct rig {
    struct ingest *in;
    struct ingest_rows rows;
    struct batch_fragment *batches[64]; /* rows point into them, as into a batch until it is durable */
    size_t batches_len;
    uint64_t ticket;
    uint64_t response;
};

static int setup(void **state)
{
    struct rig *r = calloc(1, sizeof *r);
    r->in = ingest_new(1, false);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;
    ingest_free(r->in);
    free(r->rows.rows);
    for (size_t i = 0; i < r->batches_len; i++)
        free(r->batches[i]);
    free(r);
    return 0;
}

#endif
