// SPDX-License-Identifier: Apache-2.0
/* The parts of the world, for its own files only. */
#ifndef SIMULATION_WORLD_PARTS_H
#define SIMULATION_WORLD_PARTS_H

#include "fep/committer.h"
#include "fep/session.h"
#include "protocol/outstation.h"
#include "simulation/network.h"
#include "simulation/world.h"
#include "support/cutvfs.h"

enum { PEERS = 3, POINTS = 6, COMMANDS_MAX = 1000, EVENTS_ROOM = 96, TX_ROOM = 2048, WIRE_ROOM = 4096 };

struct ledger_entry {
    struct generated event;
    uint32_t point;
};

/* One end's octets that do not make a frame yet, and its reassembly buffer. */
struct inlet {
    uint8_t octets[WIRE_ROOM];
    size_t len;
    uint8_t fragment[TX_ROOM];
};

/* An outstation, the connection, and the session of fepd that speaks to it. */
struct peer {
    struct outstation outstation;
    struct outstation_config config;
    struct outstation_point points[POINTS + 1]; /* the last is an output, where there is an operator */
    uint8_t acted[COMMANDS_MAX];                /* how often, by the command's mark */
    struct outstation_event events[EVENTS_ROOM];
    uint8_t tx[TX_ROOM];
    struct ledger_entry *ledger; /* by event id - 1 */
    size_t ledger_len, ledger_room;
    struct inlet at_outstation, at_fepd;
    struct pipe up, down; /* to fepd, to the outstation */
    bool connected;       /* as fepd sees it */
    bool accepted;        /* as the outstation sees it */
    int64_t reconnect_ms;
    int64_t next_event_ms;
    int64_t restart_again_ms; /* the second of two restarts; INT64_MAX where none is to come */
    struct session session;
    int64_t polls[2];
};

/* A command that waits for its record. */
struct pending {
    struct pending *next;
    struct command *command;
    struct note *note;
    size_t peer;
    int64_t due_ms; /* when it reaches the worker, once the record is durable; 0: not known yet */
};

struct world {
    struct world_options options;
    struct world_report report;
    uint64_t seed;
    int64_t now_ms;
    unsigned max_delay_ms;
    int64_t calm_ms; /* the delay is what it was from here on */
    int64_t next_fault_ms;
    struct peer peers[PEERS];
    /* fepd, while it lives */
    bool alive;
    int64_t restart_ms;
    struct master_config master;
    struct master_poll polls[2];
    struct outbox box;
    struct store *store;
    struct committer *committer;
    int64_t commit_ms;    /* the committer's next step */
    int64_t watermark_ms; /* when the watermark reaches the worker */
    int64_t full_until_ms;
    struct cutvfs *disk;
    char disk_name[32];
    /* the operator */
    struct pending *pending;
    uint32_t asked;
    int64_t next_command_ms;
};

struct instant world_instant(const struct world *w);
/* With FEP_SEED: what is said, decoded. */
void world_trace(const struct world *w, const struct peer *p, const char *who, const uint8_t *octets,
                 size_t len);

/* peer.c: the outstation's side */
void peer_init(struct world *w, size_t i);
void peer_connect(struct world *w, struct peer *p);
void peer_disconnect(struct world *w, struct peer *p);
void peer_receive(struct world *w, struct peer *p);
void peer_generate(struct world *w, struct peer *p);
void peer_tick(struct world *w, struct peer *p);
void peer_restart(struct world *w, struct peer *p);
int64_t peer_deadline_ms(const struct world *w, const struct peer *p);
size_t peer_buffered(const struct peer *p);

/* fepd.c: the other side */
void fepd_start(struct world *w);
void fepd_stop(struct world *w); /* as kill -9 does */
void fepd_turn(struct world *w);
int64_t fepd_deadline_ms(const struct world *w);
void fepd_cut(struct world *w, struct peer *p);

/* operator.c */
void operator_turn(struct world *w);
void operator_stop(struct world *w); /* with the process */
int64_t operator_deadline_ms(const struct world *w);
bool operator_is_done(const struct world *w);
void fepd_transmit(struct world *w, struct peer *p);

/* faults.c */
void fault_strike(struct world *w);

#endif
