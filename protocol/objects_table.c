// SPDX-License-Identifier: Apache-2.0
/*
 * The table of dnp3-reference/objects.md 2 to 4, one row for each group and variation, in that order. The
 * macros below are the columns that rows of one kind share; a size is written once, in octets.
 */
#include "protocol/objects.h"

enum {
    Q_STATIC = OBJECT_Q_RANGE | OBJECT_Q_ALL | OBJECT_Q_PREFIX,
    Q_EVENT = OBJECT_Q_RANGE | OBJECT_Q_ALL | OBJECT_Q_COUNT | OBJECT_Q_PREFIX,
    Q_SINGLE = OBJECT_Q_ALL | OBJECT_Q_COUNT | OBJECT_Q_SINGLE,

    F_STATIC = OBJECT_IN_READ | OBJECT_IN_RESPONSE,
    F_EVENT = OBJECT_IN_READ | OBJECT_IN_RESPONSE | OBJECT_IN_UNSOLICITED,
    F_CLASS = OBJECT_IN_CLASS,
    F_FREEZE = OBJECT_IN_FREEZE
};

#define ROW(g, v, k, p, s, bits, flags, val, t, f, q, n)                                                     \
    {                                                                                                        \
        .group = (g), .variation = (v), .kind = OBJECT_##k, .point = (p), .size = (s),                       \
        .packed_bits = (bits), .has_flags = (flags), .value = VALUE_##val, .time = OBJECT_TIME_##t,          \
        .functions = (f), .qualifiers = (q), .name = (n)                                                     \
    }

/* "Any variation": a request for points, static or events; `f` adds to READ. */
#define ANY_STATIC(g, p, f, n)                                                                               \
    ROW(g, 0, STATIC, p, 0, 0, false, NONE, NONE, OBJECT_IN_READ | (f), Q_STATIC, n)
#define ANY_EVENT(g, p, n) ROW(g, 0, EVENT, p, 0, 0, false, NONE, NONE, OBJECT_IN_READ, Q_EVENT, n)

#define PACKED(g, v, p, bits, val, f, n)                                                                     \
    ROW(g, v, STATIC, p, 0, bits, false, val, NONE, F_STATIC | (f), Q_STATIC, n)
#define STATIC(g, v, p, s, val, n)    ROW(g, v, STATIC, p, s, 0, true, val, NONE, F_STATIC, Q_STATIC, n)
#define STATIC_T(g, v, p, s, val, n)  ROW(g, v, STATIC, p, s, 0, true, val, ABSOLUTE, F_STATIC, Q_STATIC, n)
#define STATIC_NF(g, v, p, s, val, n) ROW(g, v, STATIC, p, s, 0, false, val, NONE, F_STATIC, Q_STATIC, n)
#define EVENT(g, v, p, s, val, t, n)  ROW(g, v, EVENT, p, s, 0, true, val, t, F_EVENT, Q_EVENT, n)
#define COMMAND(g, v, s, val, n)                                                                             \
    ROW(g, v, COMMAND, 0, s, 0, false, val, NONE, OBJECT_IN_OPERATE, OBJECT_Q_PREFIX, n)
#define TIME(g, v, s, f, n)      ROW(g, v, TIME, 0, s, 0, false, NONE, NONE, f, Q_SINGLE, n)
#define CLASS(g, v, q, n)        ROW(g, v, CLASS, 0, 0, 0, false, NONE, NONE, OBJECT_IN_READ | F_CLASS, q, n)
#define OTHER(g, v, s, f, q, n)  ROW(g, v, OTHER, 0, s, 0, false, NONE, NONE, f, q, n)
#define OTHER_STATIC(g, v, s, n) OTHER(g, v, s, F_STATIC, Q_STATIC, n)
#define OTHER_EVENT(g, v, s, n)  OTHER(g, v, s, F_EVENT, Q_EVENT, n)
#define SIZED(g, v, f, n)        OTHER(g, v, 0, f, OBJECT_Q_SIZED, n)
#define FILE_(g, v, f, n)        ROW(g, v, FILE, 0, 0, 0, false, NONE, NONE, f, OBJECT_Q_SIZED, n)
#define DEADBAND(g, v, s, val, f, n)                                                                         \
    ROW(g, v, DEADBAND, 0, s, 0, false, val, NONE, OBJECT_IN_READ | (f), Q_STATIC, n)
#define SECURITY(g, v, s, f, q, n) ROW(g, v, SECURITY, 0, s, 0, false, NONE, NONE, f, q, n)
#define SECURITY_SIZED(v, n)       SECURITY(120, v, 0, 0, OBJECT_Q_SIZED, n)

/* The set is the index; whether an attribute may be written is told by attributes.h. */
#define ATTRIBUTE(v, f, sized, n)                                                                            \
    {                                                                                                        \
        .group = 0, .variation = (v), .kind = OBJECT_ATTRIBUTE, .functions = (f), .qualifiers = Q_STATIC,    \
        .self_sized = (sized), .name = (n)                                                                   \
    }

#define BI  POINT_BINARY_INPUT
#define DBI POINT_DOUBLE_BIT_INPUT
#define BO  POINT_BINARY_OUTPUT_STATUS
#define CTR POINT_COUNTER
#define FC  POINT_FROZEN_COUNTER
#define AI  POINT_ANALOG_INPUT
#define AO  POINT_ANALOG_OUTPUT_STATUS
#define CMD POINT_BINARY_COMMAND
#define FAI POINT_FROZEN_ANALOG_INPUT
#define ACM POINT_ANALOG_COMMAND
#define STR POINT_OCTET_STRING

/* g22 and g23 differ in the group only; so do g32, g33, g42 and g43, whose status stands where the others
 * have flags. */
#define COUNTER_EVENTS(g, p, n)                                                                              \
    ANY_EVENT(g, p, n " - any variation"), EVENT(g, 1, p, 5, U32, NONE, n " - 32-bit with flag"),            \
        EVENT(g, 2, p, 3, U16, NONE, n " - 16-bit with flag"),                                               \
        EVENT(g, 3, p, 5, U32, NONE, n " - 32-bit with flag, delta"),                                        \
        EVENT(g, 4, p, 3, U16, NONE, n " - 16-bit with flag, delta"),                                        \
        EVENT(g, 5, p, 11, U32, ABSOLUTE, n " - 32-bit with flag and time"),                                 \
        EVENT(g, 6, p, 9, U16, ABSOLUTE, n " - 16-bit with flag and time"),                                  \
        EVENT(g, 7, p, 11, U32, ABSOLUTE, n " - 32-bit with flag and time, delta"),                          \
        EVENT(g, 8, p, 9, U16, ABSOLUTE, n " - 16-bit with flag and time, delta")

#define ANALOG_EVENTS(g, p, n)                                                                               \
    ANY_EVENT(g, p, n " - any variation"), EVENT(g, 1, p, 5, I32, NONE, n " - 32-bit without time"),         \
        EVENT(g, 2, p, 3, I16, NONE, n " - 16-bit without time"),                                            \
        EVENT(g, 3, p, 11, I32, ABSOLUTE, n " - 32-bit with time"),                                          \
        EVENT(g, 4, p, 9, I16, ABSOLUTE, n " - 16-bit with time"),                                           \
        EVENT(g, 5, p, 5, F32, NONE, n " - single precision without time"),                                  \
        EVENT(g, 6, p, 9, F64, NONE, n " - double precision without time"),                                  \
        EVENT(g, 7, p, 11, F32, ABSOLUTE, n " - single precision with time"),                                \
        EVENT(g, 8, p, 15, F64, ABSOLUTE, n " - double precision with time")

/* Nobody may ask for or send g112 "of any length": its row 0 stands nowhere. */
#define STRINGS(g, k, p, any, f, q, n)                                                                       \
    ROW(g, 0, k, p, 0, 0, false, NONE, NONE, any, q, n " - any length"),                                     \
    {                                                                                                        \
        .group = (g), .variation = 1, .kind = OBJECT_##k, .point = (p), .functions = (f), .qualifiers = (q), \
        .is_string = true, .name = (n)                                                                       \
    }

/* clang-format off */
static const struct object_type rows[] = {
    ATTRIBUTE(1, F_STATIC | OBJECT_IN_WRITE, true, "Device attribute"),
    ATTRIBUTE(254, OBJECT_IN_READ, false, "Device attribute - all of a set"),
    ATTRIBUTE(255, F_STATIC, true, "Device attribute - list of variations"),
    ANY_STATIC(1, BI, F_CLASS, "Binary input - any variation"),
    PACKED(1, 1, BI, 1, BIT, 0, "Binary input - packed"),
    STATIC(1, 2, BI, 1, BIT, "Binary input - with flags"),
    ANY_EVENT(2, BI, "Binary input event - any variation"),
    EVENT(2, 1, BI, 1, BIT, NONE, "Binary input event - without time"),
    EVENT(2, 2, BI, 7, BIT, ABSOLUTE, "Binary input event - with absolute time"),
    EVENT(2, 3, BI, 3, BIT, RELATIVE, "Binary input event - with relative time"),
    ANY_STATIC(3, DBI, F_CLASS, "Double-bit input - any variation"),
    PACKED(3, 1, DBI, 2, TWO_BITS, 0, "Double-bit input - packed"),
    STATIC(3, 2, DBI, 1, TWO_BITS, "Double-bit input - with flags"),
    ANY_EVENT(4, DBI, "Double-bit input event - any variation"),
    EVENT(4, 1, DBI, 1, TWO_BITS, NONE, "Double-bit input event - without time"),
    EVENT(4, 2, DBI, 7, TWO_BITS, ABSOLUTE, "Double-bit input event - with absolute time"),
    EVENT(4, 3, DBI, 3, TWO_BITS, RELATIVE, "Double-bit input event - with relative time"),
    ANY_STATIC(10, BO, F_CLASS, "Binary output - any variation"),
    PACKED(10, 1, BO, 1, BIT, OBJECT_IN_WRITE, "Binary output - packed"),
    STATIC(10, 2, BO, 1, BIT, "Binary output status - with flags"),
    ANY_EVENT(11, BO, "Binary output event - any variation"),
    EVENT(11, 1, BO, 1, BIT, NONE, "Binary output event - without time"),
    EVENT(11, 2, BO, 7, BIT, ABSOLUTE, "Binary output event - with time"),
    ROW(12, 0, COMMAND, 0, 0, 0, false, NONE, NONE, F_CLASS, Q_STATIC, "Binary command - any variation"),
    COMMAND(12, 1, 11, NONE, "Control relay output block"),
    ROW(12, 2, COMMAND, 0, 11, 0, false, NONE, NONE, OBJECT_IN_OPERATE, OBJECT_Q_COUNT | OBJECT_Q_SINGLE,
        "Pattern control block"),
    ROW(12, 3, COMMAND, 0, 0, 1, false, BIT, NONE, OBJECT_IN_OPERATE, OBJECT_Q_RANGE, "Pattern mask"),
    ANY_EVENT(13, CMD, "Binary command event - any variation"),
    ROW(13, 1, EVENT, CMD, 1, 0, false, COMMAND_STATUS, NONE, F_EVENT, Q_EVENT,
        "Binary command event - without time"),
    ROW(13, 2, EVENT, CMD, 7, 0, false, COMMAND_STATUS, ABSOLUTE, F_EVENT, Q_EVENT,
        "Binary command event - with time"),
    ANY_STATIC(20, CTR, F_CLASS | F_FREEZE, "Counter - any variation"),
    STATIC(20, 1, CTR, 5, U32, "Counter - 32-bit with flag"),
    STATIC(20, 2, CTR, 3, U16, "Counter - 16-bit with flag"),
    STATIC(20, 3, CTR, 5, U32, "Counter - 32-bit with flag, delta"),
    STATIC(20, 4, CTR, 3, U16, "Counter - 16-bit with flag, delta"),
    STATIC_NF(20, 5, CTR, 4, U32, "Counter - 32-bit without flag"),
    STATIC_NF(20, 6, CTR, 2, U16, "Counter - 16-bit without flag"),
    STATIC_NF(20, 7, CTR, 4, U32, "Counter - 32-bit without flag, delta"),
    STATIC_NF(20, 8, CTR, 2, U16, "Counter - 16-bit without flag, delta"),
    ANY_STATIC(21, FC, F_CLASS, "Frozen counter - any variation"),
    STATIC(21, 1, FC, 5, U32, "Frozen counter - 32-bit with flag"),
    STATIC(21, 2, FC, 3, U16, "Frozen counter - 16-bit with flag"),
    STATIC(21, 3, FC, 5, U32, "Frozen counter - 32-bit with flag, delta"),
    STATIC(21, 4, FC, 3, U16, "Frozen counter - 16-bit with flag, delta"),
    STATIC_T(21, 5, FC, 11, U32, "Frozen counter - 32-bit with flag and time"),
    STATIC_T(21, 6, FC, 9, U16, "Frozen counter - 16-bit with flag and time"),
    STATIC_T(21, 7, FC, 11, U32, "Frozen counter - 32-bit with flag and time, delta"),
    STATIC_T(21, 8, FC, 9, U16, "Frozen counter - 16-bit with flag and time, delta"),
    STATIC_NF(21, 9, FC, 4, U32, "Frozen counter - 32-bit without flag"),
    STATIC_NF(21, 10, FC, 2, U16, "Frozen counter - 16-bit without flag"),
    STATIC_NF(21, 11, FC, 4, U32, "Frozen counter - 32-bit without flag, delta"),
    STATIC_NF(21, 12, FC, 2, U16, "Frozen counter - 16-bit without flag, delta"),
    COUNTER_EVENTS(22, CTR, "Counter event"),
    COUNTER_EVENTS(23, FC, "Frozen counter event"),
    ANY_STATIC(30, AI, F_CLASS | F_FREEZE, "Analog input - any variation"),
    STATIC(30, 1, AI, 5, I32, "Analog input - 32-bit with flag"),
    STATIC(30, 2, AI, 3, I16, "Analog input - 16-bit with flag"),
    STATIC_NF(30, 3, AI, 4, I32, "Analog input - 32-bit without flag"),
    STATIC_NF(30, 4, AI, 2, I16, "Analog input - 16-bit without flag"),
    STATIC(30, 5, AI, 5, F32, "Analog input - single precision with flag"),
    STATIC(30, 6, AI, 9, F64, "Analog input - double precision with flag"),
    ANY_STATIC(31, FAI, F_CLASS, "Frozen analog input - any variation"),
    STATIC(31, 1, FAI, 5, I32, "Frozen analog input - 32-bit with flag"),
    STATIC(31, 2, FAI, 3, I16, "Frozen analog input - 16-bit with flag"),
    STATIC_T(31, 3, FAI, 11, I32, "Frozen analog input - 32-bit with time"),
    STATIC_T(31, 4, FAI, 9, I16, "Frozen analog input - 16-bit with time"),
    STATIC_NF(31, 5, FAI, 4, I32, "Frozen analog input - 32-bit without flag"),
    STATIC_NF(31, 6, FAI, 2, I16, "Frozen analog input - 16-bit without flag"),
    STATIC(31, 7, FAI, 5, F32, "Frozen analog input - single precision with flag"),
    STATIC(31, 8, FAI, 9, F64, "Frozen analog input - double precision with flag"),
    ANALOG_EVENTS(32, AI, "Analog input event"),
    ANALOG_EVENTS(33, FAI, "Frozen analog input event"),
    DEADBAND(34, 0, 0, NONE, 0, "Analog input deadband - any variation"),
    DEADBAND(34, 1, 2, U16, OBJECT_IN_RESPONSE | OBJECT_IN_WRITE, "Analog input deadband - 16-bit"),
    DEADBAND(34, 2, 4, U32, OBJECT_IN_RESPONSE | OBJECT_IN_WRITE, "Analog input deadband - 32-bit"),
    DEADBAND(34, 3, 4, F32, OBJECT_IN_RESPONSE | OBJECT_IN_WRITE, "Analog input deadband - single precision"),
    ANY_STATIC(40, AO, F_CLASS, "Analog output status - any variation"),
    STATIC(40, 1, AO, 5, I32, "Analog output status - 32-bit with flag"),
    STATIC(40, 2, AO, 3, I16, "Analog output status - 16-bit with flag"),
    STATIC(40, 3, AO, 5, F32, "Analog output status - single precision with flag"),
    STATIC(40, 4, AO, 9, F64, "Analog output status - double precision with flag"),
    ROW(41, 0, COMMAND, 0, 0, 0, false, NONE, NONE, F_CLASS, Q_STATIC, "Analog output - any variation"),
    COMMAND(41, 1, 5, I32, "Analog output - 32-bit"),
    COMMAND(41, 2, 3, I16, "Analog output - 16-bit"),
    COMMAND(41, 3, 5, F32, "Analog output - single precision"),
    COMMAND(41, 4, 9, F64, "Analog output - double precision"),
    ANALOG_EVENTS(42, AO, "Analog output event"),
    ANALOG_EVENTS(43, ACM, "Analog command event"),
    TIME(50, 1, 6, F_STATIC | OBJECT_IN_WRITE, "Time and date - absolute"),
    TIME(50, 2, 10, F_FREEZE, "Time and date - absolute and interval"),
    TIME(50, 3, 6, OBJECT_IN_WRITE, "Time and date - last recorded"),
    ROW(50, 4, TIME, 0, 11, 0, false, NONE, NONE, F_STATIC | OBJECT_IN_WRITE, Q_STATIC,
        "Time and date - indexed, with schedule"),
    TIME(51, 1, 6, OBJECT_IN_RESPONSE | OBJECT_IN_UNSOLICITED, "Common time of occurrence - synchronised"),
    TIME(51, 2, 6, OBJECT_IN_RESPONSE | OBJECT_IN_UNSOLICITED, "Common time of occurrence - unsynchronised"),
    TIME(52, 1, 2, OBJECT_IN_RESPONSE, "Time delay - coarse"),
    TIME(52, 2, 2, OBJECT_IN_RESPONSE, "Time delay - fine"),
    CLASS(60, 1, OBJECT_Q_ALL, "Class 0"),
    CLASS(60, 2, OBJECT_Q_ALL | OBJECT_Q_COUNT, "Class 1"),
    CLASS(60, 3, OBJECT_Q_ALL | OBJECT_Q_COUNT, "Class 2"),
    CLASS(60, 4, OBJECT_Q_ALL | OBJECT_Q_COUNT, "Class 3"),
    FILE_(70, 2, OBJECT_IN_RESPONSE, "File - authentication"),
    FILE_(70, 3, 0, "File - command"),
    FILE_(70, 4, F_EVENT & ~OBJECT_IN_READ, "File - command status"),
    FILE_(70, 5, F_EVENT | OBJECT_IN_WRITE, "File - transport"),
    FILE_(70, 6, F_EVENT, "File - transport status"),
    FILE_(70, 7, F_EVENT & ~OBJECT_IN_READ, "File - descriptor"),
    FILE_(70, 8, 0, "File - specification string"),
    ROW(80, 1, IIN, 0, 0, 1, false, BIT, NONE, F_STATIC | OBJECT_IN_WRITE, Q_STATIC,
        "Internal indications - packed"),
    OTHER_STATIC(81, 1, 3, "Storage object"),
    SIZED(82, 1, OBJECT_IN_RESPONSE | OBJECT_IN_UNSOLICITED, "Device profile"),
    SIZED(83, 1, F_EVENT, "Private registration"),
    SIZED(83, 2, F_STATIC, "Private registration - descriptor"),
    OTHER(85, 0, 0, OBJECT_IN_READ, Q_STATIC, "Data set prototype - any variation"),
    OTHER(85, 1, 0, F_EVENT, Q_STATIC | OBJECT_Q_SIZED, "Data set prototype - with UUID"),
    OTHER(86, 0, 0, OBJECT_IN_READ | F_CLASS, Q_STATIC, "Data set descriptor - any variation"),
    OTHER(86, 1, 0, F_STATIC | OBJECT_IN_WRITE, Q_STATIC | OBJECT_Q_SIZED, "Data set descriptor - contents"),
    OTHER_STATIC(86, 2, 1, "Data set descriptor - characteristics"),
    OTHER(86, 3, 0, F_STATIC | OBJECT_IN_WRITE, Q_STATIC | OBJECT_Q_SIZED, "Data set descriptor - point indexes"),
    OTHER(87, 0, 0, OBJECT_IN_READ, Q_STATIC, "Data set - any variation"),
    OTHER(87, 1, 0, F_STATIC | OBJECT_IN_WRITE | OBJECT_IN_OPERATE, Q_STATIC | OBJECT_Q_SIZED,
        "Data set - present value"),
    OTHER(88, 0, 0, OBJECT_IN_READ, Q_EVENT, "Data set event - any variation"),
    OTHER(88, 1, 0, F_EVENT, Q_EVENT | OBJECT_Q_SIZED, "Data set - snapshot"),
    OTHER(90, 1, 0, 0, OBJECT_Q_SIZED | OBJECT_Q_ALL, "Application - identifier"),
    SIZED(91, 1, OBJECT_IN_RESPONSE, "Status of requested operation"),
    OTHER(100, 0, 0, 0, Q_STATIC, "Floating point - obsolete"),
    OTHER(101, 1, 2, F_STATIC | OBJECT_IN_WRITE, Q_STATIC, "Packed decimal - 4 digits"),
    OTHER(101, 2, 4, F_STATIC | OBJECT_IN_WRITE, Q_STATIC, "Packed decimal - 8 digits"),
    OTHER(101, 3, 8, F_STATIC | OBJECT_IN_WRITE, Q_STATIC, "Packed decimal - 16 digits"),
    OTHER(102, 1, 1, F_STATIC | OBJECT_IN_WRITE, Q_STATIC | OBJECT_Q_ADDRESS, "Unsigned integer - 8-bit"),
    STRINGS(110, STATIC, STR, OBJECT_IN_READ | F_CLASS, F_STATIC | OBJECT_IN_WRITE, Q_STATIC | OBJECT_Q_ADDRESS,
        "Octet string"),
    STRINGS(111, EVENT, STR, OBJECT_IN_READ, F_EVENT, Q_EVENT, "Octet string event"),
    STRINGS(112, OTHER, 0, 0, OBJECT_IN_WRITE, OBJECT_Q_PREFIX, "Virtual terminal output"),
    STRINGS(113, EVENT, 0, OBJECT_IN_READ | F_CLASS, F_EVENT, Q_EVENT, "Virtual terminal event"),
    OTHER(114, 0, 0, 0, Q_STATIC, "Extended octet string"),
    OTHER(115, 0, 0, 0, Q_EVENT, "Extended octet string event"),
    SECURITY_SIZED(1, "Authentication - challenge"),
    SECURITY_SIZED(2, "Authentication - reply"),
    SECURITY(120, 3, 6, 0, OBJECT_Q_COUNT | OBJECT_Q_SINGLE, "Authentication - aggressive mode request"),
    SECURITY(120, 4, 2, 0, OBJECT_Q_COUNT | OBJECT_Q_SINGLE, "Authentication - session key status request"),
    SECURITY_SIZED(5, "Authentication - session key status"),
    SECURITY_SIZED(6, "Authentication - session key change"),
    SECURITY_SIZED(7, "Authentication - error"),
    SECURITY_SIZED(8, "Authentication - user certificate"),
    SECURITY_SIZED(9, "Authentication - message authentication code"),
    SECURITY_SIZED(10, "Authentication - user status change"),
    SECURITY_SIZED(11, "Authentication - update key change request"),
    SECURITY_SIZED(12, "Authentication - update key change reply"),
    SECURITY_SIZED(13, "Authentication - update key change"),
    SECURITY_SIZED(14, "Authentication - update key change signature"),
    SECURITY_SIZED(15, "Authentication - update key change confirmation"),
    SECURITY(121, 0, 0, OBJECT_IN_READ | F_CLASS, Q_STATIC, "Security statistic - any variation"),
    SECURITY(121, 1, 7, F_STATIC, Q_STATIC, "Security statistic - 32-bit with flag"),
    SECURITY(122, 0, 0, OBJECT_IN_READ, Q_EVENT, "Security statistic event - any variation"),
    SECURITY(122, 1, 7, F_EVENT, Q_EVENT, "Security statistic event - 32-bit with flag"),
    SECURITY(122, 2, 13, F_EVENT, Q_EVENT, "Security statistic event - 32-bit with flag and time"),
};
/* clang-format on */

const struct object_type *object_types(size_t *count)
{
    *count = sizeof rows / sizeof rows[0];
    return rows;
}
