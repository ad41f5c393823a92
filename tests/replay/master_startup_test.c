// SPDX-License-Identifier: Apache-2.0
/* Start-up sequence and start-up gate: dnp3-reference/master.md 2, 2.1, 4; clearing IIN1.7: master.md 3, 6.
 */
#include "support/cm.h"

#include "support/script.h"

/* master.md 2: the six steps in order, on an outstation that has just restarted. */
static void start_up_in_order(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 90 00");
    tells(&s, "restart; fragment #1 nocon unsync; done disable_unsolicited ok; iin 0090");
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "C1 " CLEAR);
    gets(&s, "C1 81 10 00");
    tells(&s, "done clear_restart ok; iin 0010");
    sends(&s, "C2 " INTEGRITY);
    gets(&s, "C2 81 10 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon unsync; done integrity ok; online");
    sends(&s, "C3 18");
    gets(&s, "C3 81 10 00");
    sends(&s, "C4 02 32 03 07 01 00 7C 29 1F 94 01");
    gets(&s, "C4 81 00 00");
    tells(&s, "done time_sync ok; iin 0000");
    sends(&s, "C5 " ENABLE);
    gets(&s, "C5 81 00 00");
    tells(&s, "done enable_unsolicited ok");
    sends_nothing(&s);
    assert_true(master_is_online(&s.m));
}

/* master.md 2: the integrity poll is required on a plain reconnect too; SEQ starts at 0 (master.md 8). */
static void reconnect_polls_again(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    reconnects(&s);
    tells(&s, "offline");
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 00");
    tells(&s, "done integrity ok; online");
    sends(&s, "C2 " ENABLE);
}

/* master.md 2, steps 1 and 6 are configured. */
static void unsolicited_left_alone(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = 0;
    script_connect(&s, config);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 00 00");
    tells(&s, "done integrity ok; online");
    sends_nothing(&s);
}

/* master.md 2, step 6: only the configured classes. */
static void enables_configured_classes(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = CLASS_1 | CLASS_3;
    script_connect(&s, config);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 14 3C 02 06 3C 04 06");
}

/* master.md 2, step 1: IIN2.0 means no unsolicited responses, steps 1 and 6 are left out for good. */
static void no_unsolicited_support(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 01");
    tells(&s, "done disable_unsolicited refused");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 00");
    tells(&s, "done integrity ok; online");
    sends_nothing(&s);
}

/* master.md 2, step 6 "as 1": IIN2.0 on ENABLE_UNSOLICITED. */
static void enable_refused(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.link_idle_ms = 0;
    script_connect(&s, config);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " ENABLE);
    gets(&s, "C1 81 00 01");
    tells(&s, "done enable_unsolicited refused");
    waits(&s, 600000);
    sends_nothing(&s);
}

/* master.md 2, 4: a step that gets no answer is retried with back-off and keeps the later steps waiting. */
static void step_without_answer_blocks(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    waits(&s, 5000);
    tells(&s, "done disable_unsolicited timeout");
    waits(&s, 4999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C1 " DISABLE);
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 " INTEGRITY);
}

/* master.md 2, step 4: an integrity poll without answer is retried with doubling back-off. */
static void integrity_backs_off(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.offline_after = 0;
    config.link_idle_ms = 0;
    script_connect(&s, config);
    static const char *const requests[] = {"C0 " INTEGRITY, "C1 " INTEGRITY, "C2 " INTEGRITY,
                                           "C3 " INTEGRITY, "C4 " INTEGRITY, "C5 " INTEGRITY};
    static const int pauses_ms[] = {5000, 10000, 20000, 40000, 60000, 60000};
    for (size_t i = 0; i < sizeof pauses_ms / sizeof *pauses_ms; i++) {
        sends(&s, requests[i]);
        waits(&s, 5000 + pauses_ms[i] - 1);
        sends_nothing(&s);
        waits(&s, 1);
    }
    sends(&s, "C6 " INTEGRITY);
}

/* master.md 2.1, row 1: a null unsolicited response is always confirmed, gate or not. */
static void null_unsolicited_confirmed(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "F5 82 00 00");
    tells(&s, "");
    sends(&s, "D5 00");
    gets(&s, "F5 82 00 00");
    sends(&s, "D5 00");
}

/* master.md 2.1, rows 1 and 4: one with a new IIN1.7 waits for the record of the restart. */
static void null_unsolicited_with_restart_waits(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080");
    sends_nothing(&s);
    gets(&s, "C0 81 80 00");
    tells(&s, "done disable_unsolicited ok");
    sends_nothing(&s); /* IIN1.7 may not be cleared yet, and the integrity poll comes after that */
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C1 " CLEAR);
}

/* master.md 2.1, row 2: data before the integrity poll is neither confirmed nor remembered. */
static void data_before_integrity_refused(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "refused start_up");
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "refused start_up");
    sends_nothing(&s);
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 " ENABLE);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "fragment #1 events 1 uns"); /* no repeat: it was not handed to the store before */
    releases(&s, 1);
    sends(&s, "D1 00");
}

/* master.md 2.1, row 3, and the gate: it opens with the last fragment of the poll, not the first. */
static void gate_opens_with_last_fragment(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "81 81 00 00 " STATIC);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "refused start_up");
    gets(&s, "42 81 00 00 " STATIC);
    sends(&s, "C3 " ENABLE);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "fragment #1 events 1 uns");
}

/* Solicited fragments are stored and confirmed while the gate is closed. */
static void solicited_passes_closed_gate(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "E1 81 00 00 " EVENT " " STATIC);
    tells(&s, "fragment #1 events 1 statics 1");
    releases(&s, 1);
    tells(&s, "done integrity ok; online");
    sends(&s, "C1 00");
    sends(&s, "C2 " ENABLE);
}

/* master.md 2.1, row 4: IIN1.7 in unsolicited data closes the gate and starts again from step 2. The data is
 * left to the poll; the restart is recorded at once, and cleared before the poll. */
static void restart_in_unsolicited_data(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 80 00 " EVENT);
    tells(&s, "restart; fragment #1 uns nocon; refused start_up");
    sends_nothing(&s); /* the record is not durable yet */
    releases(&s, 1);
    sends(&s, "C3 " CLEAR); /* and no confirm */
    gets(&s, "C3 81 00 00");
    tells(&s, "done clear_restart ok");
    sends(&s, "C4 " INTEGRITY);
    gets(&s, "C4 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon; done integrity ok");
    sends(&s, "C5 " ENABLE);
}

/* master.md 2, 2.1: IIN1.7 while on line, in a null response: clear, integrity, enable; the station stays on
 * line. */
static void restart_while_online(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080");
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C3 " CLEAR);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "refused start_up"); /* what is refused tells nothing of the IIN either */
    gets(&s, "C3 81 00 00");
    tells(&s, "done clear_restart ok; iin 0000");
    sends(&s, "C4 " INTEGRITY);
    gets(&s, "C4 81 00 00");
    tells(&s, "done integrity ok");
    sends(&s, "C5 " ENABLE);
}

/* The gate opens only with a poll that was asked for after it closed. */
static void poll_asked_before_restart_opens_nothing(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080");
    releases(&s, 1);
    sends(&s, "D0 00");
    gets(&s, "C1 81 80 00 " STATIC); /* the task that runs ends first */
    tells(&s, "fragment #0 statics 1 nocon; done integrity ok");
    sends(&s, "C2 " CLEAR);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "refused start_up");
    gets(&s, "C2 81 00 00");
    sends(&s, "C3 " INTEGRITY);
    gets(&s, "C3 81 00 00");
    tells(&s, "done integrity ok; online");
    sends(&s, "C4 " ENABLE);
}

/* A restart that is seen while ENABLE_UNSOLICITED runs makes it worthless: it is sent again. */
static void restart_during_enable(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 " ENABLE);
    gets(&s, "C2 81 80 00");
    tells(&s, "restart; fragment #1 nocon; done enable_unsolicited ok; iin 0080");
    releases(&s, 1);
    sends(&s, "C3 " CLEAR);
    gets(&s, "C3 81 00 00");
    sends(&s, "C4 " INTEGRITY);
    gets(&s, "C4 81 00 00");
    sends(&s, "C5 " ENABLE);
}

/* master.md 3: IIN1.7 that stays set is written again with back-off, is no new restart and closes nothing. */
static void sticky_restart(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 80 00");
    releases(&s, 1);
    sends(&s, "C1 " CLEAR);
    gets(&s, "C1 81 80 00");
    tells(&s, "done clear_restart refused");
    sends(&s, "C2 " INTEGRITY);
    gets(&s, "C2 81 80 00");
    tells(&s, "done integrity ok; online");
    sends(&s, "C3 " ENABLE);
    gets(&s, "C3 81 80 00");
    gets(&s, "F1 82 80 00 " EVENT);
    tells(&s, "fragment #2 events 1 uns");
    releases(&s, 2);
    sends(&s, "D1 00");
    waits(&s, 5000);
    sends(&s, "C4 " CLEAR);
    gets(&s, "C4 81 80 00");
    tells(&s, "done clear_restart refused");
    waits(&s, 9999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C5 " CLEAR);
    gets(&s, "C5 81 00 00");
    tells(&s, "done clear_restart ok; iin 0000");
    waits(&s, 50000);
    sends_nothing(&s);
}

/* master.md 3, conformance.md 4: some show the bit once more in the answer to the write. */
static void restart_bit_shown_once_more(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 80 00");
    releases(&s, 1);
    sends(&s, "C1 " CLEAR);
    gets(&s, "C1 81 80 00");
    sends(&s, "C2 " INTEGRITY);
    gets(&s, "C2 81 00 00");
    tells(&s, "done integrity ok; online; iin 0000");
    sends(&s, "C3 " ENABLE);
    gets(&s, "C3 81 00 00");
    waits(&s, 30000);
    sends_nothing(&s); /* no second write */
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #2 uns; iin 0080"); /* it was seen clear: this is another restart */
}

/* Each connection starts afresh: the bit is a new edge on it. */
static void restart_bit_is_new_on_each_connection(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 80 00");
    tells(&s, "restart; fragment #1 nocon; done disable_unsolicited ok; iin 0080");
    reconnects(&s);
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 80 00");
    tells(&s, "restart; fragment #2 nocon; done disable_unsolicited ok");
    releases(&s, 1);
    sends_nothing(&s); /* that was the record of another connection */
    releases(&s, 2);
    sends(&s, "C1 " CLEAR);
}

/* A restart whose record was given up is told again, and IIN1.7 is not cleared before that is durable. */
static void restart_given_up(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 80 00");
    master_give_up(&s.m, 1);
    waits(&s, 1);
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 80 00");
    tells(&s, "restart; fragment #2 nocon; done integrity ok; online");
    sends_nothing(&s);
    releases(&s, 2);
    sends(&s, "C2 " CLEAR);
}

/* A WRITE that could not leave yet, or would be retried, must not clear a second restart unrecorded. */
static void second_restart_stops_the_clearing(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.request_retries = 1;
    script_connect(&s, config);
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 80 00");
    s.blocked = true;
    releases(&s, 1);
    gets(&s, "F1 82 00 00");
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #2 uns; done clear_restart dropped; iin 0080");
    s.blocked = false;
    waits(&s, 1);
    sends_nothing(&s);
    releases(&s, 2);
    sends(&s, "D0 00");
    sends(&s, "C2 " CLEAR);
    gets(&s, "F1 82 00 00");
    sends(&s, "D1 00");
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #3 uns; iin 0080");
    waits(&s, 5000);
    sends_nothing(&s); /* no retry */
    tells(&s, "done clear_restart timeout");
    releases(&s, 3);
    waits(&s, 5000);
    sends(&s, "C3 " CLEAR);
}

/* A restart seen while an earlier one is being cleared, and given up: told again, with the next fragment. */
static void second_restart_given_up(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 80 00");
    releases(&s, 1);
    sends(&s, "C1 " CLEAR);
    gets(&s, "F1 82 00 00");
    sends(&s, "D1 00");
    gets(&s, "F0 82 80 00");
    master_give_up(&s.m, 2);
    gets(&s, "C1 81 00 00");
    tells(&s, "restart; fragment #3 nocon; done clear_restart ok; iin 0000");
    sends(&s, "C2 " INTEGRITY); /* there is nothing left to clear */
    releases(&s, 3);
    sends_nothing(&s);
}

/* A restart that another master cleared meanwhile is not cleared again. */
static void restart_cleared_by_another(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 80 00 " EVENT);
    tells(&s, "restart; fragment #1 uns nocon; refused start_up");
    gets(&s, "F2 82 00 00");
    sends(&s, "D2 00");
    sends(&s, "C3 " INTEGRITY);
    releases(&s, 1);
    sends_nothing(&s);
    gets(&s, "C3 81 00 00");
    tells(&s, "done integrity ok");
    sends(&s, "C4 " ENABLE); /* nothing left to clear */
}

/* A stalled store: no poll starts; clearing IIN1.7 and time go on (time only when its turn has come). */
static void held_polls(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    holds_polls(&s, true);
    gets(&s, "C0 81 90 00");
    releases(&s, 1);
    sends(&s, "C1 " CLEAR);
    gets(&s, "C1 81 10 00");
    sends(&s, "C2 18");
    gets(&s, "C2 81 10 00");
    sends(&s, "C3 02 32 03 07 01 00 7C 29 1F 94 01");
    gets(&s, "C3 81 00 00");
    sends_nothing(&s);
    waits(&s, 50000);
    sends_nothing(&s);
    holds_polls(&s, false);
    sends(&s, "C4 " INTEGRITY);
}

/* A poll that is under way when the store stalls goes on. */
static void held_polls_let_the_running_one_end(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    holds_polls(&s, true);
    gets(&s, "C1 81 00 00");
    tells(&s, "done integrity ok; online");
    sends(&s, "C2 " ENABLE);
}

/* After a restart nothing of the later steps goes before the integrity poll, also while that backs off. */
static void restart_waits_for_integrity(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F0 82 80 00");
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C3 " CLEAR);
    gets(&s, "C3 81 00 00");
    sends(&s, "C4 " INTEGRITY);
    waits(&s, 9999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C5 " INTEGRITY);
    gets(&s, "C5 81 00 00");
    sends(&s, "C6 " ENABLE);
}

/* master.md 2, step 1, "for good": not after a restart either. */
static void no_unsolicited_after_restart(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 01");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 80 00");
    releases(&s, 1);
    sends(&s, "C2 " CLEAR);
    gets(&s, "C2 81 00 00");
    sends(&s, "C3 " INTEGRITY);
    gets(&s, "C3 81 00 00");
    sends_nothing(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(start_up_in_order),
        cmocka_unit_test(reconnect_polls_again),
        cmocka_unit_test(unsolicited_left_alone),
        cmocka_unit_test(enables_configured_classes),
        cmocka_unit_test(no_unsolicited_support),
        cmocka_unit_test(enable_refused),
        cmocka_unit_test(step_without_answer_blocks),
        cmocka_unit_test(integrity_backs_off),
        cmocka_unit_test(null_unsolicited_confirmed),
        cmocka_unit_test(null_unsolicited_with_restart_waits),
        cmocka_unit_test(data_before_integrity_refused),
        cmocka_unit_test(gate_opens_with_last_fragment),
        cmocka_unit_test(solicited_passes_closed_gate),
        cmocka_unit_test(restart_in_unsolicited_data),
        cmocka_unit_test(restart_while_online),
        cmocka_unit_test(poll_asked_before_restart_opens_nothing),
        cmocka_unit_test(restart_during_enable),
        cmocka_unit_test(sticky_restart),
        cmocka_unit_test(restart_bit_shown_once_more),
        cmocka_unit_test(restart_bit_is_new_on_each_connection),
        cmocka_unit_test(restart_given_up),
        cmocka_unit_test(second_restart_stops_the_clearing),
        cmocka_unit_test(second_restart_given_up),
        cmocka_unit_test(restart_cleared_by_another),
        cmocka_unit_test(held_polls),
        cmocka_unit_test(held_polls_let_the_running_one_end),
        cmocka_unit_test(restart_waits_for_integrity),
        cmocka_unit_test(no_unsolicited_after_restart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
