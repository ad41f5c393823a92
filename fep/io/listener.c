// SPDX-License-Identifier: Apache-2.0
#include "fep/io/listener.h"
#include "fep/io/address.h"

#include <errno.h>
#include <unistd.h>

/* A turn takes at most so many: those that are connected already must not wait for all the others. */
enum { ACCEPTS_A_TURN = 64 };

static void listener_ready(struct loop_watch *w, unsigned what)
{
    (void)what;
    struct listener *l = LOOP_OWNER(w, struct listener, watch);
    int fd = w->fd;
    for (int i = 0; i < ACCEPTS_A_TURN && w->started; i++) {
        int accepted = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (accepted < 0) {
            /* Left in the queue it would make the loop spin. */
            if (errno == EMFILE || errno == ENFILE)
                loop_refuse(l->kind.loop, fd);
            return;
        }
        l->accepted(l->context, accepted);
    }
}

bool listener_open(struct listener *l, struct loop *loop, const char *host, uint16_t port,
                   void (*accepted)(void *context, int fd), void *context)
{
    *l = (struct listener){.kind = {loop, listener_ready}, .accepted = accepted, .context = context};
    struct address a;
    if (!address_parse(&a, host, port))
        return false;
    const int on = 1;
    int fd = socket(a.to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(fd, &a.to.any, a.len) < 0 || listen(fd, SOMAXCONN) < 0 ||
        !loop_watch_start(&l->kind, &l->watch, fd, LOOP_READ)) {
        int error = errno;
        close(fd);
        errno = error;
        return false;
    }
    return true;
}

uint16_t listener_port(const struct listener *l)
{
    struct address a = {.len = sizeof(a.to)};
    if (getsockname(l->watch.fd, &a.to.any, &a.len) < 0)
        return 0;
    return ntohs(a.to.any.sa_family == AF_INET6 ? a.to.v6.sin6_port : a.to.v4.sin_port);
}

void listener_close(struct listener *l)
{
    if (!l->watch.started)
        return;
    loop_watch_stop(&l->watch);
    close(l->watch.fd);
}
