// SPDX-License-Identifier: Apache-2.0
/*
 * The only place that knows both a measurement and a stored event: fragments become journal rows.
 *
 * Owned by the committer. It keeps the one image of current values (40 octets a point) and, per station, the
 * rows in doubt: those whose confirm is not proven to have arrived, so that their events may come again. The
 * rule of repeats is told in ingest_doubt.h.
 *
 * Rows get their sequence numbers here. What is handed out must be stored, in this order, before anything
 * else is asked of the store; a failed commit is tried again with the same rows.
 */
#ifndef FEP_INGEST_H
#define FEP_INGEST_H

#include "db/store.h"
#include "fep/batch.h"
#include "fep/catalog.h"
#include "fep/ingest_counters.h"
#include "fep/ingest_string.h"

#include <assert.h>

/*
 * The present value of a point. There may be millions of them: 40 octets. Times are wall time, of 48 bits as
 * the protocol's are.
 */
struct __attribute__((packed, aligned(8))) point_image {
    union {
        double value;
        struct kept_string *string; /* POINT_OCTET_STRING; NULL: no value yet */
    };
    int64_t seq; /* of the journal row that it came from; 0: no value yet */
    uint32_t index;
    uint8_t flags;
    unsigned type : 5;
    unsigned time_quality : 2;
    bool dirty : 1;        /* changed since it was written behind */
    uint64_t time_ms : 48; /* the station's; 0 where it gave none */
    uint64_t received_ms : 48;
    uint64_t static_requested_ms : 48; /* when the read of the present static value left; 0 where none */
};

/*
 * A station as the store will have it: 64 octets, one beside the other. Points and rows in doubt take memory
 * only where there are any. Times are wall time.
 */
struct station_image {
    struct station_points *points; /* ingest_points.h; NULL: none */
    struct station_doubts *doubts; /* ingest_doubt.h; NULL: none */
    int64_t applied_seq;           /* newest journal row that this reflects */
    uint64_t last_heard_ms : 48;
    uint64_t iin : 16;
    uint64_t offline_since_ms : 48; /* 0 while on line */
    uint64_t quirks_used : 8;       /* mask of enum master_quirk */
    bool exists : 1;                /* false: only the place for one */
    bool known : 1;                 /* has been told of since the start, and is configured */
    bool online : 1;
    bool connected : 1;
    bool disabled : 1; /* by a command */
    bool dirty : 1;    /* state to be written behind */
    bool full : 1;     /* has more points than are held */
    struct packed_counters counters;
};
static_assert(sizeof(struct station_image) == 64, "a station at rest");

struct ingest;

struct ingest_rows {
    struct journal_row *rows;
    size_t len;
    size_t room;
    uint64_t repeats;          /* events not stored again */
    uint64_t possible_repeats; /* stored with the mark */
    uint64_t points_refused;   /* values not held: their station has too many points */
    uint32_t full_stations;    /* that this happened to, */
    uint32_t full_station;     /* and the last of them */
};

struct ingest *ingest_new(int64_t next_seq, bool doubt_off); /* doubt_off: control experiment only */
void ingest_free(struct ingest *in);
/* Lent until the next one: deadbands are looked up in it. */
void ingest_catalog(struct ingest *in, const struct catalog *catalog);

/* Recovery: feed what store_recover() tells, in its order; then ingest_recovered(). */
void ingest_recover_station(struct ingest *in, const struct stored_station *state);
void ingest_recover_value(struct ingest *in, const struct stored_value *value);
void ingest_recover_point(struct ingest *in, uint32_t station, uint8_t type, uint32_t index);
void ingest_recover_row(struct ingest *in, const struct journal_row *row);
void ingest_recovered(struct ingest *in);

/* Appends the rows that an item makes. Grows `rows` as needed. */
void ingest_item(struct ingest *in, const struct batch_item *item, struct ingest_rows *rows);

/* What the fragment with this ticket stored or took will not be compared any more. */
void ingest_forget(struct ingest *in, uint32_t station, uint64_t ticket);

/* Next sequence number; rows handed out so far are below it. */
int64_t ingest_next_seq(const struct ingest *in);

/* Stations by number: 0 < number < ingest_numbers(). NULL where unknown. */
struct station_image *ingest_station(struct ingest *in, uint32_t number);
uint32_t ingest_numbers(const struct ingest *in);
/* What is configured of it; NULL where it is not. */
const struct config_station *ingest_configured(const struct ingest *in, uint32_t number);
/* Its points, in order; *len is 0 where there are none. */
const struct point_image *ingest_points(const struct station_image *s, size_t *len);
/* Gives copies of points strings of their own, in one piece of memory for free(); NULL: there are none. */
void *ingest_copy_strings(struct point_image *points, size_t len);
/* Octets of the doubt rows for the state's checkpoint; *blob is the caller's buffer, grown with realloc. */
size_t ingest_doubt_blob(struct station_image *s, uint8_t **blob, size_t *room);
/* Entries moved to keep points in order, since the start. */
uint64_t ingest_points_moved(const struct ingest *in);

#endif
