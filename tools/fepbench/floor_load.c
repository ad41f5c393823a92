// SPDX-License-Identifier: Apache-2.0
/* The stations' ends of the floor: each sends as soon as it is answered, or all of them at a common rate. */
#include "tools/fepbench/floor_parts.h"

#include "tools/fepbench/process.h"

#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* One address has some 28,000 ports to connect from; those just closed are not free at once. */
enum { CONNECTIONS_AN_ADDRESS = 5000 };
static const char request[FLOOR_REQUEST_LEN];

static void ask(int fd)
{
    (void)!send(fd, request, sizeof request, MSG_NOSIGNAL);
}

/* Every floor of a run comes from other addresses. */
static struct sockaddr_in address_of(uint32_t i)
{
    uint32_t host = (((uint32_t)getpid() & 0x7FFF) + 1) << 8 | (i / CONNECTIONS_AN_ADDRESS + 1);
    return (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7F000000 | host)};
}

static int connect_one(uint32_t i, const struct sockaddr_in *to)
{
    const int on = 1;
    struct sockaddr_in from = address_of(i);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) ||
        connect(fd, (const struct sockaddr *)to, sizeof *to)) {
        perror("fepbench: floor: connect");
        kill(getppid(), SIGTERM);
        _exit(1);
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

static void read_answers(int epoll, bool paced)
{
    struct epoll_event events[FLOOR_EVENTS];
    char octets[4096];
    int len = epoll_wait(epoll, events, FLOOR_EVENTS, paced ? 1 : 100);
    for (int i = 0; i < len; i++) {
        if (recv(events[i].data.fd, octets, sizeof octets, 0) <= 0)
            _exit(0);
        if (!paced)
            ask(events[i].data.fd);
    }
}

_Noreturn void floor_load(const struct floor_spec *spec, struct sockaddr_in to)
{
    bool paced = spec->rate > 0;
    uint64_t sent = 0;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int epoll = epoll_create1(0), *fds = calloc(spec->connections, sizeof *fds);
    if (!fds)
        _exit(1);
    for (uint32_t i = 0; i < spec->connections; i++) {
        fds[i] = connect_one(i, &to);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fds[i]};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event);
    }
    /* The other end has accepted them all. */
    process_sleep_s(1);
    uint64_t begin_ns = process_now_ns();
    for (uint32_t i = 0; !paced && i < spec->connections; i++)
        ask(fds[i]);
    for (;;) {
        read_answers(epoll, paced);
        double due = paced ? (double)(process_now_ns() - begin_ns) * 1e-9 * spec->rate : 0;
        for (; (double)sent < due; sent++)
            ask(fds[sent % spec->connections]);
    }
}
