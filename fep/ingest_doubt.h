// SPDX-License-Identifier: Apache-2.0
/*
 * The rows in doubt of one station: stored (or about to be) from fragments whose confirm is not proven to
 * have arrived, so that the outstation may report the same events again.
 *
 * The master knows a repeated fragment by its octets, on one connection. After a cut, a crash, or where the
 * station regenerates what it repeats (outstation.md 4), only the events are the same; so this rule is about
 * events. A row is in doubt from the moment it is made until a fragment that carried it is proven
 * (MASTER_PROOF, protocol/master.h).
 *
 * Per point and in order, a reported event takes the first equal row (value by its bits, flags, time) that
 * its response has not taken; rows passed over are settled (an overflow may have dropped them), and so are
 * all untaken rows of the point where none is equal. A taken row stays in doubt with the fragment that took
 * it. What is settled or proven is never compared again: twins in one millisecond are legitimate.
 *
 * An event with a time that takes a row is not stored again. Without a time it can't be told from a new one:
 * it is stored with MARK_POSSIBLE_REPEAT. So: timed events exactly once, untimed ones at least once and
 * marked. The limit: a twin that comes alone, while the proof of its like was lost, is taken for its repeat.
 *
 * After a crash the rows come from the last checkpoint and the journal behind it: each journal row tells how
 * far back the oldest row in doubt then lay, so that no row is ever written a second time.
 */
#ifndef FEP_INGEST_DOUBT_H
#define FEP_INGEST_DOUBT_H

#include "fep/ingest.h"

/* 48 octets, only while there is doubt. */
struct doubt_row {
    union {
        double value;
        struct kept_string *string; /* POINT_OCTET_STRING */
    };
    uint64_t time_ms : 48;
    uint64_t
        passed : 16; /* in a point's first row: so many of its rows can't be taken by the fragment at hand */
    int64_t seq;     /* of the journal row */
    uint64_t ticket; /* of the fragment that carried it last; 0 after recovery */
    uint64_t response; /* that took or stored it last; 0 after recovery */
    uint32_t index;
    uint8_t type;
    uint8_t flags;
    bool timed;
    bool settled; /* leaves with the next doubt_sweep() */
};

/*
 * The rows of a station: ordered by type, index, sequence, so that a point's rows are one run, found by
 * bisection. New ones gather behind and are merged once a fragment: until then they are their own response's,
 * which does not compare them.
 */
struct station_doubts {
    uint32_t len;
    uint32_t sorted; /* so many are in order; the others came since */
    uint32_t room;
    bool touched;   /* by the fragment at hand: some are settled, taken or passed */
    int64_t oldest; /* sequence of the oldest row */
    int64_t floor;  /* while the journal is replayed: rows below are settled */
    uint64_t moved; /* entries that merging has moved: what the order of arrival costs */
    struct doubt_row rows[];
};

/* An event as it was reported: a measurement, or a string with no more of one than type, index and flags. */
struct reported {
    const struct measurement *m;
    const uint8_t *octets;
    uint8_t octets_len;
};

/* The row that this event repeats, now taken by the fragment; NULL where it is new. */
struct doubt_row *doubt_take(struct station_image *s, const struct reported *e,
                             const struct batch_fragment *f);
/* A new row of fragment f. */
void doubt_add(struct station_image *s, const struct reported *e, int64_t seq,
               const struct batch_fragment *f);
/* The fragments with these tickets are proven. */
void doubt_prove(struct station_image *s, const uint64_t proven[2]);
/* The end of a fragment: new rows take their places, settled ones go; also those that it carried where it
 * will not be repeated (no CON). */
void doubt_sweep(struct station_image *s, const struct batch_fragment *f);
/* The sequence of the oldest row in doubt; INT64_MAX where there is none. */
int64_t doubt_oldest(const struct station_image *s);
uint32_t doubt_count(struct station_image *s);
void doubt_free(struct station_image *s);
/* The `doubt` field of a row: how far before `seq` that oldest row lies. */
uint32_t doubt_reach(int64_t oldest, int64_t seq);

/* No row of the station is in doubt: the `doubt` field then. */
#define DOUBT_NONE UINT32_MAX

/* Recovery: a journal row newer than the checkpointed state, and that state's rows; doubt_settle() ends it.
 */
void doubt_replay(struct station_image *s, const struct journal_row *row);
void doubt_settle(struct station_image *s);
size_t doubt_save(struct station_image *s, uint8_t **blob, size_t *room);
/* False where the blob is not one: then nothing is in doubt. */
bool doubt_load(struct station_image *s, const void *blob, size_t len);

#endif
