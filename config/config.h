// SPDX-License-Identifier: Apache-2.0
/*
 * The configuration: YAML files to one immutable snapshot, or to a list of everything that is wrong with
 * them.
 *
 *     struct config_errors errors = {0};
 *     struct config *config = config_load("/etc/fepd/fepd.yaml", &errors);
 *     if (!config) config_errors_print(&errors, stderr);      // stations.yaml:41:7: unknown key 'adress' ...
 *     ...
 *     config_free(config);
 *
 * A snapshot is never changed after loading and may be read by any thread; whoever frees it makes sure that
 * all have let go. All pointers in it live in its arena. Stations that use the same template without
 * overrides share its `session` and `points`. Units stand in the names. Ranges and defaults: the tables in
 * config/keys.c, which `fepd --keys` prints.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "config/errors.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The same numbers as enum point_type of the protocol library, which this library does not know. */
enum config_point_type {
    CONFIG_BINARY_INPUT = 1,
    CONFIG_DOUBLE_BIT_INPUT = 2,
    CONFIG_BINARY_OUTPUT_STATUS = 3,
    CONFIG_COUNTER = 4,
    CONFIG_FROZEN_COUNTER = 5,
    CONFIG_ANALOG_INPUT = 6,
    CONFIG_ANALOG_OUTPUT_STATUS = 7,
    CONFIG_BINARY_COMMAND = 8,
    CONFIG_FROZEN_ANALOG_INPUT = 9,
    CONFIG_ANALOG_COMMAND = 10,
    CONFIG_OCTET_STRING = 11
};
extern const char
    *const config_point_types[]; /* names, by enum config_point_type less one; NULL-terminated */

/* Masks. The first is the mode `1 << n` of enum control_mode of the protocol library, and so on. */
enum { CONFIG_SELECT = 1, CONFIG_DIRECT = 2, CONFIG_DIRECT_NO_ACK = 4 };

/* What may be asked of a whole station. */
enum {
    CONFIG_ACTION_POLL = 1,
    CONFIG_ACTION_TIME_SYNC = 2,
    CONFIG_ACTION_ENABLE = 4, /* and disable */
    CONFIG_ACTION_FREEZE = 8,
    CONFIG_ACTION_RESTART = 16,
    CONFIG_ACTION_ASSIGN_CLASS = 32,
    CONFIG_ACTION_DEADBAND = 64
};

/* The point that tells that an output has moved. */
struct config_feedback {
    double tolerance; /* analogs, engineering: how far off still counts */
    uint32_t index;
    uint32_t within_ms;
    uint8_t type;  /* enum config_point_type */
    bool inverted; /* binaries: on shows as off */
};

/* How an output may be operated. */
struct config_control {
    double min; /* analogs, engineering */
    double max;
    uint32_t on_ms; /* of a pulse, where the command does not say */
    uint32_t off_ms;
    uint32_t longest_ms; /* that a command may ask for */
    uint8_t modes;       /* mask, CONFIG_SELECT ...; what the station allows is less */
    uint8_t mode;        /* where the command does not say: enum control_mode of the protocol library */
    uint8_t operations;  /* mask of 1 << enum crob_operation */
    uint8_t codes;       /* mask: none, close, trip */
    uint8_t count;       /* repetitions that a command may ask for */
    uint8_t variation;   /* analogs: of g41 */
    bool has_feedback;
    struct config_feedback feedback;
};

struct config_point {
    const char *name;
    const char *unit;                     /* "" where none */
    const char *const *states;            /* labels by value, for binaries and double-bits; NULL where none */
    const struct config_control *control; /* NULL: it can't be operated */
    double scale;                         /* engineering value = raw * scale + offset */
    double offset;
    double static_deadband; /* analog statics are journalled when they move by more than this (raw) */
    uint32_t index;
    uint8_t type; /* enum config_point_type */
    uint8_t states_len;
};

struct config_points {
    const struct config_point *points; /* ordered by type, then index; no duplicates */
    size_t len;
};

enum config_time_sync { CONFIG_TIME_NONE, CONFIG_TIME_LAN, CONFIG_TIME_NON_LAN, CONFIG_TIME_DIRECT };

enum { CONFIG_CLASS_0 = 1, CONFIG_CLASS_1 = 2, CONFIG_CLASS_2 = 4, CONFIG_CLASS_3 = 8 };

struct config_poll {
    uint32_t period_ms;
    uint8_t classes; /* mask of CONFIG_CLASS_*, or 0 where a group is polled */
    uint8_t group;
    uint8_t variation;
};

/* Session settings of a station: template and overrides merged, defaults filled in. */
struct config_session {
    uint32_t response_timeout_ms;
    uint32_t confirm_timeout_ms;
    uint32_t link_idle_ms;
    uint32_t link_timeout_ms;
    uint32_t connect_timeout_ms;
    uint32_t reconnect_min_ms;
    uint32_t reconnect_max_ms;
    uint32_t task_retry_min_ms;
    uint32_t task_retry_max_ms;
    uint32_t offline_poll_ms;
    uint32_t time_sync_period_ms;
    uint16_t max_fragment; /* octets accepted in one response fragment, 2048..65535 */
    uint8_t request_retries;
    uint8_t offline_after;
    uint8_t unsolicited_classes; /* mask of CONFIG_CLASS_1..3 */
    uint8_t event_scan_classes;
    uint8_t time_sync;            /* enum config_time_sync */
    uint32_t command_deadline_ms; /* where a command does not say */
    uint8_t controls;             /* mask, CONFIG_SELECT ... */
    uint8_t actions;              /* mask, CONFIG_ACTION_... */
    uint8_t quirks;               /* mask, the bits of enum master_quirk of the protocol library */
    bool disable_unsolicited_first;
    bool integrity_on_overflow;
    const struct config_poll *polls;
    size_t polls_len;
};

struct config_station {
    const char *name; /* unique; the identity in the database */
    const char *host; /* an IP address */
    uint16_t port;
    uint16_t master_address;
    uint16_t outstation_address;
    bool enabled;
    const struct config_session *session;
    const struct config_points *points;
};

/* What is served without TLS. */
enum config_loopback { CONFIG_LOOPBACK_READ, CONFIG_LOOPBACK_WRITE, CONFIG_LOOPBACK_CLOSED };

/* Files; NULL where not given. */
struct config_api {
    const char *tls_certificate;
    const char *tls_key;
    const char *client_ca;
    const char *users;
    uint8_t loopback; /* enum config_loopback */
};

enum config_clock { CONFIG_CLOCK_SYSTEM, CONFIG_CLOCK_NTP };
enum config_log_format { CONFIG_LOG_LOGFMT, CONFIG_LOG_JSON };
enum config_log_level { CONFIG_LOG_ERROR, CONFIG_LOG_WARNING, CONFIG_LOG_INFO, CONFIG_LOG_DEBUG };

struct config_fep {
    uint32_t workers; /* 0 = one a core */
    bool pin_workers;
    const char *database;            /* file */
    const char *listen_host;         /* of the HTTP interface; loopback unless there is TLS */
    uint16_t listen_port;            /* 0 = any free one, printed at start */
    uint32_t connects_per_s;         /* over all workers */
    uint32_t commit_interval_ms;     /* commits begin at least this far apart, 2 */
    uint32_t checkpoint_interval_ms; /* between two passes that write current values behind, 10000 */
    uint32_t retention_age_s;        /* 0 = for ever */
    uint64_t retention_size_mb;      /* of the database file; 0 = no limit */
    uint32_t quarantine_per_station; /* fragments kept */
    uint32_t quarantine_total;
    uint32_t batch_memory_mb; /* what waits for a stalled store, per worker, before fragments are refused */
    uint32_t max_consumers;   /* HTTP connections */
    struct config_api api;
    uint8_t clock; /* enum config_clock */
    uint8_t log_format;
    uint8_t log_level;
    uint32_t log_lines_per_station; /* a minute, at most */
};

struct config {
    struct config_fep fep;
    const struct config_station *stations; /* in the order of the files */
    size_t stations_len;
    void *arena;
};

/* NULL where there is any error; the errors then tell all of them. Never NULL without an error. */
struct config *config_load(const char *path, struct config_errors *errors);
void config_free(struct config *config);
/* The same from memory, for tests and fuzzers: `name` stands for the file; include: is refused. */
struct config *config_load_memory(const char *name, const char *bytes, size_t len,
                                  struct config_errors *errors);
/* All keys with what they allow, defaults and help, as Markdown. */
void config_keys_print(FILE *to);
/* A JSON Schema (draft-07) of one file, for editors. */
void config_schema_print(FILE *to);

/* NULL where the station has no such point. */
const struct config_point *config_point_find(const struct config_points *points, uint8_t type,
                                             uint32_t index);
/* True where a session that runs with one could go on with the other without reconnecting: name, endpoint,
 * addresses and settings are equal (points may differ). */
bool config_station_same_session(const struct config_station *a, const struct config_station *b);

#endif
