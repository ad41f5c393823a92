// SPDX-License-Identifier: Apache-2.0
/* What is written behind the journal, in its transactions: values, states, cursors, the quarantine. */
#include <string.h>

#include "db/connection.h"

enum store_result store_put_value(struct store *s, const struct stored_value *value)
{
    sqlite3_stmt *stmt = s->stmt[SQL_PUT_VALUE];
    sqlite3_bind_int64(stmt, 1, value->station);
    sqlite3_bind_int(stmt, 2, value->type);
    sqlite3_bind_int64(stmt, 3, value->index);
    if (value->type == ROW_OCTET_STRING)
        sql_bind_octets(stmt, 4, value->octets, value->octets_len);
    else
        sql_bind_double(stmt, 4, value->value);
    sqlite3_bind_int(stmt, 5, value->flags);
    sqlite3_bind_int64(stmt, 6, value->time_ms);
    sqlite3_bind_int(stmt, 7, value->time_quality);
    sqlite3_bind_int64(stmt, 8, value->received_ms);
    sqlite3_bind_int64(stmt, 9, value->seq);
    return connection_result(s, sql_run(stmt), "current value");
}

enum store_result store_put_station(struct store *s, const struct stored_station *state)
{
    sqlite3_stmt *stmt = s->stmt[SQL_PUT_STATION];
    sqlite3_bind_int64(stmt, 1, state->station);
    sqlite3_bind_int(stmt, 2, state->online);
    sqlite3_bind_int(stmt, 3, state->iin);
    sqlite3_bind_int64(stmt, 4, state->last_heard_ms);
    sqlite3_bind_int64(stmt, 5, state->offline_since_ms);
    sqlite3_bind_int64(stmt, 6, state->applied_seq);
    sqlite3_bind_blob64(stmt, 7, state->doubt, state->doubt_len, SQLITE_STATIC);
    int rc = sql_run(stmt);
    sqlite3_bind_null(stmt, 7); /* the caller's octets are not ours after this call */
    return connection_result(s, rc, "station state");
}

enum store_result store_set_as_of(struct store *s, int64_t seq)
{
    sqlite3_stmt *stmt = s->stmt[SQL_SET_AS_OF];
    sqlite3_bind_int64(stmt, 1, seq);
    sqlite3_bind_int64(stmt, 2, s->now.next_seq - 1);
    enum store_result result = connection_result(s, sql_run(stmt), "as of");
    if (result == STORE_OK)
        s->now.as_of = seq;
    return result;
}

enum store_result store_put_consumer(struct store *s, const char *name, int64_t seq, int64_t at_ms)
{
    sqlite3_stmt *stmt = s->stmt[SQL_PUT_CONSUMER];
    sqlite3_bind_text(stmt, 1, name, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 2, seq);
    sqlite3_bind_int64(stmt, 3, at_ms);
    return connection_result(s, sql_run(stmt), "consumer");
}

enum store_result store_quarantine(struct store *s, uint32_t station, int64_t received_ms, int64_t seq,
                                   const char *reason, const void *octets, size_t len)
{
    sqlite3_stmt *stmt = s->stmt[SQL_QUARANTINE];
    sqlite3_bind_int64(stmt, 1, station);
    sqlite3_bind_int64(stmt, 2, received_ms);
    sqlite3_bind_int64(stmt, 3, seq);
    sqlite3_bind_text(stmt, 4, reason, -1, SQLITE_TRANSIENT);
    sqlite3_bind_blob64(stmt, 5, octets, len, SQLITE_STATIC);
    int rc = sql_run(stmt);
    sqlite3_bind_null(stmt, 5);
    return connection_result(s, rc, "quarantine");
}

/* One station's rows beyond the newest `keep`. */
static int bound_station(struct store *s, int64_t station, uint32_t keep)
{
    sqlite3_stmt *stmt = s->stmt[SQL_QUARANTINE_BOUND_STATION];
    sqlite3_bind_int64(stmt, 1, station);
    sqlite3_bind_int64(stmt, 2, keep);
    return sql_run(stmt);
}

/* Looks only at stations that got rows since the last call. */
static int bound_new(struct store *s, uint32_t per_station)
{
    sqlite3_stmt *fresh = s->stmt[SQL_QUARANTINE_NEW];
    sqlite3_bind_int64(fresh, 1, s->now.bounded_quarantine);
    int64_t newest = s->now.bounded_quarantine;
    int rc = SQLITE_OK;
    while (rc == SQLITE_OK && sqlite3_step(fresh) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(fresh, 1);
        newest = id > newest ? id : newest;
        rc = bound_station(s, sqlite3_column_int64(fresh, 0), per_station);
    }
    int end = sqlite3_reset(fresh);
    if (rc == SQLITE_OK)
        rc = end;
    if (rc == SQLITE_OK)
        s->now.bounded_quarantine = newest;
    return rc;
}

enum store_result store_bound_quarantine(struct store *s, uint32_t per_station, uint32_t total)
{
    if (per_station != s->quarantine_per_station) {
        s->quarantine_per_station = per_station;
        s->now.bounded_quarantine = 0;
        s->committed.bounded_quarantine = 0;
    }
    int rc = bound_new(s, per_station);
    if (rc == SQLITE_OK) {
        sqlite3_bind_int64(s->stmt[SQL_QUARANTINE_BOUND], 1, total);
        rc = sql_run(s->stmt[SQL_QUARANTINE_BOUND]);
    }
    return connection_result(s, rc, "quarantine");
}
