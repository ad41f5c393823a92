// SPDX-License-Identifier: Apache-2.0
/*
 * A directory as the file system of a simulated station (protocol/outstation_files.h). Plain files in it and
 * no deeper; no name that begins with a dot, has a slash, or is a link: nobody gets out. "", "/", "." are the
 * directory itself, and a leading "/" or "./" is passed over. What is written goes to a hidden file that
 * takes the name when it is closed.
 */
#ifndef OUTSTATION_SIM_DIRECTORY_H
#define OUTSTATION_SIM_DIRECTORY_H

#include "outstation-sim/scenario.h"
#include "protocol/outstation_files.h"

enum { DIRECTORY_NAME_ROOM = 256, DIRECTORY_ENTRIES_MAX = 1000 };

struct directory_entry {
    char name[DIRECTORY_NAME_ROOM];
    uint64_t modified_ms;
    uint32_t size;
    uint16_t permissions;
};

struct directory_open {
    struct directory_entry *entries; /* of a listing */
    uint32_t entries_len;
    int fd; /* -1: none */
    uint32_t size;
    uint64_t created_ms; /* 0: now */
    uint16_t permissions;
    uint8_t mode; /* enum file_mode; FILE_MODE_NULL: free */
    char name[DIRECTORY_NAME_ROOM];
};

struct directory {
    const struct scenario_files *says;
    char station[32]; /* a part of hidden names */
    struct directory_open open[OUTSTATION_FILES_OPEN];
};

/* Makes the directory where it is not there. `says` outlives it. */
void directory_init(struct directory *d, const struct scenario_files *says, const char *station);
void directory_free(struct directory *d);

/* Its context is a struct directory. */
extern const struct file_system directory_file_system;

#endif
