// SPDX-License-Identifier: Apache-2.0
/*
 * Octets to text for people. Whatever the octets are: what is written is terminated, printable, the same
 * text whatever the room is but for its end, and not out of proportion to the octets.
 */
#include "grammar.h"

#include <assert.h>
#include <string.h>

#include "protocol/decode.h"

enum { ROOM = 1 << 18, TEXT_AN_OCTET = 1200 };

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return grammar_mutate_fragment(data, size, max_size, seed);
}

static void check_printable(const char *text, size_t len, bool lines)
{
    for (size_t i = 0; i < len; i++)
        assert((text[i] >= 0x20 && text[i] < 0x7F) || (lines && text[i] == '\n'));
}

/* The same in less room: as much of it as fits, ending in dots. */
static void check_cut(const uint8_t *data, size_t size, enum decode_style style, const char *whole,
                      size_t len)
{
    static char cut[4096];
    size_t room = 1 + (size * 37 + data[0]) % (sizeof cut - 1);
    assert(decode_fragment(data, size, style, cut, room) == len);
    if (len < room) {
        assert(strcmp(cut, whole) == 0);
    } else {
        assert(strlen(cut) == room - 1);
        assert(room < 5 || (memcmp(cut, whole, room - 4) == 0 && memcmp(cut + room - 4, "...", 3) == 0));
    }
}

static void check_fragment(const uint8_t *data, size_t size)
{
    static char text[ROOM];
    for (int style = DECODE_LINE; style <= DECODE_TREE; style++) {
        size_t len = decode_fragment(data, size, (enum decode_style)style, text, sizeof text);
        size_t written = strlen(text);
        assert(len < sizeof text ? written == len : written == sizeof text - 1);
        assert(len <= TEXT_AN_OCTET * (size + 1));
        check_printable(text, written, style == DECODE_TREE);
        if (size)
            check_cut(data, size, (enum decode_style)style, text, len);
    }
}

static void check_frame(const uint8_t *data, size_t size)
{
    char text[512];
    struct link_frame f = {.control = data[0], .destination = data[1], .source = data[2]};
    f.user_len = (uint8_t)(size - 3 < LINK_USER_MAX ? size - 3 : LINK_USER_MAX);
    memcpy(f.user, data + 3, f.user_len);
    size_t len = decode_frame(&f, text, sizeof text);
    assert(len < sizeof text && strlen(text) == len);
    check_printable(text, len, false);
}

/* A measurement that no object carries: types, flags and times at random. */
static void check_measurement(const uint8_t *data)
{
    char text[512];
    struct measurement m = {.index = data[0], .type = data[1], .flags = data[2], .time_quality = data[3] & 3};
    memcpy(&m.value, data + 4, sizeof m.value);
    memcpy(&m.time_ms, data + 8, sizeof m.time_ms);
    m.time_ms &= 0xFFFFFFFFFFFF;
    m.type = (uint8_t)(m.type % POINT_TYPES);
    size_t len = decode_measurement(&m, text, sizeof text);
    assert(len < sizeof text && strlen(text) == len);
    check_printable(text, len, false);
    len = decode_time(m.time_ms, text, sizeof text);
    assert(len > 0 && len < 32 && strlen(text) == len);
    len = decode_flags(m.type, m.flags, text, sizeof text);
    assert(len > 0 && len < sizeof text && strlen(text) == len);
    len = decode_iin((uint16_t)(data[0] << 8 | data[1]), text, sizeof text);
    assert(len < sizeof text && strlen(text) == len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > APP_FRAGMENT_MAX)
        size = APP_FRAGMENT_MAX;
    check_fragment(data, size);
    if (size >= 3)
        check_frame(data, size);
    if (size >= 16)
        check_measurement(data);
    return 0;
}
