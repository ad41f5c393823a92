// SPDX-License-Identifier: Apache-2.0
/*
 * A consumer as it should be: it keeps the cursor of the last event that it has written, and when the
 * connection ends, whyever, it comes back with that cursor. Nothing is lost and nothing is written twice.
 */
#include "tools/follow/follow.h"
#include "tools/follow/events.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

/* The heartbeat comes every 15 s: three that stay away are a connection that is dead. */
enum { READ_OCTETS = 65536, SILENCE_MS = 45000, PAUSE_MIN_MS = 50, PAUSE_MAX_MS = 2000 };

struct follower {
    struct follow_options *options;
    struct events events;
    int fd;
    int pause_ms;
    int status; /* what to exit with; EX_OK: go on */
    bool lost;  /* and it was said that nobody answers */
};

bool follow_wait(int signals, int fd, int timeout_ms)
{
    struct pollfd set[] = {{.fd = signals, .events = POLLIN}, {.fd = fd, .events = POLLIN}};
    int ready = poll(set, 2, timeout_ms);
    return ready > 0 && !set[0].revents && set[1].revents;
}

bool follow_stopped(int signals)
{
    struct pollfd set = {.fd = signals, .events = POLLIN};
    return poll(&set, 1, 0) > 0;
}

/* Octets into the buffer; 0 at the end of the connection, whatever ended it. */
static size_t read_more(struct follower *f)
{
    if (!follow_wait(f->options->signals, f->fd, SILENCE_MS))
        return 0;
    ssize_t got = recv(f->fd, events_room(&f->events, READ_OCTETS + 1), READ_OCTETS, 0);
    if (got <= 0)
        return 0;
    events_took(&f->events, (size_t)got);
    return (size_t)got;
}

/* True once the events begin. */
static bool read_head(struct follower *f)
{
    int code = 0;
    long len = 0;
    while (len == 0) {
        if (read_more(f) == 0)
            return false;
        f->events.text[f->events.len] = 0;
        len = http_head(f->events.text, &code);
    }
    if (len > 0 && code == 200) {
        f->events.start = f->events.scanned = (size_t)len;
        return true;
    }
    if (len < 0 || (code >= 400 && code < 500)) {
        while (read_more(f) > 0)
            ;
        f->events.text[f->events.len] = 0;
        fprintf(stderr, "fepfollow: the server refuses: %d\n%s", code, f->events.text + (len > 0 ? len : 0));
        f->status = EX_PROTOCOL;
    }
    return false;
}

static void take(struct follower *f, const struct event *event)
{
    if (strcmp(event->name, "gap") == 0)
        fprintf(stderr, "fepfollow: gap: %s\n", event->data);
    else if (strcmp(event->name, "event") == 0 || strcmp(event->name, "hole") == 0)
        fprintf(f->options->out, "%s\n", event->data);
    if (*event->id && strlen(event->id) < CURSOR_ROOM)
        memcpy(f->options->cursor, event->id, strlen(event->id) + 1);
}

static void read_events(struct follower *f)
{
    do {
        for (struct event event; events_next(&f->events, &event); f->pause_ms = PAUSE_MIN_MS)
            take(f, &event);
        if (fflush(f->options->out) != 0) {
            fprintf(stderr, "fepfollow: what came can't be written: %s\n", strerror(errno));
            f->status = EX_IOERR;
        }
    } while (f->status == EX_OK && read_more(f) > 0);
}

int follow_run(struct follow_options *options)
{
    struct follower f = {.options = options, .pause_ms = PAUSE_MIN_MS};
    while (f.status == EX_OK && !follow_stopped(options->signals)) {
        char headers[CURSOR_ROOM + 32] = "";
        if (*options->cursor)
            snprintf(headers, sizeof headers, "Last-Event-ID: %s\r\n", options->cursor);
        events_clear(&f.events);
        f.fd = http_get(&options->server, options->path, headers);
        if (f.fd < 0 && !f.lost)
            fprintf(stderr, "fepfollow: no answer: %s; it is tried again\n", strerror(errno));
        f.lost = f.fd < 0;
        if (f.fd >= 0) {
            if (read_head(&f))
                read_events(&f);
            close(f.fd);
        }
        if (f.status == EX_OK)
            (void)follow_wait(options->signals, -1, f.pause_ms);
        f.pause_ms = f.pause_ms * 2 < PAUSE_MAX_MS ? f.pause_ms * 2 : PAUSE_MAX_MS;
    }
    events_free(&f.events);
    return f.status;
}
