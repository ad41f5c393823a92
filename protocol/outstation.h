// SPDX-License-Identifier: Apache-2.0
/*
 * One outstation's association with one master: dnp3-reference/outstation.md, controls.md, time.md, without
 * I/O, callbacks or allocation. It mirrors master.h:
 *
 *     outstation_init(o, &config, points, points_len, events, events_room, tx, sizeof tx)
 *     outstation_connected(o, at)
 *     outstation_update(o, &measurement, mode, at)      the field changed: value, perhaps an event
 *     outstation_lend(o, buf, room)
 *     outstation_receive(o, &frame, at)
 *     while (outstation_next(o, &news) != OUTSTATION_QUIET) ...
 *     n = outstation_write(o, into, room, at)
 *     outstation_take_back(o)
 *     outstation_deadline_ms(o), outstation_tick(o, at)
 *
 * All memory is the caller's. Points are sorted by type, then index. The event buffer is one array in order
 * of time for all classes (outstation.md 2); each event has an id that is never used twice, so that a ledger
 * can follow it.
 */
#ifndef PROTOCOL_OUTSTATION_H
#define PROTOCOL_OUTSTATION_H

#include <assert.h>

#include "protocol/clock.h"
#include "protocol/link.h"
#include "protocol/measure.h"
#include "protocol/transport.h"

struct outstation_files;
struct outstation_attributes;
struct outstation_strings;

/* A point of the outstation's database. 40 octets. */
struct outstation_point {
    double value;
    double reported; /* value of the last event, or of a change that was to make none: the deadband counts
                        from here; a frozen point: ms of its freeze */
    double deadband; /* analogs: an event when |value - reported| exceeds it; 0 = every change */
    uint32_t index;
    uint8_t type; /* enum point_type */
    uint8_t flags;
    uint8_t class_mask;       /* CLASS_1, CLASS_2, CLASS_3 or 0: no events */
    uint8_t static_variation; /* 0 = default of the type (objects.md 5) */
    uint8_t event_variation;
    bool in_class_0;
    bool operable;    /* outputs: accepts controls */
    bool most_recent; /* one event at a time waits: a newer one replaces it (outstation.md 2), unless it is in
                         a fragment under way */
};

enum outstation_event_state {
    EVENT_FREE,
    EVENT_WAITING,
    EVENT_SELECTED,  /* by a READ, not yet written */
    EVENT_WRITTEN,   /* in a fragment that waits for its confirm */
    EVENT_CONFIRMED, /* left the buffer, not yet told as news; never seen by callers */
    EVENT_LOST,      /* likewise */
    EVENT_REPLACED   /* likewise */
};

struct outstation_event {
    struct measurement m; /* time_quality TIME_NONE: reported in a variation without time */
    uint64_t id;          /* 1, 2, 3 ... in order of creation */
    uint32_t point;       /* position in the points array; UINT32_MAX for command events of no point */
    uint8_t class_mask;
    uint8_t state; /* enum outstation_event_state */
    uint8_t variation;
    uint8_t text; /* of a string's event: outstation_strings.h */
};

enum outstation_repeat { REPEAT_IDENTICAL, REPEAT_REGENERATED };

/* The header before a g52: a count of 1, 2 or 4 octets, or a range. Only the first is usual. */
enum outstation_delay_form { DELAY_COUNT_1, DELAY_COUNT_2, DELAY_COUNT_4, DELAY_RANGE };

/* What is frozen later (FC 11 and 12; outstation.md 9), one for each outstation; zeroed before the first use.
 * A request that has no place here gets IIN2.2. */
enum { OUTSTATION_FREEZES = 8, OUTSTATION_FREEZE_LEAST_MS = 100 };
struct outstation_freeze {
    uint64_t time_ms; /* by the outstation's clock */
    int64_t due_ms;
    uint32_t interval_ms; /* at least OUTSTATION_FREEZE_LEAST_MS; 0: once */
    uint32_t start, stop; /* indices */
    uint8_t type;         /* enum point_type, of what runs */
};
struct outstation_freezes {
    struct outstation_freeze entry[OUTSTATION_FREEZES];
    uint32_t len;
};

/* An application that masters may initialise, start and stop (FC 16 to 18, g90v1). */
enum application_state { APPLICATION_STOPPED, APPLICATION_INITIALISED, APPLICATION_STARTED };
struct outstation_application {
    const char *name;
    uint8_t state; /* enum application_state */
};

struct outstation_config {
    uint16_t address;
    uint16_t master_address;
    uint16_t tx_fragment_max;        /* 249..2048 and more; default 2048 */
    uint32_t solicited_confirm_ms;   /* 5000 */
    uint32_t unsolicited_confirm_ms; /* 5000 */
    uint32_t select_timeout_ms;      /* 10000 */
    uint32_t time_valid_ms;       /* IIN1.4 again this long after a synchronisation; 0 = only after restart */
    uint32_t unsolicited_hold_ms; /* wait this long after the first event, 0 = at once */
    uint32_t restart_ms;          /* what a restart is said to take, 1000 (g52 in its answer) */
    uint32_t unsolicited_offline_retry_ms; /* after the retries are used up; default 30000 */
    uint16_t unsolicited_count;            /* or until this many events wait, 1 */
    uint16_t unsolicited_retries;          /* 0xFFFF = without end, the default */
    bool unsolicited;                      /* supported at all; else FC 20/21 get IIN2.0 */
    bool null_on_connect;  /* a null unsolicited on each new connection, not only after a restart */
    uint8_t repeat;        /* enum outstation_repeat */
    uint8_t max_controls;  /* objects in one request, 16; more get status 8 */
    bool controls_enabled; /* false: IIN2.1 to FC 3-6 */
    bool need_time;        /* IIN1.4 after restart */
    bool self_address;
    bool any_source;
    bool drop_newest;          /* overflow drops the new event, else the oldest */
    bool confirm_multi_static; /* CON on non-final fragments without events too, true */
    bool refuse_link_status;   /* quirk to be simulated */
    uint16_t sticky_iin;       /* bits that can't be cleared (simulated fault) */

    /* More quirks to be simulated. */
    uint32_t refused_functions; /* bit n: FC n, 1 to 31, gets IIN2.0, as if nobody had thought of it */
    uint8_t delay_form;         /* enum outstation_delay_form */
    bool swap_trip_close;       /* TCC 1 trips and 2 closes */
    bool zero_length_strings;   /* an empty string is sent as variation 0 */

    /* What there is beside points; NULL where there is nothing of the kind. The caller's, not shared. */
    struct outstation_files *files;              /* outstation_files.h */
    struct outstation_attributes *attributes;    /* outstation_attributes.h */
    struct outstation_strings *strings;          /* outstation_strings.h */
    struct outstation_freezes *freezes;          /* else FC 11 and 12 get IIN2.0 */
    struct outstation_application *applications; /* else FC 16 to 18 get IIN2.0 */
    size_t applications_len;
};
struct outstation_config outstation_defaults(void);

enum outstation_news_kind {
    OUTSTATION_QUIET,
    OUTSTATION_CONFIRMED, /* `event` was confirmed and has left the buffer; one at a time, oldest first */
    OUTSTATION_LOST,      /* `event` was dropped: by overflow, by a restart, or `replaced` by a newer one */
    OUTSTATION_CONTROL,   /* an output was operated: feedback has been applied to its status point; that of a
                             pulse goes on with outstation_tick() */
    OUTSTATION_TIME_SET,  /* offset_ms is the new difference to `wall_ms` */
    OUTSTATION_RESTART,   /* cold or warm restart was asked for and its answer has left: call
                             outstation_restart() */
    OUTSTATION_DEFECT     /* a request that broke a rule: counted, `defect` says which */
};

enum outstation_update_mode {
    UPDATE_EVENT,       /* an event if value or flags changed beyond the deadband */
    UPDATE_FORCE_EVENT, /* an event in any case (twins) */
    UPDATE_STATIC       /* no event */
};

struct outstation_news {
    enum outstation_news_kind kind;
    struct outstation_event event;
    bool by_restart;  /* OUTSTATION_LOST */
    bool replaced;    /* OUTSTATION_LOST: no overflow, its point has a newer event (most_recent) */
    uint32_t index;   /* OUTSTATION_CONTROL */
    uint8_t function; /* OUTSTATION_CONTROL: SELECT is not reported */
    uint8_t group;    /* 12 or 41 */
    uint8_t status;
    struct crob crob;
    double value;      /* analog output */
    int64_t offset_ms; /* OUTSTATION_TIME_SET */
    bool cold;         /* OUTSTATION_RESTART */
    const char *defect;
};

#include "protocol/outstation_state.h"

/* `events` is a ring of events_room entries, `tx` holds one fragment for identical repeats (>=
 * tx_fragment_max). What tx_room has beyond tx_fragment_max lengthens the READ requests that are understood:
 * without it, those with up to OUTSTATION_READ_KEPT octets of object headers; longer ones get IIN2.2. */
void outstation_init(struct outstation *o, const struct outstation_config *config,
                     struct outstation_point *points, size_t points_len, struct outstation_event *events,
                     size_t events_room, uint8_t *tx, size_t tx_room);
void outstation_connected(struct outstation *o, const struct instant *at);
void outstation_disconnected(struct outstation *o, const struct instant *at);
/* Starts afresh: IIN1.7, sequence 0, classes disabled. keep_events: a non-volatile buffer. */
void outstation_restart(struct outstation *o, bool keep_events, const struct instant *at);

/*
 * A new value of a point, which must exist. m->time_quality TIME_NONE makes an untimed event. Returns the
 * event's id, 0 where none was made (then the point may have changed all the same).
 * Where the buffer is full, the oldest event that is in no fragment under way is lost (drop_newest: the new
 * one, by the id that was returned): drain outstation_next() after each update, for one loss at a time is
 * kept. While it is not drained, a full buffer takes no event: 0. The event that a newer one of a most_recent
 * point replaces is lost, too, but its place is free at once, and that is no overflow.
 */
uint64_t outstation_update(struct outstation *o, const struct measurement *m,
                           enum outstation_update_mode mode, const struct instant *at);

void outstation_lend(struct outstation *o, uint8_t *buf, size_t room);
uint8_t *outstation_take_back(struct outstation *o);
void outstation_receive(struct outstation *o, const struct link_frame *frame, const struct instant *at);
void outstation_tick(struct outstation *o, const struct instant *at);
enum outstation_news_kind outstation_next(struct outstation *o, struct outstation_news *news);
/* room >= transport_wire_len(tx_fragment_max). */
size_t outstation_write(struct outstation *o, uint8_t *into, size_t room, const struct instant *at);
int64_t outstation_deadline_ms(const struct outstation *o);

/* The buffered events, oldest first, for ledgers: NULL after the last. */
const struct outstation_event *outstation_buffered(const struct outstation *o, size_t i);
struct outstation_point *outstation_point_find(struct outstation *o, uint8_t type, uint32_t index);
/* The outstation's own clock. */
uint64_t outstation_time_ms(const struct outstation *o, const struct instant *at);

#endif
