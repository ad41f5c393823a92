// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/options.h"
#include "outstation-sim/scenario.h"
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>

static const char usage[] =
    "Usage: outstation-sim --scenario FILE [OPTION]...\n"
    "Thousands of DNP3 outstations on loopback addresses, as a scenario says.\n"
    "\n"
    "  --scenario FILE      what there is and what happens (YAML)\n"
    "  --stations N         so many in all, the groups in proportion\n"
    "  --rate EVENTS_PER_S  so many in all, the groups in proportion\n"
    "  --seconds S          stop after that time; without it, on SIGINT or SIGTERM\n"
    "  --seed N             instead of the scenario's\n"
    "  --port N             instead of the scenario's\n"
    "  --ledger FILE        write what happened and what became of it (JSON lines) at the end\n"
    "  --write-config FILE  write the matching station list for fepd, and exit\n"
    "  --keys               describe all that a scenario may say\n"
    "  --version, --help\n"
    "\n"
    "SIGUSR1 writes the ledger now. SIGUSR2 ends all events, while stations go on answering.\n"
    "Exit: 0 done, 64 wrong use, 71 no port or no descriptors, 74 a file can't be written, 78 scenario.\n";

static bool number_in(const char *text, double least, double most, bool whole, double *value)
{
    char *end;
    errno = 0;
    *value = strtod(text, &end);
    return end != text && !*end && !errno && isfinite(*value) && *value >= least && *value <= most &&
           (!whole || *value == floor(*value));
}

enum { NUMBERS = 5 };

/* Each number lands in its own place; the table holds what is allowed. */
static const struct {
    const char *name;
    double least;
    double most;
    bool whole;
} number_options[NUMBERS] = {
    {"stations", 1, 100000, true}, {"rate", 0, 1e7, false},  {"seconds", 1, 1e9, true},
    {"seed", 0, 0x1p53, true},     {"port", 1, 65535, true},
};

static void store_numbers(struct options *o, const double values[NUMBERS])
{
    o->stations = (uint32_t)values[0];
    o->rate = values[1];
    o->seconds = (uint32_t)values[2];
    o->seed_given = values[3] >= 0;
    o->seed = o->seed_given ? (uint64_t)values[3] : 0;
    o->port = (uint16_t)values[4];
}

enum { OPTION_NUMBER = 256, OPTION_SCENARIO = OPTION_NUMBER + NUMBERS, OPTION_LEDGER, OPTION_CONFIG };

static const struct option long_options[] = {
    {"stations", required_argument, NULL, OPTION_NUMBER},
    {"rate", required_argument, NULL, OPTION_NUMBER + 1},
    {"seconds", required_argument, NULL, OPTION_NUMBER + 2},
    {"seed", required_argument, NULL, OPTION_NUMBER + 3},
    {"port", required_argument, NULL, OPTION_NUMBER + 4},
    {"scenario", required_argument, NULL, OPTION_SCENARIO},
    {"ledger", required_argument, NULL, OPTION_LEDGER},
    {"write-config", required_argument, NULL, OPTION_CONFIG},
    {"keys", no_argument, NULL, 'k'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static bool take_number(int which, const char *text, double values[NUMBERS], FILE *err)
{
    if (number_in(text, number_options[which].least, number_options[which].most, number_options[which].whole,
                  &values[which]))
        return true;
    fprintf(err, "outstation-sim: --%s: '%s' is not a %snumber from %.17g to %.17g\n",
            number_options[which].name, text, number_options[which].whole ? "whole " : "",
            number_options[which].least, number_options[which].most);
    return false;
}

/* OPTIONS_RUN: go on. */
static enum options_result take_option(struct options *o, int option, double values[NUMBERS], FILE *out,
                                       FILE *err)
{
    if (option >= OPTION_NUMBER && option < OPTION_NUMBER + NUMBERS)
        return take_number(option - OPTION_NUMBER, optarg, values, err) ? OPTIONS_RUN : OPTIONS_WRONG;
    switch (option) {
    case OPTION_SCENARIO:
        o->scenario = optarg;
        return OPTIONS_RUN;
    case OPTION_LEDGER:
        o->ledger = optarg;
        return OPTIONS_RUN;
    case OPTION_CONFIG:
        o->write_config = optarg;
        return OPTIONS_RUN;
    case 'k':
        scenario_keys_print(out);
        return OPTIONS_DONE;
    case 'V':
        fputs("outstation-sim " FEP_VERSION "\n", out);
        return OPTIONS_DONE;
    case 'h':
        fputs(usage, out);
        return OPTIONS_DONE;
    default:
        return OPTIONS_WRONG;
    }
}

enum options_result options_parse(struct options *o, int argc, char **argv, FILE *out, FILE *err)
{
    double values[NUMBERS] = {0, -1, 0, -1, 0};
    *o = (struct options){0};
    optind = 0; /* getopt begins anew, also in tests that call this more than once */
    for (int option; (option = getopt_long(argc, argv, "h", long_options, NULL)) != -1;) {
        enum options_result result = take_option(o, option, values, out, err);
        if (result != OPTIONS_RUN)
            return result;
    }
    store_numbers(o, values);
    if (o->scenario && optind == argc)
        return OPTIONS_RUN;
    fprintf(err, "outstation-sim: %s\n",
            o->scenario ? "nothing is allowed behind the options" : "--scenario FILE is missing");
    fputs("Try 'outstation-sim --help'.\n", err);
    return OPTIONS_WRONG;
}
