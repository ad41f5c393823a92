// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/consumers.h"

#include "tools/fepbench/http.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 64, READ_MAX = 1 << 16, PAGE_MAX = 4096, CURSOR_MAX = 80 };

/* Where a consumer begins that wants only what is new. */
static void newest_cursor(uint16_t port, char *cursor, size_t room)
{
    char page[PAGE_MAX];
    cursor[0] = '\0';
    const char *at = http_get(port, "/healthz", page, sizeof page) ? strstr(page, "\"newest\":\"") : NULL;
    if (at)
        snprintf(cursor, room, "%.*s", (int)strcspn(at + 10, "\""), at + 10);
}

static int ask(uint16_t port, const char *cursor)
{
    char path[128];
    snprintf(path, sizeof path, "/v1/stream?after=%s", cursor);
    int fd = http_ask(port, path, "");
    if (fd >= 0)
        return fd;
    perror("fepbench: a consumer");
    _exit(1);
}

static _Noreturn void consume(uint16_t port, unsigned count, unsigned stalled)
{
    static char octets[READ_MAX];
    char cursor[CURSOR_MAX];
    struct epoll_event events[EVENTS];
    int epoll = epoll_create1(0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    newest_cursor(port, cursor, sizeof cursor);
    for (unsigned i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.fd = ask(port, cursor)};
        if (i >= stalled)
            epoll_ctl(epoll, EPOLL_CTL_ADD, event.data.fd, &event);
    }
    for (;;) {
        int len = epoll_wait(epoll, events, EVENTS, -1);
        for (int i = 0; i < len; i++)
            if (recv(events[i].data.fd, octets, sizeof octets, 0) <= 0)
                close(events[i].data.fd);
    }
}

pid_t consumers_start(uint16_t port, unsigned count, unsigned stalled)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        consume(port, count, stalled);
    return pid;
}
