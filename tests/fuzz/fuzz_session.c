// SPDX-License-Identifier: Apache-2.0
/*
 * Two stations of one worker, their sessions and the outbox that they share, with hostile peers and a store
 * that takes its time: the first octet configures, the rest is a list of steps (fragments, frames, answers,
 * batches handed over, batches durable, time, lost connections).
 *
 * Never: a confirm for a fragment whose batch is not durable, that was not taken, or that came on another
 * connection; more memory than the limit, one fragment a session, and what the steps themselves report;
 * a batch whose items don't add up; deadlines that have passed, octets without end.
 */
#include "grammar.h"

#include <assert.h>
#include <stdlib.h>

#include "fep/session.h"

enum {
    SESSIONS = 2,
    MASTER = 1,
    OUTSTATION = 10,
    KEYS = 32, /* UNS and SEQ of a fragment */
    WRITES_MAX = 64,
    STEP_OCTETS = 1024, /* reports, holes and proofs that one step may cause */
    FRAGMENT_OCTETS = 8 * 256 * (int)sizeof(struct measurement) + 1024
};

/* The batch that must be durable before the fragment with that UNS and SEQ is confirmed. */
#define NEVER_CONFIRMED UINT64_MAX

struct peer {
    struct session session;
    uint64_t needs[KEYS];
    int64_t poll_due_ms[2];
    uint8_t buffer[APP_FRAGMENT_MAX];
    uint8_t transport_seq;
    uint8_t asked_seq; /* of the newest request */
    bool connected;
};

struct rig {
    struct outbox box;
    struct batch *oldest; /* handed over, not durable yet */
    struct batch *newest;
    struct peer peers[SESSIONS];
    struct master_config config;
    struct instant at;
    struct reader steps;
    size_t steps_done;
};

/* An unsolicited or solicited fragment: its control octet and objects, as the step takes them. */
static size_t write_step(struct dice *d, uint8_t *into, size_t room)
{
    size_t len = 0;
    into[0] = (uint8_t)(1 + dice_roll(d, 3));
    into[1] = (uint8_t)dice_roll(d, SESSIONS);
    into[2] = (uint8_t)dice_roll(d, 256);
    for (uint32_t n = dice_roll(d, 3); n > 0 && len < 60; n--)
        len += grammar_header(d, true, into + 4 + len, 119 - len < room ? 119 - len : room);
    into[3] = (uint8_t)len;
    return len + 4;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed)
{
    return grammar_mutate_steps(data, size, max_size, seed, write_step);
}

static const struct master_poll polls[] = {{.period_ms = 700, .classes = CLASS_EVENTS},
                                           {.period_ms = 5000, .classes = CLASS_ALL}};

static void check_item(const struct batch_item *i)
{
    assert(i->size >= sizeof *i && i->size % 8 == 0);
    assert(i->kind <= BATCH_STATION && i->station >= 1 && i->station <= SESSIONS);
    if (i->kind != BATCH_FRAGMENT)
        return;
    const struct batch_fragment *f = (const void *)i;
    assert(f->ticket && f->octets_len >= APP_RESPONSE_HEADER_LEN && f->octets_len <= APP_FRAGMENT_MAX);
    assert(sizeof *f + f->count * sizeof f->measurements[0] + f->octets_len <= i->size);
    assert(f->defect == WALK_END || f->defect_offset <= f->octets_len);
}

static size_t check_batch(const struct batch *b)
{
    size_t len = 0;
    for (const struct batch_item *i = batch_next(b, NULL); i; i = batch_next(b, i)) {
        assert(len + i->size <= b->len);
        check_item(i);
        len += i->size;
    }
    assert(len == b->len && len > 0);
    return sizeof *b + b->len;
}

static void check_memory(const struct rig *r)
{
    size_t octets = r->box.open ? check_batch(r->box.open) : 0;
    for (const struct batch *b = r->oldest; b; b = b->next)
        octets += sizeof *b + b->len;
    assert(octets == r->box.waiting_octets);
    assert(octets <= r->box.soft_limit + SESSIONS * FRAGMENT_OCTETS + r->steps_done * STEP_OCTETS);
}

static void hear_master(struct rig *r, struct peer *p, const struct link_frame *f)
{
    assert(f->control & LINK_DIR && f->destination == OUTSTATION && f->source == MASTER);
    if (f->user_len < 3 || !(f->user[0] & TRANSPORT_FIR))
        return;
    uint8_t control = f->user[1];
    if (f->user[2] != APP_CONFIRM)
        p->asked_seq = control & APP_SEQ;
    else
        assert(p->needs[control % KEYS] <= r->box.durable);
}

static void write_out(struct rig *r, struct peer *p)
{
    static uint8_t wire[8192];
    size_t n, writes = 0;
    while (p->connected && (n = session_write(&p->session, wire, sizeof wire, &r->at))) {
        struct link_frame frame;
        struct link_errors errors = {0};
        assert(++writes < WRITES_MAX);
        for (size_t at = 0, used; at < n; at += used) {
            assert(link_parse(wire + at, n - at, &used, &frame, &errors) == LINK_FRAME);
            hear_master(r, p, &frame);
        }
    }
}

static bool is_read(struct rig *r, struct peer *p)
{
    if (p->session.not_read && session_may_read(&p->session, &r->box))
        p->session.not_read = false;
    return p->connected && !p->session.not_read;
}

static void feed(struct rig *r, struct peer *p, const uint8_t *wire, size_t len)
{
    struct link_frame frame;
    struct link_errors errors = {0};
    session_lend(&p->session, p->buffer, sizeof p->buffer);
    for (size_t at = 0, used; at < len; at += used) {
        assert(link_parse(wire + at, len - at, &used, &frame, &errors) == LINK_FRAME);
        session_frame(&p->session, &frame, &r->at, 0, &r->box);
    }
    session_take_back(&p->session);
}

/* What came of a fragment tells when it may be confirmed: held, not taken, the same again, or at once. */
static void feed_fragment(struct rig *r, struct peer *p, const uint8_t *octets, size_t len)
{
    uint8_t wire[LINK_FRAME_MAX * 2];
    if (!len || !is_read(r, p))
        return;
    size_t n = transport_write(&p->transport_seq, LINK_PRM | LINK_UNCONFIRMED_USER_DATA, MASTER, OUTSTATION,
                               octets, len, wire, sizeof wire);
    struct station_counters before = p->session.counters;
    size_t held_before = r->box.held_len;
    feed(r, p, wire, n);
    uint64_t *needs = &p->needs[octets[0] % KEYS];
    if (r->box.held_len > held_before)
        *needs = r->box.next_number;
    else if (p->session.counters.not_stored != before.not_stored)
        *needs = NEVER_CONFIRMED;
    else if (p->session.counters.repeats == before.repeats)
        *needs = 0;
    write_out(r, p);
}

static struct peer *next_peer(struct rig *r)
{
    return &r->peers[read_u8(&r->steps) % SESSIONS];
}

/* A fragment of the input's choice, behind a control octet and a function that have a chance. */
static void step_fragment(struct rig *r, bool unsolicited)
{
    struct peer *p = next_peer(r);
    uint8_t octets[256];
    uint8_t control = read_u8(&r->steps);
    size_t len = read_u8(&r->steps) % 120u;
    len = len < reader_left(&r->steps) ? len : reader_left(&r->steps);
    octets[0] = unsolicited      ? (uint8_t)(APP_FIR | APP_FIN | APP_UNS | (control & (APP_CON | APP_SEQ)))
                : control & 0x10 ? control
                                 : (uint8_t)(APP_FIR | (control & (APP_FIN | APP_CON)) | p->asked_seq);
    octets[1] = unsolicited ? APP_UNSOLICITED_RESPONSE : APP_RESPONSE;
    octets[2] = unsolicited && control & 0x40 ? IIN_DEVICE_RESTART : 0;
    octets[3] = unsolicited && control & 0x80 ? IIN_EVENT_BUFFER_OVERFLOW >> 8 : 0;
    const uint8_t *objects = read_octets(&r->steps, len);
    if (len)
        memcpy(octets + 4, objects, len);
    feed_fragment(r, p, octets, len + 4);
}

/* A null response to what was asked, so that a session gets through its start-up. */
static void step_answer(struct rig *r)
{
    struct peer *p = next_peer(r);
    const uint8_t null[] = {(uint8_t)(APP_FIR | APP_FIN | p->asked_seq), APP_RESPONSE, 0, 0};
    feed_fragment(r, p, null, sizeof null);
}

/* An event, with or without CON, of few kinds: repeats happen. */
static void step_event(struct rig *r)
{
    struct peer *p = next_peer(r);
    uint8_t how = read_u8(&r->steps);
    const uint8_t octets[] = {(uint8_t)(APP_FIR | APP_FIN | (how & (APP_CON | APP_UNS | 0x03))),
                              how & APP_UNS ? APP_UNSOLICITED_RESPONSE : APP_RESPONSE,
                              0,
                              0,
                              32,
                              1,
                              0x17,
                              1,
                              how >> 6,
                              1,
                              how & 0x0C,
                              0,
                              0,
                              0};
    feed_fragment(r, p, octets, sizeof octets);
}

/* Any frame that completes no fragment. */
static void step_frame(struct rig *r)
{
    struct peer *p = next_peer(r);
    uint8_t wire[LINK_FRAME_MAX], user[4] = {0};
    uint8_t control = read_u8(&r->steps);
    uint16_t to = read_u8(&r->steps) % 4 == 3 ? 0xFFFF : MASTER;
    size_t len = read_u8(&r->steps) % 4;
    for (size_t i = 0; i < len; i++)
        user[i] = read_u8(&r->steps);
    user[0] &= (uint8_t)~TRANSPORT_FIN;
    if (!is_read(r, p))
        return;
    feed(r, p, wire, link_encode(control, to, OUTSTATION, user, len, wire, sizeof wire));
    write_out(r, p);
}

static void step_close(struct rig *r)
{
    struct batch *b = outbox_close(&r->box);
    if (!b)
        return;
    check_batch(b);
    b->next = NULL;
    if (r->newest)
        r->newest->next = b;
    else
        r->oldest = b;
    r->newest = b;
}

static void step_durable(struct rig *r)
{
    struct held held;
    for (uint8_t n = read_u8(&r->steps) % 8; r->oldest && n; n--) {
        struct batch *b = r->oldest;
        r->oldest = b->next;
        r->newest = r->oldest ? r->newest : NULL;
        outbox_durable(&r->box, b->number);
        free(b);
    }
    while (outbox_next_held(&r->box, &held)) {
        assert(held.batch <= r->box.durable);
        session_release(held.session, held.ticket, &r->at, &r->box);
    }
    for (size_t i = 0; i < SESSIONS; i++)
        write_out(r, &r->peers[i]);
}

static void step_time(struct rig *r)
{
    int64_t ms = (int64_t)read_u8(&r->steps) << (read_u8(&r->steps) % 9);
    int64_t until_ms = r->at.now_ms + ms;
    for (int i = 0; r->at.now_ms < until_ms; i++) {
        assert(i < 50000);
        int64_t next_ms = until_ms;
        for (size_t s = 0; s < SESSIONS; s++)
            if (session_deadline_ms(&r->peers[s].session) < next_ms)
                next_ms = session_deadline_ms(&r->peers[s].session);
        if (next_ms <= r->at.now_ms)
            next_ms = r->at.now_ms + 1;
        r->at.wall_ms += next_ms - r->at.now_ms;
        r->at.now_ms = next_ms;
        for (size_t s = 0; s < SESSIONS; s++) {
            session_tick(&r->peers[s].session, &r->at, &r->box);
            write_out(r, &r->peers[s]);
            assert(session_deadline_ms(&r->peers[s].session) > r->at.now_ms);
        }
        r->steps_done++;
    }
}

static void forbid_confirms(struct peer *p)
{
    for (size_t i = 0; i < KEYS; i++)
        p->needs[i] = NEVER_CONFIRMED;
}

static void step_connection(struct rig *r)
{
    struct peer *p = next_peer(r);
    uint8_t how = read_u8(&r->steps);
    if (p->connected)
        session_disconnected(&p->session, &r->at, &r->box);
    p->connected = how & 3;
    forbid_confirms(p);
    if (p->connected)
        session_connected(&p->session, &r->at, &r->box);
    else
        session_connect_failed(&p->session, &r->at, &r->box);
    write_out(r, p);
}

static void step(struct rig *r)
{
    switch (read_u8(&r->steps) % 12) {
    case 0:
        step_time(r);
        break;
    case 1:
    case 2:
        step_fragment(r, true);
        break;
    case 3:
        step_fragment(r, false);
        break;
    case 4:
    case 5:
        step_answer(r);
        break;
    case 6:
    case 7:
        step_event(r);
        break;
    case 8:
        step_frame(r);
        break;
    case 9:
        step_close(r);
        break;
    case 10:
        step_durable(r);
        break;
    default:
        step_connection(r);
        break;
    }
    r->steps_done++;
    check_memory(r);
}

static void begin(struct rig *r, const uint8_t *data, size_t size)
{
    memset(r, 0, sizeof *r);
    r->steps = reader_over(data, size);
    uint8_t choice = read_u8(&r->steps);
    r->config = master_defaults();
    r->config.disable_unsolicited_first = choice & 1;
    r->config.event_scan_classes = choice & 2 ? CLASS_EVENTS : 0;
    r->config.request_retries = choice & 4 ? 1 : 0;
    r->config.polls = polls;
    r->config.polls_len = choice & 8 ? 2 : 0;
    r->at = (struct instant){.now_ms = 1000, .wall_ms = 1735689601000, .wall_trusted = true};
    outbox_init(&r->box, 0, choice & 16 ? 1 << 20 : 600);
    for (uint32_t i = 0; i < SESSIONS; i++) {
        struct peer *p = &r->peers[i];
        session_init(&p->session, i + 1, &r->config, MASTER, OUTSTATION, p->poll_due_ms, 1000);
        forbid_confirms(p);
        p->connected = true;
        session_connected(&p->session, &r->at, &r->box);
        write_out(r, p);
    }
}

static void end(struct rig *r)
{
    step_close(r);
    while (r->oldest) {
        struct batch *b = r->oldest;
        r->oldest = b->next;
        free(b);
    }
    outbox_free(&r->box);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct rig r;
    begin(&r, data, size);
    while (reader_left(&r.steps) && !r.steps.failed)
        step(&r);
    end(&r);
    return 0;
}
