// SPDX-License-Identifier: Apache-2.0
/*
 * The ledger: every event that a station made, in order, and what became of it. 24 octets of memory an event.
 *
 *     ledger_add(&l, id, &m)                   ids rise; those left out belong to no event
 *     ledger_settle(&l, id, LEDGER_CONFIRMED)
 *
 * The file is JSON lines, one object a line, in this order; every field is always present and in this order
 * within its line. Long lines are shown broken here.
 *
 *     {"ledger":1,"scenario":"demo","seed":1,"stations":2,"rate":4,"started_ms":1767225600000,
 *      "written_ms":1767225630000,"version":"0.1.0"}
 *     {"station":"S00001","group":"polled","fragment":2048,"generated":5,"confirmed":2,"buffered":1,
 *      "dropped_overflow":1,"dropped_restart":1,"restarts":0,"connections":1,
 *      "faults":{"no_answer":0,"lost_confirm":0,…,"half_open":0}}
 *     {"station":"S00001","type":6,"index":3,"ids":[1,4,5],
 *      "values":["0x4059000000000000","0x7ff8000000000000","0x405b800000000000"],"flags":[1,1,5],
 *      "times":[1767225600123,null,1767225601007],"states":"cbr"}
 *     {"end":true,"lines":4}
 *
 * First the header; then for each station, in order of the list, its totals and its points that had events,
 * ordered by type and index; then the end, whose "lines" counts all lines before it, so that a file that was
 * cut off is recognised.
 *
 * station     the name in the station list that --write-config makes
 * fragment    the most octets that this station sends in one fragment
 * type        enum point_type (protocol/objects.h): 6 is an analog input
 * ids         of the station's events, from 1, in the order in which they happened, over all its points
 * values      the bits of the value as a double, 16 hexadecimal digits; NaN and infinities included
 * flags       of the event, without a binary's state (enum FLAG_*)
 * times       ms since 1970-01-01 UTC by the station's clock; null: reported without a time
 * states      one letter an event: c confirmed (the confirm has arrived here), b still buffered, o dropped by
 *             an overflow, r dropped by a restart. What was sent and then dropped or is still buffered may
 *             or may not have been stored: the station can't know.
 * rate        events/s over all stations that the run was meant to have, storms, twins and overflows apart
 * generated   events with an id; the sum of the four that follow it
 */
#ifndef OUTSTATION_SIM_LEDGER_H
#define OUTSTATION_SIM_LEDGER_H

#include "outstation-sim/faults.h"
#include "protocol/objects.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum ledger_state {
    LEDGER_NONE, /* an id that was never given to an event */
    LEDGER_BUFFERED,
    LEDGER_CONFIRMED,
    LEDGER_DROPPED_OVERFLOW,
    LEDGER_DROPPED_RESTART,
    LEDGER_STATES
};

struct ledger_event {
    double value;
    uint32_t index;
    uint32_t time_low;
    uint16_t time_high;
    uint8_t type;
    uint8_t flags;
    uint8_t state; /* enum ledger_state */
    bool timed;
};

/* Of one station. Zeroed before the first use. */
struct ledger {
    struct ledger_event *events; /* by id - 1 */
    size_t len;
    size_t room;
    uint64_t count[LEDGER_STATES];
};

/* Does nothing where the id is known already. */
void ledger_add(struct ledger *l, uint64_t id, const struct measurement *m);
bool ledger_knows(const struct ledger *l, uint64_t id);
void ledger_settle(struct ledger *l, uint64_t id, enum ledger_state state); /* an id that is known */
uint64_t ledger_generated(const struct ledger *l);
void ledger_free(struct ledger *l);

struct ledger_header {
    const char *scenario;
    uint64_t seed;
    uint32_t stations;
    double rate;
    int64_t started_ms;
    int64_t written_ms;
};

struct ledger_totals {
    const char *station;
    const char *group;
    uint16_t fragment;
    uint32_t restarts;
    uint32_t connections;
    const uint32_t *faults; /* by enum fault */
};

/* One file: begin, each station, end. `lines` is counted by the writer. */
struct ledger_file {
    FILE *to;
    uint64_t lines;
};

void ledger_write_header(struct ledger_file *file, const struct ledger_header *header);
void ledger_write_station(struct ledger_file *file, const struct ledger_totals *totals,
                          const struct ledger *l);
void ledger_write_end(struct ledger_file *file);

#endif
