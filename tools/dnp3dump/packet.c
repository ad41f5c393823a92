// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/packet.h"

#include <netinet/in.h>
#include <pcap/dlt.h>
#include <string.h>

enum {
    TYPE_IPV4 = 0x0800,
    TYPE_IPV6 = 0x86DD,
    TYPE_VLAN = 0x8100,
    TYPE_VLAN_OUTER = 0x88A8,
    TYPE_VLAN_OLD = 0x9100,
    TYPE_PPPOE = 0x8864,
    PPP_IPV4 = 0x0021,
    PPP_IPV6 = 0x0057,
    PPP_FRAMING = 0xFF03, /* stands before the protocol, or not (RFC 1662) */
    PPPOE_HEADER = 6,
    TCP_HEADER_MIN = 20,
    UDP_HEADER = 8,
    EXTENSIONS_MAX = 8 /* IPv6: more is no honest packet */
};

/* A link header: where its type field lies, or -1 where the IP version must tell. */
struct datalink {
    int dlt;
    uint8_t header_len;
    int8_t type_at;
};

static const struct datalink datalinks[] = {
    {DLT_EN10MB, 14, 12}, {DLT_LINUX_SLL, 16, 14}, {DLT_LINUX_SLL2, 20, 0}, {DLT_RAW, 0, -1},
    {DLT_IPV4, 0, -1},    {DLT_IPV6, 0, -1},       {DLT_NULL, 4, -1},       {DLT_LOOP, 4, -1},
    {DLT_C_HDLC, 4, 2},   {DLT_PPP, 0, -1},        {DLT_PPP_SERIAL, 0, -1},
};

/* The octets not yet read, in network order. `end` is first that of the capture, then that of the datagram.
 */
struct rest {
    const uint8_t *at;
    size_t len;
    size_t missing;
};

static uint16_t be16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static void pass(struct rest *r, size_t octets)
{
    r->at += octets;
    r->len -= octets;
}

/* Cuts what follows the datagram (padding); what the capture lacks of it is missing. */
static void limit(struct rest *r, size_t octets)
{
    r->missing = octets > r->len ? octets - r->len : 0;
    if (octets < r->len)
        r->len = octets;
}

static enum packet_verdict damaged(struct packet *p, const char *why)
{
    p->why = why;
    return PACKET_DAMAGED;
}

static const struct datalink *find_datalink(int dlt)
{
    for (size_t i = 0; i < sizeof datalinks / sizeof datalinks[0]; i++)
        if (datalinks[i].dlt == dlt)
            return &datalinks[i];
    return NULL;
}

bool packet_datalink_known(int datalink)
{
    return find_datalink(datalink) != NULL;
}

static void take_payload(struct packet *p, const struct rest *r)
{
    p->payload = r->at;
    p->len = r->len;
    p->missing = r->missing;
}

static void take_ports(struct packet *p, const uint8_t *header)
{
    p->from.port = be16(header);
    p->to.port = be16(header + 2);
}

static enum packet_verdict parse_tcp(struct rest r, struct packet *p)
{
    if (r.len < TCP_HEADER_MIN)
        return damaged(p, "the TCP header is cut");
    size_t header_len = (size_t)(r.at[12] >> 4) * 4;
    if (header_len < TCP_HEADER_MIN || header_len > r.len + r.missing)
        return damaged(p, "the TCP header's length is wrong");
    if (header_len > r.len)
        return damaged(p, "the TCP header is cut");
    take_ports(p, r.at);
    p->seq = be32(r.at + 4);
    p->ack = be32(r.at + 8);
    p->tcp_flags = r.at[13];
    pass(&r, header_len);
    take_payload(p, &r);
    return PACKET_TCP;
}

static enum packet_verdict parse_udp(struct rest r, struct packet *p)
{
    if (r.len < UDP_HEADER)
        return damaged(p, "the UDP header is cut");
    size_t datagram = be16(r.at + 4);
    if (datagram < UDP_HEADER || datagram > r.len + r.missing)
        return damaged(p, "the UDP length is wrong");
    take_ports(p, r.at);
    limit(&r, datagram);
    pass(&r, UDP_HEADER);
    take_payload(p, &r);
    return PACKET_UDP;
}

static enum packet_verdict parse_transport(uint8_t protocol, struct rest r, struct packet *p)
{
    if (protocol == IPPROTO_TCP)
        return parse_tcp(r, p);
    return protocol == IPPROTO_UDP ? parse_udp(r, p) : PACKET_OTHER;
}

static enum packet_verdict parse_ipv4(struct rest r, struct packet *p)
{
    if (r.len < 20)
        return damaged(p, "the IPv4 header is cut");
    size_t header_len = (size_t)(r.at[0] & 0x0F) * 4;
    size_t total = be16(r.at + 2);
    uint16_t fragment = be16(r.at + 6);
    uint8_t protocol = r.at[9];
    if (header_len < 20 || header_len > r.len || (total != 0 && total < header_len))
        return damaged(p, "the IPv4 header's length is wrong");
    memcpy(p->from.address, r.at + 12, 4);
    memcpy(p->to.address, r.at + 16, 4);
    if (total != 0) /* 0: captured before the network card cut it into segments */
        limit(&r, total);
    if (protocol != IPPROTO_TCP && protocol != IPPROTO_UDP)
        return PACKET_OTHER;
    if (fragment & 0x3FFF)
        return PACKET_FRAGMENT;
    pass(&r, header_len);
    return parse_transport(protocol, r, p);
}

/* Length of an extension header, 0 where it is none. */
static size_t extension_len(uint8_t next, const uint8_t *header)
{
    switch (next) {
    case IPPROTO_HOPOPTS:
    case IPPROTO_ROUTING:
    case IPPROTO_DSTOPTS:
        return ((size_t)header[1] + 1) * 8;
    case IPPROTO_FRAGMENT:
        return 8;
    case IPPROTO_AH:
        return ((size_t)header[1] + 2) * 4;
    default:
        return 0;
    }
}

static enum packet_verdict parse_ipv6(struct rest r, struct packet *p)
{
    if (r.len < 40)
        return damaged(p, "the IPv6 header is cut");
    size_t payload = be16(r.at + 4);
    uint8_t next = r.at[6];
    p->v6 = true;
    memcpy(p->from.address, r.at + 8, 16);
    memcpy(p->to.address, r.at + 24, 16);
    pass(&r, 40);
    if (payload != 0)
        limit(&r, payload);
    for (int i = 0; i < EXTENSIONS_MAX; i++) {
        if (r.len < 8)
            return parse_transport(next, r, p);
        size_t len = extension_len(next, r.at);
        if (len == 0)
            return parse_transport(next, r, p);
        if (next == IPPROTO_FRAGMENT && (be16(r.at + 2) & 0xFFF9))
            return PACKET_FRAGMENT;
        if (len > r.len)
            return damaged(p, "an IPv6 extension header is cut");
        next = r.at[0];
        pass(&r, len);
    }
    return damaged(p, "too many IPv6 extension headers");
}

/* Goes on to what a PPP frame carries, and gives *type as Ethernet would. `header` lies before the frame. */
static bool pass_ppp(struct rest *r, size_t header, uint16_t *type)
{
    if (r->len >= header + 2 && be16(r->at + header) == PPP_FRAMING)
        header += 2;
    if (r->len < header + 3)
        return false;
    uint16_t protocol = be16(r->at + header);
    *type = protocol == PPP_IPV4 ? TYPE_IPV4 : protocol == PPP_IPV6 ? TYPE_IPV6 : 0;
    pass(r, header + 2);
    return true;
}

static bool is_ppp(int dlt)
{
    return dlt == DLT_PPP || dlt == DLT_PPP_SERIAL;
}

static bool is_vlan(uint16_t type)
{
    return type == TYPE_VLAN || type == TYPE_VLAN_OUTER || type == TYPE_VLAN_OLD;
}

enum packet_verdict packet_parse(int dlt, const uint8_t *octets, size_t len, struct packet *p)
{
    const struct datalink *link = find_datalink(dlt);
    struct rest r = {octets, len, 0};
    *p = (struct packet){0};
    if (!link)
        return PACKET_OTHER;
    if (len < (size_t)link->header_len + 1)
        return damaged(p, "the link header is cut");
    uint16_t type = link->type_at < 0 ? 0 : be16(octets + link->type_at);
    pass(&r, link->header_len);
    while (is_vlan(type)) {
        if (r.len < 5)
            return damaged(p, "the VLAN tag is cut");
        type = be16(r.at + 2);
        pass(&r, 4);
    }
    if ((is_ppp(dlt) || type == TYPE_PPPOE) && !pass_ppp(&r, is_ppp(dlt) ? 0 : PPPOE_HEADER, &type))
        return damaged(p, "the PPP header is cut");
    if (link->type_at < 0 && !is_ppp(dlt))
        type = r.at[0] >> 4 == 4 ? TYPE_IPV4 : r.at[0] >> 4 == 6 ? TYPE_IPV6 : 0;
    if (type == TYPE_IPV4)
        return parse_ipv4(r, p);
    return type == TYPE_IPV6 ? parse_ipv6(r, p) : PACKET_OTHER;
}
