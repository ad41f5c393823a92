// SPDX-License-Identifier: Apache-2.0
/*
 * Who fails to prove who he is, and how often: so that guessing does not fill the audit, nor the log.
 *
 *     too_many = attempts_failed(&a, address, now_ms);             429 and closed, in place of 401
 *     if ((untold = attempts_untold(&a, address, now_ms))) ...     a line for the audit, about so many
 *
 * Whoever has a valid token is served, whatever others at his address do: a token can't be guessed, so
 * nothing is won by shutting out. A source has ten failures, and one more every second. The table is of a
 * fixed size: where more sources fail at a time, the one that failed longest ago is forgotten. One thread.
 */
#ifndef FEP_PUBLISHER_ATTEMPTS_H
#define FEP_PUBLISHER_ATTEMPTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ATTEMPTS_SOURCES = 256, ATTEMPTS_BURST = 10, ATTEMPTS_REFILL_MS = 1000, ATTEMPTS_TELL_MS = 10000 };

struct attempts_source {
    uint8_t address[16]; /* as attempts_address() gives it, or whatever else tells sources apart */
    int64_t full_ms;     /* when all its failures are forgiven; monotonic; 0: free */
    int64_t told_ms;
    uint32_t untold; /* failures that no line has told yet */
};

struct attempts {
    struct attempts_source sources[ATTEMPTS_SOURCES];
};

/* IPv4 mapped into IPv6; of IPv6 the /64 alone, since whoever has one of its addresses has them all. Zeros
 * where it is neither. */
void attempts_address(const struct sockaddr *peer, uint8_t address[16]);
bool attempts_failed(struct attempts *a, const uint8_t address[16], int64_t now_ms);
/* Failures to be told now; the first at once, then together every ATTEMPTS_TELL_MS. 0: none. */
uint32_t attempts_untold(struct attempts *a, const uint8_t address[16], int64_t now_ms);

#endif
