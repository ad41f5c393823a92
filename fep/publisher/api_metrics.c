// SPDX-License-Identifier: Apache-2.0
/* GET /metrics: what the threads count, and what only a look at the machine or into the database tells. */
#include "fep/publisher/parts.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

static void put_text(void *publisher, const char *text, size_t len)
{
    struct publisher *p = publisher;
    json_raw(&p->json, text, len);
}

static __attribute__((format(printf, 2, 3))) void print(struct publisher *p, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (len > 0)
        put_text(p, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
}

static void print_gauge(struct publisher *p, const char *name, const char *help, double value)
{
    print(p, "# HELP %s %s\n# TYPE %s gauge\n%s %.0f\n", name, help, name, name, value);
}

/* Names of consumers have no character that a label would have to escape. */
static void print_lag(struct publisher *p)
{
    struct reader_consumer *list = calloc(CONSUMERS_MAX, sizeof *list);
    size_t len = CONSUMERS_MAX;
    if (list == NULL)
        abort();
    if (reader_consumers(p->reader, list, &len) == STORE_OK && len > 0) {
        print(p, "# HELP fep_consumer_lag_rows Journal rows that a consumer has not acknowledged.\n"
                 "# TYPE fep_consumer_lag_rows gauge\n");
        for (size_t i = 0; i < len; i++)
            print(p, "fep_consumer_lag_rows{consumer=\"%s\"} %" PRId64 "\n", list[i].name,
                  p->newest > list[i].seq ? p->newest - list[i].seq : 0);
    }
    free(list);
}

static void print_disk(struct publisher *p)
{
    struct statvfs disk;
    if (p->options.database == NULL || statvfs(p->options.database, &disk) != 0)
        return;
    double unit = (double)disk.f_frsize;
    print_gauge(p, "fep_database_disk_free_bytes", "Free on the file system that holds the database.",
                unit * (double)disk.f_bavail);
    print_gauge(p, "fep_database_disk_size_bytes", "Size of that file system.", unit * (double)disk.f_blocks);
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *folder = opendir("/proc/self/fd");
    if (folder == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count - 1; /* the folder's own */
}

/* By the names that every exporter has. */
static void print_process(struct publisher *p)
{
    struct rlimit descriptors;
    struct rusage used;
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0)
        print_gauge(p, "process_max_fds", "Descriptors that the process may open.",
                    (double)descriptors.rlim_cur);
    unsigned open_fds = open_descriptors();
    if (open_fds > 0)
        print_gauge(p, "process_open_fds", "Descriptors that are open.", open_fds);
    unsigned long pages[2];
    FILE *file = fopen("/proc/self/statm", "re");
    if (file != NULL && fscanf(file, "%lu %lu", &pages[0], &pages[1]) == 2)
        print_gauge(p, "process_resident_memory_bytes", "Memory in use.",
                    (double)pages[1] * (double)sysconf(_SC_PAGESIZE));
    if (file != NULL)
        fclose(file);
    if (getrusage(RUSAGE_SELF, &used) == 0)
        print(p,
              "# HELP process_cpu_seconds_total Processor time used.\n"
              "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %.3f\n",
              (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                  (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6);
}

void api_metrics(struct publisher *p, struct evhttp_request *request, const char *name,
                 const struct param *params)
{
    (void)name, (void)params;
    metrics_print(p->options.metrics, put_text, p);
    print_lag(p);
    print_disk(p);
    print_process(p);
    http_reply(p, request, 200, "text/plain; version=0.0.4; charset=utf-8");
}
