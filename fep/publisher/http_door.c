// SPDX-License-Identifier: Apache-2.0
/*
 * evhttp has no limit of connections and does not tell when one ends that never completed a request. So the
 * door keeps a table of descriptors: a new connection's bufferevent is noted when evhttp asks for it, and its
 * descriptor, which evhttp sets a moment later, is taken up by an event that runs before the loop waits
 * again. A slot is free again when its descriptor is another socket or none.
 */
#include "fep/publisher/parts.h"

#include "fep/io/address.h"
#include "fep/io/clock.h"

#include <arpa/inet.h>
#include <event2/bufferevent_ssl.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not fstat(): by then the number may be another thread's, which the thread sanitizer takes for a race. */
static uint64_t inode_of(int fd)
{
    struct statx about;
    return statx(fd, "", AT_EMPTY_PATH, STATX_INO, &about) == 0 ? about.stx_ino : 0;
}

static size_t free_the_closed(struct publisher *p)
{
    size_t open = 0;
    for (uint32_t i = 0; i < p->options.max_consumers; i++) {
        struct door_slot *slot = &p->slots[i];
        if (slot->fd >= 0 && inode_of(slot->fd) != slot->inode)
            slot->fd = -1;
        open += slot->fd >= 0;
    }
    metric_set(&p->options.metrics->publisher.connections, open);
    return open;
}

static struct door_slot *slot_with(struct publisher *p, int fd)
{
    for (uint32_t i = 0; i < p->options.max_consumers; i++) {
        if (p->slots[i].fd == fd)
            return &p->slots[i];
    }
    return NULL;
}

/* evhttp sees the end of the connection and frees it. Nothing is said to one that has had an answer: it would
 * be taken for that to the next request, or lie amid the one that is under way. */
static void turn_away(struct publisher *p, int fd, bool silently)
{
    metric_add(&p->options.metrics->publisher.refused, 1); /* whoever is told finds it counted */
    if (silently || p->secrets->tls) {                     /* nothing can be said before the handshake */
        shutdown(fd, SHUT_RDWR);
        return;
    }
    static const char text[] = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\n"
                               "Content-Length: 21\r\nConnection: close\r\nRetry-After: 5\r\n\r\n"
                               "too many connections\n";
    char unread[4096]; /* closing with octets unread would reset the connection and lose the answer */
    while (recv(fd, unread, sizeof unread, MSG_DONTWAIT) > 0)
        ;
    (void)send(fd, text, sizeof text - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
    shutdown(fd, SHUT_RDWR);
}

/* Of those that nobody is known of, more than half come from its address; NULL: there is no such. A vote and
 * a count, since the table is long where many come at a time. */
static const struct door_slot *loudest_unknown(const struct publisher *p)
{
    const struct door_slot *most = NULL, *end = p->slots + p->options.max_consumers;
    size_t votes = 0, unknown = 0, of_most = 0;
    for (const struct door_slot *slot = p->slots; slot < end; slot++) {
        if (slot->known)
            continue;
        if (votes == 0)
            most = slot;
        if (memcmp(slot->address, most->address, sizeof slot->address) == 0)
            votes++;
        else
            votes--;
        unknown++;
    }
    for (const struct door_slot *slot = p->slots; most && slot < end; slot++)
        of_most += !slot->known && memcmp(slot->address, most->address, sizeof slot->address) == 0;
    return 2 * of_most > unknown ? most : NULL;
}

/*
 * Of a full table: the slot of a connection that is turned away because nobody has shown there that he may
 * ask, the oldest of whoever holds most of these. What anybody may ask is answered at once, so no exchange
 * knows it, and a request, were it to come still, finds no slot.
 */
static struct door_slot *make_room(struct publisher *p)
{
    const struct door_slot *loudest = loudest_unknown(p);
    struct door_slot *oldest = NULL;
    for (uint32_t i = 0; i < p->options.max_consumers; i++) {
        struct door_slot *slot = &p->slots[i];
        bool meant =
            !slot->known && (!loudest || memcmp(slot->address, loudest->address, sizeof slot->address) == 0);
        if (meant && (!oldest || slot->deadline_ms < oldest->deadline_ms))
            oldest = slot;
    }
    if (oldest)
        turn_away(p, oldest->fd, oldest->asked);
    return oldest;
}

static void take_up(struct publisher *p, int fd)
{
    struct address peer = {.len = sizeof peer.to};
    struct door_slot *slot = slot_with(p, -1);
    if (slot == NULL) {
        free_the_closed(p);
        slot = slot_with(p, -1);
    }
    if (slot == NULL)
        slot = make_room(p);
    if (slot == NULL) {
        turn_away(p, fd, false);
        return;
    }
    *slot = (struct door_slot){.fd = fd, .inode = inode_of(fd)};
    if (getpeername(fd, &peer.to.any, &peer.len) == 0)
        attempts_address(&peer.to.any, slot->address);
    if (peer.to.any.sa_family == AF_INET6)
        inet_ntop(AF_INET6, &peer.to.v6.sin6_addr, slot->text, sizeof slot->text);
    else if (peer.to.any.sa_family == AF_INET)
        inet_ntop(AF_INET, &peer.to.v4.sin_addr, slot->text, sizeof slot->text);
    door_deadline(p, slot, p->options.request_timeout_ms);
}

static void on_adopt(evutil_socket_t fd, short what, void *publisher)
{
    (void)fd, (void)what;
    struct publisher *p = publisher;
    p->now_ms = clock_now_ms();
    for (size_t i = 0; i < p->arriving_len; i++) {
        int arrived = bufferevent_getfd(p->arriving[i]);
        struct door_slot *stale = slot_with(p, arrived);
        if (stale)
            stale->fd = -1;
        if (arrived >= 0)
            take_up(p, arrived);
    }
    p->arriving_len = 0;
    free_the_closed(p);
}

/* It frees its SSL, and closes the descriptor then, which evhttp knows. */
static struct bufferevent *encrypted(const struct publisher *p, struct event_base *base)
{
    SSL *ssl = SSL_new(p->secrets->tls);
    if (ssl == NULL)
        abort();
    struct bufferevent *bev =
        bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (bev)
        bufferevent_openssl_set_allow_dirty_shutdown(bev, 1); /* HTTP says itself where an answer ends */
    return bev;
}

static struct bufferevent *on_accept(struct event_base *base, void *publisher)
{
    struct publisher *p = publisher;
    struct bufferevent *bev = p->secrets->tls ? encrypted(p, base) : bufferevent_socket_new(base, -1, 0);
    if (bev == NULL)
        abort();
    /* While an answer is under way, evhttp reads on only to see the end of the connection. */
    bufferevent_setwatermark(bev, EV_READ, 0, BODY_MAX + 2 * HEADERS_MAX);
    if (p->arriving_len == p->arriving_room) {
        p->arriving_room = p->arriving_room ? 2 * p->arriving_room : 16;
        p->arriving = realloc(p->arriving, p->arriving_room * sizeof(struct bufferevent *));
        if (p->arriving == NULL)
            abort();
    }
    p->arriving[p->arriving_len++] = bev;
    event_active(p->adopt, EV_TIMEOUT, 1);
    return bev;
}

bool door_open(struct publisher *p)
{
    p->slots = calloc(p->options.max_consumers, sizeof *p->slots);
    p->adopt = event_new(p->base, -1, 0, on_adopt, p);
    if (p->slots == NULL || p->adopt == NULL)
        return false;
    for (uint32_t i = 0; i < p->options.max_consumers; i++)
        p->slots[i].fd = -1;
    evhttp_set_bevcb(p->http, on_accept, p);
    return true;
}

void door_close(struct publisher *p)
{
    if (p->adopt)
        event_free(p->adopt);
    free(p->slots);
    free(p->arriving);
}

struct door_slot *door_slot(struct publisher *p, struct evhttp_request *request)
{
    struct bufferevent *bev = evhttp_connection_get_bufferevent(evhttp_request_get_connection(request));
    bufferevent_set_timeouts(bev, NULL, NULL); /* the slot's deadline stands in their place */
    int fd = bufferevent_getfd(bev);
    struct door_slot *slot = fd >= 0 ? slot_with(p, fd) : NULL;
    return slot && slot->inode == inode_of(fd) ? slot : NULL;
}

void door_deadline(const struct publisher *p, struct door_slot *slot, int64_t timeout_ms)
{
    slot->deadline_ms = timeout_ms ? p->now_ms + timeout_ms : 0;
}

void door_cut(const struct door_slot *slot)
{
    shutdown(slot->fd, SHUT_RDWR);
}

void door_tick(struct publisher *p)
{
    free_the_closed(p);
    for (uint32_t i = 0; i < p->options.max_consumers; i++) {
        struct door_slot *slot = &p->slots[i];
        if (slot->fd >= 0 && slot->deadline_ms && slot->deadline_ms <= p->now_ms)
            shutdown(slot->fd, SHUT_RDWR);
    }
}
