// SPDX-License-Identifier: Apache-2.0
/* The hash of a record, for the writer and for whoever verifies. */
#ifndef DB_AUDIT_CHAIN_H
#define DB_AUDIT_CHAIN_H

#include "db/audit.h"

#include <sqlite3.h>

/* `hash` is that of the record before, and becomes that of this one. */
void audit_chain(uint8_t hash[AUDIT_HASH_LEN], const struct audit_record *record);

/* Of a SELECT of id, at_ms, command and the texts; lent until the statement steps on. */
struct audit_record audit_column_record(sqlite3_stmt *stmt);

#endif
