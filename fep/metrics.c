// SPDX-License-Identifier: Apache-2.0
#include "fep/metrics.h"

#include "protocol/master.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { BUCKETS_AN_OCTAVE = 16, OCTAVE_BITS = 4 };

unsigned delay_bucket(uint64_t us)
{
    if (us < BUCKETS_AN_OCTAVE)
        return (unsigned)us;
    unsigned octave = 63u - (unsigned)__builtin_clzll(us);
    unsigned bucket = (octave - OCTAVE_BITS + 1) * BUCKETS_AN_OCTAVE +
                      (unsigned)((us >> (octave - OCTAVE_BITS)) & (BUCKETS_AN_OCTAVE - 1));
    return bucket < DELAY_BUCKETS ? bucket : DELAY_BUCKETS - 1;
}

uint64_t delay_bucket_us(unsigned bucket)
{
    if (bucket < BUCKETS_AN_OCTAVE)
        return bucket;
    unsigned shift = bucket / BUCKETS_AN_OCTAVE - 1;
    return (uint64_t)(BUCKETS_AN_OCTAVE + bucket % BUCKETS_AN_OCTAVE) << shift;
}

void metrics_delays(const struct metrics *m, uint64_t counts[DELAY_BUCKETS])
{
    memset(counts, 0, DELAY_BUCKETS * sizeof *counts);
    for (uint32_t i = 0; i < m->workers_len; i++)
        for (unsigned bucket = 0; bucket < DELAY_BUCKETS; bucket++)
            counts[bucket] += metric_get(&m->workers[i].delay[bucket]);
}

bool delay_quantile_us(const uint64_t counts[DELAY_BUCKETS], double q, uint64_t *us)
{
    uint64_t total = 0, seen = 0;
    for (unsigned i = 0; i < DELAY_BUCKETS; i++)
        total += counts[i];
    for (unsigned i = 0; i < DELAY_BUCKETS && total; i++) {
        seen += counts[i];
        if (seen && (double)seen >= q * (double)total) {
            *us = delay_bucket_us(i);
            return true;
        }
    }
    return false;
}

enum metric_kind { METRIC_COUNTER, METRIC_GAUGE };

struct metric_row {
    const char *name;
    enum metric_kind kind;
    size_t offset;
    const char *help;
};

#define ROW(group, field, kind, name, help)                                                                  \
    {                                                                                                        \
        name, kind, offsetof(struct group, field), help                                                      \
    }
#define WORKER(field, kind, name, help)    ROW(worker_metrics, field, kind, name, help)
#define COMMITTER(field, kind, name, help) ROW(committer_metrics, field, kind, name, help)
#define PUBLISHER(field, kind, name, help) ROW(publisher_metrics, field, kind, name, help)
#define DAEMON(field, kind, name, help)    ROW(daemon_metrics, field, kind, name, help)

static const struct metric_row worker_rows[] = {
    WORKER(sessions, METRIC_GAUGE, "fep_sessions", "Stations configured on this worker."),
    WORKER(connected, METRIC_GAUGE, "fep_sessions_connected", "Stations with a connection."),
    WORKER(online, METRIC_GAUGE, "fep_sessions_online", "Stations that are on line."),
    WORKER(connects, METRIC_COUNTER, "fep_connects_total", "Connections established."),
    WORKER(connect_failures, METRIC_COUNTER, "fep_connect_failures_total",
           "Attempts to connect that failed."),
    WORKER(octets_in, METRIC_COUNTER, "fep_received_bytes_total", "Octets received from stations."),
    WORKER(octets_out, METRIC_COUNTER, "fep_sent_bytes_total", "Octets sent to stations."),
    WORKER(reads, METRIC_COUNTER, "fep_reads_total", "Reads from connections."),
    WORKER(writes, METRIC_COUNTER, "fep_writes_total", "Writes to connections."),
    WORKER(frames_in, METRIC_COUNTER, "fep_frames_received_total", "Link frames received."),
    WORKER(frames_out, METRIC_COUNTER, "fep_frames_sent_total", "Link frames and fragments sent."),
    WORKER(fragments, METRIC_COUNTER, "fep_fragments_total", "Response fragments taken."),
    WORKER(unsolicited, METRIC_COUNTER, "fep_unsolicited_total", "Unsolicited responses among them."),
    WORKER(repeats, METRIC_COUNTER, "fep_fragment_repeats_total", "Unsolicited responses that were repeats."),
    WORKER(events, METRIC_COUNTER, "fep_received_events_total", "Event objects received."),
    WORKER(confirms, METRIC_COUNTER, "fep_confirms_total", "Application confirms sent."),
    WORKER(confirms_dropped, METRIC_COUNTER, "fep_confirms_dropped_total",
           "Held confirms that were durable too late to be sent."),
    WORKER(refused, METRIC_COUNTER, "fep_fragments_refused_total",
           "Fragments that were not for us or not to be taken yet."),
    WORKER(not_stored, METRIC_COUNTER, "fep_fragments_not_stored_total",
           "Fragments refused because the store stalls; their stations keep the events."),
    WORKER(defects, METRIC_COUNTER, "fep_fragment_defects_total",
           "Fragments that could not be read to their end."),
    WORKER(unknown, METRIC_COUNTER, "fep_unknown_objects_total",
           "Object headers that are not known, passed over since their size is."),
    WORKER(timeouts, METRIC_COUNTER, "fep_timeouts_total", "Requests without an answer."),
    WORKER(held, METRIC_GAUGE, "fep_confirms_held", "Confirms that wait for the store."),
    WORKER(stalled, METRIC_GAUGE, "fep_store_stalled", "1 while this worker waits too long for the store."),
    WORKER(not_read, METRIC_GAUGE, "fep_sessions_not_read",
           "Stations not read for a while: they send unconfirmed data faster than the store takes it."),
};

static const struct metric_row committer_rows[] = {
    COMMITTER(commits, METRIC_COUNTER, "fep_commits_total", "Transactions committed."),
    COMMITTER(failed_commits, METRIC_COUNTER, "fep_failed_commits_total", "Transactions that failed."),
    COMMITTER(rows, METRIC_COUNTER, "fep_journal_rows_total", "Rows added to the journal."),
    COMMITTER(fragments, METRIC_COUNTER, "fep_stored_fragments_total", "Fragments stored."),
    COMMITTER(repeats, METRIC_COUNTER, "fep_event_repeats_total",
              "Events recognised as repeats and not stored again."),
    COMMITTER(possible_repeats, METRIC_COUNTER, "fep_possible_repeats_total",
              "Untimed events stored with the mark possible_repeat."),
    COMMITTER(quarantined, METRIC_COUNTER, "fep_quarantined_total", "Fragments put into quarantine."),
    COMMITTER(points_refused, METRIC_COUNTER, "fep_points_refused_total",
              "Values stored whose point is not held: its station has too many that are not configured."),
    COMMITTER(full_stations, METRIC_GAUGE, "fep_stations_full",
              "Stations that this happened to since the start."),
    COMMITTER(holes, METRIC_COUNTER, "fep_holes_total", "Hole records stored."),
    COMMITTER(deleted, METRIC_COUNTER, "fep_retention_deleted_rows_total",
              "Journal rows deleted by retention."),
    COMMITTER(wal_pages, METRIC_GAUGE, "fep_wal_pages", "Pages in the write-ahead log."),
    COMMITTER(waiting, METRIC_GAUGE, "fep_batches_waiting", "Batches that are not durable yet."),
    COMMITTER(newest_seq, METRIC_GAUGE, "fep_journal_newest_sequence", "Newest durable sequence number."),
    COMMITTER(failing, METRIC_GAUGE, "fep_store_failing", "1 while the store fails."),
    COMMITTER(database_octets, METRIC_GAUGE, "fep_database_bytes", "Size of the database file."),
};

static const struct metric_row publisher_rows[] = {
    PUBLISHER(connections, METRIC_GAUGE, "fep_http_connections", "Open connections of consumers."),
    PUBLISHER(requests, METRIC_COUNTER, "fep_http_requests_total", "Requests of consumers."),
    PUBLISHER(streams, METRIC_GAUGE, "fep_http_streams", "Open event streams."),
    PUBLISHER(events_sent, METRIC_COUNTER, "fep_http_events_sent_total", "Events sent to consumers."),
    PUBLISHER(slow, METRIC_COUNTER, "fep_http_slow_consumers_total",
              "Streams that fell behind and went on from the journal."),
    PUBLISHER(refused, METRIC_COUNTER, "fep_http_refused_total", "Connections and requests refused."),
    PUBLISHER(denied, METRIC_COUNTER, "fep_http_denied_total",
              "Requests without a valid token, or beyond what its owner may."),
};

static const struct metric_row daemon_rows[] = {
    DAEMON(generation, METRIC_GAUGE, "fep_configuration_generation", "Generation of the station list."),
    DAEMON(reloads, METRIC_COUNTER, "fep_reloads_total", "Configurations reloaded."),
    DAEMON(reloads_failed, METRIC_COUNTER, "fep_reloads_failed_total",
           "Reloads refused because of errors in the configuration."),
    DAEMON(stations, METRIC_GAUGE, "fep_stations", "Stations configured and enabled."),
};

struct printer {
    void (*put)(void *context, const char *text, size_t len);
    void *context;
};

static __attribute__((format(printf, 2, 3))) void print(const struct printer *p, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (len > 0)
        p->put(p->context, text, (size_t)len < sizeof(text) ? (size_t)len : sizeof(text) - 1);
}

static uint64_t row_value(const void *group, const struct metric_row *row)
{
    const _Atomic uint64_t *m = (const void *)((const char *)group + row->offset);
    return metric_get(m);
}

static void print_head(const struct printer *p, const struct metric_row *row)
{
    print(p, "# HELP %s %s\n# TYPE %s %s\n", row->name, row->help, row->name,
          row->kind == METRIC_COUNTER ? "counter" : "gauge");
}

static void print_group(const struct printer *p, const void *group, const struct metric_row *rows, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        print_head(p, &rows[i]);
        print(p, "%s %" PRIu64 "\n", rows[i].name, row_value(group, &rows[i]));
    }
}

static void print_workers(const struct printer *p, const struct metrics *m)
{
    for (size_t i = 0; i < sizeof(worker_rows) / sizeof(worker_rows[0]); i++) {
        print_head(p, &worker_rows[i]);
        for (uint32_t w = 0; w < m->workers_len; w++)
            print(p, "%s{worker=\"%" PRIu32 "\"} %" PRIu64 "\n", worker_rows[i].name, w,
                  row_value(&m->workers[w], &worker_rows[i]));
    }
}

static void print_quirks(const struct printer *p, const struct metrics *m)
{
    static const char name[] = "fep_quirks_total";
    print(p,
          "# HELP %s What stations do against the rules and was borne with, as configured.\n"
          "# TYPE %s counter\n",
          name, name);
    for (unsigned bit = 0; bit < QUIRKS; bit++) {
        uint64_t sum = 0;
        for (uint32_t w = 0; w < m->workers_len; w++)
            sum += metric_get(&m->workers[w].quirks[bit]);
        print(p, "%s{quirk=\"%s\"} %" PRIu64 "\n", name, master_quirk_name(bit), sum);
    }
}

/* The n-th end of a bucket as printed: four an octave from 64 µs to 67 s, each of them an end of ours. */
static uint64_t printed_us(unsigned n)
{
    enum { AN_OCTAVE_BITS = 2, FIRST_OCTAVE = 6 };
    unsigned within = n & ((1u << AN_OCTAVE_BITS) - 1);
    return (uint64_t)((1u << AN_OCTAVE_BITS) + within)
           << (FIRST_OCTAVE - AN_OCTAVE_BITS + (n >> AN_OCTAVE_BITS));
}

static void print_delay(const struct printer *p, const struct metrics *m)
{
    enum { PRINTED = 81 };
    static const char name[] = "fep_confirm_delay_seconds";
    uint64_t counts[DELAY_BUCKETS], count = 0;
    double sum_us = 0;
    unsigned bucket = 0;
    metrics_delays(m, counts);
    print(p, "# HELP %s From octets read to their confirm written.\n# TYPE %s histogram\n", name, name);
    for (unsigned n = 0; n <= PRINTED; n++) {
        uint64_t end_us = n < PRINTED ? printed_us(n) : UINT64_MAX;
        for (; bucket < DELAY_BUCKETS && delay_bucket_us(bucket) < end_us; bucket++) {
            count += counts[bucket];
            sum_us += (double)counts[bucket] * (double)delay_bucket_us(bucket);
        }
        if (n < PRINTED)
            print(p, "%s_bucket{le=\"%.6f\"} %" PRIu64 "\n", name, (double)end_us / 1e6, count);
    }
    print(p, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.6f\n%s_count %" PRIu64 "\n", name, count, name,
          sum_us / 1e6, name, count);
}

void metrics_print(const struct metrics *m, void (*put)(void *context, const char *text, size_t len),
                   void *context)
{
    const struct printer p = {put, context};
    print(&p, "# HELP fep_build_info Version of fepd.\n# TYPE fep_build_info gauge\n"
              "fep_build_info{version=\"" FEP_VERSION "\"} 1\n");
    print(&p,
          "# HELP fep_start_time_seconds When the process started, since 1970.\n"
          "# TYPE fep_start_time_seconds gauge\nfep_start_time_seconds %.3f\n",
          (double)metric_get(&m->daemon.started_ms) / 1e3);
    print_workers(&p, m);
    print_quirks(&p, m);
    print_delay(&p, m);
    print_group(&p, &m->committer, committer_rows, sizeof(committer_rows) / sizeof(committer_rows[0]));
    print_group(&p, &m->publisher, publisher_rows, sizeof(publisher_rows) / sizeof(publisher_rows[0]));
    print_group(&p, &m->daemon, daemon_rows, sizeof(daemon_rows) / sizeof(daemon_rows[0]));
}
