// SPDX-License-Identifier: Apache-2.0
/*
 * The counters of a station where nobody counts any more: the committer keeps the last report of each for
 * whoever asks. Most of a station's counters are zero or small, so they are kept packed: which of them are
 * not zero, then those, seven bits an octet. A station that is quiet fits into the room here; a busy one gets
 * what it takes from malloc.
 */
#ifndef FEP_INGEST_COUNTERS_H
#define FEP_INGEST_COUNTERS_H

#include "fep/batch.h"

enum { COUNTERS_HERE = 23 };

struct packed_counters {
    uint8_t len;                 /* octets of the packed form; 0: all are zero */
    uint8_t here[COUNTERS_HERE]; /* the form, or where it is longer the address of its memory */
};

void counters_pack(struct packed_counters *p, const struct station_counters *counters);
void counters_unpack(const struct packed_counters *p, struct station_counters *counters);
void counters_free(struct packed_counters *p);

#endif
