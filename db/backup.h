// SPDX-License-Identifier: Apache-2.0
/*
 * A copy of the database while fepd writes it: one state between two commits, whole, that stands alone
 * without a log beside it. To restore, fepd is stopped and the copy put in the database's place.
 */
#ifndef DB_BACKUP_H
#define DB_BACKUP_H

#include "db/store.h"

/*
 * `target` must not exist; it appears when all of it is on the disk and was looked at. Nothing is
 * checkpointed: only fepd does that. While it lasts (about a second for some hundred megabytes) the log grows
 * by what is committed. The copy's journal has an id of its own: once it is restored, sequences are given
 * again that consumers know of other events, so their cursors must not be taken for its own. On failure
 * `error` holds one line, and nothing is left behind.
 */
enum store_result store_backup(const char *source, const char *target, char *error, size_t room);

#endif
