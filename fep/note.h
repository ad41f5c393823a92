// SPDX-License-Identifier: Apache-2.0
/* A record of the audit on its way to the committer: its texts one after the other, each with its end. */
#ifndef FEP_NOTE_H
#define FEP_NOTE_H

#include "db/audit.h"
#include "db/tags.h"

size_t note_len(const struct audit_record *record); /* of its texts */
void note_pack(char *into, const struct audit_record *record);
void note_unpack(const char *texts, struct audit_record *record); /* lends them to the record */

/*
 * A record that somebody waits for: the committer stores it with the next commit, and where that fails it is
 * stored never. A tag is placed or taken away in the same transaction.
 */
enum note_change { NOTE_ONLY, NOTE_TAG, NOTE_UNTAG };

struct note {
    struct note *next; /* the committer's */
    struct audit_record record;
    enum note_change change;
    char *owned_text;      /* of the tag */
    struct stored_tag tag; /* NOTE_TAG: without id, at_ms and who; NOTE_UNTAG: the id */
    enum store_result result;
    bool done;
    bool starts_command;
    char texts[];
};

/* Copies the texts of the record; `kind` of a tag is lent. */
struct note *note_new(const struct audit_record *record);
void note_free(struct note *note); /* NULL is fine */

#endif
