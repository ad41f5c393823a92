// SPDX-License-Identifier: Apache-2.0
/* fepd under test: a configuration made for the load, the process, and its end. */
#ifndef FEPBENCH_FEPD_H
#define FEPBENCH_FEPD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

enum { FEPD_PATH_MAX = 512 };

struct fepd_spec {
    const char *program;
    const char *folder; /* configuration, database and log; emptied of them by fepd_stop() */
    uint32_t workers;
    const char *fep;     /* more lines for `fep:`, two spaces before each; "" for none */
    const char *session; /* more keys of the stations' session, as in "polls: [...], "; "" for none */
    /* A station list that exists; NULL: `stations` alike ones at the addresses of the load. */
    const char *include;
    uint32_t stations;
    uint32_t analogs;
    uint32_t binaries;
    uint16_t port; /* of the load */
};

struct fepd {
    pid_t pid;
    uint16_t port; /* of its HTTP interface */
    char folder[FEPD_PATH_MAX - 64];
    uint64_t started_ns;
};

/* Returns when fepd has said that it is ready; connections may still be under way. False with the end of its
 * log on stderr. */
bool fepd_start(struct fepd *d, const struct fepd_spec *spec);
/* False where it did not end as it should. */
bool fepd_stop(struct fepd *d);

/* Waits until `text` stands in a file; false where the process ends before or it takes longer. */
bool fepd_await_line(const char *path, const char *text, pid_t pid, double seconds);

#endif
