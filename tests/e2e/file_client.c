// SPDX-License-Identifier: Apache-2.0
/*
 * A master with one errand, over a socket: files and attributes of a station.
 *
 *     file_client [-u USER -p PASSWORD] ADDRESS PORT MASTER STATION read|write|append NAME LOCAL
 *     file_client ...                                               list|info|delete NAME
 *     file_client ...                                               attributes|variations SET
 *
 * Exit status 0 where the station did it; else 1, and what became of it on standard error.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "protocol/master_attributes.h"
#include "protocol/master_file.h"

enum { PATIENCE_MS = 60000 };

struct client {
    struct master m;
    struct master_config config;
    struct master_poll poll;
    int64_t poll_due_ms;
    int fd;    /* of the connection */
    int local; /* the file here */
    uint8_t in[4 * LINK_FRAME_MAX];
    size_t in_len;
    uint8_t rx[APP_FRAGMENT_MAX];
    uint8_t request[APP_FRAGMENT_MAX];
    bool done, broken;
};

static struct instant now(void)
{
    struct timespec mono, wall;
    clock_gettime(CLOCK_MONOTONIC, &mono);
    clock_gettime(CLOCK_REALTIME, &wall);
    return (struct instant){.now_ms = mono.tv_sec * 1000 + mono.tv_nsec / 1000000,
                            .wall_ms = wall.tv_sec * 1000 + wall.tv_nsec / 1000000,
                            .wall_trusted = true};
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static void send_all(struct client *c, const uint8_t *octets, size_t len)
{
    while (len && !c->broken) {
        ssize_t n = send(c->fd, octets, len, MSG_NOSIGNAL);
        c->broken = n <= 0 && errno != EINTR;
        if (n > 0) {
            octets += n;
            len -= (size_t)n;
        }
    }
}

/* Nothing is stored here: what would wait for a store does not. */
static void drain(struct client *c)
{
    uint8_t wire[LINK_FRAME_MAX];
    struct master_news news;
    size_t n;
    do {
        struct instant at = now();
        while (master_next(&c->m, &news) != MASTER_QUIET) {
            c->done |= news.kind == MASTER_ORDER_DONE;
            if (news.kind == MASTER_FRAGMENT && news.ticket)
                master_release_confirm(&c->m, news.ticket, &at);
        }
        n = master_write(&c->m, wire, sizeof wire, &at);
        send_all(c, wire, n);
    } while (n);
}

static void take_frames(struct client *c)
{
    struct link_errors errors = {0};
    struct link_frame frame;
    size_t at = 0, used;
    while (link_parse(c->in + at, c->in_len - at, &used, &frame, &errors) == LINK_FRAME) {
        struct instant when = now();
        at += used;
        master_lend(&c->m, c->rx, sizeof c->rx);
        master_receive(&c->m, &frame, &when);
        drain(c);
        master_take_back(&c->m);
    }
    at += used;
    c->in_len -= at;
    memmove(c->in, c->in + at, c->in_len);
}

static void turn(struct client *c)
{
    struct instant at = now();
    int64_t wait_ms = master_deadline_ms(&c->m) - at.now_ms;
    struct pollfd p = {.fd = c->fd, .events = POLLIN};
    if (poll(&p, 1, wait_ms < 0 ? 0 : wait_ms > 1000 ? 1000 : (int)wait_ms) > 0) {
        ssize_t n = recv(c->fd, c->in + c->in_len, sizeof c->in - c->in_len, 0);
        c->broken = n <= 0;
        c->in_len += n > 0 ? (size_t)n : 0;
        take_frames(c);
    }
    at = now();
    if (at.now_ms >= master_deadline_ms(&c->m)) {
        master_tick(&c->m, &at);
        drain(c);
    }
}

static enum order_outcome run(struct client *c, struct master_order *order)
{
    struct instant at = now();
    order->deadline_ms = at.now_ms + PATIENCE_MS;
    master_submit(&c->m, order, &at);
    drain(c);
    while (!c->done && !c->broken)
        turn(c);
    if (!c->done) {
        at = now();
        master_disconnected(&c->m, &at);
        drain(c);
    }
    return order->outcome;
}

static bool sink(void *context, uint64_t offset, const uint8_t *octets, size_t len)
{
    struct client *c = context;
    return pwrite(c->local, octets, len, (off_t)offset) == (ssize_t)len;
}

static bool source(void *context, uint64_t offset, uint8_t *into, size_t len)
{
    struct client *c = context;
    return pread(c->local, into, len, (off_t)offset) == (ssize_t)len;
}

static bool begin(void *context)
{
    struct client *c = context;
    return c->local < 0 || (fcntl(c->local, F_GETFL) & O_ACCMODE) == O_RDONLY || ftruncate(c->local, 0) == 0;
}

static bool show_entry(void *context, const struct file_descriptor *entry)
{
    (void)context;
    printf("%s %u %.*s\n", entry->type == FILE_TYPE_FILE ? "file" : "directory", entry->size,
           (int)entry->name.len, (const char *)entry->name.octets);
    return true;
}

static void show_value(void *context, const struct attribute *a)
{
    uint32_t number = 0;
    (void)context;
    if (attribute_uint(a, &number))
        printf("%u %u\n", a->variation, number);
    else if (a->type == ATTRIBUTE_VSTR)
        printf("%u %.*s\n", a->variation, a->len, (const char *)a->octets);
    for (size_t i = 0; i < attribute_entries(a); i++)
        printf("%u%s\n", attribute_entry_at(a, i).variation,
               attribute_entry_at(a, i).properties & 1 ? " writable" : "");
}

static const char *const kinds[MASTER_FILE_KINDS] = {
    [MASTER_FILE_READ] = "read", [MASTER_FILE_WRITE] = "write", [MASTER_FILE_APPEND] = "append",
    [MASTER_FILE_LIST] = "list", [MASTER_FILE_INFO] = "info",   [MASTER_FILE_DELETE] = "delete"};

static void open_local(struct client *c, struct master_file_job *job, const char *path)
{
    bool reads = job->kind == MASTER_FILE_READ;
    struct stat about;
    c->local = open(path, reads ? O_RDWR | O_CREAT | O_TRUNC : O_RDONLY, 0644);
    if (c->local < 0 || fstat(c->local, &about) < 0)
        fail(path);
    if (!reads)
        job->size = (uint32_t)about.st_size;
}

static bool do_file(struct client *c, struct master_file_job job, const char *verb, const char *path)
{
    static struct master_file f;
    while (job.kind < MASTER_FILE_KINDS && strcmp(kinds[job.kind], verb) != 0)
        job.kind++;
    if (job.kind == MASTER_FILE_KINDS)
        return false;
    if (job.kind <= MASTER_FILE_APPEND)
        open_local(c, &job, path);
    master_file_init(&f, &job, c->request, sizeof c->request);
    enum order_outcome outcome = run(c, &f.order);
    const char *status = file_status_name(f.order.status);
    if (outcome != ORDER_SUCCESS)
        fprintf(stderr, "%s, status %u %s, IIN %04X, %s\n", order_outcome_name(outcome), f.order.status,
                status ? status : "", f.order.iin, master_file_defect_text(f.defect));
    return outcome == ORDER_SUCCESS;
}

static bool do_attributes(struct client *c, const char *verb, const char *set)
{
    static struct master_attributes a;
    const struct master_attributes_job job = {
        .kind = strcmp(verb, "variations") == 0 ? MASTER_ATTRIBUTES_LIST : MASTER_ATTRIBUTES_READ_ALL,
        .attribute = {.set = (uint8_t)atoi(set)},
        .value = show_value};
    master_attributes_init(&a, &job, c->request, sizeof c->request);
    enum order_outcome outcome = run(c, &a.order);
    if (outcome != ORDER_SUCCESS)
        fprintf(stderr, "%s, IIN %04X\n", order_outcome_name(outcome), a.order.iin);
    return outcome == ORDER_SUCCESS;
}

static void connect_to(struct client *c, const char *address, const char *port, char *const stations[2])
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    struct instant at = now();
    if (inet_pton(AF_INET, address, &to.sin_addr) != 1)
        fail("address");
    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 || connect(c->fd, (struct sockaddr *)&to, sizeof to) < 0)
        fail("connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int)); /* a request is many frames */
    c->config = master_defaults();
    /* A station that reports before the start-up puts it off until a confirm is overdue: it is polled. */
    c->config.unsolicited_classes = 0;
    c->config.polls = &c->poll;
    c->config.polls_len = 1;
    master_init(&c->m, &c->config, (uint16_t)atoi(stations[0]), (uint16_t)atoi(stations[1]), &c->poll_due_ms,
                1);
    master_connected(&c->m, &at);
    drain(c);
}

static struct file_text text_of(const char *text)
{
    return (struct file_text){(const uint8_t *)text, strlen(text)};
}

int main(int argc, char **argv)
{
    static struct client c = {.poll = {.period_ms = 20, .classes = CLASS_EVENTS}, .local = -1};
    struct master_file_job job = {.context = &c,
                                  .begin = begin,
                                  .sink = sink,
                                  .source = source,
                                  .entry = show_entry,
                                  .permissions = 0x01A4};
    for (int option; (option = getopt(argc, argv, "u:p:")) != -1;)
        *(option == 'u' ? &job.user : &job.password) = text_of(optarg);
    argv += optind;
    if (argc - optind < 6) {
        fputs("file_client [-u USER -p PASSWORD] ADDRESS PORT MASTER STATION VERB NAME [LOCAL]\n", stderr);
        return 64;
    }
    connect_to(&c, argv[0], argv[1], argv + 2);
    job.name = text_of(argv[5]);
    bool attributes = strcmp(argv[4], "attributes") == 0 || strcmp(argv[4], "variations") == 0;
    bool good = attributes ? do_attributes(&c, argv[4], argv[5])
                           : do_file(&c, job, argv[4], argc - optind > 6 ? argv[6] : "/dev/null");
    close(c.fd);
    return good ? 0 : 1;
}
