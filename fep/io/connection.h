// SPDX-License-Identifier: Apache-2.0
/*
 * One TCP connection, out or accepted, without a buffer of its own: octets are read into a lent buffer, and
 * what the kernel does not take at once waits in pooled buffers until it does. At rest it owns its descriptor
 * and one watch.
 *
 *     connection_connect(&c, "192.0.2.7", 20000)         CONNECTION_UP or CONNECTION_FAILED comes later
 *     n = connection_read(&c, buf, room)                 on CONNECTION_READABLE, once or more
 *     connection_write(&c, octets, len)
 *     connection_close(&c)
 *
 * The handler may close the connection, and free its memory as the last thing that it does. Loop thread only.
 */
#ifndef FEP_IO_CONNECTION_H
#define FEP_IO_CONNECTION_H

#include "fep/io/loop.h"
#include "fep/io/pool.h"
#include <stddef.h>
#include <sys/types.h>

/* Octets that may wait for the peer; a peer that reads more slowly is given up. */
enum { CONNECTION_WAITING_MAX = 64 * 1024 };

enum connection_event {
    CONNECTION_UP,       /* the peer has accepted */
    CONNECTION_FAILED,   /* it has not: `error` is the errno; the connection is closed already */
    CONNECTION_READABLE, /* octets, or the end: connection_read() tells */
    CONNECTION_DRAINED   /* what had waited has been handed to the kernel */
};

struct connection;

/* Shared by all connections of an owner: connection_owner() sets it up. */
struct connection_owner {
    struct loop_kind kind; /* how a connection finds it */
    struct pool *pool;     /* at least 256 octets a buffer */
    void (*happened)(struct connection *c, enum connection_event event, int error);
};

struct connection_owner connection_owner(struct loop *loop, struct pool *pool,
                                         void (*happened)(struct connection *c, enum connection_event event,
                                                          int error));

enum connection_state { CONNECTION_CLOSED, CONNECTION_CONNECTING, CONNECTION_OPEN };

struct connection {
    struct loop_watch watch;      /* the owner's kind, and the descriptor */
    struct connection_rest *rest; /* what waits, oldest first; NULL mostly */
    int error;                    /* a write has failed: so does all that follows */
    uint8_t state;                /* enum connection_state */
    bool paused;
};

/* All zeros but the owner; must precede everything else. */
void connection_init(struct connection *c, const struct connection_owner *owner);

/* Begins to connect to an IPv4 or IPv6 address (no names). False with errno where it failed at once; nothing
 * is called then. TCP_NODELAY is set. */
bool connection_connect(struct connection *c, const char *host, uint16_t port);
/* Takes over an accepted descriptor (listener.h). False with errno: the descriptor is closed. */
bool connection_adopt(struct connection *c, int fd);

/* More than 0: octets; 0: nothing now; -1: it has ended, errno says why (0: the peer closed it). */
ssize_t connection_read(struct connection *c, void *into, size_t room);

/* Takes all of it, or says false: the connection has failed, which the next read and write tell too, and the
 * caller closes it. */
bool connection_write(struct connection *c, const void *octets, size_t len);
size_t connection_waiting(const struct connection *c); /* octets not yet taken by the kernel */

/* While paused nothing is read and no end is noticed. */
void connection_pause(struct connection *c, bool paused);
/* Nothing more will be written; reading goes on until the peer closes too. */
void connection_shut(struct connection *c);
void connection_close(struct connection *c); /* also where it is closed */

#endif
