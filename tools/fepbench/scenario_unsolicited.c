// SPDX-License-Identifier: Apache-2.0
/* Confirmed unsolicited responses: as fast as they go, at a common rate, at half the maximum, in full
 * fragments. */
#include "tools/fepbench/scenarios.h"

enum {
    FLAT_FEW = 200,
    FAT_STATIONS = 10,
    FAT_RATE = 2000, /* 200 a second of each */
    HALF_STATIONS = 4096,
    HALF_WINDOWS = 4 /* as long: several passes of checkpoints and retention */
};
static const double flat_rates[] = {5000, 20000};

static void put_floor(struct record *r, const struct floor_figures *f)
{
    record_put(r, "floor_msg_s", f->messages_per_s);
    record_put(r, "floor_cpu_us", f->cpu_us);
    record_put(r, "floor_p99_us", f->p99_us);
}

static void put_figures(struct record *r, const struct figures *f)
{
    record_put(r, "msg_s", f->messages_per_s);
    record_put(r, "values_s", f->values_per_s);
    record_put(r, "cpu_us", f->cpu_us);
    record_put(r, "user_us", f->user_us);
    record_put(r, "system_us", f->system_us);
    record_put(r, "p50_us", f->p50_us);
    record_put(r, "p99_us", f->p99_us);
    record_put(r, "p999_us", f->p999_us);
    record_put(r, "answer_p99_us", f->answer_p99_us);
    record_put(r, "msg_commit", f->messages_per_commit);
    record_put(r, "calls", f->calls_per_message);
    record_put(r, "worker_pct", f->worker_pct);
    record_put(r, "committer_pct", f->committer_pct);
    record_put(r, "load_us", f->load_cpu_us);
    record_put(r, "rss_mib", f->resident_kib / 1024);
}

static bool measure_set(struct rig *rig, unsigned set, double echo_cpu_us)
{
    struct bench *b = rig->bench;
    struct figures figures;
    struct floor_figures floor;
    const struct load_order order = {.sending = true, .set = set};
    if (!rig_measure_pairs(rig, &order, bench_pairs(b, 1), &figures, &floor))
        return false;
    struct record *r = report_add(&b->report, "unsolicited");
    record_put(r, "stations", rig->spec.stations);
    record_put(r, "workers", rig->spec.workers);
    record_put(r, "values", rig->spec.values.of[set]);
    put_figures(r, &figures);
    put_floor(r, &floor);
    record_put(r, "echo_cpu_us", echo_cpu_us);
    return true;
}

static bool measure_stations(struct bench *b, uint32_t stations, uint32_t workers)
{
    struct rig_spec spec = {.stations = stations, .workers = workers, .values = b->values};
    for (size_t i = 0; i < b->values.len; i++)
        spec.points = b->values.of[i] > spec.points ? b->values.of[i] : spec.points;
    struct rig rig = {.bench = b};
    const struct floor_spec echo_spec = {.connections = stations, .seconds = b->seconds};
    struct floor_figures echo;
    bool ok = bench_floor(b, &echo_spec, 1, &echo) && rig_start(&rig, b, &spec);
    for (unsigned set = 0; ok && set < b->values.len; set++) {
        bench_say("  %u stations, %u workers, %u values", stations, workers, b->values.of[set]);
        ok = measure_set(&rig, set, echo.cpu_us);
    }
    rig_stop(&rig);
    return ok;
}

bool scenario_unsolicited(struct bench *b)
{
    for (size_t w = 0; w < b->workers.len; w++)
        for (size_t s = 0; s < b->stations.len; s++)
            if (!measure_stations(b, b->stations.of[s], b->workers.of[w]))
                return false;
    return true;
}

/* One value a response, of as many points as there are values: what the goals are about. */
static const struct bench_list one_value = {.of = {1}, .len = 1};

static bool measure_flat(struct bench *b, uint32_t stations)
{
    const struct rig_spec spec = {.stations = stations, .workers = 1, .points = 1, .values = one_value};
    struct rig rig;
    bool ok = rig_start(&rig, b, &spec);
    for (size_t i = 0; ok && i < sizeof flat_rates / sizeof *flat_rates; i++) {
        struct figures figures;
        struct floor_figures floor;
        const struct load_order order = {.sending = true, .rate = flat_rates[i]};
        bench_say("  %u stations, %.0f messages/s", stations, order.rate);
        ok = rig_measure_pairs(&rig, &order, bench_pairs(b, 1), &figures, &floor);
        if (!ok)
            break;
        struct record *r = report_add(&b->report, "flat");
        record_put(r, "stations", stations);
        record_put(r, "rate", order.rate);
        put_figures(r, &figures);
        record_put(r, "cpu_ns_octet", figures.cpu_us * 1e3 * figures.messages_per_s / figures.octets_per_s);
        put_floor(r, &floor);
    }
    rig_stop(&rig);
    return ok;
}

bool scenario_flat(struct bench *b)
{
    uint32_t most = bench_most_stations(b);
    return measure_flat(b, most < FLAT_FEW ? most : FLAT_FEW) && (most <= FLAT_FEW || measure_flat(b, most));
}

/* worker_pct and committer_pct tell what limits where the rate is not reached: a thread near 100. */
bool scenario_fat(struct bench *b)
{
    const struct rig_spec spec = {.stations = FAT_STATIONS,
                                  .workers = 1,
                                  .points = FRAMES_FULL,
                                  .values = {.of = {FRAMES_FULL}, .len = 1}};
    const struct load_order order = {.sending = true, .rate = FAT_RATE};
    struct rig rig;
    struct figures figures;
    bool ok = rig_start(&rig, b, &spec) && rig_measure(&rig, &order, b->seconds, &figures);
    rig_stop(&rig);
    if (!ok)
        return false;
    struct record *r = report_add(&b->report, "fat");
    record_put(r, "stations", spec.stations);
    record_put(r, "rate", order.rate);
    put_figures(r, &figures);
    record_put(r, "octets_s", figures.octets_per_s);
    record_put(r, "cpu_ns_octet", figures.cpu_us * 1e3 * figures.messages_per_s / figures.octets_per_s);
    return true;
}

static bool measure_half(struct rig *rig)
{
    struct bench *b = rig->bench;
    struct figures most, figures;
    struct floor_figures floor;
    struct load_order order = {.sending = true};
    struct scrape before, after;
    if (!rig_measure(rig, &order, b->seconds, &most) || !scrape_get(rig->fepd.port, &before))
        return false;
    order.rate = most.messages_per_s / 2;
    const struct floor_spec spec = {.commit = true,
                                    .connections = rig->spec.stations,
                                    .seconds = b->seconds * HALF_WINDOWS,
                                    .rate = order.rate,
                                    .rows = 1,
                                    .interval_ms = BENCH_COMMIT_INTERVAL_MS,
                                    .folder = b->folder};
    if (!bench_floor(b, &spec, 1, &floor) || !rig_measure(rig, &order, b->seconds * HALF_WINDOWS, &figures) ||
        !scrape_get(rig->fepd.port, &after))
        return false;
    struct record *r = report_add(&b->report, "half");
    record_put(r, "stations", rig->spec.stations);
    record_put(r, "rate", order.rate);
    put_figures(r, &figures);
    record_put(r, "deleted_rows", after.deleted - before.deleted);
    put_floor(r, &floor);
    return true;
}

bool scenario_half(struct bench *b)
{
    uint32_t most = bench_most_stations(b);
    const struct rig_spec spec = {.stations = most < HALF_STATIONS ? most : HALF_STATIONS,
                                  .workers = 1,
                                  .points = 1,
                                  .values = one_value,
                                  .fep = "  retention_age: 2s\n"};
    struct rig rig;
    bool ok = rig_start(&rig, b, &spec) && measure_half(&rig);
    rig_stop(&rig);
    return ok;
}
