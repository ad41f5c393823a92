// SPDX-License-Identifier: Apache-2.0
/*
 * Messages to the service manager (sd_notify(3)): one datagram, nothing where nobody listens.
 */
#ifndef FEP_SDNOTIFY_H
#define FEP_SDNOTIFY_H

#include <stdbool.h>

/* `path` is what NOTIFY_SOCKET holds: absolute, or abstract with a leading @; NULL or "": nobody listens.
 * True where it was sent. */
bool sdnotify_send(const char *path, const char *message);

#endif
