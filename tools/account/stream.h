// SPDX-License-Identifier: Apache-2.0
/*
 * What a stream consumer received, against the journal: from its first event to its last, each row once, in
 * order, with the value that is stored. The file holds one JSON object a line, as /v1/stream sends them.
 */
#ifndef TOOLS_ACCOUNT_STREAM_H
#define TOOLS_ACCOUNT_STREAM_H

#include "tools/account/journal.h"

struct stream_tally {
    uint64_t received;
    uint64_t missing; /* in the journal, between the first and the last that was received, and not received */
    uint64_t repeated;  /* received again, or out of order */
    uint64_t foreign;   /* received, not in the journal */
    uint64_t different; /* received with another value, time or mark */
    int64_t first, last;
};

bool stream_compare(const struct journal *j, const char *path, struct stream_tally *tally, char *error,
                    size_t room);
bool stream_balances(const struct stream_tally *t);

#endif
