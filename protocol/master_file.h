// SPDX-License-Identifier: Apache-2.0
/*
 * Files of a station (dnp3-reference/files.md 3), each an order: opened, moved block by block, closed;
 * deleted; described; directories listed. Octets come from and go to functions of the caller.
 *
 *     struct master_file_job job = {.kind = MASTER_FILE_READ, .name = {octets, len}, .sink = keep, ...};
 *     struct master_file file;
 *     master_file_init(&file, &job, request, sizeof request);
 *     file.order.deadline_ms = ...;
 *     master_submit(m, &file.order, at);
 *     ... MASTER_ORDER_DONE: file.order.outcome, file.order.status (enum file_status_code), file.defect
 *
 * A block that gets no answer, or not its own, is asked for or sent again, the same one. A station that has
 * lost its place, or the handle, is asked to open the file anew, which begins at octet 0 again; not where an
 * append may have left something. Whatever ends a job, cancelling and deadlines included, a file that is open
 * is closed first, or aborted where it was being written, as long as the station answers. A handle that a
 * lost connection has left open is known until the job is submitted again: master_file_again().
 *
 * Nothing that the station says is believed: neither the size that it announces, nor that blocks have data,
 * nor that there is a last one. Other traffic of the association goes on between the blocks.
 */
#ifndef PROTOCOL_MASTER_FILE_H
#define PROTOCOL_MASTER_FILE_H

#include "protocol/master_file_list.h"
#include "protocol/master_order.h"

enum master_file_kind {
    MASTER_FILE_READ,
    MASTER_FILE_WRITE,  /* what was there is replaced */
    MASTER_FILE_APPEND, /* a new file where there is none */
    MASTER_FILE_LIST,
    MASTER_FILE_INFO,
    MASTER_FILE_DELETE,
    MASTER_FILE_KINDS
};

enum {
    MASTER_FILE_BLOCK_MAX = 2030, /* in fragments of 2,048 octets (files.md 4) */
    MASTER_FILE_TRIES = 4,
    MASTER_FILE_RESTARTS = 2
};
#define MASTER_FILE_SIZE_UNKNOWN UINT32_MAX

/* The caller's; as it is while the order lives. The functions are called by the master's thread, from within
 * master_receive(), master_tick() and master_write(), and never call the master. False ends the job. */
struct master_file_job {
    enum master_file_kind kind;
    struct file_text name;
    struct file_text user; /* none (len 0): without authentication. Both are sent in clear text */
    struct file_text password;
    uint64_t created_ms;  /* WRITE, APPEND */
    uint32_t size;        /* WRITE, APPEND: octets that source() has */
    uint32_t limit;       /* READ, LIST: more octets than that are refused; 0: 2^32 - 1 */
    uint16_t permissions; /* WRITE, APPEND: as in files.md 1 */
    uint16_t block_size;  /* at most; 0: MASTER_FILE_BLOCK_MAX */
    uint8_t tries;        /* of each request, with a SEQ of its own; 0: MASTER_FILE_TRIES */
    uint8_t restarts;     /* from octet 0, within one order; UINT8_MAX: none, 0: MASTER_FILE_RESTARTS */
    void *context;
    /* The file is open and its content begins, perhaps once more: what came before is void. May be NULL. */
    bool (*begin)(void *context);
    /* READ: in order, without gaps. */
    bool (*sink)(void *context, uint64_t offset, const uint8_t *octets, size_t len);
    /* WRITE, APPEND: all `len` octets from `offset` on; the same ones whenever asked. */
    bool (*source)(void *context, uint64_t offset, uint8_t *into, size_t len);
    file_list_entry *entry; /* LIST, INFO */
};

/* What was wrong, where the outcome alone does not tell. */
enum master_file_defect {
    MASTER_FILE_SOUND,
    MASTER_FILE_NO_OBJECT,    /* the answer lacks the object that it should have */
    MASTER_FILE_NO_HANDLE,    /* opened, with handle 0 */
    MASTER_FILE_NO_BLOCK,     /* other blocks than the one asked for, or acknowledged */
    MASTER_FILE_BLOCK_LENGTH, /* a block longer than agreed, a block size of 0 for writing */
    MASTER_FILE_ENDLESS,      /* blocks without octets, or fragments, without end */
    MASTER_FILE_LIMIT,        /* larger than `limit` */
    MASTER_FILE_LISTING,      /* what a directory holds is no list of descriptors */
    MASTER_FILE_CALLER,       /* a function of the caller's said no */
    MASTER_FILE_DEFECTS
};
const char *master_file_defect_text(enum master_file_defect defect);

/* What the fragments of one answer have told. */
struct master_file_answer {
    uint16_t fragments;
    uint16_t iin;   /* of all */
    uint8_t status; /* of the first object that has one and is not 0 */
    bool has_status;
    bool has_object; /* the one that was waited for */
    bool progress;
    uint32_t handle;
    uint32_t size;
    uint16_t block_size;
};

struct master_file {
    struct master_order order;
    const struct master_file_job *job;

    /* For the submitter. */
    uint64_t octets;    /* READ: handed to sink(); WRITE, APPEND: acknowledged; of the present opening */
    uint32_t announced; /* the station's own idea of the size, when it was opened */
    uint32_t handle;    /* at the end not 0: the station may still have it open */
    enum master_file_defect defect;
    struct file_list list; /* `too_long` */

    /* The procedure's own; see master_file.c. */
    struct master_file_answer answer;
    uint32_t key;
    uint32_t block;
    uint16_t block_size;
    uint16_t block_len;  /* octets of the block that is being written */
    uint16_t identity;   /* the "request" of a command */
    uint16_t unanswered; /* steps whose request has left without an answer that settles it */
    uint8_t step;
    uint8_t tries_left;
    uint8_t restarts_left;
    uint8_t empties;
    bool repeated; /* the request at hand may have been carried out already */
    bool last;
    bool written;     /* a WRITE has left since the file was opened */
    bool begin_again; /* what is being released is only in the way */
    bool ending;      /* `end_*` is how */
    uint8_t end_status;
    uint16_t end_iin;
    enum order_outcome end_outcome;
};

/*
 * A job, in the background and with one more try of each request with the same SEQ; the order's other fields
 * are the submitter's to set. `request` takes one fragment; where it has less room than APP_FRAGMENT_MAX,
 * blocks are smaller.
 */
void master_file_init(struct master_file *f, const struct master_file_job *job, uint8_t *request,
                      size_t request_room);
/* The same job once more after its order was done. A handle that it had open is released first. */
void master_file_again(struct master_file *f);

#endif
