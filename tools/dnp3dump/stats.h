// SPDX-License-Identifier: Apache-2.0
/* What was seen, in numbers: over all files, and a row for each association. */
#ifndef TOOLS_DNP3DUMP_STATS_H
#define TOOLS_DNP3DUMP_STATS_H

#include <stdio.h>

#include "tools/dnp3dump/defect.h"
#include "tools/dnp3dump/flow.h"

enum { STATS_ROWS_MAX = 10000 };

struct object_count {
    uint64_t headers;
    uint64_t objects;
};

struct stats {
    uint64_t packets;
    uint64_t other_packets; /* neither TCP nor UDP, or another port than those wanted */
    uint64_t other_flows;   /* in which there was no DNP3 */
    uint64_t evicted;       /* flows and associations given up for want of room */
    uint64_t repeated_octets;
    uint64_t frames;
    uint64_t fragments;
    uint64_t functions[256];
    uint64_t iin[16];
    uint64_t defects[DEFECT_KINDS];
    uint64_t defect_count;
    uint64_t row_count;
    char *row_text; /* the associations, as text */
    size_t row_len;
    FILE *rows;
    struct object_count *objects[256]; /* by group, then variation; NULL where none was seen */
};

void stats_begin(struct stats *s);
void stats_fragment(struct stats *s, const uint8_t *octets, size_t len);
void stats_defects(struct stats *s, const struct defects *d);
/* The flow is over: its associations get their rows. */
void stats_flow(struct stats *s, const struct flow *f);
void stats_print(struct stats *s, FILE *to);
void stats_end(struct stats *s);

#endif
