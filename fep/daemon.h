// SPDX-License-Identifier: Apache-2.0
/*
 * The whole of fepd: starts everything in one place, runs until it is told to stop, and stops everything in
 * the reverse order.
 *
 * The stages, in the order of their start: plumbing (wakes, mailboxes, main's loop), signals, store, station
 * list (names registered, catalog built), workers' memory, committer's thread, publisher's thread, workers'
 * threads. On SIGTERM the workers get what is held confirmed and disconnect, the publisher ends, the
 * committer stores what is left and the current values: all within five seconds. On SIGHUP the configuration
 * is read again (reload.c).
 */
#ifndef FEP_DAEMON_H
#define FEP_DAEMON_H

#include "config/config.h"
#include "fep/log.h"

struct daemon_options {
    const char *config_path;   /* to be read again on SIGHUP */
    const char *notify_path;   /* of the service manager; NULL where there is none */
    const char *watchdog_usec; /* what it allows between two signs of life; NULL: it does not ask */
    const char *watchdog_pid;
    int log_level; /* enum log_level, goes before the configuration's; < 0: not given */
    /* Tests only. */
    uint32_t hold_confirms_ms; /* confirms leave this much after their commit */
    bool doubt_off;            /* repeats are not recognised: the control experiment of the crash tests */
};

/* Takes over `config`. Returns the exit status (sysexits.h). */
int daemon_run(const struct daemon_options *options, struct config *config, struct log *log);

#endif
