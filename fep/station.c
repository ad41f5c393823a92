// SPDX-License-Identifier: Apache-2.0
/*
 * A station at work: between its session, which knows no I/O, and its channel, the log and the metrics.
 *
 * Whatever calls the session stands between station_enter() and station_leave(): counters that have moved are
 * added to the worker's metrics and told in the log, each by a row of a table, and the station is remembered.
 * At the end of the turn station_settle() does once for each of them what the session asks for: sends what it
 * has to say, gives up a channel that is dead, pauses one that sends too fast, sets the timer.
 *
 * The buffer for reassembly is lent for one frame, and stays lent only while a fragment is half received.
 */
#include "fep/trace.h"
#include "fep/worker_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* In a frame that begins a fragment: link header, transport header, application control, function. */
    FRAME_TRANSPORT_AT = LINK_HEADER_LEN,
    FRAME_FUNCTION_AT = LINK_HEADER_LEN + 2,
    SMALL_FRAGMENT = APP_FRAGMENT_MAX,
    TIMER_STEP_MS = 8
};

struct station *station_new(const struct catalog_station *entry, uint64_t seed)
{
    const struct master_config *master = entry->master;
    struct station *s = calloc(1, sizeof(*s) + master->polls_len * sizeof(s->poll_due_ms[0]));
    if (!s)
        abort();
    s->entry = entry;
    session_init(&s->session, entry->number, master, entry->config->master_address,
                 entry->config->outstation_address, s->poll_due_ms, seed);
    return s;
}

void station_free(struct station *s)
{
    session_forget_commands(&s->session);
    free(s);
}

/* The same settings at another address: the catalog that they were in goes away. */
void station_adopt(struct station *s, const struct catalog_station *entry)
{
    s->entry = entry;
    s->session.master.config = entry->master;
}

void station_log(struct worker *w, struct station *s, enum log_level level, const char *event,
                 const char *text, struct log_field extra)
{
    uint32_t suppressed = 0;
    if (!log_wants(w->log, level) ||
        !log_gate_pass(&s->gate, worker_now(w)->now_ms, w->fep.log_lines_per_station, &suppressed))
        return;
    struct log_field fields[3] = {log_text("station", s->entry->config->name)};
    size_t len = 1;
    if (extra.key)
        fields[len++] = extra;
    if (suppressed)
        fields[len++] = log_number("lines_suppressed", suppressed);
    log_write(w->log, level, event, text, fields, len);
}

/* What a counter of the session adds to. */
static const struct account_row {
    size_t counter;
    size_t metric;
} account_rows[] = {
#define ACCOUNT(name)                                                                                        \
    {                                                                                                        \
        offsetof(struct station_counters, name), offsetof(struct worker_metrics, name)                       \
    }
    ACCOUNT(connects),  ACCOUNT(connect_failures), ACCOUNT(frames_in), ACCOUNT(frames_out),
    ACCOUNT(fragments), ACCOUNT(unsolicited),      ACCOUNT(repeats),   ACCOUNT(events),
    ACCOUNT(confirms),  ACCOUNT(confirms_dropped), ACCOUNT(refused),   ACCOUNT(not_stored),
    ACCOUNT(defects),   ACCOUNT(timeouts),         ACCOUNT(unknown),
#undef ACCOUNT
};

/* What operators are told about a station when a counter moves. */
static const struct tale_row {
    size_t counter;
    enum log_level level;
    const char *event;
    const char *text;
} tale_rows[] = {
#define TALE(name, level, event, text)                                                                       \
    {                                                                                                        \
        offsetof(struct station_counters, name), level, event, text                                          \
    }
    TALE(restarts, LOG_LEVEL_WARNING, "station_restarted", "the station has restarted; events may be lost"),
    TALE(overflows, LOG_LEVEL_WARNING, "events_overflowed", "the station's event buffer has overflowed"),
    TALE(defects, LOG_LEVEL_WARNING, "fragment_defect",
         "a response could not be read to its end; its octets are in quarantine"),
    TALE(
        too_long, LOG_LEVEL_WARNING, "fragment_too_long",
        "a response is longer than max_fragment: it can't be taken, and will come again; raise max_fragment"),
    TALE(not_stored, LOG_LEVEL_WARNING, "fragment_not_stored",
         "the store stalls; the station keeps its events and repeats them"),
    TALE(iin_errors, LOG_LEVEL_WARNING, "request_refused", "the station does not support a request"),
    TALE(address_errors, LOG_LEVEL_WARNING, "address_error", "a frame with other addresses than configured"),
    TALE(unknown, LOG_LEVEL_INFO, "unknown_object",
         "objects that are not known were passed over; their size is known"),
    TALE(timeouts, LOG_LEVEL_INFO, "no_answer", "no answer to a request"),
    TALE(refused, LOG_LEVEL_DEBUG, "fragment_refused", "a response was not for us or not to be taken yet"),
    TALE(link_errors, LOG_LEVEL_DEBUG, "link_error", "octets with errors on the link"),
#undef TALE
};

static uint32_t counter_at(const struct station_counters *c, size_t offset)
{
    uint32_t value;
    memcpy(&value, (const char *)c + offset, sizeof(value));
    return value;
}

/* Each use is counted, the first one of a station told in the log. */
static void station_quirks(struct worker *w, struct station *s)
{
    uint8_t fresh = s->session.quirks_used & (uint8_t)~s->quirks_told;
    if (s->session.counters.quirks == w->before.quirks)
        return;
    for (unsigned bit = 0; bit < QUIRKS; bit++) {
        metric_set(&w->metrics->quirks[bit], w->box.quirks[bit]);
        if (fresh >> bit & 1)
            station_log(w, s, LOG_LEVEL_INFO, "quirk_used",
                        "the station does against the rules what its configuration allows",
                        log_text("quirk", master_quirk_name(bit)));
    }
    s->quirks_told = s->session.quirks_used;
}

static void station_account(struct worker *w, struct station *s)
{
    const struct station_counters *now = &s->session.counters;
    if (memcmp(now, &w->before, sizeof(*now)) == 0)
        return;
    for (size_t i = 0; i < sizeof(account_rows) / sizeof(account_rows[0]); i++) {
        const struct account_row *row = &account_rows[i];
        uint32_t more = counter_at(now, row->counter) - counter_at(&w->before, row->counter);
        if (more)
            metric_add((void *)((char *)w->metrics + row->metric), more);
    }
    station_quirks(w, s);
    for (size_t i = 0; i < sizeof(tale_rows) / sizeof(tale_rows[0]); i++) {
        const struct tale_row *row = &tale_rows[i];
        if (counter_at(now, row->counter) != counter_at(&w->before, row->counter))
            station_log(w, s, row->level, row->event, row->text,
                        log_number("count", counter_at(now, row->counter)));
    }
}

static void station_touch(struct worker *w, struct station *s)
{
    if (s->touched)
        return;
    if (w->touched_len == w->touched_room)
        w->touched = worker_more_room(w->touched, &w->touched_room, sizeof(struct station *));
    s->touched = true;
    w->touched[w->touched_len++] = s;
}

void station_enter(struct worker *w, struct station *s)
{
    w->before = s->session.counters;
}

void station_leave(struct worker *w, struct station *s)
{
    station_account(w, s);
    station_touch(w, s);
}

void station_hold_polls(struct worker *w, struct station *s, bool hold)
{
    master_hold_polls(&s->session.master, hold, worker_now(w));
    station_touch(w, s);
}

void station_connected(struct worker *w, struct station *s)
{
    station_enter(w, s);
    session_connected(&s->session, worker_now(w), &w->box);
    station_leave(w, s);
    if (w->stalled || w->drain || s->leaving)
        station_hold_polls(w, s, true);
    metric_add(&w->metrics->connected, 1);
}

static struct pool *station_pool(struct worker *w, const struct station *s)
{
    return s->entry->config->session->max_fragment <= SMALL_FRAGMENT ? &w->small : &w->large;
}

void station_disconnected(struct worker *w, struct station *s)
{
    station_enter(w, s);
    session_disconnected(&s->session, worker_now(w), &w->box);
    station_leave(w, s);
    pool_give(station_pool(w, s), session_take_back(&s->session));
    metric_add(&w->metrics->connected, (uint64_t)-1);
}

static struct tracer station_tracer(const struct worker *w, const struct station *s)
{
    return (struct tracer){w->log, w->options.traces, s->entry->config->name, s->entry->number};
}

void station_frame(struct worker *w, struct station *s, const struct link_frame *frame, int64_t read_us)
{
    if (!session_has_buffer(&s->session))
        session_lend(&s->session, pool_take(station_pool(w, s)), s->entry->config->session->max_fragment);
    const struct tracer tracer = station_tracer(w, s);
    trace_frame(&tracer, TRACE_RECEIVED, frame);
    session_frame(&s->session, frame, worker_now(w), read_us, &w->box);
    pool_give(station_pool(w, s), session_take_back(&s->session));
}

/* Told from the octets that leave: only then is a confirm more than an intention. Link services are shorter.
 */
static bool is_confirm(const uint8_t *frame, size_t len)
{
    return len > FRAME_FUNCTION_AT && (frame[FRAME_TRANSPORT_AT] & TRANSPORT_FIR) &&
           frame[FRAME_FUNCTION_AT] == APP_CONFIRM;
}

/* All that the session has to say, with one send where it fits. False: the channel is lost. */
static bool station_write(struct worker *w, struct station *s)
{
    uint8_t out[WRITE_ROOM];
    size_t len = 0, more;
    const struct tracer tracer = station_tracer(w, s);
    station_enter(w, s);
    while ((more = session_write(&s->session, out + len, sizeof(out) - len, worker_now(w)))) {
        s->session.counters.confirms += is_confirm(out + len, more);
        trace_octets(&tracer, TRACE_SENT, out + len, more);
        len += more;
        if (sizeof(out) - len >= LINK_FRAME_MAX)
            continue;
        if (!channel_send(s->channel, out, len))
            return false;
        len = 0;
    }
    station_account(w, s);
    return len ? channel_send(s->channel, out, len) : !s->channel->connection.error;
}

/* Where it can't be sent the connection remembers, and the end of the turn gives the channel up. */
void station_answer(struct worker *w, struct station *s)
{
    (void)station_write(w, s);
}

/* Logs and counts going on and off line. */
static void station_tell(struct worker *w, struct station *s)
{
    if (s->online == s->session.online)
        return;
    s->online = s->session.online;
    metric_add(&w->metrics->online, s->online ? 1 : (uint64_t)-1);
    if (s->channel->discards)
        return; /* it goes because we want it */
    if (s->online)
        station_log(w, s, LOG_LEVEL_INFO, "station_online", "the station is on line", (struct log_field){0});
    else
        station_log(w, s, LOG_LEVEL_WARNING, "station_offline", "the station is off line",
                    (struct log_field){0});
}

/* On a line with several stations, one that does not answer must not cost the others their connection. */
static void station_dead(struct worker *w, struct station *s)
{
    for (struct station *other = s->channel->stations; other; other = other->next) {
        if (!other->session.dead) {
            uint8_t seq = master_sequence(&s->session.master);
            station_disconnected(w, s);
            master_continue_sequence(&s->session.master, seq);
            station_connected(w, s);
            return;
        }
    }
    channel_lost(s->channel, "no answer on the link");
}

/* Later by less than a step: what falls due together leaves together, with fewer wakes here and at the peers.
 */
static int64_t station_due_ms(struct worker *w, int64_t due_ms)
{
    if (due_ms == NEVER_MS || due_ms <= worker_now(w)->now_ms)
        return due_ms;
    return (due_ms + TIMER_STEP_MS - 1) / TIMER_STEP_MS * TIMER_STEP_MS;
}

/*
 * A timer that is too early stays, and is set anew when it comes: a station that is heard often does not move
 * it with every message, which would touch two other stations' memory each time.
 */
void station_set_timer(struct worker *w, struct station *s, bool came)
{
    int64_t due_ms = station_due_ms(w, session_deadline_ms(&s->session));
    if (came || !wheel_is_set(&s->timer) || due_ms < s->timer.due_ms)
        wheel_set(&w->stations_wheel, &s->timer, due_ms);
}

void station_settle(struct worker *w, struct station *s)
{
    if (s->session.connected && !station_write(w, s) && s->session.connected)
        channel_lost(s->channel, "the peer does not read");
    if (s->session.connected && s->session.dead)
        station_dead(w, s);
    if (s->session.connected && s->session.not_read)
        channel_not_read(s->channel);
    station_tell(w, s);
    station_set_timer(w, s, false);
}
