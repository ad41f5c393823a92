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

struct stations {
    uint32_t len;
    int *fds;
    int epoll;
    uint32_t orders; /* the number of the one that is carried out */
    double rate;
    uint64_t begin_ns, sent; /* of it */
    uint32_t next;           /* whose turn it is */
};

static void take_order(struct stations *s, const struct floor_orders *from)
{
    uint32_t orders = atomic_load(&from->orders);
    if (orders == s->orders)
        return;
    s->orders = orders;
    s->rate = from->rate;
    s->begin_ns = process_now_ns();
    s->sent = 0;
    for (uint32_t i = 0; s->rate == 0 && i < s->len; i++)
        ask(s->fds[i]);
}

static void read_answers(const struct stations *s)
{
    struct epoll_event events[FLOOR_EVENTS];
    char octets[4096];
    int len = epoll_wait(s->epoll, events, FLOOR_EVENTS, s->rate > 0 ? 1 : 10);
    for (int i = 0; i < len; i++) {
        if (recv(events[i].data.fd, octets, sizeof octets, 0) <= 0)
            _exit(0);
        if (s->rate == 0)
            ask(events[i].data.fd);
    }
}

static void keep_pace(struct stations *s)
{
    double due = (double)(process_now_ns() - s->begin_ns) * 1e-9 * s->rate;
    for (; (double)s->sent < due; s->sent++) {
        ask(s->fds[s->next]);
        s->next = (s->next + 1) % s->len;
    }
}

static void connect_all(struct stations *s, const struct sockaddr_in *to)
{
    for (uint32_t i = 0; i < s->len; i++) {
        s->fds[i] = connect_one(i, to);
        struct epoll_event event = {.events = EPOLLIN, .data.fd = s->fds[i]};
        epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->fds[i], &event);
    }
}

_Noreturn void floor_load(const struct floor_spec *spec, struct sockaddr_in to,
                          const struct floor_orders *orders)
{
    struct stations s = {.len = spec->connections,
                         .fds = calloc(spec->connections, sizeof *s.fds),
                         .epoll = epoll_create1(0),
                         .rate = FLOOR_QUIET};
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!s.fds)
        _exit(1);
    connect_all(&s, &to);
    for (;;) {
        take_order(&s, orders);
        read_answers(&s);
        keep_pace(&s);
    }
}
