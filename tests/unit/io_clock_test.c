// SPDX-License-Identifier: Apache-2.0
/* Whether the wall clock is right, on a system that does not let a service ask. */
#include "fep/io/clock.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* As a unit of systemd with ProtectClock=yes has it. */
static bool refuse_the_question(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clock_adjtime, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_adjtimex, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof(rules) / sizeof(rules[0]), rules};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static void a_clock_that_may_not_be_asked_about_is_not_trusted(void **state)
{
    (void)state;
    enum { RIGHT, TRUSTED, TOLD, NO_FILTER };
    int status;
    pid_t child = fork();
    if (child == 0) {
        struct clock_trust trust = {0};
        if (!refuse_the_question())
            _exit(NO_FILTER);
        _exit(clock_trust(&trust, 1) ? TRUSTED : clock_is_told() ? TOLD : RIGHT);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == NO_FILTER)
        skip();
    assert_int_equal(WEXITSTATUS(status), RIGHT);
}

static void it_is_asked_about_now_and_then(void **state)
{
    (void)state;
    struct clock_trust trust = {0};
    bool right = clock_trust(&trust, 1);
    trust.disciplined = !right;
    assert_int_equal(clock_trust(&trust, 10000), !right);
    assert_int_equal(clock_trust(&trust, 10001), right);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_clock_that_may_not_be_asked_about_is_not_trusted),
        cmocka_unit_test(it_is_asked_about_now_and_then),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
