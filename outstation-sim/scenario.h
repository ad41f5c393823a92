// SPDX-License-Identifier: Apache-2.0
/*
 * A scenario: which outstations there are, what happens at them, and what goes wrong. Read from YAML by the
 * tables in scenario_keys.c, which are the reference of all keys, ranges and defaults; examples are in
 * scenarios/.
 *
 *     struct scenario s;
 *     if (!scenario_load(&s, path, &errors)) config_errors_print(&errors, stderr);
 *     scenario_scale(&s, stations, rate);
 *     ...
 *     scenario_free(&s);
 *
 * Immutable once it is scaled. Everything in it lives in its arena.
 */
#ifndef OUTSTATION_SIM_SCENARIO_H
#define OUTSTATION_SIM_SCENARIO_H

#include "config/arena.h"
#include "config/errors.h"
#include "config/schema.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum scenario_shape { SHAPE_SINE, SHAPE_RAMP, SHAPE_RANDOM_WALK, SHAPE_STEPS };
enum scenario_encoding { ENCODING_INT16, ENCODING_INT32, ENCODING_FLOAT, ENCODING_DOUBLE };
enum scenario_unsolicited { UNSOLICITED_NONE, UNSOLICITED_IDENTICAL, UNSOLICITED_REGENERATED };
enum scenario_arrival { ARRIVAL_POISSON, ARRIVAL_REGULAR };

/* Alike points with indices first_index .. first_index + count - 1. */
struct scenario_point {
    const char *name; /* for the station list; "" leaves it to the front end */
    const char *unit;
    double min;
    double max;
    double step;
    double deadband;
    double odd_flags; /* probability that an event has other flags than ONLINE alone */
    double odd_value; /* probability of NaN or an infinity; floats and doubles only */
    uint32_t count;
    uint32_t first_index;
    uint32_t period_ms;
    uint8_t type;     /* enum point_type */
    uint8_t shape;    /* enum scenario_shape */
    uint8_t encoding; /* enum scenario_encoding */
    uint8_t class;    /* 0..3; 0: no events */
    uint8_t length;   /* of an octet string */
    bool in_class_0;
    bool writable; /* octet strings, by the master */
};

/* Files that the stations of a group share (dnp3-reference/files.md). */
struct scenario_files {
    const char *directory; /* NULL or "": no files */
    const char *user;      /* "": everybody */
    const char *password;
    uint32_t max_size; /* octets of one file */
    uint32_t max_files;
    uint32_t timeout_ms; /* of handles */
};

/* What device attributes say (dnp3-reference/attributes.md 2); a NULL manufacturer: there are none. */
struct scenario_attributes {
    const char *manufacturer;
    const char *model;
    const char *software;
    const char *hardware;
    const char *serial; /* before the station's name */
    const char *owner;
    const char *location; /* this and the next may be written by the master */
    const char *id;
};

/* The station's side of enum master_quirk (protocol/master.h), bit by bit. */
enum scenario_quirk {
    SIM_NO_UNSOLICITED = 0x01,
    SIM_BARE_G50V1 = 0x02, /* FC 23 and 24 are not there */
    SIM_TCC_SWAPPED = 0x04,
    SIM_STICKY_IIN = 0x08, /* IIN1.7, where faults.sticky_iin says nothing else */
    SIM_ZERO_LENGTH_STRINGS = 0x10,
    SIM_NO_LINK_STATUS = 0x20,
    SIM_G52_COUNT = 0x40 /* station by station: count of 2 or 4 octets, range */
};
extern const char *const scenario_quirk_names[]; /* ends with NULL */

struct scenario_storm {
    double stations; /* share of the stations that each storm hits */
    uint32_t every_ms;
    uint32_t events; /* at each station hit */
};

struct scenario_span {
    uint32_t min_ms;
    uint32_t max_ms;
};

/* Probabilities are per fragment sent (no_answer, lost_confirm: per frame received); intervals are means, 0
 * is never. */
struct scenario_faults {
    double no_answer;
    double lost_confirm;
    double wrong_crc;
    double wrong_sequence;
    double duplicate;
    double restart_mid_fragment; /* of the responses of more than one frame */
    double partial_write;
    double restart_cuts; /* probability that a restart closes the connection too */
    uint32_t restart_every_ms;
    uint32_t overflow_every_ms;
    uint32_t cut_every_ms;
    uint32_t half_open_every_ms;
    struct scenario_span half_open_for;
    uint16_t sticky_iin;
};

/* What the generated station list tells the front end about these stations. */
struct scenario_master {
    uint32_t event_poll_ms; /* 0: none */
    uint32_t integrity_poll_ms;
    uint32_t response_timeout_ms;
    uint32_t reconnect_min_ms;
    uint32_t reconnect_max_ms;
    uint32_t task_retry_min_ms;
    uint32_t task_retry_max_ms;
    uint32_t offline_poll_ms;
    uint32_t link_idle_ms;
    uint32_t link_timeout_ms;
};

struct scenario_group {
    const char *name;
    const struct scenario_point *points;
    size_t points_len;
    double rate;  /* events/s of one station, storms not counted */
    double timed; /* share of the events that carry a time */
    double twins; /* share of the events that are followed by an identical one */
    uint32_t stations;
    uint32_t buffer;                 /* events */
    uint32_t confirm_ms;             /* solicited and unsolicited confirm timeout */
    uint32_t unsolicited_hold_ms;    /* protocol/outstation.h */
    uint32_t unsolicited_offline_ms; /* the same */
    uint16_t unsolicited_count;      /* the same */
    uint16_t unsolicited_retries;    /* the same */
    uint16_t master_address;
    uint16_t outstation_address;
    uint16_t outstation_address_step;
    uint16_t fragment; /* octets */
    uint8_t unsolicited;
    uint8_t arrival;
    bool drop_newest;
    bool keep_events; /* over a restart */
    bool need_time;
    bool null_on_connect;
    bool refuse_link_status;
    struct scenario_storm storm;
    struct scenario_span latency;
    struct scenario_faults faults;
    struct scenario_master master;
    struct scenario_files files;
    struct scenario_attributes attributes;
    const char *const *applications; /* names, for FC 16 to 18 */
    size_t applications_len;
    uint32_t refused_functions; /* protocol/outstation.h */
    uint8_t quirks;             /* mask of enum scenario_quirk */
    bool self_address;
};

struct scenario {
    const char *name;
    const char *first_address;
    struct scenario_group *groups; /* at least one */
    size_t groups_len;
    uint64_t seed;
    double rate;       /* over all stations, as run */
    uint32_t stations; /* over all groups, as run */
    uint32_t address;  /* first_address in host order */
    uint16_t port;     /* of the first station at an address */
    uint16_t ports;    /* stations at one address, on consecutive ports */
    struct config_arena *arena;
};

enum { SCENARIO_STATIONS_MAX = 100000, SCENARIO_POINTS_MAX = 10000 };

/* False with errors, sorted; then nothing is left to be freed but the errors. */
bool scenario_load(struct scenario *s, const char *path, struct config_errors *errors);
bool scenario_load_memory(struct scenario *s, const char *name, const char *bytes, size_t len,
                          struct config_errors *errors);
void scenario_free(struct scenario *s);

/*
 * Another number of stations, and another rate of events over all of them, spread over the groups in
 * proportion to what the file says; 0 and a negative rate leave what it says. False where the stations do not
 * fit into 127.0.0.0/8.
 */
bool scenario_scale(struct scenario *s, uint32_t stations, double rate);

/* All keys with what they allow, defaults and help, as Markdown. */
void scenario_keys_print(FILE *to);

#endif
