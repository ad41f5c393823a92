// SPDX-License-Identifier: Apache-2.0
/* The hash of a record, for the writer and for whoever verifies. */
#ifndef DB_AUDIT_CHAIN_H
#define DB_AUDIT_CHAIN_H

#include "db/audit.h"

/* `hash` is that of the record before, and becomes that of this one. */
void audit_chain(uint8_t hash[AUDIT_HASH_LEN], const struct audit_record *record);

#endif
