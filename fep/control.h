// SPDX-License-Identifier: Apache-2.0
/*
 * What the operator asks of the process by signals, taken in by main's loop: SIGTERM and SIGINT to stop,
 * SIGHUP to read the configuration again.
 */
#ifndef FEP_CONTROL_H
#define FEP_CONTROL_H

#include "fep/io/loop.h"

struct control {
    struct loop_signals signals;
    bool stop;
    int64_t stop_ms; /* monotonic: when it was asked for; a reload may be under way then */
    bool reload;     /* whoever carries it out clears it */
};

bool control_start(struct control *c, struct loop *loop); /* false with errno */
void control_stop(struct control *c);

#endif
