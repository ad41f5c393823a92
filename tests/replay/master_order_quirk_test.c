// SPDX-License-Identifier: Apache-2.0
/* What a station does against the rules is borne with where its configuration says so, and told; and only
 * there.
 */
#include "support/cm.h"

#include "protocol/strings.h"
#include "support/orders.h"

static struct master_config config_with(uint16_t quirks)
{
    struct master_config config = master_defaults();
    config.quirks = quirks;
    config.link_idle_ms = 0;
    return config;
}

/* master.md 2: steps 1 and 6 are left out from the start. */
static void no_unsolicited(void **state)
{
    (void)state;
    struct script s;
    script_connect(&s, config_with(QUIRK_NO_UNSOLICITED));
    sends(&s, "C0 " INTEGRITY);
    tells(&s, "quirks 01");
    gets(&s, "C0 81 00 00");
    tells(&s, "done integrity ok; online");
    sends_nothing(&s);
}

/* time.md 5: no measurement, whatever procedure is configured. */
static void bare_time(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, config_with(QUIRK_BARE_G50V1));
    master_demand_time_sync(&s.m, &s.at);
    waits(&s, 1);
    tells(&s, "quirks 02");
    sends(&s, "C3 02 32 01 07 01 01 7C 29 1F 94 01");
    gets(&s, "C3 81 00 00");
    tells(&s, "done time_sync ok");
}

/* controls.md 1: close is sent as trip; the echo is compared with what was sent. */
static void trip_and_close(void **state)
{
    (void)state;
    struct script s;
    static const uint8_t codes[] = {0x41, 0x81, 0x03}, sent[] = {0x81, 0x41, 0x03};
    for (size_t i = 0; i < 3; i++) {
        struct control_point point = close_relay();
        struct control_order control;
        char request[100], echo[100];
        const char *rest = "01 E8 03 00 00 00 00 00 00 00";
        script_online(&s, config_with(QUIRK_TCC_SWAPPED));
        point.crob.code = codes[i];
        control_order_init(&control, CONTROL_DIRECT, &point, 1);
        orders(&s, &control.order);
        snprintf(request, sizeof request, "C3 05 0C 01 28 01 00 05 00 %02X %s", sent[i], rest);
        sends(&s, request);
        snprintf(echo, sizeof echo, "C3 81 00 00 0C 01 28 01 00 05 00 %02X %s", sent[i], rest);
        gets(&s, echo);
        tells(&s, i < 2 ? "quirks 04; answer; order success" : "answer; order success");
    }
}

/* master.md 3, 6: bits that stay set are answered once. */
static void sticky_bits(void **state)
{
    (void)state;
    for (int sticky = 0; sticky < 2; sticky++) {
        struct script s;
        script_connect(&s, config_with(sticky ? QUIRK_STICKY_IIN : 0));
        sends(&s, "C0 " DISABLE);
        gets(&s, "C0 81 90 08");
        releases(&s, 1);
        sends(&s, "C1 " CLEAR);
        gets(&s, "C1 81 90 08");
        tells(&s, sticky ? "done clear_restart refused; quirks 08" : "done clear_restart refused");
        sends(&s, "C2 " INTEGRITY);
        gets(&s, "C2 81 90 08");
        tells(&s, sticky ? "done integrity ok; online; quirks 08" : "done integrity ok; online");
        sends(&s, "C3 18");
        gets(&s, "C3 81 90 08");
        sends(&s, "C4 02 32 03 07 01 00 7C 29 1F 94 01");
        gets(&s, "C4 81 90 08");
        tells(&s, sticky ? "done time_sync refused; quirks 08" : "done time_sync refused");
        sends(&s, "C5 " ENABLE);
        gets(&s, "C5 81 90 08");
        waits(&s, 5000);
        if (sticky)
            sends_nothing(&s);
        else
            sends(&s, "C6 " CLEAR);
    }
}

/* objects.md 4: g110v0 has no octets to say; believed, the objects behind it can be read. */
static void strings_without_octets(void **state)
{
    (void)state;
    static const char response[] = "C3 81 00 00 6E 00 00 04 05 6E 00 17 02 01 09 " STATIC;
    static const struct request_item item = {.group = 110, .form = ITEM_ALL};
    for (int borne = 0; borne < 2; borne++) {
        struct script s;
        struct request_order request;
        script_online(&s, config_with(borne ? QUIRK_ZERO_LENGTH_STRINGS : 0));
        request_init(&request, REQUEST_READ, &item, 1);
        orders(&s, &request.order);
        sends(&s, "C3 01 6E 00 06");
        gets(&s, response);
        tells(&s, borne ? "fragment #0 statics 1 nocon; quirks 10; answer; order success"
                        : "fragment #0 broken nocon; answer; order success");
        assert_int_equal(s.fragment.summary.strings, borne ? 4 : 0);
        if (!borne)
            continue;
        uint8_t octets[64];
        struct app_fragment f;
        size_t len = hex_parse(response, octets, sizeof octets);
        assert_int_equal(app_parse(octets, len, &f), APP_OK);
        f.empty_strings = s.fragment.fragment.empty_strings;
        struct string_walk w = string_walk_begin(&f);
        struct object_string string;
        static const uint32_t indexes[] = {4, 5, 1, 9};
        for (size_t i = 0; i < 4; i++) {
            assert_true(string_walk_next(&w, &string));
            assert_int_equal(string.index, indexes[i]);
            assert_int_equal(string.len, 0);
        }
        assert_false(string_walk_next(&w, &string));
        assert_int_equal(w.defect, WALK_END);
    }
}

/* Nothing costs nothing: a range of 65,536 strings without octets is refused all the same. */
static void many_strings_without_octets(void **state)
{
    (void)state;
    struct script s;
    script_online(&s, config_with(QUIRK_ZERO_LENGTH_STRINGS));
    master_demand_integrity(&s.m, &s.at);
    waits(&s, 1);
    sends(&s, "C3 " INTEGRITY);
    gets(&s, "C3 81 00 00 6E 00 01 00 00 FF FF");
    tells(&s, "fragment #0 broken nocon; done integrity ok");
    assert_int_equal(s.fragment.summary.strings, 0);
}

/* g52 with a range, with an index, with a count of two octets, without any; and one that is cut off. */
static void delay_in_another_form(void **state)
{
    (void)state;
    static const char *const answers[] = {
        "C3 81 00 00 34 02 00 00 00 64 00", "C3 81 00 00 34 02 17 01 00 64 00",
        "C3 81 00 00 34 02 28 01 00 00 00 64 00", "C3 81 00 00 34 02 06 64 00", "C3 81 00 00 34 02 06 64"};
    for (int borne = 0; borne < 2; borne++) {
        for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
            struct script s;
            struct request_order request;
            bool good = borne && i < 4;
            script_online(&s, config_with(borne ? QUIRK_G52_COUNT : 0));
            request_init(&request, REQUEST_COLD_RESTART, NULL, 0);
            orders(&s, &request.order);
            sends(&s, "C3 0D");
            gets(&s, answers[i]);
            if (good)
                tells(&s, "quirks 40; answer");
            waits(&s, 100);
            assert_int_equal(request.order.outcome, good ? ORDER_SUCCESS : ORDER_BAD_ANSWER);
            assert_int_equal(request.told_ms, good ? 100 : 0);
        }
    }
}

/* The measurement of a time synchronisation bears with it too (time.md 4). */
static void delay_of_a_synchronisation(void **state)
{
    (void)state;
    for (int borne = 0; borne < 2; borne++) {
        struct script s;
        struct master_config config = config_with(borne ? QUIRK_G52_COUNT : 0);
        config.time_sync = TIME_SYNC_NON_LAN;
        script_online(&s, config);
        master_demand_time_sync(&s.m, &s.at);
        waits(&s, 1);
        sends(&s, "C3 17");
        gets(&s, "C3 81 00 00 34 02 00 00 00 00 00");
        if (borne) {
            tells(&s, "quirks 40");
            sends(&s, "C4 02 32 01 07 01 01 7C 29 1F 94 01");
        } else {
            tells(&s, "fragment #0 broken nocon; done time_sync bad");
        }
    }
}

static void quirks_have_names(void **state)
{
    (void)state;
    assert_string_equal(master_quirk_name(0), "no_unsolicited");
    assert_string_equal(master_quirk_name(QUIRKS - 1), "g52_count");
    assert_string_equal(master_quirk_name(QUIRKS), "?");
    for (unsigned bit = 0; bit < QUIRKS; bit++)
        assert_true(strlen(master_quirk_name(bit)) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_unsolicited),         cmocka_unit_test(bare_time),
        cmocka_unit_test(trip_and_close),         cmocka_unit_test(sticky_bits),
        cmocka_unit_test(strings_without_octets), cmocka_unit_test(many_strings_without_octets),
        cmocka_unit_test(delay_in_another_form),  cmocka_unit_test(delay_of_a_synchronisation),
        cmocka_unit_test(quirks_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
