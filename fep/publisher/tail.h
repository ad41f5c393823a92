// SPDX-License-Identifier: Apache-2.0
/*
 * The newest rows of the journal, kept in memory for those who are live. The sequence numbers in it have no
 * gaps: where a commit does not follow the one before (it was not handed over, say), it begins anew, and
 * older rows are the journal's.
 */
#ifndef FEP_TAIL_H
#define FEP_TAIL_H

#include "db/store.h"

enum { TAIL_ROWS = 32768 }; /* a power of two; 1.8 MB */

struct tail {
    struct journal_row *ring;
    int64_t first; /* sequence of the oldest row in it */
    int64_t next;  /* of the row after the newest; == first while it is empty */
};

bool tail_open(struct tail *t);
void tail_close(struct tail *t);
/* The octets of a string are copied. */
void tail_add(struct tail *t, const struct journal_row *row);
/* Rows after a sequence, as many as lie side by side. NULL where the row that comes next is not here. */
const struct journal_row *tail_after(const struct tail *t, int64_t seq, size_t *len);

#endif
