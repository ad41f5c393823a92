// SPDX-License-Identifier: Apache-2.0
/* Other processes: start, stop, and what they cost as the kernel counts it. Needs Linux's /proc. */
#ifndef FEPBENCH_PROCESS_H
#define FEPBENCH_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

uint64_t process_now_ns(void); /* monotonic */
void process_sleep_s(double seconds);

/* All threads of a process since it began. The sum is exact; its parts come in ticks of 10 ms and are scaled
 * to the sum. All 0 where there is no such process. */
struct process_cpu {
    double user_s;
    double system_s;
};
struct process_cpu process_cpu(pid_t pid);

/* Its resident memory in KiB; `anonymous` leaves out what is mapped from files. */
struct process_memory {
    double resident_kib;
    double anonymous_kib;
};
struct process_memory process_memory(pid_t pid);

enum { PROCESS_THREADS_MAX = 128 };
struct process_threads {
    size_t len;
    struct {
        int id;
        char name[16];
        double cpu_s;
    } of[PROCESS_THREADS_MAX];
};
void process_threads(pid_t pid, struct process_threads *threads);

/* Runs a program, its output appended to a file; killed should this process end. argv ends with NULL.
 * -1 where it can't be started. */
pid_t process_start(char *const argv[], const char *log_path);
bool process_alive(pid_t pid);
/* SIGTERM, SIGKILL after that long; true where it ended by itself with status 0. */
bool process_stop(pid_t pid, double seconds);

#endif
