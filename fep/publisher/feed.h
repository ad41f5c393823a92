// SPDX-License-Identifier: Apache-2.0
/*
 * Journal rows and present values in words: with names, units and labels from the catalog, as JSON. The
 * fields are told in publisher.h. One thread's own.
 */
#ifndef FEP_FEED_H
#define FEP_FEED_H

#include "db/reader.h"
#include "fep/catalog.h"
#include "fep/ingest.h"
#include "fep/publisher/json.h"

struct feed {
    const struct catalog *catalog; /* NULL: all is nameless */
    struct journal_reader *reader; /* knows the names of stations that were removed */
    int64_t journal_id;
    char **removed; /* their names by number, as far as they were asked for */
    uint32_t removed_len;
};

void feed_free(struct feed *f);

const char *feed_station_name(struct feed *f, uint32_t station); /* NULL where there is none */
uint32_t feed_station_number(struct feed *f, const char *name);  /* 0 where there is none */
bool feed_type_number(const char *name, uint8_t *type);          /* also "hole" */
/* NULL where the point is not configured. */
const char *feed_point_name(const struct feed *f, uint32_t station, uint8_t type, uint32_t index);
void feed_cursor(const struct feed *f, struct json *j, int64_t seq);          /* a string */
void feed_row(struct feed *f, struct json *j, const struct journal_row *row); /* one object */
/* The same as a line of RFC 4180, and the line above them. Text that a spreadsheet would take for a formula
 * has an apostrophe before it. */
void feed_csv_head(struct json *j);
void feed_csv_row(struct feed *f, struct json *j, const struct journal_row *row);
/* `comm_lost`: the station is off line, and so are its points. The object is left open, for more to be said
 * in it. */
void feed_point(struct feed *f, struct json *j, uint32_t station, const struct point_image *point,
                bool comm_lost);

#endif
