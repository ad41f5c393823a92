// SPDX-License-Identifier: Apache-2.0
/*
 * Server-sent events out of octets that come in pieces.
 *
 *     memcpy(events_room(&e, len), octets, len); events_took(&e, len)
 *     while (events_next(&e, &event)) ...
 *
 * Only whole events are seen: one whose empty line has not come was cut off with its connection.
 */
#ifndef TOOLS_FOLLOW_EVENTS_H
#define TOOLS_FOLLOW_EVENTS_H

#include <stdbool.h>
#include <stddef.h>

/* Zeroed before the first use. */
struct events {
    char *text;
    size_t len, room;
    size_t start;   /* of the event that is not complete yet */
    size_t scanned; /* no end of an event before it */
};

/* Terminated; valid until the next events_room(). Empty where not given; `data` of one line. */
struct event {
    const char *id, *name, *data;
};

/* Where the next `len` octets go. Aborts where the machine has no memory left. */
char *events_room(struct events *e, size_t len);
void events_took(struct events *e, size_t len);
bool events_next(struct events *e, struct event *event);
void events_clear(struct events *e); /* a new connection */
void events_free(struct events *e);

#endif
