// SPDX-License-Identifier: Apache-2.0
#include "fep/io/clock.h"

#include <sys/timex.h>
#include <time.h>

enum { TRUST_ASKED_EVERY_MS = 10000 };

static int64_t clock_read_us(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_now_ms(void)
{
    return clock_read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_now_us(void)
{
    return clock_read_us(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void)
{
    return clock_read_us(CLOCK_REALTIME) / 1000;
}

static bool clock_is_disciplined(void)
{
    struct timex t = {0};
    int state = adjtimex(&t);
    return state >= 0 && state != TIME_ERROR && !(t.status & STA_UNSYNC);
}

bool clock_is_told(void)
{
    struct timex t = {0};
    return adjtimex(&t) >= 0;
}

bool clock_trust(struct clock_trust *t, int64_t now_ms)
{
    if (now_ms >= t->ask_again_ms) {
        t->disciplined = clock_is_disciplined();
        t->ask_again_ms = now_ms + TRUST_ASKED_EVERY_MS;
    }
    return t->disciplined;
}
