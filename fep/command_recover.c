// SPDX-License-Identifier: Apache-2.0
#include "fep/command_recover.h"

#include "fep/command.h"
#include "fep/note.h"

#include <stdlib.h>

struct open_commands {
    struct note *first, **end;
    size_t len;
};

static bool take(void *context, const struct audit_record *record)
{
    struct open_commands *open = context;
    if (command_state_is_final(record->state))
        return true;
    struct note *n = note_new(record);
    *open->end = n;
    open->end = &n->next;
    open->len++;
    return true;
}

static enum store_result write_all(struct store *store, const struct open_commands *open, int64_t wall_ms)
{
    enum store_result result = store_begin(store);
    for (struct note *n = open->first; n && result == STORE_OK; n = n->next) {
        n->record.at_ms = wall_ms;
        n->record.state = command_state_name(COMMAND_UNKNOWN);
        n->record.detail = "{\"why\":\"fepd ended while it was under way\"}";
        result = store_audit(store, &n->record);
    }
    if (result == STORE_OK)
        result = store_commit(store);
    if (result != STORE_OK)
        store_rollback(store);
    return result;
}

enum store_result command_recover(struct store *store, int64_t wall_ms, size_t *len)
{
    struct open_commands open = {0};
    open.end = &open.first;
    enum store_result result = store_audit_last(store, take, &open);
    if (result == STORE_OK && open.first)
        result = write_all(store, &open, wall_ms);
    *len = open.len;
    while (open.first) {
        struct note *next = open.first->next;
        note_free(open.first);
        open.first = next;
    }
    return result;
}
