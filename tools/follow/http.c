// SPDX-License-Identifier: Apache-2.0
#include "tools/follow/http.h"

#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { SEND_S = 10 };

static bool take(char *into, size_t room, const char *from, size_t len)
{
    if (len == 0 || len >= room)
        return false;
    memcpy(into, from, len);
    into[len] = 0;
    return true;
}

bool http_server_parse(struct http_server *server, const char *address)
{
    static const char scheme[] = "http://";
    if (strncmp(address, scheme, sizeof scheme - 1) != 0)
        return false;
    const char *at = address + sizeof scheme - 1;
    bool v6 = *at == '[';
    at += v6;
    size_t len = strcspn(at, v6 ? "]" : ":/");
    if (!take(server->host, sizeof server->host, at, len) || (v6 && at[len] != ']'))
        return false;
    at += len + v6;
    memcpy(server->port, "80", sizeof "80");
    if (*at == ':') {
        len = strspn(++at, "0123456789");
        if (!take(server->port, sizeof server->port, at, len))
            return false;
        at += len;
    }
    return strcmp(at, "") == 0 || strcmp(at, "/") == 0;
}

static int open_socket(const struct addrinfo *to)
{
    int fd = socket(to->ai_family, to->ai_socktype | SOCK_CLOEXEC, to->ai_protocol);
    const struct timeval patience = {.tv_sec = SEND_S};
    if (fd < 0)
        return -1;
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) == 0 &&
        connect(fd, to->ai_addr, to->ai_addrlen) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

int http_get(const struct http_server *server, const char *path, const char *headers)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
    struct addrinfo *list;
    char request[2048];
    bool v6 = strchr(server->host, ':') != NULL;
    int len = snprintf(request, sizeof request, "GET %s HTTP/1.0\r\nHost: %s%s%s:%s\r\n%s\r\n", path,
                       v6 ? "[" : "", server->host, v6 ? "]" : "", server->port, headers);
    if (len < 0 || (size_t)len >= sizeof request)
        return errno = EMSGSIZE, -1;
    if (getaddrinfo(server->host, server->port, &hints, &list) != 0)
        return errno = EHOSTUNREACH, -1;
    int fd = -1;
    for (const struct addrinfo *to = list; to && fd < 0; to = to->ai_next)
        fd = open_socket(to);
    freeaddrinfo(list);
    if (fd >= 0 && send(fd, request, (size_t)len, MSG_NOSIGNAL) != len) {
        close(fd);
        return errno = EPIPE, -1;
    }
    return fd;
}

long http_head(const char *text, int *status)
{
    const char *end = strstr(text, "\r\n\r\n");
    int minor;
    if (!end)
        return 0;
    if (sscanf(text, "HTTP/1.%1d %3d", &minor, status) != 2)
        return -1;
    return end + 4 - text;
}

bool http_query(char *into, size_t room, const char *key, const char *value)
{
    size_t len = strlen(into);
    int key_len = snprintf(into + len, room - len, "%c%s=", strchr(into, '?') ? '&' : '?', key);
    if (key_len < 0 || (size_t)key_len >= room - len)
        return false;
    len += (size_t)key_len;
    for (const char *c = value; *c; c++) {
        if (room - len < sizeof "%00")
            return false;
        bool plain = isalnum((unsigned char)*c) || strchr("-._~", *c);
        len += (size_t)snprintf(into + len, room - len, plain ? "%c" : "%%%02X", (unsigned char)*c);
    }
    return true;
}
