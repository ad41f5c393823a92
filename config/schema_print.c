// SPDX-License-Identifier: Apache-2.0
#include "config/scalar.h"
#include <string.h>

static void print_row(const struct schema_row *row, const char *prefix, FILE *to)
{
    char allowed[SCALAR_TEXT_ROOM];
    scalar_describe_allowed(row, allowed, sizeof(allowed));
    bool say_unit = row->unit && row->kind != SCHEMA_DURATION;
    fprintf(to, "| `%s%s` | %s%s%s | ", prefix, row->key, allowed, say_unit ? ", " : "",
            say_unit ? row->unit : "");
    if (row->required)
        fputs("required", to);
    else if (row->fallback)
        fprintf(to, "`%s`", row->fallback);
    fprintf(to, " | %s |\n", row->help ? row->help : "");
}

static void print_rows(const struct schema *schema, const char *prefix, FILE *to)
{
    for (size_t i = 0; i < schema->rows_len; i++) {
        const struct schema_row *row = &schema->rows[i];
        char deeper[256];
        snprintf(deeper, sizeof(deeper), "%s%s.", prefix, row->key);
        print_row(row, prefix, to);
        if (row->kind == SCHEMA_MAPPING)
            print_rows(row->sub, deeper, to);
    }
}

void schema_print(const struct schema *schema, FILE *to)
{
    fputs("| key | allowed | default | |\n|---|---|---|---|\n", to);
    print_rows(schema, "", to);
}
