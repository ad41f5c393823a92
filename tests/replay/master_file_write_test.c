// SPDX-License-Identifier: Apache-2.0
/* Files that are written, appended to, deleted; keys: dnp3-reference/files.md 3. */
#include "support/cm.h"

#include "replay/master_file_rig.h"

#define FIRST_BLOCK PUT_BLOCK("18", "00 00 00 00 " SIXTEEN)
#define LAST_BLOCK  PUT_BLOCK("0C", "01 00 00 80 77 78 79 7A")

static void write_to_the_end(struct rig *r, const char *close)
{
    asks(r, LAST_BLOCK);
    answers(r, ACK("01 00 00 80", "00"));
    asks(r, close);
    answers(r, STATUS("00"));
    ends(r, ORDER_SUCCESS);
    assert_int_equal(r->f.octets, 20);
    assert_int_equal(r->f.handle, 0);
}

static void a_file_block_by_block(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_write(&r, MASTER_FILE_WRITE);
    answers(&r, ACK("00 00 00 00", "00"));
    assert_int_equal(r.f.octets, 16);
    write_to_the_end(&r, CLOSE("02 00"));
    assert_int_equal(r.begins, 1);
}

static void appended(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_write(&r, MASTER_FILE_APPEND);
    answers(&r, ACK("00 00 00 00", "00"));
    write_to_the_end(&r, CLOSE("02 00"));
}

/* Time and rights of the file go with the command; a whole number of blocks has no empty one behind it. */
static void time_and_rights(void **state)
{
    (void)state;
    struct rig r;
    rig_prepare(&r, MASTER_FILE_WRITE);
    r.job.size = 16;
    r.job.created_ms = 0x0194291F7C00;
    r.job.permissions = 0x01A4;
    rig_submit(&r);
    asks(&r,
         "19 46 03 5B 01 1F 00 1A 00 05 00 00 7C 1F 29 94 01 A4 01 00 00 00 00 10 00 00 00 02 00 10 00 01 00 "
         "61 2E 74 78 74");
    answers(&r, OPENED("00 00 00 00", "10 00"));
    asks(&r, PUT_BLOCK("18", "00 00 00 80 " SIXTEEN));
    answers(&r, ACK("00 00 00 80", "00"));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_SUCCESS);
}

static void a_file_without_octets(void **state)
{
    (void)state;
    struct rig r;
    rig_prepare(&r, MASTER_FILE_WRITE);
    r.job.size = 0;
    rig_submit(&r);
    asks(&r, OPEN_FOR("00 00 00 00", WRITE, "01 00"));
    answers(&r, OPENED("00 00 00 00", "10 00"));
    asks(&r, PUT_BLOCK("08", "00 00 00 80"));
    answers(&r, ACK("00 00 00 80", "00"));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_SUCCESS);
}

/* The station's blocks may be smaller, and so may the memory for a request. */
static void small_blocks(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, MASTER_FILE_WRITE);
    asks(&r, OPEN_FOR("14 00 00 00", WRITE, "01 00"));
    answers(&r, OPENED("00 00 00 00", "0A 00"));
    asks(&r, PUT_BLOCK("12", "00 00 00 00 30 31 32 33 34 35 36 37 38 39"));

    rig_prepare(&r, MASTER_FILE_WRITE);
    r.job.block_size = 0;
    master_file_init(&r.f, &r.job, r.request, 39);
    rig_submit(&r);
    asks(&r, COMMAND("19", "00 00 00 00", "14 00 00 00", WRITE, "17 00", "01 00"));
    answers(&r, OPENED("00 00 00 00", "E0 07"));
    asks(&r, PUT_BLOCK("1C", "00 00 00 80 " SIXTEEN " 77 78 79 7A"));

    rig_prepare(&r, MASTER_FILE_WRITE);
    r.job.block_size = 4000;
    master_file_init(&r.f, &r.job, r.request, sizeof r.request);
    rig_submit(&r);
    asks(&r, COMMAND("19", "00 00 00 00", "14 00 00 00", WRITE, "EE 07", "01 00"));

    rig_begin(&r, MASTER_FILE_WRITE);
    asks(&r, OPEN_FOR("14 00 00 00", WRITE, "01 00"));
    answers(&r, OPENED("00 00 00 00", "00 00"));
    asks(&r, ABORT("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_BAD_ANSWER);
    assert_int_equal(r.f.defect, MASTER_FILE_BLOCK_LENGTH);
}

/* A lost reply: the block again. A station that expects another one by now has it. */
static void a_lost_reply(void **state)
{
    (void)state;
    static const char *const replies[] = {ACK("00 00 00 00", "00"), ACK("00 00 00 00", "14"),
                                          ACK("01 00 00 00", "14")};
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct rig r;
        rig_open_to_write(&r, MASTER_FILE_WRITE);
        is_silent(&r);
        asks(&r, FIRST_BLOCK);
        answers(&r, replies[i]);
        assert_int_equal(r.f.octets, 16);
        write_to_the_end(&r, CLOSE("02 00"));
    }
}

/* Replies to other blocks, or none at all, acknowledge nothing. */
static void other_replies(void **state)
{
    (void)state;
    static const char *const others[] = {ACK("01 00 00 00", "00"),
                                         "46 06 5B 01 09 00 79 56 34 12 00 00 00 00 00", ""};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct rig r;
        rig_open_to_write(&r, MASTER_FILE_WRITE);
        answers(&r, others[i]);
        assert_int_equal(r.f.octets, 0);
        asks(&r, FIRST_BLOCK);
        answers(&r, others[i]);
        asks(&r, ABORT("02 00"));
        answers(&r, STATUS("00"));
        ends(&r, ORDER_BAD_ANSWER);
        assert_int_equal(r.f.defect, i == 0 ? MASTER_FILE_NO_BLOCK : MASTER_FILE_NO_OBJECT);
    }
}

/* A block that was sent once and is not the one expected: the file from the start. */
static void the_station_loses_its_place(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_write(&r, MASTER_FILE_WRITE);
    answers(&r, ACK("00 00 00 00", "00"));
    asks(&r, LAST_BLOCK);
    answers(&r, ACK("01 00 00 80", "14"));
    asks(&r, ABORT("02 00"));
    answers(&r, STATUS("00"));
    asks(&r, OPEN_FOR("14 00 00 00", WRITE, "03 00"));
    answers(&r, OPENED("00 00 00 00", "10 00"));
    asks(&r, FIRST_BLOCK);
    assert_int_equal(r.begins, 2);
    answers(&r, ACK("00 00 00 00", "00"));
    write_to_the_end(&r, CLOSE("04 00"));
}

/* What an append has left is not written twice. */
static void an_append_does_not_start_over(void **state)
{
    (void)state;
    static const char *const lost[] = {ACK("00 00 00 00", "14"), ACK("00 00 00 00", "11")};
    for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
        struct rig r;
        rig_open_to_write(&r, MASTER_FILE_APPEND);
        answers(&r, lost[i]);
        if (i == 0) {
            asks(&r, ABORT("02 00"));
            answers(&r, STATUS("00"));
        }
        ends(&r, ORDER_REFUSED_STATUS);
        assert_int_equal(r.f.octets, 0);
    }
}

static void a_station_that_falls_silent(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_write(&r, MASTER_FILE_WRITE);
    is_silent(&r);
    asks(&r, FIRST_BLOCK);
    is_silent(&r);
    asks(&r, ABORT("02 00"));
    is_silent(&r);
    ends(&r, ORDER_UNKNOWN);
    assert_int_equal(r.f.handle, 0x12345678);
}

/* A station that can't abort is asked to close. */
static void aborting(void **state)
{
    (void)state;
    static const struct {
        const char *iin, *answer;
        bool closes;
    } rows[] = {
        {"00 00", STATUS("00"), false},
        {"00 00", STATUS("06"), false},
        {"00 00", STATUS("09"), true},
        {"00 01", "", true},
        {"00 00", "", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        rig_open_to_write(&r, MASTER_FILE_WRITE);
        answers(&r, ACK("00 00 00 00", "12"));
        asks(&r, ABORT("02 00"));
        rig_answers(&r, rows[i].iin, rows[i].answer, __FILE__, __LINE__);
        if (rows[i].closes) {
            asks(&r, CLOSE("03 00"));
            answers(&r, STATUS("00"));
        }
        ends(&r, ORDER_REFUSED_STATUS);
        assert_int_equal(r.f.order.status, FILE_BUFFER_OVERRUN);
        assert_int_equal(r.f.handle, 0);
    }
}

static void the_source_says_no(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_write(&r, MASTER_FILE_WRITE);
    r.refuse_source = true;
    answers(&r, ACK("00 00 00 00", "00"));
    asks(&r, ABORT("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_CANCELLED);
    assert_int_equal(r.f.defect, MASTER_FILE_CALLER);
}

/* Whether the file is kept is the station's to say when it is closed. */
static void closings(void **state)
{
    (void)state;
    struct rig r;
    static const struct {
        const char *iin, *answer, *then;
        enum order_outcome outcome;
    } rows[] = {{"00 00", STATUS("13"), ABORT("03 00"), ORDER_REFUSED_STATUS},
                {"00 00", STATUS("06"), NULL, ORDER_REFUSED_STATUS},
                {"00 04", "", ABORT("03 00"), ORDER_REFUSED_IIN},
                {"00 00", "", CLOSE("03 00"), ORDER_SUCCESS}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        rig_open_to_write(&r, MASTER_FILE_WRITE);
        answers(&r, ACK("00 00 00 00", "00"));
        asks(&r, LAST_BLOCK);
        answers(&r, ACK("01 00 00 80", "00"));
        asks(&r, CLOSE("02 00"));
        rig_answers(&r, rows[i].iin, rows[i].answer, __FILE__, __LINE__);
        if (rows[i].then) {
            asks(&r, rows[i].then);
            answers(&r, STATUS("00"));
        }
        ends(&r, rows[i].outcome);
    }
}

/* The first one may have been heard: a handle that is gone is a file that is closed. */
static void a_closing_without_answer(void **state)
{
    (void)state;
    struct rig r;
    for (int answered = 0; answered < 2; answered++) {
        rig_open_to_write(&r, MASTER_FILE_WRITE);
        answers(&r, ACK("00 00 00 00", "00"));
        asks(&r, LAST_BLOCK);
        answers(&r, ACK("01 00 00 80", "00"));
        asks(&r, CLOSE("02 00"));
        is_silent(&r);
        asks(&r, CLOSE("03 00"));
        if (answered)
            answers(&r, STATUS("06"));
        else
            is_silent(&r);
        ends(&r, answered ? ORDER_SUCCESS : ORDER_UNKNOWN);
    }
}

static void cancelled(void **state)
{
    (void)state;
    struct rig r;
    rig_open_to_write(&r, MASTER_FILE_WRITE);
    master_cancel(&r.s.m, &r.f.order, &r.s.at);
    script_drain(&r.s);
    answers(&r, ACK("00 00 00 00", "00"));
    asks(&r, ABORT("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_CANCELLED);
}

/* A name that no request holds. */
static void what_cannot_be_said(void **state)
{
    (void)state;
    struct rig r;
    static const uint8_t name[3000];
    rig_prepare(&r, MASTER_FILE_WRITE);
    r.job.name = (struct file_text){name, sizeof name};
    rig_submit(&r);
    waits(&r.s, 10);
    ends(&r, ORDER_INVALID);

    rig_prepare(&r, MASTER_FILE_DELETE); /* nobody would answer */
    r.f.order.address = 0xFFFF;
    rig_submit(&r);
    waits(&r.s, 10);
    ends(&r, ORDER_INVALID);
}

static void deleted(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, MASTER_FILE_DELETE);
    asks(&r, DELETE("00 00 00 00", "01 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_SUCCESS);

    rig_begin(&r, MASTER_FILE_DELETE);
    asks(&r, DELETE("00 00 00 00", "01 00"));
    answers(&r, STATUS("03"));
    ends(&r, ORDER_REFUSED_STATUS);
    assert_int_equal(r.f.order.status, FILE_NOT_FOUND);
}

/* Not there, after a request that may have been heard: it is deleted. */
static void deleted_at_the_second_try(void **state)
{
    (void)state;
    struct rig r;
    rig_begin(&r, MASTER_FILE_DELETE);
    asks(&r, DELETE("00 00 00 00", "01 00"));
    is_silent(&r);
    asks(&r, DELETE("00 00 00 00", "02 00"));
    answers(&r, STATUS("03"));
    ends(&r, ORDER_SUCCESS);

    rig_begin(&r, MASTER_FILE_DELETE);
    asks(&r, DELETE("00 00 00 00", "01 00"));
    is_silent(&r);
    asks(&r, DELETE("00 00 00 00", "02 00"));
    is_silent(&r);
    ends(&r, ORDER_UNKNOWN);
}

#define AUTHENTICATE "1D 46 02 5B 01 10 00 0C 00 01 00 0D 00 03 00 00 00 00 00 75 70 77 64"
#define KEY(key)     "46 02 5B 01 0C 00 0C 00 00 00 0C 00 00 00 " key

static void rig_begin_as_user(struct rig *r, enum master_file_kind kind)
{
    rig_prepare(r, kind);
    r->job.user = (struct file_text){(const uint8_t *)"u", 1};
    r->job.password = (struct file_text){(const uint8_t *)"pwd", 3};
    master_file_init(&r->f, &r->job, r->request, sizeof r->request);
    r->f.order.retries = 0;
    rig_submit(r);
}

static void a_key_for_each_command(void **state)
{
    (void)state;
    struct rig r;
    rig_begin_as_user(&r, MASTER_FILE_DELETE);
    asks(&r, AUTHENTICATE);
    answers(&r, KEY("44 33 22 11"));
    asks(&r, DELETE("44 33 22 11", "01 00"));
    is_silent(&r);
    asks(&r, AUTHENTICATE);
    answers(&r, KEY("48 47 46 45"));
    asks(&r, DELETE("48 47 46 45", "02 00"));
    is_silent(&r);
    ends(&r, ORDER_UNKNOWN); /* the tries are counted together */

    rig_begin_as_user(&r, MASTER_FILE_READ);
    asks(&r, AUTHENTICATE);
    answers(&r, KEY("44 33 22 11"));
    asks(&r, COMMAND("19", "44 33 22 11", "00 00 00 00", READ, "10 00", "01 00"));
}

static void refused_keys(void **state)
{
    (void)state;
    static const struct {
        const char *iin, *answer;
        enum order_outcome outcome;
        uint8_t status;
    } rows[] = {{"00 00", KEY("00 00 00 00"), ORDER_REFUSED_STATUS, FILE_PERMISSION_DENIED},
                {"00 00", STATUS("01"), ORDER_REFUSED_STATUS, FILE_PERMISSION_DENIED},
                {"00 01", "", ORDER_REFUSED_IIN, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        rig_begin_as_user(&r, MASTER_FILE_WRITE);
        asks(&r, AUTHENTICATE);
        rig_answers(&r, rows[i].iin, rows[i].answer, __FILE__, __LINE__);
        ends(&r, rows[i].outcome);
        assert_int_equal(r.f.order.status, rows[i].status);
    }
    struct rig r;
    rig_begin_as_user(&r, MASTER_FILE_WRITE);
    for (int i = 0; i < 2; i++) {
        asks(&r, AUTHENTICATE);
        answers(&r, "");
    }
    ends(&r, ORDER_BAD_ANSWER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_block_by_block),
        cmocka_unit_test(appended),
        cmocka_unit_test(time_and_rights),
        cmocka_unit_test(a_file_without_octets),
        cmocka_unit_test(small_blocks),
        cmocka_unit_test(a_lost_reply),
        cmocka_unit_test(other_replies),
        cmocka_unit_test(the_station_loses_its_place),
        cmocka_unit_test(an_append_does_not_start_over),
        cmocka_unit_test(a_station_that_falls_silent),
        cmocka_unit_test(aborting),
        cmocka_unit_test(the_source_says_no),
        cmocka_unit_test(closings),
        cmocka_unit_test(a_closing_without_answer),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(what_cannot_be_said),
        cmocka_unit_test(deleted),
        cmocka_unit_test(deleted_at_the_second_try),
        cmocka_unit_test(a_key_for_each_command),
        cmocka_unit_test(refused_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
