// SPDX-License-Identifier: Apache-2.0
/* Orders and quirks in words, and what procedures share. */
#include "protocol/master_order.h"

const char *order_outcome_name(enum order_outcome outcome)
{
    static const char *const names[ORDER_OUTCOMES] = {
        [ORDER_PENDING] = "pending",
        [ORDER_SUCCESS] = "success",
        [ORDER_SENT] = "sent",
        [ORDER_REFUSED_IIN] = "refused_iin",
        [ORDER_REFUSED_STATUS] = "refused_status",
        [ORDER_BAD_ANSWER] = "bad_answer",
        [ORDER_TIMEOUT] = "timeout",
        [ORDER_UNKNOWN] = "unknown",
        [ORDER_EXPIRED] = "expired",
        [ORDER_CANCELLED] = "cancelled",
        [ORDER_DISCONNECTED] = "disconnected",
        [ORDER_RESTARTED] = "restarted",
        [ORDER_HELD] = "held",
        [ORDER_INVALID] = "invalid",
        [ORDER_NO_TIME] = "no_time",
    };
    return outcome < ORDER_OUTCOMES ? names[outcome] : "?";
}

const char *master_quirk_name(unsigned bit)
{
    static const char *const names[QUIRKS] = {
        "no_unsolicited",      "bare_g50v1",     "tcc_swapped", "sticky_iin",
        "zero_length_strings", "no_link_status", "g52_count",
    };
    return bit < QUIRKS ? names[bit] : "?";
}

bool order_refused(struct master_order *order, const struct app_fragment *f)
{
    if (!(f->iin & (IIN_REQUEST_ERRORS | IIN_ALREADY_EXECUTING)))
        return false;
    order->outcome = ORDER_REFUSED_IIN;
    return true;
}

enum order_verdict order_end(struct master_order *order, enum order_outcome outcome)
{
    order->outcome = outcome;
    return ORDER_ENDS;
}
