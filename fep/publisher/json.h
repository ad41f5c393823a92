// SPDX-License-Identifier: Apache-2.0
/*
 * Writes JSON into a buffer that grows and is used again. Commas come by themselves:
 *
 *     json_clear(&j);
 *     json_begin(&j);
 *     json_key(&j, "station"), json_text(&j, "north");
 *     json_key(&j, "value"), json_double(&j, 0.5);
 *     json_end(&j);                             {"station":"north","value":0.5}
 *
 * No printf but for doubles with more than 15 digits. Aborts where the machine has no memory left.
 */
#ifndef FEP_JSON_H
#define FEP_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct json {
    char *text; /* not terminated */
    size_t len;
    size_t room;
    bool comma; /* one goes before the next key or value */
};

void json_free(struct json *j);
void json_grow(struct json *j, size_t len); /* room for `len` octets more */

static inline void json_clear(struct json *j)
{
    j->len = 0;
    j->comma = false;
}

/* As it stands. */
static inline void json_raw(struct json *j, const char *text, size_t len)
{
    if (j->room - j->len < len)
        json_grow(j, len);
    memcpy(j->text + j->len, text, len);
    j->len += len;
}
#define json_literal(j, text) json_raw(j, "" text, sizeof(text) - 1)

void json_begin(struct json *j);
void json_end(struct json *j);
void json_list(struct json *j);
void json_list_end(struct json *j);
void json_key(struct json *j, const char *key);   /* needs no escapes */
void json_text(struct json *j, const char *text); /* what is no UTF-8 becomes U+FFFD; NULL is null */
/* Octets in hexadecimal, lower case. */
void json_hex(struct json *j, const uint8_t *octets, size_t len);
/* True where all of it is UTF-8 without control characters; then it is written as text. */
bool json_text_octets(struct json *j, const uint8_t *octets, size_t len);
void json_bool(struct json *j, bool value);
void json_int(struct json *j, int64_t value);
/* The shortest of 15 digits, or 17, that reads back as the same; "NaN", "Infinity" and "-Infinity" are
 * strings. */
void json_double(struct json *j, double value);
void json_time(struct json *j, int64_t ms); /* "2026-01-31T23:59:59.999Z"; null for 0 and before */

/* The digits alone, without comma. */
void json_digits(struct json *j, uint64_t value);

/* A text that was cut may end amid a character, and would be no text in JSON: takes away what is left of it.
 */
void json_end_whole(char *text);

#endif
