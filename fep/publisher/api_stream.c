// SPDX-License-Identifier: Apache-2.0
/*
 * Server-sent events. A stream is a cursor: it gets what comes after it, from memory while it keeps up, from
 * the journal where it does not, and it waits where there is nothing more.
 */
#include "fep/publisher/commands.h"

#include "fep/io/clock.h"

static void begin_event(const struct publisher *p, struct json *j, int64_t seq, const char *event)
{
    json_literal(j, "id: ");
    json_digits(j, (uint64_t)p->feed.journal_id);
    json_literal(j, "-");
    json_digits(j, (uint64_t)seq);
    json_literal(j, "\nevent: ");
    json_raw(j, event, strlen(event));
    json_literal(j, "\ndata: ");
    j->comma = false;
}

static void write_row(struct exchange *x, struct json *j, const struct journal_row *row)
{
    begin_event(x->p, j, row->seq, row->type == ROW_HOLE ? "hole" : "event");
    feed_row(&x->p->feed, j, row);
    json_literal(j, "\n\n");
    x->told = row->seq;
}

static void write_cursor(struct exchange *x, struct json *j)
{
    begin_event(x->p, j, x->after, "cursor");
    json_begin(j);
    json_key(j, "cursor"), feed_cursor(&x->p->feed, j, x->after);
    json_end(j);
    json_literal(j, "\n\n");
    x->told = x->after;
}

/* `from` is the first that is missing, except where it is a cursor that can't be counted from. */
static void write_gap(struct exchange *x, struct json *j, enum cursor_place place, const struct cursor *from,
                      int64_t lost_to)
{
    static const char *const reasons[] = {
        [CURSOR_OLD] = "retention", [CURSOR_AHEAD] = "ahead", [CURSOR_FOREIGN] = "foreign_journal"};
    char text[CURSOR_TEXT_MAX];
    cursor_text(from, text);
    begin_event(x->p, j, lost_to, "gap");
    json_begin(j);
    json_key(j, "reason"), json_text(j, reasons[place]);
    json_key(j, "from"), json_text(j, text);
    json_key(j, "to"), feed_cursor(&x->p->feed, j, lost_to);
    json_end(j);
    json_literal(j, "\n\n");
    x->after = x->told = lost_to;
}

static void write_rows(struct exchange *x, struct json *j, const struct journal_span *span)
{
    struct publisher_metrics *metrics = &x->p->options.metrics->publisher;
    if (x->live && !span->from_memory)
        metric_add(&metrics->slow, 1);
    x->live = span->from_memory;
    uint64_t sent = 0;
    for (size_t i = 0; i < span->len && j->len < SLICE_OCTETS; i++) {
        x->after = span->rows[i].seq;
        if (journal_passes(x, &span->rows[i])) {
            write_row(x, j, &span->rows[i]);
            sent++;
        }
    }
    if (j->len < SLICE_OCTETS)
        x->after = span->scanned_to;
    metric_add(&metrics->events_sent, sent);
    if (x->after - x->told >= CURSOR_EVERY)
        write_cursor(x, j);
}

static void write_heartbeat(struct exchange *x, struct json *j)
{
    if (x->p->now_ms - x->sent_ms < x->p->options.heartbeat_ms)
        return;
    if (x->after > x->told)
        write_cursor(x, j);
    else
        json_literal(j, ": heartbeat\n\n");
}

static enum pump stream_pump(struct exchange *x, struct json *j)
{
    int64_t enough_us = clock_now_us() + SLICE_US;
    if (!x->started)
        json_literal(j, "retry: 1000\n\n"); /* ms until a consumer that lost its connection comes again */
    if (x->place != CURSOR_FINE) {
        struct cursor from = {x->given.journal, x->given.seq + (x->place == CURSOR_OLD)};
        write_gap(x, j, x->place, &from, x->after);
        x->place = CURSOR_FINE;
    }
    commands_stream(x, j);
    do {
        struct journal_span span;
        enum store_result result = journal_after(x->p, x->after, &x->filter, &span);
        if (result != STORE_OK || (span.lost_to == 0 && span.scanned_to == x->after)) {
            write_heartbeat(x, j); /* where the journal can't be read, the next tick tries again */
            return PUMP_WAIT;
        }
        if (span.lost_to)
            write_gap(x, j, CURSOR_OLD, &(struct cursor){x->p->feed.journal_id, x->after + 1}, span.lost_to);
        else
            write_rows(x, j, &span);
    } while (j->len < SLICE_OCTETS && clock_now_us() < enough_us);
    return PUMP_ON;
}

/* A browser that comes back repeats the address of its first request, so the header is the newer one. */
static bool take_cursor(struct publisher *p, struct evhttp_request *request, const struct param *after,
                        struct cursor *cursor)
{
    const char *id = evhttp_find_header(evhttp_request_get_input_headers(request), "Last-Event-ID");
    struct param given = id && *id ? (struct param){"Last-Event-ID", id} : *after;
    if (given.value == NULL || cursor_parse(given.value, cursor))
        return true;
    http_problem(p, request, 400, "a cursor has the form <journal id>-<sequence>", given.name, NULL);
    return false;
}

void api_stream(struct publisher *p, struct evhttp_request *request, const char *name,
                const struct param *params)
{
    (void)name;
    struct journal_bounds bounds;
    struct journal_filter filter;
    struct event_wish wish = {0};
    if (reader_bounds(p->reader, &bounds) != STORE_OK) {
        http_problem(p, request, 503, "the journal can't be read at present", NULL, NULL);
        return;
    }
    if (bounds.newest > p->newest)
        p->newest = bounds.newest;
    struct cursor cursor = {.journal = bounds.journal_id, .seq = bounds.oldest - 1};
    if (!take_cursor(p, request, &params[0], &cursor) ||
        !journal_filter(p, request, &params[1], &params[2], &filter) ||
        !journal_point(p, request, &params[3], &wish))
        return;
    struct exchange *x = exchange_new(p, request);
    x->pump = stream_pump;
    x->stream = true;
    x->filter = filter;
    x->wish = wish;
    x->given = cursor;
    x->place = cursor_place(&cursor, &bounds);
    x->after = x->told = x->place == CURSOR_FINE ? cursor.seq : bounds.oldest - 1;
    exchange_start(x, "text/event-stream");
}
