// SPDX-License-Identifier: Apache-2.0
/*
 * Lines for operators on standard error: logfmt or JSON, one write(2) each, so that lines of several threads
 * never mix. Any thread; the struct is set up before they start, and only its level and format change later.
 * Whoever reads a pipe or socket and comes to a stand holds nobody up: lines that it does not take are lost,
 * and the next one that it takes is followed by their number.
 *
 *     LOG(log, LOG_LEVEL_WARNING, "connect_failed", "station can't be reached",
 *         log_text("station", name), log_number("port", 20000));
 *     time=2026-01-02T03:04:05.678Z level=warning event=connect_failed msg="station can't be reached" …
 *
 * `event` is for machines and never changes; the text is for people.
 */
#ifndef FEP_LOG_H
#define FEP_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_LOGFMT, LOG_FORMAT_JSON };

struct log {
    int fd;
    bool journald; /* begin each line with its priority, as journald takes it: <4> */
    bool is_socket;
    bool may_wait;         /* the pipe of another user: asked for room before each line */
    _Atomic uint32_t lost; /* lines, since the last one that was taken */
    _Atomic uint8_t level;
    _Atomic uint8_t format;
};

struct log_field {
    const char *key;
    const char *text; /* NULL: the number is meant */
    int64_t number;
};

static inline struct log_field log_text(const char *key, const char *text)
{
    return (struct log_field){key, text ? text : "", 0};
}

static inline struct log_field log_number(const char *key, int64_t number)
{
    return (struct log_field){key, NULL, number};
}

void log_init(struct log *log, int fd, enum log_level level, enum log_format format, bool journald);
bool log_wants(const struct log *log, enum log_level level);
void log_write(struct log *log, enum log_level level, const char *event, const char *text,
               const struct log_field *fields, size_t len);
/* The line as it would be written, its end of line included; at most room octets, never terminated by 0.
 * Fields that do not fit are left out. */
size_t log_format_line(char *into, size_t room, enum log_format format, int64_t wall_ms, enum log_level level,
                       const char *event, const char *text, const struct log_field *fields, size_t len);
bool log_level_parse(const char *name, enum log_level *level);

#define LOG(log, level, event, text, ...)                                                                    \
    log_write(log, level, event, text, (const struct log_field[]){__VA_ARGS__},                              \
              sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/* At most so many lines a minute about one thing. Zeroed before the first use. */
struct log_gate {
    uint32_t minute_ends_s;
    uint16_t lines;
    uint16_t suppressed; /* since the last line that passed; no more are counted than fit */
};

/* True where a line may pass; *suppressed tells how many have not since the last one. `now_ms` is monotonic;
 * per_minute 0: no limit, and so is what exceeds 16 bits. */
bool log_gate_pass(struct log_gate *gate, int64_t now_ms, uint32_t per_minute, uint32_t *suppressed);

#endif
