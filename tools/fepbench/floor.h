// SPDX-License-Identifier: Apache-2.0
/*
 * The floors under every figure: what the kernel and SQLite alone cost on this machine in this run.
 *
 *   echo     reads 40 octets, writes 17, through epoll; nothing is parsed or stored
 *   commit   the same, the answer held until a SQLite WAL commit with synchronous=FULL of `rows` journal rows
 *
 *     struct floor floor;
 *     if (floor_start(&floor, &spec)) {
 *         floor_measure(&floor, &(struct floor_window){.seconds = 3, .rate = 5000}, &figures);
 *         ...
 *     }
 *     floor_stop(&floor);
 *
 * Two processes: one answers, and its CPU is the floor's; the other holds the stations' ends. Between windows
 * all is quiet. A second of warming up comes before the measured seconds.
 */
#ifndef FEPBENCH_FLOOR_H
#define FEPBENCH_FLOOR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct floor_spec {
    bool commit;
    uint32_t connections;
    uint32_t rows;      /* a message */
    double interval_ms; /* commits begin at least this far apart */
    const char *folder; /* of the database; outlives the floor */
};

struct floor_window {
    double seconds;
    double rate; /* messages a second over all stations; 0: each as soon as it is answered */
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

struct floor {
    pid_t pid;    /* of the process that answers; 0: none */
    int commands; /* windows one way, figures the other */
};

/* These return false with a line on stderr where sockets, processes or the database fail. */
bool floor_start(struct floor *floor, const struct floor_spec *spec);
bool floor_measure(struct floor *floor, const struct floor_window *window, struct floor_figures *figures);
void floor_stop(struct floor *floor); /* also of one that could not start */

#endif
