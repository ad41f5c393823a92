// SPDX-License-Identifier: Apache-2.0
/* What the two files on files share. Nobody else includes this. */
#ifndef PROTOCOL_OUTSTATION_BLOCKS_H
#define PROTOCOL_OUTSTATION_BLOCKS_H

#include "protocol/outstation_files.h"

/* Around the data of a block: fragment header, object header with its size, handle and number (files.md 4).
 */
enum { BLOCK_HEAD = 6 + 8, BLOCK_READ_OVERHEAD = 4 + BLOCK_HEAD, BLOCK_WRITE_OVERHEAD = 2 + BLOCK_HEAD };

/* The open file of a handle, whose patience begins anew; NULL with the reason. */
struct outstation_file *file_of_handle(struct outstation_files *files, uint32_t handle,
                                       const struct instant *at, uint8_t *status);

#endif
