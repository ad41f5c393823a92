// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/floor_parts.h"

#include "tools/fepbench/process.h"

#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static const double WARM_UP_S = 1, CALM_S = 0.2;

/* Where the measured seconds began. */
struct mark {
    struct rusage usage;
    uint64_t messages, commits;
};

static double seconds_of(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec * 1e-6;
}

static struct mark mark_now(const struct floor_process *f)
{
    struct mark m = {.messages = f->messages, .commits = f->commits};
    getrusage(RUSAGE_SELF, &m.usage);
    return m;
}

static void answer(struct floor_process *f, const struct floor_held *held)
{
    static const char octets[FLOOR_ANSWER_LEN];
    if (send(held->fd, octets, sizeof octets, MSG_NOSIGNAL) != sizeof octets)
        return;
    histogram_add(&f->delay, process_now_ns() - held->read_ns);
    f->messages += held->requests;
}

static void answer_stored(struct floor_process *f)
{
    struct floor_ring *ring = &f->to_answer;
    uint64_t count;
    if (read(ring->wake, &count, sizeof count) < 0)
        return;
    unsigned head = atomic_load(&ring->head), tail = atomic_load(&ring->tail);
    for (; head != tail; head++)
        answer(f, &ring->held[head % FLOOR_RING]);
    atomic_store(&ring->head, head);
}

static void take(struct floor_process *f, int fd, unsigned *tail)
{
    char octets[4096];
    ssize_t got = recv(fd, octets, sizeof octets, 0);
    if (got <= 0)
        return;
    struct floor_held held = {fd, (unsigned)got / FLOOR_REQUEST_LEN, process_now_ns()};
    if (f->spec.commit)
        f->to_store.held[(*tail)++ % FLOOR_RING] = held;
    else
        answer(f, &held);
}

/* One turn: everything readable is read, then the store is woken once. */
static void turn(struct floor_process *f)
{
    struct epoll_event events[FLOOR_EVENTS];
    int len = epoll_wait(f->epoll, events, FLOOR_EVENTS, 50);
    unsigned first = atomic_load(&f->to_store.tail), tail = first;
    const uint64_t one = 1;
    for (int i = 0; i < len; i++) {
        if (events[i].data.fd == f->to_answer.wake)
            answer_stored(f);
        else
            take(f, events[i].data.fd, &tail);
    }
    if (tail == first)
        return;
    atomic_store(&f->to_store.tail, tail);
    if (write(f->to_store.wake, &one, sizeof one) < 0)
        abort();
}

static void turns(struct floor_process *f, double seconds)
{
    uint64_t end_ns = process_now_ns() + (uint64_t)(seconds * 1e9);
    while (process_now_ns() < end_ns)
        turn(f);
}

static void order(struct floor_process *f, double rate)
{
    f->orders->rate = rate;
    atomic_fetch_add(&f->orders->orders, 1);
}

static struct floor_figures measure(struct floor_process *f, const struct floor_window *w)
{
    order(f, w->rate);
    turns(f, WARM_UP_S);
    histogram_between(&f->delay, &f->delay, &f->delay);
    struct mark before = mark_now(f);
    turns(f, w->seconds);
    struct mark after = mark_now(f);
    order(f, FLOOR_QUIET);
    turns(f, CALM_S);
    double messages = (double)(after.messages - before.messages);
    double user_s = seconds_of(after.usage.ru_utime) - seconds_of(before.usage.ru_utime);
    double system_s = seconds_of(after.usage.ru_stime) - seconds_of(before.usage.ru_stime);
    return (struct floor_figures){.messages_per_s = messages / w->seconds,
                                  .cpu_us = (user_s + system_s) * 1e6 / messages,
                                  .user_us = user_s * 1e6 / messages,
                                  .system_us = system_s * 1e6 / messages,
                                  .p50_us = histogram_us(&f->delay, 0.5),
                                  .p99_us = histogram_us(&f->delay, 0.99),
                                  .messages_per_commit = messages / (double)(after.commits - before.commits)};
}

static void watch(const struct floor_process *f, int fd)
{
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &event);
}

static bool accept_all(const struct floor_process *f, int listener)
{
    const int on = 1;
    for (uint32_t i = 0; i < f->spec.connections; i++) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
        if (fd < 0) {
            perror("fepbench: floor: accept");
            return false;
        }
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        watch(f, fd);
    }
    return true;
}

static int listen_any(struct sockaddr_in *at)
{
    socklen_t len = sizeof *at;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    *at = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (bind(fd, (struct sockaddr *)at, sizeof *at) || listen(fd, 4096) ||
        getsockname(fd, (struct sockaddr *)at, &len)) {
        perror("fepbench: floor: listen");
        return -1;
    }
    return fd;
}

/* In the child too, where it never returns. */
static pid_t start_stations(const struct floor_process *f, int listener, struct sockaddr_in at, int commands)
{
    pid_t stations = fork();
    if (stations == 0) {
        close(listener);
        close(commands);
        floor_load(&f->spec, at, f->orders);
    }
    return stations;
}

static bool start(struct floor_process *f, int commands)
{
    struct sockaddr_in at;
    pthread_t store;
    int listener = listen_any(&at);
    f->orders = mmap(NULL, sizeof *f->orders, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (listener < 0 || f->orders == MAP_FAILED || start_stations(f, listener, at, commands) < 0)
        return false;
    f->epoll = epoll_create1(0);
    f->to_store.wake = eventfd(0, 0);
    f->to_answer.wake = eventfd(0, EFD_NONBLOCK);
    watch(f, f->to_answer.wake);
    return accept_all(f, listener) && (!f->spec.commit || pthread_create(&store, NULL, floor_store, f) == 0);
}

_Noreturn void floor_serve(const struct floor_spec *spec, int commands)
{
    struct floor_process *f = aligned_alloc(_Alignof(struct floor_process), sizeof *f);
    struct floor_window window;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!f)
        _exit(1);
    memset(f, 0, sizeof *f);
    f->spec = *spec;
    snprintf(f->database, sizeof f->database, "%s/floor-%d.db", spec->folder, (int)getpid());
    bool ok = start(f, commands) && write(commands, "", 1) == 1;
    while (ok && read(commands, &window, sizeof window) == (ssize_t)sizeof window) {
        struct floor_figures figures = measure(f, &window);
        ok = write(commands, &figures, sizeof figures) == (ssize_t)sizeof figures;
    }
    floor_store_remove(f->database);
    /* The storing thread may be anywhere; the stations' process goes with this one. */
    _exit(ok ? 0 : 1);
}
