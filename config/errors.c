// SPDX-License-Identifier: Apache-2.0
#include "config/errors.h"
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ERRORS = 1000 };

static struct config_error *next_error(struct config_errors *errors)
{
    if (errors->len == MOST_ERRORS) {
        errors->dropped++;
        return NULL;
    }
    if (errors->len == errors->room) {
        errors->room = errors->room ? errors->room * 2 : 16;
        errors->list = realloc(errors->list, errors->room * sizeof(*errors->list));
        if (!errors->list)
            abort();
    }
    return &errors->list[errors->len++];
}

void config_errors_add(struct config_errors *errors, const struct config_place *place, const char *format,
                       ...)
{
    struct config_error *error = next_error(errors);
    if (!error)
        return;
    *error = (struct config_error){.file = strdup(place->file),
                                   .line = place->line,
                                   .column = place->column,
                                   .rank = place->rank,
                                   .order = (uint32_t)errors->len};
    va_list arguments;
    va_start(arguments, format);
    int len = vasprintf(&error->text, format, arguments);
    va_end(arguments);
    if (len < 0 || !error->file)
        abort();
}

static int sign(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare_places(const void *left, const void *right)
{
    const struct config_error *a = left;
    const struct config_error *b = right;
    int by_file = sign(a->rank, b->rank);
    int by_line = sign(a->line, b->line);
    int by_column = sign(a->column, b->column);
    return by_file ? by_file : by_line ? by_line : by_column ? by_column : sign(a->order, b->order);
}

void config_errors_sort(struct config_errors *errors)
{
    if (errors->len)
        qsort(errors->list, errors->len, sizeof(*errors->list), compare_places);
}

void config_errors_print(const struct config_errors *errors, FILE *to)
{
    for (size_t i = 0; i < errors->len; i++) {
        const struct config_error *e = &errors->list[i];
        if (e->line)
            fprintf(to, "%s:%u:%u: %s\n", e->file, e->line, e->column, e->text);
        else
            fprintf(to, "%s: %s\n", e->file, e->text);
    }
    if (errors->dropped)
        fprintf(to, "and %zu more\n", errors->dropped);
}

/* Octets of the character of UTF-8 that begins here; 0 where none does (RFC 3629). */
static size_t character_len(const unsigned char *c)
{
    static const struct {
        unsigned char first, last;   /* octet */
        unsigned char least2, most2; /* the one behind it */
        uint8_t len;
    } forms[] = {
        {0x01, 0x7F, 0, 0xFF, 1},    {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
        {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
        {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (*c < forms[i].first || *c > forms[i].last)
            continue;
        size_t len = 1;
        while (len < forms[i].len && (c[len] & 0xC0) == 0x80)
            len++;
        return len == forms[i].len && c[1] >= forms[i].least2 && c[1] <= forms[i].most2 ? len : 0;
    }
    return 0;
}

/* Names of files may hold any octets; those that are no character become U+FFFD. */
static void print_json_string(const char *text, FILE *to)
{
    fputc('"', to);
    for (const char *c = text; *c;) {
        size_t len = character_len((const unsigned char *)c);
        if (len == 0)
            fputs("\\ufffd", to);
        else if (*c == '"' || *c == '\\')
            fprintf(to, "\\%c", *c);
        else if ((unsigned char)*c < 0x20)
            fprintf(to, "\\u%04x", (unsigned)*c);
        else
            fwrite(c, 1, len, to);
        c += len ? len : 1;
    }
    fputc('"', to);
}

void config_errors_print_json(const struct config_errors *errors, FILE *to)
{
    fputs("{\"errors\":[", to);
    for (size_t i = 0; i < errors->len; i++) {
        const struct config_error *e = &errors->list[i];
        fputs(i ? ",\n{\"file\":" : "\n{\"file\":", to);
        print_json_string(e->file, to);
        fprintf(to, ",\"line\":%u,\"column\":%u,\"text\":", e->line, e->column);
        print_json_string(e->text, to);
        fputc('}', to);
    }
    fprintf(to, "],\"dropped\":%zu}\n", errors->dropped);
}

void config_errors_free(struct config_errors *errors)
{
    for (size_t i = 0; i < errors->len; i++) {
        free(errors->list[i].file);
        free(errors->list[i].text);
    }
    free(errors->list);
    *errors = (struct config_errors){0};
}
