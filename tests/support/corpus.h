// SPDX-License-Identifier: Apache-2.0
/*
 * Files of the corpora outside the tree: $FEP_CORPORA, or ../shared/corpora seen from the source root, where
 * the tests run.
 *
 *     FILE *f = corpus_open("pesco-vectors.tsv");     NULL where the corpora are absent
 *     while (corpus_row(f, line, sizeof line, fields, 5)) ...
 */
#ifndef SUPPORT_CORPUS_H
#define SUPPORT_CORPUS_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline const char *corpus_path(const char *name, char *path, size_t room)
{
    const char *root = getenv("FEP_CORPORA");
    snprintf(path, room, "%s/%s", root && *root ? root : "../shared/corpora", name);
    return path;
}

static inline FILE *corpus_open(const char *name)
{
    char path[512];
    return fopen(corpus_path(name, path, sizeof path), "r");
}

/* Splits the next line at its tabs; fields that are not there are empty. False at the end. */
static inline bool corpus_row(FILE *f, char *line, size_t room, char *fields[], size_t n)
{
    if (!fgets(line, (int)room, f))
        return false;
    line[strcspn(line, "\r\n")] = '\0';
    char *at = line;
    for (size_t i = 0; i < n; i++) {
        fields[i] = at;
        char *tab = strchr(at, '\t');
        if (tab)
            *tab = '\0';
        at = tab ? tab + 1 : at + strlen(at);
    }
    return true;
}

#endif
