// SPDX-License-Identifier: Apache-2.0
/* The memory of one master association; included by master.h only, so that callers can embed it. */
#ifndef PROTOCOL_MASTER_STATE_H
#define PROTOCOL_MASTER_STATE_H

struct master {
    const struct master_config *config;
};

#endif
