// SPDX-License-Identifier: Apache-2.0
#include "tools/fepctl/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Columns on a terminal; a code point counts as one. */
static size_t width_of(const char *text)
{
    size_t width = 0;
    for (; *text; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

void text_disarm(char *text)
{
    for (unsigned char *at = (unsigned char *)text; *at; at++) {
        if (*at == 0xC2 && at[1] >= 0x80 && at[1] < 0xA0) /* U+0080 to U+009F */
            *at++ = '?', *at = '?';
        else if (*at < ' ' || *at == 0x7F)
            *at = '?';
    }
}

void table_add(struct table *t, const char *const *row)
{
    assert(t->columns_len <= TABLE_COLUMNS_MAX);
    if (t->len + t->columns_len > t->room) {
        t->room = 2 * (t->len + t->columns_len);
        t->cells = realloc(t->cells, t->room * sizeof *t->cells);
        assert(t->cells);
    }
    for (size_t i = 0; i < t->columns_len; i++) {
        char *cell = strdup(row[i] ? row[i] : "-");
        assert(cell);
        text_disarm(cell);
        t->cells[t->len++] = cell;
    }
}

static void put(FILE *to, const char *text, size_t width, bool right, bool last)
{
    int pad = (int)(width - width_of(text));
    if (right)
        fprintf(to, "%*s%s", pad, "", text);
    else
        fprintf(to, "%s%*s", text, last ? 0 : pad, "");
    fputs(last ? "\n" : "  ", to);
}

void table_print(struct table *t, FILE *to)
{
    size_t widths[TABLE_COLUMNS_MAX], n = t->columns_len;
    for (size_t i = 0; i < n; i++)
        widths[i] = width_of(t->columns[i].heading);
    for (size_t i = 0; i < t->len; i++) {
        size_t width = width_of(t->cells[i]);
        if (width > widths[i % n])
            widths[i % n] = width;
    }
    for (size_t i = 0; i < n; i++)
        put(to, t->columns[i].heading, widths[i], t->columns[i].right, i + 1 == n);
    for (size_t i = 0; i < t->len; i++) {
        put(to, t->cells[i], widths[i % n], t->columns[i % n].right, i % n + 1 == n);
        free(t->cells[i]);
    }
    free(t->cells);
    t->cells = NULL;
    t->len = t->room = 0;
}
