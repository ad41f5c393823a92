// SPDX-License-Identifier: Apache-2.0
/* Session settings: defaults, template, overrides. */
#ifndef CONFIG_SESSION_H
#define CONFIG_SESSION_H

#include "config/keys.h"

/* The settings of `node` over those of `base`, copied to `arena`. Errors go to the document. */
const struct config_session *session_build(struct schema_doc *doc, const struct schema_node *node,
                                           const struct config_session *base, struct config_arena *arena);

#endif
