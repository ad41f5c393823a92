// SPDX-License-Identifier: Apache-2.0
/*
 * What is wrong with a file, all of it: collected while reading goes on, sorted, printed as text or JSON.
 * Owned by whoever declares it (`struct config_errors errors = {0};`); config_errors_free() empties it. Not
 * shared between threads.
 */
#ifndef CONFIG_ERRORS_H
#define CONFIG_ERRORS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct config_error {
    char *file;
    uint32_t line;   /* from 1; 0 where the file itself is meant */
    uint32_t column; /* from 1 */
    char *text;      /* what is wrong, and what is allowed */
    uint32_t rank;   /* of the file, in order of inclusion */
    uint32_t order;  /* in which it was found */
};

struct config_errors {
    struct config_error *list; /* ordered by file (in order of inclusion), line, column */
    size_t len;
    size_t room;
    size_t dropped; /* beyond the first 1000 */
};

/* Where an error stands. */
struct config_place {
    const char *file;
    uint32_t rank;
    uint32_t line;
    uint32_t column;
};

void config_errors_add(struct config_errors *errors, const struct config_place *place, const char *format,
                       ...) __attribute__((format(printf, 3, 4)));
void config_errors_sort(struct config_errors *errors);
void config_errors_print(const struct config_errors *errors, FILE *to); /* file:line:column: text */
/* {"errors":[{"file":…,"line":…,"column":…,"text":…},…],"dropped":0} */
void config_errors_print_json(const struct config_errors *errors, FILE *to);
void config_errors_free(struct config_errors *errors);

#endif
