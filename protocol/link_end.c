// SPDX-License-Identifier: Apache-2.0
/* The secondary side of one link: who a frame is for, and what a link service answers (link.md 3 to 5). */
#include <assert.h>

#include "protocol/link.h"

void link_end_reset(struct link_end *end)
{
    end->secondary_reset = false;
    end->expected_fcb = false;
}

static struct link_action verdict(enum link_verdict v)
{
    return (struct link_action){.verdict = v};
}

static struct link_action answer(const struct link_end *end, enum link_verdict v,
                                 enum link_secondary function)
{
    uint8_t dir = end->master ? LINK_DIR : 0;
    return (struct link_action){
        .verdict = v, .reply = !end->mute, .reply_control = (uint8_t)(dir | function)};
}

static bool is_broadcast(uint16_t address)
{
    return address >= LINK_BROADCAST_NO_CONFIRM;
}

static bool is_for_us(const struct link_end *end, uint16_t destination)
{
    if (destination == end->local)
        return true;
    if (end->master)
        return false;
    return is_broadcast(destination) || (destination == LINK_SELF_ADDRESS && end->self_address);
}

static bool is_from_peer(const struct link_end *end, uint16_t source)
{
    return source <= LINK_ADDRESS_MAX && (end->any_source || source == end->remote);
}

/* A frame with a count bit. The bit that repeats means that our ACK was lost: acknowledge, don't deliver. */
static struct link_action follow_count(struct link_end *end, bool fcb, enum link_verdict fresh)
{
    if (!end->secondary_reset)
        return answer(end, LINK_SERVICE, LINK_NACK);
    if (fcb != end->expected_fcb)
        return answer(end, LINK_REPEATED_FCB, LINK_ACK);
    end->expected_fcb = !end->expected_fcb;
    return answer(end, fresh, LINK_ACK);
}

static struct link_action receive_primary(struct link_end *end, uint8_t control)
{
    bool fcv = control & LINK_FCV;
    bool fcb = control & LINK_FCB;
    uint8_t function = control & LINK_FUNCTION;
    bool counted = function == LINK_TEST_LINK_STATES || function == LINK_CONFIRMED_USER_DATA;

    switch (function) {
    case LINK_RESET_LINK_STATES:
    case LINK_TEST_LINK_STATES:
    case LINK_CONFIRMED_USER_DATA:
    case LINK_UNCONFIRMED_USER_DATA:
    case LINK_REQUEST_LINK_STATUS:
        break;
    default:
        return answer(end, LINK_UNKNOWN_FUNCTION, LINK_NOT_SUPPORTED);
    }
    if (fcv != counted)
        return verdict(LINK_WRONG_FCV);
    if (function == LINK_UNCONFIRMED_USER_DATA)
        return verdict(LINK_USER_DATA);
    if (function == LINK_REQUEST_LINK_STATUS)
        return answer(end, LINK_SERVICE, LINK_STATUS);
    if (counted)
        return follow_count(end, fcb, function == LINK_TEST_LINK_STATES ? LINK_SERVICE : LINK_USER_DATA);
    end->secondary_reset = true;
    end->expected_fcb = true;
    return answer(end, LINK_SERVICE, LINK_ACK);
}

/* The only service that we start is REQUEST_LINK_STATUS; a peer may also refuse it (link.md 3.1). */
static struct link_action receive_secondary(uint8_t control)
{
    switch (control & LINK_FUNCTION) {
    case LINK_STATUS:
    case LINK_NOT_SUPPORTED:
        return verdict(LINK_STATUS_REPLY);
    case LINK_ACK:
    case LINK_NACK:
        return verdict(LINK_UNEXPECTED_SECONDARY);
    default:
        return verdict(LINK_UNKNOWN_FUNCTION);
    }
}

/* Data only, never acknowledged, and no part of the count (link.md 4). */
static struct link_action receive_broadcast(uint8_t control)
{
    bool fcv = control & LINK_FCV;
    uint8_t function = control & LINK_FUNCTION;
    if (!(control & LINK_PRM) ||
        (function != LINK_UNCONFIRMED_USER_DATA && function != LINK_CONFIRMED_USER_DATA))
        return verdict(LINK_WRONG_DESTINATION);
    if (fcv != (function == LINK_CONFIRMED_USER_DATA))
        return verdict(LINK_WRONG_FCV);
    return (struct link_action){.verdict = LINK_USER_DATA, .broadcast = true};
}

struct link_action link_end_receive(struct link_end *end, const struct link_frame *frame)
{
    bool from_master = frame->control & LINK_DIR;
    if (from_master == end->master)
        return verdict(LINK_WRONG_DIR);
    if (!is_for_us(end, frame->destination))
        return verdict(LINK_WRONG_DESTINATION);
    if (!is_from_peer(end, frame->source))
        return verdict(LINK_WRONG_SOURCE);
    if (is_broadcast(frame->destination))
        return receive_broadcast(frame->control);
    if (frame->control & LINK_PRM)
        return receive_primary(end, frame->control);
    return receive_secondary(frame->control);
}

const char *link_verdict_text(enum link_verdict v)
{
    static const char *const texts[] = {
        [LINK_USER_DATA] = "user data",
        [LINK_SERVICE] = "link service",
        [LINK_STATUS_REPLY] = "link status",
        [LINK_WRONG_DIR] = "wrong direction",
        [LINK_WRONG_DESTINATION] = "wrong destination",
        [LINK_WRONG_SOURCE] = "wrong source",
        [LINK_WRONG_FCV] = "wrong frame count valid bit",
        [LINK_UNKNOWN_FUNCTION] = "unknown link function",
        [LINK_UNEXPECTED_SECONDARY] = "unexpected secondary frame",
        [LINK_REPEATED_FCB] = "repeated frame count bit",
    };
    assert((size_t)v < sizeof texts / sizeof texts[0]);
    return texts[v];
}
