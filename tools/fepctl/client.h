// SPDX-License-Identifier: Apache-2.0
/*
 * fepd's API over HTTP or HTTPS, for a command line: every call says on stderr what went wrong, and returns
 * an exit status of sysexits.h.
 *
 *     struct client *c = client_open(&options);
 *     char *path = client_path(c, "/v1/stations/", name);
 *     json_t *answer;
 *     int status = client_get(c, path, &answer);        EX_OK: the caller's, json_decref()
 */
#ifndef TOOLS_FEPCTL_CLIENT_H
#define TOOLS_FEPCTL_CLIENT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <sysexits.h>

struct client_options {
    const char *server;      /* http://127.0.0.1:8080 */
    const char *token_file;  /* its first line; NULL: none */
    const char *authorities; /* PEM; NULL: the system's */
    const char *certificate; /* of the client, PEM; NULL: none */
    const char *key;
};

struct client;

struct client *client_open(const struct client_options *options); /* NULL: said why */
void client_close(struct client *c);
/* Whether what goes there can be read on its way: neither https, nor on this machine. */
bool client_is_overheard(const char *server);
/* Whether the last request has left, at least in part: then it may have been carried out. */
bool client_has_asked(struct client *c);

/* `before` and the name with what a path does not bear replaced. To be freed. */
char *client_path(struct client *c, const char *before, const char *name);
/* Adds ?key=value or &key=value; nothing where the value is NULL. Frees the path that it replaces. */
char *client_param(struct client *c, char *path, const char *key, const char *value);

int client_get(struct client *c, const char *path, json_t **answer);
/* POST, PUT, DELETE; `body` may be NULL, and stays the caller's; `answer` may be NULL. */
int client_send(struct client *c, const char *method, const char *path, const json_t *body, json_t **answer);

/* Line by line, as it comes, without its end; false from `line` ends it well. */
int client_lines(struct client *c, const char *path,
                 bool (*line)(void *context, const char *text, size_t len), void *context);

#endif
