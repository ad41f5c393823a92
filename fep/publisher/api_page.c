// SPDX-License-Identifier: Apache-2.0
/* The page and the description of the API: no secrets, so anybody may read them. */
#include "fep/publisher/page.h"
#include "fep/publisher/parts.h"

#include <stdio.h>

static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

static const char *type_of(const char *path)
{
    static const struct {
        const char *ending;
        const char *type;
    } types[] = {
        {".js", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},
        {".json", "application/json"},
    };
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending && i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(ending, types[i].ending) == 0)
            return types[i].type;
    }
    return "text/html; charset=utf-8";
}

const struct page_file *page_find(const char *path)
{
    for (size_t i = 0; i < page_files_len; i++) {
        if (strcmp(page_files[i].path, path) == 0)
            return &page_files[i];
    }
    return NULL;
}

static void set_header(struct evkeyvalq *headers, const char *name, const char *value)
{
    evhttp_remove_header(headers, name);
    evhttp_add_header(headers, name, value);
}

/* True where a browser has this very file. */
static bool is_known(struct evhttp_request *request, const struct page_file *file)
{
    const char *etag = evhttp_find_header(evhttp_request_get_input_headers(request), "If-None-Match");
    return etag && strstr(etag, file->etag);
}

bool api_page(struct publisher *p, struct evhttp_request *request, const char *path)
{
    const struct page_file *file = page_find(path);
    enum evhttp_cmd_type command = evhttp_request_get_command(request);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
    if (file == NULL)
        return false;
    if (command != EVHTTP_REQ_GET && command != EVHTTP_REQ_HEAD) {
        evhttp_add_header(headers, "Allow", "GET, HEAD");
        http_problem(p, request, 405, "this resource does not have that method", NULL, NULL);
        return true;
    }
    set_header(headers, "Content-Security-Policy", policy);
    set_header(headers, "Cache-Control", "no-cache"); /* kept, and asked after each time */
    evhttp_add_header(headers, "ETag", file->etag);
    evhttp_add_header(headers, "Content-Type", type_of(path));
    if (is_known(request, file)) {
        evhttp_send_reply(request, 304, http_reason(304), NULL);
    } else if (command == EVHTTP_REQ_HEAD) {
        char len[24];
        snprintf(len, sizeof len, "%zu", file->len);
        evhttp_add_header(headers, "Content-Length", len);
        evhttp_send_reply(request, 200, http_reason(200), NULL);
    } else {
        evbuffer_add_reference(p->slice, file->octets, file->len, NULL, NULL);
        evhttp_send_reply(request, 200, http_reason(200), p->slice);
    }
    return true;
}
