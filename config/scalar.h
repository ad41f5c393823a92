// SPDX-License-Identifier: Apache-2.0
/* One value: text to number, text, mask; and in words what is allowed. */
#ifndef CONFIG_SCALAR_H
#define CONFIG_SCALAR_H

#include "config/schema.h"

enum { SCALAR_TEXT_ROOM = 1024 };

/* Writes the value to `field`. False where it is not what the row allows; then nothing is written. Not for
 * mappings, lists and SCHEMA_ANY. */
bool scalar_read(const struct schema_node *node, const struct schema_row *row, struct config_arena *arena,
                 void *field);
/* "a whole number from 1 to 65535" */
void scalar_describe_allowed(const struct schema_row *row, char *text, size_t room);
/* "70000", "a list", "empty" */
void scalar_describe_found(const struct schema_node *node, char *text, size_t room);

#endif
