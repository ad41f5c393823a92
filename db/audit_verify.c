// SPDX-License-Identifier: Apache-2.0
/* Reading the audit, and whether it is whole. */
#include "db/audit_chain.h"
#include "db/reader_state.h"

#include <string.h>

enum { VERIFY_RECORDS = 1000 /* a read: well under 50 ms */ };

struct audit_record audit_column_record(sqlite3_stmt *stmt)
{
    return (struct audit_record){.id = sqlite3_column_int64(stmt, 0),
                                 .at_ms = sqlite3_column_int64(stmt, 1),
                                 .command = sqlite3_column_int64(stmt, 2),
                                 .who = (const char *)sqlite3_column_text(stmt, 3),
                                 .role = (const char *)sqlite3_column_text(stmt, 4),
                                 .action = (const char *)sqlite3_column_text(stmt, 5),
                                 .station = (const char *)sqlite3_column_text(stmt, 6),
                                 .subject = (const char *)sqlite3_column_text(stmt, 7),
                                 .state = (const char *)sqlite3_column_text(stmt, 8),
                                 .detail = (const char *)sqlite3_column_text(stmt, 9)};
}

typedef bool take_record(void *context, const struct audit_record *record,
                         const uint8_t hash[AUDIT_HASH_LEN]);

static enum store_result read_records(struct journal_reader *r, sqlite3_stmt *stmt, take_record *take,
                                      void *context)
{
    bool more = true;
    while (more && sqlite3_step(stmt) == SQLITE_ROW) {
        uint8_t hash[AUDIT_HASH_LEN] = {0};
        struct audit_record record = audit_column_record(stmt);
        const void *stored = sqlite3_column_blob(stmt, 10);
        if (stored && sqlite3_column_bytes(stmt, 10) == AUDIT_HASH_LEN)
            memcpy(hash, stored, sizeof hash);
        more = take(context, &record, hash);
    }
    return reader_result(r, sqlite3_reset(stmt));
}

enum store_result reader_audit(struct journal_reader *r, int64_t after, uint32_t limit, take_record *take,
                               void *context)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_AUDIT];
    sqlite3_bind_int64(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, limit);
    return read_records(r, stmt, take, context);
}

enum store_result reader_audit_of(struct journal_reader *r, int64_t command, take_record *take, void *context)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_AUDIT_OF_COMMAND];
    sqlite3_bind_int64(stmt, 1, command);
    return read_records(r, stmt, take, context);
}

enum store_result reader_audit_head(struct journal_reader *r, struct audit_head *head)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_AUDIT_HEAD];
    *head = (struct audit_head){0};
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        const void *hash = sqlite3_column_blob(stmt, 1);
        head->id = sqlite3_column_int64(stmt, 0);
        if (hash && sqlite3_column_bytes(stmt, 1) == AUDIT_HASH_LEN)
            memcpy(head->hash, hash, AUDIT_HASH_LEN);
    }
    return reader_result(r, sqlite3_reset(stmt));
}

enum store_result reader_commands(struct journal_reader *r, int64_t before, int64_t *numbers, size_t *len)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_COMMANDS];
    sqlite3_bind_int64(stmt, 1, before);
    sqlite3_bind_int64(stmt, 2, (int64_t)*len);
    *len = 0;
    while (sqlite3_step(stmt) == SQLITE_ROW)
        numbers[(*len)++] = sqlite3_column_int64(stmt, 0);
    return reader_result(r, sqlite3_reset(stmt));
}

struct walk {
    struct audit_verdict *verdict;
    const struct audit_head *noted;
    uint32_t taken;
    bool met; /* the noted head, or none was noted */
};

static bool find(struct walk *w, enum audit_finding finding, int64_t id)
{
    w->verdict->finding = finding;
    w->verdict->id = id;
    return false;
}

static bool verify_record(void *context, const struct audit_record *r, const uint8_t hash[AUDIT_HASH_LEN])
{
    struct walk *w = context;
    struct audit_head *head = &w->verdict->head;
    uint8_t expected[AUDIT_HASH_LEN];
    memcpy(expected, head->hash, sizeof expected);
    w->taken++;
    if (r->id != head->id + 1)
        return find(w, AUDIT_MISSING, head->id + 1);
    audit_chain(expected, r);
    if (memcmp(expected, hash, sizeof expected) != 0)
        return find(w, AUDIT_CHANGED, r->id);
    head->id = r->id;
    memcpy(head->hash, hash, sizeof head->hash);
    if (w->noted && w->noted->id == r->id) {
        w->met = true;
        if (memcmp(w->noted->hash, hash, AUDIT_HASH_LEN) != 0)
            return find(w, AUDIT_OTHER_HEAD, r->id);
    }
    return true;
}

enum store_result audit_verify(struct journal_reader *r, const struct audit_head *noted,
                               struct audit_verdict *verdict)
{
    *verdict = (struct audit_verdict){.finding = AUDIT_INTACT};
    struct walk w = {.verdict = verdict, .noted = noted, .met = !noted || noted->id == 0};
    enum store_result result;
    do {
        w.taken = 0;
        result = reader_audit(r, verdict->head.id, VERIFY_RECORDS, verify_record, &w);
    } while (result == STORE_OK && w.taken == VERIFY_RECORDS && verdict->finding == AUDIT_INTACT);
    if (result == STORE_OK && verdict->finding == AUDIT_INTACT && !w.met)
        (void)find(&w, AUDIT_CUT, verdict->head.id + 1);
    return result;
}

const char *audit_finding_text(enum audit_finding finding)
{
    static const char *const texts[] = {
        [AUDIT_INTACT] = "intact",
        [AUDIT_CHANGED] = "changed: its hash does not follow from its words and the record before",
        [AUDIT_MISSING] = "a record is missing",
        [AUDIT_CUT] = "cut: it ends before the head that was noted",
        [AUDIT_OTHER_HEAD] = "written anew: the record of that number is not the one that was noted",
    };
    return texts[finding];
}
