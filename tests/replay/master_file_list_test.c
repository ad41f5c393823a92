// SPDX-License-Identifier: Apache-2.0
/* Directories and descriptions (dnp3-reference/files.md 3), and jobs whose station answers anything at all.
 */
#include "support/cm.h"

#include "replay/master_file_rig.h"

#define ENTRY(len, type, size, name)                                                                         \
    "14 00 " len " 00 " type " 00 " size " 00 00 00 00 00 00 FF 01 00 00 " name
#define DIR_BIN  ENTRY("03", "00", "21 00 00 00", "62 69 6E")
#define FILE_A   ENTRY("01", "01", "0A 30 05 00", "41")
#define DESCRIBE "1C 46 07 5B 01 19 00 14 00 05 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 " NAME

/* Blocks of a directory, in pieces of up to `piece` octets; the whole of them as one answer each. */
static void list_in_pieces(struct rig *r, const char *content, size_t piece)
{
    uint8_t octets[256];
    size_t len = hex_parse(content, octets, sizeof octets), at = 0;
    rig_prepare(r, MASTER_FILE_LIST);
    r->job.block_size = 0;
    master_file_init(&r->f, &r->job, r->request, sizeof r->request);
    rig_submit(r);
    asks(r, COMMAND("19", "00 00 00 00", "00 00 00 00", READ, "EE 07", "01 00"));
    answers(r, OPENED("02 00 00 00", "EE 07"));
    for (unsigned n = 0; at < len; n++) {
        size_t now = len - at < piece ? len - at : piece;
        char text[1024];
        snprintf(text, sizeof text, ASK_BLOCK("%02X 00 00 00"), n);
        asks(r, text);
        int end = snprintf(text, sizeof text, BLOCK("%02X", "%02X 00 00 %s"), (unsigned)(8 + now), n,
                           at + now == len ? "80" : "00");
        for (size_t i = 0; i < now; i++)
            end += sprintf(text + end, " %02X", octets[at + i]);
        at += now;
        answers(r, text);
        if (r->f.defect)
            break;
    }
    asks(r, CLOSE("02 00"));
    answers(r, STATUS("00"));
}

static void entries_span_blocks(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= 44; piece++) {
        struct rig r;
        list_in_pieces(&r, DIR_BIN " " FILE_A, piece);
        ends(&r, ORDER_SUCCESS);
        assert_string_equal(r.entries, "bin 0 33; A 1 339978; ");
        assert_int_equal(r.f.list.too_long, 0);
    }
}

static void listings_that_are_none(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "15 00 03 00 00 00 21 00 00 00 00 00 00 00 00 00 FF 01 00 00 62 69 6E", /* another offset */
        DIR_BIN " 14 00",                                                       /* cut short */
        "14 00 03 00 00 00 21 00 00 00 00 00 00 00 00 00 FF 01 00 00 62 69",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        for (size_t piece = 5; piece <= 100; piece += 95) {
            struct rig r;
            list_in_pieces(&r, wrong[i], piece);
            ends(&r, ORDER_BAD_ANSWER);
            assert_int_equal(r.f.defect, MASTER_FILE_LISTING);
        }
}

/* The parser alone: a name of 65,535 octets is left out, what is behind it is not. */
static bool count_entry(void *context, const struct file_descriptor *entry)
{
    unsigned *count = context;
    assert_true(entry->name.len <= FILE_LIST_NAME_MAX);
    return ++*count < 3;
}

static void names_that_are_too_long(void **state)
{
    (void)state;
    static uint8_t octets[140000];
    static const size_t lens[] = {FILE_LIST_NAME_MAX, FILE_LIST_NAME_MAX + 1, 65535, 0};
    struct writer w = writer_over(octets, sizeof octets);
    for (size_t i = 0; i < 4; i++)
        file_entry_write(&w, &(struct file_descriptor){.name = {octets + 70000, lens[i]}});
    for (size_t piece = 1; piece < 70000; piece = piece * 3 + 1) {
        struct file_list list = {0};
        unsigned count = 0;
        for (size_t at = 0, now; at < writer_len(&w); at += now) {
            now = writer_len(&w) - at < piece ? writer_len(&w) - at : piece;
            assert_int_equal(file_list_take(&list, octets + at, now, count_entry, &count), FILE_LIST_MORE);
        }
        assert_true(file_list_is_whole(&list));
        assert_int_equal(count, 2);
        assert_int_equal(list.too_long, 2);
    }
    struct file_list list = {0};
    unsigned count = 2;
    assert_int_equal(file_list_take(&list, octets, 600, count_entry, &count), FILE_LIST_STOPPED);
}

static void described(void **state)
{
    (void)state;
    static const struct {
        const char *iin, *answer, *entries;
        enum order_outcome outcome;
    } rows[] = {
        {"00 00", "46 07 5B 01 15 00 " FILE_A, "A 1 339978; ", ORDER_SUCCESS},
        {"00 00", STATUS("03"), "", ORDER_REFUSED_STATUS},
        {"00 04", "46 07 5B 01 14 00 14 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00", "",
         ORDER_REFUSED_IIN},
        {"00 01", "", "", ORDER_REFUSED_IIN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct rig r;
        rig_begin(&r, MASTER_FILE_INFO);
        asks(&r, DESCRIBE);
        rig_answers(&r, rows[i].iin, rows[i].answer, __FILE__, __LINE__);
        ends(&r, rows[i].outcome);
        assert_string_equal(r.entries, rows[i].entries);
    }
}

static void the_caller_has_seen_enough(void **state)
{
    (void)state;
    struct rig r;
    rig_prepare(&r, MASTER_FILE_LIST);
    r.refuse_entry = true;
    rig_submit(&r);
    asks(&r, OPEN(READ, "01 00"));
    answers(&r, OPENED("02 00 00 00", "10 00"));
    asks(&r, ASK_BLOCK("00 00 00 00"));
    answers(&r, BLOCK("18", "00 00 00 00 14 00 01 00 01 00 0A 30 05 00 00 00 00 00 00 00"));
    asks(&r, ASK_BLOCK("01 00 00 00"));
    answers(&r, BLOCK("0D", "01 00 00 00 FF 01 00 00 41"));
    asks(&r, CLOSE("02 00"));
    answers(&r, STATUS("00"));
    ends(&r, ORDER_CANCELLED);
    assert_int_equal(r.f.defect, MASTER_FILE_CALLER);
    assert_string_equal(r.entries, "A 1 339978; ");

    rig_prepare(&r, MASTER_FILE_INFO);
    r.refuse_entry = true;
    rig_submit(&r);
    asks(&r, DESCRIBE);
    answers(&r, "46 07 5B 01 15 00 " FILE_A);
    ends(&r, ORDER_CANCELLED);
}

static uint32_t random_octet(uint64_t *seed)
{
    *seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(*seed >> 33);
}

/* One object, or two, that might be an answer in some step, and some octets of it wrong. */
static size_t random_answer(struct rig *r, uint64_t *seed, uint8_t *into, size_t room)
{
    uint8_t data[48];
    struct writer w = writer_over(into, room);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)random_octet(seed);
    for (uint32_t n = 1 + random_octet(seed) % 2; n > 0; n--) {
        uint32_t kind = random_octet(seed) % 8;
        uint8_t status = random_octet(seed) % 3 ? 0 : (uint8_t)(random_octet(seed) % 22);
        uint32_t block = random_octet(seed) % 4 ? r->f.block : random_octet(seed) % 5;
        if (kind < 2)
            file_block_write(
                &w, &(struct file_block){
                        {data, random_octet(seed) % 20}, r->f.handle, block, random_octet(seed) % 8 == 0});
        else if (kind < 4)
            file_block_status_write(
                &w, &(struct file_block_status){.handle = r->f.handle, .block = block, .status = status});
        else if (kind < 6)
            file_status_write(&w, &(struct file_status){.handle = random_octet(seed) % 9,
                                                        .size = random_octet(seed),
                                                        .block_size = (uint16_t)(random_octet(seed) % 30),
                                                        .status = status});
        else if (kind == 6)
            file_authentication_write(&w, &(struct file_authentication){.key = random_octet(seed) % 4});
        else
            file_descriptor_write(&w, &(struct file_descriptor){.name = {data, random_octet(seed) % 20}});
    }
    size_t len = writer_len(&w);
    if (len && random_octet(seed) % 8 == 0)
        into[random_octet(seed) % len] = (uint8_t)random_octet(seed);
    return len;
}

static bool swallow(void *context, uint64_t offset, const uint8_t *octets, size_t len)
{
    struct rig *r = context;
    assert_true(len > 0 && offset == r->f.octets && octets);
    return true;
}

/* Whatever a station answers, a job ends, and after a bounded number of requests. */
static void every_job_ends(void **state)
{
    (void)state;
    unsigned outcomes[ORDER_OUTCOMES] = {0};
    for (uint64_t first = 1; first <= 1200; first++) {
        static struct rig r;
        uint64_t seed = first;
        rig_prepare(&r, (enum master_file_kind)(first % MASTER_FILE_KINDS));
        r.job.sink = swallow;
        r.job.limit = 400;
        if (first & 64)
            r.job.user = r.job.password = (struct file_text){(const uint8_t *)"u", 1};
        master_file_init(&r.f, &r.job, r.request, sizeof r.request);
        rig_submit(&r);
        for (unsigned n = 0; r.f.order.outcome == ORDER_PENDING; n++) {
            assert_true(n < 2000 && r.s.sent_tail);
            uint8_t fragment[512] = {0, 0x81, 0, 0};
            r.s.sent_head = r.s.sent_tail;
            fragment[0] = (uint8_t)strtoul(r.s.sent[r.s.sent_tail - 1], NULL, 16);
            if (random_octet(&seed) % 16 == 0) {
                waits(&r.s, RIG_TIMEOUT_MS);
                continue;
            }
            fragment[3] = random_octet(&seed) % 32 ? 0 : 1;
            script_step(&r.s, __FILE__, __LINE__);
            script_gets_octets(&r.s, fragment, 4 + random_answer(&r, &seed, fragment + 4, 500));
        }
        outcomes[r.f.order.outcome]++;
        assert_true(r.f.octets <= 400 && r.f.order.requests <= 200);
    }
    assert_true(outcomes[ORDER_SUCCESS] && outcomes[ORDER_REFUSED_STATUS] && outcomes[ORDER_BAD_ANSWER] &&
                outcomes[ORDER_CANCELLED] && outcomes[ORDER_REFUSED_IIN]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_span_blocks),        cmocka_unit_test(listings_that_are_none),
        cmocka_unit_test(names_that_are_too_long),    cmocka_unit_test(described),
        cmocka_unit_test(the_caller_has_seen_enough), cmocka_unit_test(every_job_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
