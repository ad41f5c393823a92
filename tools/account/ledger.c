// SPDX-License-Identifier: Apache-2.0
#include "tools/account/ledger.h"

#include "db/store.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ledger_reader {
    FILE *file;
    char *text;
    size_t text_room;
    json_t *line;
    struct generated *events;
    size_t room;
    const char *path;
    uint64_t lines;
    bool ended;
    bool failed;
    char error[512];
};

struct ledger_reader *ledger_open(const char *path, char *error, size_t room)
{
    FILE *file = fopen(path, "r");
    if (!file) {
        snprintf(error, room, "%s: %s", path, strerror(errno));
        return NULL;
    }
    struct ledger_reader *r = calloc(1, sizeof *r);
    r->file = file;
    r->path = path;
    return r;
}

void ledger_close(struct ledger_reader *r)
{
    if (!r)
        return;
    fclose(r->file);
    json_decref(r->line);
    free(r->text);
    free(r->events);
    free(r);
}

const char *ledger_error(const struct ledger_reader *r)
{
    return r->failed ? r->error : NULL;
}

static bool fail(struct ledger_reader *r, const char *what)
{
    snprintf(r->error, sizeof r->error, "%s:%llu: %s", r->path, (unsigned long long)r->lines, what);
    r->failed = true;
    return false;
}

static bool state_of(char letter, uint8_t *state)
{
    static const char letters[] = "cbor";
    static const uint8_t states[] = {GENERATED_CONFIRMED, GENERATED_BUFFERED, GENERATED_DROPPED,
                                     GENERATED_DROPPED};
    const char *at = letter ? strchr(letters, letter) : NULL;
    if (at)
        *state = states[at - letters];
    return at != NULL;
}

static int hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;
    return at ? (int)(at - digits) : -1;
}

/* The octets of a string stand in the ledger in hexadecimal, lower case. */
static bool read_string(const char *hex, uint64_t *digest)
{
    uint8_t octets[255];
    size_t len = strlen(hex) / 2;
    if (strlen(hex) % 2 || len > sizeof octets)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);
        if (high < 0 || low < 0)
            return false;
        octets[i] = (uint8_t)(high << 4 | low);
    }
    *digest = compare_digest(octets, len);
    return true;
}

static bool read_event(struct generated *e, uint8_t type, json_t *value, json_t *flags, json_t *time,
                       char letter)
{
    if (!json_is_string(value) || !json_is_integer(flags))
        return false;
    if (type != ROW_OCTET_STRING)
        e->value_bits = strtoull(json_string_value(value), NULL, 16);
    else if (!read_string(json_string_value(value), &e->value_bits))
        return false;
    e->flags = (uint8_t)json_integer_value(flags);
    e->timed = json_is_integer(time);
    e->time_ms = e->timed ? json_integer_value(time) : 0;
    return state_of(letter, &e->state);
}

static bool read_point(struct ledger_reader *r, struct ledger_line *line)
{
    json_t *values = json_object_get(r->line, "values"), *flags = json_object_get(r->line, "flags"),
           *times = json_object_get(r->line, "times");
    const char *states = json_string_value(json_object_get(r->line, "states"));
    size_t len = json_array_size(values);
    if (!states || strlen(states) != len || json_array_size(flags) != len || json_array_size(times) != len)
        return fail(r, "values, flags, times and states are not of one length");
    if (r->room < len) {
        free(r->events);
        r->events = calloc(len, sizeof *r->events);
        r->room = r->events ? len : 0;
    }
    line->kind = LEDGER_POINT;
    line->type = (uint8_t)json_integer_value(json_object_get(r->line, "type"));
    for (size_t i = 0; i < len; i++)
        if (i >= r->room || !read_event(&r->events[i], line->type, json_array_get(values, i),
                                        json_array_get(flags, i), json_array_get(times, i), states[i]))
            return fail(r, "not an event");
    line->index = (uint32_t)json_integer_value(json_object_get(r->line, "index"));
    line->events = r->events;
    line->len = len;
    return true;
}

bool ledger_next(struct ledger_reader *r, struct ledger_line *line)
{
    *line = (struct ledger_line){0};
    while (!r->failed && getline(&r->text, &r->text_room, r->file) > 0) {
        json_decref(r->line);
        r->line = json_loads(r->text, 0, NULL);
        r->lines++;
        if (!r->line)
            return fail(r, "not JSON: the ledger was cut off");
        if (json_is_true(json_object_get(r->line, "end"))) {
            r->ended = true;
            continue;
        }
        line->station = json_string_value(json_object_get(r->line, "station"));
        if (!line->station)
            continue; /* the header */
        if (json_object_get(r->line, "type"))
            return read_point(r, line);
        line->fragment_max = (uint32_t)json_integer_value(json_object_get(r->line, "fragment"));
        return true;
    }
    if (!r->failed && !r->ended)
        return fail(r, "the last line is missing: the ledger was cut off");
    return false;
}
