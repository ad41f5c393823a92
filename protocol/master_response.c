// SPDX-License-Identifier: Apache-2.0
/*
 * Is this fragment for us, and what does it ask for (dnp3-reference/application.md 5, master.md 2.1, 10).
 * A fragment that is refused changes no timer of the exchange and is never confirmed.
 */
#include "protocol/master_internal.h"

void master_refuse(struct master *m, enum master_reason reason)
{
    m->reason = (uint8_t)reason;
    m->news_loses_events = false;
    master_tell(m, MASTER_REFUSED);
}

static void refuse_fragment(struct master *m, const struct app_fragment *f, enum master_reason reason)
{
    master_refuse(m, reason);
    m->news_loses_events = !(f->control & APP_CON) && measure_summarise(f).events;
}

static void show_fragment(struct master *m, const struct app_fragment *f)
{
    m->fragment = f->octets;
    m->fragment_len = (uint16_t)f->len;
    m->iin = f->iin;
    m->news_unsolicited = f->control & APP_UNS;
    m->news_confirm = f->control & APP_CON;
    m->news_first = m->news_unsolicited || f->control & APP_FIR;
    m->news_last = m->news_unsolicited || f->control & APP_FIN;
}

/* A delay that only the quirk makes readable is nothing for the quarantine. */
static bool is_borne(const struct master *m, const struct app_fragment *f)
{
    int64_t delay_ms;
    return m->config->quirks & QUIRK_G52_COUNT && master_read_delay(f, &delay_ms) == DELAY_BENT;
}

/*
 * A confirm waits where the store must act first: events, octets for the quarantine, the record of a restart
 * or an overflow. The two are given a ticket without CON too: IIN1.7 may be cleared, and events confirmed,
 * only after their record is durable. Returns the ticket, 0 where nothing waits.
 */
static uint64_t admit(struct master *m, const struct app_fragment *f, uint16_t edges)
{
    struct measure_summary summary = measure_summarise(f);
    bool broken = summary.defect != WALK_END && !is_borne(m, f);
    if (summary.empty_strings)
        (void)master_bears(m, QUIRK_ZERO_LENGTH_STRINGS);
    bool holds = f->control & APP_CON && (summary.events || summary.unstorable || broken || edges);
    uint64_t ticket = holds || edges ? master_new_ticket(m) : 0;
    if (edges & IIN_DEVICE_RESTART)
        m->restart_ticket = ticket;
    if (edges & IIN_EVENT_BUFFER_OVERFLOW)
        m->overflow_ticket = ticket;
    show_fragment(m, f);
    m->news_ticket = ticket != 0;
    m->brought_events |= !m->news_unsolicited && summary.events;
    bool for_store = summary.events || summary.statics || summary.strings || summary.unstorable || broken ||
                     (m->news_unsolicited && f->objects_len);
    if (ticket || edges || for_store)
        master_tell(m, MASTER_FRAGMENT);
    return ticket;
}

/* Not once an order knows its outcome: what the station still has to say may have no end. */
void master_response_goes_on(struct master *m, const struct instant *at)
{
    if (!master_order_is_decided(m))
        m->response_from_ms = at->now_ms;
}

static enum master_reason judge_solicited(const struct master *m, const struct app_fragment *f)
{
    if (m->hold[MASTER_SOLICITED].state != HOLD_NONE)
        return REASON_CONFIRM_HELD;
    if (m->phase != PHASE_AWAIT)
        return REASON_NO_REQUEST;
    if (m->first_awaited != !!(f->control & APP_FIR))
        return REASON_NOT_FIRST;
    if ((f->control & APP_SEQ) != m->seq)
        return REASON_SEQUENCE;
    return REASON_NONE;
}

static void end_response(struct master *m, const struct instant *at)
{
    m->took_ms = (uint32_t)(at->now_ms - m->sent_ms);
    if (m->task == TASK_INTEGRITY && m->integrity_counts)
        m->gate_open = true;
    /* A request now would cancel the confirm that is held (outstation.md 3). */
    if (m->hold[MASTER_SOLICITED].state == HOLD_WAITING)
        m->phase = PHASE_CLOSING;
    else
        master_complete(m, at);
}

/*
 * A station that restarts with a confirm on its way to it does not heed that confirm, and may report the
 * events again: what it says with IIN1.7 set proves nothing, unless the bit is known to stick. Nor does
 * LINK_STATUS: it tells nothing of a restart.
 */
static bool may_have_forgotten(const struct master *m, const struct app_fragment *f)
{
    return f->iin & IIN_DEVICE_RESTART && !m->restart_sticks;
}

static void accept_solicited(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    m->timeouts = 0;
    m->slow = false;
    if (!m->first_awaited)
        master_prove(m, MASTER_SOLICITED, DOUBT_IN_RESPONSE);
    struct master_order *order = master_running_order(m);
    if (m->task == TASK_CLEAR_RESTART || (order && order->clears_restart))
        master_doubt_all(m);
    for (int space = 0; space < MASTER_SPACES && !may_have_forgotten(m, f); space++)
        master_prove(m, space, DOUBT_TIMELY | DOUBT_ASKED_REQUEST);

    uint8_t seq = f->control & APP_SEQ;
    uint16_t edges = master_take_iin(m, f, at);
    uint64_t ticket = admit(m, f, edges);
    master_response_goes_on(m, at);
    if (m->task == TASK_ORDER)
        master_order_answer(m, f, at);
    m->first_awaited = false;
    m->extended = false;
    m->seq = m->next_seq = (uint8_t)((seq + 1) & APP_SEQ);
    m->response_iin = (uint16_t)((m->response_iin & IIN_REQUEST_ERRORS) | f->iin);
    if (m->task == TASK_TIME_SYNC)
        master_sync_measure(m, f, at);
    if (f->control & APP_CON)
        master_arm(m, MASTER_SOLICITED, ticket, seq, at);
    if (f->control & APP_FIN)
        end_response(m, at);
}

static void take_solicited(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    enum master_reason reason = judge_solicited(m, f);
    if (reason == REASON_NONE) {
        accept_solicited(m, f, at);
        return;
    }
    refuse_fragment(m, f, reason);
    /* A fragment is missing (application.md 5.5); the one before, come again, is no gap. */
    bool before = ((f->control + 1) & APP_SEQ) == m->seq;
    if (reason == REASON_SEQUENCE && !m->first_awaited && !before)
        master_finish(m, OUTCOME_BAD_RESPONSE, at);
}

/*
 * The data is left to the poll, but the restart that it tells of is recorded now: IIN1.7 is cleared before
 * the poll (master.md 2), so that another restart in between shows as a new edge.
 */
static void tell_restart_alone(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    master_note_restart(m, f->iin, at);
    if (!m->restart_untold)
        return;
    struct app_fragment header = *f;
    header.control &= (uint8_t)~APP_CON;
    header.len = APP_RESPONSE_HEADER_LEN;
    header.objects_len = 0;
    admit(m, &header, master_take_restart(m, f->iin, at));
}

/* The table of master.md 2.1: data before the picture is whole is left to the poll. */
static void leave_to_poll(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    tell_restart_alone(m, f, at);
    m->refused_ms = at->now_ms;
    if (m->phase == PHASE_AWAIT && m->first_awaited)
        m->extended = true;
    master_refuse(m, REASON_START_UP);
}

static void take_unsolicited(struct master *m, const struct app_fragment *f, const struct instant *at)
{
    if (!(f->control & APP_CON)) {
        refuse_fragment(m, f, REASON_NO_CON);
        return;
    }
    if (m->slow)
        m->due_ms[TASK_NONE] = at->now_ms;
    uint8_t seq = f->control & APP_SEQ;
    bool data = f->objects_len > 0;
    if (data && master_is_repeat(m, f)) {
        show_fragment(m, f);
        master_take_repeat(m, seq, at);
        return;
    }
    bool restarted = f->iin & IIN_DEVICE_RESTART && !m->restart_bit;
    if (data && (!m->gate_open || restarted)) {
        leave_to_poll(m, f, at);
        return;
    }
    for (int space = 0; space < MASTER_SPACES && !may_have_forgotten(m, f); space++)
        master_prove(m, space, DOUBT_TIMELY);
    uint64_t ticket = admit(m, f, master_take_iin(m, f, at));
    if (data)
        master_remember(m, f, ticket);
    master_arm(m, MASTER_UNSOLICITED, ticket, seq, at);
}

void master_take_fragment(struct master *m, const uint8_t *octets, size_t len, const struct instant *at)
{
    struct app_fragment f;
    bool whole = app_parse(octets, len, &f) == APP_OK;
    f.empty_strings = m->config->quirks & QUIRK_ZERO_LENGTH_STRINGS;
    if (!whole)
        master_refuse(m, REASON_TOO_SHORT);
    else if (f.function == APP_RESPONSE && !(f.control & APP_UNS))
        take_solicited(m, &f, at);
    else if (f.function == APP_UNSOLICITED_RESPONSE && f.control & APP_UNS)
        take_unsolicited(m, &f, at);
    else
        master_refuse(m, REASON_FUNCTION);
}
