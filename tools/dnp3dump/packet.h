// SPDX-License-Identifier: Apache-2.0
/*
 * What a captured packet carries: link header, VLAN tags, IPv4 or IPv6, then TCP or UDP. The payload points
 * into the packet; nothing is kept.
 */
#ifndef TOOLS_DNP3DUMP_PACKET_H
#define TOOLS_DNP3DUMP_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum packet_verdict {
    PACKET_TCP,
    PACKET_UDP,
    PACKET_OTHER,    /* neither: not for us */
    PACKET_FRAGMENT, /* a part of an IP datagram: not put together */
    PACKET_DAMAGED   /* a header is cut or contradicts itself: `why` */
};

enum { PACKET_FIN = 0x01, PACKET_SYN = 0x02, PACKET_RST = 0x04, PACKET_ACK = 0x10 };

struct endpoint {
    uint8_t address[16]; /* IPv4: the first four, the rest 0 */
    uint16_t port;
};

struct packet {
    struct endpoint from;
    struct endpoint to;
    bool v6;
    uint8_t tcp_flags;
    uint32_t seq; /* TCP only */
    uint32_t ack;
    const uint8_t *payload;
    size_t len;     /* of the payload that was captured */
    size_t missing; /* octets of the payload that the capture cut off */
    const char *why;
};

/* `datalink`: DLT_* of libpcap. A type that packet_datalink_known() denies gives PACKET_OTHER. */
enum packet_verdict packet_parse(int datalink, const uint8_t *octets, size_t len, struct packet *p);
bool packet_datalink_known(int datalink);

#endif
