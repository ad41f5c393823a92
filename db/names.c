// SPDX-License-Identifier: Apache-2.0
/* Numbers of stations, descriptions of points. */
#include <string.h>

#include "db/connection.h"

enum store_result store_register_station(struct store *s, const char *name, uint32_t *number)
{
    sqlite3_stmt *find = s->stmt[SQL_STATION_NUMBER];
    sqlite3_bind_text(find, 1, name, -1, SQLITE_TRANSIENT);
    int64_t found = sqlite3_step(find) == SQLITE_ROW ? sqlite3_column_int64(find, 0) : 0;
    int rc = sqlite3_reset(find);
    if (rc == SQLITE_OK && found == 0) {
        sqlite3_bind_text(s->stmt[SQL_STATION_NEW], 1, name, -1, SQLITE_TRANSIENT);
        rc = sql_run(s->stmt[SQL_STATION_NEW]);
        found = sqlite3_last_insert_rowid(s->db);
    }
    if (rc == SQLITE_OK)
        *number = (uint32_t)found;
    return connection_result(s, rc, "station");
}

/* FNV-1a, 64 bits: guards against a needless rewrite, not against an adversary. */
static uint64_t digest_octets(uint64_t digest, const void *octets, size_t len)
{
    const uint8_t *at = octets;
    for (size_t i = 0; i < len; i++)
        digest = (digest ^ at[i]) * 0x100000001b3u;
    return digest;
}

static uint64_t digest_text(uint64_t digest, const char *text)
{
    return text == NULL ? digest_octets(digest, "\1", 2) : digest_octets(digest, text, strlen(text) + 1);
}

static int64_t digest_points(const struct stored_point *points, size_t len)
{
    uint64_t digest = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++) {
        const struct stored_point *p = &points[i];
        digest = digest_octets(digest, &p->index, sizeof p->index);
        digest = digest_octets(digest, &p->type, sizeof p->type);
        digest = digest_octets(digest, &p->scale, sizeof p->scale);
        digest = digest_octets(digest, &p->offset, sizeof p->offset);
        digest = digest_text(digest, p->name);
        digest = digest_text(digest, p->unit);
    }
    return (int64_t)digest;
}

static int describe_point(struct store *s, uint32_t station, const struct stored_point *p)
{
    sqlite3_stmt *stmt = s->stmt[SQL_POINT_NEW];
    sqlite3_bind_int64(stmt, 1, station);
    sqlite3_bind_int(stmt, 2, p->type);
    sqlite3_bind_int64(stmt, 3, p->index);
    sqlite3_bind_text(stmt, 4, p->name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 5, p->unit, -1, SQLITE_TRANSIENT);
    sqlite3_bind_double(stmt, 6, p->scale);
    sqlite3_bind_double(stmt, 7, p->offset);
    return sql_run(stmt);
}

static int describe_all(struct store *s, uint32_t station, const struct stored_point *points, size_t len,
                        int64_t digest)
{
    sqlite3_bind_int64(s->stmt[SQL_POINTS_DELETE], 1, station);
    int rc = sql_run(s->stmt[SQL_POINTS_DELETE]);
    for (size_t i = 0; i < len && rc == SQLITE_OK; i++)
        rc = describe_point(s, station, &points[i]);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64(s->stmt[SQL_STATION_SET_DIGEST], 1, digest);
    sqlite3_bind_int64(s->stmt[SQL_STATION_SET_DIGEST], 2, station);
    return sql_run(s->stmt[SQL_STATION_SET_DIGEST]);
}

enum store_result store_describe_points(struct store *s, uint32_t station, const struct stored_point *points,
                                        size_t len)
{
    int64_t digest = digest_points(points, len);
    sqlite3_stmt *known = s->stmt[SQL_STATION_DIGEST];
    sqlite3_bind_int64(known, 1, station);
    bool same = sqlite3_step(known) == SQLITE_ROW && sqlite3_column_type(known, 0) == SQLITE_INTEGER &&
                sqlite3_column_int64(known, 0) == digest;
    int rc = sqlite3_reset(known);
    if (rc != SQLITE_OK || same)
        return connection_result(s, rc, "points");
    /* The digest must not outlive a half-written description, also outside a transaction of the caller. */
    rc = sql_run(s->stmt[SQL_SAVEPOINT]);
    if (rc == SQLITE_OK)
        rc = describe_all(s, station, points, len, digest);
    if (rc == SQLITE_OK)
        rc = sql_run(s->stmt[SQL_RELEASE]);
    enum store_result result = connection_result(s, rc, "points");
    if (result != STORE_OK && !sqlite3_get_autocommit(s->db)) {
        sql_run(s->stmt[SQL_UNDO]);
        sql_run(s->stmt[SQL_RELEASE]);
    }
    return result;
}
