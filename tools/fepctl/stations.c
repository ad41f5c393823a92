// SPDX-License-Identifier: Apache-2.0
#include "tools/fepctl/fepctl.h"

#include <stdlib.h>

static const struct table_column station_columns[] = {
    {"STATION", false}, {"STATE", false},   {"IIN", false},   {"POINTS", true},
    {"EVENTS", true},   {"TIMEOUTS", true}, {"ERRORS", true}, {"LAST HEARD", false}};

static long long counter(const json_t *station, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(station, "counters"), name));
}

static long long errors_of(const json_t *station)
{
    static const char *const names[] = {"defects", "link_errors", "address_errors", "iin_errors", "too_long"};
    long long sum = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        sum += counter(station, names[i]);
    return sum;
}

static const char *state_of(const json_t *station)
{
    if (!json_is_true(json_object_get(station, "configured")))
        return "removed";
    if (json_is_false(json_object_get(station, "enabled")))
        return "disabled";
    if (json_is_true(json_object_get(station, "online")))
        return "online";
    return json_is_true(json_object_get(station, "connected")) ? "connected" : "OFFLINE";
}

/* Those that are off line, then those with errors; by name within. */
static int compare_badness(const void *a, const void *b)
{
    const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
    int off_line =
        (int)json_is_true(json_object_get(x, "online")) - (int)json_is_true(json_object_get(y, "online"));
    long long errors = errors_of(y) + counter(y, "timeouts") - errors_of(x) - counter(x, "timeouts");
    if (off_line || errors)
        return off_line ? off_line : errors > 0 ? 1 : -1;
    return strcmp(text_of(x, "name") ? text_of(x, "name") : "", text_of(y, "name") ? text_of(y, "name") : "");
}

static void add_station(struct table *t, const json_t *s)
{
    char iin[256], points[24], events[24], timeouts[24], errors[24];
    snprintf(events, sizeof events, "%lld", counter(s, "events"));
    snprintf(timeouts, sizeof timeouts, "%lld", counter(s, "timeouts"));
    snprintf(errors, sizeof errors, "%lld", errors_of(s));
    const char *row[] = {text_of(s, "name"),
                         state_of(s),
                         shown(s, "iin", iin, sizeof iin),
                         shown(s, "points", points, sizeof points),
                         events,
                         timeouts,
                         errors,
                         text_of(s, "last_heard")};
    table_add(t, row);
}

static void print_stations(const json_t *answer)
{
    const json_t *list = json_object_get(answer, "stations");
    struct table table = {.columns = station_columns,
                          .columns_len = sizeof station_columns / sizeof station_columns[0]};
    size_t len = json_array_size(list), i;
    json_t **sorted = calloc(len + 1, sizeof(json_t *)), *station;
    if (!sorted)
        abort();
    json_array_foreach(list, i, station) sorted[i] = station;
    qsort(sorted, len, sizeof *sorted, compare_badness);
    for (i = 0; i < len; i++)
        add_station(&table, sorted[i]);
    free(sorted);
    table_print(&table, stdout);
}

/* A line for each of what is known. */
static void print_pairs(const json_t *object, const char *before)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)object, key, value)
    {
        char room[256];
        const char *text = shown(object, key, room, sizeof room);
        if (json_is_object(value))
            print_pairs(value, "  ");
        else if (text)
            print_line("%s%-20s %s", before, key, text);
    }
}

int command_stations(struct fepctl *ctl, int argc, char **argv)
{
    if (!fepctl_options(ctl, argc, argv, NULL, 0, 0, 1))
        return EX_USAGE;
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    const char *name = argv[optind];
    char *path = name ? client_path(ctl->client, "/v1/stations/", name) : strdup("/v1/stations");
    json_t *answer = NULL;
    status = client_get(ctl->client, path, &answer);
    free(path);
    if (status == EX_OK && ctl->json)
        print_json(answer);
    else if (status == EX_OK && name)
        print_pairs(json_object_get(answer, "station"), "");
    else if (status == EX_OK)
        print_stations(answer);
    json_decref(answer);
    return status;
}

static const struct table_column point_columns[] = {{"POINT", false}, {"TYPE", false},    {"INDEX", true},
                                                    {"VALUE", true},  {"UNIT", false},    {"QUALITY", false},
                                                    {"TIME", false},  {"RECEIVED", false}};

static void print_points(const json_t *answer)
{
    struct table table = {.columns = point_columns,
                          .columns_len = sizeof point_columns / sizeof point_columns[0]};
    size_t i;
    json_t *p;
    json_array_foreach(json_object_get(answer, "points"), i, p)
    {
        char index[24], value[300], quality[128];
        const char *label = text_of(p, "state");
        const char *row[] = {text_of(p, "point"),
                             text_of(p, "type"),
                             shown(p, "index", index, sizeof index),
                             label ? label : shown(p, "value", value, sizeof value),
                             text_of(p, "unit"),
                             shown(p, "quality", quality, sizeof quality),
                             text_of(p, "time"),
                             text_of(p, "received")};
        table_add(&table, row);
    }
    table_print(&table, stdout);
}

int command_points(struct fepctl *ctl, int argc, char **argv)
{
    if (!fepctl_options(ctl, argc, argv, NULL, 0, 1, 1))
        return EX_USAGE;
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    char *path = client_param(ctl->client, strdup("/v1/points"), "station", argv[optind]);
    json_t *answer = NULL;
    status = client_get(ctl->client, path, &answer);
    free(path);
    if (status == EX_OK)
        (ctl->json ? print_json : print_points)(answer);
    json_decref(answer);
    return status;
}
