// SPDX-License-Identifier: Apache-2.0
/*
 * Documents that a test generates and that are kept in the tree: the test fails where they differ, and writes
 * them anew with FEP_UPDATE=1. Paths count from the source root, where the tests run.
 */
#ifndef SUPPORT_KEPT_H
#define SUPPORT_KEPT_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline bool kept_write(const char *path, const char *text, size_t len)
{
    FILE *f = fopen(path, "w");
    bool written = f && fwrite(text, 1, len, f) == len;
    return f && fclose(f) == 0 && written;
}

/* Whether the file has just these octets; says where it does not. */
static inline bool kept_is(const char *path, const char *text, size_t len)
{
    const char *update = getenv("FEP_UPDATE");
    if (update && *update && *update != '0')
        return kept_write(path, text, len);
    FILE *f = fopen(path, "r");
    size_t at = 0, line = 1;
    int c = EOF;
    while (f && (c = fgetc(f)) != EOF && at < len && c == (unsigned char)text[at])
        line += text[at++] == '\n';
    bool equal = f && c == EOF && at == len;
    if (f)
        fclose(f);
    if (!equal)
        fprintf(stderr, "%s is out of date from line %zu on: FEP_UPDATE=1 writes it anew\n", path, line);
    return equal;
}

#endif
