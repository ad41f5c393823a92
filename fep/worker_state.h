// SPDX-License-Identifier: Apache-2.0
/* The memory of a worker, seen by its own files only: worker.c, worker_orders.c, channel.c, station.c. */
#ifndef FEP_WORKER_STATE_H
#define FEP_WORKER_STATE_H

#include "fep/io/clock.h"
#include "fep/io/connection.h"
#include "fep/io/thread.h"
#include "fep/io/wheel.h"
#include "fep/session.h"
#include "fep/worker.h"

struct channel;

/* A session and what the worker needs to serve it. Lent memory for the polls lies behind it. */
struct station {
    struct session session; /* first: a held confirm names the session */
    struct channel *channel;
    struct station *next; /* on the same channel */
    const struct catalog_station *entry;
    struct wheel_timer timer;
    struct log_gate gate;
    bool touched;        /* in the worker's list */
    bool online;         /* as logged and counted */
    bool leaving;        /* waits for its held confirms, then goes */
    uint8_t quirks_told; /* in the log: mask of enum master_quirk */
    int64_t poll_due_ms[];
};

/* Octets received and not worked off yet; pooled. */
struct channel_input {
    int64_t read_us;
    size_t len;
    uint8_t octets[];
};

enum channel_state {
    CHANNEL_WAITING,    /* its timer says when to ask for a turn to connect */
    CHANNEL_QUEUED,     /* has got one: its timer says when */
    CHANNEL_CONNECTING, /* its timer says when to give up */
    CHANNEL_OPEN
};

/* A TCP connection, and the stations that are reached over it: mostly one. */
struct channel {
    struct connection connection; /* first: the connection's handler finds its channel by it */
    struct station *stations;
    struct channel *next, **back; /* all channels of the worker */
    struct channel *next_busy;
    struct channel_input *input;
    struct wheel_timer timer;
    uint32_t failures; /* in a row; forgotten when a frame arrives */
    uint8_t state;     /* enum channel_state */
    bool busy;         /* in the worker's list of those with input left */
    bool not_read;     /* in the worker's list of those that are paused */
    bool idle;         /* all its stations are disabled: not to be connected */
    bool discards;     /* about to close: what comes is thrown away, stations repeat it */
};

enum { READ_ROOM = 4096, WRITE_ROOM = 4096, FRAGMENTS_A_TURN = 16 };

/* A confirm that was released in this turn, for the delay. */
struct released {
    struct station *station;
    int64_t read_us;
    uint32_t confirms; /* the station's counter before: where it does not move, the confirm was dropped */
};

enum drain_phase { DRAIN_NONE, DRAIN_WAIT, DRAIN_LINGER, DRAIN_HAND_OVER, DRAIN_DONE };

struct worker {
    struct thread thread;
    struct worker_options options;
    struct config_fep fep;
    struct log *log;
    struct worker_metrics *metrics;

    struct loop *loop;
    struct connection_owner owner;
    struct pool rests;  /* octets that a socket did not take */
    struct pool inputs; /* struct channel_input */
    struct pool small;  /* reassembly: fragments of the usual size */
    struct pool large;  /* reassembly: of any size */
    struct wheel stations_wheel;
    struct wheel channels_wheel;
    struct clock_trust trust;
    struct instant at; /* of this turn */
    bool at_is_old;
    uint64_t random;
    int64_t next_connect_us;

    struct channel *channels;
    struct channel *busy, **busy_end;
    struct channel **paused; /* not read until the store has what they sent */
    size_t paused_len, paused_room;
    struct station **touched; /* to be settled at the end of the turn */
    size_t touched_len, touched_room;
    struct outbox box;
    struct batch *unposted, **unposted_end; /* the committer's mailbox is full */
    struct released *released;
    size_t released_len, released_room;
    struct station_counters before; /* of the station at hand: station_enter() */
    uint32_t served;                /* channels that were read since the last batch */
    bool stalled;

    struct mailbox commands; /* from the publisher */
    struct mailbox orders;
    struct order *order; /* under way */
    bool order_is_over;  /* main is told at the end of the turn */
    enum drain_phase drain;
    int64_t drain_due_ms;
    struct wake wake;
    struct loop_kind wake_kind;
    struct loop_watch wake_watch;
    uint64_t pending_durable; /* tests only: a watermark that is held back */
    int64_t pending_due_ms;
    _Alignas(64) _Atomic uint64_t durable; /* written by the committer's thread */
};

/* The instant of this turn, asked for once. */
const struct instant *worker_now(struct worker *w);
/* A channel has been read: the last thing that its handler does. */
void worker_served(struct worker *w);

/* station.c. Calls of a session stand between enter and leave, which count, log and remember it. */
struct station *station_new(const struct catalog_station *entry, uint64_t seed);
void station_free(struct station *s);
void station_adopt(struct station *s, const struct catalog_station *entry);
void station_enter(struct worker *w, struct station *s);
void station_leave(struct worker *w, struct station *s);
void station_connected(struct worker *w, struct station *s);
void station_disconnected(struct worker *w, struct station *s);
void station_frame(struct worker *w, struct station *s, const struct link_frame *frame, int64_t read_us);
void station_hold_polls(struct worker *w, struct station *s, bool hold);
void station_answer(struct worker *w, struct station *s); /* sends what it has to say now */
void station_settle(struct worker *w, struct station *s); /* end of the turn */
void station_set_timer(struct worker *w, struct station *s, bool came);
void station_log(struct worker *w, struct station *s, enum log_level level, const char *event,
                 const char *text, struct log_field extra); /* extra.key may be NULL */

/* channel.c */
struct channel *channel_new(struct worker *w);
void channel_free(struct channel *c); /* without stations, closed */
void channel_start(struct channel *c);
void channel_happened(struct connection *connection, enum connection_event event, int error);
void channel_timer(struct channel *c);
void channel_work(struct channel *c); /* what input is left, at most FRAGMENTS_A_TURN fragments */
void channel_lost(struct channel *c, const char *reason); /* closes it, and connects again later */
void channel_close(struct channel *c);                    /* tells the stations */
bool channel_send(struct channel *c, const uint8_t *octets, size_t len); /* false: it is lost */
void channel_not_read(struct channel *c);
bool channel_may_read(const struct channel *c);
bool channel_all_disabled(const struct channel *c);
void channel_read_again(struct channel *c);

/* The worker that a channel belongs to: the owner of its connection lies there. */
static inline struct worker *channel_worker(const struct channel *c)
{
    return LOOP_OWNER(c->connection.watch.kind, struct worker, owner.kind);
}

/* worker.c */
void *worker_more_room(void *list, size_t *room, size_t size); /* twice as much; aborts without memory */
void worker_settle(struct worker *w);                          /* every station that was touched */

/* worker_commands.c */
void worker_take_commands(struct worker *w);

/* worker_orders.c */
void worker_carry_out(struct worker *w);
void worker_order_done(struct worker *w); /* the end of the turn */
void worker_remove_all(struct worker *w); /* after the thread has ended */

#endif
