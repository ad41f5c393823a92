// SPDX-License-Identifier: Apache-2.0
/*
 * The durable store: one SQLite database in WAL mode, synchronous=FULL (set and read back). One writing
 * connection, owned by one thread at a time; readers have struct journal_reader (db/reader.h). What the
 * tables mean: schema.sql.
 *
 * The order of a turn of its owner:
 *
 *     store_begin(s)
 *     store_append(s, &row)    journal rows; the caller gives seq: store_next_seq() onwards, no gaps
 *     store_quarantine(s, ...), store_put_value(s, ...), store_put_station(s, ...), ...
 *     store_commit(s)          STORE_OK: all of it is on the disk
 *     store_checkpoint(s)      between commits, when store_wal_pages() says so
 *
 * After any other result than STORE_OK the caller rolls back and may try the same again: nothing was stored.
 * No constraint can be violated by what a peer sends. Only this connection checkpoints the WAL (SQLite's
 * WAL-reset race, 3.7.0 to 3.51.2): wal_autocheckpoint is 0 everywhere.
 */
#ifndef DB_STORE_H
#define DB_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STORE_SCHEMA_VERSION = 3 };

/* Types of a journal row: those of points (protocol/objects.h, below 100), and holes. Stored: append only. */
enum { ROW_NONE = 0, ROW_OCTET_STRING = 11, ROW_HOLE = 100 };

/* Stored: append only. */
enum row_origin {
    ORIGIN_UNSOLICITED = 1, /* an event object in an unsolicited response */
    ORIGIN_EVENT = 2,       /* an event object in a solicited response */
    ORIGIN_STATIC = 3,      /* a static object whose value or flags changed */
    ORIGIN_FEP = 4          /* a record of our own: holes */
};

/* Stored: append only. */
enum row_mark {
    MARK_POSSIBLE_REPEAT = 1, /* untimed, and equal to a row in doubt: stored once too often, perhaps */
    MARK_HIST = 2,            /* older than the present value: not applied to it */
    MARK_CERTAIN = 4          /* sent without CON: the station will not send it again */
};

/* Stored: append only. */
enum hole_reason {
    HOLE_OVERFLOW = 1,  /* IIN2.3: the outstation lost events */
    HOLE_RESTART = 2,   /* IIN1.7: events not yet fetched may be lost */
    HOLE_COMM_LOST = 3, /* off line from here on; `to` 0 */
    HOLE_COMM_BACK = 4, /* on line again: from the loss to now */
    HOLE_DISCARDED = 5, /* not taken: longer than max_fragment, or events that are not sent again */
    HOLE_QUARANTINE = 6 /* a fragment was not readable to its end, or refused; see the quarantine */
};

/*
 * One row of the journal. A hole: type ROW_HOLE, index = reason, time_ms = from, received_ms = to. An octet
 * string has octets in place of a value; they are lent, and whoever keeps a row for longer keeps a copy.
 *
 * doubt: how many sequence numbers back the oldest row of this station lies that was in doubt once this row's
 * fragment was stored (0: the row itself is the oldest). What recovery rebuilds the in-doubt rows from.
 */
struct journal_row {
    int64_t seq;
    union {
        double value;          /* all bits survive: NaN payloads, infinities, -0.0 */
        const uint8_t *octets; /* ROW_OCTET_STRING: octets_len of them */
    };
    int64_t time_ms;
    int64_t received_ms;
    uint32_t station;
    uint32_t index;
    uint32_t doubt;
    uint8_t type;
    uint8_t flags;
    uint8_t time_quality; /* enum time_quality of the protocol */
    uint8_t origin;
    uint8_t marks;
    uint8_t octets_len; /* 0 where it is no string, or an empty one */
};

/* The present value of a point, as written behind. Octets as in a row. */
struct stored_value {
    union {
        double value;
        const uint8_t *octets;
    };
    int64_t time_ms;
    int64_t received_ms;
    int64_t seq; /* journal row that it came from */
    uint32_t station;
    uint32_t index;
    uint8_t type;
    uint8_t flags;
    uint8_t time_quality;
    uint8_t octets_len;
};

/* The state of a station, as written behind. `doubt` is opaque to the store. */
struct stored_station {
    uint32_t station;
    bool online;
    uint16_t iin;
    int64_t last_heard_ms; /* wall */
    int64_t offline_since_ms;
    int64_t applied_seq; /* newest journal row that this state reflects */
    const void *doubt;
    size_t doubt_len;
};

enum store_result {
    STORE_OK,
    STORE_BUSY,    /* another process holds a lock (waited 20 ms): try again, no failed commit */
    STORE_FULL,    /* no space */
    STORE_IO,      /* an I/O error */
    STORE_REFUSED, /* the row itself: a constraint, too big. All that is unforeseen is STORE_IO */
    STORE_CORRUPT, /* the file is damaged: left as it is */
    STORE_NEWER,   /* written by a newer version */
    STORE_NOT_A_DATABASE,
    STORE_FOREIGN,    /* a SQLite database of another application */
    STORE_CANNOT_OPEN /* path, permission, locked by another fepd; only from store_open and reader_open */
};

struct store;

struct store_options {
    const char *vfs;   /* NULL: SQLite's default; tests give their own */
    bool sync_off;     /* control experiment only: synchronous=OFF */
    uint32_t cache_mb; /* page cache, default 1 */
};

/* On failure *store is NULL and `error` holds one line that says what to do (at most room octets,
 * terminated). */
enum store_result store_open(struct store **store, const char *path, const struct store_options *options,
                             char *error, size_t room);
void store_close(struct store *s);
const char *store_error(const struct store *s); /* of the last call that did not return STORE_OK */
const char *store_result_text(enum store_result result);

int64_t store_journal_id(const struct store *s); /* random, fixed when the database was made; > 0 */
/* Never used before, also after retention emptied the journal. */
int64_t store_next_seq(const struct store *s);

/* STORE_IO also where the database or its log is not any more the file that lies at its path. */
enum store_result store_begin(struct store *s);
enum store_result store_append(struct store *s, const struct journal_row *row);
enum store_result store_quarantine(struct store *s, uint32_t station, int64_t received_ms, int64_t seq,
                                   const char *reason, const void *octets, size_t len);
enum store_result store_put_value(struct store *s, const struct stored_value *value);
enum store_result store_put_station(struct store *s, const struct stored_station *state);
enum store_result store_set_as_of(struct store *s, int64_t seq); /* moves with the last slice of a pass */
enum store_result store_put_consumer(struct store *s, const char *name, int64_t seq, int64_t at_ms);
enum store_result store_commit(struct store *s);
void store_rollback(struct store *s);
/*
 * Inside a transaction: a fragment that is refused can be undone alone. An undo goes back to the savepoint,
 * also with the next sequence; the savepoint stays until its release. They do not nest.
 */
enum store_result store_savepoint(struct store *s);
enum store_result store_savepoint_release(struct store *s);
enum store_result store_savepoint_undo(struct store *s);

struct store_limits {
    int64_t before_ms;  /* rows received before this are too old; 0: no limit by age */
    int64_t clock_ms;   /* the wall clock: a row received later than now has a wrong time; 0: all are right */
    uint64_t max_bytes; /* in use; 0: no limit by size */
    uint32_t max_rows;  /* deleted by one call, at most */
};
/*
 * Deletes from the front what is too old, and more while the pages in use are too many; never beyond as_of,
 * never the newest row. It stops at the first row that stays. A row with a wrong time is as old as the next
 * one behind it whose time may be right. The file itself does not shrink: emptied pages are used again. By
 * size a call may stop short of the limit, so go on until it deletes nothing. Inside a transaction. *deleted
 * may be NULL.
 */
enum store_result store_retain(struct store *s, const struct store_limits *limits, uint32_t *deleted);
/* Keeps the newest per_station and total rows of the quarantine. Inside a transaction. */
enum store_result store_bound_quarantine(struct store *s, uint32_t per_station, uint32_t total);

uint32_t store_wal_pages(const struct store *s);
/*
 * Outside a transaction. Copies the WAL into the database and resets it. STORE_BUSY: a reader holds the reset
 * back, harmless; what could be copied was, at the cost of two syncs, so try again only after as many pages
 * more.
 */
enum store_result store_checkpoint(struct store *s);

/*
 * The number of a station, given once to a name and never reused. Points are described for the public views.
 * One transaction around many: the caller's.
 */
enum store_result store_register_station(struct store *s, const char *name, uint32_t *number);
struct stored_point {
    uint32_t station;
    uint32_t index;
    uint8_t type;
    const char *name;
    const char *unit;
    double scale;
    double offset;
};
/* Replaces the descriptions of a station's points. Cheap where nothing changed. */
enum store_result store_describe_points(struct store *s, uint32_t station, const struct stored_point *points,
                                        size_t len);

/*
 * What was known when the process ended: first all station states, then all values, then the journal after
 * as_of: which points it has (by station, type, index; may be NULL), and its rows. Octets are lent for the
 * call.
 */
struct store_recovery {
    void *context;
    void (*station)(void *context, const struct stored_station *state);
    void (*value)(void *context, const struct stored_value *value);
    void (*point)(void *context, uint32_t station, uint8_t type, uint32_t index);
    void (*row)(void *context, const struct journal_row *row);
};
enum store_result store_recover(struct store *s, const struct store_recovery *sink);

#endif
