// SPDX-License-Identifier: Apache-2.0
/*
 * Accepts TCP connections on one address. Loop thread only.
 */
#ifndef FEP_IO_LISTENER_H
#define FEP_IO_LISTENER_H

#include "fep/io/loop.h"

struct listener {
    struct loop_kind kind;
    struct loop_watch watch;                 /* and the descriptor */
    void (*accepted)(void *context, int fd); /* the descriptor is non-blocking and the receiver's */
    void *context;
};

/* An IPv4 or IPv6 address; port 0: any free one. False with errno. */
bool listener_open(struct listener *l, struct loop *loop, const char *host, uint16_t port,
                   void (*accepted)(void *context, int fd), void *context);
uint16_t listener_port(const struct listener *l);
void listener_close(struct listener *l); /* also where it is closed or all zeros */

#endif
