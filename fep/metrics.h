// SPDX-License-Identifier: Apache-2.0
/*
 * Counters and gauges of the process. Each group has one writing thread; anybody may read (relaxed atomics,
 * no lock, no line written by two threads). metrics_print() makes the Prometheus text of all of them; the
 * table of names, kinds and help texts is in metrics.c.
 */
#ifndef FEP_METRICS_H
#define FEP_METRICS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { METRICS_WORKERS_MAX = 64, DELAY_BUCKETS = 512 };

struct worker_metrics {
    _Alignas(64) _Atomic uint64_t turns; /* of its loop */
    _Atomic uint64_t sessions;           /* configured here */
    _Atomic uint64_t connected;
    _Atomic uint64_t online;
    _Atomic uint64_t connects, connect_failures;
    _Atomic uint64_t octets_in, octets_out, reads, writes;
    _Atomic uint64_t frames_in, frames_out;
    _Atomic uint64_t fragments, unsolicited, repeats, events;
    _Atomic uint64_t confirms, confirms_dropped, refused, not_stored, defects, timeouts;
    _Atomic uint64_t unknown;
    _Atomic uint64_t quirks[8]; /* uses, by bit of enum master_quirk */
    _Atomic uint64_t held;      /* confirms waiting */
    _Atomic uint64_t stalled;   /* 1 while the store stalls */
    _Atomic uint64_t not_read;  /* sessions paused because they send unconfirmed data too fast */
    /* From octets read to confirm written, log-linear buckets of µs: see delay_bucket(). */
    _Atomic uint64_t delay[DELAY_BUCKETS];
};

struct committer_metrics {
    _Alignas(64) _Atomic uint64_t commits, failed_commits, rows, fragments, repeats, possible_repeats,
        quarantined;
    _Atomic uint64_t points_refused, full_stations;
    _Atomic uint64_t holes, deleted, wal_pages, waiting, newest_seq, failing, database_octets, turns;
};

struct publisher_metrics {
    _Alignas(64) _Atomic uint64_t connections, requests, streams, events_sent, slow, refused, denied, turns;
};

struct daemon_metrics {
    _Alignas(64) _Atomic uint64_t generation, reloads, reloads_failed, stations, started_ms;
};

struct metrics {
    struct worker_metrics workers[METRICS_WORKERS_MAX];
    struct committer_metrics committer;
    struct publisher_metrics publisher;
    struct daemon_metrics daemon;
    uint32_t workers_len;
};

/* Adds without a locked instruction: the group's own thread only. */
static inline void metric_add(_Atomic uint64_t *m, uint64_t n)
{
    atomic_store_explicit(m, atomic_load_explicit(m, memory_order_relaxed) + n, memory_order_relaxed);
}

static inline void metric_set(_Atomic uint64_t *m, uint64_t n)
{
    atomic_store_explicit(m, n, memory_order_relaxed);
}

static inline uint64_t metric_get(const _Atomic uint64_t *m)
{
    return atomic_load_explicit(m, memory_order_relaxed);
}

/* 16 buckets an octave: at most 6 % wide. */
unsigned delay_bucket(uint64_t us);
uint64_t delay_bucket_us(unsigned bucket); /* its lower end */
/* Over all workers, bucket by bucket. */
void metrics_delays(const struct metrics *m, uint64_t counts[DELAY_BUCKETS]);
/* The quantile q (0..1) of counts by bucket, in µs; false where nothing was counted. */
bool delay_quantile_us(const uint64_t counts[DELAY_BUCKETS], double q, uint64_t *us);

/* Writes the Prometheus text through `put`. */
void metrics_print(const struct metrics *m, void (*put)(void *context, const char *text, size_t len),
                   void *context);

#endif
