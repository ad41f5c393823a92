// SPDX-License-Identifier: Apache-2.0
/*
 * The points of a station as the image holds them: one array, ordered by type and index, found by bisection.
 *
 * New ones are let in all at once: the first measurement of a fragment that finds no point has all the
 * fragment's new points gathered, sorted, and merged into the array. However many they are and in whatever
 * order they come, each point that was there moves at most once a fragment.
 *
 * A station may report points that its configuration does not name: they are held too, but not without end
 * (POINTS_UNCONFIGURED_MAX). Events of those beyond are journalled; their present value is not held.
 */
#ifndef FEP_INGEST_POINTS_H
#define FEP_INGEST_POINTS_H

#include "fep/ingest.h"

enum { POINTS_UNCONFIGURED_MAX = 65536 };

struct station_points {
    uint32_t len;
    uint32_t room;
    uint32_t dirty;        /* to be written behind */
    uint32_t unconfigured; /* POINTS_UNCOUNTED: another configuration has come */
    struct point_image image[];
};
#define POINTS_UNCOUNTED UINT32_MAX

/* Points that are asked for and not there yet. Its memory is used again. */
struct points_wanted {
    uint64_t *keys;
    size_t len, room;
    uint64_t moved; /* entries that merging has moved since the start: what the order of arrival costs */
};

/* NULL where it is not held. */
struct point_image *points_find(const struct station_image *s, uint8_t type, uint32_t index);
void points_want(struct points_wanted *w, uint8_t type, uint32_t index);
/* Makes room for what is wanted and not there, and empties the list. `config` may be NULL; at most `most`
 * points that are not in it are held. Returns how many are not held for that reason. Points without a value
 * yet have sequence 0. */
uint32_t points_admit(struct station_image *s, struct points_wanted *w, const struct config_points *config,
                      uint32_t most);
/* Takes out those that have got no value after all. */
void points_settle(struct station_image *s);
void points_free(struct station_image *s);

#endif
