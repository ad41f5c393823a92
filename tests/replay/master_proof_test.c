// SPDX-License-Identifier: Apache-2.0
/* Which occurrences prove that a confirm has arrived, and which do not: dnp3-reference/application.md 5,
 * outstation.md 3, 4. */
#include "support/cm.h"

#include "support/script.h"

/* Proof, b: the confirm left within half the confirm timeout; a new unsolicited fragment proves it. */
static void proof_by_new_unsolicited(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 2500);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "F2 82 00 00 " EVENT);
    tells(&s, "proof 1; fragment #2 events 1 uns");
    gets(&s, "F3 82 00 00");
    tells(&s, ""); /* once; and the second has not been confirmed */
    sends(&s, "D3 00");
}

/* A later confirm may have been ignored and proves nothing. */
static void late_confirm_proves_nothing(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 2501);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "F2 82 00 00 " EVENT);
    tells(&s, "fragment #2 events 1 uns");
}

/* What counts is when the confirm left, not when it was released. */
static void confirm_left_late_through_a_blocked_channel(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    s.blocked = true;
    releases(&s, 1);
    waits(&s, 3000);
    s.blocked = false;
    waits(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "F2 82 00 00");
    tells(&s, "");
    sends(&s, "D2 00");
}

/* The repeat itself is no proof: it says that the confirm had not arrived. */
static void repeat_proves_nothing(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "repeat #1");
    sends(&s, "D1 00");
    gets(&s, "F2 82 00 00 " EVENT2);
    tells(&s, "proof 1; fragment #2 events 1 uns");
}

/* A reply to a request that left after the confirm is proof. */
static void proof_by_response(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "E3 81 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "C3 00");
    waits(&s, 10000);
    sends(&s, "C4 01 3C 02 06");
    gets(&s, "C4 81 00 00");
    tells(&s, "proof 1; done poll ok");
}

/* ... to one that left before it is none. */
static void response_to_an_older_request_proves_nothing(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "F1 82 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "C3 81 00 00");
    tells(&s, "done poll ok");
    waits(&s, 10000);
    sends(&s, "C4 01 3C 02 06");
    gets(&s, "C4 81 00 00");
    tells(&s, "proof 1; done poll ok");
}

/* Both kinds proven by one response. */
static void proof_of_both_kinds(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "E3 81 00 00 " EVENT);
    gets(&s, "F1 82 00 00 " EVENT2);
    releases(&s, 1);
    sends(&s, "C3 00");
    releases(&s, 2);
    sends(&s, "D1 00");
    waits(&s, 10000);
    sends(&s, "C4 01 3C 02 06");
    gets(&s, "C4 81 00 00");
    tells(&s, "proof 1 2; done poll ok");
}

/* LINK_STATUS carries no IIN: the station may have restarted since, and not have heeded the confirm. */
static void link_status_proves_nothing(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "D1 00");
    waits(&s, 60000);
    sends(&s, "link C9");
    gets_link(&s, 0x0B);
    tells(&s, "");
}

/* Proof is of one connection. */
static void doubt_ends_with_the_connection(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "D1 00");
    reconnects(&s);
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    tells(&s, "done disable_unsolicited ok");
    sends(&s, "C1 " INTEGRITY);
}

/* A station that has restarted may have forgotten the confirm. */
static void restart_proves_nothing(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #2 uns; iin 0080");
}

/* The confirm of an unsolicited fragment is no part of the response that is under way. */
static void unsolicited_confirm_in_mid_response(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "83 81 00 00 " STATIC);
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 3000);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "04 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon"); /* late, and no reply to anything sent after it */
    gets(&s, "F2 82 00 00");
    sends(&s, "D2 00");
    waits(&s, 5000);
    tells(&s, "done poll timeout");
}

/* ... nor does it give the response more time. */
static void unsolicited_confirm_restarts_no_timer(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "83 81 00 00 " STATIC);
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 3000);
    releases(&s, 1);
    sends(&s, "D1 00");
    waits(&s, 1999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "done poll timeout");
    assert_int_equal(s.done.took_ms, 5000);
}

/* A read is retried with a SEQ of its own: its answer is one to the retry, and proves what came before. */
static void a_read_retried_proves(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.request_retries = 1;
    script_online(&s, config);
    script_step(&s, __FILE__, __LINE__);
    master_demand_integrity(&s.m, &s.at);
    script_drain(&s);
    sends(&s, "C3 " INTEGRITY);
    gets(&s, "F1 82 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "D1 00");
    waits(&s, 5000);
    sends(&s, "C4 " INTEGRITY);
    waits(&s, 200);
    gets(&s, "C4 81 00 00 " STATIC);
    tells(&s, "proof 1; fragment #0 statics 1 nocon; done integrity ok");
    assert_true(s.fragment.requested_wall_ms == SCRIPT_WALL_MS + 5000);
    assert_int_equal(s.done.took_ms, 200);
}

/* A response that tells of a restart proves nothing either. */
static void response_with_restart_proves_nothing(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "E3 81 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "C3 00");
    waits(&s, 10000);
    sends(&s, "C4 01 3C 02 06");
    gets(&s, "C4 81 80 00");
    tells(&s, "restart; fragment #2 nocon; done poll ok; iin 0080");
}

/* A second restart before IIN1.7 was cleared did not show: the answer to the clearing proves nothing. */
static void clearing_proves_nothing(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F0 82 80 00");
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C3 " CLEAR);
    gets(&s, "C3 81 00 00");
    tells(&s, "done clear_restart ok; iin 0000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clearing_proves_nothing),
        cmocka_unit_test(proof_by_new_unsolicited),
        cmocka_unit_test(late_confirm_proves_nothing),
        cmocka_unit_test(confirm_left_late_through_a_blocked_channel),
        cmocka_unit_test(repeat_proves_nothing),
        cmocka_unit_test(proof_by_response),
        cmocka_unit_test(response_to_an_older_request_proves_nothing),
        cmocka_unit_test(proof_of_both_kinds),
        cmocka_unit_test(link_status_proves_nothing),
        cmocka_unit_test(doubt_ends_with_the_connection),
        cmocka_unit_test(restart_proves_nothing),
        cmocka_unit_test(unsolicited_confirm_in_mid_response),
        cmocka_unit_test(unsolicited_confirm_restarts_no_timer),
        cmocka_unit_test(a_read_retried_proves),
        cmocka_unit_test(response_with_restart_proves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
