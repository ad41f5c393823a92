// SPDX-License-Identifier: Apache-2.0
/*
 * The load: N outstations in a process of their own, on the addresses 127.100.0.1 and up, all at one port.
 * They answer a front end's start-up and polls out of prebuilt frames, send unsolicited responses on order,
 * and check every confirm (link CRC, function, UNS, SEQ, and that one was awaited).
 *
 *     struct load load;
 *     load_start(&load, &spec)                 the stations listen, and answer
 *     load_order(&load, &(struct load_order){.sending = true, .set = 1});
 *     ... look at load_count() and load_answers() before and after ...
 *     load_order(&load, &(struct load_order){0});
 *     load_stop(&load);
 *
 * A station that gets no confirm for 5 s sends the same octets again, as outstations do. One process holds
 * all stations: the front end under test has one descriptor for each as well, and meets the same limit.
 */
#ifndef FEPBENCH_LOAD_H
#define FEPBENCH_LOAD_H

#include "tools/fepbench/frames.h"
#include "tools/fepbench/stats.h"

#include <sys/types.h>

enum { LOAD_SETS_MAX = 4, LOAD_FIRST_ADDRESS = 0x7F640001 };

struct load_spec {
    uint32_t stations;
    unsigned points; /* in the answer to an integrity poll */
    struct {
        unsigned values; /* in an unsolicited response; 0: no such set */
        enum frames_kind kind;
    } set[LOAD_SETS_MAX];
    uint32_t event_poll_ms; /* what the front end is told: polls that keep to it are counted */
};

struct load_order {
    bool sending;  /* else only answering */
    unsigned set;  /* of spec.set */
    double rate;   /* messages a second over all stations; 0: each station as soon as it is confirmed */
    bool flooding; /* the last station awaits no confirms and sends as fast as its socket takes it */
};

enum load_count {
    LOAD_CONNECTED,   /* now */
    LOAD_READY,       /* now: integrity poll answered, unsolicited responses enabled */
    LOAD_SENT,        /* unsolicited responses, without floods */
    LOAD_SENT_OCTETS, /* in those */
    LOAD_CONFIRMED,
    LOAD_WRONG,    /* confirms that were not awaited or have a wrong SEQ or no UNS; frames of no use */
    LOAD_BAD_CRC,  /* frames that were damaged */
    LOAD_REPEATED, /* after 5 s without a confirm */
    LOAD_SKIPPED,  /* times when a paced message was due and all stations still awaited a confirm */
    LOAD_FLOODED_OCTETS,
    LOAD_EVENT_POLLS,
    LOAD_POLLS_ON_TIME, /* event polls within 10 % of their period after the one before */
    LOAD_POLLS_OFF_TIME,
    LOAD_INTEGRITY_POLLS,
    LOAD_COUNTS
};

struct load_shared;

struct load {
    pid_t pid;
    uint16_t port;
    struct load_shared *shared;
};

/* False with a line on stderr. */
bool load_start(struct load *load, const struct load_spec *spec);
/* Returns when the stations act on it. */
void load_order(struct load *load, const struct load_order *order);
uint64_t load_count(const struct load *load, enum load_count count);
/* From an unsolicited response sent to its confirm read, without the flooding station; grows. */
const struct histogram *load_answers(const struct load *load);
void load_stop(struct load *load);

#endif
