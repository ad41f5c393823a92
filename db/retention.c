// SPDX-License-Identifier: Apache-2.0
/*
 * Retention takes rows from the front of the journal, oldest first, up to a cut. By age the cut lies before
 * the first row that is young enough; by size, after as many rows as the excess is likely to need.
 *
 * While the clock was wrong, rows got times that are still to come, which would hold the cut for years. Those
 * rows are as old as the next row behind them that has no such time: rows lie in the order of their receipt.
 * There may be millions of them, so that row is searched by halves. A hole is no such witness: it is as old
 * as its beginning, which may lie far before the rows around it.
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

struct retain_row {
    int64_t seq;         /* INT64_MAX: the end of the journal, which is never old */
    int64_t received_ms; /* wall */
};

static bool retain_is_wrong(const struct store_limits *limits, const struct retain_row *row)
{
    return limits->before_ms > 0 && limits->clock_ms != 0 && row->seq != INT64_MAX &&
           row->received_ms > limits->clock_ms;
}

/* The first row from `seq` on that is no hole. */
static int retain_row_behind(struct store *s, int64_t seq, struct retain_row *row)
{
    sqlite3_stmt *behind = s->stmt[SQL_RETAIN_BEHIND];
    sqlite3_bind_int64(behind, 1, seq);
    *row = (struct retain_row){INT64_MAX, INT64_MAX};
    if (sqlite3_step(behind) == SQLITE_ROW)
        *row = (struct retain_row){sqlite3_column_int64(behind, 0), sqlite3_column_int64(behind, 1)};
    return sqlite3_reset(behind);
}

/* The first row behind the wrong one at `wrong` whose time may be right: in growing steps beyond it, and back
 * by halves. */
static int retain_find_witness(struct store *s, const struct store_limits *limits, int64_t wrong,
                               struct retain_row *witness)
{
    struct retain_row row;
    int64_t step = 1;
    int rc = retain_row_behind(s, wrong + step, witness);
    while (rc == SQLITE_OK && retain_is_wrong(limits, witness)) {
        wrong = witness->seq;
        step *= 2;
        rc = retain_row_behind(s, wrong + step, witness);
    }
    for (int64_t right = wrong + step; rc == SQLITE_OK && right - wrong > 1;) {
        int64_t middle = wrong + (right - wrong) / 2;
        rc = retain_row_behind(s, middle, &row);
        if (retain_is_wrong(limits, &row)) {
            wrong = row.seq;
        } else {
            right = middle;
            *witness = row;
        }
    }
    return rc;
}

/* Gives a row of the front the time of its witness, where its own is wrong. One witness serves many rows. */
static int retain_put_right(struct store *s, const struct store_limits *limits, struct retain_row *row,
                            struct retain_row *witness)
{
    if (!retain_is_wrong(limits, row))
        return SQLITE_OK;
    int rc = row->seq >= witness->seq ? retain_find_witness(s, limits, row->seq, witness) : SQLITE_OK;
    row->received_ms = witness->received_ms;
    return rc;
}

/* The last row to go, 0 where none is: walks the front until a row is neither in excess nor too old. */
static int retain_find_cut(struct store *s, const struct store_limits *limits, int64_t excess_rows,
                           int64_t *cut, uint32_t *len)
{
    sqlite3_stmt *front = s->stmt[SQL_RETAIN_FRONT];
    struct retain_row witness = {0};
    int64_t newest = s->now.next_seq - 1;
    int rc = SQLITE_OK;
    sqlite3_bind_int64(front, 1, s->now.as_of < newest ? s->now.as_of : newest - 1);
    sqlite3_bind_int64(front, 2, limits->max_rows);
    *cut = 0;
    *len = 0;
    while (sqlite3_step(front) == SQLITE_ROW) {
        struct retain_row row = {sqlite3_column_int64(front, 0), sqlite3_column_int64(front, 1)};
        rc = retain_put_right(s, limits, &row, &witness);
        bool old = limits->before_ms > 0 && row.received_ms < limits->before_ms;
        if (rc != SQLITE_OK || (!old && *len >= excess_rows))
            break;
        *cut = row.seq;
        *len += 1;
    }
    int ended = sqlite3_reset(front);
    return rc == SQLITE_OK ? ended : rc;
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

enum store_result store_retain(struct store *s, const struct store_limits *limits, uint32_t *deleted)
{
    int64_t excess_rows = 0;
    int64_t cut = 0;
    uint32_t len = 0;
    int rc = limits->max_bytes != 0 ? retain_excess_rows(s, limits->max_bytes, &excess_rows) : SQLITE_OK;
    if (rc == SQLITE_OK)
        rc = retain_find_cut(s, limits, excess_rows, &cut, &len);
    if (rc == SQLITE_OK && len > 0)
        rc = retain_delete(s, cut);
    if (deleted != NULL)
        *deleted = rc == SQLITE_OK ? len : 0;
    return connection_result(s, rc, "retention");
}
