// SPDX-License-Identifier: Apache-2.0
/*
 * The door of the outstation: from a link frame to a request, the confirms, the timers, what leaves when.
 *
 * Solicited (outstation.md 3): idle; `reading`, fragments of a READ's response are to be written; `waiting`
 * for the confirm of one, until a timeout or a new request, which both give it up. Unsolicited: see
 * outstation_unsolicited.c. The two meet in three rules: a READ is deferred while an unsolicited response
 * waits, no new unsolicited response leaves while a solicited one waits, and so the written events in the
 * ring belong to the unsolicited response where that waits, else to the solicited one.
 */
#include <assert.h>

#include "protocol/outstation_parts.h"

struct outstation_config outstation_defaults(void)
{
    return (struct outstation_config){
        .address = 10,
        .master_address = 1,
        .tx_fragment_max = APP_FRAGMENT_MAX,
        .solicited_confirm_ms = 5000,
        .unsolicited_confirm_ms = 5000,
        .select_timeout_ms = 10000,
        .restart_ms = 1000,
        .unsolicited_offline_retry_ms = 30000,
        .unsolicited_count = 1,
        .unsolicited_retries = 0xFFFF,
        .unsolicited = true,
        .max_controls = 16,
        .controls_enabled = true,
        .need_time = true,
        .confirm_multi_static = true,
    };
}

/* Kinds of response, for `broadcast_told`. */
enum { TOLD_SOLICITED = 0x01, TOLD_UNSOLICITED = 0x02 };

static bool is_output(uint8_t type)
{
    return type == POINT_BINARY_OUTPUT_STATUS || type == POINT_ANALOG_OUTPUT_STATUS;
}

static void check_point(const struct outstation_point *p, const struct outstation_point *before)
{
    const struct point_group *events = point_group_of(p->type, true);
    const struct point_group *statics = point_group_of(p->type, false);
    assert(events && p->index <= UINT16_MAX);
    assert(point_group_has(events, p->event_variation));
    assert(!statics || point_group_has(statics, p->static_variation));
    assert(!before || before->type < p->type || (before->type == p->type && before->index < p->index));
    (void)events;
    (void)statics;
    (void)before;
}

static void forget_exchange(struct outstation *o)
{
    unsolicited_abandon(o);
    read_abandon(o);
    o->sol.deferred = false;
    o->tx_len = 0;
    o->echo_next = UINT8_MAX;
    o->last.len = 0;
    o->select.valid = false;
    o->recorded = false;
    o->restart_leaving = false;
    o->unsol.tries = 0;
    o->unsol.silent = false;
}

void outstation_init(struct outstation *o, const struct outstation_config *config,
                     struct outstation_point *points, size_t points_len, struct outstation_event *events,
                     size_t events_room, uint8_t *tx, size_t tx_room)
{
    assert(config->tx_fragment_max >= 249 && tx_room >= config->tx_fragment_max);
    assert(points_len <= UINT32_MAX && events_room <= UINT32_MAX && tx_room <= UINT32_MAX);
    *o = (struct outstation){
        .config = config,
        .points = points,
        .points_len = (uint32_t)points_len,
        .tx = tx,
        .tx_room = (uint32_t)tx_room,
        .ring = {.entry = events, .room = (uint32_t)events_room},
        .link = {.local = config->address,
                 .remote = config->master_address,
                 .any_source = config->any_source,
                 .self_address = config->self_address,
                 .mute = config->refuse_link_status},
        .restarted = true,
        .need_time = config->need_time,
        .time_valid_to_ms = NEVER_MS,
        .unsol = {.null_due = true},
        .echo_next = UINT8_MAX,
    };
    for (size_t i = 0; i < points_len; i++) {
        check_point(&points[i], i ? &points[i - 1] : NULL);
        o->local_outputs += is_output(points[i].type) && (points[i].flags & FLAG_LOCAL_FORCED);
        if (point_is_frozen(points[i].type))
            points[i].reported = 0; /* the time of its freeze: there was none yet */
    }
    strings_check(o);
    attributes_check(o);
}

void outstation_connected(struct outstation *o, const struct instant *at)
{
    forget_exchange(o);
    files_drop_all(o); /* a connection that has replaced another */
    link_end_reset(&o->link);
    transport_reset(&o->rx);
    o->link_reply_due = false;
    o->connected = true;
    o->unsol.null_due |= o->config->null_on_connect;
    o->unsol.hold_from_ms = at->now_ms;
}

void outstation_disconnected(struct outstation *o, const struct instant *at)
{
    (void)at;
    forget_exchange(o);
    files_drop_all(o);
    transport_reset(&o->rx);
    o->link_reply_due = false;
    o->connected = false;
}

void outstation_restart(struct outstation *o, bool keep_events, const struct instant *at)
{
    forget_exchange(o);
    link_end_reset(&o->link);
    files_drop_all(o);
    if (o->config->freezes)
        o->config->freezes->len = 0;
    if (!keep_events) {
        ring_lose_all(&o->ring);
        o->ring.overflown = false;
    }
    for (uint32_t i = 0; i < o->points_len; i++)
        if (!point_type_has_status(o->points[i].type))
            o->points[i].flags |= FLAG_RESTART;
    pulse_drop_all(o);
    o->restarted = true;
    o->restart_news = false;
    o->need_time = o->config->need_time;
    o->time_valid_to_ms = NEVER_MS;
    o->broadcast = 0;
    o->unsol = (struct outstation_unsolicited){.null_due = true, .hold_from_ms = at->now_ms};
}

void outstation_lend(struct outstation *o, uint8_t *buf, size_t room)
{
    transport_lend(&o->rx, buf, room);
}

uint8_t *outstation_take_back(struct outstation *o)
{
    return transport_take_back(&o->rx);
}

/* The indications of a state; those of a request are added by who answers it. */
uint16_t outstation_iin(const struct outstation *o)
{
    unsigned iin = ring_waiting_classes(&o->ring); /* classes and their bits have the same masks */
    iin |= o->broadcast ? IIN_BROADCAST : 0;
    iin |= o->need_time ? IIN_NEED_TIME : 0;
    iin |= o->local_outputs ? IIN_LOCAL_CONTROL : 0;
    iin |= o->restarted ? IIN_DEVICE_RESTART : 0;
    iin |= o->ring.overflown ? IIN_EVENT_BUFFER_OVERFLOW : 0;
    return (uint16_t)(iin | o->config->sticky_iin);
}

static_assert(CLASS_1 == (int)IIN_CLASS_1_EVENTS && CLASS_2 == (int)IIN_CLASS_2_EVENTS &&
                  CLASS_3 == (int)IIN_CLASS_3_EVENTS,
              "outstation_iin() relies on it");

/* FFFE: IIN1.0 stays until a response that showed it is confirmed (outstation.md 6), and no other. */
static void broadcast_confirmed(struct outstation *o, uint8_t kind)
{
    if (o->broadcast_told & kind)
        o->broadcast = 0;
}

static void receive_confirm(struct outstation *o, const struct app_fragment *f)
{
    uint8_t seq = f->control & APP_SEQ;
    if (f->control & APP_UNS) {
        if (!o->unsol.waiting || seq != ((o->unsol.seq - 1) & APP_SEQ))
            return;
        broadcast_confirmed(o, TOLD_UNSOLICITED);
        unsolicited_confirmed(o);
        return;
    }
    if (!o->sol.waiting || seq != o->sol.seq)
        return;
    broadcast_confirmed(o, TOLD_SOLICITED);
    o->sol.waiting = false;
    o->sol.seq = (seq + 1) & APP_SEQ;
    /* The master has the response: what follows is no repeat. The confirm of an unsolicited response says
     * nothing of the kind; were the memory dropped there, a repeated DIRECT_OPERATE would operate twice. */
    o->last.len = 0;
    if (!o->unsol.waiting)
        ring_confirm(&o->ring);
}

static void receive_fragment(struct outstation *o, const uint8_t *octets, size_t len, bool broadcast,
                             const struct instant *at)
{
    struct request q = {.at = at, .broadcast = broadcast};
    if (app_parse(octets, len, &q.f) != APP_OK) {
        o->defect = "fragment too short";
        return;
    }
    uint8_t control = q.f.control;
    q.seq = control & APP_SEQ;
    if (app_is_response(q.f.function)) {
        o->defect = "response sent to an outstation";
        return;
    }
    bool confirm = q.f.function == APP_CONFIRM;
    bool whole = (control & (APP_FIR | APP_FIN)) == (APP_FIR | APP_FIN);
    if (!whole || (control & APP_CON) || ((control & APP_UNS) && !confirm)) {
        o->defect = "bad application control";
        return;
    }
    if (!confirm)
        services_request(o, &q);
    else if (!broadcast)
        receive_confirm(o, &q.f);
}

static const char *transport_defect(enum transport_result result)
{
    switch (result) {
    case TRANSPORT_UNEXPECTED:
        return "unexpected transport segment";
    case TRANSPORT_TOO_LONG:
        return "fragment too long";
    case TRANSPORT_EMPTY:
        return "empty transport segment";
    default:
        return NULL;
    }
}

static void receive_data(struct outstation *o, const struct link_frame *frame, bool broadcast,
                         const struct instant *at)
{
    struct transport_rx alone = {0}; /* a broadcast is one segment and disturbs no series */
    const uint8_t *octets;
    size_t len;
    enum transport_result result =
        transport_receive(broadcast ? &alone : &o->rx, frame->user, frame->user_len, &octets, &len);
    if (result != TRANSPORT_FRAGMENT) {
        const char *defect = transport_defect(result);
        if (defect)
            o->defect = defect;
        return;
    }
    o->request_to = frame->destination;
    o->reply_to = frame->source;
    receive_fragment(o, octets, len, broadcast, at);
}

void outstation_receive(struct outstation *o, const struct link_frame *frame, const struct instant *at)
{
    if (!o->connected)
        return;
    struct link_action action = link_end_receive(&o->link, frame);
    if (action.reply) {
        o->link_reply_due = true;
        o->link_reply = action.reply_control;
        o->link_reply_to = frame->source;
    }
    bool fine = action.verdict == LINK_SERVICE || action.verdict == LINK_STATUS_REPLY ||
                action.verdict == LINK_REPEATED_FCB || action.verdict == LINK_WRONG_DESTINATION;
    if (action.verdict == LINK_USER_DATA)
        receive_data(o, frame, action.broadcast, at);
    else if (!fine)
        o->defect = link_verdict_text(action.verdict);
}

void outstation_tick(struct outstation *o, const struct instant *at)
{
    if (o->sol.waiting && at->now_ms >= o->sol.confirm_by_ms)
        read_abandon(o);
    if (o->unsol.waiting && !o->unsol.repeat && at->now_ms >= o->unsol.confirm_by_ms)
        unsolicited_timeout(o, at);
    pulse_tick(o, at);
    freezes_tick(o, at);
    files_tick(o, at);
    if (at->now_ms >= o->time_valid_to_ms) {
        o->need_time = true;
        o->time_valid_to_ms = NEVER_MS;
    }
}

static bool take(bool *flag)
{
    bool was = *flag;
    *flag = false;
    return was;
}

enum outstation_news_kind outstation_next(struct outstation *o, struct outstation_news *news)
{
    *news = (struct outstation_news){.kind = OUTSTATION_QUIET};
    if (o->defect) {
        news->kind = OUTSTATION_DEFECT;
        news->defect = o->defect;
        o->defect = NULL;
    } else if (ring_report(&o->ring, news)) {
        strings_release(o, &news->event);
    } else if (control_report(o, news)) {
        return news->kind;
    } else if (take(&o->time_news)) {
        news->kind = OUTSTATION_TIME_SET;
        news->offset_ms = o->clock_offset_ms;
    } else if (take(&o->restart_news)) {
        news->kind = OUTSTATION_RESTART;
        news->cold = o->restart_cold;
    }
    return news->kind;
}

static void tell_broadcast(struct outstation *o, uint8_t kind)
{
    bool shown = o->tx[2] & IIN_BROADCAST && o->broadcast;
    o->broadcast_told = (uint8_t)((o->broadcast_told & ~kind) | (shown ? kind : 0));
    if (shown && o->broadcast != LINK_BROADCAST_CONFIRM)
        o->broadcast = 0;
}

/* The fragment in tx leaves: what depends on that. The confirm of a solicited one frees no events while an
 * unsolicited one waits: that one has told of the overflow, or nobody has. */
static size_t leave(struct outstation *o, size_t len, uint16_t to, uint8_t *into, size_t room)
{
    bool unsolicited = o->tx[0] & APP_UNS;
    tell_broadcast(o, unsolicited ? TOLD_UNSOLICITED : TOLD_SOLICITED);
    if (o->tx[0] & APP_CON && (unsolicited || !o->unsol.waiting))
        o->ring.overflow_told = o->tx[3] & IIN_EVENT_BUFFER_OVERFLOW >> 8;
    size_t n = transport_write(&o->transport_seq, LINK_PRM | LINK_UNCONFIRMED_USER_DATA, to,
                               o->config->address, o->tx, len, into, room);
    assert(n > 0);
    return n;
}

static size_t leave_solicited(struct outstation *o, size_t len, uint8_t *into, size_t room,
                              const struct instant *at)
{
    if (o->tx[0] & APP_CON) {
        o->sol.waiting = true;
        o->sol.confirm_by_ms = at->now_ms + o->config->solicited_confirm_ms;
    }
    o->restart_news |= take(&o->restart_leaving);
    return leave(o, len, o->reply_to, into, room);
}

size_t outstation_write(struct outstation *o, uint8_t *into, size_t room, const struct instant *at)
{
    if (!o->connected)
        return 0;
    if (take(&o->link_reply_due))
        return link_encode(o->link_reply, o->link_reply_to, o->config->address, NULL, 0, into, room);
    size_t len = o->tx_len;
    if (len) {
        o->tx_len = 0;
        return leave_solicited(o, len, into, room, at);
    }
    if (o->sol.reading && !o->sol.waiting)
        return leave_solicited(o, read_write_fragment(o, at), into, room, at);
    len = unsolicited_write_fragment(o, at);
    return len ? leave(o, len, o->config->master_address, into, room) : 0;
}

int64_t outstation_deadline_ms(const struct outstation *o)
{
    int64_t deadline = unsolicited_due_ms(o);
    if (o->sol.waiting && o->sol.confirm_by_ms < deadline)
        deadline = o->sol.confirm_by_ms;
    if (o->unsol.waiting && o->unsol.confirm_by_ms < deadline)
        deadline = o->unsol.confirm_by_ms;
    deadline = earlier_ms(deadline, pulse_due_ms(o));
    deadline = earlier_ms(deadline, freezes_due_ms(o));
    deadline = earlier_ms(deadline, files_due_ms(o));
    return o->time_valid_to_ms < deadline ? o->time_valid_to_ms : deadline;
}
