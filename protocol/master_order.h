// SPDX-License-Identifier: Apache-2.0
/*
 * Orders: all that a master asks of a station beyond its schedule. Controls, writes, freezes, restarts, files
 * and attributes are procedures over one door (dnp3-reference/controls.md 6, master.md 4, 6, files.md 3).
 *
 *     order.procedure = &some_procedure;         what to ask, and what the answers mean
 *     order.request = buf;                       memory for one request
 *     order.deadline_ms = now_ms + 10000;
 *     master_submit(m, &order, at);
 *     ...
 *     MASTER_ORDER_ANSWER                        each fragment that answers it; the measurements in it also
 *                                                come as MASTER_FRAGMENT, to be stored
 *     MASTER_ORDER_DONE                          order.outcome; from here the memory is the submitter's again
 *
 * The submitter drains master_next() after master_submit() and master_cancel(), as after any other call. An
 * order is done exactly once, and always through the news. One order belongs to one master at a time.
 *
 * What goes first: an order before the start-up's steps and before all polls; a `background` one after what
 * is due, but a poll does not keep it waiting twice in a row. Orders of the same kind go in the order of
 * their submission. One request is out at a time (application.md 5), and none leaves before a confirm that is
 * ready or while the confirm of the last response is held.
 *
 * A request is written once, when it leaves; what is sent again (`retries`) has the same octets and SEQ. The
 * master sends nothing again by itself: `retries` is 0 for all that operates.
 *
 * A request of more than one frame leaves in as many calls of master_write(); other fragments wait for its
 * last one. If the order ends between two of them, the station drops the rest (transport.md 3).
 */
#ifndef PROTOCOL_MASTER_ORDER_H
#define PROTOCOL_MASTER_ORDER_H

#include "protocol/app.h"
#include "protocol/master.h"

enum order_outcome {
    ORDER_PENDING,
    ORDER_SUCCESS,        /* the station has answered as it should */
    ORDER_SENT,           /* it left; there is no answer to it (broadcast, "no acknowledgement") */
    ORDER_REFUSED_IIN,    /* the station refuses the request: `iin` */
    ORDER_REFUSED_STATUS, /* a point, file or attribute refuses: `status` is the first that is not 0 */
    ORDER_BAD_ANSWER,     /* an answer that does not fit: the echo differs, an object is missing */
    ORDER_TIMEOUT,        /* no answer to a request that changes nothing */
    ORDER_UNKNOWN,        /* a request that acts left, and no answer told of its fate */
    ORDER_EXPIRED,      /* the deadline passed before a request that was still to leave; that one never did */
    ORDER_CANCELLED,    /* by master_cancel(), before a request that was still to leave */
    ORDER_DISCONNECTED, /* no connection, or lost while no request that acts was out */
    ORDER_RESTARTED,    /* the station restarted between two requests */
    ORDER_HELD,         /* our own store held the confirm of an answer for too long */
    ORDER_INVALID,      /* can't be said: too long, values out of range, not by broadcast */
    ORDER_NO_TIME,      /* the wall clock is not fit to set a clock by */
    ORDER_OUTCOMES
};
const char *order_outcome_name(enum order_outcome outcome); /* "refused_status" */

/* What write() has to say about the request that it wrote. */
enum order_request {
    ORDER_ASKS,   /* an answer is awaited */
    ORDER_TELLS,  /* none is: once it has left, answer() is called without a fragment */
    ORDER_CANNOT, /* nothing is sent; the order ends with the `outcome` that write() has set */
};

/* What follows from an answer that is complete. */
enum order_verdict {
    ORDER_GOES_ON, /* only for a fragment without FIN: the next one, please */
    ORDER_NEXT,    /* another request, at once: no other of this association in between */
    ORDER_LATER,   /* another request; what else is due may go first */
    ORDER_ENDS     /* with the `outcome` that the procedure has set; ORDER_PENDING counts as success */
};

struct master_order;

/*
 * A procedure. It is told of its order alone, and keeps what it must remember around it: the order is the
 * first member of a structure of its own. It must come to an end whatever the answers are.
 *
 * write() sets order->function, and writes what follows it in the request; it may set `acts`, which is false
 * before it. What does not fit ends the order: ORDER_INVALID.
 *
 * answer() takes a fragment of the response, or NULL where none is awaited. Its IIN is not judged yet: see
 * order_refused(). For a fragment without FIN, ORDER_ENDS discards the rest; other verdicts but ORDER_GOES_ON
 * count as that. The next request, and the end, wait until the confirm of this answer has left, and until
 * `resume_ms` (below).
 *
 * interrupted() is called where the order is about to end for `why`: ORDER_TIMEOUT and ORDER_UNKNOWN (no
 * answer), ORDER_BAD_ANSWER (a fragment of it is missing), ORDER_EXPIRED, ORDER_CANCELLED, ORDER_RESTARTED,
 * ORDER_HELD. order->outcome is `why` already. ORDER_ENDS: so be it, or with another outcome. ORDER_NEXT,
 * ORDER_LATER: write() is called again, e.g. for the same block, or to close a file. After ORDER_EXPIRED and
 * ORDER_CANCELLED the deadline counts no more, and neither is told a second time. Not called before the first
 * request has left, nor at the end of the connection. NULL: ends.
 */
struct master_procedure {
    const char *name; /* "select_before_operate" */
    enum order_request (*write)(struct master_order *order, struct writer *w, const struct instant *at);
    enum order_verdict (*answer)(struct master_order *order, const struct app_fragment *f,
                                 const struct instant *at);
    enum order_verdict (*interrupted)(struct master_order *order, enum order_outcome why,
                                      const struct instant *at);
};

/* Zero-initialised but for what is meant. Lives from master_submit() until MASTER_ORDER_DONE. */
struct master_order {
    /* The submitter's. */
    const struct master_procedure *procedure;
    uint8_t *request;       /* lent as long as the order lives: the octets of its request */
    uint32_t request_room;  /* APP_FRAGMENT_MAX suffices for all */
    int64_t deadline_ms;    /* monotonic; at and after it no request of this order leaves. NEVER_MS: none */
    uint32_t timeout_ms;    /* for an answer; 0: as the master's configuration says */
    uint32_t turnaround_ms; /* silence after a request without answer (master.md 6, 9) */
    uint16_t address;       /* 0: the station; LINK_SELF_ADDRESS; LINK_BROADCAST_*: implies ORDER_TELLS */
    uint8_t retries;        /* of each request, where no answer comes */
    bool background;        /* what is due goes first: files */
    bool reads_points;      /* waits until the integrity poll is complete, and while polls are held */
    bool clears_restart;    /* writes IIN1.7: waits until the record of the restart is durable */
    uint64_t tag;           /* the submitter's own */

    /* Between procedure and master. */
    uint8_t function;     /* enum app_function, of the request at hand */
    bool acts;            /* without an answer its outcome is ORDER_UNKNOWN */
    uint16_t quirks;      /* mask of enum master_quirk: the station's */
    uint16_t quirks_used; /* set by the procedure: told as MASTER_QUIRK_USED */
    int64_t resume_ms;    /* set by answer() or interrupted(): neither the next request nor the end before it;
                             with ORDER_NEXT and ORDER_ENDS no other request of this association either */
    int64_t sent_ms;      /* when the request began to leave: now_ms and wall_ms */
    int64_t sent_wall_ms;

    /* For the submitter, at the end. */
    enum order_outcome outcome;
    uint16_t iin;      /* of the last answer, with the request errors of all its fragments */
    uint8_t status;    /* see ORDER_REFUSED_STATUS */
    uint16_t requests; /* how many left, those sent again not counted */

    /* The master's own. */
    struct master_order *next;
    uint32_t request_len;
    uint32_t request_sent; /* octets that have left */
    uint8_t state;
    uint8_t asks;    /* enum order_request */
    uint8_t verdict; /* enum order_verdict */
    bool answered;   /* MASTER_ORDER_ANSWER is still to be told */
    bool restarted;  /* the station has, since the first request left */
    bool cancelled;
    bool closing; /* cancelled or expired: what `interrupted` asks for goes all the same */
};

/*
 * Takes the order. Where it can't be begun (no connection, the deadline has passed, an address that is none)
 * it is done at once, through the news.
 */
void master_submit(struct master *m, struct master_order *order, const struct instant *at);
/*
 * No request of the order leaves any more, but what `interrupted` still asks for. One that is out is awaited;
 * if its answer ends the order, that outcome stands. Nothing happens where the order is done.
 */
void master_cancel(struct master *m, struct master_order *order, const struct instant *at);

/* For procedures. */

/* Whether the IIN of an answer refuse the request; then the outcome is set too. */
bool order_refused(struct master_order *order, const struct app_fragment *f);
/* Ends with that outcome. */
enum order_verdict order_end(struct master_order *order, enum order_outcome outcome);

#endif
