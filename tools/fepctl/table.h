// SPDX-License-Identifier: Apache-2.0
/*
 * A table for people: columns as wide as what stands in them, headings in capitals, numbers to the right.
 *
 *     struct table t = {.columns = columns, .columns_len = 3};
 *     table_add(&t, row)            cells are copied; NULL is "-"
 *     table_print(&t, stdout)       and forgets the rows
 *
 * What stands in them was chosen by people and stations, and does not steer the terminal.
 */
#ifndef TOOLS_FEPCTL_TABLE_H
#define TOOLS_FEPCTL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 12 };

struct table_column {
    const char *heading;
    bool right;
};

struct table {
    const struct table_column *columns;
    size_t columns_len;
    char **cells;
    size_t len, room; /* of cells */
};

/* Control characters of UTF-8 become '?', octet by octet. */
void text_disarm(char *text);
void table_add(struct table *t, const char *const *row);
void table_print(struct table *t, FILE *to);

#endif
