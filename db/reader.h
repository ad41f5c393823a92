// SPDX-License-Identifier: Apache-2.0
/*
 * Reading the journal beside the writer: the publisher, the tools, the tests. Read only, never checkpoints,
 * and holds a read transaction only within one call (keep a call under 50 ms: ask for bounded numbers of
 * rows).
 */
#ifndef DB_READER_H
#define DB_READER_H

#include "db/store.h"

struct journal_reader;

struct journal_bounds {
    int64_t journal_id;
    int64_t oldest; /* first sequence still stored; newest + 1 where the journal is empty */
    int64_t newest; /* last sequence ever given */
};

struct journal_filter {
    uint32_t station; /* 0 = all; numbers start at 1 */
    uint8_t type;     /* 0 = all */
};

/*
 * STORE_CANNOT_OPEN where there is no database yet, STORE_BUSY where an older one waits for its migration;
 * else as store_open. vfs as in store_options. A reader belongs to one thread at a time.
 */
enum store_result reader_open(struct journal_reader **reader, const char *path, const char *vfs, char *error,
                              size_t room);
void reader_close(struct journal_reader *r);
const char *reader_error(const struct journal_reader *r);

enum store_result reader_bounds(struct journal_reader *r, struct journal_bounds *bounds);
/*
 * Rows with seq > after that pass the filter, in order. *len: room in, rows out. *scanned_to: where to go on,
 * the last sequence looked at (with a filter it may lie beyond the last row returned). Looks at no more than
 * 20,000 rows. The octets of strings are lent until the next call.
 */
enum store_result reader_rows(struct journal_reader *r, int64_t after, const struct journal_filter *filter,
                              struct journal_row *rows, size_t *len, int64_t *scanned_to);

struct reader_consumer {
    char name[65];
    int64_t seq;
    int64_t at_ms;
};
enum store_result reader_consumers(struct journal_reader *r, struct reader_consumer *list, size_t *len);
/* The name of a station by its number, also of one that was removed; false where there is none. */
bool reader_station_name(struct journal_reader *r, uint32_t station, char *name, size_t room);
/* Holes that began or ended since then (wall). */
enum store_result reader_holes(struct journal_reader *r, int64_t since_ms, int64_t *count);
uint32_t reader_station_number(struct journal_reader *r, const char *name); /* 0 where there is none */

#endif
