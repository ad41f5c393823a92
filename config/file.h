// SPDX-License-Identifier: Apache-2.0
#ifndef CONFIG_FILE_H
#define CONFIG_FILE_H

#include <stddef.h>

/* The whole of a regular file, to be freed by the caller. 0, or why not, as errno says it: EINVAL where it is
 * a pipe or a device. */
int config_file_read(const char *path, char **bytes, size_t *len);
const char *config_file_reason(int reason); /* in words */

#endif
