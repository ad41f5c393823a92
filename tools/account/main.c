// SPDX-License-Identifier: Apache-2.0
/*
 * fepaccount: what the outstations generated against what the closed database holds.
 *
 *     stored = generated - what the ledger says was dropped - what is still buffered
 *
 * per point, as ordered sequences of value, flags and time. It knows nothing of fepd but its database. Exit
 * status: 0 where the account balances, 1 where not, 64, 66 for unusable arguments or files, 74 where it
 * can't be written.
 */
#include "tools/account/journal.h"
#include "tools/account/ledger.h"
#include "tools/account/stream.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

struct account {
    struct tally sum;
    uint64_t stations;
    uint64_t points;
    uint64_t string_points; /* of the ledger */
    uint64_t overfull;      /* stations with more stored and still buffered than one fragment holds */
    char station[256];
    uint32_t fragment_max;
    uint64_t in_doubt_octets; /* of this station: the least that its stored, still buffered events take */
    bool verbose;
};

/* The least that an event takes on the wire: index, flags or value, a relative time where it has one. */
static uint64_t least_octets(uint8_t type, const struct tally *t)
{
    enum { BINARY_OCTETS = 2, VALUE_OCTETS = 4, LAST_BINARY_TYPE = 3 };
    bool may_be_small = type <= LAST_BINARY_TYPE || type == ROW_OCTET_STRING;
    return t->stored_buffered * (may_be_small ? BINARY_OCTETS : VALUE_OCTETS);
}

static void end_station(struct account *a)
{
    if (a->in_doubt_octets > a->fragment_max) {
        a->overfull++;
        fprintf(stderr, "%s: more than one fragment is stored and still buffered\n", a->station);
    }
    a->in_doubt_octets = 0;
}

static void complain(const struct account *a, const struct ledger_line *line, const struct tally *t)
{
    if (tally_balances(t) && !(a->verbose && t->twins_lost))
        return;
    fprintf(stderr,
            "%s type %u index %u: generated %" PRIu64 ", stored %" PRIu64 ": lost %" PRIu64
            ", twins lost %" PRIu64 ", doubles %" PRIu64 ", unmarked repeats %" PRIu64 ", foreign %" PRIu64
            "\n",
            line->station, line->type, line->index, t->generated, t->stored, t->lost, t->twins_lost,
            t->doubles, t->unmarked_repeats, t->foreign);
}

static void take_line(struct account *a, struct journal *j, const struct ledger_line *line)
{
    if (line->kind == LEDGER_STATION) {
        end_station(a);
        a->stations++;
        a->fragment_max = line->fragment_max;
        snprintf(a->station, sizeof a->station, "%s", line->station);
        return;
    }
    struct tally t = {0};
    size_t len;
    const struct stored *stored = journal_point(j, line->station, line->type, line->index, &len);
    compare_point(line->events, line->len, stored, len, &t);
    complain(a, line, &t);
    a->points++;
    a->string_points += line->type == ROW_OCTET_STRING;
    a->in_doubt_octets += least_octets(line->type, &t);
    tally_add(&a->sum, &t);
}

/* A ledger may be of measurements alone: then nothing can be said of the strings that were stored. */
static size_t untold_strings(const struct account *a, const struct journal *j)
{
    return a->string_points ? 0 : j->strings;
}

static size_t stored_events(const struct account *a, const struct journal *j)
{
    return j->events_len - untold_strings(a, j);
}

static bool all_rows_belong(const struct account *a, const struct journal *j)
{
    return a->sum.stored == stored_events(a, j);
}

struct row {
    const char *name;
    uint64_t count;
    const char *meaning;
    bool must_be_0;
};

static void print_account(const struct account *a, const struct journal *j, bool json)
{
    const struct tally *t = &a->sum;
    const struct row rows[] = {
        {"generated", t->generated, "events that the outstations made", false},
        {"stored", stored_events(a, j), "events in the database", false},
        {"strings", untold_strings(a, j), "octet strings in the database, of which the ledger tells nothing",
         false},
        {"matched", t->matched, "generated and stored, once each", false},
        {"dropped", t->dropped, "dropped by an overflow or a restart of the outstation, never stored", false},
        {"buffered", t->buffered, "still with the outstation, not stored", false},
        {"stored_buffered", t->stored_buffered, "stored and still with the outstation: in doubt at the end",
         false},
        {"stored_dropped", t->stored_dropped, "stored, then dropped by the outstation", false},
        {"marked_repeats", t->marked_repeats, "untimed, stored again and marked as possible repeats", false},
        {"twins_lost", t->twins_lost, "taken for the repeat of its like: the known limit", false},
        {"lost", t->lost, "confirmed and not stored", true},
        {"doubles", t->doubles, "timed, stored twice", true},
        {"unmarked_repeats", t->unmarked_repeats, "untimed, stored again without the mark", true},
        {"foreign", t->foreign + (stored_events(a, j) - t->stored), "stored, never generated", true},
        {"overfull", a->overfull, "stations with more than one fragment stored and still buffered", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (json)
            printf("%s\"%s\":%" PRIu64, i ? "," : "{", rows[i].name, rows[i].count);
        else
            printf("  %-17s %10" PRIu64 "  %s%s\n", rows[i].name, rows[i].count,
                   rows[i].must_be_0 && rows[i].count ? "** " : "", rows[i].meaning);
    }
}

static void print_stream(const struct stream_tally *t, bool json)
{
    printf(json ? ",\"stream\":{\"received\":%" PRIu64 ",\"missing\":%" PRIu64 ",\"repeated\":%" PRIu64
                  ",\"foreign\":%" PRIu64 ",\"different\":%" PRIu64 "}"
                : "  stream: %" PRIu64 " received, %" PRIu64 " missing, %" PRIu64 " repeated, %" PRIu64
                  " foreign, %" PRIu64 " different\n",
           t->received, t->missing, t->repeated, t->foreign, t->different);
}

static int usage(FILE *to, int status)
{
    fputs("usage: fepaccount --ledger FILE --database FILE [--stream FILE] [--json] [--verbose]\n"
          "\n"
          "Compares a ledger of outstation-sim with the database of a stopped fepd, and what a stream "
          "consumer\n"
          "received with that database.\n"
          "\n"
          "  --ledger FILE    written by outstation-sim\n"
          "  --database FILE  fepd's, after it was stopped or killed\n"
          "  --stream FILE    what a consumer of /v1/stream received, a JSON object a line\n"
          "  --json           one JSON object on stdout\n"
          "  --verbose        names the points of the known limit too\n"
          "  --version, --help\n"
          "\n"
          "Exit status: 0 the account balances, 1 it does not, 64 wrong usage, 66 a file can't be read or is "
          "none\nof these, 74 the output can't be written.\n",
          to);
    return status;
}

struct arguments {
    const char *ledger, *database, *stream;
    bool json, verbose;
};

static int read_arguments(int argc, char **argv, struct arguments *a)
{
    enum { LEDGER = 'l', DATABASE = 'd', STREAM = 's', JSON = 'j', VERBOSE = 'v', VERSION = 'V', HELP = 'h' };
    static const struct option options[] = {
        {"ledger", required_argument, NULL, LEDGER}, {"database", required_argument, NULL, DATABASE},
        {"stream", required_argument, NULL, STREAM}, {"json", no_argument, NULL, JSON},
        {"verbose", no_argument, NULL, VERBOSE},     {"version", no_argument, NULL, VERSION},
        {"help", no_argument, NULL, HELP},           {NULL, 0, NULL, 0}};
    for (int c; (c = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (c) {
        case LEDGER:
            a->ledger = optarg;
            break;
        case DATABASE:
            a->database = optarg;
            break;
        case STREAM:
            a->stream = optarg;
            break;
        case JSON:
            a->json = true;
            break;
        case VERBOSE:
            a->verbose = true;
            break;
        case VERSION:
            puts("fepaccount " FEP_VERSION);
            exit(EX_OK);
        case HELP:
            exit(usage(stdout, EX_OK));
        default:
            return usage(stderr, EX_USAGE);
        }
    }
    return a->ledger && a->database && optind == argc ? EX_OK : usage(stderr, EX_USAGE);
}

static bool settle(const struct arguments *args, struct journal *j, struct ledger_reader *ledger, int *status)
{
    struct account a = {.verbose = args->verbose};
    struct ledger_line line;
    char error[512];
    while (ledger_next(ledger, &line))
        take_line(&a, j, &line);
    end_station(&a);
    if (ledger_error(ledger)) {
        fprintf(stderr, "fepaccount: %s\n", ledger_error(ledger));
        return false;
    }
    struct stream_tally t = {0};
    if (args->stream && !stream_compare(j, args->stream, &t, error, sizeof error)) {
        fprintf(stderr, "fepaccount: %s\n", error);
        return false;
    }
    bool balances = tally_balances(&a.sum) && all_rows_belong(&a, j) && !a.overfull && stream_balances(&t);
    print_account(&a, j, args->json);
    if (args->stream)
        print_stream(&t, args->json);
    printf(args->json ? ",\"balances\":%s}\n" : "  %s\n",
           balances ? (args->json ? "true" : "the account balances")
                    : (args->json ? "false" : "IT DOES NOT BALANCE"));
    *status = balances ? EXIT_SUCCESS : EXIT_FAILURE;
    return true;
}

int main(int argc, char **argv)
{
    struct arguments args = {0};
    int status = read_arguments(argc, argv, &args);
    if (status != EX_OK)
        return status;
    char error[512];
    struct journal journal;
    if (!journal_load(&journal, args.database, error, sizeof error)) {
        fprintf(stderr, "fepaccount: %s\n", error);
        return EX_NOINPUT;
    }
    struct ledger_reader *ledger = ledger_open(args.ledger, error, sizeof error);
    if (!ledger)
        fprintf(stderr, "fepaccount: %s\n", error);
    if (!ledger || !settle(&args, &journal, ledger, &status))
        status = EX_NOINPUT;
    ledger_close(ledger);
    journal_free(&journal);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("fepaccount: the account could not be written\n", stderr);
        return EX_IOERR;
    }
    return status;
}
