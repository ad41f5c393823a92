// SPDX-License-Identifier: Apache-2.0
/*
 * A thread's event loop: which descriptors are ready, thin over epoll. The owner runs it turn by turn, so
 * that it can do its own things between two turns:
 *
 *     struct loop *loop = loop_open();
 *     const struct loop_kind kind = {loop, on_ready};
 *     loop_watch_start(&kind, &w, fd, LOOP_READ);
 *     while (!done) loop_turn(loop, wait_ms);
 *
 * Everything here belongs to the thread that runs the loop. Watches are level-triggered and live in their
 * owner's memory: a descriptor costs one struct loop_watch and nothing else in user space.
 */
#ifndef FEP_IO_LOOP_H
#define FEP_IO_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOOP_READ = 1, LOOP_WRITE = 2 };

/* A turn serves at most so many descriptors; the others that are ready come first in the next one. */
enum { LOOP_READY_MAX = 1024 };

struct loop;

struct loop_watch;

/* What thousands of watches have in common; outlives them. */
struct loop_kind {
    struct loop *loop;
    /* Gets LOOP_READ and LOOP_WRITE as they apply; both where the descriptor has failed. It may stop its own
     * and any other watch, and free what was stopped: nothing that was ready before is told of it then. */
    void (*ready)(struct loop_watch *w, unsigned what);
};

struct loop_watch {
    const struct loop_kind *kind;
    int fd;
    uint8_t interest;
    bool started;
};

/* Where a watch lies in its owner: LOOP_OWNER(w, struct owner, its_watch). */
#define LOOP_OWNER(w, type, member) ((type *)(void *)((char *)(w)-offsetof(type, member)))

struct loop *loop_open(void); /* NULL with errno */
void loop_close(struct loop *loop);

/* Waits until something is ready, but at most wait_ms (0: not at all; negative: without limit), and calls the
 * handlers of what is. */
void loop_turn(struct loop *loop, int64_t wait_ms);

bool loop_watch_start(const struct loop_kind *kind, struct loop_watch *w, int fd,
                      int interest); /* or errno */
/* Another interest, 0 included; the rest stays as it was started. False with errno. */
bool loop_watch_change(struct loop_watch *w, int interest);
/* Before the descriptor is closed; also where it was stopped before, or is all zeros. */
void loop_watch_stop(struct loop_watch *w);

/* Accepts a connection and closes it, with a descriptor that is kept for the case that none is left. */
void loop_refuse(struct loop *loop, int listening_fd);

/* Signals of the process; one of these in the process at a time. */
struct loop_signals {
    struct loop_kind kind;
    struct loop_watch watch;
    sigset_t before; /* the thread's mask */
    void (*raised)(int signal_number, void *context);
    void *context;
};

/* They are blocked in the calling thread, and must be in all others. `raised` gets the number of each. All
 * zeros before. False with errno. */
bool loop_signals_start(struct loop *loop, struct loop_signals *s, const int *numbers, size_t len,
                        void (*raised)(int signal_number, void *context), void *context);
void loop_signals_stop(struct loop_signals *s); /* also where they were not started */

#endif
