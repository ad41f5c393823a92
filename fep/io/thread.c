// SPDX-License-Identifier: Apache-2.0
#include "fep/io/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>

unsigned thread_cores(void)
{
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof(set), &set) < 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count > 0 ? (unsigned)count : 1;
}

/* The n-th of those that the process may use: a container's first core need not be core 0. */
static int thread_pin(pthread_attr_t *attributes, int core)
{
    cpu_set_t all, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof(all), &all) < 0 || CPU_COUNT(&all) == 0)
        return EINVAL;
    int wanted = core % CPU_COUNT(&all);
    for (size_t i = 0; i < CPU_SETSIZE; i++) {
        if (CPU_ISSET(i, &all) && wanted-- == 0) {
            CPU_SET(i, &one);
            break;
        }
    }
    return pthread_attr_setaffinity_np(attributes, sizeof(one), &one);
}

static void *thread_body(void *context)
{
    struct thread *t = context;
    t->run(t->context);
    return NULL;
}

bool thread_start(struct thread *t, const char *name, int core, void (*run)(void *context), void *context)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    *t = (struct thread){.run = run, .context = context};
    int error = pthread_attr_init(&attributes);
    if (error) {
        errno = error;
        return false;
    }
    if (core >= 0)
        error = thread_pin(&attributes, core);
    if (!error) {
        /* The new thread inherits the mask: blocked before its first instruction. */
        sigfillset(&all);
        pthread_sigmask(SIG_SETMASK, &all, &before);
        error = pthread_create(&t->id, &attributes, thread_body, t);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    if (!error)
        (void)pthread_setname_np(t->id, name);
    errno = error;
    return !error;
}

void thread_join(struct thread *t)
{
    (void)pthread_join(t->id, NULL);
}
