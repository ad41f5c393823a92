// SPDX-License-Identifier: Apache-2.0
/*
 * The command line of fepd.
 */
#ifndef FEP_OPTIONS_H
#define FEP_OPTIONS_H

#include <stdbool.h>

enum options_command {
    OPTIONS_RUN,
    OPTIONS_CHECK,
    OPTIONS_KEYS,
    OPTIONS_SCHEMA,
    OPTIONS_VERSION,
    OPTIONS_HELP,
    OPTIONS_WRONG
};

struct options {
    enum options_command command;
    const char *config_path;
    bool json;
    int log_level; /* enum log_level; -1 where not given */
};

/* OPTIONS_WRONG: what is wrong has been printed to standard error. */
struct options options_parse(int argc, char **argv);
void options_help(void);

#endif
