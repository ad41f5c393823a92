// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

uint64_t process_now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

void process_sleep_s(double seconds)
{
    struct timespec t = {.tv_sec = (time_t)seconds};
    t.tv_nsec = (long)((seconds - (double)t.tv_sec) * 1e9);
    nanosleep(&t, NULL);
}

/* The whole of a small file of /proc, terminated; empty where there is none. */
static void read_text(const char *path, char *text, size_t room)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t len = fd < 0 ? 0 : read(fd, text, room - 1);
    text[len > 0 ? len : 0] = '\0';
    if (fd >= 0)
        close(fd);
}

/* User and system time out of a `stat` file, in ticks. The name in it may hold spaces and brackets. */
static bool read_ticks(const char *path, double *user, double *system)
{
    char text[1024];
    read_text(path, text, sizeof text);
    const char *after_name = strrchr(text, ')');
    unsigned long u, s;
    if (!after_name ||
        sscanf(after_name + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &s) != 2)
        return false;
    *user = (double)u;
    *system = (double)s;
    return true;
}

struct process_cpu process_cpu(pid_t pid)
{
    char path[64];
    clockid_t clock;
    struct timespec t;
    double user, system;
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0 ||
        !read_ticks(path, &user, &system))
        return (struct process_cpu){0};
    double all_s = (double)t.tv_sec + (double)t.tv_nsec * 1e-9, ticks = user + system;
    double share = ticks > 0 ? user / ticks : 1;
    return (struct process_cpu){all_s * share, all_s * (1 - share)};
}

static double status_kib(const char *status, const char *key)
{
    const char *at = strstr(status, key);
    return at ? strtod(at + strlen(key), NULL) : 0;
}

struct process_memory process_memory(pid_t pid)
{
    char path[64], text[4096];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    read_text(path, text, sizeof text);
    return (struct process_memory){status_kib(text, "\nVmRSS:"), status_kib(text, "\nRssAnon:")};
}

static void read_thread(struct process_threads *threads, pid_t pid, int id)
{
    char path[96];
    double user = 0, system = 0;
    char *name = threads->of[threads->len].name;
    snprintf(path, sizeof path, "/proc/%d/task/%d/comm", (int)pid, id);
    read_text(path, name, sizeof threads->of[0].name);
    name[strcspn(name, "\n")] = '\0';
    snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)pid, id);
    if (!read_ticks(path, &user, &system))
        return;
    threads->of[threads->len].id = id;
    threads->of[threads->len].cpu_s = (user + system) / (double)sysconf(_SC_CLK_TCK);
    threads->len++;
}

void process_threads(pid_t pid, struct process_threads *threads)
{
    char path[64];
    threads->len = 0;
    snprintf(path, sizeof path, "/proc/%d/task", (int)pid);
    DIR *tasks = opendir(path);
    if (!tasks)
        return;
    for (struct dirent *task; (task = readdir(tasks)) && threads->len < PROCESS_THREADS_MAX;)
        if (task->d_name[0] != '.')
            read_thread(threads, pid, atoi(task->d_name));
    closedir(tasks);
}

pid_t process_start(char *const argv[], const char *log_path)
{
    pid_t pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int log = open(log_path, O_WRONLY | O_CREAT | O_APPEND, 0644);
    if (log < 0 || dup2(log, STDOUT_FILENO) < 0 || dup2(log, STDERR_FILENO) < 0)
        _exit(127);
    execv(argv[0], argv);
    fprintf(stderr, "%s: can't be run\n", argv[0]);
    _exit(127);
}

bool process_alive(pid_t pid)
{
    siginfo_t ended = {0};
    return waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOHANG | WNOWAIT) == 0 && ended.si_pid == 0;
}

bool process_stop(pid_t pid, double seconds)
{
    int status;
    kill(pid, SIGTERM);
    for (double waited_s = 0; process_alive(pid) && waited_s < seconds; waited_s += 0.01)
        process_sleep_s(0.01);
    if (process_alive(pid))
        kill(pid, SIGKILL);
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
