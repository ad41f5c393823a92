// SPDX-License-Identifier: Apache-2.0
/*
 * What the recorded certification run does not show in its frames, and why our outstation differs from the
 * recorded device where it does: the tables of outstation_procedures_test.c.
 */
#ifndef SUPPORT_PROCEDURES_H
#define SUPPORT_PROCEDURES_H

#include "protocol/objects.h"

/* Something that was done to the recorded device, which no frame tells. */
enum action {
    WAIT,    /* ms */
    WITHOUT, /* points of that type are disabled */
    LOCAL,   /* the first binary output is switched to local control */
    RESTART, /* power is cycled */
    MORE, /* so many more events than the recording shows, analog inputs or counters, to overflow the buffer
           */
    SET_ROOM,   /* of the event buffer */
    TIME_VALID, /* ms after which the clock needs its time again */
    SUPPORTS_UNSOLICITED
};

struct directive {
    const char *procedure;
    unsigned before; /* frame; 0: all */
    enum action action;
    uint32_t argument;
};

static const struct directive directives[] = {
    {"8.2.1.2.4", 3, WAIT, 11000},
    {"8.2.1.2.10", 0, WITHOUT, POINT_BINARY_OUTPUT_STATUS},
    {"8.2.2.2.3", 0, WITHOUT, POINT_BINARY_OUTPUT_STATUS},
    {"8.4.2.2.3", 0, WITHOUT, POINT_ANALOG_OUTPUT_STATUS},
    {"8.21.2.2", 0, WITHOUT, POINT_DOUBLE_BIT_INPUT},
    {"8.6.4.2", 3, LOCAL, 0},
    {"8.6.6.2.2", 0, SET_ROOM, 200},
    {"8.6.6.2.3", 0, SET_ROOM, 200},
    {"8.11.2.6", 5, MORE, POINT_BINARY_INPUT},
    {"8.13.2.2", 1, MORE, POINT_BINARY_INPUT},
    {"8.16.1.2.2", 3, MORE, POINT_COUNTER},
    {"8.16.2.2.4", 4, MORE, POINT_COUNTER},
    {"8.16.2.2.5", 1, MORE, POINT_COUNTER},
    {"8.15.2", 0, TIME_VALID, 30000},
    {"8.15.2", 13, WAIT, 30000},
    {"8.3.2", 3, MORE, POINT_BINARY_INPUT},
    {"8.4.1.2.11", 5, MORE, POINT_BINARY_INPUT},
    {"8.6.6.2.2", 10, WAIT, 6000},
    {"8.6.6.2.2", 10, MORE, POINT_ANALOG_INPUT},
    {"8.6.6.2.3", 10, WAIT, 6000},
    {"8.6.6.2.3", 10, MORE, POINT_COUNTER},
    {"8.9.2.2", 11, WAIT, 6000},
    {"8.9.2.2", 33, WAIT, 6000},
    {"8.2.5.2.2", 3, WAIT, 60000},
    {"8.2.5.2.2", 5, WAIT, 60000},
    {"8.2.5.2.2", 7, WAIT, 60000},
    {"8.2.5.2.2", 9, WAIT, 60000},
    {"8.11.2.2", 0, SUPPORTS_UNSOLICITED, 0},
    {"8.11.2.3", 0, SUPPORTS_UNSOLICITED, 0},
    {"8.11.2.5", 0, SUPPORTS_UNSOLICITED, 0},
    {"8.11.2.5", 30, RESTART, 0},
    {"8.11.2.5", 42, RESTART, 0},
    {"8.11.2.5", 51, RESTART, 0},
};

/* Why a difference stands. */
struct decision {
    const char *procedure;
    const char *rule;
};

static const struct decision decisions[] = {
    {"6.1.2",
     "before the link is reset, confirmed data is answered with NACK; silence is the other answer allowed "
     "(conformance.md 1: 6.1.2; link.md 5)"},
    {"8.8.2",
     "the wait is told in g52v1, seconds: either variation (conformance.md 1: 8.8; outstation.md 5)"},
    {"8.9.2.2",
     "class 0 has no order of groups: the second fragment ends within another one (outstation.md 7)"},
    {"8.11.2.5",
     "an unsolicited response whose IIN1.7 was cleared meanwhile is built anew, with the next SEQ, which "
     "shifts what follows (outstation.md 4.1, 4.5: both legal)"},
    {"8.15.2", "the write took the place of the confirm: the events wait again, and IIN1.1 shows them "
               "(outstation.md 2: IIN1.1-3; 3: SOL_WAIT)"},
    {"8.16.2.2.4",
     "a freeze makes an event of each frozen counter with a class, changed or not (outstation.md 9)"},
    {"8.21.2.2",
     "no double-bit inputs: the group is unknown (application.md 6; the recorded device answers as if "
     "it had points without data, outstation.md 7)"},
};

#endif
