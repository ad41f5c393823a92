// SPDX-License-Identifier: Apache-2.0
/* The audit's writer, and its head. */
#include "db/audit_chain.h"
#include "db/connection.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bind_text(sqlite3_stmt *stmt, int at, const char *text)
{
    sqlite3_bind_text(stmt, at, text ? text : "", -1, SQLITE_TRANSIENT);
}

enum store_result store_audit(struct store *s, struct audit_record *r)
{
    struct audit_head *head = &s->now.audit;
    uint8_t hash[AUDIT_HASH_LEN];
    memcpy(hash, head->hash, sizeof hash);
    r->id = head->id + 1;
    if (r->command == AUDIT_COMMAND_NEW)
        r->command = r->id;
    audit_chain(hash, r);
    sqlite3_stmt *stmt = s->stmt[SQL_AUDIT];
    sqlite3_bind_int64(stmt, 1, r->id);
    sqlite3_bind_int64(stmt, 2, r->at_ms);
    sqlite3_bind_int64(stmt, 3, r->command);
    const char *const texts[] = {r->who, r->role, r->action, r->station, r->subject, r->state, r->detail};
    for (int i = 0; i < (int)(sizeof texts / sizeof texts[0]); i++)
        bind_text(stmt, 4 + i, texts[i]);
    sqlite3_bind_blob(stmt, 11, hash, sizeof hash, SQLITE_TRANSIENT);
    enum store_result result = connection_result(s, sql_run(stmt), "audit");
    if (result == STORE_OK) {
        head->id = r->id;
        memcpy(head->hash, hash, sizeof hash);
    }
    return result;
}

enum store_result store_audit_last(struct store *s, int64_t after,
                                   bool (*take)(void *context, const struct audit_record *record),
                                   void *context)
{
    sqlite3_stmt *stmt = s->stmt[SQL_AUDIT_LAST];
    bool more = true;
    sqlite3_bind_int64(stmt, 1, after);
    while (more && sqlite3_step(stmt) == SQLITE_ROW) {
        struct audit_record record = audit_column_record(stmt);
        more = take(context, &record);
    }
    return connection_result(s, sqlite3_reset(stmt), "audit");
}

void store_audit_head(const struct store *s, struct audit_head *head)
{
    *head = s->committed.audit;
}

int connection_load_audit(struct store *s)
{
    struct audit_head *head = &s->committed.audit;
    sqlite3_stmt *stmt = s->stmt[SQL_AUDIT_HEAD];
    int rc = sqlite3_step(stmt);
    if (rc == SQLITE_ROW) {
        head->id = sqlite3_column_int64(stmt, 0);
        const void *hash = sqlite3_column_blob(stmt, 1);
        if (hash && sqlite3_column_bytes(stmt, 1) == AUDIT_HASH_LEN)
            memcpy(head->hash, hash, AUDIT_HASH_LEN);
    }
    return sqlite3_reset(stmt);
}

void audit_head_print(const struct audit_head *head, char text[AUDIT_HEAD_TEXT])
{
    int len = snprintf(text, AUDIT_HEAD_TEXT, "%" PRId64 ":", head->id);
    for (int i = 0; i < AUDIT_HASH_LEN; i++)
        len += snprintf(text + len, (size_t)(AUDIT_HEAD_TEXT - len), "%02x", head->hash[i]);
}

static int nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool audit_head_parse(const char *text, struct audit_head *head)
{
    char *end;
    head->id = strtoll(text, &end, 10);
    if (end == text || *end != ':' || head->id < 0 || strlen(end + 1) != 2 * AUDIT_HASH_LEN)
        return false;
    for (int i = 0; i < AUDIT_HASH_LEN; i++) {
        int high = nibble(end[1 + 2 * i]), low = nibble(end[2 + 2 * i]);
        if (high < 0 || low < 0)
            return false;
        head->hash[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}
