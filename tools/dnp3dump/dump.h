// SPDX-License-Identifier: Apache-2.0
/*
 * The way of an octet: packet, flow, stream, frame, segment, fragment; what is found is judged, counted and
 * told, in the order of the capture.
 *
 *     dump_begin(&d, &options);
 *     for each file: dump_file(&d, name), dump_packet()..., dump_file_end(&d);
 *     d.stats, d.stats.defect_count
 *     dump_end(&d);
 */
#ifndef TOOLS_DNP3DUMP_DUMP_H
#define TOOLS_DNP3DUMP_DUMP_H

#include "tools/dnp3dump/flow.h"
#include "tools/dnp3dump/output.h"
#include "tools/dnp3dump/stats.h"

enum { DUMP_PORTS_MAX = 16, DUMP_DEFAULT_PORT = 20000 };

struct dump_options {
    enum output_style style;
    bool hex;
    bool colour;
    bool fields;
    unsigned width; /* a line is cut to so many columns; 0: not */
    bool stats;
    bool fragments; /* hex: each line is an application fragment */
    size_t port_count;
    uint16_t ports[DUMP_PORTS_MAX]; /* none: all ports */
};

struct dump {
    struct dump_options options;
    struct flow_table flows;
    struct output output;
    struct stats stats;
    uint32_t last_id;
    uint8_t *scratch; /* a tail and what follows it */
    size_t scratch_room;
};

void dump_begin(struct dump *d, const struct dump_options *options, FILE *to);
void dump_end(struct dump *d);

/* `name` stays the caller's, until dump_file_end(). */
void dump_file(struct dump *d, const char *name);
void dump_packet(struct dump *d, int datalink, const uint8_t *octets, size_t len, struct stamp at);
void dump_file_end(struct dump *d);

/* Octets without a capture: frames, or one fragment. */
void dump_octets(struct dump *d, const uint8_t *octets, size_t len);
void dump_fragment(struct dump *d, const uint8_t *octets, size_t len);

#endif
