// SPDX-License-Identifier: Apache-2.0
/*
 * A file system in memory for the files of an outstation, small enough to be looked into by tests.
 *
 *     struct memory_files disk = {0};
 *     memory_files_put(&disk, "a.txt", "hello", 5);
 *     outstation_files_init(&files, &memory_file_system, &disk, 1);
 *
 * One directory, ".". Opening "locked" fails with FILE_LOCKED; `fail` is what every read and write returns.
 */
#ifndef SUPPORT_MEMORY_FILES_H
#define SUPPORT_MEMORY_FILES_H

#include <stdio.h>
#include <string.h>

#include "protocol/outstation_files.h"

enum { MEMORY_FILES = 8, MEMORY_FILE_ROOM = 70000, MEMORY_OPEN = 8, MEMORY_DIRECTORY = MEMORY_FILES };

struct memory_file {
    char name[OUTSTATION_FILE_NAME_MAX + 1]; /* "": no such file */
    uint8_t octets[MEMORY_FILE_ROOM];
    size_t len;
    uint64_t created_ms;
    uint16_t permissions;
};

struct memory_open {
    bool used;
    uint8_t mode;
    int file; /* MEMORY_DIRECTORY: the directory */
    struct memory_file draft;
};

struct memory_files {
    struct memory_file file[MEMORY_FILES];
    struct memory_open open[MEMORY_OPEN];
    uint8_t fail; /* enum file_status_code */
    unsigned writes;
    unsigned kept;    /* closes that kept */
    unsigned dropped; /* and those that did not */
    char activated[OUTSTATION_FILE_NAME_MAX + 1];
};

static inline struct memory_file *memory_files_find(struct memory_files *m, const void *name, size_t len)
{
    for (int i = 0; i < MEMORY_FILES; i++)
        if (len && strlen(m->file[i].name) == len && memcmp(m->file[i].name, name, len) == 0)
            return &m->file[i];
    return NULL;
}

/* NULL where the disk is full. */
static inline struct memory_file *memory_files_put(struct memory_files *m, const char *name,
                                                   const void *octets, size_t len)
{
    struct memory_file *f = memory_files_find(m, name, strlen(name));
    for (int i = 0; !f && i < MEMORY_FILES; i++)
        f = m->file[i].name[0] ? NULL : &m->file[i];
    if (!f || len > MEMORY_FILE_ROOM)
        return NULL;
    *f = (struct memory_file){.len = len, .created_ms = 1735689600000, .permissions = 0x01A4};
    snprintf(f->name, sizeof f->name, "%s", name);
    if (len)
        memcpy(f->octets, octets, len);
    return f;
}

static inline uint8_t memory_open_read(struct memory_open *o, struct memory_files *m,
                                       const struct memory_file *f, bool directory)
{
    if (!f && !directory)
        return FILE_NOT_FOUND;
    o->file = directory ? MEMORY_DIRECTORY : (int)(f - m->file);
    return FILE_SUCCESS;
}

static inline uint8_t memory_open_write(struct memory_open *o, const struct file_command *how,
                                        const struct memory_file *f, bool directory)
{
    if (directory)
        return FILE_PERMISSION_DENIED;
    o->draft = (struct memory_file){.created_ms = how->created_ms, .permissions = how->permissions};
    if (f && how->mode == FILE_MODE_APPEND)
        o->draft = *f;
    memcpy(o->draft.name, how->name.octets, how->name.len);
    return FILE_SUCCESS;
}

static inline uint8_t memory_open(void *context, const struct file_command *how, struct file_opened *opened)
{
    struct memory_files *m = context;
    bool directory = how->name.len == 1 && how->name.octets[0] == '.';
    const struct memory_file *f = memory_files_find(m, how->name.octets, how->name.len);
    uint32_t i = 0;
    while (m->open[i].used)
        i++;
    if (f && strcmp(f->name, "locked") == 0)
        return FILE_LOCKED;
    m->open[i] = (struct memory_open){.mode = (uint8_t)how->mode};
    uint8_t status = how->mode == FILE_MODE_READ ? memory_open_read(&m->open[i], m, f, directory)
                                                 : memory_open_write(&m->open[i], how, f, directory);
    m->open[i].used = status == FILE_SUCCESS;
    *opened = (struct file_opened){i, f ? (uint32_t)f->len : 0, directory};
    return status;
}

static inline uint8_t memory_read(void *context, uint32_t file, uint32_t offset, uint8_t *into, size_t room,
                                  size_t *len, bool *end)
{
    struct memory_files *m = context;
    const struct memory_file *f = &m->file[m->open[file].file];
    size_t left = offset < f->len ? f->len - offset : 0;
    *len = left < room ? left : room;
    *end = left <= room;
    if (*len)
        memcpy(into, f->octets + offset, *len);
    return m->fail;
}

static inline uint8_t memory_write(void *context, uint32_t file, const uint8_t *octets, size_t len)
{
    struct memory_files *m = context;
    struct memory_file *f = &m->open[file].draft;
    if (m->fail)
        return m->fail;
    if (len > MEMORY_FILE_ROOM - f->len)
        return FILE_BUFFER_OVERRUN;
    memcpy(f->octets + f->len, octets, len);
    f->len += len;
    m->writes++;
    return FILE_SUCCESS;
}

static inline bool memory_entry(void *context, uint32_t file, uint32_t i, struct file_descriptor *entry)
{
    struct memory_files *m = context;
    (void)file;
    for (int k = 0; k < MEMORY_FILES; k++) {
        const struct memory_file *f = &m->file[k];
        if (!f->name[0] || i-- > 0)
            continue;
        *entry = (struct file_descriptor){.name = {(const uint8_t *)f->name, strlen(f->name)},
                                          .created_ms = f->created_ms,
                                          .size = (uint32_t)f->len,
                                          .type = FILE_TYPE_FILE,
                                          .permissions = f->permissions};
        return true;
    }
    return false;
}

static inline uint8_t memory_close(void *context, uint32_t file, bool keep)
{
    struct memory_files *m = context;
    struct memory_open *o = &m->open[file];
    bool written = o->mode != FILE_MODE_READ;
    o->used = false;
    m->kept += keep;
    m->dropped += !keep;
    if (!keep || !written)
        return FILE_SUCCESS;
    struct memory_file *f = memory_files_put(m, o->draft.name, NULL, 0);
    if (!f)
        return FILE_FATAL;
    *f = o->draft;
    return FILE_SUCCESS;
}

static inline uint8_t memory_remove(void *context, const struct file_text *name)
{
    struct memory_file *f = memory_files_find(context, name->octets, name->len);
    if (f)
        f->name[0] = '\0';
    return f ? FILE_SUCCESS : FILE_NOT_FOUND;
}

static inline uint8_t memory_info(void *context, const struct file_text *name, struct file_descriptor *about)
{
    const struct memory_file *f = memory_files_find(context, name->octets, name->len);
    if (!f)
        return FILE_NOT_FOUND;
    *about = (struct file_descriptor){.created_ms = f->created_ms,
                                      .size = (uint32_t)f->len,
                                      .type = FILE_TYPE_FILE,
                                      .permissions = f->permissions};
    return FILE_SUCCESS;
}

static inline uint8_t memory_activate(void *context, const struct file_text *name)
{
    struct memory_files *m = context;
    if (!memory_files_find(m, name->octets, name->len))
        return FILE_NOT_FOUND;
    memcpy(m->activated, name->octets, name->len);
    m->activated[name->len] = '\0';
    return FILE_SUCCESS;
}

static const struct file_system memory_file_system = {
    .open = memory_open,
    .read = memory_read,
    .write = memory_write,
    .entry = memory_entry,
    .close = memory_close,
    .remove = memory_remove,
    .info = memory_info,
    .activate = memory_activate,
};

#endif
