// SPDX-License-Identifier: Apache-2.0
/*
 * A whole world from one seed: outstations, a network that delays, splits and cuts, sessions, committer and
 * store on a disk that loses power; time is a number. Nothing in it is a thread, so a seed that fails fails
 * again.
 *
 *     struct world *w = world_new(&(struct world_options){.seed = 42});
 *     world_run(w);                     events, faults, repair, until all is quiet
 *     world_account(w, &tally);         what was generated against what is stored
 *     world_free(w);
 */
#ifndef SIMULATION_WORLD_H
#define SIMULATION_WORLD_H

#include "tools/account/compare.h"

#include <stdbool.h>
#include <stdint.h>

struct world_options {
    uint64_t seed;
    uint32_t events;   /* at least so many */
    bool doubt_off;    /* control: the in-doubt rule is switched off */
    bool hasty;        /* control: confirms do not wait for the commit */
    bool verbose;      /* tells each fault */
    uint32_t commands; /* that an operator asks for */
    bool rash;         /* control: commands do not wait for their record */
};

struct world_report {
    uint64_t events;
    uint64_t faults;
    uint64_t kills;
    uint64_t power_cuts;
    uint64_t commits;
    uint64_t buffered_at_end;
};

struct world;

struct world *world_new(const struct world_options *options);
void world_run(struct world *w);
void world_account(struct world *w, struct tally *tally);

/* What was asked for, what the audit says, and what the outstations did. */
struct command_tally {
    uint64_t asked;
    uint64_t recorded;
    uint64_t operated; /* by outcome: the station accepted it */
    uint64_t unknown;
    uint64_t feedback; /* shown, or missing */
    uint64_t others;
    uint64_t acted; /* by the outstations */
    /* All of these must be 0. */
    uint64_t twice;
    uint64_t against_outcome; /* acted although the outcome says no, or did not although it says yes */
    uint64_t unrecorded;      /* acted without any record */
    uint64_t without_end;
    uint64_t several_ends;
    uint64_t broken_chain;
};
void world_account_commands(struct world *w, struct command_tally *tally);
const struct world_report *world_report(const struct world *w);
void world_free(struct world *w);

#endif
