// SPDX-License-Identifier: Apache-2.0
/*
 * The closed database as the account needs it: the origin events of each point, in order. Loaded whole,
 * sorted by station, type, index, sequence.
 */
#ifndef TOOLS_ACCOUNT_JOURNAL_H
#define TOOLS_ACCOUNT_JOURNAL_H

#include "db/reader.h"
#include "tools/account/compare.h"

struct journal {
    struct journal_reader *reader;
    struct journal_row *rows; /* all of them, in order of sequence */
    size_t len;
    struct journal_row **events; /* origin events, by point */
    size_t events_len;
    size_t strings; /* octet strings among the events */
    struct stored *scratch;
    size_t scratch_room;
};

bool journal_load(struct journal *j, const char *path, char *error, size_t room);
void journal_free(struct journal *j);
/* The events of one point; valid until the next call. */
const struct stored *journal_point(struct journal *j, const char *station, uint8_t type, uint32_t index,
                                   size_t *len);

#endif
