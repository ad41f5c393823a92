// SPDX-License-Identifier: Apache-2.0
#include "fep/control.h"

#include "fep/io/clock.h"

static void control_raised(int signal_number, void *context)
{
    struct control *c = context;
    if (signal_number == SIGHUP)
        c->reload = true;
    else if (!c->stop) {
        c->stop = true;
        c->stop_ms = clock_now_ms();
    }
}

bool control_start(struct control *c, struct loop *loop)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};
    return loop_signals_start(loop, &c->signals, signals, sizeof(signals) / sizeof(signals[0]),
                              control_raised, c);
}

void control_stop(struct control *c)
{
    loop_signals_stop(&c->signals);
}
