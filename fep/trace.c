// SPDX-License-Identifier: Apache-2.0
#include "fep/trace.h"

#include "protocol/decode.h"
#include "protocol/transport.h"

enum { TRACE_TEXT = 1024, WHOLE = TRANSPORT_FIR | TRANSPORT_FIN };

static bool holds_fragment(const struct link_frame *frame)
{
    uint8_t function = frame->control & LINK_FUNCTION;
    return frame->control & LINK_PRM && frame->user_len > 1 && (frame->user[0] & WHOLE) == WHOLE &&
           (function == LINK_UNCONFIRMED_USER_DATA || function == LINK_CONFIRMED_USER_DATA);
}

void trace_frame(const struct log *log, const char *station, enum trace_direction direction,
                 const struct link_frame *frame)
{
    if (!log_wants(log, LOG_LEVEL_DEBUG))
        return;
    char text[TRACE_TEXT];
    if (holds_fragment(frame))
        decode_fragment(frame->user + 1, frame->user_len - 1u, DECODE_LINE, text, sizeof text);
    else
        decode_frame(frame, text, sizeof text);
    bool sent = direction == TRACE_SENT;
    LOG(log, LOG_LEVEL_DEBUG, sent ? "sent" : "received", text, log_text("station", station));
}

void trace_octets(const struct log *log, const char *station, enum trace_direction direction,
                  const uint8_t *octets, size_t len)
{
    if (!log_wants(log, LOG_LEVEL_DEBUG))
        return;
    struct link_frame frame;
    struct link_errors errors = {0};
    size_t at = 0, used;
    for (; link_parse(octets + at, len - at, &used, &frame, &errors) == LINK_FRAME; at += used)
        trace_frame(log, station, direction, &frame);
}
