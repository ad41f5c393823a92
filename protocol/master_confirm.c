// SPDX-License-Identifier: Apache-2.0
/*
 * Held confirms, repeats and proofs. A confirm lets the station delete events, so it is a promise that they
 * are stored; one that waited too long is dropped, since it might delete events that we have not seen.
 */
#include "protocol/master_internal.h"

#include <assert.h>

uint64_t master_new_ticket(struct master *m)
{
    return m->next_ticket++;
}

/* A newer fragment of the same kind takes the place of the one whose confirm was held. */
void master_arm(struct master *m, int space, uint64_t ticket, uint8_t seq, const struct instant *at)
{
    m->hold[space] = (struct master_hold){
        .ticket = ticket,
        .read_ms = (uint64_t)at->now_ms & UINT64_MAX >> 8,
        .seq = seq & 0x0Fu,
        .state = ticket ? HOLD_WAITING : HOLD_READY,
    };
}

void master_expire_hold(struct master *m, const struct instant *at)
{
    struct master_hold *hold = &m->hold[MASTER_UNSOLICITED];
    if (hold->state != HOLD_NONE && at->now_ms - master_hold_read_ms(hold) >= m->config->confirm_timeout_ms)
        hold->state = HOLD_NONE;
}

/*
 * The station has restarted since it sent what they would confirm: it knows nothing of that any more, and may
 * report the events anew. Sent all the same, such a confirm would look as if it had been heeded.
 */
void master_drop_holds(struct master *m)
{
    struct master_hold *sol = &m->hold[MASTER_SOLICITED];
    bool task_waits = m->phase == PHASE_AWAIT || m->phase == PHASE_CLOSING;
    if (sol->state != HOLD_NONE)
        sol->state = task_waits ? HOLD_GIVEN_UP : HOLD_NONE;
    m->hold[MASTER_UNSOLICITED].state = HOLD_NONE;
}

/*
 * IIN1.7 has just been cleared: a second restart before that would not have shown, so nothing that was said
 * to the station until now can be taken as heeded.
 */
void master_doubt_all(struct master *m)
{
    master_forget_doubts(m);
    for (int space = 0; space < MASTER_SPACES; space++)
        m->hold[space].before_clear = true;
}

/* The confirm is on its way: from here its arrival is in doubt until it is proven. */
void master_confirm_left(struct master *m, int space, const struct instant *at)
{
    struct master_hold *hold = &m->hold[space];
    hold->state = HOLD_NONE;
    uint8_t doubt = 0;
    if (!hold->before_clear && at->now_ms - master_hold_read_ms(hold) <= m->config->confirm_timeout_ms / 2)
        doubt |= DOUBT_TIMELY;
    if (space == MASTER_SOLICITED && m->phase == PHASE_AWAIT) {
        doubt |= DOUBT_IN_RESPONSE;
        master_response_goes_on(m, at);
    }
    if (!hold->ticket)
        return;
    m->doubt[space] = doubt;
    m->doubt_ticket[space] = doubt ? hold->ticket : 0;
}

/* The fragment whose confirm left last in `space` is proven, where all of `condition` holds for it. */
void master_prove(struct master *m, int space, uint8_t condition)
{
    if (!m->doubt_ticket[space] || (m->doubt[space] & condition) != condition)
        return;
    m->doubt[space] |= DOUBT_PROVEN;
    master_tell(m, MASTER_PROOF);
}

void master_forget_doubts(struct master *m)
{
    for (int space = 0; space < MASTER_SPACES; space++)
        m->doubt_ticket[space] = m->doubt[space] = 0;
    m->pending = (uint16_t)(m->pending & ~(1u << MASTER_PROOF));
}

bool master_is_repeat(const struct master *m, const struct app_fragment *f)
{
    return m->repeat_len == f->len && m->repeat_digest == octets_digest(f->octets, f->len);
}

void master_remember(struct master *m, const struct app_fragment *f, uint64_t ticket)
{
    m->repeat_len = (uint16_t)f->len;
    m->repeat_digest = octets_digest(f->octets, f->len);
    m->repeat_ticket = ticket;
    m->repeat_durable = ticket == 0;
}

void master_take_repeat(struct master *m, uint8_t seq, const struct instant *at)
{
    master_arm(m, MASTER_UNSOLICITED, m->repeat_ticket, seq, at);
    if (m->repeat_durable)
        m->hold[MASTER_UNSOLICITED].state = HOLD_READY;
    master_tell(m, MASTER_REPEAT);
}

void master_release_confirm(struct master *m, uint64_t ticket, const struct instant *at)
{
    assert(ticket && ticket < m->next_ticket);
    if (m->restart_ticket == ticket)
        m->restart_ticket = 0;
    if (m->overflow_ticket == ticket)
        m->overflow_ticket = 0;
    if (m->repeat_ticket == ticket)
        m->repeat_durable = true;
    for (int space = 0; space < MASTER_SPACES; space++) {
        struct master_hold *hold = &m->hold[space];
        if (hold->state == HOLD_WAITING && hold->ticket == ticket)
            hold->state = HOLD_READY;
    }
    /* The confirm leaves before any request that follows from here: master_write() keeps that order. */
    if (m->phase == PHASE_CLOSING && m->hold[MASTER_SOLICITED].state == HOLD_READY)
        master_complete(m, at);
    master_advance(m, at);
}

/* What the fragment told is lost with it: the next one that is accepted tells it again. */
void master_give_up(struct master *m, uint64_t ticket)
{
    assert(ticket && ticket < m->next_ticket);
    if (m->restart_ticket == ticket) {
        m->restart_ticket = 0;
        m->restart_untold = true;
    }
    if (m->overflow_ticket == ticket) {
        m->overflow_ticket = 0;
        m->overflow_untold = true;
    }
    if (m->repeat_ticket == ticket)
        m->repeat_len = 0;
    struct master_hold *sol = &m->hold[MASTER_SOLICITED], *uns = &m->hold[MASTER_UNSOLICITED];
    if (sol->state == HOLD_WAITING && sol->ticket == ticket)
        sol->state = HOLD_GIVEN_UP;
    if (uns->state != HOLD_NONE && uns->ticket == ticket)
        uns->state = HOLD_NONE;
}
