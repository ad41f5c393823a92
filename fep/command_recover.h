// SPDX-License-Identifier: Apache-2.0
/* Commands that were under way when the process ended. */
#ifndef FEP_COMMAND_RECOVER_H
#define FEP_COMMAND_RECOVER_H

#include "db/audit.h"

/* Each gets the record `unknown`, in one transaction. Before the committer, and anything else, uses the
 * store. *len: how many there were. */
enum store_result command_recover(struct store *store, int64_t wall_ms, size_t *len);

#endif
