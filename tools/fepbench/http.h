// SPDX-License-Identifier: Apache-2.0
/* Requests to fepd's HTTP interface on 127.0.0.1. */
#ifndef FEPBENCH_HTTP_H
#define FEPBENCH_HTTP_H

#include <stddef.h>
#include <stdint.h>

/* Connects and sends GET; the answer can be read from the descriptor. -1 where that fails. */
int http_ask(uint16_t port, const char *path, const char *more_headers);
/* The whole answer with its head, terminated; its length, 0 where there is none within 10 s. */
size_t http_get(uint16_t port, const char *path, char *page, size_t room);

#endif
