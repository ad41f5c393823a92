// SPDX-License-Identifier: Apache-2.0
/*
 * Whose database a file is, and how an older one becomes a present one.
 *
 * schema.sql is version 1. A later version is a row in the table of schema.c; its SQL turns the version
 * before it into its own, in one transaction with the new number.
 */
#ifndef DB_SCHEMA_H
#define DB_SCHEMA_H

#include "db/sql.h"

enum { SCHEMA_APPLICATION_ID = 0x46455044 }; /* "FEPD" */

extern const char schema_text[];   /* schema.sql */
extern const char schema_2_text[]; /* schema_2.sql */
extern const char schema_3_text[]; /* schema_3.sql */

struct migration {
    int version; /* that it leads to; ascending */
    const char *sql;
};
extern const struct migration schema_migrations[];
extern const size_t schema_migration_count;

/*
 * *version: of the schema, 0 for an empty file. STORE_NEWER, STORE_FOREIGN, STORE_NOT_A_DATABASE or
 * STORE_CORRUPT where it is not ours to use. Nothing is written.
 */
enum store_result schema_identify(sqlite3 *db, int *version);
/* Takes all steps above the version of the file, each wholly or not at all. */
enum store_result schema_migrate(sqlite3 *db, const struct migration *steps, size_t len);

#endif
