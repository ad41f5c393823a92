// SPDX-License-Identifier: Apache-2.0
/* The objects of file transfer: dnp3-reference/files.md 1 and 4. (The vectors F: protocol_vectors_test.c.) */
#include "protocol/files.h"

#include "support/cm.h"
#include "support/hex.h"

enum { HEADER_LEN = 6 };

static uint8_t octets[4096];
static size_t len;

static size_t object(const char *hex)
{
    len = hex_parse(hex, octets, sizeof octets);
    return len;
}

#define CREATED "00 7C 29 1F 94 01 "
#define COMMAND(offset, size)                                                                                \
    offset " 00 " size " 00 " CREATED "A4 01 01 00 00 00 05 00 00 00 02 00 00 02 09 00 "

static void commands(void **state)
{
    (void)state;
    struct file_command f;
    object(COMMAND("1A", "03") "61 62 63");
    assert_int_equal(file_command_parse(octets, len, &f), LAYOUT_OK);
    assert_int_equal(f.created_ms, UINT64_C(1735689600000));
    assert_int_equal(f.permissions, 0x01A4);
    assert_int_equal(f.key, 1);
    assert_int_equal(f.size, 5);
    assert_int_equal(f.mode, FILE_MODE_WRITE);
    assert_int_equal(f.block_size, 512);
    assert_int_equal(f.request, 9);
    assert_int_equal(f.name.len, 3);
    assert_ptr_equal(f.name.octets, octets + 26);
    object(COMMAND("00", "00"));
    assert_int_equal(file_command_parse(octets, len, &f), LAYOUT_OK); /* nothing there, nowhere */
    assert_int_equal(f.name.len, 0);
}

/* Offsets and sizes of a peer are not trusted. */
static void commands_that_lie(void **state)
{
    (void)state;
    struct file_command f;
    static const struct {
        const char *hex;
        enum layout_defect defect;
    } lies[] = {
        {COMMAND("1A", "04") "61 62 63", LAYOUT_LENGTH},   {COMMAND("1A", "02") "61 62 63", LAYOUT_EXCESS},
        {COMMAND("19", "03") "61 62 63", LAYOUT_POSITION}, {COMMAND("1B", "03") "61 62 63", LAYOUT_POSITION},
        {COMMAND("00", "03") "61 62 63", LAYOUT_POSITION}, {COMMAND("1A", "FF") "61 62 63", LAYOUT_LENGTH},
    };
    for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
        object(lies[i].hex);
        assert_int_equal(file_command_parse(octets, len, &f), lies[i].defect);
    }
    object(COMMAND("1A", "00"));
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(file_command_parse(octets, cut, &f), LAYOUT_SHORT);
}

static void authentications_that_lie(void **state)
{
    (void)state;
    struct file_authentication f;
    object("0C 00 01 00 0D 00 02 00 01 00 00 00 61 62 63");
    assert_int_equal(file_authentication_parse(octets, len, &f), LAYOUT_OK);
    assert_int_equal(f.user.len, 1);
    assert_memory_equal(f.password.octets, "bc", 2);
    assert_int_equal(f.key, 1);
    octets[4] = 0x0C; /* the password within the name */
    assert_int_equal(file_authentication_parse(octets, len, &f), LAYOUT_POSITION);
    octets[4] = 0x0D;
    octets[6] = 3;
    assert_int_equal(file_authentication_parse(octets, len, &f), LAYOUT_LENGTH);
}

static void the_top_bit_is_the_last_block(void **state)
{
    (void)state;
    struct file_block f;
    object("01 00 00 00 FF FF FF FF 61");
    assert_int_equal(file_block_parse(octets, len, &f), LAYOUT_OK);
    assert_int_equal(f.block, FILE_BLOCK_MAX);
    assert_true(f.last);
    assert_int_equal(f.data.len, 1);
    object("01 00 00 00 02 00 00 00");
    assert_int_equal(file_block_parse(octets, len, &f), LAYOUT_OK);
    assert_int_equal(f.block, 2);
    assert_false(f.last);
    assert_int_equal(f.data.len, 0);
    assert_int_equal(file_block_parse(octets, 7, &f), LAYOUT_SHORT);
}

static const uint8_t *const object_at = octets + HEADER_LEN;

static void end_object(const struct writer *w)
{
    assert_false(w->failed);
    assert_int_equal(writer_len(w), HEADER_LEN + (octets[4] | octets[5] << 8));
    assert_int_equal(octets[2], 0x5B);
    len = writer_len(w) - HEADER_LEN;
}

static void texts_equal(struct file_text a, const char *b)
{
    assert_int_equal(a.len, strlen(b));
    assert_memory_equal(a.octets, b, a.len);
}

static struct file_text text(const char *s)
{
    return (struct file_text){(const uint8_t *)s, strlen(s)};
}

static void statuses_are_read_again(void **state)
{
    (void)state;
    struct writer w = writer_over(octets, sizeof octets);
    struct file_status s = {text("no"), UINT32_MAX, 0x80000000, 2030, 65535, FILE_TOO_MANY_OPEN};
    file_status_write(&w, &s);
    struct file_status again;
    end_object(&w);
    assert_int_equal(file_status_parse(object_at, len, &again), LAYOUT_OK);
    assert_int_equal(again.handle, s.handle);
    assert_int_equal(again.size, s.size);
    assert_int_equal(again.block_size, s.block_size);
    assert_int_equal(again.request, s.request);
    assert_int_equal(again.status, s.status);
    texts_equal(again.text, "no");
    struct file_block_status b = {text("why"), 7, FILE_BLOCK_MAX, true, FILE_BLOCK_SEQUENCE};
    struct file_block_status b_again;
    w = writer_over(octets, sizeof octets);
    file_block_status_write(&w, &b);
    end_object(&w);
    assert_int_equal(file_block_status_parse(object_at, len, &b_again), LAYOUT_OK);
    assert_int_equal(b_again.handle, 7);
    assert_int_equal(b_again.block, FILE_BLOCK_MAX);
    assert_true(b_again.last);
    assert_int_equal(b_again.status, FILE_BLOCK_SEQUENCE);
    texts_equal(b_again.text, "why");
}

static void commands_and_authentications_are_read_again(void **state)
{
    (void)state;
    struct writer w = writer_over(octets, sizeof octets);
    struct file_command c = {
        text("/log/a.txt"), UINT64_C(0xFFFFFFFFFFFF), 3, 4, 0x1FF, FILE_MODE_APPEND, 512, 6};
    struct file_command c_again;
    file_command_write(&w, &c);
    end_object(&w);
    assert_int_equal(file_command_parse(object_at, len, &c_again), LAYOUT_OK);
    texts_equal(c_again.name, "/log/a.txt");
    assert_int_equal(c_again.created_ms, c.created_ms);
    assert_int_equal(c_again.permissions, 0x1FF);
    assert_int_equal(c_again.mode, FILE_MODE_APPEND);
    struct file_authentication a = {text("op"), text(""), 0x12345678};
    struct file_authentication a_again;
    w = writer_over(octets, sizeof octets);
    file_authentication_write(&w, &a);
    end_object(&w);
    assert_int_equal(file_authentication_parse(object_at, len, &a_again), LAYOUT_OK);
    texts_equal(a_again.user, "op");
    texts_equal(a_again.password, "");
    assert_int_equal(a_again.key, 0x12345678);
    w = writer_over(octets, sizeof octets);
    file_specification_write(&w, &c.name);
    end_object(&w);
    assert_memory_equal(object_at, "/log/a.txt", 10);
    assert_int_equal(len, 10);
}

static void directories(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "", "a long name"};
    struct writer w = writer_over(octets, sizeof octets);
    for (uint16_t i = 0; i < 3; i++)
        file_entry_write(&w,
                         &(struct file_descriptor){text(names[i]), i, 100U + i, FILE_TYPE_FILE, 0x124, i});
    struct reader r = reader_over(octets, writer_len(&w));
    struct file_descriptor f;
    for (unsigned i = 0; i < 3; i++) {
        assert_true(file_entry_next(&r, &f));
        texts_equal(f.name, names[i]);
        assert_int_equal(f.created_ms, i);
        assert_int_equal(f.size, 100 + i);
        assert_int_equal(f.type, FILE_TYPE_FILE);
        assert_int_equal(f.request, i);
    }
    assert_false(file_entry_next(&r, &f));
    assert_false(r.failed);
    for (size_t cut = writer_len(&w) - 30; cut < writer_len(&w); cut++) {
        r = reader_over(octets, cut);
        unsigned n = 0;
        while (file_entry_next(&r, &f))
            n++;
        assert_int_equal(n, 2);
    }
    octets[0]++; /* an offset that is not that of the name */
    r = reader_over(octets, writer_len(&w));
    assert_false(file_entry_next(&r, &f));
    assert_true(r.failed);
    assert_false(file_entry_next(&r, &f));
}

static void written_whole_or_not(void **state)
{
    (void)state;
    struct file_descriptor d = {.name = text("abc")};
    struct file_block b = {.data = text("abc")};
    for (size_t room = 0; room < 6 + 20 + 3; room++) {
        struct writer w = writer_over(octets, room);
        file_descriptor_write(&w, &d);
        assert_true(w.failed);
        assert_int_equal(writer_len(&w), 0);
        w = writer_over(octets, room < 22 ? room : 22);
        file_entry_write(&w, &d);
        assert_true(w.failed);
        assert_int_equal(writer_len(&w), 0);
        w = writer_over(octets, room < 16 ? room : 16);
        file_block_write(&w, &b);
        assert_true(w.failed);
    }
}

static void objects_cut_short(void **state)
{
    (void)state;
    struct file_authentication authentication;
    struct file_status status;
    struct file_block block;
    struct file_block_status block_status;
    struct file_descriptor descriptor;
    memset(octets, 0, sizeof octets);
    for (size_t cut = 0; cut <= 20; cut++) {
        assert_int_equal(file_authentication_parse(octets, cut, &authentication), cut < 12 ? LAYOUT_SHORT
                                                                                  : cut == 12
                                                                                      ? LAYOUT_OK
                                                                                      : LAYOUT_EXCESS);
        assert_int_equal(file_status_parse(octets, cut, &status), cut < 13 ? LAYOUT_SHORT : LAYOUT_OK);
        assert_int_equal(file_block_parse(octets, cut, &block), cut < 8 ? LAYOUT_SHORT : LAYOUT_OK);
        assert_int_equal(file_block_status_parse(octets, cut, &block_status),
                         cut < 9 ? LAYOUT_SHORT : LAYOUT_OK);
        assert_int_equal(file_descriptor_parse(octets, cut, &descriptor),
                         cut < 20 ? LAYOUT_SHORT : LAYOUT_OK);
    }
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(file_status_name(FILE_NOT_FOUND), "FILE_NOT_FOUND");
    assert_string_equal(file_status_name(FILE_UNDEFINED), "UNDEFINED");
    assert_null(file_status_name(10));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),
        cmocka_unit_test(commands_that_lie),
        cmocka_unit_test(authentications_that_lie),
        cmocka_unit_test(the_top_bit_is_the_last_block),
        cmocka_unit_test(statuses_are_read_again),
        cmocka_unit_test(commands_and_authentications_are_read_again),
        cmocka_unit_test(directories),
        cmocka_unit_test(written_whole_or_not),
        cmocka_unit_test(objects_cut_short),
        cmocka_unit_test(names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
