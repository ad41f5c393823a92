// SPDX-License-Identifier: Apache-2.0
/* Every line is a product of measured costs; what was not measured shows as a dash, and so does what needs
 * it. */
#include "tools/fepbench/goals.h"

#include <math.h>

enum { POINTS = 100, MESSAGE_EVERY_S = 10, POLL_EVERY_S = 60, SECONDS_A_DAY = 86400 };
static const double sizes[] = {100e3, 1e6};
enum { SIZES = sizeof sizes / sizeof *sizes };

struct costs {
    double session_octets, point_octets, kernel_octets;
    double message_us, poll_us, messages_per_s;
};

/* The field of the record with the most stations: where caches help least. */
static double at_most_stations(const struct report *r, const char *scenario, const char *field)
{
    const struct record *best = NULL;
    for (const struct record *x = NULL; (x = report_next(r, scenario, x));) {
        bool counts = isnan(record_get(x, "values")) || record_get(x, "values") == 1;
        if (counts && (!best || record_get(x, "stations") >= record_get(best, "stations")))
            best = x;
    }
    return best ? record_get(best, field) : NAN;
}

static void print_line(FILE *to, const char *what, const double values[SIZES], const char *unit)
{
    fprintf(to, "%-60s", what);
    for (size_t i = 0; i < SIZES; i++) {
        if (isnan(values[i]))
            fprintf(to, " %12s", "-");
        else
            fprintf(to, " %12.4g", values[i]);
    }
    fprintf(to, " %s\n", unit);
}

static void print_sizes(const struct costs *c, FILE *to)
{
    double user[SIZES], kernel[SIZES], cores[SIZES], load[SIZES], rows[SIZES];
    for (size_t i = 0; i < SIZES; i++) {
        double messages = sizes[i] / MESSAGE_EVERY_S, polls = sizes[i] / POLL_EVERY_S;
        user[i] = sizes[i] * (c->session_octets + POINTS * c->point_octets) / 1e9;
        kernel[i] = sizes[i] * c->kernel_octets / 1e9;
        cores[i] = (messages * c->message_us + polls * c->poll_us) / 1e6;
        load[i] = messages / c->messages_per_s * 100;
        rows[i] = messages * SECONDS_A_DAY / 1e9;
    }
    print_line(to, "stations", sizes, "");
    print_line(to, "memory of sessions and points", user, "GB");
    print_line(to, "kernel memory of their connections", kernel, "GB");
    print_line(to, "CPU", cores, "cores");
    print_line(to, "messages, of what one store was measured to take", load, "%");
    print_line(to, "journal rows", rows, "billion a day");
    print_line(to, "descriptors", sizes, "(LimitNOFILE)");
}

void extrapolate_print(const struct report *r, FILE *to)
{
    const struct record *memory = report_next(r, "memory", NULL);
    struct costs c = {
        .session_octets = memory ? record_get(memory, "session_octets") : NAN,
        .point_octets = memory ? record_get(memory, "point_octets") : NAN,
        .kernel_octets = at_most_stations(r, "idle", "kernel_kib_session") * 1024,
        .message_us = at_most_stations(r, "flat", "cpu_us"),
        .poll_us = at_most_stations(r, "poll", "cpu_us"),
        .messages_per_s = at_most_stations(r, "unsolicited", "msg_s"),
    };
    fprintf(
        to,
        "\nLarger, from the costs above: %d points a station, a message of one value every %d s, an event "
        "poll every %d s\n",
        POINTS, MESSAGE_EVERY_S, POLL_EVERY_S);
    print_sizes(&c, to);
}
