// SPDX-License-Identifier: Apache-2.0
/*
 * Internal indications (dnp3-reference/application.md 3, master.md 3). A bit acts when it appears, not while
 * it stays; one that does not go away after our reaction is answered again with a growing pause.
 */
#include "protocol/master_internal.h"

/* These describe the request being answered; the others are states of the station. */
enum { IIN_STATES = 0xFFFF & ~(IIN_REQUEST_ERRORS | IIN_ALREADY_EXECUTING) };

static bool runs(const struct master *m, enum master_task task)
{
    return m->phase != PHASE_IDLE && m->task == task;
}

static void call_off(struct master *m, enum master_task task)
{
    if (runs(m, task))
        return; /* its end decides */
    m->due_ms[task] = NEVER_MS;
    m->failures[task] = 0;
}

/* A WRITE that has not left yet must not clear this restart before its record is durable. */
static void stop_clearing(struct master *m, const struct instant *at)
{
    if (!runs(m, TASK_CLEAR_RESTART))
        return;
    m->retries_left = 0;
    if (m->phase == PHASE_TO_SEND)
        master_finish(m, OUTCOME_DROPPED, at);
}

/* Start-up again from step 2 on (master.md 2.1). What an earlier life of the station was asked, told or
 * repeated means nothing any more. */
void master_note_restart(struct master *m, uint16_t iin, const struct instant *at)
{
    if (!(iin & IIN_DEVICE_RESTART) || m->restart_bit)
        return;
    m->restart_bit = m->restart_untold = true;
    m->restart_sticks = false;
    m->gate_open = false;
    m->integrity_counts = false;
    m->start_up = true;
    m->time_bit = m->enable_failed = false;
    m->repeat_len = 0;
    master_forget_doubts(m);
    master_drop_holds(m);
    stop_clearing(m, at);
    master_orders_restarted(m, at);
    master_want(m, TASK_CLEAR_RESTART, at->now_ms);
    master_want(m, TASK_INTEGRITY, at->now_ms);
    if (master_waits_for_unsolicited(m))
        master_want(m, TASK_ENABLE_UNSOLICITED, at->now_ms);
}

uint16_t master_take_restart(struct master *m, uint16_t iin, const struct instant *at)
{
    master_note_restart(m, iin, at);
    if (!(iin & IIN_DEVICE_RESTART)) {
        m->restart_bit = m->restart_sticks = false;
        call_off(m, TASK_CLEAR_RESTART);
    }
    if (!m->restart_untold)
        return 0;
    m->restart_untold = false;
    master_tell(m, MASTER_RESTART_SEEN);
    return IIN_DEVICE_RESTART;
}

static void note_overflow(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    if (!(f->iin & IIN_EVENT_BUFFER_OVERFLOW)) {
        m->overflow_bit = false;
        if (m->overflow_sticks && !m->start_up)
            call_off(m, TASK_INTEGRITY);
        m->overflow_sticks = false;
        return;
    }
    if (m->overflow_bit)
        return;
    m->overflow_bit = m->overflow_untold = true;
    /* An integrity poll whose first fragment says so brings the present state with it. */
    bool covered = runs(m, TASK_INTEGRITY) && !(f->control & APP_UNS) && f->control & APP_FIR;
    if (m->config->integrity_on_overflow && !covered)
        master_want(m, TASK_INTEGRITY, at->now_ms);
}

static uint16_t take_overflow(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    note_overflow(m, f, at);
    if (!m->overflow_untold)
        return 0;
    m->overflow_untold = false;
    master_tell(m, MASTER_OVERFLOW_SEEN);
    return IIN_EVENT_BUFFER_OVERFLOW;
}

static void take_need_time(struct master *m, uint16_t iin, const struct instant *at)
{
    bool needed = iin & IIN_NEED_TIME;
    if (!m->config->time_sync || needed == m->time_bit)
        return;
    m->time_bit = needed;
    if (needed) {
        master_want(m, TASK_TIME_SYNC, at->now_ms);
        return;
    }
    call_off(m, TASK_TIME_SYNC);
    if (m->config->time_sync_period_ms && !runs(m, TASK_TIME_SYNC))
        m->due_ms[TASK_TIME_SYNC] = at->now_ms + m->config->time_sync_period_ms;
}

/* IIN1.1-1.3 lie where the mask of classes has its bits. Classes that the station reports by itself, or is
 * about to be asked to, need no scan. During start-up none begins; what the last fragment of the integrity
 * poll leaves is scanned after it.
 */
static void take_class_events(struct master *m, uint16_t iin, const struct instant *at)
{
    uint8_t classes = (uint8_t)(iin & CLASS_EVENTS & m->config->event_scan_classes);
    if (master_waits_for_unsolicited(m) && !m->enable_failed)
        classes = (uint8_t)(classes & ~m->config->unsolicited_classes);
    m->scan_classes = classes;
    if (!classes)
        call_off(m, TASK_EVENT_SCAN);
    else if (m->due_ms[TASK_EVENT_SCAN] == NEVER_MS)
        m->due_ms[TASK_EVENT_SCAN] = at->now_ms;
}

void master_take_enabled(struct master *m, bool enabled, const struct instant *at)
{
    m->enable_failed = !enabled;
    take_class_events(m, m->reported_iin, at);
}

uint16_t master_take_iin(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    uint16_t edges = (uint16_t)(master_take_restart(m, f->iin, at) | take_overflow(m, f, at));
    take_need_time(m, f->iin, at);
    /* In the middle of a response the bits tell of what its next fragments bring. */
    if (f->control & (APP_UNS | APP_FIN))
        take_class_events(m, f->iin, at);
    if ((f->iin ^ m->reported_iin) & IIN_STATES) {
        m->reported_iin = f->iin;
        master_tell(m, MASTER_IIN_CHANGED);
    }
    return edges;
}
