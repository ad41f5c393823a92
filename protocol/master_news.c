// SPDX-License-Identifier: Apache-2.0
/* State to news, one at a time in the order of enum master_news_kind. */
#include "protocol/master_internal.h"

static void tell_proof(struct master *m, struct master_news *news)
{
    size_t n = 0;
    for (int space = 0; space < MASTER_SPACES; space++) {
        if (!(m->doubt[space] & DOUBT_PROVEN))
            continue;
        news->proven[n++] = m->doubt_ticket[space];
        m->doubt[space] = 0;
        m->doubt_ticket[space] = 0;
    }
}

static void tell_fragment(const struct master *m, struct master_news *news)
{
    (void)app_parse(m->fragment, m->fragment_len, &news->fragment); /* it was good when it arrived */
    news->fragment.empty_strings = m->config->quirks & QUIRK_ZERO_LENGTH_STRINGS;
    if (news->kind == MASTER_FRAGMENT)
        news->summary = measure_summarise(&news->fragment);
    if (news->kind == MASTER_REPEAT)
        news->ticket = m->repeat_ticket;
    else if (m->news_ticket && news->kind == MASTER_FRAGMENT)
        news->ticket = m->next_ticket - 1;
    news->unsolicited = m->news_unsolicited;
    news->first = m->news_first;
    news->last = m->news_last;
    news->confirm_asked = m->news_confirm;
    news->clock_unsynchronised = m->iin & IIN_NEED_TIME;
    if (!m->news_unsolicited)
        news->requested_wall_ms = m->requested_wall_ms;
}

static void tell_task(const struct master *m, struct master_news *news)
{
    news->task = m->done_task;
    news->outcome = m->done_outcome;
    news->took_ms = m->took_ms;
}

enum master_news_kind master_next(struct master *m, struct master_news *news)
{
    if (!m->pending) {
        news->kind = MASTER_QUIET;
        return MASTER_QUIET;
    }
    enum master_news_kind kind = (enum master_news_kind)__builtin_ctz(m->pending);
    m->pending = (uint16_t)(m->pending & (m->pending - 1));
    *news = (struct master_news){.kind = kind, .iin = m->iin};
    switch (kind) {
    case MASTER_PROOF:
        tell_proof(m, news);
        break;
    case MASTER_FRAGMENT:
    case MASTER_REPEAT:
        tell_fragment(m, news);
        break;
    case MASTER_REFUSED:
        news->reason = m->reason;
        news->loses_events = m->news_loses_events;
        break;
    case MASTER_TASK_DONE:
        tell_task(m, news);
        break;
    case MASTER_QUIRK_USED:
        news->quirks = m->quirks_used;
        m->quirks_used = 0;
        break;
    case MASTER_ORDER_ANSWER:
        tell_fragment(m, news);
        news->order = master_order_answered(m);
        break;
    case MASTER_ORDER_DONE:
        news->order = master_order_told(m);
        break;
    case MASTER_QUIET:
    case MASTER_RESTART_SEEN:
    case MASTER_OVERFLOW_SEEN:
    case MASTER_ONLINE:
    case MASTER_OFFLINE:
    case MASTER_IIN_CHANGED:
    case MASTER_LINK_DEAD:
        break;
    }
    return kind;
}

const char *master_task_name(enum master_task task)
{
    static const char *const names[] = {
        [TASK_NONE] = "none",
        [TASK_DISABLE_UNSOLICITED] = "disable_unsolicited",
        [TASK_CLEAR_RESTART] = "clear_restart",
        [TASK_INTEGRITY] = "integrity",
        [TASK_TIME_SYNC] = "time_sync",
        [TASK_ENABLE_UNSOLICITED] = "enable_unsolicited",
        [TASK_EVENT_SCAN] = "event_scan",
        [TASK_POLL] = "poll",
        [TASK_ORDER] = "order",
    };
    return task < sizeof names / sizeof *names ? names[task] : "?";
}
