// SPDX-License-Identifier: Apache-2.0
/*
 * Each function code, answered or refused: dnp3-reference/application.md 2, 4.1 and 6; which of them a
 * broadcast may carry: outstation.md 6; quirks that are simulated.
 */
#include "support/memory_files.h"
#include "support/outstation_rig.h"

static struct rig r;
static struct memory_files disk;
static struct outstation_files files;
static struct outstation_freezes freezes;
static struct outstation_application applications[2];

/* An outstation that has everything. */
static void full(void)
{
    memset(&disk, 0, sizeof disk);
    memory_files_put(&disk, "a", "hello", 5);
    outstation_files_init(&files, &memory_file_system, &disk, 7);
    freezes = (struct outstation_freezes){0};
    applications[0] = (struct outstation_application){"calc", APPLICATION_STOPPED};
    applications[1] = (struct outstation_application){"log", APPLICATION_STARTED};
    rig_setup(&r);
    rig_point(&r, POINT_FROZEN_ANALOG_INPUT, 0, CLASS_2);
    r.config.files = &files;
    r.config.freezes = &freezes;
    r.config.applications = applications;
    r.config.applications_len = 2;
    r.config.unsolicited = true;
    rig_connect(&r);
    rig_expect(&r, "F0 82 80 00");
    rig_send(&r, "D0 00");
    rig_exchange(&r, "CF 02 50 01 00 07 07 00", "CF 81 00 00");
}

/* One that has only points. */
static void bare(void)
{
    rig_setup(&r);
    rig_start(&r);
}

#define CROB  "0C 01 17 01 00 03 01 64 00 00 00 64 00 00 00 "
#define G50V2 "32 02 07 01 00 00 00 00 00 00 00 00 00 00 "
#define OPEN_A                                                                                               \
    "46 03 5B 01 1B 00 1A 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 04 00 07 00 61"
#define DELETE_A                                                                                             \
    "46 03 5B 01 1B 00 1A 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 07 00 61"
#define HANDLE_1 "46 04 5B 01 0D 00 01 00 00 00 00 00 00 00 00 00 07 00 00"
#define INFO_A   "46 07 5B 01 15 00 14 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 07 00 61"
#define LOGIN    "46 02 5B 01 0C 00 0C 00 00 00 0C 00 00 00 00 00 00 00"

/* NULL: silence. The sequence number is that of the row. */
static const struct {
    const char *request; /* from the function code on */
    const char *full;    /* the answer, from the IIN on */
    const char *bare;
} functions[] = {
    {"00", NULL, NULL},
    {"01 01 02 00 00 00", "00 00 01 02 00 00 00 01", "00 00 01 02 00 00 00 01"},
    {"02 50 01 00 07 07 00", "00 00", "00 00"},
    {"03 " CROB "00", "00 00 " CROB "00", "00 00 " CROB "00"},
    {"04 " CROB "00", "00 00 " CROB "02", "00 00 " CROB "02"}, /* nothing was selected */
    {"05 " CROB "00", "04 00 " CROB "00", "04 00 " CROB "00"},
    {"06 " CROB "00", NULL, NULL},
    {"07 14 00 06 1E 00 06", "0C 00", "08 02"},
    {"08 14 00 06", NULL, NULL},
    {"09 14 00 06", "08 00", "08 00"},
    {"0A 14 00 06", NULL, NULL},
    {"0B " G50V2 "14 00 06", "08 00", "00 01"},
    {"0C " G50V2 "14 00 06", NULL, NULL},
    {"0D", "00 00 34 01 07 01 01 00", "00 00 34 01 07 01 01 00"},
    {"0E", "00 00 34 02 07 01 E8 03", "00 00 34 02 07 01 E8 03"},
    {"0F 3C 01 06", "00 01", "00 01"},
    {"10 5A 01 06", "00 00", "00 01"},
    {"11 5A 01 5B 01 04 00 63 61 6C 63", "00 00", "00 01"},
    {"12 5A 01 5B 01 03 00 6C 6F 67", "00 00", "00 01"},
    {"13", "00 01", "00 01"},
    {"14 3C 02 06", "00 00", "00 01"},
    {"15 3C 02 06", "00 00", "00 01"},
    {"16 3C 02 06 01 00 06", "00 00", "00 00"},
    {"17", "00 00 34 02 07 01 00 00", "00 00 34 02 07 01 00 00"},
    {"18", "00 00", "00 00"},
    {"19 " OPEN_A, "00 00 46 04 5B 01 0D 00 ?? ?? ?? ?? 05 00 00 00 04 00 07 00 00", "00 01"},
    {"1A " HANDLE_1, "00 00 46 04 5B 01 0D 00 01 00 00 00 00 00 00 00 00 00 07 00 06", "00 01"},
    {"1B " DELETE_A, "00 00 46 04 5B 01 0D 00 00 00 00 00 00 00 00 00 00 00 07 00 00", "00 01"},
    {"1C " INFO_A, "00 00 46 07 5B 01 15 00 14 00 01 00 01 00 05 00 00 00 00 7C 29 1F 94 01 A4 01 07 00 61",
     "00 01"},
    {"1D " LOGIN, "00 00 46 02 5B 01 0C 00 0C 00 00 00 0C 00 00 00 ?? ?? ?? ??", "00 01"},
    {"1E " HANDLE_1, "00 00 46 04 5B 01 0D 00 01 00 00 00 00 00 00 00 00 00 07 00 06", "00 01"},
    {"1F 46 08 5B 01 01 00 61", "00 00 5B 01 5B 01 07 00 E8 03 00 00 01 01 00", "00 01"},
    {"20 78 04 07 01 01 00", "00 01", "00 01"},
    {"21 78 07 5B 01 01 00 00", NULL, NULL},
    {"22", "00 01", "00 01"},
    {"80", "00 01", "00 01"},
    {"81 00 00", NULL, NULL},
    {"82 00 00", NULL, NULL},
    {"83 00 00", NULL, NULL},
};

static void expect(const char *request, uint8_t seq, const char *answer)
{
    char text[512];
    snprintf(text, sizeof text, "C%X %s", seq, request);
    rig_send(&r, text);
    if (!answer) {
        rig_expect_nothing(&r);
        return;
    }
    snprintf(text, sizeof text, "C%X 81 %s", seq, answer);
    rig_expect(&r, text);
}

static void application_2_each_function_of_an_outstation_that_has_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        full();
        expect(functions[i].request, i & APP_SEQ, functions[i].full);
    }
}

static void application_2_each_function_of_one_that_has_only_points(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        bare();
        expect(functions[i].request, i & APP_SEQ, functions[i].bare);
    }
}

static void application_2_objects_are_wanted_or_not(void **state)
{
    (void)state;
    full();
    for (unsigned function = 1; function <= 31; function++) {
        char request[32];
        bool takes_none = function == 13 || function == 14 || function == 23 || function == 24;
        bool silent = function == 6 || function == 8 || function == 10 || function == 12;
        bool unknown = function == 15 || function == 19;
        snprintf(request, sizeof request, takes_none ? "%02X 3C 02 06" : "%02X", function);
        expect(request, function & APP_SEQ, silent ? NULL : unknown ? "00 01" : "00 04");
    }
}

static void application_6_errors_without_acknowledge_are_silent(void **state)
{
    (void)state;
    full();
    expect("06 1E 02 17 01 00 01", 1, NULL);
    expect("08 01 00 06", 2, NULL);
    expect("0A 14 00 00 05 01", 3, NULL);
    expect("0C 14 00 06", 4, NULL);
    assert_int_equal(rig_news(&r, OUTSTATION_DEFECT), 4);
}

static void application_4_1_objects_nobody_has(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        const char *iin;
    } rows[] = {
        {"01 32 04 00 00 00", "00 02"},
        {"02 32 04 00 00 00 00 7C 29 1F 94 01 01 00 00 00 00", "00 02"},
        {"01 51 01 00 00 00", "00 02"},
        {"01 52 01 5B 01 00 00", "00 02"},
        {"01 53 01 06", "00 02"},
        {"01 53 02 00 00 00", "00 02"},
        {"01 55 00 06", "00 02"},
        {"01 56 00 06", "00 02"},
        {"01 57 00 06", "00 02"},
        {"01 58 00 06", "00 02"},
        {"01 5A 01 06", "00 02"},
        {"01 5B 01 5B 01 00 00", "00 02"},
        {"01 64 00 06", "00 02"},
        {"01 65 01 00 00 00", "00 02"},
        {"02 65 01 00 00 00 12 34", "00 02"},
        {"01 66 01 03 00 07", "00 02"},
        {"02 66 01 00 00 00 12", "00 02"},
        {"01 72 00 06", "00 02"},
        {"01 79 00 06", "00 02"},
        {"01 7A 00 06", "00 02"},
        {"01 0D 00 06", "00 00"},
        {"01 2B 00 06", "00 00"},
        {"01 0C 01 06", "00 02"},
        {"01 33 01 07 01", "00 02"},
        {"01 34 02 07 01", "00 02"},
        {"01 99 01 06", "00 02"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        full();
        expect(rows[i].request, 1, rows[i].iin);
    }
}

static void applications_are_started_and_stopped(void **state)
{
    (void)state;
    full();
    expect("11 5A 01 5B 01 04 00 63 61 6C 63", 1, "00 00");
    assert_int_equal(applications[0].state, APPLICATION_STARTED);
    expect("12 5A 01 06", 2, "00 00");
    assert_int_equal(applications[0].state, APPLICATION_STOPPED);
    assert_int_equal(applications[1].state, APPLICATION_STOPPED);
    expect("10 5A 01 5B 02 03 00 6C 6F 67 01 00 78", 3, "00 04"); /* "log" and "x", which is not there */
    assert_int_equal(applications[1].state, APPLICATION_INITIALISED);
    expect("10 46 08 5B 01 01 00 61", 4, "00 02");
    expect("11 5A 01 5B 01 04 00 63 61 6C 64", 5, "00 04"); /* a name as long as one that is there */
    expect("11 5A 09 06", 6, "00 02");
    assert_int_equal(applications[0].state, APPLICATION_STOPPED);
}

static const struct {
    const char *request;
    bool accepted;
} broadcasts[] = {
    {"02 50 01 00 07 07 00", true},
    {"06 " CROB "00", true},
    {"08 14 00 06", true},
    {"0A 14 00 06", true},
    {"0C " G50V2 "14 00 06", true},
    {"14 3C 03 06", true},
    {"15 3C 03 06", true},
    {"16 3C 02 06 01 00 06", true},
    {"18", true},
    {"01 3C 01 06", false},
    {"03 " CROB "00", false},
    {"04 " CROB "00", false},
    {"05 " CROB "00", false},
    {"07 14 00 06", false},
    {"09 14 00 06", false},
    {"0B " G50V2 "14 00 06", false},
    {"0D", false},
    {"0E", false},
    {"0F 3C 01 06", false},
    {"11 5A 01 06", false},
    {"17", false},
    {"19 " OPEN_A, false},
    {"1B " DELETE_A, false},
    {"1F 46 08 5B 01 01 00 61", false},
    {"20 78 04 07 01 01 00", false},
    {"00", false},
};

/* FFFD and FFFF: IIN1.0 once, without a confirm. FFFE: until a response that shows it is confirmed. */
static void expect_indication(uint16_t to, bool accepted)
{
    bool confirm = accepted && to == LINK_BROADCAST_CONFIRM;
    for (uint8_t seq = 1; seq <= 3; seq++) {
        char text[32];
        snprintf(text, sizeof text, "C%X 17", seq);
        rig_send(&r, text);
        assert_true(rig_receive(&r));
        bool shown = accepted && (seq == 1 || (confirm && seq == 2));
        assert_int_equal(r.out[0], 0xC0 | seq | (confirm && seq < 3 ? APP_CON : 0));
        assert_int_equal(r.out[2] & IIN_BROADCAST, shown ? IIN_BROADCAST : 0);
        snprintf(text, sizeof text, "C%X 00", seq);
        if (seq == 2)
            rig_send(&r, text);
    }
}

static void outstation_6_each_function_as_a_broadcast(void **state)
{
    (void)state;
    static const uint16_t addresses[] = {0xFFFD, 0xFFFE, 0xFFFF};
    for (size_t a = 0; a < 3; a++) {
        for (size_t i = 0; i < sizeof broadcasts / sizeof broadcasts[0]; i++) {
            full();
            char text[512];
            snprintf(text, sizeof text, "C9 %s", broadcasts[i].request);
            r.to = addresses[a];
            rig_send(&r, text);
            r.to = 0;
            rig_expect_nothing(&r);
            expect_indication(addresses[a], broadcasts[i].accepted);
        }
    }
}

static void transport_broken_series_are_told(void **state)
{
    (void)state;
    static const uint8_t rows[][4] = {{1, 0x40}, {3, 0x05, 0xC1, 0x17}, {3, 0x85, 0xC1, 0x17}};
    bare();
    for (size_t i = 0; i < 3; i++)
        rig_frame(&r, 0xC4, rows[i] + 1, rows[i][0]); /* empty; the middle and the end of nothing */
    assert_int_equal(rig_news(&r, OUTSTATION_DEFECT), 3);
    rig_frame(&r, 0xC4, (const uint8_t[]){0x41, 0xC1, 0x17}, 3); /* a beginning, whose end never comes */
    rig_frame(&r, 0xC4, (const uint8_t[]){0xC2, 0xC2, 0x17}, 3);
    rig_expect(&r, "C2 81 00 00 34 02 07 01 00 00");
    outstation_disconnected(&r.o, &r.at);
    rig_send(&r, "C3 17");
    rig_expect_nothing(&r);
}

static void quirk_functions_can_be_taken_away(void **state)
{
    (void)state;
    full();
    r.config.refused_functions = 1u << APP_DELAY_MEASURE | 1u << APP_RECORD_CURRENT_TIME | 1u << APP_READ;
    expect("17", 1, "00 01");
    expect("18", 2, "00 01");
    expect("02 32 01 07 01 88 80 29 1F 94 01", 3, "00 00"); /* a bare g50v1 is all that is left */
    expect("01 3C 02 06", 4, "00 01");
}

static void quirk_other_counts_before_g52(void **state)
{
    (void)state;
    full();
    r.config.delay_form = DELAY_COUNT_2;
    expect("17", 1, "00 00 34 02 08 01 00 00 00");
    r.config.delay_form = DELAY_COUNT_4;
    expect("17", 2, "00 00 34 02 09 01 00 00 00 00 00");
    r.config.delay_form = DELAY_RANGE;
    expect("0D", 3, "00 00 34 01 00 00 00 01 00");
}

static void quirk_trip_and_close_are_swapped(void **state)
{
    (void)state;
    full();
    r.config.swap_trip_close = true;
    expect("05 0C 01 17 01 00 81 01 64 00 00 00 64 00 00 00 00", 1,
           "04 00 0C 01 17 01 00 81 01 64 00 00 00 64 00 00 00 00");
    assert_true(rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 0)->value == 1);
    expect("05 0C 01 17 01 00 41 01 64 00 00 00 64 00 00 00 00", 2,
           "04 00 0C 01 17 01 00 41 01 64 00 00 00 64 00 00 00 00");
    assert_true(rig_find(&r, POINT_BINARY_OUTPUT_STATUS, 0)->value == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(application_2_each_function_of_an_outstation_that_has_all),
        cmocka_unit_test(application_2_each_function_of_one_that_has_only_points),
        cmocka_unit_test(application_2_objects_are_wanted_or_not),
        cmocka_unit_test(application_6_errors_without_acknowledge_are_silent),
        cmocka_unit_test(application_4_1_objects_nobody_has),
        cmocka_unit_test(applications_are_started_and_stopped),
        cmocka_unit_test(outstation_6_each_function_as_a_broadcast),
        cmocka_unit_test(transport_broken_series_are_told),
        cmocka_unit_test(quirk_functions_can_be_taken_away),
        cmocka_unit_test(quirk_other_counts_before_g52),
        cmocka_unit_test(quirk_trip_and_close_are_swapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
