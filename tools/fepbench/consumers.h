// SPDX-License-Identifier: Apache-2.0
/* Consumers of fepd's event stream, in a process of their own: they read and forget. */
#ifndef FEPBENCH_CONSUMERS_H
#define FEPBENCH_CONSUMERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* `stalled` of them ask and never read. Ended with process_stop(). -1 where it can't be started. */
pid_t consumers_start(uint16_t port, unsigned count, unsigned stalled);

#endif
