// SPDX-License-Identifier: Apache-2.0
/*
 * What a hostile peer sends: octets for the wire, each made by a family from a number. A family breaks one
 * rule at a time; the same number makes the same octets, but for sequence numbers.
 */
#ifndef HOSTILE_STIMULUS_H
#define HOSTILE_STIMULUS_H

#include "protocol/app.h"
#include "protocol/bytes.h"

enum { WIRE_ROOM = 128 * 1024, FRAGMENT_ROOM = 4096 };

/* Who the peer pretends to be, and where it stands in its sequences. */
struct guise {
    bool master;
    uint16_t local;
    uint16_t remote;
    uint8_t transport_seq;
    uint8_t request_seq;     /* of the next request */
    uint8_t unsolicited_seq; /* of the next unsolicited response */
    bool asked;              /* outstation: a request waits for its answer */
    uint8_t asked_seq;
};

struct stimulus {
    struct writer wire;
    struct guise *guise;
    uint8_t fragment[FRAGMENT_ROOM];
    size_t fragment_len; /* 0: the wire was written directly */
};

struct family {
    const char *rule; /* the section of dnp3-reference/ that it breaks */
    const char *name;
    uint32_t (*count)(void);
    void (*make)(struct stimulus *s, uint32_t number);
};

/* Each ends with a row without name. */
extern const struct family link_families[];
extern const struct family app_families[];
extern const struct family order_families[]; /* what is wrong is when it comes */

/* A repeatable number out of two. */
uint32_t scatter(uint32_t a, uint32_t b);

/* The octets for the wire of a fragment; `len` beyond what a series may carry is cut into segments as well.
 */
void stimulus_fragment(struct stimulus *s, const uint8_t *octets, size_t len);
/* One frame as it should be, but for its control octet and addresses. */
void stimulus_frame(struct stimulus *s, uint8_t control, uint16_t to, uint16_t from, const uint8_t *user,
                    size_t len);
/* The control octet of user data from this side. */
uint8_t stimulus_control(const struct stimulus *s);
/* A fragment's header as it should be: a request, the answer to what was asked, or an unsolicited response.
 */
struct writer stimulus_header(struct stimulus *s, uint8_t request_function);

#endif
