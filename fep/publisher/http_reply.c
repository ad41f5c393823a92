// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/parts.h"

#include <stdio.h>

const char *http_reason(int code)
{
    static const struct {
        int code;
        const char *text;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {415, "Unsupported Media Type"},
        {421, "Misdirected Request"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
        if (reasons[i].code == code)
            return reasons[i].text;
    }
    return "Error";
}

void http_common_headers(struct evhttp_request *request)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
    evhttp_add_header(headers, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    evhttp_add_header(headers, "Cross-Origin-Resource-Policy", "same-origin");
    evhttp_add_header(headers, "Referrer-Policy", "no-referrer");
    evhttp_add_header(headers, "Cache-Control", "no-store");
}

void http_reply(struct publisher *p, struct evhttp_request *request, int code, const char *type)
{
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    evhttp_add_header(headers, "Content-Type", type);
    if (evhttp_request_get_command(request) == EVHTTP_REQ_HEAD) {
        char len[24];
        snprintf(len, sizeof len, "%zu", p->json.len);
        evhttp_add_header(headers, "Content-Length", len);
        evhttp_send_reply(request, code, http_reason(code), NULL);
    } else {
        evbuffer_add(p->slice, p->json.text, p->json.len);
        evhttp_send_reply(request, code, http_reason(code), p->slice);
    }
    json_clear(&p->json);
}

void http_problem(struct publisher *p, struct evhttp_request *request, int code, const char *detail,
                  const char *parameter, const struct journal_bounds *bounds)
{
    struct json *j = &p->json;
    json_clear(j);
    json_begin(j);
    json_key(j, "title"), json_text(j, http_reason(code));
    json_key(j, "status"), json_int(j, code);
    json_key(j, "detail"), json_text(j, detail);
    if (parameter)
        json_key(j, "parameter"), json_text(j, parameter);
    if (bounds) {
        json_key(j, "oldest"), feed_cursor(&p->feed, j, bounds->oldest - 1);
        json_key(j, "newest"), feed_cursor(&p->feed, j, bounds->newest);
    }
    json_end(j);
    json_literal(j, "\n");
    if (code == 503)
        evhttp_add_header(evhttp_request_get_output_headers(request), "Retry-After", "1");
    http_reply(p, request, code, "application/problem+json");
}
