// SPDX-License-Identifier: Apache-2.0
/*
 * Orders against a peer that answers as it likes, on a clock and a connection that do as they like. Whatever
 * happens: each order is done once; what operates leaves at most once, right after a SELECT that went well,
 * and before its deadline; and its outcome does not say that nothing happened where it left.
 */
#include "support/cm.h"

#include "support/orders.h"

enum { SEEDS = 400, STEPS = 400, SLOTS = 5, MASTER = 1, STATION = 10 };

struct slot {
    struct control_order control;
    struct request_order request;
    struct control_point point;
    uint8_t octets[APP_FRAGMENT_MAX];
    struct master_order *order; /* NULL: free */
    bool acted;                 /* OPERATE or DIRECT_OPERATE left */
    bool accepted;              /* with a good echo */
};

struct storm {
    uint64_t random;
    struct master m;
    struct master_config config;
    int64_t poll_due_ms[1];
    struct instant at;
    struct slot slots[SLOTS];
    uint16_t next_id; /* of an order: the index of its point */
    uint8_t last[64]; /* the request that left last, from its control octet */
    size_t last_len;
    bool last_selected; /* it was a SELECT, and its echo was good */
    uint64_t newest_ticket;
    uint8_t station_seq;
    bool blocked;
    unsigned done[ORDER_OUTCOMES];
    uint8_t buf[APP_FRAGMENT_MAX];
};

static uint32_t below(struct storm *s, uint32_t n)
{
    s->random = s->random * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(s->random >> 33) % n;
}

static struct slot *slot_of_order(struct storm *s, const struct master_order *order)
{
    for (size_t i = 0; i < SLOTS; i++)
        if (s->slots[i].order == order)
            return &s->slots[i];
    return NULL;
}

static void note_done(struct storm *s, struct master_order *order)
{
    struct slot *slot = slot_of_order(s, order);
    assert_non_null(slot);
    s->done[order->outcome]++;
    if (order == &slot->control.order) {
        bool may_have_acted = order->outcome == ORDER_UNKNOWN || order->outcome == ORDER_SUCCESS ||
                              order->outcome == ORDER_SENT || order->outcome == ORDER_BAD_ANSWER ||
                              order->outcome == ORDER_REFUSED_IIN || order->outcome == ORDER_REFUSED_STATUS ||
                              order->outcome == ORDER_HELD;
        if (slot->acted)
            assert_true(may_have_acted);
        if (order->outcome == ORDER_UNKNOWN || order->outcome == ORDER_SENT)
            assert_true(slot->acted);
        if (order->outcome == ORDER_SUCCESS)
            assert_true(slot->acted && slot->accepted);
    }
    slot->order = NULL;
}

static void drain_news(struct storm *s)
{
    struct master_news n;
    for (int i = 0; master_next(&s->m, &n) != MASTER_QUIET; i++) {
        assert_true(i < 40);
        if (n.kind == MASTER_FRAGMENT && n.ticket)
            s->newest_ticket = n.ticket;
        if (n.kind == MASTER_ORDER_ANSWER)
            assert_non_null(slot_of_order(s, n.order));
        if (n.kind == MASTER_ORDER_DONE)
            note_done(s, n.order);
    }
}

static struct slot *slot_of_point(struct storm *s, const uint8_t *fragment)
{
    unsigned index = fragment[7] + 256u * fragment[8];
    for (size_t i = 0; i < SLOTS; i++)
        if (s->slots[i].order && s->slots[i].point.index == index)
            return &s->slots[i];
    return NULL;
}

static void note_control(struct storm *s, const uint8_t *fragment, size_t len)
{
    struct slot *slot = slot_of_point(s, fragment);
    assert_non_null(slot);
    assert_true(s->at.now_ms < slot->control.order.deadline_ms);
    assert_false(slot->acted);
    slot->acted = fragment[1] != APP_SELECT;
    if (fragment[1] != APP_OPERATE)
        return;
    assert_true(s->last_selected && s->last_len == len);
    assert_int_equal(fragment[0] & APP_SEQ, (s->last[0] + 1) & APP_SEQ);
    assert_memory_equal(fragment + 2, s->last + 2, len - 2);
}

static void drain_writes(struct storm *s)
{
    uint8_t wire[LINK_FRAME_MAX];
    size_t len, used;
    for (int i = 0; !s->blocked && (len = master_write(&s->m, wire, sizeof wire, &s->at)); i++) {
        struct link_frame f;
        struct link_errors errors = {0};
        assert_true(i < 16);
        assert_int_equal(s->m.pending, 0); /* nothing is told by writing */
        assert_int_equal(link_parse(wire, len, &used, &f, &errors), LINK_FRAME);
        if (!f.user_len || f.user[2] == APP_CONFIRM)
            continue;
        const uint8_t *fragment = f.user + 1;
        if (fragment[1] >= APP_SELECT && fragment[1] <= APP_DIRECT_OPERATE_NR)
            note_control(s, fragment, f.user_len - 1u);
        s->last_len = f.user_len - 1u;
        s->last_selected = false;
        memcpy(s->last, fragment, s->last_len < sizeof s->last ? s->last_len : sizeof s->last);
    }
}

static void drain(struct storm *s)
{
    drain_news(s);
    drain_writes(s);
}

static void says(struct storm *s, const uint8_t *fragment, size_t len)
{
    struct link_frame f = {.control = 0x44, .destination = MASTER, .source = STATION};
    f.user[0] = (uint8_t)(TRANSPORT_FIR | TRANSPORT_FIN | (s->station_seq++ & TRANSPORT_SEQ));
    memcpy(f.user + 1, fragment, len);
    f.user_len = (uint8_t)(len + 1);
    master_lend(&s->m, s->buf, sizeof s->buf);
    master_receive(&s->m, &f, &s->at);
    drain(s);
    (void)master_take_back(&s->m);
}

/* The last request's answer: right more often than not. */
static void step_answer(struct storm *s)
{
    uint8_t fragment[80] = {(uint8_t)(APP_FIR | APP_FIN | (s->last[0] & APP_SEQ)), APP_RESPONSE};
    size_t len = 4;
    uint32_t how = below(s, 20);
    if (s->last_len < 2)
        return;
    bool control = s->last[1] >= APP_SELECT && s->last[1] <= APP_DIRECT_OPERATE;
    if (control) {
        memcpy(fragment + len, s->last + 2, s->last_len - 2);
        len += s->last_len - 2;
    } else if (s->last[1] == APP_COLD_RESTART) {
        memcpy(fragment + len, (const uint8_t[]){52, 2, 7, 1, 0, 4}, 6);
        len += 6;
    }
    if (how == 0)
        fragment[0] = (uint8_t)(fragment[0] ^ 1);
    if (how == 1)
        fragment[len - 1] ^= 7;
    if (how == 19)
        fragment[len - 2] ^= 1;
    if (how == 2)
        fragment[2] = 0x80;
    if (how == 3)
        fragment[3] = 0x04;
    if (how >= 4 && how < 7)
        fragment[0] |= APP_CON;
    if (how == 4)
        fragment[3] = 0x08;
    if (how == 7)
        fragment[0] &= (uint8_t)~APP_FIN;
    bool good = control && ((how >= 8 && how < 19) || how == 5 || how == 6 || how == 2 || how == 4);
    if (good && s->last[1] == APP_SELECT)
        s->last_selected = true;
    struct slot *slot = good && s->last[1] != APP_SELECT ? slot_of_point(s, s->last) : NULL;
    if (slot)
        slot->accepted = true;
    says(s, fragment, len);
}

static void step_unsolicited(struct storm *s)
{
    static const uint8_t event[] = {2, 1, 0x17, 1, 3, 0x81};
    uint8_t fragment[10] = {(uint8_t)(0xF0 | below(s, 16)), APP_UNSOLICITED_RESPONSE, below(s, 6) ? 0 : 0x80};
    memcpy(fragment + 4, event, sizeof event);
    says(s, fragment, below(s, 2) ? 4 : 10);
}

static void submit_control(struct storm *s, struct slot *slot)
{
    slot->point = close_relay();
    slot->point.index = s->next_id++;
    control_order_init(&slot->control, (enum control_mode)below(s, 3), &slot->point, 1);
    slot->control.order.deadline_ms = s->at.now_ms + 1 + below(s, 9000);
    slot->control.order.turnaround_ms = below(s, 2) * 200;
    slot->order = &slot->control.order;
}

static void submit_request(struct storm *s, struct slot *slot)
{
    static const enum request_kind kinds[] = {REQUEST_READ, REQUEST_FREEZE, REQUEST_COLD_RESTART,
                                              REQUEST_SYNC_TIME, REQUEST_WRITE};
    static const struct request_item item = {.group = 20, .form = ITEM_ALL};
    static const uint8_t zero[] = {0};
    static const struct request_item clear = {.group = 80,
                                              .variation = 1,
                                              .form = ITEM_RANGE,
                                              .first = 7,
                                              .last = 7,
                                              .octets = zero,
                                              .octets_len = 1};
    enum request_kind kind = kinds[below(s, 5)];
    bool bare = kind == REQUEST_COLD_RESTART || kind == REQUEST_SYNC_TIME;
    request_init(&slot->request, kind, kind == REQUEST_WRITE ? &clear : &item, bare ? 0 : 1);
    slot->request.order.background = below(s, 2);
    slot->request.order.retries = bare ? 0 : (uint8_t)below(s, 3);
    slot->request.order.timeout_ms = below(s, 2) * 700;
    slot->request.order.deadline_ms = below(s, 2) ? NEVER_MS : s->at.now_ms + 1 + below(s, 9000);
    slot->request.order.address = below(s, 6) ? 0 : LINK_BROADCAST_OPTIONAL;
    slot->order = &slot->request.order;
}

static void step_submit(struct storm *s)
{
    struct slot *slot = &s->slots[below(s, SLOTS)];
    if (slot->order)
        return;
    slot->acted = slot->accepted = false;
    if (below(s, 2))
        submit_control(s, slot);
    else
        submit_request(s, slot);
    slot->order->request = slot->octets;
    slot->order->request_room = sizeof slot->octets;
    master_submit(&s->m, slot->order, &s->at);
    drain(s);
}

static void step_cancel(struct storm *s)
{
    struct slot *slot = &s->slots[below(s, SLOTS)];
    if (slot->order)
        master_cancel(&s->m, slot->order, &s->at);
    drain(s);
}

static void step_time(struct storm *s)
{
    int64_t until_ms = s->at.now_ms + below(s, below(s, 4) ? 300 : 7000);
    for (int i = 0; s->at.now_ms < until_ms; i++) {
        assert_true(i < 20000);
        int64_t next_ms = master_deadline_ms(&s->m);
        if (next_ms <= s->at.now_ms)
            next_ms = s->at.now_ms + 1;
        s->at.now_ms = next_ms < until_ms ? next_ms : until_ms;
        s->at.wall_ms = SCRIPT_WALL_MS + s->at.now_ms;
        master_tick(&s->m, &s->at);
        drain(s);
        assert_true(s->blocked || master_deadline_ms(&s->m) > s->at.now_ms);
    }
}

static void step_store(struct storm *s)
{
    if (s->newest_ticket && below(s, 6))
        master_release_confirm(&s->m, s->newest_ticket, &s->at);
    else if (s->newest_ticket)
        master_give_up(&s->m, s->newest_ticket);
    drain(s);
    master_hold_polls(&s->m, !below(s, 5), &s->at);
    drain(s);
}

static void step_connection(struct storm *s)
{
    master_disconnected(&s->m, &s->at);
    drain(s);
    for (size_t i = 0; i < SLOTS; i++)
        assert_null(s->slots[i].order);
    s->last_len = 0;
    if (!below(s, 4))
        step_submit(s);
    master_connected(&s->m, &s->at);
    s->blocked = false;
    drain(s);
}

static void step(struct storm *s)
{
    static void (*const steps[])(struct storm *) = {
        step_answer, step_answer, step_answer, step_answer, step_answer, step_submit, step_submit,
        step_time,   step_time,   step_store,  step_store,  step_store,  step_cancel, step_unsolicited};
    uint32_t which = below(s, 60);
    if (which < 56)
        steps[which % (sizeof steps / sizeof *steps)](s);
    else if (which < 58)
        s->blocked = !s->blocked;
    else if (which == 58)
        step_connection(s);
    else
        s->at.wall_trusted = !s->at.wall_trusted;
}

static void storm(struct storm *s, uint64_t seed)
{
    *s = (struct storm){.random = seed * 2654435761u + 1, .next_id = 1};
    s->config = master_defaults();
    s->config.response_timeout_ms = 1000;
    s->config.confirm_timeout_ms = 1000;
    s->config.disable_unsolicited_first = seed & 1;
    s->config.quirks = seed % 3 ? 0 : QUIRK_STICKY_IIN | QUIRK_NO_LINK_STATUS | QUIRK_TCC_SWAPPED;
    s->at = (struct instant){.now_ms = 1000, .wall_ms = SCRIPT_WALL_MS + 1000, .wall_trusted = true};
    master_init(&s->m, &s->config, MASTER, STATION, s->poll_due_ms, 1);
    master_connected(&s->m, &s->at);
    drain(s);
    for (int i = 0; i < STEPS; i++)
        step(s);
    step_connection(s);
}

static void orders_in_a_storm(void **state)
{
    (void)state;
    static struct storm s;
    unsigned done[ORDER_OUTCOMES] = {0};
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        storm(&s, seed);
        for (size_t i = 0; i < ORDER_OUTCOMES; i++)
            done[i] += s.done[i];
    }
    for (enum order_outcome i = ORDER_SUCCESS; i < ORDER_OUTCOMES; i++)
        if (!done[i])
            fail_msg("no order ended as %s", order_outcome_name(i));
    assert_int_equal(done[ORDER_PENDING], 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(orders_in_a_storm)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
