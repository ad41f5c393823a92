// SPDX-License-Identifier: Apache-2.0
#ifndef FEPBENCH_OPTIONS_H
#define FEPBENCH_OPTIONS_H

#include "tools/fepbench/scenarios.h"

struct options {
    bool all;         /* else quick */
    const char *only; /* names of scenarios, commas between; NULL: as quick or all say */
    const char *json; /* a file, "-" for standard output; NULL: none */
    const char *folder;
    bool help, list, version;
    struct bench bench; /* programs, lists, seconds, pairs */
};

/* False with a line on stderr. Strings point into argv. */
bool options_parse(int argc, char **argv, struct options *o);
void options_help(void);
bool options_chosen(const struct options *o, const struct scenario *s);

#endif
