// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/defect.h"

#include <stdarg.h>
#include <stdio.h>

#define OF_PACKET   "packet"
#define OF_STREAM   "stream"
#define OF_FRAME    "frame"
#define OF_FRAGMENT "fragment"

const struct defect_type defect_types[DEFECT_KINDS] = {
    [DEFECT_IP_FRAGMENT] = {"ip_fragment", "ip", "RFC 791 3.2", "part of an IP datagram, not read",
                            OF_PACKET},
    [DEFECT_PACKET_DAMAGED] = {"packet_damaged", "ip", "RFC 791 3.1", "damaged packet", OF_PACKET},
    [DEFECT_PACKET_CUT] = {"packet_cut", "ip", "capture", "the capture cut the packet", OF_PACKET},
    [DEFECT_TCP_GAP] = {"tcp_gap", "tcp", "RFC 9293 3.4", "octets missing", OF_STREAM},
    [DEFECT_TCP_CONFLICT] = {"tcp_conflict", "tcp", "RFC 9293 3.4", "repeated with other octets", OF_STREAM},
    [DEFECT_LINK_NOISE] = {"link_noise", "link", "link.md 7.1", "noise", OF_STREAM},
    [DEFECT_LINK_HEADER_CRC] = {"link_header_crc", "link", "link.md 7.1", "wrong CRC of the header",
                                OF_STREAM},
    [DEFECT_LINK_LENGTH] = {"link_length", "link", "link.md 7.2", "LENGTH below 5", OF_STREAM},
    [DEFECT_LINK_BODY_CRC] = {"link_body_crc", "link", "link.md 7.3", "wrong CRC of a block", OF_STREAM},
    [DEFECT_LINK_CUT] = {"link_cut", "link", "link.md 7.3", "frame without its end", OF_STREAM},
    [DEFECT_LINK_FUNCTION] = {"link_function", "link", "link.md 3", "reserved link function", OF_FRAME},
    [DEFECT_LINK_FCV] = {"link_fcv", "link", "link.md 3.1", "wrong FCV", OF_FRAME},
    [DEFECT_LINK_RESERVED_BIT] = {"link_reserved_bit", "link", "link.md 3", "reserved bit set", OF_FRAME},
    [DEFECT_LINK_USER_DATA] = {"link_user_data", "link", "link.md 3.1", "user data", OF_FRAME},
    [DEFECT_LINK_ADDRESS] = {"link_address", "link", "link.md 4", "address", OF_FRAME},
    [DEFECT_LINK_DIR] = {"link_dir", "link", "link.md 3", "both ends say that they are the same", OF_FRAME},
    [DEFECT_TRANSPORT_EMPTY] = {"transport_empty", "transport", "transport.md 1", "segment without payload",
                                OF_FRAME},
    [DEFECT_TRANSPORT_NO_FIRST] = {"transport_no_first", "transport", "transport.md 3",
                                   "segment without a first one, dropped", OF_FRAME},
    [DEFECT_TRANSPORT_GAP] = {"transport_gap", "transport", "transport.md 3", "gap, the series is dropped",
                              OF_FRAME},
    [DEFECT_TRANSPORT_DUPLICATE] = {"transport_duplicate", "transport", "transport.md 3",
                                    "segment repeated, dropped", OF_FRAME},
    [DEFECT_TRANSPORT_ABANDONED] = {"transport_abandoned", "transport", "transport.md 3",
                                    "a new series before the end of the last, which is dropped", OF_FRAME},
    [DEFECT_TRANSPORT_TOO_LONG] = {"transport_too_long", "transport", "transport.md 3",
                                   "series too long, dropped", OF_FRAME},
    [DEFECT_TRANSPORT_UNFINISHED] = {"transport_unfinished", "transport", "transport.md 3",
                                     "series without its last segment", OF_STREAM},
    [DEFECT_APP_SHORT] = {"app_short", "application", "application.md 1", "fragment without its header",
                          OF_FRAGMENT},
    [DEFECT_APP_FUNCTION] = {"app_function", "application", "application.md 2", "reserved function",
                             OF_FRAGMENT},
    [DEFECT_APP_DIRECTION] = {"app_direction", "application", "application.md 1", "wrong way", OF_FRAGMENT},
    [DEFECT_APP_CONTROL] = {"app_control", "application", "application.md 1.1", "flags", OF_FRAGMENT},
    [DEFECT_APP_IIN] = {"app_iin", "application", "application.md 3", "reserved IIN set", OF_FRAGMENT},
    [DEFECT_APP_OBJECT] = {"app_object", "application", "objects.md", "unknown object", OF_FRAGMENT},
    [DEFECT_APP_VARIATION] = {"app_variation", "application", "objects.md",
                              "no such variation, or of unknown size", OF_FRAGMENT},
    [DEFECT_APP_QUALIFIER] = {"app_qualifier", "application", "application.md 4", "bad qualifier",
                              OF_FRAGMENT},
    [DEFECT_APP_RANGE] = {"app_range", "application", "application.md 4", "bad range or count", OF_FRAGMENT},
    [DEFECT_APP_TRUNCATED] = {"app_truncated", "application", "application.md 4", "truncated", OF_FRAGMENT},
    [DEFECT_APP_PLACE] = {"app_place", "application", "application.md 4.1", "object in the wrong function",
                          OF_FRAGMENT},
    [DEFECT_APP_NO_OBJECTS] = {"app_no_objects", "application", "application.md 2", "objects", OF_FRAGMENT},
    [DEFECT_APP_PADDING] = {"app_padding", "application", "application.md 4", "padding is not 0",
                            OF_FRAGMENT},
    [DEFECT_APP_RESERVED] = {"app_reserved", "application", "objects.md 1", "reserved bit set", OF_FRAGMENT},
    [DEFECT_APP_BASE] = {"app_base", "application", "objects.md 3.1", "relative time without a common time",
                         OF_FRAGMENT},
    [DEFECT_APP_VALUE] = {"app_value", "application", "objects.md 2", "impossible value", OF_FRAGMENT},
    [DEFECT_APP_FIELD] = {"app_field", "application", "objects.md 3", "contradictory object", OF_FRAGMENT},
    [DEFECT_APP_FILE] = {"app_file", "application", "files.md 1", "contradictory file object", OF_FRAGMENT},
    [DEFECT_APP_SECURITY] = {"app_security", "application", "security-sav5.md 3",
                             "contradictory authentication object", OF_FRAGMENT},
    [DEFECT_APP_ATTRIBUTE] = {"app_attribute", "application", "attributes.md", "contradictory attribute",
                              OF_FRAGMENT},
};

void defects_add(struct defects *d, enum defect_kind kind, unsigned long long offset, const char *detail, ...)
{
    if (d->count < DEFECTS_MAX) {
        struct defect *one = &d->list[d->count];
        va_list args;
        one->kind = kind;
        one->offset = offset;
        one->octets = 0;
        one->detail[0] = '\0';
        va_start(args, detail);
        if (detail)
            vsnprintf(one->detail, sizeof one->detail, detail, args);
        va_end(args);
    }
    d->count++;
}

void defects_span(struct defects *d, size_t octets)
{
    if (d->count > 0 && d->count <= DEFECTS_MAX)
        d->list[d->count - 1].octets = octets;
}

size_t defects_listed(const struct defects *d)
{
    return d->count < DEFECTS_MAX ? d->count : DEFECTS_MAX;
}
