// SPDX-License-Identifier: Apache-2.0
/* The keys of the configuration files, and the structs that they are read into. */
#ifndef CONFIG_KEYS_H
#define CONFIG_KEYS_H

#include "config/config.h"
#include "config/schema.h"

/* One entry of a point list: one point, or alike points over a range of indices. */
struct keys_point {
    struct schema_range index;
    const char *name;
    const char *unit;
    const char *const *states;
    size_t states_len;
    const struct schema_node *control;
    double scale;
    double offset;
    double static_deadband;
    uint8_t type;
};

/* How an output may be operated. */
struct keys_control {
    struct config_control is;
    const struct schema_node *feedback;
};

struct keys_template {
    const char *name;
    const struct schema_node *session;
    const struct keys_point *points;
    size_t points_len;
};

struct keys_station {
    const char *name;
    const char *host;
    const char *template;
    const struct schema_node *session;
    const struct keys_point *points;
    size_t points_len;
    uint16_t port;
    uint16_t master_address;
    uint16_t outstation_address;
    bool enabled;
};

/* A whole file. */
struct keys_file {
    const struct schema_node *fep;
    const struct schema_node *templates; /* a list of struct keys_template */
    const struct schema_node *stations;  /* a list of struct keys_station */
    const char *const *include;
    size_t include_len;
};

extern const struct schema keys_file;
extern const struct schema keys_fep;
extern const struct schema keys_session;
extern const struct schema keys_poll;
extern const struct schema keys_template;
extern const struct schema keys_station;
extern const struct schema keys_point;
extern const struct schema keys_control;
extern const struct schema keys_feedback;
extern const struct schema keys_user; /* access.c */

#endif
