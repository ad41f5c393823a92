// SPDX-License-Identifier: Apache-2.0
/* The memory of one outstation; included by outstation.h only, so that callers can embed it. */
#ifndef PROTOCOL_OUTSTATION_STATE_H
#define PROTOCOL_OUTSTATION_STATE_H

struct outstation {
    const struct outstation_config *config;
};

#endif
