// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/feed.h"

#include <stdio.h>
#include <stdlib.h>

void feed_free(struct feed *f)
{
    for (uint32_t i = 0; i < f->removed_len; i++)
        free(f->removed[i]);
    free(f->removed);
}

static const char *removed_name(struct feed *f, uint32_t station)
{
    if (station < f->removed_len && f->removed[station])
        return f->removed[station];
    char name[1024];
    if (!reader_station_name(f->reader, station, name, sizeof name))
        return NULL; /* the store gives numbers one after the other, so a known one keeps the table small */
    if (station >= f->removed_len) {
        char **grown = realloc(f->removed, (station + 1u) * sizeof *grown);
        if (grown == NULL)
            abort();
        memset(grown + f->removed_len, 0, (station + 1u - f->removed_len) * sizeof *grown);
        f->removed = grown;
        f->removed_len = station + 1;
    }
    return f->removed[station] = strdup(name);
}

static const struct config_station *configured(const struct feed *f, uint32_t station)
{
    const struct catalog_station *s = f->catalog ? catalog_find(f->catalog, station) : NULL;
    return s ? s->config : NULL;
}

const char *feed_station_name(struct feed *f, uint32_t station)
{
    const struct config_station *s = configured(f, station);
    return s ? s->name : removed_name(f, station);
}

/* A name keeps its number for ever, so the store's answer holds for configured and removed stations alike. */
uint32_t feed_station_number(struct feed *f, const char *name)
{
    return reader_station_number(f->reader, name);
}

bool feed_type_number(const char *name, uint8_t *type)
{
    if (strcmp(name, "hole") == 0) {
        *type = ROW_HOLE;
        return true;
    }
    for (uint8_t i = 1; i < POINT_TYPES; i++) {
        if (strcmp(name, point_type_name(i)) == 0) {
            *type = i;
            return true;
        }
    }
    return false;
}

void feed_cursor(const struct feed *f, struct json *j, int64_t seq)
{
    if (j->comma)
        json_literal(j, ",");
    j->comma = true;
    json_literal(j, "\"");
    json_digits(j, (uint64_t)f->journal_id);
    json_literal(j, "-");
    json_digits(j, (uint64_t)seq);
    json_literal(j, "\"");
}

static const char *name_in(const char *const *names, size_t len, unsigned number)
{
    return number < len && names[number] ? names[number] : "unknown";
}
#define NAME_IN(names, number) name_in(names, sizeof names / sizeof names[0], number)

static const char *const time_qualities[] = {
    [TIME_NONE] = "none",
    [TIME_SYNCHRONISED] = "synchronised",
    [TIME_UNSYNCHRONISED] = "unsynchronised",
    [TIME_INVALID] = "invalid",
};

static const char *const origins[] = {
    [ORIGIN_UNSOLICITED] = "unsolicited",
    [ORIGIN_EVENT] = "event_poll",
    [ORIGIN_STATIC] = "static",
    [ORIGIN_FEP] = "fep",
};

static const char *const reasons[] = {
    [HOLE_OVERFLOW] = "overflow",   [HOLE_RESTART] = "restart",     [HOLE_COMM_LOST] = "comm_lost",
    [HOLE_COMM_BACK] = "comm_back", [HOLE_DISCARDED] = "discarded", [HOLE_QUARANTINE] = "quarantine",
};

/* Bits 0 to 4 mean the same everywhere, 5 and 6 depend on the kind of point (objects.md 1). */
static const char *const common_flags[] = {"online", "restart", "comm_lost", "remote_forced", "local_forced"};
static const char *const own_flags[POINT_TYPES][2] = {
    [POINT_BINARY_INPUT] = {"chatter_filter", NULL},
    [POINT_DOUBLE_BIT_INPUT] = {"chatter_filter", NULL},
    [POINT_COUNTER] = {"rollover", "discontinuity"},
    [POINT_FROZEN_COUNTER] = {"rollover", "discontinuity"},
    [POINT_ANALOG_INPUT] = {"over_range", "reference_err"},
    [POINT_ANALOG_OUTPUT_STATUS] = {"over_range", "reference_err"},
    [POINT_FROZEN_ANALOG_INPUT] = {"over_range", "reference_err"},
};

static const char *flag_name(uint8_t type, unsigned bit)
{
    return bit < 5 ? common_flags[bit] : type < POINT_TYPES ? own_flags[type][bit - 5] : NULL;
}

static void put_quality(struct json *j, uint8_t type, uint8_t flags)
{
    if (point_type_has_status(type)) {
        json_key(j, "quality"), json_list(j), json_list_end(j);
        json_key(j, "status"), json_int(j, flags);
        return;
    }
    json_key(j, "quality"), json_list(j);
    for (unsigned bit = 0; bit < 7; bit++) {
        const char *name = flags & 1u << bit ? flag_name(type, bit) : NULL;
        if (name)
            json_text(j, name);
    }
    json_list_end(j);
}

static const char *state_label(const struct config_point *point, double value)
{
    if (point->states == NULL || !(value >= 0 && value < point->states_len))
        return NULL;
    unsigned state = (unsigned)value;
    return state == value ? point->states[state] : NULL;
}

static void put_value(struct json *j, const struct config_point *point, double raw)
{
    /* The sum would lose a NaN's bits or the sign of zero for nothing. */
    bool plain = point == NULL || (point->scale == 1 && point->offset == 0);
    size_t from = j->len;
    json_key(j, "raw"), json_double(j, raw);
    size_t len = j->len - from, name_len = sizeof ",\"raw\":" - 1;
    json_key(j, "value");
    if (plain) { /* printing a double is what costs most here */
        json_grow(j, len);
        json_raw(j, j->text + from + name_len, len - name_len);
        j->comma = true;
    } else {
        json_double(j, raw * point->scale + point->offset);
    }
    json_key(j, "unit"), json_text(j, point && point->unit && *point->unit ? point->unit : NULL);
    json_key(j, "state"), json_text(j, point ? state_label(point, raw) : NULL);
}

/* What can be read as text is told so, all else in hexadecimal; `raw` is always that. */
static void put_string(struct json *j, const uint8_t *octets, size_t len)
{
    json_key(j, "raw"), json_hex(j, octets, len);
    json_key(j, "value");
    bool text = json_text_octets(j, octets, len);
    if (!text)
        json_hex(j, octets, len);
    json_key(j, "encoding"), json_text(j, text ? "utf-8" : "hex");
    json_key(j, "unit"), json_text(j, NULL);
    json_key(j, "state"), json_text(j, NULL);
}

static void put_identity(struct json *j, const struct config_point *point, uint8_t type, uint32_t index)
{
    json_key(j, "point"), json_text(j, point ? point->name : NULL);
    json_key(j, "type"), json_text(j, point_type_name(type));
    json_key(j, "index"), json_int(j, index);
}

static void put_times(struct json *j, int64_t time_ms, uint8_t quality, int64_t received_ms)
{
    json_key(j, "time"), json_time(j, time_is_told(quality) ? time_ms : 0);
    json_key(j, "time_quality"), json_text(j, NAME_IN(time_qualities, quality));
    json_key(j, "received"), json_time(j, received_ms);
}

static const struct config_point *described(const struct config_station *s, uint8_t type, uint32_t index)
{
    return s && s->points ? config_point_find(s->points, type, index) : NULL;
}

const char *feed_point_name(const struct feed *f, uint32_t station, uint8_t type, uint32_t index)
{
    const struct config_point *point = described(configured(f, station), type, index);
    return point ? point->name : NULL;
}

static void put_hole(struct json *j, const struct journal_row *row)
{
    json_key(j, "type"), json_text(j, "hole");
    json_key(j, "reason"), json_text(j, NAME_IN(reasons, row->index));
    json_key(j, "from"), json_time(j, row->time_ms);
    json_key(j, "to"), json_time(j, row->received_ms);
}

static void put_event(struct json *j, const struct config_station *s, const struct journal_row *row)
{
    const struct config_point *point = described(s, row->type, row->index);
    put_identity(j, point, row->type, row->index);
    if (row->type == ROW_OCTET_STRING)
        put_string(j, row->octets, row->octets_len);
    else
        put_value(j, point, row->value);
    put_quality(j, row->type, row->flags);
    put_times(j, row->time_ms, row->time_quality, row->received_ms);
}

void feed_row(struct feed *f, struct json *j, const struct journal_row *row)
{
    const struct config_station *s = configured(f, row->station);
    json_begin(j);
    json_key(j, "cursor"), feed_cursor(f, j, row->seq);
    json_key(j, "sequence"), json_int(j, row->seq);
    json_key(j, "station"), json_text(j, s ? s->name : removed_name(f, row->station));
    if (row->type == ROW_HOLE)
        put_hole(j, row);
    else
        put_event(j, s, row);
    json_key(j, "origin"), json_text(j, NAME_IN(origins, row->origin));
    if (row->type != ROW_HOLE) {
        json_key(j, "possible_repeat"), json_bool(j, row->marks & MARK_POSSIBLE_REPEAT);
        json_key(j, "hist"), json_bool(j, row->marks & MARK_HIST);
    }
    json_end(j);
}

void feed_point(struct feed *f, struct json *j, uint32_t station, const struct point_image *image,
                bool comm_lost)
{
    const struct config_point *point = described(configured(f, station), image->type, image->index);
    uint8_t flags = image->flags;
    if (comm_lost && !point_type_has_status(image->type))
        flags |= FLAG_COMM_LOST;
    json_begin(j);
    put_identity(j, point, image->type, image->index);
    if (image->type == POINT_OCTET_STRING)
        put_string(j, image->string->octets, image->string->len);
    else
        put_value(j, point, image->value);
    put_quality(j, image->type, flags);
    put_times(j, image->time_ms, image->time_quality, image->received_ms);
    json_key(j, "sequence"), json_int(j, image->seq);
}

/* --- CSV --- */

static bool is_negative_number(const char *text)
{
    char *end;
    return *text == '-' && text[1] >= '0' && text[1] <= '9' && (strtod(text, &end), *end == '\0');
}

/* What a spreadsheet would take for a formula gets an apostrophe: a station's text shall not reckon there. */
static void csv_text(struct json *j, const char *text)
{
    json_literal(j, "\"");
    if (text && *text && strchr("=+@-\t\r", *text) && !is_negative_number(text))
        json_literal(j, "'");
    for (const char *at = text ? text : ""; *at; at++)
        json_raw(j, *at == '"' ? "\"\"" : at, *at == '"' ? 2 : 1);
    json_literal(j, "\"");
}

static void csv_time(struct json *j, int64_t ms)
{
    j->comma = false;
    if (ms > 0)
        json_time(j, ms);
}

static void csv_value(struct json *j, const struct config_point *point, const struct journal_row *row)
{
    j->comma = false;
    if (row->type == ROW_HOLE) {
        csv_text(j, NAME_IN(reasons, row->index));
    } else if (row->type == ROW_OCTET_STRING) {
        char text[256];
        size_t len = row->octets_len;
        memcpy(text, row->octets, len);
        text[len] = '\0';
        struct json is_text = {0};
        if (json_text_octets(&is_text, row->octets, row->octets_len))
            csv_text(j, text);
        else
            json_hex(j, row->octets, row->octets_len);
        json_free(&is_text);
    } else {
        json_double(j, point ? row->value * point->scale + point->offset : row->value);
    }
}

static void csv_quality(struct json *j, const struct journal_row *row)
{
    bool status = point_type_has_status(row->type);
    if (row->type == ROW_HOLE || status) {
        if (status)
            json_digits(j, row->flags);
        return;
    }
    const char *before = "";
    json_literal(j, "\"");
    for (unsigned bit = 0; bit < 7; bit++) {
        const char *name = row->flags & 1u << bit ? flag_name(row->type, bit) : NULL;
        if (name == NULL)
            continue;
        json_raw(j, before, strlen(before));
        json_raw(j, name, strlen(name));
        before = " ";
    }
    json_literal(j, "\"");
}

void feed_csv_head(struct json *j)
{
    json_literal(j, "time,station,point,type,index,value,state,unit,quality,time_quality,received,origin,"
                    "mark,cursor\r\n");
}

static void csv_identity(struct feed *f, struct json *j, const struct journal_row *row)
{
    const char *station = feed_station_name(f, row->station);
    bool hole = row->type == ROW_HOLE;
    csv_text(j, station);
    json_literal(j, ",");
    csv_text(j, hole ? NULL : feed_point_name(f, row->station, row->type, row->index));
    json_literal(j, ",");
    csv_text(j, hole ? "hole" : point_type_name(row->type));
    json_literal(j, ",");
    if (!hole)
        json_digits(j, row->index);
}

void feed_csv_row(struct feed *f, struct json *j, const struct journal_row *row)
{
    bool hole = row->type == ROW_HOLE;
    const struct config_point *point =
        hole ? NULL : described(configured(f, row->station), row->type, row->index);
    csv_time(j, hole || time_is_told(row->time_quality) ? row->time_ms : 0);
    json_literal(j, ",");
    csv_identity(f, j, row);
    json_literal(j, ",");
    csv_value(j, point, row);
    json_literal(j, ",");
    csv_text(j, point ? state_label(point, row->value) : NULL);
    json_literal(j, ",");
    csv_text(j, point ? point->unit : NULL);
    json_literal(j, ",");
    csv_quality(j, row);
    json_literal(j, ",");
    csv_text(j, hole ? NULL : NAME_IN(time_qualities, row->time_quality));
    json_literal(j, ",");
    csv_time(j, row->received_ms);
    json_literal(j, ",");
    csv_text(j, NAME_IN(origins, row->origin));
    json_literal(j, ",");
    csv_text(j, hole ? NULL : row->marks & MARK_POSSIBLE_REPEAT ? "possible_repeat" : NULL);
    json_literal(j, ",");
    j->comma = false;
    feed_cursor(f, j, row->seq);
    json_literal(j, "\r\n");
    j->comma = false;
}
