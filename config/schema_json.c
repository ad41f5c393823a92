// SPDX-License-Identifier: Apache-2.0
/* The table as a JSON Schema. */
#include "config/scalar.h"

#include <math.h>
#include <string.h>

/* A duration as scalar.c reads it. */
#define DURATION_PATTERN "^(0|[0-9]+(\\\\.[0-9]+)?(ms|s|min|h|d))$"
#define RANGE_PATTERN    "^[0-9]+\\\\.\\\\.[0-9]+$"

struct printer {
    FILE *to;
    int depth;
};

static void line(const struct printer *p, const char *text)
{
    fprintf(p->to, "%*s%s", 2 * p->depth, "", text);
}

static void put_text(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\')
            fputc('\\', to);
        fputc(*text, to);
    }
    fputc('"', to);
}

static void put_names(FILE *to, const char *const *names)
{
    fputc('[', to);
    for (size_t i = 0; names[i]; i++) {
        fputs(i ? ", " : "", to);
        put_text(to, names[i]);
    }
    fputc(']', to);
}

static void put_bounds(FILE *to, const struct schema_row *row, const char *least, const char *most)
{
    bool given = row->min != 0 || row->max != 0;
    double most_of_field = row->kind == SCHEMA_UNSIGNED ? ldexp(1, (int)(8 * row->size)) - 1 : INFINITY;
    if (given || row->kind == SCHEMA_UNSIGNED)
        fprintf(to, ", \"%s\": %.17g", least, row->min);
    if (given)
        fprintf(to, ", \"%s\": %.17g", most, row->max);
    else if (isfinite(most_of_field))
        fprintf(to, ", \"%s\": %.17g", most, most_of_field);
}

static void put_object(const struct printer *p, const struct schema *schema);

static void put_list(const struct printer *p, const struct schema_row *row)
{
    fputs("\"type\": \"array\"", p->to);
    if (row->kind == SCHEMA_LIST && (row->min != 0 || row->max != 0))
        put_bounds(p->to, row, "minItems", "maxItems");
    fputs(", \"items\": {", p->to);
    put_object(p, row->sub);
    fputs("}", p->to);
}

static void put_classes(FILE *to, const struct schema_row *row)
{
    fputs("\"type\": \"array\", \"uniqueItems\": true, \"items\": {\"enum\": [", to);
    for (unsigned class = 0, first = 1; class < 4; class ++)
        if ((unsigned)row->max >> class & 1)
            fprintf(to, "%s%u", first ? "" : ", ", class), first = 0;
    fputs("]}", to);
}

/* What stands for itself in a line, and what its bounds are called. */
static const struct {
    const char *type, *least, *most;
} plain[] = {
    [SCHEMA_BOOL] = {"\"type\": \"boolean\"", NULL, NULL},
    [SCHEMA_UNSIGNED] = {"\"type\": \"integer\"", "minimum", "maximum"},
    [SCHEMA_DOUBLE] = {"\"type\": \"number\"", "minimum", "maximum"},
    [SCHEMA_STRING] = {"\"type\": \"string\"", "minLength", "maxLength"},
    [SCHEMA_STRINGS] = {"\"type\": [\"array\", \"string\"], \"items\": {\"type\": \"string\"}", "minItems",
                        "maxItems"},
    [SCHEMA_DURATION] = {"\"type\": [\"string\", \"integer\"], \"pattern\": \"" DURATION_PATTERN
                         "\", \"maximum\": 0",
                         NULL, NULL},
    [SCHEMA_RANGE] = {"\"type\": [\"integer\", \"string\"], \"minimum\": 0, \"pattern\": \"" RANGE_PATTERN
                      "\"",
                      NULL, NULL},
};

static void put_words(FILE *to, const struct schema_row *row)
{
    if (row->kind == SCHEMA_CLASSES) {
        put_classes(to, row);
        return;
    }
    bool several = row->kind == SCHEMA_FLAGS;
    fputs(several ? "\"type\": \"array\", \"uniqueItems\": true, \"items\": {\"enum\": " : "\"enum\": ", to);
    put_names(to, row->names);
    fputs(several ? "}" : "", to);
}

static void put_plain(FILE *to, const struct schema_row *row)
{
    fputs(plain[row->kind].type, to);
    if (plain[row->kind].least)
        put_bounds(to, row, plain[row->kind].least, plain[row->kind].most);
}

static void put_value(const struct printer *p, const struct schema_row *row)
{
    if (row->kind == SCHEMA_LIST || (row->kind == SCHEMA_ANY && row->many))
        put_list(p, row);
    else if (row->kind == SCHEMA_MAPPING || row->kind == SCHEMA_ANY)
        put_object(p, row->sub);
    else if (row->kind == SCHEMA_ENUM || row->kind == SCHEMA_FLAGS || row->kind == SCHEMA_CLASSES)
        put_words(p->to, row);
    else
        put_plain(p->to, row);
}

static void put_row(const struct printer *p, const struct schema_row *row)
{
    line(p, "");
    put_text(p->to, row->key);
    fputs(": {", p->to);
    if (row->help) {
        fputs("\"description\": ", p->to);
        put_text(p->to, row->help);
        fputs(", ", p->to);
    }
    /* As YAML writes it; for a reader, since not all of it is JSON. */
    if (row->fallback) {
        fputs("\"$comment\": \"default: ", p->to);
        for (const char *c = row->fallback; *c; c++)
            fprintf(p->to, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
        fputs("\", ", p->to);
    }
    put_value(p, row);
    fputs("}", p->to);
}

static void put_required(const struct printer *p, const struct schema *schema)
{
    bool first = true;
    for (size_t i = 0; i < schema->rows_len; i++) {
        if (!schema->rows[i].required)
            continue;
        fputs(first ? ", \"required\": [" : ", ", p->to);
        put_text(p->to, schema->rows[i].key);
        first = false;
    }
    if (!first)
        fputs("]", p->to);
}

static void put_object(const struct printer *p, const struct schema *schema)
{
    struct printer deeper = {p->to, p->depth + 1};
    fputs("\"type\": \"object\", \"additionalProperties\": false", p->to);
    put_required(p, schema);
    fputs(", \"properties\": {\n", p->to);
    for (size_t i = 0; i < schema->rows_len; i++) {
        put_row(&deeper, &schema->rows[i]);
        fputs(i + 1 < schema->rows_len ? ",\n" : "\n", p->to);
    }
    line(p, "}");
}

void schema_print_json(const struct schema *schema, const char *title, FILE *to)
{
    const struct printer p = {to, 0};
    fputs("{\"$schema\": \"http://json-schema.org/draft-07/schema#\", \"title\": ", to);
    put_text(to, title);
    fputs(", ", to);
    put_object(&p, schema);
    fputs("}\n", to);
}
