// SPDX-License-Identifier: Apache-2.0
#include "db/reader_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/schema.h"

enum { ROWS_LOOKED_AT_MAX = 20000 };

/* Each is one statement, and so one read transaction. */
static const char *const texts[QUERIES] = {
    [QUERY_BOUNDS] = "SELECT journal_id, max(last_seq, coalesce((SELECT max(seq) FROM event), 0)), "
                     "(SELECT min(seq) FROM event) FROM meta WHERE id = 1",
    [QUERY_ROWS] = "SELECT " SQL_ROW_COLUMNS " FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
    [QUERY_CONSUMERS] = "SELECT name, seq, at_ms FROM consumer ORDER BY name LIMIT ?",
    [QUERY_STATION_NAME] = "SELECT name FROM station WHERE number = ?",
    [QUERY_AUDIT] = "SELECT id, at_ms, command, who, role, action, station, subject, state, detail, hash "
                    "FROM audit WHERE id > ? ORDER BY id LIMIT ?",
    [QUERY_AUDIT_OF_COMMAND] =
        "SELECT id, at_ms, command, who, role, action, station, subject, state, detail, "
        "hash FROM audit WHERE command = ?1 AND command <> 0 ORDER BY id",
    [QUERY_AUDIT_HEAD] = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1",
    [QUERY_COMMANDS] = "SELECT DISTINCT command FROM audit WHERE command <> 0 AND command < ? "
                       "ORDER BY command DESC LIMIT ?",
    [QUERY_TAGS] =
        "SELECT id, station, type, point_index, kind, text, who, at_ms FROM tag ORDER BY id LIMIT ?",
    [QUERY_HOLES] = "SELECT count(*) FROM event WHERE type = 100 AND max(time_ms, received_ms) >= ?",
    [QUERY_STATION_NUMBER] = "SELECT number FROM station WHERE name = ?",
};

enum store_result reader_result(struct journal_reader *r, int rc)
{
    enum store_result result = sql_result(rc);
    if (result != STORE_OK)
        snprintf(r->error, sizeof r->error, "%s (%s)", store_result_text(result), sqlite3_errmsg(r->db));
    return result;
}

static int reader_prepare(struct journal_reader *r)
{
    int rc = sqlite3_exec(r->db, "PRAGMA wal_autocheckpoint = 0", NULL, NULL, NULL);
    for (size_t i = 0; i < QUERIES && rc == SQLITE_OK; i++)
        rc = sqlite3_prepare_v3(r->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &r->stmt[i], NULL);
    return rc;
}

static enum store_result reader_connect(struct journal_reader *r, const char *path, const char *vfs)
{
    int rc = sqlite3_open_v2(path, &r->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                             vfs);
    if (rc != SQLITE_OK)
        return sql_open_result(rc);
    sqlite3_db_config(r->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_busy_timeout(r->db, 40); /* only recovery and a writer that closes exclude a reader */
    int version = 0;
    enum store_result result = schema_identify(r->db, &version);
    if (result != STORE_OK)
        return result;
    if (version != STORE_SCHEMA_VERSION) /* an older one: its writer has yet to migrate it */
        return version == 0 ? STORE_CANNOT_OPEN : STORE_BUSY;
    return sql_open_result(reader_prepare(r));
}

enum store_result reader_open(struct journal_reader **reader, const char *path, const char *vfs, char *error,
                              size_t room)
{
    *reader = NULL;
    struct journal_reader *r = calloc(1, sizeof *r);
    if (r == NULL)
        return snprintf(error, room, "%s: out of memory", path), STORE_IO;
    enum store_result result = reader_connect(r, path, vfs);
    if (result != STORE_OK) {
        sql_explain(error, room, path, result, r->db);
        reader_close(r);
        return result;
    }
    *reader = r;
    return STORE_OK;
}

void reader_close(struct journal_reader *r)
{
    if (r == NULL)
        return;
    for (size_t i = 0; i < QUERIES; i++)
        sqlite3_finalize(r->stmt[i]);
    sqlite3_close(r->db);
    free(r->octets);
    free(r);
}

const char *reader_error(const struct journal_reader *r)
{
    return r->error;
}

enum store_result reader_bounds(struct journal_reader *r, struct journal_bounds *bounds)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_BOUNDS];
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        bounds->journal_id = sqlite3_column_int64(stmt, 0);
        bounds->newest = sqlite3_column_int64(stmt, 1);
        bounds->oldest =
            sqlite3_column_type(stmt, 2) == SQLITE_NULL ? bounds->newest + 1 : sqlite3_column_int64(stmt, 2);
    }
    return reader_result(r, sqlite3_reset(stmt));
}

static bool passes(const struct journal_filter *filter, const struct journal_row *row)
{
    return filter == NULL || ((filter->station == 0 || filter->station == row->station) &&
                              (filter->type == 0 || filter->type == row->type));
}

static bool keep_octets(struct journal_reader *r, const struct journal_row *row, size_t *used)
{
    if (r->octets_room - *used < row->octets_len) {
        size_t room = r->octets_room * 2 + 4096;
        uint8_t *grown = realloc(r->octets, room);
        if (grown == NULL)
            return false;
        r->octets = grown;
        r->octets_room = room;
    }
    if (row->octets_len)
        memcpy(r->octets + *used, row->octets, row->octets_len);
    *used += row->octets_len;
    return true;
}

/* Only now that they do not move any more. */
static void point_to_octets(const struct journal_reader *r, struct journal_row *rows, size_t len)
{
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        if (rows[i].type != ROW_OCTET_STRING)
            continue;
        rows[i].octets = rows[i].octets_len ? r->octets + used : NULL;
        used += rows[i].octets_len;
    }
}

enum store_result reader_rows(struct journal_reader *r, int64_t after, const struct journal_filter *filter,
                              struct journal_row *rows, size_t *len, int64_t *scanned_to)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_ROWS];
    size_t room = *len, octets = 0;
    bool kept = true;
    *len = 0;
    *scanned_to = after;
    sqlite3_bind_int64(stmt, 1, after);
    sqlite3_bind_int64(stmt, 2, ROWS_LOOKED_AT_MAX);
    while (kept && *len < room && sqlite3_step(stmt) == SQLITE_ROW) {
        struct journal_row row;
        sql_column_row(stmt, &row);
        if (passes(filter, &row)) {
            kept = row.type != ROW_OCTET_STRING || keep_octets(r, &row, &octets);
            rows[(*len)++] = row;
        }
        *scanned_to = row.seq;
    }
    point_to_octets(r, rows, *len);
    int rc = sqlite3_reset(stmt);
    return reader_result(r, kept ? rc : SQLITE_NOMEM);
}

/* Names longer than the room are cut; names in the database came through interfaces that bound them. */
static void copy_text(sqlite3_stmt *stmt, int at, char *into, size_t room)
{
    const char *text = (const char *)sqlite3_column_text(stmt, at);
    snprintf(into, room, "%s", text != NULL ? text : "");
}

enum store_result reader_consumers(struct journal_reader *r, struct reader_consumer *list, size_t *len)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_CONSUMERS];
    size_t room = *len;
    *len = 0;
    sqlite3_bind_int64(stmt, 1, (int64_t)room);
    while (*len < room && sqlite3_step(stmt) == SQLITE_ROW) {
        struct reader_consumer *c = &list[(*len)++];
        copy_text(stmt, 0, c->name, sizeof c->name);
        c->seq = sqlite3_column_int64(stmt, 1);
        c->at_ms = sqlite3_column_int64(stmt, 2);
    }
    return reader_result(r, sqlite3_reset(stmt));
}

bool reader_station_name(struct journal_reader *r, uint32_t station, char *name, size_t room)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_STATION_NAME];
    sqlite3_bind_int64(stmt, 1, station);
    bool found = sqlite3_step(stmt) == SQLITE_ROW;
    if (found)
        copy_text(stmt, 0, name, room);
    return reader_result(r, sqlite3_reset(stmt)) == STORE_OK && found;
}

uint32_t reader_station_number(struct journal_reader *r, const char *name)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_STATION_NUMBER];
    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_TRANSIENT);
    uint32_t number = sqlite3_step(stmt) == SQLITE_ROW ? (uint32_t)sqlite3_column_int64(stmt, 0) : 0;
    return reader_result(r, sqlite3_reset(stmt)) == STORE_OK ? number : 0;
}

enum store_result reader_holes(struct journal_reader *r, int64_t since_ms, int64_t *count)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_HOLES];
    sqlite3_bind_int64(stmt, 1, since_ms);
    *count = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    return reader_result(r, sqlite3_reset(stmt));
}
