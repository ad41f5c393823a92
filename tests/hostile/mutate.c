// SPDX-License-Identifier: Apache-2.0
#include "mutate.h"

uint32_t draw(uint64_t *random, uint32_t below)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return (uint32_t)(*random >> 32) % below;
}

static void mutate_octets(uint8_t *octets, size_t *len, size_t room, uint64_t *random)
{
    static const uint8_t telling[] = {0x00, 0x01, 0x06, 0x07, 0x17, 0x28, 0x5B, 0x7F, 0x80, 0xFF};
    size_t at = draw(random, (uint32_t)*len);
    switch (draw(random, 6)) {
    case 0:
        octets[at] ^= (uint8_t)(1U << draw(random, 8));
        break;
    case 1:
        octets[at] = telling[draw(random, sizeof telling)];
        break;
    case 2:
        octets[at] = (uint8_t)draw(random, 256);
        break;
    case 3: /* one octet less */
        memmove(octets + at, octets + at + 1, *len - at - 1);
        *len -= *len > 1;
        break;
    case 4: /* cut off */
        *len = at ? at : *len;
        break;
    default: { /* a piece once more */
        size_t n = draw(random, 64) + 1U;
        n = n < *len - at ? n : *len - at;
        if (*len + n > room)
            break;
        memmove(octets + at + n, octets + at, *len - at);
        *len += n;
    }
    }
}

void mutate(struct stimulus *s, uint64_t *random)
{
    if (s->fragment_len) {
        for (uint32_t times = draw(random, 4) + 1; times > 0; times--)
            mutate_octets(s->fragment, &s->fragment_len, APP_FRAGMENT_MAX, random);
        s->wire.at = s->wire.begin;
        stimulus_fragment(s, s->fragment, s->fragment_len);
    }
    size_t len = writer_len(&s->wire);
    if (len && (!s->fragment_len || draw(random, 8) == 0))
        mutate_octets(s->wire.begin, &len, WIRE_ROOM, random);
    s->wire.at = s->wire.begin + len;
}
