// SPDX-License-Identifier: Apache-2.0
/*
 * Memory that is given piece by piece and freed as a whole. Not shared between threads while it grows. Aborts
 * where the machine has no memory left.
 */
#ifndef CONFIG_ARENA_H
#define CONFIG_ARENA_H

#include <stddef.h>

struct config_arena;

struct config_arena *config_arena_new(void);
void config_arena_free(struct config_arena *arena);               /* NULL is fine */
void *config_arena_take(struct config_arena *arena, size_t size); /* zeroed, aligned for any type */
char *config_arena_string(struct config_arena *arena, const char *text, size_t len); /* terminated copy */

#endif
