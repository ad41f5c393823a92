// SPDX-License-Identifier: Apache-2.0
#include "fep/note.h"

#include <stdlib.h>
#include <string.h>

enum { TEXTS = 7 };

static void texts_of(const struct audit_record *r, const char *texts[TEXTS])
{
    const char *const all[TEXTS] = {r->who, r->role, r->action, r->station, r->subject, r->state, r->detail};
    for (size_t i = 0; i < TEXTS; i++)
        texts[i] = all[i] ? all[i] : "";
}

size_t note_len(const struct audit_record *record)
{
    const char *texts[TEXTS];
    size_t len = 0;
    texts_of(record, texts);
    for (size_t i = 0; i < TEXTS; i++)
        len += strlen(texts[i]) + 1;
    return len;
}

void note_pack(char *into, const struct audit_record *record)
{
    const char *texts[TEXTS];
    texts_of(record, texts);
    for (size_t i = 0; i < TEXTS; i++) {
        size_t len = strlen(texts[i]) + 1;
        memcpy(into, texts[i], len);
        into += len;
    }
}

void note_unpack(const char *texts, struct audit_record *r)
{
    const char **const into[TEXTS] = {&r->who,     &r->role,  &r->action, &r->station,
                                      &r->subject, &r->state, &r->detail};
    for (size_t i = 0; i < TEXTS; i++) {
        *into[i] = texts;
        texts += strlen(texts) + 1;
    }
}

struct note *note_new(const struct audit_record *record)
{
    struct note *n = calloc(1, sizeof *n + note_len(record));
    if (!n)
        abort();
    n->record = *record;
    n->starts_command = record->command == AUDIT_COMMAND_NEW;
    note_pack(n->texts, record);
    note_unpack(n->texts, &n->record);
    return n;
}

void note_free(struct note *note)
{
    if (!note)
        return;
    free(note->owned_text);
    free(note);
}
