// SPDX-License-Identifier: Apache-2.0
/*
 * All stations of a scenario, served from one thread.
 *
 *     struct fleet *fleet = fleet_open(&scenario, loop)
 *     while (!done) fleet_turn(fleet, wait_ms)
 *     fleet_write_ledger(fleet, path)
 *     fleet_close(fleet)
 *
 * Station i listens at first_address + i / ports, port + i % ports. There is one listener a port for all of
 * 127.0.0.0/8, so that a station costs one descriptor, and that only while it is connected: the local address
 * of an accepted connection tells which station is meant. Connections from or to elsewhere are closed.
 */
#ifndef OUTSTATION_SIM_FLEET_H
#define OUTSTATION_SIM_FLEET_H

#include "fep/io/loop.h"
#include "outstation-sim/ledger.h"
#include "outstation-sim/scenario.h"

struct fleet;

struct fleet_counts {
    uint64_t events[LEDGER_STATES]; /* by enum ledger_state */
    uint32_t stations;
    uint32_t online;
    uint32_t strangers; /* connections closed because no station was meant */
};

/* NULL with errno where a port can't be had. The scenario is scaled, and outlives the fleet. */
struct fleet *fleet_open(const struct scenario *scenario, struct loop *loop);
void fleet_close(struct fleet *f);

/* Serves what is ready and due; waits at most wait_ms for it. */
void fleet_turn(struct fleet *f, int64_t wait_ms);
/* Nothing happens at the stations any more, but they go on answering: the buffers drain. */
void fleet_quiet(struct fleet *f);
struct fleet_counts fleet_count(const struct fleet *f);

/* Whether that is so now: better told before a long run than after it. False with errno. */
bool fleet_may_write_ledger(const char *path);
/* Complete or not at all: a new file takes the place of the old one; what is there and is no file is written
 * to. False with errno. */
bool fleet_write_ledger(struct fleet *f, const char *path);

#endif
