// SPDX-License-Identifier: Apache-2.0
/* Several files: order, globs relative to the file that asks, cycles, files that can't be read. */
#include "config/config.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* Each test has a folder; the working directory is inside, so that errors name short paths. The bracket in
 * its name must not be taken for a pattern. */
struct folder {
    char home[4096];
    char path[64];
};

static void write_file(const char *path, const char *text)
{
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    fputs(text, to);
    fclose(to);
}

static int enter(void **state)
{
    struct folder *folder = calloc(1, sizeof(*folder));
    strcpy(folder->path, "/tmp/fep-[config]-XXXXXX");
    if (!getcwd(folder->home, sizeof(folder->home)) || !mkdtemp(folder->path) || chdir(folder->path) != 0)
        return -1;
    *state = folder;
    return mkdir("d", 0700);
}

static int leave(void **state)
{
    struct folder *folder = *state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", folder->path);
    int result = chdir(folder->home) != 0 || system(command) != 0;
    free(folder);
    return result;
}

static void expect_errors(const char *path, const char *expected)
{
    struct config_errors errors = {0};
    char *text = NULL;
    size_t len = 0;
    FILE *to = open_memstream(&text, &len);
    assert_null(config_load(path, &errors));
    config_errors_print(&errors, to);
    fclose(to);
    assert_string_equal(text, expected);
    free(text);
    config_errors_free(&errors);
}

static void a_tree_of_files(void **state)
{
    const struct folder *folder = *state;
    char path[128];
    snprintf(path, sizeof(path), "%s/main.yaml", folder->path);
    write_file("main.yaml", "include: [\"d/*.yaml\", more.yaml, \"d/*.yml\"]\n"
                            "stations: [{name: M, host: 10.0.0.1, outstation_address: 2, template: deep}]\n");
    write_file("d/2.yaml", "stations: [{name: D2, host: 10.0.0.1, outstation_address: 4}]\n");
    write_file("d/1.yaml", "include: ../deep.yaml\n"
                           "stations: [{name: D1, host: 10.0.0.1, outstation_address: 3, template: deep}]\n");
    write_file("d/ignored.txt", "nonsense: true\n");
    write_file("deep.yaml",
               "templates: [{name: deep, session: {response_timeout: 9s}}]\nfep: {workers: 3}\n");
    write_file("more.yaml", "stations: [{name: X, host: 10.0.0.1, outstation_address: 5}]\n");
    struct config_errors errors = {0};
    struct config *config = config_load(path, &errors);
    config_errors_print(&errors, stderr);
    assert_non_null(config);
    assert_int_equal(config->stations_len, 4);
    assert_string_equal(config->stations[0].name, "M");
    assert_string_equal(config->stations[1].name, "D1");
    assert_string_equal(config->stations[2].name, "D2");
    assert_string_equal(config->stations[3].name, "X");
    assert_int_equal(config->stations[0].session->response_timeout_ms, 9000);
    assert_ptr_equal(config->stations[0].session, config->stations[1].session);
    assert_int_equal(config->fep.workers, 3);
    config_free(config);
}

static void errors_in_order_of_inclusion(void **state)
{
    (void)state;
    write_file("z.yaml", "include: [a.yaml]\nfep: {worker: 1}\n"
                         "stations: [{name: A, host: 10.0.0.1, outstation_address: 2, template: lost}]\n");
    write_file("a.yaml", "fep: {}\nstations: [{name: A, host: 10.0.0.1, outstation_address: 2}]\n");
    struct config_errors errors = {0};
    assert_null(config_load("z.yaml", &errors));
    assert_int_equal(errors.len, 5);
    const char *begin[] = {"unknown key 'worker' in 'fep'. Did you mean 'workers'?",
                           "unknown template 'lost'.", "a second 'fep', the first is in z.yaml line 2",
                           "duplicate station name 'A', first in z.yaml line 3",
                           "duplicate outstation address 2 on 10.0.0.1 port 20000, first in z.yaml line 3"};
    for (size_t i = 0; i < errors.len; i++) {
        assert_string_equal(errors.list[i].file, i < 2 ? "z.yaml" : "a.yaml");
        assert_memory_equal(errors.list[i].text, begin[i], strlen(begin[i]));
    }
    config_errors_free(&errors);
}

static void cycles(void **state)
{
    (void)state;
    write_file("self.yaml", "include: self.yaml\n");
    expect_errors("self.yaml",
                  "self.yaml:1:10: 'self.yaml': an include cycle, this file is being read already and "
                  "includes itself\n");
    write_file("one.yaml", "include: two.yaml\n");
    write_file("two.yaml", "include: three.yaml\n");
    write_file("three.yaml", "include:\n  - d/../one.yaml\n");
    expect_errors("one.yaml",
                  "three.yaml:2:5: 'd/../one.yaml': an include cycle, this file is being read already, "
                  "it leads here by way of three.yaml\n");
    write_file("empty.yaml", "");
    write_file("twice.yaml", "include:\n  - empty.yaml\n  - d/../empty.yaml\n");
    expect_errors("twice.yaml", "twice.yaml:3:5: 'd/../empty.yaml': included before, in twice.yaml line 2\n");
}

static void files_that_cannot_be_read(void **state)
{
    (void)state;
    expect_errors("nothing.yaml", "nothing.yaml: cannot be read: No such file or directory\n");
    expect_errors("d", "d: cannot be read: Is a directory\n");
    assert_int_equal(mkfifo("fifo.yaml", 0600), 0);
    write_file("main.yaml",
               "include: [d, gone.yaml, fifo.yaml, none/*.yaml]\n"
               "stations: [{name: A, host: 10.0.0.1, outstation_address: 2, template: there}]\n");
    expect_errors("main.yaml", "main.yaml:1:11: 'd': cannot be read: Is a directory\n"
                               "main.yaml:1:14: 'gone.yaml': cannot be read: No such file or directory\n"
                               "main.yaml:1:25: 'fifo.yaml': cannot be read: it is no regular file\n"
                               "main.yaml:1:36: 'none/*.yaml': a folder is missing or cannot be read\n");
}

/* What is known only in a broken file is not reported as unknown. */
static void a_broken_file_among_good_ones(void **state)
{
    (void)state;
    write_file("main.yaml", "include: templates.yaml\n"
                            "stations: [{name: A, host: x, outstation_address: 2, template: t}]\n");
    write_file("templates.yaml", "templates: [{name: t}\n");
    expect_errors("main.yaml",
                  "main.yaml:2:28: 'host' is 'x'. Allowed: an IP address, v4 or v6\n"
                  "templates.yaml:2:1: not valid YAML: did not find expected ',' or ']', while parsing "
                  "a flow sequence from line 1\n");
}

static void too_deep(void **state)
{
    (void)state;
    for (int i = 0; i < 20; i++) {
        char path[16];
        char text[32];
        snprintf(path, sizeof(path), "%d.yaml", i);
        snprintf(text, sizeof(text), "include: %d.yaml\n", i + 1);
        write_file(path, text);
    }
    expect_errors("0.yaml", "16.yaml:1:10: '17.yaml': included too deeply, at most 16 levels are allowed\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_tree_of_files, enter, leave),
        cmocka_unit_test_setup_teardown(errors_in_order_of_inclusion, enter, leave),
        cmocka_unit_test_setup_teardown(cycles, enter, leave),
        cmocka_unit_test_setup_teardown(files_that_cannot_be_read, enter, leave),
        cmocka_unit_test_setup_teardown(a_broken_file_among_good_ones, enter, leave),
        cmocka_unit_test_setup_teardown(too_deep, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
