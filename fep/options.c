// SPDX-License-Identifier: Apache-2.0
#include "fep/options.h"

#include "fep/log.h"

#include <getopt.h>
#include <stdio.h>

static const char default_path[] = "/etc/fepd/fepd.yaml";

static const struct option long_options[] = {
    {"config", required_argument, NULL, 'c'},
    {"check-config", required_argument, NULL, 'k'},
    {"json", no_argument, NULL, 'j'},
    {"keys", no_argument, NULL, 'K'},
    {"schema", no_argument, NULL, 'S'},
    {"log-level", required_argument, NULL, 'l'},
    {"version", no_argument, NULL, 'V'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

void options_help(void)
{
    printf(
        "fepd - DNP3 front-end processor: polls outstations, stores every event before it confirms it,\n"
        "       and publishes it\n"
        "\n"
        "  fepd [--config FILE] [--log-level LEVEL]   run in the foreground\n"
        "  fepd --check-config FILE [--json]          report all errors of a configuration and end\n"
        "  fepd --keys                                describe all that a configuration may say\n"
        "  fepd --schema                              the same as a JSON Schema, for editors\n"
        "  fepd --version | --help\n"
        "\n"
        "  -c, --config FILE      the configuration (default: %s)\n"
        "      --check-config FILE\n"
        "      --json             errors as JSON on standard output\n"
        "      --log-level LEVEL  error, warning, info or debug, in place of the configuration's\n"
        "\n"
        "Signals: SIGTERM and SIGINT stop, SIGHUP reads the configuration again.\n"
        "Exit status: 0 after a stop; 64 wrong usage; 66 the configuration can't be read; 69 the listening\n"
        "address is taken; 71 the system gives no resources; 73 the database can't be opened; 74 it can't "
        "be\n"
        "read or written; 75 another process holds it; 78 an error in the configuration, or a database that\n"
        "needs attention.\n",
        default_path);
}

static bool take_level(struct options *o, const char *name)
{
    enum log_level level;
    if (!log_level_parse(name, &level)) {
        fprintf(stderr, "fepd: --log-level is error, warning, info or debug, not '%s'\n", name);
        return false;
    }
    o->log_level = (int)level;
    return true;
}

struct options options_parse(int argc, char **argv)
{
    const struct options wrong = {.command = OPTIONS_WRONG};
    struct options o = {.command = OPTIONS_RUN, .config_path = default_path, .log_level = -1};
    int option;
    while ((option = getopt_long(argc, argv, "c:h", long_options, NULL)) != -1) {
        switch (option) {
        case 'c':
            o.config_path = optarg;
            break;
        case 'k':
            o.command = OPTIONS_CHECK;
            o.config_path = optarg;
            break;
        case 'j':
            o.json = true;
            break;
        case 'l':
            if (!take_level(&o, optarg))
                return wrong;
            break;
        case 'S':
            o.command = OPTIONS_SCHEMA;
            return o;
        case 'K':
            o.command = OPTIONS_KEYS;
            return o;
        case 'V':
            o.command = OPTIONS_VERSION;
            return o;
        case 'h':
            o.command = OPTIONS_HELP;
            return o;
        default:
            fprintf(stderr, "Try 'fepd --help'.\n");
            return wrong;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "fepd: '%s' is not understood. Try 'fepd --help'.\n", argv[optind]);
        return wrong;
    }
    return o;
}
