// SPDX-License-Identifier: Apache-2.0
/*
 * A session on simulated time, and the station at the other end: what the master says, in hex, and what it
 * hears.
 *
 *     expect_said(r, "C0 01");            control and function of each fragment since the last time
 *     hear(r, "C0 81 00 00", objects);
 */
#ifndef TESTS_SUPPORT_SESSION_RIG_H
#define TESTS_SUPPORT_SESSION_RIG_H

#include "fep/session.h"
#include "support/cm.h"
#include "support/hex.h"

#include <stdio.h>

enum { MASTER = 1, OUTSTATION = 10, STATION = 7, WIRE = 8192 };

struct rig {
    struct master_config config;
    struct master_poll poll;
    int64_t poll_due_ms;
    struct outbox box;
    struct session session;
    struct instant at;
    uint8_t buffer[APP_FRAGMENT_MAX];
    uint8_t seq; /* of the transport function */
    char said[256];
    char told[512];   /* the states that a command's records tell of */
    char detail[256]; /* of the last record */
};

static inline void hear_master(struct rig *r)
{
    uint8_t wire[WIRE];
    size_t said = strlen(r->said), n;
    while ((n = session_write(&r->session, wire, sizeof wire, &r->at))) {
        struct link_frame frame;
        struct link_errors errors = {0};
        size_t used;
        assert_int_equal(link_parse(wire, n, &used, &frame, &errors), LINK_FRAME);
        said += (size_t)snprintf(r->said + said, sizeof r->said - said, "%s%02X %02X", said ? ", " : "",
                                 frame.user[1], frame.user[2]);
    }
}

static inline void expect_said(struct rig *r, const char *expected)
{
    hear_master(r);
    assert_string_equal(r->said, expected);
    r->said[0] = '\0';
}

static inline void hear_octets(struct rig *r, const uint8_t *octets, size_t len)
{
    uint8_t wire[WIRE];
    struct link_frame frame;
    struct link_errors errors = {0};
    size_t n = transport_write(&r->seq, LINK_PRM | LINK_UNCONFIRMED_USER_DATA, MASTER, OUTSTATION, octets,
                               len, wire, sizeof wire);
    assert_true(n > 0);
    session_lend(&r->session, r->buffer, sizeof r->buffer);
    for (size_t done = 0, used; done < n; done += used) {
        assert_int_equal(link_parse(wire + done, n - done, &used, &frame, &errors), LINK_FRAME);
        session_frame(&r->session, &frame, &r->at, 0, &r->box);
    }
    session_take_back(&r->session);
}

static inline void hear(struct rig *r, const char *header, const char *objects)
{
    uint8_t octets[512];
    size_t len = hex_parse(header, octets, sizeof octets);
    len += hex_parse(objects, octets + len, sizeof octets - len);
    hear_octets(r, octets, len);
}

#endif
