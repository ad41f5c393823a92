// SPDX-License-Identifier: Apache-2.0
/*
 * The octet strings of a fragment (dnp3-reference/objects.md 4): g110 and g111, and the octets of virtual
 * terminals, g112 and g113, whose index is a port. They have neither flags nor time, hence no measurement.
 *
 *     struct string_walk w = string_walk_begin(&fragment);
 *     struct object_string s;
 *     while (string_walk_next(&w, &s)) ...
 *     if (w.defect != WALK_END) ... the octets from w.defect_offset on could not be read ...
 */
#ifndef PROTOCOL_STRINGS_H
#define PROTOCOL_STRINGS_H

#include "protocol/app.h"

struct object_string {
    const uint8_t *octets; /* within the fragment */
    uint32_t index;
    uint8_t len;   /* 1 to 255 */
    uint8_t group; /* 110 to 113 */
    bool event;    /* g111, g113 */
};

struct string_walk {
    struct object_walk objects;
    struct object_header header;
    uint32_t next; /* object within the header */
    bool in_header;
    enum walk_result defect; /* WALK_END while and where all is well */
    size_t defect_offset;    /* within the fragment */
};

struct string_walk string_walk_begin(const struct app_fragment *f);
bool string_walk_next(struct string_walk *w, struct object_string *s);

/*
 * One string under a header of its own, all or nothing: g110 by range, the others by index. A string without
 * octets can't be said and is sent as one octet 0. `len` up to 255.
 */
void string_write(struct writer *w, uint8_t group, uint32_t index, const void *octets, size_t len);

#endif
