// SPDX-License-Identifier: Apache-2.0
/*
 * What an association asks and answers: response times, and where sequence numbers do not follow
 * (dnp3-reference/application.md 5). Oddities here are counted, they are no defects of octets.
 */
#ifndef TOOLS_DNP3DUMP_EXCHANGE_H
#define TOOLS_DNP3DUMP_EXCHANGE_H

#include "protocol/app.h"

/* Durations in steps of an eighth of a power of two, so that quantiles of any number of them are known within
 * 13 %. */
enum { SPREAD_STEPS = 8, SPREAD_BUCKETS = 40 * SPREAD_STEPS };
struct spread {
    uint64_t count;
    int64_t min_ns;
    int64_t max_ns;
    uint32_t buckets[SPREAD_BUCKETS];
};
void spread_add(struct spread *s, int64_t ns);
int64_t spread_quantile_ns(const struct spread *s, double q);

struct exchange {
    uint64_t requests;
    uint64_t responses; /* fragments, as all that follow */
    uint64_t unsolicited;
    uint64_t confirms;
    uint64_t repeated_requests;    /* same SEQ and octets */
    uint64_t repeated_unsolicited; /* same SEQ and octets */
    uint64_t request_jumps;        /* SEQ is not the last plus one */
    uint64_t unsolicited_jumps;
    uint64_t stray_responses;    /* SEQ of no request, or not the next fragment's */
    uint64_t stray_confirms;     /* SEQ of nothing that wants one */
    uint64_t unconfirmed;        /* wanted a confirm and none came before the next */
    uint64_t unanswered;         /* requests that had another request after them */
    struct spread response_time; /* from a request to the first fragment of its response */

    bool has_request, has_unsolicited;
    bool waiting;          /* for a response, or its next fragment */
    bool first;            /* for its first fragment */
    bool wants_confirm[2]; /* [1]: of an unsolicited response */
    uint8_t request_seq, response_seq, unsolicited_seq;
    uint64_t request_digest, unsolicited_digest;
    int64_t request_ns;
};

/* A whole fragment passed at that time. `broadcast`: nobody will answer. */
void exchange_fragment(struct exchange *x, const struct app_fragment *f, bool broadcast, int64_t now_ns);

#endif
