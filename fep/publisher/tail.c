// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/tail.h"

#include <stdlib.h>

bool tail_open(struct tail *t)
{
    *t = (struct tail){.ring = malloc(TAIL_ROWS * sizeof *t->ring)};
    return t->ring != NULL;
}

void tail_close(struct tail *t)
{
    free(t->ring);
    t->ring = NULL;
}

static size_t place(int64_t seq)
{
    return (size_t)((uint64_t)seq % TAIL_ROWS);
}

void tail_add(struct tail *t, const struct journal_row *row)
{
    if (row->seq != t->next)
        t->first = row->seq;
    t->ring[place(row->seq)] = *row;
    t->next = row->seq + 1;
    if (t->next - t->first > TAIL_ROWS)
        t->first = t->next - TAIL_ROWS;
}

const struct journal_row *tail_after(const struct tail *t, int64_t seq, size_t *len)
{
    if (seq + 1 < t->first || seq + 1 >= t->next)
        return NULL;
    size_t at = place(seq + 1), there = (size_t)(t->next - seq - 1);
    *len = there < TAIL_ROWS - at ? there : TAIL_ROWS - at;
    return &t->ring[at];
}
