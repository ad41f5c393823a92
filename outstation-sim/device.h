// SPDX-License-Identifier: Apache-2.0
/*
 * What a simulated station has beside its points: attributes, strings, files, applications, freezes by the
 * clock. Made as its group wants it, and attached to the outstation's configuration.
 */
#ifndef OUTSTATION_SIM_DEVICE_H
#define OUTSTATION_SIM_DEVICE_H

#include "outstation-sim/directory.h"
#include "outstation-sim/plan.h"
#include "protocol/outstation_attributes.h"
#include "protocol/outstation_files.h"
#include "protocol/outstation_strings.h"

enum { DEVICE_NUMBER_LEN = 4, DEVICE_TEXT_MAX = 64 };

/* The texts that masters may write, and the serial number, which differs from station to station. */
enum device_text { DEVICE_LOCATION, DEVICE_ID, DEVICE_NAME, DEVICE_SERIAL, DEVICE_TEXTS };

struct device_attributes {
    struct outstation_attributes table;
    struct outstation_attribute entry[48];
    uint8_t number[48][DEVICE_NUMBER_LEN]; /* by entry */
    uint8_t text[DEVICE_TEXTS][2 * DEVICE_TEXT_MAX];
};

struct device_files {
    struct outstation_files files;
    struct directory directory;
    struct file_user user;
};

/* Each NULL where the station has no such thing. */
struct device {
    struct device_attributes *attributes;
    struct device_files *files;
    struct outstation_strings *strings;
    struct outstation_freezes *freezes;
    struct outstation_application *applications;
};

/* `name` is the station's; `config` is to be that of its outstation. */
void device_open(struct device *d, const struct plan *plan, const char *name, uint64_t seed,
                 struct outstation_config *config);
void device_close(struct device *d);

/* The text that a string of this length has at its n-th change. */
size_t device_string(const struct scenario_point *point, uint32_t index, double n, char text[256]);

#endif
