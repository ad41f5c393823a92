// SPDX-License-Identifier: Apache-2.0
#include "tools/fepbench/fepd.h"

#include "tools/fepbench/frames.h"
#include "tools/fepbench/load.h"
#include "tools/fepbench/process.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { START_S = 120, STOP_S = 20, LOG_MAX = 1 << 16 };

static void path_of(char path[FEPD_PATH_MAX], const char *folder, const char *name)
{
    snprintf(path, FEPD_PATH_MAX, "%s/%s", folder, name);
}

static void write_stations(FILE *f, const struct fepd_spec *spec)
{
    fprintf(f,
            "templates:\n"
            "  - name: load\n"
            "    session: {%sreconnect_max: 5s}\n",
            spec->session);
    if (spec->analogs || spec->binaries)
        fputs("    points:\n", f);
    if (spec->analogs)
        fprintf(f, "      - {type: analog_input, index: 0..%u}\n", spec->analogs - 1);
    if (spec->binaries)
        fprintf(f, "      - {type: binary_input, index: 0..%u}\n", spec->binaries - 1);
    fputs("stations:\n", f);
    for (uint32_t i = 0; i < spec->stations; i++) {
        uint32_t a = LOAD_FIRST_ADDRESS + i;
        fprintf(f,
                "  - {name: S%05u, host: %u.%u.%u.%u, port: %u, outstation_address: %d, master_address: %d,"
                " template: load}\n",
                i, a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255, spec->port, FRAMES_OUTSTATION,
                FRAMES_MASTER);
    }
}

static bool write_config(const char *path, const struct fepd_spec *spec)
{
    FILE *f = fopen(path, "w");
    if (!f)
        return false;
    fprintf(f,
            "fep:\n"
            "  workers: %u\n"
            "  database: %s/fepd.db\n"
            "  listen_port: 0\n"
            "%s",
            spec->workers, spec->folder, spec->fep);
    if (spec->include)
        fprintf(f, "include: [%s]\n", spec->include);
    else
        write_stations(f, spec);
    return fclose(f) == 0;
}

/* The head of a file, terminated. */
static void read_head(const char *path, char text[LOG_MAX])
{
    FILE *f = fopen(path, "r");
    size_t len = f ? fread(text, 1, LOG_MAX - 1, f) : 0;
    text[len] = '\0';
    if (f)
        fclose(f);
}

bool fepd_await_line(const char *path, const char *text, pid_t pid, double seconds)
{
    char head[LOG_MAX];
    for (double waited_s = 0; waited_s < seconds && process_alive(pid); waited_s += 0.005) {
        read_head(path, head);
        if (strstr(head, text))
            return true;
        process_sleep_s(0.005);
    }
    return false;
}

static uint16_t port_in(const char *log_path)
{
    char head[LOG_MAX];
    read_head(log_path, head);
    const char *line = strstr(head, "event=listening"), *port = line ? strstr(line, " port=") : NULL;
    return port ? (uint16_t)strtoul(port + 6, NULL, 10) : 0;
}

static void complain(const char *log_path)
{
    char head[LOG_MAX];
    read_head(log_path, head);
    size_t len = strlen(head);
    fprintf(stderr, "fepbench: fepd did not start or stop as it should; its log %s begins:\n%s", log_path,
            len > 2000 ? head + len - 2000 : head);
}

bool fepd_start(struct fepd *d, const struct fepd_spec *spec)
{
    char config[FEPD_PATH_MAX], log[FEPD_PATH_MAX], program[FEPD_PATH_MAX];
    snprintf(d->folder, sizeof d->folder, "%s", spec->folder);
    snprintf(program, sizeof program, "%s", spec->program);
    path_of(config, spec->folder, "fepd.yaml");
    path_of(log, spec->folder, "fepd.log");
    if (!write_config(config, spec)) {
        perror(config);
        return false;
    }
    char option[] = "--config";
    char *argv[] = {program, option, config, NULL};
    fflush(NULL);
    d->started_ns = process_now_ns();
    d->pid = process_start(argv, log);
    if (d->pid < 0)
        return false;
    if (fepd_await_line(log, "event=ready", d->pid, START_S) && (d->port = port_in(log)) != 0)
        return true;
    complain(log);
    process_stop(d->pid, 1);
    return false;
}

bool fepd_stop(struct fepd *d)
{
    static const char *const files[] = {"fepd.yaml",   "fepd.log",    "fepd.db",
                                        "fepd.db-wal", "fepd.db-shm", "fepd.db.lock"};
    char path[FEPD_PATH_MAX];
    bool ok = process_stop(d->pid, STOP_S);
    if (!ok) {
        path_of(path, d->folder, "fepd.log");
        complain(path);
    }
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        path_of(path, d->folder, files[i]);
        unlink(path);
    }
    return ok;
}
