// SPDX-License-Identifier: Apache-2.0
/*
 * hostile_beside: what 200 healthy stations notice of hostile ones beside them. One fepd serves both; windows
 * with and without the attackers follow each other in pairs, and the delay from an unsolicited response sent
 * to its confirm read is compared, as the healthy stations see it.
 *
 *     hostile_beside --fepd FEPD --peer HOSTILE_PEER [--pairs N] [--seconds S] [--rate R] [--limit X]
 *
 * Prints a table in Markdown. Exit status: 0 where the median of the pairs' p99 ratios is at most X (default
 * 1.25) and fepd's memory has not grown by more than 16 MiB from the first pair to the last, else 1; 69 where
 * it could not be measured.
 */
#include "tools/fepbench/fepd.h"
#include "tools/fepbench/load.h"
#include "tools/fepbench/process.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEALTHY = 200, ATTACKERS = 2, PAIRS_MAX = 31, PORT_BASE = 19000, GROWTH_KIB = 16384, PATH = 512 };

struct window {
    double p50_us;
    double p99_us;
    double messages_per_s;
    double resident_kib;
};

struct beside {
    const char *fepd_path;
    const char *peer_path;
    unsigned pairs;
    double seconds;
    double rate;
    double limit;
    char folder[PATH];
    uint16_t port; /* of the attackers */
    struct load load;
    struct fepd fepd;
    pid_t attackers[ATTACKERS];
    struct window windows[PAIRS_MAX][2]; /* [1]: attacked */
};

static bool write_list(const struct beside *b, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return false;
    fputs(
        "templates:\n"
        "  - {name: healthy, session: {reconnect_max: 1s}}\n"
        "  - name: hostile\n"
        "    session: {response_timeout: 50ms, confirm_timeout: 100ms, reconnect_min: 10ms, reconnect_max: "
        "100ms,\n"
        "              task_retry_min: 10ms, task_retry_max: 20ms, offline_poll: 100ms,\n"
        "              polls: [{classes: [0, 1, 2, 3], period: 500ms}, {classes: [1, 2, 3], period: 20ms}]}\n"
        "stations:\n",
        f);
    for (uint32_t i = 0; i < HEALTHY; i++) {
        uint32_t a = LOAD_FIRST_ADDRESS + i;
        fprintf(
            f, "  - {name: S%03u, host: %u.%u.%u.%u, port: %u, outstation_address: %d, master_address: %d,",
            i, a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255, b->load.port, FRAMES_OUTSTATION, FRAMES_MASTER);
        fputs(" template: healthy}\n", f);
    }
    for (unsigned i = 0; i < ATTACKERS; i++)
        fprintf(f,
                "  - {name: H%u, host: 127.0.9.%u, port: %u, outstation_address: 10, master_address: 1,"
                " template: hostile}\n",
                i, i + 1, b->port);
    return fclose(f) == 0;
}

static bool begin(struct beside *b)
{
    char list[PATH + 32];
    const struct load_spec load = {
        .stations = HEALTHY, .points = 1, .set = {{.values = 1, .kind = FRAMES_FLOAT}}};
    const struct fepd_spec spec = {
        .program = b->fepd_path, .folder = b->folder, .workers = 2, .fep = "", .include = "list.yaml"};
    snprintf(b->folder, sizeof b->folder, "/var/tmp/hostile_beside.XXXXXX");
    if (!mkdtemp(b->folder) || !load_start(&b->load, &load))
        return false;
    b->port = (uint16_t)(PORT_BASE + getpid() % 900);
    snprintf(list, sizeof list, "%s/list.yaml", b->folder);
    if (!write_list(b, list) || !fepd_start(&b->fepd, &spec))
        return false;
    for (int tries = 0; load_count(&b->load, LOAD_READY) < HEALTHY; tries++) {
        if (tries > 600)
            return false;
        process_sleep_s(0.1);
    }
    return true;
}

static bool end(struct beside *b)
{
    char list[PATH + 32];
    bool ended = b->fepd.pid > 0 && fepd_stop(&b->fepd);
    snprintf(list, sizeof list, "%s/list.yaml", b->folder);
    load_stop(&b->load);
    unlink(list);
    rmdir(b->folder);
    return ended;
}

static bool attack(struct beside *b, unsigned pair)
{
    for (unsigned i = 0; i < ATTACKERS; i++) {
        char address[64], seed[16], seconds[16], log[PATH + 32];
        snprintf(address, sizeof address, "127.0.9.%u:%u", i + 1, b->port);
        snprintf(seed, sizeof seed, "%u", pair * ATTACKERS + i + 1);
        snprintf(seconds, sizeof seconds, "%.0f", b->seconds + 2);
        snprintf(log, sizeof log, "%s/attacker-%u.log", b->folder, i);
        char *argv[] = {
            (char *)b->peer_path, "--outstation", address, "--local", "10", "--remote", "1", "--seed", seed,
            "--seconds",          seconds,        NULL};
        b->attackers[i] = process_start(argv, log);
        /* Elsewhere they would have a processor of their own: they take what is left over. */
        if (b->attackers[i] > 0)
            (void)setpriority(PRIO_PROCESS, (id_t)b->attackers[i], 19);
    }
    return b->attackers[0] > 0;
}

/* They end by themselves; false where one was not served to its end. */
static bool await_attackers(struct beside *b)
{
    bool served = true;
    for (unsigned i = 0; i < ATTACKERS; i++) {
        char log[PATH + 32];
        int status = 0;
        waitpid(b->attackers[i], &status, 0);
        served = served && WIFEXITED(status) && WEXITSTATUS(status) == 0;
        snprintf(log, sizeof log, "%s/attacker-%u.log", b->folder, i);
        if (served)
            unlink(log);
    }
    return served;
}

static bool measure(struct beside *b, unsigned pair, bool attacked)
{
    struct histogram before, answers;
    struct window *w = &b->windows[pair][attacked];
    if (attacked && !attack(b, pair))
        return false;
    load_order(&b->load, &(struct load_order){.sending = true, .rate = b->rate});
    process_sleep_s(1);
    histogram_between(&before, NULL, load_answers(&b->load));
    uint64_t confirmed = load_count(&b->load, LOAD_CONFIRMED);
    process_sleep_s(b->seconds);
    histogram_between(&answers, &before, load_answers(&b->load));
    w->messages_per_s = (double)(load_count(&b->load, LOAD_CONFIRMED) - confirmed) / b->seconds;
    w->p50_us = histogram_us(&answers, 0.5);
    w->p99_us = histogram_us(&answers, 0.99);
    w->resident_kib = process_memory(b->fepd.pid).resident_kib;
    load_order(&b->load, &(struct load_order){0});
    if (attacked && !await_attackers(b)) {
        fprintf(stderr, "hostile_beside: an attacker was not served to its end\n");
        return false;
    }
    return load_count(&b->load, LOAD_WRONG) + load_count(&b->load, LOAD_BAD_CRC) == 0;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* True where the limits are kept. */
static bool report(const struct beside *b)
{
    double ratios[PAIRS_MAX], first_kib = b->windows[0][1].resident_kib;
    double last_kib = b->windows[b->pairs - 1][1].resident_kib;
    printf("| pair | p50 alone, µs | attacked | p99 alone, µs | attacked | ratio | messages/s | attacked | "
           "RSS, KiB |\n"
           "|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for (unsigned i = 0; i < b->pairs; i++) {
        const struct window *quiet = &b->windows[i][0], *loud = &b->windows[i][1];
        ratios[i] = loud->p99_us / quiet->p99_us;
        printf("| %u | %.0f | %.0f | %.0f | %.0f | %.3f | %.0f | %.0f | %.0f |\n", i + 1, quiet->p50_us,
               loud->p50_us, quiet->p99_us, loud->p99_us, ratios[i], quiet->messages_per_s,
               loud->messages_per_s, loud->resident_kib);
    }
    qsort(ratios, b->pairs, sizeof *ratios, compare);
    double median = ratios[b->pairs / 2];
    printf("\nmedian ratio of p99: %.3f (at most %.2f); memory from the first pair to the last: %+.0f KiB\n",
           median, b->limit, last_kib - first_kib);
    return median <= b->limit && last_kib - first_kib < GROWTH_KIB;
}

static bool take_options(struct beside *b, int argc, char **argv)
{
    static const struct option options[] = {
        {"fepd", required_argument, NULL, 'f'},
        {"peer", required_argument, NULL, 'p'},
        {"pairs", required_argument, NULL, 'n'},
        {"rate", required_argument, NULL, 'r'},
        {"seconds", required_argument, NULL, 's'},
        {"limit", required_argument, NULL, 'l'},
        {0},
    };
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'f')
            b->fepd_path = optarg;
        else if (o == 'p')
            b->peer_path = optarg;
        else if (o == 'n')
            b->pairs = (unsigned)strtoul(optarg, NULL, 10);
        else if (o == 'r')
            b->rate = strtod(optarg, NULL);
        else if (o == 's')
            b->seconds = strtod(optarg, NULL);
        else if (o == 'l')
            b->limit = strtod(optarg, NULL);
        else
            return false;
    }
    return b->fepd_path && b->peer_path && b->pairs >= 1 && b->pairs <= PAIRS_MAX && b->seconds >= 1;
}

int main(int argc, char **argv)
{
    static struct beside b = {.pairs = 5, .seconds = 10, .rate = 2000, .limit = 1.25};
    if (!take_options(&b, argc, argv)) {
        fprintf(stderr,
                "usage: hostile_beside --fepd FEPD --peer HOSTILE_PEER [--pairs N] [--seconds S] [--rate R] "
                "[--limit X]\n");
        return 64;
    }
    bool measured = begin(&b);
    /* Which comes first changes from pair to pair: what else the machine does drifts. */
    for (unsigned i = 0; measured && i < b.pairs; i++)
        measured = measure(&b, i, i % 2) && measure(&b, i, !(i % 2));
    bool kept = measured && report(&b);
    if (!end(&b) || !measured) {
        fprintf(stderr, "hostile_beside: could not be measured\n");
        return 69;
    }
    return kept ? 0 : 1;
}
