// SPDX-License-Identifier: Apache-2.0
/* One object header of a request, and what is behind it (dnp3-reference/application.md 4). */
#ifndef PROTOCOL_MASTER_REQUEST_H
#define PROTOCOL_MASTER_REQUEST_H

#include "protocol/master_services.h"

/* Fails through the writer where the item can't be said. */
void request_write_item(struct writer *w, const struct request_item *item);

#endif
