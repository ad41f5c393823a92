// SPDX-License-Identifier: Apache-2.0
/*
 * What goes wrong, decided by the dice: for each fragment that leaves what becomes of its octets, and when
 * the next restart, cut, half-open time or overflow comes. Each fault that happened is counted.
 *
 *     struct fault_plan plan = faults_for_fragment(&f, wire, len);
 *     ... wire may have been changed; send what the plan says ...
 */
#ifndef OUTSTATION_SIM_FAULTS_H
#define OUTSTATION_SIM_FAULTS_H

#include "outstation-sim/random.h"
#include "outstation-sim/scenario.h"
#include "protocol/clock.h"
#include "protocol/link.h"

enum fault {
    FAULT_NO_ANSWER,
    FAULT_LOST_CONFIRM,
    FAULT_WRONG_CRC,
    FAULT_WRONG_SEQUENCE,
    FAULT_DUPLICATE,
    FAULT_RESTART_MID_FRAGMENT,
    FAULT_PARTIAL_WRITE,
    FAULT_RESTART,
    FAULT_OVERFLOW,
    FAULT_CUT,
    FAULT_HALF_OPEN,
    FAULTS
};
const char *fault_name(enum fault fault); /* "no_answer" */

struct faults {
    const struct scenario_faults *settings;
    struct random random;
    uint32_t happened[FAULTS];
};

/* What to do with the octets of one fragment. */
struct fault_plan {
    size_t first; /* octets that leave now; the rest later, or never where `restart` is set */
    bool twice;   /* then all of it once more */
    bool restart;
    bool cut; /* with the restart */
};

void faults_init(struct faults *f, const struct scenario_faults *settings, uint64_t seed, uint32_t station);
/* Whether the station does not hear this frame. */
bool faults_ignore_frame(struct faults *f, const struct link_frame *frame);
/* `wire`: one fragment as link frames, as protocol/transport.h writes it, or a single link frame. */
struct fault_plan faults_for_fragment(struct faults *f, uint8_t *wire, size_t len);

/* How long until the next fault of this kind, from its mean; NEVER_MS where that is 0. */
int64_t faults_wait_ms(struct faults *f, uint32_t mean_ms);
int64_t faults_span_ms(struct faults *f, const struct scenario_span *span);
bool faults_restart_cuts(struct faults *f);
/* Counts one that the caller carries out. */
void faults_count(struct faults *f, enum fault fault);

#endif
