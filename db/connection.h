// SPDX-License-Identifier: Apache-2.0
/* The inside of the writing connection, shared by the files that implement db/store.h. */
#ifndef DB_CONNECTION_H
#define DB_CONNECTION_H

#include <sys/types.h>

#include "db/audit.h"
#include "db/sql.h"

/*
 * A reader that meets a commit half way takes the write lock for a moment to look again: that is worth a
 * wait. A person who holds it is not.
 */
enum { BUSY_WAIT_MS = 20 };

enum statement {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_SAVEPOINT,
    SQL_RELEASE,
    SQL_UNDO,
    SQL_APPEND,
    SQL_PUT_VALUE,
    SQL_PUT_STATION,
    SQL_PUT_CONSUMER,
    SQL_SET_AS_OF,
    SQL_SET_LAST_SEQ,
    SQL_QUARANTINE,
    SQL_QUARANTINE_NEW,
    SQL_QUARANTINE_BOUND_STATION,
    SQL_QUARANTINE_BOUND,
    SQL_RETAIN_FRONT,
    SQL_RETAIN_BEHIND,
    SQL_RETAIN_DELETE,
    SQL_PAGE_COUNT,
    SQL_FREE_PAGES,
    SQL_PAGE_OCTETS,
    SQL_STATION_NUMBER,
    SQL_STATION_NEW,
    SQL_STATION_DIGEST,
    SQL_STATION_SET_DIGEST,
    SQL_POINTS_DELETE,
    SQL_POINT_NEW,
    SQL_RECOVER_STATIONS,
    SQL_RECOVER_VALUES,
    SQL_RECOVER_POINTS,
    SQL_RECOVER_ROWS,
    SQL_AUDIT,
    SQL_AUDIT_HEAD,
    SQL_AUDIT_LAST,
    SQL_TAG_PUT,
    SQL_TAG_DELETE,
    SQL_STATEMENTS
};

/* What a rollback takes back. */
struct store_marks {
    int64_t next_seq;
    int64_t as_of;
    struct audit_head audit;
    int64_t bounded_quarantine; /* ids up to here were within the bound per station when last looked at */
};

/* A file by its name, and which one it was when it was opened. */
struct store_file {
    char *path; /* NULL: not looked at */
    dev_t device;
    ino_t inode;
};

struct store {
    sqlite3 *db;
    struct store_file files[2]; /* the database, and its log */
    sqlite3_stmt *stmt[SQL_STATEMENTS];
    int lock_fd; /* -1: none */
    int64_t journal_id;
    struct store_marks committed;
    struct store_marks now;          /* inside a transaction */
    struct store_marks savepoint;    /* inside a savepoint */
    uint32_t quarantine_per_station; /* that bounded_quarantine is about */
    uint32_t wal_pages;
    char error[256];
};

int connection_prepare(struct store *s);    /* all statements: a result code of SQLite */
int connection_load_audit(struct store *s); /* its head: a result code of SQLite */
/* Notes which files are open; says which one is not in its place any more, NULL: none. */
void connection_watch_files(struct store *s, const char *path);
const char *connection_lost_file(const struct store *s);
void connection_forget_files(struct store *s);
/* Remembers the error and gives its meaning. A damaged file is not written to any more, also not by closing.
 */
enum store_result connection_result(struct store *s, int rc, const char *what);

#endif
