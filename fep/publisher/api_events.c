// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include "fep/io/clock.h"

/* The rows of a span, until the slice is full, the number asked for is reached, or the answer's end. */
static void events_write(struct exchange *x, struct json *j, const struct journal_span *span)
{
    uint32_t left = x->left;
    size_t i = 0;
    for (; i < span->len && x->left && j->len < SLICE_OCTETS && span->rows[i].seq <= x->until; i++) {
        const struct journal_row *row = &span->rows[i];
        x->after = row->seq;
        if (!journal_passes(&x->filter, row))
            continue;
        j->comma = false;
        feed_row(&x->p->feed, j, row);
        json_literal(j, "\n");
        x->left--;
    }
    if (i == span->len && x->left)
        x->after = span->scanned_to < x->until ? span->scanned_to : x->until;
    metric_add(&x->p->options.metrics->publisher.events_sent, left - x->left);
}

static enum pump events_end(struct exchange *x, struct json *j)
{
    if (!x->started) {
        char text[CURSOR_TEXT_MAX];
        cursor_text(&(struct cursor){x->p->feed.journal_id, x->after}, text);
        evhttp_add_header(evhttp_request_get_output_headers(x->request), "Fep-Next-Cursor", text);
    }
    j->comma = false;
    json_begin(j);
    json_key(j, "next"), feed_cursor(&x->p->feed, j, x->after);
    json_end(j);
    json_literal(j, "\n");
    return PUMP_END;
}

static enum pump events_pump(struct exchange *x, struct json *j)
{
    int64_t enough_us = clock_now_us() + SLICE_US;
    do {
        struct journal_span span;
        if (x->left == 0 || x->after >= x->until)
            return events_end(x, j);
        if (journal_after(x->p, x->after, &x->filter, &span) != STORE_OK) {
            x->failed = true; /* an answer under way is cut off, without its last line */
            return PUMP_END;
        }
        if (span.lost_to || span.scanned_to == x->after) /* the next call is told what is lost */
            return events_end(x, j);
        events_write(x, j, &span);
    } while (j->len < SLICE_OCTETS && clock_now_us() < enough_us);
    return PUMP_ON;
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

void api_events(struct publisher *p, struct evhttp_request *request, const char *name,
                const struct param *params)
{
    (void)name;
    struct journal_bounds bounds;
    struct journal_filter filter;
    int64_t after;
    uint32_t limit;
    if (reader_bounds(p->reader, &bounds) != STORE_OK) {
        http_problem(p, request, 503, "the journal can't be read at present", NULL, NULL);
        return;
    }
    if (bounds.newest > p->newest)
        p->newest = bounds.newest;
    if (!take_cursor(p, request, &params[0], &bounds, &after) ||
        !take_limit(p, request, &params[1], &limit) ||
        !journal_filter(p, request, &params[2], &params[3], &filter))
        return;
    struct exchange *x = exchange_new(p, request);
    x->pump = events_pump;
    x->filter = filter;
    x->after = after;
    x->until = bounds.newest;
    x->left = limit;
    exchange_start(x, "application/x-ndjson");
}
