// SPDX-License-Identifier: Apache-2.0
#include "fep/log.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LINE_MAX_OCTETS = 2048 }; /* below PIPE_BUF: a pipe takes it as a whole */

static const char *const level_names[] = {"error", "warning", "info", "debug"};
static const char level_priorities[] = {'3', '4', '6', '7'};

struct line {
    char *at;
    char *end; /* what is kept free for the end of the line lies behind it */
    bool full;
};

static void line_put(struct line *l, const char *octets, size_t len)
{
    if (l->full || len > (size_t)(l->end - l->at)) {
        l->full = true;
        return;
    }
    memcpy(l->at, octets, len);
    l->at += len;
}

static void line_text(struct line *l, const char *text)
{
    line_put(l, text, strlen(text));
}

/* Quotation marks, backslashes and control characters are escaped as JSON has it, which logfmt readers know
 * too. Everything else passes, UTF-8 included. */
static void line_quoted(struct line *l, const char *text)
{
    line_text(l, "\"");
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        char escaped[8];
        if (c == '"' || c == '\\')
            snprintf(escaped, sizeof(escaped), "\\%c", c);
        else if (c < 0x20 || c == 0x7F)
            snprintf(escaped, sizeof(escaped), "\\u%04x", c);
        else
            snprintf(escaped, sizeof(escaped), "%c", c);
        line_text(l, escaped);
    }
    line_text(l, "\"");
}

static bool is_bare(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c <= ' ' || strchr("\"=\\\x7F", *c))
            return false;
    return *text != 0;
}

static void line_field(struct line *l, enum log_format format, const struct log_field *f, bool first)
{
    char *before = l->at;
    if (format == LOG_FORMAT_JSON) {
        line_text(l, first ? "{" : ",");
        line_quoted(l, f->key);
        line_text(l, ":");
    } else {
        line_text(l, first ? "" : " ");
        line_text(l, f->key);
        line_text(l, "=");
    }
    if (!f->text) {
        char number[24];
        snprintf(number, sizeof(number), "%" PRId64, f->number);
        line_text(l, number);
    } else if (format == LOG_FORMAT_LOGFMT && is_bare(f->text)) {
        line_text(l, f->text);
    } else {
        line_quoted(l, f->text);
    }
    if (l->full)
        l->at = before;
}

static void time_text(char *into, size_t room, int64_t wall_ms)
{
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm tm;
    gmtime_r(&seconds, &tm);
    size_t len = strftime(into, room, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(into + len, room - len, ".%03dZ", (int)(wall_ms % 1000));
}

size_t log_format_line(char *into, size_t room, enum log_format format, int64_t wall_ms, enum log_level level,
                       const char *event, const char *text, const struct log_field *fields, size_t len)
{
    if (room < 3)
        return 0;
    char time[40];
    time_text(time, sizeof(time), wall_ms);
    struct line l = {into, into + room - 2, false};
    const struct log_field head[] = {log_text("time", time), log_text("level", level_names[level]),
                                     log_text("event", event), log_text("msg", text)};
    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
        line_field(&l, format, &head[i], i == 0);
    for (size_t i = 0; i < len; i++)
        line_field(&l, format, &fields[i], false);
    if (format == LOG_FORMAT_JSON)
        *l.at++ = '}';
    *l.at++ = '\n';
    return (size_t)(l.at - into);
}

/* A pipe is opened once more: whether it waits is a property that others who have it open share. */
static int without_waiting(int fd)
{
    char name[32];
    snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
    int own = open(name, O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    return own >= 0 ? own : fd;
}

void log_init(struct log *log, int fd, enum log_level level, enum log_format format, bool journald)
{
    struct stat about = {0};
    (void)fstat(fd, &about);
    log->fd = S_ISFIFO(about.st_mode) ? without_waiting(fd) : fd;
    log->is_socket = S_ISSOCK(about.st_mode);
    log->may_wait = S_ISFIFO(about.st_mode) && log->fd == fd;
    log->journald = journald;
    atomic_init(&log->lost, 0);
    atomic_init(&log->level, (uint8_t)level);
    atomic_init(&log->format, (uint8_t)format);
}

bool log_wants(const struct log *log, enum log_level level)
{
    return level <= atomic_load_explicit(&log->level, memory_order_relaxed);
}

/* False where the line is lost. One of this length is taken wholly or not at all. */
static bool put_line(const struct log *log, enum log_level level, const char *event, const char *text,
                     const struct log_field *fields, size_t len)
{
    char line[LINE_MAX_OCTETS];
    size_t at = 0;
    if (log->journald) {
        line[at++] = '<';
        line[at++] = level_priorities[level];
        line[at++] = '>';
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    at +=
        log_format_line(line + at, sizeof(line) - at,
                        (enum log_format)atomic_load_explicit(&log->format, memory_order_relaxed),
                        (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000, level, event, text, fields, len);
    struct pollfd room = {.fd = log->fd, .events = POLLOUT};
    if (log->may_wait && poll(&room, 1, 0) <= 0)
        return false;
    ssize_t put =
        log->is_socket ? send(log->fd, line, at, MSG_DONTWAIT | MSG_NOSIGNAL) : write(log->fd, line, at);
    return put >= 0;
}

/* A log that can't be written must not stop the work. */
void log_write(struct log *log, enum log_level level, const char *event, const char *text,
               const struct log_field *fields, size_t len)
{
    if (!log_wants(log, level))
        return;
    if (!put_line(log, level, event, text, fields, len)) {
        atomic_fetch_add_explicit(&log->lost, 1, memory_order_relaxed);
        return;
    }
    if (atomic_load_explicit(&log->lost, memory_order_relaxed) == 0)
        return;
    uint32_t lost = atomic_exchange_explicit(&log->lost, 0, memory_order_relaxed);
    const struct log_field count = log_number("lines", lost);
    if (lost &&
        !put_line(log, LOG_LEVEL_WARNING, "lines_lost", "whoever reads the log did not keep up", &count, 1))
        atomic_fetch_add_explicit(&log->lost, lost, memory_order_relaxed);
}

bool log_level_parse(const char *name, enum log_level *level)
{
    for (size_t i = 0; i < sizeof(level_names) / sizeof(level_names[0]); i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

bool log_gate_pass(struct log_gate *gate, int64_t now_ms, uint32_t per_minute, uint32_t *suppressed)
{
    uint32_t now_s = (uint32_t)(now_ms / 1000);
    if (now_s >= gate->minute_ends_s) {
        gate->minute_ends_s = now_s + 60;
        gate->lines = 0;
    }
    if (per_minute && gate->lines >= per_minute) {
        if (gate->suppressed < UINT16_MAX)
            gate->suppressed++;
        return false;
    }
    if (gate->lines < UINT16_MAX)
        gate->lines++;
    *suppressed = gate->suppressed;
    gate->suppressed = 0;
    return true;
}
