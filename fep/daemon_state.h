// SPDX-License-Identifier: Apache-2.0
/* The memory of the process, main's: seen by daemon.c, daemon_stages.c and reload.c only. */
#ifndef FEP_DAEMON_STATE_H
#define FEP_DAEMON_STATE_H

#include "fep/committer_thread.h"
#include "fep/control.h"
#include "fep/daemon.h"
#include "fep/plan.h"
#include "fep/publisher/publisher.h"
#include "fep/trace.h"
#include "fep/watchdog.h"

struct daemon {
    struct daemon_options options;
    struct log *log;
    struct config *config; /* until the catalog takes it over */
    char *database;        /* these two outlive a reload */
    char *listen_host;

    struct loop *loop;
    struct control control;
    _Atomic bool reload_asked; /* over the API */
    struct watchdog watchdog;
    struct trace_board traces;
    struct wake wake; /* main's own: orders that are done */
    struct loop_kind wake_kind;
    struct loop_watch wake_watch;

    struct store *store;
    int64_t audit_at_start; /* the newest record then: commands of this run have greater numbers */
    struct catalog *catalog;
    struct plan_stations stations;
    uint32_t workers_len;
    struct worker *workers[METRICS_WORKERS_MAX];
    struct committer *committer;
    struct committer_thread *committer_thread;
    struct publisher *publisher;

    struct wake committer_wake;
    struct wake publisher_wake;
    struct mailbox batches[METRICS_WORKERS_MAX];
    struct mailbox requests;
    struct mailbox answers;
    struct mailbox committed;
    size_t started;           /* stages */
    int64_t stop_by_ms;       /* monotonic: the last stages to stop wait no longer */
    int64_t status_due_ms;    /* monotonic: the next word to the service manager */
    int64_t give_back_due_ms; /* monotonic: when free memory goes to the system next */
    struct metrics metrics;
};

void daemon_tell_clock(
    const struct daemon *d); /* a warning where the configuration asks for what the system forbids */
/* Runs main's loop until all of them are done. */
void daemon_await(struct daemon *d, const _Atomic bool *done);
void daemon_committer(struct daemon *d, struct committer_order *order); /* gives it and awaits it */

/* daemon_stages.c */
int daemon_start(struct daemon *d); /* an exit status; daemon_stop() in any case */
void daemon_stop(struct daemon *d); /* what was started, in the reverse order */

/* reload.c */
void reload_tell_errors(struct daemon *d, const struct config_errors *errors);
/* Sends the plan's second half to the workers, what is kept and added, and awaits that it is done. */
void reload_apply(struct daemon *d, struct plan *plan);
/* Reads the configuration again; errors change nothing. */
void reload_run(struct daemon *d);

#endif
