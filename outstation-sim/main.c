// SPDX-License-Identifier: Apache-2.0
/* outstation-sim: thousands of outstations in one process; see options.c for its use. */
#include "fep/io/clock.h"
#include "outstation-sim/fleet.h"
#include "outstation-sim/options.h"
#include "outstation-sim/station_list.h"
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

enum { SPARE_DESCRIPTORS = 32, PROGRESS_MS = 1000 };

struct run {
    const struct options *options;
    struct fleet *fleet;
    int64_t progress_ms; /* when the next line is due; NEVER_MS without a terminal */
    uint64_t generated;  /* at the last line */
    bool stop;
    bool write_now;
    bool quiet;
};

static void signalled(int number, void *context)
{
    struct run *run = context;
    run->stop = run->stop || number == SIGINT || number == SIGTERM;
    run->write_now = run->write_now || number == SIGUSR1;
    run->quiet = run->quiet || number == SIGUSR2;
}

static void print_progress(struct run *run, int64_t now_ms)
{
    struct fleet_counts c = fleet_count(run->fleet);
    uint64_t generated = 0;
    for (int state = LEDGER_BUFFERED; state < LEDGER_STATES; state++)
        generated += c.events[state];
    fprintf(stderr, "\r%u of %u connected, %llu events (%llu/s), %llu confirmed, %llu waiting, %llu dropped ",
            c.online, c.stations, (unsigned long long)generated,
            (unsigned long long)(generated - run->generated) * 1000 / PROGRESS_MS,
            (unsigned long long)c.events[LEDGER_CONFIRMED], (unsigned long long)c.events[LEDGER_BUFFERED],
            (unsigned long long)(c.events[LEDGER_DROPPED_OVERFLOW] + c.events[LEDGER_DROPPED_RESTART]));
    run->generated = generated;
    run->progress_ms = now_ms + PROGRESS_MS;
}

static bool file_failed(const char *path)
{
    fprintf(stderr, "outstation-sim: %s: %s\n", path, strerror(errno));
    return false;
}

static bool write_ledger(struct run *run)
{
    const char *path = run->options->ledger;
    return !path || fleet_write_ledger(run->fleet, path) || file_failed(path);
}

static void serve(struct run *run)
{
    int64_t now_ms = clock_now_ms();
    int64_t end_ms = run->options->seconds ? now_ms + (int64_t)run->options->seconds * 1000 : INT64_MAX;
    run->progress_ms = isatty(STDERR_FILENO) ? now_ms : INT64_MAX;
    while (!run->stop && now_ms < end_ms) {
        fleet_turn(run->fleet, PROGRESS_MS / 4);
        now_ms = clock_now_ms();
        if (run->quiet)
            fleet_quiet(run->fleet);
        if (run->write_now)
            write_ledger(run);
        run->quiet = run->write_now = false;
        if (now_ms >= run->progress_ms)
            print_progress(run, now_ms);
    }
    if (run->progress_ms != INT64_MAX)
        putc('\n', stderr);
}

/* Programs that start this one wait for the line. */
static void print_ready(const struct scenario *s)
{
    printf("outstation-sim: %u stations from %s, port %u, %.6g events/s: ready\n", s->stations,
           s->first_address, s->port, s->rate);
    fflush(stdout);
}

static int run_in_loop(const struct options *options, const struct scenario *s, struct loop *loop)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGUSR1, SIGUSR2};
    struct loop_signals watched = {0};
    struct run run = {.options = options};
    if (!loop_signals_start(loop, &watched, signals, sizeof(signals) / sizeof(signals[0]), signalled, &run))
        return EX_OSERR;
    run.fleet = fleet_open(s, loop);
    int status = EX_OSERR;
    if (run.fleet) {
        print_ready(s);
        serve(&run);
        status = write_ledger(&run) ? EX_OK : EX_IOERR;
        fleet_close(run.fleet);
    } else {
        fprintf(stderr, "outstation-sim: port %u: %s\n", s->port, strerror(errno));
    }
    loop_signals_stop(&watched);
    return status;
}

static bool have_descriptors(const struct scenario *s)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit))
        return false;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    uint64_t needed = (uint64_t)s->stations + s->ports + SPARE_DESCRIPTORS;
    if (needed <= limit.rlim_cur)
        return true;
    fprintf(stderr, "outstation-sim: %llu descriptors are needed and %llu allowed (ulimit -n)\n",
            (unsigned long long)needed, (unsigned long long)limit.rlim_cur);
    return false;
}

static int run_scenario(const struct options *options, const struct scenario *s)
{
    if (!have_descriptors(s))
        return EX_OSERR;
    if (options->ledger && !fleet_may_write_ledger(options->ledger) && !file_failed(options->ledger))
        return EX_IOERR;
    struct loop *loop = loop_open();
    if (!loop) {
        fprintf(stderr, "outstation-sim: %s\n", strerror(errno));
        return EX_OSERR;
    }
    int status = run_in_loop(options, s, loop);
    loop_close(loop);
    return status;
}

static int write_config(const char *path, const struct scenario *s)
{
    FILE *to = fopen(path, "we");
    bool good = to != NULL;
    if (to) {
        station_list_print(s, to);
        good = !ferror(to);
        good = fclose(to) == 0 && good;
    }
    return good || file_failed(path) ? EX_OK : EX_IOERR;
}

static bool load_scenario(const struct options *options, struct scenario *s)
{
    struct config_errors errors = {0};
    bool good = scenario_load(s, options->scenario, &errors);
    config_errors_print(&errors, stderr);
    config_errors_free(&errors);
    if (!good)
        return false;
    if (options->seed_given)
        s->seed = options->seed;
    if (options->port)
        s->port = options->port;
    if (s->port + s->ports <= 65536 && scenario_scale(s, options->stations, options->rate))
        return true;
    fputs("outstation-sim: so many stations and ports do not fit into 127.0.0.0/8 from there\n", stderr);
    scenario_free(s);
    return false;
}

int main(int argc, char **argv)
{
    struct options options;
    enum options_result result = options_parse(&options, argc, argv, stdout, stderr);
    if (result != OPTIONS_RUN)
        return result == OPTIONS_DONE ? EX_OK : EX_USAGE;
    struct scenario scenario;
    if (!load_scenario(&options, &scenario))
        return EX_CONFIG;
    int status = options.write_config ? write_config(options.write_config, &scenario)
                                      : run_scenario(&options, &scenario);
    scenario_free(&scenario);
    return status;
}
