// SPDX-License-Identifier: Apache-2.0
/*
 * How objects with fields of their own lie in their octets: files (dnp3-reference/files.md 1), secure
 * authentication (security-sav5.md 3), schedules, applications and the rarities of objects.md 3. One table
 * serves the decoder and the parsers: each octet belongs to a field, or to a defect.
 *
 *     struct layout_walk w = layout_walk_begin(layout_find(70, 4), octets, len);
 *     struct layout_value v;
 *     while (layout_walk_next(&w, &v)) ...
 *     if (w.defect != LAYOUT_OK) ... what was said at w.defect_offset can't be ...
 *
 * No walk takes more steps than the object has octets, whatever its counts claim.
 */
#ifndef PROTOCOL_LAYOUT_H
#define PROTOCOL_LAYOUT_H

#include "protocol/bytes.h"

enum layout_kind {
    LAYOUT_NUMBER,
    LAYOUT_BITS, /* a number whose names are those of its bits */
    LAYOUT_TIME, /* 6 octets: ms since 1970 */
    LAYOUT_TEXT,
    LAYOUT_OCTETS,
    LAYOUT_SECRET, /* text that is not to be shown: a password */
    LAYOUT_BCD
};

enum { LAYOUT_FIELDS_MAX = 12 };

/* The name of one number, or bit; a list of them ends with a NULL name. */
struct layout_name {
    uint16_t number;
    const char *name;
};

struct layout_field {
    const char *name; /* "block_size" */
    uint8_t kind;     /* enum layout_kind */
    uint8_t width;    /* octets; 0: as many as `length` says, else all that are left */
    uint8_t length;   /* 1 + the place of the field that counts its octets */
    uint8_t less;     /* of which so many lie before it */
    uint8_t position; /* 1 + the place of the field that tells where in the object it begins */
    uint8_t repeats;  /* 1 + the place of the field that says how often it and all after it stand */
    const char *top;  /* the meaning of a number's top bit, which then is no part of it: "last" */
    const struct layout_name *names;
};

struct layout {
    uint8_t group;
    uint8_t variation;
    const struct layout_field *fields;
    size_t n;
};

/* NULL where the object is a value, a string, an attribute, or not in the table. */
const struct layout *layout_find(uint8_t group, uint8_t variation);
/* NULL where the number has no name. */
const char *layout_name_find(const struct layout_name *names, uint64_t number);

enum layout_defect {
    LAYOUT_OK,
    LAYOUT_SHORT,    /* the object ends within the field */
    LAYOUT_LENGTH,   /* a length reaches beyond the object, or is too small for what it counts */
    LAYOUT_POSITION, /* an offset does not point to its text: those are fixed (files.md 4) */
    LAYOUT_DIGIT,    /* a decimal digit above 9 */
    LAYOUT_EXCESS    /* octets behind the last field */
};
const char *layout_defect_text(enum layout_defect defect);

struct layout_value {
    const struct layout_field *field;
    uint64_t number; /* numbers, bits, times, decimals; without its top bit where that has a meaning */
    bool top;        /* that bit */
    const uint8_t *octets;
    size_t len;
    size_t offset; /* within the object */
};

struct layout_walk {
    const struct layout *layout;
    struct reader r;
    const uint8_t *begin;
    uint64_t numbers[LAYOUT_FIELDS_MAX];
    uint64_t rounds; /* of the repeated fields, this one included */
    size_t at;       /* field */
    enum layout_defect defect;
    size_t defect_offset; /* within the object */
};

struct layout_walk layout_walk_begin(const struct layout *layout, const uint8_t *octets, size_t len);
bool layout_walk_next(struct layout_walk *w, struct layout_value *v);
/* LAYOUT_OK where the whole object is as its layout says. */
enum layout_defect layout_check(uint8_t group, uint8_t variation, const uint8_t *octets, size_t len);

/* What one field is to hold: a number, or octets. */
struct layout_argument {
    uint64_t number;
    bool top; /* see layout_value */
    const void *octets;
    size_t len;
};
/*
 * Writes an object, all or nothing: an argument for each field in order, those that repeat as often as they
 * stand. Lengths and offsets are arguments like the others; that they fit is the caller's to see to. The
 * second one writes the header before it: qualifier 5B, count 1.
 */
void layout_write(struct writer *w, const struct layout *layout, const struct layout_argument *args,
                  size_t n);
void layout_write_sized(struct writer *w, const struct layout *layout, const struct layout_argument *args,
                        size_t n);

#endif
