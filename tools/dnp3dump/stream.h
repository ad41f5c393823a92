// SPDX-License-Identifier: Apache-2.0
/*
 * One direction of a TCP connection, put in order. Segments that come early are copied and held; what is
 * repeated is cut off; a hole that will not be filled is told as a gap, and the stream goes on behind it.
 *
 *     stream_add(&s, seq, octets, len, stamp);      octets must stay until the last stream_next()
 *     while (stream_next(&s, &chunk))
 *         chunk.gap ? lost chunk.len octets : chunk.octets, chunk.len follow
 *
 * A hole is given up when more is held than the limits below, when the peer has acknowledged what lies behind
 * it for STREAM_PATIENCE_NS (the capture lost it), or at the end (stream_end).
 */
#ifndef TOOLS_DNP3DUMP_STREAM_H
#define TOOLS_DNP3DUMP_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    STREAM_SEGMENTS_MAX = 64,
    STREAM_HELD_MAX = 256 * 1024,
    STREAM_JUMP_MAX = 4 * 1024 * 1024, /* farther away it is another connection */
    STREAM_PATIENCE_NS = 1000000000
};

struct stamp {
    int64_t time_ns; /* since 1970, UTC */
    uint64_t packet; /* its number in the file, from 1 */
};

struct stream_chunk {
    bool gap;
    const uint8_t *octets; /* NULL for a gap */
    size_t len;            /* 0 for a gap of unknown length */
    struct stamp at;
};

struct stream_segment;

/* Zeroed at first. Free what it holds with stream_end(). */
struct stream {
    bool started;
    bool give_up; /* the first hole */
    bool restarted;
    uint32_t next;
    struct stream_chunk pending;
    struct stream_segment *held; /* in order */
    struct stream_segment *lent; /* the chunk given out last */
    size_t held_octets;
    unsigned held_segments;
    uint64_t repeated_octets;
    uint64_t conflicts; /* a segment repeats octets that are held, but others */
};

/* `seq` is that of the SYN: what follows is a new connection, unless it is the SYN seen before. True: new. */
bool stream_syn(struct stream *s, uint32_t seq);
void stream_add(struct stream *s, uint32_t seq, const uint8_t *octets, size_t len, struct stamp at);
void stream_acknowledged(struct stream *s, uint32_t ack, int64_t now_ns);
/* Gives up all holes; call stream_next() until it is empty. */
void stream_finish(struct stream *s);
bool stream_next(struct stream *s, struct stream_chunk *chunk);
void stream_end(struct stream *s);

#endif
