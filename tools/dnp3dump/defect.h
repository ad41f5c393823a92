// SPDX-License-Identifier: Apache-2.0
/*
 * All that may be wrong, one row each: the word for programs, the layer, the rule that is broken
 * (a section of dnp3-reference/), the words for people.
 */
#ifndef TOOLS_DNP3DUMP_DEFECT_H
#define TOOLS_DNP3DUMP_DEFECT_H

#include <stdbool.h>
#include <stddef.h>

enum defect_kind {
    DEFECT_IP_FRAGMENT,
    DEFECT_PACKET_DAMAGED,
    DEFECT_PACKET_CUT,
    DEFECT_TCP_GAP,
    DEFECT_TCP_CONFLICT,
    DEFECT_LINK_NOISE,
    DEFECT_LINK_HEADER_CRC,
    DEFECT_LINK_LENGTH,
    DEFECT_LINK_BODY_CRC,
    DEFECT_LINK_CUT,
    DEFECT_LINK_FUNCTION,
    DEFECT_LINK_FCV,
    DEFECT_LINK_RESERVED_BIT,
    DEFECT_LINK_USER_DATA,
    DEFECT_LINK_ADDRESS,
    DEFECT_LINK_DIR,
    DEFECT_TRANSPORT_EMPTY,
    DEFECT_TRANSPORT_NO_FIRST,
    DEFECT_TRANSPORT_GAP,
    DEFECT_TRANSPORT_DUPLICATE,
    DEFECT_TRANSPORT_ABANDONED,
    DEFECT_TRANSPORT_TOO_LONG,
    DEFECT_TRANSPORT_UNFINISHED,
    DEFECT_APP_SHORT,
    DEFECT_APP_FUNCTION,
    DEFECT_APP_DIRECTION,
    DEFECT_APP_CONTROL,
    DEFECT_APP_IIN,
    DEFECT_APP_OBJECT,
    DEFECT_APP_VARIATION,
    DEFECT_APP_QUALIFIER,
    DEFECT_APP_RANGE,
    DEFECT_APP_TRUNCATED,
    DEFECT_APP_PLACE,
    DEFECT_APP_NO_OBJECTS,
    DEFECT_APP_PADDING,
    DEFECT_APP_RESERVED,
    DEFECT_APP_BASE,
    DEFECT_APP_VALUE,
    DEFECT_APP_FIELD,
    DEFECT_APP_FILE,
    DEFECT_APP_SECURITY,
    DEFECT_APP_ATTRIBUTE,
    DEFECT_KINDS
};

struct defect_type {
    const char *id;
    const char *layer;
    const char *rule;
    const char *text;
    const char *of; /* what its offset counts in */
};

extern const struct defect_type defect_types[DEFECT_KINDS];

enum { DEFECT_DETAIL = 120, DEFECTS_MAX = 16 };

struct defect {
    enum defect_kind kind;
    unsigned long long offset;
    size_t octets; /* that are nothing else, from there on; 0 where they are told, or counted, elsewhere */
    char detail[DEFECT_DETAIL]; /* "" where the text says it all */
};

/* Those of one frame, or of what lies between frames. More than DEFECTS_MAX are counted only. */
struct defects {
    size_t count;
    struct defect list[DEFECTS_MAX];
};

/* `detail`: as for printf, or NULL. */
void defects_add(struct defects *d, enum defect_kind kind, unsigned long long offset, const char *detail, ...)
    __attribute__((format(printf, 4, 5)));
/* The last one added is about that many octets. */
void defects_span(struct defects *d, size_t octets);
size_t defects_listed(const struct defects *d);

#endif
