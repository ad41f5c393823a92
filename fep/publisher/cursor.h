// SPDX-License-Identifier: Apache-2.0
/*
 * A cursor names the last event that a consumer has: `<journal id>-<sequence>`, both decimal and below 2^63.
 */
#ifndef FEP_CURSOR_H
#define FEP_CURSOR_H

#include "db/reader.h"

enum { CURSOR_TEXT_MAX = 42 };

struct cursor {
    int64_t journal;
    int64_t seq;
};

/* Whether what comes after a cursor can be had without loss. */
enum cursor_place { CURSOR_FINE, CURSOR_OLD, CURSOR_AHEAD, CURSOR_FOREIGN };

bool cursor_parse(const char *text, struct cursor *cursor); /* only what cursor_text() would write */
void cursor_text(const struct cursor *cursor, char text[CURSOR_TEXT_MAX]);
enum cursor_place cursor_place(const struct cursor *cursor, const struct journal_bounds *bounds);

#endif
