// SPDX-License-Identifier: Apache-2.0
/* What a document is inside the library. */
#ifndef CONFIG_DOC_H
#define CONFIG_DOC_H

#include "config/schema.h"

enum { DOC_PROTOTYPES = 8 };

/* A struct with its defaults filled in, so that the entries of a long list cost a copy each. */
struct doc_prototype {
    const struct schema *schema;
    void *bytes;
};

struct schema_doc {
    char *path;
    uint32_t rank;
    bool broken; /* syntax error, or YAML that is not taken */
    struct schema_node *root;
    struct config_arena *nodes;
    struct config_arena *arena;
    struct config_errors *errors;
    struct doc_prototype prototypes[DOC_PROTOTYPES];
    size_t prototypes_len;
};

void doc_error(struct schema_doc *doc, uint32_t line, uint32_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
