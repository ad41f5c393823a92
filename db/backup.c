// SPDX-License-Identifier: Apache-2.0
#include "db/backup.h"

#include "db/schema.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WAIT_MS = 5000 };

/* Alone, without a log beside it; and a journal of its own: see backup.h. */
#define NEW_JOURNAL                                                                                          \
    "PRAGMA journal_mode = DELETE;"                                                                          \
    "UPDATE meta SET journal_id = (random() & 0x1ffffffffffffe) + 1 WHERE id = 1"

static enum store_result open_source(const char *path, sqlite3 **db)
{
    int rc = sqlite3_open_v2(path, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_EXRESCODE, NULL);
    if (rc != SQLITE_OK)
        return sql_open_result(rc);
    sqlite3_db_config(*db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_busy_timeout(*db, WAIT_MS);
    int version = 0;
    enum store_result result = schema_identify(*db, &version);
    return result == STORE_OK && version == 0 ? STORE_NOT_A_DATABASE : result;
}

/* In one go: between two steps the writer commits, and SQLite would begin again and again. */
static enum store_result copy(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    if (backup == NULL)
        return STORE_IO;
    (void)sqlite3_backup_step(backup, -1);
    int rc = sqlite3_backup_finish(backup);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(to, NEW_JOURNAL, NULL, NULL, NULL);
    int64_t whole = 0;
    if (rc == SQLITE_OK)
        rc = sql_integer(to, "SELECT quick_check = 'ok' FROM pragma_quick_check(1)", 0, &whole);
    return rc != SQLITE_OK ? sql_open_result(rc) : whole ? STORE_OK : STORE_CORRUPT;
}

static enum store_result make(const char *source, const char *partial, char *error, size_t room)
{
    sqlite3 *from = NULL;
    sqlite3 *to = NULL;
    enum store_result result = open_source(source, &from);
    if (result != STORE_OK) {
        sql_explain(error, room, source, result, from);
    } else {
        int rc = sqlite3_open(partial, &to);
        result = rc == SQLITE_OK ? copy(from, to) : sql_open_result(rc);
        if (result != STORE_OK)
            sql_explain(error, room, partial, result, to);
    }
    sqlite3_close(to);
    sqlite3_close(from);
    return result;
}

/* The name appears when the octets are on the disk; the folder's entry is synchronised, too. */
static bool settle(const char *partial, const char *target)
{
    char *folder = strdup(target);
    char *slash = folder != NULL ? strrchr(folder, '/') : NULL;
    if (slash != NULL)
        slash[slash == folder ? 1 : 0] = '\0';
    int file = open(partial, O_RDONLY | O_CLOEXEC);
    int place = open(slash != NULL ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good =
        file >= 0 && place >= 0 && fsync(file) == 0 && link(partial, target) == 0 && fsync(place) == 0;
    int reason = errno;
    if (file >= 0)
        close(file);
    if (place >= 0)
        close(place);
    free(folder);
    errno = reason;
    return good;
}

enum store_result store_backup(const char *source, const char *target, char *error, size_t room)
{
    char *partial = NULL;
    if (asprintf(&partial, "%s.partial", target) < 0)
        return snprintf(error, room, "%s: out of memory", target), STORE_IO;
    enum store_result result = STORE_IO;
    (void)unlink(partial);
    if (access(target, F_OK) == 0)
        snprintf(error, room, "%s: exists already; name another file", target);
    else
        result = make(source, partial, error, room);
    if (result == STORE_OK && !settle(partial, target)) {
        snprintf(error, room, "%s: %s", target, strerror(errno));
        result = STORE_IO;
    }
    (void)unlink(partial);
    free(partial);
    return result;
}
