// SPDX-License-Identifier: Apache-2.0
/*
 * One association of a master: the rules of dnp3-reference/master.md and application.md 5, without I/O,
 * callbacks or allocation. One occurrence at a time; the same code serves the daemon, the fuzzers and the
 * simulation.
 *
 * The story of a turn, in order of time:
 *
 *     master_connected(m, at)               the channel is up; the start-up gate closes
 *     master_lend(m, buf, room)             a reassembly buffer, only while octets are fed
 *     master_receive(m, &frame, at)         a link frame with the addresses of this association
 *     while (master_next(m, &news) != MASTER_QUIET)
 *         ...                               what came of it, in the order of enum master_news_kind
 *     n = master_write(m, into, room, at)   octets for the channel, until it returns 0
 *     master_take_back(m)                   the buffer, unless a fragment is half received
 *     master_deadline_ms(m)                 when to call master_tick() at the latest
 *     master_release_confirm(m, ticket, at) later: what the fragment held is durable
 *     master_submit(m, &order, at)          any time: what is not on a schedule (master_order.h)
 *
 * After every master_receive(), master_tick(), master_connected(), master_disconnected(), master_submit(),
 * master_cancel() and master_release_confirm() the caller drains master_next(), then master_write().
 *
 * A confirm is a promise. A fragment whose confirm must wait comes as MASTER_FRAGMENT with a ticket; its
 * confirm leaves only after master_release_confirm() with that ticket. While the record of an overflow is not
 * durable, every confirm with a ticket waits for it too: a confirm frees the station's buffer, and IIN2.3 may
 * clear. The master drops a held confirm by itself when the connection ends, the task or the station's
 * confirm timeout ends, the station restarts, or a newer fragment of its kind (solicited, unsolicited)
 * arrives that is not its repeat; a release that comes after that sends nothing.
 *
 * A confirm that has left may have been lost. MASTER_PROOF says that it arrived: the next fragment of the
 * same response has come; or, where it left within half the station's confirm timeout, a new unsolicited
 * fragment, or the reply to a request that left after it. What a station says that has restarted meanwhile
 * is no such proof: LINK_STATUS; a fragment with IIN1.7 set, unless the bit is known to stick; the reply to
 * the WRITE that clears IIN1.7, behind which a second restart would not show.
 */
#ifndef PROTOCOL_MASTER_H
#define PROTOCOL_MASTER_H

#include "protocol/clock.h"
#include "protocol/link.h"
#include "protocol/measure.h"
#include "protocol/transport.h"

enum master_time_sync {
    TIME_SYNC_NONE,
    TIME_SYNC_LAN,     /* RECORD_CURRENT_TIME + g50v3 (time.md 3) */
    TIME_SYNC_NON_LAN, /* DELAY_MEASURE + g50v1 (time.md 4) */
    TIME_SYNC_DIRECT   /* g50v1 at once (time.md 5) */
};

/* A poll on a schedule: classes, or all points of one static group. */
struct master_poll {
    uint32_t period_ms;
    uint8_t classes; /* mask of CLASS_*; 0 where `group` is meant */
    uint8_t group;   /* e.g. 30 with variation 0 */
    uint8_t variation;
};

/*
 * What a station does against the rules, and the master bears with: where the bit is set, and only there.
 * Each use comes as MASTER_QUIRK_USED.
 */
enum master_quirk {
    QUIRK_NO_UNSOLICITED = 0x01, /* knows nothing of FC 20 and 21: they are never sent */
    QUIRK_BARE_G50V1 = 0x02,     /* takes the time by g50v1 alone, without FC 23 or 24 before (time.md 5) */
    QUIRK_TCC_SWAPPED = 0x04,    /* close trips and trip closes: sent the other way round (controls.md 1) */
    QUIRK_STICKY_IIN = 0x08,     /* IIN1.4, 1.7 or 2.3 never go away: our reaction is not repeated */
    QUIRK_ZERO_LENGTH_STRINGS = 0x10, /* has strings without octets, g110v0 and g111v0 (objects.md 4) */
    QUIRK_NO_LINK_STATUS = 0x20,      /* does not answer REQUEST_LINK_STATUS: never sent */
    QUIRK_G52_COUNT = 0x40,           /* g52 with another qualifier than 07 (time.md 4, outstation.md 5) */
    QUIRKS = 7
};
const char *master_quirk_name(unsigned bit); /* "no_unsolicited"; bit 0 to QUIRKS - 1 */

/* Shared by all stations with the same settings; immutable while any master uses it. Defaults:
 * master_defaults(). */
struct master_config {
    uint32_t response_timeout_ms; /* 5000 */
    uint32_t confirm_timeout_ms;  /* the station's own timeout for our confirms, 5000 (application.md 7) */
    uint32_t link_idle_ms;    /* keep-alive after this long without a frame from the peer, 60000; 0 = never */
    uint32_t link_timeout_ms; /* for LINK_STATUS, 5000 */
    uint32_t task_retry_min_ms; /* back-off of failed tasks, 5000 doubling to 60000 (master.md 7) */
    uint32_t task_retry_max_ms;
    uint32_t offline_poll_ms;     /* pace of attempts while off line, 60000 */
    uint32_t time_sync_period_ms; /* 0 = only on IIN1.4 */
    uint8_t request_retries;      /* immediate; a read takes the next SEQ, all else keeps its octets: 0 or 1;
                                     default 0 */
    uint8_t offline_after;        /* consecutive timeouts, 3 */
    uint8_t unsolicited_classes;  /* to enable at start-up, CLASS_EVENTS; 0 = leave disabled */
    bool disable_unsolicited_first;  /* step 1 of the start-up, true */
    bool integrity_on_overflow;      /* IIN2.3 asks for an integrity poll, true */
    uint8_t event_scan_classes;      /* polled at once when IIN1.1-1.3 asks and no unsolicited is expected */
    uint8_t time_sync;               /* enum master_time_sync */
    uint16_t quirks;                 /* mask of enum master_quirk */
    const struct master_poll *polls; /* the first poll with CLASS_ALL is the periodic integrity poll */
    size_t polls_len;
};
struct master_config master_defaults(void);

enum master_news_kind {
    MASTER_QUIET,
    MASTER_PROOF, /* fragments (by ticket) whose confirm has been proven to have arrived */
    /* New edges of IIN1.7 and IIN2.3. A MASTER_FRAGMENT follows, if need be without objects and without CON,
     * whose ticket stands for their record: until that is released IIN1.7 is not cleared, and after an
     * overflow no confirm of events leaves. Unsolicited data that the start-up gate refuses tells of a
     * restart with its header alone; other refused fragments tell of nothing. Where the fragment was given
     * up, the next one tells its edges again. */
    MASTER_RESTART_SEEN,
    MASTER_OVERFLOW_SEEN,
    MASTER_FRAGMENT, /* a response for the store, or one that must be confirmed after what precedes it */
    MASTER_REPEAT, /* the last unsolicited fragment again, by its first `ticket`: not to be stored; the master
                      confirms it in time */
    MASTER_REFUSED,     /* a fragment that is not for us or may not be taken now: `reason`; never confirmed */
    MASTER_TASK_DONE,   /* `task`, `outcome` */
    MASTER_ONLINE,      /* answers, and the first integrity poll of this connection is complete */
    MASTER_OFFLINE,     /* offline_after timeouts in a row, or disconnected while on line */
    MASTER_IIN_CHANGED, /* `iin` differs from the last one reported */
    MASTER_LINK_DEAD,   /* no LINK_STATUS: the caller closes the connection */
    MASTER_QUIRK_USED,  /* `quirks`: what was borne with since the last news of this kind */
    MASTER_ORDER_ANSWER, /* `order`, `fragment`: one that answers it; see master_order.h */
    MASTER_ORDER_DONE    /* `order`: it has its outcome, and its memory is the submitter's again */
};

enum master_task {
    TASK_NONE,
    TASK_DISABLE_UNSOLICITED,
    TASK_CLEAR_RESTART,
    TASK_INTEGRITY,
    TASK_TIME_SYNC,
    TASK_ENABLE_UNSOLICITED,
    TASK_EVENT_SCAN,
    TASK_POLL,
    TASK_ORDER /* never in MASTER_TASK_DONE: an order has news of its own */
};

enum master_outcome {
    OUTCOME_OK,
    OUTCOME_TIMEOUT,
    OUTCOME_REFUSED_BY_IIN,
    OUTCOME_BAD_RESPONSE,
    OUTCOME_DROPPED
};

enum master_reason {
    REASON_NONE,
    REASON_TOO_SHORT,
    REASON_FUNCTION,   /* not 129 or 130, or UNS does not fit it */
    REASON_NO_REQUEST, /* solicited, nothing outstanding: a late response */
    REASON_SEQUENCE,
    REASON_NOT_FIRST,    /* FIR rules broken */
    REASON_NO_CON,       /* unsolicited without CON */
    REASON_START_UP,     /* unsolicited data while the start-up gate is closed */
    REASON_CONFIRM_HELD, /* a solicited fragment while the confirm of the one before is still held */
    REASON_LINK,         /* a frame that the link layer drops (link.md 3-5); no fragment */
    REASON_TRANSPORT,    /* a segment out of order; no fragment */
    REASON_TOO_LONG      /* more than the lent buffer holds; no fragment */
};

struct master_order;

struct master_news {
    enum master_news_kind kind;
    /* MASTER_FRAGMENT, and without the summary MASTER_REPEAT and MASTER_ORDER_ANSWER */
    struct app_fragment fragment; /* borrowed until the next call */
    struct measure_summary summary;
    uint64_t ticket; /* not 0: the confirm waits for master_release_confirm(); 0: nothing waits */
    bool unsolicited;
    bool first; /* first fragment of its response */
    bool last;
    bool confirm_asked; /* CON was set: what it carries may come again until proven */
    bool clock_unsynchronised;
    int64_t requested_wall_ms; /* solicited: when the request left */
    /* MASTER_PROOF: up to two at a time, 0 where none */
    uint64_t proven[2];
    /* MASTER_REFUSED */
    enum master_reason reason;
    bool loses_events; /* it carried events without CON: the station will not send them again */
    /* MASTER_TASK_DONE */
    enum master_task task;
    enum master_outcome outcome;
    uint32_t took_ms; /* request to last fragment, or to the failure; 0 where it did not leave */
    /* MASTER_IIN_CHANGED, MASTER_RESTART_SEEN, MASTER_OVERFLOW_SEEN, MASTER_FRAGMENT */
    uint16_t iin;
    /* MASTER_QUIRK_USED: mask of enum master_quirk */
    uint16_t quirks;
    /* MASTER_ORDER_ANSWER, MASTER_ORDER_DONE */
    struct master_order *order;
};

/* State; the fields are the master's own. See master.c. */
#include "protocol/master_state.h"

/*
 * `poll_due_ms` lends one int64_t for each configured poll, for as long as the master lives.
 * `first_ticket` must exceed every ticket that any association of this station has used before in this
 * process.
 */
void master_init(struct master *m, const struct master_config *config, uint16_t local, uint16_t remote,
                 int64_t *poll_due_ms, uint64_t first_ticket);
void master_connected(struct master *m, const struct instant *at);
void master_disconnected(struct master *m, const struct instant *at);

/*
 * Where an association begins anew on a channel that stays (other stations use it): its next sequence number
 * is taken before master_disconnected() and given back before master_connected(), so that late answers are
 * known as such.
 */
uint8_t master_sequence(const struct master *m);
void master_continue_sequence(struct master *m, uint8_t seq);

void master_lend(struct master *m, uint8_t *buf, size_t room);
uint8_t *master_take_back(struct master *m);

void master_receive(struct master *m, const struct link_frame *frame, const struct instant *at);
void master_tick(struct master *m, const struct instant *at);
enum master_news_kind master_next(struct master *m, struct master_news *news);
size_t master_write(struct master *m, uint8_t *into, size_t room, const struct instant *at); /* room >= 292 */
int64_t master_deadline_ms(const struct master *m); /* NEVER_MS while disconnected */

void master_release_confirm(struct master *m, uint64_t ticket, const struct instant *at);
/* The fragment was not taken by the store and never will be: no confirm, and not remembered as a repeat. */
void master_give_up(struct master *m, uint64_t ticket);
/* While set, no poll that fetches events is started (a stalled store); one under way goes on. */
void master_hold_polls(struct master *m, bool hold, const struct instant *at);
/* Asks for an integrity poll as soon as the association is free. */
void master_demand_integrity(struct master *m, const struct instant *at);
/* Likewise for the time synchronisation that is configured. */
void master_demand_time_sync(struct master *m, const struct instant *at);

bool master_is_online(const struct master *m);
/*
 * The station's address. A master whose `remote` is LINK_SELF_ADDRESS asks there until it is answered, and
 * takes the answer's source for the station's own address (link.md 4): for a line with one station.
 */
uint16_t master_remote(const struct master *m);
const char *master_task_name(enum master_task task);

#endif
