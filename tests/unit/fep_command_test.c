// SPDX-License-Identifier: Apache-2.0
/* What becomes of a command, by the answers that a station gives: each state is a record for the audit. */
#include "fep/command.h"
#include "fep/note.h"
#include "support/session_rig.h"

enum { SOFT_LIMIT = 100000, NUMBER = 17 };

#define CROB_5     "0C 01 28 01 00 05 00 03 01 64 00 00 00 64 00 00 00 00"
#define CROB_5_BAD "0C 01 28 01 00 05 00 03 01 64 00 00 00 64 00 00 00 07"
#define CROB_6     "0C 01 28 01 00 06 00 03 01 64 00 00 00 64 00 00 00 00"

/* Hands the batch over, calls it durable, and remembers the states that it tells of. */
static void commit(struct rig *r)
{
    struct held held;
    struct batch *b = outbox_close(&r->box);
    size_t len = strlen(r->told);
    for (const struct batch_item *i = b ? batch_next(b, NULL) : NULL; i; i = batch_next(b, i)) {
        if (i->kind != BATCH_AUDIT)
            continue;
        const struct batch_audit *a = (const void *)i;
        struct audit_record record;
        note_unpack(a->texts, &record);
        assert_int_equal(a->command, NUMBER);
        assert_string_equal(record.who, "anna");
        snprintf(r->detail, sizeof r->detail, "%s", record.detail);
        assert_string_equal(record.subject, "binary_output_status:5");
        len += (size_t)snprintf(r->told + len, sizeof r->told - len, "%s%s", len ? " " : "", record.state);
    }
    if (b)
        outbox_durable(&r->box, b->number);
    free(b);
    while (outbox_next_held(&r->box, &held))
        session_release(held.session, held.ticket, &r->at, &r->box);
}

static void expect_told(struct rig *r, const char *expected)
{
    commit(r);
    assert_string_equal(r->told, expected);
    r->told[0] = '\0';
}

static void pass(struct rig *r, int64_t ms)
{
    r->at.now_ms += ms;
    r->at.wall_ms += ms;
    session_tick(&r->session, &r->at, &r->box);
}

static int setup(void **state)
{
    struct rig *r = calloc(1, sizeof *r);
    r->config = master_defaults();
    r->config.disable_unsolicited_first = false;
    r->config.link_idle_ms = 0;
    r->poll = (struct master_poll){.period_ms = 3600000, .classes = CLASS_ALL};
    r->config.polls = &r->poll;
    r->config.polls_len = 1;
    r->at = (struct instant){.now_ms = 1000, .wall_ms = 1735689600000, .wall_trusted = true};
    outbox_init(&r->box, 0, SOFT_LIMIT);
    session_init(&r->session, STATION, &r->config, MASTER, OUTSTATION, &r->poll_due_ms, 1000);
    session_connected(&r->session, &r->at, &r->box);
    expect_said(r, "C0 01");
    hear(r, "C0 81 00 00", "");
    expect_said(r, "C1 14");
    hear(r, "C1 81 00 00", "");
    assert_true(r->session.online);
    commit(r);
    *state = r;
    return 0;
}

static int teardown(void **state)
{
    struct rig *r = *state;
    session_forget_commands(&r->session);
    free(outbox_close(&r->box));
    outbox_free(&r->box);
    free(r);
    return 0;
}

static const struct audit_record asked = {.command = NUMBER,
                                          .who = "anna",
                                          .role = "operator",
                                          .action = "operate",
                                          .station = "Mill Road 17",
                                          .subject = "binary_output_status:5"};

static struct command *latch_on(const struct rig *r, enum control_mode mode)
{
    struct command *c = command_new(STATION, COMMAND_CONTROL, 1);
    c->points[0] = (struct control_point){.group = 12, .variation = 1, .index = 5};
    c->points[0].crob = (struct crob){.code = CROB_LATCH_ON, .count = 1, .on_ms = 100, .off_ms = 100};
    control_order_init(&c->control, mode, c->points, 1);
    command_ask(c, &asked);
    c->order.deadline_ms = r->at.now_ms + 10000;
    return c;
}

/* Binary input 2 shall be on within 4 s. */
static struct command *with_feedback(struct command *c)
{
    c->feedback[0] = (struct command_feedback){.type = POINT_BINARY_INPUT, .index = 2, .low = 1, .high = 1};
    c->feedback_ms = 4000;
    return c;
}

static void give(struct rig *r, struct command *c)
{
    session_command(&r->session, c, &r->at, &r->box);
}

static void it_is_selected_and_operated(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C2 03");
    master_demand_integrity(&r->session.master, &r->at); /* what else is due waits */
    hear_master(r);
    expect_told(r, "selecting");
    hear(r, "C2 81 00 00", CROB_5);
    expect_said(r, "C3 04");
    expect_told(r, "selected operating");
    hear(r, "C3 81 00 00", CROB_5);
    expect_said(r, "C4 01");
    expect_told(r, "operated");
    assert_null(r->session.commands);
}

/* The confirm of what the station reports by itself may go between. */
static void nothing_but_a_confirm_goes_between(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C2 03");
    hear(r, "F1 82 00 00", "02 01 17 01 00 81");
    commit(r);
    master_demand_time_sync(&r->session.master, &r->at);
    expect_said(r, "D1 00");
    hear(r, "C2 81 00 00", CROB_5);
    expect_said(r, "C3 04");
    hear(r, "C3 81 00 00", CROB_5);
    expect_told(r, "selecting selected operating operated");
}

static void a_refused_select_is_not_operated(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C2 03");
    hear(r, "C2 81 00 00", CROB_5_BAD);
    expect_said(r, "");
    expect_told(r, "selecting failed");
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C3 03");
    hear(r, "C3 81 00 01", ""); /* IIN2.0 */
    expect_said(r, "");
    expect_told(r, "selecting failed");
}

static void another_echo_of_select_is_not_operated(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C2 03");
    hear(r, "C2 81 00 00", CROB_6);
    expect_said(r, "");
    expect_told(r, "selecting failed");
}

static void a_select_without_answer_times_out(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C2 03");
    pass(r, r->config.response_timeout_ms + 1);
    expect_said(r, "");
    expect_told(r, "selecting timed_out");
}

static void an_operate_without_answer_is_unknown_and_never_repeated(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_DIRECT));
    expect_said(r, "C2 05");
    pass(r, r->config.response_timeout_ms + 1);
    expect_told(r, "operating unknown");
    for (int i = 0; i < 20; i++) {
        pass(r, 1000);
        expect_said(r, "");
    }
    hear(r, "C2 81 00 00", CROB_5); /* too late: nobody believes it */
    expect_told(r, "");
}

static void another_echo_of_operate_is_unknown(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_DIRECT));
    expect_said(r, "C2 05");
    hear(r, "C2 81 00 00", CROB_6);
    expect_told(r, "operating unknown");
}

static void an_operate_that_is_refused_has_failed(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_DIRECT));
    expect_said(r, "C2 05");
    hear(r, "C2 81 00 00", CROB_5_BAD);
    expect_told(r, "operating failed");
}

/* The start-up's poll has left already; a command goes before the steps that follow. */
static void connect_again(struct rig *r)
{
    session_connected(&r->session, &r->at, &r->box);
    expect_said(r, "C0 01");
}

static void a_connection_that_ends_tells_by_how_far_it_was(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    session_disconnected(&r->session, &r->at, &r->box);
    expect_told(r, "refused");
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_told(r, "refused");
    connect_again(r);
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    hear(r, "C0 81 00 00", "");
    expect_said(r, "C1 03");
    session_disconnected(&r->session, &r->at, &r->box);
    expect_told(r, "selecting failed");
    connect_again(r);
    give(r, latch_on(r, CONTROL_DIRECT));
    hear(r, "C0 81 00 00", "");
    expect_said(r, "C1 05");
    session_disconnected(&r->session, &r->at, &r->box);
    expect_told(r, "operating unknown");
    assert_null(r->session.commands);
}

/* Before the poll under way has been answered, its time is up. */
static void after_its_deadline_it_never_leaves(void **state)
{
    struct rig *r = *state;
    master_demand_integrity(&r->session.master, &r->at);
    expect_said(r, "C2 01");
    struct command *c = latch_on(r, CONTROL_DIRECT);
    c->order.deadline_ms = r->at.now_ms + 100;
    give(r, c);
    pass(r, 100);
    expect_told(r, "timed_out");
    hear(r, "C2 81 00 00", "");
    expect_said(r, "");
}

static void commands_go_before_polls(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_DIRECT));
    master_demand_integrity(&r->session.master, &r->at);
    expect_said(r, "C2 05");
    hear(r, "C2 81 00 00", CROB_5);
    expect_said(r, "C3 01");
    expect_told(r, "operating operated");
}

static void cancel(struct rig *r)
{
    struct command *c = command_new(STATION, COMMAND_CANCEL, 0);
    c->target = NUMBER;
    give(r, c);
}

static void it_can_be_cancelled_until_the_operate_has_left(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C2 03");
    cancel(r);
    hear(r, "C2 81 00 00", CROB_5);
    expect_said(r, "");
    expect_told(r, "selecting selected cancelled");
    give(r, latch_on(r, CONTROL_DIRECT));
    expect_said(r, "C3 05");
    cancel(r);
    hear(r, "C3 81 00 00", CROB_5);
    expect_told(r, "operating operated");
}

static void what_was_not_sent_has_no_status(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_DIRECT));
    cancel(r);
    expect_said(r, "");
    expect_told(r, "cancelled");
    assert_non_null(strstr(r->detail, "\"statuses\":[null]"));
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C3 03");
    hear(r, "C3 81 00 00", CROB_5);
    cancel(r);
    expect_said(r, "");
    commit(r);
    assert_non_null(strstr(r->told, "cancelled"));
    assert_non_null(strstr(r->detail, "\"statuses\":[null]"));
}

/* Somebody's wish is a command of its own, and has an end; here it has the same number as what it is about.
 */
static void a_wish_to_cancel_has_an_end(void **state)
{
    struct rig *r = *state;
    static const struct {
        bool late;
        const char *told;
    } rows[] = {{false, "selecting operated selected cancelled"}, {true, "operating failed operated"}};
    for (size_t i = 0; i < 2; i++) {
        give(r, latch_on(r, rows[i].late ? CONTROL_DIRECT : CONTROL_SELECT_OPERATE));
        expect_said(r, rows[i].late ? "C3 05" : "C2 03");
        struct command *c = command_new(STATION, COMMAND_CANCEL, 0);
        command_ask(c, &asked);
        c->target = NUMBER;
        give(r, c);
        hear(r, rows[i].late ? "C3 81 00 00" : "C2 81 00 00", CROB_5);
        expect_said(r, "");
        expect_told(r, rows[i].told);
    }
    struct command *c = command_new(STATION, COMMAND_CANCEL, 0);
    command_ask(c, &asked);
    c->target = NUMBER;
    give(r, c);
    expect_told(r, "refused");
}

/* As when a tag is placed between SELECT and OPERATE. */
static void a_tag_takes_back_what_it_forbids(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_SELECT_OPERATE));
    expect_said(r, "C2 03");
    struct command *other = command_new(STATION, COMMAND_CANCEL, 1);
    other->points[0] = (struct control_point){.group = 12, .index = 6};
    give(r, other);
    struct command *same = command_new(STATION, COMMAND_CANCEL, 1);
    same->points[0] = (struct control_point){.group = 41, .index = 5};
    give(r, same);
    hear(r, "C2 81 00 00", CROB_5);
    expect_said(r, "C3 04");
    hear(r, "C3 81 00 00", CROB_5);
    expect_told(r, "selecting selected operating operated");
    for (int whole = 0; whole < 2; whole++) {
        give(r, latch_on(r, CONTROL_SELECT_OPERATE));
        expect_said(r, whole ? "C5 03" : "C4 03");
        struct command *tag = command_new(STATION, COMMAND_CANCEL, !whole);
        if (!whole)
            tag->points[0] = (struct control_point){.group = 12, .index = 5};
        give(r, tag);
        hear(r, whole ? "C5 81 00 00" : "C4 81 00 00", CROB_5);
        expect_said(r, "");
        expect_told(r, "selecting selected cancelled");
    }
}

static void without_acknowledgement_nobody_knows(void **state)
{
    struct rig *r = *state;
    give(r, latch_on(r, CONTROL_DIRECT_NO_ACK));
    expect_said(r, "C2 06");
    pass(r, 1);
    expect_told(r, "operating unknown");
}

static void feedback_comes_as_an_event(void **state)
{
    struct rig *r = *state;
    give(r, with_feedback(latch_on(r, CONTROL_DIRECT)));
    expect_said(r, "C2 05");
    hear(r, "C2 81 00 00", CROB_5);
    expect_told(r, "operating operated feedback_awaited");
    hear(r, "F1 82 00 00", "02 01 17 01 02 01"); /* off: not yet */
    expect_told(r, "");
    hear(r, "F2 82 00 00", "02 01 17 01 02 81");
    expect_told(r, "feedback_ok");
    assert_null(r->session.commands);
}

static void feedback_may_come_before_the_answer(void **state)
{
    struct rig *r = *state;
    give(r, with_feedback(latch_on(r, CONTROL_DIRECT)));
    expect_said(r, "C2 05");
    hear(r, "F1 82 00 00", "02 01 17 01 02 81");
    hear(r, "C2 81 00 00", CROB_5);
    expect_told(r, "operating operated feedback_awaited feedback_ok");
}

static void an_event_of_before_is_no_feedback(void **state)
{
    struct rig *r = *state;
    give(r, with_feedback(latch_on(r, CONTROL_DIRECT)));
    expect_said(r, "C2 05");
    hear(r, "C2 81 00 00", CROB_5);
    hear(r, "F1 82 00 00", "02 02 17 01 02 81 00 00 00 00 00 01"); /* of 2004, and on */
    expect_told(r, "operating operated feedback_awaited");
}

/* A point that was on already says nothing by itself: half way it is read. */
static void a_silent_point_is_read(void **state)
{
    struct rig *r = *state;
    give(r, with_feedback(latch_on(r, CONTROL_DIRECT)));
    expect_said(r, "C2 05");
    hear(r, "C2 81 00 00", CROB_5);
    expect_said(r, "");
    pass(r, 2000);
    expect_said(r, "C3 01");
    hear(r, "C3 81 00 00", "01 02 00 02 02 81");
    expect_told(r, "operating operated feedback_awaited feedback_ok");
    assert_null(r->session.commands);
}

static void feedback_that_does_not_come_is_missing(void **state)
{
    struct rig *r = *state;
    give(r, with_feedback(latch_on(r, CONTROL_DIRECT_NO_ACK)));
    expect_said(r, "C2 06");
    pass(r, 1);
    expect_told(r, "operating feedback_awaited");
    pass(r, 2000);
    expect_said(r, "C3 01");
    hear(r, "C3 81 00 00", "01 02 00 02 02 01");
    pass(r, 2000);
    expect_told(r, "feedback_missing");
    assert_null(r->session.commands);
}

/* The reading is still out when the time is up: the command ends now, its memory when the reading has. */
static void a_reading_without_answer_keeps_nothing(void **state)
{
    struct rig *r = *state;
    give(r, with_feedback(latch_on(r, CONTROL_DIRECT)));
    expect_said(r, "C2 05");
    hear(r, "C2 81 00 00", CROB_5);
    pass(r, 2000);
    expect_said(r, "C3 01");
    pass(r, 2000);
    expect_told(r, "operating operated feedback_awaited feedback_missing");
    assert_non_null(r->session.commands);
    pass(r, r->config.response_timeout_ms);
    assert_null(r->session.commands);
    expect_told(r, "");
}

static void requests_of_other_kinds_are_commands_too(void **state)
{
    struct rig *r = *state;
    struct command *c = command_new(STATION, COMMAND_REQUEST, 0);
    c->items[0] = (struct request_item){.group = 60, .variation = 2, .form = ITEM_ALL};
    request_init(&c->request, REQUEST_READ, c->items, 1);
    command_ask(c, &asked);
    give(r, c);
    expect_said(r, "C2 01");
    pass(r, r->config.response_timeout_ms + 1);
    expect_told(r, "operating timed_out"); /* reading changes nothing */
    c = command_new(STATION, COMMAND_REQUEST, 0);
    request_init(&c->request, REQUEST_COLD_RESTART, c->items, 0);
    command_ask(c, &asked);
    give(r, c);
    expect_said(r, "C3 0D");
    pass(r, r->config.response_timeout_ms + 1);
    expect_told(r, "operating unknown");
}

/* A station that is served no more, while its feedback is awaited. */
static void what_is_abandoned_comes_to_its_end(void **state)
{
    struct rig *r = *state;
    give(r, with_feedback(latch_on(r, CONTROL_DIRECT)));
    give(r, latch_on(r, CONTROL_DIRECT));
    expect_said(r, "C2 05");
    hear(r, "C2 81 00 00", CROB_5);
    expect_said(r, "C3 05");
    session_cancel_commands(&r->session, &r->at, &r->box);
    assert_true(session_has_orders(&r->session));
    session_disconnected(&r->session, &r->at, &r->box);
    session_abandon_commands(&r->session, &r->at);
    assert_null(r->session.commands);
    expect_told(r, "operating operated feedback_awaited operating unknown feedback_missing");
}

static void final_states_are_known_by_name(void **state)
{
    (void)state;
    assert_false(command_state_is_final("requested"));
    assert_false(command_state_is_final("selecting"));
    assert_false(command_state_is_final("selected"));
    assert_false(command_state_is_final("operating"));
    assert_false(command_state_is_final("feedback_awaited"));
    for (int i = 0; i < COMMAND_STATES; i++)
        assert_non_null(command_state_name((enum command_state)i));
    assert_true(command_state_is_final("unknown"));
    assert_true(command_state_is_final("operated"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(it_is_selected_and_operated),
        TEST(nothing_but_a_confirm_goes_between),
        TEST(a_refused_select_is_not_operated),
        TEST(another_echo_of_select_is_not_operated),
        TEST(a_select_without_answer_times_out),
        TEST(an_operate_without_answer_is_unknown_and_never_repeated),
        TEST(another_echo_of_operate_is_unknown),
        TEST(an_operate_that_is_refused_has_failed),
        TEST(a_connection_that_ends_tells_by_how_far_it_was),
        TEST(after_its_deadline_it_never_leaves),
        TEST(commands_go_before_polls),
        TEST(it_can_be_cancelled_until_the_operate_has_left),
        TEST(what_was_not_sent_has_no_status),
        TEST(a_wish_to_cancel_has_an_end),
        TEST(a_tag_takes_back_what_it_forbids),
        TEST(without_acknowledgement_nobody_knows),
        TEST(feedback_comes_as_an_event),
        TEST(feedback_may_come_before_the_answer),
        TEST(an_event_of_before_is_no_feedback),
        TEST(a_silent_point_is_read),
        TEST(feedback_that_does_not_come_is_missing),
        TEST(a_reading_without_answer_keeps_nothing),
        TEST(requests_of_other_kinds_are_commands_too),
        TEST(what_is_abandoned_comes_to_its_end),
        cmocka_unit_test(final_states_are_known_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
