// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/goals.h"

#include "tools/fepbench/stats.h"

#include <math.h>
#include <string.h>

enum { MANY = 256, PAIRS_MAX = 64 };

static double larger(double a, double b)
{
    return isnan(a) || b > a ? b : a;
}

static double smaller(double a, double b)
{
    return isnan(a) || b < a ? b : a;
}

/* One worker and many stations: what the floor does too. */
static bool is_common(const struct record *r)
{
    return record_get(r, "workers") == 1 && record_get(r, "stations") >= MANY;
}

static bool is_single(const struct record *r)
{
    return is_common(r) && record_get(r, "values") == 1;
}

static double cpu_over_floor(const struct report *r)
{
    double worst = NAN;
    for (const struct record *x = NULL; (x = report_next(r, "unsolicited", x));)
        if (is_single(x))
            worst = larger(worst, record_get(x, "cpu_x"));
    return worst;
}

static double rate_over_floor(const struct report *r)
{
    double worst = NAN;
    for (const struct record *x = NULL; (x = report_next(r, "unsolicited", x));)
        if (is_single(x))
            worst = smaller(worst, record_get(x, "rate_x"));
    return worst;
}

/* Of responses with more than one. */
static double value_over_row(const struct report *r)
{
    double worst = NAN;
    for (const struct record *x = NULL; (x = report_next(r, "unsolicited", x));)
        if (is_common(x))
            worst = larger(worst, record_get(x, "value_x"));
    return worst;
}

/* The worst of a field, or of its ratio to another one. */
static double most_of(const struct report *r, const char *scenario, const char *field, const char *over)
{
    double worst = NAN;
    for (const struct record *x = NULL; (x = report_next(r, scenario, x));)
        worst = larger(worst, record_get(x, field) / (over ? record_get(x, over) : 1));
    return worst;
}

/* With the most stations: at a hundred polls a second the process costs, and not the polls. */
static const struct record *most_polled(const struct report *r)
{
    const struct record *best = NULL;
    for (const struct record *x = NULL; (x = report_next(r, "poll", x));)
        if (!best || record_get(x, "stations") > record_get(best, "stations"))
            best = x;
    return best;
}

static double poll_over_echo(const struct report *r)
{
    const struct record *x = most_polled(r);
    return x ? record_get(x, "cpu_us") / record_get(x, "floor_cpu_us") : NAN;
}

static double polls_on_time(const struct report *r)
{
    const struct record *x = most_polled(r);
    return x ? record_get(x, "on_time_pct") : NAN;
}

static double session_octets(const struct report *r)
{
    return most_of(r, "memory", "session_octets", NULL);
}

static double point_octets(const struct report *r)
{
    return most_of(r, "memory", "point_octets", NULL);
}

static double idle_cpu(const struct report *r)
{
    return most_of(r, "idle", "cpu_pct", NULL);
}

static double flat_over_floor(const struct report *r)
{
    return most_of(r, "flat", "flat_x", NULL);
}

static double fat_over_flat(const struct report *r)
{
    double flat = NAN;
    for (const struct record *x = NULL; (x = report_next(r, "flat", x));)
        flat = smaller(flat, record_get(x, "cpu_ns_octet"));
    return most_of(r, "fat", "cpu_ns_octet", NULL) / flat;
}

static double connect_s(const struct report *r)
{
    return most_of(r, "connect", "full_s", NULL);
}

static double connect_troubles(const struct report *r)
{
    const struct record *x = report_next(r, "connect", NULL);
    return x ? record_get(x, "failures") + record_get(x, "timeouts") + record_get(x, "connects") -
                   record_get(x, "stations")
             : NAN;
}

static double half_over_floor(const struct report *r)
{
    return most_of(r, "half", "p99_us", "floor_p99_us");
}

static double storm_over_calm(const struct report *r)
{
    double ratios[PAIRS_MAX];
    size_t len = 0;
    for (const struct record *x = NULL; len < PAIRS_MAX && (x = report_next(r, "storm", x));)
        ratios[len++] = record_get(x, "storm_p99_us") / record_get(x, "calm_p99_us");
    return stats_median(ratios, len);
}

static double small_mb(const struct report *r)
{
    return most_of(r, "small", "rss_kib", NULL) * 1024 / 1e6;
}

static double growth_over_noise(const struct report *r)
{
    return most_of(r, "growth", "grown_kib", "noise_kib");
}

static const struct goal goals[] = {
    {"CPU of a durable confirmed message, 256 stations and more", 1.5, false, "x commit floor",
     cpu_over_floor},
    {"durable messages a second, 256 stations and more", 0.75, true, "x commit floor", rate_over_floor},
    {"CPU of a further value in a response", 1.6, false, "x floor's row", value_over_row},
    {"CPU of an event poll", 1.5, false, "x echo floor", poll_over_echo},
    {"event polls within 10 % of their period", 99, true, "%", polls_on_time},
    {"memory of a session without its points", 1024, false, "octets", session_octets},
    {"memory of a point", 48, false, "octets", point_octets},
    {"CPU of the idle process", 1, false, "% of a core", idle_cpu},
    {"flat: most stations against 200", 1.10, false, "x floor's ratio", flat_over_floor},
    {"fat: CPU of an octet", 1, false, "x flat's", fat_over_flat},
    {"connect: all on line with a full picture", 30, false, "s", connect_s},
    {"connect: failures, timeouts, repeated attempts", 0, false, "", connect_troubles},
    {"p99 to the confirm at half the maximum rate", 2, false, "x commit floor", half_over_floor},
    {"storm: p99 of the others, with against without", 1.25, false, "x", storm_over_calm},
    {"small: 100 stations of 100 points", 16, false, "MB", small_mb},
    {"growth over the steady minutes", 1, false, "x noise", growth_over_noise},
};

const struct goal *goals_all(size_t *len)
{
    *len = sizeof goals / sizeof *goals;
    return goals;
}

enum goal_verdict goals_verdict(const struct goal *goal, double value)
{
    if (isnan(value))
        return GOAL_NOT_MEASURED;
    return (goal->at_least ? value >= goal->limit : value <= goal->limit) ? GOAL_MET : GOAL_MISSED;
}

const char *goals_verdict_name(enum goal_verdict verdict)
{
    static const char *const names[] = {"met", "missed", "not measured"};
    return names[verdict];
}

size_t goals_print(const struct report *r, FILE *to)
{
    size_t missed = 0;
    fprintf(to, "\n%-60s %10s %10s %-16s\n", "goal", "limit", "measured", "");
    for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
        const struct goal *g = &goals[i];
        double value = g->measure(r);
        enum goal_verdict verdict = goals_verdict(g, value);
        fprintf(to, "%-60s %2s %7.6g ", g->what, g->at_least ? ">=" : "<=", g->limit);
        if (verdict == GOAL_NOT_MEASURED)
            fprintf(to, "%10s %-16s %s\n", "-", g->unit, goals_verdict_name(verdict));
        else if (verdict == GOAL_MET || g->limit == 0)
            fprintf(to, "%10.4g %-16s %s\n", value, g->unit, goals_verdict_name(verdict));
        else
            fprintf(to, "%10.4g %-16s missed by %.1f %%\n", value, g->unit, fabs(value / g->limit - 1) * 100);
        missed += verdict == GOAL_MISSED;
    }
    return missed;
}
