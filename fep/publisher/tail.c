// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/tail.h"

#include <stdlib.h>
#include <string.h>

bool tail_open(struct tail *t)
{
    *t = (struct tail){.ring = calloc(TAIL_ROWS, sizeof *t->ring)};
    return t->ring != NULL;
}

static void forget(struct journal_row *row)
{
    if (row->octets_len)
        free((void *)(uintptr_t)row->octets);
    row->octets_len = 0;
}

void tail_close(struct tail *t)
{
    for (size_t i = 0; t->ring && i < TAIL_ROWS; i++)
        forget(&t->ring[i]);
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
    struct journal_row *to = &t->ring[place(row->seq)];
    forget(to);
    *to = *row;
    if (row->octets_len) {
        uint8_t *octets = malloc(row->octets_len);
        if (octets == NULL)
            abort();
        memcpy(octets, row->octets, row->octets_len);
        to->octets = octets;
    }
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
