// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/hex.h"

#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

static bool separates(char c)
{
    return c != '\0' && strchr(" \t\r\n,:|-", c);
}

bool hex_line(const char *line, uint8_t *octets, size_t room, size_t *len, size_t *column)
{
    const char *at = line;
    while (*at && *at != '#') {
        if (separates(*at)) {
            at++;
            continue;
        }
        if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X'))
            at += 2;
        int high = digit(*at), low = high < 0 ? -1 : digit(at[1]);
        if (low < 0 || *len == room) {
            *column = (size_t)(at - line) + 1;
            return false;
        }
        octets[(*len)++] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    return true;
}

bool hex_line_is_empty(const char *line)
{
    return line[strspn(line, " \t\r\n")] == '\0';
}
