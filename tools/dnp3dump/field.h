// SPDX-License-Identifier: Apache-2.0
/*
 * What each octet of a frame or fragment is: its fields one behind the other, without a gap. Octets that
 * nothing can be made of are a field named "not read", with the defect that is the reason.
 *
 *     fields_fragment(octets, len, take, context);    take(context, field) for each, by offset
 */
#ifndef TOOLS_DNP3DUMP_FIELD_H
#define TOOLS_DNP3DUMP_FIELD_H

#include "protocol/link.h"
#include "tools/dnp3dump/defect.h"

struct field {
    size_t offset; /* within the frame or fragment */
    size_t len;    /* octets; 0 only for a defect of what should stand here */
    const char *name;
    bool read;               /* else `defect` tells why not */
    const char *value;       /* for people; "" where the name says it all */
    enum defect_kind defect; /* DEFECT_KINDS: none */
    const char *detail;      /* of the defect */
    bool secret;             /* its octets are not to be shown: a password */
};

/* What it points to lives as long as the call. */
typedef void field_taker(void *context, const struct field *field);

/* `raw` are the octets that the frame came in, CRCs included. */
void fields_frame(const uint8_t *raw, size_t raw_len, field_taker *take, void *context);
void fields_fragment(const uint8_t *octets, size_t len, field_taker *take, void *context);

#endif
