// SPDX-License-Identifier: Apache-2.0
/* Reactions to internal indications: dnp3-reference/application.md 3, master.md 3; time: time.md 2-6. */
#include "support/cm.h"

#include "support/script.h"

static struct master_config quiet_config(void)
{
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = 0;
    config.link_idle_ms = 0;
    return config;
}

/* On line after one integrity poll; the next request has SEQ 1. */
static void script_quiet(struct script *s, struct master_config config)
{
    script_connect(s, config);
    sends(s, "C0 " INTEGRITY);
    gets(s, "C0 81 00 00");
    tells(s, "done integrity ok; online");
}

static void demand(struct script *s)
{
    script_step(s, __FILE__, __LINE__);
    master_demand_integrity(&s->m, &s->at);
    script_drain(s);
}

/* The states are reported when they change; errors of a request are none (application.md 3). */
static void changes_are_told_once(void **state)
{
    (void)state;
    struct script s;
    script_quiet(&s, quiet_config());
    gets(&s, "F1 82 20 00");
    tells(&s, "iin 0020");
    sends(&s, "D1 00");
    gets(&s, "F2 82 20 00");
    tells(&s, "");
    sends(&s, "D2 00");
    demand(&s);
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 20 04");
    tells(&s, "done integrity refused");
    gets(&s, "F3 82 00 20");
    tells(&s, "iin 2000");
    sends(&s, "D3 00");
}

/* master.md 3: IIN2.3 schedules an integrity poll, on its edge. */
static void overflow_asks_for_integrity(void **state)
{
    (void)state;
    struct script s;
    script_quiet(&s, quiet_config());
    gets(&s, "F1 82 00 08 " EVENT);
    tells(&s, "overflow; fragment #1 events 1 uns; iin 0800");
    sends(&s, "C1 " INTEGRITY);
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "C1 81 00 00");
    tells(&s, "done integrity ok; iin 0000");
    waits(&s, 600000);
    sends_nothing(&s);
    gets(&s, "F2 82 00 08");
    tells(&s, "proof 1; overflow; fragment #2 uns; iin 0800");
    sends(&s, "C2 " INTEGRITY);
}

/* The integrity poll that tells of the overflow has brought the present state already. */
static void overflow_told_by_the_integrity_poll(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, quiet_config());
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "E0 81 00 08 " EVENT);
    tells(&s, "overflow; fragment #1 events 1; iin 0800");
    releases(&s, 1);
    tells(&s, "done integrity ok; online");
    sends(&s, "C0 00");
    sends_nothing(&s);
    gets(&s, "F1 82 00 00"); /* clear again: the poll that was planned for the case is called off */
    sends(&s, "D1 00");
    waits(&s, 600000);
    sends_nothing(&s);
}

/* master.md 3: persistent IIN2.3 is answered with a growing pause, and is one overflow. */
static void overflow_persists(void **state)
{
    (void)state;
    struct script s;
    script_quiet(&s, quiet_config());
    gets(&s, "F1 82 00 08");
    tells(&s, "overflow; fragment #1 uns; iin 0800");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 08");
    tells(&s, "done integrity ok");
    static const char *const requests[] = {"C2 " INTEGRITY, "C3 " INTEGRITY, "C4 " INTEGRITY};
    static const char *const answers[] = {"C2 81 00 08", "C3 81 00 08", "C4 81 00 08"};
    static const int pauses_ms[] = {5000, 10000, 20000};
    for (size_t i = 0; i < 3; i++) {
        waits(&s, pauses_ms[i] - 1);
        sends_nothing(&s);
        waits(&s, 1);
        sends(&s, requests[i]);
        gets(&s, answers[i]);
        tells(&s, "done integrity ok");
    }
}

static void overflow_without_integrity(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.integrity_on_overflow = false;
    script_quiet(&s, config);
    gets(&s, "F1 82 00 08");
    tells(&s, "overflow; fragment #1 uns; iin 0800");
    waits(&s, 1000);
    sends_nothing(&s);
}

/* An overflow whose record was given up is told again. */
static void overflow_given_up(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.integrity_on_overflow = false;
    script_quiet(&s, config);
    gets(&s, "F1 82 00 08");
    master_give_up(&s.m, 1);
    gets(&s, "F2 82 00 08");
    tells(&s, "overflow; fragment #2 uns");
}

/* An overflow told without CON needs no release, but its fragment is shown so that it can be recorded. */
static void overflow_without_con(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.integrity_on_overflow = false;
    script_quiet(&s, config);
    demand(&s);
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 08");
    tells(&s, "overflow; fragment #1 nocon; done integrity ok; iin 0800");
}

/* master.md 3: IIN1.1-1.3 ask for a scan of the configured classes at once. */
static void class_events_scanned(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.event_scan_classes = CLASS_1 | CLASS_2;
    script_quiet(&s, config);
    gets(&s, "F1 82 0E 00");
    sends(&s, "D1 00");
    sends(&s, "C1 01 3C 02 06 3C 03 06");
    gets(&s, "E1 81 08 00 " EVENT);
    tells(&s, "fragment #1 events 1; iin 0008");
    releases(&s, 1);
    tells(&s, "done event_scan ok");
    sends(&s, "C1 00");
    sends_nothing(&s); /* class 3 is not scanned */
}

/* ... which stays set after the scan: again with back-off, until it clears. */
static void class_events_stick(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.event_scan_classes = CLASS_EVENTS;
    script_quiet(&s, config);
    gets(&s, "F1 82 02 00");
    sends(&s, "D1 00");
    sends(&s, "C1 01 3C 02 06");
    gets(&s, "C1 81 02 00");
    waits(&s, 4999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C2 01 3C 02 06");
    gets(&s, "C2 81 02 00");
    waits(&s, 9999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C3 01 3C 02 06");
    gets(&s, "C3 81 00 00");
    waits(&s, 100000);
    sends_nothing(&s);
}

/* ... soon, as long as the scan brings events. */
static void class_events_fragment_by_fragment(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.event_scan_classes = CLASS_EVENTS;
    script_quiet(&s, config);
    gets(&s, "F1 82 02 00");
    sends(&s, "D1 00");
    sends(&s, "C1 01 3C 02 06");
    gets(&s, "E1 81 02 00 " EVENT);
    releases(&s, 1);
    sends(&s, "C1 00");
    waits(&s, 99);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C2 01 3C 02 06");
    gets(&s, "C2 81 02 00 " EVENT2); /* nobody wants to know whether these came */
    waits(&s, 100);
    sends(&s, "C3 01 3C 02 06");
    gets(&s, "C3 81 02 00");
    waits(&s, 4999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C4 01 3C 02 06");
    gets(&s, "C4 81 00 00");
    waits(&s, 100000);
    sends_nothing(&s);
}

/* ... not while unsolicited responses bring the class anyway. */
static void class_events_expected_unsolicited(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.event_scan_classes = CLASS_EVENTS;
    config.unsolicited_classes = CLASS_1;
    script_connect(&s, config);
    sends(&s, "C0 " DISABLE);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 00");
    sends(&s, "C2 14 3C 02 06");
    gets(&s, "C2 81 02 00");
    sends_nothing(&s);
    gets(&s, "F1 82 06 00");
    sends(&s, "D1 00");
    sends(&s, "C3 01 3C 03 06");
}

/* ... but a station that does not report by itself, as it refuses to or does not answer, is scanned. */
static void class_events_not_enabled(void **state)
{
    (void)state;
    static const char *const refusals[] = {"C1 81 02 01", "C1 81 02 02", "C1 81 02 04"};
    struct master_config config = master_defaults();
    config.disable_unsolicited_first = false;
    config.event_scan_classes = CLASS_EVENTS;
    config.link_idle_ms = 0;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct script s;
        script_connect(&s, config);
        sends(&s, "C0 " INTEGRITY);
        gets(&s, "C0 81 00 00");
        sends(&s, "C1 " ENABLE);
        gets(&s, refusals[i]);
        sends(&s, "C2 01 3C 02 06");
        gets(&s, "C2 81 00 00");
        sends_nothing(&s);
    }
    struct script s;
    script_connect(&s, config);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 02 00");
    sends(&s, "C1 " ENABLE);
    waits(&s, 5000);
    sends(&s, "C2 01 3C 02 06");
    gets(&s, "C2 81 00 00");
    waits(&s, 5000);
    sends(&s, "C3 " ENABLE);
    gets(&s, "C3 81 02 00");
    sends_nothing(&s); /* now it reports */
}

/* ... what the integrity poll of the start-up leaves is scanned after it; what it brings is not. */
static void class_events_left_by_the_integrity_poll(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.event_scan_classes = CLASS_EVENTS;
    script_connect(&s, config);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "F1 82 02 00"); /* class 1, which the poll brings */
    sends(&s, "D1 00");
    gets(&s, "C0 81 04 00"); /* class 2 has come meanwhile */
    sends(&s, "C1 01 3C 03 06");
    gets(&s, "C1 81 00 00");
    sends_nothing(&s);
}

/* time.md 3: RECORD_CURRENT_TIME, then g50v3 with the next SEQ and the time when the first left. */
static void lan_time(void **state)
{
    (void)state;
    struct script s;
    script_quiet(&s, quiet_config());
    gets(&s, "F1 82 10 00");
    tells(&s, "iin 0010");
    sends(&s, "D1 00");
    sends(&s, "C1 18");
    waits(&s, 40);
    gets(&s, "C1 81 10 00");
    tells(&s, "");
    sends(&s, "C2 02 32 03 07 01 00 7C 29 1F 94 01");
    gets(&s, "C2 81 00 00");
    tells(&s, "done time_sync ok; iin 0000");
    waits(&s, 600000);
    sends_nothing(&s);
}

/* time.md 4: DELAY_MEASURE; one way is (40 - 12) / 2 = 14 ms; the write carries now + 14 = T0 + 54. */
static void non_lan_time(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_NON_LAN;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 17");
    waits(&s, 40);
    gets(&s, "C1 81 10 00 34 02 07 01 0C 00");
    sends(&s, "C2 02 32 01 07 01 36 7C 29 1F 94 01");
    gets(&s, "C2 81 00 00");
    tells(&s, "done time_sync ok; iin 0000");
}

/* time.md 4: a negative delay discards the attempt; g52v1 counts seconds. */
static void non_lan_negative_delay(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_NON_LAN;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 17");
    waits(&s, 11);
    gets(&s, "C1 81 10 00 34 02 07 01 0C 00");
    tells(&s, "done time_sync bad");
    waits(&s, 5000);
    sends(&s, "C2 17");
    waits(&s, 900);
    gets(&s, "C2 81 10 00 34 01 07 01 01 00");
    tells(&s, "done time_sync bad");
    waits(&s, 10000);
    sends(&s, "C3 17");
    gets(&s, "C3 81 10 00"); /* no delay at all */
    tells(&s, "done time_sync bad");
}

/* time.md 5 */
static void direct_time(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_DIRECT;
    script_quiet(&s, config);
    waits(&s, 255);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 02 32 01 07 01 FF 7C 29 1F 94 01");
    gets(&s, "C1 81 00 00");
    tells(&s, "done time_sync ok; iin 0000");
}

/* time.md 6: IIN2.0 on FC 24, then on FC 23: the other procedure, then the direct write; remembered. */
static void time_falls_back(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync_period_ms = 20000;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 18");
    gets(&s, "C1 81 10 01");
    sends(&s, "C2 17");
    gets(&s, "C2 81 10 01");
    sends(&s, "C3 02 32 01 07 01 00 7C 29 1F 94 01");
    gets(&s, "C3 81 00 00");
    tells(&s, "done time_sync ok; iin 0000");
    waits(&s, 20000);
    sends(&s, "C4 02 32 01 07 01 20 CA 29 1F 94 01");
}

static void non_lan_falls_back_to_lan(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_NON_LAN;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 17");
    gets(&s, "C1 81 10 01");
    sends(&s, "C2 18");
}

/* time.md 6: still set after the write, or rejected: again, with a growing pause; polls are not kept waiting.
 */
static void time_bit_sticks(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_DIRECT;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 02 32 01 07 01 00 7C 29 1F 94 01");
    gets(&s, "C1 81 10 00");
    tells(&s, "done time_sync refused");
    demand(&s);
    sends(&s, "C2 " INTEGRITY);
    gets(&s, "C2 81 10 00");
    waits(&s, 5000);
    sends(&s, "C3 02 32 01 07 01 88 8F 29 1F 94 01");
    gets(&s, "C3 81 10 04");
    tells(&s, "done time_sync refused");
    waits(&s, 9999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C4 02 32 01 07 01 98 B6 29 1F 94 01");
}

/* A clock that is not to be trusted sets no other; it is asked again later. */
static void untrusted_clock(void **state)
{
    (void)state;
    struct script s;
    script_quiet(&s, quiet_config());
    s.at.wall_trusted = false;
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    waits(&s, 5000);
    sends_nothing(&s);
    s.at.wall_trusted = true;
    waits(&s, 10000);
    sends(&s, "C1 18");
}

/* A time request is never repeated as it is: its time would be wrong by the timeout. */
static void time_is_not_retried(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.request_retries = 1;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 18");
    waits(&s, 5000);
    tells(&s, "done time_sync timeout");
    sends_nothing(&s);
    waits(&s, 5000);
    sends(&s, "C2 18");
}

/* time.md 2: optionally periodic. */
static void periodic_time(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync_period_ms = 60000;
    script_quiet(&s, config);
    waits(&s, 59999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C1 18");
}

static void no_time_sync(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_NONE;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    waits(&s, 600000);
    sends_nothing(&s);
}

/* objects.md 3.1: what comes while IIN1.4 is set carries times that are not to be trusted. */
static void unsynchronised_fragment(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_NONE;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00 " EVENT);
    tells(&s, "fragment #1 events 1 uns unsync; iin 0010");
}

/* A poll that was demanded is not called off with the overflow. */
static void demand_outlives_the_overflow(void **state)
{
    (void)state;
    struct script s;
    script_quiet(&s, quiet_config());
    gets(&s, "F1 82 00 08");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "C1 81 00 08");
    holds_polls(&s, true);
    demand(&s);
    gets(&s, "F2 82 00 00");
    sends(&s, "D2 00");
    holds_polls(&s, false);
    sends(&s, "C2 " INTEGRITY);
}

/* An overflow in a later fragment: what the earlier ones showed may have missed it. */
static void overflow_in_mid_response(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, quiet_config());
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "80 81 00 00 " STATIC);
    gets(&s, "41 81 00 08 " STATIC);
    tells(&s, "overflow; fragment #1 statics 1 nocon; done integrity ok; online; iin 0800");
    sends(&s, "C2 " INTEGRITY);
}

/* Each connection starts afresh. */
static void overflow_on_a_new_connection(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.integrity_on_overflow = false;
    script_quiet(&s, config);
    gets(&s, "F1 82 00 08");
    reconnects(&s);
    sends(&s, "C0 " INTEGRITY);
    gets(&s, "C0 81 00 08");
    tells(&s, "overflow; fragment #2 nocon; done integrity ok; online");
}

/* The bits may go before the scan begins; a scan without answer asks for the same classes again. */
static void event_scan_called_off_and_retried(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.event_scan_classes = CLASS_EVENTS;
    script_quiet(&s, config);
    demand(&s);
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "F1 82 02 00");
    sends(&s, "D1 00");
    gets(&s, "C1 81 00 00");
    sends_nothing(&s);
    gets(&s, "F2 82 04 00");
    sends(&s, "D2 00");
    sends(&s, "C2 01 3C 03 06");
    waits(&s, 10000);
    tells(&s, "done event_scan timeout");
    sends(&s, "C3 01 3C 03 06");
    gets(&s, "F3 82 00 00"); /* gone while the scan is out, which then fails: nothing is left to ask */
    sends(&s, "D3 00");
    waits(&s, 600000);
    tells(&s, "done event_scan timeout");
    sends_nothing(&s);
}

/* After a restart time is needed anew, whatever back-off there was. */
static void restart_needs_time_again(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_DIRECT;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 02 32 01 07 01 00 7C 29 1F 94 01");
    gets(&s, "C1 81 10 00");
    gets(&s, "F0 82 90 00");
    releases(&s, 1);
    sends(&s, "D0 00");
    sends(&s, "C2 " CLEAR);
    gets(&s, "C2 81 10 00");
    sends(&s, "C3 " INTEGRITY);
    gets(&s, "C3 81 10 00");
    sends(&s, "C4 02 32 01 07 01 00 7C 29 1F 94 01");
}

/* The bit went without us: the next turn is the periodic one. */
static void time_set_by_another(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync_period_ms = 60000;
    script_quiet(&s, config);
    s.at.wall_trusted = false;
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    gets(&s, "F2 82 00 00");
    sends(&s, "D2 00");
    s.at.wall_trusted = true;
    waits(&s, 59999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "C1 18");
}

/* time.md 6: rejected at the first step; a clock that is no more trusted at the second. */
static void lan_time_stops_half_way(void **state)
{
    (void)state;
    struct script s;
    script_quiet(&s, quiet_config());
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 18");
    gets(&s, "C1 81 10 04");
    tells(&s, "done time_sync refused");
    waits(&s, 5000);
    sends(&s, "C2 18");
    s.at.wall_trusted = false;
    gets(&s, "C2 81 10 00");
    tells(&s, "done time_sync dropped");
    sends_nothing(&s);
}

/* time.md 6: without g50v3 the next attempt takes the other procedure. */
static void lan_object_unknown(void **state)
{
    (void)state;
    struct script s;
    script_quiet(&s, quiet_config());
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 18");
    gets(&s, "C1 81 10 00");
    sends(&s, "C2 02 32 03 07 01 00 7C 29 1F 94 01");
    gets(&s, "C2 81 10 02");
    tells(&s, "done time_sync refused");
    waits(&s, 5000);
    sends(&s, "C3 17");
}

/* time.md 4: no delay at all is a good one; the measure of one attempt is not that of the next. */
static void non_lan_without_delay(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = quiet_config();
    config.time_sync = TIME_SYNC_NON_LAN;
    script_quiet(&s, config);
    gets(&s, "F1 82 10 00");
    sends(&s, "D1 00");
    sends(&s, "C1 17");
    gets(&s, "C1 81 10 00 34 02 07 01 00 00");
    sends(&s, "C2 02 32 01 07 01 00 7C 29 1F 94 01");
    gets(&s, "C2 81 10 00");
    waits(&s, 5000);
    sends(&s, "C3 17");
    gets(&s, "C3 81 10 00");
    tells(&s, "done time_sync bad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(changes_are_told_once),
        cmocka_unit_test(overflow_asks_for_integrity),
        cmocka_unit_test(overflow_told_by_the_integrity_poll),
        cmocka_unit_test(overflow_persists),
        cmocka_unit_test(overflow_without_integrity),
        cmocka_unit_test(overflow_given_up),
        cmocka_unit_test(overflow_without_con),
        cmocka_unit_test(class_events_scanned),
        cmocka_unit_test(class_events_stick),
        cmocka_unit_test(class_events_expected_unsolicited),
        cmocka_unit_test(class_events_fragment_by_fragment),
        cmocka_unit_test(class_events_not_enabled),
        cmocka_unit_test(class_events_left_by_the_integrity_poll),
        cmocka_unit_test(lan_time),
        cmocka_unit_test(non_lan_time),
        cmocka_unit_test(non_lan_negative_delay),
        cmocka_unit_test(direct_time),
        cmocka_unit_test(time_falls_back),
        cmocka_unit_test(non_lan_falls_back_to_lan),
        cmocka_unit_test(time_bit_sticks),
        cmocka_unit_test(untrusted_clock),
        cmocka_unit_test(time_is_not_retried),
        cmocka_unit_test(periodic_time),
        cmocka_unit_test(no_time_sync),
        cmocka_unit_test(unsynchronised_fragment),
        cmocka_unit_test(demand_outlives_the_overflow),
        cmocka_unit_test(overflow_in_mid_response),
        cmocka_unit_test(overflow_on_a_new_connection),
        cmocka_unit_test(event_scan_called_off_and_retried),
        cmocka_unit_test(restart_needs_time_again),
        cmocka_unit_test(time_set_by_another),
        cmocka_unit_test(lan_time_stops_half_way),
        cmocka_unit_test(lan_object_unknown),
        cmocka_unit_test(non_lan_without_delay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
