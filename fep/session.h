// SPDX-License-Identifier: Apache-2.0
/*
 * One station as its worker sees it: the master association, and what comes of it for the store. Without I/O:
 * the worker drives it from its event loop, the simulation from a seeded scheduler. A session never leaves
 * its worker.
 *
 *     session_connected(s, at, box)
 *     session_lend(s, buf, room)
 *     session_frame(s, &frame, at, read_us, box)     one link frame from the channel
 *     n = session_write(s, into, room, at)           until 0
 *     session_take_back(s)
 *     session_deadline_ms(s) / session_tick(s, at, box)
 *     session_release(s, ticket, at, box)            outbox_next_held() said that it is durable
 *     session_disconnected(s, at, box)
 */
#ifndef FEP_SESSION_H
#define FEP_SESSION_H

#include "fep/command.h"
#include "fep/outbox.h"
#include "protocol/master.h"

struct session {
    struct master master;
    uint64_t next_number;     /* of responses, and tickets for fragments that the master gave none */
    uint64_t response;        /* the solicited one under way */
    int64_t last_heard_ms;    /* wall */
    int64_t offline_since_ms; /* wall; 0 while on line */
    int64_t report_due_ms;    /* monotonic: counters to the store */
    uint64_t last_batch;      /* the batch that holds its newest fragment */
    int64_t discard_from_ms;  /* wall: since then events were discarded that no record tells of; 0: none */
    struct command *commands; /* under way; NULL at rest */
    struct station_counters counters;
    uint32_t station;  /* the store's number */
    uint32_t reported; /* session_activity() at the last report */
    uint16_t iin;
    uint16_t edges;      /* IIN bits whose record waits for the fragment that told of them */
    uint8_t burst;       /* fragments since all that it sent was durable */
    uint8_t quirks_used; /* mask of enum master_quirk, since the start */
    bool connected : 1;
    bool online : 1;
    bool dead : 1;         /* no answer on the link: the worker closes the connection */
    bool not_read : 1;     /* sends data faster than the store drains: see session_may_read() */
    bool disabled : 1;     /* by a command: the worker does not connect to it */
    bool discard_told : 1; /* on this connection */
    bool announced : 1;    /* its first state has been reported */
};

/* `poll_due_ms` lends one int64_t a configured poll. `seed` (monotonic time of process start in µs, or the
 * like) makes tickets that no earlier session of this station has used. */
void session_init(struct session *s, uint32_t station, const struct master_config *config, uint16_t local,
                  uint16_t remote, int64_t *poll_due_ms, uint64_t seed);
/* The channel is up; has gone; could not be connected. */
void session_connected(struct session *s, const struct instant *at, struct outbox *box);
void session_disconnected(struct session *s, const struct instant *at, struct outbox *box);
void session_connect_failed(struct session *s, const struct instant *at, struct outbox *box);
/* A buffer for reassembly, and back: NULL while a fragment is half received. */
void session_lend(struct session *s, uint8_t *buf, size_t room);
uint8_t *session_take_back(struct session *s);
bool session_has_buffer(const struct session *s); /* lent and not taken back */
/* `read_us`: monotonic µs at which its octets were read. */
void session_frame(struct session *s, const struct link_frame *frame, const struct instant *at,
                   int64_t read_us, struct outbox *box);
/* At the latest when session_deadline_ms() says so. */
void session_tick(struct session *s, const struct instant *at, struct outbox *box);
/* What it sent is durable, and there is room for more: a session that was not read may be read again. */
bool session_may_read(const struct session *s, const struct outbox *box);
/* The batch with this ticket's fragment is durable. */
void session_release(struct session *s, uint64_t ticket, const struct instant *at, struct outbox *box);
/* One frame, room for LINK_FRAME_MAX octets; 0: nothing more to say. */
size_t session_write(struct session *s, uint8_t *into, size_t room, const struct instant *at);
int64_t session_deadline_ms(const struct session *s);
/* Of the worker: not connected, and told so. */
void session_disable(struct session *s, bool disabled, const struct instant *at, struct outbox *box);
/* True while a command may still leave, or be answered. */
bool session_has_orders(const struct session *s);
/* Takes the command over; what comes of it goes into the batches. */
void session_command(struct session *s, struct command *c, const struct instant *at, struct outbox *box);
/* Those whose request that acts has not left do not leave any more. */
void session_cancel_commands(struct session *s, const struct instant *at, struct outbox *box);
/* After session_disconnected(): whatever is still under way comes to its end. */
void session_abandon_commands(struct session *s, const struct instant *at);
/* Frees them as they are, as the end of the process would. */
void session_forget_commands(struct session *s);
/* The station is no longer configured. */
void session_removed(struct session *s, const struct instant *at, struct outbox *box);

#endif
