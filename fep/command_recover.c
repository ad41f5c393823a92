// SPDX-License-Identifier: Apache-2.0
#include "fep/command_recover.h"

#include "fep/command.h"
#include "fep/note.h"

#include <stdlib.h>
#include <string.h>

struct open_commands {
    bool untaken; /* only those that no session has said anything of */
    struct note *first, **end;
    size_t len;
};

static bool take(void *context, const struct audit_record *record)
{
    struct open_commands *open = context;
    bool told_of = strcmp(record->state, command_state_name(COMMAND_REQUESTED)) != 0;
    if (command_state_is_final(record->state) || (open->untaken && told_of))
        return true;
    struct note *n = note_new(record);
    *open->end = n;
    open->end = &n->next;
    open->len++;
    return true;
}

static enum store_result write_all(struct store *store, const struct open_commands *open,
                                   enum command_state state, const char *detail, int64_t wall_ms)
{
    enum store_result result = store_begin(store);
    for (struct note *n = open->first; n && result == STORE_OK; n = n->next) {
        n->record.at_ms = wall_ms;
        n->record.state = command_state_name(state);
        n->record.detail = detail;
        result = store_audit(store, &n->record);
    }
    if (result == STORE_OK)
        result = store_commit(store);
    if (result != STORE_OK)
        store_rollback(store);
    return result;
}

static enum store_result end_all(struct store *store, int64_t after, enum command_state state,
                                 const char *detail, int64_t wall_ms, size_t *len)
{
    struct open_commands open = {.untaken = state == COMMAND_REFUSED};
    open.end = &open.first;
    enum store_result result = store_audit_last(store, after, take, &open);
    if (result == STORE_OK && open.first)
        result = write_all(store, &open, state, detail, wall_ms);
    *len = open.len;
    while (open.first) {
        struct note *next = open.first->next;
        note_free(open.first);
        open.first = next;
    }
    return result;
}

enum store_result command_recover(struct store *store, int64_t wall_ms, size_t *len)
{
    return end_all(store, 0, COMMAND_UNKNOWN, "{\"why\":\"fepd ended while it was under way\"}", wall_ms,
                   len);
}

enum store_result command_refuse_untaken(struct store *store, int64_t after, int64_t wall_ms, size_t *len)
{
    return end_all(store, after, COMMAND_REFUSED, "{\"why\":\"fepd stopped before it could be sent\"}",
                   wall_ms, len);
}
