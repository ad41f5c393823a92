// SPDX-License-Identifier: Apache-2.0
/*
 * Files of an outstation (dnp3-reference/files.md 3 and 4): functions 25 to 31, and READ and WRITE of g70v5.
 * What a file is, is told by a table of functions; blocks, handles, keys and timeouts are seen to here.
 *
 *     struct outstation_files files;
 *     outstation_files_init(&files, &my_system, my_context, seed);
 *     config.files = &files;                   before outstation_init(); one for each outstation
 *
 * A file that is written is as it was until it is closed: one whose connection, handle or patience is lost is
 * left alone by close() with keep == false. Blocks are numbered from 0. The block that was last read or
 * written may be asked for or sent again as often as the line needs it.
 */
#ifndef PROTOCOL_OUTSTATION_FILES_H
#define PROTOCOL_OUTSTATION_FILES_H

#include "protocol/files.h"
#include "protocol/outstation.h"

enum { OUTSTATION_FILES_OPEN = 4, OUTSTATION_FILE_NAME_MAX = 255, OUTSTATION_FILE_ANSWER = 320 };

struct file_opened {
    uint32_t file; /* what the other functions are to know it by */
    uint32_t size; /* octets; of a directory nothing */
    bool directory;
};

/*
 * What an outstation needs of a file system. Names are 1 to OUTSTATION_FILE_NAME_MAX octets of UTF-8 without
 * control characters; whether they lead astray ("..") is for the file system to see. Functions return enum
 * file_status_code and are called by the outstation's thread only. None may wait for long.
 */
struct file_system {
    /* how->mode is READ, WRITE (what was there is replaced) or APPEND. */
    uint8_t (*open)(void *context, const struct file_command *how, struct file_opened *opened);
    /* Up to `room` octets from `offset` on; *end: nothing follows. */
    uint8_t (*read)(void *context, uint32_t file, uint32_t offset, uint8_t *into, size_t room, size_t *len,
                    bool *end);
    /* Behind what was written before. */
    uint8_t (*write)(void *context, uint32_t file, const uint8_t *octets, size_t len);
    /* The i-th entry of an open directory; false where there is none. The same as long as it is open; its
     * name is valid until the next call. */
    bool (*entry)(void *context, uint32_t file, uint32_t i, struct file_descriptor *entry);
    /* Called once for each open. keep: what was written is the file from now on; else it never was. */
    uint8_t (*close)(void *context, uint32_t file, bool keep);
    uint8_t (*remove)(void *context, const struct file_text *name);
    /* Fills type, size, time and permissions. */
    uint8_t (*info)(void *context, const struct file_text *name, struct file_descriptor *about);
    /* The configuration of this name takes effect (FC 31); NULL where nothing can be activated. */
    uint8_t (*activate)(void *context, const struct file_text *name);
};

struct file_user {
    const char *name;
    const char *password;
};

/* Where in a file, or in the entries of a directory, a block begins. */
struct file_place {
    uint32_t at;   /* octet, or entry */
    uint32_t skip; /* octets of the entry that went before */
};

struct outstation_file {
    int64_t expires_ms;
    uint32_t handle; /* 0: never used */
    uint32_t file;
    uint32_t next_block;
    struct file_place before; /* of block next_block - 1 */
    struct file_place next;
    uint16_t block_size;
    uint8_t mode; /* enum file_mode; FILE_MODE_NULL: not open any more */
    bool directory;
    bool begun; /* there was a block */
    bool ended; /* it was the last */
};

struct outstation_files {
    const struct file_system *system;
    void *context;
    const struct file_user *users; /* none: everybody may open and delete */
    size_t users_len;
    uint32_t timeout_ms;  /* of handles and keys that are not used, 60000 */
    uint32_t activate_ms; /* how long an activation takes (g91v1), 1000 */
    uint16_t block_max;   /* octets; 0: what fits a fragment */

    /* The outstation's own. */
    struct outstation_file open[OUTSTATION_FILES_OPEN];
    uint64_t random;
    int64_t key_until_ms;
    int64_t active_until_ms;
    uint32_t key; /* 0: none is out */
    uint16_t answer_len;
    uint8_t answer[OUTSTATION_FILE_ANSWER]; /* objects of the last answer, for a repeat of its request */
};

/* `seed` should be unpredictable: handles and keys come from it. */
void outstation_files_init(struct outstation_files *files, const struct file_system *system, void *context,
                           uint64_t seed);

#endif
