// SPDX-License-Identifier: Apache-2.0
/* Commands: what is asked for, and what comes of it, told as it comes and never before. */
#include "tools/fepctl/fepctl.h"

#include "config/config.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

enum { WAIT_MS = 20000 };

struct operation {
    const char *reason, *mode, *count, *on_ms, *off_ms, *tcc, *deadline_ms;
};

static bool is_type(const char *text, size_t len)
{
    size_t i = 0;
    while (config_point_types[i] &&
           (strncmp(config_point_types[i], text, len) != 0 || config_point_types[i][len]))
        i++;
    return config_point_types[i] != NULL;
}

json_t *point_named(const char *text)
{
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    long long index = colon ? strtoll(colon + 1, &end, 10) : -1;
    if (!colon || !is_type(text, (size_t)(colon - text)) || end == colon + 1 || *end || index < 0)
        return json_pack("{s:s}", "point", text);
    if (index > UINT32_MAX) {
        fprintf(stderr, "fepctl: %s: an index is at most 4294967295\n", text);
        return NULL;
    }
    return json_pack("{s:s%, s:I}", "type", text, (size_t)(colon - text), "index", (json_int_t)index);
}

static bool set_number(json_t *object, const char *key, const char *text)
{
    char *end;
    if (!text)
        return true;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end) {
        fprintf(stderr, "fepctl: %s: '%s' is not a whole number\n", key, text);
        return false;
    }
    return json_object_set_new(object, key, json_integer(number)) == 0;
}

/* ACTION is an operation of a relay, or the value of an analog output. */
static bool set_action(json_t *point, const char *action, const struct operation *o)
{
    char *end;
    double value = strtod(action, &end);
    if (end != action && *end == '\0' && isfinite(value))
        return json_object_set_new(point, "value", json_real(value)) == 0;
    json_object_set_new(point, "op", json_string(action));
    if (o->tcc)
        json_object_set_new(point, "tcc", json_string(o->tcc));
    return set_number(point, "count", o->count) && set_number(point, "on_ms", o->on_ms) &&
           set_number(point, "off_ms", o->off_ms);
}

static bool is_final(const json_t *command)
{
    return json_is_true(json_object_get(command, "final"));
}

/* What is said of a step, without the names of its parts. */
static void detail_text(const json_t *detail, char *room, size_t size)
{
    const char *key;
    json_t *value;
    size_t len = 0;
    room[0] = '\0';
    json_object_foreach((json_t *)detail, key, value)
    {
        char text[400];
        const char *part = shown(detail, key, text, sizeof text);
        if (part && len < size)
            len += (size_t)snprintf(room + len, size - len, "%s%s", len ? "; " : "", part);
    }
}

/* The steps that were not told yet. */
static size_t tell_steps(const json_t *command, size_t told)
{
    const json_t *history = json_object_get(command, "history");
    for (; told < json_array_size(history); told++) {
        const json_t *step = json_array_get(history, told);
        char detail[1000];
        detail_text(json_object_get(step, "detail"), detail, sizeof detail);
        print_line("%s  %s%s%s", text_of(step, "at"), text_of(step, "state"), *detail ? ": " : "", detail);
    }
    fflush(stdout);
    return told;
}

static int outcome_status(const json_t *command)
{
    static const char *const good[] = {"operated", "feedback_ok", "done"};
    const char *state = text_of(command, "state");
    for (size_t i = 0; state && i < sizeof good / sizeof good[0]; i++)
        if (strcmp(state, good[i]) == 0)
            return EX_OK;
    return 1;
}

/* Until it has its outcome. */
static int watch(struct fepctl *ctl, json_int_t id)
{
    char path[96], last[40] = "";
    size_t told = 0;
    for (;;) {
        json_t *command = NULL;
        snprintf(path, sizeof path, "/v1/commands/%lld?wait_ms=%d%s%s", (long long)id, WAIT_MS,
                 *last ? "&after_state=" : "", last);
        int status = client_get(ctl->client, path, &command);
        if (status != EX_OK) {
            fprintf(stderr, "fepctl: what comes of it is told by `fepctl commands %lld`\n", (long long)id);
            return status;
        }
        if (!ctl->json)
            told = tell_steps(command, told);
        snprintf(last, sizeof last, "%s", text_of(command, "state") ? text_of(command, "state") : "");
        if (is_final(command)) {
            if (ctl->json)
                print_json(command);
            status = outcome_status(command);
            json_decref(command);
            return status;
        }
        json_decref(command);
    }
}

static int submit(struct fepctl *ctl, const char *path, const json_t *body)
{
    json_t *answer = NULL;
    int status = client_send(ctl->client, "POST", path, body, &answer);
    json_int_t id = json_integer_value(json_object_get(answer, "id"));
    json_decref(answer);
    if (status == EX_UNAVAILABLE && client_has_asked(ctl->client))
        fputs("fepctl: it may have arrived all the same: look at `fepctl commands` before asking again\n",
              stderr);
    return status == EX_OK ? watch(ctl, id) : status;
}

/* STATION, then POINT ACTION once or more. */
static json_t *command_body(char **arguments, int len, const struct operation *o)
{
    json_t *points = json_array();
    json_t *body =
        json_pack("{s:s, s:s, s:o}", "station", arguments[0], "reason", o->reason, "points", points);
    bool good = true;
    if (o->mode)
        json_object_set_new(body, "mode", json_string(o->mode));
    good = set_number(body, "deadline_ms", o->deadline_ms);
    for (int i = 1; good && i + 1 < len; i += 2) {
        json_t *point = point_named(arguments[i]);
        good = point && json_array_append_new(points, point) == 0 && set_action(point, arguments[i + 1], o);
    }
    if (good)
        return body;
    json_decref(body);
    return NULL;
}

int command_operate(struct fepctl *ctl, int argc, char **argv)
{
    struct operation o = {0};
    const struct fepctl_option options[] = {{"reason", &o.reason, NULL},       {"mode", &o.mode, NULL},
                                            {"count", &o.count, NULL},         {"on", &o.on_ms, NULL},
                                            {"off", &o.off_ms, NULL},          {"tcc", &o.tcc, NULL},
                                            {"deadline", &o.deadline_ms, NULL}};
    if (!fepctl_options(ctl, argc, argv, options, sizeof options / sizeof options[0], 3, -1))
        return EX_USAGE;
    if (!o.reason || (argc - optind) % 2 == 0)
        return fepctl_usage(argv[0]);
    json_t *body = command_body(argv + optind, argc - optind, &o);
    if (!body)
        return EX_USAGE;
    int status = fepctl_connect(ctl);
    if (status == EX_OK)
        status = submit(ctl, "/v1/commands", body);
    json_decref(body);
    return status;
}

static json_t *number_or_text(const char *text)
{
    char *end;
    long long whole = strtoll(text, &end, 10);
    if (end != text && *end == '\0')
        return json_integer(whole);
    double number = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(number) ? json_real(number) : json_string(text);
}

/* "key=value"; numbers are numbers. */
static bool set_pair(json_t *body, const char *pair)
{
    const char *equals = strchr(pair, '=');
    if (!equals || equals == pair) {
        fprintf(stderr, "fepctl: '%s' is not KEY=VALUE\n", pair);
        return false;
    }
    char *key = strndup(pair, (size_t)(equals - pair));
    json_object_set_new(body, key, number_or_text(equals + 1));
    free(key);
    return true;
}

static int act(struct fepctl *ctl, const char *station, json_t *body)
{
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    char *stem = client_path(ctl->client, "/v1/stations/", station), *path = NULL;
    if (asprintf(&path, "%s/actions", stem) < 0)
        abort();
    status = submit(ctl, path, body);
    free(stem);
    free(path);
    return status;
}

int command_action(struct fepctl *ctl, int argc, char **argv)
{
    bool poll = strcmp(argv[0], "poll") == 0;
    const char *reason = NULL;
    const struct fepctl_option options[] = {{"reason", &reason, NULL}};
    if (!fepctl_options(ctl, argc, argv, options, 1, poll ? 1 : 2, poll ? 2 : -1))
        return EX_USAGE;
    const char *word = argc - optind > 1 ? argv[optind + 1] : "integrity";
    if (poll ? strcmp(word, "integrity") != 0 && strcmp(word, "event") != 0 : !reason)
        return fepctl_usage(argv[0]);
    json_t *body =
        json_pack("{s:s, s:s}", "action", poll ? "" : word, "reason", reason ? reason : "asked for");
    if (poll)
        json_object_set_new(body, "action", json_sprintf("%s_poll", word));
    bool good = true;
    for (int i = optind + 2; good && i < argc; i++)
        good = set_pair(body, argv[i]);
    int status = good ? act(ctl, argv[optind], body) : EX_USAGE;
    json_decref(body);
    return status;
}

static const struct table_column command_columns[] = {{"ID", true},      {"STATION", false}, {"WHO", false},
                                                      {"ACTION", false}, {"POINTS", false},  {"STATE", false},
                                                      {"REASON", false}};

/* "breaker 3 latch_on, set point 12.5" */
static void points_text(const json_t *points, char *room, size_t size)
{
    size_t i, len = 0;
    json_t *p;
    room[0] = '\0';
    json_array_foreach(points, i, p)
    {
        char index[24], value[64];
        const char *name = text_of(p, "point"), *op = text_of(p, "op");
        if (len < size)
            len += (size_t)snprintf(room + len, size - len, "%s%s %s", i ? ", " : "",
                                    name ? name : shown(p, "index", index, sizeof index),
                                    op ? op : shown(p, "value", value, sizeof value));
    }
}

static void print_commands(const json_t *answer)
{
    struct table table = {.columns = command_columns,
                          .columns_len = sizeof command_columns / sizeof command_columns[0]};
    size_t i;
    json_t *c;
    json_array_foreach(json_object_get(answer, "commands"), i, c)
    {
        char id[24], points[400];
        points_text(json_object_get(c, "points"), points, sizeof points);
        const char *row[] = {shown(c, "id", id, sizeof id),
                             text_of(c, "station"),
                             text_of(c, "who"),
                             text_of(c, "action"),
                             points,
                             text_of(c, "state"),
                             text_of(c, "reason")};
        table_add(&table, row);
    }
    table_print(&table, stdout);
}

int command_commands(struct fepctl *ctl, int argc, char **argv)
{
    const char *station = NULL;
    bool open = false;
    const struct fepctl_option options[] = {{"station", &station, NULL}, {"open", NULL, &open}};
    if (!fepctl_options(ctl, argc, argv, options, 2, 0, 1))
        return EX_USAGE;
    int status = fepctl_connect(ctl);
    if (status != EX_OK)
        return status;
    const char *id = argv[optind];
    char *path = id ? client_path(ctl->client, "/v1/commands/", id) : strdup("/v1/commands");
    path = client_param(ctl->client, path, "station", station);
    path = client_param(ctl->client, path, "open", open ? "1" : NULL);
    json_t *answer = NULL;
    status = client_get(ctl->client, path, &answer);
    free(path);
    if (status == EX_OK && ctl->json)
        print_json(answer);
    else if (status == EX_OK && id)
        tell_steps(answer, 0);
    else if (status == EX_OK)
        print_commands(answer);
    json_decref(answer);
    return status;
}
