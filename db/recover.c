// SPDX-License-Identifier: Apache-2.0
#include "db/connection.h"

static int recover_stations(struct store *s, const struct store_recovery *sink)
{
    sqlite3_stmt *stmt = s->stmt[SQL_RECOVER_STATIONS];
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const void *doubt = sqlite3_column_blob(stmt, 6);
        struct stored_station state = {
            .station = (uint32_t)sqlite3_column_int64(stmt, 0),
            .online = sqlite3_column_int(stmt, 1) != 0,
            .iin = (uint16_t)sqlite3_column_int(stmt, 2),
            .last_heard_ms = sqlite3_column_int64(stmt, 3),
            .offline_since_ms = sqlite3_column_int64(stmt, 4),
            .applied_seq = sqlite3_column_int64(stmt, 5),
            .doubt = doubt,
            .doubt_len = (size_t)sqlite3_column_bytes(stmt, 6),
        };
        sink->station(sink->context, &state);
    }
    return sqlite3_reset(stmt);
}

static int recover_values(struct store *s, const struct store_recovery *sink)
{
    sqlite3_stmt *stmt = s->stmt[SQL_RECOVER_VALUES];
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        struct stored_value value = {
            .station = (uint32_t)sqlite3_column_int64(stmt, 0),
            .type = (uint8_t)sqlite3_column_int(stmt, 1),
            .index = (uint32_t)sqlite3_column_int64(stmt, 2),
            .flags = (uint8_t)sqlite3_column_int(stmt, 4),
            .time_ms = sqlite3_column_int64(stmt, 5),
            .time_quality = (uint8_t)sqlite3_column_int(stmt, 6),
            .received_ms = sqlite3_column_int64(stmt, 7),
            .seq = sqlite3_column_int64(stmt, 8),
        };
        if (value.type == ROW_OCTET_STRING)
            value.octets = sql_column_octets(stmt, 3, &value.octets_len);
        else
            value.value = sql_column_double(stmt, 3);
        sink->value(sink->context, &value);
    }
    return sqlite3_reset(stmt);
}

static int recover_points(struct store *s, const struct store_recovery *sink)
{
    sqlite3_stmt *stmt = s->stmt[SQL_RECOVER_POINTS];
    sqlite3_bind_int64(stmt, 1, s->now.as_of);
    while (sqlite3_step(stmt) == SQLITE_ROW)
        sink->point(sink->context, (uint32_t)sqlite3_column_int64(stmt, 0),
                    (uint8_t)sqlite3_column_int(stmt, 1), (uint32_t)sqlite3_column_int64(stmt, 2));
    return sqlite3_reset(stmt);
}

static int recover_rows(struct store *s, const struct store_recovery *sink)
{
    sqlite3_stmt *stmt = s->stmt[SQL_RECOVER_ROWS];
    sqlite3_bind_int64(stmt, 1, s->now.as_of);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        struct journal_row row;
        sql_column_row(stmt, &row);
        sink->row(sink->context, &row);
    }
    return sqlite3_reset(stmt);
}

enum store_result store_recover(struct store *s, const struct store_recovery *sink)
{
    int rc = recover_stations(s, sink);
    if (rc == SQLITE_OK)
        rc = recover_values(s, sink);
    if (rc == SQLITE_OK && sink->point)
        rc = recover_points(s, sink);
    if (rc == SQLITE_OK)
        rc = recover_rows(s, sink);
    return connection_result(s, rc, "recovery");
}
