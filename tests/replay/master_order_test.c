// SPDX-License-Identifier: Apache-2.0
/* The door for orders: queue, deadlines, ends; dnp3-reference/master.md 4, 6, 7, application.md 5. */
#include "support/cm.h"

#include "support/orders.h"

/* A procedure in the hands of the test: each request is an application's name, its answers bring verdicts. */
struct puppet {
    struct master_order order;
    size_t len; /* of the request, behind its function */
    bool tells; /* no answer is awaited */
    bool acts;
    uint8_t verdicts[4]; /* of the answers in turn, then ORDER_ENDS */
    size_t answers;
    int64_t wait_ms;
    uint8_t on_interrupt; /* verdict */
    enum order_outcome interrupted;
    unsigned interrupts;
};

static enum order_request puppet_write(struct master_order *order, struct writer *w, const struct instant *at)
{
    (void)at;
    struct puppet *p = (struct puppet *)order;
    order->function = APP_WRITE;
    order->acts = p->acts;
    for (size_t i = 0; i < p->len; i++)
        write_u8(w, (uint8_t)(order->requests + 1));
    return p->tells ? ORDER_TELLS : ORDER_ASKS;
}

static enum order_verdict puppet_answer(struct master_order *order, const struct app_fragment *f,
                                        const struct instant *at)
{
    struct puppet *p = (struct puppet *)order;
    assert_true(p->tells == !f);
    order->resume_ms = at->now_ms + p->wait_ms;
    return p->answers < 4 ? p->verdicts[p->answers++] : ORDER_ENDS;
}

static enum order_verdict puppet_interrupted(struct master_order *order, enum order_outcome why,
                                             const struct instant *at)
{
    (void)at;
    struct puppet *p = (struct puppet *)order;
    assert_int_equal(order->outcome, why);
    p->interrupted = why;
    p->interrupts++;
    return p->on_interrupt;
}

static const struct master_procedure puppet_procedure = {"puppet", puppet_write, puppet_answer,
                                                         puppet_interrupted};

static struct puppet puppet_of(size_t len)
{
    return (struct puppet){
        .order = {.procedure = &puppet_procedure, .deadline_ms = NEVER_MS},
        .len = len,
        .verdicts = {ORDER_ENDS, ORDER_ENDS, ORDER_ENDS, ORDER_ENDS},
        .on_interrupt = ORDER_ENDS,
    };
}

/* master.md 4: before the start-up's steps, in the order of their submission. */
static void orders_go_first(void **state)
{
    (void)state;
    struct script s;
    struct puppet first = puppet_of(1), second = puppet_of(2);
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    orders(&s, &first.order);
    orders(&s, &second.order);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 02 01");
    gets(&s, "C1 81 00 00");
    tells(&s, "answer; order success");
    sends(&s, "C2 02 01 01");
    gets(&s, "C2 81 00 00");
    sends(&s, "C3 " INTEGRITY);
}

/* In the background, what is due goes first; but a poll does not twice in a row. */
static void background_waits_for_one_poll(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.order.background = true;
    p.verdicts[0] = p.verdicts[1] = ORDER_LATER;
    script_polling(&s);
    orders(&s, &p.order);
    master_demand_integrity(&s.m, &s.at);
    gets(&s, "C3 81 00 00");
    sends(&s, "C4 02 01");
    gets(&s, "C4 81 00 00");
    sends(&s, "C5 " INTEGRITY);
    gets(&s, "C5 81 00 00");
    sends(&s, "C6 02 02");
    gets(&s, "C6 81 00 00");
    sends(&s, "C7 02 03");
    gets(&s, "C7 81 00 00");
    tells(&s, "answer; order success");
}

static void background_waits_for_the_start_up(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.order.background = true;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    orders(&s, &p.order);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 " ENABLE);
    gets(&s, "C2 81 00 00");
    sends(&s, "C3 02 01");
}

/* An order that waits for its next request keeps nobody waiting; one that pauses keeps everybody. */
static void later_and_next(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = ORDER_LATER;
    p.verdicts[1] = ORDER_NEXT;
    p.wait_ms = 1000;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "C3 81 00 00");
    master_demand_integrity(&s.m, &s.at);
    waits(&s, 1);
    sends(&s, "C4 " INTEGRITY);
    gets(&s, "C4 81 00 00");
    waits(&s, 998);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C5 02 02");
    gets(&s, "C5 81 00 00");
    master_demand_integrity(&s.m, &s.at);
    waits(&s, 999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C6 02 03");
    gets(&s, "C6 81 00 00");
    tells(&s, "answer");
    waits(&s, 1000);
    tells(&s, "order success");
    sends(&s, "C7 " INTEGRITY);
}

/* At its deadline an order that has not left is over, whatever it waited for. */
static void deadline_in_the_queue(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1), late = puppet_of(1);
    script_polling(&s);
    p.order.deadline_ms = s.at.now_ms + 1000;
    late.order.deadline_ms = s.at.now_ms;
    orders(&s, &late.order);
    tells(&s, "order expired");
    orders(&s, &p.order);
    waits(&s, 999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "order expired");
    gets(&s, "C3 81 00 00");
    sends_nothing(&s);
    assert_int_equal(p.interrupted, ORDER_PENDING); /* nothing of it had left */
}

/* A request that is under way when the deadline passes is awaited; what would follow it is not sent. */
static void deadline_under_way(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = ORDER_NEXT;
    orders_online(&s);
    p.order.deadline_ms = s.at.now_ms + 1000;
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    waits(&s, 2000);
    gets(&s, "C3 81 00 00");
    sends_nothing(&s);
    waits(&s, 1);
    tells(&s, "order expired");
    assert_int_equal(p.interrupted, ORDER_EXPIRED);
}

/* What an interrupted order still asks for goes beyond its deadline: a file is closed. */
static void last_word(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = ORDER_LATER;
    p.on_interrupt = ORDER_NEXT;
    p.wait_ms = 3000;
    orders_online(&s);
    p.order.deadline_ms = s.at.now_ms + 1000;
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "C3 81 00 00");
    waits(&s, 1000);
    tells(&s, "");
    sends(&s, "C4 02 02");
    p.wait_ms = 0;
    cancels(&s, &p.order);
    gets(&s, "C4 81 00 00");
    tells(&s, "answer; order success");
    assert_int_equal(p.interrupted, ORDER_EXPIRED);
}

static void cancelled_in_the_queue(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1), other = puppet_of(2);
    script_polling(&s);
    orders(&s, &p.order);
    orders(&s, &other.order);
    cancels(&s, &p.order);
    tells(&s, "order cancelled");
    cancels(&s, &p.order); /* it is done */
    tells(&s, "");
    gets(&s, "C3 81 00 00");
    sends(&s, "C4 02 01 01");
}

/* An order whose pause is cut short by its submitter has been answered all the same. */
static void cancelled_in_its_pause(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.wait_ms = 5000;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "C3 81 00 00");
    cancels(&s, &p.order);
    tells(&s, "order success");
}

/* What an order still has to say after it was cancelled is repeated as its other requests are. */
static void last_word_is_repeated(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.order.retries = 1;
    p.verdicts[0] = ORDER_NEXT;
    p.wait_ms = 1000;
    p.on_interrupt = ORDER_NEXT;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "C3 81 00 00");
    cancels(&s, &p.order);
    sends(&s, "C4 02 02");
    waits(&s, 5000);
    sends(&s, "C4 02 02");
    p.wait_ms = 0;
    gets(&s, "C4 81 00 00");
    tells(&s, "answer; order success");
}

/* The same octets and SEQ, as often as was asked for, and not beyond the deadline (master.md 7). */
static void repeats(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.order.retries = 2;
    p.order.timeout_ms = 100;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    waits(&s, 100);
    sends(&s, "C3 02 01");
    waits(&s, 100);
    sends(&s, "C3 02 01");
    waits(&s, 100);
    tells(&s, "order timeout");
    assert_int_equal(p.order.requests, 1);
    struct puppet q = puppet_of(1);
    q.acts = true;
    q.order.retries = 2;
    q.order.timeout_ms = 100;
    q.order.deadline_ms = s.at.now_ms + 150;
    orders(&s, &q.order);
    sends(&s, "C4 02 01");
    waits(&s, 100);
    sends(&s, "C4 02 01");
    waits(&s, 100);
    tells(&s, "order unknown"); /* it did leave, before its deadline */
    sends_nothing(&s);
}

/* A procedure may go on after an answer that did not come: the same block again, with the next SEQ. */
static void goes_on_without_answer(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.on_interrupt = ORDER_NEXT;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    waits(&s, 5000);
    tells(&s, "");
    sends(&s, "C4 02 02");
    assert_int_equal(p.interrupted, ORDER_TIMEOUT);
    gets(&s, "C3 81 00 00");
    tells(&s, "refused sequence");
    gets(&s, "C4 81 00 00");
    tells(&s, "answer; order success");
}

/* master.md 7: an order's timeouts count as those of any request; it goes all the same while off line. */
static void orders_off_line(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    struct master_config config = master_defaults();
    config.offline_after = 1;
    config.link_idle_ms = 0;
    script_online(&s, config);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    waits(&s, 5000);
    tells(&s, "offline; order timeout");
    waits(&s, 1000);
    sends_nothing(&s);
    struct puppet background = puppet_of(3);
    background.order.background = true;
    orders(&s, &background.order);
    sends_nothing(&s);
    orders(&s, &p.order);
    sends(&s, "C4 02 01");
    gets(&s, "C4 81 00 00");
    tells(&s, "answer; order success");
    sends(&s, "C5 " DISABLE);
}

/* application.md 5: a response of several fragments; a gap in it ends the order. */
static void answers_of_several_fragments(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = ORDER_GOES_ON;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "A3 81 00 00 " EVENT);
    tells(&s, "fragment #1 events 1; answer");
    releases(&s, 1);
    sends(&s, "C3 00");
    gets(&s, "44 81 00 00");
    tells(&s, "proof 1; answer; order success");
    struct puppet q = puppet_of(1);
    q.verdicts[0] = ORDER_GOES_ON;
    orders(&s, &q.order);
    sends(&s, "C5 02 01");
    gets(&s, "85 81 00 00");
    gets(&s, "47 81 00 00");
    tells(&s, "refused sequence; order bad_answer");
}

/* Who cancels an order that is at its last word ends it; nobody is told of that twice. */
static void last_word_is_cancelled(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = ORDER_NEXT;
    p.wait_ms = 1000;
    p.on_interrupt = ORDER_LATER;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "C3 81 00 00");
    s.blocked = true;
    cancels(&s, &p.order);
    assert_int_equal(p.interrupts, 1);
    cancels(&s, &p.order);
    tells(&s, "order cancelled");
    assert_int_equal(p.interrupts, 1);
    sends_nothing(&s);
}

/* Another fragment can't be had of an answer that was the last. */
static void nothing_goes_on_behind_the_last(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = ORDER_GOES_ON;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "C3 81 00 00");
    tells(&s, "answer; order success");
}

/* What is decided waits for the rest of the answer as long as for an answer, be there ever more of it. */
static void decided_answers_end(void **state)
{
    (void)state;
    struct script s;
    struct control_point point = close_relay();
    struct control_order c;
    control_order_init(&c, CONTROL_DIRECT, &point, 1);
    orders_online(&s);
    orders(&s, &c.order);
    sends(&s, "C3 05 " RELAY);
    gets(&s, "A3 81 00 00"); /* an echo is one fragment */
    sends(&s, "C3 00");
    waits(&s, 3000);
    gets(&s, "24 81 00 00");
    sends(&s, "C4 00");
    tells(&s, "answer");
    waits(&s, 1999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "order bad_answer");

    control_order_init(&c, CONTROL_DIRECT, &point, 1);
    orders(&s, &c.order);
    sends(&s, "C5 05 " RELAY);
    gets(&s, "85 81 00 00");
    master_disconnected(&s.m, &s.at);
    waits(&s, 1);
    tells(&s, "offline; order bad_answer");
}

/* A file may have more blocks than are counted. */
static void requests_without_number(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = p.verdicts[1] = ORDER_NEXT;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    p.order.requests = UINT16_MAX;
    gets(&s, "C3 81 00 00");
    sends(&s, "C4 02 00");
    assert_int_equal(p.order.requests, UINT16_MAX);
    cancels(&s, &p.order);
    gets(&s, "C4 81 00 00");
    tells(&s, "answer; order cancelled");
    assert_int_equal(p.interrupts, 1);
}

/* No request before a confirm that is ready, nor while that of the answer is held (outstation.md 3). */
static void confirms_go_first(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = ORDER_NEXT;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "E3 81 00 00 " EVENT);
    tells(&s, "fragment #1 events 1; answer");
    sends_nothing(&s);
    gets(&s, "F0 82 00 00 " EVENT2);
    sends_nothing(&s);
    s.blocked = true;
    releases(&s, 1);
    releases(&s, 2);
    s.blocked = false;
    waits(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C3 00");
    sends(&s, "C4 02 02");
    gets(&s, "C4 81 00 00");
    tells(&s, "proof 1 2; answer; order success");
}

/* The store gave the answer's events up: no confirm, and no next request after an answer that was not taken.
 */
static void given_up(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.verdicts[0] = ORDER_NEXT;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "E3 81 00 00 " EVENT);
    master_give_up(&s.m, 1);
    waits(&s, 1);
    tells(&s, "order held");
    struct puppet q = puppet_of(1);
    orders(&s, &q.order);
    sends(&s, "C4 02 01");
    gets(&s, "E4 81 00 00 " EVENT);
    master_give_up(&s.m, 2);
    waits(&s, 1);
    tells(&s, "order success");
    sends_nothing(&s);
}

/* A request of several frames leaves without another fragment in between (transport.md 3). */
static void long_request(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(500);
    orders_online(&s);
    s.blocked = true;
    orders(&s, &p.order);
    uint8_t wire[LINK_FRAME_MAX];
    size_t len = master_write(&s.m, wire, sizeof wire, &s.at);
    assert_int_equal(len, LINK_FRAME_MAX);
    assert_int_equal(wire[10] & 0xC0, TRANSPORT_FIR);
    gets(&s, "F0 82 00 00");
    len = master_write(&s.m, wire, sizeof wire, &s.at);
    assert_int_equal(len, LINK_FRAME_MAX);
    assert_int_equal(wire[10] & 0xC0, 0);
    gets_link(&s, 0x49);
    len = master_write(&s.m, wire, sizeof wire, &s.at);
    assert_int_equal(len, 10); /* LINK_STATUS is no fragment */
    len = master_write(&s.m, wire, sizeof wire, &s.at);
    assert_int_equal(wire[10] & 0xC0, TRANSPORT_FIN);
    assert_int_equal(len, transport_wire_len(502) - 2 * LINK_FRAME_MAX);
    s.blocked = false;
    waits(&s, 1);
    sends(&s, "D0 00");
    gets(&s, "C3 81 00 00");
    tells(&s, "answer; order success");
    struct puppet q = puppet_of(APP_FRAGMENT_MAX - 1); /* with its header, one too many */
    orders(&s, &q.order);
    waits(&s, 1);
    tells(&s, "order invalid");
}

/* A part of a request is none: where the rest does not leave in time, nothing was asked. */
static void half_a_request(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(500);
    p.acts = true;
    orders_online(&s);
    p.order.deadline_ms = s.at.now_ms + 1000;
    s.blocked = true;
    orders(&s, &p.order);
    uint8_t wire[LINK_FRAME_MAX];
    assert_true(master_write(&s.m, wire, sizeof wire, &s.at) > 0);
    waits(&s, 1000);
    tells(&s, "order expired");
    struct puppet q = puppet_of(500);
    q.acts = true;
    orders(&s, &q.order);
    assert_true(master_write(&s.m, wire, sizeof wire, &s.at) > 0);
    s.blocked = false;
    reconnects(&s);
    tells(&s, "offline; order disconnected");
    sends(&s, "C0 " DISABLE);
}

/* All end with the connection, each as it stands; without one nothing begins. */
static void disconnected(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1), q = puppet_of(1), r = puppet_of(1);
    orders_online(&s);
    p.acts = true;
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    orders(&s, &q.order);
    master_disconnected(&s.m, &s.at);
    waits(&s, 1);
    tells(&s, "offline; order unknown; order disconnected");
    orders(&s, &r.order);
    tells(&s, "order disconnected");
    orders(&s, &r.order); /* the memory is free for another one */
    tells(&s, "order disconnected");
}

/* Between two requests that are apart, a restart of the station ends the order. */
static void restart_between_requests(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1), fresh = puppet_of(2);
    p.verdicts[0] = ORDER_LATER;
    p.wait_ms = 1000;
    orders_online(&s);
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    gets(&s, "C3 81 00 00");
    s.blocked = true;
    orders(&s, &fresh.order);
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080; order restarted");
    assert_int_equal(p.interrupted, ORDER_RESTARTED);
    s.blocked = false;
    waits(&s, 1);
    sends(&s, "C4 02 01 01"); /* nothing of this one was said before the restart */
}

/* Each is told of it once, though the one that was at it goes back to the others. */
static void restart_is_told_once(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1), waiting = puppet_of(2);
    p.verdicts[0] = ORDER_NEXT;
    waiting.verdicts[0] = ORDER_LATER;
    p.wait_ms = waiting.wait_ms = 1000;
    p.on_interrupt = waiting.on_interrupt = ORDER_LATER;
    orders_online(&s);
    orders(&s, &waiting.order);
    sends(&s, "C3 02 01 01");
    gets(&s, "C3 81 00 00");
    orders(&s, &p.order);
    sends(&s, "C4 02 01");
    gets(&s, "C4 81 00 00");
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080");
    assert_int_equal(p.interrupts, 1);
    assert_int_equal(waiting.interrupts, 1);
    sends(&s, "C5 02 02 02");
    gets(&s, "C5 81 00 00");
    waits(&s, 1000);
    sends(&s, "C6 02 02");
    assert_int_equal(p.interrupted, ORDER_RESTARTED);
}

/* Where an answer comes late, and the order would go on: its deadline is told first. */
static void no_answer_and_no_time(void **state)
{
    (void)state;
    struct script s;
    struct puppet p = puppet_of(1);
    p.on_interrupt = ORDER_NEXT;
    p.order.retries = 1;
    orders_online(&s);
    p.order.deadline_ms = s.at.now_ms + 5000;
    orders(&s, &p.order);
    sends(&s, "C3 02 01");
    waits(&s, 5000);
    assert_int_equal(p.interrupted, ORDER_EXPIRED);
    assert_int_equal(p.interrupts, 2);
    sends(&s, "C5 02 02"); /* its last word */
    gets(&s, "C5 81 00 00");
    tells(&s, "answer; order success");
}

/* link.md 4: asked at the self-address, the station answers from its own, and is called by that from then on.
 */
static void self_address(void **state)
{
    (void)state;
    struct script s;
    memset(&s, 0, sizeof s);
    s.config = master_defaults();
    s.at = (struct instant){.now_ms = SCRIPT_NOW_MS, .wall_ms = SCRIPT_WALL_MS, .wall_trusted = true};
    master_init(&s.m, &s.config, SCRIPT_MASTER, LINK_SELF_ADDRESS, s.poll_due_ms, 1);
    master_connected(&s.m, &s.at);
    script_drain(&s);
    sends(&s, "to FFFC: C0 " DISABLE);
    assert_int_equal(master_remote(&s.m), LINK_SELF_ADDRESS);
    gets(&s, "C0 81 00 00");
    assert_int_equal(master_remote(&s.m), SCRIPT_STATION);
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 " ENABLE);
    struct puppet p = puppet_of(1);
    p.order.address = LINK_SELF_ADDRESS;
    orders(&s, &p.order);
    gets(&s, "C2 81 00 00");
    sends(&s, "to FFFC: C3 02 01");
    gets(&s, "C3 81 00 00");
    tells(&s, "answer; order success");
}

static void time_on_demand(void **state)
{
    (void)state;
    struct script s;
    orders_online(&s);
    master_demand_time_sync(&s.m, &s.at);
    waits(&s, 1);
    sends(&s, "C3 18");
    gets(&s, "C3 81 00 00");
    sends(&s, "C4 02 32 03 07 01 01 7C 29 1F 94 01");
    gets(&s, "C4 81 00 00");
    tells(&s, "done time_sync ok");
    master_disconnected(&s.m, &s.at);
    master_demand_time_sync(&s.m, &s.at); /* the connection that comes looks itself */
    assert_int_equal(master_deadline_ms(&s.m), NEVER_MS);

    struct master_config config = master_defaults();
    config.link_idle_ms = 0;
    config.time_sync = TIME_SYNC_NONE;
    script_online(&s, config);
    master_demand_time_sync(&s.m, &s.at);
    waits(&s, 100000);
    sends_nothing(&s);
}

/* An association that begins anew on a channel that others use goes on where it was. */
static void sequence_goes_on(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    uint8_t seq = master_sequence(&s.m);
    assert_int_equal(seq, 2);
    master_disconnected(&s.m, &s.at);
    assert_int_equal(master_sequence(&s.m), 0);
    master_continue_sequence(&s.m, seq);
    master_connected(&s.m, &s.at);
    waits(&s, 1);
    sends(&s, "C2 " DISABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_go_first),
        cmocka_unit_test(background_waits_for_one_poll),
        cmocka_unit_test(background_waits_for_the_start_up),
        cmocka_unit_test(later_and_next),
        cmocka_unit_test(deadline_in_the_queue),
        cmocka_unit_test(deadline_under_way),
        cmocka_unit_test(last_word),
        cmocka_unit_test(cancelled_in_the_queue),
        cmocka_unit_test(cancelled_in_its_pause),
        cmocka_unit_test(last_word_is_repeated),
        cmocka_unit_test(repeats),
        cmocka_unit_test(goes_on_without_answer),
        cmocka_unit_test(orders_off_line),
        cmocka_unit_test(answers_of_several_fragments),
        cmocka_unit_test(last_word_is_cancelled),
        cmocka_unit_test(nothing_goes_on_behind_the_last),
        cmocka_unit_test(decided_answers_end),
        cmocka_unit_test(requests_without_number),
        cmocka_unit_test(confirms_go_first),
        cmocka_unit_test(given_up),
        cmocka_unit_test(long_request),
        cmocka_unit_test(half_a_request),
        cmocka_unit_test(disconnected),
        cmocka_unit_test(restart_between_requests),
        cmocka_unit_test(restart_is_told_once),
        cmocka_unit_test(no_answer_and_no_time),
        cmocka_unit_test(self_address),
        cmocka_unit_test(time_on_demand),
        cmocka_unit_test(sequence_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
