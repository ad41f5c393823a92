// SPDX-License-Identifier: Apache-2.0
/*
 * JSON that is written as it comes: commas are kept here, texts are escaped, numbers that JSON lacks (NaN and
 * the infinities) become texts.
 *
 *     struct json j = {.to = stdout};
 *     json_open(&j, NULL, '{');
 *     json_uint(&j, "seq", 3);
 *     json_close(&j, '}');
 */
#ifndef TOOLS_DNP3DUMP_JSON_H
#define TOOLS_DNP3DUMP_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct json {
    FILE *to;
    bool comma;
};

/* `key` is NULL within an array and at the top. */
void json_open(struct json *j, const char *key, char bracket);
void json_close(struct json *j, char bracket);
void json_text(struct json *j, const char *key, const char *text);
void json_uint(struct json *j, const char *key, uint64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_double(struct json *j, const char *key, double value);

#endif
