// SPDX-License-Identifier: Apache-2.0
/* Which responses are accepted, sequence numbers, retries: dnp3-reference/application.md 5, master.md 7, 10;
 * frames: link.md 3-6, transport.md; hostile ones: conformance.md 3. */
#include "support/cm.h"

#include "support/script.h"

static void script_awaiting_integrity(struct script *s, struct master_config config)
{
    config.disable_unsolicited_first = false;
    config.unsolicited_classes = 0;
    script_connect(s, config);
    sends(s, "C0 " INTEGRITY);
}

/* master.md 10.1 */
static void wrong_link_addresses(void **state)
{
    (void)state;
    struct script s;
    uint8_t wire[LINK_FRAME_MAX];
    const uint8_t user[] = {0xC0, 0xC0, 0x81, 0x00, 0x00};
    script_awaiting_integrity(&s, master_defaults());
    const struct {
        uint8_t control;
        uint16_t destination, source;
    } wrong[] = {{0x44, 2, 10}, {0x44, 1, 11}, {0xC4, 1, 10}, {0x44, 0xFFFF, 10}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        s.news[0] = '\0';
        script_frames(&s, wire,
                      link_encode(wrong[i].control, wrong[i].destination, wrong[i].source, user, sizeof user,
                                  wire, sizeof wire));
        tells(&s, "refused link");
    }
    gets(&s, "C0 81 00 00");
    tells(&s, "done integrity ok; online");
}

/* master.md 10.2 */
static void too_short_or_no_response(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "C0 81 00");
    tells(&s, "refused too_short");
    gets(&s, "C0");
    tells(&s, "refused too_short");
    gets(&s, "C0 00");
    tells(&s, "refused function");
    gets(&s, "C0 01 3C 01 06");
    tells(&s, "refused function");
    gets(&s, "C0 83 00 00");
    tells(&s, "refused function");
}

/* master.md 10.3 */
static void uns_must_fit_the_function(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "D0 81 00 00");
    tells(&s, "refused function");
    gets(&s, "E0 82 00 00");
    tells(&s, "refused function");
}

/* master.md 10.4, application.md 5.5: an unexpected solicited response is ignored and never confirmed. */
static void response_without_request(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "E2 81 00 00 " EVENT);
    tells(&s, "refused no_request");
    sends_nothing(&s);
}

static void wrong_sequence(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "E1 81 00 00 " EVENT);
    tells(&s, "refused sequence");
    gets(&s, "C0 81 00 00");
    tells(&s, "done integrity ok; online");
}

static void first_fragment_missing(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "40 81 00 00 " STATIC);
    tells(&s, "refused not_first");
    gets(&s, "80 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon");
    gets(&s, "C0 81 00 00"); /* FIR again in the middle */
    tells(&s, "refused not_first");
    gets(&s, "41 81 00 00");
    tells(&s, "done integrity ok; online");
}

/* What is ignored does not restart the response timer. */
static void refused_does_not_restart_the_timer(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    waits(&s, 4000);
    gets(&s, "C7 81 00 00");
    waits(&s, 1000);
    tells(&s, "done integrity timeout");
}

/* Each accepted fragment does (master.md 7). */
static void fragments_restart_the_timer(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    waits(&s, 4000);
    gets(&s, "80 81 00 00 " STATIC);
    waits(&s, 4000);
    gets(&s, "01 81 00 00 " STATIC);
    waits(&s, 4999);
    tells(&s, "");
    gets(&s, "42 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon; done integrity ok; online");
}

/* application.md 5.5: a gap in SEQ discards the rest, the task fails. */
static void gap_fails_the_task(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "80 81 00 00 " STATIC);
    gets(&s, "02 81 00 00 " STATIC);
    tells(&s, "refused sequence; done integrity bad");
    gets(&s, "43 81 00 00 " STATIC);
    tells(&s, "refused no_request");
    waits(&s, 5000);
    sends(&s, "C1 " INTEGRITY);
}

/* A middle fragment that comes twice is no gap. */
static void repeated_middle_fragment(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "80 81 00 00 " STATIC);
    gets(&s, "01 81 00 00 " STATIC);
    gets(&s, "01 81 00 00 " STATIC);
    tells(&s, "refused sequence");
    gets(&s, "42 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon; done integrity ok; online");
}

/* application.md 5.2, 5.3: SEQ of the fragments wraps from 15 to 0, and the next request goes on from there.
 */
static void sequence_wraps(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.link_idle_ms = 0;
    script_awaiting_integrity(&s, config);
    gets(&s, "80 81 00 00 " STATIC);
    for (unsigned seq = 1; seq < 16; seq++) {
        char hex[40];
        snprintf(hex, sizeof hex, "%02X 81 00 00 " STATIC, seq);
        gets(&s, hex);
        tells(&s, "fragment #0 statics 1 nocon");
    }
    gets(&s, "40 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon; done integrity ok; online");
    script_step(&s, __FILE__, __LINE__);
    master_demand_integrity(&s.m, &s.at);
    script_drain(&s);
    sends(&s, "C1 " INTEGRITY);
}

/* application.md 5.1: +1 modulo 16 for every new request. */
static void request_sequence_wraps(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "C0 81 00 00");
    for (unsigned seq = 1; seq < 18; seq++) {
        char hex[80];
        script_step(&s, __FILE__, __LINE__);
        master_demand_integrity(&s.m, &s.at);
        script_drain(&s);
        snprintf(hex, sizeof hex, "%02X " INTEGRITY, 0xC0 | (seq & 15));
        sends(&s, hex);
        snprintf(hex, sizeof hex, "%02X 81 00 00", 0xC0 | (seq & 15));
        gets(&s, hex);
        tells(&s, "done integrity ok");
    }
}

/* master.md 7: the answer to a request that timed out has an old SEQ: ignored, not confirmed. */
static void late_response(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    waits(&s, 5000);
    tells(&s, "done integrity timeout");
    gets(&s, "E0 81 00 00 " EVENT);
    tells(&s, "refused no_request");
    waits(&s, 5000);
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "E0 81 00 00 " EVENT);
    tells(&s, "refused sequence");
    sends_nothing(&s);
}

/* master.md 7, application.md 5.1: an immediate retry repeats SEQ and octets. */
/* The station may answer the repeat with more events than its first answer had: under the same SEQ a confirm
 * of that one would free them unseen. */
static void a_read_is_retried_with_the_next_sequence(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.request_retries = 1;
    script_awaiting_integrity(&s, config);
    waits(&s, 5000);
    tells(&s, "");
    sends(&s, "C1 " INTEGRITY);
    gets(&s, "E0 81 00 00 " EVENT); /* late: it stays unconfirmed, and comes again */
    tells(&s, "refused sequence");
    sends_nothing(&s);
    waits(&s, 5000);
    tells(&s, "done integrity timeout");
    waits(&s, 5000);
    sends(&s, "C2 " INTEGRITY);
    waits(&s, 5000);
    sends(&s, "C3 " INTEGRITY);
    gets(&s, "C3 81 00 00");
    tells(&s, "done integrity ok; online");
}

/* A response that has begun is not asked for again at once. */
static void no_retry_in_mid_response(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.request_retries = 1;
    script_awaiting_integrity(&s, config);
    gets(&s, "80 81 00 00 " STATIC);
    waits(&s, 5000);
    tells(&s, "done integrity timeout");
    sends_nothing(&s);
}

/* conformance.md 3: unsolicited during a poll. */
static void unsolicited_during_a_poll(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    script_step(&s, __FILE__, __LINE__);
    master_demand_integrity(&s.m, &s.at);
    script_drain(&s);
    sends(&s, "C3 " INTEGRITY);
    gets(&s, "83 81 00 00 " STATIC);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "fragment #1 events 1 uns");
    releases(&s, 1);
    sends(&s, "D1 00");
    gets(&s, "44 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon; done integrity ok");
}

/* application.md 1.1, 5: no continuity is expected of the unsolicited SEQ; FIR and FIN of it are ignored. */
static void unsolicited_sequence_jumps(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "FB 82 00 00 " EVENT);
    tells(&s, "fragment #1 events 1 uns");
    gets(&s, "F2 82 00 00 " EVENT);
    tells(&s, "fragment #2 events 1 uns");
    gets(&s, "33 82 00 00 " EVENT);
    tells(&s, "fragment #3 events 1 uns");
    releases(&s, 3);
    sends(&s, "D3 00");
}

/* application.md 1.1: unsolicited without CON is dropped. */
static void unsolicited_without_con(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    gets(&s, "D1 82 00 00 " EVENT);
    tells(&s, "refused no_con");
    sends_nothing(&s);
}

/* outstation.md 3: data that the gate left unconfirmed defers our READ until the station's timeout, so the
 * poll may take longer by that. */
static void deferred_read_has_more_time(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    waits(&s, 2000);
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "refused start_up");
    waits(&s, 7999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "done integrity timeout");
}

static void read_after_refused_data_has_more_time(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, master_defaults());
    sends(&s, "C0 " DISABLE);
    gets(&s, "F1 82 00 00 " EVENT);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    waits(&s, 9999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "done integrity timeout");
}

/* ... but only while it is out. */
static void read_long_after_refused_data(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.confirm_timeout_ms = 3000;
    script_connect(&s, config);
    sends(&s, "C0 " DISABLE);
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 3000);
    gets(&s, "C0 81 00 00");
    sends(&s, "C1 " INTEGRITY);
    waits(&s, 5000);
    tells(&s, "done integrity timeout");
}

/* master.md 3: IIN2.0-2.2 in the answer to a READ: data kept, reported, not repeated. */
static void read_with_errors(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.link_idle_ms = 0;
    script_awaiting_integrity(&s, config);
    gets(&s, "80 81 00 02 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon");
    gets(&s, "41 81 00 00 " STATIC);
    tells(&s, "fragment #0 statics 1 nocon; done integrity refused; online");
    waits(&s, 600000);
    sends_nothing(&s);
}

/* link.md 6: always answered, also while an exchange is in progress; link.md 5: reset, test, NACK. */
static void link_services_during_an_exchange(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets_link(&s, 0x49);
    sends(&s, "link 8B");
    gets_link(&s, 0x52);
    sends(&s, "link 81");
    gets_link(&s, 0x40);
    sends(&s, "link 80");
    gets_link(&s, 0x72);
    sends(&s, "link 80");
    gets_link(&s, 0x47);
    tells(&s, "refused link");
    sends(&s, "link 8F");
    gets(&s, "C0 81 00 00");
    tells(&s, "done integrity ok; online");
}

/* link.md 5: confirmed user data is acknowledged, its repeat is not delivered. */
static void confirmed_user_data(void **state)
{
    (void)state;
    struct script s;
    uint8_t wire[LINK_FRAME_MAX];
    const uint8_t user[] = {0xC0, 0xF1, 0x82, 0x00, 0x00};
    script_awaiting_integrity(&s, master_defaults());
    gets_link(&s, 0x40);
    sends(&s, "link 80");
    size_t len = link_encode(0x73, SCRIPT_MASTER, SCRIPT_STATION, user, sizeof user, wire, sizeof wire);
    script_frames(&s, wire, len);
    sends(&s, "link 80");
    sends(&s, "D1 00");
    script_frames(&s, wire, len);
    sends(&s, "link 80");
    sends_nothing(&s);
}

/* link.md 6: after the idle time REQUEST_LINK_STATUS; any valid frame restarts the timer. */
static void keep_alive(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    waits(&s, 59999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "link C9");
    gets_link(&s, 0x0B);
    waits(&s, 50000);
    gets(&s, "F1 82 00 00");
    sends(&s, "D1 00");
    waits(&s, 59999);
    sends_nothing(&s);
    waits(&s, 1);
    sends(&s, "link C9");
}

/* link.md 6: no reply means that the link is down; told once. */
static void link_dead(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    waits(&s, 60000);
    sends(&s, "link C9");
    waits(&s, 4999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "link_dead");
    waits(&s, 100000);
    tells(&s, "link_dead");
    sends_nothing(&s);
}

/* A channel that takes nothing is found dead too. */
static void link_dead_while_blocked(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    s.blocked = true;
    waits(&s, 65000);
    tells(&s, "link_dead");
}

static void no_keep_alive(void **state)
{
    (void)state;
    struct script s;
    struct master_config config = master_defaults();
    config.quirks = QUIRK_NO_LINK_STATUS;
    script_online(&s, config);
    waits(&s, 130000);
    tells(&s, "quirks 20; quirks 20");
    sends_nothing(&s);
}

/* A fragment of exactly 2048 octets, over nine segments (conformance.md 3). */
static void largest_fragment(void **state)
{
    (void)state;
    struct script s;
    static uint8_t fragment[APP_FRAGMENT_MAX] = {0xC0, 0x81, 0x00, 0x00};
    struct writer w = writer_over(fragment + 4, sizeof fragment - 4);
    object_write_range(&w, 1, 2, 0, 253);
    for (int i = 0; i < 254; i++)
        write_u8(&w, 0x81);
    object_write_range(&w, 30, 2, 0, 254);
    for (int i = 0; i < 255; i++)
        write_octets(&w, "\x01\x02\x00", 3);
    object_write_range(&w, 30, 1, 0, 201);
    for (int i = 0; i < 202; i++)
        write_octets(&w, "\x01\x02\x00\x00\x00", 5);
    size_t len = 4 + writer_len(&w);
    assert_false(w.failed);
    assert_int_equal(len, sizeof fragment);
    script_awaiting_integrity(&s, master_defaults());
    script_gets_octets(&s, fragment, len);
    tells(&s, "fragment #0 statics 711 nocon; done integrity ok; online");
}

/* transport.md: segments that do not belong together are dropped and counted. */
static void broken_segments(void **state)
{
    (void)state;
    struct script s;
    uint8_t wire[LINK_FRAME_MAX];
    const uint8_t first[] = {0x40, 0xC0, 0x81}, gap[] = {0x82, 0x00, 0x00}, empty[] = {0xC0};
    script_awaiting_integrity(&s, master_defaults());
    script_frames(&s, wire, link_encode(0x44, 1, 10, first, sizeof first, wire, sizeof wire));
    tells(&s, "");
    script_frames(&s, wire, link_encode(0x44, 1, 10, gap, sizeof gap, wire, sizeof wire));
    tells(&s, "refused transport");
    s.news[0] = '\0';
    script_frames(&s, wire, link_encode(0x44, 1, 10, empty, sizeof empty, wire, sizeof wire));
    tells(&s, "refused transport");
}

/* A fragment that is half received when the connection ends is forgotten (master.md 8). */
static void half_a_fragment_on_disconnect(void **state)
{
    (void)state;
    struct script s;
    uint8_t wire[LINK_FRAME_MAX];
    const uint8_t first[] = {0x40, 0xC0, 0x81}, second[] = {0x81, 0x00, 0x00};
    script_awaiting_integrity(&s, master_defaults());
    script_frames(&s, wire, link_encode(0x44, 1, 10, first, sizeof first, wire, sizeof wire));
    reconnects(&s);
    sends(&s, "C0 " INTEGRITY);
    script_frames(&s, wire, link_encode(0x44, 1, 10, second, sizeof second, wire, sizeof wire));
    tells(&s, "done integrity dropped; refused transport");
}

/* conformance.md 3: objects that lie about their size end the reading, and nothing else. */
static void hostile_objects(void **state)
{
    (void)state;
    static const char *const fragments[] = {
        "F1 82 00 00 02 01 17 FF 03 81",             /* count beyond the end */
        "F2 82 00 00 1E 01 01 00 00 FF FF 01",       /* 65,536 values in one octet */
        "F3 82 00 00 1E 01 00 09 03 01 00 00 00 00", /* start after stop */
        "F4 82 00 00 1E 01 7F 00",                   /* reserved qualifier */
        "F5 82 00 00 02",                            /* half a header */
        "F6 82 00 00 00 00 00 00 00 00 00 00",
    };
    struct script s;
    script_online(&s, master_defaults());
    for (size_t i = 0; i < sizeof fragments / sizeof *fragments; i++) {
        char confirm[8];
        gets(&s, fragments[i]);
        assert_non_null(strstr(s.news, "broken uns"));
        releases(&s, i + 1);
        snprintf(confirm, sizeof confirm, "D%zX 00", i + 1);
        sends(&s, confirm);
    }
}

/* Nothing happens to a master without a connection. */
static void disconnected_master_is_silent(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, master_defaults());
    master_disconnected(&s.m, &s.at);
    script_drain(&s);
    tells(&s, "done enable_unsolicited ok; offline");
    gets(&s, "F1 82 00 00 " EVENT);
    tells(&s, "");
    waits(&s, 1000000);
    tells(&s, "");
    sends_nothing(&s);
    assert_true(master_deadline_ms(&s.m) == NEVER_MS);
}

/* Once it answers, the station defers nothing any more. */
static void deferred_read_that_began(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    waits(&s, 7000);
    gets(&s, "80 81 00 00 " STATIC);
    waits(&s, 4999);
    tells(&s, "");
    waits(&s, 1);
    tells(&s, "done integrity timeout");
}

/* What another connection refused defers nothing on this one. */
static void refused_data_is_of_its_connection(void **state)
{
    (void)state;
    struct script s;
    script_awaiting_integrity(&s, master_defaults());
    gets(&s, "F1 82 00 00 " EVENT);
    reconnects(&s);
    sends(&s, "C0 " INTEGRITY);
    waits(&s, 5000);
    tells(&s, "done integrity timeout");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wrong_link_addresses),
        cmocka_unit_test(too_short_or_no_response),
        cmocka_unit_test(uns_must_fit_the_function),
        cmocka_unit_test(response_without_request),
        cmocka_unit_test(wrong_sequence),
        cmocka_unit_test(first_fragment_missing),
        cmocka_unit_test(refused_does_not_restart_the_timer),
        cmocka_unit_test(fragments_restart_the_timer),
        cmocka_unit_test(gap_fails_the_task),
        cmocka_unit_test(repeated_middle_fragment),
        cmocka_unit_test(sequence_wraps),
        cmocka_unit_test(request_sequence_wraps),
        cmocka_unit_test(late_response),
        cmocka_unit_test(a_read_is_retried_with_the_next_sequence),
        cmocka_unit_test(no_retry_in_mid_response),
        cmocka_unit_test(unsolicited_during_a_poll),
        cmocka_unit_test(unsolicited_sequence_jumps),
        cmocka_unit_test(unsolicited_without_con),
        cmocka_unit_test(deferred_read_has_more_time),
        cmocka_unit_test(read_after_refused_data_has_more_time),
        cmocka_unit_test(read_long_after_refused_data),
        cmocka_unit_test(read_with_errors),
        cmocka_unit_test(link_services_during_an_exchange),
        cmocka_unit_test(confirmed_user_data),
        cmocka_unit_test(keep_alive),
        cmocka_unit_test(link_dead),
        cmocka_unit_test(link_dead_while_blocked),
        cmocka_unit_test(no_keep_alive),
        cmocka_unit_test(largest_fragment),
        cmocka_unit_test(broken_segments),
        cmocka_unit_test(half_a_fragment_on_disconnect),
        cmocka_unit_test(hostile_objects),
        cmocka_unit_test(disconnected_master_is_silent),
        cmocka_unit_test(deferred_read_that_began),
        cmocka_unit_test(refused_data_is_of_its_connection),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
