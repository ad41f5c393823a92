// SPDX-License-Identifier: Apache-2.0
/*
 * Objects with fields of their own as text, for decode.c: "handle=1 size=11 ...", or a line for each field
 * with its offset in the fragment. Where an object is not as its layout says, the text tells the rule and the
 * offset, and the octets that have no field.
 */
#ifndef PROTOCOL_DECODE_FIELDS_H
#define PROTOCOL_DECODE_FIELDS_H

#include "protocol/attributes.h"
#include "protocol/layout.h"
#include "protocol/text.h"

/* `offset` is that of the object within the fragment. */
void decode_fields(struct text *t, const struct layout *layout, const uint8_t *octets, size_t len,
                   size_t offset, bool tree);
/* What stands behind "size=". */
void decode_field_value(struct text *t, const struct layout_value *v);
/* "manufacturer name VSTR(4) "ACME"". */
void decode_attribute(struct text *t, const struct object_header *h, uint32_t i, size_t offset);
/* Of an attribute without a defect. */
void decode_attribute_value(struct text *t, const struct attribute *a);

#endif
