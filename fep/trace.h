// SPDX-License-Identifier: Apache-2.0
/*
 * What is said on the wire, in words, at log level debug: a line a frame, and the application fragment with
 * it where one frame holds the whole. Lines of this kind are not limited by station: who asks for them wants
 * them all.
 */
#ifndef FEP_TRACE_H
#define FEP_TRACE_H

#include "fep/log.h"
#include "protocol/link.h"

enum trace_direction { TRACE_RECEIVED, TRACE_SENT };

void trace_frame(const struct log *log, const char *station, enum trace_direction direction,
                 const struct link_frame *frame);
/* Whole frames, one after the other. */
void trace_octets(const struct log *log, const char *station, enum trace_direction direction,
                  const uint8_t *octets, size_t len);

#endif
