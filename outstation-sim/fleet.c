// SPDX-License-Identifier: Apache-2.0
#include "outstation-sim/fleet.h"
#include "fep/io/clock.h"
#include "fep/io/listener.h"
#include "outstation-sim/line.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BUFFER_LEN = 2304, BUFFERS_KEPT = 64, INPUT_LEN = 64 * 1024, TIMERS_A_TURN = 4096 };

/* One port, which several addresses share. */
struct fleet_port {
    struct fleet *fleet;
    struct listener listener;
    uint16_t offset; /* from the scenario's first port */
};

struct fleet {
    const struct scenario *scenario;
    struct line_shared shared;
    struct plan *plans;
    struct line *lines;
    struct fleet_port *ports;
    uint32_t strangers;
};

static void *take(size_t count, size_t size)
{
    void *memory = calloc(count, size);
    if (!memory)
        abort();
    return memory;
}

static bool is_loopback(const struct sockaddr_in *a)
{
    return a->sin_family == AF_INET && ntohl(a->sin_addr.s_addr) >> 24 == 127;
}

/* NULL where the two ends do not name a station. */
static struct line *line_of(struct fleet *f, int fd, uint16_t port_offset)
{
    struct sockaddr_in local, peer;
    socklen_t local_len = sizeof(local), peer_len = sizeof(peer);
    if (getsockname(fd, (struct sockaddr *)&local, &local_len) ||
        getpeername(fd, (struct sockaddr *)&peer, &peer_len) || !is_loopback(&local) || !is_loopback(&peer))
        return NULL;
    uint32_t address = ntohl(local.sin_addr.s_addr);
    if (address < f->scenario->address)
        return NULL;
    uint64_t number = (uint64_t)(address - f->scenario->address) * f->scenario->ports + port_offset;
    return number < f->scenario->stations ? &f->lines[number] : NULL;
}

static void accepted(void *context, int fd)
{
    struct fleet_port *port = context;
    struct line *line = line_of(port->fleet, fd, port->offset);
    if (line) {
        line_adopt(line, fd);
    } else {
        port->fleet->strangers++;
        close(fd);
    }
}

static bool open_ports(struct fleet *f)
{
    const struct scenario *s = f->scenario;
    f->ports = take(s->ports, sizeof(*f->ports));
    for (uint16_t i = 0; i < s->ports; i++)
        f->ports[i] = (struct fleet_port){.fleet = f, .offset = i};
    for (uint16_t i = 0; i < s->ports; i++)
        if (!listener_open(&f->ports[i].listener, f->shared.owner.kind.loop, "0.0.0.0",
                           (uint16_t)(s->port + i), accepted, &f->ports[i]))
            return false;
    return true;
}

static size_t longest_fragment(const struct scenario *s)
{
    size_t longest = 0;
    for (size_t i = 0; i < s->groups_len; i++)
        if (s->groups[i].fragment > longest)
            longest = s->groups[i].fragment;
    return longest;
}

static void make_shared(struct fleet *f, struct loop *loop)
{
    struct line_shared *shared = &f->shared;
    shared->start = (struct instant){clock_now_ms(), clock_wall_ms(), true};
    shared->owner = connection_owner(loop, &shared->pool, line_happened);
    shared->input_room = INPUT_LEN;
    shared->input = take(1, INPUT_LEN);
    shared->output_room = transport_wire_len(longest_fragment(f->scenario));
    shared->output = take(1, shared->output_room);
    pool_init(&shared->pool, BUFFER_LEN, BUFFERS_KEPT);
    wheel_init(&shared->wheel, shared->start.now_ms);
}

static void make_lines(struct fleet *f)
{
    const struct scenario *s = f->scenario;
    f->plans = take(s->groups_len, sizeof(*f->plans));
    f->lines = take(s->stations, sizeof(*f->lines));
    uint32_t number = 0;
    for (size_t g = 0; g < s->groups_len; g++) {
        plan_init(&f->plans[g], &s->groups[g], number);
        for (uint32_t i = 0; i < s->groups[g].stations; i++, number++)
            line_init(&f->lines[number], &f->shared, &f->plans[g], number, s->seed);
    }
}

struct fleet *fleet_open(const struct scenario *scenario, struct loop *loop)
{
    struct fleet *f = take(1, sizeof(*f));
    f->scenario = scenario;
    make_shared(f, loop);
    make_lines(f);
    if (open_ports(f))
        return f;
    int error = errno;
    fleet_close(f);
    errno = error;
    return NULL;
}

void fleet_close(struct fleet *f)
{
    for (uint16_t i = 0; i < f->scenario->ports; i++)
        listener_close(&f->ports[i].listener);
    for (uint32_t i = 0; i < f->scenario->stations; i++)
        line_free(&f->lines[i]);
    for (size_t i = 0; i < f->scenario->groups_len; i++)
        plan_free(&f->plans[i]);
    pool_free(&f->shared.pool);
    free(f->shared.input);
    free(f->shared.output);
    free(f->plans);
    free(f->lines);
    free(f->ports);
    free(f);
}

void fleet_turn(struct fleet *f, int64_t wait_ms)
{
    struct wheel *wheel = &f->shared.wheel;
    int64_t next_ms = wheel_next_ms(wheel);
    struct instant at = line_instant(&f->shared);
    int64_t until_ms = next_ms == WHEEL_NEVER_MS ? wait_ms : next_ms - at.now_ms;
    if (until_ms > wait_ms)
        until_ms = wait_ms;
    loop_turn(f->shared.owner.kind.loop, until_ms > 0 ? until_ms : 0);
    at = line_instant(&f->shared);
    for (int i = 0; i < TIMERS_A_TURN; i++) {
        struct wheel_timer *t = wheel_take(wheel, at.now_ms);
        if (!t)
            break;
        line_due(line_of_timer(t), &at);
    }
}

void fleet_quiet(struct fleet *f)
{
    for (uint32_t i = 0; i < f->scenario->stations; i++)
        f->lines[i].station.quiet = true;
}

struct fleet_counts fleet_count(const struct fleet *f)
{
    struct fleet_counts c = {
        .stations = f->scenario->stations, .online = f->shared.online, .strangers = f->strangers};
    for (uint32_t i = 0; i < f->scenario->stations; i++)
        for (int state = 0; state < LEDGER_STATES; state++)
            c.events[state] += f->lines[i].station.ledger.count[state];
    return c;
}

static void write_lines(struct fleet *f, struct ledger_file *file)
{
    const struct scenario *s = f->scenario;
    const struct ledger_header header = {
        .scenario = s->name,
        .seed = s->seed,
        .stations = s->stations,
        .rate = s->rate,
        .started_ms = f->shared.start.wall_ms,
        .written_ms = line_instant(&f->shared).wall_ms,
    };
    ledger_write_header(file, &header);
    for (uint32_t i = 0; i < s->stations; i++) {
        struct line *l = &f->lines[i];
        char name[STATION_NAME_ROOM];
        station_name(i, name);
        const struct ledger_totals totals = {
            .station = name,
            .group = l->station.plan->group->name,
            .fragment = l->station.plan->group->fragment,
            .restarts = l->station.restarts,
            .connections = l->connections,
            .faults = l->faults.happened,
        };
        station_record_own(&l->station);
        ledger_write_station(file, &totals, &l->station.ledger);
    }
    ledger_write_end(file);
}

/* Both are asked: a full disk shows in either. */
static bool finish_file(FILE *to)
{
    bool good = !ferror(to) && fflush(to) == 0;
    return fclose(to) == 0 && good;
}

/* A file is written beside its place, so that what stands there is always whole. What is there and is no file
 * (/dev/null, /dev/stdout) must not be replaced by one. */
static char *beside(const char *path)
{
    static const char suffix[] = ".new";
    struct stat about;
    if (lstat(path, &about) == 0 && !S_ISREG(about.st_mode))
        return NULL;
    size_t len = strlen(path);
    char *other = take(1, len + sizeof(suffix));
    memcpy(other, path, len);
    memcpy(other + len, suffix, sizeof(suffix));
    return other;
}

bool fleet_may_write_ledger(const char *path)
{
    struct stat about;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode)) {
        errno = EISDIR;
        return false;
    }
    char *other = beside(path);
    FILE *file = other ? fopen(other, "we") : NULL;
    int error = errno;
    if (file) {
        fclose(file);
        unlink(other);
    }
    bool good = !other || file;
    free(other);
    errno = error;
    return good;
}

bool fleet_write_ledger(struct fleet *f, const char *path)
{
    char *other = beside(path);
    struct ledger_file file = {.to = fopen(other ? other : path, "we")};
    bool good = file.to != NULL;
    if (good) {
        write_lines(f, &file);
        good = finish_file(file.to) && (!other || rename(other, path) == 0);
    }
    int error = errno;
    if (!good && file.to && other)
        unlink(other);
    free(other);
    errno = error;
    return good;
}
