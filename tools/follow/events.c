// SPDX-License-Identifier: Apache-2.0
#include "tools/follow/events.h"

#include <stdlib.h>
#include <string.h>

char *events_room(struct events *e, size_t len)
{
    if (e->start) {
        memmove(e->text, e->text + e->start, e->len - e->start);
        e->len -= e->start;
        e->scanned -= e->start;
        e->start = 0;
    }
    if (e->room - e->len < len) {
        e->room = e->len + len + e->room;
        e->text = realloc(e->text, e->room);
        if (!e->text)
            abort();
    }
    return e->text + e->len;
}

void events_took(struct events *e, size_t len)
{
    e->len += len;
}

static void take_line(char *line, struct event *event)
{
    static const struct {
        const char *name;
        size_t offset;
    } fields[] = {{"id: ", offsetof(struct event, id)},
                  {"event: ", offsetof(struct event, name)},
                  {"data: ", offsetof(struct event, data)}};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        size_t len = strlen(fields[i].name);
        if (strncmp(line, fields[i].name, len) == 0)
            *(const char **)((char *)event + fields[i].offset) = line + len;
    }
}

bool events_next(struct events *e, struct event *event)
{
    const char *end;
    while ((end = e->len > e->scanned ? memchr(e->text + e->scanned, '\n', e->len - e->scanned) : NULL)) {
        size_t at = (size_t)(end - e->text);
        bool empty = at == e->start || e->text[at - 1] == '\n';
        e->scanned = at + 1;
        if (!empty)
            continue;
        *event = (struct event){"", "", ""};
        char *line = e->text + e->start;
        for (char *stop; line < e->text + at; line = stop + 1) {
            stop = memchr(line, '\n', (size_t)(e->text + e->len - line));
            *stop = 0;
            take_line(line, event);
        }
        e->start = at + 1;
        if (*event->data)
            return true;
    }
    return false;
}

void events_clear(struct events *e)
{
    e->len = e->start = e->scanned = 0;
}

void events_free(struct events *e)
{
    free(e->text);
    *e = (struct events){0};
}
