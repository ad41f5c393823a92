// SPDX-License-Identifier: Apache-2.0
/*
 * A run of the benchmark, and a rig: one load and one fepd that have found each other, measured in windows.
 *
 *     struct rig rig;
 *     if (rig_start(&rig, bench, &spec)) {
 *         rig_measure(&rig, &order, seconds, &figures);
 *         ...
 *     }
 *     rig_stop(&rig);
 *
 * Whatever goes wrong is said on stderr and makes the run invalid (report.failed).
 */
#ifndef FEPBENCH_BENCH_H
#define FEPBENCH_BENCH_H

#include "tools/fepbench/fepd.h"
#include "tools/fepbench/floor.h"
#include "tools/fepbench/load.h"
#include "tools/fepbench/process.h"
#include "tools/fepbench/report.h"
#include "tools/fepbench/scrape.h"

enum {
    BENCH_LIST_MAX = 16,
    BENCH_PAIRS_MAX = 16,
    BENCH_WINDOWS_MAX = 3 * BENCH_PAIRS_MAX,
    BENCH_COMMIT_INTERVAL_MS = 2,
    BENCH_CONNECTS_PER_S = 5000
};

struct bench_list {
    uint32_t of[BENCH_LIST_MAX];
    size_t len;
};

struct bench {
    const char *fepd; /* programs */
    const char *simulator;
    const char *folder; /* its own, for databases */
    double seconds;     /* of a window */
    unsigned pairs;     /* of windows, floor and fepd by turns; 0: as many as is usual */
    bool thorough;      /* --all */
    bool mixed;         /* values of two types */
    struct bench_list stations, workers, values;
    struct report report;
};

/* The largest of --stations. */
uint32_t bench_most_stations(const struct bench *b);
unsigned bench_pairs(const struct bench *b, unsigned standard);
unsigned bench_rounds(const struct bench *b); /* of pairs that are compared with the floor */

struct rig_spec {
    uint32_t stations;
    uint32_t workers;
    uint32_t points;
    struct bench_list values; /* each a set of the load, in this order; at most LOAD_SETS_MAX */
    uint32_t event_poll_ms;   /* 0: none */
    const char *fep;          /* as in fepd.h; NULL for none */
    const char *session;
};

struct rig {
    struct bench *bench;
    struct rig_spec spec;
    struct load load;
    struct fepd fepd;
    char folder[FEPD_PATH_MAX]; /* fepd's, below the run's */
    bool load_runs, fepd_runs;
    double ready_s; /* from fepd's start until it said that it is ready */
    double full_s;  /* ... and until all stations were on line with a full picture */
};

/* All numbers, so that a median can be taken of each. */
struct figures {
    double messages_per_s; /* confirmed unsolicited responses */
    double values_per_s;
    double octets_per_s; /* of those messages */
    double cpu_us;       /* of fepd, all its threads, a message */
    double user_us;
    double system_us;
    double p50_us; /* fepd's own, from octets read to confirm written */
    double p99_us;
    double p999_us;
    double answer_p50_us; /* the load's: from response sent to confirm read */
    double answer_p99_us;
    double messages_per_commit;
    double calls_per_message; /* reads and writes of connections, and commits */
    double load_cpu_us;       /* a message */
    double worker_pct;        /* of a core, the busiest of them */
    double committer_pct;
    double publisher_pct;
    double resident_kib;
    double fepd_cpu_pct; /* of a core, all threads */
};

bool rig_start(struct rig *rig, struct bench *b, const struct rig_spec *spec);
void rig_stop(struct rig *rig);
/* A second of warming up, the window, and then quiet until all is confirmed. */
bool rig_measure(struct rig *rig, const struct load_order *order, double seconds, struct figures *figures);

/* Two windows, one after the other: what is compared has to be measured within seconds, since the machine may
 * be another one a minute later. */
struct pair {
    struct figures figures;
    struct floor_figures floor;
};
/* The commit floor at the same number of connections and the same rate, then fepd. */
bool rig_measure_pair(struct rig *rig, const struct load_order *order, struct pair *pair);
void pairs_median(const struct pair *pairs, size_t len, struct pair *median); /* of each figure */

/* A floor of its own for each of `times` windows; the median of each figure. */
bool bench_floor(struct bench *b, const struct floor_spec *spec, const struct floor_window *window,
                 unsigned times, struct floor_figures *median);
/* The commit floor with as many connections, as many rows a message and in the same folder. */
struct floor_spec rig_floor(const struct rig *rig, unsigned set);

/* Says it, and makes the run invalid. Returns false. */
__attribute__((format(printf, 2, 3))) bool bench_fail(struct bench *b, const char *format, ...);
/* What is being done, for those who wait. */
__attribute__((format(printf, 1, 2))) void bench_say(const char *format, ...);

#endif
