// SPDX-License-Identifier: Apache-2.0
/*
 * The object table (dnp3-reference/objects.md) and the values that objects carry.
 *
 * One row of the table tells all there is to know of a group and variation; codec, decoder, master,
 * outstation and documentation use it and nothing else.
 */
#ifndef PROTOCOL_OBJECTS_H
#define PROTOCOL_OBJECTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The types of point. The numbers are stored in databases: append only. */
enum point_type {
    POINT_BINARY_INPUT = 1,
    POINT_DOUBLE_BIT_INPUT = 2,
    POINT_BINARY_OUTPUT_STATUS = 3,
    POINT_COUNTER = 4,
    POINT_FROZEN_COUNTER = 5,
    POINT_ANALOG_INPUT = 6,
    POINT_ANALOG_OUTPUT_STATUS = 7,
    POINT_BINARY_COMMAND = 8, /* g13: value is the commanded state, flags the status */
    POINT_FROZEN_ANALOG_INPUT = 9,
    POINT_ANALOG_COMMAND = 10, /* g43: value is the commanded value, flags the status */
    POINT_OCTET_STRING = 11,   /* g110, g111: no value, hence no measurement: strings.h */
    POINT_TYPES = 12
};

/* Flags (objects.md 1). Bits 5 to 7 depend on the type. A binary's state is in its value, never in its flags.
 */
enum {
    FLAG_ONLINE = 0x01,
    FLAG_RESTART = 0x02,
    FLAG_COMM_LOST = 0x04,
    FLAG_REMOTE_FORCED = 0x08,
    FLAG_LOCAL_FORCED = 0x10,
    FLAG_CHATTER_FILTER = 0x20, /* binary */
    FLAG_ROLLOVER = 0x20,       /* counter, obsolete */
    FLAG_OVER_RANGE = 0x20,     /* analog */
    FLAG_DISCONTINUITY = 0x40,  /* counter */
    FLAG_REFERENCE_ERR = 0x40,  /* analog */
    FLAG_STATE = 0x80           /* on the wire only */
};

enum time_quality {
    TIME_NONE = 0, /* the object carries no time */
    TIME_SYNCHRONISED = 1,
    TIME_UNSYNCHRONISED = 2, /* the outstation said so: g51v2, or IIN1.4 was set */
    TIME_INVALID = 3         /* a relative time without a common time of occurrence (objects.md 3.1) */
};

/* A time stands beside the value, be it right or not. */
static inline bool time_is_told(uint8_t time_quality)
{
    return time_quality == TIME_SYNCHRONISED || time_quality == TIME_UNSYNCHRONISED;
}

/*
 * One reported value of one point. 24 octets, copied freely.
 *
 * value: binaries 0 or 1; double-bit 0..3 (intermediate, off, on, indeterminate); counters 0..2^32-1; analogs
 * as sent. A f32 is widened bit by bit, so that NaN payloads and signs survive.
 */
struct measurement {
    double value;
    uint64_t time_ms; /* 0 where time_quality is TIME_NONE or TIME_INVALID */
    uint32_t index;
    uint8_t type;         /* enum point_type */
    uint8_t flags;        /* without FLAG_STATE bits; FLAG_ONLINE where the variation has none */
    uint8_t time_quality; /* enum time_quality */
    bool event;           /* an event object, else static */
};

enum object_kind {
    OBJECT_STATIC,
    OBJECT_EVENT,
    OBJECT_COMMAND,   /* g12, g41 */
    OBJECT_TIME,      /* g50 to g52 */
    OBJECT_CLASS,     /* g60 */
    OBJECT_IIN,       /* g80 */
    OBJECT_ATTRIBUTE, /* g0: attributes.h */
    OBJECT_DEADBAND,  /* g34: analog_decode() */
    OBJECT_FILE,      /* g70: files.h */
    OBJECT_SECURITY,  /* g120 to g122: layout.h */
    OBJECT_OTHER      /* recognised, and sized where its size is known */
};

/* How a point's value lies in the object, after the flags. */
enum object_value {
    VALUE_NONE,
    VALUE_BIT,      /* one bit: in the flags' top bit, or packed */
    VALUE_TWO_BITS, /* double-bit: top two bits of the flags, or packed */
    VALUE_U16,
    VALUE_U32,
    VALUE_I16,
    VALUE_I32,
    VALUE_F32,
    VALUE_F64,
    VALUE_COMMAND_STATUS /* g13: bit 7 state, bits 0-6 status */
};

enum object_time { OBJECT_TIME_NONE, OBJECT_TIME_ABSOLUTE, OBJECT_TIME_RELATIVE };

struct object_type {
    uint8_t group;
    uint8_t variation;   /* 0: "any variation", requests only */
    uint8_t kind;        /* enum object_kind */
    uint8_t point;       /* enum point_type, 0 where it is none */
    uint8_t size;        /* octets of one object; 0 where packed, empty or variable: object_size() */
    uint8_t packed_bits; /* 1 or 2 where packed, else 0 */
    bool has_flags;
    uint8_t value;       /* enum object_value */
    uint8_t time;        /* enum object_time */
    uint8_t functions;   /* mask of OBJECT_IN_*: where it may stand (application.md 4.1) */
    uint16_t qualifiers; /* mask of OBJECT_Q_*: with which qualifiers, in any of its functions */
    bool is_string;      /* g110 to g113: the variation is the size */
    bool self_sized;     /* g0: each object tells its own length, in its second octet */
    const char *name;    /* "Binary input event - with absolute time" */
};

enum {
    OBJECT_IN_READ = 0x01,
    OBJECT_IN_WRITE = 0x02,
    OBJECT_IN_OPERATE = 0x04, /* FC 3 to 6 and their echoes */
    OBJECT_IN_FREEZE = 0x08,
    OBJECT_IN_RESPONSE = 0x10,
    OBJECT_IN_UNSOLICITED = 0x20,
    OBJECT_IN_CLASS = 0x40 /* FC 20 to 22 */
};

enum {
    OBJECT_Q_RANGE = 0x01,  /* 00 01 02 */
    OBJECT_Q_ALL = 0x02,    /* 06 */
    OBJECT_Q_COUNT = 0x04,  /* 07 08 09 */
    OBJECT_Q_PREFIX = 0x08, /* 17 18 19 27 28 29 37 38 39 */
    OBJECT_Q_SIZED = 0x10,  /* 4B 5B 6B */
    OBJECT_Q_SINGLE = 0x20, /* 07 08 09 with objects behind: those that have no index */
    OBJECT_Q_ADDRESS = 0x40 /* 03 04 05 */
};

/* An obsolete counter object that tells by how much the value has moved, and not the value. */
static inline bool object_is_delta(const struct object_type *type)
{
    const uint16_t counters = 1 << 3 | 1 << 4 | 1 << 7 | 1 << 8, frozen = 1 << 11 | 1 << 12;
    bool is_frozen = type->group == 21;
    return type->group >= 20 && type->group <= 23 && type->variation < 16 &&
           ((is_frozen ? counters | frozen : counters) >> type->variation & 1);
}

/* Whether its objects carry a measurement (measure.h); "any variation", strings and deltas do not. */
static inline bool object_is_measured(const struct object_type *type)
{
    return type->point && type->value != VALUE_NONE && !object_is_delta(type);
}

/* NULL where the table has no such row. The variation of g110 to g113 is a length: all of theirs but 0 share
 * one row, whose own variation is 1. So do the attributes, g0v1 to g0v253. */
const struct object_type *object_type_find(uint8_t group, uint8_t variation);
/* Whether the table has any row of that group. */
bool object_group_is_known(uint8_t group);
/* Octets of one object; 0 where packed, empty or of its own length. */
size_t object_size(const struct object_type *type, uint8_t variation);
/* Octets of the object of a `self_sized` row that begins with these two: type and length. */
size_t object_self_size(uint8_t type, uint8_t len);
/* All rows, ordered by group and variation. */
const struct object_type *object_types(size_t *count);

const char *point_type_name(uint8_t type);     /* "binary_input"; "?" where there is none */
uint8_t point_type_static_group(uint8_t type); /* 1, 3, 10, 20, 21, 30, 40, 31, 110; 0 for command events */
uint8_t point_type_event_group(uint8_t type);  /* 2, 4, 11, 22, 23, 32, 42, 13, 33, 43, 111 */
bool point_type_has_status(uint8_t type);      /* a command event: its flags are a command's status */

/*
 * Encodes one object of `type` without prefix: flags, value, time as the row says. Values are saturated to
 * what the variation holds, with FLAG_OVER_RANGE for analogs; counters modulo 2^16 (objects.md 1). `base_ms`
 * is the common time of occurrence for relative times. Not for packed rows.
 */
struct writer;
void object_encode(struct writer *w, const struct object_type *type, const struct measurement *m,
                   uint64_t base_ms);

/*
 * The value at the head of an analog output (g41) or deadband (g34), as the row says; `octets` has at least
 * its width. Encoding saturates and says so; a deadband has no flag for it. All or nothing.
 */
double analog_decode(const struct object_type *type, const uint8_t *octets);
bool analog_encode(struct writer *w, const struct object_type *type, double value); /* true: saturated */

/* Indexed schedule, g50v4 (objects.md 3); 11 octets. */
struct time_schedule {
    uint64_t time_ms;
    uint32_t count;
    uint8_t units; /* 0 no repeat, 1 ms, 2 s, ... as listed there */
};
struct time_schedule time_schedule_decode(const uint8_t octets[11]);
void time_schedule_encode(struct writer *w, const struct time_schedule *schedule);

/* Packed decimals, g101: `len` 2, 4 or 8 octets of two digits each, the lowest first. False: a digit above 9.
 */
bool bcd_decode(const uint8_t *octets, size_t len, uint64_t *value);
void bcd_encode(struct writer *w, uint64_t value, size_t len); /* value below 10^(2 * len) */

/* Control relay output block, g12v1 and g12v2 (controls.md 1); 11 octets. */
struct crob {
    uint8_t code; /* op type, QU, CR, TCC as on the wire */
    uint8_t count;
    uint32_t on_ms;
    uint32_t off_ms;
    uint8_t status;
};
struct crob crob_decode(const uint8_t octets[11]);
void crob_encode(struct writer *w, const struct crob *crob);
/* "SUCCESS", "NO_SELECT" of a command's status 0..127 (controls.md 3); NULL where reserved. */
const char *command_status_name(uint8_t status);

/* Widens a f32 given by its bits to f64 without touching NaN payloads; narrows with saturation (*over says
 * whether the value was too large; infinities are not). */
double float_widen(uint32_t f32_bits);
uint32_t float_narrow(double value, bool *over);

#endif
