// SPDX-License-Identifier: Apache-2.0
/*
 * Device attributes, g0 (dnp3-reference/attributes.md): the variation is the attribute, the index its set.
 *
 *     struct attribute a;
 *     if (h.type && h.type->kind == OBJECT_ATTRIBUTE && h.has_objects)
 *         for (uint32_t i = 0; i < h.count; i++)
 *             if (attribute_parse(&h, i, &a) == ATTRIBUTE_OK) ...
 */
#ifndef PROTOCOL_ATTRIBUTES_H
#define PROTOCOL_ATTRIBUTES_H

#include "protocol/app.h"

enum attribute_type {
    ATTRIBUTE_VSTR = 1,
    ATTRIBUTE_UINT = 2,
    ATTRIBUTE_INT = 3,
    ATTRIBUTE_FLT = 4,
    ATTRIBUTE_OSTR = 5,
    ATTRIBUTE_BSTR = 6,
    ATTRIBUTE_TIME = 7,
    ATTRIBUTE_LIST = 254,
    ATTRIBUTE_EXTENDED_LIST = 255 /* more than 127 entries: its length counts from 256 */
};

enum { ATTRIBUTE_ALL = 254, ATTRIBUTE_VARIATIONS = 255 }; /* variations that are no attributes */

struct attribute {
    uint8_t variation;
    uint8_t set;  /* 0 the standard's own, 1 to 255 private */
    uint8_t type; /* enum attribute_type */
    uint16_t len; /* octets; up to 511 */
    const uint8_t *octets;
};

enum attribute_defect {
    ATTRIBUTE_OK,
    ATTRIBUTE_BAD_SET,    /* an index above 255 */
    ATTRIBUTE_BAD_TYPE,   /* none of the types, or a list where it has no place, or the other way round */
    ATTRIBUTE_BAD_LENGTH, /* not a length of its type */
};
const char *attribute_defect_text(enum attribute_defect defect);

/* The i-th object of a header of attributes that has objects. *a is filled also where there is a defect. */
enum attribute_defect attribute_parse(const struct object_header *h, uint32_t i, struct attribute *a);

/* The value. False where the attribute is of another type. */
bool attribute_uint(const struct attribute *a, uint32_t *value);
bool attribute_int(const struct attribute *a, int32_t *value);
bool attribute_float(const struct attribute *a, double *value);
bool attribute_time(const struct attribute *a, uint64_t *time_ms);

/* One entry of a list of variations, g0v255. */
struct attribute_entry {
    uint8_t variation;
    uint8_t properties; /* bit 0: the master may write it */
};
size_t attribute_entries(const struct attribute *a); /* 0 where it is no list */
struct attribute_entry attribute_entry_at(const struct attribute *a, size_t i);

/*
 * Header and object, all or nothing. `len` of texts and octets up to 255; numbers take the least of 1, 2, 4
 * octets; floats 8; lists up to 255 entries.
 */
void attribute_write(struct writer *w, const struct attribute *a);
void attribute_write_text(struct writer *w, uint8_t set, uint8_t variation, const char *text, size_t len);
void attribute_write_uint(struct writer *w, uint8_t set, uint8_t variation, uint32_t value);
void attribute_write_int(struct writer *w, uint8_t set, uint8_t variation, int32_t value);
void attribute_write_float(struct writer *w, uint8_t set, uint8_t variation, double value);
void attribute_write_time(struct writer *w, uint8_t set, uint8_t variation, uint64_t time_ms);
void attribute_write_list(struct writer *w, uint8_t set, const struct attribute_entry *entries, size_t n);

/* What the standard says of an attribute of set 0; NULL where it says nothing. */
struct attribute_row {
    uint8_t variation;
    uint8_t type;
    bool writable; /* may be, by the master */
    const char *name;
};
const struct attribute_row *attribute_find(uint8_t variation);
const char *attribute_type_name(uint8_t type); /* "VSTR"; NULL where there is none */

#endif
