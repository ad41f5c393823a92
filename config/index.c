// SPDX-License-Identifier: Apache-2.0
#include "config/index.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

static uint32_t hash_octets(const void *key, size_t len)
{
    const unsigned char *octets = key;
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ octets[i]) * 0x100000001b3u;
    return (uint32_t)(hash ^ hash >> 32);
}

/* The slot that holds the key, or the free one where it belongs. */
static struct index_slot *find_slot(const struct config_index *index, const void *key, size_t len,
                                    uint32_t hash)
{
    for (size_t at = hash & (index->room - 1);; at = (at + 1) & (index->room - 1)) {
        struct index_slot *slot = &index->slots[at];
        if (!slot->value || (slot->hash == hash && slot->key_len == len && memcmp(slot->key, key, len) == 0))
            return slot;
    }
}

static void grow(struct config_index *index)
{
    struct config_index larger = {.room = index->room ? index->room * 2 : FIRST_ROOM, .used = index->used};
    larger.slots = calloc(larger.room, sizeof(*larger.slots));
    if (!larger.slots)
        abort();
    for (size_t i = 0; i < index->room; i++) {
        const struct index_slot *slot = &index->slots[i];
        if (slot->value)
            *find_slot(&larger, slot->key, slot->key_len, slot->hash) = *slot;
    }
    free(index->slots);
    *index = larger;
}

const void *config_index_add(struct config_index *index, const void *key, size_t key_len, const void *value)
{
    if (index->used * 4 >= index->room * 3)
        grow(index);
    uint32_t hash = hash_octets(key, key_len);
    struct index_slot *slot = find_slot(index, key, key_len, hash);
    if (slot->value)
        return slot->value;
    *slot = (struct index_slot){.key = key, .value = value, .key_len = (uint32_t)key_len, .hash = hash};
    index->used++;
    return NULL;
}

const void *config_index_find(const struct config_index *index, const void *key, size_t key_len)
{
    return index->room ? find_slot(index, key, key_len, hash_octets(key, key_len))->value : NULL;
}

void config_index_free(struct config_index *index)
{
    free(index->slots);
    *index = (struct config_index){0};
}
