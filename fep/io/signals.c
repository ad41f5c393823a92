// SPDX-License-Identifier: Apache-2.0
#include "fep/io/loop.h"

#include <errno.h>
#include <pthread.h>
#include <sys/signalfd.h>
#include <unistd.h>

static void signals_ready(struct loop_watch *w, unsigned what)
{
    (void)what;
    struct loop_signals *s = LOOP_OWNER(w, struct loop_signals, watch);
    struct signalfd_siginfo info;
    while (s->watch.started && read(s->watch.fd, &info, sizeof(info)) == (ssize_t)sizeof(info))
        s->raised((int)info.ssi_signo, s->context);
}

bool loop_signals_start(struct loop *loop, struct loop_signals *s, const int *numbers, size_t len,
                        void (*raised)(int signal_number, void *context), void *context)
{
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < len; i++)
        sigaddset(&set, numbers[i]);
    *s = (struct loop_signals){.kind = {loop, signals_ready}, .raised = raised, .context = context};
    int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
    if (fd < 0)
        return false;
    if (!loop_watch_start(&s->kind, &s->watch, fd, LOOP_READ)) {
        int error = errno;
        close(fd);
        errno = error;
        return false;
    }
    (void)pthread_sigmask(SIG_BLOCK, &set, &s->before);
    return true;
}

void loop_signals_stop(struct loop_signals *s)
{
    if (!s->watch.started)
        return;
    loop_watch_stop(&s->watch);
    close(s->watch.fd);
    (void)pthread_sigmask(SIG_SETMASK, &s->before, NULL);
}
