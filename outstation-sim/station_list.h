// SPDX-License-Identifier: Apache-2.0
/*
 * The station list that matches a scenario: a template for each group, the stations with their addresses. It
 * has no `fep:` part, so that a file of the user's may include it.
 */
#ifndef OUTSTATION_SIM_STATION_LIST_H
#define OUTSTATION_SIM_STATION_LIST_H

#include "outstation-sim/scenario.h"
#include <stdio.h>

void station_list_print(const struct scenario *s, FILE *to);

#endif
