// SPDX-License-Identifier: Apache-2.0
/*
 * Octets written as hex in tests: "05 64 | 05C0"; spaces and bars are passed over.
 *
 *     uint8_t octets[300];
 *     size_t len = hex_parse("05 64 05 C0", octets, sizeof octets);
 */
#ifndef SUPPORT_HEX_H
#define SUPPORT_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return -1;
}

/* Parses up to `len` characters; SIZE_MAX where they are not hex or do not fit. */
static inline size_t hex_parse_n(const char *hex, size_t len, uint8_t *octets, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (strchr(" |\r\n", hex[i]))
            continue;
        int high = hex_digit(hex[i]);
        int low = i + 1 < len ? hex_digit(hex[i + 1]) : -1;
        if (high < 0 || low < 0 || n == room)
            return SIZE_MAX;
        octets[n++] = (uint8_t)(high << 4 | low);
        i++;
    }
    return n;
}

/* For literals in tests, which must be right. */
static inline size_t hex_parse(const char *hex, uint8_t *octets, size_t room)
{
    size_t n = hex_parse_n(hex, strlen(hex), octets, room);
    if (n == SIZE_MAX)
        abort();
    return n;
}

#endif
