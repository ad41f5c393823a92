// SPDX-License-Identifier: Apache-2.0
/* The inside of a reading connection, shared by the files that implement db/reader.h and db/audit.h. */
#ifndef DB_READER_STATE_H
#define DB_READER_STATE_H

#include "db/reader.h"
#include "db/sql.h"

enum query {
    QUERY_BOUNDS,
    QUERY_ROWS,
    QUERY_CONSUMERS,
    QUERY_STATION_NAME,
    QUERY_STATION_NUMBER,
    QUERY_AUDIT,
    QUERY_AUDIT_OF_COMMAND,
    QUERY_AUDIT_HEAD,
    QUERY_COMMANDS,
    QUERY_TAGS,
    QUERY_HOLES,
    QUERIES
};

struct journal_reader {
    sqlite3 *db;
    sqlite3_stmt *stmt[QUERIES];
    uint8_t *octets; /* of the strings among the rows read last, one after the other */
    size_t octets_room;
    char error[256];
};

enum store_result reader_result(struct journal_reader *r, int rc); /* remembers the error */

#endif
