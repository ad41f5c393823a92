// SPDX-License-Identifier: Apache-2.0
/*
 * The objects of file transfer, g70v2 to g70v8 (dnp3-reference/files.md 1). What a peer sends is taken only
 * where it is as its layout says: offsets are the constants of that section, sizes lie inside the object, and
 * nothing is left over (section 4).
 *
 *     struct file_status s;
 *     struct object_at at = object_header_at(&h, 0);
 *     if (h.group == 70 && h.variation == 4 && file_status_parse(at.data, at.len, &s) == LAYOUT_OK) ...
 *
 * Texts and data point into the octets parsed. Writers write header (qualifier 5B, count 1) and object, all
 * or nothing.
 */
#ifndef PROTOCOL_FILES_H
#define PROTOCOL_FILES_H

#include "protocol/app.h"
#include "protocol/layout.h"

enum file_mode { FILE_MODE_NULL = 0, FILE_MODE_READ = 1, FILE_MODE_WRITE = 2, FILE_MODE_APPEND = 3 };
enum file_type { FILE_TYPE_DIRECTORY = 0, FILE_TYPE_FILE = 1 };

/* g70v4 and g70v6; all others are failures too (files.md 2). */
enum file_status_code {
    FILE_SUCCESS = 0,
    FILE_PERMISSION_DENIED = 1,
    FILE_INVALID_MODE = 2,
    FILE_NOT_FOUND = 3,
    FILE_LOCKED = 4,
    FILE_TOO_MANY_OPEN = 5,
    FILE_INVALID_HANDLE = 6,
    FILE_WRITE_BLOCK_SIZE = 7,
    FILE_COMM_LOST = 8,
    FILE_CANNOT_ABORT = 9,
    FILE_NOT_OPENED = 16,
    FILE_HANDLE_EXPIRED = 17,
    FILE_BUFFER_OVERRUN = 18,
    FILE_FATAL = 19,
    FILE_BLOCK_SEQUENCE = 20,
    FILE_UNDEFINED = 255
};
const char *file_status_name(uint8_t status); /* "FILE_NOT_FOUND"; NULL where reserved */

enum { FILE_BLOCK_MAX = 0x7FFFFFFF };

/* A name, a password, a remark: octets, not terminated, 0 to 65,535. */
struct file_text {
    const uint8_t *octets;
    size_t len;
};

struct file_authentication { /* v2 */
    struct file_text user;
    struct file_text password;
    uint32_t key; /* in the answer; 0: refused */
};

struct file_command { /* v3 */
    struct file_text name;
    uint64_t created_ms;
    uint32_t key;
    uint32_t size;
    uint16_t permissions; /* as in files.md 1: 0x01A4 is rw-r--r-- */
    uint16_t mode;        /* enum file_mode */
    uint16_t block_size;
    uint16_t request;
};

struct file_status { /* v4 */
    struct file_text text;
    uint32_t handle;
    uint32_t size;
    uint16_t block_size;
    uint16_t request;
    uint8_t status; /* enum file_status_code */
};

struct file_block { /* v5; without data it is the request for that block */
    struct file_text data;
    uint32_t handle;
    uint32_t block; /* 0 to FILE_BLOCK_MAX */
    bool last;
};

struct file_block_status { /* v6 */
    struct file_text text;
    uint32_t handle;
    uint32_t block;
    bool last;
    uint8_t status;
};

struct file_descriptor { /* v7 */
    struct file_text name;
    uint64_t created_ms;
    uint32_t size; /* of a directory: the number of its entries */
    uint16_t type; /* enum file_type */
    uint16_t permissions;
    uint16_t request;
};

enum layout_defect file_authentication_parse(const uint8_t *octets, size_t len,
                                             struct file_authentication *f);
enum layout_defect file_command_parse(const uint8_t *octets, size_t len, struct file_command *f);
enum layout_defect file_status_parse(const uint8_t *octets, size_t len, struct file_status *f);
enum layout_defect file_block_parse(const uint8_t *octets, size_t len, struct file_block *f);
enum layout_defect file_block_status_parse(const uint8_t *octets, size_t len, struct file_block_status *f);
enum layout_defect file_descriptor_parse(const uint8_t *octets, size_t len, struct file_descriptor *f);
/* g70v8 is its name and nothing else: object_header_at() gives it. */

void file_authentication_write(struct writer *w, const struct file_authentication *f);
void file_command_write(struct writer *w, const struct file_command *f);
void file_status_write(struct writer *w, const struct file_status *f);
void file_block_write(struct writer *w, const struct file_block *f);
void file_block_status_write(struct writer *w, const struct file_block_status *f);
void file_descriptor_write(struct writer *w, const struct file_descriptor *f);
void file_specification_write(struct writer *w, const struct file_text *name); /* v8 */

/*
 * The content of a directory: descriptors one after the other, without header (files.md 3). False at the end,
 * and where the next one is cut short or wrong: then `failed` of the reader is set.
 */
bool file_entry_next(struct reader *r, struct file_descriptor *f);
void file_entry_write(struct writer *w, const struct file_descriptor *f);

#endif
