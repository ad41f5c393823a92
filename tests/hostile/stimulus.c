// SPDX-License-Identifier: Apache-2.0
#include "stimulus.h"

#include "protocol/link.h"
#include "protocol/transport.h"

uint32_t scatter(uint32_t a, uint32_t b)
{
    uint64_t x = ((uint64_t)a << 32 | b) + 0x9E3779B97F4A7C15U;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return (uint32_t)(x ^ x >> 31);
}

uint8_t stimulus_control(const struct stimulus *s)
{
    return (uint8_t)(LINK_PRM | LINK_UNCONFIRMED_USER_DATA | (s->guise->master ? LINK_DIR : 0));
}

void stimulus_frame(struct stimulus *s, uint8_t control, uint16_t to, uint16_t from, const uint8_t *user,
                    size_t len)
{
    s->wire.at += link_encode(control, to, from, user, len, s->wire.at, writer_room(&s->wire));
}

void stimulus_fragment(struct stimulus *s, const uint8_t *octets, size_t len)
{
    s->wire.at += transport_write(&s->guise->transport_seq, stimulus_control(s), s->guise->remote,
                                  s->guise->local, octets, len, s->wire.at, writer_room(&s->wire));
}

struct writer stimulus_header(struct stimulus *s, uint8_t request_function)
{
    struct writer w = writer_over(s->fragment, sizeof s->fragment);
    struct guise *g = s->guise;
    if (g->master) {
        write_u8(&w, (uint8_t)(APP_FIR | APP_FIN | g->request_seq));
        write_u8(&w, request_function);
        g->request_seq = (g->request_seq + 1) & APP_SEQ;
        return w;
    }
    bool solicited = g->asked;
    if (solicited) {
        write_u8(&w, (uint8_t)(APP_FIR | APP_FIN | APP_CON | g->asked_seq));
        write_u8(&w, APP_RESPONSE);
        g->asked = false;
    } else {
        write_u8(&w, (uint8_t)(APP_FIR | APP_FIN | APP_CON | APP_UNS | g->unsolicited_seq));
        write_u8(&w, APP_UNSOLICITED_RESPONSE);
        g->unsolicited_seq = (g->unsolicited_seq + 1) & APP_SEQ;
    }
    write_u16(&w, 0);
    return w;
}
