// SPDX-License-Identifier: Apache-2.0
/* Files of an outstation: dnp3-reference/files.md 2 to 5. */
#include "support/memory_files.h"
#include "support/outstation_rig.h"

static struct rig r;
static struct memory_files disk;
static struct outstation_files files;

static int begin(void **state)
{
    (void)state;
    memset(&disk, 0, sizeof disk);
    memory_files_put(&disk, "a.txt", "hello world", 11);
    outstation_files_init(&files, &memory_file_system, &disk, 7);
    rig_setup(&r);
    r.config.files = &files;
    rig_start(&r);
    return 0;
}

/* Sends a request of one object, made by a writer of files.h. */
static void send(uint8_t seq, uint8_t function, const struct writer *object)
{
    uint8_t octets[2048] = {(uint8_t)(0xC0 | seq), function};
    size_t len = writer_len(object);
    assert_false(object->failed);
    memcpy(octets + 2, object->begin, len);
    rig_send_octets(&r, octets, len + 2);
}

static uint8_t scratch[2048];

static struct writer object(void)
{
    return writer_over(scratch, sizeof scratch);
}

static struct object_at answer_at(uint8_t variation, struct object_header *h)
{
    static struct app_fragment f;
    assert_true(rig_receive(&r));
    assert_int_equal(app_parse(r.out, r.out_len, &f), APP_OK);
    struct object_walk walk = app_objects(&f);
    assert_int_equal(object_walk_next(&walk, h), WALK_HEADER);
    if (variation)
        assert_int_equal(h->variation, variation);
    return object_header_at(h, 0);
}

static struct file_status status_of(void)
{
    struct object_header h;
    struct file_status s = {0};
    struct object_at at = answer_at(4, &h);
    assert_int_equal(file_status_parse(at.data, at.len, &s), LAYOUT_OK);
    return s;
}

static struct file_status open_file(uint8_t seq, const char *name, uint16_t mode, uint16_t block_size,
                                    uint32_t key)
{
    struct writer w = object();
    file_command_write(&w, &(struct file_command){.name = {(const uint8_t *)name, strlen(name)},
                                                  .mode = mode,
                                                  .block_size = block_size,
                                                  .permissions = 0x01A4,
                                                  .created_ms = RIG_T0,
                                                  .key = key,
                                                  .request = 7});
    send(seq, APP_OPEN_FILE, &w);
    struct file_status s = status_of();
    assert_int_equal(s.request, 7);
    return s;
}

static void ask_block(uint8_t seq, uint32_t handle, uint32_t block)
{
    struct writer w = object();
    file_block_write(&w, &(struct file_block){.handle = handle, .block = block});
    send(seq, APP_READ, &w);
}

/* The octets of a block; `status` of a g70v6 where that is the answer. */
static struct file_block block_of(uint8_t *status)
{
    struct object_header h;
    struct file_block b = {0};
    struct file_block_status s = {0};
    struct object_at at = answer_at(0, &h);
    *status = FILE_SUCCESS;
    if (h.variation == 5) {
        assert_int_equal(file_block_parse(at.data, at.len, &b), LAYOUT_OK);
        return b;
    }
    assert_int_equal(h.variation, 6);
    assert_int_equal(file_block_status_parse(at.data, at.len, &s), LAYOUT_OK);
    *status = s.status;
    return (struct file_block){.handle = s.handle, .block = s.block, .last = s.last};
}

static uint8_t write_block(uint8_t seq, uint32_t handle, uint32_t block, bool last, const char *text)
{
    struct writer w = object();
    uint8_t status;
    file_block_write(&w, &(struct file_block){.handle = handle,
                                              .block = block,
                                              .last = last,
                                              .data = {(const uint8_t *)text, strlen(text)}});
    send(seq, APP_WRITE, &w);
    struct file_block b = block_of(&status);
    assert_int_equal(b.block, block);
    assert_int_equal(b.last, last);
    return status;
}

static uint8_t end_file(uint8_t seq, uint8_t function, uint32_t handle)
{
    struct writer w = object();
    file_status_write(&w, &(struct file_status){.handle = handle, .request = 9});
    send(seq, function, &w);
    return status_of().status;
}

static void files_3_read_in_blocks(void **state)
{
    (void)state;
    struct file_status s = open_file(1, "a.txt", FILE_MODE_READ, 4, 0);
    uint8_t status;
    assert_int_equal(s.status, FILE_SUCCESS);
    assert_int_equal(s.size, 11);
    assert_int_equal(s.block_size, 4);
    assert_int_not_equal(s.handle, 0);
    static const char *const parts[] = {"hell", "o wo", "rld"};
    for (uint32_t n = 0; n < 3; n++) {
        ask_block((uint8_t)(2 + n), s.handle, n);
        struct file_block b = block_of(&status);
        assert_int_equal(status, FILE_SUCCESS);
        assert_int_equal(b.block, n);
        assert_int_equal(b.data.len, strlen(parts[n]));
        assert_memory_equal(b.data.octets, parts[n], b.data.len);
        assert_int_equal(b.last, n == 2);
    }
    assert_int_equal(end_file(5, APP_CLOSE_FILE, s.handle), FILE_SUCCESS);
    assert_int_equal(disk.kept, 1);
    assert_int_equal(end_file(6, APP_CLOSE_FILE, s.handle), FILE_INVALID_HANDLE);
}

static void files_3_a_lost_block_is_asked_for_again(void **state)
{
    (void)state;
    uint8_t status;
    uint32_t handle = open_file(1, "a.txt", FILE_MODE_READ, 4, 0).handle;
    ask_block(2, handle, 0);
    block_of(&status);
    ask_block(2, handle, 0); /* the same request */
    assert_memory_equal(block_of(&status).data.octets, "hell", 4);
    ask_block(3, handle, 0); /* and with the next number */
    assert_memory_equal(block_of(&status).data.octets, "hell", 4);
    ask_block(4, handle, 1);
    assert_memory_equal(block_of(&status).data.octets, "o wo", 4);
    ask_block(5, handle, 0); /* two back */
    assert_int_equal((block_of(&status), status), FILE_BLOCK_SEQUENCE);
    ask_block(6, handle, 3);
    assert_int_equal((block_of(&status), status), FILE_BLOCK_SEQUENCE);
    ask_block(7, handle, 2);
    assert_true(block_of(&status).last);
    ask_block(8, handle, 2);
    assert_true(block_of(&status).last);
    ask_block(9, handle, 3); /* behind the end */
    assert_int_equal((block_of(&status), status), FILE_BLOCK_SEQUENCE);
}

static void files_3_empty_file_and_whole_blocks(void **state)
{
    (void)state;
    uint8_t status;
    memory_files_put(&disk, "empty", "", 0);
    memory_files_put(&disk, "even", "12345678", 8);
    uint32_t handle = open_file(1, "empty", FILE_MODE_READ, 4, 0).handle;
    ask_block(2, handle, 0);
    struct file_block b = block_of(&status);
    assert_int_equal(b.data.len, 0);
    assert_true(b.last);
    handle = open_file(3, "even", FILE_MODE_READ, 4, 0).handle;
    ask_block(4, handle, 0);
    assert_false(block_of(&status).last);
    ask_block(5, handle, 1);
    assert_true(block_of(&status).last);
}

static void files_4_block_size_is_negotiated(void **state)
{
    (void)state;
    static uint8_t big[5000];
    uint8_t status;
    memory_files_put(&disk, "big", big, sizeof big);
    struct file_status s = open_file(1, "big", FILE_MODE_READ, 65535, 0);
    assert_int_equal(s.block_size, 2030);
    ask_block(2, s.handle, 0);
    assert_int_equal(block_of(&status).data.len, 2030);
    assert_int_equal(r.out_len, 2048);
    assert_int_equal(open_file(3, "n", FILE_MODE_WRITE, 65535, 0).block_size, 2032);
    assert_int_equal(open_file(4, "a.txt", FILE_MODE_READ, 0, 0).status, FILE_WRITE_BLOCK_SIZE);
    files.block_max = 100;
    assert_int_equal(open_file(5, "a.txt", FILE_MODE_READ, 200, 0).block_size, 100);
}

static void files_3_write_and_append(void **state)
{
    (void)state;
    struct file_status s = open_file(1, "new", FILE_MODE_WRITE, 4, 0);
    assert_int_equal(s.status, FILE_SUCCESS);
    assert_int_equal(write_block(2, s.handle, 0, false, "abcd"), FILE_SUCCESS);
    assert_int_equal(write_block(3, s.handle, 0, false, "abcd"), FILE_SUCCESS); /* its answer was lost */
    assert_int_equal(write_block(3, s.handle, 0, false, "abcd"), FILE_SUCCESS);
    assert_int_equal(disk.writes, 1);
    assert_int_equal(write_block(4, s.handle, 2, false, "x"), FILE_BLOCK_SEQUENCE);
    assert_int_equal(write_block(5, s.handle, 1, false, "toolong"), FILE_BUFFER_OVERRUN);
    assert_int_equal(write_block(6, s.handle, 1, true, "ef"), FILE_SUCCESS);
    assert_int_equal(write_block(7, s.handle, 2, false, "g"), FILE_BLOCK_SEQUENCE);
    assert_null(memory_files_find(&disk, "new", 3));
    assert_int_equal(end_file(8, APP_CLOSE_FILE, s.handle), FILE_SUCCESS);
    const struct memory_file *f = memory_files_find(&disk, "new", 3);
    assert_non_null(f);
    assert_int_equal(f->len, 6);
    assert_memory_equal(f->octets, "abcdef", 6);
    assert_int_equal(f->permissions, 0x01A4);
    s = open_file(9, "new", FILE_MODE_APPEND, 4, 0);
    assert_int_equal(write_block(10, s.handle, 0, true, "gh"), FILE_SUCCESS);
    assert_int_equal(end_file(11, APP_CLOSE_FILE, s.handle), FILE_SUCCESS);
    assert_int_equal(f->len, 8);
    assert_memory_equal(f->octets, "abcdefgh", 8);
    disk.fail = FILE_FATAL;
    s = open_file(12, "new", FILE_MODE_APPEND, 4, 0);
    assert_int_equal(write_block(13, s.handle, 0, true, "gh"), FILE_FATAL);
}

static void application_5_4_repeated_commands_are_answered_not_executed(void **state)
{
    (void)state;
    uint32_t handle = open_file(1, "a.txt", FILE_MODE_READ, 4, 0).handle;
    assert_int_equal(open_file(1, "a.txt", FILE_MODE_READ, 4, 0).handle, handle);
    assert_int_not_equal(open_file(2, "a.txt", FILE_MODE_READ, 4, 0).handle, handle);
    assert_int_equal(end_file(3, APP_CLOSE_FILE, handle), FILE_SUCCESS);
    rig_send(&r, "C4 08 14 00 06"); /* what is never answered leaves the memory alone */
    assert_int_equal(end_file(3, APP_CLOSE_FILE, handle), FILE_SUCCESS);
    assert_int_equal(disk.kept, 1);
}

static void files_3_abort_and_loss_leave_the_file_as_it_was(void **state)
{
    (void)state;
    uint32_t handle = open_file(1, "a.txt", FILE_MODE_WRITE, 4, 0).handle;
    assert_int_equal(write_block(2, handle, 0, false, "abcd"), FILE_SUCCESS);
    assert_int_equal(end_file(3, APP_ABORT_FILE, handle), FILE_SUCCESS);
    assert_int_equal(end_file(4, APP_ABORT_FILE, handle), FILE_INVALID_HANDLE);
    handle = open_file(5, "a.txt", FILE_MODE_WRITE, 4, 0).handle;
    outstation_disconnected(&r.o, &r.at);
    outstation_connected(&r.o, &r.at);
    assert_int_equal(write_block(6, handle, 0, false, "abcd"), FILE_INVALID_HANDLE);
    open_file(7, "a.txt", FILE_MODE_WRITE, 4, 0);
    outstation_restart(&r.o, true, &r.at);
    assert_int_equal(disk.dropped, 3);
    assert_int_equal(memory_files_find(&disk, "a.txt", 5)->len, 11);
}

static void files_4_handles_expire(void **state)
{
    (void)state;
    uint8_t status;
    files.timeout_ms = 5000;
    uint32_t handle = open_file(1, "a.txt", FILE_MODE_READ, 4, 0).handle;
    assert_int_equal(outstation_deadline_ms(&r.o), r.at.now_ms + 5000);
    rig_wait(&r, 4000);
    ask_block(2, handle, 0);
    assert_int_equal((block_of(&status), status), FILE_SUCCESS);
    rig_wait(&r, 4999);
    assert_int_equal(disk.dropped, 0);
    rig_wait(&r, 1);
    assert_int_equal(disk.dropped, 1);
    assert_int_equal(outstation_deadline_ms(&r.o), NEVER_MS);
    ask_block(3, handle, 1);
    assert_int_equal((block_of(&status), status), FILE_HANDLE_EXPIRED);
    assert_int_equal(end_file(4, APP_CLOSE_FILE, handle), FILE_HANDLE_EXPIRED);
}

static void files_2_reasons_of_refusal(void **state)
{
    (void)state;
    uint8_t status;
    memory_files_put(&disk, "locked", "", 0);
    assert_int_equal(open_file(1, "nothing", FILE_MODE_READ, 4, 0).status, FILE_NOT_FOUND);
    assert_int_equal(open_file(2, "\xC0\xAE", FILE_MODE_READ, 4, 0).status, FILE_NOT_FOUND); /* overlong */
    assert_int_equal(open_file(3, "a\nb", FILE_MODE_WRITE, 4, 0).status, FILE_NOT_FOUND);
    assert_int_equal(open_file(4, "", FILE_MODE_READ, 4, 0).status, FILE_NOT_FOUND);
    assert_int_equal(open_file(5, "a.txt", 0, 4, 0).status, FILE_INVALID_MODE);
    assert_int_equal(open_file(6, "a.txt", 4, 4, 0).status, FILE_INVALID_MODE);
    assert_int_equal(open_file(7, "locked", FILE_MODE_READ, 4, 0).status, FILE_LOCKED);
    assert_int_equal(open_file(8, ".", FILE_MODE_WRITE, 4, 0).status, FILE_PERMISSION_DENIED);
    uint32_t handle = 0;
    for (uint8_t i = 0; i < OUTSTATION_FILES_OPEN; i++)
        handle = open_file((uint8_t)(9 + i), "a.txt", FILE_MODE_READ, 4, 0).handle;
    assert_int_equal(open_file(13, "a.txt", FILE_MODE_READ, 4, 0).status, FILE_TOO_MANY_OPEN);
    assert_int_equal(write_block(14, handle, 0, false, "abcd"), FILE_INVALID_MODE);
    ask_block(15, handle ^ 1, 0);
    assert_int_equal((block_of(&status), status), FILE_INVALID_HANDLE);
    ask_block(1, 0, 0);
    assert_int_equal((block_of(&status), status), FILE_INVALID_HANDLE);
    disk.fail = FILE_COMM_LOST;
    ask_block(2, handle, 0);
    assert_int_equal((block_of(&status), status), FILE_COMM_LOST);
}

static void files_3_directory_in_blocks(void **state)
{
    (void)state;
    uint8_t status, listing[400];
    size_t len = 0;
    memory_files_put(&disk, "grüße.csv", "1;2", 3);
    memory_files_put(&disk, "x", "", 0);
    struct file_status s = open_file(1, ".", FILE_MODE_READ, 17, 0); /* entries span blocks */
    struct file_block b = {0};
    for (uint32_t n = 0; !b.last; n++) {
        ask_block((uint8_t)((2 + n) & APP_SEQ), s.handle, n);
        b = block_of(&status);
        ask_block((uint8_t)((2 + n) & APP_SEQ), s.handle, n); /* each block is lost once */
        b = block_of(&status);
        assert_int_equal(b.block, n);
        memcpy(listing + len, b.data.octets, b.data.len);
        len += b.data.len;
    }
    assert_int_equal(len, s.size);
    struct reader entries = reader_over(listing, len);
    struct file_descriptor d;
    static const char *const names[] = {"a.txt", "grüße.csv", "x"};
    for (size_t i = 0; i < 3; i++) {
        assert_true(file_entry_next(&entries, &d));
        assert_int_equal(d.name.len, strlen(names[i]));
        assert_memory_equal(d.name.octets, names[i], d.name.len);
        assert_int_equal(d.type, FILE_TYPE_FILE);
    }
    assert_false(file_entry_next(&entries, &d));
    assert_false(entries.failed);
}

static void files_3_info_and_delete(void **state)
{
    (void)state;
    struct object_header h;
    struct file_descriptor d;
    struct writer w = object();
    struct file_text name = {(const uint8_t *)"a.txt", 5}, other = {(const uint8_t *)"b", 1};
    file_descriptor_write(&w, &(struct file_descriptor){.name = name, .request = 10});
    send(1, APP_GET_FILE_INFO, &w);
    struct object_at at = answer_at(7, &h);
    assert_int_equal(file_descriptor_parse(at.data, at.len, &d), LAYOUT_OK);
    assert_int_equal(d.size, 11);
    assert_int_equal(d.type, FILE_TYPE_FILE);
    assert_int_equal(d.request, 10);
    w = object();
    file_descriptor_write(&w, &(struct file_descriptor){.name = other, .request = 11});
    send(2, APP_GET_FILE_INFO, &w);
    struct file_status s = status_of();
    assert_int_equal(s.status, FILE_NOT_FOUND);
    assert_int_equal(s.request, 11);
    for (uint8_t seq = 3; seq < 5; seq++) {
        w = object();
        file_command_write(&w, &(struct file_command){.name = name, .request = seq});
        send(seq, APP_DELETE_FILE, &w);
        assert_int_equal(status_of().status, seq == 3 ? FILE_SUCCESS : FILE_NOT_FOUND);
    }
    assert_null(memory_files_find(&disk, "a.txt", 5));
}

static uint32_t authenticate(uint8_t seq, const char *user, const char *password)
{
    struct object_header h;
    struct file_authentication a = {.user = {(const uint8_t *)user, strlen(user)},
                                    .password = {(const uint8_t *)password, strlen(password)}};
    struct writer w = object();
    file_authentication_write(&w, &a);
    send(seq, APP_AUTHENTICATE_FILE, &w);
    struct object_at at = answer_at(2, &h);
    assert_int_equal(file_authentication_parse(at.data, at.len, &a), LAYOUT_OK);
    assert_int_equal(a.user.len + a.password.len, 0);
    return a.key;
}

static void files_3_a_key_opens_once(void **state)
{
    (void)state;
    static const struct file_user users[] = {{"op", "secret"}, {"root", ""}};
    files.users = users;
    files.users_len = 2;
    assert_int_equal(open_file(1, "a.txt", FILE_MODE_READ, 4, 0).status, FILE_PERMISSION_DENIED);
    assert_int_equal(authenticate(2, "op", "secre"), 0);
    assert_int_equal(authenticate(3, "op", "secretsecret"), 0);
    assert_int_equal(authenticate(4, "", ""), 0);
    assert_int_equal(authenticate(5, "op", ""), 0);
    uint32_t key = authenticate(6, "op", "secret");
    assert_int_not_equal(key, 0);
    assert_int_equal(open_file(7, "a.txt", FILE_MODE_READ, 4, key).status, FILE_SUCCESS);
    assert_int_equal(open_file(8, "a.txt", FILE_MODE_READ, 4, key).status, FILE_PERMISSION_DENIED);
    key = authenticate(9, "op", "secret");
    assert_int_equal(open_file(10, "a.txt", FILE_MODE_READ, 4, key + 1).status, FILE_PERMISSION_DENIED);
    assert_int_equal(open_file(11, "a.txt", FILE_MODE_READ, 4, key).status, FILE_PERMISSION_DENIED);
    key = authenticate(12, "root", "");
    rig_wait(&r, 60000);
    assert_int_equal(open_file(13, "a.txt", FILE_MODE_READ, 4, key).status, FILE_PERMISSION_DENIED);
}

static void files_3_activate(void **state)
{
    (void)state;
    files.activate_ms = 2000;
    memory_files_put(&disk, "cfg", "", 0);
    rig_exchange(&r, "C1 1F 5A 01 5B 01 01 00 41", "C1 81 00 02");
    rig_exchange(&r, "C2 1F 46 08 5B 01 03 00 63 66 67 6E 03 00 00 00 78 79 7A",
                 "C2 81 00 00 5B 01 5B 01 09 00 D0 07 00 00 02 01 00 01 03");
    assert_string_equal(disk.activated, "cfg");
    rig_exchange(&r, "C3 1F 46 08 5B 01 03 00 63 66 67", "C3 81 00 10");
    rig_wait(&r, 2000);
    rig_exchange(&r, "C4 1F 46 08 5B 01 03 00 63 66 67",
                 "C4 81 00 00 5B 01 5B 01 07 00 D0 07 00 00 01 01 00");
}

static void files_5_captured_exchange(void **state)
{
    (void)state;
    memory_files_put(&disk, "./testfile.txt", "This is a test file", 19);
    rig_exchange(
        &r,
        "C1 19 46 03 5B 01 28 00 1A 00 0E 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 04"
        " 04 00 2E 2F 74 65 73 74 66 69 6C 65 2E 74 78 74",
        "C1 81 00 00 46 04 5B 01 0D 00 ?? ?? ?? ?? 13 00 00 00 00 04 04 00 00");
    uint8_t request[] = {0xC2, 1, 0x46, 5, 0x5B, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    memcpy(request + 8, r.out + 10, 4);
    rig_send_octets(&r, request, sizeof request);
    rig_expect(&r,
               "C2 81 00 00 46 05 5B 01 1B 00 ?? ?? ?? ?? 00 00 00 80 54 68 69 73 20 69 73 20 61 20 74 65 73"
               " 74 20 66 69 6C 65");
}

static void malformed_commands_are_parameter_errors(void **state)
{
    (void)state;
    /* An offset that is not the layout's; a name longer than the object; two objects; no object. */
    rig_exchange(
        &r,
        "C1 19 46 03 5B 01 1B 00 1B 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 04"
        " 04 00 41",
        "C1 81 00 04");
    rig_exchange(
        &r,
        "C2 19 46 03 5B 01 1B 00 1A 00 02 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 01 00 00 04"
        " 04 00 41",
        "C2 81 00 04");
    rig_exchange(
        &r,
        "C3 1A 46 04 5B 02 0D 00 01 00 00 00 00 00 00 00 00 00 00 00 00 0D 00 01 00 00 00 00 00 00 00 00"
        " 00 00 00 00",
        "C3 81 00 04");
    rig_exchange(&r, "C4 1A", "C4 81 00 04");
    rig_exchange(&r, "C5 1A 46 03 06", "C5 81 00 04"); /* files have no such qualifier */
    rig_exchange(&r, "C6 1A 46 08 5B 01 01 00 41", "C6 81 00 02");
    rig_exchange(&r, "C7 1A 46 04 5B 01 0D 00 01 00 00 00 00 00 00 00 00 00 00 00", "C7 81 00 04"); /* cut */
    rig_exchange(&r, "C8 01 46 05 5B 01 07 00 01 00 00 00 00 00 00", "C8 81 00 04");
    rig_exchange(&r, "C9 01 46 05 5B 01 09 00 01 00 00 00 00 00 00 00 41",
                 "C9 81 00 04"); /* data in a READ */
    rig_exchange(&r, "CA 01 46 06 5B 01 09 00 01 00 00 00 00 00 00 00 00", "CA 81 00 02");
    rig_exchange(&r, "CB 02 46 05 5B 01 07 00 01 00 00 00 00 00 00", "CB 81 00 04");
    rig_exchange(&r, "CD 01 46 05 5B 02 08 00 01 00 00 00 00 00 00 00 08 00 01 00 00 00 01 00 00 00",
                 "CD 81 00 04"); /* two under one header */
    rig_exchange(&r, "CE 19 46 08 5B 01 01 00 41", "CE 81 00 02");
    rig_exchange(&r, "CC 02 46 06 5B 01 09 00 01 00 00 00 00 00 00 00 00", "CC 81 00 02");
}

/* The answer has room for one. */
static void one_block_is_written_at_a_time(void **state)
{
    (void)state;
    uint32_t handle = open_file(1, "b", FILE_MODE_WRITE, 16, 0).handle;
    uint8_t request[64] = {0xC2, APP_WRITE};
    struct writer w = writer_over(request + 2, sizeof request - 2);
    for (uint32_t block = 0; block < 2; block++)
        file_block_write(
            &w, &(struct file_block){.handle = handle, .block = block, .data = {(const uint8_t *)"xy", 2}});
    rig_send_octets(&r, request, 2 + writer_len(&w));
    rig_expect(&r, "C2 81 00 04 46 06 5B 01 09 00 ?? ?? ?? ?? 00 00 00 00 00");
    assert_int_equal(write_block(3, handle, 1, true, "z"), FILE_SUCCESS);
    assert_int_equal(end_file(4, APP_CLOSE_FILE, handle), FILE_SUCCESS);

    handle = open_file(5, "b", FILE_MODE_APPEND, 16, 0).handle;
    r.to = LINK_BROADCAST_NO_CONFIRM;
    w = object();
    file_block_write(&w, &(struct file_block){.handle = handle, .data = {(const uint8_t *)"no", 2}});
    send(6, APP_WRITE, &w);
    rig_expect_nothing(&r);
    r.to = 0;
    assert_int_equal(write_block(7, handle, 0, true, "!"), FILE_SUCCESS);
    assert_int_equal(end_file(8, APP_CLOSE_FILE, handle), FILE_SUCCESS);
    handle = open_file(9, "b", FILE_MODE_READ, 16, 0).handle;
    uint8_t status;
    ask_block(10, handle, 0);
    struct file_block b = block_of(&status);
    assert_int_equal(b.data.len, 4);
    assert_memory_equal(b.data.octets, "xyz!", 4);
}

static void a_block_beside_other_data(void **state)
{
    (void)state;
    uint32_t handle = open_file(1, "a.txt", FILE_MODE_READ, 4, 0).handle;
    uint8_t request[] = {0xC2, 1, 1, 2, 0, 0, 0, 0x46, 5, 0x5B, 1, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct writer w = writer_over(request + 13, 4);
    write_u32(&w, handle);
    rig_send_octets(&r, request, sizeof request);
    rig_expect(&r, "C2 81 00 00 01 02 00 00 00 01 46 05 5B 01 0C 00 ?? ?? ?? ?? 00 00 00 00 68 65 6C 6C");
}

static void names_are_utf_8(void **state)
{
    (void)state;
    static const char *const bad[] = {"\xC3",
                                      "\xC3x",
                                      "\x80",
                                      "\xED\xA0\x80",
                                      "\xF4\x90\x80\x80",
                                      "\xE0\x80\x80",
                                      "a\x7F",
                                      "\xF0\x80\x80\x80",
                                      "\xFF"};
    static const char *const good[] = {"\xC3\xBC", "\xE2\x82\xAC", "\xF0\x9F\x98\x80"};
    char longest[OUTSTATION_FILE_NAME_MAX + 2];
    memset(longest, 'a', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(open_file((uint8_t)i, bad[i], FILE_MODE_WRITE, 4, 0).status, FILE_NOT_FOUND);
    for (uint8_t i = 0; i < 3; i++)
        assert_int_equal(open_file((uint8_t)(9 + i), good[i], FILE_MODE_WRITE, 4, 0).status, FILE_SUCCESS);
    assert_int_equal(open_file(13, longest, FILE_MODE_WRITE, 4, 0).status, FILE_NOT_FOUND);
    assert_int_equal(open_file(14, longest + 1, FILE_MODE_WRITE, 4, 0).status, FILE_SUCCESS);
}

static void a_name_that_the_answer_has_no_room_for(void **state)
{
    (void)state;
    char name[221];
    memset(name, 'a', 220);
    name[220] = '\0';
    memory_files_put(&disk, name, "", 0);
    memory_files_put(&disk, name + 1, "", 0);
    outstation_disconnected(&r.o, &r.at);
    r.config.tx_fragment_max = 249;
    rig_connect(&r);
    for (uint8_t i = 0; i < 2; i++) {
        struct object_header h;
        struct writer w = object();
        struct file_text text = {(const uint8_t *)name + i, 220u - i};
        file_descriptor_write(&w, &(struct file_descriptor){.name = text});
        send(i, APP_GET_FILE_INFO, &w);
        answer_at(i ? 7 : 4, &h); /* 250 octets would not do */
        assert_true(r.out_len <= 249);
    }
}

static void an_expired_handle_gives_its_place(void **state)
{
    (void)state;
    uint32_t first = 0, last = 0;
    for (uint8_t i = 0; i < OUTSTATION_FILES_OPEN; i++) {
        last = open_file(i, "a.txt", FILE_MODE_READ, 4, 0).handle;
        first = i ? first : last;
    }
    rig_wait(&r, 60000);
    assert_int_equal(disk.dropped, OUTSTATION_FILES_OPEN);
    uint32_t handle = open_file(5, "a.txt", FILE_MODE_READ, 4, 0).handle;
    assert_int_equal(end_file(6, APP_CLOSE_FILE, last), FILE_INVALID_HANDLE); /* whose place it was */
    assert_int_equal(end_file(7, APP_CLOSE_FILE, first), FILE_HANDLE_EXPIRED);
    assert_int_equal(end_file(8, APP_CLOSE_FILE, handle), FILE_SUCCESS);
}

static void a_handle_expires_also_where_nobody_ticked(void **state)
{
    (void)state;
    uint32_t handle = open_file(1, "a.txt", FILE_MODE_WRITE, 4, 0).handle;
    r.at.now_ms += 60000;
    assert_int_equal(write_block(2, handle, 0, true, "abcd"), FILE_HANDLE_EXPIRED);
    assert_int_equal(disk.dropped, 1);
}

static void a_written_file_is_not_read(void **state)
{
    (void)state;
    uint8_t status;
    uint32_t handle = open_file(1, "b", FILE_MODE_WRITE, 4, 0).handle;
    ask_block(2, handle, 0);
    assert_int_equal((block_of(&status), status), FILE_INVALID_MODE);
    end_file(3, APP_CLOSE_FILE, handle);
    handle = open_file(4, "c", FILE_MODE_WRITE, 65535, 0).handle; /* blocks that no answer has room for */
    ask_block(5, handle, 0);
    assert_int_equal((block_of(&status), status), FILE_INVALID_MODE);
}

static void delete_needs_a_key_and_a_name(void **state)
{
    (void)state;
    static const struct file_user users[] = {{"op", "secret"}};
    struct file_command c = {.name = {(const uint8_t *)"a\n", 2}};
    struct writer w = object();
    file_command_write(&w, &c);
    send(1, APP_DELETE_FILE, &w);
    assert_int_equal(status_of().status, FILE_NOT_FOUND);
    files.users = users;
    files.users_len = 1;
    c.name = (struct file_text){(const uint8_t *)"a.txt", 5};
    w = object();
    file_command_write(&w, &c);
    send(2, APP_DELETE_FILE, &w);
    assert_int_equal(status_of().status, FILE_PERMISSION_DENIED);
    c.key = authenticate(3, "op", "secret");
    w = object();
    file_command_write(&w, &c);
    send(4, APP_DELETE_FILE, &w);
    assert_int_equal(status_of().status, FILE_SUCCESS);
}

static void each_command_wants_its_object_whole(void **state)
{
    (void)state;
    static const struct {
        uint8_t function, variation;
    } rows[] = {{APP_OPEN_FILE, 3},     {APP_CLOSE_FILE, 4},        {APP_DELETE_FILE, 3},
                {APP_GET_FILE_INFO, 7}, {APP_AUTHENTICATE_FILE, 2}, {APP_ABORT_FILE, 4}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char request[64], response[32];
        snprintf(request, sizeof request, "C%zX %02X 46 %02X 5B 01 02 00 00 00", i, rows[i].function,
                 rows[i].variation);
        snprintf(response, sizeof response, "C%zX 81 00 04", i);
        rig_exchange(&r, request, response);
    }
}

static void what_is_no_configuration_is_not_activated(void **state)
{
    (void)state;
    struct file_system without = memory_file_system;
    rig_exchange(&r, "C1 1F 46 08 5B 01 01 00 01", "C1 81 00 00 5B 01 5B 01 07 00 E8 03 00 00 01 01 03");
    rig_wait(&r, 1000);
    rig_exchange(&r, "C2 1F 46 03 5B 01 01 00 61", "C2 81 00 02"); /* no name of a file */
    rig_exchange(&r, "C3 1F 6E 00 00 00 00", "C3 81 00 02");       /* no string */
    rig_exchange(&r, "C4 1F 6E 01 06", "C4 81 00 02");             /* none in particular */
    rig_exchange(&r, "C5 1F FA 01 06", "C5 81 00 02");             /* nothing that is known */
    without.activate = NULL;
    files.system = &without;
    rig_exchange(&r, "C6 1F 46 08 5B 01 01 00 61", "C6 81 00 01");
    files.system = &memory_file_system;
}

static void no_more_is_activated_than_an_answer_tells(void **state)
{
    (void)state;
    uint8_t octets[2 + 33 * 7] = {0xC1, APP_ACTIVATE_CONFIG};
    for (size_t i = 0; i < 33; i++)
        memcpy(octets + 2 + 7 * i, (const uint8_t[]){0x46, 8, 0x5B, 1, 1, 0, 'a'}, 7);
    rig_send_octets(&r, octets, sizeof octets);
    rig_expect(&r, "C1 81 00 04");
    octets[0] = 0xC2;
    rig_send_octets(&r, octets, sizeof octets - 7);
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 4 + 6 + 5 + 2 * 32);
}

static void a_block_that_has_no_room_goes_into_the_next_fragment(void **state)
{
    (void)state;
    static uint8_t big[4000];
    memory_files_put(&disk, "big", big, sizeof big);
    uint32_t handle = open_file(1, "big", FILE_MODE_READ, 2000, 0).handle;
    uint8_t request[32] = {0xC2, 1}; /* two blocks in one request */
    struct writer w = writer_over(request + 2, sizeof request - 2);
    file_block_write(&w, &(struct file_block){.handle = handle, .block = 0});
    file_block_write(&w, &(struct file_block){.handle = handle, .block = 1});
    rig_send_octets(&r, request, 2 + writer_len(&w));
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 18 + 2000);
    assert_int_equal(r.out[0], 0xA2);
    rig_send(&r, "C2 00");
    assert_true(rig_receive(&r));
    assert_int_equal(r.out_len, 18 + 2000);
    assert_int_equal(r.out[14], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(files_3_read_in_blocks, begin),
        cmocka_unit_test_setup(files_3_a_lost_block_is_asked_for_again, begin),
        cmocka_unit_test_setup(files_3_empty_file_and_whole_blocks, begin),
        cmocka_unit_test_setup(files_4_block_size_is_negotiated, begin),
        cmocka_unit_test_setup(files_3_write_and_append, begin),
        cmocka_unit_test_setup(application_5_4_repeated_commands_are_answered_not_executed, begin),
        cmocka_unit_test_setup(files_3_abort_and_loss_leave_the_file_as_it_was, begin),
        cmocka_unit_test_setup(files_4_handles_expire, begin),
        cmocka_unit_test_setup(files_2_reasons_of_refusal, begin),
        cmocka_unit_test_setup(files_3_directory_in_blocks, begin),
        cmocka_unit_test_setup(files_3_info_and_delete, begin),
        cmocka_unit_test_setup(files_3_a_key_opens_once, begin),
        cmocka_unit_test_setup(files_3_activate, begin),
        cmocka_unit_test_setup(files_5_captured_exchange, begin),
        cmocka_unit_test_setup(malformed_commands_are_parameter_errors, begin),
        cmocka_unit_test_setup(one_block_is_written_at_a_time, begin),
        cmocka_unit_test_setup(a_block_beside_other_data, begin),
        cmocka_unit_test_setup(names_are_utf_8, begin),
        cmocka_unit_test_setup(a_name_that_the_answer_has_no_room_for, begin),
        cmocka_unit_test_setup(an_expired_handle_gives_its_place, begin),
        cmocka_unit_test_setup(a_handle_expires_also_where_nobody_ticked, begin),
        cmocka_unit_test_setup(a_written_file_is_not_read, begin),
        cmocka_unit_test_setup(delete_needs_a_key_and_a_name, begin),
        cmocka_unit_test_setup(each_command_wants_its_object_whole, begin),
        cmocka_unit_test_setup(what_is_no_configuration_is_not_activated, begin),
        cmocka_unit_test_setup(no_more_is_activated_than_an_answer_tells, begin),
        cmocka_unit_test_setup(a_block_that_has_no_room_goes_into_the_next_fragment, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
