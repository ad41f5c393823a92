// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/http.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TIMEOUT_S = 10 };

int http_ask(uint16_t port, const char *path, const char *more_headers)
{
    char request[512];
    const struct timeval timeout = {.tv_sec = TIMEOUT_S};
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int len =
        snprintf(request, sizeof request, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s\r\n", path, more_headers);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout);
    if (len > 0 && (size_t)len < sizeof request && connect(fd, (struct sockaddr *)&to, sizeof to) == 0 &&
        send(fd, request, (size_t)len, MSG_NOSIGNAL) == len)
        return fd;
    close(fd);
    return -1;
}

size_t http_get(uint16_t port, const char *path, char *page, size_t room)
{
    size_t len = 0;
    int fd = http_ask(port, path, "Connection: close\r\n");
    if (fd < 0)
        return 0;
    for (ssize_t got; len < room - 1 && (got = read(fd, page + len, room - 1 - len)) > 0;)
        len += (size_t)got;
    page[len] = '\0';
    close(fd);
    return len;
}
