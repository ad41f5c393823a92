// SPDX-License-Identifier: Apache-2.0
/* The command line of outstation-sim. */
#ifndef OUTSTATION_SIM_OPTIONS_H
#define OUTSTATION_SIM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct options {
    const char *scenario;     /* file */
    const char *ledger;       /* file, or NULL */
    const char *write_config; /* file, or NULL */
    uint64_t seed;
    double rate;       /* events/s over all stations; negative: as the scenario says */
    uint32_t stations; /* 0: as the scenario says */
    uint32_t seconds;  /* 0: until a signal */
    uint16_t port;     /* 0: as the scenario says */
    bool seed_given;
};

enum options_result { OPTIONS_RUN, OPTIONS_DONE, OPTIONS_WRONG };

/* OPTIONS_DONE: the help, the keys or the version were asked for and printed to `out`. OPTIONS_WRONG: `err`
 * says why. */
enum options_result options_parse(struct options *o, int argc, char **argv, FILE *out, FILE *err);

#endif
