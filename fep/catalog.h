// SPDX-License-Identifier: Apache-2.0
/*
 * One generation of the station list as the threads see it: the configuration snapshot plus what the store
 * knows of it (station numbers) and what the protocol needs of it (master settings). Built by main,
 * immutable, read by every thread; main frees it when all threads have let go of it.
 */
#ifndef FEP_CATALOG_H
#define FEP_CATALOG_H

#include "config/config.h"
#include "protocol/master.h"

enum { CATALOG_STATIONS_MAX = 1 << 26, CATALOG_WORKERS_MAX = 1 << 6 };

struct catalog_station {
    uint32_t number;        /* the store's, from 1 */
    uint32_t endpoint : 26; /* the first station's position with this host and port: they share a channel */
    uint32_t worker : 6;    /* where its channel lives */
    const struct config_station *config;
    const struct master_config *master; /* shared by all stations with the same session settings */
};

struct catalog {
    struct config *config;            /* owned */
    uint32_t generation;              /* 1, 2, 3 ... */
    struct catalog_station *stations; /* in the order of the configuration, enabled ones only */
    size_t stations_len;
    struct master_config *masters; /* owned */
    size_t masters_len;
    struct master_poll *polls; /* owned; those of all masters */
    uint32_t *by_number;       /* station number -> position + 1, 0 where it has none */
    uint32_t numbers_len;
};

/* numbers[i] belongs to config->stations[i]. Takes over `config`. Stations on the same endpoint get the same
 * worker. */
struct catalog *catalog_build(struct config *config, const uint32_t *numbers, uint32_t generation,
                              uint32_t workers);
void catalog_free(struct catalog *catalog);
/* NULL where absent. */
const struct catalog_station *catalog_find(const struct catalog *catalog, uint32_t number);

#endif
