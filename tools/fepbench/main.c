// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/goals.h"
#include "tools/fepbench/options.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sysexits.h>
#include <unistd.h>

enum { PATH_LEN = 384 };

struct paths {
    char folder[PATH_LEN];
    char fepd[PATH_LEN + 32];
    char simulator[PATH_LEN + 64];
};

static void go_up(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash)
        *slash = '\0';
}

/* Beside this one where they are installed, else in its build folder: it is BUILD/tools/fepbench then. */
static void find_programs(struct bench *b, struct paths *p)
{
    char folder[PATH_LEN] = "";
    ssize_t len = readlink("/proc/self/exe", folder, sizeof folder - 1);
    folder[len > 0 ? len : 0] = '\0';
    go_up(folder);
    snprintf(p->fepd, sizeof p->fepd, "%s/fepd", folder);
    snprintf(p->simulator, sizeof p->simulator, "%s/outstation-sim", folder);
    if (access(p->fepd, X_OK) != 0) {
        go_up(folder);
        snprintf(p->fepd, sizeof p->fepd, "%s/fep/fepd", folder);
        snprintf(p->simulator, sizeof p->simulator, "%s/outstation-sim/outstation-sim", folder);
    }
    b->fepd = b->fepd ? b->fepd : p->fepd;
    b->simulator = b->simulator ? b->simulator : p->simulator;
}

static bool make_folder(struct bench *b, struct paths *p, const char *where)
{
    char real[4096];
    if (!realpath(where, real) ||
        (size_t)snprintf(p->folder, sizeof p->folder, "%s/fepbench.XXXXXX", real) >= sizeof p->folder ||
        !mkdtemp(p->folder)) {
        fprintf(stderr, "fepbench: no folder can be made in %s: %s\n", where, strerror(errno));
        return false;
    }
    b->folder = p->folder;
    return true;
}

static void list_scenarios(void)
{
    static const char *const when[] = {"--quick, --all", "--all", "--only"};
    size_t len;
    const struct scenario *s = scenarios_all(&len);
    for (size_t i = 0; i < len; i++)
        printf("%-12s %-15s %s\n", s[i].name, when[s[i].when], s[i].help);
}

static void raise_limits(void)
{
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static void run_scenarios(struct options *o)
{
    size_t len;
    const struct scenario *s = scenarios_all(&len);
    for (size_t i = 0; i < len; i++) {
        if (!options_chosen(o, &s[i]))
            continue;
        bench_say("%s: %s", s[i].name, s[i].help);
        if (!s[i].run(&o->bench))
            bench_fail(&o->bench, "%s was broken off", s[i].name);
    }
}

static bool write_json(const struct options *o)
{
    bool to_output = strcmp(o->json, "-") == 0;
    FILE *f = to_output ? stdout : fopen(o->json, "w");
    if (!f)
        return false;
    report_print_json(&o->bench.report, o->bench.folder, f);
    bool good = !ferror(f);
    return (to_output ? fflush(f) : fclose(f)) == 0 && good;
}

/* Better told before an hour of measuring than after it. */
static bool may_write_json(const char *path)
{
    FILE *f = path && strcmp(path, "-") != 0 ? fopen(path, "a") : stdout;
    if (!f)
        fprintf(stderr, "fepbench: %s: %s\n", path, strerror(errno));
    else if (f != stdout)
        fclose(f);
    return f;
}

/* The text goes to stderr where standard output is for a program. */
static int report(struct options *o)
{
    FILE *to = o->json && strcmp(o->json, "-") == 0 ? stderr : stdout;
    struct report *r = &o->bench.report;
    report_machine(to, o->bench.folder, false);
    report_print(r, to);
    size_t missed = goals_print(r, to);
    extrapolate_print(r, to);
    if (o->json && !write_json(o))
        bench_fail(&o->bench, "%s can't be written: %s", o->json, strerror(errno));
    if (r->failed)
        fputs("\nSomething failed: see above. These figures are not valid.\n", to);
    return r->failed ? EX_SOFTWARE : missed ? 1 : EX_OK;
}

static int run(struct options *o, struct paths *paths)
{
    find_programs(&o->bench, paths);
    if (!may_write_json(o->json) || !make_folder(&o->bench, paths, o->folder))
        return EX_CANTCREAT;
    raise_limits();
    signal(SIGPIPE, SIG_IGN);
    run_scenarios(o);
    int status = report(o);
    /* Stays where something failed and left its log. */
    rmdir(paths->folder);
    report_free(&o->bench.report);
    return status;
}

int main(int argc, char **argv)
{
    struct options o;
    struct paths paths;
    if (!options_parse(argc, argv, &o))
        return EX_USAGE;
    if (o.help)
        options_help();
    else if (o.list)
        list_scenarios();
    else if (o.version)
        puts("fepbench " FEP_VERSION);
    else
        return run(&o, &paths);
    return EX_OK;
}
