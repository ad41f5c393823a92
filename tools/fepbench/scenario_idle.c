// SPDX-License-Identifier: Apache-2.0
/* Memory, and what an idle process costs. */
#include "tools/fepbench/scenarios.h"

#include <math.h>

enum {
    IDLE_POINTS = 20,
    FEW_PART = 19, /* 1,000 of 19,000 */
    SETTLE_S = 12, /* a pass that writes values behind, and the load's last answers */
    QUIET_S = 25,  /* counters are told for 10 s and written within 10 more: the last time is over */
    IDLE_LEAST_S = 5,
    KERNEL_LEAST = 4096, /* stations, to stand out of what else the machine does */
    SMALL_STATIONS = 100,
    SMALL_POINTS = 100,
    GROWTH_STATIONS = 256,
    GROWTH_RATE = 5000,
    GROWTH_WARM_UP_S = 300,
    GROWTH_SAMPLES = 120,
    GROWTH_SAMPLE_S = 10
};
/* Nothing falls due within an hour. */
static const char quiet[] = "link_idle: 0, polls: [{classes: [0, 1, 2, 3], period: 24h}], ";

/* Kernel memory that grows with sockets, of the whole machine. */
static double kernel_kib(void)
{
    char line[128];
    double kib = NAN;
    FILE *f = fopen("/proc/meminfo", "r");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "Slab: %lf", &kib) == 1)
            break;
    if (f)
        fclose(f);
    return kib;
}

static double idle_cpu_pct(const struct rig *rig, double quiet_s)
{
    double seconds = fmax(rig->bench->seconds, IDLE_LEAST_S);
    process_sleep_s(quiet_s - SETTLE_S);
    struct process_cpu before = process_cpu(rig->fepd.pid);
    process_sleep_s(seconds);
    struct process_cpu after = process_cpu(rig->fepd.pid);
    return (after.user_s + after.system_s - before.user_s - before.system_s) / seconds * 100;
}

/* Both ends of each connection are on this machine. The CPU is looked at where `quiet_s` is not 0: that long
 * after the start nothing of it is left to be done. */
static bool measure_idle(struct bench *b, uint32_t stations, uint32_t points, double quiet_s,
                         const char *name)
{
    const struct rig_spec spec = {.stations = stations, .workers = 1, .points = points, .session = quiet};
    double kernel_before = kernel_kib();
    struct rig rig;
    bench_say("  %u stations, %u points each", stations, points);
    bool ok = rig_start(&rig, b, &spec);
    if (ok) {
        process_sleep_s(SETTLE_S);
        double kernel = (kernel_kib() - kernel_before) / 2 / stations;
        struct process_memory memory = process_memory(rig.fepd.pid);
        struct record *r = report_add(&b->report, name);
        record_put(r, "stations", stations);
        record_put(r, "points", points);
        record_put(r, "rss_kib", memory.resident_kib);
        record_put(r, "anonymous_kib", memory.anonymous_kib);
        record_put(r, "kernel_kib_session", stations < KERNEL_LEAST ? NAN : kernel);
        record_put(r, "cpu_pct", quiet_s > 0 ? idle_cpu_pct(&rig, quiet_s) : NAN);
    }
    rig_stop(&rig);
    return ok;
}

static double resident_kib(const struct bench *b, uint32_t stations, uint32_t points)
{
    for (const struct record *r = NULL; (r = report_next(&b->report, "idle", r));)
        if (record_get(r, "stations") == stations && record_get(r, "points") == points)
            return record_get(r, "rss_kib");
    return NAN;
}

static void put_slopes(struct bench *b, uint32_t few, uint32_t many)
{
    const double x[] = {few, many};
    const double bare[] = {resident_kib(b, few, 0), resident_kib(b, many, 0)};
    const double with_points[] = {resident_kib(b, few, IDLE_POINTS), resident_kib(b, many, IDLE_POINTS)};
    double session = stats_slope(x, bare, 2), full = stats_slope(x, with_points, 2);
    struct record *r = report_add(&b->report, "memory");
    record_put(r, "session_octets", session * 1024);
    record_put(r, "point_octets", (full - session) * 1024 / IDLE_POINTS);
}

bool scenario_idle(struct bench *b)
{
    uint32_t many = bench_most_stations(b), few = many < FEW_PART ? 1 : many / FEW_PART;
    bool ok = measure_idle(b, few, 0, 0, "idle") && measure_idle(b, many, 0, 0, "idle") &&
              measure_idle(b, few, IDLE_POINTS, 0, "idle") &&
              measure_idle(b, many, IDLE_POINTS, QUIET_S, "idle");
    if (!ok)
        return false;
    put_slopes(b, few, many);
    return true;
}

bool scenario_small(struct bench *b)
{
    return measure_idle(b, SMALL_STATIONS, SMALL_POINTS, 0, "small");
}

/* How far the samples lie from their line, from the lowest to the highest: what counts as noise. */
static double spread(const double *x, const double *y, size_t len, double slope)
{
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < len; i++) {
        least = fmin(least, y[i] - slope * x[i]);
        most = fmax(most, y[i] - slope * x[i]);
    }
    return most - least;
}

static void sample_growth(struct rig *rig)
{
    double x[GROWTH_SAMPLES], y[GROWTH_SAMPLES];
    for (size_t i = 0; i < GROWTH_SAMPLES; i++) {
        process_sleep_s(GROWTH_SAMPLE_S);
        x[i] = (double)(i + 1) * GROWTH_SAMPLE_S / 60;
        y[i] = process_memory(rig->fepd.pid).resident_kib;
    }
    double slope = stats_slope(x, y, GROWTH_SAMPLES);
    struct record *r = report_add(&rig->bench->report, "growth");
    record_put(r, "minutes", x[GROWTH_SAMPLES - 1]);
    record_put(r, "first_kib", y[0]);
    record_put(r, "last_kib", y[GROWTH_SAMPLES - 1]);
    record_put(r, "slope_kib_min", slope);
    record_put(r, "grown_kib", slope * x[GROWTH_SAMPLES - 1]);
    record_put(r, "noise_kib", spread(x, y, GROWTH_SAMPLES, slope));
}

bool scenario_growth(struct bench *b)
{
    const struct rig_spec spec = {.stations = GROWTH_STATIONS,
                                  .workers = 1,
                                  .points = 1,
                                  .values = {.of = {1}, .len = 1},
                                  .fep = "  retention_age: 60s\n"};
    struct rig rig;
    bool ok = rig_start(&rig, b, &spec);
    if (ok) {
        load_order(&rig.load, &(struct load_order){.sending = true, .rate = GROWTH_RATE});
        process_sleep_s(GROWTH_WARM_UP_S);
        sample_growth(&rig);
    }
    rig_stop(&rig);
    return ok;
}
