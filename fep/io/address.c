// SPDX-License-Identifier: Apache-2.0
#include "fep/io/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <string.h>

bool address_parse(struct address *a, const char *host, uint16_t port)
{
    memset(a, 0, sizeof(*a));
    if (inet_pton(AF_INET, host, &a->to.v4.sin_addr) == 1) {
        a->to.v4.sin_family = AF_INET;
        a->to.v4.sin_port = htons(port);
        a->len = sizeof(a->to.v4);
        return true;
    }
    if (inet_pton(AF_INET6, host, &a->to.v6.sin6_addr) == 1) {
        a->to.v6.sin6_family = AF_INET6;
        a->to.v6.sin6_port = htons(port);
        a->len = sizeof(a->to.v6);
        return true;
    }
    errno = EINVAL;
    return false;
}
