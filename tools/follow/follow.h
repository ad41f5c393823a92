// SPDX-License-Identifier: Apache-2.0
/* What fepfollow does; main.c reads its command line. */
#ifndef TOOLS_FOLLOW_FOLLOW_H
#define TOOLS_FOLLOW_FOLLOW_H

#include "tools/follow/http.h"

#include <stdio.h>

enum { PATH_ROOM = 1024, CURSOR_ROOM = 64 };

struct follow_options {
    struct http_server server;
    char path[PATH_ROOM];     /* of the stream, with its filters */
    char cursor[CURSOR_ROOM]; /* where to begin; empty: at the oldest */
    FILE *out;
    int signals; /* readable once it is time to stop */
};

/* Until the signal. An exit status (sysexits.h). */
int follow_run(struct follow_options *options);

struct status_options {
    struct http_server server;
    unsigned every_s;
    bool once;
    int signals;
};

/* Until the signal, or once. An exit status: EX_UNAVAILABLE where the only question had no answer. */
int status_run(const struct status_options *options);

/* Waits until `fd` (-1: none) is readable. False after that time, and where `signals` is. */
bool follow_wait(int signals, int fd, int timeout_ms);
bool follow_stopped(int signals);

#endif
