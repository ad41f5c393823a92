// SPDX-License-Identifier: Apache-2.0
#include "protocol/text.h"

#include <string.h>

enum { SIGNIFICANT = 15, FIXED_EXPONENT_MIN = -5, UINT64_DIGITS = 20 };

struct text text_over(char *at, size_t room)
{
    return (struct text){at, room, 0};
}

size_t text_end(struct text *t)
{
    static const char dots[] = "...";
    if (t->room == 0)
        return t->len;
    if (t->len < t->room) {
        t->at[t->len] = '\0';
        return t->len;
    }
    size_t n = t->room - 1 < sizeof dots - 1 ? t->room - 1 : sizeof dots - 1;
    memcpy(t->at + t->room - 1 - n, dots, n);
    t->at[t->room - 1] = '\0';
    return t->len;
}

void text_char(struct text *t, char c)
{
    if (t->len + 1 < t->room)
        t->at[t->len] = c;
    t->len++;
}

void text_put(struct text *t, const char *s)
{
    while (*s)
        text_char(t, *s++);
}

static unsigned digits_of(uint64_t v, char digits[UINT64_DIGITS])
{
    unsigned n = 0;
    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return n;
}

void text_padded(struct text *t, uint64_t v, unsigned digits)
{
    char reversed[UINT64_DIGITS];
    unsigned n = digits_of(v, reversed);
    for (unsigned i = n; i < digits; i++)
        text_char(t, '0');
    while (n > 0)
        text_char(t, reversed[--n]);
}

void text_uint(struct text *t, uint64_t v)
{
    text_padded(t, v, 1);
}

void text_hex(struct text *t, uint8_t octet)
{
    static const char hex[] = "0123456789ABCDEF";
    text_char(t, hex[octet >> 4]);
    text_char(t, hex[octet & 0x0F]);
}

/* v * 10^power. Powers of ten up to 22 are exact, so that usual values see one rounding only. */
static double scaled(double v, int power)
{
    static const double ten[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    for (; power > 22; power -= 22)
        v *= ten[22];
    for (; power < -22; power += 22)
        v /= ten[22];
    return power >= 0 ? v * ten[power] : v / ten[-power];
}

/* The first 15 digits of v > 0, and the power of ten of the first one. */
static uint64_t significant(double v, int *exponent)
{
    const double low = 1e14;
    const double high = 1e15;
    int e = 0;
    for (double x = v; x >= 1e16; x /= 1e16)
        e += 16;
    for (double x = v; x < 1e-16; x *= 1e16)
        e -= 16;
    while (scaled(v, SIGNIFICANT - 1 - e) >= high)
        e++;
    while (scaled(v, SIGNIFICANT - 1 - e) < low)
        e--;
    uint64_t digits = (uint64_t)(scaled(v, SIGNIFICANT - 1 - e) + 0.5);
    if (digits == (uint64_t)high) {
        digits /= 10;
        e++;
    }
    *exponent = e;
    return digits;
}

/* `digits` as d.ddd, with `whole` digits before the point (0 or less: leading zeros), trailing zeros cut. */
static void put_decimal(struct text *t, uint64_t digits, int whole)
{
    char reversed[UINT64_DIGITS];
    unsigned n = digits_of(digits, reversed);
    unsigned last = 0;
    while (last + 1 < n && reversed[last] == '0')
        last++;
    if (whole <= 0)
        text_put(t, "0.");
    for (int i = whole; i < 0; i++)
        text_char(t, '0');
    while (n > last || whole > 0) {
        text_char(t, n > last ? reversed[n - 1] : '0');
        n = n > last ? n - 1 : n;
        whole--;
        if (whole == 0 && n > last)
            text_char(t, '.');
    }
}

static void put_scientific(struct text *t, uint64_t digits, int exponent)
{
    put_decimal(t, digits, 1);
    text_put(t, exponent < 0 ? "e-" : "e+");
    text_padded(t, (uint64_t)(exponent < 0 ? -exponent : exponent), 2);
}

void text_double(struct text *t, double v)
{
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    if (v != v) {
        text_put(t, "NaN");
        return;
    }
    if (bits >> 63) {
        text_char(t, '-');
        v = -v;
    }
    if (v > 1.7976931348623157e308) {
        text_put(t, "inf");
        return;
    }
    if (v < 1e15 && (double)(uint64_t)v == v) {
        text_uint(t, (uint64_t)v);
        return;
    }
    int exponent;
    uint64_t digits = significant(v, &exponent);
    if (exponent >= FIXED_EXPONENT_MIN && exponent < SIGNIFICANT)
        put_decimal(t, digits, exponent + 1);
    else
        put_scientific(t, digits, exponent);
}
