// SPDX-License-Identifier: Apache-2.0
/* Point lists: from rows of a file to the ordered list of a station. */
#ifndef CONFIG_POINTS_H
#define CONFIG_POINTS_H

#include "config/keys.h"

/*
 * The points of `rows`, which were read from the list `node`, added to those of `base` (NULL: none): one of
 * the same type and index replaces that of `base`. Lives in `arena`; shares strings with `base`. Errors go to
 * the document.
 */
const struct config_points *points_build(struct schema_doc *doc, const struct schema_node *node,
                                         const struct keys_point *rows, size_t rows_len,
                                         const struct config_points *base, struct config_arena *arena);

#endif
