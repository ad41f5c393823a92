// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/cursor.h"

#include <inttypes.h>
#include <stdio.h>

static bool take_number(const char **at, int64_t *number)
{
    const char *first = *at;
    *number = 0;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        int digit = **at - '0';
        if (*number > (INT64_MAX - digit) / 10)
            return false;
        *number = *number * 10 + digit;
    }
    return *at > first && (*first != '0' || *at == first + 1);
}

bool cursor_parse(const char *text, struct cursor *cursor)
{
    return take_number(&text, &cursor->journal) && *text++ == '-' && take_number(&text, &cursor->seq) &&
           *text == '\0';
}

void cursor_text(const struct cursor *cursor, char text[CURSOR_TEXT_MAX])
{
    snprintf(text, CURSOR_TEXT_MAX, "%" PRId64 "-%" PRId64, cursor->journal, cursor->seq);
}

enum cursor_place cursor_place(const struct cursor *cursor, const struct journal_bounds *bounds)
{
    if (cursor->journal != bounds->journal_id)
        return CURSOR_FOREIGN;
    if (cursor->seq > bounds->newest)
        return CURSOR_AHEAD;
    return cursor->seq < bounds->oldest - 1 ? CURSOR_OLD : CURSOR_FINE;
}
