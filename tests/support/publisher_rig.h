// SPDX-License-Identifier: Apache-2.0
/*
 * A publisher on a free port over a real store in a directory of its own, a thread in the committer's place,
 * and an HTTP client on a bare socket. Stations: 1 "north" (points described), 2 "s\"üd".
 */
#ifndef SUPPORT_PUBLISHER_RIG_H
#define SUPPORT_PUBLISHER_RIG_H

#include "fep/command.h"
#include "fep/committer.h"
#include "fep/publisher/publisher.h"
#include "fep/snapshot.h"

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum {
    PATIENCE_MS = 60000, /* for what must come, however slow the machine */
    HEARTBEAT_MS = 200,
};

struct rig {
    char folder[64];
    char path[96];
    struct store *store;
    struct catalog *catalog;
    struct metrics metrics;
    struct mailbox committed, answers, requests;
    struct wake wake, committer_wake;
    struct publisher *publisher;
    pthread_t committer;
    pthread_mutex_t lock; /* the store, and the committer's ends of the mailboxes */
    _Atomic bool stop;
    _Atomic bool hold;        /* requests are not answered */
    bool mute;                /* commits are not handed over */
    _Atomic bool full;        /* nothing can be told to the audit */
    _Atomic unsigned deaf;    /* so many ends of commands can't be told */
    struct command *sent[16]; /* commands that have gone to the worker */
    _Atomic size_t sent_len;
    int64_t newest;
    int64_t journal_id;
};

static const char rig_yaml[] =
    "fep: {database: unused.db}\n"
    "templates:\n"
    "  - name: t\n"
    "    points:\n"
    "      - {type: binary_input, index: 3, name: \"Breaker \\\"Q0\\\"\", states: [open, closed]}\n"
    "      - {type: analog_input, index: 7, name: Voltage, unit: kV, scale: 0.01, offset: 1}\n"
    "stations:\n"
    "  - {name: north, host: 127.0.0.1, port: 20001, outstation_address: 10, template: t}\n"
    "  - {name: 's\"\xc3\xbc"
    "d', host: 127.0.0.1, port: 20002, outstation_address: 11, template: t}\n";

static inline struct catalog *rig_catalog_of(struct rig *r, uint32_t generation, const char *yaml)
{
    struct config_errors errors = {0};
    struct config *config = config_load_memory("rig.yaml", yaml, strlen(yaml), &errors);
    if (config == NULL)
        config_errors_print(&errors, stderr);
    assert_non_null(config);
    uint32_t numbers[2];
    assert_int_equal(store_begin(r->store), STORE_OK);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(store_register_station(r->store, config->stations[i].name, &numbers[i]), STORE_OK);
    assert_int_equal(store_commit(r->store), STORE_OK);
    return catalog_build(config, numbers, generation, 1);
}

static inline struct catalog *rig_catalog(struct rig *r, uint32_t generation)
{
    return rig_catalog_of(r, generation, rig_yaml);
}

/* A record for the audit, from wherever it comes; the publisher learns that there is a newer one. */
static inline void rig_tell(struct rig *r, struct audit_record *record)
{
    struct audit_head head;
    assert_int_equal(store_audit(r->store, record), STORE_OK);
    assert_int_equal(store_commit(r->store), STORE_OK);
    store_audit_head(r->store, &head);
    struct committed *c = calloc(1, sizeof *c);
    c->newest = r->newest;
    c->audit = head.id;
    if (!mailbox_post(&r->committed, c))
        free(c);
}

static inline void rig_note(struct rig *r, struct note *n)
{
    bool ends = n->record.command > 0 && !n->starts_command;
    bool fails = r->full || (ends && r->deaf);
    if (ends && r->deaf)
        r->deaf--;
    n->result = fails ? STORE_FULL : STORE_OK;
    if (fails)
        return;
    assert_int_equal(store_begin(r->store), STORE_OK);
    if (n->change == NOTE_UNTAG)
        assert_int_equal(store_delete_tag(r->store, n->tag.id), STORE_OK);
    rig_tell(r, &n->record);
    if (n->change != NOTE_TAG)
        return;
    n->tag.id = n->record.id;
    n->tag.who = n->record.who;
    assert_int_equal(store_begin(r->store), STORE_OK);
    assert_int_equal(store_put_tag(r->store, &n->tag), STORE_OK);
    assert_int_equal(store_commit(r->store), STORE_OK);
}

/* The publisher's thread. */
static inline bool rig_send_command(void *rig, uint32_t worker, struct command *c)
{
    struct rig *r = rig;
    (void)worker;
    pthread_mutex_lock(&r->lock);
    bool room = r->sent_len < sizeof r->sent / sizeof r->sent[0];
    if (room) {
        r->sent[r->sent_len] = c;
        r->sent_len++;
    }
    pthread_mutex_unlock(&r->lock);
    return room;
}

/* Answers as the committer does: stations and points from a fixed picture, consumers once stored. */
static inline void rig_answer(struct rig *r, struct snapshot *s)
{
    s->seq = r->newest;
    if (s->kind == SNAPSHOT_CONSUMER) {
        assert_int_equal(store_begin(r->store), STORE_OK);
        assert_int_equal(store_put_consumer(r->store, s->consumer_name, s->consumer_seq, 1700000000000),
                         STORE_OK);
        assert_int_equal(store_commit(r->store), STORE_OK);
    } else if (s->kind == SNAPSHOT_NOTE) {
        rig_note(r, s->note);
    } else if (s->kind == SNAPSHOT_STATIONS) {
        s->stations = calloc(1, sizeof *s->stations);
        s->stations_len = s->station == 2 ? 0 : 1;
        s->stations[0] = (struct station_view){.station = 1,
                                               .online = true,
                                               .quirks_used = QUIRK_TCC_SWAPPED | QUIRK_G52_COUNT,
                                               .iin = 0x0080,
                                               .points = 2,
                                               .last_heard_ms = 1700000000001,
                                               .counters.events = 42};
    } else {
        s->points = calloc(2, sizeof *s->points);
        s->points_len = 2;
        s->points[0] = (struct point_image){.value = 1,
                                            .index = 3,
                                            .type = POINT_BINARY_INPUT,
                                            .flags = FLAG_ONLINE,
                                            .received_ms = 5,
                                            .seq = 4};
        s->points[1] = (struct point_image){.value = 11000,
                                            .index = 7,
                                            .type = POINT_ANALOG_INPUT,
                                            .flags = FLAG_ONLINE | FLAG_OVER_RANGE,
                                            .received_ms = 6,
                                            .time_ms = 1,
                                            .time_quality = TIME_SYNCHRONISED,
                                            .seq = 5};
        s->station_online = s->station == 1;
    }
}

static inline void *rig_committer(void *rig)
{
    struct rig *r = rig;
    while (!r->stop) {
        struct pollfd fd = {.fd = r->committer_wake.fd, .events = POLLIN};
        (void)poll(&fd, 1, 20);
        wake_clear(&r->committer_wake);
        struct snapshot *s;
        pthread_mutex_lock(&r->lock);
        while (!r->hold && (s = mailbox_take(&r->requests))) {
            rig_answer(r, s);
            assert_true(mailbox_post(&r->answers, s));
        }
        pthread_mutex_unlock(&r->lock);
        wake_up(&r->wake);
    }
    return NULL;
}

/* Appends rows as one commit. Their sequence numbers are given here. */
static inline void rig_commit(struct rig *r, struct journal_row *rows, size_t len)
{
    pthread_mutex_lock(&r->lock);
    struct committed *c = calloc(1, sizeof *c + len * sizeof *rows);
    assert_int_equal(store_begin(r->store), STORE_OK);
    for (size_t i = 0; i < len; i++) {
        rows[i].seq = store_next_seq(r->store);
        assert_int_equal(store_append(r->store, &rows[i]), STORE_OK);
        r->newest = rows[i].seq;
    }
    assert_int_equal(store_commit(r->store), STORE_OK);
    memcpy(c->rows, rows, len * sizeof *rows);
    c->len = len;
    c->newest = r->newest;
    if (r->mute || !mailbox_post(&r->committed, c))
        free(c);
    pthread_mutex_unlock(&r->lock);
    wake_up(&r->wake);
}

/* `count` analog events, alternating between the stations, in commits of 1000; the value is the sequence. */
static inline void rig_events(struct rig *r, size_t count)
{
    static const size_t most = 1000;
    struct journal_row *rows = calloc(most, sizeof *rows);
    while (count) {
        size_t len = count < most ? count : most;
        for (size_t i = 0; i < len; i++) {
            int64_t seq = r->newest + 1 + (int64_t)i;
            rows[i] = (struct journal_row){.value = (double)seq,
                                           .time_ms = 1700000000000 + seq,
                                           .received_ms = 1700000000500 + seq,
                                           .station = 1 + (uint32_t)(seq % 2),
                                           .index = 7,
                                           .type = POINT_ANALOG_INPUT,
                                           .flags = FLAG_ONLINE,
                                           .time_quality = TIME_SYNCHRONISED,
                                           .origin = ORIGIN_UNSOLICITED};
        }
        rig_commit(r, rows, len);
        count -= len;
    }
    free(rows);
}

/* Retention takes the rows before `seq`. */
static inline void rig_forget(struct rig *r, int64_t seq)
{
    uint32_t deleted = 0;
    pthread_mutex_lock(&r->lock);
    assert_int_equal(store_begin(r->store), STORE_OK);
    assert_int_equal(store_set_as_of(r->store, seq - 1), STORE_OK);
    const struct store_limits limits = {.before_ms = 1700000000500 + seq, .max_rows = 1u << 30};
    assert_int_equal(store_retain(r->store, &limits, &deleted), STORE_OK);
    assert_int_equal(store_commit(r->store), STORE_OK);
    pthread_mutex_unlock(&r->lock);
    assert_true(deleted > 0);
}

static inline struct rig *rig_start_of(uint32_t max_consumers, uint32_t timeout_ms, const char *yaml)
{
    struct rig *r = calloc(1, sizeof *r);
    char error[256] = "";
    strcpy(r->folder, "/tmp/fep_publisher_XXXXXX");
    assert_non_null(mkdtemp(r->folder));
    snprintf(r->path, sizeof r->path, "%s/fep.db", r->folder);
    /* How long the disk takes is not the publisher's matter. */
    const struct store_options store = {.sync_off = true};
    assert_int_equal(store_open(&r->store, r->path, &store, error, sizeof error), STORE_OK);
    r->journal_id = store_journal_id(r->store);
    r->catalog = rig_catalog_of(r, 1, yaml);
    struct config_errors errors = {0};
    r->metrics.workers_len = 1;
    assert_true(mailbox_open(&r->committed, 1024) && mailbox_open(&r->answers, 64) &&
                mailbox_open(&r->requests, 64) && wake_open(&r->wake) && wake_open(&r->committer_wake));
    pthread_mutex_init(&r->lock, NULL);
    struct publisher_options o = {.listen_host = "127.0.0.1",
                                  .database = r->path,
                                  .max_consumers = max_consumers,
                                  .metrics = &r->metrics,
                                  .committed = &r->committed,
                                  .answers = &r->answers,
                                  .requests = &r->requests,
                                  .wake = &r->wake,
                                  .committer_wake = &r->committer_wake,
                                  .catalog = r->catalog,
                                  .send_command = rig_send_command,
                                  .send_context = r,
                                  .secrets = publisher_secrets_load(&r->catalog->config->fep.api, &errors),
                                  .heartbeat_ms = HEARTBEAT_MS,
                                  .request_timeout_ms = timeout_ms};
    r->publisher = publisher_start(&o, error, sizeof error);
    if (r->publisher == NULL)
        fail_msg("%s", error);
    pthread_create(&r->committer, NULL, rig_committer, r);
    return r;
}

static inline struct rig *rig_start_with(uint32_t max_consumers, uint32_t timeout_ms)
{
    return rig_start_of(max_consumers, timeout_ms, rig_yaml);
}

static inline struct rig *rig_start(void)
{
    return rig_start_with(32, PATIENCE_MS);
}

static inline void rig_stop(struct rig *r)
{
    void *left;
    publisher_stop(r->publisher);
    r->stop = true;
    wake_up(&r->committer_wake);
    pthread_join(r->committer, NULL);
    while ((left = mailbox_take(&r->committed)))
        free(left);
    while ((left = mailbox_take(&r->answers)) || (left = mailbox_take(&r->requests)))
        snapshot_free(left);
    mailbox_close(&r->committed), mailbox_close(&r->answers), mailbox_close(&r->requests);
    wake_close(&r->wake), wake_close(&r->committer_wake);
    catalog_free(r->catalog);
    store_close(r->store);
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", r->folder);
    assert_int_equal(system(command), 0);
    pthread_mutex_destroy(&r->lock);
    for (size_t i = 0; i < r->sent_len; i++)
        command_free(r->sent[i]);
    free(r);
}

/* A connection, and what has come over it. */
struct client {
    int fd;
    char *text; /* terminated */
    size_t len;
    size_t room;
    size_t at; /* how far a reader of streams has come */
    bool ended;
};

static inline void client_connect(struct client *c, const struct rig *r)
{
    struct sockaddr_in to = {.sin_family = AF_INET,
                             .sin_port = htons(publisher_port(r->publisher)),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(c->fd, (const struct sockaddr *)&to, sizeof to), 0);
    c->text = calloc(1, c->room = 65536);
}

static inline struct client client_open(const struct rig *r)
{
    struct client c = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    client_connect(&c, r);
    return c;
}

static inline void client_close(struct client *c)
{
    close(c->fd);
    free(c->text);
}

static inline void client_send(struct client *c, const char *text)
{
    assert_int_equal(send(c->fd, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* Takes what comes within a time; false where nothing did. */
static inline bool client_read(struct client *c, int timeout_ms)
{
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};
    if (c->ended || poll(&fd, 1, timeout_ms) <= 0)
        return false;
    if (c->room - c->len < 65536)
        c->text = realloc(c->text, c->room *= 2);
    ssize_t n = recv(c->fd, c->text + c->len, c->room - c->len - 1, 0);
    c->ended = n <= 0;
    c->len += n > 0 ? (size_t)n : 0;
    c->text[c->len] = '\0';
    return n > 0;
}

static inline bool client_until(struct client *c, const char *word)
{
    while (strstr(c->text + c->at, word) == NULL) {
        if (!client_read(c, PATIENCE_MS))
            return false;
    }
    return true;
}

/* Takes the framing out of a chunked body in place. */
static inline void client_unchunk(char *body, const char *limit)
{
    char *to = body;
    for (char *at = body;;) {
        char *end;
        size_t len = strtoul(at, &end, 16);
        if (len == 0 || strncmp(end, "\r\n", 2) != 0 || (size_t)(limit - end - 2) < len)
            break;
        memmove(to, end + 2, len);
        to += len;
        at = end + 2 + len + 2;
    }
    *to = '\0';
}

struct answer {
    int code;
    char *text; /* headers and body */
    const char *body;
};

/* Sends and reads until the other side closes: the request has to ask for that. */
static inline struct answer ask_raw(const struct rig *r, const char *text)
{
    struct client c = client_open(r);
    client_send(&c, text);
    while (client_read(&c, PATIENCE_MS))
        ;
    close(c.fd);
    struct answer a = {.text = c.text};
    char *body = strstr(c.text, "\r\n\r\n");
    (void)sscanf(c.text, "HTTP/1.%*d %d", &a.code);
    a.body = body ? body + 4 : c.text + c.len;
    if (body && strstr(c.text, "Transfer-Encoding: chunked\r\n"))
        client_unchunk(body + 4, c.text + c.len);
    return a;
}

static inline struct answer ask(const struct rig *r, const char *method, const char *target, const char *body)
{
    char text[4096];
    snprintf(text, sizeof text,
             "%s %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
             method, target, strlen(body), body);
    return ask_raw(r, text);
}

static inline struct answer get(const struct rig *r, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static inline struct answer get(const struct rig *r, const char *format, ...)
{
    char target[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(target, sizeof target, format, args);
    va_end(args);
    return ask(r, "GET", target, "");
}

static inline void expect(struct answer a, int code, const char *part)
{
    if (a.code != code || strstr(a.text, part) == NULL)
        fail_msg("expected %d with '%s', got %d: %.2000s", code, part, a.code, a.text);
    free(a.text);
}

#endif
