// SPDX-License-Identifier: Apache-2.0
/* Files that are read, directories, descriptions: dnp3-reference/files.md 3. */
#include "support/cm.h"

#include "replay/master_file_rig.h"

#define LAST_WXYZ "01 00 00 80 77 78 79 7A"

static void read_to_the_end(struct rig *r, const char *close)
{
    asks(r, ASK_BLOCK("01 00 00 00"));
    answers(r, BLOCK("0C", LAST_WXYZ));
    asks(r, close);
    answers(r, STATUS("00"));
    ends(r, ORDER_SUCCESS);
    assert_string_equal(r->content, "0123456789abcdefwxyz");
    assert_int_equal(r->f.octets, 20);
    assert_int_equal(r->f.handle, 0);
}

static void a_file_block_by_block(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    assert_int_equal(r.f.announced, 20);
    answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
    read_to_the_end(&r, CLOSE("02 00"));
    assert_int_equal(r.begins, 1);
    assert_int_equal(r.f.order.requests, 4);
}

static void a_file_without_octets(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, MASTER_FILE_READ);
    asks(&r, OPEN(READ, "01 00"));
    answers(&r, OPENED("00 00 00 00", "10 00"));
    asks(&r, ASK_BLOCK("00 00 00 00"));
    answers(&r, BLOCK("08", "00 00 00 80"));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_SUCCESS);
    assert_int_equal(r.f.octets, 0);
}

/* The same block again, with the same octets first. */
static void a_lost_block_is_asked_for_again(void **state)
{
    (void)state;
    struct rig r;
    rig_prepare(&r, MASTER_FILE_READ);
    r.f.order.retries = 1;
    rig_submit(&r);
    asks(&r, OPEN(READ, "01 00"));
    answers(&r, OPENED("14 00 00 00", "10 00"));
    asks(&r, ASK_BLOCK("00 00 00 00"));
    waits(&r.s, RIG_TIMEOUT_MS);
    asks(&r, ASK_BLOCK("00 00 00 00"));
    is_silent(&r);
    asks(&r, ASK_BLOCK("00 00 00 00"));
    answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
    read_to_the_end(&r, CLOSE("02 00"));
}

/* A station that is silent: one attempt to close, and the handle stays known. */
static void a_station_that_falls_silent(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    is_silent(&r);
    asks(&r, ASK_BLOCK("00 00 00 00"));
    is_silent(&r);
    asks(&r, CLOSE("02 00"));
    is_silent(&r);
    ends(&r, ORDER_TIMEOUT);
    assert_int_equal(r.f.handle, 0x12345678);

    master_file_again(&r.f);
    rig_submit(&r);
    asks(&r, CLOSE("03 00"));
    answers(&r, STATUS("06"));
    asks(&r, OPEN(READ, "04 00"));
    answers(&r, OPENED("14 00 00 00", "10 00"));
    asks(&r, ASK_BLOCK("00 00 00 00"));
    answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
    read_to_the_end(&r, CLOSE("05 00"));
    assert_int_equal(r.f.order.requests, 5);
}

/* Blocks before and behind it, and of other handles, are not the one asked for. */
static void other_blocks_do_not_count(void **state)
{
    (void)state;
    static const char *const others[] = {
        BLOCK("09", "01 00 00 00 21"),
        BLOCK("09", "FF FF FF 7F 21"),
        "46 05 5B 01 09 00 79 56 34 12 00 00 00 00 21",
        "46 05 5B 01 07 00 78 56 34 12 00 00 00",
        "1E 05 00 00 00 01 00 00 00 00",
        "",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct rig r;
        rig_open_to_read(&r);
        answers(&r, others[i]);
        asks(&r, ASK_BLOCK("00 00 00 00"));
        answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
        asks(&r, ASK_BLOCK("01 00 00 00"));
        answers(&r, others[i]);
        if (i == 0) { /* that is the one now */
            asks(&r, ASK_BLOCK("02 00 00 00"));
            continue;
        }
        read_to_the_end(&r, CLOSE("02 00"));
    }
    struct rig r;
    rig_open_to_read(&r);
    answers(&r, others[1]);
    asks(&r, ASK_BLOCK("00 00 00 00"));
    answers(&r, others[1]);
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_BAD_ANSWER);
    assert_int_equal(r.f.defect, MASTER_FILE_NO_BLOCK);
}

/* files.md 3: a station may send several blocks at a time, also in several fragments. */
static void several_blocks_in_an_answer(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    answers(&r,
            BLOCK("18", "00 00 00 00 " SIXTEEN) " " BLOCK("0C", LAST_WXYZ) " " BLOCK("09", "02 00 00 00 21"));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_SUCCESS);
    assert_string_equal(r.content, "0123456789abcdefwxyz");

    rig_open_to_read(&r);
    gets(&r.s, "A2 81 00 00 " BLOCK("18", "00 00 00 00 " SIXTEEN));
    sends(&r.s, "C2 00");
    gets(&r.s, "63 81 00 00 " BLOCK("0C", LAST_WXYZ));
    sends(&r.s, "C3 00");
    r.seq = 4;
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_SUCCESS);
    assert_string_equal(r.content, "0123456789abcdefwxyz");
}

/* What the caller will not take is refused before it is there, where the station tells, and else after. */
static void more_than_the_limit(void **state)
{
    (void)state;
    struct rig r;
    for (int told = 0; told < 2; told++) {
        rig_prepare(&r, MASTER_FILE_READ);
        r.job.limit = 19;
        rig_submit(&r);
        asks(&r, OPEN(READ, "01 00"));
        answers(&r, told ? OPENED("14 00 00 00", "10 00") : OPENED("FF FF FF FF", "10 00"));
        if (!told) {
            asks(&r, ASK_BLOCK("00 00 00 00"));
            answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
            asks(&r, ASK_BLOCK("01 00 00 00"));
            answers(&r, BLOCK("0C", LAST_WXYZ));
        }
        asks(&r, CLOSE("02 00"));
        answers(&r, STATUS("00"));
        ends(&r, ORDER_CANCELLED);
        assert_int_equal(r.f.defect, MASTER_FILE_LIMIT);
        assert_string_equal(r.content, told ? "" : "0123456789abcdef");
    }
}

static void blocks_that_were_not_agreed(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, MASTER_FILE_READ);
    asks(&r, OPEN(READ, "01 00"));
    answers(&r, OPENED("14 00 00 00", "08 00"));
    asks(&r, ASK_BLOCK("00 00 00 00"));
    answers(&r, BLOCK("11", "00 00 00 00 30 31 32 33 34 35 36 37 38"));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_BAD_ANSWER);
    assert_int_equal(r.f.defect, MASTER_FILE_BLOCK_LENGTH);

    rig_open_to_read(&r);
    for (unsigned n = 0; n < 9; n++) {
        char hex[64];
        snprintf(hex, sizeof hex, BLOCK("08", "%02X 00 00 00"), n);
        answers(&r, hex);
        snprintf(hex, sizeof hex, ASK_BLOCK("%02X 00 00 00"), n + 1);
        asks(&r, n < 8 ? hex : CLOSE("02 00"));
    }
    answers(&r, STATUS("00"));
    ends(&r, ORDER_BAD_ANSWER);
    assert_int_equal(r.f.defect, MASTER_FILE_ENDLESS);
}

/* An answer whose fragments never end is given up. */
static void fragments_without_end(void **state)
{
    (void)state;
    for (int silent = 0; silent < 2; silent++) {
        struct rig r;
        rig_open_to_read(&r);
        for (unsigned n = 0; n < 255; n++) {
            char hex[16];
            snprintf(hex, sizeof hex, "%02X 81 00 00", (n ? 0u : APP_FIR) | ((2 + n) & APP_SEQ));
            gets(&r.s, hex);
        }
        if (silent)
            waits(&r.s, RIG_TIMEOUT_MS);
        else
            gets(&r.s, "41 81 00 00"); /* the rest is discarded */
        ends(&r, ORDER_BAD_ANSWER);
        assert_int_equal(r.f.defect, MASTER_FILE_ENDLESS);
        assert_string_equal(master_file_defect_text(r.f.defect), "an answer or a file without end");
    }
}

/* The handle is lost, or the place in the file: opened anew, and read from the start. */
static void the_station_loses_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *status;
        bool closes;
    } rows[] = {{ACK("01 00 00 00", "06"), false},
                {ACK("01 00 00 00", "10"), false},
                {ACK("01 00 00 00", "11"), false},
                {STATUS("11"), false},
                {ACK("01 00 00 00", "14"), true}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        rig_open_to_read(&r);
        answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
        asks(&r, ASK_BLOCK("01 00 00 00"));
        answers(&r, rows[i].status);
        if (rows[i].closes) {
            asks(&r, CLOSE("02 00"));
            answers(&r, STATUS("00"));
        }
        asks(&r, rows[i].closes ? OPEN(READ, "03 00") : OPEN(READ, "02 00"));
        answers(&r, OPENED("14 00 00 00", "10 00"));
        asks(&r, ASK_BLOCK("00 00 00 00"));
        assert_int_equal(r.begins, 2);
        assert_string_equal(r.content, "");
        answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
        read_to_the_end(&r, rows[i].closes ? CLOSE("04 00") : CLOSE("03 00"));
    }
}

static void a_station_that_always_loses_it(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    for (unsigned n = 0; n < MASTER_FILE_RESTARTS; n++) {
        answers(&r, ACK("00 00 00 00", "11"));
        asks(&r, n ? OPEN(READ, "03 00") : OPEN(READ, "02 00"));
        answers(&r, OPENED("14 00 00 00", "10 00"));
        asks(&r, ASK_BLOCK("00 00 00 00"));
    }
    answers(&r, ACK("00 00 00 00", "11"));
    ends(&r, ORDER_REFUSED_STATUS);
    assert_int_equal(r.f.order.status, FILE_HANDLE_EXPIRED);
    assert_int_equal(r.f.handle, 0);
}

/* Restarted between two requests: no handle has survived. */
static void the_station_restarts(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    answers_iin(&r, "80 00", BLOCK("18", "00 00 00 00 " SIXTEEN));
    asks(&r, OPEN(READ, "02 00"));
    answers_iin(&r, "80 00", OPENED("14 00 00 00", "10 00"));
    asks(&r, ASK_BLOCK("00 00 00 00"));
    answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
    asks(&r, INTEGRITY); /* what is due goes before blocks */
    answers(&r, "");
    read_to_the_end(&r, CLOSE("03 00"));
}

/* What it has restarted with needs no closing: the end is as it was going to be. */
static void the_station_restarts_at_the_end(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    answers_iin(&r, "80 00", BLOCK("0C", "00 00 00 80 77 78 79 7A"));
    ends(&r, ORDER_SUCCESS);
    assert_string_equal(r.content, "wxyz");
    assert_int_equal(r.f.handle, 0);

    rig_open_to_read(&r);
    answers_iin(&r, "80 00", ACK("00 00 00 00", "13"));
    ends(&r, ORDER_REFUSED_STATUS);
    assert_int_equal(r.f.order.status, FILE_FATAL);
    assert_int_equal(r.f.handle, 0);

    rig_prepare(&r, MASTER_FILE_READ);
    r.job.restarts = UINT8_MAX;
    master_file_init(&r.f, &r.job, r.request, sizeof r.request);
    rig_submit(&r);
    asks(&r, OPEN(READ, "01 00"));
    answers_iin(&r, "80 00", OPENED("14 00 00 00", "10 00"));
    ends(&r, ORDER_RESTARTED);
}

static void indications_beside_a_block(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    answers_iin(&r, "00 10", BLOCK("18", "00 00 00 00 " SIXTEEN));
    read_to_the_end(&r, CLOSE("02 00"));
}

/* A fragment is missing in an answer: what was there counts, the next block is asked for. */
static void a_gap_in_an_answer(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    gets(&r.s, "82 81 00 00 " BLOCK("18", "00 00 00 00 " SIXTEEN));
    gets(&r.s, "45 81 00 00 " BLOCK("0C", LAST_WXYZ));
    r.seq = 3;
    read_to_the_end(&r, CLOSE("02 00"));
}

static void failures_of_the_station(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    answers(&r, ACK("00 00 00 00", "13"));
    asks(&r, CLOSE("02 00"));
    answers_iin(&r, "00 04", STATUS("00"));
    ends(&r, ORDER_REFUSED_STATUS);
    assert_int_equal(r.f.order.status, FILE_FATAL);
    assert_int_equal(r.f.order.iin, 0);

    rig_open_to_read(&r);
    answers_iin(&r, "00 01", "");
    asks(&r, CLOSE("02 00"));
    answers(&r, "");
    ends(&r, ORDER_REFUSED_IIN);
    assert_int_equal(r.f.order.iin, IIN_NO_FUNC_CODE_SUPPORT);
    assert_int_equal(r.f.handle, 0x12345678); /* nobody said that it is closed */
}

static void refused_openings(void **state)
{
    (void)state;
    static const struct {
        const char *iin, *answer;
        enum order_outcome outcome;
        uint8_t status;
    } rows[] = {{"00 00", STATUS("03"), ORDER_REFUSED_STATUS, FILE_NOT_FOUND},
                {"00 00", STATUS("04"), ORDER_REFUSED_STATUS, FILE_LOCKED},
                {"00 04", STATUS("01"), ORDER_REFUSED_STATUS, FILE_PERMISSION_DENIED},
                {"00 00", STATUS("C8"), ORDER_REFUSED_STATUS, 200},
                {"00 01", "", ORDER_REFUSED_IIN, 0},
                {"00 00", "46 04 5B 01 0D 00 00 00 00 00 00 00 00 00 10 00 01 00 00", ORDER_BAD_ANSWER, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        rig_begin(&r, MASTER_FILE_READ);
        asks(&r, OPEN(READ, "01 00"));
        rig_answers(&r, rows[i].iin, rows[i].answer, __FILE__, __LINE__);
        ends(&r, rows[i].outcome);
        assert_int_equal(r.f.order.status, rows[i].status);
        assert_int_equal(r.begins, 0);
    }
}

/* Opened, and refused in the same answer: closed again. */
static void an_opening_of_two_minds(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, MASTER_FILE_READ);
    asks(&r, OPEN(READ, "01 00"));
    answers_iin(&r, "00 04", OPENED("14 00 00 00", "10 00"));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_REFUSED_IIN);
}

/* What was read is whole, however the closing turns out. */
static void closings(void **state)
{
    (void)state;
    static const char *const answer[] = {STATUS("06"), STATUS("13"), "", NULL};
    for (size_t i = 0; i < sizeof answer / sizeof *answer; i++) {
        struct rig r;
        rig_open_to_read(&r);
        answers(&r, BLOCK("0C", "00 00 00 80 77 78 79 7A"));
        asks(&r, CLOSE("02 00"));
        if (answer[i]) {
            answers(&r, answer[i]);
        } else {
            is_silent(&r);
            asks(&r, CLOSE("03 00"));
            is_silent(&r);
        }
        ends(&r, ORDER_SUCCESS);
        assert_int_equal(r.f.handle, i ? 0x12345678 : 0);
        assert_string_equal(r.content, "wxyz");
    }
}

static void the_callers_own_refusals(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    r.refuse_sink = true;
    answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_CANCELLED);
    assert_int_equal(r.f.defect, MASTER_FILE_CALLER);
    assert_int_equal(r.f.octets, 0);

    rig_prepare(&r, MASTER_FILE_READ);
    r.refuse_begin = true;
    rig_submit(&r);
    asks(&r, OPEN(READ, "01 00"));
    answers(&r, OPENED("14 00 00 00", "10 00"));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_CANCELLED);
}

static void cancelled_and_expired(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    master_cancel(&r.s.m, &r.f.order, &r.s.at);
    script_drain(&r.s);
    answers(&r, BLOCK("18", "00 00 00 00 " SIXTEEN));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_CANCELLED);
    assert_int_equal(r.f.defect, MASTER_FILE_SOUND);

    rig_prepare(&r, MASTER_FILE_READ);
    r.f.order.deadline_ms = r.s.at.now_ms + 1000;
    rig_submit(&r);
    asks(&r, OPEN(READ, "01 00"));
    waits(&r.s, 2000);
    answers(&r, OPENED("14 00 00 00", "10 00"));
    waits(&r.s, 1);
    r.seq++; /* that of the block that never left */
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_EXPIRED);
    assert_int_equal(r.f.handle, 0);
}

/* All is here but the closing: that is done all the same, and the order is a success. */
static void cancelled_before_the_closing(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    r.s.blocked = true;
    answers(&r, BLOCK("0C", "00 00 00 80 77 78 79 7A"));
    master_cancel(&r.s.m, &r.f.order, &r.s.at);
    r.s.blocked = false;
    script_drain(&r.s);
    r.seq++; /* that of the request that never left */
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_SUCCESS);
}

static void disconnected(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_read(&r);
    master_disconnected(&r.s.m, &r.s.at);
    script_drain(&r.s);
    ends(&r, ORDER_DISCONNECTED);
    assert_int_equal(r.f.handle, 0x12345678);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_block_by_block),
        cmocka_unit_test(a_file_without_octets),
        cmocka_unit_test(a_lost_block_is_asked_for_again),
        cmocka_unit_test(a_station_that_falls_silent),
        cmocka_unit_test(other_blocks_do_not_count),
        cmocka_unit_test(several_blocks_in_an_answer),
        cmocka_unit_test(more_than_the_limit),
        cmocka_unit_test(blocks_that_were_not_agreed),
        cmocka_unit_test(fragments_without_end),
        cmocka_unit_test(the_station_loses_the_file),
        cmocka_unit_test(a_station_that_always_loses_it),
        cmocka_unit_test(the_station_restarts),
        cmocka_unit_test(the_station_restarts_at_the_end),
        cmocka_unit_test(indications_beside_a_block),
        cmocka_unit_test(a_gap_in_an_answer),
        cmocka_unit_test(failures_of_the_station),
        cmocka_unit_test(refused_openings),
        cmocka_unit_test(an_opening_of_two_minds),
        cmocka_unit_test(closings),
        cmocka_unit_test(the_callers_own_refusals),
        cmocka_unit_test(cancelled_and_expired),
        cmocka_unit_test(cancelled_before_the_closing),
        cmocka_unit_test(disconnected),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
