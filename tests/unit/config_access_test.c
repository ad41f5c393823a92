// SPDX-License-Identifier: Apache-2.0
/* Users of the API: their file, tokens, expiry, scopes. */
#include "config/access.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* sha256 of "fep_anna", "fep_bert": by another program. */
#define ANNA "6d78af4ad6e462e66a031e7e9d90a6300d874bde5effb8ec1f667212794d4bef"
#define BERT "69a6f036469a17524af52eb90b0d24c2915bfe09e170239b40afbb0a82b3eb7c"

static struct access *load(const char *text, char *first_error, size_t room)
{
    struct config_errors errors = {0};
    struct access *access = access_load_memory("users.yaml", text, strlen(text), &errors);
    if (first_error)
        snprintf(first_error, room, "%u:%u: %s", errors.len ? errors.list[0].line : 0,
                 errors.len ? errors.list[0].column : 0, errors.len ? errors.list[0].text : "");
    else if (!access)
        config_errors_print(&errors, stderr);
    assert_true((access == NULL) == (errors.len > 0));
    config_errors_free(&errors);
    return access;
}

static const char good[] = "users:\n"
                           "  - {name: anna, role: operator, token_sha256: " ANNA ",\n"
                           "     stations: [\"Mill *\", Dam], expires: 2027-06-30}\n"
                           "  - {name: bert, role: viewer, token_sha256: " BERT "}\n"
                           "  - {name: historian, role: engineer, certificate: historian.example}\n";

static const int64_t JUNE_30_MS = 1814313600000, DAY_MS = 86400000;

static void a_token_finds_its_user(void **state)
{
    (void)state;
    struct access *access = load(good, NULL, 0);
    assert_non_null(access);
    enum access_refusal why;
    const struct access_user *user = access_by_token(access, "fep_anna", JUNE_30_MS, &why);
    assert_non_null(user);
    assert_string_equal(user->name, "anna");
    assert_int_equal(user->role, ACCESS_OPERATOR);
    assert_int_equal(user->expires_ms, JUNE_30_MS + DAY_MS);
    assert_non_null(access_by_token(access, "fep_anna", JUNE_30_MS + DAY_MS - 1, &why));
    assert_null(access_by_token(access, "fep_anna", JUNE_30_MS + DAY_MS, &why));
    assert_int_equal(why, ACCESS_EXPIRED);
    assert_null(access_by_token(access, "fep_ann", JUNE_30_MS, &why));
    assert_int_equal(why, ACCESS_UNKNOWN);
    assert_null(access_by_token(access, ANNA, JUNE_30_MS, &why)); /* the hash is no token */
    assert_null(access_by_token(access, "", JUNE_30_MS, &why));
    access_free(access);
}

static void a_certificate_finds_its_user(void **state)
{
    (void)state;
    struct access *access = load(good, NULL, 0);
    enum access_refusal why;
    const struct access_user *user = access_by_certificate(access, "historian.example", JUNE_30_MS, &why);
    assert_non_null(user);
    assert_int_equal(user->role, ACCESS_ENGINEER);
    assert_null(access_by_certificate(access, "historian.exampl", JUNE_30_MS, &why));
    assert_null(access_by_certificate(access, "anna", JUNE_30_MS, &why));
    access_free(access);
}

static void scopes_are_patterns(void **state)
{
    (void)state;
    struct access *access = load(good, NULL, 0);
    enum access_refusal why;
    const struct access_user *anna = access_by_token(access, "fep_anna", JUNE_30_MS, &why);
    const struct access_user *bert = access_by_token(access, "fep_bert", JUNE_30_MS, &why);
    assert_true(access_includes(anna, "Mill Road 17"));
    assert_true(access_includes(anna, "Dam"));
    assert_false(access_includes(anna, "Dam 2"));
    assert_false(access_includes(anna, "Old Mill 1"));
    assert_true(access_includes(bert, "anything"));
    access_free(access);
}

static void errors_say_where(void **state)
{
    (void)state;
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"users:\n  - {name: a, role: king, token_sha256: " ANNA "}\n", "2:21: 'role' is 'king'"},
        {"users:\n  - {name: a, role: viewer, token_sha256: 12}\n", "2:43: "},
        {"users:\n  - {name: a, role: viewer, token_sha256: " ANNA ", expires: 2027-06-31}\n", "2:118: "},
        {"users:\n  - {name: a, role: viewer}\n", "2:5: a user has either"},
        {"users:\n  - {name: a, role: viewer, certificate: c, token_sha256: " ANNA "}\n",
         "2:5: a user has either"},
        {"users:\n  - {name: a, role: viewer, certificate: c}\n  - {name: a, role: viewer, certificate: d}\n",
         "3:5: this name"},
        {"users:\n  - {name: a, role: viewer, certificate: c}\n  - {name: b, role: viewer, certificate: c}\n",
         "3:5: this name"},
        {"users:\n  - {name: a, rule: viewer, certificate: c}\n", "2:"},
        {"", "0:0: 'users' is missing"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char error[300];
        assert_null(load(cases[i].text, error, sizeof error));
        if (strncmp(error, cases[i].error, strlen(cases[i].error)) != 0)
            fail_msg("case %zu: %s", i, error);
    }
    char capital[sizeof good];
    strcpy(capital, good);
    *strstr(capital, ANNA) = 'G';
    assert_null(load(capital, NULL, 0));
}

static void a_file_that_others_may_write_is_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/fep-access-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, good, sizeof good - 1), sizeof good - 1);
    close(fd);
    struct config_errors errors = {0};
    struct access *access = access_load(path, &errors);
    assert_non_null(access);
    access_free(access);
    chmod(path, 0622);
    assert_null(access_load(path, &errors));
    assert_int_equal(errors.len, 1);
    assert_non_null(strstr(errors.list[0].text, "chmod"));
    unlink(path);
    assert_null(access_load(path, &errors));
    assert_int_equal(errors.len, 2);
    config_errors_free(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_finds_its_user),
        cmocka_unit_test(a_certificate_finds_its_user),
        cmocka_unit_test(scopes_are_patterns),
        cmocka_unit_test(errors_say_where),
        cmocka_unit_test(a_file_that_others_may_write_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
