// SPDX-License-Identifier: Apache-2.0
/* YAML text to a tree of nodes, by the events of libyaml. */
#include "config/doc.h"
#include "config/file.h"
#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { DEEPEST = 32 };

/* The containers that are open, innermost last; `tail` is where the next child of each is hung up. */
struct builder {
    struct schema_doc *doc;
    struct schema_node **tail[DEEPEST + 1];
    size_t depth;
    uint32_t documents;
};

void doc_error(struct schema_doc *doc, uint32_t line, uint32_t column, const char *format, ...)
{
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        abort();
    va_end(arguments);
    struct config_place place = {doc->path, doc->rank, line, column};
    config_errors_add(doc->errors, &place, "%s", text);
    free(text);
}

static void refuse(struct builder *b, const yaml_event_t *event, const char *what)
{
    doc_error(b->doc, (uint32_t)event->start_mark.line + 1, (uint32_t)event->start_mark.column + 1, "%s",
              what);
    b->doc->broken = true;
}

static struct schema_node *hang_up(struct builder *b, const yaml_event_t *event, uint8_t kind)
{
    struct schema_node *node = config_arena_take(b->doc->nodes, sizeof(*node));
    node->kind = kind;
    node->line = (uint32_t)event->start_mark.line + 1;
    node->column = (uint32_t)event->start_mark.column + 1;
    *b->tail[b->depth] = node;
    b->tail[b->depth] = &node->next;
    return node;
}

/* False where the nesting is too deep to go on. */
static bool enter(struct builder *b, const yaml_event_t *event, uint8_t kind)
{
    struct schema_node *node = hang_up(b, event, kind);
    if (b->depth == DEEPEST) {
        refuse(b, event, "nested too deeply, at most 32 levels are allowed");
        return false;
    }
    b->tail[++b->depth] = &node->child;
    return true;
}

static void add_scalar(struct builder *b, const yaml_event_t *event)
{
    struct schema_node *node = hang_up(b, event, SCHEMA_NODE_SCALAR);
    if (memchr(event->data.scalar.value, '\0', event->data.scalar.length))
        refuse(b, event, "a text with U+0000 in it");
    node->text =
        config_arena_string(b->doc->nodes, (const char *)event->data.scalar.value, event->data.scalar.length);
    node->text_len = (uint32_t)event->data.scalar.length;
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
}

static void check_decoration(struct builder *b, const yaml_event_t *event, const yaml_char_t *anchor,
                             const yaml_char_t *tag)
{
    if (anchor)
        refuse(b, event, "anchors (&) are not allowed; use templates for what is shared");
    if (tag)
        refuse(b, event, "tags (!) are not allowed");
}

/* False where reading can't go on. */
static bool take_event(struct builder *b, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++b->documents > 1)
            refuse(b, event, "a second document; only one is allowed in a file");
        return b->documents == 1;
    case YAML_SCALAR_EVENT:
        check_decoration(b, event, event->data.scalar.anchor, event->data.scalar.tag);
        add_scalar(b, event);
        return true;
    case YAML_SEQUENCE_START_EVENT:
        check_decoration(b, event, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        return enter(b, event, SCHEMA_NODE_LIST);
    case YAML_MAPPING_START_EVENT:
        check_decoration(b, event, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        return enter(b, event, SCHEMA_NODE_MAPPING);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        b->depth--;
        return true;
    case YAML_ALIAS_EVENT:
        refuse(b, event, "aliases (*) are not allowed; use templates for what is shared");
        hang_up(b, event, SCHEMA_NODE_SCALAR)->text = "";
        return true;
    default:
        return event->type != YAML_STREAM_END_EVENT;
    }
}

/* Of octets that are no text at all libyaml says only how far they are from the beginning. */
static void report_octets(struct schema_doc *doc, const yaml_parser_t *parser, const char *bytes, size_t len)
{
    size_t stop = parser->problem_offset < len ? parser->problem_offset : len;
    uint32_t line = 1;
    uint32_t column = 1;
    for (size_t i = 0; i < stop; i++) {
        column = bytes[i] == '\n' ? 1 : column + 1;
        line += bytes[i] == '\n';
    }
    doc_error(doc, line, column, "not valid YAML: %s", parser->problem);
}

/* Of a tab libyaml says only that it begins no token. */
static bool is_indented_by_tab(const char *bytes, size_t len, uint32_t line)
{
    size_t at = 0;
    for (; at < len && line > 1; at++)
        line -= bytes[at] == '\n';
    while (at < len && bytes[at] == ' ')
        at++;
    return at < len && bytes[at] == '\t';
}

static void report_syntax(struct schema_doc *doc, const yaml_parser_t *parser, const char *bytes, size_t len)
{
    doc->broken = true;
    uint32_t line = (uint32_t)parser->problem_mark.line + 1;
    uint32_t column = (uint32_t)parser->problem_mark.column + 1;
    if (parser->error == YAML_READER_ERROR)
        report_octets(doc, parser, bytes, len);
    else if (parser->error == YAML_SCANNER_ERROR && is_indented_by_tab(bytes, len, line))
        doc_error(doc, line, column, "not valid YAML: a tab. Allowed: spaces to indent by");
    else if (parser->context)
        doc_error(doc, line, column, "not valid YAML: %s, %s from line %zu", parser->problem, parser->context,
                  parser->context_mark.line + 1);
    else
        doc_error(doc, line, column, "not valid YAML: %s", parser->problem ? parser->problem : "no memory");
}

static void build(struct schema_doc *doc, const char *bytes, size_t len)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
        abort();
    yaml_parser_set_input_string(&parser, (const unsigned char *)bytes, len);
    struct builder b = {.doc = doc, .tail = {&doc->root}};
    bool more = true;
    while (more) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            report_syntax(doc, &parser, bytes, len);
            break;
        }
        more = take_event(&b, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
}

struct schema_doc *schema_parse(const char *name, const char *bytes, size_t len, uint32_t rank,
                                struct config_arena *arena, struct config_errors *errors)
{
    struct config_arena *nodes = config_arena_new();
    struct schema_doc *doc = config_arena_take(nodes, sizeof(*doc));
    doc->path = config_arena_string(nodes, name, strlen(name));
    doc->rank = rank;
    doc->nodes = nodes;
    doc->arena = arena;
    doc->errors = errors;
    build(doc, bytes, len);
    if (!doc->broken)
        return doc;
    schema_close(doc);
    return NULL;
}

struct schema_doc *schema_open(const char *path, uint32_t rank, struct config_arena *arena,
                               struct config_errors *errors)
{
    char *bytes = NULL;
    size_t len = 0;
    int reason = config_file_read(path, &bytes, &len);
    if (reason) {
        struct config_place place = {path, rank, 0, 0};
        config_errors_add(errors, &place, "cannot be read: %s", config_file_reason(reason));
        return NULL;
    }
    struct schema_doc *doc = schema_parse(path, bytes, len, rank, arena, errors);
    free(bytes);
    return doc;
}

void schema_close(struct schema_doc *doc)
{
    if (doc)
        config_arena_free(doc->nodes);
}

const struct schema_node *schema_root(const struct schema_doc *doc)
{
    return doc->root;
}

const struct schema_node *schema_get(const struct schema_node *mapping, const char *key)
{
    if (!mapping || mapping->kind != SCHEMA_NODE_MAPPING)
        return NULL;
    for (const struct schema_node *k = mapping->child; k; k = k->next->next) {
        if (k->kind == SCHEMA_NODE_SCALAR && strcmp(k->text, key) == 0)
            return k->next;
    }
    return NULL;
}

const struct schema_node *schema_place(const struct schema_node *mapping, const char *key)
{
    const struct schema_node *value = schema_get(mapping, key);
    return value ? value : mapping;
}
