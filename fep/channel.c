// SPDX-License-Identifier: Apache-2.0
/*
 * Connecting: a channel that wants to connect asks for a turn (so many a second in all), waits for it,
 * connects, and gives up after connect_timeout_ms. After a failure it waits reconnect_min_ms, doubling up to
 * reconnect_max_ms, a third of it left to chance, so that a thousand stations that went together do not come
 * back together. The back-off is forgotten when a frame has arrived: a peer that accepts and closes
 * is not reached.
 */
#include "fep/worker_state.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BACKOFF_DOUBLINGS_MAX = 16, CONNECT_BURST = 10 };

static const struct config_station *channel_config(const struct channel *c)
{
    return c->stations->entry->config;
}

struct channel *channel_new(struct worker *w)
{
    struct channel *c = calloc(1, sizeof(*c));
    if (!c)
        abort();
    connection_init(&c->connection, &w->owner);
    c->next = w->channels;
    c->back = &w->channels;
    if (c->next)
        c->next->back = &c->next;
    w->channels = c;
    return c;
}

static void channel_drop_input(struct channel *c)
{
    pool_give(&channel_worker(c)->inputs, c->input);
    c->input = NULL;
}

static void channel_unqueue(struct channel *c)
{
    struct worker *w = channel_worker(c);
    if (!c->busy)
        return;
    struct channel **at = &w->busy;
    while (*at != c)
        at = &(*at)->next_busy;
    *at = c->next_busy;
    if (w->busy_end == &c->next_busy)
        w->busy_end = at;
    c->busy = false;
}

void channel_free(struct channel *c)
{
    assert(!c->stations && c->connection.state == CONNECTION_CLOSED);
    channel_unqueue(c);
    channel_drop_input(c);
    wheel_cancel(&channel_worker(c)->channels_wheel, &c->timer);
    *c->back = c->next;
    if (c->next)
        c->next->back = c->back;
    free(c);
}

static void channel_set(struct channel *c, enum channel_state state, int64_t due_ms)
{
    c->state = (uint8_t)state;
    wheel_set(&channel_worker(c)->channels_wheel, &c->timer, due_ms);
}

/* Turns to connect are given out in order, one after the other, a few at once after a pause. */
static void channel_queue(struct channel *c)
{
    struct worker *w = channel_worker(c);
    int64_t rate = w->fep.connects_per_s / w->options.workers;
    int64_t step_us = 1000000 / (rate > 0 ? rate : 1);
    int64_t now_us = w->at.now_ms * 1000;
    int64_t earliest_us = now_us - CONNECT_BURST * step_us;
    if (w->next_connect_us < earliest_us)
        w->next_connect_us = earliest_us;
    int64_t mine_us = w->next_connect_us;
    w->next_connect_us += step_us;
    channel_set(c, CHANNEL_QUEUED, mine_us > now_us ? (mine_us + 999) / 1000 : w->at.now_ms);
}

static uint64_t worker_random(struct worker *w)
{
    w->random ^= w->random << 13;
    w->random ^= w->random >> 7;
    w->random ^= w->random << 17;
    return w->random;
}

static void channel_back_off(struct channel *c)
{
    const struct config_session *s = channel_config(c)->session;
    uint32_t doublings = c->failures < BACKOFF_DOUBLINGS_MAX ? c->failures : BACKOFF_DOUBLINGS_MAX;
    uint64_t wait_ms = (uint64_t)s->reconnect_min_ms << (doublings ? doublings - 1 : 0);
    uint64_t longest_ms = wait_ms + wait_ms / 2;
    if (longest_ms > s->reconnect_max_ms)
        longest_ms = s->reconnect_max_ms;
    uint64_t shortest_ms = longest_ms - longest_ms / 3;
    if (shortest_ms < s->reconnect_min_ms)
        shortest_ms = s->reconnect_min_ms;
    wait_ms = shortest_ms + worker_random(channel_worker(c)) %
                                (longest_ms > shortest_ms ? longest_ms - shortest_ms + 1 : 1);
    channel_set(c, CHANNEL_WAITING, channel_worker(c)->at.now_ms + (int64_t)wait_ms);
}

static void channel_failed(struct channel *c, int error)
{
    struct worker *w = channel_worker(c);
    (void)worker_now(w);
    for (struct station *s = c->stations; s; s = s->next) {
        station_enter(w, s);
        session_connect_failed(&s->session, worker_now(w), &w->box);
        station_leave(w, s);
        if (c->failures == 0)
            station_log(w, s, LOG_LEVEL_WARNING, "connect_failed",
                        "the station can't be reached; fepd keeps trying",
                        log_text("error", strerror(error)));
    }
    if (c->failures < UINT32_MAX)
        c->failures++;
    channel_back_off(c);
}

static void channel_connect(struct channel *c)
{
    const struct config_station *config = channel_config(c);
    if (!connection_connect(&c->connection, config->host, config->port)) {
        channel_failed(c, errno);
        return;
    }
    channel_set(c, CHANNEL_CONNECTING, channel_worker(c)->at.now_ms + config->session->connect_timeout_ms);
}

void channel_start(struct channel *c)
{
    c->idle = false;
    channel_queue(c);
}

void channel_timer(struct channel *c)
{
    switch ((enum channel_state)c->state) {
    case CHANNEL_WAITING:
        channel_queue(c);
        break;
    case CHANNEL_QUEUED:
        channel_connect(c);
        break;
    case CHANNEL_CONNECTING:
        connection_close(&c->connection);
        channel_failed(c, ETIMEDOUT);
        break;
    case CHANNEL_OPEN:
        break; /* has no timer */
    }
}

static void channel_up(struct channel *c)
{
    struct worker *w = channel_worker(c);
    channel_set(c, CHANNEL_OPEN, WHEEL_NEVER_MS);
    for (struct station *s = c->stations; s; s = s->next) {
        if (s->session.disabled)
            continue;
        station_connected(w, s);
        station_log(w, s, c->failures ? LOG_LEVEL_INFO : LOG_LEVEL_DEBUG, "connected",
                    "the connection is established", (struct log_field){0});
    }
}

void channel_close(struct channel *c)
{
    struct worker *w = channel_worker(c);
    bool was_open = c->state == CHANNEL_OPEN;
    connection_close(&c->connection);
    channel_unqueue(c);
    channel_drop_input(c);
    wheel_cancel(&w->channels_wheel, &c->timer);
    channel_read_again(c);
    c->state = CHANNEL_WAITING;
    for (struct station *s = c->stations; was_open && s; s = s->next)
        if (s->session.connected)
            station_disconnected(w, s);
}

void channel_lost(struct channel *c, const char *reason)
{
    struct worker *w = channel_worker(c);
    (void)worker_now(w);
    channel_close(c);
    for (struct station *s = c->stations; s; s = s->next)
        if (c->failures == 0 && !c->discards)
            station_log(w, s, LOG_LEVEL_WARNING, "connection_lost", "the connection has ended",
                        log_text("reason", reason));
    if (c->failures < UINT32_MAX)
        c->failures++;
    if (!w->drain)
        channel_back_off(c);
}

/* NULL where the frame is for none of them. */
static struct station *channel_station(const struct channel *c, const struct link_frame *frame)
{
    for (struct station *s = c->stations; s; s = s->next) {
        const struct config_station *config = s->entry->config;
        if (config->outstation_address == frame->source && config->master_address == frame->destination)
            return s;
    }
    return NULL;
}

static bool is_link_service(const struct link_frame *frame)
{
    uint8_t function = frame->control & LINK_FUNCTION;
    return frame->control & LINK_PRM && function != LINK_UNCONFIRMED_USER_DATA &&
           function != LINK_CONFIRMED_USER_DATA;
}

static void channel_frame(struct channel *c, const struct link_frame *frame, int64_t read_us,
                          unsigned *fragments)
{
    struct worker *w = channel_worker(c);
    struct station *s = channel_station(c, frame);
    if (!s) {
        station_enter(w, c->stations);
        c->stations->session.counters.address_errors++;
        station_leave(w, c->stations);
        return;
    }
    c->failures = 0;
    if (!s->session.connected)
        return; /* disabled, on a line with others */
    station_enter(w, s);
    station_frame(w, s, frame, read_us);
    station_leave(w, s);
    *fragments += s->session.counters.fragments + s->session.counters.refused + s->session.counters.repeats -
                  w->before.fragments - w->before.refused - w->before.repeats;
    if (is_link_service(frame))
        station_answer(w, s); /* at once: each of several in one read gets its own reply */
}

static void channel_link_errors(struct channel *c, const struct link_errors *e)
{
    uint32_t sum = e->header_crc + e->body_crc + e->bad_length + (e->noise_octets != 0);
    if (!sum)
        return;
    station_enter(channel_worker(c), c->stations);
    c->stations->session.counters.link_errors += sum;
    station_leave(channel_worker(c), c->stations);
}

/* Works off frames, and returns how many octets are done with. */
static size_t channel_parse(struct channel *c, const uint8_t *octets, size_t len, int64_t read_us,
                            bool *tired)
{
    struct link_errors errors = {0};
    struct link_frame frame;
    unsigned fragments = 0;
    size_t at = 0, used = 0;
    *tired = false;
    while (!*tired && link_parse(octets + at, len - at, &used, &frame, &errors) == LINK_FRAME) {
        at += used;
        used = 0;
        channel_frame(c, &frame, read_us, &fragments);
        *tired = fragments >= FRAGMENTS_A_TURN;
    }
    channel_link_errors(c, &errors);
    return at + used;
}

static void channel_keep_input(struct channel *c, const uint8_t *octets, size_t len, int64_t read_us,
                               bool tired)
{
    struct worker *w = channel_worker(c);
    if (!len) {
        channel_drop_input(c);
        return;
    }
    if (!c->input)
        c->input = pool_take(&w->inputs);
    memmove(c->input->octets, octets, len);
    c->input->len = len;
    c->input->read_us = read_us;
    if (tired && !c->busy) {
        c->busy = true;
        c->next_busy = NULL;
        *w->busy_end = c;
        w->busy_end = &c->next_busy;
    }
}

void channel_work(struct channel *c)
{
    bool tired;
    channel_unqueue(c);
    struct channel_input *in = c->input;
    size_t done = channel_parse(c, in->octets, in->len, in->read_us, &tired);
    channel_keep_input(c, in->octets + done, in->len - done, in->read_us, tired);
}

static void channel_readable(struct channel *c)
{
    struct worker *w = channel_worker(c);
    uint8_t octets[LINK_FRAME_MAX + READ_ROOM];
    size_t len = 0;
    if (c->busy)
        return; /* not before what it has sent already is worked off; the socket stays ready */
    if (c->input) {
        assert(c->input->len <= LINK_FRAME_MAX);
        len = c->input->len;
        memcpy(octets, c->input->octets, len);
    }
    ssize_t got = connection_read(&c->connection, octets + len, READ_ROOM);
    metric_add(&w->metrics->reads, 1);
    if (got < 0) {
        channel_lost(c, errno ? strerror(errno) : "closed by the station");
        return;
    }
    metric_add(&w->metrics->octets_in, (uint64_t)got);
    if (c->discards || got == 0)
        return;
    bool tired;
    len += (size_t)got;
    int64_t read_us = clock_now_us();
    size_t done = channel_parse(c, octets, len, read_us, &tired);
    channel_keep_input(c, octets + done, len - done, read_us, tired);
}

void channel_happened(struct connection *connection, enum connection_event event, int error)
{
    struct channel *c = (struct channel *)connection;
    (void)worker_now(channel_worker(c));
    switch (event) {
    case CONNECTION_UP:
        channel_up(c);
        break;
    case CONNECTION_FAILED:
        channel_failed(c, error);
        break;
    case CONNECTION_READABLE:
        channel_readable(c);
        worker_served(channel_worker(c));
        break;
    case CONNECTION_DRAINED:
        break;
    }
}

bool channel_send(struct channel *c, const uint8_t *octets, size_t len)
{
    metric_add(&channel_worker(c)->metrics->writes, 1);
    metric_add(&channel_worker(c)->metrics->octets_out, len);
    return connection_write(&c->connection, octets, len);
}

void channel_not_read(struct channel *c)
{
    struct worker *w = channel_worker(c);
    if (c->not_read)
        return;
    if (w->paused_len == w->paused_room)
        w->paused = worker_more_room(w->paused, &w->paused_room, sizeof(struct channel *));
    w->paused[w->paused_len++] = c;
    c->not_read = true;
    metric_set(&w->metrics->not_read, w->paused_len);
    connection_pause(&c->connection, true);
}

bool channel_may_read(const struct channel *c)
{
    for (const struct station *s = c->stations; s; s = s->next)
        if (!session_may_read(&s->session, &channel_worker(c)->box))
            return false;
    return true;
}

bool channel_all_disabled(const struct channel *c)
{
    for (const struct station *s = c->stations; s; s = s->next)
        if (!s->session.disabled)
            return false;
    return true;
}

void channel_read_again(struct channel *c)
{
    struct worker *w = channel_worker(c);
    if (!c->not_read)
        return;
    size_t at = 0;
    while (w->paused[at] != c)
        at++;
    w->paused[at] = w->paused[--w->paused_len];
    c->not_read = false;
    metric_set(&w->metrics->not_read, w->paused_len);
    connection_pause(&c->connection, false);
    for (struct station *s = c->stations; s; s = s->next)
        s->session.not_read = false;
}
