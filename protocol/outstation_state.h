// SPDX-License-Identifier: Apache-2.0
/*
 * The memory of one outstation; included by outstation.h only, so that callers can embed it. The fields are
 * the outstation's own.
 *
 * No fragment is kept: an identical repeat of an unsolicited response is built again from the events that are
 * marked as written, a repeated response to a command from the repeated request and the statuses kept here.
 */
#ifndef PROTOCOL_OUTSTATION_STATE_H
#define PROTOCOL_OUTSTATION_STATE_H

enum {
    OUTSTATION_CONTROLS_MAX = 32, /* statuses kept; the bound of config.max_controls */
    OUTSTATION_READ_KEPT = 52,    /* octets of object headers of a READ; more in tx beyond tx_fragment_max */
    OUTSTATION_PULSES = 2         /* pulse trains that run at a time; more get status 11 */
};

/* The ring of events: offsets count from `head`; free entries inside the span are holes. */
struct outstation_ring {
    struct outstation_event *entry;
    uint32_t room;
    uint32_t head;
    uint32_t span;      /* entries from head to the newest, holes included */
    uint32_t used;      /* entries that are not free */
    uint32_t to_report; /* of these, confirmed or lost, not yet told by outstation_next() */
    uint32_t report_at; /* none of these lies before this offset */
    uint32_t written;   /* events in the fragment that waits for a confirm */
    uint32_t select_at; /* selected and written events lie in [select_at, select_end) */
    uint32_t select_end;
    uint32_t waiting[3]; /* by class, not in a fragment under way */
    bool overflown;
    bool overflow_told; /* by the fragment that waits for its confirm, and no event was lost since */
    uint64_t last_id;
    struct outstation_event lost; /* by overflow, id 0 where none */
};

/* What becomes of the solicited response under way. */
struct outstation_solicited {
    int64_t confirm_by_ms;
    uint32_t newest;      /* id of the newest event that the response may have, modulo 2^32 */
    uint32_t read_next;   /* static data: point or list entry that is next ... */
    uint16_t read_header; /* ... within this header of the request */
    uint16_t read_len;
    uint16_t read_errors;
    uint8_t seq;
    bool waiting; /* for a confirm */
    bool reading; /* fragments of a READ's response are still to be written */
    bool first;
    bool deferred; /* a READ waits for the end of an unsolicited exchange */
    uint8_t read[OUTSTATION_READ_KEPT];
};

struct outstation_unsolicited {
    int64_t confirm_by_ms;
    int64_t hold_from_ms;  /* when the first event of those waiting came */
    int64_t offline_to_ms; /* while silent: the next attempt */
    uint16_t tries;
    uint16_t iin;
    uint8_t seq;     /* of the next new one; that of the one waiting is seq - 1 */
    uint8_t enabled; /* classes */
    uint8_t classes; /* in the fragment that waits */
    bool waiting;
    bool repeat; /* the one that waits has to be sent again */
    bool null;   /* the one that waits is a null */
    bool null_due;
    bool silent; /* retries are used up */
};

/* The last request, for its repeats (application.md 5.4). */
struct outstation_last {
    uint64_t digest;
    uint16_t len; /* 0: none */
    uint16_t iin;
    bool filed; /* the answer's objects are kept with the files */
    bool echo;
    uint8_t status[OUTSTATION_CONTROLS_MAX];
};

struct outstation_select {
    uint64_t digest;
    int64_t at_ms;
    uint8_t seq;
    bool valid;
};

/* A pulse train that runs on a binary output. */
struct outstation_pulse {
    int64_t change_ms; /* when the output changes next */
    uint32_t on_ms;
    uint32_t off_ms;
    uint16_t index;
    uint8_t left; /* pulses that have not ended; 0: free */
    bool active;
};

struct outstation {
    const struct outstation_config *config;
    struct outstation_point *points;
    uint8_t *tx;
    uint32_t points_len;
    uint32_t local_outputs; /* switched to local: IIN1.5 */
    uint32_t tx_room;
    uint16_t tx_len;   /* a response waits in tx */
    uint16_t echo_len; /* tx holds the objects of a command that are still to be told as news ... */
    uint8_t echo_next; /* ... from this one on */
    uint8_t echo_function;
    uint8_t transport_seq;
    uint8_t link_reply;
    uint16_t link_reply_to;
    uint16_t reply_to;
    uint16_t request_to; /* the destination of the request in hand */
    bool link_reply_due;
    bool connected;
    bool restarted; /* IIN1.7 */
    bool need_time;
    bool restart_cold;
    bool restart_leaving; /* the answer to a restart is in tx */
    bool restart_news;
    bool time_news;
    bool recorded; /* FC 24 was the last request */
    uint8_t recorded_seq;
    uint16_t broadcast;     /* IIN1.0: the address that it came to, 0 where none */
    uint8_t broadcast_told; /* by the last response of each kind */
    struct link_end link;
    struct transport_rx rx;
    struct outstation_ring ring;
    struct outstation_solicited sol;
    struct outstation_unsolicited unsol;
    struct outstation_last last;
    struct outstation_select select;
    struct outstation_pulse pulses[OUTSTATION_PULSES];
    int64_t recorded_ms;
    int64_t clock_offset_ms;
    int64_t time_valid_to_ms;
    const char *defect;
};

static_assert(sizeof(struct outstation) <= 480, "a simulator holds thousands");

#endif
