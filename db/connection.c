// SPDX-License-Identifier: Apache-2.0
#include "db/connection.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static const char *const texts[SQL_STATEMENTS] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_SAVEPOINT] = "SAVEPOINT fragment",
    [SQL_RELEASE] = "RELEASE fragment",
    [SQL_UNDO] = "ROLLBACK TO fragment",
    [SQL_APPEND] = "INSERT INTO event (" SQL_ROW_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_PUT_VALUE] = "INSERT OR REPLACE INTO current_value (station, type, point_index, value, flags, "
                      "time_ms, time_quality, received_ms, seq) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_PUT_STATION] = "INSERT OR REPLACE INTO station_state (station, online, iin, last_heard_ms, "
                        "offline_since_ms, applied_seq, doubt) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SQL_PUT_CONSUMER] = "INSERT OR REPLACE INTO consumer (name, seq, at_ms) VALUES (?, ?, ?)",
    [SQL_SET_AS_OF] = "UPDATE meta SET as_of = ?1, last_seq = max(last_seq, ?2) WHERE id = 1",
    [SQL_SET_LAST_SEQ] = "UPDATE meta SET last_seq = max(last_seq, ?1) WHERE id = 1",
    [SQL_QUARANTINE] =
        "INSERT INTO quarantine (station, received_ms, seq, reason, octets) VALUES (?, ?, ?, ?, ?)",
    [SQL_QUARANTINE_NEW] = "SELECT station, max(id) FROM quarantine WHERE id > ? GROUP BY station",
    [SQL_QUARANTINE_BOUND_STATION] =
        "DELETE FROM quarantine WHERE station = ?1 AND id <= (SELECT id FROM quarantine "
        "WHERE station = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    [SQL_QUARANTINE_BOUND] = "DELETE FROM quarantine WHERE id <= (SELECT id FROM quarantine "
                             "ORDER BY id DESC LIMIT 1 OFFSET ?)",
    [SQL_RETAIN_FRONT] = "SELECT seq, iif(type = 100, max(time_ms, received_ms), received_ms) FROM event "
                         "WHERE seq <= ? ORDER BY seq LIMIT ?",
    [SQL_RETAIN_BEHIND] =
        "SELECT seq, received_ms FROM event WHERE seq >= ? AND type < 100 ORDER BY seq LIMIT 1",
    [SQL_RETAIN_DELETE] = "DELETE FROM event WHERE seq <= ?",
    [SQL_PAGE_COUNT] = "PRAGMA page_count",
    [SQL_FREE_PAGES] = "PRAGMA freelist_count",
    [SQL_PAGE_OCTETS] = "PRAGMA page_size",
    [SQL_STATION_NUMBER] = "SELECT number FROM station WHERE name = ?",
    [SQL_STATION_NEW] = "INSERT INTO station (name) VALUES (?)",
    [SQL_STATION_DIGEST] = "SELECT points_digest FROM station WHERE number = ?",
    [SQL_STATION_SET_DIGEST] = "UPDATE station SET points_digest = ? WHERE number = ?",
    [SQL_POINTS_DELETE] = "DELETE FROM point WHERE station = ?",
    [SQL_POINT_NEW] = "INSERT OR REPLACE INTO point (station, type, point_index, name, unit, scale, offset) "
                      "VALUES (?, ?, ?, ?, ?, ?, ?)",
    [SQL_RECOVER_STATIONS] = "SELECT station, online, iin, last_heard_ms, offline_since_ms, applied_seq, "
                             "doubt FROM station_state ORDER BY station",
    [SQL_RECOVER_VALUES] = "SELECT station, type, point_index, value, flags, time_ms, time_quality, "
                           "received_ms, seq FROM current_value ORDER BY station, type, point_index",
    [SQL_RECOVER_POINTS] = "SELECT DISTINCT station, type, point_index FROM event WHERE seq > ? AND "
                           "type < 100 ORDER BY station, type, point_index",
    [SQL_AUDIT] =
        "INSERT INTO audit (id, at_ms, command, who, role, action, station, subject, state, detail, "
        "hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_AUDIT_HEAD] = "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1",
    [SQL_AUDIT_LAST] =
        "SELECT a.id, a.at_ms, a.command, a.who, a.role, a.action, a.station, a.subject, a.state, "
        "a.detail FROM (SELECT max(id) AS last FROM audit WHERE command <> 0 AND command > ? "
        "GROUP BY command) JOIN audit a ON a.id = last ORDER BY a.id",
    [SQL_TAG_PUT] = "INSERT INTO tag (id, station, type, point_index, kind, text, who, at_ms) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_TAG_DELETE] = "DELETE FROM tag WHERE id = ?",
    [SQL_RECOVER_ROWS] = "SELECT " SQL_ROW_COLUMNS " FROM event WHERE seq > ? ORDER BY seq",
};

int connection_prepare(struct store *s)
{
    for (size_t i = 0; i < SQL_STATEMENTS; i++) {
        int rc = sqlite3_prepare_v3(s->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &s->stmt[i], NULL);
        if (rc != SQLITE_OK)
            return rc;
    }
    return SQLITE_OK;
}

enum store_result connection_result(struct store *s, int rc, const char *what)
{
    enum store_result result = sql_result(rc);
    if (result == STORE_OK)
        return result;
    snprintf(s->error, sizeof s->error, "%s: %s (%s)", what, store_result_text(result),
             sqlite3_errcode(s->db) == SQLITE_OK ? sqlite3_errstr(rc) : sqlite3_errmsg(s->db));
    if (result == STORE_CORRUPT)
        sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    return result;
}

void connection_watch_files(struct store *s, const char *path)
{
    static const char *const suffixes[] = {"", "-wal"};
    char *real = realpath(path, NULL);
    for (size_t i = 0; real != NULL && i < sizeof s->files / sizeof s->files[0]; i++) {
        struct store_file *f = &s->files[i];
        struct stat about;
        char *name;
        if (asprintf(&name, "%s%s", real, suffixes[i]) < 0)
            continue;
        if (stat(name, &about) == 0)
            *f = (struct store_file){name, about.st_dev, about.st_ino};
        else
            free(name);
    }
    free(real);
}

const char *connection_lost_file(const struct store *s)
{
    for (size_t i = 0; i < sizeof s->files / sizeof s->files[0]; i++) {
        const struct store_file *f = &s->files[i];
        struct stat about;
        if (f->path != NULL &&
            (stat(f->path, &about) != 0 || about.st_ino != f->inode || about.st_dev != f->device))
            return f->path;
    }
    return NULL;
}

void connection_forget_files(struct store *s)
{
    for (size_t i = 0; i < sizeof s->files / sizeof s->files[0]; i++)
        free(s->files[i].path);
}
