// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/json.h"

#include <inttypes.h>
#include <math.h>

static void put_text(FILE *to, const char *text)
{
    putc_unlocked('"', to);
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(to, "\\%c", *c);
        else if (*c < 0x20 || *c > 0x7E)
            fprintf(to, "\\u%04x", *c);
        else
            putc_unlocked(*c, to);
    }
    putc_unlocked('"', to);
}

static void begin(struct json *j, const char *key)
{
    if (j->comma)
        putc_unlocked(',', j->to);
    j->comma = true;
    if (key) {
        put_text(j->to, key);
        putc_unlocked(':', j->to);
    }
}

void json_open(struct json *j, const char *key, char bracket)
{
    begin(j, key);
    putc_unlocked(bracket, j->to);
    j->comma = false;
}

void json_close(struct json *j, char bracket)
{
    putc_unlocked(bracket, j->to);
    j->comma = true;
}

void json_text(struct json *j, const char *key, const char *text)
{
    begin(j, key);
    put_text(j->to, text);
}

void json_uint(struct json *j, const char *key, uint64_t value)
{
    begin(j, key);
    fprintf(j->to, "%" PRIu64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
    begin(j, key);
    fputs(value ? "true" : "false", j->to);
}

void json_double(struct json *j, const char *key, double value)
{
    if (isnan(value))
        json_text(j, key, "NaN");
    else if (isinf(value))
        json_text(j, key, value > 0 ? "Infinity" : "-Infinity");
    else {
        begin(j, key);
        fprintf(j->to, "%.17g", value);
    }
}
