// SPDX-License-Identifier: Apache-2.0
/*
 * Who talks with whom: a TCP connection or a pair of UDP ends, and on it the associations, each between a
 * master's and an outstation's link address. Their number is bounded: the flow not used for longest goes.
 */
#ifndef TOOLS_DNP3DUMP_FLOW_H
#define TOOLS_DNP3DUMP_FLOW_H

#include "protocol/link.h"
#include "protocol/transport.h"
#include "tools/dnp3dump/exchange.h"
#include "tools/dnp3dump/packet.h"
#include "tools/dnp3dump/stream.h"

enum {
    FLOWS_MAX = 16384,
    FLOW_BUCKETS = 4096,
    FLOWS_MEMORY_MAX = 64 * 1024 * 1024, /* octets that all of them hold; then, too, the oldest go */
    FLOW_ASSOCIATIONS_MAX = 1024,        /* of one flow */
    FLOW_FRAGMENT_MAX = 16384            /* octets: what a series of segments may grow to */
};

/* One way of an association: [true] is what the master sends. */
struct half {
    struct transport_rx rx;
    unsigned segments; /* of the series under way */
    uint8_t side;      /* the end that sends it */
    uint64_t begin;    /* of its first segment, in the stream */
};

struct association {
    struct association *next;
    uint16_t master;
    uint16_t outstation;
    struct half half[2];
    struct exchange exchange;
};

/* The octets of one direction, in order. */
struct direction {
    struct stream stream; /* TCP */
    uint64_t offset;      /* of tail[0], from the begin of the stream */
    uint64_t quiet;       /* octets passed over before it was known that this is DNP3 */
    uint16_t tail_len;
    uint8_t tail[LINK_FRAME_MAX]; /* the begin of a frame */
};

enum flow_kind { FLOW_HEX, FLOW_TCP, FLOW_UDP };

struct flow {
    struct flow *bucket_next;
    struct flow *older, *newer;
    struct endpoint end[2]; /* end[0] sent the first packet seen */
    bool v6;
    uint8_t kind;      /* enum flow_kind */
    int8_t master;     /* which end says that it is one; -1: not known */
    bool dnp3;         /* else it may still be anything */
    bool told;         /* an output has introduced it */
    uint32_t id;       /* from 1, 0 before it is known to be DNP3 */
    struct stamp seen; /* its last packet */
    unsigned association_count;
    unsigned series; /* under way, each with a buffer */
    size_t memory;   /* as last counted */
    struct association *associations;
    struct direction direction[2]; /* [i]: what end[i] sends */
};

struct flow_table {
    struct flow *buckets[FLOW_BUCKETS];
    struct flow *oldest, *newest;
    size_t count;
    size_t memory; /* octets that they hold beside themselves */
};

/* The flow of a packet, or NULL; *side is the end that sent it. */
struct flow *flow_find(struct flow_table *t, enum flow_kind kind, const struct packet *p, unsigned *side);
struct flow *flow_add(struct flow_table *t, enum flow_kind kind, const struct packet *p);
void flow_touch(struct flow_table *t, struct flow *f);
/* Counts what it holds, after that may have changed. */
void flow_count_memory(struct flow_table *t, struct flow *f);
void flow_remove(struct flow_table *t, struct flow *f); /* frees it and all it holds */

struct association *flow_association(struct flow *f, uint16_t master, uint16_t outstation);
void flow_forget_associations(struct flow *f);

#endif
