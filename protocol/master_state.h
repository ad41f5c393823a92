// SPDX-License-Identifier: Apache-2.0
/*
 * The memory of one master association; included by master.h only, so that callers can embed it. Thousands
 * of these rest in memory at a time: it holds state and no octets (requests are encoded from the state when
 * they leave, the reassembly buffer is borrowed).
 */
#ifndef PROTOCOL_MASTER_STATE_H
#define PROTOCOL_MASTER_STATE_H

enum { MASTER_SOLICITED, MASTER_UNSOLICITED, MASTER_SPACES };

/*
 * What the exchange of the running task is at; there is one request at a time (application.md 5).
 *
 * Idle: no task runs. master_advance() begins the first that is due, in the order of the start-up
 * (master.md 2), and with back-off after failures (master.md 7).
 *
 * To send: the request leaves with the next master_write(), not before a confirm that is ready: a request
 * cancels the response that the confirm is for (outstation.md 3).
 *
 * Await: a response, or its next fragment, is awaited with the expected SEQ (application.md 5, master.md 10).
 * The response timer runs from the request, from each fragment, and from each confirm that leaves
 * (application.md 7), but not beyond what decides an order; at its end the request is sent again or the task
 * has failed.
 *
 * Closing: the last fragment is here; its confirm waits to be released. No request may leave, for the same
 * reason as above. At the end of the response timer the confirm is dropped; the task counts as answered.
 *
 * Pause: of an order only. Nothing of this association leaves until its resume_ms.
 */
enum master_phase { PHASE_IDLE, PHASE_TO_SEND, PHASE_AWAIT, PHASE_CLOSING, PHASE_PAUSE };

/*
 * A confirm that has not left yet, one for solicited and one for unsolicited responses.
 *
 * Waiting: for master_release_confirm(). The solicited one falls with its task, the unsolicited one after the
 * station's confirm timeout: it has repeated by then, or forgotten (application.md 7).
 *
 * Ready: leaves with the next master_write(), where no overflow record holds it back.
 *
 * Given up: solicited only. The store did not take the fragment, or the station has restarted; the task ends
 * with the next tick.
 */
enum master_hold_state { HOLD_NONE, HOLD_WAITING, HOLD_READY, HOLD_GIVEN_UP };

struct master_hold {
    uint64_t ticket;       /* 0: asked for nothing to be stored first */
    uint64_t read_ms : 56; /* master_hold_read_ms() */
    uint8_t seq : 4;
    uint8_t state : 3;     /* enum master_hold_state */
    bool before_clear : 1; /* the fragment came before IIN1.7 was cleared: this confirm proves nothing by time
                            */
};

/* The confirm that left last in its space, while a proof of its arrival may still come. */
enum {
    DOUBT_TIMELY = 0x01,        /* it left within half the station's confirm timeout */
    DOUBT_IN_RESPONSE = 0x02,   /* the response goes on: its next fragment is proof */
    DOUBT_ASKED_REQUEST = 0x04, /* a request left after it */
    DOUBT_PROVEN = 0x08         /* to be reported */
};

struct master {
    const struct master_config *config;
    int64_t *poll_due_ms;
    struct master_order *orders; /* the running one first, then those that wait; done ones until told */
    struct transport_rx rx;

    uint64_t next_ticket;
    uint64_t restart_ticket;  /* not 0: the record of IIN1.7 is not durable yet, so it may not be cleared */
    uint64_t overflow_ticket; /* not 0: that of IIN2.3 is not durable yet, so no confirm may free events */
    struct master_hold hold[MASTER_SPACES];
    uint64_t doubt_ticket[MASTER_SPACES];

    /* The last unsolicited fragment handed to the store. */
    uint64_t repeat_digest; /* of the octets; with repeat_len */
    uint64_t repeat_ticket;

    int64_t due_ms[TASK_POLL + 1]; /* NEVER_MS: not wanted. [TASK_NONE]: the next attempt while off line */
    uint8_t failures[TASK_POLL + 1];

    /* The running task. */
    uint8_t task;
    uint8_t phase;
    uint8_t seq;      /* of the request, then of the fragment expected next */
    uint8_t next_seq; /* of the next new request */
    uint8_t retries_left;
    uint8_t step;    /* of a time synchronisation */
    uint8_t classes; /* asked for */
    uint8_t tx_seq;  /* transport's, of all that leaves */
    uint16_t poll;
    uint16_t poll_retry;       /* which poll due_ms[TASK_POLL] is about */
    uint16_t response_iin;     /* the last fragment's, with the request errors of all */
    uint16_t repeat_len;       /* of repeat_digest; 0: none is remembered */
    int64_t sent_ms;           /* the request's first leaving */
    int64_t response_from_ms;  /* start of the response timer */
    int64_t requested_wall_ms; /* the request's first leaving */
    int32_t delay_ms;          /* one way, of the time synchronisation; negative: not measured */
    uint32_t took_ms;          /* of the task that ended last */

    int64_t link_ms;    /* last frame of the peer; with status_out: when LINK_STATUS was asked for */
    int64_t refused_ms; /* when unsolicited data was last left unconfirmed by the start-up gate */

    /* What master_next() has yet to tell. */
    uint16_t pending; /* 1 << enum master_news_kind */
    uint16_t fragment_len;
    const uint8_t *fragment; /* in the frame or in the lent buffer */
    uint16_t iin;            /* of the fragment */
    uint16_t reported_iin;
    uint16_t quirks_used; /* enum master_quirk, to be told */
    uint8_t reason;
    uint8_t done_task;
    uint8_t done_outcome;

    struct link_end link;
    uint8_t doubt[MASTER_SPACES]; /* DOUBT_*, of doubt_ticket */
    uint8_t reply_control;
    uint8_t timeouts;     /* in a row */
    uint8_t scan_classes; /* IIN1.1-1.3 asked for, not yet polled */
    uint8_t sync_refused; /* mask of 1 << enum master_time_sync that the station does not know */
    uint8_t presence;

    bool connected : 1;
    bool reply_due : 1;
    bool status_due : 1;
    bool status_out : 1;
    bool link_dead : 1;
    bool gate_open : 1;
    bool start_up : 1;         /* no integrity poll has been completed since it was last called for */
    bool integrity_counts : 1; /* the running one was asked for after the gate closed */
    bool task_again : 1;       /* asked for once more while it runs */
    bool first_awaited : 1;
    bool brought_events : 1; /* its response */
    bool retried : 1;
    bool extended : 1;    /* the response timeout, by the station's confirm timeout */
    bool polled_last : 1; /* a poll has begun since the last background order */
    bool slow : 1;        /* off line: attempts at offline_poll_ms */
    bool polls_held : 1;
    bool no_unsolicited : 1;
    bool enable_failed : 1;  /* the last ENABLE_UNSOLICITED */
    bool restart_bit : 1;    /* IIN bits as last seen */
    bool restart_untold : 1; /* no accepted fragment has carried its record yet */
    bool restart_sticks : 1;
    bool overflow_bit : 1;
    bool overflow_untold : 1;
    bool overflow_sticks : 1; /* the integrity poll that is due is one for a bit that stays set */
    bool time_bit : 1;
    bool repeat_durable : 1;
    bool news_ticket : 1; /* the newest */
    bool news_unsolicited : 1;
    bool news_first : 1;
    bool news_last : 1;
    bool news_confirm : 1;
    bool news_loses_events : 1;
};

#endif
