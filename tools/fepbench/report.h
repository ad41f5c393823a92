// SPDX-License-Identifier: Apache-2.0
/*
 * What was measured: records of named numbers, each of a scenario, in the order of measuring. The text, the
 * JSON, the goals and the extrapolation are all made from them, and a test can make records of its own.
 */
#ifndef FEPBENCH_REPORT_H
#define FEPBENCH_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { REPORT_FIELDS_MAX = 32 };

struct record {
    const char *scenario; /* names are literals */
    size_t len;
    struct {
        const char *name;
        double value; /* NAN: could not be measured */
    } fields[REPORT_FIELDS_MAX];
};

struct report {
    struct record *records;
    size_t len;
    bool failed; /* something other than a figure went wrong: the run is not valid */
};

/* The record is valid until the next one is added. */
struct record *report_add(struct report *r, const char *scenario);
void record_put(struct record *record, const char *name, double value);
/* NAN where there is no such field. */
double record_get(const struct record *record, const char *name);
void report_free(struct report *r);

/* The next record of a scenario after `after` (NULL: the first); NULL where there is none. */
const struct record *report_next(const struct report *r, const char *scenario, const struct record *after);

/* A table a scenario. */
void report_print(const struct report *r, FILE *to);
/* {"machine": {...}, "records": [{"scenario": ..., fields}], "goals": [...]}; NAN becomes null. */
void report_print_json(const struct report *r, const char *folder, FILE *to);
/* CPU, kernel, versions, file system of `folder`, as lines or as a JSON object. */
void report_machine(FILE *to, const char *folder, bool json);

#endif
