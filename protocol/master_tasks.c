// SPDX-License-Identifier: Apache-2.0
/*
 * Which request is next, and what its end means (dnp3-reference/master.md 2, 3, 4, 5, 7). Tasks are wanted
 * from an instant on; of those that may start, the first in the order of the start-up sequence does.
 */
#include "protocol/master_internal.h"

struct start {
    enum master_task task; /* TASK_NONE: nothing is wanted */
    size_t poll;
    bool scheduled; /* a poll on its schedule, not again after a failure */
    int64_t due_ms;
    struct master_order *order;
};

static bool runs(const struct master *m, enum master_task task)
{
    return m->phase != PHASE_IDLE && m->task == task;
}

void master_want(struct master *m, enum master_task task, int64_t due_ms)
{
    m->due_ms[task] = due_ms;
    m->failures[task] = 0;
    if (runs(m, task))
        m->task_again = true;
    if (task == TASK_INTEGRITY)
        m->overflow_sticks = false;
}

void master_plan_start_up(struct master *m, const struct instant *at)
{
    m->start_up = true;
    if (master_bears(m, QUIRK_NO_UNSOLICITED))
        m->no_unsolicited = true;
    if (m->config->disable_unsolicited_first && !m->no_unsolicited)
        master_want(m, TASK_DISABLE_UNSOLICITED, at->now_ms);
    master_want(m, TASK_INTEGRITY, at->now_ms);
    if (master_waits_for_unsolicited(m))
        master_want(m, TASK_ENABLE_UNSOLICITED, at->now_ms);
}

/* Doubles with every failure of the task in a row (master.md 7). */
static int64_t back_off_ms(struct master *m, enum master_task task)
{
    uint8_t doublings = m->failures[task];
    if (doublings < 20)
        m->failures[task]++;
    int64_t pause_ms = (int64_t)m->config->task_retry_min_ms << doublings;
    if (pause_ms > m->config->task_retry_max_ms)
        pause_ms = m->config->task_retry_max_ms;
    return pause_ms ? pause_ms : 1;
}

/* May it start, apart from being due? */
static bool allowed(const struct master *m, enum master_task task)
{
    switch (task) {
    case TASK_CLEAR_RESTART: /* its record must be durable first */
        return !m->restart_untold && !m->restart_ticket;
    case TASK_INTEGRITY:
        return !m->polls_held;
    case TASK_TIME_SYNC: /* a stalled store holds up the polls, not the station's clock */
        return !m->start_up || m->polls_held;
    case TASK_ENABLE_UNSOLICITED:
        return !m->start_up;
    case TASK_EVENT_SCAN: /* the bits may have gone since it failed */
        return !m->start_up && !m->polls_held && m->scan_classes;
    case TASK_POLL:
        return !m->start_up && !m->polls_held;
    case TASK_NONE:
    case TASK_DISABLE_UNSOLICITED:
    case TASK_ORDER:
        break;
    }
    return true;
}

/*
 * A step of the start-up that is not done yet keeps the later ones waiting (master.md 4). A bit that sticks
 * does not, nor a restart that no accepted fragment has told of yet: the integrity poll may be the one.
 * Time and unsolicited come after the integrity poll and keep no poll waiting: a station that is silent to
 * them is polled all the same.
 */
static bool blocks(const struct master *m, enum master_task task)
{
    if (m->due_ms[task] == NEVER_MS)
        return false;
    if (task == TASK_CLEAR_RESTART)
        return !m->restart_sticks && !m->restart_untold;
    return task == TASK_DISABLE_UNSOLICITED;
}

static void consider(struct start *best, struct start other)
{
    if (other.due_ms < best->due_ms)
        *best = other;
}

static void consider_polls(const struct master *m, struct start *best)
{
    if (!allowed(m, TASK_POLL))
        return;
    consider(best, (struct start){.task = TASK_POLL, .poll = m->poll_retry, .due_ms = m->due_ms[TASK_POLL]});
    for (size_t i = 0; i < m->config->polls_len; i++)
        consider(best, (struct start){
                           .task = TASK_POLL, .poll = i, .scheduled = true, .due_ms = m->poll_due_ms[i]});
}

static const struct start nothing = {.task = TASK_NONE, .due_ms = NEVER_MS};

/* The one that was submitted first, of those that may begin first. */
static struct start first_order(const struct master *m, bool background, int64_t now_ms)
{
    struct start best = nothing;
    for (struct master_order *order = m->orders; order && best.due_ms > now_ms; order = order->next)
        if (order->background == background && master_order_allowed(m, order))
            consider(&best, (struct start){.task = TASK_ORDER, .due_ms = order->resume_ms, .order = order});
    return best;
}

static struct start first_task(const struct master *m, int64_t now_ms)
{
    struct start best = nothing;
    for (enum master_task task = TASK_DISABLE_UNSOLICITED; task < TASK_POLL; task++) {
        if (allowed(m, task))
            consider(&best, (struct start){.task = task, .due_ms = m->due_ms[task]});
        if (best.due_ms <= now_ms || blocks(m, task))
            return best;
    }
    consider_polls(m, &best);
    return best;
}

static bool is_poll(const struct master *m, enum master_task task)
{
    return task == TASK_EVENT_SCAN || task == TASK_POLL || (task == TASK_INTEGRITY && !m->start_up);
}

/* The first in order that is due, or else the one that will be due first. Orders, the steps of the start-up,
 * polls, orders in the background; but no two polls before one of these. */
static struct start next_start(const struct master *m, int64_t now_ms)
{
    struct start best = first_order(m, false, now_ms);
    if (best.due_ms <= now_ms)
        return best;
    struct start task = first_task(m, now_ms), last = first_order(m, true, now_ms);
    if (last.due_ms <= now_ms && m->polled_last && is_poll(m, task.task))
        return last;
    consider(&best, task);
    if (best.due_ms > now_ms)
        consider(&best, last);
    return best;
}

/* Off line, attempts have a pace of their own; an order that is not in the background goes all the same. */
static bool keeps_pace(const struct master *m, int64_t now_ms)
{
    return m->slow && now_ms < m->due_ms[TASK_NONE];
}

int64_t master_next_start_ms(const struct master *m)
{
    int64_t due_ms = next_start(m, INT64_MIN).due_ms;
    if (!keeps_pace(m, due_ms))
        return due_ms;
    return earlier_ms(first_order(m, false, INT64_MIN).due_ms, m->due_ms[TASK_NONE]);
}

void master_send_step(struct master *m, uint8_t step)
{
    m->step = step;
    m->phase = PHASE_TO_SEND;
    m->seq = m->next_seq;
    m->next_seq = (m->next_seq + 1) & APP_SEQ;
    m->first_awaited = true;
    m->brought_events = m->retried = false;
    m->response_iin = 0;
    m->doubt[MASTER_SOLICITED] = (uint8_t)(m->doubt[MASTER_SOLICITED] & ~DOUBT_IN_RESPONSE);
}

static uint8_t classes_of(const struct master *m, enum master_task task)
{
    switch (task) {
    case TASK_INTEGRITY:
        return CLASS_ALL;
    case TASK_DISABLE_UNSOLICITED:
        return CLASS_EVENTS;
    case TASK_ENABLE_UNSOLICITED:
        return m->config->unsolicited_classes;
    case TASK_EVENT_SCAN:
        return m->scan_classes;
    case TASK_POLL:
        return m->config->polls[m->poll].classes;
    case TASK_NONE:
    case TASK_CLEAR_RESTART:
    case TASK_TIME_SYNC:
    case TASK_ORDER:
        break;
    }
    return 0;
}

/* Schedules do not drift; turns that were missed are left out. */
static void advance_schedule(struct master *m, size_t poll, int64_t now_ms)
{
    int64_t period_ms = m->config->polls[poll].period_ms;
    int64_t *due_ms = &m->poll_due_ms[poll];
    if (!period_ms)
        *due_ms = NEVER_MS;
    else
        *due_ms += ((now_ms - *due_ms) / period_ms + 1) * period_ms;
}

static void begin(struct master *m, struct start start, const struct instant *at)
{
    if (start.task == TASK_ORDER) {
        master_order_begin(m, start.order);
        return;
    }
    m->polled_last = m->polled_last || is_poll(m, start.task);
    m->task = (uint8_t)start.task;
    if (start.task == TASK_POLL) {
        m->poll = (uint16_t)start.poll;
        if (start.scheduled)
            advance_schedule(m, start.poll, at->now_ms);
        if (m->config->polls[start.poll].classes == CLASS_ALL)
            m->task = TASK_INTEGRITY;
    }
    m->classes = classes_of(m, m->task);
    m->task_again = false;
    m->integrity_counts = m->task == TASK_INTEGRITY;
    /* A repeated time request would carry a time that is no longer true. */
    if (m->task == TASK_TIME_SYNC)
        (void)master_bears(m, QUIRK_BARE_G50V1);
    m->retries_left = m->task == TASK_TIME_SYNC ? 0 : m->config->request_retries;
    m->delay_ms = -1;
    master_send_step(m, 0);
}

void master_advance(struct master *m, const struct instant *at)
{
    if (!m->connected || m->phase != PHASE_IDLE)
        return;
    struct start start =
        keeps_pace(m, at->now_ms) ? first_order(m, false, at->now_ms) : next_start(m, at->now_ms);
    if (start.task == TASK_TIME_SYNC && start.due_ms <= at->now_ms && !at->wall_trusted) {
        m->due_ms[TASK_TIME_SYNC] = at->now_ms + back_off_ms(m, TASK_TIME_SYNC);
        start = next_start(m, at->now_ms);
    }
    if (start.task != TASK_NONE && start.due_ms <= at->now_ms)
        begin(m, start, at);
}

/* master.md 7: lost, until it answers; then everything from the start. */
void master_count_timeout(struct master *m, const struct instant *at)
{
    if (m->timeouts < UINT8_MAX)
        m->timeouts++;
    if (!m->config->offline_after || m->timeouts < m->config->offline_after)
        return;
    m->slow = true;
    m->due_ms[TASK_NONE] = at->now_ms + m->config->offline_poll_ms;
    master_plan_start_up(m, at);
    if (m->presence != PRESENCE_OFFLINE) {
        m->presence = PRESENCE_OFFLINE;
        master_tell(m, MASTER_OFFLINE);
    }
}

/* A failed poll comes again after a pause, unless its schedule is sooner. */
static void plan_failed(struct master *m, enum master_task task, const struct instant *at)
{
    int64_t due_ms = at->now_ms + back_off_ms(m, task);
    m->due_ms[task] = due_ms;
    if (task == TASK_ENABLE_UNSOLICITED)
        master_take_enabled(m, false, at);
    if (task != TASK_POLL)
        return;
    m->poll_retry = m->poll;
    if (m->poll_due_ms[m->poll] <= due_ms)
        m->due_ms[task] = NEVER_MS;
}

/* When to try again what was answered, but did not take the bit away; NEVER_MS where there is no need. */
static int64_t pause_after(struct master *m, enum master_task task, bool again, const struct instant *at)
{
    if (again)
        return at->now_ms + back_off_ms(m, task);
    m->failures[task] = 0;
    return NEVER_MS;
}

/* Whether a bit that stays set asks for our reaction again. */
static bool stays(struct master *m, bool bit)
{
    return bit && !master_bears(m, QUIRK_STICKY_IIN);
}

static void integrity_done(struct master *m, const struct instant *at)
{
    bool sticks = stays(m, m->overflow_bit && m->config->integrity_on_overflow);
    m->due_ms[TASK_INTEGRITY] = pause_after(m, TASK_INTEGRITY, sticks, at);
    m->overflow_sticks = sticks;
    if (!m->integrity_counts)
        return;
    m->start_up = false;
    if (m->presence != PRESENCE_ONLINE) {
        m->presence = PRESENCE_ONLINE;
        master_tell(m, MASTER_ONLINE);
    }
}

/* IIN2.0: it has no unsolicited responses; both steps are left out for good (master.md 2). */
static void unsolicited_done(struct master *m, enum master_task task, const struct instant *at)
{
    m->due_ms[task] = NEVER_MS;
    m->failures[task] = 0;
    if (m->response_iin & IIN_NO_FUNC_CODE_SUPPORT) {
        m->no_unsolicited = true;
        m->due_ms[TASK_DISABLE_UNSOLICITED] = m->due_ms[TASK_ENABLE_UNSOLICITED] = NEVER_MS;
    }
    if (task == TASK_ENABLE_UNSOLICITED)
        master_take_enabled(m, !(m->response_iin & IIN_REQUEST_ERRORS), at);
}

static void time_sync_done(struct master *m, enum master_outcome outcome, const struct instant *at)
{
    bool refused = outcome != OUTCOME_OK && (m->response_iin & IIN_REQUEST_ERRORS || !m->time_bit);
    int64_t due_ms = pause_after(m, TASK_TIME_SYNC, refused || stays(m, m->time_bit), at);
    if (due_ms == NEVER_MS && m->config->time_sync_period_ms)
        due_ms = at->now_ms + m->config->time_sync_period_ms;
    m->due_ms[TASK_TIME_SYNC] = due_ms;
}

/* Some stations tell no more than a fragment at a time: a scan that brought events soon goes on, but at a
 * pace that leaves room for others, and for a station that tells the same ones for ever. */
static void scan_done(struct master *m, const struct instant *at)
{
    enum { PACE_MS = 100 };
    bool goes_on = m->scan_classes && m->brought_events;
    m->due_ms[TASK_EVENT_SCAN] = pause_after(m, TASK_EVENT_SCAN, m->scan_classes && !goes_on, at);
    if (goes_on)
        m->due_ms[TASK_EVENT_SCAN] = at->now_ms + PACE_MS;
}

static void plan_answered(struct master *m, enum master_task task, enum master_outcome outcome,
                          const struct instant *at)
{
    switch (task) {
    case TASK_DISABLE_UNSOLICITED:
    case TASK_ENABLE_UNSOLICITED:
        unsolicited_done(m, task, at);
        break;
    case TASK_CLEAR_RESTART:
        m->restart_sticks = m->restart_bit;
        m->due_ms[task] = pause_after(m, task, stays(m, m->restart_bit), at);
        break;
    case TASK_INTEGRITY:
        integrity_done(m, at);
        break;
    case TASK_TIME_SYNC:
        time_sync_done(m, outcome, at);
        break;
    case TASK_EVENT_SCAN:
        scan_done(m, at);
        break;
    case TASK_POLL:
        if (m->poll == m->poll_retry)
            m->due_ms[task] = pause_after(m, task, false, at);
        break;
    case TASK_NONE:
    case TASK_ORDER:
        break;
    }
}

static void finish_order(struct master *m, enum master_outcome outcome, const struct instant *at)
{
    if (outcome == OUTCOME_TIMEOUT) {
        master_order_lost(m, at);
        master_count_timeout(m, at);
        return;
    }
    master_order_interrupt(m, outcome == OUTCOME_BAD_RESPONSE ? ORDER_BAD_ANSWER : ORDER_HELD, at);
}

void master_finish(struct master *m, enum master_outcome outcome, const struct instant *at)
{
    if (m->task == TASK_ORDER) {
        finish_order(m, outcome, at);
        return;
    }
    enum master_task task = m->task;
    bool again = m->task_again;
    m->done_task = (uint8_t)task;
    m->done_outcome = (uint8_t)outcome;
    if (outcome != OUTCOME_OK && outcome != OUTCOME_REFUSED_BY_IIN)
        m->took_ms = m->phase == PHASE_TO_SEND ? 0 : (uint32_t)(at->now_ms - m->sent_ms);
    master_tell(m, MASTER_TASK_DONE);
    m->task = TASK_NONE;
    m->phase = PHASE_IDLE;
    m->task_again = m->extended = false;

    bool answered = outcome == OUTCOME_OK || outcome == OUTCOME_REFUSED_BY_IIN;
    if (answered)
        plan_answered(m, task, outcome, at);
    else
        plan_failed(m, task, at);
    if (answered && again)
        master_want(m, task, at->now_ms);
    if (task == TASK_CLEAR_RESTART && !m->restart_bit)
        m->due_ms[task] = NEVER_MS; /* it has cleared in another way */
    if (outcome == OUTCOME_TIMEOUT)
        master_count_timeout(m, at);
}

/* The response is complete and its confirm, if any, may leave. */
void master_complete(struct master *m, const struct instant *at)
{
    if (m->task == TASK_TIME_SYNC) {
        master_sync_complete(m, at);
        return;
    }
    if (m->task == TASK_ORDER) {
        master_order_complete(m, at);
        return;
    }
    uint16_t bad = IIN_REQUEST_ERRORS;
    if (m->task == TASK_CLEAR_RESTART)
        bad |= IIN_DEVICE_RESTART;
    master_finish(m, m->response_iin & bad ? OUTCOME_REFUSED_BY_IIN : OUTCOME_OK, at);
}
