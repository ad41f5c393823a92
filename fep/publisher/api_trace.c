// SPDX-License-Identifier: Apache-2.0
/* Server-sent events of what is said on one station's wire, as long as somebody looks: `line`, and `lost`. */
#include "fep/publisher/parts.h"

static void write_line(struct json *j, const struct trace_line *line)
{
    json_literal(j, "event: line\ndata: ");
    j->comma = false;
    json_begin(j);
    json_key(j, "at"), json_time(j, line->at_ms);
    json_key(j, "direction"), json_text(j, line->direction == TRACE_SENT ? "sent" : "received");
    json_key(j, "text"), json_text(j, line->text);
    json_key(j, "lost"), json_int(j, line->lost);
    json_end(j);
    json_literal(j, "\n\n");
}

static enum pump trace_pump(struct exchange *x, struct json *j)
{
    struct trace_line line;
    if (!exchange_sees(x, x->trace->station))
        return PUMP_END; /* taken away since */
    if (!x->started)
        json_literal(j, ": what comes from now on\n\n");
    while (j->len < SLICE_OCTETS && trace_take(x->trace, &line))
        write_line(j, &line);
    if (j->len >= SLICE_OCTETS)
        return PUMP_ON;
    if (j->len == 0 && x->p->now_ms - x->sent_ms >= x->p->options.heartbeat_ms)
        json_literal(j, ": heartbeat\n\n");
    return PUMP_WAIT;
}

void api_trace(struct publisher *p, struct evhttp_request *request, const char *name,
               const struct param *params)
{
    (void)params;
    uint32_t number = feed_station_number(&p->feed, name);
    if (number == 0) {
        http_problem(p, request, 404, "no station has or had this name", NULL, NULL);
        return;
    }
    if (!api_may_see(p, request, number))
        return;
    bool only_asked = evhttp_request_get_command(request) == EVHTTP_REQ_HEAD;
    struct trace_slot *slot = p->options.traces && !only_asked ? trace_open(p->options.traces, number) : NULL;
    if (slot == NULL && !only_asked) {
        http_problem(p, request, 503, "as many stations are looked at as can be at a time", NULL, NULL);
        return;
    }
    struct exchange *x = exchange_new(p, request);
    x->trace = slot;
    x->stream = true;
    x->pump = trace_pump;
    exchange_start(x, "text/event-stream");
}

bool trace_is_open(const struct publisher *p, uint32_t station)
{
    for (const struct exchange *x = p->exchanges; x; x = x->next) {
        if (x->trace && x->trace->station == station)
            return true;
    }
    return false;
}
