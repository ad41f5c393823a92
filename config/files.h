// SPDX-License-Identifier: Apache-2.0
/* The files of a configuration: one, and what it includes, each read once. */
#ifndef CONFIG_FILES_H
#define CONFIG_FILES_H

#include "config/keys.h"

struct config_file {
    struct config_file *next; /* in order of inclusion: a file, then what it includes */
    struct config_file *includer;
    char *path;
    char *real; /* the path without links, by which a second inclusion is known */
    uint32_t include_line;
    bool open;              /* what it includes is being read */
    struct schema_doc *doc; /* NULL where it is no YAML */
    struct keys_file keys;
};

struct config_files {
    struct config_file *first;
    struct config_file **last;
    uint32_t len;
    bool incomplete;            /* some file could not be read: what is not known may stand there */
    struct config_arena *arena; /* what the documents are read into */
    struct config_errors *errors;
};

void files_read(struct config_files *files, const char *path);
void files_read_memory(struct config_files *files, const char *name, const char *bytes, size_t len);
void files_close(struct config_files *files);

#endif
