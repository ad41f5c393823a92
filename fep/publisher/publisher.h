// SPDX-License-Identifier: Apache-2.0
/*
 * The publisher: one thread with its own event loop that serves consumers over HTTP: with TLS to whoever
 * proves who he is, without it on loopback only (fep/publisher/http_access.c).
 *
 *     struct publisher *p = publisher_start(&options, error, sizeof error);
 *     publisher_port(p)                        where it listens (options.listen_port may be 0)
 *     publisher_set_catalog(p, catalog)        a reload; the old one is free once
 *     publisher_catalog_generation(p)          ... this says the new one's generation
 *     publisher_stop(p)                        joins the thread; closes all connections
 *
 * It reads the journal with a connection of its own and never holds a read transaction beyond one bounded
 * call. Rows just committed come from memory: the committer posts `struct committed` and wakes. Where that
 * mailbox is full, the committer frees what it has; nothing is lost, since streams find it in the journal.
 *
 * The API. A cursor is `<journal id>-<sequence>` and names the last event that a consumer has; times are
 * ISO 8601 in UTC with ms (beyond the year 9999 with a sign and five digits), null where there is none.
 * Errors are application/problem+json; those of a parameter name it. All of it is described in openapi.json,
 * which is served at /v1/openapi.json; the page at / uses nothing else.
 *
 *   GET /v1/events?after=CURSOR&limit=N&station=NAME&type=TYPE&point=POINT&from=TIME&to=TIME&order=&format=
 *       application/x-ndjson: an event a line. The last line is {"next":"CURSOR"}: the `after` of the next
 *       call; an answer without it was cut off. `after` absent: from the oldest; limit 1..100000, default
 *       1000; `type` is one of point_type_name() or `hole`; `point` is a name or type:index; `from` and `to`
 *       are by the source's time, or by ours where it told none. An answer that fits into one slice has its
 *       next cursor in the header Fep-Next-Cursor too. 410 with `oldest` and `newest` where the cursor is of
 *       another journal, ahead of the newest event, or older than what retention has left. order=newest goes
 *       downwards, its `next` is the `before` of the next call; format=csv is a table, which is cut off with
 *       its connection.
 *   GET /v1/stream?after=CURSOR&station=NAME&type=TYPE&point=POINT
 *       text/event-stream; a header Last-Event-ID goes before `after`. Events: `event`, `hole`; `gap` where a
 *       cursor could not be served ({"reason", "from", "to"}: what is missing), then it goes on from the
 *       oldest; `cursor` from time to time where a filter hides what passes; `command`, without id, at each
 *       change of a command's state. A comment every 15 s.
 *   GET /v1/stations, /v1/stations/NAME        state and counters; `cursor`: the event they are true at
 *   GET /v1/points?station=NAME                present values, with the same
 *   GET /v1/stations/NAME/trace                what is said on its wire, in words, as server-sent events
 *   PUT /v1/consumers/NAME {"cursor":"…"}      acknowledges; answered once it is durable
 *   GET /v1/consumers, /v1/consumers/NAME      what was acknowledged
 *   POST /v1/commands {"station","reason","mode","points":[...],"deadline_ms"}
 *       202 {"id","state"}: it is told to the audit, and on its way. 409: a tag; 422: what the configuration
 *       does not allow, with its `field`; 503: the audit can't be written, so nothing is sent. A point:
 *       "point" (its name) or "type" and "index"; "op", "tcc", "count", "on_ms", "off_ms", "clear", or
 *       "value", "variation". Who goes before the answer comes gets nothing done.
 *   GET /v1/commands?station=NAME&open=1&limit=N    the newest first
 *   GET /v1/commands/ID?wait_ms=N&after_state=S     what has become of it, once it is no longer S or time is
 *                                                   up
 *   DELETE /v1/commands/ID                     cancels what has not left; its own states tell whether it had
 *   POST /v1/stations/NAME/actions {"action"}  as a command; fep/publisher/api_actions.c has the list
 *   GET, POST /v1/tags, DELETE /v1/tags/ID     while there is one, its point or station is not operated
 *   GET /v1/audit?after=ID&limit=N&station=NAME, /v1/audit/head
 *   GET /v1/me, /v1/overview; POST /v1/reload
 *   GET /metrics, /livez, /readyz, /healthz
 *
 * An event: cursor, sequence, station, point (its name or null), type, index, value (engineering), raw, unit,
 * state (its label or null), quality (names of the flags), time, time_quality, received, origin (unsolicited,
 * event_poll, static, fep), possible_repeat, hist. Numbers that JSON lacks are the strings "NaN", "Infinity",
 * "-Infinity". A binary_command or analog_command has `status` in place
 * of flags. An octet_string has its octets in hexadecimal as `raw`; its `value` is the text where all of it
 * is UTF-8 without control characters, else the same as `raw`, and `encoding` says which: "utf-8" or "hex".
 * A hole: cursor, sequence, station, type "hole", reason, from, to, origin. A station's `quirks_used` names
 * what it does against the rules and was borne with, as its configuration allows.
 *
 * Limits: headers 8 kB, bodies 64 kB, max_consumers connections (more get 503 and are counted), 256 kB for a
 * consumer that stops reading: it gets the rest from the journal when it comes back. A request must arrive
 * within 30 s, and an answer that stands still for 60 s is cut off; a stream may stand still for ever.
 */
#ifndef FEP_PUBLISHER_H
#define FEP_PUBLISHER_H

#include "config/errors.h"
#include "fep/catalog.h"
#include "fep/io/mailbox.h"
#include "fep/log.h"
#include "fep/metrics.h"

struct command;

/* Everything lent lives until publisher_stop() has returned. */
struct publisher_options {
    const char *listen_host; /* an IP address or "localhost"; without TLS others than loopback are refused */
    uint16_t listen_port;    /* 0: any free one */
    const char *database;    /* opened by a struct store before */
    const char *vfs;         /* NULL: SQLite's default */
    uint32_t max_consumers;  /* connections at a time, at least 1 */
    struct metrics *metrics; /* writes `publisher`, reads the rest */
    struct mailbox *committed; /* from the committer: struct committed, freed here */
    struct mailbox *answers;   /* from the committer: filled struct snapshot, freed here */
    struct mailbox *requests;  /* to the committer: struct snapshot */
    struct wake *wake; /* the publisher's own, opened by the caller; serves both mailboxes from above */
    struct wake *committer_wake;
    struct trace_board *traces; /* NULL: none */
    _Atomic bool *reload;       /* set where a reload is asked for, then main_wake; NULL: nobody can */
    struct wake *main_wake;
    /* Takes the command over, for the worker; false where too many wait. NULL: none can be sent. */
    bool (*send_command)(void *context, uint32_t worker, struct command *command);
    void *send_context;
    struct log *log; /* NULL: none */
    struct publisher_secrets
        *secrets;                  /* taken over where it starts; NULL: without TLS and users, reading only */
    const struct catalog *catalog; /* NULL: not ready until publisher_set_catalog() */
    uint32_t heartbeat_ms;         /* 0: 15 s */
    uint32_t request_timeout_ms;   /* for a request to arrive; an answer may stand still twice as long;
                                      0: 30 s */
};

struct publisher;

/*
 * Certificates and users. NULL with all that is wrong in `errors`. Secrets that nobody took over are freed by
 * who loaded them.
 */
struct publisher_secrets;
struct publisher_secrets *publisher_secrets_load(const struct config_api *api, struct config_errors *errors);
void publisher_secrets_free(struct publisher_secrets *secrets); /* NULL is fine */

/* NULL with one line in `error`: a listen address that is refused or taken, a database that can't be read. */
struct publisher *publisher_start(const struct publisher_options *options, char *error, size_t room);
uint16_t publisher_port(const struct publisher *p);
/* Main thread. The publisher uses the newest one set; earlier ones may be skipped. */
void publisher_set_catalog(struct publisher *p, const struct catalog *catalog);
/* Main thread: files that were read again. Takes them over. Whether there is TLS does not change. */
void publisher_set_secrets(struct publisher *p, struct publisher_secrets *secrets);
/* Any thread. Catalogs of an older generation are not touched any more; 0 while there is none. */
uint32_t publisher_catalog_generation(const struct publisher *p);
/*
 * Ends the thread and frees the publisher. Requests that it had posted may still be with the committer: after
 * the committer has ended, the caller frees what is left in the three mailboxes (snapshot_free(), free()).
 */
void publisher_stop(struct publisher *p);

#endif
