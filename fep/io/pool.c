// SPDX-License-Identifier: Apache-2.0
#include "fep/io/pool.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#ifndef __has_feature
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
enum { POOL_KEEPS = 0 };
#else
enum { POOL_KEEPS = 1 };
#endif

void pool_init(struct pool *p, size_t size, size_t keep)
{
    assert(size >= sizeof(void *));
    *p = (struct pool){.size = size, .keep = POOL_KEEPS ? keep : 0};
}

static void *pool_pop(struct pool *p)
{
    void *buffer = p->free;
    memcpy(&p->free, buffer, sizeof(p->free));
    p->spare--;
    return buffer;
}

void pool_free(struct pool *p)
{
    assert(p->in_use == 0);
    while (p->free)
        free(pool_pop(p));
}

void *pool_take(struct pool *p)
{
    void *buffer = p->free ? pool_pop(p) : malloc(p->size);
    if (!buffer)
        abort();
    p->in_use++;
    return buffer;
}

void pool_give(struct pool *p, void *buffer)
{
    if (!buffer)
        return;
    assert(p->in_use > 0);
    p->in_use--;
    if (p->spare >= p->keep) {
        free(buffer);
        return;
    }
    memcpy(buffer, &p->free, sizeof(p->free));
    p->free = buffer;
    p->spare++;
}
