// SPDX-License-Identifier: Apache-2.0
/* Held confirms and repeats: dnp3-reference/application.md 5, master.md 2.1 and 10, outstation.md 3.
 */
#include "support/cm.h"

#include "support/script.h"

/* A fragment with events is confirmed after its release, with its own SEQ and UNS (application.md 1.1, 5). */
static void unsolicited_events_wait(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F7 82 00 00 " EVENT);
    tells(&s, "fragment #1 events 1 uns");
    sends_nothing(&s);
    waits(&s, 100);
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "D7 00");
}

static void solicited_events_wait(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "E3 81 00 00 " EVENT);
    tells(&s, "fragment #1 events 1");
    sends_nothing(&s);
    releases(&s, 1);
    tells(&s, "done poll ok");
    sends(&s, "C3 00");
}

/* Neither events nor a new edge: confirmed at once. */
static void statics_with_con_confirmed_at_once(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "E3 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1; done poll ok");
    sends(&s, "C3 00");
}

/* Without CON nothing is confirmed, and nothing waits. */
static void fragment_without_con(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "C3 81 00 00 " EVENT);
    tells(&s, "fragment #0 events 1 nocon; done poll ok");
    sends_nothing(&s);
}

/* A new IIN2.3: the confirm, after which the bit may clear, waits for the record. */
static void overflow_holds_null_confirm(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.integrity_on_overflow = false;
    script_online(&s, config);
    gets(&s, "F1 82 00 08");
    tells(&s, "overflow; fragment #1 uns; iin 0800");
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "F2 82 00 08");
    tells(&s, "proof 1"); /* the bit is no news any more */
    sends(&s, "D2 00");
}

/* Each fragment of a response waits for its own release; the next one proves it (the rule of proof, a). */
static void multi_fragment_with_held_confirms(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "A3 81 00 00 " EVENT);
    tells(&s, "fragment #1 events 1");
    sends_nothing(&s);
    releases(&s, 1);
    tells(&s, "");
    sends(&s, "C3 00");
    gets(&s, "24 81 00 00 " EVENT2);
    tells(&s, "proof 1; fragment #2 events 1");
    releases(&s, 2);
    sends(&s, "C4 00");
    gets(&s, "45 81 00 00 " STATIC);
    tells(&s, "proof 2; fragment #0 statics 1 nocon; done poll ok");
    waits(&s, 10000);
    sends(&s, "C6 01 3C 02 06"); /* application.md 5.3: on from the last fragment's SEQ */
}

/* The response timer starts again when the confirm leaves, not when the fragment came. */
static void response_timer_restarts_with_confirm(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "A3 81 00 00 " EVENT);
    waits(&s, 4000);
    releases(&s, 1);
    sends(&s, "C3 00");
    waits(&s, 4999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "done poll timeout");
}

/* While a solicited confirm is held no request leaves, for it would cancel the response; link frames and
 * unsolicited confirms may go. */
static void held_solicited_confirm_stops_requests(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "E3 81 00 00 " EVENT);
    master_demand_integrity(&s.m, &s.at);
    waits(&s, 3000);
    sends_nothing(&s);
    gets_link(&s, 0x49);
    sends(&s, "link 8B");
    gets(&s, "F2 82 00 00");
    sends(&s, "D2 00");
    releases(&s, 1);
    tells(&s, "done poll ok");
    sends(&s, "C3 00");
    sends(&s, "C4 " INTEGRITY);
}

/* Held until the task's timeout: dropped for good. The response was complete, so the task is done. */
static void solicited_hold_dropped_on_timeout(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "E3 81 00 00 " EVENT);
    waits(&s, 4999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "done poll ok");
    releases(&s, 1);
    sends_nothing(&s);
}

/* In the middle of a response the task falls with its confirm; the station is not blamed for it. */
static void solicited_hold_dropped_in_mid_response(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "A3 81 00 00 " EVENT);
    waits(&s, 5000);
    tells(&s, "done poll dropped");
    releases(&s, 1);
    sends_nothing(&s);
    waits(&s, 5000);
    sends(&s, "C4 01 3C 02 06");
    assert_int_equal(s.m.timeouts, 0);
}

/* A solicited fragment while the confirm of the one before is held: refused, and the hold stays. */
static void solicited_fragment_during_hold(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "A3 81 00 00 " EVENT);
    gets(&s, "24 81 00 00 " EVENT2);
    tells(&s, "refused held");
    gets(&s, "A3 81 00 00 " EVENT);
    tells(&s, "refused held");
    releases(&s, 1);
    sends(&s, "C3 00");
}

/* Held longer than the station's confirm timeout: dropped; a release then sends nothing. */
static void unsolicited_hold_dropped_on_timeout(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 5000);
    releases(&s, 1);
    sends_nothing(&s);
}

static void unsolicited_hold_lasts_until_timeout(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 4999);
    releases(&s, 1);
    sends(&s, "D1 00");
}

/* A newer unsolicited fragment that is not its repeat takes the place of a held one. */
static void unsolicited_hold_dropped_by_newer(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "F2 82 00 00 " EVENT EVENT2);
    tells(&s, "fragment #2 events 2 uns");
    releases(&s, 1);
    sends_nothing(&s);
    releases(&s, 2);
    sends(&s, "D2 00");
}

static void holds_dropped_on_disconnect(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "E3 81 00 00 " EVENT2);
    reconnects(&s);
    tells(&s, "done poll dropped; offline");
    sends(&s, "C0 " DISABLE);
    releases(&s, 1);
    releases(&s, 2);
    sends_nothing(&s);
}

/* The two kinds do not touch each other. */
static void solicited_and_unsolicited_holds(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "E3 81 00 00 " EVENT2);
    releases(&s, 2);
    sends(&s, "C3 00");
    releases(&s, 1);
    sends(&s, "D1 00");
}

/* master.md 2.1, row 5: a repeat of what is durable is confirmed at once and not processed. */
static void repeat_after_release(void **state)
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
}

/* ... of what is still held: held again, from now, and confirmed once with the release. */
static void repeat_before_release(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 4000);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "repeat #1");
    sends_nothing(&s);
    waits(&s, 4000);
    releases(&s, 1);
    sends(&s, "D1 00");
    sends_nothing(&s);
}

/* ... of one whose hold was dropped by its timeout, before and after the late release. */
static void repeat_after_dropped_hold(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 5000);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "repeat #1");
    waits(&s, 5000);
    releases(&s, 1);
    sends_nothing(&s);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "repeat #1");
    sends(&s, "D1 00");
}

/* Same SEQ with other octets, and same octets with another SEQ, are no repeats. */
static void regenerated_is_no_repeat(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "F1 82 00 00 " EVENT2);
    tells(&s, "fragment #2 events 1 uns");
    gets(&s, "F2 82 00 00 " EVENT2);
    tells(&s, "fragment #3 events 1 uns");
}

/* A null does not replace what is remembered, but it drops the hold; other data does replace it. */
static void null_does_not_replace_the_remembered(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "F2 82 00 00");
    sends(&s, "D2 00");
    releases(&s, 1);
    sends_nothing(&s);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "repeat #1");
    sends(&s, "D1 00");
    gets(&s, "F2 82 00 00 " EVENT2);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "fragment #3 events 1 uns");
}

/* Nothing is remembered over a connection, a restart, or a fragment given up. */
static void remembered_is_forgotten(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = 0;
    script_connect(&s, config);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 00 00");
    gets(&s, "F1 82 00 00 " EVENT);
    master_give_up(&s.m, 1);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "fragment #2 events 1 uns");
    reconnects(&s);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 00 00");
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "fragment #3 events 1 uns");
    gets(&s, "F0 82 80 00");
    releases(&s, 4);
    sends(&s, "D0 00");
    sends(&s, "C1 " CLEAR);
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 " INTEGRITY);
    gets(&s, "C2 81 00 00");
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "fragment #5 events 1 uns");
}

/* Given up: neither confirmed now nor with a late release. A solicited one ends its task. */
static void given_up_is_never_confirmed(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "F1 82 00 00 " EVENT);
    master_give_up(&s.m, 1);
    waits(&s, 1);
    sends_nothing(&s);
    gets(&s, "A3 81 00 00 " EVENT2);
    master_give_up(&s.m, 2);
    waits(&s, 1);
    tells(&s, "done poll dropped");
    releases(&s, 2);
    sends_nothing(&s);
    waits(&s, 5000);
    sends(&s, "C4 01 3C 02 06");
}

/* master.md 5, 10.8: an unknown object ends the reading; the fragment is confirmed once it is stored. */
static void unknown_object_in_a_response(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "E3 81 00 00 " EVENT " C8 01 17 01 00 FF");
    tells(&s, "fragment #1 events 1 broken");
    releases(&s, 1);
    tells(&s, "done poll ok");
    sends(&s, "C3 00");
}

/* The unreadable part may hold events, so without a readable one it waits for the quarantine too. */
static void unreadable_unsolicited_waits(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 C8 01 17 01 00 FF");
    tells(&s, "fragment #1 broken uns");
    sends_nothing(&s);
    releases(&s, 1);
    sends(&s, "D1 00");
}

/* An unsolicited response with static objects only: nothing to wait for; its repeat is a repeat. */
static void unsolicited_statics(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 uns");
    sends(&s, "D1 00");
    gets(&s, "F1 82 00 00 " STATIC);
    tells(&s, "repeat #0");
    sends(&s, "D1 00");
}

/* What was durable before says nothing about the fragment that is remembered now. */
static void repeat_of_a_second_fragment(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "F2 82 00 00 " EVENT2);
    gets(&s, "F2 82 00 00 " EVENT2);
    tells(&s, "repeat #2");
    sends_nothing(&s);
    releases(&s, 2);
    sends(&s, "D2 00");
}

/* A confirm that could not leave before the restart was seen does not leave after it; the next task is not
 * touched by that. */
static void restart_drops_what_is_blocked(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    s.blocked = true;
    gets(&s, "E3 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1; done poll ok");
    gets(&s, "F0 82 80 00");
    tells(&s, "restart; fragment #1 uns; iin 0080");
    waits(&s, 1);
    tells(&s, "");
    s.blocked = false;
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C4 " CLEAR);
}

/* The caller is woken when a hold ends, not before. */
static void deadline_of_a_hold(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    waits(&s, 10);
    gets(&s, "F1 82 00 00 " EVENT);
    assert_true(master_deadline_ms(&s.m) == s.at.now_ms + 5000);
    waits(&s, 5000);
    assert_true(master_deadline_ms(&s.m) == s.at.now_ms + 55000); /* the keep-alive */
}

/* A release that follows a giving up sends nothing. */
static void given_up_and_released(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    master_give_up(&s.m, 1);
    releases(&s, 1);
    sends_nothing(&s);
}

/* The news say where in its response a fragment stands, when it was asked for and what it holds. */
static void fields_of_a_fragment(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    int64_t asked_ms = s.at.wall_ms;
    waits(&s, 30);
    gets(&s, "83 81 00 00 " STATIC);
    assert_true(s.fragment.first && !s.fragment.last && !s.fragment.unsolicited);
    assert_true(s.fragment.requested_wall_ms == asked_ms);
    assert_int_equal(s.fragment.fragment.objects_len, 6);
    gets(&s, "04 81 00 00 " STATIC);
    assert_true(!s.fragment.first && !s.fragment.last);
    gets(&s, "F1 82 00 00 " EVENT);
    assert_true(s.fragment.first && s.fragment.last && s.fragment.unsolicited);
    waits(&s, 12);
    gets(&s, "45 81 00 00 " STATIC);
    assert_true(!s.fragment.first && s.fragment.last);
    assert_int_equal(s.done.took_ms, 42);
}

/* A restart told by a response: the unsolicited confirm that is held is for a station that is no more. */
static void restart_drops_a_held_unsolicited_confirm(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "C3 81 80 00");
    tells(&s, "restart; fragment #2 nocon; done poll ok; iin 0080");
    releases(&s, 1);
    sends_nothing(&s);
}

/* ... told by an unsolicited response: so is the solicited one, in the middle of a response and at its end.
 */
static void restart_drops_a_held_solicited_confirm(void **state)
{
    (void)state;
    static const char *const fragments[] = {"A3 81 00 00 " EVENT, "E3 81 00 00 " EVENT};
    for (size_t i = 0; i < 2; i++) {
        struct script s;
        script_polling(&s);
        gets(&s, fragments[i]);
        gets(&s, "F0 82 80 00");
        waits(&s, 1);
        tells(&s, "done poll dropped");
        releases(&s, 1);
        sends_nothing(&s);
        releases(&s, 2);
        sends(&s, "D0 00");
        sends(&s, "C4 " CLEAR);
    }
}

/* Giving up an older fragment leaves the newer one alone. */
static void older_fragment_given_up(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "F2 82 00 00 " EVENT2);
    master_give_up(&s.m, 1);
    gets(&s, "F2 82 00 00 " EVENT2);
    tells(&s, "repeat #2");
    releases(&s, 2);
    sends(&s, "D2 00");
}

/* The promise: a confirm after which IIN2.3 may clear leaves only after the record of the overflow, which
 * came later, is durable. */
static void overflow_holds_an_earlier_confirm(void **state)
{
    (void)state;
    struct script s;
    script_polling(&s);
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "C3 81 00 08");
    tells(&s, "overflow; fragment #2 nocon; done poll ok; iin 0800");
    sends(&s, "C4 " INTEGRITY);
    releases(&s, 1);
    sends_nothing(&s);
    releases(&s, 2);
    sends(&s, "D1 00");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(overflow_holds_an_earlier_confirm),
        cmocka_unit_test(unsolicited_events_wait),
        cmocka_unit_test(solicited_events_wait),
        cmocka_unit_test(statics_with_con_confirmed_at_once),
        cmocka_unit_test(fragment_without_con),
        cmocka_unit_test(overflow_holds_null_confirm),
        cmocka_unit_test(multi_fragment_with_held_confirms),
        cmocka_unit_test(response_timer_restarts_with_confirm),
        cmocka_unit_test(held_solicited_confirm_stops_requests),
        cmocka_unit_test(solicited_hold_dropped_on_timeout),
        cmocka_unit_test(solicited_hold_dropped_in_mid_response),
        cmocka_unit_test(solicited_fragment_during_hold),
        cmocka_unit_test(unsolicited_hold_dropped_on_timeout),
        cmocka_unit_test(unsolicited_hold_lasts_until_timeout),
        cmocka_unit_test(unsolicited_hold_dropped_by_newer),
        cmocka_unit_test(holds_dropped_on_disconnect),
        cmocka_unit_test(solicited_and_unsolicited_holds),
        cmocka_unit_test(repeat_after_release),
        cmocka_unit_test(repeat_before_release),
        cmocka_unit_test(repeat_after_dropped_hold),
        cmocka_unit_test(regenerated_is_no_repeat),
        cmocka_unit_test(null_does_not_replace_the_remembered),
        cmocka_unit_test(remembered_is_forgotten),
        cmocka_unit_test(given_up_is_never_confirmed),
        cmocka_unit_test(unknown_object_in_a_response),
        cmocka_unit_test(unreadable_unsolicited_waits),
        cmocka_unit_test(unsolicited_statics),
        cmocka_unit_test(repeat_of_a_second_fragment),
        cmocka_unit_test(restart_drops_what_is_blocked),
        cmocka_unit_test(deadline_of_a_hold),
        cmocka_unit_test(given_up_and_released),
        cmocka_unit_test(fields_of_a_fragment),
        cmocka_unit_test(restart_drops_a_held_unsolicited_confirm),
        cmocka_unit_test(restart_drops_a_held_solicited_confirm),
        cmocka_unit_test(older_fragment_given_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
