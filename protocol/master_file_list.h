// SPDX-License-Identifier: Apache-2.0
/*
 * A directory as a master reads it: descriptors one after the other, without headers, which may span blocks
 * (dnp3-reference/files.md 3). Blocks go in, entries come out; nothing is kept but the entry under way.
 *
 *     struct file_list list = {0};
 *     file_list_take(&list, block, len, entry, context)      for each block
 *     if (!file_list_is_whole(&list)) ... the last entry was cut short ...
 */
#ifndef PROTOCOL_MASTER_FILE_LIST_H
#define PROTOCOL_MASTER_FILE_LIST_H

#include "protocol/files.h"

enum { FILE_LIST_NAME_MAX = 512, FILE_LIST_FIXED = 20 };

/* One entry; its name is borrowed until the return. False: no more, please. */
typedef bool file_list_entry(void *context, const struct file_descriptor *entry);

struct file_list {
    uint8_t octets[FILE_LIST_FIXED + FILE_LIST_NAME_MAX]; /* of the entry under way */
    uint16_t have;
    uint16_t skip;     /* octets still to come of a name that is too long */
    uint32_t too_long; /* entries left out because their names exceed FILE_LIST_NAME_MAX */
};

enum file_list_result { FILE_LIST_MORE, FILE_LIST_STOPPED, FILE_LIST_WRONG };

/* STOPPED: entry() said so. WRONG: no descriptor. After either nothing more may be fed. */
enum file_list_result file_list_take(struct file_list *list, const uint8_t *octets, size_t len,
                                     file_list_entry *entry, void *context);
bool file_list_is_whole(const struct file_list *list);

#endif
