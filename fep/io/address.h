// SPDX-License-Identifier: Apache-2.0
/*
 * An IP address in text and a port, as the system wants them. Names are not looked up.
 */
#ifndef FEP_IO_ADDRESS_H
#define FEP_IO_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <sys/socket.h>

struct address {
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } to;
    socklen_t len;
};

/* False with errno EINVAL where it is no address. */
bool address_parse(struct address *a, const char *host, uint16_t port);

#endif
