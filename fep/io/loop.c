// SPDX-License-Identifier: Apache-2.0
#include "fep/io/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct loop {
    struct event_base *base;
    struct event alarm; /* ends a turn in which nothing happens */
    int spare_fd;
};

static void loop_alarm(int fd, short what, void *context)
{
    (void)fd;
    (void)what;
    (void)context;
}

struct loop *loop_open(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    /* One thread owns the loop: libevent's locks would only cost. */
    struct event_config *config = event_config_new();
    if (loop && config && event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK) == 0)
        loop->base = event_base_new_with_config(config);
    if (config)
        event_config_free(config);
    if (!loop || !loop->base) {
        free(loop);
        errno = errno ? errno : ENOMEM;
        return NULL;
    }
    loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    (void)evtimer_assign(&loop->alarm, loop->base, loop_alarm, NULL);
    return loop;
}

void loop_close(struct loop *loop)
{
    if (!loop)
        return;
    (void)event_del(&loop->alarm);
    event_base_free(loop->base);
    if (loop->spare_fd >= 0)
        close(loop->spare_fd);
    free(loop);
}

void loop_turn(struct loop *loop, int64_t wait_ms)
{
    if (wait_ms == 0) {
        /* Once: without it libevent goes on for as long as anything is ready. */
        (void)event_base_loop(loop->base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
        return;
    }
    if (wait_ms > 0) {
        struct timeval wait = {.tv_sec = (time_t)(wait_ms / 1000),
                               .tv_usec = (suseconds_t)(wait_ms % 1000 * 1000)};
        (void)evtimer_add(&loop->alarm, &wait);
    } else {
        (void)evtimer_del(&loop->alarm);
    }
    (void)event_base_loop(loop->base, EVLOOP_ONCE);
}

bool loop_watch_start(struct loop *loop, struct loop_watch *w, int fd, int interest,
                      void (*ready)(int fd, short what, void *context), void *context)
{
    assert(interest);
    return event_assign(&w->event, loop->base, fd, (short)(interest | EV_PERSIST), ready, context) == 0 &&
           event_add(&w->event, NULL) == 0;
}

bool loop_watch_change(struct loop_watch *w, int interest)
{
    struct event_base *base = NULL;
    event_callback_fn ready = NULL;
    void *context = NULL;
    int fd = -1;
    event_get_assignment(&w->event, &base, &fd, NULL, &ready, &context);
    (void)event_del(&w->event);
    if (!interest)
        return true;
    return event_assign(&w->event, base, fd, (short)(interest | EV_PERSIST), ready, context) == 0 &&
           event_add(&w->event, NULL) == 0;
}

void loop_watch_stop(struct loop_watch *w)
{
    if (event_initialized(&w->event))
        (void)event_del(&w->event);
}

bool loop_signal_start(struct loop *loop, struct loop_watch *w, int signal_number,
                       void (*raised)(int signal_number, short what, void *context), void *context)
{
    return evsignal_assign(&w->event, loop->base, signal_number, raised, context) == 0 &&
           event_add(&w->event, NULL) == 0;
}

void loop_refuse(struct loop *loop, int listening_fd)
{
    if (loop->spare_fd >= 0)
        close(loop->spare_fd);
    int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd >= 0)
        close(fd);
    loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}
