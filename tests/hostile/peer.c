// SPDX-License-Identifier: Apache-2.0
#include "peer.h"

#include "protocol/transport.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { AGAIN_MS = 10 /* until it is asked again */, SETTLE_MS = 150 };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool peer_open(struct peer *p)
{
    p->fd = p->listener = -1;
    if (p->guise.master)
        return true;
    int on = 1;
    p->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    (void)setsockopt(p->listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return bind(p->listener, (const struct sockaddr *)&p->address, sizeof p->address) == 0 &&
           listen(p->listener, 4) == 0;
}

void peer_close(struct peer *p)
{
    if (p->fd >= 0)
        close(p->fd);
    p->fd = -1;
}

static int try_connect(const struct peer *p)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fd, (const struct sockaddr *)&p->address, sizeof p->address) == 0)
        return fd;
    close(fd);
    return -1;
}

static int try_accept(const struct peer *p)
{
    struct pollfd ready = {.fd = p->listener, .events = POLLIN};
    return poll(&ready, 1, 100) > 0 ? accept(p->listener, NULL, NULL) : -1;
}

bool peer_connect(struct peer *p)
{
    int64_t until_ms = now_ms() + PATIENCE_MS;
    peer_close(p);
    while ((p->fd = p->guise.master ? try_connect(p) : try_accept(p)) < 0) {
        if (now_ms() > until_ms)
            return false;
        (void)poll(NULL, 0, 20);
    }
    int on = 1;
    (void)setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    (void)fcntl(p->fd, F_SETFL, O_NONBLOCK);
    p->in_len = 0;
    p->reads = 0;
    p->confirms = p->guise.asked = false;
    p->tally.connections++;
    return true;
}

static void send_frame(struct peer *p, uint8_t control, const uint8_t *user, size_t len)
{
    uint8_t wire[LINK_FRAME_MAX];
    control |= p->guise.master ? LINK_DIR : 0;
    size_t n = link_encode(control, p->guise.remote, p->guise.local, user, len, wire, sizeof wire);
    if (p->fd >= 0 && send(p->fd, wire, n, MSG_NOSIGNAL) > 0)
        p->tally.octets += n;
}

static void send_fragment(struct peer *p, const uint8_t *fragment, size_t len)
{
    uint8_t user[16] = {(uint8_t)(TRANSPORT_FIR | TRANSPORT_FIN | p->guise.transport_seq)};
    p->guise.transport_seq = (p->guise.transport_seq + 1) & TRANSPORT_SEQ;
    memcpy(user + 1, fragment, len);
    send_frame(p, LINK_PRM | LINK_UNCONFIRMED_USER_DATA, user, len + 1);
}

/* Every second read is answered as it should be, so that the start-up gets to its end; the next stimulus is
 * the answer to the others. */
static void hear_request(struct peer *p, const uint8_t *fragment)
{
    const uint8_t null[] = {(uint8_t)(0xC0 | (fragment[0] & APP_SEQ)), APP_RESPONSE, 0, 0};
    if (fragment[1] == APP_CONFIRM) {
        p->tally.confirms++;
        return;
    }
    p->tally.requests++;
    p->guise.asked = fragment[1] == APP_READ && !p->obliging && p->reads++ % 2;
    p->guise.asked_seq = fragment[0] & APP_SEQ;
    if (!p->guise.asked)
        send_fragment(p, null, sizeof null);
}

static void hear_response(struct peer *p, const struct link_frame *f)
{
    if (f->user[0] & TRANSPORT_FIR && f->user_len > 2) {
        p->tally.responses++;
        p->tally.refusals += f->user_len > 4 && f->user[4] & (IIN_REQUEST_ERRORS >> 8);
        p->confirms = f->user[1] & APP_CON;
        p->confirm[0] = (uint8_t)(APP_FIR | APP_FIN | (f->user[1] & (APP_UNS | APP_SEQ)));
        p->confirm[1] = APP_CONFIRM;
    }
    if (f->user[0] & TRANSPORT_FIN && p->confirms) {
        send_fragment(p, p->confirm, 2);
        p->confirms = false;
    }
}

static void hear_frame(struct peer *p, const struct link_frame *f)
{
    p->tally.frames++;
    if (!(f->control & LINK_PRM)) {
        p->status_seen |= (f->control & LINK_FUNCTION) == LINK_STATUS;
        return;
    }
    if ((f->control & LINK_FUNCTION) == LINK_REQUEST_LINK_STATUS)
        send_frame(p, LINK_STATUS, NULL, 0);
    else if (f->user_len && p->guise.master)
        hear_response(p, f);
    else if (f->user_len > 2 && f->user[0] & TRANSPORT_FIR)
        hear_request(p, f->user + 1);
}

/* Works off what comes within that time; returns at once where something came. */
static void peer_pump(struct peer *p, int timeout_ms)
{
    struct pollfd ready = {.fd = p->fd, .events = POLLIN};
    if (p->fd < 0 || poll(&ready, 1, timeout_ms) <= 0)
        return;
    ssize_t got = recv(p->fd, p->in + p->in_len, sizeof p->in - p->in_len, 0);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        peer_close(p);
        return;
    }
    struct link_errors errors = {0};
    struct link_frame frame;
    size_t len = p->in_len + (got > 0 ? (size_t)got : 0), at = 0, used;
    while (link_parse(p->in + at, len - at, &used, &frame, &errors) == LINK_FRAME) {
        at += used;
        hear_frame(p, &frame);
        if (p->fd < 0)
            return;
    }
    at += used;
    p->in_len = len - at;
    memmove(p->in, p->in + at, p->in_len);
}

void peer_settle(struct peer *p)
{
    p->obliging = true;
    for (int64_t until_ms = now_ms() + SETTLE_MS; !p->guise.master && now_ms() < until_ms;)
        peer_pump(p, 10);
    p->obliging = p->guise.asked = false;
}

bool peer_send(struct peer *p, const uint8_t *octets, size_t len)
{
    int64_t until_ms = now_ms() + PATIENCE_MS;
    size_t sent = 0;
    while (p->fd >= 0 && sent < len) {
        ssize_t n = send(p->fd, octets + sent, len - sent, MSG_NOSIGNAL);
        if (n > 0) {
            sent += (size_t)n;
            until_ms = now_ms() + PATIENCE_MS;
        } else if (n < 0 && errno != EAGAIN) {
            peer_close(p);
        } else if (now_ms() > until_ms) {
            return false;
        }
        if (n < 0)
            peer_pump(p, 2);
    }
    p->tally.octets += sent;
    peer_pump(p, 0);
    return true;
}

/* What began a frame and did not end it waits for up to LINK_FRAME_MAX octets, and swallows the request: more
 * of them bring the receiver back. */
static void ask_again(struct peer *p)
{
    for (int i = 0; i < LINK_FRAME_MAX / LINK_HEADER_LEN + 1; i++)
        send_frame(p, LINK_PRM | LINK_REQUEST_LINK_STATUS, NULL, 0);
    p->tally.flushed++;
}

bool peer_is_served(struct peer *p)
{
    int64_t until_ms = now_ms() + PATIENCE_MS, again_ms = 0;
    p->status_seen = false;
    while (!p->status_seen) {
        if (p->fd < 0) {
            if (!peer_connect(p))
                return false;
            again_ms = 0;
        }
        if (now_ms() >= again_ms) {
            if (again_ms)
                ask_again(p);
            else
                send_frame(p, LINK_PRM | LINK_REQUEST_LINK_STATUS, NULL, 0);
            again_ms = now_ms() + AGAIN_MS;
        }
        if (now_ms() > until_ms)
            return false;
        peer_pump(p, 20);
    }
    p->tally.checks++;
    return true;
}
