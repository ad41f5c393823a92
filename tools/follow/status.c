// SPDX-License-Identifier: Apache-2.0
/* One line about a running fepd, out of /metrics. */
#include "tools/follow/follow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

enum { PAGE_ROOM = 1 << 18, ANSWER_MS = 5000, BUCKETS_MAX = 128 };

enum wanted { STATIONS, ONLINE, ROWS, NEWEST, WAITING, HELD, FAILING, WANTED };

static const char *const names[WANTED] = {
    [STATIONS] = "fep_stations",       [ONLINE] = "fep_sessions_online",
    [ROWS] = "fep_journal_rows_total", [NEWEST] = "fep_journal_newest_sequence",

    [WAITING] = "fep_batches_waiting", [HELD] = "fep_confirms_held",
    [FAILING] = "fep_store_failing",
};

/* Sums over the workers. */
struct look {
    double values[WANTED];
    double upper_s[BUCKETS_MAX], counts[BUCKETS_MAX]; /* cumulative */
    size_t buckets;
    double at_s;
};

static double monotonic_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void take_line(struct look *look, const char *line)
{
    static const char bucket[] = "fep_confirm_delay_seconds_bucket{le=\"";
    const char *value = strrchr(line, ' ');
    if (!value || *line == '#')
        return;
    if (strncmp(line, bucket, sizeof bucket - 1) == 0 && look->buckets < BUCKETS_MAX) {
        look->upper_s[look->buckets] = strtod(line + sizeof bucket - 1, NULL);
        look->counts[look->buckets++] = strtod(value, NULL);
        return;
    }
    size_t len = strcspn(line, "{ ");
    for (int i = 0; i < WANTED; i++)
        if (strlen(names[i]) == len && strncmp(line, names[i], len) == 0)
            look->values[i] += strtod(value, NULL);
}

static size_t read_page(int fd, int signals, char *page)
{
    size_t len = 0;
    while (len < PAGE_ROOM - 1 && follow_wait(signals, fd, ANSWER_MS)) {
        ssize_t got = recv(fd, page + len, PAGE_ROOM - 1 - len, 0);
        if (got <= 0)
            break;
        len += (size_t)got;
    }
    page[len] = 0;
    return len;
}

static bool look_now(const struct status_options *o, struct look *look)
{
    *look = (struct look){.at_s = monotonic_s()};
    int fd = http_get(&o->server, "/metrics", "");
    char *page = fd < 0 ? NULL : malloc(PAGE_ROOM);
    int code = 0;
    bool good = page && read_page(fd, o->signals, page) && http_head(page, &code) > 0 && code == 200;
    char *rest = NULL;
    for (char *line = good ? strtok_r(page, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest))
        take_line(look, line);
    free(page);
    if (fd >= 0)
        close(fd);
    return good;
}

/* Within a bucket the delays are taken as evenly spread. */
static double quantile_ms(const struct look *look, double q)
{
    double total = look->buckets ? look->counts[look->buckets - 1] : 0, wanted = q * total;
    double below = 0, lower_s = 0;
    for (size_t i = 0; i < look->buckets; i++) {
        if (look->counts[i] >= wanted && look->counts[i] > below) {
            if (isinf(look->upper_s[i]))
                return lower_s * 1e3;
            double share = (wanted - below) / (look->counts[i] - below);
            return (lower_s + share * (look->upper_s[i] - lower_s)) * 1e3;
        }
        below = look->counts[i];
        lower_s = look->upper_s[i];
    }
    return 0;
}

static void print_line(const struct look *look, const struct look *before, bool live)
{
    double passed_s = look->at_s - before->at_s;
    double rows = look->values[ROWS] - before->values[ROWS];
    printf("%s%.0f of %.0f stations on line, %.0f rows stored, %.0f/s, receipt to confirm: median %.1f ms, "
           "p99 %.1f ms; waiting: %.0f batches, %.0f confirms%s%s",
           live ? "\r" : "", look->values[ONLINE], look->values[STATIONS], look->values[NEWEST],
           passed_s > 0 && rows > 0 ? rows / passed_s : 0, quantile_ms(look, 0.5), quantile_ms(look, 0.99),
           look->values[WAITING], look->values[HELD], look->values[FAILING] > 0 ? ", THE STORE FAILS" : "",
           live ? "  \x1b[K" : "\n");
    fflush(stdout);
}

int status_run(const struct status_options *o)
{
    struct status_options unhurried = *o;
    bool live = isatty(STDOUT_FILENO) && !o->once, stopped = o->once;
    struct look look, before;
    unhurried.signals = -1;
    bool good = look_now(o, &before);
    if (o->once && good)
        print_line(&before, &before, false);
    while (!stopped) {
        (void)follow_wait(o->signals, -1, (int)o->every_s * 1000);
        stopped = follow_stopped(o->signals);
        /* The line that stays is the last one. */
        good = look_now(stopped ? &unhurried : o, &look);
        if (good) {
            print_line(&look, &before, live);
            before = look;
        } else if (!live) {
            puts("no answer");
        }
    }
    if (live)
        putchar('\n');
    return o->once && !good ? EX_UNAVAILABLE : EX_OK;
}
