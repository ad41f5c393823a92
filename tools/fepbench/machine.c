// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/report.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { TEXT_MAX = 128 };

/* Kernel names, linux/magic.h. */
static const struct {
    unsigned long magic;
    const char *name;
} file_systems[] = {{0xEF53, "ext4"},
                    {0x58465342, "xfs"},
                    {0x9123683E, "btrfs"},
                    {0x01021994, "tmpfs"},
                    {0x794C7630, "overlay"}};

static void cpu_model(char text[TEXT_MAX])
{
    char line[512];
    snprintf(text, TEXT_MAX, "unknown");
    FILE *f = fopen("/proc/cpuinfo", "r");
    while (f && fgets(line, sizeof line, f)) {
        const char *value = strncmp(line, "model name", 10) == 0 ? strchr(line, ':') : NULL;
        if (!value)
            continue;
        snprintf(text, TEXT_MAX, "%.*s", (int)strcspn(value + 2, "\n"), value + 2);
        break;
    }
    if (f)
        fclose(f);
}

static const char *file_system(const char *folder)
{
    struct statfs s;
    if (statfs(folder, &s) == 0)
        for (size_t i = 0; i < sizeof file_systems / sizeof *file_systems; i++)
            if ((unsigned long)s.f_type == file_systems[i].magic)
                return file_systems[i].name;
    return "another";
}

void report_machine(FILE *to, const char *folder, bool json)
{
    char cpu[TEXT_MAX];
    struct utsname name;
    struct rlimit files;
    cpu_model(cpu);
    uname(&name);
    getrlimit(RLIMIT_NOFILE, &files);
    fprintf(to,
            json ? "{\"cpu\": \"%s\", \"cores\": %ld, \"memory_gib\": %.1f, \"system\": \"%s %s\", "
                   "\"sqlite\": \"%s\", \"file_system\": \"%s\", \"descriptors\": %llu}"
                 : "%s, %ld cores, %.1f GiB, %s %s, SQLite %s, file system %s, %llu descriptors a process\n",
            cpu, sysconf(_SC_NPROCESSORS_ONLN),
            (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1 << 30), name.sysname,
            name.release, sqlite3_libversion(), file_system(folder), (unsigned long long)files.rlim_max);
}
