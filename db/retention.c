// SPDX-License-Identifier: Apache-2.0
/*
 * Retention takes rows from the front of the journal, oldest first, up to a cut. By age the cut lies before
 * the first row that is young enough; by size, after as many rows as the excess is likely to need.
 *
 * Pages that were emptied stay in the file and are used again, so the size that counts is that of the pages
 * in use. A call may take too few rows, never too many by more than a page's worth: the next call goes on.
 */
#include "db/connection.h"

enum {
    ROW_OCTETS_MAX = 96 /* a row of the journal with its share of the tree, at most */
};

static int one_integer(sqlite3_stmt *stmt, int64_t *value)
{
    int rc = sqlite3_step(stmt);
    *value = rc == SQLITE_ROW ? sqlite3_column_int64(stmt, 0) : 0;
    return sqlite3_reset(stmt);
}

/* How many rows surely must go for the pages in use to fit into max_octets. */
static int retain_excess_rows(struct store *s, uint64_t max_octets, int64_t *rows)
{
    int64_t pages = 0;
    int64_t unused = 0;
    int64_t page_octets = 0;
    int rc = one_integer(s->stmt[SQL_PAGE_COUNT], &pages);
    if (rc == SQLITE_OK)
        rc = one_integer(s->stmt[SQL_FREE_PAGES], &unused);
    if (rc == SQLITE_OK)
        rc = one_integer(s->stmt[SQL_PAGE_OCTETS], &page_octets);
    uint64_t used = (uint64_t)((pages - unused) * page_octets);
    *rows = used > max_octets ? (int64_t)((used - max_octets) / ROW_OCTETS_MAX) + 1 : 0;
    return rc;
}

/* The last row to go, 0 where none is: walks the front until a row is neither in excess nor too old. */
static int retain_find_cut(struct store *s, int64_t before_ms, int64_t excess_rows, uint32_t max_rows,
                           int64_t *cut, uint32_t *len)
{
    sqlite3_stmt *front = s->stmt[SQL_RETAIN_FRONT];
    int64_t newest = s->now.next_seq - 1;
    sqlite3_bind_int64(front, 1, s->now.as_of < newest ? s->now.as_of : newest - 1);
    sqlite3_bind_int64(front, 2, max_rows);
    *cut = 0;
    *len = 0;
    while (sqlite3_step(front) == SQLITE_ROW) {
        bool old = before_ms > 0 && sqlite3_column_int64(front, 1) < before_ms;
        if (!old && *len >= excess_rows)
            break;
        *cut = sqlite3_column_int64(front, 0);
        *len += 1;
    }
    return sqlite3_reset(front);
}

static int retain_delete(struct store *s, int64_t cut)
{
    /* The newest row stays and tells the next sequence; this is for somebody who deletes it by hand. */
    sqlite3_bind_int64(s->stmt[SQL_SET_LAST_SEQ], 1, s->now.next_seq - 1);
    int rc = sql_run(s->stmt[SQL_SET_LAST_SEQ]);
    if (rc != SQLITE_OK)
        return rc;
    sqlite3_bind_int64(s->stmt[SQL_RETAIN_DELETE], 1, cut);
    return sql_run(s->stmt[SQL_RETAIN_DELETE]);
}

enum store_result store_retain(struct store *s, int64_t before_ms, uint64_t max_bytes, uint32_t max_rows,
                               uint32_t *deleted)
{
    int64_t excess_rows = 0;
    int64_t cut = 0;
    uint32_t len = 0;
    int rc = max_bytes != 0 ? retain_excess_rows(s, max_bytes, &excess_rows) : SQLITE_OK;
    if (rc == SQLITE_OK)
        rc = retain_find_cut(s, before_ms, excess_rows, max_rows, &cut, &len);
    if (rc == SQLITE_OK && len > 0)
        rc = retain_delete(s, cut);
    if (deleted != NULL)
        *deleted = rc == SQLITE_OK ? len : 0;
    return connection_result(s, rc, "retention");
}
