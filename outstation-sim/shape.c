// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/shape.h"
#include "protocol/objects.h"
#include <math.h>

static double clamp(const struct scenario_point *p, double value)
{
    return fmin(fmax(value, p->min), p->max);
}

/* The nearest value within min..max that the encoding holds. */
static double fit(const struct scenario_point *p, double value)
{
    switch ((enum scenario_encoding)p->encoding) {
    case ENCODING_INT16:
    case ENCODING_INT32:
        /* A whole number on the wire has no -0: adding 0 makes it 0. */
        return fmin(fmax(round(value), ceil(p->min)), floor(p->max)) + 0.0;
    case ENCODING_FLOAT:
        return (double)(float)clamp(p, value);
    case ENCODING_DOUBLE:
        break;
    }
    return clamp(p, value);
}

/* The nearest other value: towards the middle, so that it stays within min..max. */
static double beside(const struct scenario_point *p, double value)
{
    double towards = p->min / 2 + p->max / 2;
    double way = value < towards ? 1 : -1;
    switch ((enum scenario_encoding)p->encoding) {
    case ENCODING_INT16:
    case ENCODING_INT32:
        return value + (value + way > floor(p->max) ? -1 : way);
    case ENCODING_FLOAT:
        return (double)nextafterf((float)value, way > 0 ? INFINITY : -INFINITY);
    case ENCODING_DOUBLE:
        break;
    }
    return nextafter(value, way > 0 ? INFINITY : -INFINITY);
}

/* Points of one entry are out of step with each other. */
static double turns(const struct scenario_point *p, uint32_t index, int64_t at_ms)
{
    double t = (double)at_ms / p->period_ms + index * 0.618033988749895;
    return t - floor(t);
}

static double next_sine(const struct scenario_point *p, double last, double turn, struct random *r)
{
    (void)last;
    /* A little noise makes the values of one place in the period distinguishable. */
    double noise = (random_unit(r) - 0.5) * 0.002;
    return p->min + (p->max - p->min) * (0.5 + 0.499 * sin(turn * 2 * M_PI) + noise);
}

static double next_ramp(const struct scenario_point *p, double last, double turn, struct random *r)
{
    (void)last;
    (void)r;
    return p->min + (p->max - p->min) * turn;
}

static double next_random_walk(const struct scenario_point *p, double last, double turn, struct random *r)
{
    (void)turn;
    double value = last + (random_unit(r) * 2 - 1) * p->step;
    if (value > p->max)
        value = 2 * p->max - value;
    if (value < p->min)
        value = 2 * p->min - value;
    return value;
}

static double next_step(const struct scenario_point *p, double last, double turn, struct random *r)
{
    (void)last;
    (void)turn;
    double levels = fmin(floor((p->max - p->min) / p->step) + 1, 1e6);
    return p->min + p->step * random_below(r, (uint32_t)levels);
}

static double (*const moves[])(const struct scenario_point *, double, double, struct random *) = {
    [SHAPE_SINE] = next_sine,
    [SHAPE_RAMP] = next_ramp,
    [SHAPE_RANDOM_WALK] = next_random_walk,
    [SHAPE_STEPS] = next_step,
};

static double next_analog(const struct scenario_point *p, double last, double turn, struct random *r)
{
    double from = isfinite(last) ? last : fit(p, p->min / 2 + p->max / 2);
    double value = fit(p, moves[p->shape](p, from, turn, r));
    return value == last ? beside(p, value) : value;
}

static double next_counter(const struct scenario_point *p, double last, struct random *r)
{
    double most = fmax(1, fmin(floor(p->step), 65535));
    double modulo = p->encoding == ENCODING_INT16 ? 65536.0 : 4294967296.0;
    return fmod(last + 1 + random_below(r, (uint32_t)most), modulo);
}

/* Mostly off and on, through intermediate now and then, as a breaker does. */
static double next_double_bit(double last, struct random *r)
{
    uint32_t away = 1 + random_below(r, 3);
    uint32_t value = ((uint32_t)last + away) % 4;
    bool usual = value == 1 || value == 2;
    if (!usual && !random_chance(r, 0.1))
        value = (uint32_t)last == 1 ? 2 : 1;
    return value;
}

double shape_next(const struct scenario_point *point, double last, uint32_t index, int64_t at_ms,
                  struct random *random)
{
    switch (point->type) {
    case POINT_BINARY_INPUT:
    case POINT_BINARY_OUTPUT_STATUS:
        return last == 0 ? 1 : 0;
    case POINT_DOUBLE_BIT_INPUT:
        return next_double_bit(last, random);
    case POINT_OCTET_STRING:
        return last + 1; /* the number of its text */
    case POINT_COUNTER:
    case POINT_FROZEN_COUNTER:
        return next_counter(point, last, random);
    default:
        return next_analog(point, last, turns(point, index, at_ms), random);
    }
}

double shape_first(const struct scenario_point *point, struct random *random)
{
    switch (point->type) {
    case POINT_BINARY_INPUT:
    case POINT_BINARY_OUTPUT_STATUS:
        return random_below(random, 2);
    case POINT_DOUBLE_BIT_INPUT:
        return 1 + random_below(random, 2);
    case POINT_OCTET_STRING:
    case POINT_BINARY_COMMAND:
    case POINT_ANALOG_COMMAND:
        return 0;
    case POINT_COUNTER:
    case POINT_FROZEN_COUNTER:
        return random_below(random, 10000);
    default:
        return fit(point, point->min + (point->max - point->min) * random_unit(random));
    }
}

uint8_t shape_flags(const struct scenario_point *point, struct random *random)
{
    static const uint8_t odd[] = {FLAG_COMM_LOST, FLAG_ONLINE | FLAG_LOCAL_FORCED,
                                  FLAG_ONLINE | FLAG_REMOTE_FORCED, FLAG_COMM_LOST | FLAG_RESTART};
    if (!random_chance(random, point->odd_flags))
        return FLAG_ONLINE;
    return odd[random_below(random, sizeof(odd))];
}

double shape_odd_value(struct random *random)
{
    const double odd[] = {(double)NAN, (double)INFINITY, -(double)INFINITY};
    return odd[random_below(random, 3)];
}
