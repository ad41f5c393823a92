// SPDX-License-Identifier: Apache-2.0
/*
 * What the files of the publisher share; nobody else includes it. All of it belongs to the publisher's
 * thread.
 *
 *   http_listen.c    the listening socket
 *   http_tls.c       certificates and users, as read from files
 *   http_door.c      the limit of connections and their deadlines
 *   http_access.c    who asks, and what he may
 *   http_route.c     from a request to its handler
 *   http_reply.c     short answers, errors, parameters
 *   exchange.c       long answers, slice by slice, and what is asked of the committer
 *   journal.c        rows from memory or from the database
 *   api_*.c          the handlers
 *   publisher.c      the thread
 *
 * With headers of their own: tail.c (the newest rows in memory), feed.c (a row as JSON), json.c, cursor.c,
 * attempts.c (who fails to log in), and commands.h: asking.c (what is asked of stations), command_points.c
 * (the points of it), commands.c (its way to the audit and to the worker).
 */
#ifndef FEP_PUBLISHER_PARTS_H
#define FEP_PUBLISHER_PARTS_H

#include "config/access.h"
#include "fep/committer.h"
#include "fep/io/thread.h"
#include "fep/publisher/attempts.h"
#include "fep/publisher/cursor.h"
#include "fep/publisher/feed.h"
#include "fep/publisher/publisher.h"
#include "fep/publisher/tail.h"
#include "fep/snapshot.h"
#include "fep/trace.h"

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <openssl/ssl.h>

enum {
    HEADERS_MAX = 8 * 1024,
    BODY_MAX = 64 * 1024,
    /* A slice with its framing fits into one chain of 64 kB, and the kernel takes at most twice the size that
     * it is told: all in all a consumer that stops reading costs less than 256 kB. */
    SLICE_OCTETS = 60 * 1000,
    SOCKET_OCTETS = 64 * 1024,
    SLICE_ROWS = 256,
    SLICE_US = 5000,
    ASKED_MAX = 256,      /* requests to the committer under way */
    CONSUMERS_MAX = 1000, /* names */
    EVENTS_LIMIT = 1000,
    EVENTS_LIMIT_MAX = 100000,
    PARAMS_MAX = 12,
    METHOD_UNKNOWN = 1 << 15, /* what evhttp makes of a method that it can't name */
    CURSOR_EVERY = 10000      /* rows that a filter may hide before the stream says where it is */
};

/* One connection, as far as evhttp does not tell: it is silent about those that never complete a request. */
struct door_slot {
    int fd; /* -1: free */
    uint64_t inode;
    int64_t deadline_ms; /* monotonic: shut by then; 0: never */
    bool asked;          /* a whole request has come, */
    bool known;          /* and one of somebody who may ask */
    uint8_t address[16]; /* of the peer, as attempts_address() gives it */
    char text[46];       /* the same in words, the whole of it */
};

/* What was read from files; main makes it, the publisher's thread owns it once it is set. */
struct publisher_secrets {
    SSL_CTX *tls;          /* NULL: without */
    struct access *access; /* NULL: no users are configured */
    uint8_t loopback;      /* enum config_loopback */
};

/* Who asks. Pointers are good until the request has been answered; an exchange's are kept up to date. */
struct api_caller {
    const struct access_user *user; /* NULL: whoever is on this machine; sees all stations */
    const char *name;
    uint8_t role; /* enum access_role: what this caller may here and now */
    bool shown;   /* a token or a certificate, good or not */
    bool all;     /* sees all stations */
    char address[46];
};

/* What the metrics said a while ago. */
enum { PACE_SECONDS = 10, PACE_SLOTS = 13, PACE_SLOT_MS = 5000 };
struct pace {
    uint64_t events[PACE_SECONDS]; /* rows stored, second by second */
    int64_t at_ms[PACE_SECONDS];
    unsigned seconds;
    uint64_t delay[PACE_SLOTS][DELAY_BUCKETS]; /* over all workers, every PACE_SLOT_MS */
    uint64_t rows[PACE_SLOTS], commits[PACE_SLOTS];
    unsigned slots;
    int64_t slot_due_ms;
    int64_t failing_since_ms; /* wall; 0: the store does not fail */
};

struct publisher {
    struct publisher_options options;
    struct pace pace;
    struct publisher_secrets *secrets;
    struct publisher_secrets *_Atomic coming; /* set by main, not yet taken */
    struct attempts attempts;
    struct attempts refusals; /* of those below operator, by name */
    struct api_caller caller; /* of the request that is being handled */
    struct thread thread;
    struct event_base *base;
    struct evhttp *http;
    struct evconnlistener *listener; /* of http */
    struct event *wake;
    struct event *tick;
    struct event *adopt;
    struct evbuffer *slice;
    struct journal_reader *reader;
    struct feed feed;
    struct tail tail;
    struct json json; /* what is being written; empty between two events */
    struct journal_row rows[SLICE_ROWS];
    struct exchange *exchanges;
    int64_t audit_newest; /* record that is known to be durable */
    int64_t audit_seen;
    int64_t *open_commands; /* their numbers */
    size_t open_commands_len;
    struct note *ends;     /* of commands that were not sent, and whose end could not be told so far */
    uint32_t asked;        /* snapshots that are with the committer */
    int64_t newest;        /* newest sequence known to be durable */
    int64_t newest_before; /* what the journal said at the last tick */
    int64_t now_ms;        /* monotonic, as of the last tick or request */
    struct door_slot *slots;
    struct bufferevent **arriving; /* accepted, their descriptors not yet known */
    size_t arriving_len;
    size_t arriving_room;
    uint16_t port;
    _Atomic bool stopping;
    _Atomic uint32_t generation;
    const struct catalog *_Atomic catalog;
};

enum pump { PUMP_ON, PUMP_WAIT, PUMP_END };

/* What is wished of events beyond what the journal's filter knows. All zeros: nothing. */
struct event_wish {
    int64_t from_ms; /* by the source's time, or where it told none, by ours; 0: open */
    int64_t to_ms;
    bool by_point;
    uint8_t type; /* 0: by name */
    uint32_t index;
    char point[129];
};

/* A long answer, or one that waits for the committer. Freed when both the request and the snapshot are done.
 */
struct exchange {
    struct publisher *p;
    struct exchange *next;
    struct exchange **link;         /* what points here */
    struct evhttp_request *request; /* NULL: answered, or the consumer has gone */
    struct door_slot *slot;
    struct event *again;
    enum pump (*pump)(struct exchange *x, struct json *j); /* writes a slice */
    void (*answered)(struct exchange *x);                  /* the snapshot is there */
    struct snapshot *snapshot;
    bool started;
    bool draining; /* a slice has not left yet */
    bool waiting;  /* the pump has nothing at present */
    bool asked;    /* the committer has our snapshot */
    bool failed;   /* the journal could not be read */
    int64_t ask_deadline_ms;

    struct trace_slot *trace; /* NULL: it is none */
    struct api_caller caller;
    uint8_t *scope; /* by station: 0 not known yet, 1 the caller sees it, 2 he does not */
    uint32_t scope_len;

    /* events and stream */
    struct journal_filter filter;
    struct event_wish wish;
    bool newest_first;
    bool as_csv;
    int64_t after;
    int64_t until;
    struct cursor given;
    enum cursor_place place; /* of what the consumer gave */
    uint32_t left;
    bool live;
    bool stream;
    int64_t told; /* the last cursor that the consumer was told */
    int64_t sent_ms;
    /* commands */
    struct command *command;          /* owned; goes to its worker once it is told to the audit */
    bool told_if_gone;                /* answered() is called although nobody waits any more */
    void (*look)(struct exchange *x); /* with every news of the audit, and once a second */
    int64_t command_number;           /* of a list: the one that was looked at last */
    bool only_open;
    int64_t look_until_ms;
    int64_t told_audit; /* the newest record that was looked at */
    char known_state[24];
    /* lists */
    uint32_t *numbers;
    size_t numbers_len;
    size_t at;
    uint32_t *tags; /* how many hang on each station, by number */
    uint32_t tags_len;
    bool tagged; /* the station as a whole; its points are in `numbers`, type and index by turns */
};

/* http_listen.c */
int http_listen(const char *host, uint16_t port, bool encrypted, uint16_t *bound, char *error, size_t room);

/* http_door.c */
bool door_open(struct publisher *p);
void door_close(struct publisher *p);
struct door_slot *door_slot(struct publisher *p, struct evhttp_request *request); /* NULL: turned away */
void door_deadline(const struct publisher *p, struct door_slot *slot, int64_t timeout_ms); /* 0: none */
void door_cut(const struct door_slot *slot);                                               /* at once */
void door_tick(struct publisher *p);

/* http_access.c */
/* Finds out who asks, and whether he may; answers where not. `role`: what the request needs; ACCESS_NONE:
 * anybody may. Fills in p->caller, and notes in the slot that somebody is known there. */
bool http_admit(struct publisher *p, struct evhttp_request *request, struct door_slot *slot, uint8_t role);
/* Of the request that is being handled: good until the handler returns. An exchange has its own copy. */
const struct api_caller *api_caller(const struct publisher *p);
bool api_sees(struct publisher *p, const struct api_caller *caller, uint32_t station);
/* Answers 403 where the caller does not see this station. */
bool api_may_see(struct publisher *p, struct evhttp_request *request, uint32_t station);
/* Answers 403 where the caller's role is a lesser one. For handlers whose need depends on what is asked. */
bool api_may(struct publisher *p, struct evhttp_request *request, uint8_t role);
bool exchange_sees(struct exchange *x, uint32_t station);
/* Takes up what main has set; who has lost his access loses his streams. */
void access_renew(struct publisher *p);
void access_tick(struct publisher *p); /* ends the streams of those whose token expires */
bool access_host_is_ours(const struct publisher *p, const char *host);

/* http_route.c */
void http_handle(struct evhttp_request *request, void *publisher);

/* http_reply.c */
struct param {
    const char *name;
    const char *value; /* NULL where it was not given */
};
void http_common_headers(struct evhttp_request *request);
/* What is in p->json. */
void http_reply(struct publisher *p, struct evhttp_request *request, int code, const char *type);
/* RFC 9457; `parameter` and `bounds` may be NULL. */
void http_problem(struct publisher *p, struct evhttp_request *request, int code, const char *detail,
                  const char *parameter, const struct journal_bounds *bounds);
const char *http_reason(int code);

/* exchange.c */
struct exchange *exchange_new(struct publisher *p, struct evhttp_request *request);
void exchange_start(struct exchange *x, const char *type);
/* Why nothing can be asked of the committer now; NULL where all is well. */
const char *publisher_not_ready(const struct publisher *p);
/* Takes the snapshot over. Answers by itself where the committer can't be asked. */
void exchange_ask(struct exchange *x, struct snapshot *snapshot, void (*answered)(struct exchange *x));
void exchange_answer(struct publisher *p, struct snapshot *snapshot);
void exchange_done(struct exchange *x); /* answered: frees it, or has it wait for its snapshot */
void exchange_end(struct exchange *x, int code,
                  const char *detail); /* here and now; `code` where none left */
void exchange_wake_streams(struct publisher *p);
void exchange_tick(struct publisher *p);
void exchange_close_all(struct publisher *p);

/* journal.c */
struct journal_span {
    const struct journal_row *rows;
    size_t len;
    int64_t scanned_to;
    int64_t lost_to; /* not 0: retention took what comes after the cursor, up to here */
    bool from_memory;
};
/* What comes after `after`, or nothing. `filter` need not have been applied. */
enum store_result journal_after(struct publisher *p, int64_t after, const struct journal_filter *filter,
                                struct journal_span *span);
/* By filter, wish, and what the caller may see. */
bool journal_passes(struct exchange *x, const struct journal_row *row);
/* Reads a filter's parameters; answers and says false where they are wrong. */
bool journal_filter(struct publisher *p, struct evhttp_request *request, const struct param *station,
                    const struct param *type, struct journal_filter *filter);

/* The same for a point: its name, or `binary_input:3`. */
bool journal_point(struct publisher *p, struct evhttp_request *request, const struct param *given,
                   struct event_wish *wish);

/* api_*.c: `name` is the rest of the path; `params` as listed in the table of routes */
typedef void http_handler(struct publisher *p, struct evhttp_request *request, const char *name,
                          const struct param *params);
http_handler api_events, api_stream, api_stations, api_station, api_points, api_consumers, api_consumer,
    api_consumer_put, api_commands, api_commands_post, api_command, api_command_delete, api_station_action,
    api_tags, api_tags_post, api_tag_delete, api_audit, api_audit_head, api_metrics, api_livez, api_readyz,
    api_healthz, api_me, api_reload, api_overview, api_trace;
/* False where it is no file of the page. */
bool api_page(struct publisher *p, struct evhttp_request *request, const char *path);
bool trace_is_open(const struct publisher *p, uint32_t station);

/* api_overview.c: how fast all goes, noted once a second */
void pace_tick(struct publisher *p);

#endif
