// SPDX-License-Identifier: Apache-2.0
/*
 * The audit: an append-only chain of records, each with the hash of all before it (db/schema_3.sql says of
 * what).
 *
 *     store_begin(s)
 *     store_audit(s, &record)           its id
 *     store_commit(s)                   only now may the deed be done that it tells of
 *     store_audit_head(s, &head)        to be noted where somebody who can write the database can't
 *
 *     audit_verify(path, &head, &verdict)
 */
#ifndef DB_AUDIT_H
#define DB_AUDIT_H

#include "db/reader.h"

enum { AUDIT_HASH_LEN = 32, AUDIT_HEAD_TEXT = 20 + 1 + 2 * AUDIT_HASH_LEN + 1 };

/* Texts are UTF-8; NULL is "". */
struct audit_record {
    int64_t id;
    int64_t at_ms;   /* wall */
    int64_t command; /* 0: of none; AUDIT_COMMAND_NEW: of a new one, whose number is this record's id */
    const char *who;
    const char *role;
    const char *action;
    const char *station;
    const char *subject;
    const char *state;
    const char *detail;
};
enum { AUDIT_COMMAND_NEW = -1 };

struct audit_head {
    int64_t id; /* 0: the chain is empty */
    uint8_t hash[AUDIT_HASH_LEN];
};
void audit_head_print(const struct audit_head *head, char text[AUDIT_HEAD_TEXT]); /* "ID:HASH" */
bool audit_head_parse(const char *text, struct audit_head *head);

/* Inside a transaction. Fills in id, and command where it is new. */
enum store_result store_audit(struct store *s, struct audit_record *record);
/* The newest record that is durable. */
void store_audit_head(const struct store *s, struct audit_head *head);

/* The last record of each command that began after the record `after`, oldest first; `take` says whether more
 * are wanted. Outside a transaction. */
enum store_result store_audit_last(struct store *s, int64_t after,
                                   bool (*take)(void *context, const struct audit_record *record),
                                   void *context);

/* All records of one command, oldest first; as reader_audit(). */
enum store_result reader_audit_of(struct journal_reader *r, int64_t command,
                                  bool (*take)(void *context, const struct audit_record *record,
                                               const uint8_t hash[AUDIT_HASH_LEN]),
                                  void *context);
enum store_result reader_audit_head(struct journal_reader *r, struct audit_head *head);
/* Numbers of commands below `before`, newest first. *len: room in, numbers out. */
enum store_result reader_commands(struct journal_reader *r, int64_t before, int64_t *numbers, size_t *len);

/* Records with id > after, oldest first, at most `limit`; `take` is called within the call and may say false
 * to end it. */
enum store_result reader_audit(struct journal_reader *r, int64_t after, uint32_t limit,
                               bool (*take)(void *context, const struct audit_record *record,
                                            const uint8_t hash[AUDIT_HASH_LEN]),
                               void *context);

enum audit_finding {
    AUDIT_INTACT,
    AUDIT_CHANGED,   /* the record `id`, or one before it that shows only now */
    AUDIT_MISSING,   /* the record `id` */
    AUDIT_CUT,       /* the head that was noted is not there any more: it ends before, at `head` */
    AUDIT_OTHER_HEAD /* the record of that number is not the one that was noted */
};
struct audit_verdict {
    enum audit_finding finding;
    int64_t id;
    struct audit_head head; /* the newest record that the chain holds good up to */
};
const char *audit_finding_text(enum audit_finding finding);

/* Walks the whole chain, in bounded reads. `noted` NULL: none to compare with. */
enum store_result audit_verify(struct journal_reader *r, const struct audit_head *noted,
                               struct audit_verdict *verdict);

#endif
