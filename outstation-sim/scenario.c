// SPDX-License-Identifier: Apache-2.0
/* From the file to the scenario: the checks that look at more than one key, and the scaling. */
#include "outstation-sim/scenario.h"
#include "outstation-sim/scenario_keys.h"
#include "protocol/objects.h"
#include <arpa/inet.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const uint32_t LOOPBACK_FIRST = 0x7F000001;
static const uint32_t LOOPBACK_LAST = 0x7FFFFFFE;

static const struct schema_node *node_of(const struct schema_node *mapping, const char *key)
{
    const struct schema_node *node = mapping ? schema_get(mapping, key) : NULL;
    return node ? node : mapping;
}

static const struct schema_node *node_entry(const struct schema_node *list, size_t i)
{
    const struct schema_node *node = list && list->kind == SCHEMA_NODE_LIST ? list->child : NULL;
    while (node && i--)
        node = node->next;
    return node;
}

static bool is_analog(uint8_t type)
{
    return type == POINT_ANALOG_INPUT || type == POINT_ANALOG_OUTPUT_STATUS ||
           type == POINT_FROZEN_ANALOG_INPUT;
}

static void check_point(struct schema_doc *doc, const struct schema_node *node,
                        const struct scenario_point *p)
{
    /* What the encoding can hold: a value that it can't would arrive as another than the ledger's. */
    static const double limits[][2] = {[ENCODING_INT16] = {-32768, 32767},
                                       [ENCODING_INT32] = {-2147483648.0, 2147483647.0},
                                       [ENCODING_FLOAT] = {-3.4e38, 3.4e38},
                                       [ENCODING_DOUBLE] = {-1e300, 1e300}};
    bool whole = p->encoding == ENCODING_INT16 || p->encoding == ENCODING_INT32;
    if (is_analog(p->type) && p->min >= p->max)
        schema_error(doc, node_of(node, "max"), "max must be more than min (%g)", p->min);
    if (is_analog(p->type) && (p->min < limits[p->encoding][0] || p->max > limits[p->encoding][1]))
        schema_error(doc, node_of(node, "encoding"), "min and max must lie within %g to %g for this encoding",
                     limits[p->encoding][0], limits[p->encoding][1]);
    if (is_analog(p->type) && whole && p->max - p->min < 1)
        schema_error(doc, node_of(node, "max"), "min and max must be at least 1 apart for whole numbers");
    if (is_analog(p->type) && !(p->step > 0))
        schema_error(doc, node_of(node, "step"), "step must be more than 0");
    if (whole && p->odd_value > 0)
        schema_error(doc, node_of(node, "odd_value"), "only the encodings float and double know NaN");
    if ((uint64_t)p->first_index + p->count > 65536)
        schema_error(doc, node_of(node, "first_index"), "the last index would be %llu; at most 65535",
                     (unsigned long long)p->first_index + p->count - 1);
}

/* Masters make those of points with a status. */
static bool makes_events(const struct scenario_group *g)
{
    for (size_t i = 0; i < g->points_len; i++)
        if (g->points[i].class && !point_type_has_status(g->points[i].type))
            return true;
    return false;
}

static bool points_overlap(const struct scenario_point *a, const struct scenario_point *b)
{
    return a->type == b->type && a->first_index < b->first_index + b->count &&
           b->first_index < a->first_index + a->count;
}

static void check_points(struct schema_doc *doc, const struct schema_node *node,
                         const struct scenario_group *g)
{
    const struct schema_node *list = node_of(node, "points");
    uint64_t total = 0;
    for (size_t i = 0; i < g->points_len; i++) {
        const struct schema_node *entry = node_entry(list, i);
        const struct scenario_point *p = &g->points[i];
        check_point(doc, entry, p);
        total += p->count;
        for (size_t k = 0; k < i; k++)
            if (points_overlap(p, &g->points[k]))
                schema_error(doc, entry, "the indices overlap those of entry %zu, of the same type", k + 1);
    }
    if (total > SCENARIO_POINTS_MAX)
        schema_error(doc, list, "%llu points; at most %d a station", (unsigned long long)total,
                     SCENARIO_POINTS_MAX);
    if (!makes_events(g) && g->rate > 0)
        schema_error(doc, node_of(node, "rate"), "no point has a class, so rate must be 0");
}

static void check_files(struct schema_doc *doc, const struct schema_node *node,
                        const struct scenario_files *f)
{
    struct stat about;
    if (f->directory[0] && stat(f->directory, &about) == 0 && !S_ISDIR(about.st_mode))
        schema_error(doc, node_of(node, "directory"), "this is no directory");
    if (f->password[0] && !f->user[0])
        schema_error(doc, node_of(node, "password"), "a password needs a user");
}

static void check_group(struct schema_doc *doc, const struct schema_node *node, struct scenario_group *g)
{
    if (!g->name)
        schema_error(doc, node, "a group needs a name");
    if (g->latency.max_ms < g->latency.min_ms)
        schema_error(doc, node_of(node, "latency"), "max must not be less than min");
    if (g->faults.half_open_for.max_ms < g->faults.half_open_for.min_ms)
        schema_error(doc, node_of(node_of(node, "faults"), "half_open_for"), "max must not be less than min");
    check_points(doc, node, g);
    check_files(doc, node_of(node, "files"), &g->files);
}

static void check_names(struct schema_doc *doc, const struct schema_node *list, const struct scenario *s)
{
    for (size_t i = 1; i < s->groups_len; i++)
        for (size_t k = 0; k < i; k++)
            if (s->groups[i].name && s->groups[k].name && !strcmp(s->groups[i].name, s->groups[k].name))
                schema_error(doc, node_of(node_entry(list, i), "name"),
                             "there is a group of this name already");
}

static bool addresses_fit(const struct scenario *s)
{
    return s->stations && (uint64_t)s->address + (s->stations - 1) / s->ports <= LOOPBACK_LAST;
}

static void check_addresses(struct schema_doc *doc, const struct schema_node *root, struct scenario *s)
{
    struct in_addr first;
    if (inet_pton(AF_INET, s->first_address, &first) != 1 ||
        (s->address = ntohl(first.s_addr)) < LOOPBACK_FIRST || s->address > LOOPBACK_LAST)
        schema_error(doc, node_of(root, "first_address"), "an address from 127.0.0.1 to 127.255.255.254");
    else if (!addresses_fit(s))
        schema_error(doc, node_of(root, "first_address"), "%u stations do not fit behind it", s->stations);
    if (s->port + s->ports > 65536)
        schema_error(doc, node_of(root, "ports"), "the last port would be %d; at most 65535",
                     s->port + s->ports - 1);
}

/* The groups are copied: those of the file are read only, and scaling changes them. */
static void take_file(struct scenario *s, const struct scenario_file *file)
{
    s->name = file->name;
    s->first_address = file->first_address;
    s->seed = file->seed;
    s->port = file->port;
    s->ports = file->ports;
    s->groups_len = file->groups_len;
    s->groups = config_arena_take(s->arena, file->groups_len * sizeof(*s->groups) + 1);
    if (file->groups_len)
        memcpy(s->groups, file->groups, file->groups_len * sizeof(*s->groups));
    for (size_t i = 0; i < s->groups_len; i++) {
        s->stations += s->groups[i].stations;
        s->rate += s->groups[i].rate * s->groups[i].stations;
    }
}

static bool read_document(struct scenario *s, struct schema_doc *doc, struct config_errors *errors)
{
    struct scenario_file file;
    const struct schema_node *root = schema_root(doc);
    schema_defaults(&scenario_schema, &file, s->arena);
    if (!schema_read(doc, root, &scenario_schema, &file))
        return false;
    take_file(s, &file);
    const struct schema_node *list = node_of(root, "groups");
    for (size_t i = 0; i < s->groups_len; i++)
        check_group(doc, node_entry(list, i), &s->groups[i]);
    check_names(doc, list, s);
    check_addresses(doc, root, s);
    if (errors->len)
        return false;
    return scenario_scale(s, 0, file.rate > 0 ? file.rate : -1);
}

static bool load_from(struct scenario *s, struct schema_doc *doc, struct config_errors *errors)
{
    bool good = doc && read_document(s, doc, errors);
    schema_close(doc);
    if (!good) {
        config_errors_sort(errors);
        scenario_free(s);
    }
    return good;
}

bool scenario_load(struct scenario *s, const char *path, struct config_errors *errors)
{
    *s = (struct scenario){.arena = config_arena_new()};
    return load_from(s, schema_open(path, 0, s->arena, errors), errors);
}

bool scenario_load_memory(struct scenario *s, const char *name, const char *bytes, size_t len,
                          struct config_errors *errors)
{
    *s = (struct scenario){.arena = config_arena_new()};
    return load_from(s, schema_parse(name, bytes, len, 0, s->arena, errors), errors);
}

void scenario_free(struct scenario *s)
{
    config_arena_free(s->arena);
    *s = (struct scenario){0};
}

/* Rounding each group's share down and handing on what is left makes the sum exact. */
static void spread_stations(struct scenario *s, uint32_t stations)
{
    uint64_t given = 0;
    uint64_t weight = 0;
    uint64_t total = s->stations;
    for (size_t i = 0; i < s->groups_len; i++) {
        weight += s->groups[i].stations;
        uint64_t up_to = (stations * weight + total / 2) / total;
        s->groups[i].stations = (uint32_t)(up_to - given);
        given = up_to;
    }
    s->stations = stations;
}

/* Where the scenario has no rates in whose proportion to share: alike, among those that can. */
static double share_alike(const struct scenario *s, const struct scenario_group *g, double rate)
{
    uint64_t eventful = 0;
    for (size_t i = 0; i < s->groups_len; i++)
        eventful += makes_events(&s->groups[i]) ? s->groups[i].stations : 0;
    return eventful && makes_events(g) ? rate / (double)eventful : 0;
}

static double sum_rates(const struct scenario *s)
{
    double sum = 0;
    for (size_t i = 0; i < s->groups_len; i++)
        sum += s->groups[i].rate * s->groups[i].stations;
    return sum;
}

bool scenario_scale(struct scenario *s, uint32_t stations, double rate)
{
    if (stations)
        spread_stations(s, stations);
    double sum = sum_rates(s);
    for (size_t i = 0; rate >= 0 && i < s->groups_len; i++)
        s->groups[i].rate = sum > 0 ? s->groups[i].rate * rate / sum : share_alike(s, &s->groups[i], rate);
    s->rate = sum_rates(s);
    return addresses_fit(s);
}
