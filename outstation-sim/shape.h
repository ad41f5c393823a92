// SPDX-License-Identifier: Apache-2.0
/*
 * How values move. A value is always one that the point's variations carry without loss, so that what the
 * ledger says is bit by bit what arrives.
 */
#ifndef OUTSTATION_SIM_SHAPE_H
#define OUTSTATION_SIM_SHAPE_H

#include "outstation-sim/random.h"
#include "outstation-sim/scenario.h"

double shape_first(const struct scenario_point *point, struct random *random);

/* The next value after `last`, at_ms after the start; never equal to `last`. */
double shape_next(const struct scenario_point *point, double last, uint32_t index, int64_t at_ms,
                  struct random *random);

/* Flags of an event of this value: mostly ONLINE alone. */
uint8_t shape_flags(const struct scenario_point *point, struct random *random);

/* NaN or an infinity. */
double shape_odd_value(struct random *random);

#endif
