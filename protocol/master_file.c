// SPDX-License-Identifier: Apache-2.0
/*
 * Which step is next (master_file_steps.h). A job comes to an end whatever the answers are: an answer brings
 * the next block, costs one of the tries that each block has, or one of the new starts that a job has.
 */
#include "protocol/master_file_steps.h"

#include <assert.h>

enum { OVERHEAD = 16 /* of a block in a request: header 2, object header 6, handle and number 8 */ };
enum { FRAGMENTS_MAX = 255 };

const char *master_file_defect_text(enum master_file_defect defect)
{
    static const char *const texts[MASTER_FILE_DEFECTS] = {
        [MASTER_FILE_SOUND] = "sound",
        [MASTER_FILE_NO_OBJECT] = "the answer lacks its object",
        [MASTER_FILE_NO_HANDLE] = "opened with handle 0",
        [MASTER_FILE_NO_BLOCK] = "not the block asked for",
        [MASTER_FILE_BLOCK_LENGTH] = "a block of a length that was not agreed",
        [MASTER_FILE_ENDLESS] = "an answer or a file without end",
        [MASTER_FILE_LIMIT] = "larger than the limit",
        [MASTER_FILE_LISTING] = "no list of descriptors",
        [MASTER_FILE_CALLER] = "the caller's function said no",
    };
    assert(defect < MASTER_FILE_DEFECTS);
    return texts[defect];
}

static uint8_t tries_of(const struct master_file *f)
{
    return f->job->tries ? f->job->tries : MASTER_FILE_TRIES;
}

static enum file_step command_of(const struct master_file_job *job)
{
    if (job->kind == MASTER_FILE_INFO)
        return FILE_STEP_DESCRIBE;
    return job->kind == MASTER_FILE_DELETE ? FILE_STEP_DELETE : FILE_STEP_OPEN;
}

static bool needs_key(const struct master_file_job *job)
{
    return job->user.len && job->kind != MASTER_FILE_INFO;
}

static uint16_t block_size_of(const struct master_file *f)
{
    size_t size = f->job->block_size ? f->job->block_size : MASTER_FILE_BLOCK_MAX;
    if (size > MASTER_FILE_BLOCK_MAX)
        size = MASTER_FILE_BLOCK_MAX;
    if (file_job_writes(f->job) && size > f->order.request_room - OVERHEAD)
        size = f->order.request_room - OVERHEAD;
    return (uint16_t)size;
}

/* From octet 0. Whether the file may be deleted already is still known. */
static void start(struct master_file *f)
{
    f->step = needs_key(f->job) ? FILE_STEP_AUTHENTICATE : (uint8_t)command_of(f->job);
    f->tries_left = tries_of(f);
    f->unanswered &= 1u << FILE_STEP_DELETE;
    f->block_size = block_size_of(f);
    f->key = f->block = f->announced = 0;
    f->octets = 0;
    f->empties = 0;
    f->last = f->written = false;
    f->list = (struct file_list){0};
}

static enum order_verdict go_on(struct master_file *f, enum file_step step)
{
    f->unanswered &= (uint16_t) ~(1u << f->step);
    f->step = (uint8_t)step;
    f->tries_left = tries_of(f);
    return ORDER_LATER;
}

/* The end as it was decided; what the release of the file has brought since does not count. */
static enum order_verdict conclude(struct master_file *f)
{
    if (f->ending) {
        f->order.status = f->end_status;
        f->order.iin = f->end_iin;
    } else {
        f->end_outcome = ORDER_SUCCESS;
    }
    f->step = FILE_STEPS;
    return order_end(&f->order, f->end_outcome);
}

static bool is_releasing(const struct master_file *f)
{
    return f->ending || f->begin_again;
}

/* One try: a station that does not answer will close the file by itself. */
static enum order_verdict release(struct master_file *f)
{
    (void)go_on(f, file_job_writes(f->job) ? FILE_STEP_ABORT : FILE_STEP_CLOSE);
    f->tries_left = 1;
    return ORDER_NEXT;
}

/* The first word counts. */
static void decide(struct master_file *f, enum order_outcome outcome)
{
    if (f->ending)
        return;
    f->ending = true;
    f->begin_again = false;
    f->end_outcome = outcome;
    f->end_status = f->order.status;
    f->end_iin = f->order.iin;
}

static enum order_verdict end(struct master_file *f, enum order_outcome outcome)
{
    decide(f, outcome);
    return f->handle ? release(f) : conclude(f);
}

static enum order_verdict end_for(struct master_file *f, enum master_file_defect defect)
{
    f->defect = defect;
    bool ours = defect == MASTER_FILE_CALLER || defect == MASTER_FILE_LIMIT;
    return end(f, ours ? ORDER_CANCELLED : ORDER_BAD_ANSWER);
}

static enum order_verdict after_release(struct master_file *f)
{
    if (!f->begin_again)
        return conclude(f);
    f->begin_again = false;
    f->handle = 0;
    start(f);
    return ORDER_LATER;
}

static bool may_start_over(const struct master_file *f)
{
    return f->restarts_left && !(f->job->kind == MASTER_FILE_APPEND && f->written);
}

static enum order_verdict start_over(struct master_file *f)
{
    f->restarts_left--;
    f->begin_again = true;
    return f->handle ? release(f) : after_release(f);
}

/* No answer, or not the one to this request. A key is good for one command, perhaps the lost one. */
static enum order_verdict try_again(struct master_file *f, enum order_outcome why)
{
    if (--f->tries_left) {
        if (f->step == (uint8_t)command_of(f->job) && needs_key(f->job))
            f->step = FILE_STEP_AUTHENTICATE;
        return ORDER_LATER;
    }
    if (is_releasing(f))
        return after_release(f);
    if (f->step != FILE_STEP_CLOSE)
        return end(f, why);
    if (!file_job_writes(f->job))
        return conclude(f); /* the content is whole all the same */
    decide(f, why);
    return conclude(f);
}

static enum order_verdict ask_again(struct master_file *f, enum master_file_defect defect)
{
    if (f->tries_left == 1)
        f->defect = defect;
    return try_again(f, ORDER_BAD_ANSWER);
}

static bool is_gone(uint8_t status)
{
    return status == FILE_INVALID_HANDLE || status == FILE_NOT_OPENED || status == FILE_HANDLE_EXPIRED;
}

/* A block that was moved was moved, whatever the IIN say of other things. */
static bool is_refusal(struct master_file *f, const struct app_fragment *fragment)
{
    return f->defect || f->answer.status || (!f->answer.progress && order_refused(&f->order, fragment));
}

static enum order_verdict refuse(struct master_file *f)
{
    uint8_t status = f->answer.status;
    if (f->defect)
        return end_for(f, f->defect);
    if (!status)
        return end(f, ORDER_REFUSED_IIN);
    if (is_gone(status))
        f->handle = 0;
    if ((is_gone(status) || status == FILE_BLOCK_SEQUENCE) && may_start_over(f))
        return start_over(f);
    f->order.status = status;
    return end(f, ORDER_REFUSED_STATUS);
}

/* The tries are shared with the command: no command without a key, and none for ever. */
static enum order_verdict judge_key(struct master_file *f, const struct app_fragment *fragment)
{
    if (is_refusal(f, fragment))
        return refuse(f);
    if (!f->answer.has_object)
        return ask_again(f, MASTER_FILE_NO_OBJECT);
    f->unanswered &= (uint16_t) ~(1u << FILE_STEP_AUTHENTICATE);
    f->step = (uint8_t)command_of(f->job);
    return ORDER_LATER;
}

static enum order_verdict begin_content(struct master_file *f)
{
    const struct master_file_job *job = f->job;
    const struct master_file_answer *a = &f->answer;
    f->announced = a->size;
    if (!a->block_size && file_job_writes(job))
        return end_for(f, MASTER_FILE_BLOCK_LENGTH);
    if (a->block_size && a->block_size < f->block_size)
        f->block_size = a->block_size;
    if (job->kind == MASTER_FILE_READ && job->limit && a->size != MASTER_FILE_SIZE_UNKNOWN &&
        a->size > job->limit)
        return end_for(f, MASTER_FILE_LIMIT);
    if (job->begin && !job->begin(job->context))
        return end_for(f, MASTER_FILE_CALLER);
    return go_on(f, file_job_writes(job) ? FILE_STEP_WRITE : FILE_STEP_READ);
}

/* The handle first: whatever else the answer says, the file is to be closed then. */
static enum order_verdict judge_open(struct master_file *f, const struct app_fragment *fragment)
{
    if (f->answer.has_status && !f->answer.status)
        f->handle = f->answer.handle;
    if (is_refusal(f, fragment))
        return refuse(f);
    if (!f->answer.has_status)
        return ask_again(f, MASTER_FILE_NO_OBJECT);
    if (!f->handle)
        return end_for(f, MASTER_FILE_NO_HANDLE);
    return begin_content(f);
}

static enum order_verdict judge_block(struct master_file *f, const struct app_fragment *fragment)
{
    if (f->last && !f->defect && f->job->kind == MASTER_FILE_LIST && !file_list_is_whole(&f->list))
        return end_for(f, MASTER_FILE_LISTING);
    if (is_refusal(f, fragment))
        return refuse(f);
    if (!f->answer.progress)
        return ask_again(f, f->answer.has_object ? MASTER_FILE_NO_BLOCK : MASTER_FILE_NO_OBJECT);
    return go_on(f, f->last ? FILE_STEP_CLOSE : FILE_STEP_READ);
}

/*
 * A station that expects another block than one that was sent before has taken it then, and its answer was
 * lost: the one before it is acknowledged, so it can be no other.
 */
static enum order_verdict judge_written(struct master_file *f, const struct app_fragment *fragment)
{
    struct master_file_answer *a = &f->answer;
    if (a->status == FILE_BLOCK_SEQUENCE && !a->progress && f->repeated) {
        a->status = FILE_SUCCESS;
        file_block_done(f, f->block_len);
    }
    if (is_refusal(f, fragment))
        return refuse(f);
    if (!a->progress)
        return ask_again(f, a->has_object ? MASTER_FILE_NO_BLOCK : MASTER_FILE_NO_OBJECT);
    return go_on(f, f->last ? FILE_STEP_CLOSE : FILE_STEP_WRITE);
}

/* A file that is gone is closed. What was read is whole, however its closing turns out. */
static enum order_verdict judge_close(struct master_file *f, const struct app_fragment *fragment)
{
    const struct master_file_answer *a = &f->answer;
    bool refused = order_refused(&f->order, fragment);
    if (a->has_status && (!a->status || is_gone(a->status)))
        f->handle = 0;
    if (is_releasing(f))
        return after_release(f);
    if (!file_job_writes(f->job) || (!f->handle && (!a->status || f->repeated)))
        return conclude(f);
    if (a->status) {
        f->order.status = a->status;
        return end(f, ORDER_REFUSED_STATUS);
    }
    return refused ? end(f, ORDER_REFUSED_IIN) : ask_again(f, MASTER_FILE_NO_OBJECT);
}

static enum order_verdict judge_abort(struct master_file *f, const struct app_fragment *fragment)
{
    (void)fragment;
    const struct master_file_answer *a = &f->answer;
    if (a->has_status && (!a->status || is_gone(a->status))) {
        f->handle = 0;
        return after_release(f);
    }
    (void)go_on(f, FILE_STEP_CLOSE);
    f->tries_left = 1;
    return ORDER_NEXT;
}

static enum order_verdict judge_delete(struct master_file *f, const struct app_fragment *fragment)
{
    if (f->answer.status == FILE_NOT_FOUND && f->repeated)
        return conclude(f);
    if (is_refusal(f, fragment))
        return refuse(f);
    return f->answer.has_status ? conclude(f) : ask_again(f, MASTER_FILE_NO_OBJECT);
}

static enum order_verdict judge_description(struct master_file *f, const struct app_fragment *fragment)
{
    if (is_refusal(f, fragment))
        return refuse(f);
    return f->answer.has_object ? conclude(f) : ask_again(f, MASTER_FILE_NO_OBJECT);
}

static enum order_request write_request(struct master_order *order, struct writer *w,
                                        const struct instant *at)
{
    struct master_file *f = (struct master_file *)order;
    (void)at;
    if (order->address > LINK_SELF_ADDRESS) { /* nobody answers a broadcast, and files are answers */
        order->outcome = ORDER_INVALID;
        return ORDER_CANNOT;
    }
    if (file_request_write(f, w))
        return ORDER_ASKS;
    /* What is asked of the caller's functions is asked for a file that is open. */
    enum order_verdict verdict = end_for(f, MASTER_FILE_CALLER);
    assert(verdict == ORDER_NEXT);
    (void)verdict;
    (void)file_request_write(f, w);
    return ORDER_ASKS;
}

static enum order_verdict take_answer(struct master_order *order, const struct app_fragment *fragment,
                                      const struct instant *at)
{
    static enum order_verdict (*const judges[FILE_STEPS])(struct master_file *,
                                                          const struct app_fragment *) = {
        [FILE_STEP_AUTHENTICATE] = judge_key, [FILE_STEP_OPEN] = judge_open,
        [FILE_STEP_READ] = judge_block,       [FILE_STEP_WRITE] = judge_written,
        [FILE_STEP_CLOSE] = judge_close,      [FILE_STEP_ABORT] = judge_abort,
        [FILE_STEP_DELETE] = judge_delete,    [FILE_STEP_DESCRIBE] = judge_description,
    };
    struct master_file *f = (struct master_file *)order;
    (void)at;
    file_answer_take(f, fragment);
    if (fragment->control & APP_FIN)
        return judges[f->step](f, fragment);
    if (++f->answer.fragments < FRAGMENTS_MAX)
        return ORDER_GOES_ON;
    /* Such a station would not say when the closing is answered either. */
    f->defect = MASTER_FILE_ENDLESS;
    decide(f, ORDER_BAD_ANSWER);
    return conclude(f);
}

static enum order_verdict station_restarted(struct master_file *f)
{
    f->handle = 0;
    if (f->ending)
        return conclude(f);
    if (f->step == FILE_STEP_CLOSE && !f->begin_again && !file_job_writes(f->job))
        return conclude(f);
    return may_start_over(f) ? start_over(f) : end(f, ORDER_RESTARTED);
}

static enum order_verdict interrupted(struct master_order *order, enum order_outcome why,
                                      const struct instant *at)
{
    struct master_file *f = (struct master_file *)order;
    (void)at;
    assert(f->step < FILE_STEPS);
    if (why == ORDER_RESTARTED)
        return station_restarted(f);
    if (why != ORDER_EXPIRED && why != ORDER_CANCELLED)
        return try_again(f, why);
    if (f->step == FILE_STEP_CLOSE && !is_releasing(f) && !file_job_writes(f->job))
        return ORDER_NEXT; /* all is here but the closing */
    return end(f, why);
}

static const struct master_procedure procedure = {
    .name = "file",
    .write = write_request,
    .answer = take_answer,
    .interrupted = interrupted,
};

void master_file_init(struct master_file *f, const struct master_file_job *job, uint8_t *request,
                      size_t request_room)
{
    assert(job->kind < MASTER_FILE_KINDS && request_room > OVERHEAD && request_room <= UINT32_MAX);
    assert(job->kind != MASTER_FILE_READ || job->sink);
    assert(!file_job_writes(job) || job->source || !job->size);
    assert((job->kind != MASTER_FILE_LIST && job->kind != MASTER_FILE_INFO) || job->entry);
    *f = (struct master_file){.job = job};
    f->order = (struct master_order){.procedure = &procedure,
                                     .request = request,
                                     .request_room = (uint32_t)request_room,
                                     .deadline_ms = NEVER_MS,
                                     .retries = 1,
                                     .background = true};
    master_file_again(f);
}

void master_file_again(struct master_file *f)
{
    f->order.outcome = ORDER_PENDING;
    f->order.iin = f->order.requests = 0;
    f->order.status = 0;
    f->restarts_left = f->job->restarts ? f->job->restarts : MASTER_FILE_RESTARTS;
    if (f->job->restarts == UINT8_MAX)
        f->restarts_left = 0;
    f->defect = MASTER_FILE_SOUND;
    f->ending = false;
    f->begin_again = f->handle != 0;
    start(f);
    if (f->begin_again)
        (void)release(f);
}
