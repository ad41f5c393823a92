// SPDX-License-Identifier: Apache-2.0
/*
 * What an answer tells, object by object (dnp3-reference/files.md 1). Objects that have no place in the step
 * are passed over; "request" is not compared, for SEQ has told already that this is the answer.
 */
#include "protocol/master_file_steps.h"

enum { GROUP = 70, EMPTIES_MAX = 8 };

void file_block_done(struct master_file *f, size_t len)
{
    f->octets += len;
    f->block = f->block == FILE_BLOCK_MAX ? 0 : f->block + 1;
    f->answer.progress = true;
}

/* The first defect counts. */
static void note(struct master_file *f, enum master_file_defect defect)
{
    if (!f->defect)
        f->defect = defect;
}

static void take_result(struct master_file_answer *answer, uint8_t status)
{
    if (!answer->has_status || !answer->status)
        answer->status = status;
    answer->has_status = true;
}

static void take_key(struct master_file *f, const struct object_at *at)
{
    struct file_authentication a;
    if (f->step != FILE_STEP_AUTHENTICATE || file_authentication_parse(at->data, at->len, &a) != LAYOUT_OK)
        return;
    f->key = a.key;
    f->answer.has_object = true;
    take_result(&f->answer, a.key ? FILE_SUCCESS : FILE_PERMISSION_DENIED);
}

/* g70v4 answers all but blocks, and there too it may tell of a failure. */
static void take_status(struct master_file *f, const struct object_at *at)
{
    struct file_status s;
    if (file_status_parse(at->data, at->len, &s) != LAYOUT_OK)
        return;
    take_result(&f->answer, s.status);
    if (f->step != FILE_STEP_OPEN)
        return;
    f->answer.handle = s.handle;
    f->answer.size = s.size;
    f->answer.block_size = s.block_size;
}

static bool hand_on(struct master_file *f, const struct file_text *data)
{
    const struct master_file_job *job = f->job;
    if (job->kind == MASTER_FILE_READ) {
        if (data->len && !job->sink(job->context, f->octets, data->octets, data->len))
            note(f, MASTER_FILE_CALLER);
        return !f->defect;
    }
    enum file_list_result result =
        file_list_take(&f->list, data->octets, data->len, job->entry, job->context);
    if (result == FILE_LIST_STOPPED)
        note(f, MASTER_FILE_CALLER);
    if (result == FILE_LIST_WRONG)
        note(f, MASTER_FILE_LISTING);
    return !f->defect;
}

/* Every block that is taken brings the end nearer: the limit, or the end of patience with empty ones. */
static bool block_is_sound(struct master_file *f, const struct file_block *b)
{
    uint32_t limit = f->job->limit ? f->job->limit : UINT32_MAX;
    f->empties = (uint8_t)(b->data.len ? 0 : f->empties + 1);
    if (b->data.len > f->block_size)
        note(f, MASTER_FILE_BLOCK_LENGTH);
    else if (b->data.len > limit - f->octets)
        note(f, MASTER_FILE_LIMIT);
    else if (f->empties > EMPTIES_MAX)
        note(f, MASTER_FILE_ENDLESS);
    return !f->defect;
}

/* An answer may hold several blocks in order; others than the next one are not counted on. */
static void take_block(struct master_file *f, const struct object_at *at)
{
    struct file_block b;
    if (f->step != FILE_STEP_READ || f->last || f->defect ||
        file_block_parse(at->data, at->len, &b) != LAYOUT_OK)
        return;
    f->answer.has_object = true;
    if (b.handle != f->handle || b.block != f->block || !block_is_sound(f, &b) || !hand_on(f, &b.data))
        return;
    f->last = b.last;
    file_block_done(f, b.data.len);
}

/* A failure is one whatever block it names. */
static void take_block_status(struct master_file *f, const struct object_at *at)
{
    struct file_block_status s;
    if (file_block_status_parse(at->data, at->len, &s) != LAYOUT_OK || s.handle != f->handle)
        return;
    f->answer.has_object = true;
    if (s.status) {
        take_result(&f->answer, s.status);
        return;
    }
    if (f->step != FILE_STEP_WRITE || s.block != f->block || f->answer.progress)
        return;
    file_block_done(f, f->block_len);
}

/* Where the station refuses it in the IIN it may send one without meaning (files.md 3). */
static void take_descriptor(struct master_file *f, const struct object_at *at)
{
    struct file_descriptor d;
    if (f->step != FILE_STEP_DESCRIBE || f->answer.has_object || f->answer.iin & IIN_REQUEST_ERRORS ||
        file_descriptor_parse(at->data, at->len, &d) != LAYOUT_OK)
        return;
    f->answer.has_object = true;
    if (!f->job->entry(f->job->context, &d))
        note(f, MASTER_FILE_CALLER);
}

void file_answer_take(struct master_file *f, const struct app_fragment *fragment)
{
    static void (*const takers[])(struct master_file * f, const struct object_at *at) = {
        [2] = take_key, [4] = take_status, [5] = take_block, [6] = take_block_status, [7] = take_descriptor,
    };
    struct object_walk walk = app_objects(fragment);
    struct object_header h;
    f->answer.iin |= fragment->iin;
    while (object_walk_next(&walk, &h) == WALK_HEADER) {
        if (h.group != GROUP || !h.has_objects || h.variation >= sizeof takers / sizeof *takers ||
            !takers[h.variation])
            continue;
        for (uint32_t i = 0; i < h.count; i++) {
            struct object_at at = object_header_at(&h, i);
            takers[h.variation](f, &at);
        }
    }
}
