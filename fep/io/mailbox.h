// SPDX-License-Identifier: Apache-2.0
/*
 * Pointers from one thread to another: a ring for a single producer and a single consumer, and an eventfd
 * that wakes the consumer. No lock. Several mailboxes may share one wake (struct wake), so that a thread
 * sleeps in one place.
 *
 * The producer posts as many messages as it has, then wakes once: mailbox_post(), mailbox_post(), wake_up().
 * A full ring is back-pressure: mailbox_post() says false and the producer keeps what it has.
 */
#ifndef FEP_IO_MAILBOX_H
#define FEP_IO_MAILBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct wake {
    int fd;               /* readable while there is something to do */
    _Atomic bool pending; /* a wake is under way: further ones are free */
};

bool wake_open(struct wake *w);
void wake_close(struct wake *w);
void wake_up(struct wake *w);    /* any thread */
void wake_clear(struct wake *w); /* the consumer, before it looks into its mailboxes */

struct mailbox {
    void **ring;
    uint32_t mask;
    _Alignas(64) _Atomic uint32_t head; /* written by the consumer */
    _Alignas(64) _Atomic uint32_t tail; /* written by the producer */
};

bool mailbox_open(struct mailbox *m, uint32_t room); /* a power of two */
void mailbox_close(struct mailbox *m);
bool mailbox_post(struct mailbox *m, void *message); /* false where it is full */
void *mailbox_take(struct mailbox *m);               /* NULL where it is empty */

#endif
