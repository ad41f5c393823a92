// SPDX-License-Identifier: Apache-2.0
/* How an output may be operated. */
#ifndef CONFIG_CONTROLS_H
#define CONFIG_CONTROLS_H

#include "config/keys.h"

/* Of a point with `control:`, copied to `arena`; NULL where it is wrong. Errors go to the document. */
const struct config_control *controls_build(struct schema_doc *doc, const struct keys_point *point,
                                            struct config_arena *arena);

#endif
