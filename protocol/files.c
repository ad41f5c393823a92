// SPDX-License-Identifier: Apache-2.0
/*
 * A parser first has the object checked against its layout; what it reads then is there. A writer gives the
 * octets of the fixed part and the texts behind it to file_object_write().
 */
#include "protocol/files.h"

#include <assert.h>

enum {
    GROUP = 70,
    AUTHENTICATION_LEN = 12, /* of the fixed parts: the offsets of the first text */
    COMMAND_LEN = 26,
    DESCRIPTOR_LEN = 20,
    FIXED_MAX = 26
};

#define LAST_BLOCK UINT32_C(0x80000000)

const char *file_status_name(uint8_t status)
{
    enum { STATUS_FIELD = 4 }; /* of g70v4 */
    return layout_name_find(layout_find(GROUP, 4)->fields[STATUS_FIELD].names, status);
}

static struct file_text take(struct reader *r, size_t len)
{
    return (struct file_text){read_octets(r, len), len};
}

static struct file_text take_rest(struct reader *r)
{
    return take(r, reader_left(r));
}

enum layout_defect file_authentication_parse(const uint8_t *octets, size_t len, struct file_authentication *f)
{
    enum layout_defect defect = layout_check(GROUP, 2, octets, len);
    struct reader r = reader_over(octets, len);
    if (defect != LAYOUT_OK)
        return defect;
    read_u16(&r);
    size_t user_len = read_u16(&r);
    read_u16(&r);
    size_t password_len = read_u16(&r);
    f->key = read_u32(&r);
    f->user = take(&r, user_len);
    f->password = take(&r, password_len);
    return LAYOUT_OK;
}

enum layout_defect file_command_parse(const uint8_t *octets, size_t len, struct file_command *f)
{
    enum layout_defect defect = layout_check(GROUP, 3, octets, len);
    struct reader r = reader_over(octets, len);
    if (defect != LAYOUT_OK)
        return defect;
    read_u16(&r);
    size_t name_len = read_u16(&r);
    f->created_ms = read_u48(&r);
    f->permissions = read_u16(&r);
    f->key = read_u32(&r);
    f->size = read_u32(&r);
    f->mode = read_u16(&r);
    f->block_size = read_u16(&r);
    f->request = read_u16(&r);
    f->name = take(&r, name_len);
    return LAYOUT_OK;
}

enum layout_defect file_status_parse(const uint8_t *octets, size_t len, struct file_status *f)
{
    enum layout_defect defect = layout_check(GROUP, 4, octets, len);
    struct reader r = reader_over(octets, len);
    if (defect != LAYOUT_OK)
        return defect;
    f->handle = read_u32(&r);
    f->size = read_u32(&r);
    f->block_size = read_u16(&r);
    f->request = read_u16(&r);
    f->status = read_u8(&r);
    f->text = take_rest(&r);
    return LAYOUT_OK;
}

static void read_block(struct reader *r, uint32_t *block, bool *last)
{
    uint32_t number = read_u32(r);
    *block = number & ~LAST_BLOCK;
    *last = number & LAST_BLOCK;
}

enum layout_defect file_block_parse(const uint8_t *octets, size_t len, struct file_block *f)
{
    enum layout_defect defect = layout_check(GROUP, 5, octets, len);
    struct reader r = reader_over(octets, len);
    if (defect != LAYOUT_OK)
        return defect;
    f->handle = read_u32(&r);
    read_block(&r, &f->block, &f->last);
    f->data = take_rest(&r);
    return LAYOUT_OK;
}

enum layout_defect file_block_status_parse(const uint8_t *octets, size_t len, struct file_block_status *f)
{
    enum layout_defect defect = layout_check(GROUP, 6, octets, len);
    struct reader r = reader_over(octets, len);
    if (defect != LAYOUT_OK)
        return defect;
    f->handle = read_u32(&r);
    read_block(&r, &f->block, &f->last);
    f->status = read_u8(&r);
    f->text = take_rest(&r);
    return LAYOUT_OK;
}

static void read_descriptor(struct reader *r, struct file_descriptor *f)
{
    read_u16(r);
    size_t name_len = read_u16(r);
    f->type = read_u16(r);
    f->size = read_u32(r);
    f->created_ms = read_u48(r);
    f->permissions = read_u16(r);
    f->request = read_u16(r);
    f->name = take(r, name_len);
}

enum layout_defect file_descriptor_parse(const uint8_t *octets, size_t len, struct file_descriptor *f)
{
    enum layout_defect defect = layout_check(GROUP, 7, octets, len);
    struct reader r = reader_over(octets, len);
    if (defect == LAYOUT_OK)
        read_descriptor(&r, f);
    return defect;
}

bool file_entry_next(struct reader *r, struct file_descriptor *f)
{
    if (r->failed || reader_left(r) == 0)
        return false;
    struct reader ahead = *r;
    read_u16(&ahead);
    size_t len = DESCRIPTOR_LEN + read_u16(&ahead);
    if (ahead.failed || len > reader_left(r) || layout_check(GROUP, 7, r->at, len) != LAYOUT_OK) {
        r->failed = true;
        return false;
    }
    read_descriptor(r, f);
    return true;
}

/* The fixed part of an object, and up to two texts behind it. */
struct parts {
    uint8_t fixed[FIXED_MAX];
    struct writer w; /* over `fixed` */
    struct file_text texts[2];
};

static void parts_begin(struct parts *p)
{
    p->w = writer_over(p->fixed, sizeof p->fixed);
    p->texts[0] = p->texts[1] = (struct file_text){NULL, 0};
}

static void parts_write(struct writer *w, const struct parts *p)
{
    write_octets(w, p->fixed, writer_len(&p->w));
    for (size_t i = 0; i < 2; i++)
        write_octets(w, p->texts[i].octets, p->texts[i].len);
}

static void file_object_write(struct writer *w, uint8_t variation, const struct parts *p)
{
    enum { HEADER_LEN = 6 };
    size_t len = writer_len(&p->w) + p->texts[0].len + p->texts[1].len;
    assert(!p->w.failed && len <= UINT16_MAX);
    if (w->failed || writer_room(w) < HEADER_LEN + len) {
        w->failed = true;
        return;
    }
    write_octets(w, (const uint8_t[]){GROUP, variation, 0x5B, 1}, 4);
    write_u16(w, (uint16_t)len);
    parts_write(w, p);
}

void file_authentication_write(struct writer *w, const struct file_authentication *f)
{
    struct parts p;
    parts_begin(&p);
    write_u16(&p.w, AUTHENTICATION_LEN);
    write_u16(&p.w, (uint16_t)f->user.len);
    write_u16(&p.w, (uint16_t)(AUTHENTICATION_LEN + f->user.len));
    write_u16(&p.w, (uint16_t)f->password.len);
    write_u32(&p.w, f->key);
    p.texts[0] = f->user;
    p.texts[1] = f->password;
    file_object_write(w, 2, &p);
}

void file_command_write(struct writer *w, const struct file_command *f)
{
    struct parts p;
    parts_begin(&p);
    write_u16(&p.w, COMMAND_LEN);
    write_u16(&p.w, (uint16_t)f->name.len);
    write_u48(&p.w, f->created_ms);
    write_u16(&p.w, f->permissions);
    write_u32(&p.w, f->key);
    write_u32(&p.w, f->size);
    write_u16(&p.w, f->mode);
    write_u16(&p.w, f->block_size);
    write_u16(&p.w, f->request);
    p.texts[0] = f->name;
    file_object_write(w, 3, &p);
}

void file_status_write(struct writer *w, const struct file_status *f)
{
    struct parts p;
    parts_begin(&p);
    write_u32(&p.w, f->handle);
    write_u32(&p.w, f->size);
    write_u16(&p.w, f->block_size);
    write_u16(&p.w, f->request);
    write_u8(&p.w, f->status);
    p.texts[0] = f->text;
    file_object_write(w, 4, &p);
}

static void write_block(struct writer *w, uint32_t handle, uint32_t block, bool last)
{
    assert(block <= FILE_BLOCK_MAX);
    write_u32(w, handle);
    write_u32(w, block | (last ? LAST_BLOCK : 0));
}

void file_block_write(struct writer *w, const struct file_block *f)
{
    struct parts p;
    parts_begin(&p);
    write_block(&p.w, f->handle, f->block, f->last);
    p.texts[0] = f->data;
    file_object_write(w, 5, &p);
}

void file_block_status_write(struct writer *w, const struct file_block_status *f)
{
    struct parts p;
    parts_begin(&p);
    write_block(&p.w, f->handle, f->block, f->last);
    write_u8(&p.w, f->status);
    p.texts[0] = f->text;
    file_object_write(w, 6, &p);
}

static void descriptor_parts(struct parts *p, const struct file_descriptor *f)
{
    parts_begin(p);
    assert(f->name.len <= UINT16_MAX);
    write_u16(&p->w, DESCRIPTOR_LEN);
    write_u16(&p->w, (uint16_t)f->name.len);
    write_u16(&p->w, f->type);
    write_u32(&p->w, f->size);
    write_u48(&p->w, f->created_ms);
    write_u16(&p->w, f->permissions);
    write_u16(&p->w, f->request);
    p->texts[0] = f->name;
}

void file_descriptor_write(struct writer *w, const struct file_descriptor *f)
{
    struct parts p;
    descriptor_parts(&p, f);
    file_object_write(w, 7, &p);
}

void file_entry_write(struct writer *w, const struct file_descriptor *f)
{
    struct parts p;
    descriptor_parts(&p, f);
    if (w->failed || writer_room(w) < writer_len(&p.w) + f->name.len)
        w->failed = true;
    parts_write(w, &p);
}

void file_specification_write(struct writer *w, const struct file_text *name)
{
    struct parts p;
    parts_begin(&p);
    p.texts[0] = *name;
    file_object_write(w, 8, &p);
}
