// SPDX-License-Identifier: Apache-2.0
/*
 * One command: what somebody asks of a station, and each thing that comes of it. Without I/O; it belongs to a
 * session from session_command() to its end, and frees itself there.
 *
 *     struct command *c = command_new(station, kind, points_len);
 *     c->points[0] = ..., c->feedback[0] = ...
 *     control_order_init() or request_init()          as c->control or c->request
 *     command_ask(c, &asked);
 *     session_command(s, c, at, box);                 from here on the session's
 *
 * Every change of state becomes a record of the audit, in the batch that is open (BATCH_AUDIT):
 *
 *     refused           never sent: why
 *     selecting         SELECT is written              selected     and answered as it should be
 *     operating         the request that acts is written
 *     operated          the station has accepted it
 *     failed            the station refused it, by its IIN or by the status of a point; or the connection, or
 *                       the station, went between SELECT and OPERATE: nothing acted
 *     timed_out         no answer to a request that does not act, or the deadline passed: nothing acted, and
 *                       it is never sent any more
 *     unknown           the request that acts left and no answer told of its fate. Never sent again
 *     cancelled         before the request that acts had left
 *     feedback_awaited  after operated, or after a request without acknowledgement: until the feedback points
 *     feedback_ok       have shown what was asked for,
 *     feedback_missing  or their time is up
 *
 * Nothing of this association goes between SELECT and OPERATE, and nothing is sent twice: the orders of the
 * protocol see to that (protocol/master_order.h, master_control.h).
 */
#ifndef FEP_COMMAND_H
#define FEP_COMMAND_H

#include "db/audit.h"
#include "protocol/master_control.h"
#include "protocol/master_services.h"

enum command_state {
    COMMAND_REQUESTED,
    COMMAND_REFUSED,
    COMMAND_SELECTING,
    COMMAND_SELECTED,
    COMMAND_OPERATING,
    COMMAND_OPERATED,
    COMMAND_FAILED,
    COMMAND_TIMED_OUT,
    COMMAND_UNKNOWN,
    COMMAND_CANCELLED,
    COMMAND_FEEDBACK_AWAITED,
    COMMAND_FEEDBACK_OK,
    COMMAND_FEEDBACK_MISSING,
    COMMAND_STATES
};
const char *command_state_name(enum command_state state); /* "timed_out" */
/*
 * Whether a command whose last record has this state has come to its end. "operated" is one: where feedback
 * is awaited, that record comes in the same transaction.
 */
bool command_state_is_final(const char *state);

enum command_kind {
    COMMAND_CONTROL,
    COMMAND_REQUEST,
    COMMAND_ENABLE, /* of the session: the worker's affair */
    COMMAND_DISABLE,
    /*
     * Of the command `target` of the same station. Without one: of each that a tag forbids which has been
     * placed since, of points[0] or, without points, of the whole station, where only polls go on.
     */
    COMMAND_CANCEL
};

enum { COMMAND_POINTS_MAX = 64, COMMAND_ITEMS_MAX = 8 };

/* What a feedback point must show: a value within [low, high]. */
struct command_feedback {
    double low, high;
    uint32_t index;
    uint8_t type; /* enum point_type; 0: none is awaited for this point */
    bool seen;
};

struct outbox;

struct command {
    union {
        struct master_order order;
        struct control_order control;
        struct request_order request;
    };
    struct request_order look; /* reads the feedback points, half way */
    struct request_item look_items[COMMAND_ITEMS_MAX];
    struct command *next; /* of the session's */
    const struct master_procedure *inner;
    struct outbox *box;
    int64_t number; /* of the command in the audit */
    int64_t target;
    int64_t operated_wall_ms;
    int64_t look_due_ms; /* monotonic; NEVER_MS: not, or done */
    int64_t feedback_due_ms;
    uint32_t station;
    uint32_t feedback_ms; /* from the operation; the longest of its points */
    uint8_t kind;         /* enum command_kind */
    uint8_t state;        /* enum command_state */
    bool submitted;       /* its order is the master's */
    bool looking;         /* so is `look` */
    size_t points_len;
    struct control_point *points;
    struct command_feedback *feedback; /* points_len of them */
    struct request_item items[COMMAND_ITEMS_MAX];
    uint32_t index; /* of a deadband */
    double value;
    struct audit_record asked; /* who, role, action, station, subject */
    uint8_t octets[APP_FRAGMENT_MAX];
    uint8_t look_octets[256];
    char *texts; /* of `asked` */
};

struct command *command_new(uint32_t station, enum command_kind kind, size_t points_len);
/* Who asks, and for what: once, before anything is done with it. The texts are copied. */
void command_ask(struct command *c, const struct audit_record *asked);
void command_free(struct command *c); /* NULL is fine */

/* The worker's side. */
/* A final state without anything having been sent; then it is freed. Nothing is told of one without number.
 */
void command_end(struct command *c, enum command_state state, const char *why, struct outbox *box,
                 const struct instant *at);
/* From here on it belongs to the master's queue; what follows comes through the news. */
void command_submit(struct command *c, struct master *m, struct outbox *box, const struct instant *at);
/* The order in the news is a command's, by its tag: NULL where it is somebody else's, who leaves it 0. */
struct command *command_of(struct master_order *order);
/* MASTER_ORDER_DONE: its state moves on. */
void command_done(struct command *c, const struct master_order *order, const struct instant *at);
/* A fragment of the station, while the command is under way. */
void command_fragment(struct command *c, const struct app_fragment *f, const struct instant *at);
/* At the latest at command_deadline_ms(). */
void command_tick(struct command *c, struct master *m, const struct instant *at);
int64_t command_deadline_ms(const struct command *c);
/* It goes no further: what has not left does not leave. False where it had left, or had come to its end. */
bool command_cancel(struct command *c, struct master *m, const struct instant *at);
bool command_is_cancelled_by(const struct command *c, const struct command *cancel);
/* Nothing will tell of its feedback any more. */
void command_abandon(struct command *c, const struct instant *at);
/* It has its final state, and the master has nothing of it. */
bool command_is_over(const struct command *c);

#endif
