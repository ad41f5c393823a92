// SPDX-License-Identifier: Apache-2.0
/* What the front end begins: polls, and connections. */
#include "tools/fepbench/scenarios.h"

#include <math.h>

enum { POLL_POINTS = 100, EVENT_PERIOD_MS = 2000, INTEGRITY_PERIOD_MS = 10000, CONNECT_POINTS = 20 };

/* Counters of the load that one kind of poll is told by. */
struct poll_kind {
    const char *scenario;
    enum load_count count;
    uint32_t event_poll_ms;
    const char *session;
    uint32_t period_ms;
};
static const struct poll_kind event_polls = {"poll", LOAD_EVENT_POLLS, EVENT_PERIOD_MS, NULL,
                                             EVENT_PERIOD_MS};
static const struct poll_kind integrity_polls = {"integrity", LOAD_INTEGRITY_POLLS, 0,
                                                 "polls: [{classes: [0, 1, 2, 3], period: 10s}], ",
                                                 INTEGRITY_PERIOD_MS};

struct poll_counts {
    double polls, on_time, off_time;
    struct process_cpu cpu, load;
};

static struct poll_counts poll_counts(const struct rig *rig, const struct poll_kind *kind)
{
    return (struct poll_counts){(double)load_count(&rig->load, kind->count),
                                (double)load_count(&rig->load, LOAD_POLLS_ON_TIME),
                                (double)load_count(&rig->load, LOAD_POLLS_OFF_TIME),
                                process_cpu(rig->fepd.pid), process_cpu(rig->load.pid)};
}

static double cpu_between(const struct process_cpu *a, const struct process_cpu *b)
{
    return b->user_s + b->system_s - a->user_s - a->system_s;
}

/* Whole periods, so that each station is polled equally often; three of event polls, so that intervals count.
 */
static double window_s(const struct bench *b, const struct poll_kind *kind)
{
    double period_s = kind->period_ms * 1e-3;
    return period_s * fmax(ceil(b->seconds / period_s), kind->event_poll_ms ? 3 : 1);
}

static bool measure_polls(struct rig *rig, const struct poll_kind *kind)
{
    struct bench *b = rig->bench;
    struct floor_figures echo;
    double seconds = window_s(b, kind), rate = rig->spec.stations * 1e3 / kind->period_ms;
    const struct floor_spec spec = {.connections = rig->spec.stations};
    if (!bench_floor(b, &spec, &(struct floor_window){b->seconds, rate}, 1, &echo))
        return false;
    struct poll_counts before = poll_counts(rig, kind);
    process_sleep_s(seconds);
    struct poll_counts after = poll_counts(rig, kind);
    double polls = after.polls - before.polls, on_time = after.on_time - before.on_time;
    struct record *r = report_add(&b->report, kind->scenario);
    record_put(r, "stations", rig->spec.stations);
    record_put(r, "points", rig->spec.points);
    record_put(r, "period_s", kind->period_ms * 1e-3);
    record_put(r, "polls_s", polls / seconds);
    record_put(r, "cpu_us", cpu_between(&before.cpu, &after.cpu) * 1e6 / polls);
    record_put(r, "load_us", cpu_between(&before.load, &after.load) * 1e6 / polls);
    record_put(r, "floor_cpu_us", echo.cpu_us);
    record_put(r, "on_time_pct",
               kind->event_poll_ms ? on_time / (on_time + after.off_time - before.off_time) * 100 : NAN);
    return true;
}

static bool run_polls(struct bench *b, uint32_t stations, const struct poll_kind *kind)
{
    const struct rig_spec spec = {.stations = stations,
                                  .workers = 1,
                                  .points = POLL_POINTS,
                                  .event_poll_ms = kind->event_poll_ms,
                                  .session = kind->session};
    struct rig rig;
    bench_say("  %u stations: %s", stations, kind->scenario);
    bool ok = rig_start(&rig, b, &spec) && measure_polls(&rig, kind);
    rig_stop(&rig);
    return ok;
}

/* Few and all. */
bool scenario_poll(struct bench *b)
{
    uint32_t most = bench_most_stations(b), few = most < 256 ? most : 256;
    return (few == most || run_polls(b, few, &event_polls)) && run_polls(b, most, &event_polls) &&
           run_polls(b, most, &integrity_polls);
}

bool scenario_connect(struct bench *b)
{
    const struct rig_spec spec = {.stations = bench_most_stations(b), .workers = 0, .points = CONNECT_POINTS};
    struct rig rig;
    struct scrape scrape = {0};
    bool ok = rig_start(&rig, b, &spec) && scrape_get(rig.fepd.port, &scrape);
    if (ok) {
        struct process_cpu cpu = process_cpu(rig.fepd.pid);
        struct record *r = report_add(&b->report, "connect");
        record_put(r, "stations", spec.stations);
        record_put(r, "points", spec.points);
        record_put(r, "ready_s", rig.ready_s);
        record_put(r, "full_s", rig.full_s);
        record_put(r, "cpu_s", cpu.user_s + cpu.system_s);
        record_put(r, "connects", scrape.connects);
        record_put(r, "failures", scrape.connect_failures);
        record_put(r, "timeouts", scrape.timeouts);
    }
    rig_stop(&rig);
    return ok;
}
