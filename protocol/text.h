// SPDX-License-Identifier: Apache-2.0
/*
 * A text under construction, for decode.c: what does not fit is counted, not written. No printf: the library
 * needs nothing but memory functions.
 *
 *     struct text t = text_over(buf, room);
 *     text_put(&t, "seq ");
 *     text_uint(&t, 3);
 *     return text_end(&t);
 */
#ifndef PROTOCOL_TEXT_H
#define PROTOCOL_TEXT_H

#include <stddef.h>
#include <stdint.h>

struct text {
    char *at;
    size_t room;
    size_t len; /* of the whole text, also where it did not fit */
};

struct text text_over(char *at, size_t room);
/* Terminates; a text that was cut ends in "...". Returns the length that the whole text has. */
size_t text_end(struct text *t);

void text_char(struct text *t, char c);
void text_put(struct text *t, const char *s);
void text_uint(struct text *t, uint64_t v);
void text_padded(struct text *t, uint64_t v, unsigned digits); /* leading zeros */
void text_hex(struct text *t, uint8_t octet);                  /* two digits */
/* Integers in full up to 15 digits, the rest with 15 significant digits: "-0.001", "1e+300", "NaN", "-inf".
 */
void text_double(struct text *t, double v);

#endif
