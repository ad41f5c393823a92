// SPDX-License-Identifier: Apache-2.0
/*
 * YAML to a struct by a table, and every error with its place. One row a key:
 *
 *     struct storm { uint32_t after_ms; double rate; uint8_t shape; };
 *     struct scenario { uint64_t seed; struct storm calm; const struct storm *storms; size_t storms_len; };
 *
 *     static const char *const shapes[] = {"sine", "ramp", NULL};    // the value is the place in the list
 *     static const struct schema_row storm_rows[] = {
 *         {.key = "after", .kind = SCHEMA_DURATION, FIELD(struct storm, after_ms), .max = 3600e3,
 *          .fallback = "5s", .help = "Pause before the storm."},
 *         {.key = "rate", .kind = SCHEMA_DOUBLE, FIELD(struct storm, rate), .min = 0, .max = 1e6,
 *          .required = true, .unit = "events/s", .help = "While it lasts."},
 *         {.key = "shape", .kind = SCHEMA_ENUM, FIELD(struct storm, shape), .names = shapes,
 *          .fallback = "sine", .help = "Of the values."},
 *     };
 *     static const struct schema storm_schema = SCHEMA("storm", struct storm, storm_rows);
 *     static const struct schema_row scenario_rows[] = {
 *         {.key = "seed", .kind = SCHEMA_UNSIGNED, FIELD(struct scenario, seed), .fallback = "1", …},
 *         {.key = "calm", .kind = SCHEMA_MAPPING, FIELD(struct scenario, calm), .sub = &storm_schema, …},
 *         {.key = "storms", .kind = SCHEMA_LIST, LIST_FIELD(struct scenario, storms, storms_len),
 *          .sub = &storm_schema, …},
 *     };
 *     static const struct schema scenario_schema = SCHEMA("scenario", struct scenario, scenario_rows);
 *
 *     struct config_arena *arena = config_arena_new();
 *     struct config_errors errors = {0};
 *     struct scenario scenario;
 *     schema_defaults(&scenario_schema, &scenario, arena);
 *     struct schema_doc *doc = schema_open(path, 0, arena, &errors);
 *     if (doc && schema_read(doc, schema_root(doc), &scenario_schema, &scenario))
 *         ... checks across keys: schema_get(), and schema_error() with the place of the culprit ...
 *     schema_close(doc);
 *     config_errors_sort(&errors);
 *
 * YAML is taken in its plain form: one document, scalars, mappings, lists; no tags, anchors, aliases or merge
 * keys. Whole numbers are decimal or 0x…; true and false; durations are `250ms`, `1.5s`, `15min`, `12h`,
 * `30d`, or 0. A quoted scalar is a string. Strings and lists live in the arena, which the caller frees.
 */
#ifndef CONFIG_SCHEMA_H
#define CONFIG_SCHEMA_H

#include "config/arena.h"
#include "config/errors.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum schema_kind {
    SCHEMA_BOOL,     /* bool */
    SCHEMA_UNSIGNED, /* uint8_t, uint16_t, uint32_t or uint64_t, by the size of the field */
    SCHEMA_DOUBLE,   /* double; finite */
    SCHEMA_STRING,   /* const char *; min and max are its octets; no control characters */
    SCHEMA_STRINGS,  /* const char *const *; min and max are the number of entries */
    SCHEMA_ENUM,     /* uint8_t, the place in `names` plus `first_name` */
    SCHEMA_DURATION, /* uint32_t or uint64_t, in ms, or in s where unit is "s"; min and max in the same */
    SCHEMA_CLASSES,  /* uint8_t, mask: bit 0 for class 0 to bit 3 for class 3; max is the mask allowed */
    SCHEMA_FLAGS,    /* uint8_t, mask: a list of different `names`, the first of them bit 0 */
    SCHEMA_RANGE,    /* struct schema_range: `7` or `0..31`; min and max are those of the numbers */
    SCHEMA_MAPPING,  /* a struct in place, by `sub` */
    SCHEMA_LIST,     /* const struct … *, an array of structs, by `sub`; min and max are their number */
    SCHEMA_ANY       /* const struct schema_node *: whatever stands there, for the caller to read */
};

struct schema_range {
    uint32_t first;
    uint32_t last;
};

struct schema_row {
    const char *key;
    enum schema_kind kind;
    bool required;
    bool many;          /* SCHEMA_ANY: a list of `sub` stands there */
    uint8_t first_name; /* SCHEMA_ENUM: the value of names[0] */
    size_t offset;
    size_t size;
    size_t len_offset; /* of a list: where its length (size_t) goes */
    double min;        /* both 0: all that fits the field */
    double max;
    const char *fallback; /* the default, as it would be written in YAML; NULL: zero */
    const char *unit;
    const char *const *names; /* NULL-terminated */
    const struct schema *sub;
    const char *help; /* one line */
};

struct schema {
    const char *name; /* what such a mapping is, for messages: "station" */
    size_t size;      /* of the struct */
    const struct schema_row *rows;
    size_t rows_len; /* at most 64 */
};

#define FIELD(type, field)              .offset = offsetof(type, field), .size = sizeof(((type *)0)->field)
#define LIST_FIELD(type, field, length) FIELD(type, field), .len_offset = offsetof(type, length)
#define SCHEMA(what, type, table)                                                                            \
    {                                                                                                        \
        .name = what, .size = sizeof(type), .rows = table, .rows_len = sizeof(table) / sizeof(table[0])      \
    }

enum schema_node_kind { SCHEMA_NODE_SCALAR, SCHEMA_NODE_MAPPING, SCHEMA_NODE_LIST };

/* A piece of a document. Read only; lives until schema_close(). */
struct schema_node {
    struct schema_node *child; /* of a list: its entries; of a mapping: key, value, key, value … */
    struct schema_node *next;
    const char *text; /* of a scalar, terminated */
    uint32_t text_len;
    uint32_t line;   /* from 1 */
    uint32_t column; /* from 1 */
    uint8_t kind;    /* enum schema_node_kind */
    bool plain;      /* a scalar without quotes */
};

struct schema_doc;

/* Reads and parses a file. NULL with an error where it can't be read or is no YAML. `rank` orders the errors
 * of several files. What schema_read() makes lives in `arena`. */
struct schema_doc *schema_open(const char *path, uint32_t rank, struct config_arena *arena,
                               struct config_errors *errors);
/* The same from memory; `name` stands for the file in errors. */
struct schema_doc *schema_parse(const char *name, const char *bytes, size_t len, uint32_t rank,
                                struct config_arena *arena, struct config_errors *errors);
void schema_close(struct schema_doc *doc);                           /* NULL is fine */
const struct schema_node *schema_root(const struct schema_doc *doc); /* NULL where the file is empty */
const struct schema_node *schema_get(const struct schema_node *mapping,
                                     const char *key); /* its value or NULL */
/* Where an error about a key belongs: its value, or the mapping where it is not given. */
const struct schema_node *schema_place(const struct schema_node *mapping, const char *key);

/* Fills the whole struct: the rows' fallbacks, zero elsewhere. */
void schema_defaults(const struct schema *schema, void *into, struct config_arena *arena);
/*
 * Reads a mapping over what `into` already holds: keys that are not given stay, so that a template may be
 * overridden. Entries of lists begin with their defaults; entry i of a list is always child i of its node,
 * also where it was wrong (then it holds its defaults). False where there was an error; all are reported. A
 * NULL node reads as an empty mapping.
 */
bool schema_read(struct schema_doc *doc, const struct schema_node *node, const struct schema *schema,
                 void *into);

/* An error at a node; NULL: the file itself. */
void schema_error(struct schema_doc *doc, const struct schema_node *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* " Did you mean 'x'?" or "" for a word that is none of the (NULL-terminated) names. */
void schema_suggest(const char *word, const char *const *names, char *text, size_t room);

/* The table as Markdown: key, what is allowed, default, help. Sub-mappings with dotted keys; lists of
 * mappings are not followed, print their tables beside. */
void schema_print(const struct schema *schema, FILE *to);
/* The same as a JSON Schema (draft-07), which editors check a file by while it is written. Only what one key
 * says is in it: that a name is taken or an index is given twice is for --check-config to tell. */
void schema_print_json(const struct schema *schema, const char *title, FILE *to);

#endif
