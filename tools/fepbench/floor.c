// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/floor_parts.h"

#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static bool fail(const char *what)
{
    fprintf(stderr, "fepbench: the floor failed: %s\n", what);
    return false;
}

bool floor_start(struct floor *floor, const struct floor_spec *spec)
{
    int ends[2];
    char connected;
    *floor = (struct floor){0};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return fail("no sockets");
    fflush(NULL);
    floor->pid = fork();
    if (floor->pid == 0) {
        close(ends[0]);
        floor_serve(spec, ends[1]);
    }
    close(ends[1]);
    floor->commands = ends[0];
    return (floor->pid > 0 && read(floor->commands, &connected, 1) == 1) || fail("it does not start");
}

bool floor_measure(struct floor *floor, const struct floor_window *window, struct floor_figures *figures)
{
    return (send(floor->commands, window, sizeof *window, MSG_NOSIGNAL) == (ssize_t)sizeof *window &&
            read(floor->commands, figures, sizeof *figures) == (ssize_t)sizeof *figures) ||
           fail("it ended");
}

void floor_stop(struct floor *floor)
{
    if (floor->pid == 0)
        return;
    shutdown(floor->commands, SHUT_RDWR); /* other children may hold it too */
    close(floor->commands);
    if (floor->pid > 0)
        waitpid(floor->pid, NULL, 0);
    *floor = (struct floor){0};
}
