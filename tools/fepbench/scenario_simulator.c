// SPDX-License-Identifier: Apache-2.0
/* What outstation-sim costs: it must leave most of a machine to what it tests. */
#include "tools/fepbench/scenarios.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIM_STATIONS = 1000, SIM_RATE = 5000, SIM_PORT = 20400, START_S = 30, WARM_UP_S = 3, PATH = 512 };

struct sim {
    char scenario[PATH], list[PATH], log[PATH];
    char program[PATH], port[16];
    pid_t pid;
};

static bool write_scenario(const char *path, uint32_t stations)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return false;
    fprintf(f,
            "name: bench\n"
            "seed: 1\n"
            "first_address: 127.101.0.1\n"
            "port: %d\n"
            "rate: %d\n"
            "groups:\n"
            "  - name: all\n"
            "    stations: %u\n"
            "    unsolicited: identical\n"
            "    points:\n"
            "      - {type: binary_input, count: 4}\n"
            "      - {type: analog_input, count: 4}\n",
            SIM_PORT, SIM_RATE, stations);
    return fclose(f) == 0;
}

/* The same program writes the station list, and ends. */
static bool write_list(struct sim *s)
{
    char *argv[] = {s->program, "--scenario", s->scenario, "--write-config", s->list, NULL};
    int status;
    pid_t pid = process_start(argv, s->log);
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool sim_start(struct sim *s, const struct bench *b, uint32_t stations)
{
    snprintf(s->scenario, PATH, "%s/bench.yaml", b->folder);
    snprintf(s->list, PATH, "%s/stations.yaml", b->folder);
    snprintf(s->log, PATH, "%s/sim.log", b->folder);
    snprintf(s->program, PATH, "%s", b->simulator);
    if (!write_scenario(s->scenario, stations) || !write_list(s))
        return false;
    char *argv[] = {s->program, "--scenario", s->scenario, NULL};
    s->pid = process_start(argv, s->log);
    return s->pid > 0 && fepd_await_line(s->log, ": ready\n", s->pid, START_S);
}

static void sim_stop(struct sim *s)
{
    if (s->pid > 0)
        process_stop(s->pid, 10);
    unlink(s->scenario);
    unlink(s->list);
    unlink(s->log);
}

static bool measure(struct bench *b, const struct sim *s, const struct fepd *fepd, uint32_t stations)
{
    struct scrape before, after;
    process_sleep_s(WARM_UP_S);
    if (!scrape_get(fepd->port, &before))
        return false;
    struct process_cpu sim_before = process_cpu(s->pid), fepd_before = process_cpu(fepd->pid);
    process_sleep_s(b->seconds);
    struct process_cpu sim_after = process_cpu(s->pid), fepd_after = process_cpu(fepd->pid);
    if (!scrape_get(fepd->port, &after))
        return false;
    double messages = after.unsolicited - before.unsolicited;
    double sim_s = sim_after.user_s + sim_after.system_s - sim_before.user_s - sim_before.system_s;
    double fepd_s = fepd_after.user_s + fepd_after.system_s - fepd_before.user_s - fepd_before.system_s;
    struct record *r = report_add(&b->report, "simulator");
    record_put(r, "stations", stations);
    record_put(r, "online", after.online);
    record_put(r, "msg_s", messages / b->seconds);
    record_put(r, "events_s", (after.events - before.events) / b->seconds);
    record_put(r, "sim_us", sim_s * 1e6 / messages);
    record_put(r, "fepd_us", fepd_s * 1e6 / messages);
    return true;
}

bool scenario_simulator(struct bench *b)
{
    uint32_t most = bench_most_stations(b), stations = most < SIM_STATIONS ? most : SIM_STATIONS;
    struct sim sim = {.pid = 0};
    struct fepd fepd;
    const struct fepd_spec spec = {.program = b->fepd,
                                   .folder = b->folder,
                                   .workers = 1,
                                   .fep = "  connects_per_s: 5000\n",
                                   .include = "stations.yaml"};
    bool ok = sim_start(&sim, b, stations);
    if (ok && (ok = fepd_start(&fepd, &spec))) {
        ok = measure(b, &sim, &fepd, stations);
        ok = fepd_stop(&fepd) && ok;
    }
    sim_stop(&sim);
    return ok || bench_fail(b, "the simulator can't be measured");
}
