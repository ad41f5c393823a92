// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "fep/io/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static void write_row(struct exchange *x, struct json *j, const struct journal_row *row)
{
    j->comma = false;
    if (x->as_csv) {
        feed_csv_row(&x->p->feed, j, row);
    } else {
        feed_row(&x->p->feed, j, row);
        json_literal(j, "\n");
    }
    x->left--;
}

/* The rows of a span, until the slice is full, the number asked for is reached, or the answer's end. */
static void events_write(struct exchange *x, struct json *j, const struct journal_span *span)
{
    size_t i = 0;
    for (; i < span->len && x->left && j->len < SLICE_OCTETS && span->rows[i].seq <= x->until; i++) {
        x->after = span->rows[i].seq;
        if (journal_passes(x, &span->rows[i]))
            write_row(x, j, &span->rows[i]);
    }
    if (i < span->len && span->rows[i].seq > x->until)
        x->after = x->until; /* what lies between was filtered out */
    else if (i == span->len && x->left)
        x->after = span->scanned_to < x->until ? span->scanned_to : x->until;
}

static enum pump events_end(struct exchange *x, struct json *j)
{
    int64_t next = x->newest_first ? x->until + 1 : x->after;
    if (!x->started) {
        char text[CURSOR_TEXT_MAX];
        cursor_text(&(struct cursor){x->p->feed.journal_id, next}, text);
        evhttp_add_header(evhttp_request_get_output_headers(x->request), "Fep-Next-Cursor", text);
    }
    if (x->as_csv)
        return PUMP_END;
    j->comma = false;
    json_begin(j);
    json_key(j, "next"), feed_cursor(&x->p->feed, j, next);
    json_end(j);
    json_literal(j, "\n");
    return PUMP_END;
}

/* From `after` upwards. False where there is nothing more, or the journal can't be read. */
static bool oldest_first(struct exchange *x, struct json *j)
{
    struct journal_span span;
    if (x->after >= x->until)
        return false;
    x->failed = journal_after(x->p, x->after, &x->filter, &span) != STORE_OK;
    if (x->failed || span.lost_to || span.scanned_to == x->after) /* the next call is told what is lost */
        return false;
    events_write(x, j, &span);
    return true;
}

/* From `until` downwards, as many sequences at a time as one read gives at most. */
static bool newest_first(struct exchange *x, struct json *j)
{
    if (x->until <= x->after)
        return false;
    size_t len = SLICE_ROWS;
    int64_t below = x->until - SLICE_ROWS > x->after ? x->until - SLICE_ROWS : x->after, scanned;
    x->failed = reader_rows(x->p->reader, below, &x->filter, x->p->rows, &len, &scanned) != STORE_OK;
    if (x->failed)
        return false;
    while (len && x->left) {
        const struct journal_row *row = &x->p->rows[--len];
        if (row->seq > x->until)
            continue;
        x->until = row->seq - 1;
        if (journal_passes(x, row))
            write_row(x, j, row);
    }
    if (x->left)
        x->until = below;
    return true;
}

static enum pump events_pump(struct exchange *x, struct json *j)
{
    int64_t enough_us = clock_now_us() + SLICE_US;
    uint32_t left = x->left;
    bool more;
    if (!x->started && x->as_csv)
        feed_csv_head(j);
    do {
        more = x->left && (x->newest_first ? newest_first(x, j) : oldest_first(x, j));
    } while (more && j->len < SLICE_OCTETS && clock_now_us() < enough_us);
    metric_add(&x->p->options.metrics->publisher.events_sent, left - x->left);
    if (x->failed)
        return PUMP_END;
    return more ? PUMP_ON : events_end(x, j);
}

static bool take_limit(struct publisher *p, struct evhttp_request *request, const struct param *limit,
                       uint32_t *number)
{
    *number = limit->value ? 0 : EVENTS_LIMIT;
    if (limit->value == NULL)
        return true;
    const char *at = limit->value;
    for (; *at >= '0' && *at <= '9' && *number <= EVENTS_LIMIT_MAX; at++)
        *number = *number * 10 + (uint32_t)(*at - '0');
    if (*at == '\0' && *number >= 1 && *number <= EVENTS_LIMIT_MAX)
        return true;
    http_problem(p, request, 400, "a number from 1 to 100000 is expected", limit->name, NULL);
    return false;
}

static bool take_cursor(struct publisher *p, struct evhttp_request *request, const struct param *after,
                        const struct journal_bounds *bounds, int64_t *seq)
{
    static const char *const details[] = {
        [CURSOR_OLD] = "events after this cursor have been deleted by retention",
        [CURSOR_AHEAD] = "this cursor is ahead of the newest event",
        [CURSOR_FOREIGN] = "this cursor is of another journal",
    };
    struct cursor cursor = {.journal = bounds->journal_id, .seq = bounds->oldest - 1};
    if (after->value && !cursor_parse(after->value, &cursor)) {
        http_problem(p, request, 400, "a cursor has the form <journal id>-<sequence>", after->name, NULL);
        return false;
    }
    enum cursor_place place = cursor_place(&cursor, bounds);
    *seq = cursor.seq;
    if (place == CURSOR_FINE)
        return true;
    http_problem(p, request, 410, details[place], after->name, bounds);
    return false;
}

/* A time as json_time() writes it, or milliseconds since 1970. */
static bool take_time(struct publisher *p, struct evhttp_request *request, const struct param *given,
                      int64_t *ms)
{
    struct tm tm = {0};
    char *end;
    if (given->value == NULL)
        return true;
    const char *rest = strptime(given->value, "%Y-%m-%dT%H:%M:%S", &tm);
    errno = 0;
    if (rest) {
        unsigned milli = 0;
        int used = 0;
        *ms = (int64_t)timegm(&tm) * 1000;
        if (*rest == '.' && sscanf(rest, ".%3u%n", &milli, &used) == 1 && used == 4)
            rest += used, *ms += milli;
        end = (char *)rest + (*rest == 'Z');
    } else {
        *ms = strtoll(given->value, &end, 10);
    }
    if (errno == 0 && end > given->value && *end == '\0' && *ms > 0)
        return true;
    http_problem(p, request, 400,
                 "a time like 2026-01-31T23:59:59.999Z is expected, or milliseconds since 1970-01-01",
                 given->name, NULL);
    return false;
}

/* One of two words; the first is the default. */
static bool take_word(struct publisher *p, struct evhttp_request *request, const struct param *given,
                      const char *usual, const char *other, bool *is_other)
{
    *is_other = given->value && strcmp(given->value, other) == 0;
    if (given->value == NULL || *is_other || strcmp(given->value, usual) == 0)
        return true;
    char detail[80];
    snprintf(detail, sizeof detail, "%s or %s is expected", usual, other);
    http_problem(p, request, 400, detail, given->name, NULL);
    return false;
}

enum { AFTER, LIMIT, STATION, TYPE, FROM, TO, POINT, ORDER, FORMAT, BEFORE };

/* All but `after`. */
static bool take_wishes(struct publisher *p, struct evhttp_request *request, const struct param *params,
                        struct exchange *wanted)
{
    return take_limit(p, request, &params[LIMIT], &wanted->left) &&
           journal_filter(p, request, &params[STATION], &params[TYPE], &wanted->filter) &&
           take_time(p, request, &params[FROM], &wanted->wish.from_ms) &&
           take_time(p, request, &params[TO], &wanted->wish.to_ms) &&
           journal_point(p, request, &params[POINT], &wanted->wish) &&
           take_word(p, request, &params[ORDER], "oldest", "newest", &wanted->newest_first) &&
           take_word(p, request, &params[FORMAT], "ndjson", "csv", &wanted->as_csv);
}

static bool take_bounds(struct publisher *p, struct evhttp_request *request, const struct param *params,
                        struct exchange *wanted)
{
    struct journal_bounds bounds;
    struct cursor before;
    if (reader_bounds(p->reader, &bounds) != STORE_OK) {
        http_problem(p, request, 503, "the journal can't be read at present", NULL, NULL);
        return false;
    }
    if (bounds.newest > p->newest)
        p->newest = bounds.newest;
    wanted->until = bounds.newest;
    if (!take_cursor(p, request, &params[AFTER], &bounds, &wanted->after))
        return false;
    const char *given = params[BEFORE].value;
    if (given == NULL)
        return true;
    if (!cursor_parse(given, &before) || before.journal != bounds.journal_id) {
        http_problem(p, request, 400, "a cursor of this journal is expected", params[BEFORE].name, NULL);
        return false;
    }
    if (before.seq - 1 < wanted->until)
        wanted->until = before.seq - 1;
    return true;
}

void api_events(struct publisher *p, struct evhttp_request *request, const char *name,
                const struct param *params)
{
    (void)name;
    struct exchange wanted = {0};
    if (!take_bounds(p, request, params, &wanted) || !take_wishes(p, request, params, &wanted))
        return;
    struct exchange *x = exchange_new(p, request);
    x->pump = events_pump;
    x->filter = wanted.filter;
    x->wish = wanted.wish;
    x->newest_first = wanted.newest_first;
    x->as_csv = wanted.as_csv;
    x->after = wanted.after;
    x->until = wanted.until;
    x->left = wanted.left;
    if (x->as_csv)
        evhttp_add_header(evhttp_request_get_output_headers(request), "Content-Disposition",
                          "attachment; filename=\"events.csv\"");
    exchange_start(x, x->as_csv ? "text/csv; charset=utf-8" : "application/x-ndjson");
}
