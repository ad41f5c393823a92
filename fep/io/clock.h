// SPDX-License-Identifier: Apache-2.0
/*
 * The machine's clocks. Monotonic time (now) and wall time never mix.
 */
#ifndef FEP_IO_CLOCK_H
#define FEP_IO_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

int64_t clock_now_ms(void);  /* monotonic */
int64_t clock_now_us(void);  /* monotonic */
int64_t clock_wall_ms(void); /* since 1970-01-01 UTC */

/*
 * True while the kernel says that the wall clock is disciplined (adjtimex without STA_UNSYNC), asked at most
 * once in ten seconds. Zeroed before the first use; one thread.
 */
struct clock_trust {
    int64_t ask_again_ms;
    bool disciplined;
};
bool clock_trust(struct clock_trust *t, int64_t now_ms);
/* False where the kernel refuses to say: a filter of system calls, most likely. Then no clock is trusted. */
bool clock_is_told(void);

#endif
