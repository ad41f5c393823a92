// SPDX-License-Identifier: Apache-2.0
/*
 * A scripted outstation and a scripted clock for tests of the master: what it gets, what it sends, what it
 * tells. Include it after "support/cm.h".
 *
 *     struct script s;
 *     script_connect(&s, master_defaults());
 *     sends(&s, "C0 15 3C 02 06 3C 03 06 3C 04 06");      the next fragment on the wire, in order
 *     gets(&s, "C0 81 80 00");                            a fragment from the outstation
 *     tells(&s, "restart; fragment #1 nocon; done disable_unsolicited ok; iin 0080");
 *     releases(&s, 1);
 *     waits(&s, 5000);                                    ticks at each deadline on the way
 *     sends_nothing(&s);
 *
 * tells() looks at the news of the last step, or of all waits() since it; every fragment sent must be asked
 * for, or the next step fails. Link services are written "link C9", what goes elsewhere "to FFFF: C3 ...",
 * and the frames of a fragment that has several "first C3 ...", "middle ...", "last ...".
 */
#ifndef SUPPORT_SCRIPT_H
#define SUPPORT_SCRIPT_H

#include "protocol/app.h"
#include "protocol/master.h"
#include "protocol/master_order.h"
#include "support/hex.h"

#include <stdio.h>

/* Requests without their control octet. */
#define DISABLE   "15 3C 02 06 3C 03 06 3C 04 06"
#define ENABLE    "14 3C 02 06 3C 03 06 3C 04 06"
#define INTEGRITY "01 3C 02 06 3C 03 06 3C 04 06 3C 01 06"
#define CLEAR     "02 50 01 00 07 07 00"
/* Objects: one event of a binary input, another one, and one static value. */
#define EVENT  "02 01 17 01 03 81"
#define EVENT2 "02 01 17 01 04 01"
#define STATIC "01 02 00 00 00 81"

enum { SCRIPT_MASTER = 1, SCRIPT_STATION = 10, SCRIPT_SENT = 32 };

struct script {
    struct master m;
    struct master_config config;
    int64_t poll_due_ms[8];
    struct instant at;
    uint8_t station_seq; /* transport */
    bool blocked;        /* the channel takes nothing */
    uint8_t buf[APP_FRAGMENT_MAX];
    char news[4096];
    bool waited;
    struct master_news fragment, done; /* the last of their kind */
    char sent[SCRIPT_SENT][800];
    size_t sent_head, sent_tail;
};

static inline const char *script_reason(enum master_reason reason)
{
    static const char *const names[] = {
        [REASON_NONE] = "none",           [REASON_TOO_SHORT] = "too_short",
        [REASON_FUNCTION] = "function",   [REASON_NO_REQUEST] = "no_request",
        [REASON_SEQUENCE] = "sequence",   [REASON_NOT_FIRST] = "not_first",
        [REASON_NO_CON] = "no_con",       [REASON_START_UP] = "start_up",
        [REASON_CONFIRM_HELD] = "held",   [REASON_LINK] = "link",
        [REASON_TRANSPORT] = "transport", [REASON_TOO_LONG] = "too_long",
    };
    return names[reason];
}

static inline const char *script_outcome(enum master_outcome outcome)
{
    static const char *const names[] = {
        [OUTCOME_OK] = "ok",
        [OUTCOME_TIMEOUT] = "timeout",
        [OUTCOME_REFUSED_BY_IIN] = "refused",
        [OUTCOME_BAD_RESPONSE] = "bad",
        [OUTCOME_DROPPED] = "dropped",
    };
    return names[outcome];
}

static inline void script_fragment_text(const struct master_news *n, char *text, size_t room)
{
    int len = snprintf(text, room, "fragment #%llu", (unsigned long long)n->ticket);
    if (n->summary.events)
        len += snprintf(text + len, room - (size_t)len, " events %u", n->summary.events);
    if (n->summary.statics)
        len += snprintf(text + len, room - (size_t)len, " statics %u", n->summary.statics);
    snprintf(text + len, room - (size_t)len, "%s%s%s%s", n->summary.defect != WALK_END ? " broken" : "",
             n->unsolicited ? " uns" : "", n->confirm_asked ? "" : " nocon",
             n->clock_unsynchronised ? " unsync" : "");
}

static inline void script_news_text(const struct master_news *n, char *text, size_t room)
{
    switch (n->kind) {
    case MASTER_QUIET:
        break;
    case MASTER_PROOF:
        snprintf(text, room, n->proven[1] ? "proof %llu %llu" : "proof %llu",
                 (unsigned long long)n->proven[0], (unsigned long long)n->proven[1]);
        break;
    case MASTER_RESTART_SEEN:
        snprintf(text, room, "restart");
        break;
    case MASTER_OVERFLOW_SEEN:
        snprintf(text, room, "overflow");
        break;
    case MASTER_FRAGMENT:
        script_fragment_text(n, text, room);
        break;
    case MASTER_REPEAT:
        snprintf(text, room, "repeat #%llu", (unsigned long long)n->ticket);
        break;
    case MASTER_REFUSED:
        snprintf(text, room, "refused %s", script_reason(n->reason));
        break;
    case MASTER_TASK_DONE:
        snprintf(text, room, "done %s %s", master_task_name(n->task), script_outcome(n->outcome));
        break;
    case MASTER_ONLINE:
        snprintf(text, room, "online");
        break;
    case MASTER_OFFLINE:
        snprintf(text, room, "offline");
        break;
    case MASTER_IIN_CHANGED:
        snprintf(text, room, "iin %04X", n->iin);
        break;
    case MASTER_LINK_DEAD:
        snprintf(text, room, "link_dead");
        break;
    case MASTER_QUIRK_USED:
        snprintf(text, room, "quirks %02X", n->quirks);
        break;
    case MASTER_ORDER_ANSWER:
        snprintf(text, room, "answer");
        break;
    case MASTER_ORDER_DONE:
        snprintf(text, room, "order %s", order_outcome_name(n->order->outcome));
        break;
    }
}

static inline void script_drain_news(struct script *s)
{
    struct master_news n;
    for (int i = 0; master_next(&s->m, &n) != MASTER_QUIET; i++) {
        assert_true(i < 16); /* the news of one occurrence end */
        char text[160] = "?";
        script_news_text(&n, text, sizeof text);
        if (n.kind == MASTER_FRAGMENT)
            s->fragment = n;
        if (n.kind == MASTER_TASK_DONE)
            s->done = n;
        size_t len = strlen(s->news);
        snprintf(s->news + len, sizeof s->news - len, "%s%s", len ? "; " : "", text);
    }
}

/* What left, without link and transport headers, which are checked here. */
static inline void script_note_sent(struct script *s, const struct link_frame *f)
{
    assert_int_equal(f->source, SCRIPT_MASTER);
    assert_true(s->sent_tail < SCRIPT_SENT);
    char *text = s->sent[s->sent_tail++];
    if (f->destination != SCRIPT_STATION)
        text += sprintf(text, "to %04X: ", f->destination);
    if (!f->user_len) {
        snprintf(text, sizeof s->sent[0], "link %02X", f->control);
        return;
    }
    assert_int_equal(f->control, 0xC4);
    static const char *const parts[] = {"middle ", "first ", "last ", ""};
    text += sprintf(text, "%s", parts[f->user[0] >> 6 & 3]);
    for (size_t i = 1; i < f->user_len; i++)
        text += sprintf(text, i > 1 ? " %02X" : "%02X", f->user[i]);
}

static inline void script_drain_writes(struct script *s)
{
    uint8_t wire[LINK_FRAME_MAX];
    size_t len;
    for (int i = 0; !s->blocked && (len = master_write(&s->m, wire, sizeof wire, &s->at)); i++) {
        assert_true(i < 16);
        struct link_frame f;
        struct link_errors errors = {0};
        size_t used;
        assert_int_equal(link_parse(wire, len, &used, &f, &errors), LINK_FRAME);
        assert_int_equal(used, len);
        script_note_sent(s, &f);
    }
}

static inline void script_drain(struct script *s)
{
    script_drain_news(s);
    script_drain_writes(s);
    script_drain_news(s); /* nothing is told by writing, but nothing may hang either */
}

static inline void script_step(struct script *s, const char *file, int line)
{
    if (s->sent_head != s->sent_tail) {
        print_error("unexpected on the wire: %s\n", s->sent[s->sent_head]);
        _fail(file, line);
    }
    s->sent_head = s->sent_tail = 0;
    s->news[0] = '\0';
    s->waited = false;
}

static inline void script_sends(struct script *s, const char *hex, const char *file, int line)
{
    const char *sent = s->sent_head < s->sent_tail ? s->sent[s->sent_head++] : "(nothing)";
    if (strcmp(sent, hex)) {
        print_error("sent:     %s\nexpected: %s\n", sent, hex);
        _fail(file, line);
    }
}

static inline void script_tells(struct script *s, const char *text, const char *file, int line)
{
    if (strcmp(s->news, text)) {
        print_error("told:     %s\nexpected: %s\n", s->news, text);
        _fail(file, line);
    }
}

static inline void script_frames(struct script *s, const uint8_t *wire, size_t len)
{
    struct link_frame f;
    struct link_errors errors = {0};
    size_t used;
    while (link_parse(wire, len, &used, &f, &errors) == LINK_FRAME) {
        wire += used;
        len -= used;
        master_lend(&s->m, s->buf, sizeof s->buf);
        master_receive(&s->m, &f, &s->at);
        script_drain(s);
        (void)master_take_back(&s->m);
    }
}

/* A fragment of any length, in as many frames as it takes. */
static inline void script_gets_octets(struct script *s, const uint8_t *fragment, size_t fragment_len)
{
    static uint8_t wire[4096];
    size_t len = transport_write(&s->station_seq, 0x44, SCRIPT_MASTER, SCRIPT_STATION, fragment, fragment_len,
                                 wire, sizeof wire);
    assert_true(len > 0);
    script_frames(s, wire, len);
}

static inline void script_gets(struct script *s, const char *hex, const char *file, int line)
{
    static uint8_t fragment[APP_FRAGMENT_MAX];
    script_step(s, file, line);
    script_gets_octets(s, fragment, hex_parse(hex, fragment, sizeof fragment));
}

/* A link frame without user data. */
static inline void script_gets_link(struct script *s, uint8_t control, uint16_t from, const char *file,
                                    int line)
{
    uint8_t wire[LINK_FRAME_MAX];
    script_step(s, file, line);
    script_frames(s, wire, link_encode(control, SCRIPT_MASTER, from, NULL, 0, wire, sizeof wire));
}

static inline void script_waits(struct script *s, int64_t ms, const char *file, int line)
{
    if (!s->waited)
        script_step(s, file, line);
    s->waited = true;
    int64_t until_ms = s->at.now_ms + ms;
    for (int i = 0; s->at.now_ms < until_ms; i++) {
        assert_true(i < 10000); /* a deadline that does not move on */
        int64_t next_ms = master_deadline_ms(&s->m);
        if (next_ms <= s->at.now_ms)
            next_ms = s->at.now_ms + 1; /* late by a tick */
        if (next_ms > until_ms)
            next_ms = until_ms;
        s->at.wall_ms += next_ms - s->at.now_ms;
        s->at.now_ms = next_ms;
        master_tick(&s->m, &s->at);
        script_drain(s);
    }
}

static inline void script_releases(struct script *s, uint64_t ticket, const char *file, int line)
{
    script_step(s, file, line);
    master_release_confirm(&s->m, ticket, &s->at);
    script_drain(s);
}

static inline void script_holds_polls(struct script *s, bool hold, const char *file, int line)
{
    script_step(s, file, line);
    master_hold_polls(&s->m, hold, &s->at);
    script_drain(s);
}

static inline void script_reconnects(struct script *s, const char *file, int line)
{
    script_step(s, file, line);
    master_disconnected(&s->m, &s->at);
    script_drain(s);
    master_connected(&s->m, &s->at);
    s->station_seq = 0;
    script_drain(s);
}

#define sends(s, hex)         script_sends((s), (hex), __FILE__, __LINE__)
#define sends_nothing(s)      script_sends((s), "(nothing)", __FILE__, __LINE__)
#define tells(s, text)        script_tells((s), (text), __FILE__, __LINE__)
#define gets(s, hex)          script_gets((s), (hex), __FILE__, __LINE__)
#define gets_link(s, control) script_gets_link((s), (control), SCRIPT_STATION, __FILE__, __LINE__)
#define waits(s, ms)          script_waits((s), (ms), __FILE__, __LINE__)
#define releases(s, ticket)   script_releases((s), (ticket), __FILE__, __LINE__)
#define holds_polls(s, hold)  script_holds_polls((s), (hold), __FILE__, __LINE__)
#define reconnects(s)         script_reconnects((s), __FILE__, __LINE__)

/* 2025-01-01T00:00:00.000Z: 00 7C 29 1F 94 01 */
enum { SCRIPT_NOW_MS = 1000000 };
#define SCRIPT_WALL_MS 1735689600000

static inline void script_connect(struct script *s, struct master_config config)
{
    memset(s, 0, sizeof *s);
    s->config = config;
    s->at = (struct instant){.now_ms = SCRIPT_NOW_MS, .wall_ms = SCRIPT_WALL_MS, .wall_trusted = true};
    master_init(&s->m, &s->config, SCRIPT_MASTER, SCRIPT_STATION, s->poll_due_ms, 1);
    master_connected(&s->m, &s->at);
    script_drain(s);
}

/* Through the default start-up: the next request has SEQ 3, the next ticket is 1. */
static inline void script_online(struct script *s, struct master_config config)
{
    script_connect(s, config);
    sends(s, "C0 " DISABLE);
    gets(s, "C0 81 00 00");
    sends(s, "C1 " INTEGRITY);
    gets(s, "C1 81 00 00");
    tells(s, "done integrity ok; online");
    sends(s, "C2 " ENABLE);
    gets(s, "C2 81 00 00");
    sends_nothing(s);
}

/* On line, with a poll of class 1 every ten seconds, of which the first has just left with SEQ 3. */
static inline void script_polling(struct script *s)
{
    static const struct master_poll class_1_poll[] = {{.period_ms = 10000, .classes = CLASS_1}};
    struct master_config config = master_defaults();
    config.polls = class_1_poll;
    config.polls_len = 1;
    config.link_idle_ms = 0;
    script_online(s, config);
    waits(s, 10000);
    sends(s, "C3 01 3C 02 06");
}

#endif
