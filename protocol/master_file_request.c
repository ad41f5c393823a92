// SPDX-License-Identifier: Apache-2.0
/* The requests of dnp3-reference/files.md 3, one function a step. */
#include "protocol/master_file_steps.h"

static bool write_authentication(struct master_file *f, struct writer *w)
{
    const struct file_authentication a = {.user = f->job->user, .password = f->job->password};
    file_authentication_write(w, &a);
    return true;
}

static uint16_t mode_of(const struct master_file_job *job)
{
    if (job->kind == MASTER_FILE_WRITE)
        return FILE_MODE_WRITE;
    return job->kind == MASTER_FILE_APPEND ? FILE_MODE_APPEND : FILE_MODE_READ;
}

static bool write_open(struct master_file *f, struct writer *w)
{
    const struct master_file_job *job = f->job;
    struct file_command c = {.name = job->name,
                             .key = f->key,
                             .mode = mode_of(job),
                             .block_size = f->block_size,
                             .request = ++f->identity};
    if (file_job_writes(job)) {
        c.created_ms = job->created_ms;
        c.permissions = job->permissions;
        c.size = job->size;
    }
    file_command_write(w, &c);
    return true;
}

static bool write_read(struct master_file *f, struct writer *w)
{
    file_block_write(w, &(struct file_block){.handle = f->handle, .block = f->block});
    return true;
}

/* A file without octets has one block without any: the last one. */
static bool write_write(struct master_file *f, struct writer *w)
{
    uint8_t octets[MASTER_FILE_BLOCK_MAX];
    uint64_t left = f->job->size - f->octets;
    f->block_len = (uint16_t)(left < f->block_size ? left : f->block_size);
    f->last = f->block_len == left;
    if (f->block_len && !f->job->source(f->job->context, f->octets, octets, f->block_len))
        return false;
    f->written = true;
    file_block_write(
        w, &(struct file_block){
               .data = {octets, f->block_len}, .handle = f->handle, .block = f->block, .last = f->last});
    return true;
}

static bool write_release(struct master_file *f, struct writer *w)
{
    file_status_write(w, &(struct file_status){.handle = f->handle, .request = ++f->identity});
    return true;
}

static bool write_delete(struct master_file *f, struct writer *w)
{
    const struct file_command c = {
        .name = f->job->name, .key = f->key, .mode = FILE_MODE_NULL, .request = ++f->identity};
    file_command_write(w, &c);
    return true;
}

static bool write_describe(struct master_file *f, struct writer *w)
{
    file_descriptor_write(w, &(struct file_descriptor){.name = f->job->name, .request = ++f->identity});
    return true;
}

bool file_request_write(struct master_file *f, struct writer *w)
{
    static const struct {
        uint8_t function;
        bool (*write)(struct master_file *f, struct writer *w);
    } steps[FILE_STEPS] = {
        [FILE_STEP_AUTHENTICATE] = {APP_AUTHENTICATE_FILE, write_authentication},
        [FILE_STEP_OPEN] = {APP_OPEN_FILE, write_open},
        [FILE_STEP_READ] = {APP_READ, write_read},
        [FILE_STEP_WRITE] = {APP_WRITE, write_write},
        [FILE_STEP_CLOSE] = {APP_CLOSE_FILE, write_release},
        [FILE_STEP_ABORT] = {APP_ABORT_FILE, write_release},
        [FILE_STEP_DELETE] = {APP_DELETE_FILE, write_delete},
        [FILE_STEP_DESCRIBE] = {APP_GET_FILE_INFO, write_describe},
    };
    uint16_t step = (uint16_t)(1u << f->step);
    f->order.function = steps[f->step].function;
    f->order.acts =
        f->step == FILE_STEP_DELETE || (file_job_writes(f->job) && f->step != FILE_STEP_AUTHENTICATE);
    f->answer = (struct master_file_answer){0};
    f->repeated = f->unanswered & step;
    if (!steps[f->step].write(f, w))
        return false;
    f->unanswered |= step;
    return true;
}
