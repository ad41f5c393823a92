// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void json_free(struct json *j)
{
    free(j->text);
    *j = (struct json){0};
}

void json_grow(struct json *j, size_t len)
{
    size_t room = j->room ? j->room : 4096;
    if (j->room - j->len >= len)
        return;
    while (room - j->len < len)
        room *= 2;
    j->text = realloc(j->text, room);
    if (j->text == NULL)
        abort();
    j->room = room;
}

static void value_begins(struct json *j)
{
    if (j->comma)
        json_literal(j, ",");
    j->comma = true;
}

void json_begin(struct json *j)
{
    value_begins(j);
    json_literal(j, "{");
    j->comma = false;
}

void json_end(struct json *j)
{
    json_literal(j, "}");
    j->comma = true;
}

void json_list(struct json *j)
{
    value_begins(j);
    json_literal(j, "[");
    j->comma = false;
}

void json_list_end(struct json *j)
{
    json_literal(j, "]");
    j->comma = true;
}

void json_key(struct json *j, const char *key)
{
    value_begins(j);
    json_literal(j, "\"");
    json_raw(j, key, strlen(key));
    json_literal(j, "\":");
    j->comma = false;
}

/* Octets of the well-formed UTF-8 sequence at `s`, 0 where there is none (Unicode, table 3-7). */
static size_t utf8_len(const unsigned char *s)
{
    if (s[0] < 0x80)
        return 1;
    size_t len = s[0] >= 0xC2 && s[0] <= 0xDF   ? 2
                 : s[0] >= 0xE0 && s[0] <= 0xEF ? 3
                 : s[0] >= 0xF0 && s[0] <= 0xF4 ? 4
                                                : 0;
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    }
    bool overlong = (s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xF0 && s[1] < 0x90);
    bool beyond = (s[0] == 0xED && s[1] > 0x9F) || (s[0] == 0xF4 && s[1] > 0x8F);
    return overlong || beyond ? 0 : len;
}

static void escaped(struct json *j, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";
    if (c == '"' || c == '\\')
        json_raw(j, (const char[]){'\\', (char)c}, 2);
    else if (c < 0x20)
        json_raw(j, (const char[]){'\\', 'u', '0', '0', hex[c >> 4], hex[c & 15]}, 6);
    else
        json_literal(j, "\\ufffd");
}

void json_text(struct json *j, const char *text)
{
    value_begins(j);
    if (text == NULL) {
        json_literal(j, "null");
        return;
    }
    json_literal(j, "\"");
    const unsigned char *s = (const unsigned char *)text, *plain = s;
    while (*s) {
        size_t len = utf8_len(s);
        if (len && *s >= 0x20 && *s != '"' && *s != '\\') {
            s += len;
            continue;
        }
        json_raw(j, (const char *)plain, (size_t)(s - plain));
        escaped(j, *s);
        plain = ++s;
    }
    json_raw(j, (const char *)plain, (size_t)(s - plain));
    json_literal(j, "\"");
}

void json_hex(struct json *j, const uint8_t *octets, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    value_begins(j);
    json_literal(j, "\"");
    for (size_t i = 0; i < len; i++)
        json_raw(j, (const char[]){digits[octets[i] >> 4], digits[octets[i] & 15]}, 2);
    json_literal(j, "\"");
}

/* U+0000 to U+001F, U+007F to U+009F. */
static bool is_control(const unsigned char *s)
{
    return s[0] < 0x20 || s[0] == 0x7F || (s[0] == 0xC2 && s[1] < 0xA0);
}

bool json_text_octets(struct json *j, const uint8_t *octets, size_t len)
{
    char text[256];
    if (len >= sizeof text)
        return false;
    if (len)
        memcpy(text, octets, len);
    text[len] = '\0'; /* no sequence goes on over it: it is none of its later octets */
    for (size_t at = 0; at < len;) {
        const unsigned char *s = (const unsigned char *)text + at;
        size_t one = utf8_len(s);
        if (one == 0 || is_control(s))
            return false;
        at += one;
    }
    json_text(j, text);
    return true;
}

void json_bool(struct json *j, bool value)
{
    value_begins(j);
    if (value)
        json_literal(j, "true");
    else
        json_literal(j, "false");
}

void json_digits(struct json *j, uint64_t value)
{
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    json_raw(j, digits + at, sizeof digits - at);
}

void json_int(struct json *j, int64_t value)
{
    value_begins(j);
    if (value < 0)
        json_literal(j, "-");
    json_digits(j, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

/* `value` in units of 10^-places. */
static void fixed_point(struct json *j, uint64_t value, unsigned places)
{
    char digits[24];
    size_t at = sizeof digits;
    for (unsigned i = 0; i < places; i++, value /= 10)
        digits[--at] = (char)('0' + value % 10);
    if (places)
        digits[--at] = '.';
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value);
    json_raw(j, digits + at, sizeof digits - at);
}

/*
 * Most values of a plant have few decimals. r and 10^p are exact in a double, so r / 10^p is rounded once,
 * just as the reader of "r with p decimals" rounds: where it equals the value, those digits are right.
 */
static bool few_decimals(struct json *j, double magnitude)
{
    static const double powers[] = {1,   1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    for (unsigned p = 0; p < sizeof powers / sizeof powers[0]; p++) {
        double scaled = magnitude * powers[p];
        if (scaled > 9007199254740991.0)
            return false;
        uint64_t r = (uint64_t)(scaled + 0.5);
        if ((double)r / powers[p] == magnitude) {
            fixed_point(j, r, p);
            return true;
        }
    }
    return false;
}

static void many_digits(struct json *j, double magnitude)
{
    char text[40];
    int len = 0;
    /* In between, few_decimals() has found whatever has 15 digits. */
    if (magnitude < 1e-3 || magnitude > 1e15)
        len = snprintf(text, sizeof text, "%.15g", magnitude);
    if (len == 0 || strtod(text, NULL) != magnitude)
        len = snprintf(text, sizeof text, "%.17g", magnitude);
    json_raw(j, text, (size_t)len);
}

void json_double(struct json *j, double value)
{
    value_begins(j);
    if (isnan(value)) {
        json_literal(j, "\"NaN\"");
        return;
    }
    if (isinf(value)) {
        json_raw(j, value < 0 ? "\"-Infinity\"" : "\"Infinity\"", value < 0 ? 11 : 10);
        return;
    }
    if (signbit(value))
        json_literal(j, "-");
    double magnitude = fabs(value);
    if (!few_decimals(j, magnitude))
        many_digits(j, magnitude);
}

static char *two_digits(char *at, unsigned value)
{
    at[0] = (char)('0' + value / 10);
    at[1] = (char)('0' + value % 10);
    return at + 2;
}

struct date {
    int64_t year;
    unsigned month;
    unsigned day;
};

/* Days since 1970-01-01 in the Gregorian calendar. Years are counted from March, so that a leap day is the
 * last of its year; 400 years have 146,097 days. */
static struct date date_of(int64_t days)
{
    int64_t shifted = days + 719468; /* days from 0000-03-01 */
    int64_t era = shifted / 146097;
    unsigned day = (unsigned)(shifted % 146097);
    unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    unsigned of_year = day - (365 * year + year / 4 - year / 100);
    unsigned month = (5 * of_year + 2) / 153; /* March is 0 */
    return (struct date){.year = era * 400 + year + (month >= 10),
                         .month = month < 10 ? month + 3 : month - 9,
                         .day = of_year - (153 * month + 2) / 5 + 1};
}

static void year_digits(struct json *j, int64_t year)
{
    if (year > 9999)
        json_literal(j, "+"); /* ISO 8601: beyond four digits only with a sign */
    json_digits(j, (uint64_t)year);
}

void json_time(struct json *j, int64_t ms)
{
    value_begins(j);
    if (ms <= 0) {
        json_literal(j, "null");
        return;
    }
    struct date date = date_of(ms / 86400000);
    unsigned of_day = (unsigned)(ms % 86400000);
    char text[24] = "-";
    char *at = two_digits(text + 1, date.month);
    *at++ = '-';
    at = two_digits(at, date.day);
    *at++ = 'T';
    at = two_digits(at, of_day / 3600000);
    *at++ = ':';
    at = two_digits(at, of_day / 60000 % 60);
    *at++ = ':';
    at = two_digits(at, of_day / 1000 % 60);
    *at++ = '.';
    *at++ = (char)('0' + of_day / 100 % 10);
    at = two_digits(at, of_day % 100);
    *at++ = 'Z';
    *at++ = '"';
    json_literal(j, "\"");
    year_digits(j, date.year);
    json_raw(j, text, (size_t)(at - text));
}

void json_end_whole(char *text)
{
    size_t len = strlen(text), tail = 0;
    while (tail < 3 && tail < len && ((uint8_t)text[len - 1 - tail] & 0xC0) == 0x80)
        tail++;
    if (tail == len)
        return;
    uint8_t first = (uint8_t)text[len - 1 - tail];
    size_t wanted = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    if (tail < wanted)
        text[len - 1 - tail] = '\0';
}
