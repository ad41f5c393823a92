// SPDX-License-Identifier: Apache-2.0
#include "tools/dnp3dump/exchange.h"

static unsigned bucket_of(int64_t ns)
{
    uint64_t v = ns < SPREAD_STEPS ? SPREAD_STEPS : (uint64_t)ns;
    unsigned top = 63U - (unsigned)__builtin_clzll(v);
    unsigned bucket = (top - 3) * SPREAD_STEPS + (unsigned)(v >> (top - 3) & (SPREAD_STEPS - 1));
    return bucket < SPREAD_BUCKETS ? bucket : SPREAD_BUCKETS - 1;
}

static int64_t bucket_middle_ns(unsigned bucket)
{
    unsigned shift = bucket / SPREAD_STEPS;
    int64_t low = (int64_t)(SPREAD_STEPS + bucket % SPREAD_STEPS) << shift;
    return low + ((int64_t)1 << shift) / 2;
}

void spread_add(struct spread *s, int64_t ns)
{
    if (s->count == 0 || ns < s->min_ns)
        s->min_ns = ns;
    if (s->count == 0 || ns > s->max_ns)
        s->max_ns = ns;
    s->count++;
    s->buckets[bucket_of(ns)]++;
}

int64_t spread_quantile_ns(const struct spread *s, double q)
{
    uint64_t below = 0;
    for (unsigned i = 0; i < SPREAD_BUCKETS - 1; i++) {
        below += s->buckets[i];
        if (s->buckets[i] && (double)below >= q * (double)s->count) {
            int64_t ns = bucket_middle_ns(i);
            return ns < s->min_ns ? s->min_ns : ns > s->max_ns ? s->max_ns : ns;
        }
    }
    return s->max_ns;
}

/* Functions that no outstation answers (application.md 2). */
static bool expects_response(uint8_t function, bool broadcast)
{
    return !broadcast && function != APP_DIRECT_OPERATE_NR && function != APP_IMMED_FREEZE_NR &&
           function != APP_FREEZE_CLEAR_NR && function != APP_FREEZE_AT_TIME_NR &&
           function != APP_AUTH_REQ_NO_ACK;
}

static void take_confirm(struct exchange *x, const struct app_fragment *f)
{
    bool unsolicited = f->control & APP_UNS;
    uint8_t seq = unsolicited ? x->unsolicited_seq : x->response_seq;
    x->confirms++;
    if (x->wants_confirm[unsolicited] && (f->control & APP_SEQ) == seq)
        x->wants_confirm[unsolicited] = false;
    else
        x->stray_confirms++;
}

static void take_request(struct exchange *x, const struct app_fragment *f, bool broadcast, int64_t now_ns)
{
    uint8_t seq = f->control & APP_SEQ;
    uint64_t octets = octets_digest(f->octets, f->len);
    bool repeated = x->has_request && seq == x->request_seq && octets == x->request_digest;
    x->requests++;
    x->repeated_requests += repeated;
    x->unanswered += x->waiting && x->first;
    x->unconfirmed += x->wants_confirm[0];
    if (x->has_request && !repeated && seq != ((x->request_seq + 1) & APP_SEQ) &&
        seq != ((x->response_seq + 1) & APP_SEQ))
        x->request_jumps++;
    x->has_request = true;
    x->waiting = x->first = expects_response(f->function, broadcast);
    x->wants_confirm[0] = false;
    x->request_seq = x->response_seq = seq;
    x->request_digest = octets;
    x->request_ns = now_ns;
}

static void take_response(struct exchange *x, const struct app_fragment *f, int64_t now_ns)
{
    uint8_t seq = f->control & APP_SEQ;
    bool first = f->control & APP_FIR;
    x->responses++;
    x->unconfirmed += x->wants_confirm[0];
    x->wants_confirm[0] = f->control & APP_CON;
    uint8_t expected = first ? x->request_seq : (uint8_t)((x->response_seq + 1) & APP_SEQ);
    if (!x->waiting || first != x->first || seq != expected)
        x->stray_responses += x->has_request;
    else if (first)
        spread_add(&x->response_time, now_ns - x->request_ns);
    x->response_seq = seq;
    x->first = false;
    x->waiting = x->waiting && !(f->control & APP_FIN);
}

static void take_unsolicited(struct exchange *x, const struct app_fragment *f)
{
    uint8_t seq = f->control & APP_SEQ;
    uint64_t octets = octets_digest(f->octets, f->len);
    bool repeated = x->has_unsolicited && seq == x->unsolicited_seq && octets == x->unsolicited_digest;
    x->unsolicited++;
    x->repeated_unsolicited += repeated;
    x->unconfirmed += x->wants_confirm[1];
    if (x->has_unsolicited && !repeated && seq != ((x->unsolicited_seq + 1) & APP_SEQ))
        x->unsolicited_jumps++;
    x->has_unsolicited = true;
    x->unsolicited_seq = seq;
    x->unsolicited_digest = octets;
    x->wants_confirm[1] = f->control & APP_CON;
}

void exchange_fragment(struct exchange *x, const struct app_fragment *f, bool broadcast, int64_t now_ns)
{
    if (f->function == APP_CONFIRM)
        take_confirm(x, f);
    else if (f->function == APP_UNSOLICITED_RESPONSE)
        take_unsolicited(x, f);
    else if (app_is_response(f->function))
        take_response(x, f, now_ns);
    else
        take_request(x, f, broadcast, now_ns);
}
