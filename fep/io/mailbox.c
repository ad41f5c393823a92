// SPDX-License-Identifier: Apache-2.0
#include "fep/io/mailbox.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

bool wake_open(struct wake *w)
{
    atomic_init(&w->pending, false);
    w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return w->fd >= 0;
}

void wake_close(struct wake *w)
{
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

/*
 * A producer posts and then sets `pending`; the consumer unsets it and then looks. Both are read-modify-write
 * operations on one variable: either the consumer's comes later and it sees the post, or the producer's comes
 * later, finds it unset and wakes once more. A plain load instead could be taken before the post is visible.
 */
void wake_up(struct wake *w)
{
    if (atomic_exchange_explicit(&w->pending, true, memory_order_acq_rel))
        return;
    while (eventfd_write(w->fd, 1) < 0 && errno == EINTR)
        ;
}

void wake_clear(struct wake *w)
{
    eventfd_t count;
    while (eventfd_read(w->fd, &count) < 0 && errno == EINTR)
        ;
    (void)atomic_exchange_explicit(&w->pending, false, memory_order_acq_rel);
}

bool mailbox_open(struct mailbox *m, uint32_t room)
{
    assert(room && (room & (room - 1)) == 0);
    m->ring = calloc(room, sizeof(*m->ring));
    m->mask = room - 1;
    atomic_init(&m->head, 0);
    atomic_init(&m->tail, 0);
    return m->ring != NULL;
}

void mailbox_close(struct mailbox *m)
{
    free(m->ring);
    m->ring = NULL;
}

bool mailbox_post(struct mailbox *m, void *message)
{
    assert(message);
    uint32_t tail = atomic_load_explicit(&m->tail, memory_order_relaxed);
    if (tail - atomic_load_explicit(&m->head, memory_order_acquire) > m->mask)
        return false;
    m->ring[tail & m->mask] = message;
    atomic_store_explicit(&m->tail, tail + 1, memory_order_release);
    return true;
}

void *mailbox_take(struct mailbox *m)
{
    uint32_t head = atomic_load_explicit(&m->head, memory_order_relaxed);
    if (head == atomic_load_explicit(&m->tail, memory_order_acquire))
        return NULL;
    void *message = m->ring[head & m->mask];
    atomic_store_explicit(&m->head, head + 1, memory_order_release);
    return message;
}
