// SPDX-License-Identifier: Apache-2.0
/* The keys of a scenario file, and the one struct that they are read into before the checks. */
#ifndef OUTSTATION_SIM_SCENARIO_KEYS_H
#define OUTSTATION_SIM_SCENARIO_KEYS_H

#include "outstation-sim/scenario.h"

struct scenario_file {
    const char *name;
    const char *first_address;
    const struct scenario_group *groups;
    size_t groups_len;
    uint64_t seed;
    double rate;
    uint16_t port;
    uint16_t ports;
};

extern const struct schema scenario_schema; /* of the file */

#endif
