// SPDX-License-Identifier: Apache-2.0
/*
 * Threads: started with a name, perhaps on a core of their own, and joined. Every signal is blocked in them:
 * signals are main's.
 */
#ifndef FEP_IO_THREAD_H
#define FEP_IO_THREAD_H

#include <pthread.h>
#include <stdbool.h>

struct thread {
    pthread_t id;
    void (*run)(void *context);
    void *context;
};

/* `name`: at most 15 octets are shown by the system. core < 0: wherever there is room. False with errno. `t`
 * stays where it is until joined. */
bool thread_start(struct thread *t, const char *name, int core, void (*run)(void *context), void *context);
void thread_join(struct thread *t);
unsigned thread_cores(void); /* that this process may use; at least 1 */

#endif
