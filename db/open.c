// SPDX-License-Identifier: Apache-2.0
/*
 * Opening the store. In this order, so that a file that is not ours stays as it is: the lock that keeps a
 * second fepd out, the identity of the file, the settings, the migrations, the statements. Only when all is
 * well may closing fold the WAL into the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "db/connection.h"
#include "db/schema.h"

/* A WAL that grew under somebody's long SELECT shrinks to this once it is reset. */
#define WAL_KEPT_OCTETS "16777216"

static const struct setting {
    const char *set;
    const char *get;
    int64_t expect;
} settings[] = {
    /*
     * While a new file turns to WAL. With less, SQLite leaves the removal of the rollback journal to chance;
     * the journal that a power cut brings back would undo the turn, and the WAL with all its commits is then
     * void.
     */
    {"PRAGMA synchronous = EXTRA", "PRAGMA synchronous", 3},
    /* Before the first page is written; an older file keeps its own. */
    {"PRAGMA page_size = 4096", NULL, 0},
    {"PRAGMA journal_mode = WAL", "SELECT journal_mode = 'wal' FROM pragma_journal_mode", 1},
    {"PRAGMA wal_autocheckpoint = 0", "PRAGMA wal_autocheckpoint", 0},
    {"PRAGMA foreign_keys = OFF", "PRAGMA foreign_keys", 0},
    {"PRAGMA temp_store = MEMORY", NULL, 0},
    {"PRAGMA journal_size_limit = " WAL_KEPT_OCTETS, NULL, 0},
};

/*
 * A file beside the database: SQLite's own locks can't say "one writer as long as it lives" without shutting
 * out readers too, and closing any descriptor of the database file itself would drop them.
 */
static enum store_result open_lock(struct store *s, const char *path, char *error, size_t room)
{
    char *real = realpath(path, NULL); /* two names of one file must meet at one lock */
    char *name = NULL;
    int len = asprintf(&name, "%s.lock", real != NULL ? real : path);
    free(real);
    if (len < 0)
        return snprintf(error, room, "%s: out of memory", path), STORE_IO;
    enum store_result result = STORE_OK;
    s->lock_fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (s->lock_fd < 0) {
        result = errno == ENOSPC ? STORE_FULL : STORE_CANNOT_OPEN;
        snprintf(error, room,
                 "%s: can't be opened: %s; check that its directory exists and that this user "
                 "may write there",
                 name, strerror(errno));
    } else if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        result = STORE_CANNOT_OPEN;
        snprintf(error, room, "%s: in use by another fepd (it holds %s); stop it, or name another file", path,
                 name);
    }
    free(name);
    return result;
}

static int open_apply(sqlite3 *db, const char *set, const char *get, int64_t expect)
{
    int rc = sqlite3_exec(db, set, NULL, NULL, NULL);
    if (rc != SQLITE_OK || get == NULL)
        return rc;
    int64_t value = 0;
    rc = sql_integer(db, get, -1, &value);
    return rc == SQLITE_OK && value != expect ? SQLITE_CANTOPEN : rc;
}

static int open_settings(sqlite3 *db, const struct store_options *options)
{
    int rc = SQLITE_OK;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0] && rc == SQLITE_OK; i++)
        rc = open_apply(db, settings[i].set, settings[i].get, settings[i].expect);
    /* The default is small: the journal grows at its end and values are written in order of stations, so a
     * page that has left the cache is seldom missed, and the kernel still has it. */
    char cache[48];
    int64_t cache_kib = (int64_t)(options->cache_mb != 0 ? options->cache_mb : 1) * 1024;
    snprintf(cache, sizeof cache, "PRAGMA cache_size = -%lld", (long long)cache_kib);
    if (rc == SQLITE_OK)
        rc = open_apply(db, cache, "PRAGMA cache_size", -cache_kib);
    if (rc == SQLITE_OK)
        rc = options->sync_off ? open_apply(db, "PRAGMA synchronous = OFF", "PRAGMA synchronous", 0)
                               : open_apply(db, "PRAGMA synchronous = FULL", "PRAGMA synchronous", 2);
    return rc;
}

static enum store_result open_file(struct store *s, const char *path, const struct store_options *options)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int rc = sqlite3_open_v2(path, &s->db, flags, options->vfs);
    if (rc != SQLITE_OK)
        return sql_open_result(rc);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_busy_timeout(s->db, 1000); /* a tool that is just leaving */
    int version = 0;
    enum store_result result = schema_identify(s->db, &version);
    if (result == STORE_OK && sqlite3_db_readonly(s->db, "main") == 1)
        result = STORE_CANNOT_OPEN;
    if (result != STORE_OK)
        return result;
    rc = open_settings(s->db, options);
    if (rc != SQLITE_OK)
        return sql_open_result(rc);
    return schema_migrate(s->db, schema_migrations, schema_migration_count);
}

static int count_wal_pages(void *context, sqlite3 *db, const char *name, int pages)
{
    (void)db;
    (void)name;
    struct store *s = context;
    s->wal_pages = (uint32_t)pages;
    return SQLITE_OK;
}

/* A file of ours that lacks what it must have was damaged by somebody. */
static enum store_result open_contents(struct store *s)
{
    int64_t newest = 0;
    int64_t last = 0;
    int rc = connection_prepare(s);
    if (rc == SQLITE_OK)
        rc = sql_integer(s->db, "SELECT journal_id FROM meta WHERE id = 1", 0, &s->journal_id);
    if (rc == SQLITE_OK)
        rc = sql_integer(s->db, "SELECT as_of FROM meta WHERE id = 1", 0, &s->committed.as_of);
    if (rc == SQLITE_OK)
        rc = sql_integer(s->db, "SELECT last_seq FROM meta WHERE id = 1", 0, &last);
    if (rc == SQLITE_OK)
        rc = sql_integer(s->db, "SELECT coalesce(max(seq), 0) FROM event", 0, &newest);
    if (rc == SQLITE_OK)
        rc = connection_load_audit(s);
    if (rc != SQLITE_OK)
        return rc == SQLITE_ERROR ? STORE_CORRUPT : sql_open_result(rc);
    s->committed.next_seq = (newest > last ? newest : last) + 1;
    return s->journal_id > 0 ? STORE_OK : STORE_CORRUPT;
}

/*
 * Makes durable what the file says. Where a sync failed before the last process ended, Linux calls the pages
 * clean that never reached the disk: they can be read, no later sync writes them, and what is appended behind
 * them would be lost with them. Copied into the database they are written anew. A reader that has been there
 * since before the crash may keep the newest of them out: that is no reason not to start.
 */
static enum store_result open_rewrite_wal(struct store *s)
{
    int rc = sqlite3_wal_checkpoint_v2(s->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
    return rc == SQLITE_BUSY ? STORE_OK : sql_open_result(rc);
}

enum store_result store_open(struct store **store, const char *path, const struct store_options *options,
                             char *error, size_t room)
{
    static const struct store_options defaults;
    if (options == NULL)
        options = &defaults;
    *store = NULL;
    /* Before the first connection of the process; later it is refused, and changes nothing. Nobody asks
     * SQLite what it has allocated, and counting takes a lock each time. */
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    struct store *s = calloc(1, sizeof *s);
    if (s == NULL)
        return snprintf(error, room, "%s: out of memory", path), STORE_IO;
    s->lock_fd = -1;
    /* A VFS of a test has no directory to put a lock into. */
    enum store_result result = options->vfs == NULL ? open_lock(s, path, error, room) : STORE_OK;
    if (result == STORE_OK) {
        result = open_file(s, path, options);
        if (result == STORE_OK)
            result = open_contents(s);
        if (result == STORE_OK)
            result = open_rewrite_wal(s);
        if (result != STORE_OK)
            sql_explain(error, room, path, result, s->db);
    }
    if (result != STORE_OK) {
        store_close(s);
        return result;
    }
    s->now = s->committed;
    if (options->vfs == NULL)
        connection_watch_files(s, path);
    sqlite3_busy_timeout(s->db, BUSY_WAIT_MS);
    sqlite3_wal_hook(s->db, count_wal_pages, s);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    *store = s;
    return STORE_OK;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    for (size_t i = 0; i < SQL_STATEMENTS; i++)
        sqlite3_finalize(s->stmt[i]);
    sqlite3_close(s->db);
    connection_forget_files(s);
    if (s->lock_fd >= 0)
        close(s->lock_fd);
    free(s);
}
