// SPDX-License-Identifier: Apache-2.0
/*
 * hostile_peer: everything that a peer can do wrong, over a live connection, one thing at a time, then by
 * chance. After each stimulus the other side must answer a link status request. Ends with a table in Markdown
 * of the rules, how often each was broken, and what was heard meanwhile.
 *
 *     hostile_peer --outstation|--master HOST:PORT [--local N] [--remote N] [--seed N] [--seconds S] [--all]
 *
 * Within S seconds: small families in full, then the large ones in turn and spread over their whole range,
 * and mutations for the last quarter. --all: the large ones in full, however long, and mutations for S
 * seconds. Exit status: 0 where it was served to the end, 1 where not (what was sent last is told), 64 wrong
 * use, 69 where there is nobody to attack.
 */
#include "mutate.h"
#include "peer.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { FAMILIES_MAX = 48, SMALL = 1500, TOLD_MAX = 400 };

struct progress {
    const struct family *family;
    uint32_t count;
    uint32_t done;
    uint32_t stride;    /* without a common divisor with count: every number comes once */
    struct tally tally; /* what came of it */
};

struct attack {
    struct peer peer;
    struct progress families[FAMILIES_MAX];
    size_t families_len;
    size_t link_families_len; /* the first ones */
    uint64_t random;
    struct progress mutations;
    uint32_t seconds;
    uint32_t seed;
    bool all;
    uint8_t wire[WIRE_ROOM];
    size_t wire_len;
};

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    return b ? common_divisor(b, a % b) : a;
}

static void add_families(struct attack *a, const struct family *f)
{
    for (; f->name; f++) {
        struct progress *p = &a->families[a->families_len++];
        *p = (struct progress){.family = f, .count = f->count(), .stride = 1};
        p->stride = p->count * 0.618 > 1 ? (uint32_t)(p->count * 0.618) : 1;
        while (common_divisor(p->stride, p->count) != 1)
            p->stride++;
    }
}

static void tell(const struct attack *a, const struct family *f, uint32_t number, const char *what)
{
    fprintf(stderr, "hostile_peer: %s after %s, %s, %" PRIu32 ", %zu octets:", what, f->rule, f->name, number,
            a->wire_len);
    for (size_t n = 0; n < a->wire_len && n < TOLD_MAX; n++)
        fprintf(stderr, " %02X", a->wire[n]);
    fputc('\n', stderr);
}

static void tally_since(struct tally *sum, const struct tally *before, const struct tally *now)
{
    sum->connections += now->connections - before->connections;
    sum->frames += now->frames - before->frames;
    sum->requests += now->requests - before->requests;
    sum->responses += now->responses - before->responses;
    sum->refusals += now->refusals - before->refusals;
    sum->confirms += now->confirms - before->confirms;
    sum->checks += now->checks - before->checks;
    sum->flushed += now->flushed - before->flushed;
    sum->octets += now->octets - before->octets;
}

/* One stimulus of a family, and the question whether the link still answers. */
static bool attack_once(struct attack *a, const struct family *f, uint32_t number, struct progress *p)
{
    static struct stimulus s;
    struct tally before = a->peer.tally;
    s.wire = writer_over(a->wire, sizeof a->wire);
    s.guise = &a->peer.guise;
    s.fragment_len = 0;
    f->make(&s, number);
    if (p == &a->mutations)
        mutate(&s, &a->random);
    a->wire_len = writer_len(&s.wire);
    p->done++;
    if (!peer_send(&a->peer, a->wire, a->wire_len)) {
        tell(a, f, number, "nothing is read any more");
        return false;
    }
    if (!peer_is_served(&a->peer)) {
        tell(a, f, number, "not served any more");
        return false;
    }
    tally_since(&p->tally, &before, &a->peer.tally);
    return true;
}

static bool attack_next(struct attack *a, struct progress *p)
{
    uint64_t number = ((uint64_t)p->done * p->stride + a->seed) % p->count;
    return attack_once(a, p->family, (uint32_t)number, p);
}

static bool attack_small(struct attack *a, double until_s)
{
    for (size_t i = 0; i < a->families_len; i++) {
        struct progress *p = &a->families[i];
        if (p->count <= SMALL)
            peer_settle(&a->peer);
        while (p->count <= SMALL && p->done < p->count && now_s() < until_s)
            if (!attack_next(a, p))
                return false;
    }
    return true;
}

static bool attack_large(struct attack *a, double until_s)
{
    bool more = true;
    while (more && now_s() < until_s) {
        more = false;
        for (size_t i = 0; i < a->families_len; i++) {
            struct progress *p = &a->families[i];
            if (p->done == p->count)
                continue;
            more = true;
            if (!attack_next(a, p))
                return false;
        }
    }
    return true;
}

static bool attack_mutated(struct attack *a, double until_s)
{
    while (now_s() < until_s) {
        /* Three in four of the application's: theirs are the deeper ways. */
        uint32_t first = draw(&a->random, 4) ? (uint32_t)a->link_families_len : 0;
        const struct progress *p = &a->families[first + draw(&a->random, (uint32_t)a->families_len - first)];
        if (!attack_once(a, p->family, draw(&a->random, p->count), &a->mutations))
            return false;
    }
    return true;
}

static bool attack(struct attack *a)
{
    double begin_s = now_s(), end_s = begin_s + a->seconds;
    double generate_until_s = a->all ? 1e300 : begin_s + a->seconds * 0.75;
    if (!attack_small(a, generate_until_s) || !attack_large(a, generate_until_s))
        return false;
    return attack_mutated(a, a->all ? now_s() + a->seconds : end_s);
}

static void report_row(const struct progress *p, bool master)
{
    const struct tally *t = &p->tally;
    printf("| %-30s | %-28s | %7" PRIu32 " | %7" PRIu32 " | %7" PRIu64 " | %5" PRIu64 " | %5" PRIu64
           " | %7" PRIu64 " | %7" PRIu64 " |\n",
           p->family->rule, p->family->name, p->done, p->count, t->checks, t->flushed, t->connections,
           master ? t->responses : t->requests, master ? t->refusals : t->confirms);
}

static void report(const struct attack *a)
{
    static const struct family all = {"all", "", NULL, NULL};
    struct progress sum = {.family = &all};
    bool master = a->peer.guise.master;
    printf("| %-30s | %-28s | %7s | %7s | %7s | %5s | %5s | %7s | %7s |\n", "rule", "broken by", "sent", "of",
           "checks", "again", "conns", master ? "answers" : "asked", master ? "refused" : "confirm");
    printf("|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
    for (size_t i = 0; i < a->families_len; i++) {
        report_row(&a->families[i], master);
        sum.done += a->families[i].done;
        sum.count += a->families[i].count;
    }
    report_row(&a->mutations, master);
    sum.done += a->mutations.done;
    sum.tally = a->peer.tally;
    report_row(&sum, master);
}

static bool take_address(struct attack *a, const char *text, bool master)
{
    char host[64];
    unsigned port;
    if (sscanf(text, "%63[0-9.]:%u", host, &port) != 2 || port > 65535)
        return false;
    a->peer.guise.master = master;
    a->peer.address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return inet_pton(AF_INET, host, &a->peer.address.sin_addr) == 1;
}

static bool take_options(struct attack *a, int argc, char **argv)
{
    static const struct option options[] = {
        {"outstation", required_argument, NULL, 'o'},
        {"master", required_argument, NULL, 'm'},
        {"local", required_argument, NULL, 'l'},
        {"remote", required_argument, NULL, 'r'},
        {"seed", required_argument, NULL, 's'},
        {"seconds", required_argument, NULL, 't'},
        {"all", no_argument, NULL, 'a'},
        {0},
    };
    bool placed = false;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (o == 'o' || o == 'm')
            placed = take_address(a, optarg, o == 'm');
        else if (o == 'l')
            a->peer.guise.local = (uint16_t)strtoul(optarg, NULL, 10);
        else if (o == 'r')
            a->peer.guise.remote = (uint16_t)strtoul(optarg, NULL, 10);
        else if (o == 's')
            a->seed = (uint32_t)strtoul(optarg, NULL, 10);
        else if (o == 't')
            a->seconds = (uint32_t)strtoul(optarg, NULL, 10);
        else if (o == 'a')
            a->all = true;
        else
            return false;
    }
    return placed && optind == argc;
}

int main(int argc, char **argv)
{
    static const struct family by_chance = {"all of them", "mutations of the above", NULL, NULL};
    static struct attack a = {.seconds = 10, .seed = 1, .mutations.family = &by_chance};
    if (!take_options(&a, argc, argv)) {
        fprintf(stderr, "usage: hostile_peer --outstation|--master HOST:PORT [--local N] [--remote N] "
                        "[--seed N] [--seconds S] [--all]\n");
        return 64;
    }
    a.random = 88172645463325252U ^ a.seed;
    add_families(&a, link_families);
    a.link_families_len = a.families_len;
    add_families(&a, app_families);
    add_families(&a, order_families);
    if (!peer_open(&a.peer) || !peer_connect(&a.peer)) {
        perror("hostile_peer");
        return 69;
    }
    bool served = attack(&a);
    report(&a);
    peer_close(&a.peer);
    return served ? 0 : 1;
}
