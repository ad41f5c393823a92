// SPDX-License-Identifier: Apache-2.0
#include "db/sql.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    int code; /* primary */
    enum store_result result;
} meanings[] = {
    {SQLITE_OK, STORE_OK},
    {SQLITE_DONE, STORE_OK},
    {SQLITE_ROW, STORE_OK},
    {SQLITE_BUSY, STORE_BUSY},
    {SQLITE_LOCKED, STORE_BUSY},
    {SQLITE_PROTOCOL, STORE_BUSY},
    {SQLITE_FULL, STORE_FULL},
    {SQLITE_CONSTRAINT, STORE_REFUSED},
    {SQLITE_TOOBIG, STORE_REFUSED},
    {SQLITE_MISMATCH, STORE_REFUSED},
    {SQLITE_RANGE, STORE_REFUSED},
    {SQLITE_CORRUPT, STORE_CORRUPT},
    {SQLITE_NOTADB, STORE_NOT_A_DATABASE},
    {SQLITE_CANTOPEN, STORE_CANNOT_OPEN},
    {SQLITE_READONLY, STORE_CANNOT_OPEN},
    {SQLITE_PERM, STORE_CANNOT_OPEN},
    {SQLITE_AUTH, STORE_CANNOT_OPEN},
};

/* What to tell a person: what is wrong, and the way out. */
static const struct {
    const char *text;
    const char *advice;
} texts[] = {
    [STORE_OK] = {"ok", ""},
    [STORE_BUSY] = {"locked by another process", "; try again when it has finished"},
    [STORE_FULL] = {"no space left", "; free some, or set a limit for retention"},
    [STORE_IO] = {"I/O error", "; see the kernel's log and check the disk"},
    [STORE_REFUSED] = {"refused", ""},
    [STORE_CORRUPT] = {"the database is damaged; it was left as it is",
                       "; copy it together with its -wal file, then rescue what can be read: sqlite3 COPY "
                       ".recover | sqlite3 NEW"},
    [STORE_NEWER] = {"the database was written by a newer version of fepd",
                     "; install that version, or name another file"},
    [STORE_NOT_A_DATABASE] = {"not a database", "; name another file"},
    [STORE_FOREIGN] = {"a database of another application", "; name another file"},
    [STORE_CANNOT_OPEN] = {"can't be opened for writing",
                           "; check that its directory exists and that this user may write there"},
};

enum store_result sql_open_result(int rc)
{
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++) {
        if (meanings[i].code == (rc & 0xff))
            return meanings[i].result;
    }
    return STORE_IO;
}

enum store_result sql_result(int rc)
{
    enum store_result result = sql_open_result(rc);
    return result == STORE_CANNOT_OPEN ? STORE_IO : result;
}

const char *store_result_text(enum store_result result)
{
    return texts[result].text;
}

void sql_explain(char *error, size_t room, const char *path, enum store_result result, sqlite3 *db)
{
    const char *detail = db != NULL && sqlite3_errcode(db) != SQLITE_OK ? sqlite3_errmsg(db) : NULL;
    int system = db != NULL && result == STORE_CANNOT_OPEN ? sqlite3_system_errno(db) : 0;
    snprintf(error, room, "%s: %s%s%s%s%s%s%s", path, texts[result].text, detail != NULL ? " (" : "",
             detail != NULL ? detail : "", system != 0 ? ": " : "", system != 0 ? strerror(system) : "",
             detail != NULL ? ")" : "", texts[result].advice);
}

int sql_run(sqlite3_stmt *stmt)
{
    int rc = sqlite3_step(stmt);
    int end = sqlite3_reset(stmt);
    if (end != SQLITE_OK)
        return end;
    return rc == SQLITE_DONE || rc == SQLITE_ROW ? SQLITE_OK : rc;
}

int sql_integer(sqlite3 *db, const char *sql, int64_t otherwise, int64_t *value)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, &stmt, NULL);
    if (rc != SQLITE_OK)
        return rc;
    *value = sqlite3_step(stmt) == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : otherwise;
    return sqlite3_finalize(stmt);
}

int sql_bind_double(sqlite3_stmt *stmt, int at, double value)
{
    if (!isnan(value) && !(value == 0 && signbit(value)))
        return sqlite3_bind_double(stmt, at, value);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint8_t octets[8];
    for (unsigned i = 0; i < 8; i++)
        octets[i] = (uint8_t)(bits >> (56 - 8 * i));
    return sqlite3_bind_blob(stmt, at, octets, sizeof octets, SQLITE_TRANSIENT);
}

double sql_column_double(sqlite3_stmt *stmt, int at)
{
    if (sqlite3_column_type(stmt, at) != SQLITE_BLOB || sqlite3_column_bytes(stmt, at) != 8)
        return sqlite3_column_double(stmt, at);
    const uint8_t *octets = sqlite3_column_blob(stmt, at);
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++)
        bits = bits << 8 | octets[i];
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

int sql_bind_octets(sqlite3_stmt *stmt, int at, const uint8_t *octets, size_t len)
{
    /* Without an address it would be NULL, and an empty string is something else. */
    return sqlite3_bind_blob64(stmt, at, len ? (const void *)octets : "", len, SQLITE_STATIC);
}

const uint8_t *sql_column_octets(sqlite3_stmt *stmt, int at, uint8_t *len)
{
    const uint8_t *octets = sqlite3_column_blob(stmt, at);
    int there = octets ? sqlite3_column_bytes(stmt, at) : 0;
    *len = (uint8_t)(there < UINT8_MAX ? there : UINT8_MAX);
    return octets;
}

void sql_column_row(sqlite3_stmt *stmt, struct journal_row *row)
{
    *row = (struct journal_row){
        .seq = sqlite3_column_int64(stmt, 0),
        .time_ms = sqlite3_column_int64(stmt, 2),
        .received_ms = sqlite3_column_int64(stmt, 3),
        .station = (uint32_t)sqlite3_column_int64(stmt, 4),
        .index = (uint32_t)sqlite3_column_int64(stmt, 5),
        .doubt = (uint32_t)sqlite3_column_int64(stmt, 6),
        .type = (uint8_t)sqlite3_column_int(stmt, 7),
        .flags = (uint8_t)sqlite3_column_int(stmt, 8),
        .time_quality = (uint8_t)sqlite3_column_int(stmt, 9),
        .origin = (uint8_t)sqlite3_column_int(stmt, 10),
        .marks = (uint8_t)sqlite3_column_int(stmt, 11),
    };
    if (row->type == ROW_OCTET_STRING)
        row->octets = sql_column_octets(stmt, 1, &row->octets_len);
    else
        row->value = sql_column_double(stmt, 1);
}
