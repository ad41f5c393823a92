// SPDX-License-Identifier: Apache-2.0
/*
 * A thread's event loop: which descriptors are ready, thin over libevent. The owner runs it turn by turn, so
 * that it can do its own things between two turns:
 *
 *     struct loop *loop = loop_open();
 *     loop_watch_start(loop, &w, fd, LOOP_READ, on_ready, context);
 *     while (!done) loop_turn(loop, wait_ms);
 *
 * Everything here belongs to the thread that runs the loop. Watches are level-triggered and live in their
 * owner's memory: a descriptor costs one struct loop_watch and nothing else in user space.
 */
#ifndef FEP_IO_LOOP_H
#define FEP_IO_LOOP_H

#include <event2/event.h>
#include <event2/event_struct.h>
#include <stdbool.h>
#include <stdint.h>

enum { LOOP_READ = EV_READ, LOOP_WRITE = EV_WRITE };

struct loop;

struct loop_watch {
    struct event event;
};

struct loop *loop_open(void); /* NULL with errno */
void loop_close(struct loop *loop);

/* Waits until something is ready, but at most wait_ms (0: not at all; negative: without limit), and calls the
 * handlers of what is. */
void loop_turn(struct loop *loop, int64_t wait_ms);

/* `ready` gets the descriptor, LOOP_READ and LOOP_WRITE as they apply, and the context. It may stop its own
 * and any other watch. False with errno. */
bool loop_watch_start(struct loop *loop, struct loop_watch *w, int fd, int interest,
                      void (*ready)(int fd, short what, void *context), void *context);
/* Another interest, 0 included; the rest stays as it was started. */
bool loop_watch_change(struct loop_watch *w, int interest);
void loop_watch_stop(struct loop_watch *w); /* also where it was stopped before, or is all zeros */

/* Accepts a connection and closes it, with a descriptor that is kept for the case that none is left. */
void loop_refuse(struct loop *loop, int listening_fd);

/* A signal of the process; one loop of the process at a time. `raised` gets its number. */
bool loop_signal_start(struct loop *loop, struct loop_watch *w, int signal_number,
                       void (*raised)(int signal_number, short what, void *context), void *context);

#endif
