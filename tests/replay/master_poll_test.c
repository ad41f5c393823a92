// SPDX-License-Identifier: Apache-2.0
/* Polls on schedule, priorities, off line: dnp3-reference/master.md 4, 5, 7, 8. */
#include "support/cm.h"

#include "support/script.h"

static struct master_config polling(const struct master_poll *polls, size_t len)
{
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = 0;
    config.link_idle_ms = 0;
    config.polls = polls;
    config.polls_len = len;
    return config;
}

static void script_polled(struct script *s, struct master_config config)
{
    script_connect(s, config);
    sends(s, "C0 " INTEGRITY);
    gets(s, "C0 81 00 00");
    tells(s, "done integrity ok; online");
}

/* master.md 5: the requests, octet by octet. */
static void requests_of_polls(void **state)
{
    (void)state;
    static const struct {
        struct master_poll poll;
        const char *request;
        const char *task;
    } rows[] = {
        {{1000, CLASS_ALL, 0, 0}, "C1 01 3C 02 06 3C 03 06 3C 04 06 3C 01 06", "done integrity ok"},
        {{1000, CLASS_EVENTS, 0, 0}, "C1 01 3C 02 06 3C 03 06 3C 04 06", "done poll ok"},
        {{1000, CLASS_2, 0, 0}, "C1 01 3C 03 06", "done poll ok"},
        {{1000, CLASS_0, 0, 0}, "C1 01 3C 01 06", "done poll ok"},
        {{1000, CLASS_3 | CLASS_0, 0, 0}, "C1 01 3C 04 06 3C 01 06", "done poll ok"},
        {{1000, 0, 30, 0}, "C1 01 1E 00 06", "done poll ok"},
        {{1000, 0, 1, 2}, "C1 01 01 02 06", "done poll ok"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct script s;
        script_polled(&s, polling(&rows[i].poll, 1));
        waits(&s, 999);
        sends_nothing(&s);
        waits(&s, 1);
        sends(&s, rows[i].request);
        gets(&s, "C1 81 00 00"); /* a READ may return nothing */
        tells(&s, rows[i].task);
    }
}

/* A poll without a period never comes by itself. */
static void without_a_period(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{0, CLASS_1, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 1));
    waits(&s, 1000000);
    sends_nothing(&s);
    s.poll_due_ms[0] = s.at.now_ms + 1; /* asked for once */
    waits(&s, 1);
    sends(&s, "C1 01 3C 02 06");
    gets(&s, "C1 81 00 00");
    assert_int_equal(s.poll_due_ms[0], NEVER_MS);
}

/* Schedules do not drift, whatever the answers take. */
static void schedule_does_not_drift(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{1000, CLASS_1, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 1));
    for (unsigned seq = 1; seq < 10; seq++) {
        char hex[32];
        waits(&s, SCRIPT_NOW_MS + 1000 * (int64_t)seq - s.at.now_ms);
        snprintf(hex, sizeof hex, "C%X 01 3C 02 06", seq);
        sends(&s, hex);
        waits(&s, 70 * seq);
        snprintf(hex, sizeof hex, "C%X 81 00 00", seq);
        gets(&s, hex);
        tells(&s, "done poll ok");
    }
}

/* Far behind: the turns that were missed are left out, the phase stays. */
static void missed_turns_are_left_out(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{1000, CLASS_1, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 1));
    waits(&s, 1000);
    sends(&s, "C1 01 3C 02 06");
    waits(&s, 4300);
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 01 3C 02 06"); /* overdue since 2000 */
    gets(&s, "C2 81 00 00");
    waits(&s, 699);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C3 01 3C 02 06");
}

/* The first turn may be spread by the caller. */
static void first_turn_is_the_callers(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{60000, CLASS_1, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 1));
    s.poll_due_ms[0] = s.at.now_ms + 137;
    waits(&s, 137);
    sends(&s, "C1 01 3C 02 06");
}

/* Of several that are due, the one due longest. */
static void most_overdue_first(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{3000, CLASS_1, 0, 0}, {2900, CLASS_2, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 2));
    s.blocked = false;
    holds_polls(&s, true);
    waits(&s, 4000);
    holds_polls(&s, false);
    sends(&s, "C1 01 3C 03 06");
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 01 3C 02 06");
}

/* A stalled store: no poll starts until it is over. */
static void polls_held(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{1000, CLASS_1, 0, 0}, {1000, 0, 30, 0}};
    struct script s;
    script_polled(&s, polling(polls, 2));
    holds_polls(&s, true);
    waits(&s, 10000);
    sends_nothing(&s);
    assert_true(master_deadline_ms(&s.m) == NEVER_MS); /* nor does it keep anybody awake */
    holds_polls(&s, false);
    sends(&s, "C1 01 3C 02 06");
}

/* master.md 7: a poll without answer comes again after 5 s, where its schedule is later, and keeps its phase.
 */
static void failed_poll_retries(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{30000, CLASS_1, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 1));
    waits(&s, 30000);
    sends(&s, "C1 01 3C 02 06");
    waits(&s, 5000);
    tells(&s, "done poll timeout");
    waits(&s, 4999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C2 01 3C 02 06");
    gets(&s, "C2 81 00 00");
    waits(&s, 19999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C3 01 3C 02 06");
}

/* master.md 3: what a READ was refused is not asked again before its next turn. */
static void refused_poll_waits_for_its_turn(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{30000, 0, 30, 7}};
    struct script s;
    script_polled(&s, polling(polls, 1));
    waits(&s, 30000);
    sends(&s, "C1 01 1E 07 06");
    gets(&s, "C1 81 00 02");
    tells(&s, "done poll refused");
    waits(&s, 29999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C2 01 1E 07 06");
}

/* master.md 4: clear restart, integrity, time, event scan, poll, when all are wanted at once. */
static void priorities(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{1000, CLASS_2, 0, 0}};
    struct script s;
    struct master_config config = polling(polls, 1);
    config.event_scan_classes = CLASS_1;
    config.time_sync = TIME_SYNC_DIRECT;
    script_polled(&s, config);
    waits(&s, 1000);
    sends(&s, "C1 01 3C 03 06");
    waits(&s, 1000);
    gets(&s, "C1 81 92 00");
    releases(&s, 1);
    sends(&s, "C2 " CLEAR);
    gets(&s, "C2 81 12 00");
    sends(&s, "C3 " INTEGRITY);
    gets(&s, "C3 81 12 00");
    sends(&s, "C4 02 32 01 07 01 D0 83 29 1F 94 01");
    gets(&s, "C4 81 02 00");
    sends(&s, "C5 01 3C 02 06");
    gets(&s, "C5 81 00 00");
    sends(&s, "C6 01 3C 03 06");
}

/* A demanded integrity poll waits for the running task, and one that runs does not count for it. */
static void demanded_integrity(void **state)
{
    (void)state;
    struct script s;
    script_polled(&s, polling(NULL, 0));
    script_step(&s, __FILE__, __LINE__);
    master_demand_integrity(&s.m, &s.at);
    script_drain(&s);
    sends(&s, "C1 " INTEGRITY);
    master_demand_integrity(&s.m, &s.at);
    gets(&s, "C1 81 00 00");
    tells(&s, "done integrity ok");
    sends(&s, "C2 " INTEGRITY);
    gets(&s, "C2 81 00 00");
    sends_nothing(&s);
}

/* master.md 7: off line after three timeouts in a row, told once; then slow attempts; on return the full
 * start-up. */
static void offline_and_back(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{1000, CLASS_1, 0, 0}};
    struct script s;
    struct master_config config = polling(polls, 1);
    config.disable_unsolicited_first = true;
    config.unsolicited_classes = CLASS_EVENTS;
    config.response_timeout_ms = 1000;
    script_online(&s, config);
    waits(&s, 1000);
    sends(&s, "C3 01 3C 02 06");
    waits(&s, 1000);
    tells(&s, "done poll timeout");
    sends(&s, "C4 01 3C 02 06");
    waits(&s, 1000);
    sends(&s, "C5 01 3C 02 06");
    waits(&s, 1000);
    tells(&s, "done poll timeout; done poll timeout; done poll timeout; offline");
    assert_false(master_is_online(&s.m));
    waits(&s, 59999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C6 " DISABLE);
    waits(&s, 1000);
    waits(&s, 59999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C7 " DISABLE);
    gets(&s, "C7 81 00 00");
    tells(&s, "done disable_unsolicited ok");
    sends(&s, "C8 " INTEGRITY);
    gets(&s, "C8 81 00 00");
    tells(&s, "done integrity ok; online");
    sends(&s, "C9 " ENABLE);
    gets(&s, "C9 81 00 00");
    sends(&s, "CA 01 3C 02 06");
}

/* An answer in between starts the count again. */
static void timeouts_in_a_row(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{10000, CLASS_1, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 1));
    for (unsigned seq = 1; seq < 16; seq++) {
        char hex[32];
        waits(&s, SCRIPT_NOW_MS + 10000 * (int64_t)seq - s.at.now_ms);
        snprintf(hex, sizeof hex, "C%X 01 3C 02 06", seq);
        sends(&s, hex);
        if (seq % 3)
            continue;
        snprintf(hex, sizeof hex, "C%X 81 00 00", seq);
        gets(&s, hex);
        assert_true(master_is_online(&s.m));
    }
}

/* A station that was never there is off line too, once; nothing more is told when it is disconnected. */
static void never_answered(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, polling(NULL, 0));
    sends(&s, "C0 " INTEGRITY);
    waits(&s, 5000 + 5000);
    sends(&s, "C1 " INTEGRITY);
    waits(&s, 5000 + 10000);
    sends(&s, "C2 " INTEGRITY);
    waits(&s, 5000);
    tells(&s, "done integrity timeout; done integrity timeout; done integrity timeout; offline");
    reconnects(&s);
    tells(&s, "");
    sends(&s, "C0 " INTEGRITY);
}

/* A sign of life while off line brings the next attempt forward. */
static void unsolicited_wakes_the_attempts(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = polling(NULL, 0);
    config.offline_after = 1;
    script_connect(&s, config);
    sends(&s, "C0 " INTEGRITY);
    waits(&s, 5000);
    tells(&s, "done integrity timeout; offline");
    waits(&s, 20000);
    sends_nothing(&s);
    gets(&s, "F1 82 00 00");
    sends(&s, "D1 00");
    sends(&s, "C1 " INTEGRITY);
}

/* master.md 8, on disconnect: the task is aborted. */
static void disconnect_aborts_the_task(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, polling(NULL, 0));
    sends(&s, "C0 " INTEGRITY);
    reconnects(&s);
    tells(&s, "done integrity dropped");
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 00 00");
    tells(&s, "done integrity ok; online");
}

/* Schedules outlive the connection. */
static void schedule_outlives_the_connection(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{10000, CLASS_1, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 1));
    waits(&s, 4000);
    reconnects(&s);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 00 00");
    waits(&s, 5999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C1 01 3C 02 06");
}

/* A session at rest is small. */
static void size_of_a_session(void **state)
{
    (void)state;
    print_message("struct master: %zu octets\n", sizeof(struct master));
    assert_true(sizeof(struct master) <= 320);
}

/* The retry is of the poll that failed. */
static void second_poll_retries(void **state)
{
    (void)state;
    static const struct master_poll polls[] = {{90000, CLASS_1, 0, 0}, {30000, CLASS_2, 0, 0}};
    struct script s;
    script_polled(&s, polling(polls, 2));
    waits(&s, 30000);
    sends(&s, "C1 01 3C 03 06");
    waits(&s, 10000);
    sends(&s, "C2 01 3C 03 06");
    gets(&s, "C2 81 00 00");
    tells(&s, "done poll ok");
    waits(&s, 19999);
    sends_nothing(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_polls),
        cmocka_unit_test(without_a_period),
        cmocka_unit_test(schedule_does_not_drift),
        cmocka_unit_test(missed_turns_are_left_out),
        cmocka_unit_test(first_turn_is_the_callers),
        cmocka_unit_test(most_overdue_first),
        cmocka_unit_test(polls_held),
        cmocka_unit_test(failed_poll_retries),
        cmocka_unit_test(refused_poll_waits_for_its_turn),
        cmocka_unit_test(priorities),
        cmocka_unit_test(demanded_integrity),
        cmocka_unit_test(offline_and_back),
        cmocka_unit_test(timeouts_in_a_row),
        cmocka_unit_test(never_answered),
        cmocka_unit_test(unsolicited_wakes_the_attempts),
        cmocka_unit_test(disconnect_aborts_the_task),
        cmocka_unit_test(schedule_outlives_the_connection),
        cmocka_unit_test(size_of_a_session),
        cmocka_unit_test(second_poll_retries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
