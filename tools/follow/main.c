// SPDX-License-Identifier: Apache-2.0
/* fepfollow: what fepd publishes, line by line, or one line about how it is. */
#include "tools/follow/follow.h"

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sysexits.h>
#include <unistd.h>

enum { EVERY_LIVE_S = 1, EVERY_S = 5, EVERY_MAX_S = 86400 };

struct arguments {
    const char *url, *after, *station, *type, *out, *every;
    bool status, once;
};

static int usage(FILE *to, int status)
{
    fputs(
        "usage: fepfollow [--url URL] [--after CURSOR] [--station NAME] [--type TYPE] [--out FILE]\n"
        "       fepfollow --status [--url URL] [--every SECONDS | --once]\n"
        "\n"
        "Writes each event and hole that fepd publishes, a JSON object a line. Where the connection ends it\n"
        "comes back with the cursor of the last one, so that none is lost or written twice. Gaps go to\n"
        "stderr. With --status: one line about stations, events and delays. Both until SIGINT or SIGTERM.\n"
        "\n"
        "  --url URL        default http://127.0.0.1:8080\n"
        "  --after CURSOR   begin behind this event; default: with the oldest\n"
        "  --station NAME, --type TYPE\n"
        "                   only such events\n"
        "  --out FILE       written anew; default: stdout\n"
        "  --status         the line, on a terminal always the same one\n"
        "  --every SECONDS  between lines; default 1 on a terminal, else 5\n"
        "  --once           one line; exit status 69 where fepd does not answer\n"
        "  --version, --help\n"
        "\n"
        "Exit status: 0 after a signal, 64 wrong usage, 69 no answer, 73, 74 FILE can't be written, 76 the\n"
        "server refuses.\n",
        to);
    return status;
}

/* The options with an argument, in the order of the places in the struct that they fill. */
static int read_arguments(int argc, char **argv, struct arguments *a)
{
    static const struct option options[] = {{"url", required_argument, NULL, 0},
                                            {"after", required_argument, NULL, 1},
                                            {"station", required_argument, NULL, 2},
                                            {"type", required_argument, NULL, 3},
                                            {"out", required_argument, NULL, 4},
                                            {"every", required_argument, NULL, 5},
                                            {"status", no_argument, NULL, 's'},
                                            {"once", no_argument, NULL, 'o'},
                                            {"version", no_argument, NULL, 'V'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    const char **places[] = {&a->url, &a->after, &a->station, &a->type, &a->out, &a->every};
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        if (c == 'V') {
            puts("fepfollow " FEP_VERSION);
            exit(EX_OK);
        }
        if (c == 'h')
            exit(usage(stdout, EX_OK));
        if (c == '?')
            return usage(stderr, EX_USAGE);
        if (c == 's')
            a->status = true;
        else if (c == 'o')
            a->once = true;
        else
            *places[c] = optarg;
    }
    return optind == argc && (a->status || !(a->once || a->every)) ? EX_OK : usage(stderr, EX_USAGE);
}

/* Readable once SIGINT or SIGTERM has come. */
static int open_signals(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0)
        return -1;
    return signalfd(-1, &set, SFD_CLOEXEC);
}

static int run_status(const struct arguments *a, struct status_options *o)
{
    o->once = a->once;
    o->every_s = isatty(STDOUT_FILENO) ? EVERY_LIVE_S : EVERY_S;
    if (a->every) {
        char *end;
        unsigned long every_s = strtoul(a->every, &end, 10);
        if (end == a->every || *end || every_s < 1 || every_s > EVERY_MAX_S)
            return usage(stderr, EX_USAGE);
        o->every_s = (unsigned)every_s;
    }
    return status_run(o);
}

static int run_follow(const struct arguments *a, struct follow_options *o)
{
    memcpy(o->path, "/v1/stream", sizeof "/v1/stream");
    if ((a->station && !http_query(o->path, sizeof o->path, "station", a->station)) ||
        (a->type && !http_query(o->path, sizeof o->path, "type", a->type)) ||
        (a->after && strlen(a->after) >= sizeof o->cursor))
        return usage(stderr, EX_USAGE);
    if (a->after)
        memcpy(o->cursor, a->after, strlen(a->after) + 1);
    o->out = a->out ? fopen(a->out, "we") : stdout;
    if (!o->out) {
        fprintf(stderr, "fepfollow: %s: %s\n", a->out, strerror(errno));
        return EX_CANTCREAT;
    }
    int status = follow_run(o);
    if (fclose(o->out) != 0 && status == EX_OK)
        status = EX_IOERR;
    return status;
}

int main(int argc, char **argv)
{
    struct arguments a = {.url = "http://127.0.0.1:8080"};
    struct http_server server;
    int status = read_arguments(argc, argv, &a);
    if (status != EX_OK)
        return status;
    if (!http_server_parse(&server, a.url)) {
        fprintf(stderr, "fepfollow: '%s' is not an address like http://127.0.0.1:8080\n", a.url);
        return EX_USAGE;
    }
    int signals = open_signals();
    if (signals < 0) {
        fprintf(stderr, "fepfollow: %s\n", strerror(errno));
        return EX_OSERR;
    }
    signal(SIGPIPE, SIG_IGN);
    status = a.status ? run_status(&a, &(struct status_options){.server = server, .signals = signals})
                      : run_follow(&a, &(struct follow_options){.server = server, .signals = signals});
    close(signals);
    return status;
}
