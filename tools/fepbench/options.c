// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/options.h"

#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "Usage: fepbench [--quick | --all | --only SCENARIO,...] [OPTION]...\n"
    "What fepd costs beside what the kernel and SQLite alone cost, in one run on this machine.\n"
    "\n"
    "  --quick            256, 4,096 and 19,000 stations, one worker, 1 and 10 values (default; minutes)\n"
    "  --all              everything, 25 minutes of steady load among it (an hour)\n"
    "  --only NAME,...    these scenarios; --list tells them\n"
    "  --stations N,...   --workers N,...   --values N,... (at most 4)\n"
    "  --seconds S        of each measured window (3)\n"
    "  --pairs N          rounds of floor and fepd; the median of their ratios counts (1; --all: 3)\n"
    "  --mixed            32-bit analogs and binaries in place of floats\n"
    "  --json FILE        the report for programs; - is standard output\n"
    "  --dir DIR          for databases, on the file system that is to be measured (default: here)\n"
    "  --fepd PATH        --simulator PATH; default: beside it, or of the same build folder\n"
    "  --list, --version, --help\n"
    "\n"
    "Exit: 0 measured, 1 a goal missed, 64 wrong use, 70 something failed and the run is not valid, 73 no\n"
    "file can be made in DIR or of the report.\n";

enum {
    QUICK = 256,
    ALL,
    ONLY,
    STATIONS,
    WORKERS,
    VALUES,
    SECONDS,
    PAIRS,
    MIXED,
    JSON,
    DIR,
    FEPD,
    SIMULATOR,
    LIST,
    VERSION
};

static const struct option long_options[] = {
    {"quick", no_argument, NULL, QUICK},
    {"all", no_argument, NULL, ALL},
    {"only", required_argument, NULL, ONLY},
    {"stations", required_argument, NULL, STATIONS},
    {"workers", required_argument, NULL, WORKERS},
    {"values", required_argument, NULL, VALUES},
    {"seconds", required_argument, NULL, SECONDS},
    {"pairs", required_argument, NULL, PAIRS},
    {"mixed", no_argument, NULL, MIXED},
    {"json", required_argument, NULL, JSON},
    {"dir", required_argument, NULL, DIR},
    {"fepd", required_argument, NULL, FEPD},
    {"simulator", required_argument, NULL, SIMULATOR},
    {"list", no_argument, NULL, LIST},
    {"version", no_argument, NULL, VERSION},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static const struct bench_list quick_stations = {{256, 4096, 19000}, 3}, quick_workers = {{1}, 1},
                               quick_values = {{1, 10}, 2},
                               all_stations = {{1, 16, 64, 256, 1024, 4096, 9000, 19000}, 8},
                               all_workers = {{1, 2}, 2}, all_values = {{1, 10, 50}, 3};

void options_help(void)
{
    fputs(usage, stdout);
}

static bool number_in(const char *text, double least, double most, double *value)
{
    char *end;
    *value = strtod(text, &end);
    if (end != text && *end == '\0' && *value >= least && *value <= most)
        return true;
    fprintf(stderr, "fepbench: '%s' is not a number from %g to %g\n", text, least, most);
    return false;
}

static bool list_in(const char *text, uint32_t most, size_t len_max, struct bench_list *list)
{
    *list = (struct bench_list){.len = 0};
    for (char *end = NULL; list->len < len_max; text = end + 1) {
        unsigned long value = strtoul(text, &end, 10);
        if (end == text || (*end && *end != ',') || value < 1 || value > most)
            break;
        list->of[list->len++] = (uint32_t)value;
        if (*end == '\0')
            return true;
    }
    fprintf(stderr, "fepbench: '%s' is not a list of at most %zu numbers from 1 to %u\n", text, len_max,
            most);
    return false;
}

static bool take_number(struct options *o, int option)
{
    double value;
    if (!number_in(optarg, option == PAIRS ? 1 : 0.1, option == PAIRS ? BENCH_PAIRS_MAX : 3600, &value))
        return false;
    if (option == PAIRS && value != floor(value)) {
        fprintf(stderr, "fepbench: '%s' is not a whole number\n", optarg);
        return false;
    }
    if (option == PAIRS)
        o->bench.pairs = (unsigned)value;
    else
        o->bench.seconds = value;
    return true;
}

/* Where an option that takes text is kept; NULL for others. */
static const char **text_of(struct options *o, int option)
{
    const struct {
        int option;
        const char **text;
    } texts[] = {{ONLY, &o->only},
                 {JSON, &o->json},
                 {DIR, &o->folder},
                 {FEPD, &o->bench.fepd},
                 {SIMULATOR, &o->bench.simulator}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (texts[i].option == option)
            return texts[i].text;
    return NULL;
}

static bool take(struct options *o, int option)
{
    switch (option) {
    case QUICK:
    case ALL:
        o->all = option == ALL;
        return true;
    case STATIONS:
        return list_in(optarg, 1000000, BENCH_LIST_MAX, &o->bench.stations);
    case WORKERS:
        return list_in(optarg, 64, BENCH_LIST_MAX, &o->bench.workers);
    case VALUES:
        return list_in(optarg, FRAMES_VALUES_MAX, LOAD_SETS_MAX, &o->bench.values);
    case SECONDS:
    case PAIRS:
        return take_number(o, option);
    case MIXED:
        o->bench.mixed = true;
        return true;
    case LIST:
        o->list = true;
        return true;
    case VERSION:
        o->version = true;
        return true;
    case 'h':
        o->help = true;
        return true;
    default:
        break;
    }
    const char **text = text_of(o, option);
    if (!text) {
        fputs("Try 'fepbench --help'.\n", stderr);
        return false;
    }
    *text = optarg;
    return true;
}

/* What was not said. */
static void fill(struct options *o)
{
    struct bench *b = &o->bench;
    if (!b->stations.len)
        b->stations = o->all ? all_stations : quick_stations;
    if (!b->workers.len)
        b->workers = o->all ? all_workers : quick_workers;
    if (!b->values.len)
        b->values = o->all ? all_values : quick_values;
    if (b->seconds <= 0)
        b->seconds = 3;
    b->thorough = o->all;
}

static bool is_named(const char *list, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += len)
        if ((at == list || at[-1] == ',') && (at[len] == '\0' || at[len] == ','))
            return true;
    return false;
}

/* Every name of --only is a scenario's. */
static bool only_is_known(const char *only)
{
    size_t len, known = 0, commas = 0;
    const struct scenario *scenarios = scenarios_all(&len);
    for (size_t i = 0; i < len; i++)
        known += is_named(only, scenarios[i].name);
    for (const char *at = only; *at; at++)
        commas += *at == ',';
    if (known == commas + 1)
        return true;
    fprintf(stderr, "fepbench: '%s' names something else than scenarios; --list tells them\n", only);
    return false;
}

bool options_parse(int argc, char **argv, struct options *o)
{
    *o = (struct options){.folder = "."};
    optind = 1;
    for (int option; (option = getopt_long(argc, argv, "h", long_options, NULL)) != -1;)
        if (!take(o, option))
            return false;
    if (optind < argc) {
        fprintf(stderr, "fepbench: '%s' is not understood. Try 'fepbench --help'.\n", argv[optind]);
        return false;
    }
    if (o->only && !only_is_known(o->only))
        return false;
    fill(o);
    return true;
}

bool options_chosen(const struct options *o, const struct scenario *s)
{
    if (o->only)
        return is_named(o->only, s->name);
    return s->when == SCENARIO_QUICK || (o->all && s->when == SCENARIO_ALL);
}
