// SPDX-License-Identifier: Apache-2.0
/*
 * One end of a connection to the program under attack. It keeps up what a healthy peer would (it answers link
 * services and the requests of the start-up, and confirms), so that what is hostile gets far.
 *
 * All calls wait; what takes longer than PATIENCE_MS is a failure of the other side.
 */
#ifndef HOSTILE_PEER_H
#define HOSTILE_PEER_H

#include "protocol/link.h"
#include "stimulus.h"

#include <netinet/in.h>

enum { PATIENCE_MS = 60000 };

struct tally {
    uint64_t connections;
    uint64_t frames;    /* received */
    uint64_t requests;  /* received, as an outstation */
    uint64_t responses; /* received, as a master */
    uint64_t refusals;  /* of them with IIN2.0 to IIN2.2 */
    uint64_t confirms;  /* received, as an outstation */
    uint64_t checks;    /* link status requests answered */
    uint64_t flushed;   /* of them such that needed more octets, since a frame before them was not whole */
    uint64_t octets;    /* sent */
};

struct peer {
    struct guise guise;
    struct sockaddr_in address;
    int listener; /* -1 as a master */
    int fd;       /* -1: not connected */
    uint8_t in[4 * LINK_FRAME_MAX];
    size_t in_len;
    uint8_t confirm[2]; /* to be sent at the end of the response under way */
    bool confirms;
    bool status_seen;
    uint32_t reads; /* of this connection */
    bool obliging;  /* answers all that it is asked */
    struct tally tally;
};

/* False, with errno, where the address can't be had. */
bool peer_open(struct peer *p);
/* False where nobody connects or can be connected to. */
bool peer_connect(struct peer *p);
/* As an outstation: gives the other side time to get through its start-up, and answers as it should. What is
 * sent before an integrity poll has been answered is not looked at. */
void peer_settle(struct peer *p);
/* False where the other side does not read any more. A connection that it closed is no failure. */
bool peer_send(struct peer *p, const uint8_t *octets, size_t len);
/* That the link status is answered, on this connection or, where it was closed, on the next. */
bool peer_is_served(struct peer *p);
void peer_close(struct peer *p);

#endif
