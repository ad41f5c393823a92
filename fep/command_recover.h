// SPDX-License-Identifier: Apache-2.0
/* Commands that have no end when the process begins, or ends. */
#ifndef FEP_COMMAND_RECOVER_H
#define FEP_COMMAND_RECOVER_H

#include "db/audit.h"

/* Each gets the record `unknown`, in one transaction. Before the committer, and anything else, uses the
 * store. *len: how many there were. */
enum store_result command_recover(struct store *store, int64_t wall_ms, size_t *len);

/*
 * When fepd stops: those begun after the record `after` that nothing was told of since, although every
 * session has told of its own and all of that is stored. No worker has taken them, so they never left: each
 * gets the record `refused`. After the committer, which does not use the store any more.
 */
enum store_result command_refuse_untaken(struct store *store, int64_t after, int64_t wall_ms, size_t *len);

#endif
