// SPDX-License-Identifier: Apache-2.0
/*
 * As much of an HTTP client as fepd's own interface needs: GET with HTTP/1.0, so that the answer is the
 * octets up to the end of the connection, on an IP address or localhost, without encryption.
 */
#ifndef TOOLS_FOLLOW_HTTP_H
#define TOOLS_FOLLOW_HTTP_H

#include <stdbool.h>
#include <stddef.h>

struct http_server {
    char host[256];
    char port[8]; /* 80 where the address names none */
};

/* Takes apart http://HOST[:PORT][/]; [::1] for IPv6. False where it is something else. */
bool http_server_parse(struct http_server *server, const char *address);
/* Connects and sends. `headers` are whole lines with their \r\n, or "". -1 with errno where it fails. */
int http_get(const struct http_server *server, const char *path, const char *headers);
/*
 * The head of an answer, of which `text` holds the beginning, terminated by a 0. Returns its octets and sets
 * the status; 0 while it is not complete; -1 where this is no answer of an HTTP server.
 */
long http_head(const char *text, int *status);
/* Appends to `into`, terminated, every octet that text may not have in a query. False where room ends. */
bool http_query(char *into, size_t room, const char *key, const char *value);

#endif
