// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/bench.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { START_UP_S = 180, QUIET_S = 30, SESSION_MAX = 512, FEP_MAX = 512 };

/* All that is read at each end of a window. */
struct moment {
    uint64_t ns;
    struct process_cpu fepd, load;
    struct process_threads threads;
    struct scrape scrape;
    uint64_t counts[LOAD_COUNTS];
    struct histogram answers;
};

static bool moment_take(struct rig *rig, struct moment *m)
{
    if (!scrape_get(rig->fepd.port, &m->scrape))
        return bench_fail(rig->bench, "fepd does not answer");
    m->ns = process_now_ns();
    m->fepd = process_cpu(rig->fepd.pid);
    m->load = process_cpu(rig->load.pid);
    process_threads(rig->fepd.pid, &m->threads);
    for (int i = 0; i < LOAD_COUNTS; i++)
        m->counts[i] = load_count(&rig->load, (enum load_count)i);
    histogram_between(&m->answers, NULL, load_answers(&rig->load));
    return true;
}

/* The busiest thread whose name begins so, in per cent of a core. */
static double busiest_pct(const struct moment *before, const struct moment *after, const char *name)
{
    double most_s = 0, seconds = (double)(after->ns - before->ns) * 1e-9;
    for (size_t i = 0; i < after->threads.len; i++) {
        double cpu_s = after->threads.of[i].cpu_s;
        if (strncmp(after->threads.of[i].name, name, strlen(name)) != 0)
            continue;
        for (size_t k = 0; k < before->threads.len; k++)
            if (before->threads.of[k].id == after->threads.of[i].id)
                cpu_s -= before->threads.of[k].cpu_s;
        most_s = cpu_s > most_s ? cpu_s : most_s;
    }
    return most_s / seconds * 100;
}

static double counted(const struct moment *before, const struct moment *after, enum load_count count)
{
    return (double)(after->counts[count] - before->counts[count]);
}

static void figures_between(const struct moment *a, struct moment *b, double values, struct figures *f)
{
    double seconds = (double)(b->ns - a->ns) * 1e-9, messages = counted(a, b, LOAD_CONFIRMED);
    double user_s = b->fepd.user_s - a->fepd.user_s, system_s = b->fepd.system_s - a->fepd.system_s;
    double load_s = b->load.user_s + b->load.system_s - a->load.user_s - a->load.system_s;
    double commits = b->scrape.commits - a->scrape.commits;
    double calls = b->scrape.reads + b->scrape.writes - a->scrape.reads - a->scrape.writes + commits;
    histogram_between(&b->answers, &a->answers, &b->answers);
    *f = (struct figures){
        .messages_per_s = messages / seconds,
        .values_per_s = messages * values / seconds,
        .octets_per_s = counted(a, b, LOAD_SENT_OCTETS) / seconds,
        .cpu_us = (user_s + system_s) * 1e6 / messages,
        .user_us = user_s * 1e6 / messages,
        .system_us = system_s * 1e6 / messages,
        .p50_us = cumulative_us(&a->scrape.delay, &b->scrape.delay, 0.5),
        .p99_us = cumulative_us(&a->scrape.delay, &b->scrape.delay, 0.99),
        .p999_us = cumulative_us(&a->scrape.delay, &b->scrape.delay, 0.999),
        .answer_p50_us = histogram_us(&b->answers, 0.5),
        .answer_p99_us = histogram_us(&b->answers, 0.99),
        .messages_per_commit = messages / commits,
        .calls_per_message = calls / messages,
        .load_cpu_us = load_s * 1e6 / messages,
        .worker_pct = busiest_pct(a, b, "worker"),
        .committer_pct = busiest_pct(a, b, "committer"),
        .publisher_pct = busiest_pct(a, b, "publisher"),
        .fepd_cpu_pct = (user_s + system_s) / seconds * 100,
    };
}

/* What no window may hold, whatever it measures. */
static bool is_valid(struct rig *rig, const struct moment *before, const struct moment *after)
{
    double wrong = counted(before, after, LOAD_WRONG), bad = counted(before, after, LOAD_BAD_CRC);
    double defects = after->scrape.defects - before->scrape.defects;
    double failed = after->scrape.failed_commits - before->scrape.failed_commits;
    if (wrong + bad + defects + failed > 0)
        return bench_fail(rig->bench,
                          "%.0f wrong confirms, %.0f damaged frames, %.0f fragments that fepd could not "
                          "read, %.0f failed commits",
                          wrong, bad, defects, failed);
    double repeated = counted(before, after, LOAD_REPEATED);
    if (repeated > 0)
        bench_say("  %.0f responses were repeated after 5 s without a confirm", repeated);
    return true;
}

static bool await_quiet(struct rig *rig)
{
    load_order(&rig->load, &(struct load_order){0});
    for (double waited_s = 0; waited_s < QUIET_S; waited_s += 0.01) {
        if (load_count(&rig->load, LOAD_SENT) == load_count(&rig->load, LOAD_CONFIRMED))
            return true;
        process_sleep_s(0.01);
    }
    return bench_fail(rig->bench, "responses stay unconfirmed");
}

bool rig_measure(struct rig *rig, const struct load_order *order, double seconds, struct figures *figures)
{
    struct moment before, after;
    load_order(&rig->load, order);
    process_sleep_s(1);
    if (!moment_take(rig, &before))
        return false;
    process_sleep_s(seconds);
    if (!moment_take(rig, &after) || !await_quiet(rig) || !is_valid(rig, &before, &after))
        return false;
    uint32_t values = order->set < rig->spec.values.len ? rig->spec.values.of[order->set] : 0;
    figures_between(&before, &after, values, figures);
    figures->resident_kib = process_memory(rig->fepd.pid).resident_kib;
    return true;
}

static bool await_full(struct rig *rig)
{
    struct scrape scrape = {0};
    uint32_t stations = rig->spec.stations;
    for (double waited_s = 0; waited_s < START_UP_S && process_alive(rig->fepd.pid); waited_s += 0.01) {
        if (load_count(&rig->load, LOAD_READY) == stations && scrape_get(rig->fepd.port, &scrape) &&
            scrape.online >= stations) {
            rig->full_s = (double)(process_now_ns() - rig->fepd.started_ns) * 1e-9;
            return true;
        }
        process_sleep_s(0.01);
    }
    return bench_fail(rig->bench, "only %lu of %u stations came on line",
                      (unsigned long)load_count(&rig->load, LOAD_READY), stations);
}

static bool start_load(struct rig *rig)
{
    struct load_spec load = {
        .stations = rig->spec.stations, .points = rig->spec.points, .event_poll_ms = rig->spec.event_poll_ms};
    for (size_t i = 0; i < rig->spec.values.len && i < LOAD_SETS_MAX; i++) {
        load.set[i].values = rig->spec.values.of[i];
        load.set[i].kind = rig->bench->mixed ? FRAMES_MIXED : FRAMES_FLOAT;
    }
    return rig->load_runs = load_start(&rig->load, &load);
}

/* Two rigs may run side by side. */
static bool make_folder(struct rig *rig)
{
    int len = snprintf(rig->folder, sizeof rig->folder, "%s/%u", rig->bench->folder, rig->load.port);
    return len < (int)sizeof rig->folder && mkdir(rig->folder, 0700) == 0;
}

bool rig_start(struct rig *rig, struct bench *b, const struct rig_spec *spec)
{
    char session[SESSION_MAX], polls[64] = "", fep[FEP_MAX];
    *rig = (struct rig){.bench = b, .spec = *spec};
    if (!start_load(rig))
        return bench_fail(b, "no load");
    if (!make_folder(rig))
        return bench_fail(b, "no folder %s: %s", rig->folder, strerror(errno));
    if (spec->event_poll_ms)
        snprintf(polls, sizeof polls, "polls: [{classes: [1, 2, 3], period: %ums}], ", spec->event_poll_ms);
    snprintf(session, sizeof session, "%s%s", polls, spec->session ? spec->session : "");
    snprintf(fep, sizeof fep,
             "  connects_per_s: %d\n"
             "  commit_interval: %dms\n%s",
             BENCH_CONNECTS_PER_S, BENCH_COMMIT_INTERVAL_MS, spec->fep ? spec->fep : "");
    struct fepd_spec fepd = {.program = b->fepd,
                             .folder = rig->folder,
                             .workers = spec->workers,
                             .fep = fep,
                             .session = session,
                             .stations = spec->stations,
                             .analogs = spec->points,
                             .binaries = b->mixed ? spec->points : 0,
                             .port = rig->load.port};
    if (!fepd_start(&rig->fepd, &fepd))
        return bench_fail(b, "no fepd");
    rig->fepd_runs = true;
    rig->ready_s = (double)(process_now_ns() - rig->fepd.started_ns) * 1e-9;
    return await_full(rig);
}

void rig_stop(struct rig *rig)
{
    if (rig->fepd_runs && !fepd_stop(&rig->fepd))
        bench_fail(rig->bench, "fepd did not end as it should");
    if (rig->load_runs)
        load_stop(&rig->load);
    rig->fepd_runs = rig->load_runs = false;
    (void)rmdir(rig->folder); /* stays where something failed and left its log */
}
