// SPDX-License-Identifier: Apache-2.0
#include "fep/io/connection.h"
#include "fep/io/address.h"

#include <assert.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>

/* A pooled buffer with octets that the kernel has not taken. */
struct connection_rest {
    struct connection_rest *next;
    size_t at;
    size_t end;
    uint8_t octets[];
};

static void connection_ready(struct loop_watch *w, unsigned what);

struct connection_owner connection_owner(struct loop *loop, struct pool *pool,
                                         void (*happened)(struct connection *c, enum connection_event event,
                                                          int error))
{
    return (struct connection_owner){{loop, connection_ready}, pool, happened};
}

void connection_init(struct connection *c, const struct connection_owner *owner)
{
    assert(owner->pool->size >= 256);
    *c = (struct connection){.watch = {.kind = &owner->kind, .fd = -1}};
}

static const struct connection_owner *connection_owned(const struct connection *c)
{
    return LOOP_OWNER(c->watch.kind, const struct connection_owner, kind);
}

static int connection_interest(const struct connection *c)
{
    return (c->paused ? 0 : LOOP_READ) | (c->rest ? LOOP_WRITE : 0);
}

static void connection_drop_rest(struct connection *c)
{
    while (c->rest) {
        struct connection_rest *gone = c->rest;
        c->rest = gone->next;
        pool_give(connection_owned(c)->pool, gone);
    }
}

void connection_close(struct connection *c)
{
    if (c->state == CONNECTION_CLOSED)
        return;
    loop_watch_stop(&c->watch);
    connection_drop_rest(c);
    close(c->watch.fd);
    c->watch.fd = -1;
    c->state = CONNECTION_CLOSED;
}

static bool connection_begin(struct connection *c, int fd, enum connection_state state)
{
    assert(c->state == CONNECTION_CLOSED);
    const int on = 1;
    c->state = (uint8_t)state;
    c->paused = false;
    c->error = 0;
    /* A socket that is no TCP socket (tests lend a pair) has no such option, and needs none. */
    (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    int interest = state == CONNECTION_CONNECTING ? LOOP_WRITE : LOOP_READ;
    if (loop_watch_start(c->watch.kind, &c->watch, fd, interest))
        return true;
    int why = errno;
    connection_close(c);
    errno = why;
    return false;
}

bool connection_connect(struct connection *c, const char *host, uint16_t port)
{
    struct address a;
    if (!address_parse(&a, host, port))
        return false;
    int fd = socket(a.to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    if (connect(fd, &a.to.any, a.len) < 0 && errno != EINPROGRESS) {
        int error = errno;
        close(fd);
        errno = error;
        return false;
    }
    return connection_begin(c, fd, CONNECTION_CONNECTING);
}

bool connection_adopt(struct connection *c, int fd)
{
    return connection_begin(c, fd, CONNECTION_OPEN);
}

static void connection_settle(struct connection *c)
{
    int error = 0;
    socklen_t len = sizeof(error);
    if (getsockopt(c->watch.fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0)
        error = errno;
    if (!error && !loop_watch_change(&c->watch, LOOP_READ))
        error = ENOMEM;
    if (error) {
        connection_close(c);
        connection_owned(c)->happened(c, CONNECTION_FAILED, error);
        return;
    }
    c->state = CONNECTION_OPEN;
    connection_owned(c)->happened(c, CONNECTION_UP, 0);
}

/* False where the connection has failed; errno says why. */
static bool connection_flush(struct connection *c)
{
    while (c->rest) {
        struct connection_rest *rest = c->rest;
        ssize_t sent = send(c->watch.fd, rest->octets + rest->at, rest->end - rest->at, MSG_NOSIGNAL);
        if (sent < 0)
            return errno == EAGAIN || errno == EINTR;
        rest->at += (size_t)sent;
        if (rest->at < rest->end)
            return true;
        c->rest = rest->next;
        pool_give(connection_owned(c)->pool, rest);
    }
    return true;
}

static void connection_ready(struct loop_watch *w, unsigned what)
{
    struct connection *c = LOOP_OWNER(w, struct connection, watch);
    if (c->state == CONNECTION_CONNECTING) {
        connection_settle(c);
        return;
    }
    if ((what & LOOP_WRITE) && c->rest) {
        if (!connection_flush(c))
            c->error = errno;
        if (c->error) {
            connection_owned(c)->happened(c, CONNECTION_READABLE, 0);
            return;
        }
        if (!c->rest) {
            /* What can be read as well is still there in the next turn: the watch is level-triggered. */
            (void)loop_watch_change(&c->watch, connection_interest(c));
            connection_owned(c)->happened(c, CONNECTION_DRAINED, 0);
            return;
        }
    }
    if (what & LOOP_READ)
        connection_owned(c)->happened(c, CONNECTION_READABLE, 0);
}

ssize_t connection_read(struct connection *c, void *into, size_t room)
{
    assert(c->state == CONNECTION_OPEN);
    if (c->error) {
        errno = c->error;
        return -1;
    }
    ssize_t got = recv(c->watch.fd, into, room, 0);
    if (got > 0)
        return got;
    if (got == 0) {
        errno = 0;
        return -1;
    }
    return errno == EAGAIN || errno == EINTR ? 0 : -1;
}

size_t connection_waiting(const struct connection *c)
{
    size_t sum = 0;
    for (const struct connection_rest *r = c->rest; r; r = r->next)
        sum += r->end - r->at;
    return sum;
}

static void connection_keep(struct connection *c, const uint8_t *octets, size_t len)
{
    const size_t room = connection_owned(c)->pool->size - sizeof(struct connection_rest);
    struct connection_rest **tail = &c->rest;
    while (*tail && (*tail)->next)
        tail = &(*tail)->next;
    while (len) {
        if (!*tail || (*tail)->end == room) {
            if (*tail)
                tail = &(*tail)->next;
            *tail = pool_take(connection_owned(c)->pool);
            **tail = (struct connection_rest){0};
        }
        struct connection_rest *rest = *tail;
        size_t now = len < room - rest->end ? len : room - rest->end;
        memcpy(rest->octets + rest->end, octets, now);
        rest->end += now;
        octets += now;
        len -= now;
    }
}

/* A part may have left, and what was dropped counts as sent to the caller: nothing may follow it. */
static bool connection_fail(struct connection *c, int error)
{
    errno = c->error = error;
    return false;
}

bool connection_write(struct connection *c, const void *octets, size_t len)
{
    assert(c->state == CONNECTION_OPEN);
    if (c->error || len == 0)
        return !c->error;
    ssize_t sent = 0;
    bool waited = c->rest != NULL;
    if (!waited) {
        sent = send(c->watch.fd, octets, len, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN && errno != EINTR)
            return connection_fail(c, errno);
        if (sent < 0)
            sent = 0;
        if ((size_t)sent == len)
            return true;
    }
    if (connection_waiting(c) + len - (size_t)sent > CONNECTION_WAITING_MAX)
        return connection_fail(c, ENOBUFS);
    connection_keep(c, (const uint8_t *)octets + sent, len - (size_t)sent);
    return waited || loop_watch_change(&c->watch, connection_interest(c)) || connection_fail(c, errno);
}

void connection_pause(struct connection *c, bool paused)
{
    if (c->state != CONNECTION_OPEN || c->paused == paused)
        return;
    c->paused = paused;
    (void)loop_watch_change(&c->watch, connection_interest(c));
}

void connection_shut(struct connection *c)
{
    if (c->state == CONNECTION_OPEN)
        (void)shutdown(c->watch.fd, SHUT_WR);
}
