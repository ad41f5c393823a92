// SPDX-License-Identifier: Apache-2.0
/* What one party may do to the others: a station that floods, consumers that are many or stand still. */
#include "tools/fepbench/consumers.h"
#include "tools/fepbench/scenarios.h"

enum { STORM_STATIONS = 256, STORM_RATE = 5000, STORM_PAIRS = 5, CONSUMERS_RATE = 1000, STOP_S = 1 };
static const struct bench_list one_value = {.of = {1}, .len = 1};

static uint32_t stations_of(const struct bench *b)
{
    uint32_t most = bench_most_stations(b);
    return most < STORM_STATIONS ? most : STORM_STATIONS;
}

static bool measure_storm(struct rig *rig)
{
    struct bench *b = rig->bench;
    struct figures calm, storm;
    struct load_order order = {.sending = true, .rate = STORM_RATE};
    if (!rig_measure(rig, &order, b->seconds, &calm))
        return false;
    struct scrape before, after;
    uint64_t flooded = load_count(&rig->load, LOAD_FLOODED_OCTETS);
    order.flooding = true;
    if (!scrape_get(rig->fepd.port, &before) || !rig_measure(rig, &order, b->seconds, &storm) ||
        !scrape_get(rig->fepd.port, &after))
        return false;
    struct record *r = report_add(&b->report, "storm");
    record_put(r, "stations", rig->spec.stations);
    record_put(r, "rate", order.rate);
    record_put(r, "calm_msg_s", calm.messages_per_s);
    record_put(r, "storm_msg_s", storm.messages_per_s);
    record_put(r, "calm_p50_us", calm.answer_p50_us);
    record_put(r, "storm_p50_us", storm.answer_p50_us);
    record_put(r, "calm_p99_us", calm.answer_p99_us);
    record_put(r, "storm_p99_us", storm.answer_p99_us);
    record_put(r, "flood_mb_s",
               (double)(load_count(&rig->load, LOAD_FLOODED_OCTETS) - flooded) / 1e6 / b->seconds);
    record_put(r, "flood_events_s", (after.events - before.events) / b->seconds - storm.messages_per_s);
    return true;
}

bool scenario_storm(struct bench *b)
{
    const struct rig_spec spec = {.stations = stations_of(b), .workers = 1, .points = 1, .values = one_value};
    struct rig rig;
    bool ok = rig_start(&rig, b, &spec);
    for (unsigned i = 0; ok && i < bench_pairs(b, STORM_PAIRS); i++)
        ok = measure_storm(&rig);
    rig_stop(&rig);
    return ok;
}

static bool measure_consumers(struct rig *rig, unsigned count, unsigned stalled)
{
    struct bench *b = rig->bench;
    struct figures figures;
    struct scrape before, after;
    const struct load_order order = {.sending = true, .rate = CONSUMERS_RATE};
    pid_t consumers = consumers_start(rig->fepd.port, count, stalled);
    bool ok = consumers > 0 && scrape_get(rig->fepd.port, &before) &&
              rig_measure(rig, &order, b->seconds, &figures) && scrape_get(rig->fepd.port, &after);
    if (consumers > 0)
        process_stop(consumers, STOP_S);
    if (!ok)
        return bench_fail(b, "%u consumers could not be served", count);
    struct record *r = report_add(&b->report, "consumers");
    record_put(r, "consumers", count);
    record_put(r, "stalled", stalled);
    record_put(r, "msg_s", figures.messages_per_s);
    record_put(r, "sent_s", (after.events_sent - before.events_sent) / (b->seconds + 1));
    record_put(r, "cpu_us", figures.cpu_us);
    record_put(r, "publisher_pct", figures.publisher_pct);
    record_put(r, "p99_us", figures.p99_us);
    record_put(r, "answer_p99_us", figures.answer_p99_us);
    record_put(r, "fell_behind", after.slow_consumers - before.slow_consumers);
    record_put(r, "rss_mib", figures.resident_kib / 1024);
    return true;
}

bool scenario_consumers(struct bench *b)
{
    static const unsigned crowds[][2] = {{0, 0}, {1, 0}, {10, 0}, {10, 1}, {100, 0}, {100, 1}};
    const struct rig_spec spec = {.stations = stations_of(b), .workers = 1, .points = 1, .values = one_value};
    struct rig rig;
    bool ok = rig_start(&rig, b, &spec);
    for (size_t i = 0; ok && i < sizeof crowds / sizeof *crowds; i++) {
        bench_say("  %u consumers, %u of them stalled", crowds[i][0], crowds[i][1]);
        ok = measure_consumers(&rig, crowds[i][0], crowds[i][1]);
    }
    rig_stop(&rig);
    return ok;
}
