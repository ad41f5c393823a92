// SPDX-License-Identifier: Apache-2.0
/* What fepd says about itself at /metrics: counters summed over its workers, and the histogram of its
 * confirms. */
#ifndef FEPBENCH_SCRAPE_H
#define FEPBENCH_SCRAPE_H

#include "tools/fepbench/stats.h"

#include <stdbool.h>

struct scrape {
    double reads, writes, connects, connect_failures, online;
    double unsolicited, fragments, events, confirms, confirms_dropped, repeats, refused, not_stored, defects,
        timeouts;
    double commits, rows, failed_commits, wal_pages, deleted;
    double events_sent, slow_consumers, database_octets;
    struct cumulative delay; /* from octets read to confirm written */
};

/* Prometheus text; names that are not wanted are passed over. False where one that is wanted is missing. */
bool scrape_parse(const char *text, struct scrape *s);
/* From fepd's HTTP port on 127.0.0.1. */
bool scrape_get(uint16_t port, struct scrape *s);

#endif
