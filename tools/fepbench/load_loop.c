// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/load_parts.h"

#include "tools/fepbench/process.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 512, LISTENER = INT32_MAX, REPEATS_EVERY_NS = 500000000 };

/* The address that was called says which station is meant. */
static struct load_station *station_called(struct load_process *l, int fd)
{
    struct sockaddr_in local = {0};
    socklen_t len = sizeof local;
    if (getsockname(fd, (struct sockaddr *)&local, &len) < 0)
        return NULL;
    uint32_t i = ntohl(local.sin_addr.s_addr) - LOAD_FIRST_ADDRESS;
    return i < l->spec.stations && l->stations[i].fd < 0 ? &l->stations[i] : NULL;
}

static void accept_waiting(struct load_process *l)
{
    const int on = 1;
    for (int fd; (fd = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
        struct load_station *s = station_called(l, fd);
        if (!s) {
            close(fd);
            continue;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        load_station_open(l, s, fd);
    }
}

static void take_order(struct load_process *l)
{
    uint32_t orders = atomic_load_explicit(&l->shared->orders, memory_order_acquire);
    if (orders == l->orders)
        return;
    l->orders = orders;
    l->order = l->shared->order;
    atomic_store_explicit(&l->shared->taken, orders, memory_order_release);
    l->order_ns = process_now_ns();
    l->paced = 0;
    bool at_once = l->order.sending && l->order.rate <= 0 && l->sets[l->order.set].values;
    for (uint32_t i = 0; at_once && i < l->spec.stations; i++)
        if (load_may_send(l, &l->stations[i]))
            load_station_send(l, &l->stations[i]);
    struct load_station *last = &l->stations[l->spec.stations - 1];
    if (l->order.flooding && last->fd >= 0)
        load_station_flood(l, last);
}

/* The next station that awaits nothing; NULL where all do. */
static struct load_station *next_idle(struct load_process *l)
{
    for (uint32_t tried = 0; tried < l->spec.stations; tried++) {
        struct load_station *s = &l->stations[l->next];
        l->next = (l->next + 1) % l->spec.stations;
        if (load_may_send(l, s))
            return s;
    }
    return NULL;
}

static void keep_pace(struct load_process *l)
{
    double due = (double)(process_now_ns() - l->order_ns) * 1e-9 * l->order.rate;
    for (; (double)l->paced < due; l->paced++) {
        struct load_station *s = next_idle(l);
        if (!s) {
            l->paced = (uint64_t)due;
            load_add(l, LOAD_SKIPPED, 1);
            return;
        }
        load_station_send(l, s);
    }
}

static void repeat_unconfirmed(struct load_process *l)
{
    uint64_t now_ns = process_now_ns();
    if (now_ns - l->repeated_ns < REPEATS_EVERY_NS)
        return;
    l->repeated_ns = now_ns;
    for (uint32_t i = 0; i < l->spec.stations; i++)
        load_station_repeat(l, &l->stations[i], now_ns);
}

static void handle(struct load_process *l, const struct epoll_event *event)
{
    if (event->data.u32 == LISTENER) {
        accept_waiting(l);
        return;
    }
    struct load_station *s = &l->stations[event->data.u32];
    if (s->fd >= 0 && event->events & ~(uint32_t)EPOLLOUT)
        load_station_readable(l, s);
    if (s->fd >= 0 && event->events & EPOLLOUT)
        load_station_flood(l, s);
}

_Noreturn void load_loop(struct load_process *l)
{
    struct epoll_event events[EVENTS];
    struct epoll_event listener = {.events = EPOLLIN, .data.u32 = LISTENER};
    epoll_ctl(l->epoll, EPOLL_CTL_ADD, l->listener, &listener);
    for (;;) {
        take_order(l);
        bool paced = l->order.sending && l->order.rate > 0;
        int len = epoll_wait(l->epoll, events, EVENTS, paced ? 1 : 10);
        for (int i = 0; i < len; i++)
            handle(l, &events[i]);
        if (paced)
            keep_pace(l);
        repeat_unconfirmed(l);
    }
}
