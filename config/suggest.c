// SPDX-License-Identifier: Apache-2.0
/* "Did you mean": the nearest of the words that are allowed, by the edits that lie between. */
#include "config/schema.h"
#include <string.h>

enum { LONGEST_WORD = 40 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, substitutions, swaps of neighbours. */
static size_t distance(const char *a, const char *b)
{
    size_t a_len = strlen(a);
    size_t b_len = strlen(b);
    size_t rows[3][LONGEST_WORD + 1];
    if (a_len > LONGEST_WORD || b_len > LONGEST_WORD)
        return LONGEST_WORD;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3];
        const size_t *above = rows[(i - 1) % 3];
        const size_t *above2 = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t edit = above[j - 1] + (a[i - 1] != b[j - 1]);
            now[j] = least(edit, least(above[j], now[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = least(now[j], above2[j - 2] + 1);
        }
    }
    return rows[a_len % 3][b_len];
}

/* Of the whole name, of its beginning, or of what follows an underscore: `adress` means `outstation_address`.
 */
static size_t distance_to_part(const char *word, const char *name)
{
    size_t nearest = distance(word, name);
    if (strlen(word) > 2 && strncmp(word, name, strlen(word)) == 0)
        return 1;
    for (const char *part = strchr(name, '_'); part; part = strchr(part + 1, '_'))
        nearest = least(nearest, distance(word, part + 1) + 1);
    return nearest;
}

void schema_suggest(const char *word, const char *const *names, char *text, size_t room)
{
    size_t nearest = strlen(word) / 3 + 2;
    text[0] = '\0';
    for (; *names; names++) {
        size_t far = distance_to_part(word, *names);
        if (far < nearest) {
            nearest = far;
            snprintf(text, room, " Did you mean '%s'?", *names);
        }
    }
}
