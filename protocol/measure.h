// SPDX-License-Identifier: Apache-2.0
/*
 * The measurements of a fragment, one by one, in order. Objects that carry none are passed over.
 *
 *     struct measurement_walk w = measurement_walk_begin(&fragment, clock_unsynchronised);
 *     struct measurement m;
 *     while (measurement_walk_next(&w, &m)) ...
 *     if (w.defect != WALK_END) ... the octets from w.defect_offset on could not be read ...
 *
 * Relative times take their base from the g51 before them in the same fragment
 * (dnp3-reference/objects.md 3.1). `clock_unsynchronised` says that the outstation's clock is not to be
 * trusted (IIN1.4): times are then marked so.
 */
#ifndef PROTOCOL_MEASURE_H
#define PROTOCOL_MEASURE_H

#include "protocol/app.h"

struct measurement_walk {
    struct object_walk objects;
    struct object_header header;
    uint32_t next; /* object within the header */
    bool in_header;
    bool clock_unsynchronised;
    bool have_base;
    bool base_synchronised;
    uint64_t base_ms;
    enum walk_result ahead;  /* of the header at hand: WALK_END, or the defect behind its last whole object */
    enum walk_result defect; /* WALK_END while and where all is well */
    size_t defect_offset;    /* within the fragment */
};

struct measurement_walk measurement_walk_begin(const struct app_fragment *f, bool clock_unsynchronised);
bool measurement_walk_next(struct measurement_walk *w, struct measurement *m);

/* What a fragment holds, from its headers alone. */
struct measure_summary {
    uint32_t events; /* event objects with a measurement */
    uint32_t statics;
    uint32_t strings;       /* octet strings and virtual terminal data: strings.h */
    uint32_t empty_strings; /* headers of such without octets: app_fragment.empty_strings */
    uint32_t unstorable;    /* events, or unknown objects, that no measurement can be made of */
    uint32_t unknown;       /* headers of unknown objects that were passed over, their size being known */
    bool other;             /* has objects that are neither event nor static measurement */
    enum walk_result defect;
    size_t defect_offset;
};
struct measure_summary measure_summarise(const struct app_fragment *f);

#endif
