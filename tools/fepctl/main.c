// SPDX-License-Identifier: Apache-2.0
/* fepctl: fepd from the command line. */
#include "tools/fepctl/fepctl.h"

#include <stdlib.h>

static const struct command {
    const char *name;
    fepctl_command *run;
    const char *arguments;
    const char *help;
} commands[] = {
    {"stations", command_stations, "[NAME]", "state of all stations, the worst first, or all of one"},
    {"points", command_points, "STATION", "present values with quality"},
    {"events", command_events, "[--follow | --limit N] [--after CURSOR] [--station NAME] [--type TYPE]",
     "the journal, from the oldest or a cursor"},
    {"holes", command_holes, "[--follow | --limit N] [--after CURSOR] [--station NAME]",
     "where the journal may lack something, and why"},
    {"operate", command_operate,
     "STATION POINT ACTION... --reason TEXT [--mode select|direct|direct_no_ack] [--count N] [--on MS] "
     "[--off MS] [--tcc nul|close|trip] [--deadline MS]",
     "operate outputs; ACTION: latch_on latch_off pulse_on pulse_off nul, or a number"},
    {"poll", command_action, "STATION [integrity|event]", "read everything, or events, now"},
    {"action", command_action, "STATION ACTION [KEY=VALUE...] --reason TEXT",
     "time_sync, enable, disable, cold_restart, warm_restart, freeze, freeze_clear, assign_class, deadband"},
    {"commands", command_commands, "[ID | --open] [--station NAME]", "commands and what came of them"},
    {"cancel", command_cancel, "ID --reason TEXT", "take a command back, before its operate has left"},
    {"tags", command_tags, "[--station NAME]", "blocking tags: who, why, when"},
    {"tag", command_tag, "STATION [POINT] --text TEXT", "block controls of a station or point"},
    {"untag", command_untag, "ID --reason TEXT", "take a tag away"},
    {"trace", command_trace, "STATION", "the wire in words, live"},
    {"audit", command_audit,
     "[--after ID] [--limit N] [--station NAME] | head | verify [--head HEAD] [--database FILE]",
     "who did what; is the chain whole?"},
    {"consumers", command_consumers, "[NAME [CURSOR]]", "what consumers have acknowledged; or acknowledge"},
    {"reload", command_reload, "", "read the configuration again"},
    {"check", command_check, "FILE", "a configuration: every error with its place"},
    {"backup", command_backup, "DATABASE TARGET", "a copy of the database while fepd runs"},
    {"token", command_token, "NAME --role ROLE [--expires DAY] [--stations PATTERN]",
     "a new token, and the line for the file of users"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void help(void)
{
    puts("Usage: fepctl [OPTION]... COMMAND [ARGUMENT]...\n"
         "fepd from the command line: stations, events, controls, audit.\n");
    for (size_t i = 0; i < COMMANDS; i++)
        printf("  %-10s %s\n", commands[i].name, commands[i].help);
    puts("\n"
         "  --server URL        http://127.0.0.1:8080, or $FEPD_SERVER\n"
         "  --token-file FILE   its first line is the token; or $FEPD_TOKEN_FILE\n"
         "  --cacert FILE       whom to believe, in place of the system's authorities\n"
         "  --cert FILE, --key FILE\n"
         "                      a client certificate in place of a token\n"
         "  --json              for scripts: the server's own words; also behind COMMAND\n"
         "  --help, --version   `fepctl COMMAND --help` for one of the commands\n"
         "\n"
         "Exit status: 0 done; 1 the station or the chain says no; 64 wrong use; 65 fepd refuses\n"
         "the request; 66 a file can't be read; 69 no connection; 71 no random octets; 74 a file\n"
         "can't be written; 75 try again later; 76 an answer that is none; 77 not allowed; 78 errors\n"
         "in a configuration.");
}

static const struct command *find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

int fepctl_usage(const char *command)
{
    const struct command *c = find(command);
    fprintf(stderr, "Usage: fepctl %s %s\n", command, c ? c->arguments : "");
    return EX_USAGE;
}

static bool take_option(struct fepctl *ctl, int option)
{
    const char **const places[] = {&ctl->options.server, &ctl->options.token_file, &ctl->options.authorities,
                                   &ctl->options.certificate, &ctl->options.key};
    if (option == 'j')
        ctl->json = true;
    else if (option >= 0 && option < (int)(sizeof places / sizeof places[0]))
        *places[option] = optarg;
    else
        return false;
    return true;
}

/* Up to the command: what follows it is its own. */
static int take_options(struct fepctl *ctl, int argc, char **argv)
{
    static const struct option options[] = {{"server", required_argument, NULL, 0},
                                            {"token-file", required_argument, NULL, 1},
                                            {"cacert", required_argument, NULL, 2},
                                            {"cert", required_argument, NULL, 3},
                                            {"key", required_argument, NULL, 4},
                                            {"json", no_argument, NULL, 'j'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "+h", options, NULL)) != -1;) {
        if (option == 'h') {
            help();
            exit(EX_OK);
        }
        if (option == 'V') {
            puts("fepctl " FEP_VERSION);
            exit(EX_OK);
        }
        if (!take_option(ctl, option))
            return EX_USAGE;
    }
    return EX_OK;
}

/* Whose arguments are names of files, which may hold anything. */
static bool is_of_files(const struct command *c)
{
    return c->run == command_check || c->run == command_backup;
}

/* The server is asked in UTF-8; what is not would be left out, and something else asked for. */
static bool are_texts(int len, char **arguments)
{
    for (int i = 0; i < len; i++) {
        json_t *text = json_string(arguments[i]);
        if (!text) {
            fprintf(stderr, "fepctl: argument %d of %s is not UTF-8\n", i, arguments[0]);
            return false;
        }
        json_decref(text);
    }
    return true;
}

int main(int argc, char **argv)
{
    const char *server = getenv("FEPD_SERVER");
    struct fepctl ctl = {.options = {.server = server ? server : "http://127.0.0.1:8080",
                                     .token_file = getenv("FEPD_TOKEN_FILE")}};
    int status = take_options(&ctl, argc, argv);
    const struct command *command = status == EX_OK && optind < argc ? find(argv[optind]) : NULL;
    if (!command) {
        if (status == EX_OK && optind < argc)
            fprintf(stderr, "fepctl: no command '%s'\n", argv[optind]);
        fputs("Try 'fepctl --help'.\n", stderr);
        return EX_USAGE;
    }
    argc -= optind;
    argv += optind;
    status = is_of_files(command) || are_texts(argc, argv) ? command->run(&ctl, argc, argv) : EX_USAGE;
    client_close(ctl.client);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("fepctl: the output could not be written\n", stderr);
        return status == EX_OK ? EX_IOERR : status;
    }
    return status;
}
