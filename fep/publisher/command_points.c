// SPDX-License-Identifier: Apache-2.0
/* The points of a control, each held to what its configuration allows. */
#include "fep/publisher/commands.h"

#include <math.h>
#include <stdio.h>

static const char *const modes[] = {"select", "direct", "direct_no_ack", NULL};
static const char *const operations[] = {"nul", "pulse_on", "pulse_off", "latch_on", "latch_off", NULL};
static const char *const codes[] = {"nul", "close", "trip", NULL};
static const char *const output_types[] = {"binary_output_status", "analog_output_status", NULL};
static_assert(CROB_NUL == 0 && CROB_PULSE_ON == 1 && CROB_PULSE_OFF == 2 && CROB_LATCH_ON == 3 &&
                  CROB_LATCH_OFF == 4,
              "operations are numbered as on the wire");
static_assert(CONFIG_SELECT == 1 << CONTROL_SELECT_OPERATE && CONFIG_DIRECT == 1 << CONTROL_DIRECT &&
                  CONFIG_DIRECT_NO_ACK == 1 << CONTROL_DIRECT_NO_ACK,
              "modes");

/* A point of the request. */
struct wish {
    const json_t *given;
    const struct config_point *point;
    const struct config_control *control;
    json_t *told;
    struct control_point *into;
    struct command_feedback *feedback;
};

static const struct config_point *point_named(const struct config_points *points, const char *name)
{
    for (size_t i = 0; i < points->len; i++)
        if (strcmp(points->points[i].name, name) == 0)
            return &points->points[i];
    return NULL;
}

static bool find_point(struct asking *a, struct wish *w)
{
    const struct config_points *points = a->entry->config->points;
    const json_t *name = json_object_get(w->given, "point");
    int type;
    int64_t index;
    if (name) {
        w->point = json_is_string(name) ? point_named(points, json_string_value(name)) : NULL;
    } else {
        if (!asking_word(a, w->given, "type", output_types, -1, &type) ||
            !asking_number(a, w->given, "index", 0, UINT32_MAX, -1, &index))
            return false;
        w->point = config_point_find(points, type ? POINT_ANALOG_OUTPUT_STATUS : POINT_BINARY_OUTPUT_STATUS,
                                     (uint32_t)index);
    }
    if (!w->point)
        return asking_problem(a, 422, name ? "point" : "index", "the station has no such point configured");
    w->control = w->point->control;
    if (!w->control)
        return asking_problem(a, 422, "points",
                              "%s %u (%s) may not be operated: it has no `control` configured",
                              point_type_name(w->point->type), w->point->index, w->point->name);
    return true;
}

/* Where the value that is asked for shows; raw. */
static void expect(struct asking *a, struct wish *w, double value, double tolerance)
{
    const struct config_feedback *f = &w->control->feedback;
    const struct config_point *shown = config_point_find(a->entry->config->points, f->type, f->index);
    double scale = shown ? shown->scale : 1, offset = shown ? shown->offset : 0;
    double one = (value - tolerance - offset) / scale, other = (value + tolerance - offset) / scale;
    *w->feedback = (struct command_feedback){
        .type = f->type, .index = f->index, .low = fmin(one, other), .high = fmax(one, other)};
    if (a->command->feedback_ms < f->within_ms)
        a->command->feedback_ms = f->within_ms;
}

/* Trip opens and close closes, whatever the pulse; without either the operation says it. */
static void expect_state(struct asking *a, struct wish *w, int operation, int code)
{
    const struct config_feedback *f = &w->control->feedback;
    if (!w->control->has_feedback || operation == CROB_NUL)
        return;
    bool on = code ? code == 1 : operation == CROB_LATCH_ON || operation == CROB_PULSE_ON;
    on = on != f->inverted;
    expect(a, w, f->type == POINT_DOUBLE_BIT_INPUT ? (on ? 2 : 1) : on, 0);
}

static bool take_crob(struct asking *a, struct wish *w)
{
    static const char *const keys[] = {"type",  "index", "point",  "op",    "tcc",
                                       "count", "on_ms", "off_ms", "clear", NULL};
    const struct config_control *c = w->control;
    int operation, code;
    int64_t count, on_ms, off_ms;
    const json_t *clear = json_object_get(w->given, "clear");
    if (!asking_keys(a, w->given, keys, "no such field of a binary output") ||
        !asking_word(a, w->given, "op", operations, -1, &operation) ||
        !asking_word(a, w->given, "tcc", codes, 0, &code) ||
        !asking_number(a, w->given, "count", 1, c->count, 1, &count) ||
        !asking_number(a, w->given, "on_ms", 0, c->longest_ms, c->on_ms, &on_ms) ||
        !asking_number(a, w->given, "off_ms", 0, c->longest_ms, c->off_ms, &off_ms))
        return false;
    if (!(c->operations & 1u << operation))
        return asking_problem(a, 422, "op", "%s is not allowed for %s", operations[operation],
                              w->point->name);
    if (!(c->codes & 1u << code))
        return asking_problem(a, 422, "tcc", "%s is not allowed for %s", codes[code], w->point->name);
    if (clear && !json_is_boolean(clear))
        return asking_problem(a, 422, "clear", "true or false");
    static const unsigned of_code[] = {0, CROB_CLOSE, CROB_TRIP};
    unsigned octet = (unsigned)operation | of_code[code] | (json_is_true(clear) ? CROB_CLEAR : 0u);
    *w->into = (struct control_point){.group = 12, .variation = 1, .index = w->point->index};
    w->into->crob = (struct crob){.code = (uint8_t)octet,
                                  .count = (uint8_t)count,
                                  .on_ms = (uint32_t)on_ms,
                                  .off_ms = (uint32_t)off_ms};
    json_object_set_new(w->told, "op", json_string(operations[operation]));
    json_object_set_new(w->told, "tcc", json_string(codes[code]));
    json_object_set_new(w->told, "count", json_integer(count));
    json_object_set_new(w->told, "on_ms", json_integer(on_ms));
    json_object_set_new(w->told, "off_ms", json_integer(off_ms));
    expect_state(a, w, operation, code);
    return true;
}

/* Whole numbers are rounded as the protocol's encoding does. */
static bool fits(double raw, int64_t variation)
{
    static const double largest[] = {0, 2147483647.0, 32767.0, 3.4028234663852886e38, 1.7976931348623157e308};
    double smallest = variation <= 2 ? -largest[variation] - 1 : -largest[variation];
    double there = variation <= 2 ? round(raw) : raw;
    return isfinite(raw) && there >= smallest && there <= largest[variation];
}

static bool take_analog(struct asking *a, struct wish *w)
{
    static const char *const keys[] = {"type", "index", "point", "value", "variation", NULL};
    const struct config_control *c = w->control;
    const json_t *given = json_object_get(w->given, "value");
    double value = json_number_value(given);
    int64_t variation;
    if (!asking_keys(a, w->given, keys, "no such field of an analog output") ||
        !asking_number(a, w->given, "variation", 1, 4, c->variation, &variation))
        return false;
    if (!json_is_number(given) || value < c->min || value > c->max)
        return asking_problem(a, 422, "value", "a number from %g to %g", c->min, c->max);
    double raw = (value - w->point->offset) / w->point->scale;
    if (!fits(raw, variation))
        return asking_problem(a, 422, "variation", "variation %d can't hold a raw value of %g",
                              (int)variation, raw);
    *w->into = (struct control_point){
        .group = 41, .variation = (uint8_t)variation, .index = w->point->index, .value = raw};
    json_object_set_new(w->told, "value", json_real(value));
    json_object_set_new(w->told, "variation", json_integer(variation));
    /* What single precision makes of a value is no deviation; nor is rounding to whole raw values. */
    double least = fabs(value) * 1e-6 + (variation <= 2 ? fabs(w->point->scale) / 2 : 0);
    if (c->has_feedback)
        expect(a, w, value, c->feedback.tolerance + least);
    return true;
}

static void name_point(struct asking *a, struct wish *w)
{
    size_t used = strlen(a->subject);
    json_object_set_new(w->told, "type", json_string(point_type_name(w->point->type)));
    json_object_set_new(w->told, "index", json_integer(w->point->index));
    json_object_set_new(w->told, "name", json_string(w->point->name));
    snprintf(a->subject + used, sizeof a->subject - used, "%s%s:%u", used ? " " : "",
             point_type_name(w->point->type), w->point->index);
}

static bool take_point(struct asking *a, struct wish *w)
{
    if (!json_is_object(w->given))
        return asking_problem(a, 422, "points", "each point is an object");
    if (!find_point(a, w))
        return false;
    name_point(a, w);
    return w->point->type == POINT_BINARY_OUTPUT_STATUS ? take_crob(a, w) : take_analog(a, w);
}

/* What all points and the station allow. */
static bool take_mode(struct asking *a, uint8_t allowed, int standard)
{
    int mode;
    if (!asking_word(a, a->body, "mode", modes, standard, &mode))
        return false;
    if (!(a->entry->config->session->controls & 1u << mode))
        return asking_problem(a, 422, "mode", "%s is not allowed for this station (session: controls)",
                              modes[mode]);
    if (!(allowed & 1u << mode))
        return asking_problem(a, 422, "mode", "%s is not allowed for these points", modes[mode]);
    json_object_set_new(a->told, "mode", json_string(modes[mode]));
    struct command *c = a->command;
    control_order_init(&c->control, (enum control_mode)mode, c->points, c->points_len);
    return true;
}

static bool twice(const struct command *c, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (c->points[i].group == c->points[at].group && c->points[i].index == c->points[at].index)
            return true;
    return false;
}

bool asking_points(struct asking *a)
{
    const json_t *list = json_object_get(a->body, "points");
    size_t len = json_array_size(list);
    if (!len || len > COMMAND_POINTS_MAX)
        return asking_problem(a, 422, "points", "a list of 1 to %d points", COMMAND_POINTS_MAX);
    asking_command(a, COMMAND_CONTROL, len);
    json_t *told = json_array();
    json_object_set_new(a->told, "points", told);
    uint8_t allowed = UINT8_MAX;
    int standard = CONTROL_SELECT_OPERATE;
    for (size_t i = 0; i < len; i++) {
        struct wish w = {.given = json_array_get(list, i), .told = json_object()};
        json_array_append_new(told, w.told);
        w.into = &a->command->points[i];
        w.feedback = &a->command->feedback[i];
        if (!take_point(a, &w))
            return false;
        if (twice(a->command, i))
            return asking_problem(a, 422, "points", "%s is there twice", w.point->name);
        allowed &= w.control->modes;
        standard = i ? standard : w.control->mode;
    }
    return take_mode(a, allowed, standard);
}

static void put_list(struct json *j, const char *key, const char *const *names, unsigned mask)
{
    json_key(j, key), json_list(j);
    for (unsigned i = 0; names[i]; i++)
        if (mask & 1u << i)
            json_text(j, names[i]);
    json_list_end(j);
}

void command_put_control(struct json *j, const struct config_station *station,
                         const struct config_point *point)
{
    const struct config_control *c = point ? point->control : NULL;
    json_key(j, "control");
    if (!c) {
        json_text(j, NULL);
        return;
    }
    json_begin(j);
    put_list(j, "modes", modes, c->modes & station->session->controls);
    json_key(j, "mode"), json_text(j, modes[c->mode]);
    if (point->type == POINT_BINARY_OUTPUT_STATUS) {
        put_list(j, "ops", operations, c->operations);
        put_list(j, "tccs", codes, c->codes);
        json_key(j, "count"), json_int(j, c->count);
        json_key(j, "on_ms"), json_int(j, c->on_ms);
        json_key(j, "off_ms"), json_int(j, c->off_ms);
        json_key(j, "longest_ms"), json_int(j, c->longest_ms);
    } else {
        json_key(j, "min"), json_double(j, c->min);
        json_key(j, "max"), json_double(j, c->max);
        json_key(j, "variation"), json_int(j, c->variation);
    }
    json_key(j, "feedback");
    if (!c->has_feedback) {
        json_text(j, NULL);
    } else {
        json_begin(j);
        json_key(j, "type"), json_text(j, point_type_name(c->feedback.type));
        json_key(j, "index"), json_int(j, c->feedback.index);
        json_key(j, "within_ms"), json_int(j, c->feedback.within_ms);
        json_end(j);
    }
    json_end(j);
}
