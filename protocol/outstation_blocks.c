// SPDX-License-Identifier: Apache-2.0
/*
 * Blocks of files (files.md 3): READ and WRITE of g70v5. Only the next block and the last one are known; the
 * last one may be asked for or sent again, and is then not written again.
 */
#include "protocol/outstation_blocks.h"

#include <assert.h>

#include "protocol/outstation_parts.h"

enum { TRANSPORT_VARIATION = 5, DESCRIPTOR_MAX = 20 + OUTSTATION_FILE_NAME_MAX };

static bool is_transport(const struct object_header *h)
{
    return h->variation == TRANSPORT_VARIATION;
}

static bool block_of(const struct object_header *h, struct file_block *b)
{
    assert(h->sized); /* files have no other qualifier */
    if (h->count != 1)
        return false;
    struct object_at at = object_header_at(h, 0);
    return file_block_parse(at.data, at.len, b) == LAYOUT_OK;
}

enum which { BLOCK_NEXT, BLOCK_AGAIN, BLOCK_OTHER };

static enum which which_block(const struct outstation_file *f, uint32_t block)
{
    if (!f->ended && block == f->next_block)
        return BLOCK_NEXT;
    return f->begun && block == ((f->next_block - 1) & FILE_BLOCK_MAX) ? BLOCK_AGAIN : BLOCK_OTHER;
}

static void advance(struct outstation_file *f)
{
    f->begun = true;
    f->next_block = (f->next_block + 1) & FILE_BLOCK_MAX;
}

bool file_block_readable(const struct outstation *o, const struct object_header *h, uint16_t *errors)
{
    struct file_block b;
    if (!o->config->files || !is_transport(h))
        *errors |= IIN_OBJECT_UNKNOWN;
    else if (!block_of(h, &b) || b.data.len)
        *errors |= IIN_PARAMETER_ERROR;
    else
        return true;
    return false;
}

/* Entries of a directory from `place` on, as many octets as there is room for; *end: nothing follows. */
static size_t read_entries(const struct outstation_files *files, uint32_t file, struct file_place *place,
                           uint8_t *into, size_t room, bool *end)
{
    uint8_t octets[DESCRIPTOR_MAX];
    struct file_descriptor entry;
    size_t len = 0;
    while (!(*end = !files->system->entry(files->context, file, place->at, &entry)) && len < room) {
        struct writer w = writer_over(octets, sizeof octets);
        file_entry_write(&w, &entry);
        assert(!w.failed && place->skip < writer_len(&w));
        size_t left = writer_len(&w) - place->skip;
        size_t part = left < room - len ? left : room - len;
        memcpy(into + len, octets + place->skip, part);
        len += part;
        place->skip = part < left ? place->skip + (uint32_t)part : 0;
        place->at += part == left;
    }
    return len;
}

static uint8_t read_block(const struct outstation_files *files, const struct outstation_file *f,
                          struct file_place *place, uint8_t *into, size_t *len, bool *end)
{
    if (f->directory) {
        *len = read_entries(files, f->file, place, into, f->block_size, end);
        return FILE_SUCCESS;
    }
    uint8_t status = files->system->read(files->context, f->file, place->at, into, f->block_size, len, end);
    assert(status != FILE_SUCCESS || *len <= f->block_size);
    place->at += status == FILE_SUCCESS ? (uint32_t)*len : 0;
    return status;
}

static uint8_t read_numbered(struct outstation_files *files, struct outstation_file *f, struct file_block *b,
                             uint8_t *into)
{
    if (f->mode != FILE_MODE_READ)
        return FILE_INVALID_MODE;
    enum which which = which_block(f, b->block);
    if (which == BLOCK_OTHER)
        return FILE_BLOCK_SEQUENCE;
    struct file_place begin = which == BLOCK_NEXT ? f->next : f->before, end = begin;
    uint8_t status = read_block(files, f, &end, into, &b->data.len, &b->last);
    if (status != FILE_SUCCESS || which == BLOCK_AGAIN)
        return status;
    f->before = begin;
    f->next = end;
    f->ended = b->last;
    advance(f);
    return FILE_SUCCESS;
}

/* The block, or why there is none; false: this fragment has no room for it. */
bool file_block_put(struct outstation *o, struct writer *w, const struct object_header *h,
                    const struct instant *at)
{
    struct outstation_files *files = o->config->files;
    struct file_block b;
    bool sound = block_of(h, &b);
    assert(sound);
    (void)sound;
    struct file_block_status failure = {.handle = b.handle, .block = b.block, .last = b.last};
    struct outstation_file *f = file_of_handle(files, b.handle, at, &failure.status);
    /* The blocks of a file that is written go the other way, and may be longer: here they are refused. */
    bool readable = f && f->mode == FILE_MODE_READ && f->block_size;
    if (writer_room(w) < BLOCK_HEAD + (readable ? f->block_size : 1U))
        return false;
    if (f)
        failure.status = read_numbered(files, f, &b, w->at + BLOCK_HEAD);
    if (failure.status != FILE_SUCCESS) {
        file_block_status_write(w, &failure);
        return true;
    }
    size_t len = b.data.len;
    b.data.len = 0;
    file_block_write(w, &b);
    w->at[-(ptrdiff_t)BLOCK_HEAD + 4] = (uint8_t)(8 + len);
    w->at[-(ptrdiff_t)BLOCK_HEAD + 5] = (uint8_t)((8 + len) >> 8);
    w->at += len; /* it lies there already */
    return true;
}

static uint8_t write_numbered(struct outstation_files *files, struct outstation_file *f,
                              const struct file_block *b)
{
    if (f->mode != FILE_MODE_WRITE && f->mode != FILE_MODE_APPEND)
        return FILE_INVALID_MODE;
    if (b->data.len > f->block_size)
        return FILE_BUFFER_OVERRUN;
    enum which which = which_block(f, b->block);
    if (which != BLOCK_NEXT)
        return which == BLOCK_AGAIN ? FILE_SUCCESS : FILE_BLOCK_SEQUENCE;
    uint8_t status = FILE_SUCCESS;
    if (b->data.len)
        status = files->system->write(files->context, f->file, b->data.octets, b->data.len);
    if (status != FILE_SUCCESS)
        return status;
    f->ended = b->last;
    advance(f);
    return FILE_SUCCESS;
}

uint16_t write_file_block(struct outstation *o, const struct object_header *h, const struct request *q)
{
    struct outstation_files *files = o->config->files;
    struct file_block b;
    if (!files)
        return IIN_OBJECT_UNKNOWN;
    if (q->broadcast || !block_of(h, &b) || files->answer_len) /* one block a request */
        return IIN_PARAMETER_ERROR;
    struct file_block_status answer = {.handle = b.handle, .block = b.block, .last = b.last};
    struct outstation_file *f = file_of_handle(files, b.handle, q->at, &answer.status);
    if (f)
        answer.status = write_numbered(files, f, &b);
    struct writer w = writer_over(files->answer, sizeof files->answer);
    file_block_status_write(&w, &answer);
    assert(!w.failed);
    files->answer_len = (uint16_t)writer_len(&w);
    return 0;
}
