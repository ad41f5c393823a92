// SPDX-License-Identifier: Apache-2.0
/* A store in a directory of its own, for the tests of the database. Header only: fails the test by itself. */
#ifndef SUPPORT_DATABASE_H
#define SUPPORT_DATABASE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "db/reader.h"
#include "db/store.h"

struct database {
    char directory[64];
    char path[96];
    struct store *store;
    char error[400];
};

static inline void database_open(struct database *db)
{
    if (store_open(&db->store, db->path, NULL, db->error, sizeof db->error) != STORE_OK)
        fail_msg("%s", db->error);
}

static inline void database_reopen(struct database *db)
{
    store_close(db->store);
    database_open(db);
}

/* Only the directory and the path: no file yet. */
static inline struct database *database_place(void)
{
    struct database *db = calloc(1, sizeof *db);
    assert_non_null(db);
    strcpy(db->directory, "/tmp/fep-db-XXXXXX");
    assert_non_null(mkdtemp(db->directory));
    snprintf(db->path, sizeof db->path, "%s/fep.db", db->directory);
    return db;
}

static inline struct database *database_new(void)
{
    struct database *db = database_place();
    database_open(db);
    return db;
}

static inline int database_remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static inline void database_free(struct database *db)
{
    store_close(db->store);
    nftw(db->directory, database_remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(db);
}

static inline int database_setup(void **state)
{
    *state = database_new();
    return 0;
}

static inline int database_setup_place(void **state)
{
    *state = database_place();
    return 0;
}

static inline int database_teardown(void **state)
{
    database_free(*state);
    return 0;
}

/* A connection as a person's tool makes it; the caller closes it. */
static inline sqlite3 *database_connect(const struct database *db)
{
    sqlite3 *connection = NULL;
    assert_int_equal(sqlite3_open(db->path, &connection), SQLITE_OK);
    sqlite3_exec(connection, "PRAGMA wal_autocheckpoint = 0", NULL, NULL, NULL);
    return connection;
}

static inline void database_sql(const struct database *db, const char *sql)
{
    sqlite3 *connection = database_connect(db);
    if (sqlite3_exec(connection, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(connection));
    sqlite3_close(connection);
}

/* The first column of the first row as text, "NULL" where it is; valid until the next call. */
static inline const char *database_text(const struct database *db, const char *sql)
{
    static char text[1024];
    sqlite3 *connection = database_connect(db);
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(connection, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(connection));
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    const char *column = (const char *)sqlite3_column_text(stmt, 0);
    snprintf(text, sizeof text, "%s", column != NULL ? column : "NULL");
    sqlite3_finalize(stmt);
    sqlite3_close(connection);
    return text;
}

static inline int64_t database_integer(const struct database *db, const char *sql)
{
    return strtoll(database_text(db, sql), NULL, 10);
}

static inline struct journal_reader *database_reader(struct database *db)
{
    struct journal_reader *reader = NULL;
    if (reader_open(&reader, db->path, NULL, db->error, sizeof db->error) != STORE_OK)
        fail_msg("%s", db->error);
    return reader;
}

static inline void database_store_rows(struct database *db, const struct journal_row *rows, size_t len)
{
    assert_int_equal(store_begin(db->store), STORE_OK);
    for (size_t i = 0; i < len; i++)
        assert_int_equal(store_append(db->store, &rows[i]), STORE_OK);
    assert_int_equal(store_commit(db->store), STORE_OK);
}

/*
 * `len` more rows: of stations 1, 2, 3 in turn, types 1 and 6 in turn, received at 1,000 ms times the
 * sequence.
 */
static inline void database_store_numbered(struct database *db, int len)
{
    assert_int_equal(store_begin(db->store), STORE_OK);
    for (int i = 0; i < len; i++) {
        int64_t seq = store_next_seq(db->store);
        struct journal_row row = {.seq = seq,
                                  .value = (double)seq,
                                  .received_ms = seq * 1000,
                                  .station = (uint32_t)(seq % 3 + 1),
                                  .type = seq % 2 == 0 ? 6 : 1,
                                  .flags = 1,
                                  .origin = ORIGIN_EVENT};
        assert_int_equal(store_append(db->store, &row), STORE_OK);
    }
    assert_int_equal(store_commit(db->store), STORE_OK);
}

#endif
