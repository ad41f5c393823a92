// SPDX-License-Identifier: Apache-2.0
#include "db/schema.h"

#include <stdio.h>

const struct migration schema_migrations[] = {
    {1, schema_text},
    {2, schema_2_text},
    {3, schema_3_text},
};
const size_t schema_migration_count = sizeof schema_migrations / sizeof schema_migrations[0];

enum store_result schema_identify(sqlite3 *db, int *version)
{
    int64_t application = 0;
    int64_t number = 0;
    int64_t objects = 0;
    int rc = sql_integer(db, "PRAGMA application_id", 0, &application);
    if (rc == SQLITE_OK)
        rc = sql_integer(db, "PRAGMA user_version", 0, &number);
    if (rc == SQLITE_OK)
        rc = sql_integer(db, "SELECT count(*) FROM sqlite_schema", 0, &objects);
    if (rc != SQLITE_OK)
        return sql_open_result(rc);
    *version = (int)number;
    if (application == 0 && number == 0 && objects == 0)
        return STORE_OK;
    if (application != SCHEMA_APPLICATION_ID)
        return STORE_FOREIGN;
    if (number > STORE_SCHEMA_VERSION)
        return STORE_NEWER;
    return number < 1 ? STORE_CORRUPT : STORE_OK;
}

static int migrate_step(sqlite3 *db, const struct migration *step)
{
    char number[48];
    snprintf(number, sizeof number, "PRAGMA user_version = %d", step->version);
    int rc = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, step->sql, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, number, NULL, NULL, NULL);
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    return rc;
}

enum store_result schema_migrate(sqlite3 *db, const struct migration *steps, size_t len)
{
    int64_t version = 0;
    int rc = sql_integer(db, "PRAGMA user_version", 0, &version);
    for (size_t i = 0; i < len && rc == SQLITE_OK; i++) {
        if (steps[i].version > version)
            rc = migrate_step(db, &steps[i]);
    }
    enum store_result result = sql_open_result(rc);
    if (!sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return result;
}
