// SPDX-License-Identifier: Apache-2.0
/* What the writer and the readers have in common above SQLite. Thread: the connection's owner. */
#ifndef DB_SQL_H
#define DB_SQL_H

#include <sqlite3.h>

#include "db/store.h"

/* What a result code means for the caller, as the file is opened. */
enum store_result sql_open_result(int rc);
/*
 * The same for a running store: only what a statement says of its data is STORE_REFUSED, and everything
 * unforeseen is STORE_IO, so that no fragment is set aside for a fault of the machine.
 */
enum store_result sql_result(int rc);

/* Runs a statement that was bound; resets it. SQLITE_OK or an error. */
int sql_run(sqlite3_stmt *stmt);
/* One integer from one statement's first row; `otherwise` where there is no row. */
int sql_integer(sqlite3 *db, const char *sql, int64_t otherwise, int64_t *value);

/*
 * A double with all its bits: SQLite makes NULL of NaN and may lose the sign of zero, so these two are stored
 * as a BLOB of 8 octets, highest first.
 */
int sql_bind_double(sqlite3_stmt *stmt, int at, double value);
double sql_column_double(sqlite3_stmt *stmt, int at);

/*
 * The octets of a string, a BLOB in place of a number. Lent to the statement until it is bound anew or
 * run; lent by it until it steps on.
 */
int sql_bind_octets(sqlite3_stmt *stmt, int at, const uint8_t *octets, size_t len);
const uint8_t *sql_column_octets(sqlite3_stmt *stmt, int at, uint8_t *len);

/* Columns of a SELECT of SQL_ROW_COLUMNS. */
#define SQL_ROW_COLUMNS                                                                                      \
    "seq, value, time_ms, received_ms, station, point_index, doubt, type, flags, time_quality, origin, "     \
    "marks"
void sql_column_row(sqlite3_stmt *stmt, struct journal_row *row);

/* One line for a person: which file, what is wrong, what to do. */
void sql_explain(char *error, size_t room, const char *path, enum store_result result, sqlite3 *db);

#endif
