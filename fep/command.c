// SPDX-License-Identifier: Apache-2.0
/*
 * The states in between are seen by standing between the master and the procedure of the protocol: what that
 * one writes and what it makes of an answer is its own affair, and is noted here.
 */
#include "fep/command.h"

#include "fep/note.h"
#include "fep/outbox.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DETAIL_TEXT = 2048,
    CLOCK_SLACK_MS = 1000 /* a station's clock may be behind by so much: older events are no feedback */
};

static_assert(offsetof(struct command, order) == 0, "an order finds its command");

const char *command_state_name(enum command_state state)
{
    static const char *const names[COMMAND_STATES] = {
        "requested", "refused", "selecting", "selected",         "operating",   "operated",         "failed",
        "timed_out", "unknown", "cancelled", "feedback_awaited", "feedback_ok", "feedback_missing",
    };
    return names[state];
}

static bool is_final(enum command_state state)
{
    static const bool final[COMMAND_STATES] = {
        [COMMAND_REFUSED] = true,     [COMMAND_OPERATED] = true,         [COMMAND_FAILED] = true,
        [COMMAND_TIMED_OUT] = true,   [COMMAND_UNKNOWN] = true,          [COMMAND_CANCELLED] = true,
        [COMMAND_FEEDBACK_OK] = true, [COMMAND_FEEDBACK_MISSING] = true,
    };
    return final[state];
}

bool command_state_is_final(const char *state)
{
    for (int i = 0; i < COMMAND_STATES; i++)
        if (strcmp(state, command_state_name((enum command_state)i)) == 0)
            return is_final((enum command_state)i);
    return true; /* of a record that is no command's */
}

static void *command_take(size_t count, size_t size)
{
    void *memory = calloc(count ? count : 1, size);
    if (!memory)
        abort();
    return memory;
}

struct command *command_new(uint32_t station, enum command_kind kind, size_t points_len)
{
    assert(points_len <= COMMAND_POINTS_MAX);
    struct command *c = command_take(1, sizeof *c);
    c->station = station;
    c->kind = (uint8_t)kind;
    c->points_len = points_len;
    c->points = command_take(points_len, sizeof *c->points);
    c->feedback = command_take(points_len, sizeof *c->feedback);
    c->look_due_ms = c->feedback_due_ms = NEVER_MS;
    return c;
}

void command_ask(struct command *c, const struct audit_record *asked)
{
    assert(!c->texts);
    c->texts = command_take(1, note_len(asked));
    note_pack(c->texts, asked);
    note_unpack(c->texts, &c->asked);
    c->number = asked->command;
}

void command_free(struct command *c)
{
    if (!c)
        return;
    free(c->points);
    free(c->feedback);
    free(c->texts);
    free(c);
}

/* --- what is told of it --- */

static void command_note(struct command *c, enum command_state state, const char *detail,
                         const struct instant *at)
{
    struct audit_record record = c->asked;
    record.at_ms = at->wall_ms;
    record.command = c->number;
    record.state = command_state_name(state);
    record.detail = detail;
    c->state = (uint8_t)state;
    outbox_audit(c->box, c->station, &record, at);
}

/* `why` is ours: it needs no escapes. */
static void command_note_why(struct command *c, enum command_state state, const char *why,
                             const struct instant *at)
{
    char detail[256];
    snprintf(detail, sizeof detail, "{\"why\":\"%s\"}", why);
    command_note(c, state, why ? detail : "", at);
}

static size_t put_status(char *text, size_t room, size_t used, uint8_t status)
{
    const char *name = status == CONTROL_STATUS_NONE ? NULL : command_status_name(status);
    int len;
    if (status == CONTROL_STATUS_NONE)
        len = snprintf(text + used, room - used, "null,");
    else if (name)
        len = snprintf(text + used, room - used, "\"%s\",", name);
    else
        len = snprintf(text + used, room - used, "\"status %u\",", status);
    assert(len > 0 && (size_t)len < room - used);
    return used + (size_t)len;
}

static size_t put_iin(char *text, size_t room, size_t used, uint16_t iin)
{
    iin &= IIN_REQUEST_ERRORS | IIN_ALREADY_EXECUTING;
    if (!iin)
        return used;
    used += (size_t)snprintf(text + used, room - used, "\"iin\":[");
    for (unsigned bit = 0; bit < 16; bit++)
        if (iin >> bit & 1)
            used += (size_t)snprintf(text + used, room - used, "\"%s\",", app_iin_name(bit));
    text[used - 1] = ']';
    text[used++] = ',';
    return used;
}

/* The station's answer, point by point. */
static void command_note_answer(struct command *c, enum command_state state, const char *why,
                                const struct instant *at)
{
    char detail[DETAIL_TEXT];
    size_t used = (size_t)snprintf(detail, sizeof detail, "{");
    if (why)
        used += (size_t)snprintf(detail + used, sizeof detail - used, "\"why\":\"%s\",", why);
    used = put_iin(detail, sizeof detail, used, c->order.iin);
    if (c->kind == COMMAND_CONTROL) {
        used += (size_t)snprintf(detail + used, sizeof detail - used, "\"statuses\":[");
        for (size_t i = 0; i < c->points_len; i++)
            used = put_status(detail, sizeof detail, used, c->points[i].status);
        detail[used - 1] = ']';
        detail[used++] = ',';
    }
    if (used > 1)
        used--;
    snprintf(detail + used, sizeof detail - used, "}");
    command_note(c, state, detail, at);
}

/* --- between the master and the procedure --- */

static enum order_request command_write(struct master_order *order, struct writer *w,
                                        const struct instant *at)
{
    struct command *c = (struct command *)order;
    enum order_request asks = c->inner->write(order, w, at);
    if (asks == ORDER_CANNOT || w->failed)
        return asks;
    bool selects = order->function == APP_SELECT;
    if (c->state != (selects ? COMMAND_SELECTING : COMMAND_OPERATING))
        command_note(c, selects ? COMMAND_SELECTING : COMMAND_OPERATING, "", at);
    if (!selects)
        c->operated_wall_ms = at->wall_ms;
    return asks;
}

static enum order_verdict command_answer(struct master_order *order, const struct app_fragment *f,
                                         const struct instant *at)
{
    struct command *c = (struct command *)order;
    enum order_verdict verdict = c->inner->answer(order, f, at);
    if (verdict == ORDER_NEXT && c->state == COMMAND_SELECTING)
        command_note_answer(c, COMMAND_SELECTED, NULL, at);
    return verdict;
}

static enum order_verdict command_interrupted(struct master_order *order, enum order_outcome why,
                                              const struct instant *at)
{
    const struct command *c = (struct command *)order;
    return c->inner->interrupted ? c->inner->interrupted(order, why, at) : ORDER_ENDS;
}

static const struct master_procedure command_procedure = {"command", command_write, command_answer,
                                                          command_interrupted};

/* --- its way --- */

void command_end(struct command *c, enum command_state state, const char *why, struct outbox *box,
                 const struct instant *at)
{
    c->box = box;
    if (c->number)
        command_note_why(c, state, why, at);
    command_free(c);
}

/* No answer is no SUCCESS, and that of a SELECT tells nothing of what acts. */
static void forget_statuses(struct command *c)
{
    for (size_t i = 0; i < c->points_len; i++)
        c->points[i].status = CONTROL_STATUS_NONE;
}

void command_submit(struct command *c, struct master *m, struct outbox *box, const struct instant *at)
{
    assert(c->texts);
    c->box = box;
    c->inner = c->order.procedure;
    c->order.procedure = &command_procedure;
    c->order.request = c->octets;
    c->order.request_room = sizeof c->octets;
    c->order.tag = (uintptr_t)c;
    c->submitted = true;
    forget_statuses(c);
    master_submit(m, &c->order, at);
}

struct command *command_of(struct master_order *order)
{
    return (struct command *)(uintptr_t)order->tag;
}

/* What an order's end means, by whether a request that acts had been written. */
static const struct meaning {
    uint8_t before, after; /* enum command_state */
    const char *why;
} meanings[ORDER_OUTCOMES] = {
    [ORDER_SUCCESS] = {COMMAND_OPERATED, COMMAND_OPERATED, NULL},
    [ORDER_SENT] = {COMMAND_UNKNOWN, COMMAND_UNKNOWN, "no acknowledgement was asked for"},
    [ORDER_REFUSED_IIN] = {COMMAND_FAILED, COMMAND_FAILED, "the station refuses the request"},
    [ORDER_REFUSED_STATUS] = {COMMAND_FAILED, COMMAND_FAILED, "the station refuses a point"},
    [ORDER_BAD_ANSWER] = {COMMAND_FAILED, COMMAND_UNKNOWN, "the answer does not fit the request"},
    [ORDER_TIMEOUT] = {COMMAND_TIMED_OUT, COMMAND_UNKNOWN, "no answer"},
    [ORDER_UNKNOWN] = {COMMAND_UNKNOWN, COMMAND_UNKNOWN, "it left, and no answer told of its fate"},
    [ORDER_EXPIRED] = {COMMAND_TIMED_OUT, COMMAND_TIMED_OUT, "the deadline passed before it could be sent"},
    [ORDER_CANCELLED] = {COMMAND_CANCELLED, COMMAND_CANCELLED, "before it was sent"},
    [ORDER_DISCONNECTED] = {COMMAND_FAILED, COMMAND_FAILED, "the connection ended before it was sent"},
    [ORDER_RESTARTED] = {COMMAND_FAILED, COMMAND_FAILED, "the station restarted before it was sent"},
    [ORDER_HELD] = {COMMAND_FAILED, COMMAND_UNKNOWN, "the store kept the answer waiting for too long"},
    [ORDER_INVALID] = {COMMAND_REFUSED, COMMAND_REFUSED, "it can't be said in this protocol"},
    [ORDER_NO_TIME] = {COMMAND_REFUSED, COMMAND_REFUSED, "our own clock is not fit to set another by"},
};

static bool awaits_feedback(const struct command *c)
{
    bool any = false;
    for (size_t i = 0; i < c->points_len; i++)
        any |= c->feedback[i].type != 0;
    return any;
}

static bool has_feedback(const struct command *c)
{
    for (size_t i = 0; i < c->points_len; i++)
        if (c->feedback[i].type && !c->feedback[i].seen)
            return false;
    return true;
}

static void command_await(struct command *c, const struct instant *at)
{
    command_note(c, COMMAND_FEEDBACK_AWAITED, "", at);
    c->look_due_ms = at->now_ms + c->feedback_ms / 2;
    c->feedback_due_ms = at->now_ms + c->feedback_ms;
    if (has_feedback(c))
        command_note(c, COMMAND_FEEDBACK_OK, "", at);
}

void command_done(struct command *c, const struct master_order *order, const struct instant *at)
{
    if (order == &c->look.order) {
        c->looking = false;
        return;
    }
    c->submitted = false;
    if (c->state == COMMAND_SELECTED)
        forget_statuses(c);
    const struct meaning *m = &meanings[order->outcome];
    /* Read only orders do not act, whatever became of them. */
    bool acted = c->state == COMMAND_OPERATING && order->acts;
    enum command_state state = acted ? m->after : m->before;
    if (order->outcome == ORDER_DISCONNECTED && c->state == COMMAND_REQUESTED)
        command_note_why(c, COMMAND_REFUSED, "the station is not connected", at);
    else if (order->outcome == ORDER_SENT && awaits_feedback(c))
        command_await(c, at);
    else
        command_note_answer(c, state, m->why, at);
    if (c->state == COMMAND_OPERATED && awaits_feedback(c))
        command_await(c, at);
}

static bool shows(const struct command *c, const struct command_feedback *f, const struct measurement *m)
{
    bool old = m->event && m->time_quality == TIME_SYNCHRONISED &&
               (int64_t)m->time_ms < c->operated_wall_ms - CLOCK_SLACK_MS;
    return !old && m->value >= f->low && m->value <= f->high;
}

/* The last word of the fragment about a point counts. */
void command_fragment(struct command *c, const struct app_fragment *f, const struct instant *at)
{
    bool under_way = c->state == COMMAND_OPERATING || c->state == COMMAND_FEEDBACK_AWAITED;
    if (!under_way || !awaits_feedback(c))
        return;
    struct measurement_walk walk = measurement_walk_begin(f, false);
    struct measurement m;
    while (measurement_walk_next(&walk, &m))
        for (size_t i = 0; i < c->points_len; i++)
            if (c->feedback[i].type == m.type && c->feedback[i].index == m.index)
                c->feedback[i].seen = shows(c, &c->feedback[i], &m);
    if (c->state == COMMAND_FEEDBACK_AWAITED && has_feedback(c))
        command_note(c, COMMAND_FEEDBACK_OK, "", at);
}

/* A point that was as asked for before tells nothing by itself. */
static void command_look(struct command *c, struct master *m, const struct instant *at)
{
    static const uint8_t groups[POINT_TYPES] = {
        [POINT_BINARY_INPUT] = 1,  [POINT_DOUBLE_BIT_INPUT] = 3,      [POINT_BINARY_OUTPUT_STATUS] = 10,
        [POINT_ANALOG_INPUT] = 30, [POINT_ANALOG_OUTPUT_STATUS] = 40,
    };
    size_t len = 0;
    c->look_due_ms = NEVER_MS;
    for (size_t i = 0; i < c->points_len && len < COMMAND_ITEMS_MAX; i++) {
        const struct command_feedback *f = &c->feedback[i];
        if (f->type && !f->seen)
            c->look_items[len++] = (struct request_item){
                .group = groups[f->type], .form = ITEM_RANGE, .first = f->index, .last = f->index};
    }
    if (c->looking || !len)
        return;
    request_init(&c->look, REQUEST_READ, c->look_items, len);
    c->look.order.tag = (uintptr_t)c;
    c->look.order.request = c->look_octets;
    c->look.order.request_room = sizeof c->look_octets;
    c->look.order.deadline_ms = c->feedback_due_ms;
    c->looking = true;
    master_submit(m, &c->look.order, at);
}

void command_tick(struct command *c, struct master *m, const struct instant *at)
{
    if (c->state != COMMAND_FEEDBACK_AWAITED)
        return;
    if (at->now_ms >= c->feedback_due_ms)
        command_note(c, COMMAND_FEEDBACK_MISSING, "", at);
    else if (at->now_ms >= c->look_due_ms)
        command_look(c, m, at);
}

int64_t command_deadline_ms(const struct command *c)
{
    return c->state == COMMAND_FEEDBACK_AWAITED ? earlier_ms(c->look_due_ms, c->feedback_due_ms) : NEVER_MS;
}

bool command_cancel(struct command *c, struct master *m, const struct instant *at)
{
    if (!c->submitted)
        return false;
    master_cancel(m, &c->order, at);
    return c->state != COMMAND_OPERATING || c->order.outcome == ORDER_CANCELLED;
}

static bool has_point(const struct command *c, const struct control_point *point)
{
    for (size_t i = 0; i < c->points_len; i++)
        if (c->points[i].group == point->group && c->points[i].index == point->index)
            return true;
    return false;
}

bool command_is_cancelled_by(const struct command *c, const struct command *cancel)
{
    if (!c->submitted || cancel->target)
        return c->submitted && c->number == cancel->target;
    bool polls = c->kind == COMMAND_REQUEST && c->request.kind == REQUEST_READ;
    return cancel->points_len ? has_point(c, &cancel->points[0]) : !polls;
}

void command_abandon(struct command *c, const struct instant *at)
{
    if (c->state == COMMAND_FEEDBACK_AWAITED)
        command_note_why(c, COMMAND_FEEDBACK_MISSING, "the station is not served any more", at);
}

bool command_is_over(const struct command *c)
{
    return !c->submitted && !c->looking && is_final(c->state);
}
