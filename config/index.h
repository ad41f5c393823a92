// SPDX-License-Identifier: Apache-2.0
/* A hash table from octets to pointers, for finding duplicates. Keys are borrowed. */
#ifndef CONFIG_INDEX_H
#define CONFIG_INDEX_H

#include <stddef.h>
#include <stdint.h>

struct index_slot {
    const void *key;
    const void *value;
    uint32_t key_len;
    uint32_t hash;
};

struct config_index {
    struct index_slot *slots;
    size_t room; /* a power of two, or 0 */
    size_t used;
};

/* What was there before, or NULL: then `value` is there now. */
const void *config_index_add(struct config_index *index, const void *key, size_t key_len, const void *value);
const void *config_index_find(const struct config_index *index, const void *key, size_t key_len);
void config_index_free(struct config_index *index);

#endif
