// SPDX-License-Identifier: Apache-2.0
/*
 * One simulated station without its connection: the outstation association, the points, what happens to them,
 * and the ledger of it. No I/O but on its
 * files: time comes in, octets go in and out.
 *
 *     station_init(&s, &plan, number, seed, &start)
 *     station_connected(&s, &at)
 *     station_receive(&s, &frame, &at)
 *     n = station_write(&s, into, room, &at)           until 0
 *     station_advance(&s, &at)                         no later than station_due_ms(&s)
 *
 * Events happen on the schedule of the generator, counted from `start`: their times are those of the
 * schedule, also where station_advance() comes late.
 */
#ifndef OUTSTATION_SIM_STATION_H
#define OUTSTATION_SIM_STATION_H

#include "outstation-sim/device.h"
#include "outstation-sim/generator.h"
#include "outstation-sim/ledger.h"
#include "protocol/outstation.h"

enum { STATION_NAME_ROOM = 16 };

struct station {
    struct outstation outstation;
    struct outstation_config config;
    const struct plan *plan;
    struct outstation_point *points;
    struct outstation_event *events;
    uint8_t *tx;
    struct device device;
    struct generator generator;
    struct ledger ledger;
    struct measurement last; /* for a twin */
    struct instant start;
    uint32_t number; /* from 0 */
    uint32_t restarts;
    uint32_t controls;
    uint32_t defects; /* requests that broke a rule */
    bool quiet;       /* nothing happens any more */
    bool restart_due;
};

void station_init(struct station *s, const struct plan *plan, uint32_t number, uint64_t seed,
                  const struct instant *start);
void station_free(struct station *s);
void station_name(uint32_t number, char name[STATION_NAME_ROOM]); /* "S00001" for number 0 */
/* The DNP3 address of the i-th station of a group; never the master's. */
uint16_t station_address(const struct scenario_group *group, uint32_t i);

void station_connected(struct station *s, const struct instant *at);
void station_disconnected(struct station *s, const struct instant *at);
void station_receive(struct station *s, const struct link_frame *frame, const struct instant *at);
size_t station_write(struct station *s, uint8_t *into, size_t room, const struct instant *at);

int64_t station_due_ms(const struct station *s); /* NEVER_MS where nothing will happen */
void station_advance(struct station *s, const struct instant *at);
/* What this many events at once is like; more than the buffer makes an overflow. */
void station_burst(struct station *s, uint32_t events, const struct instant *at);
void station_restart(struct station *s, const struct instant *at);

/* Events that the outstation made by itself (feedback of a control, a freeze) enter the ledger. */
void station_record_own(struct station *s);

#endif
