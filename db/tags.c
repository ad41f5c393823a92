// SPDX-License-Identifier: Apache-2.0
#include "db/tags.h"

#include "db/connection.h"
#include "db/reader_state.h"

enum store_result store_put_tag(struct store *s, const struct stored_tag *tag)
{
    sqlite3_stmt *stmt = s->stmt[SQL_TAG_PUT];
    sqlite3_bind_int64(stmt, 1, tag->id);
    sqlite3_bind_int64(stmt, 2, tag->station);
    sqlite3_bind_int(stmt, 3, tag->type);
    sqlite3_bind_int64(stmt, 4, tag->index);
    sqlite3_bind_text(stmt, 5, tag->kind, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 6, tag->text, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(stmt, 7, tag->who, -1, SQLITE_TRANSIENT);
    sqlite3_bind_int64(stmt, 8, tag->at_ms);
    return connection_result(s, sql_run(stmt), "tag");
}

enum store_result store_delete_tag(struct store *s, int64_t id)
{
    sqlite3_stmt *stmt = s->stmt[SQL_TAG_DELETE];
    sqlite3_bind_int64(stmt, 1, id);
    return connection_result(s, sql_run(stmt), "tag");
}

static const char *column_text(sqlite3_stmt *stmt, int at)
{
    const unsigned char *text = sqlite3_column_text(stmt, at);
    return text ? (const char *)text : "";
}

enum store_result reader_tags(struct journal_reader *r,
                              bool (*take)(void *context, const struct stored_tag *tag), void *context)
{
    sqlite3_stmt *stmt = r->stmt[QUERY_TAGS];
    sqlite3_bind_int64(stmt, 1, TAGS_MAX);
    bool more = true;
    while (more && sqlite3_step(stmt) == SQLITE_ROW) {
        struct stored_tag tag = {.id = sqlite3_column_int64(stmt, 0),
                                 .station = (uint32_t)sqlite3_column_int64(stmt, 1),
                                 .type = (uint8_t)sqlite3_column_int(stmt, 2),
                                 .index = (uint32_t)sqlite3_column_int64(stmt, 3),
                                 .kind = column_text(stmt, 4),
                                 .text = column_text(stmt, 5),
                                 .who = column_text(stmt, 6),
                                 .at_ms = sqlite3_column_int64(stmt, 7)};
        more = take(context, &tag);
    }
    return reader_result(r, sqlite3_reset(stmt));
}
