// SPDX-License-Identifier: Apache-2.0
/* What the files of the file procedure share; for them alone. */
#ifndef PROTOCOL_MASTER_FILE_STEPS_H
#define PROTOCOL_MASTER_FILE_STEPS_H

#include "protocol/master_file.h"

/*
 * A job goes through these, in this order, and leaves out what it has no use for.
 *
 * Authenticate: a key for one command (files.md 3); a command that is repeated needs another one.
 *
 * Open, read or write, close: the transfer. Delete and describe are single commands.
 *
 * Abort: instead of close, where something is being written that will not be whole. A station that can't is
 * asked to close.
 */
enum file_step {
    FILE_STEP_AUTHENTICATE,
    FILE_STEP_OPEN,
    FILE_STEP_READ,
    FILE_STEP_WRITE,
    FILE_STEP_CLOSE,
    FILE_STEP_ABORT,
    FILE_STEP_DELETE,
    FILE_STEP_DESCRIBE,
    FILE_STEPS
};

static inline bool file_job_writes(const struct master_file_job *job)
{
    return job->kind == MASTER_FILE_WRITE || job->kind == MASTER_FILE_APPEND;
}

/* master_file_request.c: false where a function of the caller's said no. */
bool file_request_write(struct master_file *f, struct writer *w);

/* master_file_answer.c: takes what one fragment tells into f->answer; blocks to the caller. A defect is noted
 * in f->defect. */
void file_answer_take(struct master_file *f, const struct app_fragment *fragment);
/* The block at hand has been moved. */
void file_block_done(struct master_file *f, size_t len);

#endif
