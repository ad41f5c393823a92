// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/report.h"

#include "tools/fepbench/goals.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct record *report_add(struct report *r, const char *scenario)
{
    r->records = realloc(r->records, (r->len + 1) * sizeof *r->records);
    assert(r->records);
    struct record *record = &r->records[r->len++];
    *record = (struct record){.scenario = scenario};
    return record;
}

void record_put(struct record *record, const char *name, double value)
{
    assert(record->len < REPORT_FIELDS_MAX);
    record->fields[record->len].name = name;
    record->fields[record->len++].value = value;
}

double record_get(const struct record *record, const char *name)
{
    for (size_t i = 0; i < record->len; i++)
        if (strcmp(record->fields[i].name, name) == 0)
            return record->fields[i].value;
    return NAN;
}

void report_free(struct report *r)
{
    free(r->records);
    *r = (struct report){0};
}

const struct record *report_next(const struct report *r, const char *scenario, const struct record *after)
{
    for (size_t i = after ? (size_t)(after - r->records) + 1 : 0; i < r->len; i++)
        if (strcmp(r->records[i].scenario, scenario) == 0)
            return &r->records[i];
    return NULL;
}

static int decimals(double value)
{
    double size = fabs(value);
    return value == floor(value) || size >= 1000 ? 0 : size >= 100 ? 1 : 2;
}

/* Wide enough for its name and for seven digits. */
static int width_of(const char *name)
{
    int len = (int)strlen(name);
    return len < 7 ? 7 : len;
}

static bool same_columns(const struct record *a, const struct record *b)
{
    if (a->len != b->len)
        return false;
    for (size_t i = 0; i < a->len; i++)
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0)
            return false;
    return true;
}

static void print_row(const struct record *record, FILE *to)
{
    for (size_t i = 0; i < record->len; i++) {
        int width = width_of(record->fields[i].name);
        double value = record->fields[i].value;
        if (isnan(value))
            fprintf(to, " %*s", width, "-");
        else
            fprintf(to, " %*.*f", width, decimals(value), value);
    }
    fputc('\n', to);
}

void report_print(const struct report *r, FILE *to)
{
    for (size_t i = 0; i < r->len; i++) {
        const struct record *record = &r->records[i];
        const struct record *before = i ? record - 1 : NULL;
        bool new_scenario = !before || strcmp(before->scenario, record->scenario) != 0;
        if (new_scenario)
            fprintf(to, "\n%s\n", record->scenario);
        if (new_scenario || !same_columns(before, record)) {
            for (size_t f = 0; f < record->len; f++)
                fprintf(to, " %*s", width_of(record->fields[f].name), record->fields[f].name);
            fputc('\n', to);
        }
        print_row(record, to);
    }
}

static void print_json_number(double value, FILE *to)
{
    if (isfinite(value))
        fprintf(to, "%.6g", value);
    else
        fputs("null", to);
}

void report_print_json(const struct report *r, const char *folder, FILE *to)
{
    fputs("{\"machine\": ", to);
    report_machine(to, folder, true);
    fputs(",\n\"records\": [", to);
    for (size_t i = 0; i < r->len; i++) {
        fprintf(to, "%s\n  {\"scenario\": \"%s\"", i ? "," : "", r->records[i].scenario);
        for (size_t f = 0; f < r->records[i].len; f++) {
            fprintf(to, ", \"%s\": ", r->records[i].fields[f].name);
            print_json_number(r->records[i].fields[f].value, to);
        }
        fputc('}', to);
    }
    fputs("\n],\n\"goals\": [", to);
    size_t len;
    const struct goal *goals = goals_all(&len);
    for (size_t i = 0; i < len; i++) {
        double value = goals[i].measure(r);
        fprintf(to, "%s\n  {\"what\": \"%s\", \"limit\": ", i ? "," : "", goals[i].what);
        print_json_number(goals[i].limit, to);
        fputs(", \"measured\": ", to);
        print_json_number(value, to);
        fprintf(to, ", \"verdict\": \"%s\"}", goals_verdict_name(goals_verdict(&goals[i], value)));
    }
    fputs("\n]}\n", to);
}
