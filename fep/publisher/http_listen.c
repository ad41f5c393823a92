// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "fep/io/address.h"

#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

static bool is_loopback(const struct address *a)
{
    if (a->to.any.sa_family == AF_INET6)
        return IN6_IS_ADDR_LOOPBACK(&a->to.v6.sin6_addr);
    return ntohl(a->to.v4.sin_addr.s_addr) >> 24 == 127;
}

static uint16_t bound_port(int fd)
{
    struct address a = {.len = sizeof a.to};
    if (getsockname(fd, &a.to.any, &a.len) < 0)
        return 0;
    return ntohs(a.to.any.sa_family == AF_INET6 ? a.to.v6.sin6_port : a.to.v4.sin_port);
}

/* Connections inherit all of it. The size of the send buffer is what a consumer that stops reading costs in
 * the kernel. */
static bool prepare(int fd, const struct address *a)
{
    int on = 1, octets = SOCKET_OCTETS;
    return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on) == 0 &&
           setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0 &&
           setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &octets, sizeof octets) == 0 &&
           bind(fd, &a->to.any, a->len) == 0 && listen(fd, 128) == 0;
}

int http_listen(const char *host, uint16_t port, bool encrypted, uint16_t *bound, char *error, size_t room)
{
    struct address a;
    if (!address_parse(&a, strcmp(host, "localhost") == 0 ? "127.0.0.1" : host, port)) {
        snprintf(error, room, "the HTTP interface can't listen on '%s': that is no IP address", host);
        return -1;
    }
    if (!encrypted && !is_loopback(&a)) {
        snprintf(error, room,
                 "the HTTP interface can't listen on '%s': without TLS only loopback addresses are allowed "
                 "(127.0.0.1, ::1); fep.api.tls_certificate, tls_key and users make it fit for others",
                 host);
        return -1;
    }
    int fd = socket(a.to.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && prepare(fd, &a)) {
        *bound = bound_port(fd);
        return fd;
    }
    snprintf(error, room, "the HTTP interface can't listen on %s port %u: %s", host, port, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}
