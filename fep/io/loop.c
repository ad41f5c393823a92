// SPDX-License-Identifier: Apache-2.0
/*
 * A watch is known to the kernel by its address, so an event that has been fetched may be about a watch that
 * an earlier handler of the turn has stopped, or freed. Stopping one therefore strikes it out of what is left
 * of the turn.
 */
#include "fep/io/loop.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

struct loop {
    int epoll;
    int spare_fd;
    int at, len; /* of `ready`: what the turn has not served yet */
    struct epoll_event ready[LOOP_READY_MAX];
};

struct loop *loop_open(void)
{
    struct loop *loop = calloc(1, sizeof(*loop));
    if (!loop)
        return NULL;
    loop->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (loop->epoll < 0) {
        free(loop);
        return NULL;
    }
    loop->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    return loop;
}

void loop_close(struct loop *loop)
{
    if (!loop)
        return;
    close(loop->epoll);
    if (loop->spare_fd >= 0)
        close(loop->spare_fd);
    free(loop);
}

static unsigned loop_what(uint32_t events)
{
    /* A descriptor that has failed is told as ready: the call that follows gives the reason. */
    if (events & (EPOLLERR | EPOLLHUP))
        return LOOP_READ | LOOP_WRITE;
    return (events & EPOLLIN ? LOOP_READ : 0u) | (events & EPOLLOUT ? LOOP_WRITE : 0u);
}

void loop_turn(struct loop *loop, int64_t wait_ms)
{
    int timeout_ms = wait_ms < 0 ? -1 : wait_ms < INT_MAX ? (int)wait_ms : INT_MAX;
    assert(loop->len == 0);
    int got = epoll_wait(loop->epoll, loop->ready, LOOP_READY_MAX, timeout_ms);
    loop->len = got > 0 ? got : 0;
    for (loop->at = 0; loop->at < loop->len;) {
        const struct epoll_event *event = &loop->ready[loop->at++];
        struct loop_watch *w = event->data.ptr;
        unsigned what = w ? loop_what(event->events) & w->interest : 0;
        if (what)
            w->kind->ready(w, what);
    }
    loop->len = 0;
}

/* epoll tells of failures also where nothing is asked for: without interest it must not know the watch. */
static bool loop_tell(struct loop_watch *w, int interest)
{
    int operation = !interest ? EPOLL_CTL_DEL : w->interest ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    struct epoll_event event = {.data.ptr = w};
    event.events = (interest & LOOP_READ ? EPOLLIN : 0u) | (interest & LOOP_WRITE ? EPOLLOUT : 0u);
    if (epoll_ctl(w->kind->loop->epoll, operation, w->fd, &event) < 0)
        return false;
    w->interest = (uint8_t)interest;
    return true;
}

bool loop_watch_start(const struct loop_kind *kind, struct loop_watch *w, int fd, int interest)
{
    assert(interest);
    *w = (struct loop_watch){.kind = kind, .fd = fd};
    return w->started = loop_tell(w, interest);
}

bool loop_watch_change(struct loop_watch *w, int interest)
{
    assert(w->started);
    return interest == w->interest || loop_tell(w, interest);
}

void loop_watch_stop(struct loop_watch *w)
{
    if (!w->started)
        return;
    if (w->interest)
        (void)loop_tell(w, 0);
    w->interest = 0;
    w->started = false;
    struct loop *loop = w->kind->loop;
    for (int i = loop->at; i < loop->len; i++)
        if (loop->ready[i].data.ptr == w)
            loop->ready[i].data.ptr = NULL;
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
