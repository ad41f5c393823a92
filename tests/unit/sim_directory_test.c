// SPDX-License-Identifier: Apache-2.0
/* A real directory as the files of a station: nothing outside of it can be reached, nothing is half written.
 */
#include "outstation-sim/directory.h"
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/cm.h"

static char root[64], inside[96];
static struct scenario_files says;
static struct directory d;
static const struct file_system *const fs = &directory_file_system;

static void put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static char *path_of(const char *name)
{
    static char path[256];
    snprintf(path, sizeof(path), "%s/%s", inside, name);
    return path;
}

static int begin(void **state)
{
    (void)state;
    strcpy(root, "/tmp/sim-directory-XXXXXX");
    assert_non_null(mkdtemp(root));
    snprintf(inside, sizeof(inside), "%s/inside", root);
    says = (struct scenario_files){
        .directory = inside, .user = "", .password = "", .max_size = 20, .max_files = 4};
    directory_init(&d, &says, "S00001"); /* makes it */
    put(path_of("a.txt"), "hello world");
    return 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *where)
{
    (void)about;
    (void)kind;
    (void)where;
    return remove(path);
}

static int end(void **state)
{
    (void)state;
    directory_free(&d);
    return nftw(root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static struct file_text text_of(const char *name)
{
    return (struct file_text){(const uint8_t *)name, strlen(name)};
}

static uint8_t open_as(const char *name, uint16_t mode, struct file_opened *opened)
{
    struct file_command how = {
        .name = text_of(name), .mode = mode, .permissions = 0600, .created_ms = 1735689600000};
    *opened = (struct file_opened){0};
    return fs->open(&d, &how, opened);
}

static void assert_content(const char *name, const char *text)
{
    char found[64] = "";
    FILE *f = fopen(path_of(name), "r");
    assert_non_null(f);
    size_t n = fread(found, 1, sizeof(found) - 1, f);
    found[n] = '\0';
    fclose(f);
    assert_string_equal(found, text);
}

static unsigned entries_in_directory(void)
{
    struct file_opened opened;
    struct file_descriptor entry;
    unsigned n = 0;
    assert_int_equal(open_as(".", FILE_MODE_READ, &opened), FILE_SUCCESS);
    assert_true(opened.directory);
    while (fs->entry(&d, opened.file, n, &entry))
        n++;
    assert_int_equal(fs->close(&d, opened.file, true), FILE_SUCCESS);
    return n;
}

static void names_that_lead_outside(void **state)
{
    (void)state;
    static const char *const names[] = {
        "..",      "../secret", "/../secret", "./../secret", "link",   "sub/x",      "sub", ".hidden",
        "//a.txt", ".//a.txt",  "pipe",       "/etc/passwd", "a.txt/", "..\\secret", "...", "missing"};
    char secret[128];
    struct file_opened opened;
    struct file_descriptor about;
    snprintf(secret, sizeof(secret), "%s/secret", root);
    put(secret, "secret");
    put(path_of(".hidden"), "hidden");
    assert_int_equal(symlink("../secret", path_of("link")), 0);
    assert_int_equal(mkdir(path_of("sub"), 0700), 0);
    put(path_of("sub/x"), "x");
    assert_int_equal(mkfifo(path_of("pipe"), 0600), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct file_text name = text_of(names[i]);
        assert_int_not_equal(open_as(names[i], FILE_MODE_READ, &opened), FILE_SUCCESS);
        assert_int_not_equal(fs->info(&d, &name, &about), FILE_SUCCESS);
        assert_int_not_equal(fs->remove(&d, &name), FILE_SUCCESS);
        assert_int_not_equal(fs->activate(&d, &name), FILE_SUCCESS);
    }
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) - 3; i++)
        assert_int_not_equal(open_as(names[i], FILE_MODE_WRITE, &opened), FILE_SUCCESS);
    assert_int_equal(access(secret, R_OK), 0);
    assert_int_equal(entries_in_directory(), 1);
}

static void a_file_is_read(void **state)
{
    (void)state;
    static const char *const names[] = {"a.txt", "/a.txt", "./a.txt"};
    for (size_t i = 0; i < 3; i++) {
        struct file_opened opened;
        uint8_t octets[16];
        size_t len;
        bool last;
        assert_int_equal(open_as(names[i], FILE_MODE_READ, &opened), FILE_SUCCESS);
        assert_int_equal(opened.size, 11);
        assert_int_equal(fs->read(&d, opened.file, 0, octets, 6, &len, &last), FILE_SUCCESS);
        assert_int_equal(len, 6);
        assert_false(last);
        assert_int_equal(fs->read(&d, opened.file, 6, octets, 5, &len, &last), FILE_SUCCESS);
        assert_memory_equal(octets, "world", 5);
        assert_true(last);
        assert_int_equal(fs->close(&d, opened.file, true), FILE_SUCCESS);
    }
    assert_content("a.txt", "hello world");
}

static void a_file_is_written_when_it_is_closed(void **state)
{
    (void)state;
    struct file_opened opened, other;
    struct file_descriptor about;
    struct file_text name = text_of("a.txt");
    assert_int_equal(open_as("a.txt", FILE_MODE_WRITE, &opened), FILE_SUCCESS);
    assert_int_equal(open_as("a.txt", FILE_MODE_WRITE, &other), FILE_LOCKED);
    assert_int_equal(open_as("/a.txt", FILE_MODE_READ, &other), FILE_LOCKED);
    assert_int_equal(fs->remove(&d, &name), FILE_LOCKED);
    assert_int_equal(fs->write(&d, opened.file, (const uint8_t *)"new", 3), FILE_SUCCESS);
    assert_content("a.txt", "hello world");
    assert_int_equal(entries_in_directory(), 1); /* what is unfinished is not seen */
    assert_int_equal(fs->close(&d, opened.file, true), FILE_SUCCESS);
    assert_content("a.txt", "new");
    assert_int_equal(fs->info(&d, &name, &about), FILE_SUCCESS);
    assert_int_equal(about.size, 3);
    assert_int_equal(about.permissions, 0600);
    assert_true(about.created_ms == 1735689600000);
    assert_int_equal(open_as("a.txt", FILE_MODE_APPEND, &opened), FILE_SUCCESS);
    assert_int_equal(fs->write(&d, opened.file, (const uint8_t *)"er", 2), FILE_SUCCESS);
    assert_int_equal(fs->close(&d, opened.file, true), FILE_SUCCESS);
    assert_content("a.txt", "newer");
    assert_int_equal(open_as("b", FILE_MODE_APPEND, &opened), FILE_SUCCESS); /* of nothing */
    assert_int_equal(fs->close(&d, opened.file, true), FILE_SUCCESS);
    assert_content("b", "");
    assert_int_equal(fs->remove(&d, &name), FILE_SUCCESS);
    assert_int_equal(access(path_of("a.txt"), F_OK), -1);
}

static void what_is_given_up_leaves_nothing(void **state)
{
    (void)state;
    struct file_opened opened;
    assert_int_equal(open_as("a.txt", FILE_MODE_WRITE, &opened), FILE_SUCCESS);
    assert_int_equal(fs->write(&d, opened.file, (const uint8_t *)"new", 3), FILE_SUCCESS);
    assert_int_equal(access(path_of(".S00001-0.part"), F_OK), 0);
    assert_int_equal(fs->close(&d, opened.file, false), FILE_SUCCESS);
    assert_int_equal(access(path_of(".S00001-0.part"), F_OK), -1);
    assert_content("a.txt", "hello world");
    assert_int_equal(open_as("b", FILE_MODE_WRITE, &opened), FILE_SUCCESS);
    directory_free(&d);
    assert_int_equal(access(path_of(".S00001-0.part"), F_OK), -1);
    assert_int_equal(entries_in_directory(), 1);
}

static void sizes_and_numbers_are_bounded(void **state)
{
    (void)state;
    struct file_opened opened;
    assert_int_equal(open_as("a.txt", FILE_MODE_APPEND, &opened), FILE_SUCCESS);
    assert_int_equal(fs->write(&d, opened.file, (const uint8_t *)"0123456789", 10), FILE_BUFFER_OVERRUN);
    assert_int_equal(fs->write(&d, opened.file, (const uint8_t *)"012345678", 9), FILE_SUCCESS);
    assert_int_equal(fs->close(&d, opened.file, true), FILE_SUCCESS);
    struct file_command big = {.name = text_of("big"), .mode = FILE_MODE_WRITE, .size = 21};
    assert_int_equal(fs->open(&d, &big, &opened), FILE_PERMISSION_DENIED);
    put(path_of("b"), "");
    put(path_of("c"), "");
    put(path_of("e"), "123456789012345678901");
    assert_int_equal(open_as("f", FILE_MODE_WRITE, &opened), FILE_PERMISSION_DENIED); /* the fifth */
    assert_int_equal(open_as("e", FILE_MODE_APPEND, &opened), FILE_BUFFER_OVERRUN);
    assert_int_equal(open_as("c", FILE_MODE_WRITE, &opened), FILE_SUCCESS);
    assert_int_equal(fs->close(&d, opened.file, false), FILE_SUCCESS);
    assert_int_equal(entries_in_directory(), 4);
}

static void the_directory_itself(void **state)
{
    (void)state;
    static const char *const names[] = {".", "/", "./", ""};
    struct file_opened opened;
    struct file_descriptor about;
    for (size_t i = 0; i < 4; i++) {
        struct file_text name = text_of(names[i]);
        assert_int_equal(fs->info(&d, &name, &about), FILE_SUCCESS);
        assert_int_equal(about.type, FILE_TYPE_DIRECTORY);
        assert_int_equal(about.size, 1);
        assert_int_equal(fs->remove(&d, &name), FILE_PERMISSION_DENIED);
        assert_int_equal(open_as(names[i], FILE_MODE_WRITE, &opened), FILE_PERMISSION_DENIED);
        assert_int_equal(fs->activate(&d, &name), FILE_NOT_FOUND);
    }
}

static void a_directory_that_is_gone(void **state)
{
    (void)state;
    struct file_opened opened;
    struct file_text name = text_of("a.txt");
    struct file_descriptor about;
    says.directory = "/nonexistent/files";
    assert_int_equal(open_as("a.txt", FILE_MODE_READ, &opened), FILE_COMM_LOST);
    assert_int_equal(open_as("a.txt", FILE_MODE_WRITE, &opened), FILE_COMM_LOST);
    assert_int_equal(fs->info(&d, &name, &about), FILE_COMM_LOST);
    assert_int_equal(fs->remove(&d, &name), FILE_COMM_LOST);
    assert_int_equal(open_as(".", FILE_MODE_READ, &opened), FILE_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_that_lead_outside, begin, end),
        cmocka_unit_test_setup_teardown(a_file_is_read, begin, end),
        cmocka_unit_test_setup_teardown(a_file_is_written_when_it_is_closed, begin, end),
        cmocka_unit_test_setup_teardown(what_is_given_up_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(sizes_and_numbers_are_bounded, begin, end),
        cmocka_unit_test_setup_teardown(the_directory_itself, begin, end),
        cmocka_unit_test_setup_teardown(a_directory_that_is_gone, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
