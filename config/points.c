// SPDX-License-Identifier: Apache-2.0
#include "config/points.h"
#include "config/controls.h"
#include "config/index.h"
#include <stdlib.h>
#include <string.h>

enum { MOST_IN_ROW = 10000, MOST_IN_LIST = 100000, LONGEST_POINT_NAME = 512 };

struct point_key {
    uint32_t type;
    uint32_t index;
};

struct listed {
    struct config_point point;
    struct point_key key;
    const struct schema_node *where; /* NULL: of the base list */
};

struct list {
    struct schema_doc *doc;
    struct config_arena *arena;
    struct listed *listed; /* those of the file in their order, then what is left of the base */
    size_t len;
    struct config_index by_key;
};

/* --- one row --- */

static const struct {
    uint8_t states_len; /* how many labels are meant, where any are given; 0: none are allowed */
    bool numeric;       /* scale, offset */
    bool analog;        /* static_deadband */
} traits[] = {
    [CONFIG_BINARY_INPUT] = {2, false, false},         [CONFIG_DOUBLE_BIT_INPUT] = {4, false, false},
    [CONFIG_BINARY_OUTPUT_STATUS] = {2, false, false}, [CONFIG_COUNTER] = {0, true, false},
    [CONFIG_FROZEN_COUNTER] = {0, true, false},        [CONFIG_ANALOG_INPUT] = {0, true, true},
    [CONFIG_ANALOG_OUTPUT_STATUS] = {0, true, true},   [CONFIG_BINARY_COMMAND] = {2, false, false},
    [CONFIG_FROZEN_ANALOG_INPUT] = {0, true, false},   [CONFIG_ANALOG_COMMAND] = {0, true, false},
    [CONFIG_OCTET_STRING] = {0, false, false},
};

static void check_states(struct schema_doc *doc, const struct schema_node *node, const struct keys_point *row)
{
    unsigned allowed = traits[row->type].states_len;
    const char *type = config_point_types[row->type - 1];
    if (!schema_get(node, "states") || row->states_len == allowed)
        return;
    if (allowed)
        schema_error(doc, schema_place(node, "states"), "'states' has %zu labels. Allowed for a %s: %u",
                     row->states_len, type, allowed);
    else
        schema_error(doc, schema_place(node, "states"), "'states' is not allowed for a %s", type);
}

static void check_numbers(struct schema_doc *doc, const struct schema_node *node,
                          const struct keys_point *row)
{
    const char *type = config_point_types[row->type - 1];
    if (row->scale == 0)
        schema_error(doc, schema_place(node, "scale"), "'scale' is 0. Allowed: a finite number other than 0");
    if (!traits[row->type].numeric && schema_get(node, "scale"))
        schema_error(doc, schema_place(node, "scale"), "'scale' is not allowed for a %s", type);
    if (!traits[row->type].numeric && schema_get(node, "offset"))
        schema_error(doc, schema_place(node, "offset"), "'offset' is not allowed for a %s", type);
    if (!traits[row->type].analog && schema_get(node, "static_deadband"))
        schema_error(doc, schema_place(node, "static_deadband"), "'static_deadband' is not allowed for a %s",
                     type);
}

/* Index 0 may also be what is left where a wrong one was reported; it is no duplicate of a true 0 then. */
static bool has_index(const struct schema_node *node, const struct keys_point *row)
{
    const struct schema_node *index = schema_get(node, "index");
    return row->index.last > 0 || (index && index->kind == SCHEMA_NODE_SCALAR &&
                                   (!strcmp(index->text, "0") || !strcmp(index->text, "0..0")));
}

/* How many points a row stands for; 0 where it is wrong. */
static size_t check_row(struct schema_doc *doc, const struct schema_node *node, const struct keys_point *row)
{
    if (!row->type || !has_index(node, row))
        return 0; /* missing or wrong, and reported */
    size_t count = (size_t)row->index.last - row->index.first + 1;
    check_states(doc, node, row);
    check_numbers(doc, node, row);
    if (count > 1 && !strstr(row->name, "{index}")) {
        schema_error(doc, schema_place(node, "name"),
                     "'name' is '%s' for %zu points. Allowed: a text with {index} in it", row->name, count);
        return 0;
    }
    if (count > MOST_IN_ROW) {
        schema_error(doc, schema_place(node, "index"),
                     "'index' is a range of %zu points. Allowed: at most %d", count, MOST_IN_ROW);
        return 0;
    }
    return count;
}

static size_t put(char *name, size_t used, const char *text, size_t len)
{
    if (len > LONGEST_POINT_NAME - used)
        len = LONGEST_POINT_NAME - used;
    memcpy(name + used, text, len);
    return used + len;
}

/* Replaces {index} and {type}. */
static const char *write_name(const struct keys_point *row, uint32_t index, struct config_arena *arena)
{
    const char *type = config_point_types[row->type - 1];
    char name[LONGEST_POINT_NAME];
    char number[12];
    size_t used = 0;
    snprintf(number, sizeof(number), "%u", index);
    for (const char *c = row->name; *c;) {
        size_t plain = strcspn(c, "{");
        used = put(name, used, c, plain);
        c += plain;
        if (strncmp(c, "{index}", 7) == 0) {
            used = put(name, used, number, strlen(number));
            c += 7;
        } else if (strncmp(c, "{type}", 6) == 0) {
            used = put(name, used, type, strlen(type));
            c += 6;
        } else if (*c) {
            used = put(name, used, c++, 1);
        }
    }
    return config_arena_string(arena, name, used);
}

static const char *const *copy_states(const struct keys_point *row, struct config_arena *arena)
{
    if (!row->states_len)
        return NULL;
    const char **copy = config_arena_take(arena, row->states_len * sizeof(*copy));
    for (size_t i = 0; i < row->states_len; i++)
        copy[i] = config_arena_string(arena, row->states[i], strlen(row->states[i]));
    return copy;
}

static void add_row(struct list *l, const struct schema_node *node, const struct keys_point *row,
                    size_t count)
{
    struct config_point alike = {
        .unit = *row->unit ? config_arena_string(l->arena, row->unit, strlen(row->unit)) : "",
        .states = copy_states(row, l->arena),
        .states_len = (uint8_t)row->states_len,
        .scale = row->scale,
        .offset = row->offset,
        .static_deadband = row->static_deadband,
        .type = row->type};
    if (row->control && count)
        alike.control = controls_build(l->doc, row, l->arena);
    for (uint32_t i = 0; i < count; i++) {
        struct listed *entry = &l->listed[l->len];
        *entry = (struct listed){.point = alike, .key = {row->type, row->index.first + i}, .where = node};
        entry->point.index = entry->key.index;
        const struct listed *first = config_index_add(&l->by_key, &entry->key, sizeof(entry->key), entry);
        if (first) { /* one report a row is enough */
            schema_error(l->doc, node, "duplicate point %s %u, first in line %u",
                         config_point_types[row->type - 1], entry->key.index, first->where->line);
            return;
        }
        entry->point.name = write_name(row, entry->key.index, l->arena);
        l->len++;
    }
}

/* --- the list --- */

/* How many points all rows stand for; *counts says it for each. */
static size_t count_points(struct schema_doc *doc, const struct schema_node *node,
                           const struct keys_point *rows, size_t rows_len, size_t *counts)
{
    size_t all = 0;
    const struct schema_node *child = node->child;
    for (size_t i = 0; i < rows_len; i++, child = child->next) {
        counts[i] = check_row(doc, child, &rows[i]);
        all += counts[i];
        if (all > MOST_IN_LIST) {
            schema_error(doc, child, "more than %d points in a list", MOST_IN_LIST);
            return SIZE_MAX;
        }
    }
    return all;
}

static void add_base(struct list *l, const struct config_points *base)
{
    for (size_t i = 0; base && i < base->len; i++) {
        const struct config_point *point = &base->points[i];
        struct point_key key = {point->type, point->index};
        if (!config_index_find(&l->by_key, &key, sizeof(key)))
            l->listed[l->len++] = (struct listed){.point = *point, .key = key};
    }
}

static void report_name(const struct list *l, const struct listed *entry, const struct listed *first)
{
    if (first->where)
        schema_error(l->doc, entry->where, "duplicate point name '%s', first in line %u", entry->point.name,
                     first->where->line);
    else
        schema_error(l->doc, entry->where, "duplicate point name '%s', it is that of the template's %s %u",
                     entry->point.name, config_point_types[first->key.type - 1], first->key.index);
}

static void check_names(const struct list *l, size_t own_len)
{
    struct config_index by_name = {0};
    const struct schema_node *reported = NULL;
    for (size_t i = own_len; i < l->len; i++) {
        const char *name = l->listed[i].point.name;
        config_index_add(&by_name, name, strlen(name), &l->listed[i]);
    }
    for (size_t i = 0; i < own_len; i++) {
        const struct listed *entry = &l->listed[i];
        const char *name = entry->point.name;
        const struct listed *first = config_index_add(&by_name, name, strlen(name), entry);
        if (first && entry->where != reported) {
            report_name(l, entry, first);
            reported = entry->where;
        }
    }
    config_index_free(&by_name);
}

static int compare_points(const void *left, const void *right)
{
    const struct config_point *a = left;
    const struct config_point *b = right;
    return a->type != b->type ? (a->type > b->type) - (a->type < b->type)
                              : (a->index > b->index) - (a->index < b->index);
}

static const struct config_points *order(const struct list *l)
{
    struct config_points *points = config_arena_take(l->arena, sizeof(*points));
    struct config_point *list = config_arena_take(l->arena, l->len * sizeof(*list) + 1);
    bool ordered = true;
    for (size_t i = 0; i < l->len; i++) {
        list[i] = l->listed[i].point;
        ordered = ordered && (i == 0 || compare_points(&list[i - 1], &list[i]) < 0);
    }
    if (!ordered)
        qsort(list, l->len, sizeof(*list), compare_points);
    *points = (struct config_points){list, l->len};
    return points;
}

const struct config_points *points_build(struct schema_doc *doc, const struct schema_node *node,
                                         const struct keys_point *rows, size_t rows_len,
                                         const struct config_points *base, struct config_arena *arena)
{
    static const struct config_points none = {0};
    struct list l = {.doc = doc, .arena = arena};
    size_t *counts = calloc(rows_len + 1, sizeof(*counts));
    if (!counts)
        abort();
    size_t room = rows_len ? count_points(doc, node, rows, rows_len, counts) : 0;
    if (room == SIZE_MAX) {
        free(counts);
        return &none;
    }
    l.listed = malloc((room + (base ? base->len : 0) + 1) * sizeof(*l.listed));
    if (!l.listed)
        abort();
    const struct schema_node *child = node ? node->child : NULL;
    for (size_t i = 0; i < rows_len; i++, child = child->next)
        add_row(&l, child, &rows[i], counts[i]);
    size_t own_len = l.len;
    add_base(&l, base);
    check_names(&l, own_len);
    const struct config_points *points = order(&l);
    config_index_free(&l.by_key);
    free(l.listed);
    free(counts);
    return points;
}
