// SPDX-License-Identifier: Apache-2.0
/* The kinds in one table: function, what the answer must be, and what follows from it. */
#include "protocol/master_services.h"

#include <assert.h>

#include "protocol/master_internal.h"
#include "protocol/master_request.h"

typedef enum order_verdict answer_function(struct request_order *r, const struct app_fragment *f,
                                           const struct instant *at);

static enum order_request request_write(struct master_order *order, struct writer *w,
                                        const struct instant *at);
static enum order_verdict request_answer(struct master_order *order, const struct app_fragment *f,
                                         const struct instant *at);

#define KIND(name)                                                                                           \
    {                                                                                                        \
        name, request_write, request_answer, NULL                                                            \
    }

struct kind {
    struct master_procedure procedure;
    uint8_t function;
    bool acts;
    bool bare; /* takes no items */
    answer_function *answer;
};

static struct request_order *request_of(struct master_order *order)
{
    return (struct request_order *)order;
}

static enum order_verdict answer_done(struct request_order *r, const struct app_fragment *f,
                                      const struct instant *at)
{
    (void)at;
    if (!(f->control & APP_FIN))
        return ORDER_GOES_ON;
    /* Refusals of all fragments: what came is delivered, but it is not all that was asked for. */
    if (r->order.iin & (IIN_REQUEST_ERRORS | IIN_ALREADY_EXECUTING))
        return order_end(&r->order, ORDER_REFUSED_IIN);
    return ORDER_ENDS;
}

/* Silence for as long as the station asks, within our own limit. */
static enum order_verdict be_silent(struct request_order *r, int64_t told_ms, const struct instant *at)
{
    r->told_ms = told_ms;
    r->order.resume_ms = at->now_ms + (told_ms < r->longest_wait_ms ? told_ms : r->longest_wait_ms);
    return ORDER_ENDS;
}

static bool take_delay(struct request_order *r, const struct app_fragment *f, int64_t *delay_ms)
{
    enum master_delay told = master_read_delay(f, delay_ms);
    uint16_t borne = told > DELAY_SOUND ? r->order.quirks & QUIRK_G52_COUNT : 0;
    r->order.quirks_used |= borne;
    return told == DELAY_SOUND || told == DELAY_WIDE || borne;
}

static enum order_verdict answer_restart(struct request_order *r, const struct app_fragment *f,
                                         const struct instant *at)
{
    int64_t told_ms;
    if (order_refused(&r->order, f))
        return ORDER_ENDS;
    if (!take_delay(r, f, &told_ms))
        return order_end(&r->order, ORDER_BAD_ANSWER);
    return be_silent(r, told_ms, at);
}

/* time.md 4; a station that says it took longer than the whole journey is not believed. */
static enum order_verdict answer_delay(struct request_order *r, const struct app_fragment *f,
                                       const struct instant *at)
{
    int64_t journey_ms = at->now_ms - r->order.sent_ms;
    if (order_refused(&r->order, f))
        return ORDER_ENDS;
    if (!take_delay(r, f, &r->told_ms) || r->told_ms > journey_ms)
        return order_end(&r->order, ORDER_BAD_ANSWER);
    r->delay_ms = (journey_ms - r->told_ms) / 2;
    return ORDER_ENDS;
}

/* The time goes with the next SEQ, and nothing in between (time.md 3). */
static enum order_verdict answer_sync(struct request_order *r, const struct app_fragment *f,
                                      const struct instant *at)
{
    (void)at;
    if (f && order_refused(&r->order, f))
        return ORDER_ENDS;
    if (r->order.requests == 1)
        return ORDER_NEXT;
    return f && f->iin & IIN_NEED_TIME ? order_end(&r->order, ORDER_REFUSED_IIN) : ORDER_ENDS;
}

/* g91v1: when it takes effect, and a status for each object (objects.md 3). */
static enum order_verdict answer_activate(struct request_order *r, const struct app_fragment *f,
                                          const struct instant *at)
{
    struct object_walk walk = app_objects(f);
    struct object_header h;
    if (order_refused(&r->order, f))
        return ORDER_ENDS;
    if (object_walk_next(&walk, &h) != WALK_HEADER || h.group != 91 || h.variation != 1 || !h.count ||
        !h.has_objects)
        return order_end(&r->order, ORDER_BAD_ANSWER);
    struct object_at object = object_header_at(&h, 0);
    struct reader reader = reader_over(object.data, object.len);
    uint32_t told_ms = read_u32(&reader);
    uint8_t statuses = read_u8(&reader);
    for (; statuses && !reader.failed; statuses--) {
        uint8_t len = read_u8(&reader);
        uint8_t status = read_u8(&reader);
        if (!r->order.status)
            r->order.status = status;
        (void)read_octets(&reader, len ? len - 1u : 0u);
    }
    if (reader.failed)
        return order_end(&r->order, ORDER_BAD_ANSWER);
    if (r->order.status)
        return order_end(&r->order, ORDER_REFUSED_STATUS);
    return be_silent(r, told_ms, at);
}

static const struct kind kinds[REQUEST_KINDS] = {
    [REQUEST_READ] = {KIND("read"), APP_READ, false, false, answer_done},
    [REQUEST_WRITE] = {KIND("write"), APP_WRITE, true, false, answer_done},
    [REQUEST_WRITE_TIME] = {KIND("write_time"), APP_WRITE, true, true, answer_done},
    [REQUEST_SYNC_TIME] = {KIND("sync_time"), APP_RECORD_CURRENT_TIME, true, true, answer_sync},
    [REQUEST_FREEZE] = {KIND("freeze"), APP_IMMED_FREEZE, true, false, answer_done},
    [REQUEST_FREEZE_CLEAR] = {KIND("freeze_clear"), APP_FREEZE_CLEAR, true, false, answer_done},
    [REQUEST_FREEZE_AT_TIME] = {KIND("freeze_at_time"), APP_FREEZE_AT_TIME, true, false, answer_done},
    [REQUEST_ASSIGN_CLASS] = {KIND("assign_class"), APP_ASSIGN_CLASS, true, false, answer_done},
    [REQUEST_ENABLE_UNSOLICITED] = {KIND("enable_unsolicited"), APP_ENABLE_UNSOLICITED, true, false,
                                    answer_done},
    [REQUEST_DISABLE_UNSOLICITED] = {KIND("disable_unsolicited"), APP_DISABLE_UNSOLICITED, true, false,
                                     answer_done},
    [REQUEST_RECORD_TIME] = {KIND("record_time"), APP_RECORD_CURRENT_TIME, false, true, answer_done},
    [REQUEST_DELAY_MEASURE] = {KIND("delay_measure"), APP_DELAY_MEASURE, false, true, answer_delay},
    [REQUEST_COLD_RESTART] = {KIND("cold_restart"), APP_COLD_RESTART, true, true, answer_restart},
    [REQUEST_WARM_RESTART] = {KIND("warm_restart"), APP_WARM_RESTART, true, true, answer_restart},
    [REQUEST_INITIALIZE_DATA] = {KIND("initialize_data"), APP_INITIALIZE_DATA, true, false, answer_done},
    [REQUEST_INITIALIZE_APPLICATION] = {KIND("initialize_application"), APP_INITIALIZE_APPL, true, false,
                                        answer_done},
    [REQUEST_START_APPLICATION] = {KIND("start_application"), APP_START_APPL, true, false, answer_done},
    [REQUEST_STOP_APPLICATION] = {KIND("stop_application"), APP_STOP_APPL, true, false, answer_done},
    [REQUEST_SAVE_CONFIG] = {KIND("save_config"), APP_SAVE_CONFIG, true, true, answer_restart},
    [REQUEST_ACTIVATE_CONFIG] = {KIND("activate_config"), APP_ACTIVATE_CONFIG, true, false, answer_activate},
};

const char *request_kind_name(enum request_kind kind)
{
    return kind < REQUEST_KINDS ? kinds[kind].procedure.name : "?";
}

static void write_time(struct writer *w, uint8_t variation, int64_t wall_ms)
{
    object_write_count(w, 50, variation, 1);
    write_u48(w, (uint64_t)wall_ms);
}

/* The second request of a synchronisation has FC 24's leaving in it. */
static void write_head(struct request_order *r, struct writer *w, const struct instant *at)
{
    struct master_order *order = &r->order;
    if (r->kind == REQUEST_WRITE_TIME)
        write_time(w, 1, at->wall_ms);
    if (r->kind == REQUEST_SYNC_TIME && order->requests) {
        order->function = APP_WRITE;
        write_time(w, 3, order->sent_wall_ms);
    }
    if (r->kind == REQUEST_FREEZE_AT_TIME) {
        object_write_count(w, 50, 2, 1);
        write_u48(w, r->freeze_ms);
        write_u32(w, r->freeze_interval_ms);
    }
}

static bool is_freeze(enum request_kind kind)
{
    return kind >= REQUEST_FREEZE && kind <= REQUEST_FREEZE_AT_TIME;
}

static enum order_request request_write(struct master_order *order, struct writer *w,
                                        const struct instant *at)
{
    struct request_order *r = request_of(order);
    const struct kind *kind = &kinds[r->kind];
    bool sets_clock = r->kind == REQUEST_WRITE_TIME || r->kind == REQUEST_SYNC_TIME;
    if (sets_clock && order->retries) /* a repeated one would carry a time that is no longer true */
        w->failed = true;
    if (sets_clock && !at->wall_trusted) {
        order->outcome = ORDER_NO_TIME;
        return ORDER_CANNOT;
    }
    bool silent = r->no_ack && is_freeze(r->kind);
    order->function = (uint8_t)(kind->function + silent);
    order->acts = kind->acts;
    write_head(r, w, at);
    if (kind->bare != !r->items_len)
        w->failed = true;
    for (size_t i = 0; i < r->items_len && !w->failed; i++)
        request_write_item(w, &r->items[i]);
    return silent ? ORDER_TELLS : ORDER_ASKS;
}

static enum order_verdict request_answer(struct master_order *order, const struct app_fragment *f,
                                         const struct instant *at)
{
    struct request_order *r = request_of(order);
    answer_function *answer = kinds[r->kind].answer;
    if (!f && answer != answer_sync)
        return ORDER_ENDS;
    return answer(r, f, at);
}

static bool clears_restart(const struct request_item *items, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (items[i].group == 80)
            return true;
    return false;
}

void request_init(struct request_order *request, enum request_kind kind, const struct request_item *items,
                  size_t items_len)
{
    assert(kind < REQUEST_KINDS);
    *request = (struct request_order){
        .order = {.procedure = &kinds[kind].procedure,
                  .deadline_ms = NEVER_MS,
                  .reads_points = kind == REQUEST_READ,
                  .clears_restart = kind == REQUEST_WRITE && clears_restart(items, items_len)},
        .kind = kind,
        .items = items,
        .items_len = items_len,
        .longest_wait_ms = 600000,
    };
}
