// SPDX-License-Identifier: Apache-2.0
/*
 * A file system of one file and one directory for the target of the outstation: small enough to be made anew
 * for each input. Never: a file that is used while it is not open, closed twice, or asked for what no request
 * may ask.
 */
#ifndef FUZZ_TINY_FILES_H
#define FUZZ_TINY_FILES_H

#include <assert.h>
#include <string.h>

#include "protocol/outstation_files.h"

enum { TINY_ROOM = 600, TINY_OPEN = OUTSTATION_FILES_OPEN + 1 };

struct tiny_files {
    uint8_t octets[TINY_ROOM];
    size_t len;
    bool open[TINY_OPEN];
    uint8_t mode[TINY_OPEN];
    unsigned calls;
};

static inline bool tiny_is(const struct file_text *name, const char *other)
{
    assert(name->len >= 1 && name->len <= OUTSTATION_FILE_NAME_MAX && name->octets);
    return name->len == strlen(other) && memcmp(name->octets, other, name->len) == 0;
}

static inline struct tiny_files *tiny_at(void *context, uint32_t file)
{
    struct tiny_files *t = context;
    assert(file < TINY_OPEN && t->open[file]);
    t->calls++;
    return t;
}

static inline uint8_t tiny_open(void *context, const struct file_command *how, struct file_opened *opened)
{
    struct tiny_files *t = context;
    uint32_t i = 0;
    assert(how->mode == FILE_MODE_READ || how->mode == FILE_MODE_WRITE || how->mode == FILE_MODE_APPEND);
    bool directory = tiny_is(&how->name, ".");
    if (!directory && !tiny_is(&how->name, "a"))
        return FILE_NOT_FOUND;
    while (i < TINY_OPEN && t->open[i])
        i++;
    assert(i < TINY_OPEN);
    t->open[i] = true;
    t->mode[i] = (uint8_t)how->mode;
    *opened = (struct file_opened){i, directory ? 0 : (uint32_t)t->len, directory};
    return FILE_SUCCESS;
}

static inline uint8_t tiny_read(void *context, uint32_t file, uint32_t offset, uint8_t *into, size_t room,
                                size_t *len, bool *end)
{
    struct tiny_files *t = tiny_at(context, file);
    assert(t->mode[file] == FILE_MODE_READ && room > 0);
    size_t left = offset < t->len ? t->len - offset : 0;
    *len = left < room ? left : room;
    *end = left <= room;
    memcpy(into, t->octets + (offset < t->len ? offset : 0), *len);
    return FILE_SUCCESS;
}

static inline uint8_t tiny_write(void *context, uint32_t file, const uint8_t *octets, size_t len)
{
    struct tiny_files *t = tiny_at(context, file);
    assert(t->mode[file] != FILE_MODE_READ && (octets || !len));
    return len > TINY_ROOM ? FILE_BUFFER_OVERRUN : FILE_SUCCESS;
}

static inline bool tiny_entry(void *context, uint32_t file, uint32_t i, struct file_descriptor *entry)
{
    static const uint8_t name[200] = "a";
    (void)tiny_at(context, file);
    if (i > 6)
        return false;
    *entry = (struct file_descriptor){.name = {name, 1 + i * 33}, .size = i, .type = FILE_TYPE_FILE};
    return true;
}

static inline uint8_t tiny_close(void *context, uint32_t file, bool keep)
{
    struct tiny_files *t = tiny_at(context, file);
    t->open[file] = false;
    return keep && t->mode[file] == FILE_MODE_APPEND ? FILE_FATAL : FILE_SUCCESS;
}

static inline uint8_t tiny_remove(void *context, const struct file_text *name)
{
    (void)context;
    return tiny_is(name, "a") ? FILE_SUCCESS : FILE_NOT_FOUND;
}

static inline uint8_t tiny_info(void *context, const struct file_text *name, struct file_descriptor *about)
{
    const struct tiny_files *t = context;
    *about = (struct file_descriptor){.size = (uint32_t)t->len, .type = FILE_TYPE_FILE};
    return tiny_is(name, "a") ? FILE_SUCCESS : FILE_NOT_FOUND;
}

static inline uint8_t tiny_activate(void *context, const struct file_text *name)
{
    (void)context;
    return tiny_is(name, "a") ? FILE_SUCCESS : FILE_NOT_FOUND;
}

static const struct file_system tiny_file_system = {.open = tiny_open,
                                                    .read = tiny_read,
                                                    .write = tiny_write,
                                                    .entry = tiny_entry,
                                                    .close = tiny_close,
                                                    .remove = tiny_remove,
                                                    .info = tiny_info,
                                                    .activate = tiny_activate};

#endif
