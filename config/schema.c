// SPDX-License-Identifier: Apache-2.0
#include "config/schema.h"
#include "config/doc.h"
#include "config/scalar.h"
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ROWS = 64 };

static size_t errors_so_far(const struct schema_doc *doc)
{
    return doc->errors->len + doc->errors->dropped;
}

void schema_error(struct schema_doc *doc, const struct schema_node *node, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    va_end(arguments);
    doc_error(doc, node ? node->line : 0, node ? node->column : 0, "%s", text);
    free(text);
}

/* --- errors --- */

static void report_value(struct schema_doc *doc, const struct schema_node *node, const struct schema_row *row)
{
    char found[SCALAR_TEXT_ROOM];
    char allowed[SCALAR_TEXT_ROOM];
    char hint[128] = "";
    scalar_describe_found(node, found, sizeof(found));
    scalar_describe_allowed(row, allowed, sizeof(allowed));
    if (row->names && node->kind == SCHEMA_NODE_SCALAR)
        schema_suggest(node->text, row->names, hint, sizeof(hint));
    schema_error(doc, node, "'%s' is %s.%s Allowed: %s", row->key, found, hint, allowed);
}

static void list_keys(const struct schema *schema, const char **names, char *text, size_t room)
{
    size_t used = 0;
    text[0] = '\0';
    for (size_t i = 0; i < schema->rows_len; i++) {
        names[i] = schema->rows[i].key;
        if (used < room)
            used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "", names[i]);
    }
    names[schema->rows_len] = NULL;
}

static void report_unknown(struct schema_doc *doc, const struct schema_node *key, const struct schema *schema)
{
    const char *names[MOST_ROWS + 1];
    char keys[2048];
    char found[SCALAR_TEXT_ROOM];
    char hint[128];
    list_keys(schema, names, keys, sizeof(keys));
    scalar_describe_found(key, found, sizeof(found));
    if (key->kind != SCHEMA_NODE_SCALAR) {
        schema_error(doc, key, "%s in place of a key in '%s'. Allowed: %s", found, schema->name, keys);
        return;
    }
    schema_suggest(key->text, names, hint, sizeof(hint));
    schema_error(doc, key, "unknown key %s in '%s'.%s Allowed: %s", found, schema->name, hint, keys);
}

static void report_missing(struct schema_doc *doc, const struct schema_node *node,
                           const struct schema *schema, uint64_t seen)
{
    for (size_t i = 0; i < schema->rows_len; i++) {
        const struct schema_row *row = &schema->rows[i];
        char allowed[SCALAR_TEXT_ROOM];
        if (!row->required || seen & UINT64_C(1) << i)
            continue;
        scalar_describe_allowed(row, allowed, sizeof(allowed));
        schema_error(doc, node, "'%s' is missing in '%s'. Allowed: %s", row->key, schema->name, allowed);
    }
}

static void report_duplicate(struct schema_doc *doc, const struct schema_node *mapping,
                             const struct schema_node *key)
{
    const struct schema_node *first = mapping->child;
    while (first->kind != SCHEMA_NODE_SCALAR || strcmp(first->text, key->text) != 0)
        first = first->next->next;
    schema_error(doc, key, "duplicate key '%s', first in line %u", key->text, first->line);
}

static void report_not_a_mapping(struct schema_doc *doc, const struct schema_node *node,
                                 const struct schema *schema)
{
    const char *names[MOST_ROWS + 1];
    char keys[2048];
    char found[SCALAR_TEXT_ROOM];
    list_keys(schema, names, keys, sizeof(keys));
    scalar_describe_found(node, found, sizeof(found));
    schema_error(doc, node, "'%s' is %s. Allowed: a mapping of %s", schema->name, found, keys);
}

/* --- lists --- */

static bool count_fits(const struct schema_row *row, size_t count)
{
    return (row->min == 0 && row->max == 0) || ((double)count >= row->min && (double)count <= row->max);
}

static size_t count_children(const struct schema_node *node)
{
    size_t count = 0;
    for (const struct schema_node *child = node->child; child; child = child->next)
        count++;
    return count;
}

static void store_list(const struct schema_row *row, void *into, const void *list, size_t len)
{
    memcpy((char *)into + row->offset, &list, sizeof(list));
    memcpy((char *)into + row->len_offset, &len, sizeof(len));
}

static const void *find_prototype(struct schema_doc *doc, const struct schema *schema)
{
    for (size_t i = 0; i < doc->prototypes_len; i++) {
        if (doc->prototypes[i].schema == schema)
            return doc->prototypes[i].bytes;
    }
    void *bytes = config_arena_take(doc->arena, schema->size);
    schema_defaults(schema, bytes, doc->arena);
    if (doc->prototypes_len < DOC_PROTOTYPES)
        doc->prototypes[doc->prototypes_len++] = (struct doc_prototype){schema, bytes};
    return bytes;
}

static void read_list(struct schema_doc *doc, const struct schema_node *node, const struct schema_row *row,
                      void *into)
{
    size_t count = node->kind == SCHEMA_NODE_LIST ? count_children(node) : SIZE_MAX;
    if (count == SIZE_MAX || !count_fits(row, count)) {
        report_value(doc, node, row);
        return;
    }
    const struct schema *sub = row->sub;
    char *list = config_arena_take(doc->arena, count * sub->size + 1);
    const void *prototype = count ? find_prototype(doc, sub) : NULL;
    char *entry = list;
    for (const struct schema_node *child = node->child; child; child = child->next, entry += sub->size) {
        memcpy(entry, prototype, sub->size);
        schema_read(doc, child, sub, entry);
    }
    store_list(row, into, list, count);
}

/* One text counts as a list of one: `include: stations.d/ *.yaml`. */
static void read_strings(struct schema_doc *doc, const struct schema_node *node, const struct schema_row *row,
                         void *into)
{
    bool single = node->kind == SCHEMA_NODE_SCALAR;
    size_t count = single ? 1 : count_children(node);
    if (node->kind == SCHEMA_NODE_MAPPING || !count_fits(row, count)) {
        report_value(doc, node, row);
        return;
    }
    const struct schema_row one = {.key = row->key, .kind = SCHEMA_STRING, .min = 1, .max = 4000};
    const char **list = config_arena_take(doc->arena, (count + 1) * sizeof(*list));
    const struct schema_node *child = single ? node : node->child;
    for (size_t i = 0; i < count; i++, child = child->next) {
        list[i] = "";
        if (!scalar_read(child, &one, doc->arena, &list[i]))
            report_value(doc, child, &one);
    }
    store_list(row, into, list, count);
}

/* --- mappings --- */

static void read_value(struct schema_doc *doc, const struct schema_node *node, const struct schema_row *row,
                       void *into)
{
    void *field = (char *)into + row->offset;
    switch (row->kind) {
    case SCHEMA_MAPPING:
        schema_read(doc, node, row->sub, field);
        break;
    case SCHEMA_LIST:
        read_list(doc, node, row, into);
        break;
    case SCHEMA_STRINGS:
        read_strings(doc, node, row, into);
        break;
    case SCHEMA_ANY:
        memcpy(field, &node, sizeof(node));
        break;
    default:
        if (!scalar_read(node, row, doc->arena, field))
            report_value(doc, node, row);
    }
}

/* Keys mostly come in the order of the table, so the search goes on where the last one ended. */
static size_t find_row(const struct schema *schema, const struct schema_node *key, size_t from)
{
    if (key->kind != SCHEMA_NODE_SCALAR)
        return SIZE_MAX;
    for (size_t i = 0; i < schema->rows_len; i++) {
        size_t at = from + i < schema->rows_len ? from + i : from + i - schema->rows_len;
        if (strcmp(schema->rows[at].key, key->text) == 0)
            return at;
    }
    return SIZE_MAX;
}

bool schema_read(struct schema_doc *doc, const struct schema_node *node, const struct schema *schema,
                 void *into)
{
    assert(schema->rows_len <= MOST_ROWS);
    size_t before = errors_so_far(doc);
    if (node && node->kind != SCHEMA_NODE_MAPPING) {
        report_not_a_mapping(doc, node, schema);
        return false;
    }
    uint64_t seen = 0;
    size_t at = 0;
    for (const struct schema_node *key = node ? node->child : NULL; key; key = key->next->next) {
        size_t found = find_row(schema, key, at);
        if (found == SIZE_MAX) {
            report_unknown(doc, key, schema);
        } else if (seen & UINT64_C(1) << found) {
            report_duplicate(doc, node, key);
        } else {
            seen |= UINT64_C(1) << found;
            at = found + 1;
            read_value(doc, key->next, &schema->rows[found], into);
        }
    }
    report_missing(doc, node, schema, seen);
    return errors_so_far(doc) == before;
}

/* The fallbacks of a schema as one YAML mapping, so that a default means what it would mean in a file. */
static char *write_fallbacks(const struct schema *schema, size_t *len)
{
    char *text = NULL;
    FILE *to = open_memstream(&text, len);
    if (!to)
        abort();
    for (size_t i = 0; i < schema->rows_len; i++) {
        if (schema->rows[i].fallback)
            fprintf(to, "%s: %s\n", schema->rows[i].key, schema->rows[i].fallback);
    }
    fclose(to);
    return text;
}

void schema_defaults(const struct schema *schema, void *into, struct config_arena *arena)
{
    assert(schema->rows_len <= MOST_ROWS);
    size_t len = 0;
    struct config_errors errors = {0};
    char *text = write_fallbacks(schema, &len);
    struct schema_doc *doc = schema_parse(schema->name, text, len, 0, arena, &errors);
    assert(doc);
    memset(into, 0, schema->size);
    const struct schema_node *root = schema_root(doc);
    for (size_t i = 0; i < schema->rows_len; i++) {
        const struct schema_row *row = &schema->rows[i];
        if (row->kind == SCHEMA_MAPPING)
            schema_defaults(row->sub, (char *)into + row->offset, arena);
        else if (row->fallback)
            read_value(doc, schema_get(root, row->key), row, into);
    }
    assert(errors.len == 0);
    schema_close(doc);
    config_errors_free(&errors);
    free(text);
}
