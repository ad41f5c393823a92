// SPDX-License-Identifier: Apache-2.0
/*
 * Commands from the publisher to the sessions of their stations. Each was told to the audit before it came
 * here. One that can't be served now is refused at once: nobody is to be surprised by it later.
 */
#include "fep/worker_state.h"

static struct station *station_numbered(const struct worker *w, uint32_t number)
{
    for (const struct channel *c = w->channels; c; c = c->next)
        for (struct station *s = c->stations; s; s = s->next)
            if (s->entry->number == number)
                return s;
    return NULL;
}

static void station_disable(struct worker *w, struct station *s)
{
    struct channel *c = s->channel;
    if (s->session.disabled)
        return;
    if (s->session.connected)
        station_disconnected(w, s);
    session_abandon_commands(&s->session, worker_now(w));
    session_disable(&s->session, true, worker_now(w), &w->box);
    if (channel_all_disabled(c)) {
        channel_close(c);
        c->idle = true;
    }
}

static void station_enable(struct worker *w, struct station *s)
{
    struct channel *c = s->channel;
    if (!s->session.disabled)
        return;
    session_disable(&s->session, false, worker_now(w), &w->box);
    if (c->idle)
        channel_start(c);
    else if (c->state == CHANNEL_OPEN)
        station_connected(w, s);
}

static void station_switch(struct worker *w, struct station *s, struct command *c)
{
    bool enables = c->kind == COMMAND_ENABLE;
    station_enter(w, s);
    (enables ? station_enable : station_disable)(w, s);
    station_leave(w, s);
    station_log(w, s, LOG_LEVEL_INFO, enables ? "station_enabled" : "station_disabled", "by a command",
                log_text("who", c->asked.who));
    command_end(c, COMMAND_OPERATED, NULL, &w->box, worker_now(w));
}

/* NULL where it can be served. */
static const char *refusal(const struct worker *w, const struct station *s, const struct command *c)
{
    bool switches = c->kind == COMMAND_ENABLE || c->kind == COMMAND_DISABLE;
    if (w->drain)
        return "fepd is stopping";
    if (!s)
        return "the station is not served";
    if (s->leaving)
        return "the station's configuration is changing";
    if (switches)
        return NULL;
    if (s->session.disabled)
        return "the station is disabled";
    return w->stalled ? "the store stalls" : NULL;
}

static void worker_serve(struct worker *w, struct command *c)
{
    struct station *s = station_numbered(w, c->station);
    const char *why = c->kind != COMMAND_CANCEL ? refusal(w, s, c) : s ? NULL : "the station is not served";
    if (why) {
        command_end(c, COMMAND_REFUSED, why, &w->box, worker_now(w));
    } else if (c->kind == COMMAND_ENABLE || c->kind == COMMAND_DISABLE) {
        station_switch(w, s, c);
    } else {
        station_enter(w, s);
        session_command(&s->session, c, worker_now(w), &w->box);
        station_leave(w, s);
    }
}

void worker_take_commands(struct worker *w)
{
    struct command *c;
    while ((c = mailbox_take(&w->commands)))
        worker_serve(w, c);
}
