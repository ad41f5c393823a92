// SPDX-License-Identifier: Apache-2.0
#include "fep/publisher/attempts.h"

#include <netinet/in.h>
#include <string.h>

void attempts_address(const struct sockaddr *peer, uint8_t address[16])
{
    memset(address, 0, 16);
    if (peer->sa_family == AF_INET6) {
        struct sockaddr_in6 six;
        memcpy(&six, peer, sizeof six);
        memcpy(address, &six.sin6_addr, IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) ? 16 : 8);
    } else if (peer->sa_family == AF_INET) {
        struct sockaddr_in four;
        memcpy(&four, peer, sizeof four);
        address[10] = address[11] = 0xFF;
        memcpy(address + 12, &four.sin_addr, 4);
    }
}

static struct attempts_source *find(struct attempts *a, const uint8_t address[16])
{
    for (int i = 0; i < ATTEMPTS_SOURCES; i++)
        if (a->sources[i].full_ms && memcmp(a->sources[i].address, address, 16) == 0)
            return &a->sources[i];
    return NULL;
}

/* Its place, or the one that is free, or was needed longest ago. */
static struct attempts_source *claim(struct attempts *a, const uint8_t address[16], int64_t now_ms)
{
    struct attempts_source *known = find(a, address), *oldest = &a->sources[0];
    if (known)
        return known;
    for (int i = 0; i < ATTEMPTS_SOURCES; i++)
        if (a->sources[i].full_ms < oldest->full_ms)
            oldest = &a->sources[i];
    *oldest = (struct attempts_source){.full_ms = now_ms, .told_ms = now_ms - ATTEMPTS_TELL_MS};
    memcpy(oldest->address, address, 16);
    return oldest;
}

bool attempts_failed(struct attempts *a, const uint8_t address[16], int64_t now_ms)
{
    struct attempts_source *s = claim(a, address, now_ms);
    int64_t owed_ms = s->full_ms > now_ms ? s->full_ms - now_ms : 0;
    s->untold++;
    if (owed_ms > (ATTEMPTS_BURST - 1) * ATTEMPTS_REFILL_MS)
        return true;
    s->full_ms = now_ms + owed_ms + ATTEMPTS_REFILL_MS;
    return false;
}

uint32_t attempts_untold(struct attempts *a, const uint8_t address[16], int64_t now_ms)
{
    struct attempts_source *s = find(a, address);
    if (!s || !s->untold || now_ms - s->told_ms < ATTEMPTS_TELL_MS)
        return 0;
    uint32_t untold = s->untold;
    s->untold = 0;
    s->told_ms = now_ms;
    return untold;
}
