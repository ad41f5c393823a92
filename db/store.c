// SPDX-License-Identifier: Apache-2.0
/* The turn of the writer: begin, append, commit, checkpoint. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "db/connection.h"

const char *store_error(const struct store *s)
{
    return s->error;
}

int64_t store_journal_id(const struct store *s)
{
    return s->journal_id;
}

int64_t store_next_seq(const struct store *s)
{
    return s->now.next_seq;
}

uint32_t store_wal_pages(const struct store *s)
{
    return s->wal_pages;
}

enum store_result store_begin(struct store *s)
{
    /* What is written to a file without a name is gone when the process ends, or lies where nobody looks. */
    const char *lost = connection_lost_file(s);
    if (lost != NULL) {
        snprintf(s->error, sizeof s->error,
                 "begin: %s was moved, removed or replaced under fepd; put it back, or restart fepd", lost);
        return STORE_IO;
    }
    /* IMMEDIATE: that somebody else holds the write lock shows here, not in the middle. */
    enum store_result result = connection_result(s, sql_run(s->stmt[SQL_BEGIN]), "begin");
    if (result == STORE_OK)
        s->now = s->committed;
    return result;
}

enum store_result store_append(struct store *s, const struct journal_row *row)
{
    assert(row->seq >= s->now.next_seq);
    sqlite3_stmt *stmt = s->stmt[SQL_APPEND];
    sqlite3_bind_int64(stmt, 1, row->seq);
    if (row->type == ROW_OCTET_STRING)
        sql_bind_octets(stmt, 2, row->octets, row->octets_len);
    else
        sql_bind_double(stmt, 2, row->value);
    sqlite3_bind_int64(stmt, 3, row->time_ms);
    sqlite3_bind_int64(stmt, 4, row->received_ms);
    sqlite3_bind_int64(stmt, 5, row->station);
    sqlite3_bind_int64(stmt, 6, row->index);
    sqlite3_bind_int64(stmt, 7, row->doubt);
    sqlite3_bind_int(stmt, 8, row->type);
    sqlite3_bind_int(stmt, 9, row->flags);
    sqlite3_bind_int(stmt, 10, row->time_quality);
    sqlite3_bind_int(stmt, 11, row->origin);
    sqlite3_bind_int(stmt, 12, row->marks);
    enum store_result result = connection_result(s, sql_run(stmt), "append");
    if (result == STORE_OK)
        s->now.next_seq = row->seq + 1;
    return result;
}

enum store_result store_commit(struct store *s)
{
    int rc = sql_run(s->stmt[SQL_COMMIT]);
    /* A COMMIT without a transaction would be an error of its own; one that left it open has not committed.
     */
    if (rc == SQLITE_OK && !sqlite3_get_autocommit(s->db))
        rc = SQLITE_IOERR;
    enum store_result result = connection_result(s, rc, "commit");
    if (result == STORE_OK)
        s->committed = s->now;
    return result;
}

void store_rollback(struct store *s)
{
    /* After some errors SQLite has rolled back by itself. */
    if (!sqlite3_get_autocommit(s->db))
        sql_run(s->stmt[SQL_ROLLBACK]);
    s->now = s->committed;
}

enum store_result store_savepoint(struct store *s)
{
    s->savepoint = s->now;
    return connection_result(s, sql_run(s->stmt[SQL_SAVEPOINT]), "savepoint");
}

enum store_result store_savepoint_release(struct store *s)
{
    return connection_result(s, sql_run(s->stmt[SQL_RELEASE]), "savepoint");
}

enum store_result store_savepoint_undo(struct store *s)
{
    enum store_result result = connection_result(s, sql_run(s->stmt[SQL_UNDO]), "undo");
    if (result == STORE_OK)
        s->now = s->savepoint;
    return result;
}

enum store_result store_checkpoint(struct store *s)
{
    /*
     * RESTART: the next commit writes at the start of the WAL again. It waits for nobody: what a reader still
     * needs stays, the rest is copied.
     */
    sqlite3_busy_timeout(s->db, 0);
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_RESTART, NULL, NULL);
    sqlite3_busy_timeout(s->db, BUSY_WAIT_MS);
    if (rc == SQLITE_OK)
        s->wal_pages = 0;
    return connection_result(s, rc, "checkpoint");
}
