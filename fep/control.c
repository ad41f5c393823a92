// SPDX-License-Identifier: Apache-2.0
#include "fep/control.h"

#include "fep/io/clock.h"

#include <signal.h>

static void control_raised(int signal_number, short what, void *context)
{
    (void)what;
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
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (!loop_signal_start(loop, &c->signals[i], signals[i], control_raised, c))
            return false;
    return true;
}

void control_stop(struct control *c)
{
    for (size_t i = 0; i < sizeof(c->signals) / sizeof(c->signals[0]); i++)
        loop_watch_stop(&c->signals[i]);
}
