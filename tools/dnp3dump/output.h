// SPDX-License-Identifier: Apache-2.0
/*
 * What is told of a frame, of a defect between frames, or of a bare fragment: a line, a tree, or a JSON
 * object.
 */
#ifndef TOOLS_DNP3DUMP_OUTPUT_H
#define TOOLS_DNP3DUMP_OUTPUT_H

#include <stdio.h>

#include "tools/dnp3dump/defect.h"
#include "tools/dnp3dump/flow.h"

enum output_style { OUTPUT_LINE, OUTPUT_TREE, OUTPUT_JSON, OUTPUT_NOTHING };

struct report {
    struct flow *flow; /* NULL: a packet that belongs to none */
    unsigned side;     /* the end of the flow that sent it */
    struct stamp at;
    uint64_t offset; /* of `raw` within the stream or datagram */
    const uint8_t *raw;
    size_t raw_len;
    const struct link_frame *frame; /* NULL: no frame */
    const uint8_t *fragment;        /* NULL: none ends here */
    size_t fragment_len;
    unsigned segments; /* that the fragment came in */
    struct defects defects;
};

struct output {
    FILE *to;
    enum output_style style;
    bool hex;
    bool colour;
    bool fields;
    unsigned width;   /* a line is cut to so many columns; 0: not */
    const char *file; /* the capture's name, NULL for hex */
    char day[11];     /* the day told last */
    char *text;       /* grows */
    size_t room;
};

void output_report(struct output *o, const struct report *r);
void output_end(struct output *o);

/* Shared by the styles. */
/* "2014-05-01T10:15:23.001000Z"; `room` >= 40 */
void output_time(int64_t time_ns, char *text, size_t room);
/* "10.0.0.1:20000", "[fe80::1]:20000" */
enum { OUTPUT_ENDPOINT = 64 };
const char *output_endpoint(const struct flow *f, unsigned side, char text[OUTPUT_ENDPOINT]);
/* What the offset of a defect counts in: "stream", "datagram", "frame", ... */
const char *output_defect_of(const struct report *r, const struct defect *d);
/* "CONFIRMED_USER_DATA FCB FCV" */
void output_link_words(const struct link_frame *frame, char *text, size_t room);
void output_json(struct output *o, const struct report *r);
/* A row for each field of the frame, and of the fragment that ends with it. */
void output_fields(struct output *o, const struct report *r);

#endif
