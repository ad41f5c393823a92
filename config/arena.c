// SPDX-License-Identifier: Apache-2.0
#include "config/arena.h"
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct chunk {
    struct chunk *next;
    size_t used;
    size_t room;
    alignas(max_align_t) uint8_t bytes[];
};

struct config_arena {
    struct chunk *newest;
};

enum { FIRST_CHUNK = 4096, LARGEST_CHUNK = 1 << 20 };

static void *take_or_abort(size_t size)
{
    void *memory = calloc(1, size);
    if (!memory)
        abort();
    return memory;
}

struct config_arena *config_arena_new(void)
{
    return take_or_abort(sizeof(struct config_arena));
}

void config_arena_free(struct config_arena *arena)
{
    if (!arena)
        return;
    for (struct chunk *chunk = arena->newest; chunk;) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
    free(arena);
}

/* Chunks double, so that a small file costs a page and a large list few calls. */
static struct chunk *grow(struct config_arena *arena, size_t size)
{
    size_t room = arena->newest ? arena->newest->room * 2 : FIRST_CHUNK;
    if (room > LARGEST_CHUNK)
        room = LARGEST_CHUNK;
    if (room < size)
        room = size;
    struct chunk *chunk = take_or_abort(sizeof(*chunk) + room);
    chunk->room = room;
    chunk->next = arena->newest;
    arena->newest = chunk;
    return chunk;
}

static void *take(struct config_arena *arena, size_t size, size_t align)
{
    struct chunk *chunk = arena->newest;
    size_t from = chunk ? (chunk->used + align - 1) / align * align : 0;
    if (!chunk || from > chunk->room || chunk->room - from < size) {
        chunk = grow(arena, size);
        from = 0;
    }
    chunk->used = from + size;
    return chunk->bytes + from;
}

void *config_arena_take(struct config_arena *arena, size_t size)
{
    return take(arena, size, alignof(max_align_t));
}

char *config_arena_string(struct config_arena *arena, const char *text, size_t len)
{
    char *copy = take(arena, len + 1, 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}
