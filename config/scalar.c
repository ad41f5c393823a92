// SPDX-License-Identifier: Apache-2.0
#include "config/scalar.h"
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct unit {
    const char *name;
    uint64_t ms;
} units[] = {{"ms", 1}, {"s", 1000}, {"min", 60000}, {"h", 3600000}, {"d", 86400000}};
enum { UNITS = sizeof(units) / sizeof(units[0]) };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool in_range(const struct schema_row *row, double value)
{
    return (row->min == 0 && row->max == 0) || (value >= row->min && value <= row->max);
}

/* Decimal digits without a leading zero (which would mean octal in YAML 1.1); NULL where there are none, or
 * too many. */
static const char *read_digits(const char *text, uint64_t *value)
{
    const char *c = text;
    for (*value = 0; is_digit(*c); c++) {
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, (uint64_t)(*c - '0'), value))
            return NULL;
    }
    return c == text || (*text == '0' && c > text + 1) ? NULL : c;
}

static bool read_whole(const char *text, uint64_t *value)
{
    if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
        *value = strtoull(text + 2, NULL, 16);
        return digits > 0 && digits <= 16 && text[2 + digits] == '\0';
    }
    const char *end = read_digits(text, value);
    return end && *end == '\0';
}

static bool store_unsigned(void *field, size_t size, uint64_t value)
{
    if (size < 8 && value >> (8 * size))
        return false;
    uint8_t u8 = (uint8_t)value;
    uint16_t u16 = (uint16_t)value;
    uint32_t u32 = (uint32_t)value;
    const void *from[] = {[1] = &u8, [2] = &u16, [4] = &u32, [8] = &value};
    memcpy(field, from[size], size);
    return true;
}

static bool is_empty(const struct schema_node *node)
{
    return node->plain &&
           (node->text_len == 0 || strcmp(node->text, "~") == 0 || strcmp(node->text, "null") == 0);
}

static bool read_bool(const struct schema_node *node, const struct schema_row *row,
                      struct config_arena *arena, void *field)
{
    (void)row;
    (void)arena;
    bool yes = strcmp(node->text, "true") == 0;
    if (!node->plain || (!yes && strcmp(node->text, "false") != 0))
        return false;
    memcpy(field, &yes, sizeof(yes));
    return true;
}

static bool read_unsigned(const struct schema_node *node, const struct schema_row *row,
                          struct config_arena *arena, void *field)
{
    (void)arena;
    uint64_t value;
    return node->plain && read_whole(node->text, &value) && in_range(row, (double)value) &&
           store_unsigned(field, row->size, value);
}

static bool read_double(const struct schema_node *node, const struct schema_row *row,
                        struct config_arena *arena, void *field)
{
    (void)arena;
    char *end;
    double value = strtod(node->text, &end);
    bool decimal = node->text[strspn(node->text, "+-.0123456789eE")] == '\0';
    if (!node->plain || !decimal || end == node->text || *end || !isfinite(value) || !in_range(row, value))
        return false;
    memcpy(field, &value, sizeof(value));
    return true;
}

/* Octets of the control character that begins here, 0 where none does: what steers a terminal (C0, DEL, C1),
 * and what YAML takes for the end of a line (U+2028, U+2029). */
static size_t control_len(const unsigned char *c)
{
    if (*c < 0x20 || *c == 0x7f)
        return 1;
    if (c[0] == 0xC2 && c[1] < 0xA0)
        return 2;
    return c[0] == 0xE2 && c[1] == 0x80 && (c[2] == 0xA8 || c[2] == 0xA9) ? 3 : 0;
}

static bool read_string(const struct schema_node *node, const struct schema_row *row,
                        struct config_arena *arena, void *field)
{
    if (is_empty(node) || !in_range(row, (double)node->text_len))
        return false;
    for (uint32_t i = 0; i < node->text_len; i++) {
        if (control_len((const unsigned char *)node->text + i))
            return false;
    }
    const char *copy = config_arena_string(arena, node->text, node->text_len);
    memcpy(field, &copy, sizeof(copy));
    return true;
}

static bool read_enum(const struct schema_node *node, const struct schema_row *row,
                      struct config_arena *arena, void *field)
{
    (void)arena;
    for (uint8_t i = 0; row->names[i]; i++) {
        if (strcmp(row->names[i], node->text) == 0) {
            *(uint8_t *)field = (uint8_t)(i + row->first_name);
            return true;
        }
    }
    return false;
}

/* `1.5s`: the fraction must come out even in milliseconds. */
static bool read_fraction(const char **text, uint64_t unit_ms, uint64_t *ms)
{
    uint64_t above = 0;
    uint64_t below = 1;
    const char *c = *text;
    for (; is_digit(*c) && below < 1000000000; c++) {
        above = above * 10 + (uint64_t)(*c - '0');
        below *= 10;
    }
    bool even = c > *text && above * unit_ms % below == 0;
    *ms = above * unit_ms / below;
    *text = c;
    return even;
}

static const struct unit *find_unit(const char *name)
{
    for (size_t i = 0; i < UNITS; i++) {
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    }
    return NULL;
}

static bool read_ms(const char *text, uint64_t *ms)
{
    uint64_t fraction_ms = 0;
    const char *c = read_digits(text, ms);
    if (!c)
        return false;
    if (*c == '\0')
        return *ms == 0;
    const struct unit *unit = find_unit(c + strspn(c, ".0123456789"));
    if (!unit || __builtin_mul_overflow(*ms, unit->ms, ms))
        return false;
    if (*c == '.') {
        c++;
        if (!read_fraction(&c, unit->ms, &fraction_ms))
            return false;
    }
    return c[0] == unit->name[0] && !__builtin_add_overflow(*ms, fraction_ms, ms);
}

static uint64_t duration_unit_ms(const struct schema_row *row)
{
    return row->unit && strcmp(row->unit, "s") == 0 ? 1000 : 1;
}

static bool read_duration(const struct schema_node *node, const struct schema_row *row,
                          struct config_arena *arena, void *field)
{
    (void)arena;
    uint64_t ms;
    uint64_t unit_ms = duration_unit_ms(row);
    return node->plain && read_ms(node->text, &ms) && ms % unit_ms == 0 &&
           in_range(row, (double)(ms / unit_ms)) && store_unsigned(field, row->size, ms / unit_ms);
}

static bool read_classes(const struct schema_node *node, const struct schema_row *row,
                         struct config_arena *arena, void *field)
{
    (void)arena;
    unsigned mask = 0;
    for (const struct schema_node *entry = node->child; entry; entry = entry->next) {
        uint64_t class;
        if (entry->kind != SCHEMA_NODE_SCALAR || !entry->plain || !read_whole(entry->text, &class) ||
            class > 3)
            return false;
        if (mask & 1u << class)
            return false;
        mask |= 1u << class;
    }
    if (mask & ~(unsigned)row->max)
        return false;
    *(uint8_t *)field = (uint8_t)mask;
    return true;
}

static bool read_flags(const struct schema_node *node, const struct schema_row *row,
                       struct config_arena *arena, void *field)
{
    (void)arena;
    unsigned mask = 0;
    for (const struct schema_node *entry = node->child; entry; entry = entry->next) {
        unsigned bit = 0;
        while (entry->kind == SCHEMA_NODE_SCALAR && row->names[bit] &&
               strcmp(row->names[bit], entry->text) != 0)
            bit++;
        if (entry->kind != SCHEMA_NODE_SCALAR || !row->names[bit] || mask & 1u << bit)
            return false;
        mask |= 1u << bit;
    }
    *(uint8_t *)field = (uint8_t)mask;
    return true;
}

static bool read_range(const struct schema_node *node, const struct schema_row *row,
                       struct config_arena *arena, void *field)
{
    (void)arena;
    uint64_t first;
    uint64_t last;
    const char *c = node->plain ? read_digits(node->text, &first) : NULL;
    if (!c)
        return false;
    last = first;
    if (c[0] == '.' && c[1] == '.')
        c = read_digits(c + 2, &last);
    if (!c || *c || last < first || last > UINT32_MAX || !in_range(row, (double)first) ||
        !in_range(row, (double)last))
        return false;
    *(struct schema_range *)field = (struct schema_range){(uint32_t)first, (uint32_t)last};
    return true;
}

/* --- in words --- */

static void say_range(const struct schema_row *row, const char *what, const char *of, char *text, size_t room)
{
    if (row->min == 0 && row->max == 0)
        snprintf(text, room, "%s", what);
    else if (row->min == row->max)
        snprintf(text, room, "%s of %.15g%s", what, row->min, of);
    else
        snprintf(text, room, "%s %s %.15g to %.15g%s", what, *of ? "of" : "from", row->min, row->max, of);
}

static void say_bool(const struct schema_row *row, char *text, size_t room)
{
    (void)row;
    snprintf(text, room, "true or false");
}

static void say_unsigned(const struct schema_row *row, char *text, size_t room)
{
    struct schema_row all = *row;
    if (row->min == 0 && row->max == 0 && row->size < 8)
        all.max = ldexp(1, (int)(8 * row->size)) - 1;
    say_range(&all, "a whole number", "", text, room);
}

static void say_double(const struct schema_row *row, char *text, size_t room)
{
    if (row->max >= 1e300)
        snprintf(text, room, "a finite number not below %.15g", row->min);
    else
        say_range(row, "a finite number", "", text, room);
}

static void say_string(const struct schema_row *row, char *text, size_t room)
{
    say_range(row, "a text", row->max > 0 ? " octets without control characters" : "", text, room);
}

static void say_strings(const struct schema_row *row, char *text, size_t room)
{
    say_range(row, "a list of texts", row->max > 0 ? " entries" : "", text, room);
}

static void say_enum(const struct schema_row *row, char *text, size_t room)
{
    size_t used = 0;
    for (size_t i = 0; row->names[i] && used < room; i++)
        used += (size_t)snprintf(text + used, room - used, "%s%s", i ? ", " : "", row->names[i]);
}

static void say_ms(uint64_t ms, char *text, size_t room)
{
    const struct unit *unit = &units[0];
    for (size_t i = 0; i < UNITS; i++) {
        if (ms % units[i].ms == 0)
            unit = &units[i];
    }
    snprintf(text, room, ms ? "%llu%s" : "0", (unsigned long long)(ms / unit->ms), unit->name);
}

static void say_duration(const struct schema_row *row, char *text, size_t room)
{
    char least[32];
    char most[32];
    uint64_t unit_ms = duration_unit_ms(row);
    say_ms((uint64_t)row->min * unit_ms, least, sizeof(least));
    say_ms((uint64_t)row->max * unit_ms, most, sizeof(most));
    if (row->min == 0 && row->max == 0)
        snprintf(text, room, "a duration such as 250ms, 5s, 15min, 12h, 30d");
    else
        snprintf(text, room, "a duration from %s to %s, such as 250ms, 5s, 15min, 12h, 30d", least, most);
}

static void say_classes(const struct schema_row *row, char *text, size_t room)
{
    bool zero = (unsigned)row->max & 1;
    snprintf(text, room, "a list of different classes out of %s1, 2, 3, such as [1, 2, 3]",
             zero ? "0, " : "");
}

static void say_flags(const struct schema_row *row, char *text, size_t room)
{
    size_t used = (size_t)snprintf(text, room, "a list of different ones out of ");
    if (used < room)
        say_enum(row, text + used, room - used);
}

static void say_index(const struct schema_row *row, char *text, size_t room)
{
    say_range(row, "a whole number, or a range such as 0..31,", "", text, room);
}

static void say_mapping(const struct schema_row *row, char *text, size_t room)
{
    snprintf(text, room, "a mapping, see '%s'", row->sub->name);
}

static void say_list(const struct schema_row *row, char *text, size_t room)
{
    char what[128];
    say_range(row, "a list", row->max > 0 ? " mappings" : " of mappings", what, sizeof(what));
    snprintf(text, room, "%s, see '%s'", row->max > 0 ? what : "a list of mappings", row->sub->name);
}

static void say_any(const struct schema_row *row, char *text, size_t room)
{
    if (row->sub)
        snprintf(text, room, "see '%s'", row->sub->name);
    else
        snprintf(text, room, "anything");
}

static const struct kind {
    bool (*read)(const struct schema_node *node, const struct schema_row *row, struct config_arena *arena,
                 void *field);
    void (*say)(const struct schema_row *row, char *text, size_t room);
    uint8_t shape; /* enum schema_node_kind */
} kinds[] = {
    [SCHEMA_BOOL] = {read_bool, say_bool, SCHEMA_NODE_SCALAR},
    [SCHEMA_UNSIGNED] = {read_unsigned, say_unsigned, SCHEMA_NODE_SCALAR},
    [SCHEMA_DOUBLE] = {read_double, say_double, SCHEMA_NODE_SCALAR},
    [SCHEMA_STRING] = {read_string, say_string, SCHEMA_NODE_SCALAR},
    [SCHEMA_STRINGS] = {NULL, say_strings, SCHEMA_NODE_LIST},
    [SCHEMA_ENUM] = {read_enum, say_enum, SCHEMA_NODE_SCALAR},
    [SCHEMA_DURATION] = {read_duration, say_duration, SCHEMA_NODE_SCALAR},
    [SCHEMA_CLASSES] = {read_classes, say_classes, SCHEMA_NODE_LIST},
    [SCHEMA_FLAGS] = {read_flags, say_flags, SCHEMA_NODE_LIST},
    [SCHEMA_RANGE] = {read_range, say_index, SCHEMA_NODE_SCALAR},
    [SCHEMA_MAPPING] = {NULL, say_mapping, SCHEMA_NODE_MAPPING},
    [SCHEMA_LIST] = {NULL, say_list, SCHEMA_NODE_LIST},
    [SCHEMA_ANY] = {NULL, say_any, SCHEMA_NODE_SCALAR},
};

bool scalar_read(const struct schema_node *node, const struct schema_row *row, struct config_arena *arena,
                 void *field)
{
    const struct kind *kind = &kinds[row->kind];
    assert(kind->read);
    return node->kind == kind->shape && kind->read(node, row, arena, field);
}

void scalar_describe_allowed(const struct schema_row *row, char *text, size_t room)
{
    kinds[row->kind].say(row, text, room);
}

/* At most 60 octets, whole characters, on one line. */
static void copy_readable(const char *from, char *text, size_t room)
{
    snprintf(text, room, "%.60s", from);
    size_t len = strlen(text);
    while (from[len] && len && ((unsigned char)from[len] & 0xC0) == 0x80)
        text[--len] = '\0';
    for (unsigned char *c = (unsigned char *)text; *c; c++)
        memset(c, ' ', control_len(c));
    if (from[len])
        snprintf(text + len, room - len, "…");
}

void scalar_describe_found(const struct schema_node *node, char *text, size_t room)
{
    static const char *const shapes[] = {[SCHEMA_NODE_MAPPING] = "a mapping", [SCHEMA_NODE_LIST] = "a list"};
    char readable[80];
    if (node->kind == SCHEMA_NODE_LIST && !node->child) {
        snprintf(text, room, "an empty list");
    } else if (node->kind != SCHEMA_NODE_SCALAR) {
        snprintf(text, room, "%s", shapes[node->kind]);
    } else if (is_empty(node)) {
        snprintf(text, room, "empty");
    } else {
        copy_readable(node->text, readable, sizeof(readable));
        snprintf(text, room, node->plain ? "'%s'" : "the quoted text '%s'", readable);
    }
}
