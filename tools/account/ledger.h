// SPDX-License-Identifier: Apache-2.0
/*
 * Reading the simulator's ledger (its format: outstation-sim/ledger.h), line by line.
 *
 *     struct ledger_reader *r = ledger_open(path, error, sizeof error);
 *     struct ledger_line line;
 *     while (ledger_next(r, &line)) ...
 *     if (ledger_error(r)) ...                   FILE:LINE: what is wrong
 */
#ifndef TOOLS_ACCOUNT_LEDGER_H
#define TOOLS_ACCOUNT_LEDGER_H

#include "tools/account/compare.h"

enum ledger_kind { LEDGER_STATION, LEDGER_POINT };

/* Valid until the next call. */
struct ledger_line {
    enum ledger_kind kind;
    const char *station;
    uint32_t fragment_max; /* LEDGER_STATION: octets of its largest fragment */
    uint8_t type;          /* LEDGER_POINT */
    uint32_t index;
    const struct generated *events;
    size_t len;
};

struct ledger_reader;

struct ledger_reader *ledger_open(const char *path, char *error, size_t room);
bool ledger_next(struct ledger_reader *r, struct ledger_line *line);
const char *ledger_error(const struct ledger_reader *r); /* NULL where the file was read to its end */
void ledger_close(struct ledger_reader *r);

#endif
