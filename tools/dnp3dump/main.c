// SPDX-License-Identifier: Apache-2.0
/* dnp3dump: DNP3 in captures and in hex, for people and for programs. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "tools/dnp3dump/capture.h"

enum { EXIT_DEFECTS = 1 };

static void help(void)
{
    fputs(
        "usage: dnp3dump [-v | --json | --stats] [--fields] [--hex] [--port N]... FILE...\n"
        "       dnp3dump [-v | --json | --stats] [--fields] [--hex] [--fragments] < HEX\n"
        "\n"
        "Reads captures (pcap, pcapng; \"-\" is stdin) or, without FILE, hex from stdin, and tells every "
        "DNP3\n"
        "frame in a line: time (UTC), number of the connection, M (master) or O (outstation), link "
        "addresses,\n"
        "link function, and the application fragment where its last segment is there. What breaks a rule is\n"
        "marked DEFECT, with its layer, its offset, and the rule. Offsets count octets from 0. On a "
        "terminal\n"
        "lines are cut to its width; in a pipe and in a file they are whole.\n"
        "\n"
        "  -v, --verbose  a tree below each line: packet, link, transport, every object with its offset\n"
        "  --json         an object a line\n"
        "  --stats        only figures, in the end: functions, objects, IIN, defects, and for each\n"
        "                 association sequence anomalies and response times\n"
        "  --fields       each field, of frame and fragment, with its offset, octets, name and meaning: "
        "every\n"
        "                 octet is in one of them; with --json [offset, octets, name, meaning]\n"
        "  --hex          the octets, too: a row for the header and for each block, its CRC behind a bar\n"
        "  --port N       only this TCP or UDP port; up to 16 times. Otherwise any port: what begins like\n"
        "                 DNP3, has a frame in it, or is on port 20000\n"
        "  --fragments    each line of hex is an application fragment; else lines are frames, and an empty\n"
        "                 line ends what belongs together\n"
        "  --version, --help\n"
        "\n"
        "Not taken apart: data sets (g85 to g88), fragments of IP datagrams (they are told), serial lines,\n"
        "and what follows in a pcapng once a second interface has another link type.\n"
        "\n"
        "Exit status: 0 nothing wrong, 1 defects were found, 64 wrong usage, 65 not a capture or not hex,\n"
        "66 a file can't be opened, 74 the output can't be written.\n",
        stdout);
}

/* What getopt refuses it has told itself. */
static int wrong(const char *what)
{
    if (what)
        fprintf(stderr, "dnp3dump: %s\n", what);
    fputs("Try 'dnp3dump --help'.\n", stderr);
    return EX_USAGE;
}

static bool read_port(struct dump_options *o, const char *text)
{
    char *end;
    unsigned long port = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end || port > UINT16_MAX || o->port_count == DUMP_PORTS_MAX)
        return false;
    o->ports[o->port_count++] = (uint16_t)port;
    return true;
}

/* What does not go together. */
static int check_options(const struct dump_options *o, int styles, bool files)
{
    if (styles > 1)
        return wrong("one of -v, --json and --stats at a time");
    if (o->fragments && files)
        return wrong("--fragments is for hex from stdin, without FILE");
    return o->port_count > 0 && !files ? wrong("--port is for captures: FILE is missing") : EX_OK;
}

static int read_options(int argc, char **argv, struct dump_options *o)
{
    static const struct option options[] = {
        {"verbose", no_argument, NULL, 'v'},   {"json", no_argument, NULL, 'j'},
        {"stats", no_argument, NULL, 's'},     {"fields", no_argument, NULL, 'F'},
        {"hex", no_argument, NULL, 'x'},       {"port", required_argument, NULL, 'p'},
        {"fragments", no_argument, NULL, 'f'}, {"version", no_argument, NULL, 'V'},
        {"help", no_argument, NULL, 'h'},      {NULL, 0, NULL, 0}};
    int styles = 0;
    for (int c; (c = getopt_long(argc, argv, "vh", options, NULL)) != -1;) {
        if (c == 'V') {
            puts("dnp3dump " FEP_VERSION);
            exit(EX_OK);
        }
        if (c == 'h') {
            help();
            exit(EX_OK);
        }
        if (c == '?')
            return wrong(NULL);
        if (c == 'p' && !read_port(o, optarg))
            return wrong("--port takes a number up to 65535, up to 16 times");
        styles += c == 'v' || c == 'j' || c == 's';
        o->style = c == 'v' ? OUTPUT_TREE : c == 'j' ? OUTPUT_JSON : c == 's' ? OUTPUT_NOTHING : o->style;
        o->stats = o->stats || c == 's';
        o->hex = o->hex || c == 'x';
        o->fields = o->fields || c == 'F';
        o->fragments = o->fragments || c == 'f';
    }
    return check_options(o, styles, optind < argc);
}

/* All files are read, also behind one that can't be; the first trouble is the exit status. */
static int read_all(struct dump *d, int count, char **names)
{
    char why[120];
    int status = EX_OK;
    if (count == 0) {
        if (isatty(STDIN_FILENO))
            fputs("dnp3dump: hex, please; an empty line ends a message, Ctrl-D the program\n", stderr);
        status = capture_read_hex(d, stdin, why, sizeof why);
        if (status != EX_OK)
            fprintf(stderr, "dnp3dump: stdin:%s\n", why);
        return status;
    }
    for (int i = 0; i < count; i++) {
        int one = capture_read(d, names[i]);
        status = status == EX_OK ? one : status;
    }
    return status;
}

/* Columns of the terminal that the lines go to; 0 where it is none. */
static unsigned terminal_width(void)
{
    struct winsize size;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int main(int argc, char **argv)
{
    struct dump_options options = {.style = OUTPUT_LINE};
    struct dump d;
    int status = read_options(argc, argv, &options);
    if (status != EX_OK)
        return status;
    options.width = terminal_width();
    options.colour = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
    dump_begin(&d, &options, stdout);
    status = read_all(&d, argc - optind, argv + optind);
    if (options.stats)
        stats_print(&d.stats, stdout);
    if (status == EX_OK && d.stats.defect_count > 0)
        status = EXIT_DEFECTS;
    dump_end(&d);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "dnp3dump: %s\n", strerror(errno));
        status = EX_IOERR;
    }
    return status;
}
