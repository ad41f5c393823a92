// SPDX-License-Identifier: Apache-2.0
/*
 * The floors under every figure: what the kernel and SQLite alone cost on this machine in this run.
 *
 *   echo     reads 40 octets, writes 17, through epoll; nothing is parsed or stored
 *   commit   the same, the answer held until a SQLite WAL commit with synchronous=FULL of `rows` journal rows
 *
 * Two processes, both forked from the caller and gone when the call returns: one answers, and its CPU is the
 * floor's; the other holds the stations' ends. A second of warming up comes before the measured seconds.
 */
#ifndef FEPBENCH_FLOOR_H
#define FEPBENCH_FLOOR_H

#include <stdbool.h>
#include <stdint.h>

struct floor_spec {
    bool commit;
    uint32_t connections;
    double seconds;
    double rate;        /* messages a second over all stations; 0: each as soon as it is answered */
    uint32_t rows;      /* a message */
    double interval_ms; /* commits begin at least this far apart */
    const char *folder; /* of the database */
};

struct floor_figures {
    double messages_per_s;
    double cpu_us; /* a message, all threads, user and system */
    double user_us;
    double system_us;
    double p50_us; /* from octets read to answer written */
    double p99_us;
    double messages_per_commit;
};

/* False with a line on stderr where sockets, processes or the database fail. */
bool floor_run(const struct floor_spec *spec, struct floor_figures *figures);

#endif
