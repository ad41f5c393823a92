// SPDX-License-Identifier: Apache-2.0
#include "protocol/link.h"

#include <assert.h>

#include "protocol/bytes.h"
#include "protocol/crc.h"

enum {
    START_0 = 0x05,
    START_1 = 0x64,
    CRC_LEN = 2,
    BLOCK_LEN = 16,
    HEADER_PLAIN = LINK_HEADER_LEN - CRC_LEN, /* octets that the header's CRC covers */
    LENGTH_MIN = 5                            /* control and addresses, which LENGTH counts too */
};

size_t link_frame_len(size_t user_len)
{
    return LINK_HEADER_LEN + user_len + CRC_LEN * ((user_len + BLOCK_LEN - 1) / BLOCK_LEN);
}

static bool crc_follows(const uint8_t *octets, size_t len)
{
    uint16_t sent = (uint16_t)(octets[len] | octets[len + 1] << 8);
    return crc_dnp(octets, len) == sent;
}

/* Octets before the next thing that is, or may still become, a start. */
static size_t skip_to_start(const uint8_t *octets, size_t len)
{
    size_t at = 0;
    while (at < len) {
        const uint8_t *start = memchr(octets + at, START_0, len - at);
        if (!start)
            return len;
        at = (size_t)(start - octets);
        if (at + 1 == len || octets[at + 1] == START_1)
            return at;
        at++;
    }
    return len;
}

static bool copy_blocks(const uint8_t *body, size_t user_len, uint8_t *user)
{
    for (size_t done = 0; done < user_len; done += BLOCK_LEN) {
        size_t n = user_len - done < BLOCK_LEN ? user_len - done : BLOCK_LEN;
        if (!crc_follows(body, n))
            return false;
        memcpy(user + done, body, n);
        body += n + CRC_LEN;
    }
    return true;
}

enum candidate { CANDIDATE_FRAME, CANDIDATE_PARTIAL, CANDIDATE_REFUSED };

/* Judges the octets at a start. *span: the frame's octets, or those to pass over before the hunt resumes. */
static enum candidate judge(const uint8_t *octets, size_t len, size_t *span, struct link_frame *frame,
                            struct link_errors *errors)
{
    if (len < LINK_HEADER_LEN)
        return CANDIDATE_PARTIAL;
    if (!crc_follows(octets, HEADER_PLAIN)) {
        errors->header_crc++;
        *span = 1;
        return CANDIDATE_REFUSED;
    }
    if (octets[2] < LENGTH_MIN) {
        errors->bad_length++;
        *span = LINK_HEADER_LEN;
        return CANDIDATE_REFUSED;
    }
    size_t user_len = (size_t)octets[2] - LENGTH_MIN;
    if (len < link_frame_len(user_len))
        return CANDIDATE_PARTIAL;
    if (!copy_blocks(octets + LINK_HEADER_LEN, user_len, frame->user)) {
        errors->body_crc++;
        *span = 2;
        return CANDIDATE_REFUSED;
    }
    frame->control = octets[3];
    frame->user_len = (uint8_t)user_len;
    frame->destination = (uint16_t)(octets[4] | octets[5] << 8);
    frame->source = (uint16_t)(octets[6] | octets[7] << 8);
    *span = link_frame_len(user_len);
    return CANDIDATE_FRAME;
}

enum link_result link_parse(const uint8_t *octets, size_t len, size_t *used, struct link_frame *frame,
                            struct link_errors *errors)
{
    size_t at = 0;
    for (;;) {
        size_t noise = skip_to_start(octets + at, len - at);
        size_t span = 0;
        errors->noise_octets += (uint32_t)noise;
        at += noise;
        *used = at;
        if (at == len)
            return LINK_NEED_MORE;
        switch (judge(octets + at, len - at, &span, frame, errors)) {
        case CANDIDATE_PARTIAL:
            return LINK_NEED_MORE;
        case CANDIDATE_FRAME:
            *used = at + span;
            return LINK_FRAME;
        case CANDIDATE_REFUSED:
            errors->noise_octets += (uint32_t)span;
            at += span;
            break;
        }
    }
}

static void write_with_crc(struct writer *w, const uint8_t *octets, size_t len)
{
    write_octets(w, octets, len);
    write_u16(w, crc_dnp(octets, len));
}

size_t link_encode(uint8_t control, uint16_t destination, uint16_t source, const uint8_t *user,
                   size_t user_len, uint8_t *into, size_t room)
{
    assert(user_len <= LINK_USER_MAX);
    if (room < link_frame_len(user_len))
        return 0;
    const uint8_t header[HEADER_PLAIN] = {START_0,
                                          START_1,
                                          (uint8_t)(LENGTH_MIN + user_len),
                                          control,
                                          (uint8_t)destination,
                                          (uint8_t)(destination >> 8),
                                          (uint8_t)source,
                                          (uint8_t)(source >> 8)};
    struct writer w = writer_over(into, room);
    write_with_crc(&w, header, sizeof header);
    for (size_t done = 0; done < user_len; done += BLOCK_LEN) {
        size_t n = user_len - done < BLOCK_LEN ? user_len - done : BLOCK_LEN;
        write_with_crc(&w, user + done, n);
    }
    return writer_len(&w);
}
