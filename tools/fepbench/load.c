// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/load_parts.h"

#include "tools/fepbench/process.h"

#include <arpa/inet.h>
#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* On all addresses, since loopback has 16 million and a socket listens on one or all; calls to others than
 * the stations' are closed at once. */
static int listen_any(uint16_t *port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_ANY)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, 4096) ||
        getsockname(fd, (struct sockaddr *)&at, &len)) {
        perror("fepbench: load: listen");
        return -1;
    }
    *port = ntohs(at.sin_port);
    return fd;
}

static _Noreturn void load_process(const struct load_spec *spec, struct load_shared *shared, int listener)
{
    struct load_process *l = calloc(1, sizeof *l);
    struct load_station *stations = calloc(spec->stations, sizeof *stations);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    assert(l && stations);
    *l = (struct load_process){.spec = *spec,
                               .shared = shared,
                               .epoll = epoll_create1(0),
                               .listener = listener,
                               .stations = stations};
    for (uint32_t i = 0; i < spec->stations; i++) {
        stations[i].fd = -1;
        stations[i].restarted = true;
    }
    frames_answers_make(&l->answers, spec->points);
    for (size_t i = 0; i < LOAD_SETS_MAX; i++)
        if (spec->set[i].values)
            frames_unsolicited_make(&l->sets[i], spec->set[i].values, spec->set[i].kind);
    load_loop(l);
}

bool load_start(struct load *load, const struct load_spec *spec)
{
    int listener = listen_any(&load->port);
    if (listener < 0)
        return false;
    load->shared =
        mmap(NULL, sizeof *load->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert(load->shared != MAP_FAILED);
    fflush(NULL);
    load->pid = fork();
    if (load->pid == 0)
        load_process(spec, load->shared, listener);
    close(listener);
    return load->pid > 0;
}

void load_order(struct load *load, const struct load_order *order)
{
    load->shared->order = *order;
    uint32_t orders = atomic_fetch_add_explicit(&load->shared->orders, 1, memory_order_release) + 1;
    while (atomic_load_explicit(&load->shared->taken, memory_order_acquire) != orders &&
           process_alive(load->pid))
        process_sleep_s(0.001);
}

uint64_t load_count(const struct load *load, enum load_count count)
{
    return atomic_load_explicit(&load->shared->counts[count], memory_order_relaxed);
}

const struct histogram *load_answers(const struct load *load)
{
    return &load->shared->answers;
}

void load_stop(struct load *load)
{
    kill(load->pid, SIGKILL);
    waitpid(load->pid, NULL, 0);
    munmap(load->shared, sizeof *load->shared);
}
