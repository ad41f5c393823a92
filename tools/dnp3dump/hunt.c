// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/hunt.h"

#include <assert.h>
#include <string.h>

#include "protocol/crc.h"

enum { CRC_LEN = 2, BLOCK_LEN = 16, HEADER_PLAIN = 8, LENGTH_MIN = 5 };

/* Octets before the next start, or before a last octet that may become one. */
static size_t to_start(const uint8_t *octets, size_t len, size_t at, bool last)
{
    for (; at < len; at++) {
        if (octets[at] == 0x05 && (at + 1 < len ? octets[at + 1] == 0x64 : !last))
            return at;
    }
    return len;
}

static bool crc_is_right(const uint8_t *octets, size_t len)
{
    return crc_dnp(octets, len) == (octets[len] | octets[len + 1] << 8);
}

/* The first block with a wrong CRC, or the number of blocks. */
static size_t bad_block(const uint8_t *body, size_t user_len, size_t *blocks)
{
    *blocks = (user_len + BLOCK_LEN - 1) / BLOCK_LEN;
    for (size_t i = 0; i < *blocks; i++) {
        size_t left = user_len - i * BLOCK_LEN;
        if (!crc_is_right(body + i * (BLOCK_LEN + CRC_LEN), left < BLOCK_LEN ? left : BLOCK_LEN))
            return i;
    }
    return *blocks;
}

static enum hunt_kind unpack(const uint8_t *octets, size_t len, struct hunt_find *find)
{
    struct link_errors errors = {0};
    size_t used;
    enum link_result result = link_parse(octets, len, &used, &find->frame, &errors);
    assert(result == LINK_FRAME && used == len);
    (void)result;
    find->len = len;
    return HUNT_FRAME;
}

static enum hunt_kind refuse(const uint8_t *octets, size_t len, size_t from, bool last, enum hunt_kind kind,
                             struct hunt_find *find)
{
    find->len = to_start(octets, len, from, last);
    return kind;
}

static enum hunt_kind judge_start(const uint8_t *octets, size_t len, bool last, struct hunt_find *find)
{
    if (len < LINK_HEADER_LEN)
        return last ? refuse(octets, len, 2, last, HUNT_CUT, find) : HUNT_MORE;
    if (!crc_is_right(octets, HEADER_PLAIN))
        return refuse(octets, len, 1, last, HUNT_HEADER_CRC, find);
    if (octets[2] < LENGTH_MIN) {
        find->len = LINK_HEADER_LEN;
        return HUNT_LENGTH;
    }
    size_t user_len = (size_t)octets[2] - LENGTH_MIN, blocks;
    find->wanted = link_frame_len(user_len);
    if (find->wanted > len)
        return last ? refuse(octets, len, 2, last, HUNT_CUT, find) : HUNT_MORE;
    find->block = bad_block(octets + LINK_HEADER_LEN, user_len, &blocks);
    if (find->block < blocks)
        return refuse(octets, len, 2, last, HUNT_BODY_CRC, find);
    return unpack(octets, find->wanted, find);
}

enum hunt_kind hunt_next(const uint8_t *octets, size_t len, bool last, struct hunt_find *find)
{
    find->len = find->block = find->wanted = 0;
    if (len == 0)
        return HUNT_MORE;
    size_t noise = to_start(octets, len, 0, last);
    if (noise > 0) {
        find->len = noise;
        return HUNT_NOISE;
    }
    return judge_start(octets, len, last, find);
}
