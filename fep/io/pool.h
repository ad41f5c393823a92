// SPDX-License-Identifier: Apache-2.0
/*
 * Buffers of one size, borrowed while data is in flight. One thread. Under AddressSanitizer each of them is a
 * malloc of its own, so that a use after giving back is found.
 */
#ifndef FEP_IO_POOL_H
#define FEP_IO_POOL_H

#include <stddef.h>

struct pool {
    void *free;   /* each points to the next one */
    size_t size;  /* octets of a buffer */
    size_t keep;  /* free ones beyond this go back to the system */
    size_t spare; /* free ones now */
    size_t in_use;
};

void pool_init(struct pool *p, size_t size, size_t keep);
void pool_free(struct pool *p);               /* all have been given back */
void *pool_take(struct pool *p);              /* never NULL: aborts where the machine has no memory left */
void pool_give(struct pool *p, void *buffer); /* NULL is fine */

#endif
